#include "monitor/oneway/captures.h"

#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TUNNELS_MAX 3 /* GRE in GRE: a probe on a default MDT that comes through a tunnel */

static bool probe_of_packet(struct rd r, struct probe *out)
{
    for (int depth = 0; depth <= TUNNELS_MAX; depth++) {
        struct ipv4 ip;
        if (ipv4_decode(&r, &ip) != WIRE_OK || ip.more_fragments || ip.fragment_offset != 0)
            return false;
        r = rd_init(ip.payload, ip.payload_bytes);
        if (ip.protocol == IPPROTO_NUM_UDP) {
            struct udp udp;
            if (udp_decode_unchecked(&r, &udp) != WIRE_OK || udp.dport != PROBE_PORT)
                return false;
            r = rd_init(udp.payload, udp.payload_bytes);
            return probe_decode(&r, out) == WIRE_OK;
        }
        struct gre gre;
        if (ip.protocol != IPPROTO_NUM_GRE || gre_decode(&r, &gre) != WIRE_OK ||
            gre.protocol != ETHERTYPE_IPV4)
            return false;
        r = rd_init(gre.payload, gre.payload_bytes);
    }
    return false;
}

static bool probe_of_frame(const uint8_t *frame, size_t len, struct probe *out)
{
    struct rd r = rd_init(frame, len);
    struct eth eth;
    if (eth_decode(&r, &eth) != WIRE_OK || eth.ethertype != ETHERTYPE_IPV4)
        return false;
    return probe_of_packet(rd_init(frame + r.pos, r.end - r.pos), out);
}

typedef void take_fn(void *arg, const struct probe *p, struct instant at);

static int each_probe(const char *file, take_fn *take, void *arg, struct err *err)
{
    struct capture_reader *r = capture_reader_open(file, err);
    if (r == NULL)
        return -1;
    const uint8_t *frame;
    size_t len;
    struct instant at;
    struct probe probe;
    int more;
    while ((more = capture_reader_next(r, &frame, &len, &at, err)) == 1) {
        if (probe_of_frame(frame, len, &probe))
            take(arg, &probe, at);
    }
    capture_reader_close(r);
    return more;
}

static int by_name(const void *left, const void *right)
{
    const struct seen_probe *a = left, *b = right;
    if (a->flow != b->flow)
        return a->flow < b->flow ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static int by_order(const void *left, const void *right)
{
    const struct seen_probe *a = left, *b = right;
    return (a->order > b->order) - (a->order < b->order);
}

static void take_sent(void *arg, const struct probe *probe, struct instant at)
{
    struct seen_probes *p = arg;
    p->list = array_grow(p->list, p->count, &p->cap, sizeof(*p->list));
    p->list[p->count] = (struct seen_probe){.flow = (uint64_t)probe->vpn << 32 | probe->flow,
                                            .sequence = probe->sequence,
                                            .at_ns = at.ns,
                                            .order = p->count};
    p->count++;
}

int probes_sent(struct seen_probes *p, const char *file, struct err *err)
{
    if (each_probe(file, take_sent, p, err) != 0)
        return -1;
    if (p->count == 0) {
        err_set(err, ERR_USE, "%s: no probe in it (UDP port %d, DESIGN B.6); is it the sender's?",
                file, PROBE_PORT);
        return -1;
    }
    /* A port captured both ways may show a probe twice: the first is the one that was sent. */
    qsort(p->list, p->count, sizeof(*p->list), by_name);
    size_t kept = 1;
    for (size_t i = 1; i < p->count; i++) {
        const struct seen_probe *last = &p->list[kept - 1];
        if (p->list[i].flow == last->flow && p->list[i].sequence == last->sequence)
            p->repeated++;
        else
            p->list[kept++] = p->list[i];
    }
    p->count = kept;
    return 0;
}

struct leaf {
    struct seen_probes *probes;
    uint64_t bit;
};

static void take_received(void *arg, const struct probe *probe, struct instant at)
{
    struct leaf *l = arg;
    (void)at;
    struct seen_probe key = {.flow = (uint64_t)probe->vpn << 32 | probe->flow,
                             .sequence = probe->sequence};
    size_t low = 0, high = l->probes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct seen_probe *s = &l->probes->list[middle];
        bool before = s->flow != key.flow ? s->flow < key.flow : s->sequence < key.sequence;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    struct seen_probe *s = &l->probes->list[low];
    if (low < l->probes->count && s->flow == key.flow && s->sequence == key.sequence) {
        l->probes->repeated += (s->leaves & l->bit) != 0;
        s->leaves |= l->bit;
    } else {
        l->probes->foreign++;
    }
}

int probes_received(struct seen_probes *p, const char *file, unsigned leaf, struct err *err)
{
    struct leaf l = {p, (uint64_t)1 << leaf};
    return each_probe(file, take_received, &l, err);
}

void probes_in_order(struct seen_probes *p)
{
    qsort(p->list, p->count, sizeof(*p->list), by_order);
}

void probes_free(struct seen_probes *p)
{
    free(p->list);
    *p = (struct seen_probes){0};
}
