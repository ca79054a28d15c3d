#include "emul/base/rng.h"
#include "emul/loop/loop.h"
#include "tests/unit/cu.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MANY 5000

static struct loop *loop;
static char trace[64];

struct letter {
    struct timer timer;
    char name;
    struct timer *victim;  /* cancelled when this one fires */
    struct timer *partner; /* armed when this one fires */
    int64_t partner_in_ns;
};

static void on_letter(void *arg)
{
    struct letter *t = arg;
    size_t n = strlen(trace);
    trace[n] = t->name;
    trace[n + 1] = '\0';
    if (t->victim != NULL)
        timer_cancel(loop, t->victim);
    if (t->partner != NULL)
        timer_set_in(loop, t->partner, t->partner_in_ns);
}

static void letter_init(struct letter *t, char name)
{
    *t = (struct letter){.name = name};
    timer_init(&t->timer, "letter", on_letter, t);
}

static struct instant at(int64_t ns)
{
    return (struct instant){ns};
}

static void start(void)
{
    trace[0] = '\0';
    loop = loop_new_virtual(at(100));
}

static void equal_deadlines_fire_in_arming_order(void)
{
    struct letter a, b, c;
    start();
    letter_init(&a, 'a');
    letter_init(&b, 'b');
    letter_init(&c, 'c');
    timer_set(loop, &c.timer, at(500));
    timer_set(loop, &b.timer, at(500));
    timer_set(loop, &a.timer, at(400));
    CU_ASSERT_FALSE(loop_run(loop, at(1000)));
    CU_ASSERT_STRING_EQUAL(trace, "acb");
    CU_ASSERT_EQUAL(loop_now(loop).ns, 1000);
    CU_ASSERT_FALSE(timer_armed(&a.timer));
    loop_free(loop);
}

static void rearming_moves_a_timer_behind_its_equals(void)
{
    struct letter a, b;
    start();
    letter_init(&a, 'a');
    letter_init(&b, 'b');
    timer_set(loop, &a.timer, at(500));
    timer_set(loop, &b.timer, at(500));
    timer_set(loop, &a.timer, at(500));
    (void)loop_run(loop, at(500));
    CU_ASSERT_STRING_EQUAL(trace, "ba");
    loop_free(loop);
}

static void cancelled_timers_stay_silent(void)
{
    struct letter a, b, c;
    start();
    letter_init(&a, 'a');
    letter_init(&b, 'b');
    letter_init(&c, 'c');
    a.victim = &b.timer;
    timer_set(loop, &a.timer, at(200));
    timer_set(loop, &b.timer, at(200));
    timer_set(loop, &c.timer, at(300));
    timer_cancel(loop, &c.timer);
    timer_cancel(loop, &c.timer);
    (void)loop_run(loop, at(1000));
    CU_ASSERT_STRING_EQUAL(trace, "a");
    loop_free(loop);
}

static void a_timer_may_arm_itself_and_the_clock_jumps(void)
{
    struct letter a;
    start();
    letter_init(&a, 'a');
    a.partner = &a.timer;
    a.partner_in_ns = 600 * NS_PER_S;
    timer_set(loop, &a.timer, at(100));
    (void)loop_run(loop, at(100 + 1800 * NS_PER_S));
    CU_ASSERT_STRING_EQUAL(trace, "aaaa");
    CU_ASSERT_EQUAL(loop_now(loop).ns, 100 + 1800 * NS_PER_S);
    loop_free(loop);
}

static void the_past_fires_at_once_and_time_never_goes_back(void)
{
    struct letter a;
    start();
    letter_init(&a, 'a');
    timer_set(loop, &a.timer, at(5));
    (void)loop_run(loop, at(100));
    CU_ASSERT_STRING_EQUAL(trace, "a");
    CU_ASSERT_EQUAL(loop_now(loop).ns, 100);
    loop_free(loop);
}

static void run_ends_at_its_instant_inclusive(void)
{
    struct letter a, b;
    start();
    letter_init(&a, 'a');
    letter_init(&b, 'b');
    timer_set(loop, &a.timer, at(300));
    timer_set(loop, &b.timer, at(301));
    (void)loop_run(loop, at(300));
    CU_ASSERT_STRING_EQUAL(trace, "a");
    CU_ASSERT_TRUE(timer_armed(&b.timer));
    loop_free(loop);
    CU_ASSERT_FALSE(timer_armed(&b.timer));
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

static void stop_returns_true_and_keeps_the_time(void)
{
    struct timer t;
    start();
    timer_init(&t, "stop", on_stop, loop);
    timer_set(loop, &t, at(400));
    CU_ASSERT_TRUE(loop_run(loop, at(1000)));
    CU_ASSERT_EQUAL(loop_now(loop).ns, 400);
    CU_ASSERT_FALSE(loop_run(loop, at(1000)));
    loop_free(loop);
}

static int64_t last_at;
static size_t fired, disorder;

static void on_many(void *arg)
{
    const struct timer *t = arg;
    disorder += t->at.ns < last_at || t->at.ns != loop_now(loop).ns;
    last_at = t->at.ns;
    fired++;
}

/* A heap of thousands, re-armed and cancelled at random, still fires in order. */
static void thousands_fire_in_order(void)
{
    static struct timer timers[MANY];
    uint64_t x = 88172645463325252u;
    start();
    last_at = 0;
    fired = disorder = 0;
    for (size_t i = 0; i < MANY; i++)
        timer_init(&timers[i], "many", on_many, &timers[i]);
    for (size_t n = 0; n < (size_t)MANY * 4; n++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        struct timer *t = &timers[(x >> 20) % MANY];
        if (x % 5 == 0)
            timer_cancel(loop, t);
        else
            timer_set(loop, t, at(1000 + (int64_t)((x >> 40) % 3000)));
    }
    size_t armed = 0;
    for (size_t i = 0; i < MANY; i++)
        armed += timer_armed(&timers[i]);
    (void)loop_run(loop, at(10000));
    CU_ASSERT_EQUAL(fired, armed);
    CU_ASSERT_EQUAL(disorder, 0);
    struct loop_health health;
    loop_health_get(loop, &health);
    CU_ASSERT_EQUAL(health.events, armed);
    loop_free(loop);
}

static void real_timers_fire_on_time_and_in_order(void)
{
    struct letter a, b;
    trace[0] = '\0';
    loop = loop_new_real();
    letter_init(&a, 'a');
    letter_init(&b, 'b');
    struct instant begin = loop_now(loop);
    timer_set(loop, &b.timer, instant_add(begin, 3 * NS_PER_MS));
    timer_set(loop, &a.timer, instant_add(begin, NS_PER_MS));
    CU_ASSERT_FALSE(loop_run(loop, instant_add(begin, 5 * NS_PER_MS)));
    CU_ASSERT_STRING_EQUAL(trace, "ab");
    CU_ASSERT(instant_diff(loop_now(loop), begin) >= 5 * NS_PER_MS);
    loop_free(loop);
}

/* More timers are due at the end than one turn serves; all of them belong to the run. */
static void real_run_serves_all_that_is_due(void)
{
    static struct timer timers[MANY];
    loop = loop_new_real();
    fired = 0;
    struct instant begin = loop_now(loop);
    for (size_t i = 0; i < MANY; i++) {
        timer_init(&timers[i], "many", on_many, &timers[i]);
        timer_set(loop, &timers[i], begin);
    }
    (void)loop_run(loop, begin);
    CU_ASSERT_EQUAL(fired, MANY);
    loop_free(loop);
}

static int pipe_ends[2];

static void on_readable(void *arg, uint32_t events)
{
    char byte;
    CU_ASSERT((events & EPOLLIN) != 0);
    CU_ASSERT_EQUAL(read(pipe_ends[0], &byte, 1), 1);
    trace[0] = byte;
    trace[1] = '\0';
    loop_fd_del(loop, pipe_ends[0]);
    loop_stop(arg);
}

static void on_write(void *arg)
{
    (void)arg;
    CU_ASSERT_EQUAL(write(pipe_ends[1], "xy", 2), 2);
}

static void descriptors_are_served_until_they_are_removed(void)
{
    struct timer t;
    trace[0] = '\0';
    loop = loop_new_real();
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_ends), 0);
    CU_ASSERT_EQUAL(loop_fd_add(loop, pipe_ends[0], EPOLLIN, on_readable, loop), 0);
    timer_init(&t, "write", on_write, NULL);
    timer_set_in(loop, &t, NS_PER_MS);
    CU_ASSERT_TRUE(loop_run(loop, instant_add(loop_now(loop), NS_PER_S)));
    CU_ASSERT_STRING_EQUAL(trace, "x");
    /* One byte is left, but nobody watches any more. */
    CU_ASSERT_FALSE(loop_run(loop, instant_add(loop_now(loop), NS_PER_MS)));
    CU_ASSERT_STRING_EQUAL(trace, "x");
    loop_free(loop);
    (void)close(pipe_ends[0]);
    (void)close(pipe_ends[1]);
}

/* A sender that is behind: each burst takes a while and is flushed at once, and the next is due a
 * little later. */
struct sender {
    struct timer timer, flush;
    unsigned bursts, served;
};

static void spend(int64_t ns)
{
    struct instant end = instant_add(loop_now(loop), ns);
    while (instant_before(loop_now(loop), end))
        ;
}

static void on_flush(void *arg)
{
    (void)arg;
    spend(20 * NS_PER_US);
}

static void on_burst(void *arg)
{
    struct sender *s = arg;
    s->bursts++;
    spend(20 * NS_PER_US);
    timer_set_in(loop, &s->flush, 0);
    timer_set_in(loop, &s->timer, NS_PER_US);
}

static void on_served(void *arg, uint32_t events)
{
    struct sender *s = arg;
    (void)events;
    s->served++;
}

static void a_busy_sender_does_not_starve_descriptors(void)
{
    struct sender s = {0};
    int ends[2];
    loop = loop_new_real();
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], "x", 1), 1);
    timer_init(&s.timer, "burst", on_burst, &s);
    timer_init(&s.flush, "flush", on_flush, &s);
    CU_ASSERT_EQUAL(loop_fd_add(loop, ends[0], EPOLLIN, on_served, &s), 0);
    timer_set_in(loop, &s.timer, 0);
    (void)loop_run(loop, instant_add(loop_now(loop), 20 * NS_PER_MS));
    CU_ASSERT(s.bursts > 10);
    CU_ASSERT(s.served * 3 >= s.bursts);
    timer_cancel(loop, &s.timer);
    timer_cancel(loop, &s.flush);
    loop_fd_del(loop, ends[0]);
    (void)close(ends[0]);
    (void)close(ends[1]);
    loop_free(loop);
}

static void wall_time_maps_to_the_base(void)
{
    loop = loop_new_virtual(at(0));
    CU_ASSERT_EQUAL(loop_from_wall(loop, 42).ns, 42);
    loop_free(loop);
    loop = loop_new_real();
    struct instant now = loop_now(loop);
    int64_t apart = instant_diff(loop_from_wall(loop, now.ns), now);
    CU_ASSERT(apart > -NS_PER_MS && apart < NS_PER_MS);
    loop_free(loop);
}

/* Timers that are armed, re-armed and cancelled at random, for the present, past and future, beside
 * a model that looks for the first by deadline and order of arming. */
enum { CROWD = 40, FIRINGS = 20000 };

static struct {
    struct timer timer;
    int64_t at;
    unsigned long order;
    bool armed;
} crowd[CROWD];
static unsigned long crowd_order, crowd_fired, crowd_wrong;
static struct rng crowd_rng;

static void crowd_step(void)
{
    size_t i = hash_range(rng_next(&crowd_rng), CROWD);
    uint64_t what = hash_range(rng_next(&crowd_rng), 10);
    int64_t ns = loop_now(loop).ns;
    if (what == 0) {
        timer_cancel(loop, &crowd[i].timer);
        crowd[i].armed = false;
        return;
    }
    ns += what <= 6 ? 0 : what == 7 ? -1 : (int64_t)hash_range(rng_next(&crowd_rng), 3);
    timer_set(loop, &crowd[i].timer, at(ns));
    crowd[i].at = ns;
    crowd[i].order = crowd_order++;
    crowd[i].armed = true;
}

static void on_crowd(void *arg)
{
    size_t me = (size_t)((const char *)arg - (const char *)crowd) / sizeof(crowd[0]), first = CROWD;
    for (size_t i = 0; i < CROWD; i++) {
        bool before = first == CROWD || crowd[i].at < crowd[first].at ||
                      (crowd[i].at == crowd[first].at && crowd[i].order < crowd[first].order);
        first = crowd[i].armed && before ? i : first;
    }
    crowd_wrong += first != me || timer_armed(&crowd[me].timer);
    crowd[me].armed = false;
    if (++crowd_fired == FIRINGS)
        loop_stop(loop);
    for (uint64_t n = hash_range(rng_next(&crowd_rng), 4); n > 0; n--)
        crowd_step();
}

static void any_order_of_arming_fires_by_deadline_and_order(void)
{
    start();
    crowd_rng = (struct rng){17};
    for (size_t i = 0; i < CROWD; i++)
        timer_init(&crowd[i].timer, "crowd", on_crowd, &crowd[i]);
    while (crowd_fired < FIRINGS) {
        crowd_step();
        (void)loop_run(loop, at(loop_now(loop).ns + (int64_t)(crowd_order % 2)));
    }
    CU_ASSERT_EQUAL(crowd_wrong, 0);
    crowd_step();
    loop_free(loop);
    for (size_t i = 0; i < CROWD; i++)
        CU_ASSERT_FALSE(timer_armed(&crowd[i].timer));
}

static const struct cu_test tests[] = {
    {"equal deadlines fire in arming order", equal_deadlines_fire_in_arming_order},
    {"re-arming moves a timer behind its equals", rearming_moves_a_timer_behind_its_equals},
    {"cancelled timers stay silent", cancelled_timers_stay_silent},
    {"any order of arming", any_order_of_arming_fires_by_deadline_and_order},
    {"a timer may arm itself, the clock jumps", a_timer_may_arm_itself_and_the_clock_jumps},
    {"the past fires at once", the_past_fires_at_once_and_time_never_goes_back},
    {"a run ends at its instant, inclusive", run_ends_at_its_instant_inclusive},
    {"stop returns true", stop_returns_true_and_keeps_the_time},
    {"thousands fire in order", thousands_fire_in_order},
    {"real timers fire in order", real_timers_fire_on_time_and_in_order},
    {"a real run serves all that is due", real_run_serves_all_that_is_due},
    {"descriptors are served until removed", descriptors_are_served_until_they_are_removed},
    {"a busy sender does not starve descriptors", a_busy_sender_does_not_starve_descriptors},
    {"wall time maps to the base", wall_time_maps_to_the_base},
};

CU_MAIN("loop", tests)
