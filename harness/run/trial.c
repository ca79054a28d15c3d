/* One try of a point: its instances, from the journal or by the runner. */
#include "harness/case/values.h"
#include "harness/run/plan_estimate.h"
#include "harness/run/point.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"

#include <stdio.h>

/* An instance that the apparatus spoilt is repeated this often before the search gives up on it. */
#define INVALID_TRIES 3

static void add_notes(struct point_job *j, const json_t *notes)
{
    const char *kinds[] = {"configuration", "procedure"};
    for (size_t k = 0; k < 2; k++) {
        size_t i;
        json_t *text;
        json_array_foreach(json_object_get(notes, kinds[k]), i, text)
            record_note(j->r->notes, kinds[k], json_string_value(text));
    }
}

/* Who watches sees what is run now. */
static void show_try(const struct point_job *j, const struct instance_request *q,
                     struct case_try at)
{
    struct progress_task *t = progress_own();
    (void)snprintf(t->instance, sizeof(t->instance), "%s", q->id);
    t->value[0] = t->section[0] = t->step[0] = t->stimulus[0] = t->name[0] = '\0';
    if (case_kind(j->task->tc) == CASE_SEARCH)
        (void)snprintf(t->value, sizeof(t->value), "%s=%llu",
                       case_param_symbol(case_searched(j->task->tc)), (unsigned long long)at.value);
}

static int run_once(struct point_job *j, struct case_try at, const enum stimulus *stimuli,
                    size_t count, struct instance_outcome *out, char id[INSTANCE_ID_MAX],
                    struct err *err)
{
    const struct campaign_env *env = j->task->env;
    struct instance_request q;
    if (measure_request(&j->measure, at, &q, err) != 0)
        return -1;
    (void)snprintf(id, INSTANCE_ID_MAX, "%s-%04zu", case_id(j->task->tc),
                   j->task->index * POINT_INSTANCES + ++j->next_id);
    q.id = id;
    q.stimulus_count = count;
    for (size_t i = 0; i < count; i++)
        q.stimuli[i] = stimuli[i];
    json_t *entry = json_object_get(env->entries, id);
    if (entry == NULL) {
        show_try(j, &q, at);
        if (j->task->runner->run(j->task->runner->arg, &q, at, &entry, err) != 0)
            return -1;
        json_object_set_new(env->entries, id, entry);
    }
    if (entry_read(entry, at, out, err) != 0)
        return -1;
    if (out->verdict == VERDICT_PASS && at.value >= j->best_value) {
        j->best_value = at.value;
        j->best = case_variable(j->task->tc, &q.values);
    }
    json_array_append(j->r->entries, entry);
    add_notes(j, out->notes);
    j->spent_ns += entry_duration_ns(entry);
    return 0;
}

static bool any_invalid(const struct instance_outcome *out)
{
    if (out->verdict == VERDICT_INVALID)
        return true;
    for (size_t i = 0; i < out->recovery_count; i++) {
        if (out->recovery[i].verdict == VERDICT_INVALID)
            return true;
    }
    return false;
}

int trial_run(struct point_job *j, struct case_try at, const enum stimulus *stimuli, size_t count,
              struct instance_outcome *out, char id[INSTANCE_ID_MAX], struct err *err)
{
    for (unsigned tries = 1;; tries++) {
        if (run_once(j, at, stimuli, count, out, id, err) != 0)
            return -1;
        if (!any_invalid(out) || tries >= INVALID_TRIES)
            return 0;
        record_notef(j->r->notes, "procedure", "instance %s was invalid (%s) and was repeated", id,
                     out->reason[0] == '\0' ? "during a recovery" : out->reason);
        instance_outcome_fini(out);
    }
}

int trial_fits(struct point_job *j, struct case_try at, struct err *why, struct err *err)
{
    struct instance_request q;
    const struct campaign_env *env = j->task->env;
    struct dut *d = &env->world->dut;
    char beyond[CALIBRATION_WHY_MAX];
    if (measure_request(&j->measure, at, &q, err) != 0)
        return -1;
    const char *limit = plan_limit(&q.spec, NULL);
    if (limit == NULL && env->calibration != NULL &&
        !calibration_fits(env->calibration, &q.spec, beyond))
        limit = beyond;
    if (limit == NULL)
        return d->driver->fits(d, &q.spec, why) ? 1 : 0;
    err_set(why, ERR_TESTBED, "%s", limit);
    return 0;
}

bool trial_late(const struct point_job *j)
{
    double budget_s = j->task->env->settings->search_time_s;
    return budget_s > 0 && (double)j->spent_ns / 1e9 >= budget_s;
}
