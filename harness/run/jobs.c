#include "harness/run/jobs.h"

#include "emul/loop/loop.h"

#include "harness/run/output.h"
#include "harness/run/progress.h"

#include <stdlib.h>
#include <string.h>

/* ---- order ---- */

/* The draft's order; cases that are not shipped come behind, as they were given. */
static size_t place_of(const char *id)
{
    size_t count, i = 0;
    const char *const *ids = case_ids(&count);
    while (i < count && strcmp(ids[i], id) != 0)
        i++;
    return i;
}

static void sort_by_draft(struct jobs *js, struct test_case *const *cases, size_t count)
{
    for (size_t i = 0; i < count && js->count < JOBS_MAX; i++) {
        size_t at = js->count++;
        while (at > 0 && place_of(case_id(js->cases[at - 1].tc)) > place_of(case_id(cases[i]))) {
            js->cases[at].tc = js->cases[at - 1].tc;
            at--;
        }
        js->cases[at].tc = cases[i];
    }
}

/* The index of the n-th case of this run whose result case i takes; count when there is none. */
static size_t dependency(const struct jobs *js, size_t i, size_t n)
{
    const char *id;
    size_t seen = 0;
    for (size_t k = 0; (id = case_after(js->cases[i].tc, k)) != NULL; k++) {
        for (size_t c = 0; c < js->count; c++) {
            if (strcmp(case_id(js->cases[c].tc), id) == 0 && seen++ == n)
                return c;
        }
    }
    return js->count;
}

static void visit(struct jobs *js, size_t i, bool *visited, size_t *placed)
{
    size_t d;
    if (visited[i])
        return;
    visited[i] = true;
    for (size_t n = 0; (d = dependency(js, i, n)) < js->count; n++)
        visit(js, d, visited, placed);
    js->order[(*placed)++] = i;
}

/* What case i may know of this run: its dependencies, and theirs. They stand before it. */
static void see_dependencies(struct jobs *js, size_t i)
{
    size_t d;
    struct known *own = &js->cases[i].known;
    for (size_t n = 0; (d = dependency(js, i, n)) < js->count; n++) {
        const struct known *k = &js->cases[d].known;
        known_see(own, case_id(js->cases[d].tc));
        for (size_t v = 0; v < k->visible_count; v++)
            known_see(own, k->visible[v]);
    }
}

void jobs_init(struct jobs *js, struct campaign_env *env, struct test_case *const *cases,
               size_t count, json_t *result, const json_t *from)
{
    bool visited[JOBS_MAX] = {false};
    size_t placed = 0;
    *js = (struct jobs){.env = env, .result = result};
    sort_by_draft(js, cases, count);
    for (size_t i = 0; i < js->count; i++) {
        known_init(&js->cases[i].known, result, from);
        visit(js, i, visited, &placed);
    }
    for (size_t k = 0; k < js->count; k++)
        see_dependencies(js, js->order[k]);
}

void jobs_fini(struct jobs *js)
{
    for (size_t i = 0; i < js->count; i++)
        casejob_fini(&js->cases[i]);
}

/* ---- the result ---- */

/* Every case that was begun, in the draft's order, with the times of the order they are run in. */
static void gather(struct jobs *js)
{
    json_t *list = json_array();
    int64_t end = 0;
    for (size_t i = 0; i < js->count; i++) {
        if (js->cases[i].object == NULL)
            continue;
        casejob_gather(&js->cases[i]);
        json_array_append(list, js->cases[i].object);
    }
    for (size_t k = 0; k < js->count && js->virtual_clock; k++)
        end = casejob_stamp(&js->cases[js->order[k]], end);
    json_object_set_new(js->result, "cases", list);
}

static void say_begin(const struct case_job *j)
{
    const char *omitted = json_string_value(json_object_get(j->object, "omitted"));
    json_t *fields = json_pack("{s:s,s:s,s:s?}", "case", case_id(j->tc), "title", case_title(j->tc),
                               "omitted", omitted);
    progress_event(
        "case", fields, "%s: %s%s", case_id(j->tc),
        omitted == NULL ? case_title(j->tc) : "omitted: ", omitted == NULL ? "" : omitted);
}

static bool dependencies_complete(const struct jobs *js, size_t i)
{
    size_t d;
    for (size_t n = 0; (d = dependency(js, i, n)) < js->count; n++) {
        if (!casejob_complete(&js->cases[d]))
            return false;
    }
    return true;
}

/* ---- what there is meanwhile ---- */

static int write_meanwhile(const struct jobs *js, struct err *err)
{
    char *unfinished = output_unfinished(js->dir, json_object_size(js->env->entries), NULL);
    const struct report_input in = {.result = js->result, .dir = js->dir, .unfinished = unfinished};
    int result = output_write(&in, err);
    free(unfinished);
    return result;
}

/* What the case may ask for stands in the result then. The first one is written at once: who looks
 * at a run that has just begun sees what it runs on. */
static int plan(struct jobs *js, size_t i, struct err *err)
{
    bool first = json_array_size(json_object_get(js->result, "cases")) == 0;
    gather(js);
    casejob_plan(&js->cases[i], js->env, js->deviations);
    say_begin(&js->cases[i]);
    if (!first || json_object_size(js->env->entries) > 0)
        return 0;
    gather(js);
    return write_meanwhile(js, err);
}

int jobs_plan_ready(struct jobs *js, struct err *err)
{
    for (size_t k = 0; k < js->count; k++) {
        size_t i = js->order[k];
        if (js->cases[i].object == NULL && dependencies_complete(js, i) && plan(js, i, err) != 0)
            return -1;
    }
    return 0;
}

bool jobs_next(const struct jobs *js, size_t *job, size_t *point)
{
    for (size_t k = 0; k < js->count; k++) {
        const struct case_job *j = &js->cases[js->order[k]];
        for (size_t i = 0; j->object != NULL && i < j->count; i++) {
            if (!casejob_ready(j, i))
                continue;
            *job = js->order[k];
            *point = i;
            return true;
        }
    }
    return false;
}

static bool all_complete(const struct jobs *js)
{
    for (size_t i = 0; i < js->count; i++) {
        if (!casejob_complete(&js->cases[i]))
            return false;
    }
    return true;
}

/* After the last case everything is written anyway, by who knows whether the run is done. */
int jobs_point_done(struct jobs *js, size_t job, struct err *err)
{
    const struct case_job *j = &js->cases[job];
    for (size_t i = 0; i < j->count; i++) {
        if (j->jobs[i].state == POINT_DONE)
            forecast_point(js->forecast, case_id(j->tc), i);
    }
    if (!casejob_complete(j))
        return 0;
    gather(js);
    forecast_case(js->forecast, case_id(j->tc), js->result);
    output_maxima(js->cases[job].object);
    return all_complete(js) ? 0 : write_meanwhile(js, err);
}

/* ---- one instance after another ---- */

int jobs_keep(struct jobs *js, const struct test_case *tc, json_t *entry, struct err *err)
{
    int result = journal_add(js->env->journal, entry, err);
    if (result == 0) {
        entry_say(tc, entry);
        json_object_set(js->env->entries, json_string_value(json_object_get(entry, "id")), entry);
    }
    json_decref(entry);
    return result;
}

static int run_here(void *arg, struct instance_request *q, struct case_try at, json_t **entry,
                    struct err *err)
{
    struct jobs *js = arg;
    if (measure_run(js->env, js->env->world, q, at, entry, err) != 0)
        return -1;
    struct forecast_cost cost = forecast_cost(js->env, q);
    forecast_entry(js->forecast, *entry, &cost, loop_steady_ns());
    return jobs_keep(js, q->tc, json_incref(*entry), err);
}

static int run_serial(struct jobs *js, struct err *err)
{
    const struct runner here = {run_here, js};
    for (size_t k = 0; k < js->count; k++) {
        struct case_job *j = &js->cases[js->order[k]];
        if (plan(js, js->order[k], err) != 0)
            return -1;
        for (size_t i = 0; i < j->count; i++) {
            if (casejob_run(j, js->env, i, &here, err) != 0 ||
                jobs_point_done(js, js->order[k], err) != 0)
                return -1;
        }
    }
    return 0;
}

int jobs_run(struct jobs *js, struct err *err)
{
    int result = js->workers == 0 ? run_serial(js, err) : workers_run(js, err);
    gather(js);
    return result;
}
