#include "harness/run/revive.h"

#include "emul/io/capture.h"
#include "emul/loop/loop.h"
#include "harness/run/dutcall.h"
#include "harness/run/progress.h"

#define POLL_NS NS_PER_S

static int call_health(struct dut *d, void *arg, struct err *err)
{
    (void)arg;
    return d->driver->health(d, err);
}

static int call_unconfigure(struct dut *d, void *arg, struct err *err)
{
    (void)arg;
    return d->driver->unconfigure(d, err);
}

bool revive_healthy(struct world *w, struct err *why)
{
    return dut_call(w->loop, &w->dut, call_health, NULL, why) == 0;
}

static void pause_captures(struct world *w, bool pause)
{
    struct capture *const captures[] = {w->cap_a1, w->cap_a3};
    for (size_t i = 0; i < 2; i++) {
        if (captures[i] != NULL)
            (pause ? capture_pause : capture_resume)(captures[i]);
    }
}

static int wait_healthy(struct world *w, struct err *err)
{
    double limit_s = w->settings->timing.setup_limit_s;
    struct instant limit = instant_add(loop_now(w->loop), (int64_t)(limit_s * 1e9));
    for (;;) {
        struct err why = {0};
        if (revive_healthy(w, &why))
            return 0;
        if (w->dut.broken) {
            *err = why;
            return -1;
        }
        if (world_interrupted(w)) {
            err_set(err, ERR_INTERRUPTED, "interrupted while waiting for the DUT");
            return -1;
        }
        if (loop_now(w->loop).ns >= limit.ns) {
            err_set(err, ERR_TESTBED, "the DUT did not come back within %g s: %s", limit_s,
                    why.text);
            return -1;
        }
        progress_step("waiting for the DUT: %s", why.text);
        (void)world_wait(w, POLL_NS);
    }
}

int revive_wait(struct world *w, int64_t *waited_ns, struct err *err)
{
    struct instant from = loop_now(w->loop);
    pause_captures(w, true);
    int result = wait_healthy(w, err);
    pause_captures(w, false);
    *waited_ns = instant_diff(loop_now(w->loop), from);
    return result;
}

int revive_known_state(struct world *w, struct err *err)
{
    int64_t waited_ns;
    if (dut_call(w->loop, &w->dut, call_unconfigure, NULL, err) != 0)
        return -1;
    return revive_wait(w, &waited_ns, err);
}
