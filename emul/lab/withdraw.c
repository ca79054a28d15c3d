/*
 * Leaving in good order: prunes of all C-joins, paced; then every C-router and remote PE says
 * goodbye; then the P router leaves the DUT's trees and says goodbye. The DUT needs the P link for
 * the goodbyes on the MI-PMSIs, so that one is last.
 */
#include "emul/lab/lab.h"

#define TICK_NS        (10 * NS_PER_MS)
#define GOODBYE_TICKS  100 /* goodbyes take about a second */
#define GOODBYES_LEAST 20
#define PRUNES_MOST_NS (30 * NS_PER_S)

static uint64_t goodbyes_total(const struct emul *e)
{
    const struct instance_spec *s = &e->net.spec;
    return (uint64_t)s->mvpns * s->remote_pes + net_link_count(&e->net);
}

static void one_goodbye(struct emul *e, uint64_t ix)
{
    const struct instance_spec *s = &e->net.spec;
    uint64_t endpoints = (uint64_t)s->mvpns * s->remote_pes;
    if (ix < endpoints)
        remote_pes_goodbye(e->pes, (uint32_t)(ix / s->remote_pes) + 1,
                           (uint32_t)(ix % s->remote_pes) + 1);
    else
        c_routers_goodbye(e->c, (uint32_t)(ix - endpoints));
}

static bool prunes_gone(const struct emul *e)
{
    struct pim_us_counts c, pes, pe3 = {0};
    struct igmp_counts igmp;
    if (remote_pes_pe3_joins(e->pes) != NULL)
        pim_us_counts_get(remote_pes_pe3_joins(e->pes), &pe3);
    pim_us_counts_get(c_routers_joins(e->c), &c);
    pim_us_counts_get(remote_pes_joins(e->pes), &pes);
    igmp_receivers_counts(e->igmp, &igmp);
    return c.prunes_due == 0 && pes.prunes_due == 0 && pe3.prunes_due == 0 && igmp.leaves_due == 0;
}

static void tick(void *arg)
{
    struct emul *e = arg;
    struct lab_withdraw *w = &e->withdraw;
    struct instant now = net_now(&e->net);
    struct pim_us_counts p;
    switch (w->phase) {
    case WITHDRAW_PRUNES:
        if (prunes_gone(e) || !instant_before(now, w->limit))
            w->phase = WITHDRAW_GOODBYES;
        break;
    case WITHDRAW_GOODBYES:
        for (uint64_t n = 0; n < w->step && w->next < goodbyes_total(e); n++)
            one_goodbye(e, w->next++);
        if (w->next == goodbyes_total(e)) {
            p_router_prune(e->p);
            w->phase = WITHDRAW_P;
        }
        break;
    case WITHDRAW_P:
        pim_us_counts_get(p_router_joins(e->p), &p);
        if (p.prunes_due == 0 || !instant_before(now, w->limit)) {
            p_router_goodbye(e->p);
            w->phase = WITHDRAW_DONE;
        }
        break;
    case WITHDRAW_NOT:
    case WITHDRAW_DONE:
        return;
    }
    if (w->phase != WITHDRAW_DONE)
        timer_set_in(e->net.loop, &w->timer, TICK_NS);
}

void lab_withdraw_init(struct emul *e)
{
    timer_init(&e->withdraw.timer, "withdraw", tick, e);
}

void emul_withdraw(struct emul *e)
{
    struct lab_withdraw *w = &e->withdraw;
    if (w->phase != WITHDRAW_NOT)
        return;
    emul_traffic_stop(e);
    c_routers_prune(e->c);
    igmp_receivers_leave(e->igmp);
    register_drs_stop(e->drs);
    remote_pes_prune(e->pes);
    remote_pes_pe3_prune(e->pes);
    lab_spmsi_interest(e);
    w->phase = WITHDRAW_PRUNES;
    w->limit = instant_add(net_now(&e->net), PRUNES_MOST_NS);
    w->step = goodbyes_total(e) / GOODBYE_TICKS;
    if (w->step < GOODBYES_LEAST)
        w->step = GOODBYES_LEAST;
    timer_set_in(e->net.loop, &w->timer, 0);
}

bool emul_withdrawn(const struct emul *e)
{
    return e->withdraw.phase == WITHDRAW_DONE;
}
