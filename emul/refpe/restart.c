#include "emul/refpe/restart.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/df.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/forward.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/igmp_query.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/segment.h"
#include "emul/refpe/spmsi.h"

static void forget_iface(struct iface *f)
{
    ipv4_reassembly_free(f->reassembly);
    f->reassembly = NULL;
    f->hello_sent = f->opened = f->is_dr = false;
    f->hello = f->triggered = f->query = f->other_querier = DUE_NONE;
    f->querier_state = f->startup_queries = 0;
    f->members = NONE;
}

static void forget_vrf(struct vrf *v)
{
    v->mdt_starg = v->mdt_sg = NONE;
    v->register_state = RG_NO_INFO;
    v->register_stop_timer = v->announce = DUE_NONE;
    v->tell = NONE;
    v->cycle_ns = NEVER;
}

void restart_forget(struct refpe *pe)
{
    cpu_clear(pe);
    forward_clear(pe);
    mroute_clear(pe);
    nbr_forget(pe);
    spmsi_forget(pe);
    igmp_clear(pe);
    agenda_clear(pe);
    pe->jp.count = 0;
    pe->jp.flush = DUE_NONE;
    pe->gateway = (struct gateway){.retry = DUE_NONE};
    pe->df = (struct df){.timer = DUE_NONE};
    for (size_t i = 0; i < pe->iface_count; i++)
        forget_iface(&pe->ifaces[i]);
    for (size_t v = 0; v < pe->vrf_count; v++)
        forget_vrf(&pe->vrfs[v]);
}

static void begin_port(struct pe_port *p)
{
    p->working = p->port->up;
    p->coming = p->coming && !p->working;
}

void restart_begin(struct refpe *pe, bool again)
{
    pe->up = true;
    begin_port(pe->p_port);
    for (size_t i = 0; i < pe->c_port_count; i++)
        begin_port(pe->c_ports[i]);
    gateway_resolve(pe, 0);
    if (pe->p_port->working)
        df_link(pe, true);
    for (uint32_t v = 1; v < pe->vrf_count; v++) {
        if (pe_vrf(pe, v) == NULL || pe->vrfs[v].refused)
            continue;
        mti_prepare(pe, pe->vrfs[v].mdt_group, pe->vrfs[v].mdt_header);
        p_join_mdt(pe, v);
    }
    for (uint32_t i = 0; i < pe->iface_count; i++) {
        if (pe->ifaces[i].refused)
            continue;
        if (again)
            iface_new_genid(pe, i);
        if (pe->ifaces[i].kind != IFACE_KIND_MTI)
            segment_announce(pe, i);
        hello_start(pe, i, again);
        igmp_start(pe, i);
    }
}

void restart_suspend(struct refpe *pe)
{
    cpu_clear(pe);
    pe->jp.count = 0;
    pe->jp.flush = DUE_NONE;
    agenda_hold(pe);
}

void restart_resume(struct refpe *pe)
{
    nbr_forget(pe);
    downstream_stale(pe);
    spmsi_stale(pe);
    igmp_stale(pe);
    for (uint32_t i = 0; i < pe->iface_count; i++) {
        const struct iface *f = &pe->ifaces[i];
        if (f->refused)
            continue;
        iface_new_genid(pe, i);
        if (f->kind != IFACE_KIND_MTI)
            segment_announce(pe, i);
        hello_start(pe, i, true);
        if (f->igmp_version != 0)
            igmp_querier_start(pe, i);
    }
    agenda_release(pe);
}
