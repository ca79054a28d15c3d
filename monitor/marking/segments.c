#include "monitor/marking/segments.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Delay between two points over all blocks, for the guard band. */
struct guard {
    bool known;
    double mean_ns, deviation_ns, band_ns; /* d = A + mean + 3 deviations (PROTOCOLS 9.2) */
};

struct pair {
    const struct marking_config *config;
    const struct point_blocks *points;
    bool inverted;
    size_t from_point, to_point, flow;
    const struct point_blocks *from, *to;
    struct guard guard;
};

static const struct block none = {0};

/* Mean delay of one block from the sums of times; false when it has no times or no packets. */
static bool mean_delay(const struct block *a, const struct block *b, double *out)
{
    if (!a->timed || !b->timed || a->packets == 0 || b->packets == 0)
        return false;
    *out = (double)b->sum_ns / (double)b->packets - (double)a->sum_ns / (double)a->packets;
    return true;
}

static void find_guard(struct pair *p)
{
    const struct flow_blocks *f = &p->from->flows[p->flow];
    double sum = 0, squares = 0, count = 0;
    for (size_t i = 0; p->config->clock_known && i < f->count; i++) {
        const struct block *b = blocks_find(p->to, p->flow, f->list[i].n);
        double delay;
        /* Blocks that lost packets give no mean of the same packets. */
        if (b == NULL || b->packets != f->list[i].packets || f->list[i].spoiled != SPOIL_NOT ||
            b->spoiled != SPOIL_NOT || !mean_delay(&f->list[i], b, &delay))
            continue;
        sum += delay;
        squares += delay * delay;
        count++;
    }
    if (count == 0)
        return;
    double variance = squares / count - (sum / count) * (sum / count);
    p->guard = (struct guard){
        .known = true, .mean_ns = sum / count, .deviation_ns = sqrt(variance > 0 ? variance : 0)};
    p->guard.band_ns =
        (double)p->config->clock_offset_ns + fmax(p->guard.mean_ns, 0) + 3 * p->guard.deviation_ns;
}

/* Why a pair of blocks cannot be used; NULL when it can. */
static const char *discard(const struct pair *p, int64_t n, const struct block *a,
                           const struct block *b, char *buf, size_t cap)
{
    double half = (double)p->config->block_ns / 2, delay;
    enum spoil from = blocks_spoiled(p->from, p->flow, n), to = blocks_spoiled(p->to, p->flow, n);
    if (from != SPOIL_NOT || to != SPOIL_NOT)
        (void)snprintf(buf, cap, "pairing: %s: %s",
                       p->config->points[from != SPOIL_NOT ? p->from_point : p->to_point].name,
                       spoil_text(from != SPOIL_NOT ? from : to));
    else if (p->guard.known && p->guard.band_ns >= half)
        (void)snprintf(buf, cap,
                       "guard: clock offset, delay and its variation take %.3f ms, half a block "
                       "is %.3f ms",
                       p->guard.band_ns / 1e6, half / 1e6);
    else if (p->config->clock_known && a->packets == b->packets && mean_delay(a, b, &delay) &&
             fabs(delay) + (double)p->config->clock_offset_ns >= half)
        (void)snprintf(buf, cap, "guard: the block's delay is %.3f ms, half a block is %.3f ms",
                       delay / 1e6, half / 1e6);
    else if (b->packets > a->packets)
        (void)snprintf(buf, cap,
                       "pairing: more packets came than were sent: the blocks are not the same");
    else
        return NULL;
    return buf;
}

static json_t *whole(double v)
{
    return json_integer(llround(v));
}

/* The delay marks pair only when as many came as were sent. */
static json_t *double_delay(const struct block *a, const struct block *b)
{
    uint64_t marks = a->delay_marks;
    double sum = 0;
    if (marks == 0 || marks != b->delay_marks || marks > DELAY_MARKS_MAX)
        return json_null();
    for (uint64_t i = 0; i < marks; i++)
        sum += (double)(b->mark_ns[i] - a->mark_ns[i]);
    return whole(sum / (double)marks);
}

static json_t *delays(const struct pair *p, const struct block *a, const struct block *b)
{
    double mean;
    if (!p->config->clock_known || !mean_delay(a, b, &mean))
        return json_null();
    json_t *o = json_object();
    /* The first packet is the same one only if none was lost. */
    bool complete = a->packets == b->packets;
    json_object_set_new(o, "first",
                        complete ? json_integer(b->first_ns - a->first_ns) : json_null());
    json_object_set_new(o, "mean", whole(mean));
    json_object_set_new(o, "double", double_delay(a, b));
    return o;
}

struct totals {
    int64_t sent, received, discarded;
    double last_delay, jitter_sum;
    int64_t jitters;
    bool has_delay;
};

static void take_jitter(struct totals *t, const json_t *delay)
{
    const json_t *first = json_object_get(delay, "first");
    if (!json_is_integer(first)) {
        t->has_delay = false;
        return;
    }
    double d = (double)json_integer_value(first);
    if (t->has_delay) {
        t->jitter_sum += fabs(d - t->last_delay);
        t->jitters++;
    }
    t->has_delay = true;
    t->last_delay = d;
}

static json_t *block_json(const struct pair *p, int64_t n, struct totals *t)
{
    const struct block *a = blocks_find(p->from, p->flow, n);
    const struct block *b = blocks_find(p->to, p->flow, n);
    char why[160];
    a = a == NULL ? &none : a;
    b = b == NULL ? &none : b;
    const char *reason = discard(p, n, a, b, why, sizeof(why));
    json_t *o = json_object();
    json_object_set_new(o, "n", json_integer(n));
    json_object_set_new(
        o, "begin",
        json_real((double)(p->config->origin_ns + n * p->config->block_ns) / (double)NS_PER_S));
    json_object_set_new(o, "colour", json_integer(((n & 1) != 0) != p->inverted));
    json_object_set_new(o, "sent", json_integer((json_int_t)a->packets));
    json_object_set_new(o, "received", json_integer((json_int_t)b->packets));
    int64_t lost = (int64_t)a->packets - (int64_t)b->packets;
    json_object_set_new(o, "lost", reason == NULL ? json_integer(lost) : json_null());
    json_t *delay = reason == NULL ? delays(p, a, b) : json_null();
    json_object_set_new(o, "delay_ns", delay);
    json_object_set_new(o, "discarded", reason == NULL ? json_null() : json_string(reason));
    take_jitter(t, delay);
    t->discarded += reason != NULL;
    if (reason == NULL) {
        t->sent += (int64_t)a->packets;
        t->received += (int64_t)b->packets;
    }
    return o;
}

/* All blocks that either point has, in order. */
static json_t *blocks_json(const struct pair *p, struct totals *t)
{
    const struct flow_blocks *a = &p->from->flows[p->flow], *b = &p->to->flows[p->flow];
    json_t *list = json_array();
    size_t i = 0, k = 0;
    while (i < a->count || k < b->count) {
        int64_t n = i < a->count ? a->list[i].n : b->list[k].n;
        if (k < b->count && b->list[k].n < n)
            n = b->list[k].n;
        json_array_append_new(list, block_json(p, n, t));
        i += i < a->count && a->list[i].n == n;
        k += k < b->count && b->list[k].n == n;
    }
    return list;
}

static json_t *pair_json(const struct pair *all, size_t from, size_t to)
{
    const struct marking_config *c = all->config;
    struct pair p = *all;
    p.from_point = from;
    p.to_point = to;
    p.from = &p.points[from];
    p.to = &p.points[to];
    struct totals t = {0};
    find_guard(&p);
    json_t *blocks = blocks_json(&p, &t);
    json_t *o = json_object();
    json_object_set_new(o, "from", json_string(c->points[from].name));
    json_object_set_new(o, "to", json_string(c->points[to].name));
    json_object_set_new(o, "sent", json_integer(t.sent));
    json_object_set_new(o, "received", json_integer(t.received));
    json_object_set_new(o, "lost", json_integer(t.sent - t.received));
    json_object_set_new(o, "loss",
                        t.sent > 0 ? json_real((double)(t.sent - t.received) / (double)t.sent)
                                   : json_null());
    json_object_set_new(o, "discarded_blocks", json_integer(t.discarded));
    json_object_set_new(o, "jitter_ns",
                        t.jitters > 0 ? whole(t.jitter_sum / (double)t.jitters) : json_null());
    json_object_set_new(o, "guard_ns", p.guard.known ? whole(p.guard.band_ns) : json_null());
    json_object_set_new(o, "blocks", blocks);
    return o;
}

/* ---- the tree -------------------------------------------------------------------------------- */

static bool ends_in(const struct marking_config *c, size_t point)
{
    for (size_t i = 0; i < c->segment_count; i++) {
        if (c->segments[i].to == point)
            return true;
    }
    return false;
}

static bool begins_at(const struct marking_config *c, size_t point)
{
    for (size_t i = 0; i < c->segment_count; i++) {
        if (c->segments[i].from == point)
            return true;
    }
    return false;
}

static size_t root_above(const struct marking_config *c, size_t point)
{
    for (size_t steps = 0; steps < c->segment_count && ends_in(c, point); steps++) {
        for (size_t i = 0; i < c->segment_count; i++) {
            if (c->segments[i].to == point) {
                point = c->segments[i].from;
                break;
            }
        }
    }
    return point;
}

/* One path: as a segment from end to end. Several: what all of them lost, and each. */
static json_t *end_to_end(const struct pair *all)
{
    const struct marking_config *c = all->config;
    json_t *paths = json_array();
    int64_t lost = 0;
    for (size_t i = 0; i < c->point_count; i++) {
        if (!ends_in(c, i) || begins_at(c, i))
            continue;
        json_t *path = pair_json(all, root_above(c, i), i);
        lost += json_integer_value(json_object_get(path, "lost"));
        json_array_append_new(paths, path);
    }
    if (json_array_size(paths) == 1) {
        json_t *only = json_incref(json_array_get(paths, 0));
        json_decref(paths);
        return only;
    }
    json_t *o = json_object();
    json_object_set_new(o, "lost", json_integer(lost));
    json_object_set_new(o, "paths", paths);
    return o;
}

json_t *segments_json(const struct marking_config *c, const struct point_blocks *points,
                      bool inverted)
{
    json_t *flows = json_array();
    for (size_t f = 0; f < c->flow_count; f++) {
        struct pair all = {.config = c, .points = points, .inverted = inverted, .flow = f};
        json_t *o = json_object(), *segments = json_array();
        json_object_set_new(o, "name", json_string(c->flows[f].name));
        for (size_t i = 0; i < c->segment_count; i++)
            json_array_append_new(segments,
                                  pair_json(&all, c->segments[i].from, c->segments[i].to));
        json_object_set_new(o, "segments", segments);
        json_object_set_new(o, "end_to_end", end_to_end(&all));
        json_array_append_new(flows, o);
    }
    json_t *o = json_object();
    json_object_set_new(o, "flows", flows);
    return o;
}
