/*
 * The plan of addresses over seeded random instances: every address maps back to what it was made
 * from, and no two things of one network have the same address.
 */
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>

#define SPECS 200u

static uint32_t draw(struct rng *r, uint32_t least, uint32_t most)
{
    return least + (uint32_t)hash_range(rng_next(r), most - least + 1u);
}

/* Mostly small instances; every eighth is large in one direction. */
static struct instance_spec random_spec(struct rng *r, unsigned n)
{
    bool large = n % 8 == 0;
    struct instance_spec s = {
        .seed = rng_next(r),
        .mvpns = draw(r, 1, large ? 1000 : 20),
        .c_interfaces = draw(r, 1, large ? 64 : 6),
        .remote_pes = draw(r, 1, large ? 1000 : 80),
        .groups = draw(r, 0, large ? 10000 : 200),
        .sources = draw(r, 1, 50),
        .trunk = draw(r, 0, 3) > 0,
    };
    s.ingress_groups = draw(r, 0, s.groups);
    s.pe3_receives = n % 16 == 3;
    s.test_groups = n % 4 == 1 ? draw(r, 0, s.groups - s.ingress_groups) : 0;
    s.receiver_c_ifs = draw(r, 1, s.c_interfaces);
    s.receiver_pes = draw(r, 1, s.remote_pes);
    topology_default_addressing(&s.addr);
    return s;
}

static void each_spec(void (*check)(const struct instance_spec *s))
{
    struct rng r = {2026};
    for (unsigned n = 0; n < SPECS; n++) {
        struct instance_spec s = random_spec(&r, n);
        check(&s);
    }
}

static void check_groups(const struct instance_spec *s)
{
    size_t wrong = 0;
    for (uint32_t j = 1; j <= s->groups; j++) {
        ip4_t group = topology_group(s, j);
        uint32_t site = topology_site_of_group(s, j);
        wrong += topology_group_of(s, group) != j || !ip4_is_multicast(group);
        wrong += !ip4_in(group, topology_site_groups(s, site)) || !topology_site_in_use(s, site);
        wrong += topology_is_ingress(s, j) != (site <= SITE_REMOTE);
        wrong += topology_is_ingress(s, j) && site > s->c_interfaces;
        wrong += !topology_is_ingress(s, j) && site > SITE_REMOTE + topology_remote_sites(s);
        wrong += topology_vpn_of_mdt(s, group) != 0;
        wrong += j > 1 && !topology_is_test(s, j) && group <= topology_group(s, j - 1);
        wrong += topology_is_test(s, j) && site != SITE_REMOTE + 1;
        wrong += topology_is_test(s, j) != (j > s->groups - s->test_groups);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_groups(void)
{
    each_spec(check_groups);
}

/* Whatever is no group of the instance maps to none: addresses beside each site's range. */
static void check_strangers(const struct instance_spec *s)
{
    struct rng r = {s->seed};
    size_t wrong = 0;
    for (unsigned i = 0; i < 2000; i++) {
        ip4_t addr = s->addr.c_group_base + draw(&r, 0, 128u << 16);
        uint32_t j = topology_group_of(s, addr);
        wrong += j > s->groups || (j != 0 && topology_group(s, j) != addr);
        ip4_t source = s->addr.c_source_base + draw(&r, 0, 128u << 16);
        uint32_t site = draw(&r, 1, SITE_REMOTE + SITE_REMOTE_MAX);
        uint32_t k = topology_source_of(s, site, source);
        wrong += k > s->sources || (k != 0 && topology_source(s, site, k) != source);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_strangers(void)
{
    each_spec(check_strangers);
}

static void check_sites(const struct instance_spec *s)
{
    size_t wrong = 0, used = 0;
    bool *has_group = mem_zalloc(SITE_REMOTE + SITE_REMOTE_MAX + 2, sizeof(*has_group));
    for (uint32_t j = 1; j <= s->groups; j++)
        has_group[topology_site_of_group(s, j)] = true;
    for (uint32_t site = 0; site <= SITE_REMOTE + SITE_REMOTE_MAX + 1; site++) {
        wrong += topology_site_in_use(s, site) != has_group[site];
        used += has_group[site];
    }
    free(has_group);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(used <= s->c_interfaces + topology_remote_sites(s));
    for (uint32_t site = 1; site <= SITE_REMOTE + SITE_REMOTE_MAX; site++) {
        struct ip4_prefix p = topology_site_sources(s, site);
        ip4_t rp = topology_site_rp(s, site);
        wrong += !ip4_in(rp, p) || topology_source_of(s, site, rp) != 0;
        for (uint32_t k = 1; k <= s->sources; k++) {
            ip4_t source = topology_source(s, site, k);
            wrong += topology_source_of(s, site, source) != k || !ip4_in(source, p);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_sites(void)
{
    each_spec(check_sites);
}

static void check_flows(const struct instance_spec *s)
{
    uint64_t count = spec_flow_count(s);
    if (count == 0)
        return;
    size_t wrong = 0;
    uint64_t step = count / 5000 + 1;
    for (uint64_t flow = 1; flow <= count; flow += step) {
        uint32_t v, j, k;
        topology_flow_split(s, (uint32_t)flow, &v, &j, &k);
        wrong += topology_flow(s, v, j, k) != flow;
        wrong += v < 1 || v > s->mvpns || j < 1 || j > s->groups || k < 1 || k > s->sources;
    }
    wrong += topology_flow(s, 1, 1, 1) != 1;
    wrong += topology_flow(s, s->mvpns, s->groups, s->sources) != (uint32_t)count;
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_flows(void)
{
    each_spec(check_flows);
}

static void check_vlans(const struct instance_spec *s)
{
    size_t wrong = 0;
    uint32_t links = s->mvpns * s->c_interfaces;
    for (uint32_t v = 1; v <= s->mvpns; v++) {
        for (uint32_t i = 1; i <= s->c_interfaces; i++) {
            uint32_t link = topology_c_link_index(s, v, i);
            struct vlan_tags tags = topology_vlan(s, link);
            wrong += link >= links || link / s->c_interfaces != v - 1;
            if (!s->trunk) {
                wrong += tags.outer != 0 || tags.inner != 0;
                continue;
            }
            wrong += topology_c_link_of(s, tags) != link;
            wrong += tags.outer == 0 || tags.outer > 4094 || tags.inner > 4094;
            wrong += (tags.inner == 0) != (links <= 4094);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_vlans(void)
{
    each_spec(check_vlans);
}

/* Where single tags end and double ones begin, and tags that are no link. */
static void test_vlan_edges(void)
{
    struct instance_spec s = {.mvpns = 4094, .c_interfaces = 1, .trunk = true};
    struct vlan_tags tags = topology_vlan(&s, 4093);
    CU_ASSERT(tags.outer == 4094 && tags.inner == 0);
    CU_ASSERT_EQUAL(topology_c_link_of(&s, (struct vlan_tags){4095, 0}), UINT32_MAX);
    CU_ASSERT_EQUAL(topology_c_link_of(&s, (struct vlan_tags){0, 0}), UINT32_MAX);
    CU_ASSERT_EQUAL(topology_c_link_of(&s, (struct vlan_tags){7, 1}), UINT32_MAX);
    s.mvpns = 1024;
    s.c_interfaces = 4;
    tags = topology_vlan(&s, 4095);
    CU_ASSERT(tags.outer == 1024 && tags.inner == 4);
    CU_ASSERT_EQUAL(topology_c_link_of(&s, (struct vlan_tags){1, 0}), UINT32_MAX);
    CU_ASSERT_EQUAL(topology_c_link_of(&s, (struct vlan_tags){1, 5}), UINT32_MAX);
    CU_ASSERT_EQUAL(topology_c_link_of(&s, (struct vlan_tags){1025, 1}), UINT32_MAX);
}

static void check_pes(const struct instance_spec *s)
{
    size_t wrong = 0;
    for (uint32_t r = 1; r <= s->remote_pes; r++) {
        ip4_t addr = topology_remote_pe_addr(s, r);
        struct ip4_prefix all = {s->addr.dut_mdt_addr, s->addr.remote_pe_len};
        wrong += topology_remote_pe_of(s, addr) != r || addr == s->addr.dut_mdt_addr;
        wrong += !ip4_in(addr, all);
    }
    wrong += topology_remote_pe_of(s, s->addr.dut_mdt_addr) != 0;
    wrong += topology_remote_pe_of(s, topology_remote_pe_addr(s, s->remote_pes + 1)) != 0;
    for (uint32_t v = 1; v <= s->mvpns; v++)
        wrong += topology_vpn_of_mdt(s, topology_mdt_group(s, v)) != v;
    wrong += topology_vpn_of_mdt(s, topology_mdt_group(s, s->mvpns + 1)) != 0;
    wrong += topology_vpn_of_mdt(s, s->addr.mdt_base) != 0;
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_pes(void)
{
    each_spec(check_pes);
}

static int compare(const void *a, const void *b)
{
    ip4_t x = *(const ip4_t *)a, y = *(const ip4_t *)b;
    return x < y ? -1 : x > y;
}

static size_t repeated(ip4_t *addr, size_t count)
{
    size_t same = 0;
    qsort(addr, count, sizeof(*addr), compare);
    for (size_t i = 1; i < count; i++)
        same += addr[i] == addr[i - 1];
    return same;
}

/* All unicast addresses and all groups of one instance are different from one another. */
static void check_collisions(const struct instance_spec *s)
{
    uint32_t links = s->mvpns * s->c_interfaces;
    size_t cap = 4 + s->remote_pes + 2u * links + 128u * (s->sources + 1u), n = 0;
    ip4_t *addr = mem_zalloc(cap, sizeof(*addr));
    addr[n++] = s->addr.dut_p_addr;
    addr[n++] = s->addr.p_router_addr;
    addr[n++] = s->addr.p_rp;
    addr[n++] = s->addr.dut_mdt_addr;
    for (uint32_t r = 1; r <= s->remote_pes; r++)
        addr[n++] = topology_remote_pe_addr(s, r);
    for (uint32_t link = 0; link < links; link++) {
        addr[n++] = topology_dut_c_addr(s, link);
        addr[n++] = topology_c_router_addr(s, link);
    }
    for (uint32_t site = 1; site <= SITE_REMOTE + SITE_REMOTE_MAX; site++) {
        if (!topology_site_in_use(s, site))
            continue;
        addr[n++] = topology_site_rp(s, site);
        for (uint32_t k = 1; k <= s->sources; k++)
            addr[n++] = topology_source(s, site, k);
    }
    CU_ASSERT_FATAL(n <= cap);
    CU_ASSERT_EQUAL(repeated(addr, n), 0);
    free(addr);
    addr = mem_zalloc(s->groups + s->mvpns, sizeof(*addr));
    n = 0;
    for (uint32_t j = 1; j <= s->groups; j++)
        addr[n++] = topology_group(s, j);
    for (uint32_t v = 1; v <= s->mvpns; v++)
        addr[n++] = topology_mdt_group(s, v);
    CU_ASSERT_EQUAL(repeated(addr, n), 0);
    free(addr);
}

static void test_collisions(void)
{
    each_spec(check_collisions);
}

static void test_macs(void)
{
    struct mac p = topology_p_router_mac();
    static const uint8_t apparatus[] = {0x02, 0x4d, 0x56};
    size_t wrong = memcmp(p.b, apparatus, sizeof(apparatus)) != 0;
    uint64_t last = 0;
    for (uint32_t link = 0; link < 70000; link++) {
        struct mac m = topology_c_router_mac(link);
        uint64_t value = 0;
        for (size_t i = 0; i < sizeof(m.b); i++)
            value = value << 8 | m.b[i];
        wrong += memcmp(m.b, apparatus, sizeof(apparatus)) != 0;
        wrong += mac_equal(m, p) || value <= last;
        last = value;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Each ingress group has exactly k receiving PEs; over many groups every PE gets its share. */
static void check_receivers(const struct instance_spec *s)
{
    size_t wrong = 0;
    uint32_t groups = s->ingress_groups < 5 ? s->ingress_groups : 5;
    for (uint32_t j = 1; j <= groups; j++) {
        uint32_t receivers = 0;
        for (uint32_t r = 1; r <= s->remote_pes; r++)
            receivers += topology_pe_receives(s, 1, j, r);
        wrong += receivers != s->receiver_pes;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_receivers(void)
{
    each_spec(check_receivers);
    struct instance_spec s = {.seed = 5, .remote_pes = 10, .receiver_pes = 5, .mvpns = 1};
    for (uint32_t r = 1; r <= 10; r++) {
        unsigned of_groups = 0;
        for (uint32_t j = 1; j <= 1000; j++)
            of_groups += topology_pe_receives(&s, 1, j, r);
        CU_ASSERT(of_groups > 400 && of_groups < 600);
    }
}

/* ---- data MDTs --------------------------------------------------------------------------------
 */

/* One direction's S-PMSIs: as many as can be, or fewer; every other time with reuse. */
static void draw_spmsi(struct rng *r, struct instance_spec *s, bool by_dut)
{
    uint32_t *mdts = by_dut ? &s->spmsi_src : &s->spmsi_rx;
    uint32_t *flows = by_dut ? &s->spmsi_src_flows : &s->spmsi_rx_flows;
    bool reuse = draw(r, 0, 1) == 1;
    *mdts = *flows = 1;
    *flows += reuse; /* what there is for more flows than S-PMSIs */
    uint32_t most = topology_spmsi_flows_max(s, by_dut);
    if (most < *flows) {
        *mdts = *flows = 0;
        return;
    }
    *flows = draw(r, *flows, most);
    uint32_t top = *flows - (reuse ? 1 : 0);
    *mdts = reuse ? draw(r, 1, top < DATA_MDTS_PER_VPN ? top : DATA_MDTS_PER_VPN)
                  : (*flows < DATA_MDTS_PER_VPN ? *flows : DATA_MDTS_PER_VPN);
    *flows = reuse ? *flows : *mdts;
}

static void each_spmsi_spec(void (*check)(const struct instance_spec *s))
{
    struct rng r = {6037};
    for (unsigned n = 0; n < SPECS; n++) {
        struct instance_spec s = random_spec(&r, n);
        draw_spmsi(&r, &s, true);
        draw_spmsi(&r, &s, false);
        check(&s);
    }
}

static void check_data_mdt(const struct instance_spec *s, uint32_t v, bool by_dut, uint32_t n,
                           size_t *wrong)
{
    uint32_t vpn = 0;
    bool dut = !by_dut;
    ip4_t group = topology_data_mdt(s, v, by_dut, n);
    uint32_t count = by_dut ? s->spmsi_src : s->spmsi_rx;
    bool there = n >= 1 && n <= count && v <= s->mvpns;
    uint32_t got = topology_data_mdt_of(s, group, &vpn, &dut);
    *wrong += there && (got != n || vpn != v || dut != by_dut);
    *wrong += !there && got != 0;
    *wrong += !ip4_in(group, (struct ip4_prefix){IP4(232, 0, 0, 0), 8}); /* SSM */
    *wrong += topology_vpn_of_mdt(s, group) != 0;
}

static void check_data_mdts(const struct instance_spec *s)
{
    size_t wrong = 0;
    for (uint32_t v = 1; v <= s->mvpns + 1; v += 1 + s->mvpns / 40) {
        for (int i = 0; i < 2; i++) {
            uint32_t count = i == 0 ? s->spmsi_src : s->spmsi_rx;
            for (uint32_t n = 1; n <= count; n++)
                check_data_mdt(s, v, i == 0, n, &wrong);
            check_data_mdt(s, v, i == 0, 0, &wrong);
            if (count < DATA_MDTS_PER_VPN)
                check_data_mdt(s, v, i == 0, count + 1, &wrong);
        }
    }
    check_data_mdt(s, s->mvpns + 1, true, 1, &wrong);
    check_data_mdt(s, s->mvpns + 1, false, 1, &wrong);
    uint32_t v;
    bool by_dut;
    wrong += topology_data_mdt_of(s, topology_mdt_group(s, 1), &v, &by_dut) != 0;
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_data_mdts(void)
{
    each_spmsi_spec(check_data_mdts);
}

/* Exactly the flows that are asked for are on S-PMSIs, of the right direction, dealt evenly, and
 * an S-PMSI that is received belongs to one remote PE. */
static void check_flow_spmsi(const struct instance_spec *s)
{
    uint32_t *on = mem_zalloc(2 * (DATA_MDTS_PER_VPN + 1), sizeof(*on));
    uint32_t *site_of = mem_zalloc(DATA_MDTS_PER_VPN + 1, sizeof(*site_of));
    uint32_t total[2] = {0, 0};
    size_t wrong = 0;
    for (uint32_t j = 1; j <= s->groups; j++) {
        for (uint32_t k = 1; k <= s->sources; k++) {
            bool ingress = topology_is_ingress(s, j);
            uint32_t n = topology_flow_spmsi(s, 1, j, k), site = topology_site_of_group(s, j);
            if (n == 0)
                continue;
            wrong += n > (ingress ? s->spmsi_src : s->spmsi_rx);
            on[(ingress ? 0 : DATA_MDTS_PER_VPN + 1) + n]++;
            total[!ingress]++;
            wrong += topology_is_test(s, j);
            wrong += !ingress && site_of[n] != 0 && site_of[n] != site;
            site_of[n] = ingress ? site_of[n] : site;
        }
    }
    wrong += total[0] != s->spmsi_src_flows || total[1] != s->spmsi_rx_flows;
    for (uint32_t n = 1; n <= s->spmsi_src; n++)
        wrong += on[n] < s->spmsi_src_flows / s->spmsi_src ||
                 on[n] > (s->spmsi_src_flows + s->spmsi_src - 1) / s->spmsi_src;
    for (uint32_t n = 1; n <= s->spmsi_rx; n++)
        wrong +=
            on[DATA_MDTS_PER_VPN + 1 + n] < s->spmsi_rx_flows / s->spmsi_rx ||
            on[DATA_MDTS_PER_VPN + 1 + n] > (s->spmsi_rx_flows + s->spmsi_rx - 1) / s->spmsi_rx;
    CU_ASSERT_EQUAL(wrong, 0);
    free(on);
    free(site_of);
}

static void test_flow_spmsi(void)
{
    each_spmsi_spec(check_flow_spmsi);
}

/* By hand: 4 ingress and 6 egress groups of 2 sources, remote sites 2. */
static void test_flow_spmsi_by_hand(void)
{
    struct instance_spec s = {.mvpns = 2,
                              .c_interfaces = 2,
                              .remote_pes = 2,
                              .groups = 10,
                              .ingress_groups = 4,
                              .sources = 2,
                              .spmsi_src = 3,
                              .spmsi_src_flows = 5,
                              .spmsi_rx = 3,
                              .spmsi_rx_flows = 3};
    topology_default_addressing(&s.addr);
    static const uint32_t by_dut[] = {1, 2, 3, 1, 2, 0, 0, 0};
    static const uint32_t one_each[] = {1, 2, 0, 0, 0, 0, 3, 0};
    for (uint32_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(topology_flow_spmsi(&s, 1, 1 + i / 2, 1 + i % 2), by_dut[i]);
    for (uint32_t i = 0; i < 8; i++) /* groups 5 and 8 are the first of each remote site */
        CU_ASSERT_EQUAL(topology_flow_spmsi(&s, 1, 5 + i / 2, 1 + i % 2), one_each[i]);
    CU_ASSERT(topology_spmsi_flows_max(&s, true) == 8 && topology_spmsi_flows_max(&s, false) == 12);
    s.spmsi_rx_flows = 5; /* reuse: groups 5, 6, 7, which are those of the first remote PE */
    static const uint32_t reused[] = {1, 2, 3, 1, 2, 0, 0, 0, 0, 0, 0, 0};
    for (uint32_t i = 0; i < 12; i++)
        CU_ASSERT_EQUAL(topology_flow_spmsi(&s, 1, 5 + i / 2, 1 + i % 2), reused[i]);
    CU_ASSERT_EQUAL(topology_spmsi_flows_max(&s, false), 6);
    CU_ASSERT_EQUAL(topology_data_mdt(&s, 2, true, 3), IP4(232, 16, 4, 3));
    CU_ASSERT_EQUAL(topology_data_mdt(&s, 1, false, 1), IP4(232, 64, 0, 1));
}

static void check_rps(const struct instance_spec *s)
{
    struct instance_spec on_dut = *s;
    size_t wrong = 0;
    on_dut.c_rp_on_dut = true;
    for (uint32_t j = 1; j <= s->groups; j++) {
        wrong += topology_rp_of_group(s, j) != topology_site_rp(s, topology_site_of_group(s, j));
        wrong += topology_rp_of_group(&on_dut, j) != s->addr.dut_c_rp;
    }
    for (uint32_t site = 1; site <= SITE_REMOTE + SITE_REMOTE_MAX; site++)
        wrong += ip4_in(s->addr.dut_c_rp, topology_site_sources(s, site));
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_rps(void)
{
    each_spec(check_rps);
}

/* PROTOCOLS section 13: the P instance by variant of the default MDT, with data MDTs. */
static void test_expected_p(void)
{
    static const struct {
        enum mdt_mode mdt;
        uint32_t n, r, src, rx;
        int64_t starg, sg;
    } rows[] = {
        {MDT_ASM, 1, 1, 0, 0, 1, 1},        {MDT_ASM, 7, 3, 2, 8, 7, 7 + 70},
        {MDT_SSM, 1, 1, 0, 0, 0, 2},        {MDT_SSM, 4, 500, 0, 0, 0, 4 * 501},
        {MDT_SSM, 3, 10, 2, 8, 0, 33 + 30}, {MDT_BIDIR, 5, 9, 0, 0, 5, 0},
        {MDT_BIDIR, 5, 9, 1, 1, 5, 10},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct instance_spec s = {.mvpns = rows[i].n,
                                  .c_interfaces = 1,
                                  .remote_pes = rows[i].r,
                                  .mdt = rows[i].mdt,
                                  .spmsi_src = rows[i].src,
                                  .spmsi_rx = rows[i].rx};
        struct p_metric p;
        struct mvpn_metric m;
        spec_expected_p(&s, &p);
        spec_expected(&s, &m);
        CU_ASSERT(p.v[NUM_STARG_P] == rows[i].starg && p.v[NUM_SG_P] == rows[i].sg);
        CU_ASSERT_EQUAL(p.v[NUM_OIF_P], METRIC_UNKNOWN);
        CU_ASSERT_EQUAL(m.v[NUM_SPMSI_SRC], (int64_t)rows[i].n * rows[i].src);
        CU_ASSERT_EQUAL(m.v[NUM_SPMSI_RX], (int64_t)rows[i].n * rows[i].rx);
    }
}

/* PROTOCOLS section 13, with the figures that the draft prints for 9.1, 9.8, 9.9 and 9.10. */
static void test_expected(void)
{
    static const struct {
        struct instance_spec s;
        int64_t starg, sg, oif, neighbours;
    } draft[] = {
        {{.mvpns = 7,
          .c_interfaces = 1,
          .remote_pes = 1,
          .groups = 2,
          .ingress_groups = 1,
          .sources = 1,
          .receiver_c_ifs = 1},
         2 * 7,
         2 * 7,
         4 * 7,
         2 * 7},
        {{.mvpns = 3,
          .c_interfaces = 2,
          .remote_pes = 10,
          .groups = 10,
          .ingress_groups = 1,
          .sources = 2,
          .receiver_c_ifs = 2},
         10 * 3,
         20 * 3,
         60 * 3,
         12 * 3},
        {{.mvpns = 3,
          .c_interfaces = 2,
          .remote_pes = 10,
          .groups = 100,
          .ingress_groups = 10,
          .sources = 2,
          .receiver_c_ifs = 2},
         100 * 3,
         200 * 3,
         600 * 3,
         12 * 3},
        {{.mvpns = 3,
          .c_interfaces = 2,
          .remote_pes = 10,
          .groups = 33,
          .ingress_groups = 3,
          .sources = 2,
          .receiver_c_ifs = 2},
         33 * 3,
         66 * 3,
         198 * 3,
         12 * 3},
    };
    for (size_t i = 0; i < sizeof(draft) / sizeof(draft[0]); i++) {
        struct mvpn_metric m;
        spec_expected(&draft[i].s, &m);
        CU_ASSERT_EQUAL(m.v[NUM_MVPN], draft[i].s.mvpns);
        CU_ASSERT_EQUAL(m.v[NUM_PE], draft[i].s.remote_pes + 1);
        CU_ASSERT_EQUAL(m.v[NUM_STARG_C], draft[i].starg);
        CU_ASSERT_EQUAL(m.v[NUM_SG_C], draft[i].sg);
        CU_ASSERT_EQUAL(m.v[NUM_OIF_C], draft[i].oif);
        CU_ASSERT_EQUAL(m.v[NUM_PIM_C_NEIGH], draft[i].neighbours);
        CU_ASSERT_EQUAL(m.v[NUM_SPMSI_SRC], 0);
        CU_ASSERT_EQUAL(m.v[NUM_SPMSI_RX], 0);
    }
}

static const struct cu_test tests[] = {
    {"groups map back", test_groups},
    {"strangers map to nothing", test_strangers},
    {"sites, sources, RPs", test_sites},
    {"flows map back", test_flows},
    {"C-links and VLANs map back", test_vlans},
    {"single and double tags", test_vlan_edges},
    {"remote PEs and default MDTs map back", test_pes},
    {"no address twice", test_collisions},
    {"MAC addresses", test_macs},
    {"receiving PEs", test_receivers},
    {"the expected metric", test_expected},
    {"data MDTs map back", test_data_mdts},
    {"flows on data MDTs", test_flow_spmsi},
    {"flows on data MDTs by hand", test_flow_spmsi_by_hand},
    {"RPs of groups", test_rps},
    {"the expected P instance", test_expected_p},
};

CU_MAIN("base/topology", tests)
