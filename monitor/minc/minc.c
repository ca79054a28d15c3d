#include "monitor/minc/minc.h"

#include <math.h>

#define NORMAL_95 1.96

static void nothing(struct minc_estimate *out)
{
    for (int i = 0; i < MINC_LINKS; i++)
        out->pass[i] = out->error[i] = NAN;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* Variance of the shared link's pass probability times n (delta method). */
static double root_variance(double a1, double a2, double a3)
{
    return a1 * (1 - a1) + a1 * (1 - a2) * (1 - a3) / (a2 * a3);
}

static double root_of(double variance)
{
    return sqrt(variance > 0 ? variance : 0);
}

void minc_individual(const struct minc_counts *n, struct minc_estimate *out)
{
    double all = (double)n->n11 + (double)n->n10 + (double)n->n01 + (double)n->n00;
    if (n->n11 == 0) {
        nothing(out);
        return;
    }
    double both = (double)n->n11, r2 = both + (double)n->n10, r3 = both + (double)n->n01;
    double a1 = r2 * r3 / (all * both), a2 = both / r3, a3 = both / r2;
    *out =
        (struct minc_estimate){.pass = {a1, a2, a3},
                               .error = {root_of(root_variance(least(a1, 1), a2, a3) / all),
                                         root_of(a2 * (1 - a2) / r3), root_of(a3 * (1 - a3) / r2)}};
}

/* The standard error of the round trip b3 = gr/gd: both shares contain the passage out and, on
 * their own, one back (delta method on the four cells). */
static double reflected_error(double gd, double gr, double both, double n)
{
    double b3 = gr / gd;
    double variance = b3 * b3 * ((1 - gr) / gr + (1 - gd) / gd - 2 * (both / (gd * gr) - 1));
    return root_of(variance / n);
}

void minc_reflected(const struct minc_counts *n, struct minc_estimate *out)
{
    double all = (double)n->n11 + (double)n->n10 + (double)n->n01 + (double)n->n00;
    if (n->n11 == 0) {
        nothing(out);
        return;
    }
    double gd = ((double)n->n11 + (double)n->n10) / all;
    double gr = ((double)n->n11 + (double)n->n01) / all, both = (double)n->n11 / all;
    double a1 = gd * gr / both, b1 = both / gr, b3 = gr / gd;
    *out = (struct minc_estimate){
        .pass = {a1, b1, b3},
        .error = {root_of(root_variance(least(a1, 1), b1, least(b1 * b3, 1)) / all),
                  root_of(b1 * (1 - b1) / (all * gr)), reflected_error(gd, gr, both, all)}};
}

/* ---- aggregates ------------------------------------------------------------------------------ */

struct sums {
    double n, n2, n3;        /* probes, counts */
    double m2, m2a, m2b, ab; /* of m*m, m*a, m*b, a*b */
    double k;
};

static void add(struct sums *s, const struct minc_interval *i, double sign)
{
    double m = (double)i->sent, a = (double)i->leaf2, b = (double)i->leaf3;
    s->n += sign * m;
    s->n2 += sign * a;
    s->n3 += sign * b;
    s->m2 += sign * m * m;
    s->m2a += sign * m * a;
    s->m2b += sign * m * b;
    s->ab += sign * a * b;
    s->k += sign;
}

/* Pass probabilities from the sums; false when nothing is identified. */
static bool moments(const struct sums *s, double pass[MINC_LINKS])
{
    double g2 = s->n2 / s->n, g3 = s->n3 / s->n;
    double products = s->ab - g3 * s->m2a - g2 * s->m2b + g2 * g3 * s->m2;
    double c = products / (s->n * (s->k - 1) / s->k);
    double g23 = g2 * g3 + c;
    if (!(g23 > 0) || !(g2 > 0) || !(g3 > 0))
        return false;
    pass[MINC_ROOT] = g2 * g3 / g23;
    pass[MINC_LEAF2] = g23 / g3;
    pass[MINC_LEAF3] = g23 / g2;
    return true;
}

/* As the model has it: from the sample variance of the products of deviations. */
static void root_error(const struct minc_interval *list, size_t count, struct minc_estimate *out)
{
    double n = 0, n2 = 0, n3 = 0, k = (double)count, sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        n += (double)list[i].sent;
        n2 += (double)list[i].leaf2;
        n3 += (double)list[i].leaf3;
    }
    double g2 = n2 / n, g3 = n3 / n;
    for (size_t i = 0; i < count; i++) {
        double m = (double)list[i].sent;
        sum += ((double)list[i].leaf2 - m * g2) * ((double)list[i].leaf3 - m * g3);
    }
    double dof = (k - 1) / k, g23 = g2 * g3 + sum / (n * dof), mean = sum / k;
    for (size_t i = 0; i < count; i++) {
        double m = (double)list[i].sent;
        double d = ((double)list[i].leaf2 - m * g2) * ((double)list[i].leaf3 - m * g3) - mean;
        squares += d * d;
    }
    double spread = sqrt(squares * k / (k - 1)) / (n * dof);
    double a1 = g2 * g3 / g23;
    out->pass[MINC_ROOT] = a1;
    out->pass[MINC_LEAF2] = g23 / g3;
    out->pass[MINC_LEAF3] = g23 / g2;
    out->error[MINC_ROOT] = a1 * a1 / (g2 * g3) * spread;
}

static void jackknife(const struct minc_interval *list, size_t count, const struct sums *all,
                      struct minc_estimate *out)
{
    double mean[MINC_LINKS] = {0}, square[MINC_LINKS] = {0}, used = 0;
    for (size_t i = 0; i < count; i++) {
        struct sums s = *all;
        double pass[MINC_LINKS];
        add(&s, &list[i], -1);
        if (!moments(&s, pass))
            continue;
        used++;
        for (int l = 0; l < MINC_LINKS; l++) {
            /* Around the estimate itself: the differences are small beside it. */
            double d = pass[l] - out->pass[l];
            mean[l] += d;
            square[l] += d * d;
        }
    }
    for (int l = MINC_LEAF2; l < MINC_LINKS; l++) {
        double variance =
            used < 2 ? NAN : (square[l] - mean[l] * mean[l] / used) * (used - 1) / used;
        out->error[l] = root_of(variance);
    }
}

void minc_aggregate(const struct minc_interval *list, size_t count, struct minc_estimate *out)
{
    struct sums all = {0};
    double pass[MINC_LINKS];
    for (size_t i = 0; i < count; i++)
        add(&all, &list[i], 1);
    nothing(out);
    if (count < 2 || all.n <= 0 || !moments(&all, pass))
        return;
    root_error(list, count, out);
    if (!(out->pass[MINC_LEAF2] > 0)) {
        nothing(out);
        return;
    }
    jackknife(list, count, &all, out);
}

/* ---- what is reported ------------------------------------------------------------------------ */

static double within(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

void minc_link(double pass, double error, uint64_t probes, struct minc_link *out)
{
    *out = (struct minc_link){.identifiable = isfinite(pass) && isfinite(error)};
    if (!out->identifiable) {
        out->pass = out->loss = out->loss_low = out->loss_high = NAN;
        return;
    }
    out->pass = least(pass, 1);
    out->loss = 1 - out->pass;
    out->loss_low = within(1 - pass - NORMAL_95 * error);
    out->loss_high = within(1 - pass + NORMAL_95 * error);
    if (pass >= 1 && error <= 0 && probes > 0)
        out->loss_high = 1 - pow(0.025, 1 / (double)probes);
}
