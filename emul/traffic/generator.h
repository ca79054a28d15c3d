/*
 * The generator paces all C-sources of one instance: packet n (from 0) of flow f (from 1) is due at
 * start + phase(f) + n * period, phase = hash(seed, f) in the period. One timer serves all flows:
 * they are sorted by phase once, and the next due packet is the next one round that ring.
 *
 * The generator only says when; emit builds and sends the packet, or withholds it. On the virtual
 * clock every packet is emitted at its due instant; on the real one a late wake-up emits all that
 * is due, in order of due time, bounded per turn of the loop so that receiving goes on. Packets
 * never leave early. The loop, the thread and the order of a life are the caller's: new, start,
 * stop, free.
 */
#ifndef MVPN_TRAFFIC_GENERATOR_H
#define MVPN_TRAFFIC_GENERATOR_H

#include "emul/base/instant.h"
#include "emul/loop/loop.h"
#include "mvpnbench/instance.h"

#include <stdbool.h>
#include <stdint.h>

struct generator;

/* generator_emit_fn is called for each due packet. It may call generator_stop, not free. */
typedef void generator_emit_fn(void *arg, uint32_t flow, uint64_t sequence, struct instant due);

/* generator_new sorts the flows of spec (read now, not kept), those of test groups left out; loop
 * is borrowed. */
struct generator *generator_new(struct loop *loop, const struct instance_spec *spec,
                                generator_emit_fn *emit, void *arg);
/* generator_new_of paces the given flows (numbered 1..., read now) only. */
struct generator *generator_new_of(struct loop *loop, const struct instance_spec *spec,
                                   const uint32_t *flows, size_t count, int64_t period_ns,
                                   generator_emit_fn *emit, void *arg);
void generator_free(struct generator *g);

/* generator_start begins with packet 0 of every flow; due times count from start (normally now,
 * the instant that analyser_start is told too). */
void generator_start(struct generator *g, struct instant start);

/* generator_stop ends all sources; nothing is emitted after it returns. */
void generator_stop(struct generator *g);
bool generator_running(const struct generator *g);

/* generator_pacing_error_max_ns is the latest that emit was called after a packet was due, since
 * the last reset; 0 on the virtual clock. */
int64_t generator_pacing_error_max_ns(const struct generator *g);
void generator_pacing_error_reset(struct generator *g);

#endif
