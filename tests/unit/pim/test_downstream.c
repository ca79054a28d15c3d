#include "emul/proto/pim/downstream.h"
#include "tests/unit/cu.h"

struct seen {
    unsigned echoes;
    uint32_t last;
    struct instant at;
    struct loop *loop;
};

static void on_echo(void *arg, uint32_t ix)
{
    struct seen *s = arg;
    s->echoes++;
    s->last = ix;
    s->at = loop_now(s->loop);
}

struct rig {
    struct loop *loop;
    struct seen seen;
    struct pim_ds ds;
};

static void rig_init(struct rig *r)
{
    r->loop = loop_new_virtual((struct instant){0});
    r->seen = (struct seen){.loop = r->loop};
    pim_ds_init(&r->ds, r->loop, 100, on_echo, &r->seen);
}

static void rig_fini(struct rig *r)
{
    pim_ds_fini(&r->ds);
    loop_free(r->loop);
}

static void run(struct rig *r, int64_t ms)
{
    (void)loop_run(r->loop, instant_add(loop_now(r->loop), ms * NS_PER_MS));
}

static void test_expiry(void)
{
    struct rig r;
    rig_init(&r);
    CU_ASSERT(pim_ds_join(&r.ds, 5, 210, loop_now(r.loop)));
    CU_ASSERT(!pim_ds_join(&r.ds, 5, 60, loop_now(r.loop)));
    run(&r, 209999);
    CU_ASSERT(pim_ds_alive(&r.ds, 5, loop_now(r.loop)));
    run(&r, 1);
    CU_ASSERT(!pim_ds_alive(&r.ds, 5, loop_now(r.loop)));
    CU_ASSERT(pim_ds_join(&r.ds, 5, 210, loop_now(r.loop)));
    pim_ds_down(&r.ds, 5, loop_now(r.loop));
    CU_ASSERT(!pim_ds_alive(&r.ds, 5, loop_now(r.loop)));
    rig_fini(&r);
}

static void test_prune_alone(void)
{
    struct rig r;
    rig_init(&r);
    (void)pim_ds_join(&r.ds, 1, 210, loop_now(r.loop));
    pim_ds_prune(&r.ds, 1, 0, loop_now(r.loop));
    CU_ASSERT(!pim_ds_alive(&r.ds, 1, loop_now(r.loop)));
    CU_ASSERT_EQUAL(r.seen.echoes, 0);
    pim_ds_prune(&r.ds, 2, 0, loop_now(r.loop));
    CU_ASSERT(!pim_ds_alive(&r.ds, 2, loop_now(r.loop)));
    rig_fini(&r);
}

static void test_prune_on_lan(void)
{
    struct rig r;
    rig_init(&r);
    for (uint32_t ix = 0; ix < 40; ix++)
        (void)pim_ds_join(&r.ds, ix, 210, loop_now(r.loop));
    pim_ds_prune(&r.ds, 1, 3 * NS_PER_S, loop_now(r.loop));
    run(&r, 1000);
    for (uint32_t ix = 2; ix < 40; ix++)
        pim_ds_prune(&r.ds, ix, 3 * NS_PER_S, loop_now(r.loop));
    run(&r, 1999);
    /* Prune-pending forwards like joined; then it is over, and said so. */
    CU_ASSERT(pim_ds_alive(&r.ds, 1, loop_now(r.loop)));
    run(&r, 1);
    CU_ASSERT(!pim_ds_alive(&r.ds, 1, loop_now(r.loop)));
    CU_ASSERT_EQUAL(r.seen.echoes, 1);
    CU_ASSERT_EQUAL(r.seen.last, 1);
    CU_ASSERT_EQUAL(r.seen.at.ns, 3 * NS_PER_S);
    /* A Join in time overrides. */
    (void)pim_ds_join(&r.ds, 7, 210, loop_now(r.loop));
    run(&r, 5000);
    CU_ASSERT(pim_ds_alive(&r.ds, 7, loop_now(r.loop)));
    CU_ASSERT(!pim_ds_alive(&r.ds, 39, loop_now(r.loop)));
    CU_ASSERT_EQUAL(r.seen.echoes, 38);
    rig_fini(&r);
}

static void test_prune_again(void)
{
    struct rig r;
    rig_init(&r);
    (void)pim_ds_join(&r.ds, 1, 210, loop_now(r.loop));
    pim_ds_prune(&r.ds, 1, 3 * NS_PER_S, loop_now(r.loop));
    run(&r, 1000);
    (void)pim_ds_join(&r.ds, 1, 210, loop_now(r.loop));
    run(&r, 1000);
    pim_ds_prune(&r.ds, 1, 3 * NS_PER_S, loop_now(r.loop));
    run(&r, 2999);
    CU_ASSERT(pim_ds_alive(&r.ds, 1, loop_now(r.loop)));
    run(&r, 1);
    CU_ASSERT(!pim_ds_alive(&r.ds, 1, loop_now(r.loop)));
    CU_ASSERT_EQUAL(r.seen.echoes, 1);
    rig_fini(&r);
}

static const struct cu_test tests[] = {
    {"expiry, holdtimes, interface down", test_expiry},
    {"prune from the only neighbour", test_prune_alone},
    {"prune-pending on a LAN, echo, override", test_prune_on_lan},
    {"pruned, joined, pruned again", test_prune_again},
};

CU_MAIN("pim downstream", tests)
