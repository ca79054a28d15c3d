#include "harness/run/throughput.h"

#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/run/dutcall.h"
#include "harness/run/progress.h"
#include "mvpnbench/emul_extra.h"
#include "mvpnbench/topology.h"

#include <math.h>
#include <stdio.h>

/* Trials (RFC 2544 26.1): a lead that may lose packets, then what counts, then time for packets
 * under way. */
#define LEAD_NS     (NS_PER_S / 4)
#define TRIAL_NS    (2 * NS_PER_S)
#define DRAIN_NS    (2 * NS_PER_S)
#define PACKETS_MAX 200000.0 /* of a trial: at high rates it is shorter */

/* The slowest rate tried. What it shows of latency tells a queue that grows from one that does not:
 * a link that is overrun loses nothing until its queue is full. */
#define SLOW_PPS             10.0
#define SLOW_NS              (6 * NS_PER_S)
#define QUEUE_VIRTUAL_NS     NS_PER_MS
#define QUEUE_REAL_NS        (100 * NS_PER_MS)
#define RESOLUTION_VIRTUAL   0.005 /* of the rate */
#define RESOLUTION_REAL      0.02
#define LATE_NS              (20 * NS_PER_MS) /* the apparatus did not keep the pace */
#define TRIES                2                /* of a trial that the apparatus spoilt */
#define POLL_NS              (NS_PER_S / 5)
#define WITHDRAW_LIMIT_NS    (10 * NS_PER_S)
#define FLOWING_LIMIT_NS     (60 * NS_PER_S)
#define PACKETS_ENOUGH_PACED 0.99

#define UP_S 60 /* neighbours, joins and the first packets, at most */

enum trial_verdict { TRIAL_WHOLE, TRIAL_LOST, TRIAL_APPARATUS };

struct measurer {
    struct world *w;
    const struct throughput_params *p;
    struct emul *emul;
    bool ingress;
    int64_t slow_latency_ns; /* longest at the slowest rate */
};

static int interrupted(struct err *err)
{
    err_set(err, ERR_INTERRUPTED, "interrupted while the idle throughput was measured");
    return -1;
}

static const char *direction_name(const struct measurer *m)
{
    return m->ingress ? "ingress" : "egress";
}

/* ---- the idle system --------------------------------------------------------------------------
 */

static enum mdt_mode mode_offered(struct world *w)
{
    const struct dut_driver *d = w->dut.driver;
    const char *reason = NULL;
    if (w->settings->mdt_default_set)
        return w->settings->mdt_default;
    for (int mode = MDT_ASM; mode <= MDT_BIDIR && d->supports != NULL; mode++) {
        if (d->supports(&w->dut, (enum mdt_mode)mode, &reason))
            return (enum mdt_mode)mode;
    }
    return MDT_ASM;
}

/* One mVPN, one C-interface, one remote PE, one flow: every metric variable as small as it goes. */
static void idle_spec(const struct measurer *m, struct instance_spec *spec)
{
    struct world *w = m->w;
    const struct run_settings *s = w->settings;
    *spec = (struct instance_spec){.seed = m->p->seed, .mtu = m->p->mtu};
    topology_default_addressing(&spec->addr);
    w->dut.driver->describe(&w->dut, spec);
    if (m->p->addr != NULL)
        spec->addr = *m->p->addr;
    spec->mvpns = spec->c_interfaces = spec->remote_pes = spec->groups = spec->sources = 1;
    spec->ingress_groups = m->ingress ? 1 : 0;
    spec->receiver_c_ifs = spec->receiver_pes = 1;
    spec->mdt = mode_offered(w);
    spec->period_ns = (int64_t)((double)NS_PER_S / SLOW_PPS);
    spec->packet_bytes = s->packet_bytes;
    spec->jp_oversize = s->jp_oversize;
    spec->jp_suppression = s->jp_suppression;
}

static int call_configure(struct dut *d, void *arg, struct err *err)
{
    return d->driver->configure(d, arg, err);
}

static int call_unconfigure(struct dut *d, void *arg, struct err *err)
{
    (void)arg;
    return d->driver->unconfigure(d, err);
}

static bool up(struct emul *e)
{
    struct emul_bringup b;
    emul_bringup_get(e, &b);
    return b.complete;
}

static bool joined(struct emul *e)
{
    return emul_joined_once(e);
}

/* 1 when reached, 0 not within the limit, -1 interrupted. */
static int wait_for(struct measurer *m, bool (*reached)(struct emul *), int64_t limit_ns,
                    struct err *err)
{
    struct instant limit = instant_add(loop_now(m->w->loop), limit_ns);
    while (!reached(m->emul)) {
        if (loop_now(m->w->loop).ns >= limit.ns)
            return 0;
        if (world_wait(m->w, POLL_NS))
            return interrupted(err);
    }
    return 1;
}

static int not_reached(const struct measurer *m, const char *what, struct err *err)
{
    struct emul_bringup b;
    emul_bringup_get(m->emul, &b);
    err_set(err, ERR_TESTBED,
            "the idle throughput (%s) cannot be measured: one mVPN with one flow %s%s%s",
            direction_name(m), what, b.complete ? "" : ": ", b.waiting_for);
    return -1;
}

/* From nothing to a flow that arrives, slowly. */
static int bring_up(struct measurer *m, struct err *err)
{
    int64_t limit_ns = (int64_t)(m->w->settings->timing.setup_limit_s * (double)NS_PER_S);
    emul_start(m->emul);
    int got = wait_for(m, up, limit_ns, err);
    if (got > 0) {
        emul_join(m->emul);
        got = wait_for(m, joined, limit_ns, err);
    }
    if (got <= 0)
        return got < 0 ? -1 : not_reached(m, "does not come up", err);
    emul_traffic_start(m->emul);
    got = wait_for(m, emul_all_flowing, FLOWING_LIMIT_NS, err);
    emul_traffic_stop(m->emul);
    if (got <= 0)
        return got < 0 ? -1 : not_reached(m, "does not flow", err);
    return world_wait(m->w, DRAIN_NS) ? interrupted(err) : 0;
}

/* ---- trials -----------------------------------------------------------------------------------
 */

static int64_t trial_ns(double pps)
{
    double most = PACKETS_MAX / pps * (double)NS_PER_S;
    if (pps <= SLOW_PPS)
        return SLOW_NS;
    return most < (double)TRIAL_NS ? (int64_t)most : TRIAL_NS;
}

static const struct emul_direction *direction(const struct measurer *m, const struct emul_window *w)
{
    return m->ingress ? &w->ingress : &w->egress;
}

/* On the virtual clock a frame that a port refuses meets a full link of the DUT; on the real one
 * the apparatus could not send it. */
static bool apparatus_spoilt(struct measurer *m, double pps, int64_t took_ns,
                             const struct emul_direction *d)
{
    struct emul_health health;
    if (m->w->virtual_clock)
        return false;
    emul_health_get(m->emul, &health);
    double due = pps * (double)took_ns / (double)NS_PER_S;
    return health.pacing_error_max_ns > LATE_NS || health.rx_dropped > 0 || health.tx_errors > 0 ||
           (double)d->sent < due * PACKETS_ENOUGH_PACED - 1;
}

static enum trial_verdict judge(struct measurer *m, double pps, const struct emul_direction *d)
{
    int64_t allowed = m->w->virtual_clock ? QUEUE_VIRTUAL_NS : QUEUE_REAL_NS;
    if (d->sent == 0 || d->lost > 0 || d->duplicate > 0 || d->misdelivered > 0)
        return TRIAL_LOST;
    if (pps <= SLOW_PPS)
        m->slow_latency_ns = d->latency_max_ns;
    return d->latency_max_ns - m->slow_latency_ns > allowed ? TRIAL_LOST : TRIAL_WHOLE;
}

static int trial_once(struct measurer *m, double pps, enum trial_verdict *out, struct err *err)
{
    int64_t length_ns = trial_ns(pps);
    struct emul_window window;
    emul_pace(m->emul, (int64_t)((double)NS_PER_S / pps));
    emul_traffic_start(m->emul);
    bool stopped = world_wait(m->w, LEAD_NS);
    emul_health_reset(m->emul);
    emul_window_open(m->emul);
    stopped = stopped || world_wait(m->w, length_ns);
    emul_window_close(m->emul);
    emul_traffic_stop(m->emul);
    if (stopped || world_wait(m->w, DRAIN_NS))
        return interrupted(err);
    emul_window_get(m->emul, &window);
    const struct emul_direction *d = direction(m, &window);
    int64_t took_ns = instant_diff(window.to, window.from);
    *out = judge(m, pps, d);
    if (apparatus_spoilt(m, pps, took_ns, d))
        *out = TRIAL_APPARATUS;
    progress_step("idle throughput, %s: %.0f packets/s %s", direction_name(m), pps,
                  *out == TRIAL_WHOLE  ? "arrive whole"
                  : *out == TRIAL_LOST ? "do not"
                                       : "cannot be sent");
    return 0;
}

/* What the apparatus spoilt is tried again. */
static int trial(struct measurer *m, double pps, enum trial_verdict *out, struct err *err)
{
    for (unsigned tries = 1;; tries++) {
        if (trial_once(m, pps, out, err) != 0)
            return -1;
        if (*out != TRIAL_APPARATUS || tries >= TRIES)
            return 0;
    }
}

/* ---- the search -------------------------------------------------------------------------------
 */

struct found {
    double pps, resolution_pps;
    enum throughput_bound bound;
};

static double middle(double low, double high)
{
    double between = sqrt(low * high);
    return between > 1000 ? floor(between) : between;
}

static int bisect(struct measurer *m, struct found *out, struct err *err)
{
    double cap = m->p->cap_pps > 0 ? fmin(m->p->cap_pps, THROUGHPUT_CAP_PPS) : THROUGHPUT_CAP_PPS;
    double share = m->w->virtual_clock ? RESOLUTION_VIRTUAL : RESOLUTION_REAL;
    double good = SLOW_PPS, bad = cap;
    enum trial_verdict v;
    if (trial(m, SLOW_PPS, &v, err) != 0)
        return -1;
    if (v != TRIAL_WHOLE)
        return not_reached(m, "loses packets at 10 a second", err);
    *out = (struct found){.pps = cap, .bound = THROUGHPUT_BY_APPARATUS};
    if (trial(m, cap, &v, err) != 0)
        return -1;
    if (v == TRIAL_WHOLE)
        return 0;
    enum trial_verdict limit = v;
    while (bad - good > share * good) {
        double pps = middle(good, bad);
        if (trial(m, pps, &v, err) != 0)
            return -1;
        if (v == TRIAL_WHOLE) {
            good = pps;
        } else {
            bad = pps;
            limit = v;
        }
    }
    *out = (struct found){good, bad - good,
                          limit == TRIAL_LOST ? THROUGHPUT_BY_DUT : THROUGHPUT_BY_APPARATUS};
    return 0;
}

static void withdraw(struct measurer *m)
{
    struct instant limit = instant_add(loop_now(m->w->loop), WITHDRAW_LIMIT_NS);
    emul_withdraw(m->emul);
    while (!emul_withdrawn(m->emul) && loop_now(m->w->loop).ns < limit.ns)
        world_run_to(m->w, instant_add(loop_now(m->w->loop), NS_PER_S / 10));
}

/* What is sent here belongs into no capture. */
static int build(struct measurer *m, const struct instance_spec *spec, struct err *err)
{
    struct dut_ports ports;
    m->w->dut.driver->ports(&m->w->dut, &ports);
    for (size_t i = 0; i < ports.a1_count; i++)
        port_set_capture(ports.a1[i], NULL);
    port_set_capture(ports.a3, NULL);
    struct emul_ports own = {ports.a1, ports.a1_count, ports.a3};
    m->emul = emul_new(m->w->loop, &own, spec, err);
    return m->emul == NULL ? -1 : 0;
}

static int one_direction(struct world *w, const struct throughput_params *p, bool ingress,
                         struct found *out, struct err *err)
{
    struct measurer m = {.w = w, .p = p, .ingress = ingress};
    struct instance_spec spec;
    struct err late = {0};
    idle_spec(&m, &spec);
    progress_step("idle throughput, %s: bringing up one mVPN", direction_name(&m));
    int result = dut_call(w->loop, &w->dut, call_configure, &spec, err);
    if (result == 0)
        result = build(&m, &spec, err);
    if (result == 0)
        result = bring_up(&m, err);
    if (result == 0)
        result = bisect(&m, out, err);
    if (m.emul != NULL)
        withdraw(&m);
    emul_free(m.emul);
    if (dut_call(w->loop, &w->dut, call_unconfigure, NULL, result == 0 ? err : &late) != 0)
        result = -1;
    if (result == 0)
        progress_line("idle throughput, %s: %.0f packets/s, bounded by the %s", direction_name(&m),
                      out->pps, out->bound == THROUGHPUT_BY_DUT ? "DUT" : "apparatus");
    return result;
}

int throughput_measure(struct world *w, const struct throughput_params *p, struct throughput *out,
                       struct err *err)
{
    struct found in = {0}, eg = {0};
    loop_urgent(!w->virtual_clock);
    int result = one_direction(w, p, true, &in, err);
    if (result == 0)
        result = one_direction(w, p, false, &eg, err);
    loop_urgent(false);
    *out = (struct throughput){.ingress_pps = in.pps,
                               .egress_pps = eg.pps,
                               .ingress_bound = in.bound,
                               .egress_bound = eg.bound,
                               .ingress_resolution_pps = in.resolution_pps,
                               .egress_resolution_pps = eg.resolution_pps,
                               .trial_s = (double)TRIAL_NS / (double)NS_PER_S,
                               .packet_bytes = w->settings->packet_bytes};
    return result;
}

double throughput_seconds(void)
{
    double steps = log(THROUGHPUT_CAP_PPS / SLOW_PPS) / log(1 + RESOLUTION_REAL);
    double trials = 2 + ceil(log2(steps));
    double each = (double)(LEAD_NS + TRIAL_NS + DRAIN_NS) / (double)NS_PER_S;
    return 2 * (UP_S + trials * each);
}

/* ---- what follows from it ---------------------------------------------------------------------
 */

void throughput_apply(const struct throughput *t, double load, struct instance_spec *spec,
                      char note[THROUGHPUT_NOTE_MAX])
{
    double n = spec->mvpns, s = spec->sources, gi = spec->ingress_groups;
    double in = n * s * gi, eg = n * s * (spec->groups - gi);
    double in_pps = in > 0 ? load * t->ingress_pps / in : INFINITY;
    double eg_pps = eg > 0 ? load * t->egress_pps / eg : INFINITY;
    double pps = fmin(in_pps, eg_pps);
    note[0] = '\0';
    if (!isfinite(pps) || pps <= 0)
        return;
    spec->period_ns = (int64_t)ceil((double)NS_PER_S / pps);
    if (isfinite(in_pps) && isfinite(eg_pps) && fabs(in_pps - eg_pps) > 0.01 * pps)
        (void)snprintf(note, THROUGHPUT_NOTE_MAX,
                       "all flows of an instance have one rate: where the %g share of the idle "
                       "throughput gives ingress and egress flows different ones, the lower is "
                       "taken, and the other direction has less load than that share",
                       load);
}

static const char *bound_text(enum throughput_bound b)
{
    return b == THROUGHPUT_BY_DUT ? "dut" : "apparatus";
}

static json_t *direction_record(double pps, double resolution, enum throughput_bound bound)
{
    return json_pack("{s:f,s:f,s:s}", "pps", pps, "resolution_pps", resolution, "bounded_by",
                     bound_text(bound));
}

static json_t *both(const struct throughput *t)
{
    return json_pack(
        "{s:i,s:f,s:o,s:o}", "packet_bytes", (int)t->packet_bytes, "trial_s", t->trial_s, "ingress",
        direction_record(t->ingress_pps, t->ingress_resolution_pps, t->ingress_bound), "egress",
        direction_record(t->egress_pps, t->egress_resolution_pps, t->egress_bound));
}

json_t *throughput_record(const struct throughput *t, double load)
{
    json_t *o = both(t);
    json_object_set_new(o, "load", json_real(load));
    return o;
}

json_t *throughput_entry(const struct throughput *t, const struct world *w)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:o}", "id", THROUGHPUT_ID, "end_ns",
                     (json_int_t)loop_now(w->loop).ns, "a1_bytes", (json_int_t)0, "a3_bytes",
                     (json_int_t)0, "throughput", both(t));
}

static bool read_direction(const json_t *o, double *pps, double *resolution,
                           enum throughput_bound *bound)
{
    const char *text;
    if (json_unpack((json_t *)(uintptr_t)o, "{s:F,s:F,s:s}", "pps", pps, "resolution_pps",
                    resolution, "bounded_by", &text) != 0)
        return false;
    *bound = text[0] == 'd' ? THROUGHPUT_BY_DUT : THROUGHPUT_BY_APPARATUS;
    return *pps > 0;
}

bool throughput_of_entry(const json_t *entry, struct throughput *out)
{
    const json_t *o = json_object_get(entry, "throughput");
    int bytes;
    *out = (struct throughput){0};
    if (json_unpack((json_t *)(uintptr_t)o, "{s:i,s:F}", "packet_bytes", &bytes, "trial_s",
                    &out->trial_s) != 0)
        return false;
    out->packet_bytes = (uint32_t)bytes;
    return read_direction(json_object_get(o, "ingress"), &out->ingress_pps,
                          &out->ingress_resolution_pps, &out->ingress_bound) &&
           read_direction(json_object_get(o, "egress"), &out->egress_pps,
                          &out->egress_resolution_pps, &out->egress_bound);
}
