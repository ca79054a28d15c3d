/* A DUT that needs a moment between tries, that dies in one and comes back, that stays away. */
#include "emul/loop/loop.h"
#include "harness/run/measure.h"
#include "harness/run/revive.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <string.h>

/* A DUT that is ill until an instant of the loop, and whose configuration may kill it. */
static struct {
    struct loop *loop;
    int64_t ill_until_s, ill_for_s;
    bool dies, testbed_fails;
    unsigned unconfigured;
} fake;

static int64_t now_s(void)
{
    return loop_now(fake.loop).ns / NS_PER_S;
}

static int fake_health(struct dut *d, struct err *err)
{
    (void)d;
    if (now_s() >= fake.ill_until_s)
        return 0;
    err_set(err, ERR_TESTBED, "still booting");
    return -1;
}

static int fake_configure(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    (void)d;
    (void)spec;
    if (fake.dies)
        fake.ill_until_s = now_s() + fake.ill_for_s;
    err_set(err, ERR_TESTBED, fake.dies ? "connection lost" : "cable out");
    return fake.dies || fake.testbed_fails ? -1 : 0;
}

static int fake_unconfigure(struct dut *d, struct err *err)
{
    (void)d;
    (void)err;
    fake.unconfigured++;
    return 0;
}

static const struct dut_driver fake_driver = {.name = "fake",
                                              .configure = fake_configure,
                                              .unconfigure = fake_unconfigure,
                                              .health = fake_health};

static struct run_settings settings;

static void open_world(struct world *w)
{
    run_settings_default(&settings);
    run_settings_finish(&settings, true);
    settings.search_recover = true;
    memset(&fake, 0, sizeof(fake));
    *w = (struct world){.loop = loop_new_virtual((struct instant){NS_PER_S / 2}),
                        .dut = {.driver = &fake_driver},
                        .settings = &settings,
                        .virtual_clock = true};
    fake.loop = w->loop;
}

static void a_dut_that_needs_a_moment_is_waited_for(void)
{
    struct world w;
    struct err err = {0};
    int64_t waited_ns;
    open_world(&w);
    CU_ASSERT_EQUAL(revive_wait(&w, &waited_ns, &err), 0);
    CU_ASSERT_EQUAL(waited_ns, 0);
    fake.ill_until_s = 42;
    CU_ASSERT_EQUAL(revive_wait(&w, &waited_ns, &err), 0);
    CU_ASSERT(now_s() == 42 && waited_ns >= 41 * NS_PER_S);
    fake.ill_until_s = 100000;
    CU_ASSERT_EQUAL(revive_wait(&w, &waited_ns, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "still booting"));
    CU_ASSERT(now_s() >= 642 && now_s() <= 644); /* setup_limit_s */
    loop_free(w.loop);
}

static void request(struct instance_request *q, const struct test_case *tc)
{
    memset(q, 0, sizeof(*q));
    q->id = "9.1-0001";
    q->tc = tc;
    topology_default_addressing(&q->spec.addr);
    q->spec.mvpns = q->spec.c_interfaces = q->spec.remote_pes = 1;
    q->spec.groups = q->spec.sources = q->spec.receiver_c_ifs = q->spec.receiver_pes = 1;
    q->spec.period_ns = NS_PER_S;
    q->spec.packet_bytes = 100;
    q->spec.mtu = 1500;
}

static void a_dut_that_dies_and_comes_back_has_failed(void)
{
    struct test_case *tc = case_find("9.1", NULL);
    struct world w;
    struct campaign_env env = {.settings = &settings};
    struct instance_request q;
    struct instance_outcome out;
    struct err err = {0};
    json_t *entry = NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(tc);
    open_world(&w);
    request(&q, tc);
    fake.dies = true;
    fake.ill_for_s = 200;
    CU_ASSERT_EQUAL_FATAL(measure_run(&env, &w, &q, (struct case_try){7, 0}, &entry, &err), 0);
    CU_ASSERT_EQUAL_FATAL(entry_read(entry, (struct case_try){7, 0}, &out, &err), 0);
    CU_ASSERT_EQUAL(out.verdict, VERDICT_FAIL);
    CU_ASSERT_EQUAL(out.bound, BOUND_DUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(out.reason, "connection lost"));
    CU_ASSERT(entry_duration_ns(entry) >= 200 * NS_PER_S);
    CU_ASSERT(fake.unconfigured > 0);
    instance_outcome_fini(&out);
    json_decref(entry);
    loop_free(w.loop);
    case_free(tc);
}

static int run_failing(int64_t ill_for_s, bool recover, struct err *err)
{
    struct test_case *tc = case_find("9.1", NULL);
    struct world w;
    struct campaign_env env = {.settings = &settings};
    struct instance_request q;
    json_t *entry = NULL;
    open_world(&w);
    settings.search_recover = recover;
    request(&q, tc);
    fake.dies = ill_for_s > 0;
    fake.testbed_fails = true;
    fake.ill_for_s = ill_for_s;
    int result = measure_run(&env, &w, &q, (struct case_try){7, 0}, &entry, err);
    loop_free(w.loop);
    case_free(tc);
    return result;
}

static void what_is_no_death_ends_the_run(void)
{
    struct err cable = {0}, gone = {0}, unasked = {0};
    CU_ASSERT_EQUAL(run_failing(0, true, &cable), -1); /* healthy: the testbed's fault */
    CU_ASSERT_PTR_NOT_NULL(strstr(cable.text, "cable out"));
    CU_ASSERT_EQUAL(run_failing(100000, true, &gone), -1);
    CU_ASSERT_EQUAL(gone.code, ERR_TESTBED);
    CU_ASSERT_EQUAL(run_failing(200, false, &unasked), -1);
    CU_ASSERT_EQUAL(unasked.code, ERR_TESTBED);
}

static void an_entry_is_of_its_try_alone(void)
{
    struct instance_outcome out = {.verdict = VERDICT_PASS, .record = json_object()};
    struct entry_facts facts = {.id = "9.5-0003", .at = {8, 4}, .end_ns = 10 * NS_PER_S + 1};
    struct err err = {0};
    out.notes = json_pack("{s:[],s:[]}", "configuration", "procedure");
    json_t *entry = entry_new(&facts, &out);
    instance_outcome_fini(&out);
    CU_ASSERT_EQUAL(entry_read(entry, (struct case_try){8, 2}, &out, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_EQUAL(entry_read(entry, (struct case_try){8, 4}, &out, NULL), 0);
    instance_outcome_fini(&out);
    CU_ASSERT_EQUAL(entry_stamp(entry, 0), 11 * NS_PER_S + 1);
    CU_ASSERT_EQUAL(entry_stamp(entry, 11 * NS_PER_S + 1), 22 * NS_PER_S + 1);
    CU_ASSERT_EQUAL(entry_stamp(entry, 22 * NS_PER_S), 33 * NS_PER_S + 1);
    json_decref(entry);
}

static const struct cu_test tests[] = {
    {"a DUT that needs a moment is waited for", a_dut_that_needs_a_moment_is_waited_for},
    {"a DUT that dies and comes back has failed", a_dut_that_dies_and_comes_back_has_failed},
    {"what is no death ends the run", what_is_no_death_ends_the_run},
    {"an entry is of its try alone", an_entry_is_of_its_try_alone},
};

CU_MAIN("revive", tests)
