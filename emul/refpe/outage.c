#include "emul/refpe/outage.h"

#include "emul/base/log.h"
#include "emul/refpe/agenda.h"
#include "emul/refpe/cif.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/forward.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/restart.h"
#include "emul/refpe/segment.h"

/* Behind those of enum refpe_stimulus in recovery_ms: the cables, which others pull. */
#define RECOVERY_P_LINK_FLAP 4
#define RECOVERY_C_LINK_FLAP 5

/* ---- one port ---------------------------------------------------------------------------------
 */

static bool on_port(const struct iface *f, const struct pe_port *port)
{
    return f->port == port && !f->refused && f->kind != IFACE_KIND_MTI;
}

static void port_down(struct pe_port *p)
{
    struct refpe *pe = p->pe;
    timer_cancel(pe->loop, &p->recovery);
    if (!p->working)
        return;
    faults_before_outage(pe);
    p->working = false;
    log_line(LOG_INFO, loop_now(pe->loop), "refpe", "%s: link down", p->port->name);
    for (uint32_t i = 0; i < pe->iface_count; i++) {
        if (!on_port(&pe->ifaces[i], p))
            continue;
        igmp_stop(pe, i);
        nbr_drop_all(pe, i);
        hello_stop(pe, i);
    }
    if (p->is_p)
        p_link_lost(pe);
    else
        downstream_drop_port(pe, p);
}

/* The affected part works again: Hellos with a new GenID at once, the rest follows from them. */
static void port_recovered(void *arg)
{
    struct pe_port *p = arg;
    struct refpe *pe = p->pe;
    p->working = true;
    p->coming = false;
    log_line(LOG_INFO, loop_now(pe->loop), "refpe", "%s: works again", p->port->name);
    faults_recovered(pe);
    for (uint32_t i = 0; i < pe->iface_count; i++) {
        if (!on_port(&pe->ifaces[i], p))
            continue;
        iface_new_genid(pe, i);
        segment_announce(pe, i);
        hello_start(pe, i, true);
        igmp_start(pe, i);
    }
    if (p->is_p)
        p_link_back(pe);
}

static void port_link(void *arg, bool up)
{
    struct pe_port *p = arg;
    struct refpe *pe = p->pe;
    if (!pe->up)
        return;
    if (!up) {
        port_down(p);
        return;
    }
    int which = p->is_p ? RECOVERY_P_LINK_FLAP : RECOVERY_C_LINK_FLAP;
    if (p->held || p->working)
        return;
    if (p->coming)
        port_recovered(p);
    else
        timer_set_in(pe->loop, &p->recovery, pe->settings.recovery_ms[which] * NS_PER_MS);
}

struct pe_port *pe_port_new(struct refpe *pe, struct port *port, bool is_p, size_t index)
{
    struct pe_port *p = mem_zalloc(1, sizeof(*p));
    *p = (struct pe_port){
        .pe = pe,
        .port = port,
        .is_p = is_p,
        .index = index,
        .mac = {{0x02, 0x52, 0x50, is_p ? 0x01 : 0x00, (uint8_t)(index >> 8), (uint8_t)index}},
    };
    timer_init(&p->recovery, "refpe port recovery", port_recovered, p);
    port_on_rx(port, is_p ? forward_rx_p : forward_rx_c, p);
    port_on_link(port, port_link, p);
    return p;
}

void pe_port_free(struct pe_port *p)
{
    if (p == NULL)
        return;
    timer_cancel(p->pe->loop, &p->recovery);
    port_on_rx(p->port, NULL, NULL);
    port_on_link(p->port, NULL, NULL);
    free(p);
}

/* ---- links that the PE holds down -------------------------------------------------------------
 */

/* Where the PE may not set the interface down, the port at least is deaf and dumb. */
static void set_link(struct pe_port *p, bool up)
{
    struct err err = {0};
    if (port_set_up(p->port, up, &err) != 0)
        log_line(LOG_WARN, loop_now(p->pe->loop), "refpe", "%s", err.text);
}

static void hold(struct pe_port *p)
{
    p->held = true;
    p->coming = false;
    set_link(p, false);
    if (p->pe->up)
        port_down(p);
}

/* The port works with its carrier, which may follow a moment later. */
static void release(struct pe_port *p)
{
    if (!p->held)
        return;
    p->held = false;
    p->coming = true;
    set_link(p, true);
    if (p->pe->up && !p->working && p->port->up)
        port_recovered(p);
}

static void each_port(struct refpe *pe, bool p_side, bool c_side, void (*fn)(struct pe_port *p))
{
    if (p_side && pe->p_port != NULL)
        fn(pe->p_port);
    for (size_t i = 0; c_side && i < pe->c_port_count; i++)
        fn(pe->c_ports[i]);
}

/* ---- stimuli ----------------------------------------------------------------------------------
 */

static void stop(struct pe_port *p)
{
    timer_cancel(p->pe->loop, &p->recovery);
    p->working = false;
}

/* Everything learned is lost, and nothing is done any more. */
static void lose_everything(struct refpe *pe)
{
    faults_before_outage(pe);
    pe->up = false;
    each_port(pe, true, true, stop);
    restart_forget(pe);
}

static void begin(struct refpe *pe, enum refpe_stimulus s)
{
    switch (s) {
    case REFPE_POWER_CYCLE:
        lose_everything(pe);
        each_port(pe, true, true, hold);
        break;
    case REFPE_SWITCHOVER:
        if (!pe->settings.recovery_nsf) {
            lose_everything(pe);
            break;
        }
        faults_before_outage(pe);
        pe->outage.control_down = true;
        restart_suspend(pe);
        break;
    case REFPE_P_CARD:
        each_port(pe, true, false, hold);
        break;
    case REFPE_C_CARD:
        each_port(pe, false, true, hold);
        break;
    }
}

static void works_again(void *arg)
{
    struct refpe *pe = arg;
    struct outage *o = &pe->outage;
    bool kept_forwarding = o->control_down;
    o->active = o->control_down = false;
    switch (o->stimulus) {
    case REFPE_POWER_CYCLE:
    case REFPE_SWITCHOVER:
        log_line(LOG_INFO, loop_now(pe->loop), "refpe", "the control plane works again");
        each_port(pe, true, true, release);
        if (kept_forwarding)
            restart_resume(pe);
        else
            restart_begin(pe, true);
        faults_recovered(pe);
        break;
    case REFPE_P_CARD:
    case REFPE_C_CARD:
        each_port(pe, o->stimulus == REFPE_P_CARD, o->stimulus == REFPE_C_CARD, release);
        break;
    }
}

int refpe_fail(struct refpe *pe, enum refpe_stimulus s)
{
    if (!pe->up || pe->outage.active)
        return -1;
    pe->outage.active = true;
    pe->outage.stimulus = s;
    begin(pe, s);
    return 0;
}

int refpe_recover(struct refpe *pe, enum refpe_stimulus s)
{
    struct outage *o = &pe->outage;
    if (!o->active || o->stimulus != s || timer_armed(&o->recovery))
        return -1;
    int64_t delay_ns = pe->settings.recovery_ms[s] * NS_PER_MS;
    if (delay_ns > 0)
        timer_set_in(pe->loop, &o->recovery, delay_ns);
    else
        works_again(pe);
    return 0;
}

void outage_init(struct refpe *pe)
{
    timer_init(&pe->outage.recovery, "refpe recovery", works_again, pe);
}

void outage_clear(struct refpe *pe)
{
    timer_cancel(pe->loop, &pe->outage.recovery);
    pe->outage.active = pe->outage.control_down = false;
    each_port(pe, true, true, stop);
    each_port(pe, true, true, release);
}
