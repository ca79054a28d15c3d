/* From blocks to loss, delay, and reasons why a block is discarded. */
#include "monitor/marking/reading.h"
#include "monitor/marking/segments.h"
#include "tests/unit/cu.h"
#include "tests/unit/marking/fixture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                       \
    "flows: [{name: tv1, group: 239.1.1.1}]\n"                                                     \
    "mark: {field: dscp, mask: 4, double: {field: dscp, mask: 8}}\n"                               \
    "block: {seconds: 10, origin: 0}\n"
#define TWO   "points: [{name: a, capture: a.pcap}, {name: b, capture: b.pcap}]\n"
#define CLOCK "clock: {max_offset_ms: 1}\n"

static struct marking_config *config;
static struct point_blocks points[4];

static void open_points(const char *text)
{
    struct err err = {0};
    config = config_of(text, &err);
    if (config == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    for (size_t i = 0; i < config->point_count; i++)
        blocks_init(&points[i], config);
}

/* Packet i of 100 a block, at a point behind a delay; every 50th carries a delay mark. */
static void arrive(size_t point, int i, double delay_s)
{
    double at = 0.1 * i + 0.05;
    struct packet p = packet_of((uint8_t)(((i / 100) % 2 != 0 ? 4 : 0) | (i % 100 == 50 ? 8 : 0)));
    (void)count_packet(&points[point], &p, at + delay_s);
}

static json_t *result;

static json_t *settle(void)
{
    for (size_t i = 0; i < config->point_count; i++)
        blocks_settle(&points[i], false);
    result = segments_json(config, points, false);
    return json_array_get(json_object_get(result, "flows"), 0);
}

static void close_points(void)
{
    for (size_t i = 0; i < config->point_count; i++)
        blocks_fini(&points[i]);
    marking_config_free(config);
    json_decref(result);
    result = NULL;
}

static json_int_t whole(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_integer(v) ? json_integer_value(v) : -999999;
}

static json_t *segment(const json_t *flow, size_t i)
{
    return json_array_get(json_object_get(flow, "segments"), i);
}

static json_t *block(const json_t *segment, size_t i)
{
    return json_array_get(json_object_get(segment, "blocks"), i);
}

static const char *reason(const json_t *block)
{
    const char *text = json_string_value(json_object_get(block, "discarded"));
    return text != NULL ? text : "";
}

/* Three blocks, the last one short: edge blocks count. */
static void loss_and_delay(void)
{
    open_points(HEAD CLOCK TWO);
    for (int i = 30; i < 240; i++) {
        arrive(0, i, 0);
        if (i != 120 && i != 121 && i != 133)
            arrive(1, i, 0.004);
    }
    json_t *s = segment(settle(), 0);
    CU_ASSERT_EQUAL(whole(s, "sent"), 210);
    CU_ASSERT_EQUAL(whole(s, "lost"), 3);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(s, "blocks")), 3);
    static const int sent[] = {70, 100, 40}, lost[] = {0, 3, 0};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(whole(block(s, i), "n"), (json_int_t)i);
        CU_ASSERT_EQUAL(whole(block(s, i), "colour"), (json_int_t)(i & 1));
        CU_ASSERT_EQUAL(whole(block(s, i), "sent"), sent[i]);
        CU_ASSERT_EQUAL(whole(block(s, i), "lost"), lost[i]);
        CU_ASSERT_TRUE(json_is_null(json_object_get(block(s, i), "discarded")));
    }
    const json_t *delay = json_object_get(block(s, 0), "delay_ns");
    CU_ASSERT_EQUAL(whole(delay, "first"), 4000000);
    CU_ASSERT_EQUAL(whole(delay, "mean"), 4000000);
    CU_ASSERT_EQUAL(whole(delay, "double"), 4000000);
    /* Of a block that lost packets the first may be another; the marked ones still pair. */
    delay = json_object_get(block(s, 1), "delay_ns");
    CU_ASSERT_TRUE(json_is_null(json_object_get(delay, "first")));
    CU_ASSERT_EQUAL(whole(delay, "double"), 4000000);
    close_points();
}

static void jitter(void)
{
    open_points(HEAD CLOCK TWO);
    static const double delays[] = {0.004, 0.005, 0.006, 0.003};
    for (int i = 0; i < 400; i++) {
        arrive(0, i, 0);
        arrive(1, i, delays[i / 100]);
    }
    json_t *s = segment(settle(), 0);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(whole(json_object_get(block(s, i), "delay_ns"), "first"),
                        (json_int_t)(delays[i] * 1e9 + 0.5));
    CU_ASSERT_EQUAL(whole(s, "jitter_ns"), 1666667);
    close_points();
}

static void unknown_clock(void)
{
    open_points(HEAD "clock: unknown\n" TWO);
    for (int i = 0; i < 100; i++) {
        arrive(0, i, 0);
        if (i != 7)
            arrive(1, i, 3.9);
    }
    json_t *s = segment(settle(), 0);
    CU_ASSERT_EQUAL(whole(s, "lost"), 1);
    CU_ASSERT_TRUE(json_is_null(json_object_get(block(s, 0), "delay_ns")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(s, "guard_ns")));
    close_points();
}

/* Delay and its variation take half a block: nothing is counted on, and it is said. */
static void guard(void)
{
    open_points(HEAD "clock: {max_offset_ms: 4900}\n" TWO);
    for (int i = 0; i < 300; i++) {
        arrive(0, i, 0);
        arrive(1, i, 0.2);
    }
    json_t *s = segment(settle(), 0);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(reason(block(s, i)), "guard: "));
        CU_ASSERT_TRUE(json_is_null(json_object_get(block(s, i), "lost")));
        CU_ASSERT_TRUE(json_is_null(json_object_get(block(s, i), "delay_ns")));
    }
    CU_ASSERT_EQUAL(whole(s, "discarded_blocks"), 3);
    CU_ASSERT_EQUAL(whole(s, "lost"), 0);
    close_points();
}

static void pairing(void)
{
    open_points(HEAD CLOCK TWO);
    for (int i = 0; i < 200; i++) {
        if (i != 150)
            arrive(0, i, 0);
        arrive(1, i, 0.001);
    }
    blocks_spoil(&points[1], 0, 5, SPOIL_DROPPED);
    json_t *s = segment(settle(), 0);
    CU_ASSERT_STRING_EQUAL(reason(block(s, 0)), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(reason(block(s, 1)), "pairing: more packets came"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reason(block(s, 2)), "pairing: b: this host was too slow"));
    CU_ASSERT_EQUAL(whole(s, "lost"), 0);
    CU_ASSERT_EQUAL(whole(s, "sent"), 100);
    close_points();
}

/* a - b - c and b - d: segments are branches, end to end is each leaf. */
static void a_tree(void)
{
    open_points(HEAD CLOCK "points: [{name: a, capture: a}, {name: b, capture: b}, {name: c, "
                           "capture: c}, {name: d, capture: d}]\n"
                           "segments: [[a, b], [b, c], [b, d]]\n");
    for (int i = 0; i < 100; i++) {
        arrive(0, i, 0);
        if (i == 10)
            continue;
        arrive(1, i, 0.001);
        if (i != 20 && i != 21)
            arrive(2, i, 0.002);
        if (i % 10 != 5)
            arrive(3, i, 0.003);
    }
    json_t *flow = settle();
    static const int lost[] = {1, 2, 10};
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(whole(segment(flow, i), "lost"), lost[i]);
    const json_t *end = json_object_get(flow, "end_to_end");
    const json_t *paths = json_object_get(end, "paths");
    CU_ASSERT_EQUAL(json_array_size(paths), 2);
    CU_ASSERT_EQUAL(whole(json_array_get(paths, 0), "lost"), 3);
    CU_ASSERT_EQUAL(whole(json_array_get(paths, 1), "lost"), 11);
    CU_ASSERT_EQUAL(whole(end, "lost"), 14);
    close_points();
}

/* ---- readings -------------------------------------------------------------------------------- */

static char name[] = "r";
static const struct mark_point command = {.name = name, .kind = POINT_COMMAND};
static const struct mark_point nftables = {.name = name, .kind = POINT_NFTABLES};

static void bad_readings(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "no counter of flow tv1, colour 0"},
        {"{\"flow\": \"tv1\", \"colour\": 0, \"packets\": 1}\n", "colour 1"},
        {"x", "line 1"},
        {"{\"flow\": \"tv1\", \"colour\": 0, \"packets\": 1}\n\n{\"flow\": \"tv1\"}", "line 3"},
        {"{\"flow\": \"tv1\", \"colour\": 2, \"packets\": 1}", "line 1"},
        {"{\"flow\": \"tv1\", \"colour\": 0, \"packets\": -1}", "line 1"},
        {"[]", "line 1"},
    };
    struct readings r = {0};
    open_points(HEAD CLOCK TWO);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        CU_ASSERT_EQUAL(readings_parse(&r, config, &command, rows[i].text, 0, 1, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].why));
    }
    struct err err = {0};
    CU_ASSERT_EQUAL(readings_parse(&r, config, &nftables, "x", 0, 1, &err), -1);
    CU_ASSERT_EQUAL(r.count, 0);
    close_points();
}

static void nft_counters(void)
{
    static const char text[] =
        "{\"nftables\": [{\"metainfo\": {}}, "
        "{\"counter\": {\"name\": \"tv1_0\", \"packets\": 11, \"bytes\": 5}}, "
        "{\"counter\": {\"name\": \"tv1_2\", \"packets\": 9}}, "
        "{\"counter\": {\"name\": \"other_1\", \"packets\": 8}}, "
        "{\"counter\": {\"name\": \"tv1_1\", \"packets\": 12, \"bytes\": 5}}]}";
    struct readings r = {0};
    struct err err = {0};
    open_points(HEAD CLOCK TWO);
    CU_ASSERT_EQUAL_FATAL(readings_parse(&r, config, &nftables, text, 3, 4, &err), 0);
    CU_ASSERT_EQUAL(r.list[0].packets[0], 11);
    CU_ASSERT_EQUAL(r.list[0].packets[1], 12);
    readings_free(&r);
    close_points();
}

static void read_at(struct readings *r, double from_s, double to_s, int zero, int one)
{
    char text[200];
    struct err err = {0};
    (void)snprintf(text, sizeof(text),
                   "{\"flow\": \"tv1\", \"colour\": 0, \"packets\": %d}\n"
                   "{\"flow\": \"tv1\", \"colour\": 1, \"packets\": %d}\n"
                   "{\"flow\": \"else\", \"colour\": 1, \"packets\": 3}\n",
                   zero, one);
    CU_ASSERT_EQUAL(readings_parse(r, config, &command, text, (int64_t)(from_s * 1e9),
                                   (int64_t)(to_s * 1e9), &err),
                    0);
}

/* Totals from 1000 and 2000 on; block n has 100 + n packets. Blocks 10 ... 16; the reading in
 * block 14 came too late, and the counter of colour 1 went back behind block 15. */
static void settled(void)
{
    struct readings r = {0};
    const struct measured m = {10, 16, 103000000000, 168000000000};
    open_points(HEAD CLOCK TWO);
    read_at(&r, 101, 101.1, 1000, 2000);
    read_at(&r, 102, 102.1, 1000, 2000);
    read_at(&r, 105, 105.1, 1040, 2000);
    read_at(&r, 115, 115.1, 1110, 2040);
    read_at(&r, 125, 125.1, 1150, 2111);
    read_at(&r, 135, 135.1, 1222, 2150);
    read_at(&r, 145, 150.1, 1250, 2224);
    read_at(&r, 155, 155.1, 1336, 2260);
    read_at(&r, 165, 165.1, 1380, 17);
    read_at(&r, 168, 168.1, 1452, 17);
    read_at(&r, 169, 169.1, 1452, 17);
    CU_ASSERT_FALSE(readings_moved(&r, 0, 101000000000));
    CU_ASSERT_TRUE(readings_moved(&r, 0, 125000000000));
    CU_ASSERT_FALSE(readings_moved(&r, 0, 168000000000));
    readings_settle(&r, &points[0], false, &m);
    static const int want[] = {110, 111, 112, -SPOIL_UNREAD, 114, -SPOIL_UNREAD, 116};
    for (int64_t n = 10; n <= 16; n++) {
        const struct block *b = blocks_find(&points[0], 0, n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(b);
        int got = b->spoiled != SPOIL_NOT ? -(int)b->spoiled : (int)b->packets;
        if (got != want[n - 10])
            (void)fprintf(stderr, "block %ld: %d\n", (long)n, got);
        CU_ASSERT_EQUAL(got, want[n - 10]);
    }
    readings_free(&r);
    close_points();
}

static void went_back(void)
{
    struct readings r = {0};
    const struct measured m = {10, 12, 103000000000, 124000000000};
    open_points(HEAD CLOCK TWO);
    read_at(&r, 101, 101.1, 1000, 2000);
    read_at(&r, 115, 115.1, 1110, 2040);
    read_at(&r, 124, 124.1, 1150, 4);
    readings_settle(&r, &points[0], false, &m);
    CU_ASSERT_EQUAL(blocks_find(&points[0], 0, 10)->packets, 110);
    CU_ASSERT_EQUAL(blocks_spoiled(&points[0], 0, 11), SPOIL_BACK);
    CU_ASSERT_EQUAL(blocks_find(&points[0], 0, 12)->packets, 40);
    readings_free(&r);
    close_points();
}

static const struct cu_test tests[] = {
    {"loss and delay", loss_and_delay},
    {"jitter", jitter},
    {"clock unknown", unknown_clock},
    {"guard band", guard},
    {"pairing", pairing},
    {"a tree", a_tree},
    {"bad readings", bad_readings},
    {"nftables' counters", nft_counters},
    {"readings settled", settled},
    {"a counter went back", went_back},
};

CU_MAIN("marking segments", tests)
