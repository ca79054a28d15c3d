#include "emul/node/register_dr_in.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/proto/pim/register.h"
#include "emul/wire/pim_register.h"

#include <stdlib.h>

#define REGISTER_TTL     64
#define REGISTER_HEADERS (IPV4_HEADER + 8)

static void fire(void *arg);

struct register_drs *register_drs_new(struct net *net)
{
    struct register_drs *d = mem_zalloc(1, sizeof(*d));
    const struct instance_spec *s = &net->spec;
    d->net = net;
    timer_init(&d->timer, "register stop", fire, d);
    if (!s->c_rp_on_dut)
        return d;
    size_t flows = (size_t)s->mvpns * net->plan.flows_per_vpn;
    d->active = true;
    d->seed = hash_text(s->seed, "register-stop");
    d->sites = s->c_interfaces + topology_remote_sites(s);
    d->drs = mem_zalloc((size_t)s->mvpns * d->sites, sizeof(*d->drs));
    d->dut_mac = mem_zalloc(net_link_count(net), sizeof(*d->dut_mac));
    d->flows = mem_zalloc(flows, sizeof(*d->flows));
    d->slots = mem_zalloc(flows, sizeof(*d->slots));
    d->seen_s = mem_zalloc(flows, sizeof(*d->seen_s));
    return d;
}

void register_drs_free(struct register_drs *d)
{
    if (d == NULL)
        return;
    timer_cancel(d->net->loop, &d->timer);
    register_announce_fini(d);
    free(d->drs);
    free(d->dut_mac);
    free(d->flows);
    free(d->slots);
    free(d->seen_s);
    free(d);
}

static uint32_t flow_ix(const struct register_drs *d, uint32_t v, uint32_t j, uint32_t k)
{
    return (v - 1) * d->net->plan.flows_per_vpn + plan_flow(&d->net->spec, j, k);
}

void register_dr_split(const struct register_drs *d, uint32_t ix, uint32_t *v, uint32_t *j,
                       uint32_t *k)
{
    uint32_t per_vpn = d->net->plan.flows_per_vpn, local = ix % per_vpn;
    *v = ix / per_vpn + 1;
    *j = local / d->net->spec.sources + 1;
    *k = local % d->net->spec.sources + 1;
}

uint32_t register_dr_place(const struct register_drs *d, uint32_t v, uint32_t j)
{
    uint32_t site = d->net->plan.groups[j].site;
    uint32_t place =
        site > SITE_REMOTE ? d->net->spec.c_interfaces + site - SITE_REMOTE - 1 : site - 1;
    return (v - 1) * d->sites + place;
}

static struct register_dr *dr_of(const struct register_drs *d, uint32_t v, uint32_t j)
{
    return &d->drs[register_dr_place(d, v, j)];
}

/* The DR's address: the C-router's on the link that leads to the DUT; behind a remote PE, one of
 * the site that is nobody else's. */
static ip4_t dr_addr(const struct register_drs *d, uint32_t v, uint32_t j)
{
    const struct instance_spec *s = &d->net->spec;
    uint32_t site = d->net->plan.groups[j].site;
    return site > SITE_REMOTE ? topology_site_rp(s, site)
                              : topology_c_router_addr(s, topology_c_link_index(s, v, site));
}

/* way_is_open tells whether a Register of the site of group j could reach the DUT now. */
static bool way_is_open(const struct register_drs *d, uint32_t v, uint32_t j)
{
    const struct net *n = d->net;
    uint32_t site = n->plan.groups[j].site;
    if (site > SITE_REMOTE)
        return n->a3->up && net_mdt_reaches(n, v, site - SITE_REMOTE, net_now(n));
    return net_c_port(n, topology_c_link_index(&n->spec, v, site))->up;
}

static int send_message(struct register_drs *d, uint32_t v, uint32_t j, const uint8_t *message,
                        size_t len)
{
    struct net *n = d->net;
    uint32_t site = n->plan.groups[j].site;
    struct ipv4 packet = {.tos = IPV4_TOS_CS6,
                          .ttl = REGISTER_TTL,
                          .protocol = IPPROTO_NUM_PIM,
                          .src = dr_addr(d, v, j),
                          .dst = n->spec.addr.dut_c_rp,
                          .payload = message,
                          .payload_bytes = len};
    if (site > SITE_REMOTE)
        return net_send_mdt(n, v, topology_remote_pe_addr(&n->spec, site - SITE_REMOTE), &packet);
    uint32_t link = topology_c_link_index(&n->spec, v, site);
    return net_send_c(n, link, d->dut_mac[link], &packet);
}

static unsigned step(struct register_drs *d, uint32_t ix, enum pim_reg_event event)
{
    struct fsm_who who = {.now = net_now(d->net), .subsystem = "pim/register"};
    return pim_fsm_step(&pim_fsm_register, &d->flows[ix].state, event, &who);
}

static struct idxheap heap_of(struct register_drs *d)
{
    return (struct idxheap){d->slots, (char *)d->flows, sizeof(struct dr_flow), d->armed};
}

static void arm_timer(struct register_drs *d)
{
    if (d->armed == 0) {
        timer_cancel(d->net->loop, &d->timer);
        return;
    }
    int64_t due_ns = d->flows[d->slots[0]].due_ns;
    if (!timer_armed(&d->timer) || d->timer.at.ns != due_ns)
        timer_set(d->net->loop, &d->timer, (struct instant){due_ns});
}

static void set_rst(struct register_drs *d, uint32_t ix, struct instant at)
{
    struct idxheap h = heap_of(d);
    idxheap_set(&h, ix, at.ns);
    d->armed = h.count;
}

static void stop_rst(struct register_drs *d, uint32_t ix)
{
    struct idxheap h = heap_of(d);
    idxheap_del(&h, ix);
    d->armed = h.count;
    d->flows[ix].flags = 0;
}

/* rand(0.5, 1.5) * Register_Suppression_Time - Register_Probe_Time */
static int64_t suppression_ns(struct register_drs *d, uint32_t ix)
{
    uint64_t h = hash_mix(hash_mix(d->seed, ix), d->flows[ix].draws++);
    return PIM_REG_SUPPRESSION_NS / 2 + (int64_t)hash_range(h, PIM_REG_SUPPRESSION_NS) -
           PIM_REG_PROBE_NS;
}

bool register_drs_takes(struct register_drs *d, uint32_t v, uint32_t j, uint32_t k)
{
    if (!d->active)
        return false;
    uint32_t ix = flow_ix(d, v, j, k);
    struct instant now = net_now(d->net);
    d->seen_s[ix] = net_seconds(d->net, now);
    (void)step(d, ix, PIM_REG_COULD_REGISTER);
    struct register_dr *dr = dr_of(d, v, j);
    if (d->flows[ix].state != PIM_REG_JOIN || dr->next_ns > now.ns || !way_is_open(d, v, j))
        return false;
    dr->next_ns = instant_add(now, PIM_REG_GAP_NS).ns;
    return true;
}

int register_drs_send(struct register_drs *d, uint32_t v, uint32_t j, const uint8_t *packet,
                      size_t len)
{
    uint8_t message[PORT_FRAME_MAX];
    struct wr w = wr_init(message, sizeof(message));
    struct pim_register reg = {.packet = packet, .packet_bytes = len};
    if (len + REGISTER_HEADERS > PORT_FRAME_MAX || pim_register_encode(&w, &reg) != WIRE_OK)
        return -1;
    d->counts.registers++;
    return send_message(d, v, j, message, w.pos);
}

bool register_dr_null(struct register_drs *d, uint32_t ix)
{
    uint8_t message[64];
    uint32_t v, j, k;
    register_dr_split(d, ix, &v, &j, &k);
    if (!way_is_open(d, v, j))
        return false;
    const struct plan_group *g = &d->net->plan.groups[j];
    struct pim_register reg = {.null = true, .source = g->source_base + k, .group = g->group};
    struct wr w = wr_init(message, sizeof(message));
    if (pim_register_encode(&w, &reg) != WIRE_OK)
        return false;
    d->counts.null_registers++;
    return send_message(d, v, j, message, w.pos) == 0;
}

/* waits_for_turn settles when the flow's Null-Register may be sent; true if that is not now. */
static bool waits_for_turn(struct register_drs *d, uint32_t ix, struct instant now)
{
    struct dr_flow *f = &d->flows[ix];
    uint32_t v, j, k;
    if ((f->flags & HAS_TURN) != 0) {
        f->flags = 0;
        return false;
    }
    register_dr_split(d, ix, &v, &j, &k);
    struct register_dr *dr = dr_of(d, v, j);
    struct instant at = instant_max(now, (struct instant){dr->next_ns});
    dr->next_ns = instant_add(at, PIM_REG_GAP_NS).ns;
    if (at.ns == now.ns)
        return false;
    f->flags = HAS_TURN;
    set_rst(d, ix, at);
    return true;
}

/* The Keepalive Timer of a flow is looked at when its Register-Stop Timer expires. */
static bool still_sends(const struct register_drs *d, uint32_t ix, struct instant now)
{
    return net_seconds(d->net, now) - d->seen_s[ix] <= PIM_KEEPALIVE_S;
}

static void expire(struct register_drs *d, uint32_t ix, struct instant now)
{
    struct dr_flow *f = &d->flows[ix];
    if (!still_sends(d, ix, now)) {
        (void)step(d, ix, PIM_REG_COULD_NOT_REGISTER);
        stop_rst(d, ix);
        return;
    }
    if (f->state == PIM_REG_PRUNE && waits_for_turn(d, ix, now))
        return;
    if (step(d, ix, PIM_REG_RST_EXPIRES) == PIM_REG_PROBE) {
        (void)register_dr_null(d, ix);
        set_rst(d, ix, instant_add(now, PIM_REG_PROBE_NS));
    } else {
        stop_rst(d, ix);
    }
}

static void fire(void *arg)
{
    struct register_drs *d = arg;
    struct instant now = net_now(d->net);
    while (d->armed > 0 && d->flows[d->slots[0]].due_ns <= now.ns)
        expire(d, d->slots[0], now);
    arm_timer(d);
}

static void stop_flow(struct register_drs *d, uint32_t v, uint32_t j, uint32_t k)
{
    uint32_t ix = flow_ix(d, v, j, k);
    d->counts.stops++;
    if (step(d, ix, PIM_REG_RCV_STOP) != PIM_REG_SUPPRESS)
        return;
    d->flows[ix].flags = 0;
    set_rst(d, ix, instant_add(net_now(d->net), suppression_ns(d, ix)));
    arm_timer(d);
}

static bool is_of_this_dr(const struct register_drs *d, uint32_t v, uint32_t link, uint32_t j,
                          ip4_t to)
{
    const struct instance_spec *s = &d->net->spec;
    uint32_t site = d->net->plan.groups[j].site;
    bool right_way = link == REGISTER_MI_PMSI
                         ? site > SITE_REMOTE
                         : site <= SITE_REMOTE && link == topology_c_link_index(s, v, site);
    return right_way && to == dr_addr(d, v, j);
}

void register_drs_pim(struct register_drs *d, uint32_t v, uint32_t link, const struct ipv4 *packet)
{
    enum pim_type type;
    struct rd body;
    struct pim_register_stop stop;
    if (!d->active || packet->src != d->net->spec.addr.dut_c_rp)
        return;
    if (pim_open(packet->payload, packet->payload_bytes, &type, &body) != WIRE_OK ||
        (type == PIM_REGISTER_STOP && pim_register_stop_decode(&body, &stop) != WIRE_OK)) {
        d->net->undecodable++;
        return;
    }
    uint32_t j = type == PIM_REGISTER_STOP ? topology_group_of(&d->net->spec, stop.group.addr) : 0;
    if (j == 0 || !is_of_this_dr(d, v, link, j, packet->dst))
        return;
    uint32_t sources = d->net->spec.sources, k = stop.source - d->net->plan.groups[j].source_base;
    if (stop.source != 0) {
        if (k >= 1 && k <= sources)
            stop_flow(d, v, j, k);
        return;
    }
    for (k = 1; k <= sources; k++) /* wildcard source (RFC 7761 4.9.4) */
        stop_flow(d, v, j, k);
}

void register_drs_learn(struct register_drs *d, uint32_t link, struct mac dut)
{
    if (d->active)
        d->dut_mac[link] = dut;
}

void register_drs_stop(struct register_drs *d)
{
    timer_cancel(d->net->loop, &d->timer);
    register_drs_announce_end(d);
    d->active = false;
}

void register_drs_counts(const struct register_drs *d, struct register_counts *out)
{
    *out = d->counts;
}

uint8_t register_drs_state(const struct register_drs *d, uint32_t v, uint32_t j, uint32_t k)
{
    return d->flows[flow_ix(d, v, j, k)].state;
}

size_t register_drs_bytes(const struct register_drs *d)
{
    const struct instance_spec *s = &d->net->spec;
    size_t flows = d->drs == NULL ? 0 : (size_t)s->mvpns * d->net->plan.flows_per_vpn;
    size_t drs = d->drs == NULL ? 0 : (size_t)s->mvpns * d->sites;
    return sizeof(*d) + flows * (sizeof(*d->flows) + 2 * sizeof(uint32_t)) + drs * sizeof(*d->drs) +
           (d->drs == NULL ? 0 : net_link_count(d->net) * sizeof(*d->dut_mac));
}
