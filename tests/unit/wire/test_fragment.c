/* IPv4 fragments and reassembly. */
#include "emul/base/rng.h"
#include "emul/wire/ipv4.h"
#include "tests/unit/cu.h"

#define PACKET_MAX 9000
#define PIECES_MAX 200
#define MTU        576

struct pieces {
    size_t count;
    size_t len[PIECES_MAX];
    uint8_t bytes[PIECES_MAX][2000];
};

static uint8_t packet[PACKET_MAX];
static struct pieces pieces;

static struct instant at_s(double s)
{
    return (struct instant){(int64_t)(s * 1e9)};
}

/* make_packet writes a packet with this much payload into packet and returns its length. */
static size_t make_packet(uint16_t id, size_t payload_bytes, const uint8_t *options, uint8_t n)
{
    static uint8_t payload[PACKET_MAX];
    struct rng rng = {id};
    for (size_t i = 0; i < payload_bytes; i++)
        payload[i] = (uint8_t)rng_next(&rng);
    struct ipv4 v = {.id = id,
                     .ttl = 60,
                     .tos = 0xc0,
                     .protocol = IPPROTO_NUM_PIM,
                     .src = IP4(10, 1, 1, 2),
                     .dst = IP4(224, 0, 0, 13),
                     .options = options,
                     .option_bytes = n,
                     .payload = payload,
                     .payload_bytes = payload_bytes};
    struct wr w = wr_init(packet, sizeof(packet));
    CU_ASSERT_EQUAL_FATAL(ipv4_encode(&w, &v), WIRE_OK);
    return w.pos;
}

/* cut fills pieces with the fragments of packet. */
static void cut(const uint8_t *bytes, size_t len, size_t mtu)
{
    size_t offset = 0;
    bool more = true;
    for (pieces.count = 0; more && pieces.count < PIECES_MAX; pieces.count++) {
        struct wr w = wr_init(pieces.bytes[pieces.count], sizeof(pieces.bytes[0]));
        more = ipv4_fragment(&w, bytes, len, mtu, &offset);
        CU_ASSERT_EQUAL_FATAL(w.err, WIRE_OK);
        CU_ASSERT_TRUE(w.pos <= mtu);
        pieces.len[pieces.count] = w.pos;
    }
    CU_ASSERT_FALSE(more);
}

static bool put(struct ipv4_reassembly *a, const uint8_t *bytes, size_t len, struct instant now,
                const uint8_t **whole, size_t *whole_len)
{
    struct rd r = rd_init(bytes, len);
    struct ipv4 v;
    CU_ASSERT_EQUAL_FATAL(ipv4_decode(&r, &v), WIRE_OK);
    return ipv4_reassemble(a, &v, now, whole, whole_len);
}

/* put_all hands in all pieces in the given order; the last must complete the packet. */
static void put_all(struct ipv4_reassembly *a, const size_t *order, size_t len)
{
    const uint8_t *whole;
    size_t whole_len;
    for (size_t i = 0; i < pieces.count; i++) {
        size_t k = order == NULL ? i : order[i];
        bool done = put(a, pieces.bytes[k], pieces.len[k], at_s(0), &whole, &whole_len);
        CU_ASSERT_EQUAL_FATAL(done, i + 1 == pieces.count);
    }
    CU_ASSERT_EQUAL_FATAL(whole_len, len);
    CU_ASSERT_EQUAL(memcmp(whole, packet, len), 0);
}

static void test_sizes(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    for (size_t payload = 580; payload < 3000; payload += 61) {
        size_t len = make_packet((uint16_t)payload, payload, NULL, 0);
        for (size_t mtu = 68; mtu < 600; mtu += 33) {
            cut(packet, len, mtu);
            put_all(a, NULL, len);
        }
    }
    ipv4_reassembly_free(a);
}

static void test_fits_whole(void)
{
    size_t len = make_packet(1, MTU - IPV4_HEADER, NULL, 0);
    cut(packet, len, MTU);
    CU_ASSERT_EQUAL(pieces.count, 1);
    CU_ASSERT_EQUAL(pieces.len[0], len);
    CU_ASSERT_EQUAL(memcmp(pieces.bytes[0], packet, len), 0);
    len = make_packet(1, MTU - IPV4_HEADER + 1, NULL, 0);
    cut(packet, len, MTU);
    CU_ASSERT_EQUAL(pieces.count, 2);
}

static void test_any_order(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    struct rng rng = {815};
    size_t len = make_packet(7, 4001, NULL, 0), order[PIECES_MAX];
    cut(packet, len, MTU);
    for (size_t i = 0; i < pieces.count; i++)
        order[i] = pieces.count - 1 - i;
    put_all(a, order, len);
    for (int round = 0; round < 200; round++) {
        for (size_t i = pieces.count - 1; i > 0; i--) {
            size_t k = (size_t)hash_range(rng_next(&rng), i + 1), keep = order[i];
            order[i] = order[k];
            order[k] = keep;
        }
        put_all(a, order, len);
    }
    ipv4_reassembly_free(a);
}

/* Router Alert is copied into every fragment, record route is not (RFC 791 3.1). */
static void test_options(void)
{
    const uint8_t options[12] = {1, 7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0};
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    size_t len = make_packet(7, 1500, options, sizeof(options));
    cut(packet, len, MTU);
    for (size_t i = 0; i < pieces.count; i++) {
        struct rd r = rd_init(pieces.bytes[i], pieces.len[i]);
        struct ipv4 v;
        CU_ASSERT_EQUAL_FATAL(ipv4_decode(&r, &v), WIRE_OK);
        CU_ASSERT_EQUAL(v.option_bytes, i == 0 ? 12 : 4);
        CU_ASSERT_EQUAL(v.options[i == 0 ? 8 : 0], 0x94);
    }
    put_all(a, NULL, len);
    ipv4_reassembly_free(a);
}

/* A fragment is cut again like any packet (a smaller MTU further on). */
static void test_cut_twice(void)
{
    static struct pieces first;
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    const uint8_t *whole;
    size_t whole_len, done = 0, len = make_packet(7, 3000, NULL, 0);
    cut(packet, len, 1500);
    first = pieces;
    for (size_t i = 0; i < first.count; i++) {
        cut(first.bytes[i], first.len[i], MTU);
        for (size_t k = 0; k < pieces.count; k++)
            done += put(a, pieces.bytes[k], pieces.len[k], at_s(0), &whole, &whole_len);
    }
    CU_ASSERT_EQUAL_FATAL(done, 1);
    CU_ASSERT_EQUAL(whole_len, len);
    CU_ASSERT_EQUAL(memcmp(whole, packet, len), 0);
    ipv4_reassembly_free(a);
}

static void test_bad_mtu(void)
{
    uint8_t out[100];
    size_t offset = 0, len = make_packet(7, 300, NULL, 0);
    struct wr w = wr_init(out, sizeof(out));
    CU_ASSERT_FALSE(ipv4_fragment(&w, packet, len, 27, &offset));
    CU_ASSERT_EQUAL(w.err, WIRE_LENGTH);
    w = wr_init(out, sizeof(out));
    CU_ASSERT_FALSE(ipv4_fragment(&w, packet, len - 1, 200, &offset));
    CU_ASSERT_EQUAL(w.err, WIRE_LENGTH);
    w = wr_init(out, sizeof(out));
    CU_ASSERT_FALSE(ipv4_fragment(&w, packet, len, 200, &offset));
    CU_ASSERT_EQUAL(w.err, WIRE_FULL);
}

/* piece puts one made-up fragment in; its payload is n bytes of value fill. */
static bool piece(struct ipv4_reassembly *a, uint16_t id, size_t offset, size_t n, bool more,
                  uint8_t fill, double s)
{
    static uint8_t payload[4096];
    const uint8_t *whole;
    size_t len;
    memset(payload, fill, n);
    struct ipv4 v = {.id = id,
                     .src = IP4(10, 0, 0, 1),
                     .dst = IP4(10, 0, 0, 2),
                     .protocol = IPPROTO_NUM_UDP,
                     .fragment_offset = (uint16_t)offset,
                     .more_fragments = more,
                     .payload = payload,
                     .payload_bytes = n};
    return ipv4_reassemble(a, &v, at_s(s), &whole, &len);
}

static void test_whole_packet_is_none(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    CU_ASSERT_FALSE(piece(a, 1, 0, 100, false, 1, 0));
    ipv4_reassembly_free(a);
}

static void test_duplicates_and_overlap(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    CU_ASSERT_FALSE(piece(a, 1, 0, 16, true, 5, 0));
    CU_ASSERT_FALSE(piece(a, 1, 0, 16, true, 5, 0));
    CU_ASSERT_FALSE(piece(a, 1, 8, 16, true, 5, 0));
    CU_ASSERT_TRUE(piece(a, 1, 24, 3, false, 5, 0));
    /* The same place with other bytes: the datagram is given up, as if it had never begun. */
    CU_ASSERT_FALSE(piece(a, 2, 0, 16, true, 5, 0));
    CU_ASSERT_FALSE(piece(a, 2, 8, 16, true, 6, 0));
    CU_ASSERT_FALSE(piece(a, 2, 16, 8, false, 5, 0));
    CU_ASSERT_TRUE(piece(a, 2, 0, 16, true, 5, 0));
    ipv4_reassembly_free(a);
}

static void test_contradictions(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    CU_ASSERT_FALSE(piece(a, 1, 16, 8, false, 1, 0)); /* ends at 24 */
    CU_ASSERT_FALSE(piece(a, 1, 24, 8, true, 1, 0));  /* data behind the end */
    CU_ASSERT_FALSE(piece(a, 1, 0, 16, true, 1, 0));  /* begins anew: no end known */
    CU_ASSERT_FALSE(piece(a, 2, 16, 8, false, 1, 0));
    CU_ASSERT_FALSE(piece(a, 2, 16, 4, false, 1, 0)); /* another end */
    CU_ASSERT_FALSE(piece(a, 2, 0, 16, true, 1, 0));
    CU_ASSERT_FALSE(piece(a, 4, 16, 8, true, 1, 0));
    CU_ASSERT_FALSE(piece(a, 4, 8, 4, false, 1, 0)); /* an end before data that came */
    CU_ASSERT_FALSE(piece(a, 4, 0, 8, true, 1, 0));
    CU_ASSERT_FALSE(piece(a, 3, 0, 12, true, 2, 0)); /* not a multiple of 8: ignored */
    CU_ASSERT_FALSE(piece(a, 3, 8, 0, true, 2, 0));  /* empty: ignored */
    CU_ASSERT_FALSE(piece(a, 3, 0, 8, true, 1, 0));
    CU_ASSERT_TRUE(piece(a, 3, 8, 4, false, 1, 0));
    ipv4_reassembly_free(a);
}

/* What would end behind the longest packet is refused, whatever came before. */
static void test_too_long(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    CU_ASSERT_FALSE(piece(a, 1, 65528, 1400, false, 1, 0));
    CU_ASSERT_FALSE(piece(a, 1, 65512, 4, false, 1, 0));
    for (size_t at = 0; at + 1024 <= 64512; at += 1024)
        CU_ASSERT_FALSE(piece(a, 2, at, 1024, true, 1, 0));
    CU_ASSERT_FALSE(piece(a, 2, 64512, 1000, true, 1, 0));
    CU_ASSERT_TRUE(piece(a, 2, 65512, 3, false, 1, 0)); /* 65,515 bytes of payload: the longest */
    ipv4_reassembly_free(a);
}

static void test_timeout(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    CU_ASSERT_FALSE(piece(a, 1, 0, 8, true, 1, 0));
    CU_ASSERT_TRUE(piece(a, 1, 8, 8, false, 1, 29.999));
    CU_ASSERT_FALSE(piece(a, 2, 0, 8, true, 1, 100));
    CU_ASSERT_FALSE(piece(a, 2, 8, 8, false, 1, 130));
    CU_ASSERT_TRUE(piece(a, 2, 0, 8, true, 1, 131));
    ipv4_reassembly_free(a);
}

/* Many datagrams at a time do not mix; when there is no room the oldest goes. */
static void test_many(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    for (uint16_t id = 0; id < 64; id++)
        CU_ASSERT_FALSE(piece(a, id, 0, 8, true, (uint8_t)id, 0));
    CU_ASSERT_FALSE(piece(a, 64, 0, 8, true, 64, 0)); /* takes the place of id 0 */
    CU_ASSERT_FALSE(piece(a, 0, 8, 8, false, 0, 0));  /* which takes that of id 1 */
    for (uint16_t id = 2; id <= 64; id++)
        CU_ASSERT_TRUE(piece(a, id, 8, 8, false, (uint8_t)id, 0));
    CU_ASSERT_TRUE(piece(a, 0, 0, 8, true, 0, 0));
    ipv4_reassembly_free(a);
}

/* Random fragments of few datagrams: no crash, and what completes is a good packet. */
static void test_random(void)
{
    struct ipv4_reassembly *a = ipv4_reassembly_new();
    static uint8_t payload[2048];
    struct rng rng = {99};
    size_t completed = 0;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = rng_next(&rng);
        struct ipv4 v = {.id = (uint16_t)(bits & 7),
                         .fragment_offset =
                             (uint16_t)((bits >> 3 & ((bits >> 60 & 1) != 0 ? 7 : 0x1fff)) << 3),
                         .more_fragments = (bits >> 16 & 3) != 0,
                         .payload = payload,
                         .payload_bytes = bits >> 20 & 0x7f};
        const uint8_t *whole;
        size_t len;
        if (!ipv4_reassemble(a, &v, (struct instant){i * NS_PER_MS}, &whole, &len))
            continue;
        struct rd r = rd_init(whole, len);
        CU_ASSERT_EQUAL(ipv4_decode(&r, &v), WIRE_OK);
        CU_ASSERT_FALSE(v.more_fragments);
        completed++;
    }
    CU_ASSERT_TRUE(completed > 0);
    ipv4_reassembly_free(a);
}

static const struct cu_test tests[] = {
    {"sizes", test_sizes},
    {"fits whole", test_fits_whole},
    {"any order", test_any_order},
    {"options", test_options},
    {"cut twice", test_cut_twice},
    {"bad MTU", test_bad_mtu},
    {"whole packet is none", test_whole_packet_is_none},
    {"duplicates and overlap", test_duplicates_and_overlap},
    {"contradictions", test_contradictions},
    {"too long", test_too_long},
    {"timeout", test_timeout},
    {"many", test_many},
    {"random", test_random},
};

CU_MAIN("wire fragments", tests)
