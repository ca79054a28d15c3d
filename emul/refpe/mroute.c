#include "emul/refpe/mroute.h"

#include "emul/base/rng.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/limits.h"
#include "emul/refpe/rpf.h"
#include "emul/refpe/spmsi.h"
#include "emul/refpe/upstream.h"

static size_t bucket_of(const struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    return (size_t)triple_hash(vrf, source, group) & pe->bucket_mask;
}

uint32_t mroute_find(const struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    if (pe->mroute_count == 0)
        return NONE;
    uint32_t i = pe->buckets[bucket_of(pe, vrf, source, group)];
    while (i != NONE) {
        const struct mroute *m = mroute_at(pe, i);
        if (m->source == source && m->group == group && m->vrf == vrf)
            break;
        i = m->hash_next;
    }
    return i;
}

static void bucket_add(struct refpe *pe, uint32_t index)
{
    struct mroute *m = mroute_at(pe, index);
    uint32_t *head = &pe->buckets[bucket_of(pe, m->vrf, m->source, m->group)];
    m->hash_next = *head;
    *head = index;
}

static void buckets_grow(struct refpe *pe)
{
    if (pe->buckets != NULL && pe->mroute_count <= pe->bucket_mask)
        return;
    size_t n = pe->buckets == NULL ? 1024 : (pe->bucket_mask + 1) * 2;
    pe->buckets = mem_realloc(pe->buckets, n, sizeof(*pe->buckets));
    memset(pe->buckets, 0xff, n * sizeof(*pe->buckets)); /* NONE everywhere */
    pe->bucket_mask = n - 1;
    for (uint32_t i = 0; i < pe->mroutes.used_end; i++) {
        if (pool_used(&pe->mroutes, i))
            bucket_add(pe, i);
    }
}

static void vrf_link(struct refpe *pe, uint32_t index)
{
    struct mroute *m = mroute_at(pe, index);
    uint32_t *head = &pe->vrfs[m->vrf].mroutes;
    m->prev_in_vrf = NONE;
    m->next_in_vrf = *head;
    if (*head != NONE)
        mroute_at(pe, *head)->prev_in_vrf = index;
    *head = index;
}

static void sibling_link(struct refpe *pe, uint32_t index, uint32_t starg)
{
    struct mroute *m = mroute_at(pe, index), *parent = mroute_at(pe, starg);
    m->starg = starg;
    m->prev_sibling = NONE;
    m->next_sibling = parent->children;
    if (parent->children != NONE)
        mroute_at(pe, parent->children)->prev_sibling = index;
    parent->children = index;
}

static uint32_t mroute_add(struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group,
                           uint32_t starg)
{
    uint32_t index = pool_take(&pe->mroutes);
    struct mroute *m = mroute_at(pe, index);
    m->source = source;
    m->group = group;
    m->vrf = vrf;
    m->status = MROUTE_ANCHOR;
    m->oifs = m->downstreams = m->children = m->starg = NONE;
    m->next_sibling = m->prev_sibling = NONE;
    m->join_timer = m->keepalive = DUE_NONE;
    m->data_flow = source == 0 || vrf == P_INSTANCE ? NONE : spmsi_flow_of(pe, vrf, source, group);
    m->rp = source == 0 ? rpf_rp(pe, vrf, group) : 0;
    rpf_resolve(pe, vrf, source == 0 ? m->rp : source, &m->iif, &m->rpf_nbr);
    pe->mroute_count++;
    buckets_grow(pe);
    if (mroute_find(pe, vrf, source, group) == NONE)
        bucket_add(pe, index);
    vrf_link(pe, index);
    if (starg != NONE)
        sibling_link(pe, index, starg);
    return index;
}

uint32_t mroute_get(struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    uint32_t index = mroute_find(pe, vrf, source, group);
    if (index != NONE)
        return index;
    /* P-groups of SSM have no shared tree. */
    bool shared = source != 0 && (vrf != P_INSTANCE || rpf_rp(pe, vrf, group) != 0);
    uint32_t starg = shared ? mroute_get(pe, vrf, 0, group) : NONE;
    if (source != 0 && vrf != P_INSTANCE)
        faults_flow_known(pe, vrf, group, source);
    return mroute_add(pe, vrf, source, group, starg);
}

static void mroute_remove(struct refpe *pe, uint32_t index)
{
    struct mroute *m = mroute_at(pe, index);
    uint32_t *place = &pe->buckets[bucket_of(pe, m->vrf, m->source, m->group)];
    while (*place != index)
        place = &mroute_at(pe, *place)->hash_next;
    *place = m->hash_next;
    if (m->prev_in_vrf != NONE)
        mroute_at(pe, m->prev_in_vrf)->next_in_vrf = m->next_in_vrf;
    else
        pe->vrfs[m->vrf].mroutes = m->next_in_vrf;
    if (m->next_in_vrf != NONE)
        mroute_at(pe, m->next_in_vrf)->prev_in_vrf = m->prev_in_vrf;
    if (m->starg != NONE) {
        if (m->prev_sibling != NONE)
            mroute_at(pe, m->prev_sibling)->next_sibling = m->next_sibling;
        else
            mroute_at(pe, m->starg)->children = m->next_sibling;
        if (m->next_sibling != NONE)
            mroute_at(pe, m->next_sibling)->prev_sibling = m->prev_sibling;
    }
    pe->mroute_count--;
    pool_give(&pe->mroutes, index);
}

uint32_t mroute_oif(const struct refpe *pe, const struct mroute *m, uint32_t iface)
{
    uint32_t i = m->oifs;
    while (i != NONE && oif_at(pe, i)->iface != iface)
        i = oif_at(pe, i)->next;
    return i;
}

static uint64_t *entry_count(struct refpe *pe, const struct mroute *m)
{
    if (m->vrf == P_INSTANCE)
        return m->source == 0 ? &pe->counts.starg_p : &pe->counts.sg_p;
    return m->source == 0 ? &pe->counts.starg_c : &pe->counts.sg_c;
}

static uint64_t *oif_count(struct refpe *pe, const struct mroute *m)
{
    return m->vrf == P_INSTANCE ? &pe->counts.oif_p : &pe->counts.oif_c;
}

/* An (S,G) does not serve an interface that its (*,G) was refused: the flow stays refused there. */
static bool refused_by_starg(const struct refpe *pe, const struct mroute *m, uint32_t iface)
{
    if (m->starg == NONE)
        return false;
    uint32_t o = mroute_oif(pe, mroute_at(pe, m->starg), iface);
    return o != NONE && !oif_at(pe, o)->installed;
}

static bool try_install_oif(struct refpe *pe, uint32_t index, uint32_t o)
{
    struct mroute *m = mroute_at(pe, index);
    struct oif *oif = oif_at(pe, o);
    if (!limits_room_oif(pe, m->vrf) || refused_by_starg(pe, m, oif->iface))
        return false;
    oif->installed = true;
    oif->stuck = m->source != 0 && m->vrf != P_INSTANCE &&
                 faults_oif_stuck(pe, m->vrf, m->group, m->source, oif->iface);
    m->oif_installed++;
    ++*oif_count(pe, m);
    return true;
}

static void remove_oif(struct refpe *pe, uint32_t index, uint32_t o)
{
    struct mroute *m = mroute_at(pe, index);
    uint32_t *place = &m->oifs;
    while (*place != o)
        place = &oif_at(pe, *place)->next;
    *place = oif_at(pe, o)->next;
    if (oif_at(pe, o)->installed) {
        m->oif_installed--;
        --*oif_count(pe, m);
    } else {
        m->oif_refused--;
    }
    pool_give(&pe->oifs, o);
}

/* olist(S,G) = joins(S,G) + joins(*,G) - iif (RFC 7761 4.1.6, without asserts and local members).
 */
static bool oif_wanted(const struct refpe *pe, const struct mroute *m, uint32_t iface)
{
    if (m->status != MROUTE_INSTALLED || iface == m->iif)
        return false;
    if (downstream_joined(pe, m, iface))
        return true;
    if (m->starg == NONE)
        return false;
    const struct mroute *starg = mroute_at(pe, m->starg);
    return starg->status == MROUTE_INSTALLED && downstream_joined(pe, starg, iface);
}

/* Brings one OIF of one entry up to date; true if anything changed. */
static bool sync_oif(struct refpe *pe, uint32_t index, uint32_t iface)
{
    struct mroute *m = mroute_at(pe, index);
    uint32_t o = mroute_oif(pe, m, iface);
    if (!oif_wanted(pe, m, iface)) {
        if (o == NONE)
            return false;
        remove_oif(pe, index, o);
        return true;
    }
    if (o != NONE) {
        if (oif_at(pe, o)->installed || !try_install_oif(pe, index, o))
            return false;
        m->oif_refused--;
        return true;
    }
    o = pool_take(&pe->oifs);
    struct oif *oif = oif_at(pe, o);
    oif->iface = iface;
    oif->next = m->oifs;
    m->oifs = o;
    if (!try_install_oif(pe, index, o))
        m->oif_refused++;
    return true;
}

/* What the (S,G)s of a (*,G) inherit on one interface. */
static void sync_children(struct refpe *pe, uint32_t index, uint32_t iface)
{
    uint32_t c = mroute_at(pe, index)->children;
    for (; c != NONE; c = mroute_at(pe, c)->next_sibling) {
        if (sync_oif(pe, c, iface))
            upstream_sync(pe, c);
    }
}

/* After the status of an entry changed: all its interfaces, and all that its (S,G)s inherit. */
static void sync_all(struct refpe *pe, uint32_t index)
{
    uint32_t d = mroute_at(pe, index)->downstreams, starg = mroute_at(pe, index)->starg;
    for (; d != NONE; d = downstream_at(pe, d)->next) {
        (void)sync_oif(pe, index, downstream_at(pe, d)->iface);
        sync_children(pe, index, downstream_at(pe, d)->iface);
    }
    if (starg == NONE)
        return;
    d = mroute_at(pe, starg)->downstreams;
    for (; d != NONE; d = downstream_at(pe, d)->next)
        (void)sync_oif(pe, index, downstream_at(pe, d)->iface);
}

static void admit(struct refpe *pe, uint32_t index)
{
    struct mroute *m = mroute_at(pe, index);
    if (m->status == MROUTE_INSTALLED)
        return;
    if (!limits_room_mroute(pe, m->vrf) ||
        (m->vrf != P_INSTANCE && faults_mroute_lost(pe, m->vrf, m->group, m->source))) {
        m->status = MROUTE_REFUSED;
        return;
    }
    m->status = MROUTE_INSTALLED;
    ++*entry_count(pe, m);
    sync_all(pe, index);
}

static void dismiss(struct refpe *pe, uint32_t index, enum mroute_status status)
{
    struct mroute *m = mroute_at(pe, index);
    if (m->status == MROUTE_INSTALLED)
        --*entry_count(pe, m);
    m->status = status;
    while (m->oifs != NONE)
        remove_oif(pe, index, m->oifs);
    upstream_sync(pe, index);
}

void mroute_refuse(struct refpe *pe, uint32_t index)
{
    dismiss(pe, index, MROUTE_REFUSED);
    sync_all(pe, index);
}

/* An entry that nobody joins any more goes; a (*,G) stays as an anchor while it has (S,G)s. */
static void retire(struct refpe *pe, uint32_t index)
{
    dismiss(pe, index, MROUTE_ANCHOR);
    uint32_t starg = mroute_at(pe, index)->starg;
    if (mroute_at(pe, index)->children != NONE)
        return;
    mroute_remove(pe, index);
    if (starg == NONE)
        return;
    const struct mroute *parent = mroute_at(pe, starg);
    if (parent->status == MROUTE_ANCHOR && parent->children == NONE && parent->downstreams == NONE)
        mroute_remove(pe, starg);
}

void mroute_changed(struct refpe *pe, uint32_t index, uint32_t iface)
{
    const struct mroute *m = mroute_at(pe, index);
    if (m->downstreams == NONE && !m->pinned && !mroute_kept(m)) {
        sync_children(pe, index, iface);
        retire(pe, index);
        return;
    }
    admit(pe, index);
    bool changed = sync_oif(pe, index, iface);
    upstream_sync(pe, index);
    /* Limits that were hit before: each refresh asks again for those that inherit. */
    if (changed || pe->counts.oif_c >= pe->settings.limits.oifs ||
        mroute_at(pe, index)->oif_refused > 0)
        sync_children(pe, index, iface);
}

void mroute_pin(struct refpe *pe, uint32_t index, bool stays)
{
    mroute_at(pe, index)->pinned = stays;
    mroute_changed(pe, index, NONE);
}

void mroute_keep(struct refpe *pe, uint32_t index, int64_t period_s)
{
    struct mroute *m = mroute_at(pe, index);
    bool news = !mroute_kept(m) || m->status != MROUTE_INSTALLED;
    due_set(pe, &m->keepalive, AGENDA_KEEPALIVE, index, pe_now(pe) + period_s * NS_PER_S);
    if (news)
        mroute_changed(pe, index, NONE);
}

void mroute_keepalive_over(struct refpe *pe, uint32_t index)
{
    mroute_at(pe, index)->spt = false;
    mroute_changed(pe, index, NONE);
}

void mroute_clear(struct refpe *pe)
{
    pool_fini(&pe->mroutes);
    pool_fini(&pe->downstreams);
    pool_fini(&pe->oifs);
    free(pe->buckets);
    pe->buckets = NULL;
    pe->bucket_mask = 0;
    pe->mroute_count = 0;
    for (size_t v = 0; v < pe->vrf_count; v++)
        pe->vrfs[v].mroutes = NONE;
    pe->counts.starg_c = pe->counts.sg_c = pe->counts.oif_c = 0;
    pe->counts.starg_p = pe->counts.sg_p = pe->counts.oif_p = 0;
}
