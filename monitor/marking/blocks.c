#include "monitor/marking/blocks.h"

#include "emul/base/mem.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"

#include <stdlib.h>
#include <string.h>

#define TUNNELS_MAX 3

void blocks_init(struct point_blocks *p, const struct marking_config *c)
{
    *p = (struct point_blocks){.config = c};
    p->flows = mem_zalloc(c->flow_count, sizeof(*p->flows));
}

void blocks_fini(struct point_blocks *p)
{
    for (size_t i = 0; p->flows != NULL && i < p->config->flow_count; i++) {
        free(p->flows[i].halves);
        free(p->flows[i].list);
    }
    free(p->flows);
    p->flows = NULL;
}

/* ---- packets --------------------------------------------------------------------------------- */

struct marked_packet {
    size_t flow;
    bool colour, delay_mark;
};

/* The flow of a packet, by group and source; flow_count: none. */
static size_t flow_of(const struct marking_config *c, const struct ipv4 *ip)
{
    size_t i = 0;
    while (i < c->flow_count && (c->flows[i].group != ip->dst ||
                                 (c->flows[i].source != 0 && c->flows[i].source != ip->src)))
        i++;
    return i;
}

static bool read_marks(const struct mark *m, const struct ipv4 *ip, struct marked_packet *out)
{
    uint8_t dscp = (uint8_t)(ip->tos >> 2);
    out->colour = (dscp & m->mask) != 0;
    out->delay_mark = (dscp & m->double_mask) != 0;
    if (m->field == MARK_DSCP)
        return true;
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct udp udp;
    struct probe probe;
    if (ip->protocol != IPPROTO_NUM_UDP || udp_decode_unchecked(&r, &udp) != WIRE_OK)
        return false;
    r = rd_init(udp.payload, udp.payload_bytes);
    if (probe_decode(&r, &probe) != WIRE_OK)
        return false;
    out->colour = (probe.flags & PROBE_COLOUR) != 0;
    out->delay_mark = (probe.flags & PROBE_DELAY_MARK) != 0;
    return true;
}

/* A flow's packet may be inside GRE: on its MDT, in a monitor's tunnel. */
static bool packet_of_frame(const struct marking_config *c, const uint8_t *frame, size_t len,
                            struct marked_packet *out)
{
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 ip;
    struct gre gre;
    if (eth_decode(&r, &eth) != WIRE_OK || eth.ethertype != ETHERTYPE_IPV4)
        return false;
    r = rd_init(frame + r.pos, r.end - r.pos);
    for (int depth = 0; depth <= TUNNELS_MAX; depth++) {
        if (ipv4_decode(&r, &ip) != WIRE_OK || ip.fragment_offset != 0)
            return false; /* a fragmented packet is counted once, by its first fragment */
        out->flow = flow_of(c, &ip);
        if (out->flow < c->flow_count)
            return read_marks(&c->mark, &ip, out);
        r = rd_init(ip.payload, ip.payload_bytes);
        if (ip.protocol != IPPROTO_NUM_GRE || gre_decode(&r, &gre) != WIRE_OK ||
            gre.protocol != ETHERTYPE_IPV4)
            return false;
        r = rd_init(gre.payload, gre.payload_bytes);
    }
    return false;
}

/* ---- counting -------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

/* When a half block begins, from the origin. */
static int64_t half_begin(const struct marking_config *c, int64_t half)
{
    int64_t n = floor_div(half, 2);
    return n * c->block_ns + (half != 2 * n ? c->block_ns / 2 : 0);
}

/* Time hardly ever goes back at a point: the half block is the last one or near it. */
static struct block *half_of(struct flow_blocks *f, int64_t half, bool colour)
{
    size_t at = f->half_count;
    while (at > 0 && (f->halves[at - 1].half > half ||
                      (f->halves[at - 1].half == half && f->halves[at - 1].colour > colour)))
        at--;
    if (at > 0 && f->halves[at - 1].half == half && f->halves[at - 1].colour == colour)
        return &f->halves[at - 1].counted;
    f->halves = array_grow(f->halves, f->half_count, &f->half_cap, sizeof(*f->halves));
    memmove(f->halves + at + 1, f->halves + at, (f->half_count - at) * sizeof(*f->halves));
    f->half_count++;
    f->halves[at] = (struct half_block){.half = half, .colour = colour};
    return &f->halves[at].counted;
}

static void take_time(struct block *b, int64_t ns, bool delay_mark)
{
    if (!b->timed || ns < b->first_ns)
        b->first_ns = ns;
    b->timed = true;
    b->sum_ns += ns;
    if (delay_mark && b->delay_marks < DELAY_MARKS_MAX)
        b->mark_ns[b->delay_marks] = ns;
    b->delay_marks += delay_mark;
}

size_t blocks_frame(struct point_blocks *p, const uint8_t *frame, size_t len, struct instant at)
{
    const struct marking_config *c = p->config;
    struct marked_packet packet;
    if (!packet_of_frame(c, frame, len, &packet))
        return c->flow_count;
    int64_t since = at.ns - c->origin_ns, n = floor_div(since, c->block_ns);
    int64_t half = 2 * n + (since - n * c->block_ns >= c->block_ns / 2 ? 1 : 0);
    struct block *b = half_of(&p->flows[packet.flow], half, packet.colour);
    b->packets++;
    take_time(b, since - half_begin(c, half), packet.delay_mark);
    return packet.flow;
}

void blocks_votes(const struct point_blocks *p, uint64_t *with, uint64_t *against)
{
    for (size_t i = 0; i < p->config->flow_count; i++) {
        const struct flow_blocks *f = &p->flows[i];
        for (size_t k = 0; k < f->half_count; k++) {
            bool odd = (floor_div(f->halves[k].half, 2) & 1) != 0;
            *(odd == f->halves[k].colour ? with : against) += f->halves[k].counted.packets;
        }
    }
}

static struct block *block_of(struct flow_blocks *f, int64_t n)
{
    size_t at = f->count;
    while (at > 0 && f->list[at - 1].n > n)
        at--;
    if (at > 0 && f->list[at - 1].n == n)
        return &f->list[at - 1];
    f->list = array_grow(f->list, f->count, &f->cap, sizeof(*f->list));
    memmove(f->list + at + 1, f->list + at, (f->count - at) * sizeof(*f->list));
    f->count++;
    f->list[at] = (struct block){.n = n};
    return &f->list[at];
}

/* Adds a half block's packets; shift: from its begin to the block's. */
static void add_half(struct block *b, const struct block *half, int64_t shift)
{
    if (!b->timed || half->first_ns + shift < b->first_ns)
        b->first_ns = half->first_ns + shift;
    b->timed = true;
    b->packets += half->packets;
    b->sum_ns += half->sum_ns + (__int128)shift * half->packets;
    for (uint64_t i = 0; i < half->delay_marks && i < DELAY_MARKS_MAX; i++) {
        if (b->delay_marks + i < DELAY_MARKS_MAX)
            b->mark_ns[b->delay_marks + i] = half->mark_ns[i] + shift;
    }
    b->delay_marks += half->delay_marks;
}

void blocks_settle(struct point_blocks *p, bool inverted)
{
    const struct marking_config *c = p->config;
    for (size_t i = 0; i < c->flow_count; i++) {
        struct flow_blocks *f = &p->flows[i];
        for (size_t k = 0; k < f->half_count; k++) {
            const struct half_block *h = &f->halves[k];
            int64_t n = floor_div(h->half, 2);
            bool odd = (n & 1) != 0, second = (h->half & 1) != 0;
            if (odd != (h->colour != inverted))
                n += second ? 1 : -1;
            add_half(block_of(f, n), &h->counted, half_begin(c, h->half) - n * c->block_ns);
        }
    }
}

void blocks_add(struct point_blocks *p, size_t flow, int64_t n, uint64_t packets)
{
    block_of(&p->flows[flow], n)->packets += packets;
}

void blocks_spoil(struct point_blocks *p, size_t flow, int64_t n, enum spoil why)
{
    struct block *b = block_of(&p->flows[flow], n);
    if (b->spoiled == SPOIL_NOT)
        b->spoiled = why;
}

enum spoil blocks_spoiled(const struct point_blocks *p, size_t flow, int64_t n)
{
    if (p->bounded && (n < p->first || n > p->last))
        return SPOIL_OUTSIDE;
    const struct block *b = blocks_find(p, flow, n);
    return b != NULL ? b->spoiled : SPOIL_NOT;
}

const char *spoil_text(enum spoil why)
{
    static const char *const texts[] = {
        [SPOIL_NOT] = "counted",
        [SPOIL_EDGE] = "the measurement began or ended while packets were under way",
        [SPOIL_UNREAD] = "the counter was not read while it rested",
        [SPOIL_BACK] = "the counter went back",
        [SPOIL_DROPPED] = "this host was too slow and dropped frames",
        [SPOIL_DOWN] = "the interface was down",
        [SPOIL_OUTSIDE] = "it did not measure then",
    };
    return texts[why];
}

const struct block *blocks_find(const struct point_blocks *p, size_t flow, int64_t n)
{
    const struct flow_blocks *f = &p->flows[flow];
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->list[middle].n < n)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->count && f->list[low].n == n ? &f->list[low] : NULL;
}
