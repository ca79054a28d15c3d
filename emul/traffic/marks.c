/* The analyser's block counters (blocks.h): what each event of a packet means to them. */
#include "emul/traffic/blocks.h"
#include "emul/traffic/state.h"

uint8_t analyser_flags(const struct analyser *a, struct instant at)
{
    bool odd = a->blocks != NULL && (blocks_number(at.ns, a->block_ns) & 1) != 0;
    return odd ? PROBE_COLOUR : 0;
}

static void at_source(struct analyser *a, enum blocks_point point, uint32_t flow, int64_t at_ns,
                      int by)
{
    struct flow_place place = flow_place_get(&a->table, flow - 1);
    blocks_count(a->blocks, point, place.vpn, place.site, blocks_number(at_ns, a->block_ns), by);
}

void marks_due(struct analyser *a, uint32_t flow, struct instant at)
{
    at_source(a, BLOCKS_DUE, flow, at.ns, 1);
}

void analyser_left(struct analyser *a, uint32_t flow, struct instant at)
{
    if (a->blocks != NULL && window_has(a, at.ns))
        at_source(a, BLOCKS_SENT, flow, at.ns, 1);
}

static int64_t block_of(const struct analyser *a, const struct probe *p, struct instant at)
{
    return blocks_of(at.ns, a->block_ns, (p->flags & PROBE_COLOUR) != 0);
}

void marks_arrived(struct analyser *a, uint32_t v, uint32_t branch, const struct probe *p,
                   struct instant at)
{
    blocks_count(a->blocks, BLOCKS_ARRIVED, v, branch, block_of(a, p, at), 1);
}

void analyser_died(struct analyser *a, uint32_t v, const struct probe *p, struct instant at)
{
    const struct flow_table *t = &a->table;
    uint32_t local = p->flow - 1 - (v - 1) * t->flows_per_vpn;
    if (a->blocks != NULL && window_has(a, p->sent_ns) && p->vpn == v && v - 1 < t->mvpns &&
        local < t->ingress_flows)
        blocks_count(a->blocks, BLOCKS_DIED, v, 0, block_of(a, p, at), 1);
}

/* Of packets at the very edge of a window only the newest of a flow can be one (window.c). Whether
 * one that has not arrived was on the wire is not known then; it counts as sent. */
void marks_edge(struct analyser *a, const struct flow_place *place, int by)
{
    const struct flow_state *f = &a->flows[place->flow - 1];
    int64_t block = blocks_number(f->last_at, a->block_ns);
    at_source(a, BLOCKS_DUE, place->flow, f->last_at, by);
    if (!f->last_withheld)
        at_source(a, BLOCKS_SENT, place->flow, f->last_at, by);
    for (uint32_t slot = 0; slot < place->pairs; slot++) {
        if (a->pairs[place->first_pair + slot].next == f->sent)
            blocks_count(a->blocks, BLOCKS_ARRIVED, place->vpn,
                         flow_branch_of(&a->table, place, slot), block, by);
    }
}

const struct blocks *analyser_blocks(const struct analyser *a)
{
    return a->blocks;
}
