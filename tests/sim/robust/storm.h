/*
 * Bad frames, from a seed: bytes that mean nothing, real frames that were spoilt (checksums mended
 * or not, so that some get deep), and messages of a peer that speaks PIM well and says nonsense.
 */
#ifndef MVPN_TESTS_STORM_H
#define MVPN_TESTS_STORM_H

#include "emul/base/rng.h"
#include "emul/io/port.h"
#include "mvpnbench/topology.h"

#include <stdbool.h>

enum storm_kind {
    STORM_RANDOM,
    STORM_FLIP,     /* some bits of a real frame */
    STORM_FIELD,    /* fields of a real frame set to extremes */
    STORM_TRUNCATE, /* cut anywhere */
    STORM_HUGE,     /* as long as a port takes */
    STORM_VLAN,     /* other tags, more tags, none */
    STORM_NESTED,   /* GRE in GRE, Register in Register */
    STORM_FRAGMENT, /* fragments that overlap, are missing, or make more than 64 kB */
    STORM_SPLICE,   /* the head of one frame and the tail of another */
    STORM_PEER,     /* good messages that mean nonsense: see storm_peer.c */
    STORM_KINDS
};

const char *storm_kind_name(enum storm_kind kind);

struct storm_frame {
    size_t len;
    uint8_t bytes[1600];
};

/* Where frames go: to the emulated network, as from the DUT, or to the DUT; on which port. */
struct storm {
    struct rng rng;
    const struct instance_spec *spec;
    bool to_dut, c_side;
    struct storm_frame *corpus; /* real frames that went there */
    size_t count, cap;
};

/* storm_init starts from a seed; storm_take adds the frames of a capture that went where the storm
 * goes (at most some thousands, of every kind some). */
void storm_init(struct storm *s, uint64_t seed, const struct instance_spec *spec, bool to_dut,
                bool c_side);
void storm_take(struct storm *s, const char *capture_path);
void storm_fini(struct storm *s);

/* storm_make writes the next frame of that kind; returns its length. */
size_t storm_make(struct storm *s, enum storm_kind kind, uint8_t out[PORT_FRAME_MAX]);

/* storm_peer is storm_make's STORM_PEER. */
size_t storm_peer(struct storm *s, uint8_t out[PORT_FRAME_MAX]);

/* storm_mend makes checksums (and half the time lengths) right where the frame is one of IPv4. */
void storm_mend(struct storm *s, uint8_t *frame, size_t len);

/* storm_below draws from [0, span). */
static inline uint32_t storm_below(struct storm *s, uint32_t span)
{
    return (uint32_t)hash_range(rng_next(&s->rng), span);
}

#endif
