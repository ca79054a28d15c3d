/* S-PMSIs that the PE sources. */
#include "emul/refpe/control.h"
#include "emul/refpe/limits.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/spmsi.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"

/* TLVs of a MTI whose MDT leads nowhere are tried again after this. */
#define MTI_RETRY_NS NS_PER_S

static struct data_flow *flow_at(struct refpe *pe, uint32_t flow)
{
    return &pe->data_flows[flow];
}

int refpe_data_mdt_pool(struct refpe *pe, uint32_t vrf, ip4_t first, uint32_t count)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL || v->pool_count > 0 || count == 0)
        return -1;
    v->pool = (uint32_t)pe->data_mdt_count;
    v->pool_count = count;
    for (uint32_t i = 0; i < count; i++) {
        pe->data_mdts = array_grow(pe->data_mdts, pe->data_mdt_count, &pe->data_mdt_cap,
                                   sizeof(*pe->data_mdts));
        struct data_mdt *d = &pe->data_mdts[pe->data_mdt_count++];
        *d = (struct data_mdt){.vrf = vrf, .p_group = first + i, .mroute = NONE};
        mti_prepare(pe, d->p_group, d->header);
    }
    return 0;
}

int refpe_data_mdt_flow(struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL || v->pool_count == 0)
        return -1;
    uint32_t n = v->flow_count++, index = (uint32_t)pe->data_flow_count;
    bool has_place = n < v->pool_count || pe->settings.spmsi_reuse;
    uint64_t key = triple_key(vrf, source, group);
    pe->data_flows = array_grow(pe->data_flows, pe->data_flow_count, &pe->data_flow_cap,
                                sizeof(*pe->data_flows));
    pe->data_flows[pe->data_flow_count++] = (struct data_flow){
        .vrf = vrf,
        .next_same_key = map_get(&pe->data_flow_by_sg, key),
        .next_in_vrf = NONE,
        .source = source,
        .group = group,
        .mdt = has_place ? v->pool + n % v->pool_count : NONE,
        .due = DUE_NONE,
    };
    map_put(&pe->data_flow_by_sg, key, index);
    if (v->last_flow == NONE)
        v->flows = index;
    else
        flow_at(pe, v->last_flow)->next_in_vrf = index;
    v->last_flow = index;
    return 0;
}

uint32_t spmsi_flow_of(const struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    if (pe->data_flow_count == 0)
        return NONE;
    uint32_t i = map_get(&pe->data_flow_by_sg, triple_key(vrf, source, group));
    for (; i != MAP_NONE; i = pe->data_flows[i].next_same_key) {
        const struct data_flow *f = &pe->data_flows[i];
        if (f->vrf == vrf && f->source == source && f->group == group)
            return f->mdt == NONE ? NONE : i;
    }
    return NONE;
}

/* ---- announcing ------------------------------------------------------------------------------ */

static void announce_at(struct refpe *pe, uint32_t vrf, int64_t at_ns)
{
    struct due *due = &pe->vrfs[vrf].announce;
    if (at_ns < due->at_ns)
        due_set(pe, due, AGENDA_ANNOUNCE, vrf, at_ns);
}

static bool is_announced(const struct refpe *pe, const struct data_flow *f)
{
    bool held = f->state == FLOW_ANNOUNCED || f->state == FLOW_MOVED || f->state == FLOW_LEAVING;
    return held && !pe->data_mdts[f->mdt].silent;
}

struct datagram {
    struct wr w;
    uint8_t payload[PORT_FRAME_MAX];
};

static void datagram_begin(const struct refpe *pe, struct datagram *d)
{
    size_t room = pe->global.mtu - MTI_OVERHEAD - IPV4_HEADER - UDP_HEADER;
    d->w = wr_init(d->payload, room < sizeof(d->payload) ? room : sizeof(d->payload));
}

static void datagram_send(struct refpe *pe, uint32_t vrf, struct datagram *d)
{
    uint32_t mti = pe->vrfs[vrf].mti;
    if (d->w.pos == 0)
        return;
    uint8_t message[PORT_FRAME_MAX];
    struct wr w = wr_init(message, sizeof(message));
    struct udp udp = {MDT_PORT, MDT_PORT, d->payload, d->w.pos};
    if (udp_encode(&w, pe->ifaces[mti].addr, IPV4_ALL_PIM_ROUTERS, &udp) == WIRE_OK) {
        struct ipv4 ip = {.protocol = IPPROTO_NUM_UDP,
                          .dst = IPV4_ALL_PIM_ROUTERS,
                          .payload = message,
                          .payload_bytes = w.pos};
        control_send(pe, mti, (struct mac){{0}}, &ip);
    }
    datagram_begin(pe, d);
}

static void put_tlv(struct refpe *pe, struct datagram *d, const struct data_flow *f)
{
    struct mdt_join tlv = {f->source, f->group, pe->data_mdts[f->mdt].p_group};
    if (d->w.cap - d->w.pos < MDT_JOIN_TLV_BYTES)
        datagram_send(pe, f->vrf, d);
    (void)mdt_join_encode(&d->w, &tlv);
}

/* Empties the list of flows to tell of; they go out unless all do anyway. */
static void tell_new_ones(struct refpe *pe, struct vrf *v, struct datagram *d, bool send)
{
    uint32_t i = v->tell;
    v->tell = NONE;
    for (; i != NONE; i = flow_at(pe, i)->next_tell) {
        flow_at(pe, i)->telling = false;
        if (send && is_announced(pe, flow_at(pe, i)))
            put_tlv(pe, d, flow_at(pe, i));
    }
}

void spmsi_tx_announce(struct refpe *pe, uint32_t vrf)
{
    struct vrf *v = &pe->vrfs[vrf];
    int64_t now_ns = pe_now(pe);
    if (!mti_ready(pe, vrf)) {
        announce_at(pe, vrf, now_ns + MTI_RETRY_NS);
        return;
    }
    struct datagram d;
    bool whole_cycle = v->cycle_ns == NEVER || v->cycle_ns <= now_ns, any = false;
    datagram_begin(pe, &d);
    tell_new_ones(pe, v, &d, !whole_cycle);
    for (uint32_t i = v->flows; whole_cycle && i != NONE; i = flow_at(pe, i)->next_in_vrf) {
        if (is_announced(pe, flow_at(pe, i))) {
            put_tlv(pe, &d, flow_at(pe, i));
            any = true;
        }
    }
    datagram_send(pe, vrf, &d);
    if (whole_cycle)
        v->cycle_ns = any ? now_ns + MDT_INTERVAL_S * NS_PER_S : NEVER;
    if (v->cycle_ns != NEVER)
        announce_at(pe, vrf, v->cycle_ns);
}

void spmsi_link_back(struct refpe *pe, uint32_t vrf)
{
    struct vrf *v = &pe->vrfs[vrf];
    if (v->cycle_ns == NEVER)
        return;
    v->cycle_ns = pe_now(pe);
    announce_at(pe, vrf, v->cycle_ns);
}

/* ---- a flow's state ---------------------------------------------------------------------------
 */

static void set_timer(struct refpe *pe, uint32_t flow, int64_t at_ns)
{
    due_set(pe, &flow_at(pe, flow)->due, AGENDA_DATA_FLOW, flow, at_ns);
}

/* The source counts as silent when it sent nothing for as long as the hold-down. */
static void watch_source(struct refpe *pe, uint32_t flow, int64_t unused)
{
    (void)unused;
    set_timer(pe, flow, flow_at(pe, flow)->sent_ns + MDT_DATA_HOLDDOWN_S * NS_PER_S);
}

static void announce(struct refpe *pe, uint32_t flow, int64_t unused)
{
    (void)unused;
    struct data_flow *f = flow_at(pe, flow);
    struct data_mdt *d = &pe->data_mdts[f->mdt];
    struct vrf *v = &pe->vrfs[f->vrf];
    if (d->flows++ == 0) {
        pe->counts.spmsi_src++;
        d->mroute = p_source(pe, f->vrf, d->p_group);
        faults_spmsi_sourced(pe, d);
    }
    if (!f->telling) {
        f->telling = true;
        f->next_tell = v->tell;
        v->tell = flow;
    }
    announce_at(pe, f->vrf, pe_now(pe));
    set_timer(pe, flow, pe_now(pe) + pe->settings.spmsi_delay_ms * NS_PER_MS);
}

static void release(struct refpe *pe, uint32_t flow, int64_t unused)
{
    (void)unused;
    struct data_flow *f = flow_at(pe, flow);
    struct data_mdt *d = &pe->data_mdts[f->mdt];
    due_clear(&f->due);
    if (--d->flows > 0)
        return;
    pe->counts.spmsi_src--;
    uint32_t m = d->mroute;
    d->mroute = NONE;
    mroute_pin(pe, m, false);
}

static void move(struct refpe *pe, uint32_t flow, int64_t unused)
{
    flow_at(pe, flow)->moved_ns = pe_now(pe);
    watch_source(pe, flow, unused);
}

static void hold_down(struct refpe *pe, uint32_t flow, int64_t unused)
{
    (void)unused;
    set_timer(pe, flow, flow_at(pe, flow)->moved_ns + MDT_DATA_HOLDDOWN_S * NS_PER_S);
}

static void forget(struct refpe *pe, uint32_t flow, int64_t unused)
{
    (void)unused;
    due_clear(&flow_at(pe, flow)->due);
}

static const char *const state_names[] = {"Default", "Announced", "Moved", "Leaving", "Refused"};
static const char *const event_names[] = {"Wanted", "NoRoom", "NotWanted", "DelayOver",
                                          "HoldDownOver"};

static const struct fsm_cell grid[FLOW_STATES][FLOW_EVENTS] = {
    [FLOW_DEFAULT] = {[FLOW_WANTED] = GO(FLOW_ANNOUNCED, announce),
                      [FLOW_NO_ROOM] = GO(FLOW_REFUSED, watch_source),
                      [FLOW_NOT_WANTED] = STAY_OUT,
                      [FLOW_DELAY_OVER] = CANNOT_BE,
                      [FLOW_HOLDDOWN_OVER] = CANNOT_BE},
    [FLOW_ANNOUNCED] = {[FLOW_WANTED] = STAY_OUT,
                        [FLOW_NO_ROOM] = CANNOT_BE,
                        [FLOW_NOT_WANTED] = GO(FLOW_DEFAULT, release),
                        [FLOW_DELAY_OVER] = GO(FLOW_MOVED, move),
                        [FLOW_HOLDDOWN_OVER] = CANNOT_BE},
    [FLOW_MOVED] = {[FLOW_WANTED] = STAY_OUT,
                    [FLOW_NO_ROOM] = CANNOT_BE,
                    [FLOW_NOT_WANTED] = GO(FLOW_LEAVING, hold_down),
                    [FLOW_DELAY_OVER] = CANNOT_BE,
                    [FLOW_HOLDDOWN_OVER] = CANNOT_BE},
    [FLOW_LEAVING] = {[FLOW_WANTED] = GO(FLOW_MOVED, watch_source),
                      [FLOW_NO_ROOM] = CANNOT_BE,
                      [FLOW_NOT_WANTED] = STAY_OUT,
                      [FLOW_DELAY_OVER] = CANNOT_BE,
                      [FLOW_HOLDDOWN_OVER] = GO(FLOW_DEFAULT, release)},
    [FLOW_REFUSED] = {[FLOW_WANTED] = GO(FLOW_ANNOUNCED, announce),
                      [FLOW_NO_ROOM] = STAY_OUT,
                      [FLOW_NOT_WANTED] = GO(FLOW_DEFAULT, forget),
                      [FLOW_DELAY_OVER] = CANNOT_BE,
                      [FLOW_HOLDDOWN_OVER] = CANNOT_BE},
};

const struct fsm_machine data_flow_machine = {
    .name = "data flow",
    .rfc = "RFC 6037 6, 7",
    .states = state_names,
    .events = event_names,
    .state_count = FLOW_STATES,
    .event_count = FLOW_EVENTS,
    .grid = &grid[0][0],
};

static void step(struct refpe *pe, uint32_t flow, enum data_flow_event event)
{
    uint8_t state = flow_at(pe, flow)->state;
    (void)refpe_fsm_step(pe, &data_flow_machine, &state, event, flow, 0);
    flow_at(pe, flow)->state = state;
}

/* A data MDT in use takes any number of flows; another one needs room in two tables. */
static bool has_room(const struct refpe *pe, const struct data_flow *f)
{
    const struct data_mdt *d = &pe->data_mdts[f->mdt];
    return d->flows > 0 || (pe->counts.spmsi_src < pe->settings.limits.spmsi_src &&
                            limits_room_p_mroute(pe, pe->global.mdt_addr, d->p_group));
}

unsigned spmsi_tx_packet(struct refpe *pe, uint32_t flow)
{
    flow_at(pe, flow)->sent_ns = pe_now(pe);
    enum data_flow_state state = flow_at(pe, flow)->state;
    if (state == FLOW_DEFAULT || state == FLOW_REFUSED)
        step(pe, flow, has_room(pe, flow_at(pe, flow)) ? FLOW_WANTED : FLOW_NO_ROOM);
    else if (state == FLOW_LEAVING)
        step(pe, flow, FLOW_WANTED);
    const struct data_flow *f = flow_at(pe, flow);
    const struct data_mdt *d = &pe->data_mdts[f->mdt];
    if (f->state == FLOW_REFUSED)
        return 0;
    if (f->state != FLOW_MOVED || d->announce_only)
        return SPMSI_ON_DEFAULT;
    return d->both ? SPMSI_ON_DEFAULT | SPMSI_ON_DATA : SPMSI_ON_DATA;
}

void spmsi_tx_unwanted(struct refpe *pe, uint32_t flow)
{
    step(pe, flow, FLOW_NOT_WANTED);
}

void spmsi_tx_timer(struct refpe *pe, uint32_t flow)
{
    const struct data_flow *f = flow_at(pe, flow);
    int64_t silent_ns = f->sent_ns + MDT_DATA_HOLDDOWN_S * NS_PER_S;
    if (f->state == FLOW_ANNOUNCED)
        step(pe, flow, FLOW_DELAY_OVER);
    else if (f->state == FLOW_LEAVING)
        step(pe, flow, FLOW_HOLDDOWN_OVER);
    else if (silent_ns <= pe_now(pe))
        step(pe, flow, FLOW_NOT_WANTED);
    else
        watch_source(pe, flow, 0);
}
