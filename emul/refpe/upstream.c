#include "emul/refpe/upstream.h"

#include "emul/base/rng.h"
#include "emul/refpe/cif.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/join_prune.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/spmsi.h"

/* A periodic Join waits this long for others to the same neighbour, to share messages. */
#define REFRESH_COMPANY_NS (50 * NS_PER_MS)

static uint64_t draw(struct refpe *pe, struct mroute *m)
{
    uint64_t h = hash_mix(hash_text(pe->seed, "refpe-join"), m->vrf);
    h = hash_mix(hash_mix(h, m->source), m->group);
    return hash_mix(h, ++m->draws);
}

static void set_jt(struct refpe *pe, uint32_t index, int64_t at_ns)
{
    due_set(pe, &mroute_at(pe, index)->join_timer, AGENDA_UPSTREAM, index, at_ns);
}

static void send_entry(struct refpe *pe, uint32_t index, bool join, int64_t delay_ns)
{
    const struct mroute *m = mroute_at(pe, index);
    struct pim_jp_entry e;
    if (m->iif == NONE || m->rpf_nbr == 0)
        return;
    jp_entry_of(m, join, &e);
    jp_send(pe, m->iif, m->rpf_nbr, &e, delay_ns);
}

static void send_join(struct refpe *pe, uint32_t index, int64_t unused)
{
    (void)unused;
    send_entry(pe, index, true, 0);
    set_jt(pe, index, pe_now(pe) + JP_PERIOD_S * NS_PER_S);
}

static void refresh_join(struct refpe *pe, uint32_t index, int64_t unused)
{
    (void)unused;
    send_entry(pe, index, true, REFRESH_COMPANY_NS);
    set_jt(pe, index, pe_now(pe) + JP_PERIOD_S * NS_PER_S);
}

static void send_prune(struct refpe *pe, uint32_t index, int64_t unused)
{
    (void)unused;
    send_entry(pe, index, false, 0);
    due_clear(&mroute_at(pe, index)->join_timer);
    mroute_at(pe, index)->spt = false;
}

/* Another router's Join keeps our branch alive: JT = max(JT, min(t_suppressed, holdtime)). */
static void suppress(struct refpe *pe, uint32_t index, int64_t holdtime_s)
{
    struct mroute *m = mroute_at(pe, index);
    if (!pe->settings.jp_suppression || !iface_lan(pe, m->iif)->suppression)
        return;
    /* t_suppressed = rand(1.1, 1.4) * t_periodic */
    int64_t wait_ns = 66 * NS_PER_S + (int64_t)hash_range(draw(pe, m), 18 * NS_PER_S);
    if (wait_ns > holdtime_s * NS_PER_S)
        wait_ns = holdtime_s * NS_PER_S;
    int64_t at_ns = pe_now(pe) + wait_ns;
    if (at_ns > m->join_timer.at_ns)
        set_jt(pe, index, at_ns);
}

/* JT = min(JT, t_override): overrides a Prune, and spreads the joins to a restarted router. */
static void override(struct refpe *pe, uint32_t index, int64_t unused)
{
    (void)unused;
    struct mroute *m = mroute_at(pe, index);
    int64_t span_ns = (int64_t)iface_lan(pe, m->iif)->override_ms * NS_PER_MS;
    int64_t at_ns = pe_now(pe) + (int64_t)hash_range(draw(pe, m), (uint64_t)span_ns);
    if (at_ns < m->join_timer.at_ns)
        set_jt(pe, index, at_ns);
}

static const char *const state_names[] = {"NotJoined", "Joined"};
static const char *const event_names[] = {"JoinDesired",   "JoinNotDesired", "JTExpires",
                                          "SeeJoin",       "SeePrune",       "RPFNbrBack",
                                          "RPFNbrChanges", "GenIDChanges"};

static const struct fsm_cell grid[UP_STATES][UP_EVENTS] = {
    [UP_NOT_JOINED] = {[UP_JOIN_DESIRED] = GO(UP_JOINED, send_join),
                       [UP_JOIN_NOT_DESIRED] = STAY_OUT,
                       [UP_JT_EXPIRES] = CANNOT_BE,
                       [UP_SEE_JOIN] = STAY_OUT,
                       [UP_SEE_PRUNE] = STAY_OUT,
                       [UP_RPF_NBR_BACK] = STAY_OUT,
                       [UP_RPF_NBR_CHANGES] = STAY_OUT,
                       [UP_GENID_CHANGES] = STAY_OUT},
    [UP_JOINED] = {[UP_JOIN_DESIRED] = STAY_OUT,
                   [UP_JOIN_NOT_DESIRED] = GO(UP_NOT_JOINED, send_prune),
                   [UP_JT_EXPIRES] = GO(UP_JOINED, refresh_join),
                   [UP_SEE_JOIN] = GO(UP_JOINED, suppress),
                   [UP_SEE_PRUNE] = GO(UP_JOINED, override),
                   [UP_RPF_NBR_BACK] = GO(UP_JOINED, send_join),
                   [UP_RPF_NBR_CHANGES] = GO(UP_JOINED, send_join),
                   [UP_GENID_CHANGES] = GO(UP_JOINED, override)},
};

const struct fsm_machine upstream_machine = {
    .name = "upstream",
    .rfc = "RFC 7761 4.5.4, 4.5.5",
    .states = state_names,
    .events = event_names,
    .state_count = UP_STATES,
    .event_count = UP_EVENTS,
    .grid = &grid[0][0],
};

static void step(struct refpe *pe, uint32_t m, enum upstream_event event, int64_t arg)
{
    uint8_t state = mroute_at(pe, m)->up_state;
    (void)refpe_fsm_step(pe, &upstream_machine, &state, event, m, arg);
    mroute_at(pe, m)->up_state = state;
}

/*
 * JoinDesired (RFC 7761 4.5.4, 4.5.5): an (S,G) that has only inherited members is desired while
 * its Keepalive Timer runs, which it has where the PE is RP or last hop.
 */
static bool join_desired(const struct refpe *pe, const struct mroute *m)
{
    if (m->status != MROUTE_INSTALLED || m->oif_installed == 0)
        return false;
    if (m->source == 0 || mroute_kept(m))
        return true;
    for (uint32_t i = m->oifs; i != NONE; i = oif_at(pe, i)->next) {
        const struct oif *o = oif_at(pe, i);
        if (o->installed && downstream_joined(pe, m, o->iface))
            return true;
    }
    return false;
}

void upstream_sync(struct refpe *pe, uint32_t m)
{
    const struct mroute *r = mroute_at(pe, m);
    if (r->vrf == P_INSTANCE && r->pinned)
        return; /* the PE itself is the source */
    step(pe, m, join_desired(pe, r) ? UP_JOIN_DESIRED : UP_JOIN_NOT_DESIRED, 0);
    spmsi_olist_changed(pe, m);
}

void upstream_seen(struct refpe *pe, uint32_t iface, ip4_t upstream, ip4_t source, ip4_t group,
                   bool join, uint16_t holdtime_s)
{
    uint32_t vrf = pe->ifaces[iface].vrf;
    uint32_t index = mroute_find(pe, vrf, source, group);
    if (index == NONE)
        return;
    enum upstream_event event = join ? UP_SEE_JOIN : UP_SEE_PRUNE;
    const struct mroute *m = mroute_at(pe, index);
    if (m->iif == iface && m->rpf_nbr == upstream)
        step(pe, index, event, holdtime_s);
    if (join || source != 0)
        return;
    /* RFC 7761 4.5.5: (S,G) also sees Prune(*,G) to RPF'(S,G). */
    for (uint32_t c = m->children; c != NONE; c = mroute_at(pe, c)->next_sibling) {
        if (mroute_at(pe, c)->iif == iface && mroute_at(pe, c)->rpf_nbr == upstream)
            step(pe, c, event, 0);
    }
}

void upstream_nbr(struct refpe *pe, uint32_t iface, ip4_t addr, enum upstream_event event)
{
    uint32_t i = pe->vrfs[pe->ifaces[iface].vrf].mroutes;
    for (; i != NONE; i = mroute_at(pe, i)->next_in_vrf) {
        if (mroute_at(pe, i)->iif == iface && mroute_at(pe, i)->rpf_nbr == addr)
            step(pe, i, event, 0);
    }
}

void upstream_rpf_nbr(struct refpe *pe, uint32_t m, ip4_t addr)
{
    if (mroute_at(pe, m)->up_state == UP_JOINED)
        send_entry(pe, m, false, 0);
    mroute_at(pe, m)->rpf_nbr = addr;
    step(pe, m, UP_RPF_NBR_CHANGES, 0);
}

void upstream_timer(struct refpe *pe, uint32_t m)
{
    step(pe, m, UP_JT_EXPIRES, 0);
}
