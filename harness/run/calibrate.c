#include "harness/run/calibrate.h"

#include "emul/base/mem.h"
#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/run/progress.h"
#include "mvpnbench/emul_extra.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FLOWS      10000u
#define FIRST_PPS  20000.0
#define MOST_PPS   8e6
#define RESOLUTION 0.05
#define TRIES      3 /* what else the host does spoils a trial, never improves it */
#define DRAIN_NS   (NS_PER_S / 4)
#define LATE_NS    (20 * NS_PER_MS) /* as in an instance */
#define PACED      0.99             /* of the packets that were due */
#define EASY       0.5              /* of what is sustained: where the times are looked at */

struct calibrator {
    const struct calibrate_params *p;
    struct calibration *out;
};

/* One way through the cable, or (second) the other way too. */
struct trial {
    struct rehearsal *way[2];
    struct rehearsal_result seen[2];
    size_t ways;
    bool dropped;
};

static bool stopped(const struct calibrator *c)
{
    return c->p->interrupted != NULL && *c->p->interrupted != 0;
}

static int interrupted(struct err *err)
{
    err_set(err, ERR_INTERRUPTED, "interrupted while the apparatus was calibrated");
    return -1;
}

static void run_for(const struct calibrator *c, int64_t ns)
{
    (void)loop_run(c->p->loop, instant_add(loop_now(c->p->loop), ns));
}

static uint64_t faults(const struct calibrator *c)
{
    struct port_stats a, b;
    port_stats_get(c->p->a1, &a);
    port_stats_get(c->p->a3, &b);
    return a.rx_dropped + b.rx_dropped + a.tx_errors + b.tx_errors;
}

enum direction { A1_TO_A3 = 1, A3_TO_A1 = 2 };

/* The results are lent by the rehearsals: trial_end gives both back. */
static int trial_run(const struct calibrator *c, unsigned directions, double pps, struct trial *t,
                     struct err *err)
{
    const struct calibrate_params *p = c->p;
    *t = (struct trial){0};
    for (unsigned d = A1_TO_A3; d <= A3_TO_A1; d++) {
        if ((directions & d) == 0)
            continue;
        bool from_a1 = d == A1_TO_A3;
        struct rehearsal *r =
            rehearsal_new(p->loop, from_a1 ? p->a1 : p->a3, from_a1 ? p->a3 : p->a1, !from_a1,
                          FLOWS, pps, p->packet_bytes, err);
        if (r == NULL)
            return -1;
        t->way[t->ways++] = r;
    }
    uint64_t before = faults(c);
    for (size_t i = 0; i < t->ways; i++)
        rehearsal_start(t->way[i]);
    run_for(c, (int64_t)(p->trial_s * (double)NS_PER_S));
    for (size_t i = 0; i < t->ways; i++)
        rehearsal_stop(t->way[i]);
    run_for(c, DRAIN_NS);
    for (size_t i = 0; i < t->ways; i++)
        rehearsal_get(t->way[i], &t->seen[i]);
    t->dropped = faults(c) != before;
    return stopped(c) ? interrupted(err) : 0;
}

static void trial_end(struct trial *t)
{
    for (size_t i = 0; i < t->ways; i++)
        rehearsal_free(t->way[i]);
    t->ways = 0;
}

static bool whole(const struct calibrator *c, const struct trial *t, double pps)
{
    bool good = !t->dropped;
    for (size_t i = 0; i < t->ways; i++) {
        const struct rehearsal_result *r = &t->seen[i];
        good &= r->lost == 0 && r->duplicate == 0 && r->late_max_ns <= LATE_NS &&
                (double)r->sent >= PACED * pps * c->p->trial_s - 1;
    }
    return good;
}

/* 1 whole, 0 not, also when tried again; -1 with *err. */
static int sustains(const struct calibrator *c, unsigned directions, double pps, struct err *err)
{
    for (unsigned i = 0; i < TRIES; i++) {
        struct trial t;
        int rc = trial_run(c, directions, pps, &t, err);
        bool good = rc == 0 && whole(c, &t, pps);
        trial_end(&t);
        if (rc != 0)
            return -1;
        progress_step("calibrate: %.0f packets/s %s: %s", pps,
                      directions == A1_TO_A3   ? "from A1 to A3"
                      : directions == A3_TO_A1 ? "from A3 to A1"
                                               : "each way",
                      good ? "whole" : "not whole");
        if (good)
            return 1;
    }
    return 0;
}

/* Grown by doubling, then bisected. 0 where not even the first rate holds. */
static int search(const struct calibrator *c, unsigned directions, double start, double *out,
                  struct err *err)
{
    double good = 0, bad = 0;
    for (double pps = start; bad <= 0 && pps <= MOST_PPS; pps *= 2) {
        int holds = sustains(c, directions, pps, err);
        if (holds < 0)
            return -1;
        *(holds > 0 ? &good : &bad) = pps;
    }
    while (bad - good > RESOLUTION * bad && bad > FIRST_PPS / 64) {
        double pps = (good + bad) / 2;
        int holds = sustains(c, directions, pps, err);
        if (holds < 0)
            return -1;
        *(holds > 0 ? &good : &bad) = pps;
    }
    *out = floor(good);
    return 0;
}

static int compare_ns(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The samples of all ways together. */
static struct spread_ns spread(const struct trial *t, bool of_delay)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < t->ways; i++)
        total += of_delay ? t->seen[i].delay_count : t->seen[i].late_count;
    if (total == 0)
        return (struct spread_ns){-1, -1, -1};
    int64_t *all = mem_zalloc(total, sizeof(*all));
    for (size_t i = 0; i < t->ways; i++) {
        const struct rehearsal_result *r = &t->seen[i];
        size_t n = of_delay ? r->delay_count : r->late_count;
        memcpy(all + at, of_delay ? r->delay_ns : r->late_ns, n * sizeof(*all));
        at += n;
    }
    qsort(all, total, sizeof(*all), compare_ns);
    struct spread_ns s = {all[total / 2], all[total - 1 - total / 100], all[total - 1]};
    free(all);
    return s;
}

/* Where the apparatus has time to spare, its errors are those of a run. */
static int measure_times(const struct calibrator *c, struct err *err)
{
    struct calibration *out = c->out;
    struct trial t;
    struct loop_health health;
    out->paced_pps = floor(out->both_pps * EASY);
    loop_health_reset(c->p->loop);
    int rc = trial_run(c, A1_TO_A3 | A3_TO_A1, out->paced_pps, &t, err);
    if (rc == 0) {
        loop_health_get(c->p->loop, &health);
        out->loop_lag_ns = health.lag_max_ns;
        out->pacing = spread(&t, false);
        out->stamp = spread(&t, true);
    }
    trial_end(&t);
    return rc;
}

/* Nothing at all arriving is no matter of rate. */
static int check_cable(const struct calibrator *c, struct err *err)
{
    for (unsigned d = A1_TO_A3; d <= A3_TO_A1; d++) {
        struct trial t;
        int rc = trial_run(c, d, FIRST_PPS / 20, &t, err);
        bool nothing = rc == 0 && t.seen[0].received == 0;
        trial_end(&t);
        if (rc != 0)
            return -1;
        if (nothing) {
            bool from_a1 = d == A1_TO_A3;
            err_set(err, ERR_TESTBED,
                    "nothing that is sent on %s arrives on %s: join the two by a cable",
                    from_a1 ? "A1" : "A3", from_a1 ? "A3" : "A1");
            return -1;
        }
    }
    return 0;
}

static bool can_lock_memory(void)
{
    if (mlockall(MCL_CURRENT) != 0)
        return false;
    (void)munlockall();
    return true;
}

int calibrate_run(const struct calibrate_params *p, struct calibration *out, struct err *err)
{
    struct calibrator c = {p, out};
    *out = (struct calibration){
        .packet_bytes = p->packet_bytes, .flows = FLOWS, .trial_s = p->trial_s};
    (void)snprintf(out->cable, sizeof(out->cable), "%s", p->cable);
    out->locked_memory = can_lock_memory();
    loop_urgent(true);
    out->fifo = (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO;
    int rc = check_cable(&c, err);
    if (rc == 0)
        rc = search(&c, A1_TO_A3, FIRST_PPS, &out->a1_to_a3_pps, err);
    if (rc == 0)
        rc = search(&c, A3_TO_A1, FIRST_PPS, &out->a3_to_a1_pps, err);
    double start = fmin(out->a1_to_a3_pps, out->a3_to_a1_pps) / 2;
    if (rc == 0 && start > 0)
        rc = search(&c, A1_TO_A3 | A3_TO_A1, start, &out->both_pps, err);
    if (rc == 0 && out->both_pps > 0)
        rc = measure_times(&c, err);
    else if (rc == 0)
        out->pacing = out->stamp = (struct spread_ns){-1, -1, -1};
    loop_urgent(false);
    return rc;
}

/* ---- what follows from it ---------------------------------------------------------------------
 */

uint64_t calibration_flows(const struct calibration *c, double rate_pps)
{
    return (uint64_t)(2 * c->both_pps / rate_pps);
}

static json_t *seconds_or_null(int64_t ns)
{
    return ns < 0 ? json_null() : json_real((double)ns / (double)NS_PER_S);
}

static json_t *spread_json(const struct spread_ns *s)
{
    return json_pack("{s:o,s:o,s:o}", "median", seconds_or_null(s->median), "p99",
                     seconds_or_null(s->p99), "max", seconds_or_null(s->max));
}

json_t *calibration_json(const struct calibration *c)
{
    json_t *o = json_pack("{s:s,s:s,s:i,s:i,s:f}", "schema", "mvpnbench-calibration/1", "cable",
                          c->cable, "packet_bytes", (int)c->packet_bytes, "trial_flows",
                          (int)c->flows, "trial_s", c->trial_s);
    json_object_set_new(o, "pps",
                        json_pack("{s:f,s:f,s:f}", "a1_to_a3", c->a1_to_a3_pps, "a3_to_a1",
                                  c->a3_to_a1_pps, "each_way_at_once", c->both_pps));
    json_object_set_new(o, "times_at_pps", json_real(c->paced_pps));
    json_object_set_new(o, "pacing_error_s", spread_json(&c->pacing));
    json_object_set_new(o, "timestamp_error_s", spread_json(&c->stamp));
    json_object_set_new(o, "timestamps", json_string("kernel, software"));
    json_object_set_new(o, "loop_lag_max_s", seconds_or_null(c->loop_lag_ns));
    json_object_set_new(o, "flows",
                        json_pack("{s:I,s:I}", "at_1_pps", (json_int_t)calibration_flows(c, 1),
                                  "at_10_pps", (json_int_t)calibration_flows(c, 10)));
    json_object_set_new(o, "fifo_scheduling", json_boolean(c->fifo));
    json_object_set_new(o, "memory_can_be_locked", json_boolean(c->locked_memory));
    return o;
}

int calibration_load(const char *path, struct calibration *out, struct err *err)
{
    json_error_t at;
    json_t *o = json_load_file(path, 0, &at);
    *out = (struct calibration){0};
    if (o == NULL) {
        if (at.line < 0)
            err_set(err, ERR_USE, "%s: %s", path, at.text);
        else
            err_set(err, ERR_USE, "%s:%d:%d: %s", path, at.line, at.column, at.text);
        return -1;
    }
    int bytes = 0;
    bool good = json_unpack(o, "{s:i,s:{s:F,s:F,s:F}}", "packet_bytes", &bytes, "pps", "a1_to_a3",
                            &out->a1_to_a3_pps, "a3_to_a1", &out->a3_to_a1_pps, "each_way_at_once",
                            &out->both_pps) == 0 &&
                bytes > 0 && out->both_pps > 0;
    out->packet_bytes = (uint32_t)bytes;
    json_decref(o);
    if (!good)
        err_set(err, ERR_USE, "%s: no calibration; write one with `mvpnbench calibrate --out FILE`",
                path);
    return good ? 0 : -1;
}

bool calibration_fits(const struct calibration *c, const struct instance_spec *spec,
                      char why[CALIBRATION_WHY_MAX])
{
    double n = spec->mvpns, s = spec->sources, gi = spec->ingress_groups, ge = spec->groups - gi;
    double pps = (double)NS_PER_S / (double)spec->period_ns;
    double sent = n * s * spec->groups * pps;
    double back = n * s * pps * (gi * spec->c_interfaces + ge * spec->receiver_c_ifs);
    double most = 2 * c->both_pps; /* sent, and as many received, by one thread */
    if (sent <= most && (sent + back) / 2 <= most)
        return true;
    (void)snprintf(why, CALIBRATION_WHY_MAX,
                   "%.0f packets/s to send and %.0f to receive are more than this apparatus did "
                   "when it was calibrated (%.0f and as many)",
                   sent, back, most);
    return false;
}
