/* Join/Prune of the remote PEs: sessions towards the DUT, and the LAN that they share. */
#include "emul/base/rng.h"
#include "emul/node/remote_set.h"
#include "mvpnbench/topology.h"

#define GRE_OVERHEAD 24

static void entry_of(void *arg, uint32_t session, uint32_t ix, struct pim_jp_entry *out)
{
    const struct remote_pes *r = arg;
    const struct plan *plan = &r->net->plan;
    uint32_t place = ix / plan->routes_per_group, k = ix % plan->routes_per_group;
    const struct plan_group *g = &plan->groups[r->groups[r->sessions[session].first_group + place]];
    *out = (struct pim_jp_entry){.kind = k == 0 ? PIM_JP_STARG : PIM_JP_SG,
                                 .group = g->group,
                                 .source = k == 0 ? g->rp : g->source_base + k};
}

static void count_entry(struct remote_pes *r, const struct lan_message *m, uint32_t session,
                        size_t n, const struct pim_jp_entry *entry)
{
    const struct plan *plan = &r->net->plan;
    uint32_t j = topology_group_of(&r->net->spec, entry->group);
    uint32_t k = entry->kind == PIM_JP_STARG ? 0 : entry->source - plan->groups[j].source_base;
    uint32_t route = plan_route(plan, r->sessions[session].v, j, k);
    lan_count_entry(&r->lan, m, route, pim_us_why(r->joins, session, n));
}

static size_t send_jp(void *arg, uint32_t session, const struct pim_jp_entry *entries, size_t count)
{
    struct remote_pes *r = arg;
    struct net *n = r->net;
    const struct remote_session *s = &r->sessions[session];
    if (!remote_pes_have_nbr(r, s->v, net_now(n)))
        return 0;
    /* A Join/Prune from an address that has not said Hello is dropped (RFC 7761 4.3.1). */
    if ((r->flags[remote_endpoint(r, s->v, s->pe)] & SAID_HELLO) == 0)
        remote_say_hello(r, s->v, s->pe, PIM_HELLO_HOLDTIME_S);
    uint8_t message[2048];
    size_t taken;
    size_t len = net_build_jp(n, message, sizeof(message), n->spec.addr.dut_mdt_addr, entries,
                              count, GRE_OVERHEAD, &taken);
    if (len == 0)
        return 0;
    struct lan_message m =
        remote_lan_from_pe(r, s->v, remote_send_message(r, s->v, s->pe, message, len));
    for (size_t i = 0; i < taken; i++) {
        count_entry(r, &m, session, i, &entries[i]);
        remote_overhear(r, s->v, &entries[i], PIM_JP_HOLDTIME_S, session);
    }
    return taken;
}

static bool still_wanted(void *arg, uint32_t session, uint32_t ix)
{
    const struct remote_pes *r = arg;
    const struct plan *plan = &r->net->plan;
    uint32_t place = ix / plan->routes_per_group, k = ix % plan->routes_per_group;
    if (k == 0)
        return true;
    const struct remote_session *s = &r->sessions[session];
    uint32_t j = r->groups[s->first_group + place];
    return net_seconds(r->net, net_now(r->net)) - *remote_seen(r, s->v, j, k) <= PIM_KEEPALIVE_S;
}

const struct pim_us_ops remote_join_ops = {entry_of, send_jp, still_wanted};

void remote_overhear(struct remote_pes *r, uint32_t v, const struct pim_jp_entry *entry,
                     uint16_t holdtime_s, uint32_t except)
{
    const struct instance_spec *s = &r->net->spec;
    if (entry->join && !s->jp_suppression)
        return;
    uint32_t j = topology_group_of(s, entry->group);
    if (j == 0 || !topology_is_ingress(s, j))
        return;
    const struct plan_group *g = &r->net->plan.groups[j];
    uint32_t k = entry->kind == PIM_JP_STARG ? 0 : entry->source - g->source_base;
    if (k > s->sources || entry->kind == PIM_JP_SGRPT)
        return;
    const struct remote_receiver *list = remote_receivers(r, v, j);
    int64_t override_ns = pim_nbr_override_ns(&r->vpns[v - 1].dut);
    for (uint32_t i = 0; i < s->receiver_pes; i++) {
        if (list[i].session == except)
            continue;
        uint32_t ix = list[i].place * r->net->plan.routes_per_group + k;
        if (entry->join)
            pim_us_see_join(r->joins, list[i].session, ix, holdtime_s);
        else
            pim_us_see_prune(r->joins, list[i].session, ix, override_ns);
    }
}

void remote_pes_join(struct remote_pes *r)
{
    const struct net *n = r->net;
    int64_t spread_ns = net_join_spread_ns(r->session_count);
    for (uint32_t session = 0; session < r->session_count; session++) {
        const struct remote_session *s = &r->sessions[session];
        uint64_t h = hash_mix(hash_mix(hash_text(n->spec.seed, "join-pe"), s->v), s->pe);
        int64_t delay_ns = (int64_t)hash_range(h, (uint64_t)spread_ns);
        uint32_t end = session + 1 < r->session_count
                           ? r->sessions[session + 1].first_group
                           : n->spec.mvpns * n->spec.ingress_groups * n->spec.receiver_pes;
        for (uint32_t g = 0; s->first_group + g < end; g++)
            pim_us_join(r->joins, session, g * n->plan.routes_per_group, delay_ns);
    }
}

void remote_pes_prune(struct remote_pes *r)
{
    const struct instance_spec *s = &r->net->spec;
    for (uint32_t v = 1; v <= s->mvpns; v++) {
        for (uint32_t j = 1; j <= s->ingress_groups; j++) {
            const struct remote_receiver *list = remote_receivers(r, v, j);
            for (uint32_t i = 0; i < s->receiver_pes; i++) {
                uint32_t ix = list[i].place * r->net->plan.routes_per_group;
                for (uint32_t k = 0; k <= s->sources; k++)
                    pim_us_prune(r->joins, list[i].session, ix + k);
            }
        }
    }
}

void remote_pes_data(struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k, struct instant now)
{
    const struct instance_spec *s = &r->net->spec;
    if (!topology_is_ingress(s, j))
        return;
    uint32_t *seen = remote_seen(r, v, j, k);
    uint32_t now_s = net_seconds(r->net, now), before_s = *seen;
    *seen = now_s;
    if (before_s != 0 && now_s - before_s <= PIM_KEEPALIVE_S)
        return;
    const struct remote_receiver *list = remote_receivers(r, v, j);
    for (uint32_t i = 0; i < s->receiver_pes; i++) {
        uint32_t ix = list[i].place * r->net->plan.routes_per_group;
        if (!pim_us_joined(r->joins, list[i].session, ix))
            continue;
        /* The receivers behind a packet's way are not reached at one instant. */
        uint64_t h = hash_mix(hash_mix(hash_text(s->seed, "spt"), list[i].session), ix + k);
        pim_us_join(r->joins, list[i].session, ix + k,
                    (int64_t)hash_range(h, (uint64_t)PIM_PDU_GAP_NS));
    }
}

bool remote_pes_want(const struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k)
{
    const struct instance_spec *s = &r->net->spec;
    const struct remote_receiver *list = remote_receivers(r, v, j);
    for (uint32_t i = 0; i < s->receiver_pes; i++) {
        uint32_t ix = list[i].place * r->net->plan.routes_per_group;
        if (pim_us_joined(r->joins, list[i].session, ix) ||
            pim_us_joined(r->joins, list[i].session, ix + k))
            return true;
    }
    return false;
}

const struct pim_us_set *remote_pes_joins(const struct remote_pes *r)
{
    return r->joins;
}
