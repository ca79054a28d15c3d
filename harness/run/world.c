#include "harness/run/world.h"

#include "emul/io/capture.h"
#include "emul/loop/loop.h"
#include "harness/run/progress.h"

/* An interrupt is noticed within this time even if the signal came between two waits, and who
 * watches sees the wait go on. */
#define SLICE_REAL_NS    (NS_PER_S / 5)
#define SLICE_VIRTUAL_NS (5 * NS_PER_S)

int world_open(struct world *w, const struct world_params *p, struct err *err)
{
    *w = (struct world){
        .settings = p->settings, .virtual_clock = p->virtual_clock, .interrupted = p->interrupted};
    w->dut.driver = dut_driver_find(p->driver);
    if (w->dut.driver == NULL) {
        err_set(err, ERR_USE, "--dut %s: no such driver; there are: %s", p->driver,
                dut_driver_names());
        return -1;
    }
    w->loop = p->virtual_clock ? loop_new_virtual(p->start) : loop_new_real();
    w->ctx = (struct dut_context){.loop = w->loop,
                                  .seed = p->seed,
                                  .settings = p->dut_settings,
                                  .profile = p->profile,
                                  .testbed = p->testbed,
                                  .mtu = p->mtu,
                                  .max_c_links = p->max_c_links,
                                  .force = p->force,
                                  .interrupted = p->interrupted};
    if (w->dut.driver->open(&w->dut, &w->ctx, err) != 0) {
        world_close(w);
        return -1;
    }
    w->dut_open = true;
    return 0;
}

void world_close(struct world *w)
{
    if (w->dut_open)
        w->dut.driver->close(&w->dut);
    w->dut_open = false;
    (void)capture_close(w->cap_a1);
    (void)capture_close(w->cap_a3);
    w->cap_a1 = w->cap_a3 = NULL;
    loop_free(w->loop);
    w->loop = NULL;
}

bool world_interrupted(const struct world *w)
{
    return w->interrupted != NULL && *w->interrupted != 0;
}

bool world_wait(struct world *w, int64_t duration_ns)
{
    struct instant until = instant_add(loop_now(w->loop), duration_ns);
    while (!world_interrupted(w)) {
        struct instant now = loop_now(w->loop);
        if (now.ns >= until.ns)
            return false;
        int64_t slice_ns = w->virtual_clock ? SLICE_VIRTUAL_NS : SLICE_REAL_NS;
        (void)loop_run(w->loop, instant_min(until, instant_add(now, slice_ns)));
        progress_tick(loop_now(w->loop), w->virtual_clock);
    }
    return true;
}

void world_run_to(struct world *w, struct instant until)
{
    while (loop_run(w->loop, until))
        continue;
}
