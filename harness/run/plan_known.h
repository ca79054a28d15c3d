/*
 * What a plan takes for the results of cases that come before: those of an earlier run, else the
 * largest value that the search of a planned case can reach. Who asked is told what was assumed.
 */
#ifndef MVPN_RUN_PLAN_KNOWN_H
#define MVPN_RUN_PLAN_KNOWN_H

#include "harness/case/case.h"

struct plan_known_entry {
    const char *id; /* borrowed */
    struct case_where where;
    bool mdt_swept; /* else where.mdt stands for any */
    double value;   /* 0: nothing can be reached */
};

struct plan_known {
    struct case_known answers; /* what cases are given */
    const struct case_known *earlier;
    struct plan_known_entry *entries;
    size_t count, cap;
    bool suppression_planned; /* 10.2 comes before */
    case_note_fn *note;       /* gets a line for each assumption, once for each case asked */
    void *note_arg;
};

void plan_known_init(struct plan_known *k, const struct case_known *earlier);
void plan_known_fini(struct plan_known *k);

/* plan_known_add tells the largest value of a point of case id. */
void plan_known_add(struct plan_known *k, const char *id, const struct case_point *p, double value);

#endif
