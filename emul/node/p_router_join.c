/* The P router's trees: what it joins towards the DUT, and what the DUT joins through it. */
#include "emul/base/mem.h"
#include "emul/node/p_router_in.h"
#include "emul/node/routes.h"

#define DATA_SLOTS_SPARE 1024 /* data MDTs beyond those that the instance asks for */

static void entry_of(void *arg, uint32_t session, uint32_t ix, struct pim_jp_entry *out)
{
    const struct p_router *p = arg;
    const struct instance_spec *s = &p->net->spec;
    (void)session;
    *out = (struct pim_jp_entry){.kind = PIM_JP_SG,
                                 .group = ix < s->mvpns ? topology_mdt_group(s, ix + 1)
                                                        : p->data_groups[ix - s->mvpns],
                                 .source = s->addr.dut_mdt_addr};
}

static size_t send_jp(void *arg, uint32_t session, const struct pim_jp_entry *entries, size_t count)
{
    struct p_router *p = arg;
    (void)session;
    if (!p_router_has_nbr(p, net_now(p->net)) || !p->net->a3->up)
        return 0;
    if (!p->said_hello)
        p_router_say_hello(p, PIM_HELLO_HOLDTIME_S);
    uint8_t message[2048];
    size_t taken;
    size_t len = net_build_jp(p->net, message, sizeof(message), p->net->spec.addr.dut_p_addr,
                              entries, count, 0, &taken);
    if (len == 0)
        return 0;
    p_router_multicast(p, message, len);
    return taken;
}

/* As an RP's, the join towards the source lasts while the source sends (RFC 7761 4.2,
 * KeepaliveTimer); SSM joins last as long as somebody wants them. */
static bool still_wanted(void *arg, uint32_t session, uint32_t ix)
{
    struct p_router *p = arg;
    (void)session;
    if (p->net->spec.mdt != MDT_ASM || ix >= p->net->spec.mvpns)
        return true;
    bool wanted = net_seconds(p->net, net_now(p->net)) - p->sources[ix].seen_s <= PIM_KEEPALIVE_S;
    if (!wanted)
        p->sources[ix].spt = false;
    return wanted;
}

static const struct pim_us_ops join_ops = {entry_of, send_jp, still_wanted};

/* A flow is on one data MDT at a time, so there are never more of them than ingress flows. */
static uint32_t slots_for(const struct instance_spec *s)
{
    uint64_t flows = (uint64_t)s->mvpns * s->ingress_groups * s->sources;
    uint64_t slots = (uint64_t)s->mvpns * s->spmsi_src + DATA_SLOTS_SPARE;
    return (uint32_t)(slots < flows ? slots : flows);
}

void p_router_join_tree(struct p_router *p, uint32_t ix)
{
    if (!p->leaving)
        pim_us_join(p->joins, 0, ix, 0);
}

void p_router_joins_new(struct p_router *p)
{
    const struct instance_spec *s = &p->net->spec;
    p->data_slots = slots_for(s);
    p->data_groups = mem_zalloc(p->data_slots, sizeof(*p->data_groups));
    p->joins = pim_us_new(p->net->loop, "p-router joins", s->seed, &join_ops, p);
    (void)pim_us_session_add(p->joins, s->mvpns + p->data_slots);
    for (uint32_t v = 1; s->mdt == MDT_SSM && v <= s->mvpns; v++)
        p_router_join_tree(p, v - 1);
}

static bool take_into(struct pim_ds *d, uint32_t ix, const struct pim_jp_entry *entry,
                      uint16_t holdtime_s, struct instant now)
{
    if (entry->join)
        return pim_ds_join(d, ix, holdtime_s, now);
    pim_ds_prune(d, ix, 0, now);
    return false;
}

/* (PE, default MDT): once all of a VPN's have come, the remote PEs begin to say Hello. */
static void take_mdt_source(struct p_router *p, uint32_t v, uint32_t pe,
                            const struct pim_jp_entry *entry, uint16_t holdtime_s)
{
    struct net *n = p->net;
    struct instant now = net_now(n);
    struct mdt_source *s = &p->sources[v - 1];
    if (!take_into(&n->mdt_sources, net_mdt_source(n, v, pe), entry, holdtime_s, now))
        return;
    if (s->next < n->spec.remote_pes) {
        while (s->next < n->spec.remote_pes && net_mdt_reaches(n, v, s->next + 1, now))
            s->next++;
        if (s->next == n->spec.remote_pes)
            n->events.mdt_joined(n->events.arg, v);
        return;
    }
    n->events.mdt_source_joined(n->events.arg, v, pe);
}

static void take_sg(struct p_router *p, const struct pim_jp_entry *entry, uint16_t holdtime_s)
{
    struct net *n = p->net;
    uint32_t pe = topology_remote_pe_of(&n->spec, entry->source);
    uint32_t v = topology_vpn_of_mdt(&n->spec, entry->group);
    if (pe != 0 && v != 0 && n->spec.mdt == MDT_SSM) {
        take_mdt_source(p, v, pe, entry, holdtime_s);
        return;
    }
    bool by_dut;
    uint32_t number = topology_data_mdt_of(&n->spec, entry->group, &v, &by_dut);
    if (number != 0 && !by_dut && n->plan.spmsi_pe[number] == pe && pe != 0)
        (void)take_into(&n->data_mdts, net_data_mdt(n, v, number), entry, holdtime_s, net_now(n));
}

static void take_entry(struct p_router *p, const struct pim_jp_entry *entry, uint16_t holdtime_s)
{
    struct net *n = p->net;
    if (entry->kind == PIM_JP_SG) {
        take_sg(p, entry, holdtime_s);
        return;
    }
    uint32_t v = topology_vpn_of_mdt(&n->spec, entry->group);
    if (v == 0 || entry->kind != PIM_JP_STARG || entry->source != n->spec.addr.p_rp ||
        n->spec.mdt == MDT_SSM)
        return;
    /* Joins are for the DF (RFC 5015 section 3.4.1.1). */
    if (n->spec.mdt == MDT_BIDIR && !p_router_df(p))
        return;
    if (take_into(&n->mdts, v - 1, entry, holdtime_s, net_now(n)))
        n->events.mdt_joined(n->events.arg, v);
}

void p_router_take_jp(struct p_router *p, const struct ipv4 *packet)
{
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry entry;
    if (!net_open_jp(p->net, &p->dut, packet, &jp, &it) ||
        jp.upstream != p->net->spec.addr.p_router_addr)
        return;
    while (pim_jp_next(&it, &entry))
        take_entry(p, &entry, jp.holdtime_s);
}

uint32_t p_router_data_slots(const struct p_router *p)
{
    return p->data_slots;
}

void p_router_data_join(struct p_router *p, uint32_t slot, ip4_t group)
{
    p->data_groups[slot] = group;
    p_router_join_tree(p, p->net->spec.mvpns + slot);
}

void p_router_data_prune(struct p_router *p, uint32_t slot)
{
    pim_us_prune(p->joins, 0, p->net->spec.mvpns + slot);
}

bool p_router_data_joined(const struct p_router *p, uint32_t slot)
{
    return pim_us_joined(p->joins, 0, p->net->spec.mvpns + slot);
}

void p_router_prune(struct p_router *p)
{
    p->leaving = true;
    for (uint32_t ix = 0; ix < p->net->spec.mvpns + p->data_slots; ix++)
        pim_us_prune(p->joins, 0, ix);
}

const struct pim_us_set *p_router_joins(const struct p_router *p)
{
    return p->joins;
}

uint32_t p_router_trees(const struct p_router *p, struct instant now)
{
    uint32_t trees = 0;
    for (uint32_t v = 1; v <= p->net->spec.mvpns; v++)
        trees += pim_us_joined(p->joins, 0, v - 1) && p->sources[v - 1].spt &&
                 p_router_mdt_from_dut(p, v, now);
    return trees;
}
