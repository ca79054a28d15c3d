#include "emul/node/remote_pe.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/remote_set.h"
#include "emul/node/routes.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

bool remote_send_message(struct remote_pes *r, uint32_t v, uint32_t pe, const uint8_t *message,
                         size_t len)
{
    struct net *n = r->net;
    if (!n->a3->up || (r->flags[remote_endpoint(r, v, pe)] & AWAY) != 0 ||
        !net_mdt_reaches(n, v, pe, net_now(n)))
        return false;
    ip4_t addr = topology_remote_pe_addr(&n->spec, pe);
    struct ipv4 packet = net_pim_multicast(addr, message, len);
    return net_send_mdt(n, v, addr, &packet) == 0;
}

struct lan_message remote_lan_from_pe(const struct remote_pes *r, uint32_t v, bool sent)
{
    return (struct lan_message){
        .at_dut = sent, .at_pes = r->vpns[v - 1].present, .now_ns = net_now(r->net).ns};
}

struct lan_message remote_lan_from_dut(const struct remote_pes *r, uint32_t v)
{
    struct lan_message m = remote_lan_from_pe(r, v, true);
    m.from_dut = true;
    return m;
}

void remote_say_hello(struct remote_pes *r, uint32_t v, uint32_t pe, uint16_t holdtime_s)
{
    struct net *n = r->net;
    uint8_t *flags = &r->flags[remote_endpoint(r, v, pe)];
    if ((*flags & (CLOSED | AWAY)) != 0 || !n->a3->up || !net_mdt_reaches(n, v, pe, net_now(n)))
        return;
    uint64_t h = hash_mix(hash_mix(hash_text(n->spec.seed, "genid-pe"), v), pe);
    if (*flags >= EPOCH_ONE)
        h = hash_mix(h, *flags / EPOCH_ONE);
    uint8_t message[128];
    size_t len = net_build_hello_pe(n, message, sizeof(message), (uint32_t)h | 1u, holdtime_s);
    struct lan_message m = remote_lan_from_pe(r, v, remote_send_message(r, v, pe, message, len));
    lan_count_add(&r->lan, &m, SIGNAL_HELLO);
    *flags |= SAID_HELLO;
}

static void ring_says(void *owner, uint32_t set, uint32_t member)
{
    remote_say_hello(owner, set + 1, member + 1, PIM_HELLO_HOLDTIME_S);
}

static void send_echo(void *arg)
{
    struct remote_pes *r = arg;
    struct remote_echo *e = &r->echo;
    size_t done = 0;
    while (done < e->count) {
        uint8_t message[2048];
        size_t taken;
        ip4_t addr = topology_remote_pe_addr(&r->net->spec, e->pe);
        size_t len = net_build_jp(r->net, message, sizeof(message), addr, e->entries + done,
                                  e->count - done, 24, &taken);
        if (len == 0)
            break;
        struct lan_message m =
            remote_lan_from_pe(r, e->v, remote_send_message(r, e->v, e->pe, message, len));
        for (size_t i = 0; i < taken; i++)
            lan_count_add(&r->lan, &m, SIGNAL_ECHO);
        done += taken;
    }
    e->count = 0;
}

void remote_pes_echo(struct remote_pes *r, uint32_t ix)
{
    const struct plan *plan = &r->net->plan;
    struct remote_echo *e = &r->echo;
    uint32_t v = ix / plan->routes_per_vpn + 1, within = ix % plan->routes_per_vpn;
    uint32_t j = within / plan->routes_per_group + 1, k = within % plan->routes_per_group;
    const struct plan_group *g = &plan->groups[j];
    if (g->ingress)
        return;
    uint32_t pe = g->site - SITE_REMOTE;
    if (e->count == PIM_PDU_ENTRIES || (e->count > 0 && (e->v != v || e->pe != pe)))
        send_echo(r);
    e->v = v;
    e->pe = pe;
    e->entries[e->count] = (struct pim_jp_entry){.kind = k == 0 ? PIM_JP_STARG : PIM_JP_SG,
                                                 .group = g->group,
                                                 .source = k == 0 ? g->rp : g->source_base + k};
    remote_pe3_pruned(r, v, &e->entries[e->count++]);
    timer_set_in(r->net->loop, &e->timer, 0);
}

struct remote_pes *remote_pes_new(struct net *net)
{
    const struct instance_spec *s = &net->spec;
    struct remote_pes *r = mem_zalloc(1, sizeof(*r));
    r->net = net;
    r->vpns = mem_zalloc(s->mvpns, sizeof(*r->vpns));
    r->flags = mem_zalloc((size_t)s->mvpns * s->remote_pes, 1);
    r->seen_s = mem_zalloc((size_t)s->mvpns * s->ingress_groups * s->sources, sizeof(uint32_t));
    r->joins = pim_us_new(net->loop, "remote PE joins", s->seed, &remote_join_ops, r);
    remote_build_sessions(r);
    int64_t spread_ns = net_hello_spread_ns((uint64_t)s->mvpns * s->remote_pes);
    lan_count_init(&r->lan, (size_t)s->mvpns * net->plan.routes_per_vpn);
    for (uint32_t v = 1; v <= s->mvpns; v++) {
        r->vpns[v - 1].present = s->remote_pes;
        hello_ring_init(&r->vpns[v - 1].ring, net->loop, hash_text(s->seed, "hello-pe"), v - 1,
                        s->remote_pes, spread_ns, ring_says, r);
    }
    timer_init(&r->echo.timer, "prune echo", send_echo, r);
    r->pe3 = remote_pe3_new(r);
    return r;
}

void remote_pes_free(struct remote_pes *r)
{
    if (r == NULL)
        return;
    timer_cancel(r->net->loop, &r->echo.timer);
    for (uint32_t v = 0; v < r->net->spec.mvpns; v++)
        hello_ring_fini(&r->vpns[v].ring);
    pim_us_free(r->joins);
    remote_pe3_free(r->pe3);
    lan_count_fini(&r->lan);
    free(r->vpns);
    free(r->flags);
    free(r->session_of);
    free(r->sessions);
    free(r->groups);
    free(r->receivers);
    free(r->seen_s);
    free(r);
}

void remote_pes_start(struct remote_pes *r, uint32_t v)
{
    hello_ring_start(&r->vpns[v - 1].ring);
}

static void forget_hellos(struct remote_pes *r, uint32_t v)
{
    for (uint32_t pe = 1; pe <= r->net->spec.remote_pes; pe++)
        r->flags[remote_endpoint(r, v, pe)] &= (uint8_t)~SAID_HELLO;
}

void remote_pes_rejoined(struct remote_pes *r, uint32_t v)
{
    forget_hellos(r, v);
}

void remote_pes_one_rejoined(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    r->flags[remote_endpoint(r, v, pe)] &= (uint8_t)~SAID_HELLO;
    hello_ring_trigger_one(&r->vpns[v - 1].ring, pe - 1);
}

static void sessions_open(struct remote_pes *r, uint32_t v, bool open, enum pim_us_event event)
{
    int64_t override_ns = pim_nbr_override_ns(&r->vpns[v - 1].dut);
    for (uint32_t pe = 1; pe <= r->net->spec.remote_pes; pe++) {
        uint32_t session = r->session_of[remote_endpoint(r, v, pe)];
        if (session == PLAN_NONE)
            continue;
        if (open && (r->flags[remote_endpoint(r, v, pe)] & AWAY) == 0)
            pim_us_open(r->joins, session, event, override_ns);
        else
            pim_us_close(r->joins, session);
    }
}

static void take_hello(struct remote_pes *r, uint32_t v, struct rd *body)
{
    struct remote_vpn *vpn = &r->vpns[v - 1];
    struct lan_message m = remote_lan_from_dut(r, v);
    lan_count_add(&r->lan, &m, SIGNAL_HELLO);
    enum pim_nbr_change change = net_take_hello(r->net, &vpn->dut, body);
    if (change == PIM_CHANGE_NONE)
        return;
    if (change == PIM_CHANGE_GONE) {
        sessions_open(r, v, false, PIM_US_NBR_BACK);
    } else {
        forget_hellos(r, v);
        hello_ring_trigger(&vpn->ring);
        sessions_open(r, v, true, change == PIM_CHANGE_NEW ? PIM_US_NBR_BACK : PIM_US_NEW_GENID);
    }
    r->net->events.mi_pmsi_nbr(r->net->events.arg, v, change);
}

/* What the DUT says on the MI-PMSI of VPN v towards PE pe, 0: towards itself. */
static void count_entry(struct remote_pes *r, uint32_t v, uint32_t pe,
                        const struct pim_jp_entry *entry, bool own)
{
    struct net *n = r->net;
    struct lan_message m = remote_lan_from_dut(r, v);
    uint32_t route = pe == 0 ? PLAN_NONE : routes_place(n, v, SITE_REMOTE + pe, entry);
    if (own && !entry->join && entry->kind != PIM_JP_SGRPT)
        lan_count_add(&r->lan, &m, SIGNAL_ECHO);
    else if (route == PLAN_NONE)
        lan_count_add(&r->lan, &m, SIGNAL_OTHER);
    else if (!entry->join)
        lan_count_entry(&r->lan, &m, route, PIM_US_PRUNE);
    else if (lan_count_dut_joined(&r->lan, route) && pim_ds_alive(&n->routes, route, net_now(n)))
        lan_count_entry(&r->lan, &m, route, PIM_US_REFRESH);
    else
        lan_count_entry(&r->lan, &m, route, PIM_US_FIRST_JOIN);
}

/* One entry of the DUT towards remote PE pe; those towards the first one are counted in 10.2. */
static void take_entry(struct remote_pes *r, uint32_t v, uint32_t pe,
                       const struct pim_jp_entry *entry, uint16_t holdtime_s, int64_t wait_ns)
{
    routes_take(r->net, v, SITE_REMOTE + pe, entry, holdtime_s, wait_ns);
    if (r->pe3 == NULL || pe != 1)
        return;
    remote_pe3_heard(r->pe3, entry);
    if (!entry->join)
        remote_pe3_pruned(r, v, entry);
}

static void take_jp(struct remote_pes *r, uint32_t v, const struct ipv4 *packet)
{
    struct net *n = r->net;
    struct pim_nbr *dut = &r->vpns[v - 1].dut;
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry entry;
    if (!net_open_jp(n, dut, packet, &jp, &it))
        return;
    uint32_t pe = topology_remote_pe_of(&n->spec, jp.upstream);
    /* The upstream PE has the DUT and its fellows as neighbours: somebody may override a prune. */
    int64_t wait_ns = n->spec.remote_pes > 1 ? pim_nbr_jp_override_ns(dut) : 0;
    bool away = pe != 0 && (r->flags[remote_endpoint(r, v, pe)] & AWAY) != 0;
    if (pe == 1)
        remote_pe3_heard_pdu(r->pe3);
    bool own = jp.upstream == n->spec.addr.dut_mdt_addr;
    while (!away && pim_jp_next(&it, &entry)) {
        count_entry(r, v, pe, &entry, own);
        if (pe != 0)
            take_entry(r, v, pe, &entry, jp.holdtime_s, wait_ns);
        else if (own)
            remote_overhear(r, v, &entry, jp.holdtime_s, PLAN_NONE);
    }
}

void remote_pes_pim(struct remote_pes *r, uint32_t v, const struct ipv4 *packet)
{
    enum pim_type type;
    struct rd body;
    if (packet->src != r->net->spec.addr.dut_mdt_addr)
        return;
    if (pim_open(packet->payload, packet->payload_bytes, &type, &body) != WIRE_OK)
        r->net->undecodable++;
    else if (type == PIM_HELLO)
        take_hello(r, v, &body);
    else if (type == PIM_JOIN_PRUNE)
        take_jp(r, v, packet);
    else if (type == PIM_ASSERT)
        r->net->asserts++;
}

void remote_pes_goodbye(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    uint8_t *flags = &r->flags[remote_endpoint(r, v, pe)];
    if ((*flags & SAID_HELLO) != 0)
        remote_say_hello(r, v, pe, 0);
    *flags |= CLOSED;
}

bool remote_pes_have_nbr(const struct remote_pes *r, uint32_t v, struct instant now)
{
    return pim_nbr_alive(&r->vpns[v - 1].dut, now);
}

bool remote_pes_said_hello(const struct remote_pes *r, uint32_t v)
{
    return r->net->spec.remote_pes == 0 || r->vpns[v - 1].ring.went_round;
}

void remote_pes_signal(const struct remote_pes *r, struct emul_signal *out)
{
    const struct net *n = r->net;
    struct instant now = net_now(n);
    struct pim_us_counts joins;
    *out = (struct emul_signal){.at = now, .first = {r->lan.first_ns}};
    for (int k = 0; k < SIGNAL_KINDS; k++) {
        out->dut[k] = r->lan.dut[k];
        out->pes[k] = r->lan.pes[k];
    }
    pim_us_counts_get(r->joins, &joins);
    out->states_joined = joins.joined;
    if (r->pe3 != NULL) {
        pim_us_counts_get(remote_pes_pe3_joins(r), &joins);
        out->states_joined += joins.joined;
    }
    for (uint32_t v = 1; v <= n->spec.mvpns; v++) {
        uint32_t first = plan_route(&n->plan, v, n->spec.ingress_groups + 1, 0);
        for (uint32_t route = first; route < v * n->plan.routes_per_vpn; route++)
            out->states_upstream += pim_ds_alive(&n->routes, route, now);
    }
}

size_t remote_pes_bytes(const struct remote_pes *r)
{
    const struct instance_spec *s = &r->net->spec;
    size_t endpoints = (size_t)s->mvpns * s->remote_pes;
    size_t receivers = (size_t)s->mvpns * s->ingress_groups * s->receiver_pes;
    return sizeof(*r) + s->mvpns * sizeof(struct remote_vpn) +
           endpoints * (1 + sizeof(*r->session_of) + sizeof(uint32_t)) + endpoints / 8 +
           r->session_count * sizeof(*r->sessions) +
           receivers * (sizeof(*r->receivers) + sizeof(*r->groups)) +
           (size_t)s->mvpns * s->ingress_groups * s->sources * sizeof(uint32_t) +
           pim_us_bytes(r->joins) + remote_pe3_bytes(r) +
           (size_t)s->mvpns * r->net->plan.routes_per_vpn;
}
