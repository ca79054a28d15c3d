/* `oneway simulate`: many runs, each from its own seed, against the truth that was set. */
#include "monitor/oneway/links.h"
#include "monitor/oneway/simulate.h"
#include "mvpnbench/monitor.h"

#include <math.h>

/* Aggregates of this many probes cost almost nothing in accuracy (PROTOCOLS 10.5). */
#define AGGREGATE_DEFAULT 100
#define PROBES_MAX        UINT64_C(1000000000)

static const char *const names[][MINC_LINKS] = {
    ['A'] = {"root", "leaf2", "leaf3"},
    ['B'] = {"root", "leaf2", "leaf3"},
    ['C'] = {"root", "direct", "reflected"}, /* M1 to R1, R1 to M1, R1 to M2 and back */
};

struct score {
    double error[MINC_LINKS];
    uint64_t judged[MINC_LINKS], held[MINC_LINKS];
};

static void judge(struct score *c, const struct simulation *s, const struct simulated *run)
{
    for (int l = 0; l < MINC_LINKS; l++) {
        struct minc_link link;
        minc_link(run->estimate.pass[l], run->estimate.error[l], s->probes, &link);
        if (!link.identifiable)
            continue;
        c->judged[l]++;
        c->error[l] += fabs(link.loss - s->loss[l]) / s->loss[l];
        c->held[l] += link.loss_low <= s->loss[l] && s->loss[l] <= link.loss_high;
    }
}

static json_t *result_of(const struct simulation *s, const struct simulated *first)
{
    const char *kind = s->aggregate > 0   ? "aggregate"
                       : s->config == 'C' ? "reflected"
                                          : "individual";
    json_t *o = links_new(s->probes, kind);
    for (int l = 0; l < MINC_LINKS; l++)
        links_add(json_object_get(o, "links"), names[(unsigned char)s->config][l],
                  first->estimate.pass[l], first->estimate.error[l], s->probes);
    json_object_set_new(o, "counts", links_counts(&first->counts));
    links_burst(o, &first->runs);
    return o;
}

/* Means over the runs that identified the link; null where the truth is no loss at all. */
static void add_score(json_t *o, const struct simulation *s, const struct score *c)
{
    json_t *error = json_array(), *cover = json_array(), *runs = json_array();
    for (int l = 0; l < MINC_LINKS; l++) {
        double n = (double)c->judged[l];
        bool known = c->judged[l] > 0;
        json_array_append_new(error,
                              known && s->loss[l] > 0 ? json_real(c->error[l] / n) : json_null());
        json_array_append_new(cover, known ? json_real((double)c->held[l] / n) : json_null());
        json_array_append_new(runs, json_integer((json_int_t)c->judged[l]));
    }
    json_object_set_new(o, "mean_relative_error", error);
    json_object_set_new(o, "coverage", cover);
    json_object_set_new(o, "runs_identified", runs);
}

int oneway_simulate(const struct oneway_simulation *q, json_t **out, struct err *err)
{
    struct simulation s = {.config = q->config,
                           .loss = {q->loss[0], q->loss[1], q->loss[2]},
                           .burst = q->burst,
                           .probes = q->pps * q->seconds,
                           .aggregate = q->aggregate};
    if (s.config == 'B' && s.aggregate == 0)
        s.aggregate = AGGREGATE_DEFAULT;
    if (q->pps == 0 || q->seconds == 0 || q->seconds > PROBES_MAX / q->pps) {
        err_set(err, ERR_USE, "--pps times --seconds must lie between 1 and %llu probes",
                (unsigned long long)PROBES_MAX);
        return -1;
    }
    if (s.config == 'C' && s.aggregate > 0) {
        err_set(err, ERR_USE, "--aggregate: configuration C sees individual probes; leave it out");
        return -1;
    }
    struct score score = {0};
    for (uint64_t r = 0; r < q->repeat; r++) {
        struct simulated run;
        simulate_once(&s, hash_mix(hash_mix(q->seed, 0x0e3a), r), &run);
        judge(&score, &s, &run);
        if (r == 0)
            *out = result_of(&s, &run);
    }
    add_score(*out, &s, &score);
    return 0;
}
