/* On which MDT the packets of a flow arrive, and what a switch from one to the other costs. */
#include "emul/lab/lab.h"

#define AFTER_SWITCH_NS (3 * NS_PER_S) /* packets sent so long after t1 belong to the switch */
#define UNDER_WAY_NS    NS_PER_S       /* a packet that was sent so lately may still arrive */

/* A TLV so shortly before a flow's first packet on the default MDT begins a switch: routers
 * announce when the flow begins. */
#define TLV_FIRST_NS (100 * NS_PER_MS)
#define SEEN_BITS    64u

/* The first packet of the flow that is due after the instant t. */
static uint32_t first_due(const struct emul *e, uint32_t flow, int64_t t_ns)
{
    int64_t since_ns = t_ns - e->spmsi.start.ns - analyser_phase_ns(e->analyser, flow);
    int64_t period_ns = e->net.spec.period_ns;
    return since_ns < 0 ? 0 : (uint32_t)(since_ns / period_ns) + 1;
}

uint32_t spmsi_lost(const struct emul *e, const struct spmsi_flow *f, struct instant now)
{
    if ((f->flags & SPMSI_SWITCHED) == 0)
        return 0;
    uint32_t end = first_due(e, f->flow, now.ns - UNDER_WAY_NS);
    if (end > f->end)
        end = f->end;
    return end > f->first + f->got ? end - f->first - f->got : 0;
}

void spmsi_fold(struct emul *e, struct spmsi_flow *f)
{
    if ((f->flags & SPMSI_SWITCHED) == 0)
        return;
    e->spmsi.lost += spmsi_lost(e, f, net_now(&e->net));
    e->spmsi.duplicate += f->duplicate;
    f->flags &= (uint8_t)~SPMSI_SWITCHED;
}

void spmsi_begin(struct emul *e, struct spmsi_flow *f, struct instant t0)
{
    spmsi_fold(e, f);
    f->t0_ns = t0.ns;
    f->first = e->spmsi.start.ns == INT64_MAX ? 0 : first_due(e, f->flow, t0.ns);
    f->end = UINT32_MAX;
    f->got = f->duplicate = 0;
}

static void complete(struct emul *e, struct spmsi_flow *f, struct instant t1)
{
    struct lab_spmsi *s = &e->spmsi;
    int64_t delay_ns = t1.ns - f->t0_ns;
    if (s->switches == 0 || delay_ns < s->delay_min_ns)
        s->delay_min_ns = delay_ns;
    if (s->switches == 0 || delay_ns > s->delay_max_ns)
        s->delay_max_ns = delay_ns;
    s->delay_sum_ns += delay_ns;
    s->switches++;
    f->flags |= SPMSI_SWITCHED;
    f->end = first_due(e, f->flow, t1.ns + AFTER_SWITCH_NS);
    f->t0_ns = INT64_MIN;
}

enum seen { SEEN_FIRST, SEEN_AGAIN, SEEN_ON_OTHER };

/* note_seen tells whether the packet has been here before, or on the other kind of MDT. */
static enum seen note_seen(struct spmsi_flow *f, uint32_t sequence, bool data)
{
    if (sequence >= f->newest) {
        uint32_t shift = sequence - f->newest + 1;
        f->on_default = shift < SEEN_BITS ? f->on_default << shift : 0;
        f->on_data = shift < SEEN_BITS ? f->on_data << shift : 0;
        f->newest = sequence + 1;
    }
    uint32_t age = f->newest - 1 - sequence;
    if (age >= SEEN_BITS)
        return SEEN_AGAIN;
    uint64_t bit = UINT64_C(1) << age;
    uint64_t *here = data ? &f->on_data : &f->on_default;
    bool other = ((data ? f->on_default : f->on_data) & bit) != 0;
    bool again = (*here & bit) != 0;
    *here |= bit;
    return other ? SEEN_ON_OTHER : again ? SEEN_AGAIN : SEEN_FIRST;
}

static enum seen note_packet(struct spmsi_flow *f, uint32_t sequence, bool data)
{
    enum seen seen = note_seen(f, sequence, data);
    bool counts = sequence >= f->first && sequence < f->end;
    if (seen == SEEN_FIRST)
        f->got += counts;
    else
        f->duplicate += counts;
    f->both += seen == SEEN_ON_OTHER;
    return seen;
}

/* Only flows that have to do with data MDTs have records. */
static bool is_meant(const struct net *n, uint32_t v, uint32_t j, uint32_t k)
{
    return plan_spmsi(&n->plan, &n->spec, v, j, k) != 0;
}

void lab_spmsi_default(struct emul *e, uint32_t v, uint32_t j, uint32_t k,
                       const struct probe *probe, struct instant at)
{
    struct spmsi_flow *f = spmsi_record(e, v, j, k, is_meant(&e->net, v, j, k));
    if (f == NULL)
        return;
    enum seen seen = note_packet(f, (uint32_t)probe->sequence, false);
    f->default_ns = at.ns;
    if (seen != SEEN_FIRST || (f->flags & SPMSI_MOVED) == 0)
        return;
    /* It fell back. */
    f->flags &= (uint8_t)~SPMSI_MOVED;
    f->t0_ns = INT64_MIN;
    if ((f->flags & SPMSI_ANNOUNCED) != 0 && at.ns - f->tlv_ns <= TLV_FIRST_NS)
        spmsi_begin(e, f, (struct instant){f->tlv_ns});
}

/* For up to an interval after the P link came back no TLV of a flow that moved long ago comes. */
static bool is_silent(const struct emul *e, const struct spmsi_flow *f, struct instant at)
{
    return (f->flags & SPMSI_KNOWN) == 0 ||
           instant_diff(at, e->spmsi.p_since) > MDT_INTERVAL_NS + MDT_INTERVAL_NS / 10;
}

bool lab_spmsi_data(struct emul *e, uint32_t slot, uint32_t v, uint32_t j, uint32_t k,
                    const struct probe *probe, struct instant at)
{
    struct spmsi_flow *f = spmsi_record(e, v, j, k, true);
    f->data_ns = at.ns;
    bool announced = slot != SPMSI_NONE && f->slot == slot;
    if (!announced) {
        f->silent += is_silent(e, f, at);
        return false;
    }
    if (!p_router_data_joined(e->p, slot))
        return false;
    enum seen seen = note_packet(f, (uint32_t)probe->sequence, true);
    bool moves = (f->flags & SPMSI_MOVED) == 0;
    f->flags |= SPMSI_MOVED;
    if (moves && seen == SEEN_FIRST && f->t0_ns != INT64_MIN)
        complete(e, f, at);
    else if (moves)
        f->t0_ns = INT64_MIN;
    return true;
}

void lab_spmsi_withheld(struct emul *e, uint32_t v, uint32_t j, uint32_t k, uint64_t sequence)
{
    struct spmsi_flow *f = spmsi_record(e, v, j, k, false);
    if (f != NULL && sequence >= f->first && sequence < f->end)
        f->got++;
}

void lab_spmsi_sources(struct emul *e, struct instant now)
{
    struct lab_spmsi *s = &e->spmsi;
    for (size_t ix = 0; ix < s->flow_count; ix++) {
        struct spmsi_flow *f = &s->flows[ix];
        spmsi_fold(e, f);
        f->newest = f->first = f->end = 0;
        f->on_default = f->on_data = 0;
    }
    s->start = now;
}

void lab_spmsi_window(struct emul *e)
{
    for (size_t ix = 0; ix < e->spmsi.flow_count; ix++)
        e->spmsi.flows[ix].both = e->spmsi.flows[ix].silent = 0;
}
