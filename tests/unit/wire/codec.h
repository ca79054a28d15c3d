/*
 * What every codec must hold, tested in one place. A codec describes itself by a struct codec
 * (about 15 lines, codecs_*.c); the checks below then serve its unit test and its fuzzer:
 *
 *   goldens   decode, encode again: the same bytes; a too small buffer is refused, never exceeded
 *   prefixes  every prefix of every golden is an error, except where the format allows it
 *   flips     every bit flipped: no crash, no endless loop; what a checksum covers is refused,
 *             whatever else decodes survives the round trip
 *   random    seeded random values and random bytes survive the round trip
 *
 * Inputs lie in exact-size allocations, so a sanitizer sees a read behind them. Messages with a
 * checksum are also tested with the checksum put right after the damage: else nothing behind the
 * checksum would be reached.
 */
#ifndef MVPN_TESTS_CODEC_H
#define MVPN_TESTS_CODEC_H

#include "emul/base/rng.h"
#include "emul/wire/wr.h"

#include <stdbool.h>
#include <stdio.h>

#define CODEC_VALUE_MAX 65536

struct codec {
    const char *name; /* and folder below tests/golden */
    enum wire_err (*decode)(const uint8_t *data, size_t len, void *value);
    enum wire_err (*encode)(struct wr *w, const void *value);
    bool (*equal)(const void *a, const void *b);
    void (*print)(FILE *f, const void *value);
    void (*draw)(struct rng *rng, void *value);
    void (*repair)(uint8_t *data, size_t len); /* puts the checksum right; NULL: has none */
    /* how many leading bytes of a golden its checksum protects; NULL: none */
    size_t (*covered)(const uint8_t *golden, size_t len);
    /* whether the first len bytes of a golden are a message of their own; NULL: never */
    bool (*shorter_ok)(const uint8_t *golden, size_t len);
};

extern const struct codec codec_eth, codec_arp, codec_ipv4, codec_icmp, codec_udp, codec_gre,
    codec_probe, codec_pim_hello, codec_pim_jp, codec_pim_register, codec_pim_register_stop,
    codec_pim_assert, codec_pim_df, codec_mdt, codec_igmp, codec_tcp, codec_bgp_open,
    codec_bgp_update, codec_bgp_notification, codec_bgp_refresh;

/* codecs lists them all, NULL at the end. */
extern const struct codec *const codecs[];

/*
 * codec_round_trip decodes len bytes; if they are a message it prints, encodes and decodes it again
 * and compares. Returns NULL, or what went wrong.
 */
const char *codec_round_trip(const struct codec *c, const uint8_t *data, size_t len, bool repair);

/* The four checks print what fails to stderr and return whether all was well. */
bool codec_check_goldens(const struct codec *c);
bool codec_check_prefixes(const struct codec *c);
bool codec_check_flips(const struct codec *c);
bool codec_check_random(const struct codec *c);

/* codec_noise returns n (at most 2048) random bytes that stay until it has been called 8 times. */
const uint8_t *codec_noise(struct rng *rng, size_t n);

/* codec_covers_all is the function covered of a checksum over the whole message. */
size_t codec_covers_all(const uint8_t *golden, size_t len);

/* codec_slices_equal compares two slices. */
bool codec_slices_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/* CODEC_TESTS defines the four tests of a codec; CODEC_ROWS lists them for CU_MAIN. */
#define CODEC_TESTS(codec)                                                                         \
    static void test_goldens(void)                                                                 \
    {                                                                                              \
        CU_ASSERT_TRUE(codec_check_goldens(&(codec)));                                             \
    }                                                                                              \
    static void test_prefixes(void)                                                                \
    {                                                                                              \
        CU_ASSERT_TRUE(codec_check_prefixes(&(codec)));                                            \
    }                                                                                              \
    static void test_flips(void)                                                                   \
    {                                                                                              \
        CU_ASSERT_TRUE(codec_check_flips(&(codec)));                                               \
    }                                                                                              \
    static void test_random(void)                                                                  \
    {                                                                                              \
        CU_ASSERT_TRUE(codec_check_random(&(codec)));                                              \
    }

#define CODEC_ROWS                                                                                 \
    {"goldens", test_goldens}, {"prefixes", test_prefixes}, {"flips", test_flips},                 \
    {                                                                                              \
        "random", test_random                                                                      \
    }

#endif
