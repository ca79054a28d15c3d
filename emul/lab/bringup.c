/*
 * Gated bring-up in the order of PROTOCOLS 14: the P router first; the remote PEs of a VPN when the
 * DUT has joined its MDT; its C-routers when the DUT's Hello came over the MI-PMSI. And what is up,
 * counted afresh whenever asked.
 */
#include "emul/lab/lab.h"

#include <stdio.h>

static void on_p_nbr(void *arg, enum pim_nbr_change change)
{
    struct emul *e = arg;
    if (change != PIM_CHANGE_GONE)
        e->spmsi.p_since = net_now(&e->net);
}

static void on_mdt_joined(void *arg, uint32_t v)
{
    struct emul *e = arg;
    remote_pes_rejoined(e->pes, v);
    remote_pes_start(e->pes, v);
}

static void on_mdt_source_joined(void *arg, uint32_t v, uint32_t pe)
{
    struct emul *e = arg;
    remote_pes_one_rejoined(e->pes, v, pe);
}

static void on_mi_pmsi_nbr(void *arg, uint32_t v, enum pim_nbr_change change)
{
    struct emul *e = arg;
    lab_watch_event(e, &e->watch_mi, v - 1, change);
    if (change == PIM_CHANGE_NEW)
        c_routers_start(e->c, v);
}

static void on_c_nbr(void *arg, uint32_t link, enum pim_nbr_change change)
{
    struct emul *e = arg;
    lab_watch_event(e, &e->watch_c, link, change);
}

const struct net_events lab_events = {
    .p_nbr = on_p_nbr,
    .mdt_joined = on_mdt_joined,
    .mdt_source_joined = on_mdt_source_joined,
    .mi_pmsi_nbr = on_mi_pmsi_nbr,
    .c_nbr = on_c_nbr,
};

static void count_vpns(const struct emul *e, struct emul_bringup *out, struct instant now)
{
    for (uint32_t v = 1; v <= e->net.spec.mvpns; v++) {
        out->mdt_joined += net_mdt_joined(&e->net, v, now);
        for (uint32_t pe = 1; e->net.spec.mdt == MDT_SSM && pe <= e->net.spec.remote_pes; pe++)
            out->mdt_sources_joined += net_mdt_reaches(&e->net, v, pe, now);
        out->mdt_from_dut += p_router_mdt_from_dut(e->p, v, now);
        if (remote_pes_have_nbr(e->pes, v, now))
            out->mi_pmsi_neighbours += e->net.spec.remote_pes;
    }
}

/* The first thing missing in VPN v, by name; false if there is none. */
static bool missing_in_vpn(const struct emul *e, uint32_t v, struct instant now, char *buf,
                           size_t cap)
{
    const struct net *n = &e->net;
    char text[IP4_TEXT], source[IP4_TEXT];
    uint32_t pe = net_mdt_missing(n, v, now);
    if (pe != 0 && n->spec.mdt == MDT_SSM)
        (void)snprintf(buf, cap, "the DUT's join (%s, %s) of the default MDT of VPN %u",
                       ip4_text(topology_remote_pe_addr(&n->spec, pe), source),
                       ip4_text(topology_mdt_group(&n->spec, v), text), v);
    else if (pe != 0)
        (void)snprintf(buf, cap, "the DUT's join of the default MDT %s of VPN %u",
                       ip4_text(topology_mdt_group(&n->spec, v), text), v);
    else if (!p_router_mdt_from_dut(e->p, v, now))
        (void)snprintf(buf, cap, "packets of the DUT on the default MDT %s of VPN %u",
                       ip4_text(topology_mdt_group(&n->spec, v), text), v);
    else if (!remote_pes_have_nbr(e->pes, v, now))
        (void)snprintf(buf, cap, "the DUT's PIM Hello from %s on the MI-PMSI of VPN %u",
                       ip4_text(n->spec.addr.dut_mdt_addr, text), v);
    else if (!remote_pes_said_hello(e->pes, v))
        (void)snprintf(buf, cap, "the remote PEs' first Hellos in VPN %u", v);
    else if (!c_routers_said_hello(e->c, v))
        (void)snprintf(buf, cap, "the C-routers' first Hellos in VPN %u", v);
    else
        return false;
    return true;
}

static bool missing_c_link(const struct emul *e, struct instant now, char *buf, size_t cap)
{
    for (uint32_t link = 0; link < net_link_count(&e->net); link++) {
        if (c_routers_has_nbr(e->c, link, now))
            continue;
        char text[IP4_TEXT];
        uint32_t v, i;
        net_link_split(&e->net, link, &v, &i);
        (void)snprintf(buf, cap, "the DUT's PIM Hello from %s on C-interface %u of VPN %u",
                       ip4_text(topology_dut_c_addr(&e->net.spec, link), text), i, v);
        return true;
    }
    return false;
}

static bool missing(const struct emul *e, const struct emul_bringup *b, struct instant now,
                    char *buf, size_t cap)
{
    if (!b->p_neighbour) {
        char text[IP4_TEXT];
        (void)snprintf(buf, cap, "the DUT's PIM Hello from %s on the P link",
                       ip4_text(e->net.spec.addr.dut_p_addr, text));
        return true;
    }
    if (e->net.spec.mdt == MDT_BIDIR && !b->df_winner) {
        char text[IP4_TEXT];
        (void)snprintf(buf, cap, "the DF election for the RPA %s on the P link",
                       ip4_text(e->net.spec.addr.p_rp, text));
        return true;
    }
    for (uint32_t v = 1; v <= e->net.spec.mvpns; v++) {
        if (missing_in_vpn(e, v, now, buf, cap))
            return true;
    }
    return missing_c_link(e, now, buf, cap);
}

void emul_bringup_get(const struct emul *e, struct emul_bringup *out)
{
    struct instant now = net_now(&e->net);
    *out = (struct emul_bringup){.p_neighbour = p_router_has_nbr(e->p, now),
                                 .df_winner = p_router_df(e->p)};
    count_vpns(e, out, now);
    for (uint32_t link = 0; link < net_link_count(&e->net); link++)
        out->c_neighbours += c_routers_has_nbr(e->c, link, now);
    out->complete = !missing(e, out, now, out->waiting_for, sizeof(out->waiting_for));
}
