#include "emul/io/memlink.h"
#include "emul/loop/loop.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>

#define FRAME   100
#define MTU     1500
#define MANY    20000
#define STEP_NS (10 * NS_PER_US)

struct arrival {
    uint32_t number;
    struct instant at;
};

struct sink {
    struct port *port;
    struct arrival *seen;
    size_t count;
    size_t damaged;
    unsigned link_events;
    bool link_up;
};

static struct loop *loop;
static struct port *ends[2];
static struct sink sinks[2];

static void frame_make(uint8_t *frame, size_t len, uint32_t number)
{
    memset(frame, (int)(number & 0xff), len);
    memcpy(frame + 14, &number, sizeof(number));
    frame[12] = 0x08;
    frame[13] = 0x00;
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct sink *s = arg;
    uint32_t number;
    memcpy(&number, frame + 14, sizeof(number));
    s->damaged += len < 20 || frame[len - 1] != (number & 0xff) || at.ns != loop_now(loop).ns;
    if (s->count < MANY)
        s->seen[s->count] = (struct arrival){number, at};
    s->count++;
}

static void on_link(void *arg, bool up)
{
    struct sink *s = arg;
    s->link_events++;
    s->link_up = up;
}

static void start(const struct link_params *params, uint64_t seed)
{
    loop = loop_new_virtual((struct instant){0});
    memlink_new(loop, params, seed, "a", "b", MTU, ends);
    for (unsigned i = 0; i < 2; i++) {
        sinks[i] = (struct sink){.port = ends[i], .seen = calloc(MANY, sizeof(struct arrival))};
        port_on_rx(ends[i], on_frame, &sinks[i]);
        port_on_link(ends[i], on_link, &sinks[i]);
    }
}

static void finish(void)
{
    for (unsigned i = 0; i < 2; i++) {
        port_free(ends[i]);
        free(sinks[i].seen);
    }
    loop_free(loop);
}

static int send_one(unsigned from, uint32_t number, size_t len)
{
    uint8_t frame[PORT_FRAME_MAX];
    frame_make(frame, len, number);
    return port_send(ends[from], frame, len, loop_now(loop));
}

/* Sends MANY frames from end 0, one every STEP_NS, and waits until the last has arrived. */
static void send_many(void)
{
    for (uint32_t i = 0; i < MANY; i++) {
        (void)loop_run(loop, (struct instant){(int64_t)i * STEP_NS});
        (void)send_one(0, i, FRAME);
    }
    (void)loop_run(loop, (struct instant){MANY * STEP_NS + 10 * NS_PER_S});
}

static size_t overtaken(const struct sink *s)
{
    size_t n = 0;
    uint32_t highest = 0;
    for (size_t i = 0; i < s->count; i++) {
        n += s->seen[i].number < highest;
        highest = s->seen[i].number > highest ? s->seen[i].number : highest;
    }
    return n;
}

static void ideal_link_delivers_after_the_event_at_the_same_instant(void)
{
    start(&(struct link_params){0}, 1);
    CU_ASSERT_EQUAL(send_one(0, 1, FRAME), 0);
    CU_ASSERT_EQUAL(send_one(0, 2, 1514), 0);
    CU_ASSERT_EQUAL(send_one(1, 3, 60), 0);
    CU_ASSERT_EQUAL(sinks[1].count, 0);
    (void)loop_run(loop, (struct instant){0});
    CU_ASSERT_EQUAL(sinks[1].count, 2);
    CU_ASSERT_EQUAL(sinks[1].seen[0].number, 1);
    CU_ASSERT_EQUAL(sinks[1].seen[1].number, 2);
    CU_ASSERT_EQUAL(sinks[1].damaged, 0);
    CU_ASSERT_EQUAL(sinks[0].count, 1);
    struct port_stats tx, rx;
    port_stats_get(ends[0], &tx);
    port_stats_get(ends[1], &rx);
    CU_ASSERT_EQUAL(tx.tx_frames, 2);
    CU_ASSERT_EQUAL(tx.tx_bytes, FRAME + 1514);
    CU_ASSERT_EQUAL(rx.rx_frames, 2);
    CU_ASSERT_EQUAL(rx.rx_bytes, FRAME + 1514);
    finish();
}

static void delay_is_exact(void)
{
    start(&(struct link_params){.delay_ns = 7 * NS_PER_MS}, 1);
    send_many();
    CU_ASSERT_EQUAL_FATAL(sinks[1].count, MANY);
    size_t wrong = 0;
    for (uint32_t i = 0; i < MANY; i++)
        wrong += sinks[1].seen[i].at.ns != (int64_t)i * STEP_NS + 7 * NS_PER_MS;
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(sinks[1].damaged, 0);
    finish();
}

static void jitter_is_uniform_and_keeps_order(void)
{
    /* Jitter below the sending interval: order cannot clip the draws. */
    start(&(struct link_params){.delay_ns = NS_PER_MS, .jitter_ns = STEP_NS}, 5);
    send_many();
    int64_t least = INT64_MAX, most = 0, sum = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        int64_t extra = sinks[1].seen[i].at.ns - (int64_t)i * STEP_NS - NS_PER_MS;
        least = extra < least ? extra : least;
        most = extra > most ? extra : most;
        sum += extra;
    }
    CU_ASSERT(least >= 0 && least < STEP_NS / 100);
    CU_ASSERT(most <= STEP_NS && most > STEP_NS / 100 * 99);
    CU_ASSERT(llabs(sum / MANY - STEP_NS / 2) < STEP_NS / 50);
    finish();
    start(&(struct link_params){.jitter_ns = 100 * STEP_NS}, 5);
    send_many();
    CU_ASSERT_EQUAL(sinks[1].count, MANY);
    CU_ASSERT_EQUAL(overtaken(&sinks[1]), 0);
    CU_ASSERT_EQUAL(sinks[1].damaged, 0);
    finish();
}

static void loss_has_its_share(void)
{
    start(&(struct link_params){.loss = 0.1}, 3);
    send_many();
    double share = 1 - (double)sinks[1].count / MANY;
    CU_ASSERT_DOUBLE_EQUAL(share, 0.1, 0.01);
    CU_ASSERT_EQUAL(ends[0]->stats.tx_errors, 0);
    finish();
    start(&(struct link_params){.loss = 1}, 3);
    send_many();
    CU_ASSERT_EQUAL(sinks[1].count, 0);
    finish();
}

static void reorder_has_its_share_and_loses_nothing(void)
{
    static const double shares[] = {0.02, 0.2, 0.5};
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        start(&(struct link_params){.reorder = shares[i]}, 9);
        send_many();
        CU_ASSERT_EQUAL(sinks[1].count, MANY);
        CU_ASSERT_DOUBLE_EQUAL((double)overtaken(&sinks[1]) / MANY, shares[i], 0.01);
        CU_ASSERT_EQUAL(sinks[1].damaged, 0);
        finish();
    }
}

static void a_frame_with_no_successor_arrives_alone(void)
{
    start(&(struct link_params){.reorder = 1, .delay_ns = NS_PER_MS}, 1);
    CU_ASSERT_EQUAL(send_one(0, 1, FRAME), 0);
    (void)loop_run(loop, (struct instant){NS_PER_S});
    CU_ASSERT_EQUAL_FATAL(sinks[1].count, 1);
    CU_ASSERT_EQUAL(sinks[1].seen[0].at.ns, NS_PER_MS + MEMLINK_HOLD_NS);
    finish();
}

static void rate_serialises(void)
{
    /* 100 bytes at 8 Mbit/s take 100 us; the queue holds one second of them. */
    start(&(struct link_params){.rate_mbps = 8}, 1);
    int refused = 0;
    for (uint32_t i = 0; i < MANY; i++)
        refused += send_one(0, i, FRAME) != 0;
    CU_ASSERT_EQUAL(refused, MANY - 10001);
    CU_ASSERT_EQUAL(ends[0]->stats.tx_errors, (uint64_t)refused);
    (void)loop_run(loop, (struct instant){10 * NS_PER_S});
    CU_ASSERT_EQUAL_FATAL(sinks[1].count, 10001);
    size_t wrong = 0;
    for (uint32_t i = 0; i < 10001; i++)
        wrong += sinks[1].seen[i].at.ns != (int64_t)(i + 1) * 100 * NS_PER_US;
    CU_ASSERT_EQUAL(wrong, 0);
    finish();
}

static void the_seed_decides_all(void)
{
    const struct link_params params = {.delay_ns = NS_PER_MS,
                                       .jitter_ns = 30 * NS_PER_US,
                                       .loss = 0.05,
                                       .reorder = 0.05,
                                       .rate_mbps = 1000};
    struct arrival *first = malloc(MANY * sizeof(*first));
    start(&params, 77);
    send_many();
    size_t count = sinks[1].count;
    memcpy(first, sinks[1].seen, count * sizeof(*first));
    finish();
    start(&params, 77);
    /* The other direction has its own generator: its traffic changes nothing here. */
    for (uint32_t i = 0; i < 100; i++)
        (void)send_one(1, i, FRAME);
    send_many();
    CU_ASSERT_EQUAL(sinks[1].count, count);
    CU_ASSERT_EQUAL(memcmp(first, sinks[1].seen, count * sizeof(*first)), 0);
    finish();
    start(&params, 78);
    send_many();
    CU_ASSERT(sinks[1].count != count || memcmp(first, sinks[1].seen, count * sizeof(*first)) != 0);
    finish();
    free(first);
}

static void a_cut_link_drops_what_is_in_flight(void)
{
    struct err err = {0};
    start(&(struct link_params){.delay_ns = NS_PER_MS, .reorder = 0.5}, 1);
    for (uint32_t i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(send_one(0, i, FRAME), 0);
    CU_ASSERT_EQUAL(port_set_up(ends[1], false, &err), 0);
    CU_ASSERT_FALSE(ends[0]->up);
    CU_ASSERT_FALSE(ends[1]->up);
    CU_ASSERT_EQUAL(send_one(0, 11, FRAME), -1);
    CU_ASSERT_EQUAL(send_one(1, 11, FRAME), -1);
    CU_ASSERT_EQUAL(ends[0]->stats.tx_errors, 1);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(sinks[i].link_events, 1);
        CU_ASSERT_FALSE(sinks[i].link_up);
    }
    (void)loop_run(loop, (struct instant){NS_PER_S});
    CU_ASSERT_EQUAL(sinks[1].count, 0);
    /* Both ends hold the link down: it takes both to bring it up. */
    (void)port_set_up(ends[0], false, &err);
    (void)port_set_up(ends[1], true, &err);
    CU_ASSERT_FALSE(ends[1]->up);
    (void)port_set_up(ends[0], true, &err);
    CU_ASSERT_TRUE(ends[0]->up && ends[1]->up);
    CU_ASSERT_EQUAL(sinks[0].link_events, 2);
    CU_ASSERT_EQUAL(sinks[1].link_events, 2);
    CU_ASSERT_EQUAL(send_one(0, 12, FRAME), 0);
    (void)loop_run(loop, (struct instant){2 * NS_PER_S});
    CU_ASSERT_EQUAL_FATAL(sinks[1].count, 1);
    CU_ASSERT_EQUAL(sinks[1].seen[0].number, 12);
    finish();
}

/* Sends much in both directions while its own frame is lent, then looks at the frame again. */
static void on_frame_answer(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct sink *s = arg;
    uint32_t number;
    memcpy(&number, frame + 14, sizeof(number));
    if (number == 0) {
        for (uint32_t i = 1; i <= 5000; i++) {
            CU_ASSERT_EQUAL(send_one(0, i, 1000), 0);
            CU_ASSERT_EQUAL(send_one(1, i, 1000), 0);
        }
    }
    on_frame(s, frame, len, at);
}

static void on_frame_cut(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    uint8_t before[FRAME];
    memcpy(before, frame, len);
    (void)port_set_up(ends[1], false, NULL);
    (void)port_set_up(ends[1], true, NULL);
    for (uint32_t i = 100; i < 1000; i++)
        (void)send_one(0, i, 1000);
    CU_ASSERT_EQUAL(memcmp(before, frame, len), 0);
    port_on_rx(ends[1], on_frame, arg);
    on_frame(arg, frame, len, at);
}

static void receivers_may_send_and_cut(void)
{
    static const struct link_params kinds[] = {{0}, {.delay_ns = NS_PER_MS}};
    for (unsigned k = 0; k < 2; k++) {
        start(&kinds[k], 1);
        port_on_rx(ends[1], on_frame_answer, &sinks[1]);
        (void)send_one(0, 0, FRAME);
        (void)loop_run(loop, (struct instant){NS_PER_S});
        CU_ASSERT_EQUAL(sinks[0].count, 5000);
        CU_ASSERT_EQUAL(sinks[1].count, 5001);
        CU_ASSERT_EQUAL(sinks[0].damaged + sinks[1].damaged, 0);
        finish();
        start(&kinds[k], 1);
        port_on_rx(ends[1], on_frame_cut, &sinks[1]);
        for (uint32_t i = 0; i < 50; i++)
            (void)send_one(0, i, FRAME);
        (void)loop_run(loop, (struct instant){NS_PER_S});
        CU_ASSERT_EQUAL(sinks[1].count, 901);
        CU_ASSERT_EQUAL(sinks[1].seen[1].number, 100);
        CU_ASSERT_EQUAL(sinks[1].damaged, 0);
        finish();
    }
}

static void oversize_frames_are_refused(void)
{
    uint8_t frame[PORT_FRAME_MAX + 1];
    start(&(struct link_params){0}, 1);
    CU_ASSERT_EQUAL(send_one(0, 1, MTU + 14), 0);
    CU_ASSERT_EQUAL(send_one(0, 1, MTU + 15), -1);
    frame_make(frame, MTU + 22, 1);
    frame[12] = 0x88;
    frame[13] = 0xa8;
    frame[16] = 0x81;
    frame[17] = 0x00;
    CU_ASSERT_EQUAL(port_send(ends[0], frame, MTU + 22, loop_now(loop)), 0);
    CU_ASSERT_EQUAL(port_send(ends[0], frame, MTU + 23, loop_now(loop)), -1);
    CU_ASSERT_EQUAL(port_send(ends[0], frame, 13, loop_now(loop)), -1);
    CU_ASSERT_EQUAL(port_send(ends[0], frame, sizeof(frame), loop_now(loop)), -1);
    CU_ASSERT_EQUAL(ends[0]->stats.tx_errors, 4);
    finish();
}

static void on_frame_free(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    unsigned *freed = arg;
    (void)frame;
    (void)len;
    (void)at;
    port_free(ends[0]);
    port_free(ends[1]);
    ++*freed;
}

static void ports_may_be_freed_by_a_receiver(void)
{
    unsigned freed = 0;
    loop = loop_new_virtual((struct instant){0});
    memlink_new(loop, &(struct link_params){.delay_ns = 5}, 1, "a", "b", 0, ends);
    port_on_rx(ends[1], on_frame_free, &freed);
    (void)send_one(0, 1, FRAME);
    (void)send_one(0, 2, FRAME);
    (void)send_one(1, 3, FRAME);
    (void)loop_run(loop, (struct instant){NS_PER_S});
    CU_ASSERT_EQUAL(freed, 1);
    loop_free(loop);
}

static const struct cu_test tests[] = {
    {"ideal link", ideal_link_delivers_after_the_event_at_the_same_instant},
    {"delay is exact", delay_is_exact},
    {"jitter is uniform and keeps order", jitter_is_uniform_and_keeps_order},
    {"loss has its share", loss_has_its_share},
    {"reorder has its share", reorder_has_its_share_and_loses_nothing},
    {"a frame with no successor arrives alone", a_frame_with_no_successor_arrives_alone},
    {"rate serialises", rate_serialises},
    {"the seed decides all", the_seed_decides_all},
    {"a cut link drops what is in flight", a_cut_link_drops_what_is_in_flight},
    {"receivers may send and cut", receivers_may_send_and_cut},
    {"oversize frames are refused", oversize_frames_are_refused},
    {"ports may be freed by a receiver", ports_may_be_freed_by_a_receiver},
};

CU_MAIN("memlink", tests)
