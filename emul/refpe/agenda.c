#include "emul/refpe/agenda.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/df.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/join_prune.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/pe.h"
#include "emul/refpe/spmsi.h"
#include "emul/refpe/upstream.h"

/* Items served before other timers and descriptors get their turn. */
#define ITEMS_PER_TURN 4096

struct agenda_owner {
    struct due *(*due)(struct refpe *pe, uint32_t index); /* NULL: no such entry any more */
    void (*fire)(struct refpe *pe, uint32_t index);
};

static struct due *hello_due(struct refpe *pe, uint32_t index)
{
    return index < pe->iface_count ? &pe->ifaces[index].hello : NULL;
}

static struct due *triggered_due(struct refpe *pe, uint32_t index)
{
    return index < pe->iface_count ? &pe->ifaces[index].triggered : NULL;
}

static struct due *nbr_due(struct refpe *pe, uint32_t index)
{
    return pool_used(&pe->nbrs, index) ? &nbr_at(pe, index)->expiry : NULL;
}

static struct due *downstream_due(struct refpe *pe, uint32_t index)
{
    return pool_used(&pe->downstreams, index) ? &downstream_at(pe, index)->due : NULL;
}

static struct due *upstream_due(struct refpe *pe, uint32_t index)
{
    return pool_used(&pe->mroutes, index) ? &mroute_at(pe, index)->join_timer : NULL;
}

static struct due *register_due(struct refpe *pe, uint32_t index)
{
    return index < pe->vrf_count ? &pe->vrfs[index].register_stop_timer : NULL;
}

static struct due *flush_due(struct refpe *pe, uint32_t index)
{
    (void)index;
    return &pe->jp.flush;
}

static struct due *arp_due(struct refpe *pe, uint32_t index)
{
    (void)index;
    return &pe->gateway.retry;
}

static struct due *df_due(struct refpe *pe, uint32_t index)
{
    (void)index;
    return &pe->df.timer;
}

static struct due *announce_due(struct refpe *pe, uint32_t index)
{
    return index < pe->vrf_count ? &pe->vrfs[index].announce : NULL;
}

static struct due *data_flow_due(struct refpe *pe, uint32_t index)
{
    return index < pe->data_flow_count ? &pe->data_flows[index].due : NULL;
}

static struct due *rx_flow_due(struct refpe *pe, uint32_t index)
{
    return pool_used(&pe->rx_flows, index) ? &rx_flow_at(pe, index)->expiry : NULL;
}

static struct due *keepalive_due(struct refpe *pe, uint32_t index)
{
    return pool_used(&pe->mroutes, index) ? &mroute_at(pe, index)->keepalive : NULL;
}

static struct due *query_due(struct refpe *pe, uint32_t index)
{
    return index < pe->iface_count ? &pe->ifaces[index].query : NULL;
}

static struct due *other_querier_due(struct refpe *pe, uint32_t index)
{
    return index < pe->iface_count ? &pe->ifaces[index].other_querier : NULL;
}

static struct due *member_due(struct refpe *pe, uint32_t index)
{
    return pool_used(&pe->members, index) ? &member_at(pe, index)->due : NULL;
}

static const struct agenda_owner owners[AGENDA_KINDS] = {
    [AGENDA_HELLO] = {hello_due, hello_periodic},
    [AGENDA_TRIGGERED_HELLO] = {triggered_due, hello_triggered},
    [AGENDA_NBR] = {nbr_due, nbr_expired},
    [AGENDA_DOWNSTREAM] = {downstream_due, downstream_timer},
    [AGENDA_UPSTREAM] = {upstream_due, upstream_timer},
    [AGENDA_REGISTER] = {register_due, p_register_timer},
    [AGENDA_JP_FLUSH] = {flush_due, jp_flush},
    [AGENDA_ARP] = {arp_due, gateway_resolve},
    [AGENDA_DF] = {df_due, df_timer},
    [AGENDA_ANNOUNCE] = {announce_due, spmsi_tx_announce},
    [AGENDA_DATA_FLOW] = {data_flow_due, spmsi_tx_timer},
    [AGENDA_RX_FLOW] = {rx_flow_due, spmsi_rx_expired},
    [AGENDA_KEEPALIVE] = {keepalive_due, mroute_keepalive_over},
    [AGENDA_IGMP_QUERY] = {query_due, igmp_query_timer},
    [AGENDA_IGMP_OTHER] = {other_querier_due, igmp_other_querier_timer},
    [AGENDA_IGMP_MEMBER] = {member_due, igmp_member_timer},
};

static bool item_before(const struct agenda_item *a, const struct agenda_item *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void push(struct agenda *a, struct agenda_item item)
{
    a->heap = array_grow(a->heap, a->count, &a->cap, sizeof(*a->heap));
    size_t i = a->count++;
    while (i > 0 && item_before(&item, &a->heap[(i - 1) / 4])) {
        a->heap[i] = a->heap[(i - 1) / 4];
        i = (i - 1) / 4;
    }
    a->heap[i] = item;
}

static struct agenda_item pop(struct agenda *a)
{
    struct agenda_item top = a->heap[0], last = a->heap[--a->count];
    size_t i = 0;
    for (size_t first = 1; first < a->count; first = i * 4 + 1) {
        size_t best = first, end = first + 4 < a->count ? first + 4 : a->count;
        for (size_t c = first + 1; c < end; c++) {
            if (item_before(&a->heap[c], &a->heap[best]))
                best = c;
        }
        if (!item_before(&a->heap[best], &last))
            break;
        a->heap[i] = a->heap[best];
        i = best;
    }
    if (a->count > 0)
        a->heap[i] = last;
    return top;
}

static void arm(struct refpe *pe)
{
    struct agenda *a = &pe->agenda;
    if (a->firing || a->held || a->count == 0)
        return;
    if (!timer_armed(&a->timer) || a->heap[0].at_ns < a->timer.at.ns)
        timer_set(pe->loop, &a->timer, (struct instant){a->heap[0].at_ns});
}

static void serve(struct refpe *pe, struct agenda_item item, int64_t now_ns)
{
    const struct agenda_owner *owner = &owners[item.kind];
    struct due *due = owner->due(pe, item.index);
    if (due == NULL || due->queued_ns != item.at_ns)
        return; /* the entry is gone, or another item speaks for it */
    due->queued_ns = NEVER;
    if (due->at_ns == NEVER)
        return;
    if (due->at_ns > now_ns) {
        due_set(pe, due, (enum agenda_kind)item.kind, item.index, due->at_ns);
        return;
    }
    due->at_ns = NEVER;
    owner->fire(pe, item.index);
}

static void fire(void *arg)
{
    struct refpe *pe = arg;
    struct agenda *a = &pe->agenda;
    int64_t now_ns = loop_now(pe->loop).ns;
    a->firing = true;
    for (unsigned n = 0; n < ITEMS_PER_TURN && a->count > 0 && a->heap[0].at_ns <= now_ns; n++)
        serve(pe, pop(a), now_ns);
    a->firing = false;
    arm(pe);
}

void agenda_init(struct refpe *pe)
{
    timer_init(&pe->agenda.timer, "refpe agenda", fire, pe);
}

void agenda_clear(struct refpe *pe)
{
    pe->agenda.count = 0;
    pe->agenda.held = false;
    timer_cancel(pe->loop, &pe->agenda.timer);
}

void agenda_hold(struct refpe *pe)
{
    pe->agenda.held = true;
    timer_cancel(pe->loop, &pe->agenda.timer);
}

void agenda_release(struct refpe *pe)
{
    pe->agenda.held = false;
    arm(pe);
}

void agenda_fini(struct refpe *pe)
{
    agenda_clear(pe);
    free(pe->agenda.heap);
    pe->agenda.heap = NULL;
    pe->agenda.cap = 0;
}

void due_set(struct refpe *pe, struct due *due, enum agenda_kind kind, uint32_t index,
             int64_t at_ns)
{
    due->at_ns = at_ns;
    if (at_ns >= due->queued_ns || at_ns == NEVER)
        return;
    due->queued_ns = at_ns;
    push(&pe->agenda, (struct agenda_item){at_ns, pe->agenda.next_order++, kind, index});
    arm(pe);
}
