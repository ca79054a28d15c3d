/* S-PMSIs of remote PEs, and what both directions share. */
#include "emul/base/log.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/limits.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/spmsi.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"

void spmsi_init(struct refpe *pe)
{
    map_init(&pe->data_flow_by_sg);
    map_init(&pe->rx_mdt_by_key);
    map_init(&pe->rx_flows_by_group);
    pool_init(&pe->rx_mdts, sizeof(struct rx_mdt));
    pool_init(&pe->rx_flows, sizeof(struct rx_flow));
}

void spmsi_forget(struct refpe *pe)
{
    map_clear(&pe->rx_mdt_by_key);
    map_clear(&pe->rx_flows_by_group);
    pool_fini(&pe->rx_mdts);
    pool_fini(&pe->rx_flows);
    for (size_t i = 0; i < pe->data_mdt_count; i++) {
        pe->data_mdts[i].flows = 0;
        pe->data_mdts[i].mroute = NONE;
    }
    for (size_t i = 0; i < pe->data_flow_count; i++) {
        struct data_flow *f = &pe->data_flows[i];
        f->state = FLOW_DEFAULT;
        f->telling = false;
        f->due = DUE_NONE;
    }
    pe->counts.spmsi_src = pe->counts.spmsi_rx = pe->counts.spmsi_known = 0;
}

void spmsi_stale(struct refpe *pe)
{
    for (uint32_t i = 0; i < pe->rx_flows.used_end; i++) {
        if (pool_used(&pe->rx_flows, i))
            due_set(pe, &rx_flow_at(pe, i)->expiry, AGENDA_RX_FLOW, i,
                    pe_now(pe) + MDT_DATA_TIMEOUT_S * NS_PER_S);
    }
    for (uint32_t v = 1; v < pe->vrf_count; v++)
        spmsi_link_back(pe, v);
}

void spmsi_clear(struct refpe *pe)
{
    spmsi_forget(pe);
    map_clear(&pe->data_flow_by_sg);
    pe->data_mdt_count = pe->data_flow_count = 0;
}

void spmsi_fini(struct refpe *pe)
{
    spmsi_clear(pe);
    map_fini(&pe->data_flow_by_sg);
    map_fini(&pe->rx_mdt_by_key);
    map_fini(&pe->rx_flows_by_group);
    free(pe->data_mdts);
    free(pe->data_flows);
}

void refpe_spmsi_get(const struct refpe *pe, struct refpe_spmsi *out)
{
    *out = (struct refpe_spmsi){
        .sourced = pe->counts.spmsi_src,
        .joined = pe->counts.spmsi_rx,
        .cached = pe->counts.spmsi_known - pe->counts.spmsi_rx,
    };
}

static uint64_t mdt_key(ip4_t remote_pe, ip4_t p_group)
{
    return (uint64_t)remote_pe << 32 | p_group;
}

/* ---- joining ----------------------------------------------------------------------------------
 */

/* Joins a data MDT that is wanted, if there is room; else the next TLV asks again. */
static void join(struct refpe *pe, uint32_t mdt)
{
    struct rx_mdt *d = rx_mdt_at(pe, mdt);
    if (d->mroute != NONE || faults_spmsi_not_joined(pe, d->pe, d->p_group) ||
        pe->counts.spmsi_rx >= pe->settings.limits.spmsi_rx ||
        !limits_room_p_mroute(pe, d->pe, d->p_group))
        return;
    pe->counts.spmsi_rx++;
    d->mroute = mroute_get(pe, P_INSTANCE, d->pe, d->p_group);
    downstream_local(pe, d->mroute, pe->vrfs[d->vrf].mti, true);
}

static void leave(struct refpe *pe, uint32_t mdt)
{
    struct rx_mdt *d = rx_mdt_at(pe, mdt);
    uint32_t m = d->mroute;
    if (m == NONE)
        return;
    pe->counts.spmsi_rx--;
    d->mroute = NONE;
    downstream_local(pe, m, pe->vrfs[d->vrf].mti, false);
}

/*
 * There is interest in a flow where it would be forwarded if it came from that PE: by its (S,G), or
 * by the (*,G) while there is none.
 */
static bool has_receivers(const struct refpe *pe, const struct rx_flow *f)
{
    uint32_t i = mroute_find(pe, f->vrf, f->source, f->group);
    if (i == NONE)
        i = mroute_find(pe, f->vrf, 0, f->group);
    if (i == NONE)
        return false;
    const struct mroute *m = mroute_at(pe, i);
    return m->status == MROUTE_INSTALLED && m->oif_installed > 0 &&
           m->iif == pe->vrfs[f->vrf].mti && m->rpf_nbr == f->pe;
}

static void set_wanted(struct refpe *pe, uint32_t flow, bool wanted)
{
    struct rx_flow *f = rx_flow_at(pe, flow);
    uint32_t mdt = f->mdt;
    if (wanted != f->wanted) {
        f->wanted = wanted;
        rx_mdt_at(pe, mdt)->wanted += wanted ? 1 : UINT32_MAX;
    }
    if (rx_mdt_at(pe, mdt)->wanted > 0)
        join(pe, mdt);
    else
        leave(pe, mdt);
}

void spmsi_olist_changed(struct refpe *pe, uint32_t mroute)
{
    const struct mroute *m = mroute_at(pe, mroute);
    uint32_t vrf = m->vrf, flow = m->data_flow;
    ip4_t source = m->source, group = m->group;
    if (vrf == P_INSTANCE)
        return;
    uint32_t o = flow == NONE ? NONE : mroute_oif(pe, m, pe->vrfs[vrf].mti);
    if (flow != NONE && (o == NONE || !oif_at(pe, o)->installed))
        spmsi_tx_unwanted(pe, flow);
    if (pe->counts.spmsi_known == 0)
        return;
    uint32_t i = map_get(&pe->rx_flows_by_group, triple_key(vrf, 0, group));
    for (; i != MAP_NONE; i = rx_flow_at(pe, i)->next_same_key) {
        const struct rx_flow *f = rx_flow_at(pe, i);
        if (f->vrf == vrf && f->group == group && (source == 0 || f->source == source))
            set_wanted(pe, i, has_receivers(pe, f));
    }
}

uint32_t spmsi_rx_vrf(const struct refpe *pe, ip4_t remote_pe, ip4_t p_group)
{
    uint32_t i = map_get(&pe->rx_mdt_by_key, mdt_key(remote_pe, p_group));
    const struct rx_mdt *d = i == MAP_NONE ? NULL : rx_mdt_at(pe, i);
    bool joined = d != NULL && d->mroute != NONE && mroute_at(pe, d->mroute)->oif_installed > 0;
    return joined ? d->vrf : 0;
}

/* ---- the cache of TLVs ------------------------------------------------------------------------
 */

/* The data MDT of that PE; NONE if another VRF has it already. */
static uint32_t mdt_get(struct refpe *pe, uint32_t vrf, ip4_t remote_pe, ip4_t p_group)
{
    uint32_t i = map_get(&pe->rx_mdt_by_key, mdt_key(remote_pe, p_group));
    if (i != MAP_NONE)
        return rx_mdt_at(pe, i)->vrf == vrf ? i : NONE;
    i = pool_take(&pe->rx_mdts);
    struct rx_mdt *d = rx_mdt_at(pe, i);
    d->vrf = vrf;
    d->pe = remote_pe;
    d->p_group = p_group;
    d->mroute = NONE;
    map_put(&pe->rx_mdt_by_key, mdt_key(remote_pe, p_group), i);
    pe->counts.spmsi_known++;
    return i;
}

static uint32_t flow_find(const struct refpe *pe, uint32_t vrf, ip4_t remote_pe,
                          const struct mdt_join *tlv)
{
    uint32_t i = map_get(&pe->rx_flows_by_group, triple_key(vrf, 0, tlv->c_group));
    for (; i != MAP_NONE; i = rx_flow_at(pe, i)->next_same_key) {
        const struct rx_flow *f = rx_flow_at(pe, i);
        if (f->source == tlv->c_source && f->pe == remote_pe && f->group == tlv->c_group &&
            f->vrf == vrf)
            return i;
    }
    return NONE;
}

static uint32_t flow_add(struct refpe *pe, uint32_t vrf, ip4_t remote_pe,
                         const struct mdt_join *tlv)
{
    uint64_t key = triple_key(vrf, 0, tlv->c_group);
    uint32_t index = pool_take(&pe->rx_flows);
    struct rx_flow *f = rx_flow_at(pe, index);
    f->vrf = vrf;
    f->pe = remote_pe;
    f->source = tlv->c_source;
    f->group = tlv->c_group;
    f->mdt = NONE;
    f->expiry = DUE_NONE;
    f->next_same_key = map_get(&pe->rx_flows_by_group, key);
    map_put(&pe->rx_flows_by_group, key, index);
    return index;
}

/* Takes the flow off its data MDT, which is forgotten with its last flow. */
static void flow_detach(struct refpe *pe, uint32_t flow)
{
    uint32_t mdt = rx_flow_at(pe, flow)->mdt;
    if (mdt == NONE)
        return;
    set_wanted(pe, flow, false);
    rx_flow_at(pe, flow)->mdt = NONE;
    struct rx_mdt *d = rx_mdt_at(pe, mdt);
    if (--d->flows > 0)
        return;
    (void)map_del(&pe->rx_mdt_by_key, mdt_key(d->pe, d->p_group));
    pe->counts.spmsi_known--;
    pool_give(&pe->rx_mdts, mdt);
}

void spmsi_rx_expired(struct refpe *pe, uint32_t flow)
{
    flow_detach(pe, flow);
    const struct rx_flow *f = rx_flow_at(pe, flow);
    uint64_t key = triple_key(f->vrf, 0, f->group);
    uint32_t head = map_get(&pe->rx_flows_by_group, key);
    if (head == flow && f->next_same_key == MAP_NONE)
        (void)map_del(&pe->rx_flows_by_group, key);
    else if (head == flow)
        map_put(&pe->rx_flows_by_group, key, f->next_same_key);
    for (uint32_t i = head; i != MAP_NONE && i != flow; i = rx_flow_at(pe, i)->next_same_key) {
        if (rx_flow_at(pe, i)->next_same_key == flow)
            rx_flow_at(pe, i)->next_same_key = f->next_same_key;
    }
    pool_give(&pe->rx_flows, flow);
}

static bool sane(const struct refpe *pe, const struct mdt_join *tlv)
{
    return ip4_is_multicast(tlv->c_group) && ip4_is_multicast(tlv->p_group) && tlv->c_source != 0 &&
           !ip4_is_multicast(tlv->c_source) && !is_link_local(tlv->p_group) &&
           map_get(&pe->vrf_by_mdt, tlv->p_group) == MAP_NONE;
}

/* RFC 6037 7.2: the latest TLV of a flow counts. */
static void tlv_input(struct refpe *pe, uint32_t vrf, ip4_t remote_pe, const struct mdt_join *tlv)
{
    uint32_t mdt = sane(pe, tlv) ? mdt_get(pe, vrf, remote_pe, tlv->p_group) : NONE;
    if (mdt == NONE)
        return;
    uint32_t flow = flow_find(pe, vrf, remote_pe, tlv);
    if (flow == NONE)
        flow = flow_add(pe, vrf, remote_pe, tlv);
    if (rx_flow_at(pe, flow)->mdt != mdt) {
        rx_mdt_at(pe, mdt)->flows++;
        flow_detach(pe, flow);
        rx_flow_at(pe, flow)->mdt = mdt;
    }
    due_set(pe, &rx_flow_at(pe, flow)->expiry, AGENDA_RX_FLOW, flow,
            pe_now(pe) + MDT_DATA_TIMEOUT_S * NS_PER_S);
    set_wanted(pe, flow, has_receivers(pe, rx_flow_at(pe, flow)));
}

void spmsi_rx_input(struct refpe *pe, uint32_t vrf, ip4_t src, ip4_t dst, const uint8_t *udp,
                    size_t len)
{
    struct rd r = rd_init(udp, len);
    struct udp u;
    enum wire_err e = udp_decode(&r, src, dst, &u);
    if (e == WIRE_OK && u.dport != MDT_PORT)
        return;
    if (e == WIRE_OK)
        e = mdt_join_check(u.payload, u.payload_bytes);
    if (e != WIRE_OK) {
        log_line(LOG_PEER, loop_now(pe->loop), "refpe", "bad MDT Join in VRF %u: %s", vrf,
                 wire_err_name(e));
        return;
    }
    struct rd body = rd_init(u.payload, u.payload_bytes);
    struct mdt_join tlv;
    while (mdt_join_next(&body, &tlv))
        tlv_input(pe, vrf, src, &tlv);
}
