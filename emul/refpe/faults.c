#include "emul/refpe/faults.h"

#include "emul/refpe/mroute.h"
#include "emul/refpe/pe.h"
#include "emul/refpe/spmsi.h"

static int key_compare(const struct flow_key *a, const struct flow_key *b)
{
    if (a->vrf != b->vrf)
        return a->vrf < b->vrf ? -1 : 1;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return 0;
}

static int key_compare_v(const void *a, const void *b)
{
    return key_compare(a, b);
}

/* The place of key in a sorted array, and whether it is there. */
static size_t key_place(const struct flow_key *keys, size_t count, struct flow_key key, bool *found)
{
    size_t low = 0, high = count;
    *found = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = key_compare(&keys[mid], &key);
        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void faults_reset(struct refpe *pe)
{
    struct faults *f = &pe->faults;
    const struct refpe_faults *s = &pe->settings.faults;
    f->on = s->drop_flow != 0 || s->duplicate_flow != 0 || s->leak_from != 0;
    f->flow_count = 0;
    f->sg_oifs = 0;
    f->stuck_known = false;
    f->lost_count = 0;
    f->lost_active = false;
    f->spmsi_sourced = f->spmsi_wanted = 0;
    f->no_join_known = false;
}

void faults_fini(struct refpe *pe)
{
    free(pe->faults.flows);
    free(pe->faults.lost);
    pe->faults = (struct faults){0};
}

void faults_flow_known(struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source)
{
    struct faults *f = &pe->faults;
    if (!f->on)
        return;
    struct flow_key key = {vrf, group, source};
    bool found;
    size_t place = key_place(f->flows, f->flow_count, key, &found);
    if (found)
        return;
    f->flows = array_grow(f->flows, f->flow_count, &f->flow_cap, sizeof(*f->flows));
    memmove(f->flows + place + 1, f->flows + place, (f->flow_count - place) * sizeof(*f->flows));
    f->flows[place] = key;
    f->flow_count++;
}

static bool is_flow(const struct faults *f, uint64_t number, struct flow_key key)
{
    return number >= 1 && number <= f->flow_count && key_compare(&f->flows[number - 1], &key) == 0;
}

unsigned faults_copies(const struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source)
{
    struct flow_key key = {vrf, group, source};
    if (is_flow(&pe->faults, pe->settings.faults.drop_flow, key))
        return 0;
    return is_flow(&pe->faults, pe->settings.faults.duplicate_flow, key) ? 2 : 1;
}

bool faults_oif_stuck(struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source, uint32_t iface)
{
    struct faults *f = &pe->faults;
    struct flow_key key = {vrf, group, source};
    if (pe->settings.faults.stuck_oif == 0)
        return false;
    /* It is this OIF for good: a receiver that gives up and joins again finds it stuck again. */
    if (f->stuck_known)
        return f->stuck_iface == iface && key_compare(&f->stuck, &key) == 0;
    if (++f->sg_oifs != pe->settings.faults.stuck_oif)
        return false;
    f->stuck_known = true;
    f->stuck = key;
    f->stuck_iface = iface;
    return true;
}

void faults_before_outage(struct refpe *pe)
{
    struct faults *f = &pe->faults;
    if (pe->settings.faults.lost_after_recovery == 0 || f->lost_count > 0)
        return;
    free(f->lost);
    f->lost = mem_zalloc(pe->mroute_count, sizeof(*f->lost));
    for (uint32_t i = 0; i < pe->mroutes.used_end; i++) {
        const struct mroute *m = mroute_at(pe, i);
        if (m->link.used && m->vrf != P_INSTANCE && m->status == MROUTE_INSTALLED)
            f->lost[f->lost_count++] = (struct flow_key){m->vrf, m->group, m->source};
    }
    if (f->lost_count > 0)
        qsort(f->lost, f->lost_count, sizeof(*f->lost), key_compare_v);
    if (f->lost_count > pe->settings.faults.lost_after_recovery)
        f->lost_count = pe->settings.faults.lost_after_recovery;
}

void faults_recovered(struct refpe *pe)
{
    struct faults *f = &pe->faults;
    if (f->lost_count == 0 || f->lost_active)
        return;
    f->lost_active = true;
    for (size_t i = 0; i < f->lost_count; i++) {
        uint32_t m = mroute_find(pe, f->lost[i].vrf, f->lost[i].source, f->lost[i].group);
        if (m != NONE)
            mroute_refuse(pe, m);
    }
}

bool faults_mroute_lost(const struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source)
{
    bool found = false;
    if (pe->faults.lost_active)
        (void)key_place(pe->faults.lost, pe->faults.lost_count,
                        (struct flow_key){vrf, group, source}, &found);
    return found;
}

void faults_spmsi_sourced(struct refpe *pe, struct data_mdt *d)
{
    const struct refpe_faults *s = &pe->settings.faults;
    if (d->numbered)
        return;
    d->numbered = true;
    uint64_t n = ++pe->faults.spmsi_sourced;
    d->announce_only = n == s->spmsi_announce_only;
    d->silent = n == s->spmsi_silent;
    d->both = n == s->spmsi_both;
}

bool faults_spmsi_not_joined(struct refpe *pe, ip4_t remote_pe, ip4_t p_group)
{
    struct faults *f = &pe->faults;
    uint64_t number = pe->settings.faults.spmsi_no_join;
    if (number == 0)
        return false;
    if (!f->no_join_known && ++f->spmsi_wanted == number) {
        f->no_join_known = true;
        f->no_join_pe = remote_pe;
        f->no_join_group = p_group;
    }
    return f->no_join_known && f->no_join_pe == remote_pe && f->no_join_group == p_group;
}
