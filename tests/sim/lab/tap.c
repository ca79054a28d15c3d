#include "tests/sim/lab/tap.h"

#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"

#include <stdlib.h>

static void take_entries(struct tap_pim *p, struct rd body)
{
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry entry;
    if (pim_jp_decode(&body, &jp, &it) != WIRE_OK)
        return;
    p->upstream = jp.upstream;
    p->holdtime_s = jp.holdtime_s;
    p->groups = jp.groups;
    while (pim_jp_next(&it, &entry)) {
        p->joins += entry.join;
        p->prunes += !entry.join;
    }
}

static void take_pim(struct tap *t, const struct ipv4 *ip, uint64_t place, struct instant at)
{
    struct tap_pim p = {.at = at,
                        .session = place << 32 | ip->src,
                        .source = ip->src,
                        .ip_bytes = ip->payload_bytes + IPV4_HEADER};
    struct rd body;
    if (pim_open(ip->payload, ip->payload_bytes, &p.type, &body) != WIRE_OK) {
        t->malformed++;
        return;
    }
    struct pim_hello hello;
    if (p.type == PIM_JOIN_PRUNE)
        take_entries(&p, body);
    if (p.type == PIM_HELLO && pim_hello_decode(&body, &hello) == WIRE_OK)
        p.t_bit = hello.t_bit;
    t->items = array_grow(t->items, t->count, &t->cap, sizeof(*t->items));
    t->items[t->count++] = p;
}

static void take_packet(struct tap *t, struct rd r, uint64_t place, struct instant at)
{
    struct ipv4 ip;
    struct gre gre;
    if (ipv4_decode(&r, &ip) != WIRE_OK) {
        t->malformed++;
    } else if (ip.protocol == IPPROTO_NUM_PIM) {
        take_pim(t, &ip, place, at);
    } else if (ip.protocol == IPPROTO_NUM_GRE) {
        struct rd in = rd_init(ip.payload, ip.payload_bytes);
        if (gre_decode(&in, &gre) == WIRE_OK)
            take_packet(t, rd_init(gre.payload, gre.payload_bytes), ip.dst, at);
        else
            t->malformed++;
    }
}

void tap_file(struct tap *t, const char *path)
{
    struct err err = {0};
    struct capture_reader *reader = capture_reader_open(path, &err);
    const uint8_t *frame;
    size_t len;
    struct instant at;
    if (reader == NULL)
        fatal("%s", err.text);
    while (capture_reader_next(reader, &frame, &len, &at, &err) == 1) {
        struct rd r = rd_init(frame, len);
        struct eth eth;
        if (eth_decode(&r, &eth) != WIRE_OK)
            t->malformed++;
        else if (eth.ethertype == ETHERTYPE_IPV4)
            take_packet(t, r, (uint64_t)eth.outer_vid << 12 | eth.inner_vid, at);
    }
    capture_reader_close(reader);
}

void tap_fini(struct tap *t)
{
    free(t->items);
    *t = (struct tap){0};
}
