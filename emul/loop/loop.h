/*
 * The event loop: timers and file descriptors, on one of two clocks behind one interface. The
 * virtual clock jumps to the next deadline, so ten-minute waits cost nothing and two runs with one
 * seed are equal; the real clock waits in epoll. Protocol code sees no difference (DESIGN A.2
 * rules 2 and 5). One thread owns a loop and everything that hangs on it.
 *
 * Timers are embedded in their owner and ordered by (deadline, order of arming): equal deadlines
 * fire in arming order. A timer is disarmed before its function runs; the function may arm it
 * again, cancel others, and free its owner.
 *
 * Time base of the real clock: CLOCK_MONOTONIC plus an offset fixed when the loop was made so that
 * instants read as CLOCK_REALTIME did then. Kernel timestamps (CLOCK_REALTIME) are brought to this
 * base by loop_from_wall. loop_health tells how late the loop ran and how far the wall clock
 * stepped.
 */
#ifndef MVPN_LOOP_H
#define MVPN_LOOP_H

#include "emul/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

typedef void timer_fn(void *arg);

struct timer {
    struct instant at;
    uint64_t order;
    size_t slot; /* place + 1 in the heap, or in the row of those due now; 0: not armed */
    timer_fn *fn;
    void *arg;
    const char *name;
};

/* loop_new_virtual returns a loop on a virtual clock that reads start. */
struct loop *loop_new_virtual(struct instant start);

/* loop_new_real returns a loop on the host's clock. Ends the process if epoll cannot be had. */
struct loop *loop_new_real(void);

/* loop_free frees the loop; timers and descriptors that are still registered are forgotten. */
void loop_free(struct loop *l);

bool loop_is_virtual(const struct loop *l);

/*
 * loop_now returns the loop's time: on the virtual clock the deadline being served, on the real
 * one the clock, read afresh.
 */
struct instant loop_now(const struct loop *l);

/* loop_from_wall brings a CLOCK_REALTIME stamp (ns since the epoch) to the loop's time base. */
struct instant loop_from_wall(const struct loop *l, int64_t wall_ns);

/*
 * loop_urgent lets the calling thread, not what it starts, run ahead of everything else on the host
 * (false: as others again): on a busy host packets leave on time. Without the privilege, or with
 * one core only, which the DUT may need, nothing changes.
 */
void loop_urgent(bool urgent);

/* loop_wall_text writes the wall clock as "2026-01-31T12:34:56Z", for names and stamps only. */
#define LOOP_WALL_TEXT 32
char *loop_wall_text(char buf[LOOP_WALL_TEXT]);

/* loop_wall_ns reads the wall clock, ns since the epoch; on any thread, needs no loop. */
int64_t loop_wall_ns(void);

/* loop_steady_ns reads a clock that never steps, for how long something took; from any thread. */
int64_t loop_steady_ns(void);

/* timer_init prepares a timer; name is borrowed and shown in logs. */
void timer_init(struct timer *t, const char *name, timer_fn *fn, void *arg);

/* timer_set arms (or re-arms) t for the instant at; an instant in the past fires at once. */
void timer_set(struct loop *l, struct timer *t, struct instant at);

/* timer_set_in arms t for now + delay_ns. */
void timer_set_in(struct loop *l, struct timer *t, int64_t delay_ns);

/* timer_cancel disarms t; nothing happens if it was not armed. */
void timer_cancel(struct loop *l, struct timer *t);

static inline bool timer_armed(const struct timer *t)
{
    return t->slot != 0;
}

typedef void loop_fd_fn(void *arg, uint32_t epoll_events);

/* loop_fd_add calls fn when fd is ready for events (EPOLLIN ...). Real clock only; -1 + errno. */
int loop_fd_add(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg);

/* loop_fd_del forgets fd; call it before close. */
void loop_fd_del(struct loop *l, int fd);

/*
 * loop_run serves events until the instant until (inclusive) or until loop_stop. Returns true if it
 * was stopped. On the virtual clock time ends at until even if nothing happened.
 */
bool loop_run(struct loop *l, struct instant until);

/* loop_stop makes loop_run return after the current event. Callable from a signal handler. */
void loop_stop(struct loop *l);

struct loop_health {
    int64_t lag_max_ns;   /* latest that a timer fired after its deadline */
    int64_t wall_step_ns; /* farthest that CLOCK_REALTIME stepped from where it was then */
    uint64_t events;      /* timers fired and descriptors served */
};

/* loop_health_get reads the figures since the last loop_health_reset (all 0 on the virtual clock
 * but events). */
void loop_health_get(const struct loop *l, struct loop_health *out);
void loop_health_reset(struct loop *l);

#endif
