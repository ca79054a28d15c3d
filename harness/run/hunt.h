/*
 * What one search knows: the database of verdicts, and of each try what the result says of it. One
 * hunt is for the steady state of a point of the outer sweep, one for each stimulus there.
 */
#ifndef MVPN_RUN_HUNT_H
#define MVPN_RUN_HUNT_H

#include "harness/run/instance.h"

#define INSTANCE_ID_MAX 32

/* What is remembered of a try beside its verdict. */
struct tried {
    struct case_try at;
    enum bound bound;
    bool verified;
    char id[INSTANCE_ID_MAX]; /* "": it was not run (the testbed cannot carry it)
                               */
};

struct hunt {
    struct search_db db;
    struct tried *tried;
    size_t count, cap;
    bool out_of_time; /* the budget ended the search */
};

/* hunt_add notes (or replaces) the outcome of a try. */
void hunt_add(struct hunt *h, enum verdict verdict, const struct tried *t);

/* hunt_find returns what is known of a try, or NULL; valid until the next add. */
const struct tried *hunt_find(const struct hunt *h, struct case_try at);

/*
 * hunt_bound_by gives a stimulus that the DUT survives at the steady maximum the bound of the
 * steady state.
 */
void hunt_bound_by(struct hunt *under, const struct hunt *steady);

void hunt_fini(struct hunt *h);

#endif
