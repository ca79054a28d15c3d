/* The window flow by flow at the door (emul_flows.h): branches as receivers with names. */
#include "emul/lab/lab.h"
#include "emul/traffic/flow.h"
#include "mvpnbench/emul_flows.h"

#include <stdio.h>

struct walk {
    const struct emul *e;
    emul_flow_fn *fn;
    void *arg;
};

/* An MI-PMSI stands for the remote PEs behind it, which see the same packets. */
static int each_pe(const struct walk *w, uint32_t v, uint32_t j, struct emul_flow *row)
{
    const struct instance_spec *s = &w->e->net.spec;
    char text[IP4_TEXT];
    for (uint32_t pe = 1; pe <= s->remote_pes; pe++) {
        if (!topology_pe_receives(s, v, j, pe))
            continue;
        (void)snprintf(row->receiver, sizeof(row->receiver), "PE %u (%s)", pe,
                       ip4_text(topology_remote_pe_addr(s, pe), text));
        int result = w->fn(w->arg, row);
        if (result != 0)
            return result;
    }
    return 0;
}

static int each_pair(void *arg, const struct analyser_pair *p)
{
    const struct walk *w = arg;
    const struct instance_spec *s = &w->e->net.spec;
    uint32_t v = 0, j = 0, k = 0;
    struct emul_flow row = {
        .vpn = p->vpn,
        .flow = p->flow,
        .ingress = p->ingress,
        .sent = p->sent,
        .received = p->received,
        .lost = p->sent - p->received,
        .not_joined = p->not_joined,
        .duplicate = p->duplicate,
        .reordered = p->reordered,
        .misdelivered = p->misdelivered,
        .latency_min_ns = p->latency_min_ns,
        .latency_avg_ns = p->latency_avg_ns,
        .latency_max_ns = p->latency_max_ns,
    };
    if (p->flow >= 1 && p->flow <= spec_flow_count(s)) {
        topology_flow_split(s, p->flow, &v, &j, &k);
        row.group = topology_group(s, j);
        row.source = topology_source(s, topology_site_of_group(s, j), k);
    }
    if (p->weight > 0 && p->branch == ANALYSER_MI_PMSI)
        return each_pe(w, v, j, &row);
    flow_branch_name(p->branch, row.receiver, sizeof(row.receiver));
    return w->fn(w->arg, &row);
}

void emul_flows_keep(struct emul *e)
{
    analyser_pairs_keep(e->analyser);
}

int emul_flows_each(const struct emul *e, emul_flow_fn *fn, void *arg)
{
    struct walk w = {e, fn, arg};
    return analyser_pairs_each(e->analyser, each_pair, &w);
}
