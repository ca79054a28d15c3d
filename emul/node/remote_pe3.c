/* The receivers behind remote PE 2 that draft 10.2 compares the DUT's Joins with. */
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/remote_set.h"
#include "emul/node/routes.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

#define UPSTREAM_PE  1u
#define RECEIVER_PE  2u
#define GRE_OVERHEAD 24

struct remote_pe3 {
    struct remote_pes *r;
    struct pim_us_set *joins; /* session = VPN - 1; entries: egress groups in order */
    uint32_t *seen_s;         /* last packet, by (VPN, egress flow); 0: never */
    struct emul_jp_count count;
};

static uint32_t egress_groups(const struct net *n)
{
    return n->spec.groups - n->spec.ingress_groups;
}

static uint32_t *seen_at(const struct remote_pe3 *p, uint32_t v, uint32_t place, uint32_t k)
{
    const struct net *n = p->r->net;
    size_t per_vpn = (size_t)egress_groups(n) * n->spec.sources;
    return &p->seen_s[(v - 1) * per_vpn + (size_t)place * n->spec.sources + (k - 1)];
}

static void entry_of(void *arg, uint32_t session, uint32_t ix, struct pim_jp_entry *out)
{
    const struct remote_pe3 *p = arg;
    const struct net *n = p->r->net;
    uint32_t place = ix / n->plan.routes_per_group, k = ix % n->plan.routes_per_group;
    const struct plan_group *g = &n->plan.groups[n->spec.ingress_groups + 1 + place];
    (void)session;
    *out = (struct pim_jp_entry){.kind = k == 0 ? PIM_JP_STARG : PIM_JP_SG,
                                 .group = g->group,
                                 .source = k == 0 ? g->rp : g->source_base + k};
}

/* Remote PE 1 has two neighbours on the MI-PMSI: a Prune waits for somebody to override it. */
static void take_at_upstream(struct remote_pe3 *p, uint32_t v, const struct pim_jp_entry *entry)
{
    struct remote_pes *r = p->r;
    int64_t wait_ns = pim_nbr_jp_override_ns(&r->vpns[v - 1].dut);
    routes_take(r->net, v, SITE_REMOTE + UPSTREAM_PE, entry, PIM_JP_HOLDTIME_S, wait_ns);
    if (entry->join)
        p->count.join_entries_pe3++;
    else
        p->count.prune_entries_pe3++;
}

static size_t send_jp(void *arg, uint32_t session, const struct pim_jp_entry *entries, size_t count)
{
    struct remote_pe3 *p = arg;
    struct remote_pes *r = p->r;
    struct net *n = r->net;
    uint32_t v = session + 1;
    if ((r->flags[remote_endpoint(r, v, RECEIVER_PE)] & SAID_HELLO) == 0)
        remote_say_hello(r, v, RECEIVER_PE, PIM_HELLO_HOLDTIME_S);
    uint8_t message[2048];
    size_t taken;
    ip4_t upstream = topology_remote_pe_addr(&n->spec, UPSTREAM_PE);
    size_t len =
        net_build_jp(n, message, sizeof(message), upstream, entries, count, GRE_OVERHEAD, &taken);
    if (len == 0)
        return 0;
    struct lan_message m =
        remote_lan_from_pe(r, v, remote_send_message(r, v, RECEIVER_PE, message, len));
    p->count.pdus_pe3++;
    for (size_t i = 0; i < taken; i++) {
        uint32_t route = routes_place(n, v, SITE_REMOTE + UPSTREAM_PE, &entries[i]);
        if (route != PLAN_NONE)
            lan_count_entry(&r->lan, &m, route, pim_us_why(p->joins, session, i));
        take_at_upstream(p, v, &entries[i]);
    }
    return taken;
}

static bool still_wanted(void *arg, uint32_t session, uint32_t ix)
{
    const struct remote_pe3 *p = arg;
    const struct net *n = p->r->net;
    uint32_t place = ix / n->plan.routes_per_group, k = ix % n->plan.routes_per_group;
    return k == 0 ||
           net_seconds(n, net_now(n)) - *seen_at(p, session + 1, place, k) <= PIM_KEEPALIVE_S;
}

static const struct pim_us_ops join_ops = {entry_of, send_jp, still_wanted};

struct remote_pe3 *remote_pe3_new(struct remote_pes *r)
{
    const struct net *n = r->net;
    if (!n->spec.pe3_receives)
        return NULL;
    struct remote_pe3 *p = mem_zalloc(1, sizeof(*p));
    p->r = r;
    p->joins = pim_us_new(n->loop, "PE3 joins", n->spec.seed, &join_ops, p);
    p->seen_s =
        mem_zalloc((size_t)n->spec.mvpns * egress_groups(n) * n->spec.sources, sizeof(*p->seen_s));
    for (uint32_t v = 1; v <= n->spec.mvpns; v++)
        (void)pim_us_session_add(p->joins, egress_groups(n) * n->plan.routes_per_group);
    return p;
}

void remote_pe3_free(struct remote_pe3 *p)
{
    if (p == NULL)
        return;
    pim_us_free(p->joins);
    free(p->seen_s);
    free(p);
}

void remote_pes_pe3_join(struct remote_pes *r)
{
    const struct net *n = r->net;
    if (r->pe3 == NULL)
        return;
    int64_t spread_ns = net_join_spread_ns(n->spec.mvpns);
    for (uint32_t v = 1; v <= n->spec.mvpns; v++) {
        uint64_t h = hash_mix(hash_text(n->spec.seed, "join-pe3"), v);
        int64_t delay_ns = (int64_t)hash_range(h, (uint64_t)spread_ns);
        /* Its upstream neighbour is remote PE 1, which is always there. */
        pim_us_open(r->pe3->joins, v - 1, PIM_US_NBR_BACK, 0);
        for (uint32_t place = 0; place < egress_groups(n); place++)
            pim_us_join(r->pe3->joins, v - 1, place * n->plan.routes_per_group, delay_ns);
    }
}

void remote_pes_pe3_prune(struct remote_pes *r)
{
    const struct net *n = r->net;
    for (uint32_t v = 1; r->pe3 != NULL && v <= n->spec.mvpns; v++) {
        for (uint32_t ix = 0; ix < egress_groups(n) * n->plan.routes_per_group; ix++)
            pim_us_prune(r->pe3->joins, v - 1, ix);
    }
}

void remote_pes_pe3_data(struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k,
                         struct instant now)
{
    const struct net *n = r->net;
    struct remote_pe3 *p = r->pe3;
    if (p == NULL)
        return;
    uint32_t place = j - n->spec.ingress_groups - 1, ix = place * n->plan.routes_per_group;
    uint32_t *seen = seen_at(p, v, place, k), now_s = net_seconds(n, now), before_s = *seen;
    *seen = now_s;
    if (before_s != 0 && now_s - before_s <= PIM_KEEPALIVE_S)
        return;
    if (pim_us_joined(p->joins, v - 1, ix))
        pim_us_join(p->joins, v - 1, ix + k, 0);
}

void remote_pe3_pruned(struct remote_pes *r, uint32_t v, const struct pim_jp_entry *entry)
{
    const struct net *n = r->net;
    uint32_t j = topology_group_of(&n->spec, entry->group);
    if (r->pe3 == NULL || j == 0 || entry->kind == PIM_JP_SGRPT)
        return;
    const struct plan_group *g = &n->plan.groups[j];
    uint32_t k = entry->kind == PIM_JP_STARG ? 0 : entry->source - g->source_base;
    if (g->ingress || k > n->spec.sources)
        return;
    uint32_t ix = (j - n->spec.ingress_groups - 1) * n->plan.routes_per_group + k;
    pim_us_see_prune(r->pe3->joins, v - 1, ix, pim_nbr_override_ns(&r->vpns[v - 1].dut));
}

void remote_pe3_heard_pdu(struct remote_pe3 *p)
{
    if (p != NULL)
        p->count.pdus_dut++;
}

void remote_pe3_heard(struct remote_pe3 *p, const struct pim_jp_entry *entry)
{
    if (p == NULL)
        return;
    if (entry->join)
        p->count.join_entries_dut++;
    else
        p->count.prune_entries_dut++;
}

const struct pim_us_set *remote_pes_pe3_joins(const struct remote_pes *r)
{
    return r->pe3 == NULL ? NULL : r->pe3->joins;
}

void remote_pes_jp_count(const struct remote_pes *r, struct emul_jp_count *out)
{
    *out = r->pe3 == NULL ? (struct emul_jp_count){0} : r->pe3->count;
}

void remote_pes_jp_count_reset(struct remote_pes *r)
{
    if (r->pe3 != NULL)
        r->pe3->count = (struct emul_jp_count){0};
}

size_t remote_pe3_bytes(const struct remote_pes *r)
{
    const struct net *n = r->net;
    if (r->pe3 == NULL)
        return 0;
    return sizeof(*r->pe3) + pim_us_bytes(r->pe3->joins) +
           (size_t)n->spec.mvpns * egress_groups(n) * n->spec.sources * sizeof(uint32_t);
}
