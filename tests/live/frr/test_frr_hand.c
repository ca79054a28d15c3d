/*
 * The FRR driver against frames made by hand (hand.h): plumbing, bring-up of the P instance in ASM
 * (IGMP host -> (*,G) join; data -> Register -> Register-Stop), neighbours, joins, data both ways
 * in two VPNs with the same groups, and the driver's view of all that. The test executable also
 * plays `mvpnbench mti`, the program that the driver starts.
 */
#include "harness/dut/mti_program.h"
#include "tests/live/frr/hand.h"
#include "tests/live/frr/watch.h"
#include "tests/unit/cu.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PACKETS 20

extern const struct dut_driver frr_driver;

static struct loop *loop;
static struct dut dut = {.driver = &frr_driver};
static struct instance_spec spec = {.mvpns = 2,
                                    .c_interfaces = 1,
                                    .remote_pes = 2,
                                    .groups = 2,
                                    .ingress_groups = 1,
                                    .sources = 1,
                                    .receiver_c_ifs = 1,
                                    .receiver_pes = 1,
                                    .period_ns = NS_PER_S};
static struct hand hand;
static struct watch watch_host, watch_router;
static struct dut_view view;

/* Group 1 is ingress (behind C-interface 1), group 2 egress (behind remote PE 1). */
static struct pim_jp_entry entry(uint32_t group, enum pim_jp_kind kind)
{
    uint32_t site = topology_site_of_group(&spec, group);
    return (struct pim_jp_entry){.join = true,
                                 .kind = kind,
                                 .group = topology_group(&spec, group),
                                 .source = kind == PIM_JP_STARG ? topology_site_rp(&spec, site)
                                                                : topology_source(&spec, site, 1)};
}

static void check(int rc, const struct err *err)
{
    if (rc != 0)
        (void)fprintf(stderr, "%s\n", err->text);
    CU_ASSERT_EQUAL_FATAL(rc, 0);
}

static void test_open_and_configure(void)
{
    struct err err = {0};
    struct dut_ports ports;
    struct dut_context ctx = {.loop = loop, .mtu = 1500, .max_c_links = 2};
    check(dut.driver->open(&dut, &ctx, &err), &err);
    dut.driver->describe(&dut, &spec);
    dut.driver->ports(&dut, &ports);
    CU_ASSERT_EQUAL_FATAL(ports.a1_count, 2);
    watch_init(&watch_host, loop, 'p', "m0");
    watch_init(&watch_router, loop, 'g', "g0");
    check(dut.driver->configure(&dut, &spec, &err), &err);
    hand_init(&hand, loop, &ports, &spec);
    check(dut.driver->health(&dut, &err), &err);
    check(dut.driver->window_begin(&dut, &err), &err);
}

static bool igmp_seen(struct hand *h)
{
    return watch_router.queries > 0 && watch_host.joined[1] && watch_host.joined[2] && h != NULL;
}

/* The GRE program joins the default MDTs as an ordinary host; pimd on m0 is its querier. */
static void test_igmp_of_linux_and_frr(void)
{
    CU_ASSERT_TRUE(hand_wait(&hand, igmp_seen, 20));
    CU_ASSERT_EQUAL(watch_host.undecodable, 0);
    CU_ASSERT_EQUAL(watch_router.undecodable, 0);
    CU_ASSERT_EQUAL(watch_router.query_version, 3);
    CU_ASSERT_EQUAL(watch_host.report_version, 3);
}

static bool mdts_joined(struct hand *h)
{
    for (uint32_t v = 1; v <= spec.mvpns; v++) {
        struct pim_jp_entry e = {.join = true,
                                 .kind = PIM_JP_STARG,
                                 .group = topology_mdt_group(&spec, v),
                                 .source = spec.addr.p_rp};
        if (!hand_heard(h, 0, false, spec.addr.p_router_addr, &e))
            return false;
    }
    return h->hello_p > 0 && h->hello_c[1] > 0 && h->hello_c[2] > 0;
}

/* RFC 7761 4.5.4 without a bootstrap router: static P-RP, join after the IGMP report. */
static void test_asm_start_up(void)
{
    hand_hello_links(&hand);
    CU_ASSERT_TRUE(hand_wait(&hand, mdts_joined, 20));
}

static bool pes_heard_us(struct hand *h)
{
    return h->hello_mdt[1] > 0 && h->hello_mdt[2] > 0 && h->registers >= 2;
}

/* The Hellos of the PE leave through Registers first (RFC 7761 4.4), then along the tree. */
static void test_register(void)
{
    for (uint32_t v = 1; v <= spec.mvpns; v++) {
        for (uint32_t r = 1; r <= spec.remote_pes; r++)
            hand_hello_pe(&hand, v, r);
    }
    CU_ASSERT_TRUE(hand_wait(&hand, pes_heard_us, 40));
}

static bool driver_sees_neighbours(struct hand *h)
{
    struct neighbour_count n;
    struct err err = {0};
    (void)h;
    check(dut.driver->neighbours(&dut, &n, &err), &err);
    return n.c_interface == 2 && n.mi_pmsi == 4;
}

static void test_neighbours(void)
{
    CU_ASSERT_TRUE(hand_wait(&hand, driver_sees_neighbours, 10));
}

static bool upstream_joins(struct hand *h)
{
    for (uint32_t v = 1; v <= spec.mvpns; v++) {
        struct pim_jp_entry in[] = {entry(1, PIM_JP_STARG), entry(1, PIM_JP_SG)};
        struct pim_jp_entry out[] = {entry(2, PIM_JP_STARG), entry(2, PIM_JP_SG)};
        for (int i = 0; i < 2; i++) {
            if (!hand_heard(h, v, false, topology_c_router_addr(&spec, v - 1), &in[i]) ||
                !hand_heard(h, v, true, topology_remote_pe_addr(&spec, 1), &out[i]))
                return false;
        }
    }
    return true;
}

/* Joins of C-routers go on to the remote PE over the MTI, those of remote PEs to the C-router. */
static void test_joins(void)
{
    for (uint32_t v = 1; v <= spec.mvpns; v++) {
        struct pim_jp_entry e[] = {entry(2, PIM_JP_STARG), entry(2, PIM_JP_SG),
                                   entry(1, PIM_JP_STARG), entry(1, PIM_JP_SG)};
        hand_c_jp(&hand, v, &e[0]);
        hand_c_jp(&hand, v, &e[1]);
        hand_pe_jp(&hand, v, 2, &e[2]);
        hand_pe_jp(&hand, v, 2, &e[3]);
    }
    CU_ASSERT_TRUE(hand_wait(&hand, upstream_joins, 10));
}

static bool all_arrived(struct hand *h)
{
    return h->probes_c[1] == PACKETS && h->probes_c[2] == PACKETS && h->probes_mdt[1] == PACKETS &&
           h->probes_mdt[2] == PACKETS;
}

static bool first_arrived(struct hand *h)
{
    return h->probes_c[1] > 0 && h->probes_c[2] > 0 && h->probes_mdt[1] > 0 && h->probes_mdt[2] > 0;
}

static void send_one_each(void)
{
    for (uint32_t v = 1; v <= spec.mvpns; v++) {
        struct pim_jp_entry in = entry(1, PIM_JP_SG), out = entry(2, PIM_JP_SG);
        hand_c_data(&hand, v, in.source, in.group);
        hand_pe_data(&hand, v, 1, out.source, out.group);
    }
}

static bool send_until_first(struct hand *h)
{
    if (first_arrived(h))
        return true;
    send_one_each();
    return false;
}

static void test_data_both_ways(void)
{
    CU_ASSERT_TRUE_FATAL(hand_wait(&hand, send_until_first, 10));
    (void)loop_run(loop, instant_add(loop_now(loop), NS_PER_S / 2));
    memset(hand.probes_c, 0, sizeof hand.probes_c);
    memset(hand.probes_mdt, 0, sizeof hand.probes_mdt);
    for (int i = 0; i < PACKETS; i++)
        send_one_each();
    CU_ASSERT_TRUE(hand_wait(&hand, all_arrived, 5));
    CU_ASSERT_EQUAL(hand.probes_wrong, 0);
    CU_ASSERT_EQUAL(hand.undecodable, 0);
    CU_ASSERT_EQUAL(hand.asserts, 0);
}

static void test_view(void)
{
    struct err err = {0};
    struct mvpn_metric expected;
    spec_expected(&spec, &expected);
    check(dut.driver->view(&dut, &view, &err), &err);
    for (int i = 0; i < METRIC_VARS; i++) {
        if (view.metric.v[i] != expected.v[i])
            (void)fprintf(stderr, "metric variable %d: %lld, expected %lld\n", i,
                          (long long)view.metric.v[i], (long long)expected.v[i]);
        CU_ASSERT_EQUAL(view.metric.v[i], expected.v[i]);
    }
    CU_ASSERT_EQUAL(view.p.v[NUM_STARG_P], 2);
    CU_ASSERT_EQUAL(view.p.v[NUM_SG_P], 2);
    CU_ASSERT_EQUAL(view.neighbours.c_interface, 2);
    CU_ASSERT_EQUAL(view.neighbours.mi_pmsi, 4);
    CU_ASSERT_EQUAL(view.utilisation_count, 1 + 1 + 3 * 3); /* sum, GRE program, daemons */
    CU_ASSERT_TRUE(view.utilisation[0].memory_bytes > 1e6);
}

static void test_link_down_is_noticed(void)
{
    struct err err = {0};
    struct neighbour_count n = {0};
    check(port_set_up(hand.c[0], false, &err), &err);
    for (int i = 0; i < 50; i++) {
        (void)loop_run(loop, instant_add(loop_now(loop), NS_PER_S / 10));
        check(dut.driver->neighbours(&dut, &n, &err), &err);
        if (n.c_interface == 1)
            break;
    }
    CU_ASSERT_EQUAL(n.c_interface, 1);
    check(port_set_up(hand.c[0], true, &err), &err);
}

/* A daemon that has died is named, in one line; asking it is one clear error too. */
static void test_dead_daemon(void)
{
    struct err err = {0}, no_answer = {0};
    char path[64];
    long pid = 0;
    (void)snprintf(path, sizeof path, "/var/run/frr/mvb%ld-v2/pimd.pid", (long)getpid());
    FILE *in = fopen(path, "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    CU_ASSERT_EQUAL_FATAL(fscanf(in, "%ld", &pid), 1);
    (void)fclose(in);
    CU_ASSERT_EQUAL_FATAL(kill((pid_t)pid, SIGKILL), 0);
    for (int i = 0; i < 50 && dut.driver->health(&dut, &err) == 0; i++)
        (void)loop_run(loop, instant_add(loop_now(loop), NS_PER_S / 10));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "pimd of VRF 2"));
    CU_ASSERT_EQUAL(dut.driver->view(&dut, &view, &no_answer), -1);
    CU_ASSERT_EQUAL(no_answer.code, ERR_TESTBED);
    CU_ASSERT_PTR_NOT_NULL(strstr(no_answer.text, "vtysh"));
    CU_ASSERT_PTR_NULL(strchr(no_answer.text, '\n'));
}

static void test_configure_again(void)
{
    struct err err = {0};
    spec.mvpns = 1;
    check(dut.driver->unconfigure(&dut, &err), &err);
    check(dut.driver->configure(&dut, &spec, &err), &err);
    spec.mvpns = 3;
    CU_ASSERT_FALSE(dut.driver->fits(&dut, &spec, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "3 C-links"));
}

static void test_close(void)
{
    watch_fini(&watch_host);
    watch_fini(&watch_router);
    dut.driver->close(&dut);
    dut.driver->close(&dut);
    CU_ASSERT_FALSE(watch_leftover(getpid()));
}

static const struct cu_test tests[] = {
    {"open and configure", test_open_and_configure},
    {"IGMP of Linux and FRR", test_igmp_of_linux_and_frr},
    {"ASM start-up", test_asm_start_up},
    {"Register", test_register},
    {"neighbours", test_neighbours},
    {"joins", test_joins},
    {"data both ways", test_data_both_ways},
    {"view", test_view},
    {"link down is noticed", test_link_down_is_noticed},
    {"dead daemon", test_dead_daemon},
    {"configure again", test_configure_again},
    {"close", test_close},
};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "mti") == 0)
        return mti_program_main(argc - 1, argv + 1);
    if (geteuid() != 0 || access("/usr/lib/frr/pimd", X_OK) != 0)
        return CU_SKIP;
    loop = loop_new_real();
    int rc = cu_run("live frr", tests, sizeof tests / sizeof tests[0]);
    dut.driver->close(&dut);
    loop_free(loop);
    return rc;
}
