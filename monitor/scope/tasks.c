/*
 * Tasks: probes from N senders to M receivers as one thing that starts and stops. Each (task,
 * sender) is a stream with numbers of its own, each (stream, receiver) a pair.
 */
#include "monitor/scope/scope.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAD_NS      NS_PER_S /* from the join to the first probe: for the tree */
#define HOPELESS_NS  NS_PER_S /* a probe that is later than this is not sent any more */
#define TTL          64
#define STREAMS_MAX  1000000u
#define PHASE_OF_ONE 0.6180339887

static int check(struct monitor *m, const struct task_order *o, struct err *err)
{
    for (size_t i = 0; i < m->task_count; i++) {
        if (strcmp(m->tasks[i].name, o->name) == 0) {
            err_set(err, ERR_USE, "there is a task '%.64s' already", o->name);
            return -1;
        }
    }
    if (m->pair_count + o->sender_count * o->receiver_count > SCOPE_PAIRS_MAX ||
        m->stream_count + o->sender_count > STREAMS_MAX) {
        err_set(err, ERR_USE, "task '%.64s': there would be more than %u pairs", o->name,
                SCOPE_PAIRS_MAX);
        return -1;
    }
    return 0;
}

static void add_pair(struct monitor *m, uint32_t stream, uint32_t from, uint32_t to)
{
    m->pairs = array_grow(m->pairs, m->pair_count, &m->pair_cap, sizeof(*m->pairs));
    m->pairs[m->pair_count] = (struct pair){.stream = stream, .from = from, .to = to};
    map_put(&m->by_pair, key_of(stream, to), (uint32_t)m->pair_count++);
}

static void add_stream(struct monitor *m, uint32_t task, uint32_t tunnel, double rate_pps)
{
    const struct task *t = &m->tasks[task];
    m->streams = array_grow(m->streams, m->stream_count, &m->stream_cap, sizeof(*m->streams));
    uint32_t n = (uint32_t)m->stream_count++;
    m->streams[n] = (struct stream){.task = task,
                                    .tunnel = tunnel,
                                    .delay_marked = INT64_MIN,
                                    .first_pair = m->pair_count,
                                    .pair_count = t->receiver_count};
    for (size_t i = 0; i < t->receiver_count; i++) {
        add_pair(m, n, tunnel, t->receivers[i]);
        pair_init(&m->pairs[m->pair_count - 1], 0, rate_pps);
    }
}

int task_add(struct monitor *m, const struct task_order *o, struct err *err)
{
    if (check(m, o, err) != 0)
        return -1;
    m->tasks = array_grow(m->tasks, m->task_count, &m->task_cap, sizeof(*m->tasks));
    uint32_t n = (uint32_t)m->task_count++;
    struct task *t = &m->tasks[n];
    *t = (struct task){.name = mem_strdup(o->name),
                       .vpn = o->vpn,
                       .passive = o->passive,
                       .rate_pps = o->rate_pps,
                       .bytes = o->bytes,
                       .dscp = o->dscp,
                       .mark = o->mark,
                       .receivers = mem_zalloc(o->receiver_count, sizeof(uint32_t)),
                       .receiver_count = o->receiver_count,
                       .first_stream = m->stream_count,
                       .stream_count = o->sender_count};
    for (size_t i = 0; i < o->receiver_count; i++)
        t->receivers[i] = o->receivers[i];
    for (size_t i = 0; i < o->sender_count; i++)
        add_stream(m, n, o->senders[i], o->rate_pps);
    if (o->seconds > 0)
        t->until_ns = now_ns(m) + LEAD_NS + (int64_t)(o->seconds * 1e9);
    task_start(m, n);
    return (int)n;
}

uint32_t task_find(const struct monitor *m, const char *name, struct err *err)
{
    for (size_t i = 0; i < m->task_count; i++) {
        if (strcmp(m->tasks[i].name, name) == 0)
            return (uint32_t)i;
    }
    err_set(err, ERR_USE, "there is no task '%.64s'; `tasks` lists them", name);
    return NONE;
}

/* Probes a second that ought to come to a receiver: its own do not. */
static double expected(const struct monitor *m, const struct task *t, uint32_t receiver)
{
    double pps = 0;
    for (size_t i = 0; i < t->stream_count; i++)
        pps += m->streams[t->first_stream + i].tunnel == receiver ? 0 : t->rate_pps;
    return pps;
}

static void start_stream(struct monitor *m, uint32_t n, const struct task *t)
{
    struct stream *s = &m->streams[n];
    int64_t now = now_ns(m), base = m->join_slot_ns > now ? m->join_slot_ns : now;
    double turn = PHASE_OF_ONE * n;
    s->on = true;
    s->begin_ns = now;
    s->period_ns = (int64_t)(1e9 / t->rate_pps);
    s->due_ns = base + LEAD_NS + (int64_t)((turn - (double)(int64_t)turn) * (double)s->period_ns);
    for (size_t i = 0; i < s->pair_count; i++)
        pair_init(&m->pairs[s->first_pair + i], s->sent.next, t->rate_pps);
    queue_put(&m->sending, n, s->due_ns);
}

void task_start(struct monitor *m, uint32_t task)
{
    struct task *t = &m->tasks[task];
    if (t->on)
        return;
    t->on = true;
    for (size_t i = 0; i < t->receiver_count; i++) {
        m->ends[t->receivers[i]].used++;
        member_need(m, t->vpn, t->receivers[i], expected(m, t, t->receivers[i]));
    }
    for (size_t i = 0; i < t->stream_count; i++) {
        uint32_t n = (uint32_t)(t->first_stream + i);
        m->ends[m->streams[n].tunnel].used++;
        start_stream(m, n, t);
    }
    if (t->passive && !m->customers) {
        m->customers = true;
        tunnels_customers(m->tunnels, true);
    }
}

void task_stop(struct monitor *m, uint32_t task)
{
    struct task *t = &m->tasks[task];
    if (!t->on)
        return;
    t->on = false;
    t->until_ns = 0;
    for (size_t i = 0; i < t->stream_count; i++) {
        struct stream *s = &m->streams[t->first_stream + i];
        s->on = false;
        m->ends[s->tunnel].used--;
    }
    for (size_t i = 0; i < t->receiver_count; i++) {
        m->ends[t->receivers[i]].used--;
        member_release(m, t->vpn, t->receivers[i], expected(m, t, t->receivers[i]));
    }
}

void task_rate(struct monitor *m, uint32_t task, double rate_pps, uint32_t bytes, uint8_t dscp)
{
    struct task *t = &m->tasks[task];
    for (size_t i = 0; i < t->receiver_count && t->on; i++)
        member_expect(m, t->vpn, t->receivers[i], -expected(m, t, t->receivers[i]));
    t->rate_pps = rate_pps;
    t->bytes = bytes;
    t->dscp = dscp;
    for (size_t i = 0; i < t->receiver_count && t->on; i++)
        member_expect(m, t->vpn, t->receivers[i], expected(m, t, t->receivers[i]));
    for (size_t i = 0; i < t->stream_count; i++) {
        struct stream *s = &m->streams[t->first_stream + i];
        s->period_ns = (int64_t)(1e9 / rate_pps);
        for (size_t k = 0; k < s->pair_count; k++)
            pair_rate(&m->pairs[s->first_pair + k], rate_pps);
        int64_t soon = now_ns(m) + s->period_ns;
        if (s->on && s->due_ns > soon) {
            s->due_ns = soon;
            queue_put(&m->sending, (uint32_t)(t->first_stream + i), soon);
        }
    }
}

void tasks_watch(struct monitor *m)
{
    for (size_t i = 0; i < m->task_count; i++) {
        const struct task *t = &m->tasks[i];
        if (t->on && t->until_ns != 0 && now_ns(m) >= t->until_ns)
            task_stop(m, (uint32_t)i);
    }
}

/* Flags of a probe that is sent now; the block's colour may stand in the DSCP as well. */
static uint8_t mark(struct stream *s, const struct scope_mark *k, int64_t now, uint8_t *dscp)
{
    if (k->seconds <= 0)
        return 0;
    double blocks = (double)now / (k->seconds * 1e9);
    int64_t n = (int64_t)floor(blocks);
    bool odd = n % 2 != 0;
    uint8_t flags = odd ? PROBE_COLOUR : 0;
    *dscp = odd ? *dscp | k->dscp : *dscp & (uint8_t)~k->dscp;
    if (blocks - floor(blocks) >= 0.5 && s->delay_marked != n) {
        s->delay_marked = n;
        flags |= PROBE_DELAY_MARK;
    }
    return flags;
}

static void send_probe(struct monitor *m, struct stream *s, const struct task *t, uint32_t flow)
{
    uint8_t packet[PROBE_PACKET_MAX], dscp = t->dscp;
    int64_t now = now_ns(m);
    uint8_t flags = mark(s, &t->mark, now, &dscp);
    struct probe_packet p = {.src = tunnels_spec(m->tunnels, s->tunnel)->inner_local,
                             .dst = m->vpns[t->vpn].group,
                             .sport = PROBE_PORT,
                             .dscp = dscp,
                             .ttl = TTL,
                             .bytes = t->bytes,
                             .probe = {.flags = flags,
                                       .vpn = t->vpn + 1,
                                       .flow = flow,
                                       .sequence = s->sent.next,
                                       .sent_ns = now}};
    size_t len = probe_packet_write(&p, packet);
    if (tunnels_send(m->tunnels, s->tunnel, packet, len, dscp, NULL) == 0)
        s->sent.next++;
    else
        s->not_sent++;
}

void stream_due(struct monitor *m, uint32_t number, int64_t at_ns)
{
    struct stream *s = &m->streams[number];
    if (!s->on || s->due_ns != at_ns)
        return;
    int64_t late = now_ns(m) - at_ns;
    if (late < HOPELESS_NS)
        send_probe(m, s, &m->tasks[s->task], number + 1);
    else
        s->late += (uint64_t)(late / s->period_ns) + 1;
    s->due_ns = (late < HOPELESS_NS ? at_ns : now_ns(m)) + s->period_ns;
    queue_put(&m->sending, number, s->due_ns);
}
