/* What an operator does to a network that is held: groups, remote PEs, GenIDs, traffic. */
#include "emul/node/live.h"
#include "emul/base/mem.h"
#include "emul/lab/lab.h"
#include "mvpnbench/emul_live.h"

#include <stdlib.h>

static uint8_t *off_flag(const struct emul *e, uint32_t v, uint32_t j)
{
    return &e->live.off[(size_t)(v - 1) * e->net.spec.groups + (j - 1)];
}

void lab_live_fini(struct lab_live *l)
{
    free(l->off);
    l->off = NULL;
}

bool lab_live_rests(const struct emul *e, uint32_t v, uint32_t j)
{
    if (e->live.off == NULL)
        return false;
    const struct plan_group *g = &e->net.plan.groups[j];
    return *off_flag(e, v, j) != 0 ||
           (!g->ingress && remote_pes_away(e->pes, v, g->site - SITE_REMOTE));
}

void emul_live_start(struct emul *e)
{
    const struct instance_spec *s = &e->net.spec;
    analyser_live_start(e->analyser);
    if (e->live.off == NULL)
        e->live.off = mem_zalloc((size_t)s->mvpns * s->groups + 1, 1);
}

void emul_live_traffic(struct emul *e, bool on)
{
    emul_traffic_stop(e);
    if (!on)
        return;
    analyser_again(e->analyser);
    emul_traffic_start(e);
}

bool emul_live_sending(const struct emul *e)
{
    return generator_running(e->generator);
}

/* -1 with *err unless number is one of 1...count. */
static int check(const char *what, uint32_t number, uint32_t count, struct err *err)
{
    if (number >= 1 && number <= count)
        return 0;
    if (count == 0)
        err_set(err, ERR_USE, "%s %u: the instance has none", what, number);
    else
        err_set(err, ERR_USE, "%s %u: there are 1 to %u", what, number, count);
    return -1;
}

static int check_pe(const struct emul *e, uint32_t v, uint32_t pe, struct err *err)
{
    const struct instance_spec *s = &e->net.spec;
    return check("VPN", v, s->mvpns, err) != 0 || check("remote PE", pe, s->remote_pes, err) != 0
               ? -1
               : 0;
}

static int check_joined(const struct emul *e, struct err *err)
{
    if (e->live.joined && e->live.off != NULL)
        return 0;
    err_set(err, ERR_USE, "the receivers have not joined yet");
    return -1;
}

int emul_group_set(struct emul *e, uint32_t vpn, uint32_t group, bool on, struct err *err)
{
    const struct instance_spec *s = &e->net.spec;
    if (check("VPN", vpn, s->mvpns, err) != 0 || check("group", group, s->groups, err) != 0 ||
        check_joined(e, err) != 0)
        return -1;
    *off_flag(e, vpn, group) = !on;
    c_routers_group_set(e->c, vpn, group, on);
    igmp_receivers_group_set(e->igmp, vpn, group, on);
    remote_pes_group_set(e->pes, vpn, group, on);
    lab_spmsi_interest(e);
    return 0;
}

int emul_receiver_set(struct emul *e, uint32_t vpn, uint32_t group, uint32_t nth, bool on,
                      struct err *err)
{
    const struct instance_spec *s = &e->net.spec;
    if (check("VPN", vpn, s->mvpns, err) != 0 ||
        check("ingress group", group, s->ingress_groups, err) != 0 ||
        check("receiver", nth, s->receiver_pes, err) != 0)
        return -1;
    remote_pes_receiver_set(e->pes, vpn, group, nth, on);
    return 0;
}

/* The receivers behind a PE that came back join their groups again. */
static void join_again(struct emul *e, uint32_t v)
{
    for (uint32_t j = 1; j <= e->net.spec.ingress_groups; j++) {
        if (*off_flag(e, v, j) == 0)
            remote_pes_group_set(e->pes, v, j, true);
    }
}

int emul_pe_set(struct emul *e, uint32_t vpn, uint32_t pe, bool up, struct err *err)
{
    if (check_pe(e, vpn, pe, err) != 0 || check_joined(e, err) != 0)
        return -1;
    if (up != remote_pes_away(e->pes, vpn, pe))
        return 0;
    if (up) {
        remote_pes_return(e->pes, vpn, pe);
        join_again(e, vpn);
    } else {
        remote_pes_leave(e->pes, vpn, pe);
    }
    lab_spmsi_interest(e);
    return 0;
}

int emul_genid(struct emul *e, uint32_t vpn, uint32_t interface, uint32_t pe, struct err *err)
{
    const struct instance_spec *s = &e->net.spec;
    if (check("VPN", vpn, s->mvpns, err) != 0 || check_joined(e, err) != 0)
        return -1;
    if (pe == 0) {
        if (check("C-interface", interface, s->c_interfaces, err) != 0)
            return -1;
        c_routers_genid(e->c, topology_c_link_index(s, vpn, interface));
        return 0;
    }
    if (check_pe(e, vpn, pe, err) != 0)
        return -1;
    if (remote_pes_away(e->pes, vpn, pe)) {
        err_set(err, ERR_USE, "remote PE %u of VPN %u is away: bring it back first", pe, vpn);
        return -1;
    }
    remote_pes_genid(e->pes, vpn, pe);
    return 0;
}
