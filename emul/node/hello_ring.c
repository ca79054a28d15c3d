#include "emul/node/hello_ring.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/proto/pim/timers.h"

#include <stdlib.h>
#include <string.h>

static int64_t phase_ns(const struct hello_ring *h, uint32_t member)
{
    uint64_t x = hash_mix(hash_mix(h->seed, h->set), member);
    return (int64_t)hash_range(x, (uint64_t)h->spread_ns);
}

struct placed {
    int64_t phase_ns;
    uint32_t member;
};

static int compare_placed(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->phase_ns != b->phase_ns)
        return a->phase_ns < b->phase_ns ? -1 : 1;
    return a->member < b->member ? -1 : a->member > b->member;
}

static bool is_triggered(const struct hello_ring *h, uint32_t member)
{
    return (h->triggered[member / 8] >> (member % 8) & 1) != 0;
}

static struct instant periodic_at(const struct hello_ring *h)
{
    return instant_add(h->base, phase_ns(h, h->order[h->next]));
}

static struct instant burst_at(const struct hello_ring *h)
{
    int64_t phase = phase_ns(h, h->order[h->burst_next]);
    double share = (double)phase / (double)h->spread_ns;
    return instant_add(h->burst_base, (int64_t)(share * (double)PIM_TRIGGERED_HELLO_NS));
}

static void on_periodic(void *arg)
{
    struct hello_ring *h = arg;
    struct instant now = loop_now(h->loop);
    while (h->running && !instant_before(now, periodic_at(h))) {
        uint32_t member = h->order[h->next];
        if (++h->next == h->count) {
            h->next = 0;
            h->base = instant_add(h->base, PIM_HELLO_PERIOD_NS);
            h->went_round = true;
        }
        h->say(h->owner, h->set, member);
    }
    if (h->running)
        timer_set(h->loop, &h->periodic, periodic_at(h));
}

static void skip_untriggered(struct hello_ring *h)
{
    while (h->burst_next < h->count && !is_triggered(h, h->order[h->burst_next]))
        h->burst_next++;
}

/*
 * burst_aim sets the timer to the next triggered member: in this round of five seconds, or, for
 * those whose place in it is past, in the next one. So each speaks within five seconds of being
 * triggered, however often others are triggered meanwhile.
 */
static void burst_aim(struct hello_ring *h)
{
    struct instant now = loop_now(h->loop);
    for (unsigned round = 0; round < 2; round++) {
        for (h->burst_next = 0; h->burst_next < h->count; h->burst_next++) {
            if (!is_triggered(h, h->order[h->burst_next]) ||
                (round == 0 && instant_before(burst_at(h), now)))
                continue;
            timer_set(h->loop, &h->burst, burst_at(h));
            return;
        }
        h->burst_base = instant_add(h->burst_base, PIM_TRIGGERED_HELLO_NS);
    }
    h->bursting = false;
}

static void on_burst(void *arg)
{
    struct hello_ring *h = arg;
    struct instant now = loop_now(h->loop);
    skip_untriggered(h);
    while (h->running && h->burst_next < h->count && !instant_before(now, burst_at(h))) {
        uint32_t member = h->order[h->burst_next++];
        h->triggered[member / 8] &= (uint8_t) ~(1u << (member % 8));
        h->say(h->owner, h->set, member);
        skip_untriggered(h);
    }
    if (!h->running)
        return;
    if (h->burst_next < h->count)
        timer_set(h->loop, &h->burst, burst_at(h));
    else
        burst_aim(h);
}

void hello_ring_init(struct hello_ring *h, struct loop *loop, uint64_t seed, uint32_t set,
                     uint32_t count, int64_t spread_ns, hello_ring_fn *say, void *owner)
{
    *h = (struct hello_ring){.loop = loop,
                             .say = say,
                             .owner = owner,
                             .seed = seed,
                             .spread_ns = spread_ns,
                             .set = set,
                             .count = count};
    struct placed *placed = mem_zalloc(count, sizeof(*placed));
    for (uint32_t m = 0; m < count; m++)
        placed[m] = (struct placed){phase_ns(h, m), m};
    qsort(placed, count, sizeof(*placed), compare_placed);
    h->order = mem_zalloc(count, sizeof(*h->order));
    for (uint32_t m = 0; m < count; m++)
        h->order[m] = placed[m].member;
    free(placed);
    h->triggered = mem_zalloc(count / 8 + 1, 1);
    timer_init(&h->periodic, "hello", on_periodic, h);
    timer_init(&h->burst, "triggered hello", on_burst, h);
}

void hello_ring_fini(struct hello_ring *h)
{
    if (h->loop != NULL)
        hello_ring_stop(h);
    free(h->order);
    free(h->triggered);
    *h = (struct hello_ring){0};
}

void hello_ring_start(struct hello_ring *h)
{
    if (h->running || h->count == 0)
        return;
    h->running = true;
    h->base = loop_now(h->loop);
    timer_set(h->loop, &h->periodic, periodic_at(h));
}

void hello_ring_stop(struct hello_ring *h)
{
    h->running = h->bursting = false;
    timer_cancel(h->loop, &h->periodic);
    timer_cancel(h->loop, &h->burst);
}

static void burst_begin(struct hello_ring *h)
{
    if (!h->bursting)
        h->burst_base = loop_now(h->loop);
    h->bursting = true;
    burst_aim(h);
}

void hello_ring_trigger(struct hello_ring *h)
{
    if (!h->running)
        return;
    memset(h->triggered, 0xff, h->count / 8 + 1);
    burst_begin(h);
}

void hello_ring_trigger_one(struct hello_ring *h, uint32_t member)
{
    if (!h->running || is_triggered(h, member))
        return;
    h->triggered[member / 8] |= (uint8_t)(1u << (member % 8));
    burst_begin(h);
}
