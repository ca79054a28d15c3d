#include "emul/refpe/join_prune.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/pim_io.h"
#include "emul/refpe/rpf.h"
#include "emul/refpe/upstream.h"

/* Draft 6.6; also what keeps one message small enough to be handled in one go. */
#define JP_ENTRIES_MAX 80

static bool sane(const struct pim_jp_entry *e)
{
    return ip4_is_multicast(e->group) && !is_link_local(e->group) && e->source != 0 &&
           !ip4_is_multicast(e->source);
}

static void entry_for_us(struct refpe *pe, uint32_t iface, const struct pim_jp_entry *e,
                         uint16_t holdtime_s)
{
    uint32_t vrf = pe->ifaces[iface].vrf;
    ip4_t source = e->source;
    if (e->kind == PIM_JP_SGRPT)
        return; /* source and C-RP sit behind one neighbour: none is needed (PROTOCOLS 1.6) */
    if (e->kind == PIM_JP_STARG) {
        /* RFC 7761 4.5.1: a Join(*,G) for another RP than ours is ignored. */
        if (e->join && e->source != rpf_rp(pe, vrf, e->group))
            return;
        source = 0;
    }
    if (e->join)
        downstream_join(pe, iface, source, e->group, holdtime_s);
    else
        downstream_prune(pe, iface, source, e->group);
}

static void entry_for_other(struct refpe *pe, uint32_t iface, ip4_t upstream,
                            const struct pim_jp_entry *e, uint16_t holdtime_s)
{
    if (e->kind == PIM_JP_SGRPT && e->join)
        return;
    ip4_t source = e->kind == PIM_JP_STARG ? 0 : e->source;
    upstream_seen(pe, iface, upstream, source, e->group, e->join, holdtime_s);
}

void jp_input(struct refpe *pe, uint32_t iface, ip4_t src, const uint8_t *message, size_t len)
{
    /* RFC 7761 4.3.1: Join/Prunes of routers that sent no Hello are discarded. */
    if (nbr_find(pe, iface, src) == NONE || pim_jp_check(message, len) != WIRE_OK)
        return;
    enum pim_type type;
    struct rd body;
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry e;
    if (pim_open(message, len, &type, &body) != WIRE_OK ||
        pim_jp_decode(&body, &jp, &it) != WIRE_OK)
        return;
    bool for_us = jp.upstream == pe->ifaces[iface].addr;
    while (pim_jp_next(&it, &e)) {
        if (!sane(&e))
            continue;
        if (for_us)
            entry_for_us(pe, iface, &e, jp.holdtime_s);
        else
            entry_for_other(pe, iface, jp.upstream, &e, jp.holdtime_s);
    }
}

void jp_entry_of(const struct mroute *m, bool join, struct pim_jp_entry *out)
{
    bool starg = m->source == 0;
    *out = (struct pim_jp_entry){
        .join = join,
        .kind = starg ? PIM_JP_STARG : PIM_JP_SG,
        .group = m->group,
        .source = starg ? m->rp : m->source,
    };
}

void jp_send(struct refpe *pe, uint32_t iface, ip4_t upstream, const struct pim_jp_entry *entry,
             int64_t delay_ns)
{
    struct jp_queue *q = &pe->jp;
    q->items = array_grow(q->items, q->count, &q->cap, sizeof(*q->items));
    q->items[q->count] = (struct jp_pending){iface, upstream, (uint32_t)q->count, *entry};
    q->count++;
    int64_t at_ns = pe_now(pe) + delay_ns;
    if (at_ns < q->flush.at_ns)
        due_set(pe, &q->flush, AGENDA_JP_FLUSH, 0, at_ns);
}

#define ORDER(a, b)                                                                                \
    do {                                                                                           \
        if ((a) != (b))                                                                            \
            return (a) < (b) ? -1 : 1;                                                             \
    } while (0)

static int compare_entries(const struct jp_pending *a, const struct jp_pending *b)
{
    ORDER(a->iface, b->iface);
    ORDER(a->upstream, b->upstream);
    ORDER(a->entry.group, b->entry.group);
    ORDER(a->entry.kind, b->entry.kind);
    ORDER(a->entry.source, b->entry.source);
    return 0;
}

static int compare(const void *va, const void *vb)
{
    const struct jp_pending *a = va, *b = vb;
    int c = compare_entries(a, b);
    if (c != 0)
        return c;
    ORDER(a->order, b->order);
    return 0;
}

/* Sends one neighbour's entries in as many messages as they need. */
static void send_to(struct refpe *pe, uint32_t iface, ip4_t upstream,
                    const struct pim_jp_entry *entries, size_t count)
{
    const struct iface *f = &pe->ifaces[iface];
    bool is_echo = upstream == f->addr;
    if (!iface_working(pe, iface) || (!is_echo && nbr_find(pe, iface, upstream) == NONE))
        return; /* sent again when the neighbour is back */
    size_t room = pe->global.mtu - IPV4_HEADER;
    if (f->kind == IFACE_KIND_MTI)
        room -= MTI_OVERHEAD;
    hello_before_jp(pe, iface);
    uint8_t message[PIM_MESSAGE_MAX];
    while (count > 0) {
        struct wr w = wr_init(message, room < sizeof(message) ? room : sizeof(message));
        size_t taken = 0;
        if (pim_jp_encode(&w, upstream, JP_HOLDTIME_S, entries, count, JP_ENTRIES_MAX, &taken) !=
                WIRE_OK ||
            taken == 0)
            return;
        pim_send_link(pe, iface, message, w.pos);
        entries += taken;
        count -= taken;
    }
}

void jp_flush(struct refpe *pe, uint32_t unused)
{
    (void)unused;
    struct jp_queue *q = &pe->jp;
    if (q->count == 0)
        return;
    qsort(q->items, q->count, sizeof(*q->items), compare);
    if (q->scratch_cap < q->count) {
        q->scratch_cap = q->cap;
        q->scratch = mem_realloc(q->scratch, q->scratch_cap, sizeof(*q->scratch));
    }
    size_t run = 0; /* entries of the present neighbour in scratch */
    for (size_t i = 0; i < q->count; i++) {
        const struct jp_pending *p = &q->items[i], *next = p + 1;
        bool last = i + 1 == q->count;
        /* Of a Join and a Prune of one entry the later counts. */
        if (last || compare_entries(p, next) != 0)
            q->scratch[run++] = p->entry;
        if (last || p->iface != next->iface || p->upstream != next->upstream) {
            send_to(pe, p->iface, p->upstream, q->scratch, run);
            run = 0;
        }
    }
    q->count = 0;
}
