/* The verdict on an instance's steady state (DESIGN A.5). */
#include "emul/base/mem.h"
#include "harness/run/instance_in.h"
#include "harness/run/multicast.h"
#include "harness/run/record.h"

#include <stdio.h>
#include <stdlib.h>

void procedure_fail(struct procedure *p, const struct emul_failure *f)
{
    p->failures = array_grow(p->failures, p->failure_count, &p->failure_cap, sizeof(*p->failures));
    p->failures[p->failure_count++] = *f;
}

size_t procedure_collect(struct procedure *p)
{
    enum { AT_ONCE = 128 };
    struct emul_failure *found = mem_zalloc(AT_ONCE, sizeof(*found));
    size_t count = emul_failures(p->emul, found, AT_ONCE);
    for (size_t i = 0; i < count && i < AT_ONCE; i++) {
        if (found[i].criterion != CRIT_REORDERED)
            procedure_fail(p, &found[i]);
    }
    free(found);
    return count;
}

static void judge_metric(struct procedure *p, const struct dut_view *view)
{
    for (int i = 0; i < METRIC_VARS; i++) {
        int64_t seen = view->metric.v[i], want = p->expected.v[i];
        const char *name = metric_name((enum metric_var)i);
        if (seen == METRIC_UNKNOWN) {
            record_notef(p->out->notes, "procedure", "%s could not be read from the DUT", name);
        } else if (seen < want) {
            struct emul_failure f = {.criterion = CRIT_METRIC, .count = (uint64_t)(want - seen)};
            (void)snprintf(f.interface, sizeof(f.interface), "%s %lld < %lld", name,
                           (long long)seen, (long long)want);
            procedure_fail(p, &f);
        } else if (seen > want) {
            record_notef(p->out->notes, "configuration",
                         "the DUT holds more state than the instance needs: %s is %lld, expected "
                         "%lld (instance %s)",
                         name, (long long)seen, (long long)want, p->q->id);
        }
    }
}

static void judge_neighbours(struct procedure *p, const struct dut_view *view)
{
    const struct instance_spec *s = &p->q->spec;
    const struct {
        const char *what;
        int64_t seen, want;
    } kinds[] = {
        {"C-interfaces", view->neighbours.c_interface, (int64_t)s->mvpns * s->c_interfaces},
        {"MI-PMSIs", view->neighbours.mi_pmsi, (int64_t)s->mvpns * s->remote_pes},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].seen == METRIC_UNKNOWN || kinds[i].seen >= kinds[i].want)
            continue;
        struct emul_failure f = {.criterion = CRIT_NEIGHBOUR,
                                 .count = (uint64_t)(kinds[i].want - kinds[i].seen)};
        (void)snprintf(f.neighbour, sizeof(f.neighbour), "DUT sees %lld of %lld",
                       (long long)kinds[i].seen, (long long)kinds[i].want);
        (void)snprintf(f.interface, sizeof(f.interface), "%s", kinds[i].what);
        procedure_fail(p, &f);
    }
}

static void judge_resources(struct procedure *p, const struct dut_view *view)
{
    for (size_t i = 0; i < view->utilisation_count; i++) {
        const struct utilisation *u = &view->utilisation[i];
        struct emul_failure f = {.count = 1};
        (void)snprintf(f.interface, sizeof(f.interface), "%.47s", u->component);
        f.criterion = CRIT_CPU;
        if (u->cpu_percent >= 99.5)
            procedure_fail(p, &f);
        f.criterion = CRIT_MEMORY;
        if (u->memory_percent >= 99.5)
            procedure_fail(p, &f);
    }
}

void procedure_judge(struct procedure *p, const struct dut_view *view)
{
    judge_metric(p, view);
    judge_neighbours(p, view);
    judge_resources(p, view);
    multicast_judge(p, view);
}

static void set_reason(struct procedure *p, const char *step)
{
    if (p->failure_count == 0) {
        (void)snprintf(p->out->reason, sizeof(p->out->reason), "%s", step);
        return;
    }
    const struct emul_failure *f = &p->failures[0];
    char place[64] = "", flow[32] = "";
    if (f->vpn != 0)
        (void)snprintf(place, sizeof(place), ", VPN %u", f->vpn);
    if (f->flow != 0)
        (void)snprintf(flow, sizeof(flow), ", flow %u", f->flow);
    (void)snprintf(p->out->reason, sizeof(p->out->reason), "%s: %s%s%s%s%s%s%s", step,
                   emul_criterion_name(f->criterion), place, flow, f->neighbour[0] ? ", " : "",
                   f->neighbour, f->interface[0] ? ", " : "", f->interface);
}

void instance_fail(struct procedure *p, const char *step, enum bound bound)
{
    p->out->verdict = VERDICT_FAIL;
    p->out->bound = bound;
    set_reason(p, step);
}

enum bound instance_bound(const struct procedure *p)
{
    struct emul_health net;
    emul_health_get(p->emul, &net);
    if (net.refresh_overrun > 0)
        return BOUND_APPARATUS;
    for (size_t i = 0; i < p->failure_count; i++) {
        if (p->failures[i].criterion == CRIT_CPU || p->failures[i].criterion == CRIT_MEMORY)
            return BOUND_RESOURCE;
    }
    return BOUND_DUT;
}
