#include "emul/base/rng.h"
#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "tests/unit/cu.h"

#include <string.h>

#define BYTES 256

/* The definition in RFC 1071, one word at a time. */
static uint16_t plain_checksum(const uint8_t *data, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void fill(struct rng *rng, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)rng_next(rng);
}

static void test_rfc1071_example(void)
{
    const uint8_t data[8] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    CU_ASSERT_EQUAL(inet_checksum(data, sizeof(data)), (uint16_t)~0xddf2);
    CU_ASSERT_EQUAL(inet_checksum(NULL, 0), 0xffff);
}

static void test_all_lengths_and_alignments(void)
{
    struct rng rng = {71};
    uint8_t data[BYTES + 8];
    for (size_t len = 0; len <= BYTES; len++) {
        fill(&rng, data, sizeof(data));
        size_t at = len % 8;
        CU_ASSERT_EQUAL(inet_checksum(data + at, len), plain_checksum(data + at, len));
    }
}

/* All ones make every carry there is. */
static void test_carries(void)
{
    static uint8_t data[65534];
    memset(data, 0xff, sizeof(data));
    CU_ASSERT_EQUAL(inet_checksum(data, sizeof(data)), 0);
    CU_ASSERT_EQUAL(inet_checksum_fold(inet_checksum_add(UINT32_MAX, data, sizeof(data))), 0);
}

static void test_pieces(void)
{
    struct rng rng = {72};
    uint8_t data[BYTES];
    fill(&rng, data, sizeof(data));
    for (size_t cut = 0; cut <= BYTES; cut += 2) {
        uint32_t sum = inet_checksum_add(0, data, cut);
        sum = inet_checksum_add(sum, data + cut, BYTES - cut);
        CU_ASSERT_EQUAL(inet_checksum_fold(sum), inet_checksum(data, BYTES));
    }
}

/* RFC 1624: the update equals the checksum computed anew. */
static void test_update(void)
{
    struct rng rng = {73};
    uint8_t data[20];
    fill(&rng, data, sizeof(data));
    uint16_t sum = inet_checksum(data, sizeof(data));
    for (int i = 0; i < 20000; i++) {
        size_t at = 2 * (size_t)hash_range(rng_next(&rng), sizeof(data) / 2);
        uint16_t old = be_get16(data + at), now = (uint16_t)rng_next(&rng);
        be_put16(data + at, now);
        sum = inet_checksum_update(sum, old, now);
        CU_ASSERT_EQUAL(sum, inet_checksum(data, sizeof(data)));
    }
}

/* A computed checksum of 0 is sent as all ones (RFC 768). */
static void test_udp_zero(void)
{
    uint8_t udp[10] = {0, 1, 0, 2, 0, 10, 0, 0, 0, 0};
    uint16_t sum = udp_checksum(IP4(10, 0, 0, 1), IP4(10, 0, 0, 2), udp, sizeof(udp));
    be_put16(udp + 8, sum);
    CU_ASSERT_EQUAL(udp_checksum(IP4(10, 0, 0, 1), IP4(10, 0, 0, 2), udp, sizeof(udp)), 0xffff);
}

static const struct cu_test tests[] = {
    {"RFC 1071 example", test_rfc1071_example},
    {"all lengths and alignments", test_all_lengths_and_alignments},
    {"carries", test_carries},
    {"pieces", test_pieces},
    {"update", test_update},
    {"UDP zero", test_udp_zero},
};

CU_MAIN("wire checksum", tests)
