/* Work in the order of its time, many items behind one timer. */
#include "monitor/scope/scope.h"

#define WORK_A_TURN 256u /* then received packets get their turn */

static void arm(struct queue *q)
{
    int64_t next = calendar_next(&q->calendar);
    if (next == INT64_MAX)
        timer_cancel(q->m->loop, &q->timer);
    else if (!timer_armed(&q->timer) || q->timer.at.ns != next)
        timer_set(q->m->loop, &q->timer, (struct instant){next});
}

static void run(void *arg)
{
    struct queue *q = arg;
    struct calendar_entry e;
    int64_t now = now_ns(q->m);
    for (unsigned n = 0; n < WORK_A_TURN && calendar_due(&q->calendar, now, &e); n++)
        q->fn(q->m, e.number, e.at_ns);
    arm(q);
}

void queue_init(struct queue *q, struct monitor *m, const char *name, queue_fn *fn)
{
    *q = (struct queue){.m = m, .fn = fn};
    timer_init(&q->timer, name, run, q);
}

void queue_put(struct queue *q, uint32_t number, int64_t at_ns)
{
    calendar_put(&q->calendar, number, at_ns);
    arm(q);
}

void queue_fini(struct queue *q)
{
    if (q->m != NULL)
        timer_cancel(q->m->loop, &q->timer);
    calendar_fini(&q->calendar);
}
