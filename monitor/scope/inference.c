/*
 * One-way losses of the tunnels by inference, configuration C (PROTOCOLS 10.4): a probe goes out
 * through one tunnel; its router sends a copy back through another tunnel to the same router, and
 * one through the tree to the reflector (`mvpnbench oneway reflect`), whose answer comes back
 * through that second tunnel too. So each router needs two tunnels; each takes both parts in turn.
 */
#include "monitor/scope/scope.h"

#include "emul/base/mem.h"
#include "monitor/oneway/live.h"

#include <math.h>
#include <stdlib.h>

#define RUN_BITS    20u             /* probes of one run number: the reflector's memory ends */
#define PATIENCE_NS (10 * NS_PER_S) /* until silence is said */
#define RING_S      8.0
#define SETTLE_NS   (3 * NS_PER_S)
#define LEAD_NS     (2 * NS_PER_S)
#define BYTES       100u
#define TTL         64
#define GROUP_NAME  "(legs)"

/* For each tunnel the next one that ends at the same router. */
static void find_companions(struct monitor *m)
{
    struct inference *f = &m->inference;
    size_t n = m->end_count;
    f->order = mem_zalloc(n, sizeof(*f->order));
    for (size_t i = 0; i < n; i++) {
        ip4_t remote = tunnels_spec(m->tunnels, i)->remote;
        for (size_t k = 1; k < n && m->ends[i].companion == NONE; k++) {
            size_t other = (i + k) % n;
            if (tunnels_spec(m->tunnels, other)->remote != remote)
                continue;
            m->ends[i].companion = (uint32_t)other;
            m->ends[other].companion_of = (uint32_t)i;
            f->order[f->count++] = (uint32_t)i;
        }
        if (m->ends[i].companion == NONE)
            anomaly_say(m, "legs", NONE, (uint32_t)i,
                        "%s: inference needs two tunnels to a router; half of the round trip is "
                        "taken instead",
                        m->ends[i].name);
    }
}

int inference_open(struct monitor *m, struct err *err)
{
    struct inference *f = &m->inference;
    if (m->file->legs != LEGS_INFERENCE)
        return 0;
    if (m->file->reflector == 0) {
        anomaly_say(m, "legs", NONE, NONE,
                    "inference needs a reflector or a second host ('reflector: ADDRESS'); half of "
                    "the round trip is taken instead");
        return 0;
    }
    find_companions(m);
    if (f->count == 0)
        return 0;
    int vpn = vpn_add(m, GROUP_NAME, m->file->legs_group, true, err);
    if (vpn < 0)
        return -1;
    f->vpn = (uint32_t)vpn;
    for (size_t i = 0; i < f->count; i++)
        member_need(m, f->vpn, m->ends[f->order[i]].companion, 0);
    f->on = true;
    f->begin_ns = now_ns(m);
    /* Runs are told apart by when they began. */
    f->run = (uint32_t)(f->begin_ns / NS_PER_S);
    double pps = m->file->infer_pps * (double)f->count;
    f->period_ns = (int64_t)(1e9 / pps);
    for (f->ring_size = 64; (double)f->ring_size < pps * RING_S;)
        f->ring_size *= 2;
    f->ring = mem_zalloc(f->ring_size, 1);
    f->due_ns = f->begin_ns + LEAD_NS;
    queue_put(&m->inferring, 0, f->due_ns);
    return 0;
}

void inference_due(struct monitor *m, uint32_t number, int64_t at_ns)
{
    struct inference *f = &m->inference;
    uint8_t packet[PROBE_PACKET_MAX];
    (void)number;
    if (m->finishing)
        return;
    uint64_t n = f->probes.next;
    uint32_t tunnel = f->order[n % f->count];
    struct probe_packet p = {.src = tunnels_spec(m->tunnels, tunnel)->inner_local,
                             .dst = m->file->legs_group,
                             .sport = PROBE_PORT,
                             .ttl = TTL,
                             .bytes = BYTES,
                             .probe = {.vpn = f->run + (uint32_t)(n >> RUN_BITS),
                                       .flow = FLOW_DIRECT,
                                       .sequence = n & ((UINT64_C(1) << RUN_BITS) - 1),
                                       .sent_ns = now_ns(m)}};
    size_t len = probe_packet_write(&p, packet);
    /* A number that could not be sent is used again: its tunnel waits for its turn. */
    if (n - f->done < f->ring_size && !m->ends[tunnel].dropped &&
        tunnels_send(m->tunnels, tunnel, packet, len, 0, NULL) == 0) {
        f->ring[n % f->ring_size] = 0;
        f->probes.next++;
    }
    int64_t now = now_ns(m);
    f->due_ns = (now - at_ns > NS_PER_S ? now : at_ns) + f->period_ns;
    queue_put(&m->inferring, 0, f->due_ns);
}

/* The trees of the probe and of its reflection have come up; a while later they have settled. */
static void reflection_begins(struct monitor *m, struct end *e)
{
    struct inference *f = &m->inference;
    e->reflects_from = f->probes.next + (uint64_t)(SETTLE_NS / f->period_ns);
    if (!f->alive && f->said)
        anomaly_say(m, "legs", NONE, NONE, "the reflector answers now");
    f->alive = true;
}

void inference_take(struct monitor *m, uint32_t tunnel, const struct probe_packet *p)
{
    struct inference *f = &m->inference;
    uint64_t n = ((uint64_t)(p->probe.vpn - f->run) << RUN_BITS) | p->probe.sequence;
    if (p->probe.sequence >> RUN_BITS != 0 || n >= f->probes.next || n < f->done ||
        (p->probe.flow != FLOW_DIRECT && p->probe.flow != FLOW_REFLECTED)) {
        m->ends[tunnel].foreign++;
        return;
    }
    struct end *e = &m->ends[f->order[n % f->count]];
    if (e->companion != tunnel)
        return;
    f->ring[n % f->ring_size] |= p->probe.flow == FLOW_DIRECT ? 1 : 2;
    if (p->probe.flow == FLOW_REFLECTED && e->reflects_from == UINT64_MAX)
        reflection_begins(m, e);
}

/* Counts what was sent long enough ago. */
void inference_watch(struct monitor *m)
{
    struct inference *f = &m->inference;
    if (!f->on)
        return;
    uint64_t until = f->old[3];
    for (; f->done < until; f->done++) {
        struct end *e = &m->ends[f->order[f->done % f->count]];
        struct minc_counts *c = &e->reflected;
        uint64_t *cell[] = {&c->n00, &c->n10, &c->n01, &c->n11};
        if (f->done >= e->reflects_from)
            ++*cell[f->ring[f->done % f->ring_size] & 3];
    }
    for (int i = 3; i > 0; i--)
        f->old[i] = f->old[i - 1];
    f->old[0] = f->probes.next;
    if (!f->alive && !f->said && now_ns(m) - f->begin_ns > PATIENCE_NS) {
        char text[IP4_TEXT];
        f->said = true;
        anomaly_say(m, "legs", NONE, NONE,
                    "nothing comes back from the reflector %s; half of the round trip is taken "
                    "until it does",
                    ip4_text(m->file->reflector, text));
    }
}

static bool estimate(const struct monitor *m, uint32_t tunnel, int link, double *loss)
{
    struct minc_estimate e;
    const struct inference *f = &m->inference;
    if (!f->alive || tunnel == NONE || m->ends[tunnel].companion == NONE)
        return false;
    minc_reflected(&m->ends[tunnel].reflected, &e);
    if (isnan(e.pass[link]))
        return false;
    *loss = e.pass[link] > 1 ? 0 : 1 - e.pass[link];
    return true;
}

bool inference_from(const struct monitor *m, uint32_t tunnel, double *loss)
{
    return estimate(m, tunnel, MINC_ROOT, loss);
}

bool inference_to(const struct monitor *m, uint32_t tunnel, double *loss)
{
    return estimate(m, m->ends[tunnel].companion_of, MINC_LEAF2, loss);
}
