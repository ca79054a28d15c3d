/* Single groups, restarts, and remote PEs that go away and come back. */
#include "emul/node/live.h"
#include "emul/node/remote_set.h"

#define EPOCH_MASK ((uint8_t) ~(EPOCH_ONE - 1))

static uint8_t *flags_of(const struct remote_pes *r, uint32_t v, uint32_t pe)
{
    return &r->flags[remote_endpoint(r, v, pe)];
}

static void next_epoch(uint8_t *flags)
{
    *flags = (uint8_t)((*flags & ~EPOCH_MASK) | ((*flags + EPOCH_ONE) & EPOCH_MASK));
}

static void receiver_set(struct remote_pes *r, const struct remote_receiver *who, bool on)
{
    uint32_t ix = who->place * r->net->plan.routes_per_group;
    if (on) {
        pim_us_join(r->joins, who->session, ix, 0);
        return;
    }
    for (uint32_t k = 0; k <= r->net->spec.sources; k++)
        pim_us_prune(r->joins, who->session, ix + k);
}

void remote_pes_group_set(struct remote_pes *r, uint32_t v, uint32_t j, bool on)
{
    const struct instance_spec *s = &r->net->spec;
    if (!topology_is_ingress(s, j))
        return;
    const struct remote_receiver *list = remote_receivers(r, v, j);
    for (uint32_t i = 0; i < s->receiver_pes; i++) {
        if (!on || (*flags_of(r, v, r->sessions[list[i].session].pe) & AWAY) == 0)
            receiver_set(r, &list[i], on);
    }
    /* The next packet of each source makes its receivers join it again. */
    for (uint32_t k = 1; on && k <= s->sources; k++)
        *remote_seen(r, v, j, k) = 0;
}

void remote_pes_receiver_set(struct remote_pes *r, uint32_t v, uint32_t j, uint32_t nth, bool on)
{
    receiver_set(r, &remote_receivers(r, v, j)[nth - 1], on);
}

/* What the DUT joined through a PE is forgotten there. */
static void forget_routes(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    struct net *n = r->net;
    for (uint32_t j = n->spec.ingress_groups + 1; j <= n->spec.groups; j++) {
        if (n->plan.groups[j].site != SITE_REMOTE + pe)
            continue;
        for (uint32_t k = 0; k <= n->spec.sources; k++)
            pim_ds_down(&n->routes, plan_route(&n->plan, v, j, k), net_now(n));
    }
}

static void start_anew(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    uint32_t session = r->session_of[remote_endpoint(r, v, pe)];
    const struct pim_nbr *dut = &r->vpns[v - 1].dut;
    next_epoch(flags_of(r, v, pe));
    forget_routes(r, v, pe);
    remote_say_hello(r, v, pe, PIM_HELLO_HOLDTIME_S);
    if (session != PLAN_NONE && pim_nbr_alive(dut, net_now(r->net)))
        pim_us_open(r->joins, session, PIM_US_NBR_BACK, pim_nbr_override_ns(dut));
}

void remote_pes_genid(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    start_anew(r, v, pe);
}

/* Everything that receivers behind this PE have joined is forgotten. */
static void forget_joins(struct remote_pes *r, uint32_t v, uint32_t pe, uint32_t session)
{
    const struct instance_spec *s = &r->net->spec;
    pim_us_close(r->joins, session);
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        const struct remote_receiver *list = remote_receivers(r, v, j);
        for (uint32_t i = 0; i < s->receiver_pes; i++) {
            if (r->sessions[list[i].session].pe == pe)
                receiver_set(r, &list[i], false);
        }
    }
}

void remote_pes_leave(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    uint8_t *flags = flags_of(r, v, pe);
    uint32_t session = r->session_of[remote_endpoint(r, v, pe)];
    r->vpns[v - 1].present -= (*flags & AWAY) == 0;
    *flags = (uint8_t)((*flags & ~SAID_HELLO) | AWAY);
    forget_routes(r, v, pe);
    if (session != PLAN_NONE)
        forget_joins(r, v, pe, session);
}

void remote_pes_return(struct remote_pes *r, uint32_t v, uint32_t pe)
{
    r->vpns[v - 1].present += (*flags_of(r, v, pe) & AWAY) != 0;
    *flags_of(r, v, pe) &= (uint8_t)~AWAY;
    start_anew(r, v, pe);
}

bool remote_pes_away(const struct remote_pes *r, uint32_t v, uint32_t pe)
{
    return (*flags_of(r, v, pe) & AWAY) != 0;
}

const struct pim_nbr *remote_pes_nbr(const struct remote_pes *r, uint32_t v)
{
    return &r->vpns[v - 1].dut;
}
