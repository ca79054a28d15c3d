#include "emul/refpe/p_instance.h"

#include "emul/base/rng.h"
#include "emul/refpe/cif.h"
#include "emul/refpe/df.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/pim_io.h"
#include "emul/refpe/segment.h"
#include "emul/refpe/spmsi.h"
#include "emul/refpe/upstream.h"
#include "emul/wire/pim_register.h"

#define REGISTER_SUPPRESSION_S 60
#define REGISTER_PROBE_S       5
#define ARP_RETRY_NS           NS_PER_S

static void set_timer(struct refpe *pe, uint32_t vrf, int64_t delay_ns)
{
    due_set(pe, &pe->vrfs[vrf].register_stop_timer, AGENDA_REGISTER, vrf, pe_now(pe) + delay_ns);
}

static void stop_timer(struct refpe *pe, uint32_t vrf, int64_t unused)
{
    (void)unused;
    due_clear(&pe->vrfs[vrf].register_stop_timer);
}

/* RFC 7761 4.4.1: rand(0.5, 1.5) * Register_Suppression_Time - Register_Probe_Time. */
static void start_suppression(struct refpe *pe, uint32_t vrf, int64_t unused)
{
    (void)unused;
    struct vrf *v = &pe->vrfs[vrf];
    uint64_t h =
        hash_mix(hash_mix(hash_text(pe->seed, "refpe-register"), vrf), ++v->register_draws);
    int64_t span_ns = REGISTER_SUPPRESSION_S * NS_PER_S;
    set_timer(pe, vrf,
              span_ns / 2 + (int64_t)hash_range(h, (uint64_t)span_ns) -
                  REGISTER_PROBE_S * NS_PER_S);
}

static void send_null_register(struct refpe *pe, uint32_t vrf, int64_t unused)
{
    (void)unused;
    struct pim_register reg = {
        .null = true, .source = pe->global.mdt_addr, .group = pe->vrfs[vrf].mdt_group};
    uint8_t message[64];
    struct wr w = wr_init(message, sizeof(message));
    set_timer(pe, vrf, REGISTER_PROBE_S * NS_PER_S);
    if (pim_register_encode(&w, &reg) != WIRE_OK)
        return;
    pim_send_p_rp(pe, message, w.pos);
}

static const char *const state_names[] = {"NoInfo", "Join", "JoinPending", "Prune"};
static const char *const event_names[] = {"CouldRegister", "CouldNotRegister", "RegisterStop",
                                          "TimerExpires"};

/* NULL actions: whether Registers are sent is read from the state (mti.c). */
static const struct fsm_cell grid[RG_STATES][RG_EVENTS] = {
    [RG_NO_INFO] = {[RG_COULD_REGISTER] = GO(RG_JOIN, NULL),
                    [RG_COULD_NOT_REGISTER] = STAY_OUT,
                    [RG_REGISTER_STOP] = STAY_OUT,
                    [RG_TIMER_EXPIRES] = CANNOT_BE},
    [RG_JOIN] = {[RG_COULD_REGISTER] = STAY_OUT,
                 [RG_COULD_NOT_REGISTER] = GO(RG_NO_INFO, stop_timer),
                 [RG_REGISTER_STOP] = GO(RG_PRUNE, start_suppression),
                 [RG_TIMER_EXPIRES] = CANNOT_BE},
    [RG_JOIN_PENDING] = {[RG_COULD_REGISTER] = STAY_OUT,
                         [RG_COULD_NOT_REGISTER] = GO(RG_NO_INFO, stop_timer),
                         [RG_REGISTER_STOP] = GO(RG_PRUNE, start_suppression),
                         [RG_TIMER_EXPIRES] = GO(RG_JOIN, NULL)},
    [RG_PRUNE] = {[RG_COULD_REGISTER] = STAY_OUT,
                  [RG_COULD_NOT_REGISTER] = GO(RG_NO_INFO, stop_timer),
                  [RG_REGISTER_STOP] = STAY_OUT,
                  [RG_TIMER_EXPIRES] = GO(RG_JOIN_PENDING, send_null_register)},
};

const struct fsm_machine register_machine = {
    .name = "register",
    .rfc = "RFC 7761 4.4.1",
    .states = state_names,
    .events = event_names,
    .state_count = RG_STATES,
    .event_count = RG_EVENTS,
    .grid = &grid[0][0],
};

static void step(struct refpe *pe, uint32_t vrf, enum register_event event)
{
    uint8_t state = pe->vrfs[vrf].register_state;
    (void)refpe_fsm_step(pe, &register_machine, &state, event, vrf, 0);
    pe->vrfs[vrf].register_state = state;
}

static bool registers(const struct refpe *pe)
{
    return pe->global.mdt == MDT_ASM;
}

uint32_t p_source(struct refpe *pe, uint32_t vrf, ip4_t group)
{
    uint32_t m = mroute_get(pe, P_INSTANCE, pe->global.mdt_addr, group);
    mroute_at(pe, m)->iif = pe->vrfs[vrf].mti;
    mroute_pin(pe, m, true);
    return m;
}

void p_join_mdt(struct refpe *pe, uint32_t vrf)
{
    struct vrf *v = &pe->vrfs[vrf];
    if (pe->global.mdt != MDT_SSM) {
        v->mdt_starg = mroute_get(pe, P_INSTANCE, 0, v->mdt_group);
        downstream_local(pe, v->mdt_starg, v->mti, true);
    }
    if (pe->global.mdt != MDT_BIDIR)
        v->mdt_sg = p_source(pe, vrf, v->mdt_group);
    for (size_t i = 0; pe->global.mdt == MDT_SSM && i < v->peer_count; i++)
        downstream_local(pe, mroute_get(pe, P_INSTANCE, v->peers[i], v->mdt_group), v->mti, true);
    if (registers(pe) && pe->p_port->working)
        step(pe, vrf, RG_COULD_REGISTER);
}

void p_register_stop(struct refpe *pe, ip4_t source, ip4_t group)
{
    uint32_t vrf = map_get(&pe->vrf_by_mdt, group);
    if (vrf != MAP_NONE && registers(pe) && (source == pe->global.mdt_addr || source == 0))
        step(pe, vrf, RG_REGISTER_STOP);
}

void p_register_timer(struct refpe *pe, uint32_t vrf)
{
    step(pe, vrf, RG_TIMER_EXPIRES);
}

void p_link_lost(struct refpe *pe)
{
    pe->gateway.known = false;
    due_clear(&pe->gateway.retry);
    df_link(pe, false);
    downstream_drop_port(pe, pe->p_port);
    for (uint32_t v = 1; registers(pe) && v < pe->vrf_count; v++)
        step(pe, v, RG_COULD_NOT_REGISTER);
}

void p_link_back(struct refpe *pe)
{
    gateway_resolve(pe, 0);
    df_link(pe, true);
    for (uint32_t v = 1; v < pe->vrf_count; v++) {
        if (pe_vrf(pe, v) == NULL || pe->vrfs[v].refused)
            continue;
        if (registers(pe))
            step(pe, v, RG_COULD_REGISTER);
        hello_start(pe, pe->vrfs[v].mti, true); /* as soon as the MDT is joined again */
        spmsi_link_back(pe, v);
    }
}

void p_df_changed(struct refpe *pe)
{
    uint32_t m = pe->vrfs[P_INSTANCE].mroutes;
    for (; m != NONE; m = mroute_at(pe, m)->next_in_vrf) {
        if (mroute_at(pe, m)->source == 0)
            upstream_rpf_nbr(pe, m, pe->df.winner);
    }
}

void gateway_resolve(struct refpe *pe, uint32_t unused)
{
    (void)unused;
    if (pe->gateway.known)
        return;
    segment_request(pe, IFACE_P, pe->global.p_gateway);
    due_set(pe, &pe->gateway.retry, AGENDA_ARP, 0, pe_now(pe) + ARP_RETRY_NS);
}

void gateway_learn(struct refpe *pe, struct mac mac)
{
    pe->gateway.known = true;
    pe->gateway.mac = mac;
}
