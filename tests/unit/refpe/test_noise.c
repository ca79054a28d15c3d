/* Random bytes, and good frames with bytes changed, on both ports: nothing crashes, and the PE
 * still works afterwards. */
#include "bench.h"
#include "emul/base/rng.h"
#include "tests/unit/cu.h"

#define ROUNDS 20000

static uint8_t good[64][256];
static size_t good_len[64], good_count;
static bool good_p[64];

static void keep(const uint8_t *frame, size_t len, bool p_side)
{
    if (good_count < 64 && len <= sizeof(good[0])) {
        memcpy(good[good_count], frame, len);
        good_len[good_count] = len;
        good_p[good_count++] = p_side;
    }
}

static void tap_c(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)arg;
    (void)at;
    keep(frame, len, false);
}

static void tap_p(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)arg;
    (void)at;
    keep(frame, len, true);
}

/* Frames of every kind that the bench sends, caught on their way. */
static void collect(void)
{
    struct bench *b = bench_new(NULL, 1, 1);
    good_count = 0;
    bench_run(b, 0.01);
    port_on_rx(b->c[1], tap_c, NULL);
    port_on_rx(b->p[1], tap_p, NULL);
    bench_hello_p(b, 1);
    bench_hello_mti(b, 1, B_REMOTE, 1);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 1, 105);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(false, B_G_EG(1), B_S_EG(1)));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(true, B_G_IN(1), B_S_IN(1)));
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    bench_register_stop(b, B_MDT(1));
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_data_mti(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1));
    bench_arp_c(b, 1, 1, B_C_PE(1, 1));
    bench_echo_c(b, 1, 1);
    bench_run(b, 0.01);
    bench_free(b);
}

static void still_works(struct bench *b)
{
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 100, 0xffff);
    bench_hello_mti(b, 1, B_REMOTE, 17);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(7), B_RP_EG));
    bench_run(b, 1);
    bench_forget(b);
    bench_data_mti(b, 1, B_REMOTE, B_S_EG(9), B_G_EG(7));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(9), B_G_EG(7)), 1);
}

static void random_bytes(void)
{
    struct rng r = {1};
    struct bench *b = bench_start(NULL, 1, 1);
    for (unsigned n = 0; n < ROUNDS; n++) {
        uint8_t frame[300];
        size_t len = (size_t)(rng_next(&r) % sizeof(frame));
        for (size_t i = 0; i < len; i++)
            frame[i] = (uint8_t)rng_next(&r);
        bench_raw(b, n % 2 == 0, frame, len);
        if (n % 256 == 0)
            bench_run(b, 0.1);
        if (n % 4096 == 0)
            bench_forget(b);
    }
    still_works(b);
    bench_free(b);
}

static void changed_frames(void)
{
    struct rng r = {2};
    collect();
    CU_ASSERT_EQUAL(good_count, 12);
    struct bench *b = bench_start(NULL, 1, 1);
    for (unsigned n = 0; n < ROUNDS && good_count > 0; n++) {
        uint8_t frame[256];
        size_t g = (size_t)(rng_next(&r) % good_count), len = good_len[g];
        memcpy(frame, good[g], len);
        for (unsigned flips = (unsigned)(rng_next(&r) % 4); flips > 0; flips--)
            frame[rng_next(&r) % len] = (uint8_t)rng_next(&r);
        if (rng_next(&r) % 4 == 0)
            len = (size_t)(rng_next(&r) % (len + 1));
        bench_raw(b, good_p[g], frame, len);
        if (n % 64 == 0)
            bench_run(b, 0.5);
        if (n % 1024 == 0)
            bench_forget(b);
    }
    bench_hello_p(b, 7);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    bench_run(b, 6);
    still_works(b);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"random bytes", random_bytes},
    {"changed frames", changed_frames},
};
CU_MAIN("refpe noise", tests)
