/* The PE as IGMP querier and last hop, versions 2 and 3, by hand-made messages of hosts. */
#include "bench.h"
#include "emul/wire/igmp.h"
#include "tests/unit/cu.h"

#define ALL_SYSTEMS IP4(224, 0, 0, 1)

static struct refpe_settings s;

static struct bench *start(uint8_t version, unsigned cifs)
{
    bench_plan = (struct bench_plan){.igmp_version = version};
    return bench_start(&s, 1, cifs);
}

static void message(struct bench *b, unsigned i, ip4_t src, ip4_t dst, const struct igmp *v)
{
    uint8_t buf[256];
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(igmp_encode(&w, v), WIRE_OK);
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_IGMP,
                      .src = src,
                      .dst = dst,
                      .payload = buf,
                      .payload_bytes = w.pos};
    bench_send_c(b, 1, i, &ip);
    bench_run(b, 0.001);
}

static void v2(struct bench *b, unsigned i, uint8_t type, ip4_t group)
{
    struct igmp v = {.type = type, .group = group};
    message(b, i, B_C_CE(1, i), type == IGMP_V2_LEAVE ? IP4(224, 0, 0, 2) : group, &v);
}

static void v3(struct bench *b, unsigned i, enum igmp_record_type type, ip4_t group, ip4_t source)
{
    uint8_t sources[4], records[32];
    struct wr l = wr_init(sources, sizeof(sources)), w = wr_init(records, sizeof(records));
    wr_u32(&l, source);
    struct igmp_record r = {(uint8_t)type, group, source != 0, sources};
    (void)igmp_record_encode(&w, &r);
    struct igmp v = {.type = IGMP_V3_REPORT, .count = 1, .list = records, .list_bytes = w.pos};
    message(b, i, B_C_CE(1, i), IP4(224, 0, 0, 22), &v);
}

/* Queries for the group (0: general) on C-interface i. */
static unsigned queries(const struct bench *b, unsigned i, ip4_t group)
{
    unsigned n = 0;
    for (size_t k = 0; k < b->count; k++) {
        const struct seen *p = &b->seen[k];
        struct rd r = rd_init(p->ip.payload, p->ip.payload_bytes);
        struct igmp v;
        if (p->where != ON_C || p->vid != B_VID(1, i) || p->ip.protocol != IPPROTO_NUM_IGMP)
            continue;
        CU_ASSERT_EQUAL(igmp_decode(&r, &v), WIRE_OK);
        CU_ASSERT_EQUAL(v.type, IGMP_QUERY);
        CU_ASSERT_EQUAL(v.version, bench_plan.igmp_version);
        CU_ASSERT_EQUAL(p->ip.ttl, 1);
        CU_ASSERT_EQUAL(p->ip.option_bytes, 4); /* router alert */
        CU_ASSERT_EQUAL(p->ip.dst, v.group == 0 ? ALL_SYSTEMS : v.group);
        CU_ASSERT_EQUAL(v.max_resp_ms, v.group == 0 ? 10000 : 1000);
        n += v.group == group;
    }
    return n;
}

static unsigned egress(struct bench *b, unsigned i, ip4_t group)
{
    bench_forget(b);
    bench_data_mti(b, 1, B_REMOTE, B_S_EG(1), group);
    bench_run(b, 0.01);
    return bench_data_seen(b, ON_C, 1, i, B_S_EG(1), group);
}

static void refresh_mdt(struct bench *b)
{
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
}

static void general_queries(void)
{
    refpe_settings_default(&s);
    for (uint8_t version = 2; version <= 3; version++) {
        bench_plan = (struct bench_plan){.igmp_version = version};
        struct bench *b = bench_new(&s, 1, 2);
        bench_run(b, 1);
        CU_ASSERT_EQUAL(queries(b, 1, 0), 1);
        CU_ASSERT_EQUAL(queries(b, 2, 0), 1);
        bench_run(b, 31);
        CU_ASSERT_EQUAL(queries(b, 1, 0), 2); /* start-up */
        bench_run(b, 124);
        CU_ASSERT_EQUAL(queries(b, 1, 0), 2);
        bench_run(b, 1);
        CU_ASSERT_EQUAL(queries(b, 1, 0), 3);
        bench_free(b);
    }
    bench_plan = (struct bench_plan){0};
    struct bench *b = bench_new(&s, 1, 1);
    bench_run(b, 40);
    CU_ASSERT_EQUAL(queries(b, 1, 0), 0); /* not where IGMP does not run */
    bench_free(b);
}

/* Report, (*,G), first packet, (S,G), packet on; and the numbers of PROTOCOLS 13. */
static void last_hop(void)
{
    refpe_settings_default(&s);
    for (uint8_t version = 2; version <= 3; version++) {
        struct bench *b = start(version, 2);
        struct pim_jp_entry starg = bench_starg(true, B_G_EG(1), B_RP_EG);
        struct pim_jp_entry sg = bench_sg(true, B_G_EG(1), B_S_EG(1));
        for (unsigned i = 1; i <= 2; i++) {
            if (version == 2)
                v2(b, i, IGMP_V2_REPORT, B_G_EG(1));
            else
                v3(b, i, IGMP_TO_EXCLUDE, B_G_EG(1), 0);
        }
        CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, starg, NULL), 1);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 2);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
        CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(1)), 1);
        CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_EG(1), B_G_EG(1)), 1);
        CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, sg, NULL), 1);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 4);
        CU_ASSERT_EQUAL(egress(b, 2, B_G_EG(1)), 1);
        /* Packets of another PE neither pass nor make state. */
        bench_data_mti(b, 1, B_REMOTE2, B_S_EG(2), B_G_EG(1));
        bench_run(b, 0.01);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
        bench_free(b);
    }
}

/* Asked twice, a second apart; nobody answers: gone after two. The (S,G) stays for its KAT. */
static void leaves(void)
{
    refpe_settings_default(&s);
    for (uint8_t version = 2; version <= 3; version++) {
        struct bench *b = start(version, 1);
        struct pim_jp_entry no_starg = bench_starg(false, B_G_EG(1), B_RP_EG);
        struct pim_jp_entry no_sg = bench_sg(false, B_G_EG(1), B_S_EG(1));
        v2(b, 1, IGMP_V2_REPORT, B_G_EG(1)); /* a version 3 querier takes them too */
        CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(1)), 1);
        if (version == 2)
            v2(b, 1, IGMP_V2_LEAVE, B_G_EG(1));
        else
            v3(b, 1, IGMP_TO_INCLUDE, B_G_EG(1), 0);
        CU_ASSERT_EQUAL(queries(b, 1, B_G_EG(1)), 1);
        bench_run(b, 1.01);
        CU_ASSERT_EQUAL(queries(b, 1, B_G_EG(1)), 2);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
        bench_run(b, 1);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 0);
        CU_ASSERT_EQUAL(queries(b, 1, B_G_EG(1)), 2);
        CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, no_sg, NULL), 1);
        CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, no_starg, NULL), 1);
        refresh_mdt(b);
        bench_run(b, 200);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
        bench_run(b, 9);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
        bench_free(b);
    }
}

/* Another member answers the query, and nothing happens. */
static void another_member(void)
{
    refpe_settings_default(&s);
    for (uint8_t version = 2; version <= 3; version++) {
        struct bench *b = start(version, 1);
        v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
        v2(b, 1, IGMP_V2_LEAVE, B_G_EG(1));
        bench_run(b, 0.5);
        if (version == 2)
            v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
        else
            v3(b, 1, IGMP_IS_EXCLUDE, B_G_EG(1), 0);
        bench_run(b, 5);
        CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
        CU_ASSERT_EQUAL(queries(b, 1, B_G_EG(1)), 1);
        bench_free(b);
    }
}

static void membership_expires(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(3, 1);
    v3(b, 1, IGMP_TO_EXCLUDE, B_G_EG(1), 0);
    bench_run(b, 200);
    v3(b, 1, IGMP_IS_EXCLUDE, B_G_EG(1), 0);
    bench_run(b, 259.5);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    bench_free(b);
}

/* Version 3 with sources: an (S,G) of its own, no (*,G). */
static void sources(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(3, 1);
    v3(b, 1, IGMP_ALLOW_NEW, B_G_EG(1), B_S_EG(1));
    v3(b, 1, IGMP_IS_INCLUDE, B_G_EG(1), B_S_EG(2));
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 2);
    CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(1)), 1);
    v3(b, 1, IGMP_BLOCK_OLD, B_G_EG(1), B_S_EG(1));
    CU_ASSERT_EQUAL(queries(b, 1, B_G_EG(1)), 1);
    bench_run(b, 2.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(1)), 0);
    /* To another source only, then to any, then to none. */
    v3(b, 1, IGMP_TO_INCLUDE, B_G_EG(1), B_S_EG(3));
    bench_run(b, 2.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    v3(b, 1, IGMP_TO_EXCLUDE, B_G_EG(1), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    v3(b, 1, IGMP_TO_INCLUDE, B_G_EG(1), 0);
    bench_run(b, 2.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    bench_free(b);
}

/* The lower address queries; silent for 255 s, it is replaced. A non-querier does not react to
 * Leaves, but to the other's queries. */
static void querier_election(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(2, 1);
    struct igmp general = {.type = IGMP_QUERY, .version = 2, .max_resp_ms = 10000};
    struct igmp specific = {
        .type = IGMP_QUERY, .version = 2, .max_resp_ms = 1000, .group = B_G_EG(1)};
    ip4_t lower = B_C_PE(1, 1) - 1;
    message(b, 1, B_C_CE(1, 1), ALL_SYSTEMS, &general); /* higher: nothing changes */
    bench_forget(b);
    bench_run(b, 150);
    CU_ASSERT_EQUAL(queries(b, 1, 0), 2);
    message(b, 1, lower, ALL_SYSTEMS, &general);
    v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
    bench_forget(b);
    v2(b, 1, IGMP_V2_LEAVE, B_G_EG(1));
    bench_run(b, 254);
    CU_ASSERT_EQUAL(queries(b, 1, 0) + queries(b, 1, B_G_EG(1)), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_run(b, 1.1);
    CU_ASSERT_EQUAL(queries(b, 1, 0), 1);
    message(b, 1, lower, ALL_SYSTEMS, &general);
    v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
    message(b, 1, lower, B_G_EG(1), &specific);
    bench_run(b, 2.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    bench_free(b);
}

/* Only the DR is last hop: a C-router of higher priority takes that away, and gives it back. */
static void dr(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(2, 1);
    v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_plan.dr_priority = 2;
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 0xffff);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 0); /* goodbye */
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_free(b);
}

static void limit(void)
{
    refpe_settings_default(&s);
    s.limits.mroutes = 3;
    struct bench *b = start(3, 1);
    for (unsigned n = 1; n <= 2; n++) {
        v3(b, 1, IGMP_TO_EXCLUDE, B_G_EG(n), 0);
        CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(n)), n == 1);
    }
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C) + bench_metric(b, NUM_SG_C), 3);
    CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(1)), 1);
    bench_free(b);
}

/* The cable out forgets the members; they come back with their reports. */
static void link_flap(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(2, 1);
    v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
    (void)port_set_up(b->c[0], false, NULL);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    bench_forget(b);
    (void)port_set_up(b->c[0], true, NULL);
    bench_run(b, 5.1);
    CU_ASSERT_EQUAL(queries(b, 1, 0), 1);
    v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    CU_ASSERT_EQUAL(egress(b, 1, B_G_EG(1)), 1);
    bench_free(b);
}

static void nonsense(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(2, 1);
    struct igmp report = {.type = IGMP_V2_REPORT, .group = B_G_EG(1)};
    message(b, 1, B_C_CE(1, 9), B_G_EG(1), &report); /* not of this link */
    v2(b, 1, IGMP_V2_REPORT, ALL_SYSTEMS + 4);       /* nobody's to forward */
    v2(b, 1, IGMP_V2_REPORT, B_S_EG(1));
    v3(b, 1, IGMP_TO_EXCLUDE, B_G_EG(1), 0); /* version 2 does not know it */
    v2(b, 1, IGMP_V2_LEAVE, B_G_EG(1));
    uint8_t bad[] = {0x16, 0, 1, 2, 225, 65, 0, 1};
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_IGMP,
                      .src = B_C_CE(1, 1),
                      .dst = B_G_EG(1),
                      .payload = bad,
                      .payload_bytes = sizeof(bad)};
    bench_send_c(b, 1, 1, &ip);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    /* A version 1 host cannot leave, so nobody can while it may be there. */
    v2(b, 1, IGMP_V1_REPORT, B_G_EG(1));
    v2(b, 1, IGMP_V2_LEAVE, B_G_EG(1));
    bench_run(b, 3);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    CU_ASSERT_EQUAL(queries(b, 1, B_G_EG(1)), 0);
    bench_free(b);
    /* IGMP is nothing where it does not run. */
    b = start(0, 1);
    v2(b, 1, IGMP_V2_REPORT, B_G_EG(1));
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    struct refpe_cif c = {
        .vrf = 1, .outer_vid = 99, .addr = B_C_PE(1, 9), .len = 30, .igmp_version = 1};
    CU_ASSERT_EQUAL(refpe_cif_add(b->pe, &c), -1);
    bench_free(b);
}

/* Hosts behind the PE that is the RP itself: everything starts with a Register. */
static void with_c_rp(void)
{
    refpe_settings_default(&s);
    bench_plan = (struct bench_plan){.igmp_version = 2, .rp_self = true};
    struct bench *b = bench_start(&s, 1, 2);
    v2(b, 2, IGMP_V2_REPORT, B_G_IN(1));
    bench_register_c(b, 1, 1, B_C_CE(1, 1), B_RP_SELF, false, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 1);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 2);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"general queries", general_queries},
    {"last hop", last_hop},
    {"leaves", leaves},
    {"another member", another_member},
    {"membership expires", membership_expires},
    {"sources", sources},
    {"querier election", querier_election},
    {"DR", dr},
    {"limit", limit},
    {"link flap", link_flap},
    {"nonsense", nonsense},
    {"with the C-RP on the PE", with_c_rp},
};
CU_MAIN("refpe IGMP", tests)
