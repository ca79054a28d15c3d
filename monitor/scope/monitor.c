/* The monitor's life: opened by its file, runs on the loop, ends in good order. */
#include "mvpnbench/monitor.h"
#include "emul/base/mem.h"
#include "emul/io/ifaddr.h"
#include "monitor/scope/scope.h"

#include <stdlib.h>

#define DRAIN_TICKS 20u /* 2 s for probes under way */
#define LEAVE_TICKS 4u  /* then leaves are said, twice */

static void tick_source(struct source *s, size_t slot)
{
    s->settled = s->mark[slot];
    s->mark[slot] = s->next;
}

/* Everything that was sent has had its time. */
static void settle(struct monitor *m)
{
    for (size_t i = 0; i < m->stream_count; i++)
        m->streams[i].sent.settled = m->streams[i].sent.next;
    for (size_t i = 0; i < m->end_count; i++)
        m->ends[i].pings.settled = m->ends[i].pings.next;
}

static void advance_finish(struct monitor *m)
{
    uint64_t since = (uint64_t)((now_ns(m) - m->finish_ns) / SOURCE_TICK_NS);
    if (since < DRAIN_TICKS)
        return;
    settle(m);
    if (since < DRAIN_TICKS + LEAVE_TICKS)
        members_leave_all(m);
    else
        m->done = true;
}

static void on_tick(void *arg)
{
    struct monitor *m = arg;
    size_t slot = m->ticks++ % SOURCE_MARKS;
    for (size_t i = 0; i < m->stream_count; i++)
        tick_source(&m->streams[i].sent, slot);
    for (size_t i = 0; i < m->end_count; i++)
        tick_source(&m->ends[i].pings, slot);
    if (m->finishing)
        advance_finish(m);
    if (m->ticks % (NS_PER_S / SOURCE_TICK_NS) == 0) {
        tasks_watch(m);
        anomalies_watch(m);
        inference_watch(m);
    }
    timer_set_in(m->loop, &m->tick, SOURCE_TICK_NS);
}

static int open_tunnels(struct monitor *m, struct err *err)
{
    const struct scope_file *f = m->file;
    char *found = f->interface != NULL ? NULL : ifaddr_interface(f->netns, f->address, err);
    if (f->interface == NULL && found == NULL)
        return -1;
    struct tunnels_params params = {.interface = f->interface != NULL ? f->interface : found,
                                    .netns = f->netns};
    m->tunnels = tunnels_open(m->loop, &params, err);
    free(found);
    if (m->tunnels == NULL)
        return -1;
    tunnels_on_rx(m->tunnels, monitor_receive, m);
    for (size_t i = 0; i < f->tunnel_count; i++) {
        if (end_add(m, &f->tunnels[i].spec, f->tunnels[i].role, err) < 0)
            return -1;
    }
    return 0;
}

static void numbers(uint32_t *out, const size_t *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (uint32_t)in[i];
}

static int add_task(struct monitor *m, const struct scope_task *t, struct err *err)
{
    uint32_t *senders = mem_zalloc(t->sender_count, sizeof(*senders));
    uint32_t *receivers = mem_zalloc(t->receiver_count, sizeof(*receivers));
    numbers(senders, t->senders, t->sender_count);
    numbers(receivers, t->receivers, t->receiver_count);
    struct task_order o = {.name = t->name,
                           .vpn = (uint32_t)t->vpn,
                           .senders = senders,
                           .sender_count = t->sender_count,
                           .receivers = receivers,
                           .receiver_count = t->receiver_count,
                           .rate_pps = t->rate_pps,
                           .bytes = t->bytes,
                           .dscp = t->dscp,
                           .passive = t->passive,
                           .mark = t->mark};
    int n = task_add(m, &o, err);
    free(senders);
    free(receivers);
    return n < 0 ? -1 : 0;
}

static int open_all(struct monitor *m, struct err *err)
{
    const struct scope_file *f = m->file;
    if (open_tunnels(m, err) != 0)
        return -1;
    for (size_t i = 0; i < f->vpn_count; i++) {
        if (vpn_add(m, f->vpns[i].name, f->vpns[i].group, f->vpns[i].native, err) < 0)
            return -1;
    }
    if (inference_open(m, err) != 0)
        return -1;
    for (size_t i = 0; i < f->task_count; i++) {
        if (add_task(m, &f->tasks[i], err) != 0)
            return -1;
    }
    timer_set_in(m->loop, &m->tick, SOURCE_TICK_NS);
    return 0;
}

struct monitor *monitor_open(struct loop *loop, const char *file, struct err *err)
{
    struct scope_file *f = scope_file_load(file, err);
    if (f == NULL)
        return NULL;
    struct monitor *m = mem_zalloc(1, sizeof(*m));
    m->loop = loop;
    m->file = f;
    m->began_ns = now_ns(m);
    struct map *maps[] = {&m->by_group, &m->by_member, &m->by_pair, &m->by_passive,
                          &m->by_passive_flow};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        map_init(maps[i]);
    queue_init(&m->sending, m, "monitor probes", stream_due);
    queue_init(&m->joining, m, "monitor groups", member_due);
    queue_init(&m->pinging, m, "monitor pings", ping_due);
    queue_init(&m->inferring, m, "monitor inference", inference_due);
    timer_init(&m->tick, "monitor tick", on_tick, m);
    if (open_all(m, err) == 0)
        return m;
    monitor_close(m);
    return NULL;
}

void monitor_finish(struct monitor *m)
{
    if (m->finishing)
        return;
    m->finishing = true;
    m->finish_ns = now_ns(m);
    for (size_t i = 0; i < m->stream_count; i++)
        m->streams[i].on = false;
}

bool monitor_done(const struct monitor *m)
{
    return m->done;
}

void monitor_close(struct monitor *m)
{
    if (m == NULL)
        return;
    queue_fini(&m->sending);
    queue_fini(&m->joining);
    queue_fini(&m->pinging);
    queue_fini(&m->inferring);
    timer_cancel(m->loop, &m->tick);
    tunnels_close(m->tunnels);
    monitor_arrays_free(m);
    scope_file_free(m->file);
    free(m);
}
