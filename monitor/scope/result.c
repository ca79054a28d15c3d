/* The monitor's state as JSON (DESIGN B.8): what is not known is null. */
#include "monitor/scope/scope.h"

#include "mvpnbench/monitor.h"

#include <math.h>

static json_t *real_or_null(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *ns_or_null(bool known, int64_t ns)
{
    return known ? json_integer(ns) : json_null();
}

static json_t *count(uint64_t v)
{
    return json_integer((json_int_t)v);
}

static json_t *delay_json(const struct histogram *h)
{
    bool known = h->count > 0;
    json_t *o = json_object();
    json_object_set_new(o, "min", ns_or_null(known, h->min_ns));
    json_object_set_new(o, "avg", ns_or_null(known, known ? h->sum_ns / (int64_t)h->count : 0));
    json_object_set_new(o, "p50", ns_or_null(known, histogram_quantile(h, 0.5)));
    json_object_set_new(o, "p99", ns_or_null(known, histogram_quantile(h, 0.99)));
    json_object_set_new(o, "max", ns_or_null(known, h->max_ns));
    return o;
}

/* A router does not send a packet back into the tunnel it came by: a sender that is its own
 * receiver is a pair only once a copy has come back. */
bool pair_shown(const struct pair *p)
{
    return p->from != p->to || p->heard;
}

static json_t *legs_json(const struct leg *from, const struct leg *to)
{
    const char *method = NULL;
    if (from->from_inferred && to->to_inferred)
        method = "inference";
    else if (!isnan(from->from_loss) || !isnan(to->to_loss))
        method = "ping";
    json_t *o = json_object();
    json_object_set_new(o, "method", method == NULL ? json_null() : json_string(method));
    json_object_set_new(o, "from_loss", real_or_null(from->from_loss));
    json_object_set_new(o, "to_loss", real_or_null(to->to_loss));
    json_object_set_new(o, "from_delay_ns",
                        ns_or_null(from->from_delay_ns >= 0, from->from_delay_ns));
    json_object_set_new(o, "to_delay_ns", ns_or_null(to->to_delay_ns >= 0, to->to_delay_ns));
    return o;
}

/* What is left of loss and delay when the two tunnels are taken off. Losses on the way are
 * independent, so pass probabilities divide; noise below nothing is nothing. */
static json_t *backbone_json(const struct pair *p, double loss, const struct leg *from,
                             const struct leg *to)
{
    double tunnels = (1 - from->from_loss) * (1 - to->to_loss), rest = NAN;
    if (!isnan(loss) && !isnan(tunnels) && tunnels > 0)
        rest = fmax(0, 1 - (1 - loss) / tunnels);
    bool known = p->delay.count > 0 && from->from_delay_ns >= 0 && to->to_delay_ns >= 0;
    int64_t delay_ns = histogram_quantile(&p->delay, 0.5) - from->from_delay_ns - to->to_delay_ns;
    json_t *o = json_object();
    json_object_set_new(o, "loss", real_or_null(rest));
    json_object_set_new(o, "delay_ns", ns_or_null(known, delay_ns));
    return o;
}

json_t *pair_json(const struct monitor *m, const struct pair *p)
{
    const struct stream *s = &m->streams[p->stream];
    const struct task *t = &m->tasks[s->task];
    struct pair_counts c;
    struct leg from, to;
    leg_get(m, p->from, &from);
    leg_get(m, p->to, &to);
    pair_counts_get(p, s->sent.settled, &c);
    double loss = c.sent > 0 ? (double)c.lost / (double)c.sent : NAN;
    json_t *o = json_object();
    json_object_set_new(o, "vpn", json_string(m->vpns[t->vpn].name));
    json_object_set_new(o, "from", json_string(m->ends[p->from].name));
    json_object_set_new(o, "to", json_string(m->ends[p->to].name));
    json_object_set_new(o, "task", json_string(t->name));
    json_object_set_new(o, "sent", count(c.sent));
    json_object_set_new(o, "received", count(c.received));
    json_object_set_new(o, "lost", count(c.lost));
    json_object_set_new(o, "duplicate", count(p->duplicate));
    json_object_set_new(o, "reordered", count(p->reordered));
    json_object_set_new(o, "loss", real_or_null(loss));
    json_object_set_new(o, "delay_ns", delay_json(&p->delay));
    json_object_set_new(o, "jitter_ns", ns_or_null(p->delay.count > 1, (int64_t)p->jitter_ns));
    json_object_set_new(o, "legs", legs_json(&from, &to));
    json_object_set_new(o, "backbone", backbone_json(p, loss, &from, &to));
    json_object_set_new(o, "warm_up", count(c.warm_up));
    json_object_set_new(o, "late", count(p->late));
    return o;
}

static const char *state_of(const struct end *e)
{
    static const char *const names[] = {[END_WAITING] = "waiting",
                                        [END_NEVER] = "never answered",
                                        [END_ANSWERS] = "answers",
                                        [END_SILENT] = "silent"};
    return e->dropped ? "dropped" : names[e->state];
}

static json_t *end_json(const struct monitor *m, uint32_t n, bool flat)
{
    const struct end *e = &m->ends[n];
    const struct tunnel_spec *s = tunnels_spec(m->tunnels, n);
    char local[IP4_TEXT], remote[IP4_TEXT];
    struct pair_counts c;
    struct leg leg;
    pair_counts_get(&e->rtt, e->pings.settled, &c);
    leg_get(m, n, &leg);
    json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", e->name, "role",
                          e->role == SCOPE_P ? "P" : "PE", "local", ip4_text(s->local, local),
                          "remote", ip4_text(s->remote, remote), "state", state_of(e));
    json_object_set_new(o, "pings", count(c.sent));
    json_object_set_new(o, "answers", count(c.received));
    if (flat)
        json_object_set_new(
            o, "rtt_p50_ns",
            ns_or_null(e->rtt.delay.count > 0, histogram_quantile(&e->rtt.delay, 0.5)));
    else
        json_object_set_new(o, "rtt_ns", delay_json(&e->rtt.delay));
    json_object_set_new(o, "from_loss", real_or_null(leg.from_loss));
    json_object_set_new(o, "to_loss", real_or_null(leg.to_loss));
    json_object_set_new(o, "foreign", count(e->foreign));
    json_object_set_new(o, "strange", count(e->strange));
    return o;
}

json_t *ends_json(const struct monitor *m, bool flat)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < m->end_count; i++)
        json_array_append_new(rows, end_json(m, i, flat));
    return rows;
}

json_t *anomalies_json(const struct monitor *m)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < m->anomaly_count; i++) {
        const struct anomaly *a = &m->anomalies[i];
        json_t *o = json_object();
        json_object_set_new(o, "at", json_real((double)a->at_ns / 1e9));
        json_object_set_new(o, "kind", json_string(a->kind));
        json_object_set_new(o, "vpn",
                            a->vpn == NONE ? json_null() : json_string(m->vpns[a->vpn].name));
        json_object_set_new(o, "tunnel",
                            a->tunnel == NONE ? json_null() : json_string(m->ends[a->tunnel].name));
        json_object_set_new(o, "text", json_string(a->text));
        json_object_set_new(o, "count", count(a->count));
        json_array_append_new(rows, o);
    }
    return rows;
}

size_t monitor_anomalies(const struct monitor *m)
{
    return m->anomaly_count;
}

const char *monitor_anomaly_text(const struct monitor *m, size_t i)
{
    return i < m->anomaly_count ? m->anomalies[i].text : NULL;
}

static json_t *host_json(const struct monitor *m)
{
    struct tunnels_stats s;
    uint64_t not_sent = 0;
    tunnels_stats_get(m->tunnels, &s);
    for (size_t i = 0; i < m->stream_count; i++)
        not_sent += m->streams[i].not_sent;
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "packets_sent", (json_int_t)s.sent,
                     "packets_received", (json_int_t)s.received, "send_errors",
                     (json_int_t)s.send_errors, "probes_not_sent", (json_int_t)not_sent,
                     "ring_dropped", (json_int_t)s.ring_dropped, "not_understood",
                     (json_int_t)s.strange);
}

void monitor_totals_get(const struct monitor *m, struct monitor_totals *out)
{
    *out = (struct monitor_totals){0};
    for (size_t i = 0; i < m->pair_count; i++) {
        const struct pair *p = &m->pairs[i];
        struct pair_counts c;
        if (!pair_shown(p))
            continue;
        pair_counts_get(p, m->streams[p->stream].sent.settled, &c);
        out->pairs++;
        out->sent += c.sent;
        out->received += c.received;
        out->lost += c.lost;
    }
}

json_t *monitor_result(const struct monitor *m, size_t pairs)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < m->pair_count && json_array_size(rows) < pairs; i++) {
        if (pair_shown(&m->pairs[i]))
            json_array_append_new(rows, pair_json(m, &m->pairs[i]));
    }
    json_t *o = json_object();
    json_object_set_new(o, "pairs", rows);
    if (m->passive_count > 0 || m->customers)
        json_object_set_new(o, "passive", passive_json(m));
    json_object_set_new(o, "tunnels", ends_json(m, false));
    json_object_set_new(o, "anomalies", anomalies_json(m));
    json_object_set_new(o, "anomalies_left_out", count(m->anomalies_left_out));
    json_object_set_new(o, "host", host_json(m));
    return o;
}
