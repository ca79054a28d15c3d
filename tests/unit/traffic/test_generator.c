#include "emul/traffic/generator.h"

#include "emul/traffic/analyser.h"
#include "tests/unit/cu.h"

#define FLOWS 40u

struct record {
    struct loop *loop;
    struct generator *generator;
    struct analyser *phases;
    uint64_t next[FLOWS + 1];
    uint64_t emitted;
    struct instant last_due, start;
    int64_t period_ns;
    uint64_t stop_after; /* 0: never */
    uint64_t wrong;      /* out of order, early, not at its due instant, gap in sequences */
};

static struct instance_spec spec_of(int64_t period_ns)
{
    return (struct instance_spec){.seed = 11,
                                  .mvpns = 2,
                                  .c_interfaces = 2,
                                  .remote_pes = 1,
                                  .groups = 10,
                                  .ingress_groups = 5,
                                  .sources = 2,
                                  .receiver_c_ifs = 1,
                                  .receiver_pes = 1,
                                  .period_ns = period_ns};
}

static void on_emit(void *arg, uint32_t flow, uint64_t sequence, struct instant due)
{
    struct record *r = arg;
    struct instant now = loop_now(r->loop);
    int64_t at = r->start.ns + analyser_phase_ns(r->phases, flow);
    r->wrong += due.ns != at + (int64_t)sequence * r->period_ns;
    r->wrong += instant_before(now, due) || instant_before(due, r->last_due);
    r->wrong += loop_is_virtual(r->loop) && now.ns != due.ns;
    r->wrong += flow == 0 || flow > FLOWS || r->next[flow] != sequence;
    r->next[flow <= FLOWS ? flow : 0] = sequence + 1;
    r->last_due = due;
    if (++r->emitted == r->stop_after)
        generator_stop(r->generator);
}

static struct record record_new(struct loop *loop, int64_t period_ns)
{
    struct instance_spec spec = spec_of(period_ns);
    return (struct record){.loop = loop,
                           .phases = analyser_new(&spec),
                           .period_ns = period_ns,
                           .start = loop_now(loop)};
}

static void record_free(struct record *r)
{
    generator_free(r->generator);
    analyser_free(r->phases);
    loop_free(r->loop);
}

static void test_virtual(void)
{
    const int64_t periods[] = {NS_PER_S, 1, 7, 333333333, 10 * NS_PER_S};
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        struct record r = record_new(loop_new_virtual((struct instant){5}), periods[i]);
        struct instance_spec spec = spec_of(periods[i]);
        r.generator = generator_new(r.loop, &spec, on_emit, &r);
        generator_start(r.generator, r.start);
        CU_ASSERT_TRUE(generator_running(r.generator));
        /* The last instant of the 20th period is included: exactly 20 packets a flow. */
        (void)loop_run(r.loop, (struct instant){5 + 20 * periods[i] - 1});
        CU_ASSERT_EQUAL(r.emitted, 20u * FLOWS);
        CU_ASSERT_EQUAL(r.wrong, 0);
        CU_ASSERT_EQUAL(generator_pacing_error_max_ns(r.generator), 0);
        generator_stop(r.generator);
        (void)loop_run(r.loop, (struct instant){100 * periods[i]});
        CU_ASSERT_EQUAL(r.emitted, 20u * FLOWS);
        record_free(&r);
    }
}

static void test_stop_within_emit_and_restart(void)
{
    struct record r = record_new(loop_new_virtual((struct instant){0}), 10);
    struct instance_spec spec = spec_of(10);
    r.generator = generator_new(r.loop, &spec, on_emit, &r);
    r.stop_after = 57;
    generator_start(r.generator, r.start);
    (void)loop_run(r.loop, (struct instant){1000});
    CU_ASSERT_EQUAL(r.emitted, 57);
    CU_ASSERT_FALSE(generator_running(r.generator));
    r.start = loop_now(r.loop);
    for (unsigned f = 0; f <= FLOWS; f++)
        r.next[f] = 0;
    generator_start(r.generator, r.start);
    (void)loop_run(r.loop, (struct instant){1000 + 29});
    CU_ASSERT_EQUAL(r.emitted, 57 + 3 * FLOWS);
    CU_ASSERT_EQUAL(r.wrong, 0);
    record_free(&r);
}

static void on_descriptor_turn(void *arg)
{
    *(struct instant *)arg = INSTANT_NEVER;
}

static void test_real_clock_late(void)
{
    struct record r = record_new(loop_new_real(), NS_PER_MS);
    struct instance_spec spec = spec_of(NS_PER_MS);
    r.generator = generator_new(r.loop, &spec, on_emit, &r);
    /* The sources began 100 ms ago: 4,000 packets are due at once, in order of due time. */
    r.start = instant_add(r.start, -100 * NS_PER_MS);
    r.stop_after = 100u * FLOWS;
    generator_start(r.generator, r.start);
    struct timer other;
    struct instant seen = {0};
    timer_init(&other, "other", on_descriptor_turn, &seen);
    timer_set_in(r.loop, &other, 0);
    (void)loop_run(r.loop, instant_add(loop_now(r.loop), NS_PER_S / 2));
    CU_ASSERT_EQUAL(r.emitted, 100u * FLOWS);
    CU_ASSERT_EQUAL(r.wrong, 0);
    CU_ASSERT_TRUE(generator_pacing_error_max_ns(r.generator) >= 99 * NS_PER_MS);
    CU_ASSERT_EQUAL(seen.ns, INT64_MAX);
    generator_pacing_error_reset(r.generator);
    CU_ASSERT_EQUAL(generator_pacing_error_max_ns(r.generator), 0);
    record_free(&r);
}

static void test_no_flows(void)
{
    struct loop *loop = loop_new_virtual((struct instant){0});
    struct instance_spec spec = spec_of(NS_PER_S);
    spec.groups = spec.ingress_groups = 0;
    struct generator *g = generator_new(loop, &spec, on_emit, NULL);
    generator_start(g, (struct instant){0});
    CU_ASSERT_FALSE(generator_running(g));
    (void)loop_run(loop, (struct instant){NS_PER_S});
    generator_free(g);
    generator_free(NULL);
    loop_free(loop);
}

static const struct cu_test tests[] = {
    {"every packet at its due instant on the virtual clock", test_virtual},
    {"stop within emit, and start again from packet 0", test_stop_within_emit_and_restart},
    {"a late wake-up emits what is due, in order, and lets others in", test_real_clock_late},
    {"an instance without flows", test_no_flows},
};

CU_MAIN("generator", tests)
