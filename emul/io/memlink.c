#include "emul/io/memlink.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/io/fifo.h"

#include <stdlib.h>
#include <string.h>

struct memlink;

struct memport {
    struct port port; /* first member */
    struct memlink *link;
    bool admin_up;
    bool freed;
};

/* One way through the cable. */
struct direction {
    struct memlink *link;
    struct memport *to;
    struct fifo queue; /* in the order of arrival */
    struct timer timer;
    struct rng rng;
    struct instant wire_free;    /* end of the last frame's serialisation */
    struct instant last_arrival; /* of what was queued last */
    uint8_t *held;               /* the frame that the next one overtakes */
    size_t held_len;             /* 0: none */
    struct instant held_at;      /* its arrival if nothing overtakes it */
    bool delivering;
    bool lent; /* the head is with the receive function */
};

struct memlink {
    struct loop *loop;
    struct link_params params;
    bool ideal;
    double ns_per_byte;
    double hold_chance;
    struct memport ends[2];
    struct direction ways[2]; /* ways[i] leaves ends[i] */
};

static void link_free_if_unused(struct memlink *l)
{
    if (!l->ends[0].freed || !l->ends[1].freed || l->ways[0].delivering || l->ways[1].delivering)
        return;
    for (unsigned i = 0; i < 2; i++) {
        timer_cancel(l->loop, &l->ways[i].timer);
        fifo_fini(&l->ways[i].queue);
        free(l->ways[i].held);
    }
    free(l);
}

/* Arms the one timer of the way: for the head's arrival, else for the end of a hold. */
static void way_arm(struct direction *w)
{
    struct instant due;
    if (w->delivering)
        return;
    if (w->queue.count > 0)
        due = w->link->ideal ? loop_now(w->link->loop) : fifo_head(&w->queue)->at;
    else if (w->held_len > 0)
        due = instant_add(w->held_at, MEMLINK_HOLD_NS);
    else
        return;
    if (!timer_armed(&w->timer) || instant_before(due, w->timer.at))
        timer_set(w->link->loop, &w->timer, due);
}

static void held_push(struct direction *w, struct instant not_before)
{
    w->last_arrival = instant_max(w->held_at, not_before);
    fifo_push(&w->queue, w->held, w->held_len, w->last_arrival);
    w->held_len = 0;
}

/*
 * Frames that a receive function sends the same way during this event wait for the next one: two
 * nodes that answer each other without end must not keep the loop from its other work.
 */
static void way_deliver(void *arg)
{
    struct direction *w = arg;
    struct memlink *l = w->link;
    struct instant now = loop_now(l->loop);
    if (w->queue.count == 0 && w->held_len > 0)
        held_push(w, now);
    w->delivering = true;
    for (size_t left = w->queue.count; left > 0 && w->queue.count > 0; left--) {
        const struct fifo_frame *f = fifo_head(&w->queue);
        if (!l->ideal && instant_before(now, f->at))
            break;
        w->lent = true;
        if (!w->to->freed)
            port_deliver(&w->to->port, f->bytes, f->len, l->ideal ? now : f->at);
        w->lent = false;
        fifo_pop(&w->queue);
    }
    w->delivering = false;
    way_arm(w);
    link_free_if_unused(l);
}

static void way_clear(struct direction *w)
{
    fifo_clear(&w->queue, w->lent);
    w->held_len = 0;
    w->wire_free = w->last_arrival = (struct instant){INT64_MIN};
    timer_cancel(w->link->loop, &w->timer);
}

static int64_t jitter_draw(struct direction *w)
{
    int64_t most = w->link->params.jitter_ns;
    return most > 0 ? (int64_t)hash_range(rng_next(&w->rng), (uint64_t)most + 1) : 0;
}

/* The way of a frame through a link that is not ideal; -1 when the sender's queue is full. */
static int way_send(struct direction *w, const uint8_t *frame, size_t len)
{
    const struct memlink *l = w->link;
    struct instant now = loop_now(l->loop);
    struct instant sent = now;
    if (l->ns_per_byte > 0) {
        sent = instant_max(now, w->wire_free);
        if (instant_diff(sent, now) > MEMLINK_BACKLOG_NS)
            return -1;
        sent = instant_add(sent, (int64_t)((double)len * l->ns_per_byte));
        w->wire_free = sent;
    }
    if (l->params.loss > 0 && rng_unit(&w->rng) < l->params.loss)
        return 0;
    struct instant at = instant_add(sent, l->params.delay_ns + jitter_draw(w));
    at = instant_max(at, w->last_arrival);
    bool overtakes = w->held_len > 0;
    if (!overtakes && l->hold_chance > 0 && rng_unit(&w->rng) < l->hold_chance) {
        memcpy(w->held, frame, len);
        w->held_len = len;
        w->held_at = at;
    } else {
        fifo_push(&w->queue, frame, len, at);
        w->last_arrival = at;
        if (overtakes)
            held_push(w, at);
    }
    way_arm(w);
    return 0;
}

static int mem_send(struct port *p, const uint8_t *frame, size_t len)
{
    struct memport *m = (struct memport *)p;
    struct direction *w = &m->link->ways[m == &m->link->ends[1]];
    if (!m->link->ideal)
        return way_send(w, frame, len);
    fifo_push(&w->queue, frame, len, (struct instant){0});
    if (!timer_armed(&w->timer))
        way_arm(w);
    return 0;
}

static int mem_set_up(struct port *p, bool up, struct err *err)
{
    struct memport *m = (struct memport *)p;
    struct memlink *l = m->link;
    (void)err;
    m->admin_up = up;
    bool both = l->ends[0].admin_up && l->ends[1].admin_up;
    if (!both) {
        way_clear(&l->ways[0]);
        way_clear(&l->ways[1]);
    }
    /* Both are down before either is told: what one sends in answer goes nowhere. */
    struct memport *peer = m == &l->ends[0] ? &l->ends[1] : &l->ends[0];
    bool peer_changed = peer->port.up != both;
    peer->port.up = both;
    port_link_changed(&m->port, both);
    if (peer_changed && peer->port.link != NULL)
        peer->port.link(peer->port.link_arg, both);
    return 0;
}

static void mem_free(struct port *p)
{
    struct memport *m = (struct memport *)p;
    m->freed = true;
    p->rx = NULL;
    p->link = NULL;
    p->capture = NULL;
    link_free_if_unused(m->link);
}

static const struct port_ops mem_ops = {
    .send = mem_send,
    .set_up = mem_set_up,
    .free = mem_free,
};

static void way_seed(struct direction *w, uint64_t seed)
{
    w->rng.state = seed;
    w->wire_free = w->last_arrival = (struct instant){INT64_MIN};
}

static void way_init(struct memlink *l, unsigned i, uint64_t seed)
{
    struct direction *w = &l->ways[i];
    w->link = l;
    w->to = &l->ends[1 - i];
    way_seed(w, hash_mix(seed, i));
    fifo_init(&w->queue);
    timer_init(&w->timer, "memlink", way_deliver, w);
    if (l->hold_chance > 0)
        w->held = mem_zalloc(1, PORT_FRAME_MAX);
}

/*
 * A frame that overtakes is not held itself, so the chance for the others is higher for the share
 * of overtaken frames to be what was asked for.
 */
static double chance_of_hold(double reorder)
{
    if (reorder <= 0)
        return 0;
    return reorder < 0.5 ? reorder / (1 - reorder) : 1;
}

void memlink_new(struct loop *loop, const struct link_params *params, uint64_t seed,
                 const char *name_a, const char *name_b, uint32_t mtu, struct port *ends[2])
{
    struct memlink *l = mem_zalloc(1, sizeof(*l));
    l->loop = loop;
    l->params = *params;
    l->ideal = params->delay_ns <= 0 && params->jitter_ns <= 0 && params->loss <= 0 &&
               params->reorder <= 0 && params->rate_mbps <= 0;
    l->ns_per_byte = params->rate_mbps > 0 ? 8e3 / params->rate_mbps : 0;
    l->hold_chance = chance_of_hold(params->reorder);
    for (unsigned i = 0; i < 2; i++) {
        struct memport *m = &l->ends[i];
        m->port = (struct port){
            .ops = &mem_ops, .name = i == 0 ? name_a : name_b, .up = true, .mtu = mtu};
        m->link = l;
        m->admin_up = true;
        way_init(l, i, seed);
        ends[i] = &m->port;
    }
}

void memlink_restart(struct port *end, uint64_t seed)
{
    struct memlink *l = ((struct memport *)end)->link;
    for (unsigned i = 0; i < 2; i++) {
        way_clear(&l->ways[i]);
        way_seed(&l->ways[i], hash_mix(seed, i));
    }
}
