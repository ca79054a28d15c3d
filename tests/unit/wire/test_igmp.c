#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/igmp.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_igmp)

static enum wire_err decode(const struct golden *g, struct igmp *v)
{
    struct rd r = rd_init(g->bytes, g->len);
    return igmp_decode(&r, v);
}

static struct igmp decode_name(const char *name)
{
    struct golden g = golden_load(name);
    struct igmp v = {0};
    CU_ASSERT_EQUAL(decode(&g, &v), WIRE_OK);
    golden_free(&g);
    return v; /* without its list */
}

static void test_version_2(void)
{
    struct igmp v = decode_name("igmp/v2_general_query");
    CU_ASSERT_EQUAL(v.type, IGMP_QUERY);
    CU_ASSERT_EQUAL(v.version, 2);
    CU_ASSERT_EQUAL(v.max_resp_ms, 10000);
    CU_ASSERT_EQUAL(v.group, 0);
    v = decode_name("igmp/v2_report");
    CU_ASSERT_EQUAL(v.type, IGMP_V2_REPORT);
    CU_ASSERT_EQUAL(v.group, IP4(239, 1, 1, 1));
    v = decode_name("igmp/v2_leave");
    CU_ASSERT_EQUAL(v.type, IGMP_V2_LEAVE);
}

static void test_version_3_query(void)
{
    struct igmp v = decode_name("igmp/v3_general_query");
    CU_ASSERT_EQUAL(v.version, 3);
    CU_ASSERT_EQUAL(v.max_resp_ms, 10000);
    CU_ASSERT_EQUAL(v.robustness, 2);
    CU_ASSERT_EQUAL(v.query_interval_s, 125);
    CU_ASSERT_FALSE(v.suppress);
    struct golden g = golden_load("igmp/v3_group_source_query");
    CU_ASSERT_EQUAL_FATAL(decode(&g, &v), WIRE_OK);
    CU_ASSERT_TRUE(v.suppress);
    CU_ASSERT_EQUAL(v.max_resp_ms, 24800);
    CU_ASSERT_EQUAL(v.query_interval_s, 31744);
    CU_ASSERT_EQUAL(v.count, 2);
    CU_ASSERT_EQUAL(be_get32(v.list + 4), IP4(10, 2, 2, 3));
    golden_free(&g);
}

static void test_version_3_report(void)
{
    struct golden g = golden_load("igmp/v3_report");
    struct igmp v;
    struct igmp_record rec;
    size_t pos = 0;
    CU_ASSERT_EQUAL_FATAL(decode(&g, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.count, 2);
    CU_ASSERT_TRUE(igmp_record_next(&v, &pos, &rec));
    CU_ASSERT_EQUAL(rec.type, IGMP_TO_EXCLUDE);
    CU_ASSERT_EQUAL(rec.group, IP4(239, 1, 1, 1));
    CU_ASSERT_EQUAL(rec.source_count, 0);
    CU_ASSERT_TRUE(igmp_record_next(&v, &pos, &rec));
    CU_ASSERT_EQUAL(rec.type, IGMP_ALLOW_NEW);
    CU_ASSERT_EQUAL(rec.group, IP4(232, 1, 1, 1));
    CU_ASSERT_EQUAL(rec.source_count, 1);
    CU_ASSERT_EQUAL(be_get32(rec.sources), IP4(10, 2, 2, 2));
    CU_ASSERT_FALSE(igmp_record_next(&v, &pos, &rec));
    golden_free(&g);
}

static void test_auxiliary_data(void)
{
    struct golden g = golden_load("igmp/v3_report_aux");
    struct igmp v;
    struct igmp_record rec;
    size_t pos = 0;
    CU_ASSERT_EQUAL_FATAL(decode(&g, &v), WIRE_OK);
    CU_ASSERT_TRUE(igmp_record_next(&v, &pos, &rec));
    CU_ASSERT_TRUE(igmp_record_next(&v, &pos, &rec));
    CU_ASSERT_EQUAL(rec.group, IP4(239, 1, 1, 2));
    golden_free(&g);
}

/* RFC 3376 7.1: a query of 9, 10 or 11 bytes is none; a version 1 query has code 0. */
static void test_query_lengths(void)
{
    uint8_t query[12] = {IGMP_QUERY, 0};
    struct igmp v;
    for (size_t len = 8; len <= 12; len++) {
        be_put16(query + 2, 0);
        be_put16(query + 2, inet_checksum(query, len));
        struct rd r = rd_init(query, len);
        enum wire_err want = len == 8 || len == 12 ? WIRE_OK : WIRE_LENGTH;
        CU_ASSERT_EQUAL(igmp_decode(&r, &v), want);
        if (want == WIRE_OK)
            CU_ASSERT_EQUAL(v.version, len == 8 ? 1 : 3);
    }
}

/* Every code is read and written back as itself (RFC 3376 4.1.1). */
static void test_codes(void)
{
    for (unsigned code = 0; code < 256; code++) {
        uint8_t query[12] = {IGMP_QUERY, (uint8_t)code, 0, 0, 0, 0, 0, 0, 2, (uint8_t)code};
        uint8_t out[12];
        be_put16(query + 2, inet_checksum(query, sizeof(query)));
        struct rd r = rd_init(query, sizeof(query));
        struct igmp v;
        CU_ASSERT_EQUAL(igmp_decode(&r, &v), WIRE_OK);
        struct wr w = wr_init(out, sizeof(out));
        CU_ASSERT_EQUAL(igmp_encode(&w, &v), WIRE_OK);
        CU_ASSERT_EQUAL(memcmp(query, out, sizeof(out)), 0);
    }
}

/* What a code cannot say is rounded down. */
static void test_codes_between(void)
{
    uint8_t out[12];
    struct wr w = wr_init(out, sizeof(out));
    struct igmp v = {.type = IGMP_QUERY, .version = 3, .query_interval_s = 135};
    CU_ASSERT_EQUAL(igmp_encode(&w, &v), WIRE_OK);
    CU_ASSERT_EQUAL(out[9], 0x80);
    w = wr_init(out, sizeof(out));
    v.query_interval_s = 1000000;
    CU_ASSERT_EQUAL(igmp_encode(&w, &v), WIRE_OK);
    CU_ASSERT_EQUAL(out[9], 0xff);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"version 2", test_version_2},
    {"version 3 query", test_version_3_query},
    {"version 3 report", test_version_3_report},
    {"auxiliary data", test_auxiliary_data},
    {"query lengths", test_query_lengths},
    {"codes", test_codes},
    {"codes between", test_codes_between},
};

CU_MAIN("wire igmp", tests)
