/* S-PMSIs of remote PEs: cached, joined, refused, left, and faulty. */
#include "bench_spmsi.h"
#include "tests/unit/cu.h"

static struct refpe_settings s;

static struct bench *start(unsigned vrfs)
{
    bench_plan = (struct bench_plan){0};
    return bench_start(&s, vrfs, 1);
}

static void join(struct bench *b, unsigned n, bool joins)
{
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(joins, B_G_EG(n), B_RP_EG));
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(joins, B_G_EG(n), B_S_EG(1)));
    bench_run(b, 0.1);
}

static void tlv(struct bench *b, unsigned n, unsigned d)
{
    bench_tlv(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(n), B_DATA_RX(1, d));
    bench_run(b, 0.1);
}

static unsigned arrives(struct bench *b, ip4_t pe, ip4_t p_group, unsigned n)
{
    bench_forget(b);
    bench_data_on(b, pe, p_group, B_S_EG(1), B_G_EG(n));
    bench_run(b, 0.1);
    return bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(n));
}

static unsigned joins_seen(const struct bench *b, bool join_or_prune, unsigned d)
{
    return bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER,
                         bench_sg(join_or_prune, B_DATA_RX(1, d), B_REMOTE), NULL);
}

static void counts(const struct bench *b, uint64_t joined, uint64_t cached)
{
    CU_ASSERT_EQUAL(bench_spmsi(b).joined, joined);
    CU_ASSERT_EQUAL(bench_spmsi(b).cached, cached);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_RX), (int64_t)joined);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 1 + (int64_t)joined);
}

static void joined_with_interest(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1);
    tlv(b, 1, 1);
    counts(b, 0, 1);
    CU_ASSERT_EQUAL(joins_seen(b, true, 1), 0);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 0);
    join(b, 1, true); /* known from the cache */
    counts(b, 1, 0);
    CU_ASSERT_EQUAL(joins_seen(b, true, 1), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_MDT(1), 1), 1);
    /* Not another PE's tree of that group, nor anything else on the data MDT. */
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE2, B_DATA_RX(1, 1), 1), 0);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 2), 1), 0);
    bench_forget(b);
    join(b, 1, false);
    counts(b, 0, 1);
    CU_ASSERT_EQUAL(joins_seen(b, false, 1), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 0);
    bench_free(b);
}

/* A receiver of the group alone counts too: else the flow would be lost before it is seen. */
static void starg_is_interest(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_run(b, 0.1);
    tlv(b, 1, 1);
    counts(b, 1, 0);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_run(b, 0.1);
    counts(b, 0, 1);
    bench_free(b);
}

static void not_from_the_rpf_neighbour(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1);
    join(b, 1, true);
    bench_tlv(b, 1, B_REMOTE2, B_S_EG(1), B_G_EG(1), B_DATA_RX(1, 1));
    bench_run(b, 0.1);
    counts(b, 0, 1);
    bench_free(b);
}

static void timeout(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1);
    join(b, 1, true);
    tlv(b, 1, 1);
    tlv(b, 2, 2);
    bench_run(b, 100);
    join(b, 1, true);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    tlv(b, 1, 1);
    counts(b, 1, 1);
    bench_run(b, 79.5);
    counts(b, 1, 1);
    bench_run(b, 0.4);
    counts(b, 1, 0); /* the second is 180 s old */
    join(b, 1, true);
    bench_forget(b);
    bench_run(b, 101);
    counts(b, 0, 0);
    CU_ASSERT_EQUAL(joins_seen(b, false, 1), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 0);
    bench_free(b);
}

static void reused_and_changed(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1);
    struct mdt_join both[] = {{B_S_EG(1), B_G_EG(1), B_DATA_RX(1, 1)},
                              {B_S_EG(1), B_G_EG(2), B_DATA_RX(1, 1)}};
    join(b, 1, true);
    join(b, 2, true);
    bench_tlvs(b, 1, B_REMOTE, both, 2);
    bench_run(b, 0.1);
    counts(b, 1, 0);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 2), 1);
    join(b, 1, false);
    counts(b, 1, 0); /* the other flow still needs it */
    tlv(b, 2, 5);    /* and moves */
    counts(b, 1, 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 5), 2), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 2), 0);
    tlv(b, 1, 5);
    counts(b, 1, 0); /* nobody announces the first data MDT any more */
    bench_free(b);
}

static void limit(void)
{
    refpe_settings_default(&s);
    s.limits.spmsi_rx = 2;
    struct bench *b = start(1);
    for (unsigned n = 1; n <= 3; n++) {
        join(b, n, true);
        tlv(b, n, n);
    }
    counts(b, 2, 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 2), 2), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 3), 3), 0);
    CU_ASSERT_EQUAL(joins_seen(b, true, 3), 0);
    /* Room appears, and the next TLV finds it. */
    join(b, 1, false);
    counts(b, 1, 2);
    tlv(b, 3, 3);
    counts(b, 2, 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 3), 3), 1);
    bench_free(b);
}

static void p_limit(void)
{
    refpe_settings_default(&s);
    s.limits.p_mroutes = 3;
    struct bench *b = start(1);
    for (unsigned n = 1; n <= 2; n++) {
        join(b, n, true);
        tlv(b, n, n);
    }
    counts(b, 1, 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 1);
    CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 2), 2), 0);
    bench_free(b);
}

static void fault(void)
{
    refpe_settings_default(&s);
    s.faults.spmsi_no_join = 2;
    struct bench *b = start(1);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned n = 1; n <= 3; n++) {
            join(b, n, true);
            tlv(b, n, n);
        }
        counts(b, 2, 1);
        CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 1), 1), 1);
        CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 2), 2), 0);
        CU_ASSERT_EQUAL(arrives(b, B_REMOTE, B_DATA_RX(1, 3), 3), 1);
        bench_run(b, 60); /* the same one for good */
    }
    bench_free(b);
}

/* Nonsense is not cached: bad TLVs, a default MDT as P-group, a data MDT of another VRF, and TLVs
 * that come over a data MDT. */
static void nonsense(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(2);
    uint8_t cut[] = {1, 0, 16, 0, 10, 65};
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_UDP,
                      .src = B_REMOTE,
                      .dst = IPV4_ALL_PIM_ROUTERS,
                      .payload = cut,
                      .payload_bytes = sizeof(cut)};
    bench_gre(b, B_REMOTE, B_MDT(1), &ip);
    bench_tlv(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1), B_MDT(2));
    bench_tlv(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1), B_S_EG(1));
    bench_tlv(b, 1, B_REMOTE, B_G_EG(1), B_G_EG(1), B_DATA_RX(1, 1));
    bench_tlv(b, 1, B_REMOTE, B_S_EG(1), B_S_EG(1), B_DATA_RX(1, 1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_spmsi(b).cached, 0);
    bench_tlv(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1), B_DATA_RX(1, 1));
    bench_tlv(b, 2, B_REMOTE, B_S_EG(1), B_G_EG(1), B_DATA_RX(1, 1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_spmsi(b).cached, 1);
    join(b, 1, true);
    CU_ASSERT_EQUAL(bench_spmsi(b).joined, 1);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    struct mdt_join tlv_inside = {B_S_EG(1), B_G_EG(2), B_DATA_RX(1, 2)};
    uint8_t payload[64];
    struct wr w = wr_init(payload, sizeof(payload));
    (void)mdt_join_encode(&w, &tlv_inside);
    ip.payload = payload;
    ip.payload_bytes = w.pos;
    bench_gre(b, B_REMOTE, B_DATA_RX(1, 1), &ip);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_spmsi(b).cached, 0);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"joined with interest", joined_with_interest},
    {"(*,G) is interest", starg_is_interest},
    {"not from the RPF neighbour", not_from_the_rpf_neighbour},
    {"timeout", timeout},
    {"reused and changed", reused_and_changed},
    {"limit", limit},
    {"limit of the P instance", p_limit},
    {"fault", fault},
    {"nonsense", nonsense},
};
CU_MAIN("refpe S-PMSIs received", tests)
