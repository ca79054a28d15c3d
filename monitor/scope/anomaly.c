/* What is not as it should be, named when it is seen. */
#include "monitor/scope/scope.h"

#include "emul/base/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ANOMALIES_MAX 2000u
#define LOOK_BACK     64u
#define SAME_NS       (60 * NS_PER_S) /* what repeats within this is counted, not listed */
#define NEVER_NS      (10 * NS_PER_S)
#define SILENT_NS     (5 * NS_PER_S)
#define PROBES_MISSED 20.0
#define ALIVE_NS      (3 * NS_PER_S)

/* What may come with every packet is counted under one entry for a while. */
static bool repeats(const char *kind)
{
    return strcmp(kind, "leak") == 0 || strcmp(kind, "ring-dropped") == 0 ||
           strcmp(kind, "late") == 0;
}

void anomaly_say(struct monitor *m, const char *kind, uint32_t vpn, uint32_t tunnel,
                 const char *format, ...)
{
    int64_t now = now_ns(m);
    char text[sizeof(m->anomalies->text)];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t look = repeats(kind) ? m->anomaly_count : 0;
    for (size_t i = look; i > 0 && look - i < LOOK_BACK; i--) {
        struct anomaly *a = &m->anomalies[i - 1];
        if (strcmp(a->kind, kind) == 0 && a->vpn == vpn && a->tunnel == tunnel &&
            now - a->last_ns < SAME_NS) {
            a->last_ns = now;
            a->count++;
            memcpy(a->text, text, sizeof(text));
            return;
        }
    }
    if (m->anomaly_count == ANOMALIES_MAX) {
        m->anomalies_left_out++;
        return;
    }
    m->anomalies =
        array_grow(m->anomalies, m->anomaly_count, &m->anomaly_cap, sizeof(*m->anomalies));
    struct anomaly *a = &m->anomalies[m->anomaly_count++];
    *a = (struct anomaly){
        .at_ns = now, .last_ns = now, .kind = kind, .vpn = vpn, .tunnel = tunnel, .count = 1};
    memcpy(a->text, text, sizeof(text));
}

static void watch_end(struct monitor *m, uint32_t n, int64_t now)
{
    struct end *e = &m->ends[n];
    if (e->dropped)
        return;
    if (e->state == END_WAITING && now - e->began_ns > NEVER_NS) {
        e->state = END_NEVER;
        anomaly_say(m, "never-answers", NONE, n,
                    "%s never answered: no ping and no probe came back through its tunnel",
                    e->name);
    }
    /* Without pings only receivers have something to say. */
    bool has_to = m->file->legs_pps > 0 && e->ping_heard_ns > 0;
    if (e->state == END_ANSWERS && has_to && now - e->heard_ns > SILENT_NS) {
        e->state = END_SILENT;
        anomaly_say(m, "silent", NONE, n, "%s does not answer any more: neither pings nor probes",
                    e->name);
    }
}

static void find_senders(struct monitor *m, int64_t now)
{
    for (size_t i = 0; i < m->vpn_count; i++)
        m->vpns[i].sender_answers = false;
    for (size_t i = 0; i < m->stream_count; i++) {
        const struct stream *s = &m->streams[i];
        const struct end *e = &m->ends[s->tunnel];
        if (s->on && (e->ping_heard_ns == 0 || now - e->heard_ns < ALIVE_NS))
            m->vpns[m->tasks[s->task].vpn].sender_answers = true;
    }
}

/* A router that answers, in whose VPN a router that answers sends: the group is what is missing. */
static void watch_member(struct monitor *m, struct member *b, int64_t now)
{
    const struct end *e = &m->ends[b->tunnel];
    const struct vpn *v = &m->vpns[b->vpn];
    if (b->state != MEMBER_JOINED || b->lost || b->expected_pps <= 0 || !v->sender_answers ||
        now - e->ping_heard_ns > ALIVE_NS)
        return;
    int64_t patience_ns = SILENT_NS, missed_ns = (int64_t)(PROBES_MISSED * 1e9 / b->expected_pps);
    if (missed_ns > patience_ns)
        patience_ns = missed_ns;
    if (b->heard_ns == 0)
        patience_ns += NEVER_NS;
    int64_t since = b->heard_ns > b->expected_ns ? b->heard_ns : b->expected_ns;
    if (now - since < patience_ns)
        return;
    b->lost = true;
    if (b->heard_ns == 0)
        anomaly_say(m, "no-group", b->vpn, b->tunnel,
                    "%s answers, but never delivered the group of VPN %s since it was joined",
                    e->name, v->name);
    else
        anomaly_say(m, "group-lost", b->vpn, b->tunnel,
                    "%s answers, but lost the group of VPN %s: its probes have stopped", e->name,
                    v->name);
}

static void watch_apparatus(struct monitor *m, int64_t now)
{
    struct tunnels_stats s;
    tunnels_stats_get(m->tunnels, &s);
    if (s.ring_dropped > m->ring_dropped)
        anomaly_say(m, "ring-dropped", NONE, NONE,
                    "the receive ring was full: %" PRIu64 " packets dropped by this host so far",
                    s.ring_dropped);
    m->ring_dropped = s.ring_dropped;
    if (s.interface_gone != m->gone) {
        m->gone = s.interface_gone;
        anomaly_say(m, m->gone ? "interface-gone" : "interface-back", NONE, NONE,
                    m->gone ? "the interface vanished or went down: nothing is sent or received"
                            : "the interface is back");
        for (uint32_t i = 0; i < m->end_count && !m->gone; i++)
            members_again(m, i, 0, NS_PER_S);
    }
    if (m->gone)
        m->quiet_until_ns = now + SILENT_NS + NS_PER_S;
    uint64_t late = 0;
    for (size_t i = 0; i < m->stream_count; i++) {
        late += m->streams[i].late;
        m->streams[i].late = 0;
    }
    if (late > 0)
        anomaly_say(m, "late", NONE, NONE, "this host was too late for %" PRIu64 " probes", late);
}

void anomalies_watch(struct monitor *m)
{
    int64_t now = now_ns(m);
    watch_apparatus(m, now);
    if (now < m->quiet_until_ns || m->finishing)
        return;
    for (uint32_t i = 0; i < m->end_count; i++)
        watch_end(m, i, now);
    find_senders(m, now);
    for (size_t i = 0; i < m->member_count; i++)
        watch_member(m, &m->members[i], now);
}
