#include "harness/run/dutcall.h"

#include "emul/loop/loop.h"
#include "harness/run/progress.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct call {
    struct loop *loop;
    struct dut *dut;
    dut_call_fn *fn;
    void *arg;
    struct err *err;
    int result;
    int event;
    atomic_bool done;
};

static void *call_thread(void *arg)
{
    struct call *c = arg;
    c->result = c->fn(c->dut, c->arg, c->err);
    atomic_store(&c->done, true);
    uint64_t one = 1;
    /* The loop also looks at done after each wait: a failed write only costs that wait. */
    if (write(c->event, &one, sizeof(one)) < 0)
        return NULL;
    return NULL;
}

static void call_done(void *arg, uint32_t events)
{
    struct call *c = arg;
    (void)events;
    loop_fd_del(c->loop, c->event);
    loop_stop(c->loop);
}

int dut_call(struct loop *loop, struct dut *d, dut_call_fn *fn, void *arg, struct err *err)
{
    if (!d->driver->blocking)
        return fn(d, arg, err);
    struct call c = {.loop = loop, .dut = d, .fn = fn, .arg = arg, .err = err};
    c.event = eventfd(0, EFD_CLOEXEC);
    if (c.event < 0 || loop_fd_add(loop, c.event, EPOLLIN, call_done, &c) != 0) {
        err_set(err, ERR_TESTBED, "eventfd: %s", strerror(errno));
        if (c.event >= 0)
            (void)close(c.event);
        return -1;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, call_thread, &c) != 0) {
        loop_fd_del(loop, c.event);
        (void)close(c.event);
        err_set(err, ERR_TESTBED, "cannot start a thread for the DUT driver");
        return -1;
    }
    while (!atomic_load(&c.done)) {
        (void)loop_run(loop, instant_add(loop_now(loop), NS_PER_S / 4));
        progress_tick(loop_now(loop), false);
    }
    (void)pthread_join(thread, NULL);
    loop_fd_del(loop, c.event);
    (void)close(c.event);
    return c.result;
}
