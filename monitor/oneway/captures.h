/*
 * Probes (DESIGN B.6) in captures: which of those that were sent each leaf received. Frames may be
 * VLAN-tagged and inside GRE; everything that holds no probe is skipped.
 */
#ifndef MVPN_ONEWAY_CAPTURES_H
#define MVPN_ONEWAY_CAPTURES_H

#include "emul/base/err.h"
#include "emul/base/instant.h"

#include <stddef.h>
#include <stdint.h>

struct seen_probe {
    uint64_t flow; /* VPN and flow number */
    uint64_t sequence;
    uint64_t leaves; /* bits of the leaves that received it */
    int64_t at_ns;   /* when it was sent, by the root's capture */
    size_t order;    /* of sending */
};

struct seen_probes {
    struct seen_probe *list; /* by flow and sequence, until probes_in_order */
    size_t count, cap;
    uint64_t foreign; /* probes in a leaf's capture that the root did not send */
    uint64_t repeated;
};

/* probes_sent reads the root's capture; probes_received one leaf's (bit 0...63). -1 with *err. */
int probes_sent(struct seen_probes *p, const char *file, struct err *err);
int probes_received(struct seen_probes *p, const char *file, unsigned leaf, struct err *err);
/* probes_in_order sorts them as they were sent, after the last leaf. */
void probes_in_order(struct seen_probes *p);
void probes_free(struct seen_probes *p);

#endif
