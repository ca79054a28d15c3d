#include "emul/refpe/nbr.h"

#include "emul/base/log.h"
#include "emul/refpe/df.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/limits.h"
#include "emul/refpe/upstream.h"

static uint64_t nbr_key(uint32_t iface, ip4_t addr)
{
    return (uint64_t)iface << 32 | addr;
}

uint32_t nbr_find(const struct refpe *pe, uint32_t iface, ip4_t addr)
{
    uint32_t index = map_get(&pe->nbr_by_addr, nbr_key(iface, addr));
    return index == MAP_NONE ? NONE : index;
}

static uint64_t *count_of(struct refpe *pe, enum iface_kind kind)
{
    switch (kind) {
    case IFACE_KIND_C:
        return &pe->counts.nbr_c;
    case IFACE_KIND_MTI:
        return &pe->counts.nbr_mti;
    case IFACE_KIND_P:
        break;
    }
    return &pe->counts.nbr_p;
}

static uint32_t nbr_add(struct refpe *pe, uint32_t iface, ip4_t addr)
{
    struct iface *f = &pe->ifaces[iface];
    uint32_t index = pool_take(&pe->nbrs);
    struct nbr *n = nbr_at(pe, index);
    n->addr = addr;
    n->iface = iface;
    n->expiry = DUE_NONE;
    n->prev = NONE;
    n->next = f->nbrs;
    if (f->nbrs != NONE)
        nbr_at(pe, f->nbrs)->prev = index;
    f->nbrs = index;
    f->nbr_count++;
    f->lan_dirty = true;
    map_put(&pe->nbr_by_addr, nbr_key(iface, addr), index);
    ++*count_of(pe, f->kind);
    return index;
}

static void nbr_remove(struct refpe *pe, uint32_t index)
{
    struct nbr *n = nbr_at(pe, index);
    struct iface *f = &pe->ifaces[n->iface];
    if (n->prev != NONE)
        nbr_at(pe, n->prev)->next = n->next;
    else
        f->nbrs = n->next;
    if (n->next != NONE)
        nbr_at(pe, n->next)->prev = n->prev;
    f->nbr_count--;
    f->lan_dirty = true;
    (void)map_del(&pe->nbr_by_addr, nbr_key(n->iface, n->addr));
    --*count_of(pe, f->kind);
    ip4_t addr = n->addr;
    uint32_t iface = n->iface;
    pool_give(&pe->nbrs, index);
    igmp_dr_check(pe, iface);
    if (iface == IFACE_P)
        df_neighbour(pe, addr, false);
}

void nbr_expired(struct refpe *pe, uint32_t index)
{
    nbr_remove(pe, index);
}

void nbr_drop_all(struct refpe *pe, uint32_t iface)
{
    while (pe->ifaces[iface].nbrs != NONE)
        nbr_remove(pe, pe->ifaces[iface].nbrs);
}

static void nbr_refresh(struct refpe *pe, uint32_t index, const struct pim_hello *h)
{
    struct nbr *n = nbr_at(pe, index);
    uint32_t hold_s = h->present & PIM_HAS_HOLDTIME ? h->holdtime_s : HELLO_HOLDTIME_S;
    if (hold_s == PIM_HOLDTIME_FOREVER)
        due_clear(&n->expiry);
    else
        due_set(pe, &n->expiry, AGENDA_NBR, index, pe_now(pe) + (int64_t)hold_s * NS_PER_S);
    bool has_lan_delay = (h->present & PIM_HAS_LAN_PRUNE_DELAY) != 0;
    if (n->has_lan_delay != has_lan_delay || n->t_bit != h->t_bit ||
        n->propagation_ms != h->propagation_delay_ms || n->override_ms != h->override_interval_ms) {
        n->has_lan_delay = has_lan_delay;
        n->t_bit = h->t_bit;
        n->propagation_ms = h->propagation_delay_ms;
        n->override_ms = h->override_interval_ms;
        pe->ifaces[n->iface].lan_dirty = true;
    }
    n->has_genid = (h->present & PIM_HAS_GENID) != 0;
    n->genid = h->genid;
    n->has_dr_priority = (h->present & PIM_HAS_DR_PRIORITY) != 0;
    n->dr_priority = h->dr_priority;
    igmp_dr_check(pe, n->iface);
}

/* RFC 5015 3.2: routers that do not speak BIDIR do not belong on such a link. */
static void p_neighbour(struct refpe *pe, ip4_t addr, const struct pim_hello *h)
{
    if (pe->global.mdt == MDT_BIDIR && (h->present & PIM_HAS_BIDIR) == 0)
        log_line(LOG_PEER, loop_now(pe->loop), "refpe",
                 "a neighbour on the P link is not capable of BIDIR");
    df_neighbour(pe, addr, true);
}

void nbr_hello(struct refpe *pe, uint32_t iface, ip4_t addr, const struct pim_hello *h)
{
    uint32_t index = nbr_find(pe, iface, addr);
    bool goodbye = h->present & PIM_HAS_HOLDTIME && h->holdtime_s == 0;
    if (goodbye) {
        if (index != NONE)
            nbr_remove(pe, index);
        return;
    }
    if (index == NONE) {
        if (pe->ifaces[iface].kind != IFACE_KIND_P && !limits_room_nbr(pe))
            return;
        index = nbr_add(pe, iface, addr);
        nbr_refresh(pe, index, h);
        hello_trigger(pe, iface);
        upstream_nbr(pe, iface, addr, UP_RPF_NBR_BACK);
        if (iface == IFACE_P)
            p_neighbour(pe, addr, h);
        return;
    }
    const struct nbr *n = nbr_at(pe, index);
    bool had_genid = n->has_genid;
    bool restarted = had_genid && h->present & PIM_HAS_GENID && n->genid != h->genid;
    nbr_refresh(pe, index, h);
    if (restarted) {
        hello_trigger(pe, iface);
        upstream_nbr(pe, iface, addr, UP_GENID_CHANGES);
    }
}

void nbr_forget(struct refpe *pe)
{
    pool_fini(&pe->nbrs);
    map_clear(&pe->nbr_by_addr);
    pe->counts.nbr_c = pe->counts.nbr_mti = pe->counts.nbr_p = 0;
    for (uint32_t i = 0; i < pe->iface_count; i++) {
        pe->ifaces[i].nbrs = NONE;
        pe->ifaces[i].nbr_count = 0;
        pe->ifaces[i].lan_dirty = true;
    }
}
