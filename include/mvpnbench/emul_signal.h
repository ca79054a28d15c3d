/*
 * C-multicast signalling between the PEs as RFC 6517, Appendix A counts it: on an MI-PMSI each
 * Join/Prune is processed by every PE of the mVPN (m.e: one message of one tree processed by one
 * equipment), the one that sends it included. The DUT's share is what crossed its port; the remote
 * PEs' what those present sent, received from the DUT, or were shown by the P router.
 */
#ifndef MVPNBENCH_EMUL_SIGNAL_H
#define MVPNBENCH_EMUL_SIGNAL_H

#include "mvpnbench/emul.h"

/* One entry of a Join/Prune is one message of one tree. */
enum signal_kind {
    SIGNAL_JOIN,     /* a PE joins the tree */
    SIGNAL_REFRESH,  /* of what it has joined */
    SIGNAL_OVERRIDE, /* the Join that answers somebody's Prune (RFC 7761 4.5.4) */
    SIGNAL_PRUNE,
    SIGNAL_ECHO,  /* PruneEcho of the upstream PE (RFC 7761 4.5.2) */
    SIGNAL_OTHER, /* of no tree of the instance, (S,G,rpt) */
    SIGNAL_HELLO, /* messages, not entries */
    SIGNAL_KINDS
};

/* signal_kind_name returns "join", "refresh", "override", "prune", "prune_echo", "other", "hello".
 */
const char *signal_kind_name(enum signal_kind k);

struct emul_signal {
    struct instant at;          /* when it was read */
    struct instant first;       /* the first Join on any MI-PMSI; INSTANT_NEVER: none yet */
    uint64_t dut[SIGNAL_KINDS]; /* m.e at the DUT */
    uint64_t pes[SIGNAL_KINDS]; /* m.e at all remote PEs together */
    uint64_t states_joined;     /* s.e at remote PEs now: what they have joined towards the DUT */
    uint64_t states_upstream;   /* ... and what is joined at them as the upstream PE */
};

/* emul_signal_get gives the counts since the start. */
void emul_signal_get(const struct emul *e, struct emul_signal *out);

#endif
