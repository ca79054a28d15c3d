/* The verdict on one recovery (DESIGN A.5, draft 7.2 step 7). */
#include "harness/run/recovery.h"

#include "harness/run/record.h"

#include <stdio.h>

/* Traffic that did not come back, or not for good: how much, and of which flow first. */
static void judge_traffic(struct recovery *r)
{
    const struct emul_recovery *s = &r->seen;
    const struct instance_spec *spec = &r->p->q->spec;
    uint64_t pairs = s->not_recovered > 0 ? s->not_recovered : s->lost_again;
    if (!recovery_traffic(r) || pairs == 0)
        return;
    uint32_t per_vpn = spec->groups * spec->sources;
    struct emul_failure f = {.criterion = CRIT_RECOVERY, .count = pairs, .flow = s->first_flow};
    if (f.flow != 0 && per_vpn > 0)
        f.vpn = (f.flow - 1) / per_vpn + 1;
    (void)snprintf(f.interface, sizeof(f.interface), "%s",
                   s->not_recovered > 0 ? "not recovered" : "lost again after the recovery");
    procedure_fail(r->p, &f);
}

/* Step 7 a: the metric is the same as in the steady state; where the DUT does not show a variable,
 * as the apparatus sees it. */
static void judge_metric(struct recovery *r)
{
    for (int i = 0; i < METRIC_VARS; i++) {
        int64_t before = r->p->steady->metric.v[i], after = r->after->metric.v[i];
        if (before == METRIC_UNKNOWN || after == METRIC_UNKNOWN) {
            before = r->before.v[i];
            after = r->after_apparatus.v[i];
        }
        if (before == METRIC_UNKNOWN || after == METRIC_UNKNOWN || before == after)
            continue;
        const char *name = metric_name((enum metric_var)i);
        if (after > before) {
            record_notef(r->p->out->notes, "procedure",
                         "%s of %s: %s is %lld after the recovery, above the %lld of the steady "
                         "state",
                         stimulus_name(r->ops->id), r->p->q->id, name, (long long)after,
                         (long long)before);
            continue;
        }
        struct emul_failure f = {.criterion = CRIT_METRIC, .count = (uint64_t)(before - after)};
        (void)snprintf(f.interface, sizeof(f.interface), "%s %lld, was %lld", name,
                       (long long)after, (long long)before);
        procedure_fail(r->p, &f);
    }
}

/* The flow matrix: every pair that flowed in the steady state flows. */
static void judge_flows(struct recovery *r)
{
    uint64_t pairs = emul_pairs_total(r->p->emul);
    if (r->flowing >= pairs)
        return;
    struct emul_failure f = {.criterion = CRIT_LOSS, .count = pairs - r->flowing};
    (void)snprintf(f.interface, sizeof(f.interface), "%llu of %llu pairs flow",
                   (unsigned long long)r->flowing, (unsigned long long)pairs);
    procedure_fail(r->p, &f);
}

static void judge_step_6(struct recovery *r)
{
    (void)procedure_collect(r->p);
    procedure_judge(r->p, r->after);
    if (!recovery_step(r, 7))
        return;
    judge_metric(r);
    judge_flows(r);
}

static void say_first_failure(struct recovery *r)
{
    const struct emul_failure *f = &r->p->failures[0];
    (void)snprintf(r->reason, sizeof(r->reason), "step 6: %s, VPN %u, flow %u %s %s",
                   emul_criterion_name(f->criterion), f->vpn, f->flow, f->neighbour, f->interface);
}

/* Nothing failed; where nothing was interrupted either, that explains the nulls. */
static enum verdict passed(struct recovery *r)
{
    const struct emul_recovery *s = &r->seen;
    if (!recovery_traffic(r))
        (void)snprintf(r->reason, sizeof(r->reason), "%s",
                       emul_pairs_total(r->p->emul) == 0 ? "no flows"
                                                         : "steps 3 and 4 are not of the case");
    else if (s->interrupted_ingress + s->interrupted_egress == 0)
        (void)snprintf(r->reason, sizeof(r->reason), "not interrupted");
    return VERDICT_PASS;
}

enum verdict recovery_judge(struct recovery *r)
{
    struct procedure *p = r->p;
    const struct emul_recovery *s = &r->seen;
    char late[128];
    p->failure_count = 0;
    if (procedure_apparatus_late(p, late, sizeof(late))) {
        (void)snprintf(r->reason, sizeof(r->reason), "%s", late);
        return VERDICT_INVALID;
    }
    judge_traffic(r);
    bool of_traffic = p->failure_count > 0;
    if (r->observed)
        judge_step_6(r);
    if (of_traffic && s->not_recovered > 0)
        (void)snprintf(r->reason, sizeof(r->reason), "not recovered: %llu flows and receivers",
                       (unsigned long long)s->not_recovered);
    else if (!r->settled)
        (void)snprintf(r->reason, sizeof(r->reason), "not recovered: waiting for %s",
                       r->waiting_for);
    else if (of_traffic)
        (void)snprintf(r->reason, sizeof(r->reason),
                       "packets were lost again after the recovery: %llu flows and receivers",
                       (unsigned long long)s->lost_again);
    else if (p->failure_count > 0)
        say_first_failure(r);
    else
        return passed(r);
    return VERDICT_FAIL;
}
