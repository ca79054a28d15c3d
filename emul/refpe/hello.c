#include "emul/refpe/hello.h"

#include "emul/base/rng.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/pim_io.h"
#include "emul/refpe/upstream.h"
#include "emul/wire/pim_hello.h"

/* A MTI whose MDT leads nowhere yet tries its Hello again after this. */
#define MTI_RETRY_NS (NS_PER_S / 10)

static void send(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    struct pim_hello h = {
        .present = PIM_HAS_HOLDTIME | PIM_HAS_LAN_PRUNE_DELAY | PIM_HAS_DR_PRIORITY | PIM_HAS_GENID,
        .holdtime_s = HELLO_HOLDTIME_S,
        /* T: joins are not suppressed by us, so others may do without override (4.3.3). */
        .t_bit = !pe->settings.jp_suppression,
        .propagation_delay_ms = PROPAGATION_DELAY_MS,
        .override_interval_ms = OVERRIDE_INTERVAL_MS,
        .dr_priority = HELLO_DR_PRIORITY,
        .genid = f->genid,
    };
    if (f->kind == IFACE_KIND_P && pe->global.mdt == MDT_BIDIR)
        h.present |= PIM_HAS_BIDIR;
    uint8_t message[128];
    struct wr w = wr_init(message, sizeof(message));
    if (pim_hello_encode(&w, &h) != WIRE_OK)
        return;
    f->hello_sent = true;
    pim_send_link(pe, iface, message, w.pos);
}

static int64_t rand_ns(struct refpe *pe, uint32_t iface, uint32_t occasion)
{
    uint64_t h = hash_mix(hash_mix(hash_text(pe->seed, "refpe-hello"), iface), occasion);
    return (int64_t)hash_range(h, TRIGGERED_HELLO_DELAY_S * NS_PER_S);
}

void hello_start(struct refpe *pe, uint32_t iface, bool at_once)
{
    struct iface *f = &pe->ifaces[iface];
    f->hello_sent = f->opened = false;
    due_clear(&f->triggered);
    int64_t delay_ns = at_once ? 0 : rand_ns(pe, iface, 0);
    due_set(pe, &f->hello, AGENDA_HELLO, iface, pe_now(pe) + delay_ns);
}

void hello_stop(struct refpe *pe, uint32_t iface)
{
    due_clear(&pe->ifaces[iface].hello);
    due_clear(&pe->ifaces[iface].triggered);
}

void hello_trigger(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    if (f->triggered.at_ns != NEVER)
        return;
    int64_t delay_ns = rand_ns(pe, iface, ++f->triggers);
    due_set(pe, &f->triggered, AGENDA_TRIGGERED_HELLO, iface, pe_now(pe) + delay_ns);
}

/* The first Hello on a MTI waits until the MDT leads somewhere and is joined: before that, the
 * Joins that answer it would be lost until their refresh. */
static bool ready(const struct refpe *pe, uint32_t iface)
{
    const struct iface *f = &pe->ifaces[iface];
    if (f->kind != IFACE_KIND_MTI)
        return true;
    return mti_ready(pe, f->vrf) && (f->hello_sent || pe->ifaces[IFACE_P].nbr_count > 0);
}

void hello_before_jp(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    if ((f->hello_sent && f->triggered.at_ns == NEVER) || !ready(pe, iface))
        return;
    due_clear(&f->triggered);
    send(pe, iface);
}

/* What was joined before the MTI led anywhere is joined once more. */
static void open_mti(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    if (f->opened || f->kind != IFACE_KIND_MTI)
        return;
    f->opened = true;
    for (uint32_t i = f->nbrs; i != NONE; i = nbr_at(pe, i)->next)
        upstream_nbr(pe, iface, nbr_at(pe, i)->addr, UP_RPF_NBR_BACK);
}

void hello_periodic(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    int64_t next_ns = HELLO_PERIOD_S * NS_PER_S;
    if (ready(pe, iface)) {
        send(pe, iface);
        open_mti(pe, iface);
    } else if (!f->hello_sent) {
        next_ns = MTI_RETRY_NS;
    }
    due_set(pe, &pe->ifaces[iface].hello, AGENDA_HELLO, iface, pe_now(pe) + next_ns);
}

void hello_triggered(struct refpe *pe, uint32_t iface)
{
    if (!ready(pe, iface)) {
        due_set(pe, &pe->ifaces[iface].triggered, AGENDA_TRIGGERED_HELLO, iface,
                pe_now(pe) + MTI_RETRY_NS);
        return;
    }
    send(pe, iface);
}
