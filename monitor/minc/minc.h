/*
 * One-way loss by inference from multicast copies (MINC): the estimators of configurations A
 * (individual packets), B (aggregates) and C (reflected probes) for two leaves, and of general
 * trees. Pure functions over counts. Pass probabilities and their standard errors; NAN where the
 * data do not identify a value. A pass probability above 1 is sampling noise and is left to the
 * caller to clip (minc_link does).
 */
#ifndef MVPN_MINC_MINC_H
#define MVPN_MINC_MINC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Links of a two-leaf tree: the shared one, and those to leaf 2 and leaf 3. */
enum { MINC_ROOT, MINC_LEAF2, MINC_LEAF3, MINC_LINKS };

struct minc_estimate {
    double pass[MINC_LINKS], error[MINC_LINKS]; /* standard errors of pass */
};

/* Probes seen at both leaves, at leaf 2 alone, at leaf 3 alone, at neither. */
struct minc_counts {
    uint64_t n11, n10, n01, n00;
};

/* minc_individual is the maximum-likelihood estimate of configuration A. */
void minc_individual(const struct minc_counts *n, struct minc_estimate *out);

/*
 * minc_reflected is configuration C at the host that sends: n11 both the direct and the reflected
 * copy came back, n10 only the direct, n01 only the reflected one. pass: MINC_ROOT host to router,
 * MINC_LEAF2 router to host, MINC_LEAF3 router to reflector and back.
 */
void minc_reflected(const struct minc_counts *n, struct minc_estimate *out);

/* One interval of configuration B: probes sent, and counted at leaf 2 and leaf 3. */
struct minc_interval {
    uint64_t sent, leaf2, leaf3;
};

/* minc_aggregate is the moment estimate from interval counts; intervals without probes are to be
 * left out. Standard errors: of the root link from the variance of the products, of the others by
 * the jackknife over intervals. Fewer than 2 intervals identify nothing. */
void minc_aggregate(const struct minc_interval *list, size_t count, struct minc_estimate *out);

/* One link as it is reported. */
struct minc_link {
    bool identifiable;
    double pass, loss;          /* loss = 1 - pass, pass clipped to 1 */
    double loss_low, loss_high; /* 95 % interval, within [0, 1] */
};

/* minc_link makes the interval from a standard error; where nothing was lost at all that would be
 * none, and the interval of no loss in so many probes (Clopper-Pearson) stands instead. */
void minc_link(double pass, double error, uint64_t probes, struct minc_link *out);

#endif
