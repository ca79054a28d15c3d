/* S-PMSIs in both directions against the reference PE: switches, reuse, faults, outages. */
#include "emul/base/rng.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"
#include "tests/sim/lab/check.h"
#include "tests/unit/cu.h"

#include <string.h>

static struct instance_spec spmsi_spec(void)
{
    struct instance_spec s = world_spec();
    s.spmsi_src = s.spmsi_src_flows = 3;
    s.spmsi_rx = s.spmsi_rx_flows = 2;
    s.spmsi_delay_ns = 3 * NS_PER_S;
    return s;
}

static void check_switches(struct world *w, uint64_t mdts, uint64_t flows, double delay_s)
{
    struct emul_spmsi s;
    emul_spmsi_get(w->emul, &s);
    double period_s = (double)w->spec.period_ns / 1e9;
    CU_ASSERT_EQUAL(s.src_mdts, mdts);
    CU_ASSERT_EQUAL(s.src_flows, flows);
    CU_ASSERT_EQUAL(s.src_announced, flows);
    CU_ASSERT_EQUAL(s.src_reused_mdts, flows > mdts ? mdts : 0);
    CU_ASSERT_EQUAL(s.switches, flows);
    CU_ASSERT((double)s.delay_min_ns / 1e9 >= delay_s);
    CU_ASSERT((double)s.delay_max_ns / 1e9 <= delay_s + period_s);
    CU_ASSERT(s.delay_avg_ns >= s.delay_min_ns && s.delay_avg_ns <= s.delay_max_ns);
    CU_ASSERT_EQUAL(s.switch_lost, 0);
    CU_ASSERT_EQUAL(s.switch_duplicate, 0);
    (void)printf("\n    %llu switches, delay %.3f/%.3f/%.3f s, %llu TLVs in %llu datagrams ",
                 (unsigned long long)s.switches, (double)s.delay_min_ns / 1e9,
                 (double)s.delay_avg_ns / 1e9, (double)s.delay_max_ns / 1e9,
                 (unsigned long long)s.tlvs, (unsigned long long)s.tlv_datagrams);
}

static void check_received(struct world *w, uint64_t mdts, uint64_t flows)
{
    struct emul_spmsi s;
    emul_spmsi_get(w->emul, &s);
    CU_ASSERT_EQUAL(s.rx_announced, mdts);
    CU_ASSERT_EQUAL(s.rx_joined, mdts);
    CU_ASSERT_EQUAL(s.rx_flows, flows);
}

static void test_both_directions(void)
{
    for (enum mdt_mode mode = MDT_ASM; mode <= MDT_BIDIR; mode++) {
        struct instance_spec spec = spmsi_spec();
        spec.mdt = mode;
        struct world *w = world_new(&spec, NULL);
        CU_ASSERT_FATAL(world_steady(w));
        world_run(w, 90);
        check_metric(w, 0);
        check_switches(w, 6, 6, 3);
        check_received(w, 4, 4);
        check_window(w);
        emul_withdraw(w->emul);
        CU_ASSERT(world_until(w, world_withdrawn, 60));
        struct emul_spmsi s;
        emul_spmsi_get(w->emul, &s);
        CU_ASSERT_EQUAL(s.rx_announced, 0);
        world_free(w);
    }
}

/* From the first packet over both switches nothing is lost, and nothing is withheld from a DUT that
 * joins in time. */
static void test_window_over_switch(void)
{
    struct instance_spec spec = spmsi_spec();
    struct world *w = world_new(&spec, NULL);
    struct emul_window win;
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_refreshed, 300));
    emul_window_open(w->emul);
    emul_traffic_start(w->emul);
    world_run(w, 20);
    emul_window_close(w->emul);
    world_run(w, 1);
    emul_window_get(w->emul, &win);
    CU_ASSERT_EQUAL(win.ingress.received, win.ingress.sent);
    CU_ASSERT_EQUAL(win.egress.received, win.egress.sent);
    CU_ASSERT_EQUAL(win.egress.not_joined, 0);
    check_switches(w, 6, 6, 3);
    check_received(w, 4, 4);
    /* Sources that stop and start again announce and switch again. */
    emul_traffic_stop(w->emul);
    world_run(w, 5);
    emul_traffic_start(w->emul);
    CU_ASSERT(world_until(w, world_flowing, 60));
    world_run(w, 60);
    check_received(w, 4, 4);
    check_window(w);
    world_free(w);
}

static void test_reuse(void)
{
    struct instance_spec spec = spmsi_spec();
    spec.groups = 12;
    spec.ingress_groups = 6;
    spec.spmsi_src = 2;
    spec.spmsi_src_flows = 7;
    spec.spmsi_rx = 1;
    spec.spmsi_rx_flows = 3;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 90);
    check_metric(w, 0);
    check_switches(w, 4, 14, 3);
    check_received(w, 2, 6);
    check_window(w);
    world_free(w);
}

static void test_delay(void)
{
    struct refpe_settings settings;
    refpe_settings_default(&settings);
    settings.spmsi_delay_ms = 4321;
    struct instance_spec spec = spmsi_spec();
    spec.period_ns = 100 * NS_PER_MS;
    struct world *w = world_new(&spec, &settings);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 30);
    check_switches(w, 6, 6, 4.321);
    world_free(w);
}

/* Many flows: several TLVs a datagram, more than one datagram. */
static void test_many(void)
{
    struct instance_spec spec = spmsi_spec();
    spec.mvpns = spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = spec.receiver_pes = 1;
    spec.groups = 500;
    spec.ingress_groups = 250;
    spec.spmsi_src = spec.spmsi_src_flows = 500;
    spec.spmsi_rx = spec.spmsi_rx_flows = 500;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 90);
    check_metric(w, 0);
    check_switches(w, 500, 500, 3);
    check_received(w, 500, 500);
    check_window(w);
    world_free(w);
}

/* Counts failures of that text; every one names a flow, its VPN and the criterion. */
static size_t named(struct world *w, const char *what)
{
    struct emul_failure failures[256];
    size_t n = emul_failures(w->emul, failures, 256), found = 0;
    for (size_t i = 0; i < n && i < 256; i++) {
        const struct emul_failure *f = &failures[i];
        if (strcmp(f->interface, what) != 0)
            continue;
        uint32_t v, j, k;
        topology_flow_split(&w->spec, f->flow, &v, &j, &k);
        CU_ASSERT_EQUAL(f->criterion, CRIT_SPMSI);
        CU_ASSERT_EQUAL(f->vpn, v);
        CU_ASSERT(topology_flow_spmsi(&w->spec, 1, j, k) != 0);
        CU_ASSERT(f->count > 0);
        found++;
    }
    return found;
}

static const char *const faults[] = {"announced, never moved", "moved, never announced",
                                     "not joined", "on both MDTs"};

/* Exactly the fault that was set is named, for every flow that has it. */
static void check_fault(const struct instance_spec *spec, const struct refpe_settings *settings,
                        const char *what, size_t flows)
{
    struct world *w = world_new(spec, settings);
    (void)world_steady(w);
    world_run(w, 90);
    emul_window_open(w->emul);
    world_run(w, 30);
    emul_window_close(w->emul);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        size_t found = named(w, faults[i]), expected = strcmp(faults[i], what) == 0 ? flows : 0;
        CU_ASSERT_EQUAL(found, expected);
        if (found != expected)
            (void)printf("\n  %s: %zu, expected %zu", faults[i], found, expected);
    }
    world_free(w);
}

/* One fault after the other; flows: how many are on the S-PMSI that has it. */
static void check_faults(const struct instance_spec *spec, size_t src_flows, size_t rx_flows)
{
    struct refpe_settings settings;
    refpe_settings_default(&settings);
    check_fault(spec, &settings, "", 0);
    settings.faults.spmsi_announce_only = 1;
    check_fault(spec, &settings, "announced, never moved", src_flows);
    refpe_settings_default(&settings);
    settings.faults.spmsi_silent = 1;
    check_fault(spec, &settings, "moved, never announced", src_flows);
    refpe_settings_default(&settings);
    settings.faults.spmsi_no_join = 1;
    check_fault(spec, &settings, "not joined", rx_flows);
    refpe_settings_default(&settings);
    settings.faults.spmsi_both = 1;
    check_fault(spec, &settings, "on both MDTs", src_flows);
}

static void test_faults(void)
{
    struct instance_spec spec = spmsi_spec();
    check_faults(&spec, 1, 1);
    spec.spmsi_src = 2;
    spec.spmsi_src_flows = 4;
    spec.spmsi_rx = 1;
    spec.spmsi_rx_flows = 2;
    check_faults(&spec, 2, 2);
}

/* After an outage flows are where they belong, and no TLV's absence is taken for a fault. */
static void flap(enum emul_side side, double hold_s)
{
    struct instance_spec spec = spmsi_spec();
    struct world *w = world_new(&spec, NULL);
    struct emul_recovery r;
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    emul_recovery_begin(w->emul);
    CU_ASSERT_EQUAL(emul_link(w->emul, side, false, NULL), 0);
    world_run(w, hold_s);
    CU_ASSERT_EQUAL(emul_link(w->emul, side, true, NULL), 0);
    emul_recovery_action(w->emul, loop_now(w->loop));
    world_run(w, 240);
    emul_recovery_get(w->emul, &r);
    CU_ASSERT(r.settled);
    CU_ASSERT_EQUAL(r.not_recovered, 0);
    CU_ASSERT_EQUAL(r.lost_again, 0);
    CU_ASSERT(world_flowing(w));
    check_metric(w, 0);
    check_received(w, 4, 4);
    check_window(w);
    (void)printf("\n    %s link %.0f s: all back %.3f s after Tf ", side == SIDE_P ? "P" : "C",
                 hold_s, (double)instant_diff(r.trall, r.tf) / 1e9);
    world_free(w);
}

static void test_flaps(void)
{
    flap(SIDE_P, 20);
    flap(SIDE_P, 300);
    flap(SIDE_C, 20);
    flap(SIDE_C, 300);
}

/* A datagram of TLVs as the DUT would send it, on VPN v's default MDT. */
static size_t tlv_frame(const struct instance_spec *s, uint32_t v, const uint8_t *tlvs, size_t len,
                        uint8_t *frame, size_t cap)
{
    uint8_t message[2048], inner[2048];
    ip4_t dut = s->addr.dut_mdt_addr, mdt = topology_mdt_group(s, v);
    struct udp udp = {.sport = MDT_PORT, .dport = MDT_PORT, .payload = tlvs, .payload_bytes = len};
    struct wr w = wr_init(message, sizeof(message));
    (void)udp_encode(&w, dut, IPV4_ALL_PIM_ROUTERS, &udp);
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_UDP,
                      .src = dut,
                      .dst = IPV4_ALL_PIM_ROUTERS,
                      .payload = message,
                      .payload_bytes = w.pos};
    w = wr_init(inner, sizeof(inner));
    (void)ipv4_encode(&w, &ip);
    struct gre gre = {.protocol = ETHERTYPE_IPV4, .payload = inner, .payload_bytes = w.pos};
    w = wr_init(message, sizeof(message));
    (void)gre_encode(&w, &gre);
    ip = (struct ipv4){.ttl = 255,
                       .protocol = IPPROTO_NUM_GRE,
                       .src = dut,
                       .dst = mdt,
                       .payload = message,
                       .payload_bytes = w.pos};
    struct eth eth = {.dst = mac_of_group(mdt), .ethertype = ETHERTYPE_IPV4};
    w = wr_init(frame, cap);
    (void)eth_encode(&w, &eth);
    (void)ipv4_encode(&w, &ip);
    return w.pos;
}

/* A peer that announces anything: known flows for any group, damaged and cut TLVs. */
static void test_wild_tlvs(void)
{
    struct instance_spec spec = spmsi_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct rng rng = {11};
    uint8_t tlvs[64 * MDT_JOIN_TLV_BYTES], frame[2048];
    for (int i = 0; i < 20000; i++) {
        struct wr t = wr_init(tlvs, sizeof(tlvs));
        uint64_t count = rng_next(&rng) % 8 + 1;
        for (uint64_t n = 0; n < count; n++) {
            uint32_t j = (uint32_t)(rng_next(&rng) % 4 + 1);
            struct mdt_join tlv = {topology_source(&spec, topology_site_of_group(&spec, j),
                                                   (uint32_t)(rng_next(&rng) % 4)),
                                   topology_group(&spec, j),
                                   IP4(232, 0, 0, 0) + (uint32_t)(rng_next(&rng) % 5000)};
            (void)mdt_join_encode(&t, &tlv);
        }
        size_t len = t.pos;
        if (rng_next(&rng) % 4 == 0)
            tlvs[rng_next(&rng) % len] = (uint8_t)rng_next(&rng);
        if (rng_next(&rng) % 8 == 0)
            len -= rng_next(&rng) % len;
        size_t bytes =
            tlv_frame(&spec, (uint32_t)(rng_next(&rng) % 2 + 1), tlvs, len, frame, sizeof(frame));
        port_deliver(w->a3[0], frame, bytes, loop_now(w->loop));
        if (i % 100 == 0)
            world_run(w, 0.01);
    }
    struct emul_spmsi s;
    struct emul_health health;
    emul_spmsi_get(w->emul, &s);
    emul_health_get(w->emul, &health);
    CU_ASSERT(s.tlvs > 20000);
    CU_ASSERT(s.src_announced <= 8);
    CU_ASSERT(health.undecodable > 1000);
    /* What was made up times out, and the DUT's own word counts again. */
    world_run(w, 300);
    CU_ASSERT(world_flowing(w));
    check_metric(w, 0);
    world_free(w);
}

static const struct cu_test tests[] = {
    {"both directions, on ASM, SSM and BIDIR", test_both_directions},
    {"no packet is lost by a switch", test_window_over_switch},
    {"data MDTs shared by flows", test_reuse},
    {"a switching delay of 4,321 ms", test_delay},
    {"500 S-PMSIs of each direction", test_many},
    {"each fault is named", test_faults},
    {"cables pulled for 20 s and 300 s", test_flaps},
    {"TLVs of a wild peer", test_wild_tlvs},
};

CU_MAIN("lab s-pmsi", tests)
