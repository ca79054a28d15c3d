/*
 * Who carries a stimulus out: the reference PE behind a driver that does it as a whole, as a hook
 * would, or that fails; and a DUT that loses packets again after it had recovered.
 */
#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/dut/dut_settings.h"
#include "harness/run/instance.h"
#include "mvpnbench/result.h"
#include "tests/unit/cu.h"

#include <string.h>

#define SEED 7u
/* After Tf + 30 s recoveries are done; after this the second loss comes. */
#define SECOND_LOSS_NS (50 * NS_PER_S)

static struct run_settings settings;
static struct loop *loop; /* of the run under way */

/* ---- the driver ------------------------------------------------------------------------------ */

static struct {
    enum stimulus_way way;
    double hold_out_s;      /* what it takes; 0: what it is told */
    int64_t stamp_after_ns; /* WHOLE: returns so long after its recovery action, and says when */
    bool says_tf, fails;
    int64_t tf_off_ns; /* lies by so much */
    double told_hold_out_s;
    bool lose_again;
    struct timer again;
    struct port *a3;
} plan;

static const struct dut_driver *base;

static void pull_again(void *arg)
{
    (void)arg;
    bool up = plan.a3->up;
    (void)port_set_up(plan.a3, !up, NULL);
    if (up)
        timer_set_in(loop, &plan.again, 4 * NS_PER_S);
}

static enum stimulus_way can(struct dut *d, enum stimulus s, const char **reason)
{
    (void)d;
    (void)s;
    (void)reason;
    return plan.way;
}

static int half(struct dut *d, enum stimulus s, bool recovery_action, struct err *err)
{
    struct stimulus_call call = {.stimulus = s, .recovery_action = recovery_action};
    if (s == STIM_P_LINK_FLAP)
        return port_set_up(plan.a3, recovery_action, err);
    return base->stimulus(d, &call, err);
}

static int stimulus(struct dut *d, struct stimulus_call *call, struct err *err)
{
    struct dut_ports ports;
    base->ports(d, &ports);
    plan.a3 = ports.a3;
    plan.told_hold_out_s = call->hold_out_s;
    if (plan.fails) {
        err_set(err, ERR_TESTBED, "DUT: the card is stuck");
        return -1;
    }
    if (plan.lose_again && call->recovery_action)
        timer_set_in(loop, &plan.again, SECOND_LOSS_NS);
    if (plan.way == STIMULUS_HALVES)
        return half(d, call->stimulus, call->recovery_action, err);
    double hold_out_s = plan.hold_out_s > 0 ? plan.hold_out_s : call->hold_out_s;
    if (half(d, call->stimulus, false, err) != 0)
        return -1;
    (void)loop_run(loop, instant_add(loop_now(loop), (int64_t)(hold_out_s * 1e9)));
    struct instant tf = loop_now(loop);
    if (half(d, call->stimulus, true, err) != 0)
        return -1;
    (void)loop_run(loop, instant_add(tf, plan.stamp_after_ns));
    call->tf_wall_ns = plan.says_tf ? tf.ns + plan.tf_off_ns : 0;
    return 0;
}

/* ---- one instance of 9.1 with two mVPNs ------------------------------------------------------ */

static void set_up(void)
{
    struct err err = {0};
    memset(&plan, 0, sizeof(plan));
    plan.way = STIMULUS_WHOLE;
    run_settings_default(&settings);
    CU_ASSERT_EQUAL_FATAL(timing_load(&settings.timing, "draft", &err), 0);
    settings.timing.steady_wait_s = 60;
    settings.timing.pre_stimulus_wait_s = 5;
    settings.timing.post_recovery_wait_s = 60;
    run_settings_finish(&settings, true);
    timer_init(&plan.again, "second loss", pull_again, NULL);
}

static int open_world(struct world *w, struct dut_driver *driver, const struct dut_settings *dut)
{
    struct err err = {0};
    struct world_params params = {.driver = "reference",
                                  .dut_settings = dut,
                                  .settings = &settings,
                                  .virtual_clock = true,
                                  .seed = SEED};
    if (world_open(w, &params, &err) != 0)
        return -1;
    base = w->dut.driver;
    *driver = *base;
    driver->can = can;
    driver->stimulus = stimulus;
    w->dut.driver = driver;
    loop = w->loop;
    return 0;
}

static void request(struct instance_request *q, struct test_case *tc, enum stimulus s,
                    struct world *w)
{
    struct case_context c;
    struct case_point *points;
    size_t count;
    char why[CASE_WHY_MAX];
    struct err err = {0};
    *q = (struct instance_request){.id = "9.1-0001", .tc = tc, .repeat = 1};
    case_context_default(&c, &settings);
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &points, &count, why));
    struct case_try try = {.value = 2};
    CU_ASSERT_EQUAL_FATAL(case_instance(tc, &c, &points[0], &try, &q->spec, &q->values, &err), 0);
    free(points);
    w->dut.driver->describe(&w->dut, &q->spec);
    q->spec.seed = SEED;
    q->stimulus_count = 1;
    q->stimuli[0] = s;
    for (int i = 0; i < STIM_COUNT; i++)
        q->floor_ns[i][0] = -1;
}

/* The recovery's record, a new reference; NULL: the run failed, *err says why. */
static json_t *run(enum stimulus s, struct recovery_outcome *outcome, struct err *err)
{
    struct dut_settings dut;
    struct dut_driver driver;
    struct world w;
    struct instance_request q;
    struct instance_outcome out;
    json_t *record = NULL;
    dut_settings_init(&dut);
    dut_settings_add(&dut, "recovery.power-cycle_ms", "7000");
    dut_settings_add(&dut, "recovery.p-link-flap_ms", "7000");
    struct test_case *tc = case_find("9.1", err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tc);
    CU_ASSERT_EQUAL_FATAL(open_world(&w, &driver, &dut), 0);
    request(&q, tc, s, &w);
    if (instance_run(&w, &q, &out, err) == 0) {
        CU_ASSERT_EQUAL(out.verdict, VERDICT_PASS);
        CU_ASSERT_EQUAL(out.recovery_count, 1);
        *outcome = out.recovery[0];
        record = json_incref(json_array_get(json_object_get(out.record, "recovery"), 0));
        instance_outcome_fini(&out);
    }
    timer_cancel(loop, &plan.again);
    world_close(&w);
    case_free(tc);
    dut_settings_fini(&dut);
    return record;
}

static int64_t time_of(const json_t *record, const char *key)
{
    int64_t ns = -1;
    CU_ASSERT_TRUE(result_is_time(json_object_get(record, key), &ns));
    return ns;
}

static bool marked(const json_t *record)
{
    return json_array_size(json_object_get(record, "marks")) > 0;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* The stimulus as a whole gives the times that it gives in halves, told late as Tf is. */
static void whole_is_like_halves(void)
{
    static const enum stimulus both[] = {STIM_POWER_CYCLE, STIM_P_LINK_FLAP};
    for (size_t i = 0; i < 2; i++) {
        struct recovery_outcome halves, whole;
        struct err err = {0};
        set_up();
        plan.way = STIMULUS_HALVES;
        json_t *a = run(both[i], &halves, &err);
        set_up();
        plan.says_tf = true;
        plan.stamp_after_ns = 11 * NS_PER_S; /* when all is over */
        json_t *b = run(both[i], &whole, &err);
        CU_ASSERT_EQUAL(plan.told_hold_out_s, 300);
        CU_ASSERT_EQUAL(halves.verdict, VERDICT_PASS);
        CU_ASSERT_EQUAL(whole.verdict, VERDICT_PASS);
        CU_ASSERT_TRUE(halves.trall_ns >= 7 * NS_PER_S);
        CU_ASSERT_EQUAL(whole.trall_ns, halves.trall_ns);
        CU_ASSERT_EQUAL(time_of(b, "Tf") - time_of(b, "begin"), 300 * NS_PER_S);
        CU_ASSERT_TRUE(
            json_equal(json_object_get(a, "interrupted"), json_object_get(b, "interrupted")));
        const json_t *na = json_object_get(json_object_get(a, "neighbours"), "mi_pmsi");
        const json_t *nb = json_object_get(json_object_get(b, "neighbours"), "mi_pmsi");
        CU_ASSERT_TRUE(json_equal(json_object_get(json_object_get(na, "all"), "apparatus"),
                                  json_object_get(json_object_get(nb, "all"), "apparatus")));
        CU_ASSERT_TRUE(json_is_null(json_object_get(json_object_get(nb, "all"), "dut")));
        CU_ASSERT_FALSE(marked(a) || marked(b));
        json_decref(a);
        json_decref(b);
    }
}

/* Without a stamp Tf is the return, and what came before it is not after Tf. */
static void return_is_tf(void)
{
    struct recovery_outcome o;
    struct err err = {0};
    set_up();
    plan.stamp_after_ns = 5 * NS_PER_S;
    json_t *r = run(STIM_POWER_CYCLE, &o, &err);
    CU_ASSERT_EQUAL(time_of(r, "Tf") - time_of(r, "begin"), 305 * NS_PER_S);
    CU_ASSERT_TRUE(o.trall_ns >= 2 * NS_PER_S && o.trall_ns < 4 * NS_PER_S);
    json_decref(r);
}

/* The hold-out that was counts, not the one that was asked for. */
static void measured_hold_out(void)
{
    struct recovery_outcome o;
    struct err err = {0};
    set_up();
    plan.hold_out_s = 224;
    plan.says_tf = true;
    json_t *r = run(STIM_POWER_CYCLE, &o, &err);
    CU_ASSERT_TRUE(marked(r));
    json_decref(r);
    set_up();
    settings.timing.hold_out_s = 20;
    plan.hold_out_s = 226;
    plan.says_tf = true;
    r = run(STIM_POWER_CYCLE, &o, &err);
    CU_ASSERT_FALSE(marked(r));
    json_decref(r);
}

/* A stamp beyond the call is taken to its end. */
static void stamp_beyond(void)
{
    static const int64_t off[] = {-1000 * NS_PER_S, 1000 * NS_PER_S};
    static const int64_t want[] = {0, 301 * NS_PER_S};
    for (size_t i = 0; i < 2; i++) {
        struct recovery_outcome o;
        struct err err = {0};
        set_up();
        plan.says_tf = true;
        plan.stamp_after_ns = NS_PER_S;
        plan.tf_off_ns = off[i];
        json_t *r = run(STIM_POWER_CYCLE, &o, &err);
        CU_ASSERT_EQUAL(time_of(r, "Tf") - time_of(r, "begin"), want[i]);
        json_decref(r);
    }
}

static void driver_fails(void)
{
    struct recovery_outcome o;
    struct err err = {0};
    set_up();
    plan.fails = true;
    CU_ASSERT_PTR_NULL(run(STIM_P_CARD_OIR, &o, &err));
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
    CU_ASSERT_STRING_EQUAL(err.text, "DUT: the card is stuck");
    set_up();
    plan.way = STIMULUS_NOT;
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(run(STIM_P_CARD_OIR, &o, &err));
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
}

/* Recovered, and lost again in step 6: a failure that leaves Trall where it was. */
static void lost_again(void)
{
    struct recovery_outcome good, bad;
    struct err err = {0};
    set_up();
    plan.way = STIMULUS_HALVES;
    json_t *a = run(STIM_POWER_CYCLE, &good, &err);
    set_up();
    plan.way = STIMULUS_HALVES;
    plan.lose_again = true;
    json_t *b = run(STIM_POWER_CYCLE, &bad, &err);
    CU_ASSERT_EQUAL(good.verdict, VERDICT_PASS);
    CU_ASSERT_EQUAL(bad.verdict, VERDICT_FAIL);
    CU_ASSERT_EQUAL(bad.trall_ns, good.trall_ns);
    const char *reason = json_string_value(json_object_get(b, "reason"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(reason);
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, "lost again"));
    const json_t *first = json_array_get(json_object_get(b, "failures"), 0);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first, "criterion")), "recovery");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(first, "flow")), 1);
    json_decref(a);
    json_decref(b);
}

static const struct cu_test tests[] = {
    {"a whole is like two halves", whole_is_like_halves},
    {"the return is Tf", return_is_tf},
    {"the hold-out that was", measured_hold_out},
    {"a stamp beyond the call", stamp_beyond},
    {"a driver that fails", driver_fails},
    {"recovered, and lost again", lost_again},
};
CU_MAIN("ways of a stimulus", tests)
