#include "emul/loop/loop.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* Timers fired in a row before descriptors are looked at again: no starvation either way. */
#define TIMERS_PER_TURN 64
#define FD_EVENTS       32
/* How often the wall clock is compared with the base. */
#define WALL_CHECK_NS (NS_PER_S / 4)

struct fd_watch {
    loop_fd_fn *fn;
    void *arg;
    bool used;
};

struct loop {
    bool is_virtual;
    volatile sig_atomic_t stop;
    struct instant now;     /* virtual clock */
    int64_t base_offset_ns; /* instants = CLOCK_MONOTONIC + this */
    int64_t wall_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC when last looked at */
    int64_t health_wall_ns; /* the same when the health figures began */
    struct instant wall_checked;
    int epoll_fd;
    struct fd_watch *watches; /* by fd */
    size_t watch_count;
    struct heap_entry *heap;
    size_t count;
    size_t cap;
    /* Virtual clock: timers armed for the present instant, which most of a frame's way are, in the
     * order of arming. Whatever the heap has for this instant was armed before and goes first. */
    struct timer **row; /* NULL in it: cancelled */
    size_t row_first, row_end, row_cap;
    uint64_t next_order;
    struct loop_health health;
};

/* Deadlines are kept beside the pointers: sifting does not touch the timers' cache lines. */
struct heap_entry {
    int64_t at_ns;
    uint64_t order;
    struct timer *timer;
};

static int64_t clock_ns(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t wall_offset(void)
{
    /* Take the wall clock between two monotonic reads; the closest of a few tries wins. */
    int64_t best_gap = INT64_MAX, best = 0;
    for (int i = 0; i < 5; i++) {
        int64_t before = clock_ns(CLOCK_MONOTONIC);
        int64_t wall = clock_ns(CLOCK_REALTIME);
        int64_t after = clock_ns(CLOCK_MONOTONIC);
        if (after - before < best_gap) {
            best_gap = after - before;
            best = wall - (before + (after - before) / 2);
        }
    }
    return best;
}

struct loop *loop_new_virtual(struct instant start)
{
    struct loop *l = mem_zalloc(1, sizeof(*l));
    l->is_virtual = true;
    l->now = start;
    l->epoll_fd = -1;
    return l;
}

struct loop *loop_new_real(void)
{
    struct loop *l = mem_zalloc(1, sizeof(*l));
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll_fd < 0)
        fatal("epoll: %s", strerror(errno));
    /* The kernel may wake a thread this much late to save power; the default is 50 us. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    l->base_offset_ns = wall_offset();
    l->wall_offset_ns = l->base_offset_ns;
    l->health_wall_ns = l->base_offset_ns;
    l->wall_checked = loop_now(l);
    return l;
}

void loop_urgent(bool urgent)
{
    bool spare = sysconf(_SC_NPROCESSORS_ONLN) > 1;
    struct sched_param param = {.sched_priority = urgent && spare ? 1 : 0};
    int policy = urgent && spare ? SCHED_FIFO : SCHED_OTHER;
    (void)sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &param);
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->count; i++)
        l->heap[i].timer->slot = 0;
    if (l->epoll_fd >= 0)
        (void)close(l->epoll_fd);
    for (size_t i = l->row_first; i < l->row_end; i++) {
        if (l->row[i] != NULL)
            l->row[i]->slot = 0;
    }
    free(l->watches);
    free(l->heap);
    free(l->row);
    free(l);
}

bool loop_is_virtual(const struct loop *l)
{
    return l->is_virtual;
}

struct instant loop_now(const struct loop *l)
{
    if (l->is_virtual)
        return l->now;
    return (struct instant){clock_ns(CLOCK_MONOTONIC) + l->base_offset_ns};
}

struct instant loop_from_wall(const struct loop *l, int64_t wall_ns)
{
    if (l->is_virtual)
        return (struct instant){wall_ns};
    return (struct instant){wall_ns - (l->wall_offset_ns - l->base_offset_ns)};
}

char *loop_wall_text(char buf[LOOP_WALL_TEXT])
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    (void)strftime(buf, LOOP_WALL_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return buf;
}

int64_t loop_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t loop_steady_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

void timer_init(struct timer *t, const char *name, timer_fn *fn, void *arg)
{
    *t = (struct timer){.fn = fn, .arg = arg, .name = name};
}

static inline bool entry_before(const struct heap_entry *a, const struct heap_entry *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void heap_up(struct loop *l, size_t i, struct heap_entry e)
{
    while (i > 0) {
        size_t parent = (i - 1) / 4;
        if (!entry_before(&e, &l->heap[parent]))
            break;
        l->heap[i] = l->heap[parent];
        l->heap[i].timer->slot = i + 1;
        i = parent;
    }
    l->heap[i] = e;
    e.timer->slot = i + 1;
}

static void heap_down(struct loop *l, size_t i, struct heap_entry e)
{
    for (;;) {
        size_t first = i * 4 + 1;
        if (first >= l->count)
            break;
        size_t best = first;
        size_t end = first + 4 < l->count ? first + 4 : l->count;
        for (size_t c = first + 1; c < end; c++) {
            if (entry_before(&l->heap[c], &l->heap[best]))
                best = c;
        }
        if (!entry_before(&l->heap[best], &e))
            break;
        l->heap[i] = l->heap[best];
        l->heap[i].timer->slot = i + 1;
        i = best;
    }
    l->heap[i] = e;
    e.timer->slot = i + 1;
}

static void heap_place(struct loop *l, size_t i, struct heap_entry e)
{
    if (i > 0 && entry_before(&e, &l->heap[(i - 1) / 4]))
        heap_up(l, i, e);
    else
        heap_down(l, i, e);
}

/* Bit of a slot: the timer stands in the row. */
#define IN_ROW ((size_t)1 << (sizeof(size_t) * 8 - 1))

static void row_add(struct loop *l, struct timer *t)
{
    if (l->row_first == l->row_end)
        l->row_first = l->row_end = 0;
    l->row = array_grow(l->row, l->row_end, &l->row_cap, sizeof(struct timer *));
    l->row[l->row_end++] = t;
    t->slot = IN_ROW | l->row_end;
}

/* row_next returns the first timer of the row, NULL when it is empty. */
static struct timer *row_next(struct loop *l)
{
    while (l->row_first < l->row_end && l->row[l->row_first] == NULL)
        l->row_first++;
    return l->row_first < l->row_end ? l->row[l->row_first] : NULL;
}

void timer_set(struct loop *l, struct timer *t, struct instant at)
{
    if (l->is_virtual && at.ns == l->now.ns) {
        timer_cancel(l, t);
        t->at = at;
        t->order = l->next_order++;
        row_add(l, t);
        return;
    }
    if ((t->slot & IN_ROW) != 0)
        timer_cancel(l, t);
    struct heap_entry e = {at.ns, l->next_order++, t};
    t->at = at;
    t->order = e.order;
    if (t->slot != 0) {
        heap_place(l, t->slot - 1, e);
        return;
    }
    l->heap = array_grow(l->heap, l->count, &l->cap, sizeof(*l->heap));
    l->count++;
    heap_up(l, l->count - 1, e);
}

void timer_set_in(struct loop *l, struct timer *t, int64_t delay_ns)
{
    timer_set(l, t, instant_add(loop_now(l), delay_ns));
}

void timer_cancel(struct loop *l, struct timer *t)
{
    if (t->slot == 0)
        return;
    if ((t->slot & IN_ROW) != 0) {
        l->row[(t->slot & ~IN_ROW) - 1] = NULL;
        t->slot = 0;
        return;
    }
    size_t i = t->slot - 1;
    t->slot = 0;
    l->count--;
    if (i != l->count)
        heap_place(l, i, l->heap[l->count]);
}

int loop_fd_add(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg)
{
    size_t ix = (size_t)fd;
    if (ix >= l->watch_count) {
        size_t n = ix + 16;
        l->watches = mem_realloc(l->watches, n, sizeof(*l->watches));
        memset(l->watches + l->watch_count, 0, (n - l->watch_count) * sizeof(*l->watches));
        l->watch_count = n;
    }
    struct epoll_event ev = {.events = events, .data.fd = fd};
    int op = l->watches[ix].used ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(l->epoll_fd, op, fd, &ev) != 0)
        return -1;
    l->watches[ix] = (struct fd_watch){fn, arg, true};
    return 0;
}

void loop_fd_del(struct loop *l, int fd)
{
    size_t ix = (size_t)fd;
    if (fd < 0 || ix >= l->watch_count || !l->watches[ix].used)
        return;
    l->watches[ix].used = false;
    (void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void fire_first(struct loop *l)
{
    struct timer *t = l->heap[0].timer;
    t->slot = 0;
    l->count--;
    if (l->count > 0)
        heap_down(l, 0, l->heap[l->count]);
    l->health.events++;
    t->fn(t->arg);
}

static void fire_row(struct loop *l, struct timer *t)
{
    l->row_first++;
    t->slot = 0;
    l->health.events++;
    t->fn(t->arg);
}

static bool run_virtual(struct loop *l, struct instant until)
{
    while (!l->stop) {
        struct timer *t = l->now.ns <= until.ns ? row_next(l) : NULL;
        bool earlier = l->count > 0 && l->heap[0].at_ns <= (t != NULL ? l->now.ns : until.ns);
        if (t != NULL && !earlier) {
            fire_row(l, t);
            continue;
        }
        if (!earlier)
            break;
        if (l->heap[0].at_ns > l->now.ns)
            l->now.ns = l->heap[0].at_ns;
        fire_first(l);
    }
    if (!l->stop && until.ns > l->now.ns && until.ns != INT64_MAX)
        l->now = until;
    return l->stop != 0;
}

static void check_wall(struct loop *l, struct instant now)
{
    if (instant_diff(now, l->wall_checked) < WALL_CHECK_NS)
        return;
    l->wall_checked = now;
    l->wall_offset_ns = wall_offset();
    int64_t step = l->wall_offset_ns - l->health_wall_ns;
    if (step < 0)
        step = -step;
    if (step > l->health.wall_step_ns)
        l->health.wall_step_ns = step;
}

/* fire_due fires what is due by now, at most a turn's worth; what is armed meanwhile waits. */
static void fire_due(struct loop *l, struct instant now, struct instant until)
{
    for (unsigned n = 0; n < TIMERS_PER_TURN && !l->stop && l->count > 0; n++) {
        int64_t at_ns = l->heap[0].at_ns;
        if (at_ns > now.ns || at_ns > until.ns)
            return;
        int64_t lag_ns = loop_now(l).ns - at_ns;
        if (lag_ns > l->health.lag_max_ns)
            l->health.lag_max_ns = lag_ns;
        fire_first(l);
    }
}

/*
 * Two rounds: what is due, and then what that armed for at once (a port's flush). A timer that arms
 * itself for a little later comes after the descriptors, however long the round took: a sender that
 * is behind does not starve its receive ring.
 */
static void serve_timers(struct loop *l, struct instant until)
{
    for (unsigned round = 0; round < 2; round++)
        fire_due(l, loop_now(l), until);
}

static bool timer_due(const struct loop *l, struct instant until)
{
    return l->count > 0 && l->heap[0].at_ns <= until.ns;
}

/* epoll waits in whole milliseconds; the rest of a wait is done with epoll_pwait2's timespec. */
static int wait_for_events(struct loop *l, struct epoll_event *events, struct instant until)
{
    struct instant next = until;
    if (l->count > 0 && l->heap[0].at_ns < next.ns)
        next.ns = l->heap[0].at_ns;
    int64_t wait_ns = next.ns == INT64_MAX ? NS_PER_S : instant_diff(next, loop_now(l));
    if (wait_ns < 0)
        wait_ns = 0;
    if (wait_ns > WALL_CHECK_NS)
        wait_ns = WALL_CHECK_NS;
    struct timespec ts = {.tv_sec = wait_ns / NS_PER_S, .tv_nsec = wait_ns % NS_PER_S};
    return epoll_pwait2(l->epoll_fd, events, FD_EVENTS, &ts, NULL);
}

static bool run_real(struct loop *l, struct instant until)
{
    struct epoll_event events[FD_EVENTS];
    while (!l->stop) {
        serve_timers(l, until);
        struct instant now = loop_now(l);
        check_wall(l, now);
        if (l->stop || (now.ns >= until.ns && !timer_due(l, until)))
            break;
        int n = wait_for_events(l, events, until);
        for (int i = 0; i < n; i++) {
            size_t ix = (size_t)events[i].data.fd;
            if (ix < l->watch_count && l->watches[ix].used) {
                l->health.events++;
                l->watches[ix].fn(l->watches[ix].arg, events[i].events);
            }
        }
    }
    return l->stop != 0;
}

bool loop_run(struct loop *l, struct instant until)
{
    bool stopped = l->is_virtual ? run_virtual(l, until) : run_real(l, until);
    l->stop = 0;
    return stopped;
}

void loop_stop(struct loop *l)
{
    l->stop = 1;
}

void loop_health_get(const struct loop *l, struct loop_health *out)
{
    *out = l->health;
}

void loop_health_reset(struct loop *l)
{
    l->health = (struct loop_health){0};
    l->health_wall_ns = l->wall_offset_ns;
}
