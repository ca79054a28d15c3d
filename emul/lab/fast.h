/*
 * Sources that are measured (9.11, 9.12): they rest while the others send, or send fast, with
 * sequence numbers that go on. Their packets are no business of the analyser.
 */
#ifndef MVPN_LAB_FAST_H
#define MVPN_LAB_FAST_H

#include "emul/traffic/generator.h"
#include "emul/wire/probe.h"
#include "mvpnbench/emul_extra.h"

/* A flow of the stream under way, or of the last one. */
struct fast_flow {
    uint32_t flow;
    uint32_t base, sent; /* first sequence number of the stream; packets of the stream */
    struct instant t0, t1;
    uint32_t first, end; /* packets of the switch, counted from base; UINT32_MAX: goes on */
    uint32_t got, duplicate;
    uint64_t *seen; /* one bit a packet of the stream */
    size_t words;
};

struct lab_rest {
    int64_t since_ns; /* INT64_MAX: it does not rest */
    uint32_t next;    /* sequence number of its next packet */
};

struct lab_fast {
    struct lab_rest *rests;      /* by flow - 1; NULL: no source ever rested or sent fast */
    struct generator *generator; /* NULL: no stream runs */
    struct fast_flow *flows;
    size_t count;
    int64_t late_max_ns; /* of streams that have ended */
};

/* The C-router that tries to join a test group. */
struct lab_try {
    bool active;
    uint32_t v, j, link;
    struct instant t1;
    struct timer timer; /* until the Join is due */
};

struct emul;

/* lab_fast_start lets the flows send fast from now on; -1 with *err while others do. */
int lab_fast_start(struct emul *e, const uint32_t *flows, size_t count, struct err *err);
void lab_fast_stop(struct emul *e);
void lab_fast_fini(struct emul *e);

/* lab_fast_of finds a flow of the stream, or NULL. */
struct fast_flow *lab_fast_of(const struct emul *e, uint32_t flow);

/* lab_fast_late_ns is the pacing error of all streams so far; reset makes it 0. */
int64_t lab_fast_late_ns(const struct emul *e);
void lab_fast_late_reset(struct emul *e);

/* switch.c: a TLV that names the flow; a packet of it that reached the remote PEs, on its data MDT
 * or not. */
void lab_switch_tlv(struct emul *e, uint32_t flow, struct instant at);
void lab_switch_packet(struct fast_flow *f, uint32_t sequence, bool data, struct instant at);

/* try.c: a packet of a flow of the stream on C-link k. */
void lab_try_packet(struct emul *e, uint32_t link, struct instant at);
void lab_try_init(struct emul *e);
void lab_try_fini(struct emul *e);

#endif
