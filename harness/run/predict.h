/*
 * The load of C-multicast signalling between PEs by RFC 6517, Appendix A, for PIM on the MI-PMSI
 * beside BGP: messages and states that all equipment together processes and keeps for one tree
 * (m.e and s.e), from the event rows and as the RFC prints its totals, which differ (PROTOCOLS 11).
 * Pure arithmetic.
 */
#ifndef MVPN_RUN_PREDICT_H
#define MVPN_RUN_PREDICT_H

#include <jansson.h>
#include <stdbool.h>

struct predict_input {
    double pes;        /* P: PEs of the mVPN, the upstream PE included */
    double receivers;  /* R: PEs that join; at most P - 1 of them are not the upstream PE */
    double reflectors; /* RR */
    double clusters;   /* CL; negative: RR / 2 */
    double lifetime_s; /* T of a tree */
    double refresh_s;  /* Tr: 60 s by default */
    double groups;     /* trees: each group one shared tree and one a source */
    double sources;
};

enum predict_column { PREDICT_UPSTREAM, PREDICT_OTHER, PREDICT_RR, PREDICT_ALL, PREDICT_COLUMNS };

enum predict_event {
    PREDICT_FIRST_JOIN,
    PREDICT_FURTHER_JOIN,
    PREDICT_REFRESH,
    PREDICT_LEAVE,
    PREDICT_LAST_LEAVE,
    PREDICT_EVENTS
};

/* The figures of one protocol for one tree. */
struct prediction {
    double rows[PREDICT_EVENTS][PREDICT_COLUMNS]; /* of one event */
    double sum[PREDICT_COLUMNS];                  /* of all events of the tree's life */
    double printed[PREDICT_COLUMNS];              /* totals as the RFC prints them */
    double state[PREDICT_COLUMNS];
};

void predict_pim(const struct predict_input *in, struct prediction *out);

/* predict_bgp: best false: the RFC's "at most", true: what it tends toward. */
void predict_bgp(const struct predict_input *in, bool best, struct prediction *out);

/* predict_trees returns how many trees groups and sources make: groups * (1 + sources). */
double predict_trees(const struct predict_input *in);

/* predict_json returns {"pim": {"rows","sum","printed","state"}, "bgp": {...}} for all trees. */
json_t *predict_json(const struct predict_input *in);

#endif
