#include "emul/wire/pim_jp.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_pim_jp)

#define UPSTREAM IP4(10, 1, 1, 1)
#define RP       IP4(10, 9, 9, 9)
#define ENTRIES  400

static struct pim_jp_entry starg(ip4_t group)
{
    return (struct pim_jp_entry){true, PIM_JP_STARG, group, RP};
}

static struct pim_jp_entry sg(ip4_t group, ip4_t source)
{
    return (struct pim_jp_entry){true, PIM_JP_SG, group, source};
}

static struct pim_jp_entry rpt_prune(ip4_t group, ip4_t source)
{
    return (struct pim_jp_entry){false, PIM_JP_SGRPT, group, source};
}

/* read_all decodes a whole message into out and returns the count of entries. */
static size_t read_all(const uint8_t *message, size_t len, struct pim_jp *head,
                       struct pim_jp_entry *out, size_t cap)
{
    enum pim_type type;
    struct rd body;
    struct pim_jp_iter it;
    size_t n = 0;
    CU_ASSERT_EQUAL_FATAL(pim_open(message, len, &type, &body), WIRE_OK);
    CU_ASSERT_EQUAL_FATAL(pim_jp_decode(&body, head, &it), WIRE_OK);
    while (n < cap && pim_jp_next(&it, &out[n]))
        n++;
    CU_ASSERT_EQUAL(it.rd.err, WIRE_OK);
    CU_ASSERT_EQUAL(rd_left(&it.rd), 0);
    return n;
}

static bool entry_is(const struct pim_jp_entry *e, const struct pim_jp_entry *want)
{
    return e->join == want->join && e->kind == want->kind && e->group == want->group &&
           e->source == want->source;
}

static void test_fields(void)
{
    struct golden g = golden_load("pim_jp/starg_sgrpt_sg");
    struct pim_jp head;
    struct pim_jp_entry e[4];
    CU_ASSERT_EQUAL(pim_jp_check(g.bytes, g.len), WIRE_OK);
    CU_ASSERT_EQUAL_FATAL(read_all(g.bytes, g.len, &head, e, 4), 3);
    CU_ASSERT_EQUAL(head.upstream, UPSTREAM);
    CU_ASSERT_EQUAL(head.groups, 2);
    CU_ASSERT_EQUAL(head.holdtime_s, 210);
    struct pim_jp_entry want[] = {starg(IP4(239, 1, 1, 1)),
                                  rpt_prune(IP4(239, 1, 1, 1), IP4(10, 2, 2, 2)),
                                  sg(IP4(239, 1, 1, 2), IP4(10, 2, 2, 3))};
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_TRUE(entry_is(&e[i], &want[i]));
    golden_free(&g);
}

/* send_all encodes entries in as many messages as it takes and returns their number. */
static size_t send_all(const struct pim_jp_entry *e, size_t count, size_t cap, size_t first_taken)
{
    uint8_t buf[9000];
    size_t messages = 0;
    for (size_t at = 0, taken; at < count; at += taken, messages++) {
        struct wr w = wr_init(buf, cap);
        CU_ASSERT_EQUAL_FATAL(pim_jp_encode(&w, UPSTREAM, 210, e + at, count - at, 80, &taken),
                              WIRE_OK);
        CU_ASSERT_TRUE_FATAL(taken > 0);
        CU_ASSERT_EQUAL(pim_jp_check(buf, w.pos), WIRE_OK);
        if (at == 0)
            CU_ASSERT_EQUAL(taken, first_taken);
    }
    return messages;
}

/* The figures of draft 6.6: at most 80 entries; of pure (*,G) 73 fit 1480 bytes, 72 fit 1456. */
static void test_limits(void)
{
    static struct pim_jp_entry e[ENTRIES];
    for (size_t i = 0; i < ENTRIES; i++)
        e[i] = starg(IP4(239, 1, 0, 0) + (ip4_t)i);
    CU_ASSERT_EQUAL(send_all(e, ENTRIES, 9000, 80), 5);
    CU_ASSERT_EQUAL(send_all(e, ENTRIES, 1480, 73), 6);
    CU_ASSERT_EQUAL(send_all(e, ENTRIES, 1456, 72), 6);
    CU_ASSERT_EQUAL(send_all(e, 2, PIM_JP_HEADER + PIM_JP_GROUP + PIM_JP_ENTRY, 1), 2);
    for (size_t i = 0; i < ENTRIES; i++)
        e[i] = sg(IP4(239, 1, 0, 0) + (ip4_t)i / 200, (ip4_t)i);
    CU_ASSERT_EQUAL(send_all(e, ENTRIES, 1480, 80), 5);
}

static void test_groups_limit(void)
{
    static struct pim_jp_entry e[ENTRIES];
    static uint8_t buf[9000];
    size_t taken;
    for (size_t i = 0; i < ENTRIES; i++)
        e[i] = starg(IP4(239, 1, 0, 0) + (ip4_t)i);
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, e, ENTRIES, ENTRIES, &taken), WIRE_OK);
    CU_ASSERT_EQUAL(taken, 255);
    CU_ASSERT_EQUAL(pim_jp_check(buf, w.pos), WIRE_OK);
}

/* Entries of one group share a set, joins before prunes. */
static void test_sets_merge(void)
{
    const ip4_t group = IP4(239, 1, 1, 1);
    struct pim_jp_entry e[4] = {sg(group, 1), sg(group, 2), starg(group), sg(group + 1, 3)};
    struct pim_jp_entry out[8];
    struct pim_jp head;
    uint8_t buf[200];
    size_t taken;
    e[0].join = false;
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, e, 4, 80, &taken), WIRE_OK);
    CU_ASSERT_EQUAL(w.pos, PIM_JP_HEADER + 2 * PIM_JP_GROUP + 4 * PIM_JP_ENTRY);
    CU_ASSERT_EQUAL_FATAL(read_all(buf, w.pos, &head, out, 8), 4);
    CU_ASSERT_EQUAL(head.groups, 2);
    CU_ASSERT_TRUE(entry_is(&out[0], &e[1]));
    CU_ASSERT_TRUE(entry_is(&out[1], &e[2]));
    CU_ASSERT_TRUE(entry_is(&out[2], &e[0]));
    CU_ASSERT_TRUE(entry_is(&out[3], &e[3]));
}

/* RFC 7761 4.9.5.2: a (*,G) join goes with all its (S,G,rpt) prunes, into the next message if need
 * be. */
static void test_unit_not_cut(void)
{
    const ip4_t group = IP4(239, 1, 1, 2);
    struct pim_jp_entry e[5] = {starg(group - 1), starg(group), rpt_prune(group, 1),
                                rpt_prune(group, 2), sg(group, 3)};
    uint8_t buf[200];
    size_t taken;
    for (size_t max = 1; max <= 5; max++) {
        struct wr w = wr_init(buf, sizeof(buf));
        CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, e, 5, max, &taken), WIRE_OK);
        CU_ASSERT_EQUAL(taken, max < 4 ? 1 : max);
    }
    struct pim_jp_entry mixed[4] = {rpt_prune(group, 1), sg(group, 9), starg(group), sg(group, 8)};
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, mixed, 4, 3, &taken), WIRE_OK);
    CU_ASSERT_EQUAL(taken, 3);
}

/* If they do not fit any message, the numerically smallest sources stay. */
static void test_unit_too_long(void)
{
    enum { PRUNES = 100 };
    const ip4_t group = IP4(239, 1, 1, 2);
    struct pim_jp_entry e[PRUNES + 1] = {starg(group)}, out[PRUNES];
    struct pim_jp head;
    uint8_t buf[1480];
    size_t taken;
    for (ip4_t i = 0; i < PRUNES; i++)
        e[i + 1] = rpt_prune(group, 1 + (i * 37) % PRUNES);
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, e, PRUNES + 1, 80, &taken), WIRE_OK);
    CU_ASSERT_EQUAL(taken, PRUNES + 1);
    CU_ASSERT_EQUAL_FATAL(read_all(buf, w.pos, &head, out, PRUNES), 80);
    CU_ASSERT_TRUE(entry_is(&out[0], &e[0]));
    for (ip4_t i = 1; i < 80; i++)
        CU_ASSERT_EQUAL(out[i].source, i);
}

static void test_encode_refuses(void)
{
    struct pim_jp_entry e = starg(IP4(239, 1, 1, 1));
    uint8_t buf[PIM_JP_HEADER + PIM_JP_GROUP + PIM_JP_ENTRY];
    size_t taken = 9;
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, &e, 0, 80, &taken), WIRE_VALUE);
    CU_ASSERT_EQUAL(taken, 0);
    w = wr_init(buf, sizeof(buf) - 1);
    CU_ASSERT_EQUAL(pim_jp_encode(&w, UPSTREAM, 210, &e, 1, 80, &taken), WIRE_FULL);
    CU_ASSERT_EQUAL(taken, 0);
}

/* Sources and groups that are not whole addresses, W without R, and bytes behind the end. */
static void test_check(void)
{
    struct golden g = golden_load("pim_jp/prune_sg");
    const struct {
        size_t at;
        uint8_t value;
        enum wire_err err;
    } bad[] = {{17, 24, WIRE_VALUE}, {29, 31, WIRE_VALUE}, {28, 6, WIRE_VALUE},
               {11, 2, WIRE_SHORT},  {23, 1, WIRE_SHORT},  {25, 0, WIRE_TRAILING}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t message[34];
        memcpy(message, g.bytes, sizeof(message));
        message[bad[i].at] = bad[i].value;
        codec_pim_jp.repair(message, sizeof(message));
        CU_ASSERT_EQUAL(pim_jp_check(message, sizeof(message)), bad[i].err);
    }
    golden_free(&g);
    g = golden_load("pim_assert/sg");
    CU_ASSERT_EQUAL(pim_jp_check(g.bytes, g.len), WIRE_TYPE);
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"limits", test_limits},
    {"groups limit", test_groups_limit},
    {"sets merge", test_sets_merge},
    {"unit not cut", test_unit_not_cut},
    {"unit too long", test_unit_too_long},
    {"encode refuses", test_encode_refuses},
    {"check", test_check},
};

CU_MAIN("wire pim jp", tests)
