/* Draft 9.11: what becomes of a flow whose source begins to send, from its TLV to its data MDT. */
#include "emul/lab/lab.h"

#include "emul/base/mem.h"

#include <string.h>

#define HOLDDOWN_NS (61 * NS_PER_S)                          /* MDT_DATA_HOLDDOWN, and a little */
#define SILENCE_NS  (MDT_INTERVAL_NS + MDT_INTERVAL_NS / 10) /* a TLV would have come by then */

bool emul_switch_rested(const struct emul *e, uint32_t flow)
{
    const struct lab_fast *s = &e->fast;
    int64_t now_ns = net_now(&e->net).ns;
    if (s->rests == NULL || s->rests[flow - 1].since_ns == INT64_MAX ||
        now_ns - s->rests[flow - 1].since_ns < HOLDDOWN_NS)
        return false;
    int64_t tlv_ns = lab_spmsi_newest_tlv(e, flow);
    return tlv_ns == INT64_MIN || now_ns - tlv_ns >= SILENCE_NS;
}

int emul_switch_begin(struct emul *e, const uint32_t *flows, size_t count, struct err *err)
{
    return lab_fast_start(e, flows, count, err);
}

void lab_switch_tlv(struct emul *e, uint32_t flow, struct instant at)
{
    struct fast_flow *f = e->fast.generator == NULL ? NULL : lab_fast_of(e, flow);
    if (f == NULL || f->t0.ns != INT64_MAX)
        return;
    f->t0 = at;
    f->first = f->sent;
}

/* note_seen tells whether the packet has been here before. */
static bool note_seen(struct fast_flow *f, uint32_t ix)
{
    size_t word = ix / 64;
    if (word >= f->words) {
        size_t words = word * 2 + 64;
        f->seen = mem_realloc(f->seen, words, sizeof(*f->seen));
        memset(f->seen + f->words, 0, (words - f->words) * sizeof(*f->seen));
        f->words = words;
    }
    uint64_t bit = UINT64_C(1) << (ix % 64);
    bool again = (f->seen[word] & bit) != 0;
    f->seen[word] |= bit;
    return again;
}

void lab_switch_packet(struct fast_flow *f, uint32_t sequence, bool data, struct instant at)
{
    uint32_t ix = sequence - f->base;
    if (ix >= f->sent)
        return; /* of an earlier stream */
    bool again = note_seen(f, ix), counts = f->t0.ns != INT64_MAX && ix >= f->first && ix < f->end;
    f->got += counts && !again;
    f->duplicate += counts && again;
    if (data && f->t0.ns != INT64_MAX && f->t1.ns == INT64_MAX)
        f->t1 = at;
}

void emul_switch_get(struct emul *e, struct emul_switch *out, size_t count)
{
    for (size_t i = 0; i < count && i < e->fast.count; i++) {
        const struct fast_flow *f = &e->fast.flows[i];
        uint32_t end = f->end < f->sent ? f->end : f->sent;
        uint32_t meant = f->t0.ns != INT64_MAX && end > f->first ? end - f->first : 0;
        out[i] = (struct emul_switch){.flow = f->flow,
                                      .t0 = f->t0,
                                      .t1 = f->t1,
                                      .lost = meant > f->got ? meant - f->got : 0,
                                      .duplicate = f->duplicate};
    }
}

void emul_switch_end(struct emul *e)
{
    lab_fast_stop(e);
}
