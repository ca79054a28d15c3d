/* MDT Join TLVs of the DUT: the cache, and the joins that follow from it. */
#include "emul/base/mem.h"
#include "emul/lab/lab.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"

#include <stdlib.h>

void lab_spmsi_init(struct emul *e)
{
    struct lab_spmsi *s = &e->spmsi;
    s->oldest = s->newest = SPMSI_NONE;
    s->start = s->p_since = INSTANT_NEVER;
    map_init(&s->slot_of);
}

void lab_spmsi_fini(struct emul *e)
{
    struct lab_spmsi *s = &e->spmsi;
    timer_cancel(e->net.loop, &s->expiry);
    map_fini(&s->slot_of);
    free(s->record_of);
    free(s->flows);
    free(s->mdts);
}

static uint32_t ingress_flows(const struct net *n)
{
    return n->spec.ingress_groups * n->spec.sources;
}

static void expire(void *arg);

static void first_record(struct emul *e)
{
    struct lab_spmsi *s = &e->spmsi;
    size_t flows = (size_t)e->net.spec.mvpns * ingress_flows(&e->net);
    s->record_of = mem_zalloc(flows, sizeof(*s->record_of));
    for (size_t ix = 0; ix < flows; ix++)
        s->record_of[ix] = SPMSI_NONE;
    s->flow_cap = (size_t)e->net.spec.mvpns * e->net.spec.spmsi_src_flows;
    s->flows = mem_zalloc(s->flow_cap, sizeof(*s->flows));
    s->mdt_count = p_router_data_slots(e->p);
    s->mdts = mem_zalloc(s->mdt_count, sizeof(*s->mdts));
    timer_init(&s->expiry, "mdt data timeout", expire, e);
}

struct spmsi_flow *spmsi_record(struct emul *e, uint32_t v, uint32_t j, uint32_t k, bool create)
{
    struct lab_spmsi *s = &e->spmsi;
    if (s->record_of == NULL) {
        if (!create)
            return NULL;
        first_record(e);
    }
    const struct instance_spec *spec = &e->net.spec;
    uint32_t *ix = &s->record_of[(size_t)(v - 1) * ingress_flows(&e->net) + plan_flow(spec, j, k)];
    if (*ix == SPMSI_NONE && create) {
        s->flows = array_grow(s->flows, s->flow_count, &s->flow_cap, sizeof(*s->flows));
        *ix = (uint32_t)s->flow_count++;
        s->flows[*ix] = (struct spmsi_flow){.t0_ns = INT64_MIN,
                                            .tlv_ns = INT64_MIN,
                                            .default_ns = INT64_MIN,
                                            .data_ns = INT64_MIN,
                                            .flow = topology_flow(spec, v, j, k),
                                            .slot = SPMSI_NONE,
                                            .older = SPMSI_NONE,
                                            .newer = SPMSI_NONE};
    }
    return *ix == SPMSI_NONE ? NULL : &s->flows[*ix];
}

/* Data MDTs that the instance asks for have their slots, those that the DUT makes up are mapped to
 * the spare ones behind them. */
static uint32_t planned_slots(const struct emul *e)
{
    return e->net.spec.mvpns * e->net.spec.spmsi_src;
}

static uint32_t planned_slot(const struct emul *e, ip4_t group)
{
    uint32_t v;
    bool by_dut;
    uint32_t number = topology_data_mdt_of(&e->net.spec, group, &v, &by_dut);
    if (number == 0 || !by_dut)
        return SPMSI_NONE;
    return (v - 1) * e->net.spec.spmsi_src + (number - 1);
}

uint32_t lab_spmsi_of(const struct emul *e, ip4_t group)
{
    const struct lab_spmsi *s = &e->spmsi;
    uint32_t slot = planned_slot(e, group);
    if (slot == SPMSI_NONE)
        return map_get(&s->slot_of, group);
    return s->mdts != NULL && s->mdts[slot].group == group ? slot : SPMSI_NONE;
}

/* mdt_get returns the slot of a data MDT of VPN v, giving it one if need be; SPMSI_NONE when there
 * is none left, or the group is another VPN's. */
static uint32_t mdt_get(struct emul *e, uint32_t v, ip4_t group)
{
    struct lab_spmsi *s = &e->spmsi;
    uint32_t slot = lab_spmsi_of(e, group), first = planned_slots(e);
    if (slot != SPMSI_NONE)
        return s->mdts[slot].vpn == v ? slot : SPMSI_NONE;
    slot = planned_slot(e, group);
    if (slot != SPMSI_NONE) {
        s->mdts[slot] = (struct spmsi_mdt){.group = group, .vpn = v};
        return slot;
    }
    /* Walking on round the slots leaves those that were just freed time for their Prunes. */
    for (uint32_t tried = first; tried < s->mdt_count; tried++) {
        slot = first + s->next_spare;
        s->next_spare = (s->next_spare + 1) % (s->mdt_count - first);
        if (s->mdts[slot].group != 0)
            continue;
        s->mdts[slot] = (struct spmsi_mdt){.group = group, .vpn = v};
        map_put(&s->slot_of, group, slot);
        return slot;
    }
    return SPMSI_NONE;
}

static void want(struct emul *e, struct spmsi_flow *f, bool wanted)
{
    struct spmsi_mdt *m = &e->spmsi.mdts[f->slot];
    if (((f->flags & SPMSI_WANTED) != 0) == wanted)
        return;
    f->flags ^= SPMSI_WANTED;
    m->wanted += wanted ? 1 : UINT32_MAX;
    if (wanted && m->wanted == 1)
        p_router_data_join(e->p, f->slot, m->group);
    else if (m->wanted == 0)
        p_router_data_prune(e->p, f->slot);
}

static void unlink_flow(struct lab_spmsi *s, struct spmsi_flow *f)
{
    if (f->older != SPMSI_NONE)
        s->flows[f->older].newer = f->newer;
    else
        s->oldest = f->newer;
    if (f->newer != SPMSI_NONE)
        s->flows[f->newer].older = f->older;
    else
        s->newest = f->older;
}

static void append_flow(struct lab_spmsi *s, struct spmsi_flow *f)
{
    uint32_t ix = (uint32_t)(f - s->flows);
    f->older = s->newest;
    f->newer = SPMSI_NONE;
    if (s->newest != SPMSI_NONE)
        s->flows[s->newest].newer = ix;
    else
        s->oldest = ix;
    s->newest = ix;
}

/* forget ends an announcement: receivers give up (MDT_DATA_TIMEOUT), or the flow is announced for
 * another data MDT. */
static void forget(struct emul *e, struct spmsi_flow *f)
{
    struct lab_spmsi *s = &e->spmsi;
    struct spmsi_mdt *m = &s->mdts[f->slot];
    want(e, f, false);
    unlink_flow(s, f);
    s->announced--;
    f->flags &= (uint8_t)~SPMSI_ANNOUNCED;
    f->slot = SPMSI_NONE;
    if (--m->announced > 0)
        return;
    (void)map_del(&s->slot_of, m->group);
    *m = (struct spmsi_mdt){0};
}

static void arm(struct emul *e)
{
    struct lab_spmsi *s = &e->spmsi;
    if (s->oldest == SPMSI_NONE)
        timer_cancel(e->net.loop, &s->expiry);
    else if (!timer_armed(&s->expiry))
        timer_set(e->net.loop, &s->expiry,
                  (struct instant){s->flows[s->oldest].tlv_ns + MDT_TIMEOUT_NS});
}

static void expire(void *arg)
{
    struct emul *e = arg;
    struct lab_spmsi *s = &e->spmsi;
    int64_t before_ns = net_now(&e->net).ns - MDT_TIMEOUT_NS;
    while (s->oldest != SPMSI_NONE && s->flows[s->oldest].tlv_ns <= before_ns)
        forget(e, &s->flows[s->oldest]);
    arm(e);
}

static void announce(struct emul *e, struct spmsi_flow *f, uint32_t slot)
{
    struct lab_spmsi *s = &e->spmsi;
    f->slot = slot;
    f->flags |= SPMSI_ANNOUNCED | SPMSI_KNOWN;
    s->announced++;
    s->mdts[slot].announced++;
    append_flow(s, f);
}

static void take_tlv(struct emul *e, uint32_t v, const struct mdt_join *tlv, struct instant at)
{
    const struct net *n = &e->net;
    struct lab_spmsi *s = &e->spmsi;
    s->tlvs++;
    uint32_t j = topology_group_of(&n->spec, tlv->c_group);
    if (j == 0 || !n->plan.groups[j].ingress || !ip4_is_multicast(tlv->p_group))
        return;
    uint32_t k = tlv->c_source - n->plan.groups[j].source_base;
    if (k < 1 || k > n->spec.sources)
        return;
    struct spmsi_flow *f = spmsi_record(e, v, j, k, true);
    bool known = (f->flags & SPMSI_ANNOUNCED) != 0;
    if (known && s->mdts[f->slot].group != tlv->p_group) {
        forget(e, f);
        known = false;
    }
    uint32_t slot = known ? f->slot : mdt_get(e, v, tlv->p_group);
    if (slot == SPMSI_NONE)
        return;
    if (known) {
        unlink_flow(s, f);
        append_flow(s, f);
    } else {
        announce(e, f, slot);
    }
    f->tlv_ns = at.ns;
    lab_switch_tlv(e, f->flow, at);
    if ((f->flags & SPMSI_MOVED) == 0 && (!known || f->t0_ns == INT64_MIN))
        spmsi_begin(e, f, at);
    want(e, f, remote_pes_want(e->pes, v, j, k));
    arm(e);
}

void lab_spmsi_tlvs(struct emul *e, uint32_t v, const struct ipv4 *packet, struct instant at)
{
    struct rd r = rd_init(packet->payload, packet->payload_bytes);
    struct udp udp;
    struct mdt_join tlv;
    if (udp_decode(&r, packet->src, packet->dst, &udp) != WIRE_OK) {
        e->net.undecodable++;
        return;
    }
    if (udp.dport != MDT_PORT || packet->src != e->net.spec.addr.dut_mdt_addr)
        return;
    if (mdt_join_check(udp.payload, udp.payload_bytes) != WIRE_OK) {
        e->net.undecodable++;
        return;
    }
    e->spmsi.datagrams++;
    r = rd_init(udp.payload, udp.payload_bytes);
    while (mdt_join_next(&r, &tlv))
        take_tlv(e, v, &tlv, at);
}

int64_t lab_spmsi_newest_tlv(const struct emul *e, uint32_t flow)
{
    const struct lab_spmsi *s = &e->spmsi;
    uint32_t v, j, k;
    topology_flow_split(&e->net.spec, flow, &v, &j, &k);
    if (s->record_of == NULL || !topology_is_ingress(&e->net.spec, j))
        return INT64_MIN;
    uint32_t ix =
        s->record_of[(size_t)(v - 1) * ingress_flows(&e->net) + plan_flow(&e->net.spec, j, k)];
    return ix == SPMSI_NONE ? INT64_MIN : s->flows[ix].tlv_ns;
}

void lab_spmsi_interest(struct emul *e)
{
    struct lab_spmsi *s = &e->spmsi;
    for (uint32_t ix = s->oldest; ix != SPMSI_NONE; ix = s->flows[ix].newer) {
        uint32_t v, j, k;
        topology_flow_split(&e->net.spec, s->flows[ix].flow, &v, &j, &k);
        want(e, &s->flows[ix], remote_pes_want(e->pes, v, j, k));
    }
}

size_t lab_spmsi_bytes(const struct emul *e)
{
    const struct lab_spmsi *s = &e->spmsi;
    size_t flows = (size_t)e->net.spec.mvpns * ingress_flows(&e->net);
    size_t map_slots = s->slot_of.slots != NULL ? s->slot_of.mask + 1 : 0;
    return sizeof(*s) + (s->record_of != NULL ? flows * sizeof(*s->record_of) : 0) +
           s->flow_cap * sizeof(*s->flows) + s->mdt_count * sizeof(*s->mdts) +
           map_slots * sizeof(struct map_slot);
}
