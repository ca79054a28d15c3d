/*
 * The first build that fell: going through a line in the order of its versions, the first one
 * whose value is worse than its predecessor's by more than the tolerance.
 */
#ifndef MVPN_HISTORY_FALL_H
#define MVPN_HISTORY_FALL_H

#include "harness/history/history.h"

/* What is forgiven: a share of the predecessor's value, or an amount in the quantity's unit. */
struct history_tolerance {
    double amount;
    bool share;
};

/* history_tolerance_read takes "5%" or "0.5"; -1 with *err. */
int history_tolerance_read(const char *text, struct history_tolerance *out, struct err *err);

struct history_fall {
    size_t from, to;      /* the last point of the predecessor, the first of the build that fell */
    double before, after; /* means over the runs of the build; after is NAN where it failed */
    double tolerance;     /* in the quantity's unit, as it was applied */
};

/*
 * history_fall looks for it; false: there is none. All runs of one version are one build: its value
 * is the mean over runs and repeats. The tolerance is never below the spread of either build, nor
 * below their resolution. A build that failed is worse than one that did not. A lower bound (the
 * DUT was not what ended the search) never falls and, where it is below its predecessor, is passed
 * over, as gaps are.
 */
bool history_fall(const struct history_line *line, const struct history_tolerance *t,
                  struct history_fall *out);

#endif
