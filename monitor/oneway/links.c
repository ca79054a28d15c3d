#include "monitor/oneway/links.h"

#include <math.h>
#include <stdio.h>

/* So much longer than independent losses make them, runs are called bursts. */
#define BURST_FACTOR 1.2
#define BURST_LOSSES 3 /* losses right behind another; fewer may be chance */

static json_t *real(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

void links_add(json_t *links, const char *name, double pass, double error, uint64_t probes)
{
    struct minc_link l;
    minc_link(pass, error, probes, &l);
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(name));
    json_object_set_new(o, "pass", real(l.pass));
    json_object_set_new(o, "loss", real(l.loss));
    json_t *interval = json_null();
    if (l.identifiable)
        interval = json_pack("[f,f]", l.loss_low, l.loss_high);
    json_object_set_new(o, "ci95", interval);
    json_object_set_new(o, "identifiable", json_boolean(l.identifiable));
    json_array_append_new(links, o);
}

json_t *links_counts(const struct minc_counts *n)
{
    return json_pack("{s:I,s:I,s:I,s:I}", "n11", (json_int_t)n->n11, "n10", (json_int_t)n->n10,
                     "n01", (json_int_t)n->n01, "n00", (json_int_t)n->n00);
}

json_t *links_new(uint64_t probes, const char *estimator)
{
    json_t *o = json_object();
    json_object_set_new(o, "probes", json_integer((json_int_t)probes));
    json_object_set_new(o, "estimator", json_string(estimator));
    json_object_set_new(o, "links", json_array());
    return o;
}

void links_burst(json_t *result, const struct loss_runs *r)
{
    double length = r->runs == 0 ? NAN : (double)r->lost / (double)r->runs;
    double share = r->probes == 0 ? 0 : (double)r->lost / (double)r->probes;
    double independent = share < 1 ? 1 / (1 - share) : INFINITY, b = length / independent;
    json_object_set_new(result, "burst_length", real(length));
    /* Runs of independent losses are geometric: the mean of so many of them spreads like this. */
    double spread = sqrt(share / (double)r->runs);
    if (!isfinite(b) || b <= BURST_FACTOR || b <= 1 + 3 * spread ||
        r->lost - r->runs < BURST_LOSSES)
        return;
    char text[200];
    (void)snprintf(text, sizeof(text),
                   "losses come in bursts of %.2f probes on average: the intervals are about %.1f "
                   "times too narrow",
                   length, sqrt(2 * b - 1));
    json_object_set_new(result, "warning", json_string(text));
}
