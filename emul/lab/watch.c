/* Neighbours lost since a recovery began and back after Tf; the recovery as a whole. */
#include "emul/lab/lab.h"

#include "emul/base/mem.h"

#include <stdlib.h>

#define WATCHED 0x01 /* was a neighbour when the recovery began */
#define LOST    0x02
#define BACK    0x04 /* when emul_recovery_get was last called */

void lab_watch_init(struct lab_watch *w, uint32_t count, uint32_t weight)
{
    *w = (struct lab_watch){.count = count, .weight = weight};
    w->flags = mem_zalloc(count, 1);
    w->back = mem_zalloc(count, sizeof(*w->back));
}

void lab_watch_fini(struct lab_watch *w)
{
    free(w->flags);
    free(w->back);
    w->flags = NULL;
    w->back = NULL;
}

/* Tf may be told later than it was: what came back when is kept, and compared when asked. */
void lab_watch_event(struct emul *e, struct lab_watch *w, uint32_t ix, enum pim_nbr_change change)
{
    if (!e->recovering || (w->flags[ix] & WATCHED) == 0)
        return;
    w->flags[ix] |= LOST;
    w->back[ix] = change == PIM_CHANGE_GONE ? INSTANT_NEVER : net_now(&e->net);
}

static void watch_begin(struct lab_watch *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        w->flags[i] = 0;
        w->back[i] = INSTANT_NEVER;
    }
}

void emul_recovery_begin(struct emul *e)
{
    struct instant now = net_now(&e->net);
    watch_begin(&e->watch_c);
    watch_begin(&e->watch_mi);
    for (uint32_t link = 0; link < e->watch_c.count; link++)
        e->watch_c.flags[link] = c_routers_has_nbr(e->c, link, now) ? WATCHED : 0;
    for (uint32_t v = 1; v <= e->watch_mi.count; v++)
        e->watch_mi.flags[v - 1] = remote_pes_have_nbr(e->pes, v, now) ? WATCHED : 0;
    e->recovering = true;
    e->tf = INSTANT_NEVER;
    analyser_recovery_begin(e->analyser, now);
}

void emul_recovery_action(struct emul *e, struct instant tf)
{
    e->tf = tf;
    analyser_recovery_action(e->analyser, tf);
}

/* A neighbour whose time ran out silently is lost, too. */
static void watch_sum(struct lab_watch *w, const bool *alive, struct instant tf, uint64_t *lost,
                      struct instant *first, struct instant *all)
{
    bool everybody = true;
    struct instant last = {INT64_MIN};
    *lost = 0;
    *first = INSTANT_NEVER;
    for (uint32_t i = 0; i < w->count; i++) {
        if ((w->flags[i] & WATCHED) == 0)
            continue;
        w->flags[i] &= (uint8_t)~BACK;
        if (!alive[i])
            w->flags[i] |= LOST;
        if ((w->flags[i] & LOST) == 0)
            continue;
        *lost += w->weight;
        struct instant back = w->back[i];
        if (!alive[i] || back.ns == INT64_MAX || instant_before(back, tf)) {
            everybody = false;
            continue;
        }
        w->flags[i] |= BACK;
        *first = instant_min(*first, back);
        last = instant_max(last, back);
    }
    *all = *lost > 0 && everybody ? last : INSTANT_NEVER;
}

void emul_recovery_get(struct emul *e, struct emul_recovery *out)
{
    struct instant now = net_now(&e->net);
    analyser_recovery_get(e->analyser, now, out);
    uint32_t most = e->watch_c.count > e->watch_mi.count ? e->watch_c.count : e->watch_mi.count;
    bool *alive = mem_zalloc(most, sizeof(*alive));
    for (uint32_t link = 0; link < e->watch_c.count; link++)
        alive[link] = c_routers_has_nbr(e->c, link, now);
    watch_sum(&e->watch_c, alive, e->tf, &out->c_lost, &out->c_first, &out->c_all);
    for (uint32_t v = 1; v <= e->watch_mi.count; v++)
        alive[v - 1] = remote_pes_have_nbr(e->pes, v, now);
    watch_sum(&e->watch_mi, alive, e->tf, &out->mi_pmsi_lost, &out->mi_pmsi_first,
              &out->mi_pmsi_all);
    free(alive);
}

struct regained_walk {
    emul_regained_fn *fn;
    void *arg;
};

static void pair_regained(void *arg, bool ingress, struct instant at, uint32_t weight)
{
    const struct regained_walk *w = arg;
    w->fn(w->arg, ingress ? REGAINED_INGRESS : REGAINED_EGRESS, at, weight);
}

static void neighbours_regained(const struct lab_watch *w, enum emul_regained what,
                                emul_regained_fn *fn, void *arg)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if ((w->flags[i] & BACK) != 0)
            fn(arg, what, w->back[i], w->weight);
    }
}

void emul_regained_each(const struct emul *e, emul_regained_fn *fn, void *arg)
{
    struct regained_walk w = {fn, arg};
    analyser_regained_each(e->analyser, pair_regained, &w);
    neighbours_regained(&e->watch_mi, REGAINED_MI_PMSI, fn, arg);
    neighbours_regained(&e->watch_c, REGAINED_C_INTERFACE, fn, arg);
}
