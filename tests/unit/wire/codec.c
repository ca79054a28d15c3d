#include "tests/unit/wire/codec.h"

#include "emul/base/err.h"
#include "tests/unit/wire/golden.h"

#include <stdlib.h>

#define OUT_MAX        70000
#define NOISE_MAX      2048
#define NOISE_SLOTS    8
#define RANDOM_VALUES  500
#define RANDOM_STRINGS 2000
#define STRING_MAX     200
#define LOSSY          "lossy_" /* goldens with something that decoders skip: values are compared */

union any_value {
    max_align_t align;
    uint8_t bytes[CODEC_VALUE_MAX];
};

static const char refused[] = "refused"; /* told by its address */

const struct codec *const codecs[] = {
    &codec_eth,
    &codec_arp,
    &codec_ipv4,
    &codec_icmp,
    &codec_udp,
    &codec_gre,
    &codec_probe,
    &codec_pim_hello,
    &codec_pim_jp,
    &codec_igmp,
    &codec_pim_register,
    &codec_pim_register_stop,
    &codec_pim_assert,
    &codec_pim_df,
    &codec_mdt,
    &codec_tcp,
    &codec_bgp_open,
    &codec_bgp_update,
    &codec_bgp_notification,
    &codec_bgp_refresh,
    NULL,
};

static FILE *null_stream(void)
{
    static FILE *f;
    if (f == NULL)
        f = fopen("/dev/null", "w");
    if (f == NULL)
        fatal("cannot open /dev/null");
    return f;
}

static uint8_t *exact_copy(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len);
    if (copy == NULL && len > 0)
        fatal("out of memory");
    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

/* second_half encodes a decoded value, decodes that and compares. */
static const char *second_half(const struct codec *c, const void *value)
{
    static uint8_t out[OUT_MAX];
    static union any_value again;
    struct wr w = wr_init(out, sizeof(out));
    if (c->encode(&w, value) != WIRE_OK)
        return "decodes, but does not encode";
    if (c->decode(out, w.pos, &again) != WIRE_OK)
        return "own encoding does not decode";
    return c->equal(value, &again) ? NULL : "value differs after the round trip";
}

static const char *round_trip(const struct codec *c, const uint8_t *data, size_t len)
{
    static union any_value value;
    if (c->decode(data, len, &value) != WIRE_OK)
        return refused;
    c->print(null_stream(), &value);
    return second_half(c, &value);
}

/* trip is codec_round_trip that tells a refused message (refused) from a good one. */
static const char *trip(const struct codec *c, const uint8_t *data, size_t len, bool repair)
{
    uint8_t *copy = exact_copy(data, len);
    if (repair && c->repair != NULL)
        c->repair(copy, len);
    const char *wrong = round_trip(c, copy, len);
    free(copy);
    return wrong;
}

const char *codec_round_trip(const struct codec *c, const uint8_t *data, size_t len, bool repair)
{
    const char *wrong = trip(c, data, len, repair);
    return wrong == refused ? NULL : wrong;
}

static bool report(const char *name, const char *what, size_t at)
{
    (void)fprintf(stderr, "\n%s, at %zu: %s\n", name, at, what);
    return false;
}

/* fits_exactly encodes into buffers of every size below the right one, each allocated exactly. */
static bool fits_exactly(const struct codec *c, const struct golden *g, const void *value,
                         size_t need)
{
    for (size_t cap = 0; cap < need; cap++) {
        uint8_t *buf = malloc(cap);
        struct wr w = wr_init(buf, cap);
        enum wire_err err = c->encode(&w, value);
        free(buf);
        if (err == WIRE_OK || w.pos > cap)
            return report(g->name, "encodes into a buffer that is too small", cap);
    }
    return true;
}

static bool check_golden(const struct codec *c, const struct golden *g)
{
    static union any_value value;
    static uint8_t out[OUT_MAX];
    enum wire_err err = c->decode(g->bytes, g->len, &value);
    if (err != WIRE_OK)
        return report(g->name, wire_err_name(err), 0);
    struct wr w = wr_init(out, sizeof(out));
    if (c->encode(&w, &value) != WIRE_OK)
        return report(g->name, "does not encode", w.pos);
    bool lossy = strstr(g->name, LOSSY) != NULL;
    if (!lossy && !codec_slices_equal(out, w.pos, g->bytes, g->len))
        return report(g->name, "other bytes after the round trip", w.pos);
    const char *wrong = second_half(c, &value);
    if (wrong != NULL)
        return report(g->name, wrong, 0);
    return fits_exactly(c, g, &value, w.pos);
}

static bool check_prefixes(const struct codec *c, const struct golden *g)
{
    bool ok = true;
    for (size_t len = 0; len < g->len; len++) {
        bool may = c->shorter_ok != NULL && c->shorter_ok(g->bytes, len);
        const char *raw = trip(c, g->bytes, len, false);
        const char *repaired = trip(c, g->bytes, len, true);
        if (raw != refused && (raw != NULL || !may))
            ok = report(g->name, raw != NULL ? raw : "prefix decodes", len);
        if (may ? repaired != NULL : repaired != refused)
            ok = report(g->name, repaired != NULL ? repaired : "repaired prefix decodes", len);
    }
    return ok;
}

static bool check_flips(const struct codec *c, const struct golden *g)
{
    bool ok = true;
    uint8_t *copy = exact_copy(g->bytes, g->len);
    size_t covered = c->covered == NULL ? 0 : c->covered(g->bytes, g->len);
    for (size_t bit = 0; bit < g->len * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const char *raw = trip(c, copy, g->len, false);
        const char *repaired = codec_round_trip(c, copy, g->len, true);
        if (raw != refused && (raw != NULL || bit / 8 < covered))
            ok = report(g->name, raw != NULL ? raw : "decodes in spite of its checksum", bit / 8);
        if (repaired != NULL)
            ok = report(g->name, repaired, bit / 8);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(copy);
    return ok;
}

static bool for_each_golden(const struct codec *c,
                            bool (*check)(const struct codec *c, const struct golden *g))
{
    struct golden *list;
    size_t n = golden_load_all(c->name, &list);
    bool ok = n > 0 || report(c->name, "no goldens", 0);
    for (size_t i = 0; i < n; i++)
        ok = check(c, &list[i]) && ok;
    golden_free_all(list, n);
    return ok;
}

bool codec_check_goldens(const struct codec *c)
{
    return for_each_golden(c, check_golden);
}

bool codec_check_prefixes(const struct codec *c)
{
    return for_each_golden(c, check_prefixes);
}

bool codec_check_flips(const struct codec *c)
{
    return for_each_golden(c, check_flips);
}

static bool random_strings(const struct codec *c, struct rng *rng)
{
    bool ok = true;
    for (size_t i = 0; i < RANDOM_STRINGS; i++) {
        size_t len = (size_t)hash_range(rng_next(rng), STRING_MAX);
        const char *wrong = codec_round_trip(c, codec_noise(rng, len), len, i % 2 == 0);
        if (wrong != NULL)
            ok = report(c->name, wrong, i);
    }
    return ok;
}

bool codec_check_random(const struct codec *c)
{
    static union any_value value;
    struct rng rng = {hash_text(1, c->name)};
    bool ok = true;
    for (size_t i = 0; i < RANDOM_VALUES; i++) {
        memset(&value, 0, sizeof(value));
        c->draw(&rng, &value);
        const char *wrong = second_half(c, &value);
        if (wrong != NULL)
            ok = report(c->name, wrong, i);
    }
    return random_strings(c, &rng) && ok;
}

const uint8_t *codec_noise(struct rng *rng, size_t n)
{
    static uint8_t slots[NOISE_SLOTS][NOISE_MAX];
    static unsigned next;
    uint8_t *p = slots[next++ % NOISE_SLOTS];
    if (n > NOISE_MAX)
        fatal("codec_noise: %zu bytes asked for", n);
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)rng_next(rng);
    return p;
}

size_t codec_covers_all(const uint8_t *golden, size_t len)
{
    (void)golden;
    return len;
}

bool codec_slices_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}
