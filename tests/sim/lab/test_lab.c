/* The emulated network against the reference PE, all on the virtual clock. */
#include "emul/base/rng.h"
#include "tests/sim/lab/check.h"
#include "tests/unit/cu.h"

static void check_clean(struct world *w)
{
    struct emul_health health;
    emul_health_get(w->emul, &health);
    CU_ASSERT_EQUAL(health.asserts, 0);
    CU_ASSERT_EQUAL(health.undecodable, 0);
    CU_ASSERT_EQUAL(health.tx_errors, 0);
    CU_ASSERT_EQUAL(health.refresh_overrun, 0);
}

static void window_of(struct world *w, double seconds, struct emul_window *out)
{
    emul_window_open(w->emul);
    world_run(w, seconds);
    emul_window_close(w->emul);
    world_run(w, 1);
    emul_window_get(w->emul, out);
}

static void test_steady(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    check_metric(w, 0);
    struct emul_window win;
    window_of(w, 60, &win);
    CU_ASSERT_EQUAL(win.ingress.flows, 8);
    CU_ASSERT_EQUAL(win.egress.flows, 8);
    CU_ASSERT_EQUAL(win.ingress.sent, 8 * 60 * 3); /* the other C-interface and two PEs */
    CU_ASSERT_EQUAL(win.ingress.received, win.ingress.sent);
    CU_ASSERT_EQUAL(win.egress.sent, 8 * 60 * 2);
    CU_ASSERT_EQUAL(win.egress.received, win.egress.sent);
    CU_ASSERT_EQUAL(win.ingress.lost + win.egress.lost, 0);
    CU_ASSERT_EQUAL(win.ingress.misdelivered + win.egress.misdelivered, 0);
    CU_ASSERT_EQUAL(win.ingress.duplicate + win.egress.duplicate, 0);
    struct emul_failure failures[8];
    CU_ASSERT_EQUAL(emul_failures(w->emul, failures, 8), 0);
    check_clean(w);
    world_free(w);
}

/* Brings an instance of its own shape to the steady state and looks at everything. */
static void check_shape(const struct instance_spec *spec)
{
    struct world *w = world_new(spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    check_metric(w, 0);
    struct emul_window win;
    window_of(w, 12, &win);
    CU_ASSERT_EQUAL(win.ingress.received, win.ingress.sent);
    CU_ASSERT_EQUAL(win.egress.received, win.egress.sent);
    CU_ASSERT_EQUAL(win.ingress.flows + win.egress.flows, spec_flow_count(spec));
    struct emul_failure failures[8];
    CU_ASSERT_EQUAL(emul_failures(w->emul, failures, 8), 0);
    check_clean(w);
    world_free(w);
}

static void test_shapes(void)
{
    struct instance_spec spec = world_spec();
    spec.trunk = false;
    check_shape(&spec);
    spec = world_spec();
    spec.mvpns = 50;
    spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = spec.receiver_pes = 1;
    spec.groups = 2;
    spec.ingress_groups = 1;
    spec.sources = 1;
    check_shape(&spec);
    spec = world_spec();
    spec.c_interfaces = 5;
    spec.receiver_c_ifs = 5;
    spec.remote_pes = 60; /* more than have sources */
    spec.receiver_pes = 30;
    spec.groups = 70;
    spec.ingress_groups = 10;
    check_shape(&spec);
}

static void test_double_tags(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 420;
    spec.c_interfaces = spec.receiver_c_ifs = 10;
    spec.remote_pes = spec.receiver_pes = 1;
    spec.groups = 1;
    spec.ingress_groups = 0;
    spec.sources = 1;
    check_shape(&spec);
}

/* 80 (*,G) do not fit 1,500 bytes: IP fragments, if asked for. */
static void test_fragments(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 1;
    spec.groups = 400;
    spec.ingress_groups = 200;
    spec.sources = 1;
    spec.jp_oversize = JP_FRAGMENT;
    check_shape(&spec);
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    world_run(w, 30);
    struct emul_facts facts;
    emul_facts_get(w->emul, &facts);
    CU_ASSERT_EQUAL(facts.jp_entries_max, 80);
    CU_ASSERT(!facts.jp_capped_by_mtu);
    world_free(w);
}

static void test_without_groups(void)
{
    struct instance_spec spec = world_spec();
    spec.groups = spec.ingress_groups = spec.receiver_pes = 0;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    emul_traffic_start(w->emul);
    world_run(w, 60);
    CU_ASSERT_EQUAL(emul_pairs_total(w->emul), 0);
    check_metric(w, 0);
    check_clean(w);
    world_free(w);
}

static void test_refused(void)
{
    struct instance_spec spec = world_spec();
    struct emul_ports ports = {0};
    struct loop *loop = loop_new_virtual((struct instant){0});
    struct err err = {0};
    CU_ASSERT_PTR_NULL(emul_new(loop, &ports, &spec, &err));
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
    spec.packet_bytes = 20;
    ports.a1_count = 1;
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(emul_new(loop, &ports, &spec, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    spec = world_spec();
    spec.spmsi_src = 2;
    spec.spmsi_src_flows = 1;
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(emul_new(loop, &ports, &spec, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    loop_free(loop);
}

/* What of each frame is in a fingerprint: headers in front of the first probe's send time. */
#define HEADERS 38

/* Everything that crosses the wires of one short life, as a number; only headers of each frame, or
 * all of it, and times from the begin. */
static uint64_t fingerprint(const struct instance_spec *spec, struct instant begin, size_t most)
{
    struct world *w = world_new_in(loop_new_virtual(begin), spec, NULL);
    world_capture(w);
    CU_ASSERT(world_steady(w));
    world_run(w, 30);
    world_capture_end(w);
    uint64_t h = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct capture_reader *r = capture_reader_open(w->capture_path[i], NULL);
        const uint8_t *frame;
        size_t len;
        struct instant at;
        CU_ASSERT_PTR_NOT_NULL_FATAL(r);
        while (capture_reader_next(r, &frame, &len, &at, NULL) == 1)
            h = hash_bytes(hash_mix(h, (uint64_t)instant_diff(at, begin)), frame,
                           len < most ? len : most);
        capture_reader_close(r);
    }
    world_free(w);
    return h;
}

static void test_seeds(void)
{
    struct instance_spec spec = world_spec();
    struct instant zero = {0};
    uint64_t once = fingerprint(&spec, zero, SIZE_MAX);
    CU_ASSERT_EQUAL(fingerprint(&spec, zero, SIZE_MAX), once);
    spec.seed++;
    CU_ASSERT_NOT_EQUAL(fingerprint(&spec, zero, SIZE_MAX), once);
}

/* An instance is the same whenever it begins: it may run alone, or behind others. */
static void test_begins(void)
{
    struct instant later = {INT64_C(86461234567891)};
    for (unsigned i = 0; i < 4; i++) {
        struct instance_spec spec = world_spec();
        spec.igmp_version = i == 1 ? 2 : i == 2 ? 3 : 0;
        spec.c_rp_on_dut = i == 3;
        spec.spmsi_src = spec.spmsi_src_flows = spec.spmsi_rx = spec.spmsi_rx_flows = i == 0;
        uint64_t once = fingerprint(&spec, (struct instant){0}, HEADERS);
        CU_ASSERT_EQUAL(fingerprint(&spec, later, HEADERS), once);
    }
}

static const struct cu_test tests[] = {
    {"bring-up, flows, metric, window", test_steady},
    {"shapes: ports, one C-interface, many PEs", test_shapes},
    {"shapes: two VLAN tags", test_double_tags},
    {"Join/Prunes in IP fragments", test_fragments},
    {"no groups at all", test_without_groups},
    {"impossible instances are refused", test_refused},
    {"one seed, one sequence of bytes", test_seeds},
    {"an instance is the same whenever it begins", test_begins},
};

CU_MAIN("lab", tests)
