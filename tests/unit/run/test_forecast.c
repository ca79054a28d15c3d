/* The estimated end: from the plan, then from what instances took and where values began to fail.
 */
#include "harness/run/forecast.h"

#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>

#define S NS_PER_S

struct foreseen {
    struct run_setup setup;
    struct run_options o;
    struct forecast *f;
};

static void foresee(struct foreseen *s, const char *const *cases, size_t count,
                    const char *const *sets, size_t set_count, enum run_clock clock)
{
    struct err err = {0};
    s->o = (struct run_options){.cases = cases,
                                .case_count = count,
                                .dut = "reference",
                                .clock = clock,
                                .sets = sets,
                                .set_count = set_count,
                                .steady_only = true};
    CU_ASSERT_EQUAL_FATAL(run_setup_open(&s->setup, &s->o, &err), 0);
    s->f = forecast_new(&s->setup, &s->o, NULL, 0);
}

static void fini(struct foreseen *s)
{
    forecast_free(s->f);
    run_setup_close(&s->setup);
}

static void ended(struct forecast *f, const char *id, int64_t value, bool pass, double cost,
                  int64_t at_ns)
{
    struct forecast_cost c = {.steady = cost};
    json_t *e = json_pack("{s:s,s:I,s:i}", "id", id, "value", (json_int_t)value, "verdict",
                          pass ? VERDICT_PASS : VERDICT_FAIL);
    forecast_entry(f, e, &c, at_ns);
    json_decref(e);
}

static struct progress_total total(struct forecast *f, int64_t now_ns)
{
    struct progress_total t;
    forecast_total(f, now_ns, &t);
    return t;
}

/* Before anything is measured the plan is all there is; a virtual clock's speed is not known. */
static void begins_with_the_plan(void)
{
    const char *cases[] = {"9.1"}, *sets[] = {"search.max=64"};
    struct foreseen s;
    foresee(&s, cases, 1, sets, 1, CLOCK_VIRTUAL);
    struct progress_total t = total(s.f, 0);
    CU_ASSERT_EQUAL(t.instances, 0);
    CU_ASSERT_EQUAL(t.instances_total, 10); /* 7 if all hold, 12 on the costliest course */
    CU_ASSERT_TRUE(t.left_s < 0);
    CU_ASSERT_FALSE(t.at_least);
    fini(&s);
    foresee(&s, cases, 1, sets, 1, CLOCK_REAL);
    t = total(s.f, 0);
    CU_ASSERT_TRUE(t.left_s > 600);
    double before = t.left_s;
    t = total(s.f, 100 * S);
    CU_ASSERT_DOUBLE_EQUAL(t.left_s, before - 100, 1e-6);
    fini(&s);
}

/* Between the last pass and the first fail so many values are left, at the pace so far. */
static void narrows_with_the_search(void)
{
    const char *cases[] = {"9.1"}, *sets[] = {"search.max=1000"};
    struct foreseen s;
    foresee(&s, cases, 1, sets, 1, CLOCK_VIRTUAL);
    double cost[] = {1, 2, 4, 8, 16, 32, 64};
    char id[32];
    for (int i = 0; i < 7; i++) {
        (void)snprintf(id, sizeof(id), "9.1-%04d", i + 1);
        ended(s.f, id, 1 << i, i < 6, cost[i], (i + 1) * S);
    }
    struct progress_total t = total(s.f, 7 * S);
    CU_ASSERT_EQUAL(t.instances, 7);
    CU_ASSERT_EQUAL(t.instances_total, 12); /* 32 holds, 64 does not: 5 values between */
    CU_ASSERT_DOUBLE_EQUAL(t.left_s, 5 * 64 * 7.0 / 127, 1e-6);
    t = total(s.f, 9 * S);
    CU_ASSERT_DOUBLE_EQUAL(t.left_s, 5 * 64 * 7.0 / 127 - 2, 1e-6);
    t = total(s.f, 1000 * S);
    CU_ASSERT_EQUAL(t.left_s, 0);
    forecast_point(s.f, "9.1", 0);
    t = total(s.f, 9 * S);
    CU_ASSERT_EQUAL(t.instances_total, 7);
    CU_ASSERT_EQUAL(t.left_s, 0);
    fini(&s);
}

/* Points of a case that are still to come cost beside their plan what those before cost. */
static void learns_from_points(void)
{
    const char *cases[] = {"9.3"}, *sets[] = {"case.mvpns=2", "search.max=64"};
    struct foreseen s;
    foresee(&s, cases, 1, sets, 2, CLOCK_REAL);
    double plan_s = total(s.f, 0).left_s;
    ended(s.f, "9.3-0001", 1, true, 10, 10 * S);
    double one_s = total(s.f, 10 * S).left_s;
    forecast_point(s.f, "9.3", 0); /* after one cheap instance */
    double learnt_s = total(s.f, 10 * S).left_s;
    CU_ASSERT_TRUE(one_s < plan_s);
    CU_ASSERT_TRUE(learnt_s < plan_s / 20);
    CU_ASSERT_TRUE(learnt_s > 0);
    fini(&s);
}

/* A case that waits for another's maximum is not guessed at, and its plan comes with the answer. */
static void waits_for_results(void)
{
    const char *cases[] = {"9.1", "10.1"}, *sets[] = {"search.max=256"};
    struct foreseen s;
    foresee(&s, cases, 2, sets, 1, CLOCK_REAL);
    struct progress_total t = total(s.f, 0);
    CU_ASSERT_TRUE(t.at_least);
    double first_s = t.left_s;
    ended(s.f, "9.1-0001", 4, true, 1000, 1000 * S);
    forecast_point(s.f, "9.1", 0);
    json_t *result = json_pack("{s:[{s:s,s:[],s:[{s:s,s:{},s:{s:s,s:i},s:i}]}]}", "cases", "case",
                               "9.1", "instances", "maximum", "stimulus", "steady", "where",
                               "searched", "name", "N", "value", 4, "value", 4);
    forecast_case(s.f, "9.1", result);
    t = total(s.f, 1000 * S);
    CU_ASSERT_FALSE(t.at_least);
    CU_ASSERT_TRUE(t.left_s > 0);
    CU_ASSERT_TRUE(t.instances_total > 1);
    CU_ASSERT_TRUE(first_s > 0);
    json_decref(result);
    fini(&s);
}

/* What the journal of an earlier session has is counted, and says nothing of the pace. */
static void resumes(void)
{
    const char *cases[] = {"9.1"}, *sets[] = {"search.max=64"};
    struct foreseen s;
    foresee(&s, cases, 1, sets, 1, CLOCK_VIRTUAL);
    json_t *e = json_pack("{s:s,s:i,s:i}", "id", "9.1-0001", "value", 1, "verdict", VERDICT_PASS);
    forecast_entry(s.f, e, NULL, 0);
    struct progress_total t = total(s.f, S);
    CU_ASSERT_EQUAL(t.instances, 1);
    CU_ASSERT_TRUE(t.left_s < 0);
    json_decref(e);
    /* Entries that are none, and cases that are not of the run, are left alone. */
    e = json_pack("{s:s}", "id", "idle-throughput");
    forecast_entry(s.f, e, NULL, 0);
    forecast_entry(NULL, e, NULL, 0);
    forecast_point(s.f, "9.9", 3);
    CU_ASSERT_EQUAL(total(s.f, S).instances, 1);
    json_decref(e);
    fini(&s);
}

static const struct cu_test tests[] = {
    {"begins with the plan", begins_with_the_plan},
    {"narrows with the search", narrows_with_the_search},
    {"learns from points", learns_from_points},
    {"waits for results", waits_for_results},
    {"resumes", resumes},
};

CU_MAIN("forecast", tests)
