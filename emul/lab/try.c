/* Draft 9.12: the first receiver of a group behind the DUT, while its sources are active. */
#include "emul/lab/lab.h"

#include "emul/base/mem.h"

#include <stdlib.h>

#define ACTIVE_BEFORE_NS NS_PER_S

static void join(void *arg)
{
    struct emul *e = arg;
    (void)c_routers_try(e->c, e->try.link, e->try.j);
}

void lab_try_init(struct emul *e)
{
    timer_init(&e->try.timer, "try to join", join, e);
}

void lab_try_fini(struct emul *e)
{
    timer_cancel(e->net.loop, &e->try.timer);
}

int emul_try_join(struct emul *e, uint32_t vpn, uint32_t group, struct err *err)
{
    const struct instance_spec *s = &e->net.spec;
    if (vpn < 1 || vpn > s->mvpns || group > s->groups || !topology_is_test(s, group)) {
        err_set(err, ERR_USE, "group %u of VPN %u is no test group", group, vpn);
        return -1;
    }
    if (s->igmp_version != 0 || s->receiver_c_ifs == 0) {
        err_set(err, ERR_USE, "a Join is timed only where receivers are behind PIM routers");
        return -1;
    }
    uint32_t *flows = mem_zalloc(s->sources, sizeof(*flows));
    for (uint32_t k = 1; k <= s->sources; k++)
        flows[k - 1] = topology_flow(s, vpn, group, k);
    int failed = lab_fast_start(e, flows, s->sources, err);
    free(flows);
    if (failed != 0)
        return -1;
    e->try.active = true;
    e->try.v = vpn;
    e->try.j = group;
    e->try.link = topology_c_link_index(s, vpn, 1);
    e->try.t1 = INSTANT_NEVER;
    timer_set_in(e->net.loop, &e->try.timer, ACTIVE_BEFORE_NS);
    return 0;
}

void lab_try_packet(struct emul *e, uint32_t link, struct instant at)
{
    struct lab_try *t = &e->try;
    if (t->active && link == t->link && t->t1.ns == INT64_MAX &&
        c_routers_tried_at(e->c).ns != INT64_MAX)
        t->t1 = at;
}

void emul_try_get(struct emul *e, struct emul_join_try *out)
{
    const struct lab_try *t = &e->try;
    *out = (struct emul_join_try){.vpn = t->v, .group = t->j, .t0 = INSTANT_NEVER, .t1 = t->t1};
    if (t->active)
        out->t0 = c_routers_tried_at(e->c);
}

void emul_try_leave(struct emul *e)
{
    struct lab_try *t = &e->try;
    if (!t->active)
        return;
    timer_cancel(e->net.loop, &t->timer);
    c_routers_try_end(e->c, t->link, t->j);
    lab_fast_stop(e);
    t->active = false;
}
