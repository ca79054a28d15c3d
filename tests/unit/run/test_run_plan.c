#include "harness/run/plan.h"

#include "harness/dut/drivers.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct planned {
    struct run_setup setup;
    struct run_plan plan;
};

static void plan_of(struct planned *p, const char *const *cases, size_t case_count,
                    const char *const *sets, size_t set_count, bool steady_only)
{
    struct run_options o = {.cases = cases,
                            .case_count = case_count,
                            .dut = "reference",
                            .sets = sets,
                            .set_count = set_count,
                            .steady_only = steady_only};
    struct err err = {0};
    CU_ASSERT_EQUAL_FATAL(run_setup_open(&p->setup, &o, &err), 0);
    CU_ASSERT_EQUAL_FATAL(run_plan_make(&p->setup, &o, NULL, &p->plan, &err), 0);
}

static void planned_fini(struct planned *p)
{
    run_plan_fini(&p->plan);
    run_setup_close(&p->setup);
}

/* 1 2 4 ... 64 if all hold; at most 64 fails and the gap to 32 is bisected: 5 more. */
static void follows_the_search(void)
{
    const char *cases[] = {"9.1"}, *sets[] = {"search.max=64"};
    struct planned p;
    plan_of(&p, cases, 1, sets, 1, true);
    const struct plan_point *pp = &p.plan.cases[0].points[0];
    CU_ASSERT_EQUAL(p.plan.cases[0].value_count, 7);
    CU_ASSERT_EQUAL(p.plan.cases[0].values[6], 64);
    CU_ASSERT_EQUAL(pp->top, 64);
    CU_ASSERT_EQUAL(pp->holding.instances, 7);
    CU_ASSERT_EQUAL(pp->most.instances, 12);
    CU_ASSERT_TRUE(pp->most.seconds > pp->holding.seconds);
    CU_ASSERT_EQUAL(p.plan.most.instances, 12);
    CU_ASSERT_EQUAL(p.plan.stimulus_count, 0);
    planned_fini(&p);
}

/* All stimuli on one more instance at the maximum; with repeat 3 each three times. */
static void stimuli_cost_one_instance(void)
{
    const char *cases[] = {"9.1"};
    const char *once[] = {"case.mvpns=8", "stimulus.repeat=1"};
    const char *thrice[] = {"case.mvpns=8", "stimulus.repeat=3"};
    struct planned a, b, steady;
    plan_of(&steady, cases, 1, once, 2, true);
    plan_of(&a, cases, 1, once, 2, false);
    plan_of(&b, cases, 1, thrice, 2, false);
    CU_ASSERT_EQUAL(steady.plan.holding.instances, 1);
    CU_ASSERT_EQUAL(a.plan.stimulus_count, STIM_COUNT);
    CU_ASSERT_EQUAL(a.plan.holding.instances, 2);
    CU_ASSERT_EQUAL(b.plan.holding.instances, 2);
    const struct plan_estimate *e = &a.plan.cases[0].points[0].e;
    double each = STIM_COUNT * e->stimulus_s;
    CU_ASSERT_DOUBLE_EQUAL(a.plan.holding.seconds - steady.plan.holding.seconds, e->steady_s + each,
                           1);
    CU_ASSERT_DOUBLE_EQUAL(b.plan.holding.seconds - a.plan.holding.seconds, 2 * each, 1);
    planned_fini(&a);
    planned_fini(&b);
    planned_fini(&steady);
}

/* 9.3 takes 9.1's maximum: with 9.1 in the selection the largest that its search can reach. */
static void says_what_it_assumes(void)
{
    const char *both[] = {"9.1", "9.3"}, *sets[] = {"search.9.1.max=300", "search.9.3.max=8"};
    struct planned p;
    plan_of(&p, both, 2, sets, 2, true);
    const struct plan_case *pc = &p.plan.cases[1];
    bool said = false;
    for (size_t i = 0; i < pc->notes.count; i++)
        said |=
            strstr(pc->notes.items[i], "the maximum of 9.1 is not known before the run") != NULL;
    CU_ASSERT_TRUE(said);
    CU_ASSERT_EQUAL(pc->point_count, 18); /* 100, 200, 300 mVPNs, three shares, two sources */
    planned_fini(&p);
}

static void load_is_at_most_what_is_tried(void)
{
    const char *cases[] = {"9.3"};
    const char *sets[] = {"case.mvpns=10", "case.groups=10", "case.ingress_share=1",
                          "case.sources_per_group=2", "traffic.load=0.1"};
    struct planned p;
    plan_of(&p, cases, 1, sets, 5, true);
    CU_ASSERT_DOUBLE_EQUAL(p.plan.peak.ingress_pps, 20000, 1);
    CU_ASSERT_EQUAL(p.plan.throughput_s, 0); /* on an axis of its own */
    planned_fini(&p);
}

static void json_has_it_all(void)
{
    const char *cases[] = {"9.1", "9.3"}, *sets[] = {"search.max=4"};
    struct planned p;
    plan_of(&p, cases, 2, sets, 1, false);
    json_t *o = run_plan_json(&p.plan);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(o, "cases")), 2);
    const json_t *most = json_object_get(o, "at_most");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(most, "instances")),
                    (json_int_t)p.plan.most.instances);
    CU_ASSERT_TRUE(json_is_real(json_object_get(most, "cpu_seconds")));
    json_decref(o);
    planned_fini(&p);
}

/* A plan asks these drivers without opening them. */
static void drivers_answer_closed(void)
{
    static const struct dut_driver *const drivers[] = {&reference_driver, &frr_driver};
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        struct dut d = {.driver = drivers[i]};
        const char *reason = NULL;
        for (int s = 0; s < STIM_COUNT; s++)
            (void)d.driver->can(&d, (enum stimulus)s, &reason);
        CU_ASSERT_TRUE(d.driver->supports(&d, MDT_ASM, &reason));
        (void)d.driver->spmsi(&d, &reason);
    }
}

static const struct cu_test tests[] = {
    {"follows the search", follows_the_search},
    {"stimuli cost one instance", stimuli_cost_one_instance},
    {"says what it assumes", says_what_it_assumes},
    {"a load is at most what is tried", load_is_at_most_what_is_tried},
    {"JSON has it all", json_has_it_all},
    {"drivers answer closed", drivers_answer_closed},
};

CU_MAIN("run plan", tests)
