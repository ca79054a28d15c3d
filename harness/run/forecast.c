#include "harness/run/forecast.h"

#include "emul/base/mem.h"
#include "harness/run/known.h"
#include "harness/run/plan.h"
#include "harness/run/point.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A search tries at least so many values (search.instances). */
#define VALUES_LEAST 5

struct point_course {
    double planned, planned_instances;
    double resolution;
    /* what has been run */
    size_t instances;
    double cost;
    struct forecast_cost last;
    int64_t pass, fail; /* the search's; -1: none */
    bool under_stimuli; /* an instance with stimuli has been run */
    bool done;
};

struct case_course {
    const struct test_case *tc;
    bool complete;
    size_t count;
    struct point_course *points;
};

struct forecast {
    const struct run_setup *setup;
    const struct run_options *options;
    const json_t *from;
    int64_t began_ns, last_ns; /* when the last instance ended */
    size_t instances;
    double cost; /* of those of this session */
    size_t count;
    struct case_course cases[KNOWN_CASES_MAX];
};

/* ---- what is planned ---- */

static struct case_course *find_case(struct forecast *f, const char *id)
{
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(case_id(f->cases[i].tc), id) == 0)
            return &f->cases[i];
    }
    return NULL;
}

static struct point_course *point_at(struct case_course *c, size_t i)
{
    if (i >= c->count) {
        c->points = mem_realloc(c->points, i + 1, sizeof(*c->points));
        for (; c->count <= i; c->count++)
            c->points[c->count] = (struct point_course){.pass = -1, .fail = -1, .resolution = 1};
    }
    return &c->points[i];
}

static void take_point(struct point_course *p, const struct plan_point *planned, bool virtual_clock)
{
    const struct plan_cost *a = &planned->holding, *b = &planned->most;
    p->planned = (virtual_clock ? a->work_s + b->work_s : a->seconds + b->seconds) / 2;
    p->planned_instances = (double)(a->instances + b->instances) / 2;
}

/* The cases that are left, on their own: what others found is known, not planned. */
static void plan_left(struct forecast *f, const json_t *result)
{
    struct run_setup left = *f->setup;
    struct run_plan plan = {0};
    struct known known;
    known_init(&known, result, f->from);
    left.case_count = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (f->cases[i].complete)
            known_see(&known, case_id(f->cases[i].tc));
        else
            left.cases[left.case_count++] = (struct test_case *)(uintptr_t)f->cases[i].tc;
    }
    if (run_plan_make(&left, f->options, &known.answers, &plan, NULL) != 0)
        return; /* the run itself will say what is wrong */
    for (size_t i = 0; i < plan.case_count; i++) {
        const struct plan_case *pc = &plan.cases[i];
        struct case_course *c = find_case(f, case_id(pc->tc));
        for (size_t k = 0; k < pc->point_count; k++) {
            struct point_course *p = point_at(c, k);
            take_point(p, &pc->points[k], f->setup->virtual_clock);
            p->resolution = pc->bounds.resolution > 0 ? (double)pc->bounds.resolution : 1;
        }
        c->count = pc->point_count < c->count ? pc->point_count : c->count;
    }
    run_plan_fini(&plan);
}

struct forecast *forecast_new(const struct run_setup *s, const struct run_options *o,
                              const json_t *from, int64_t began_ns)
{
    struct forecast *f = mem_zalloc(1, sizeof(*f));
    *f = (struct forecast){
        .setup = s, .options = o, .from = from, .began_ns = began_ns, .last_ns = began_ns};
    for (size_t i = 0; i < s->case_count && f->count < KNOWN_CASES_MAX; i++)
        f->cases[f->count++].tc = s->cases[i];
    plan_left(f, NULL);
    return f;
}

void forecast_free(struct forecast *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->count; i++)
        free(f->cases[i].points);
    free(f);
}

/* ---- what was measured ---- */

struct forecast_cost forecast_cost(const struct campaign_env *env, const struct instance_request *q)
{
    struct plan_estimate e;
    bool virtual_clock = env->params->virtual_clock;
    const struct timing *t = &env->settings->timing;
    plan_estimate(&q->spec, t, virtual_clock, &e);
    plan_measured(q->tc, &q->spec, t, &e);
    double times = (double)env->stimulus_count * env->settings->stimulus_repeat;
    return (struct forecast_cost){
        .steady = virtual_clock ? e.work_s : e.steady_s,
        /* with the apparatus floor beside it, as plan.c counts it */
        .stimuli = times * (virtual_clock ? 2 * e.stimulus_work_s : e.stimulus_s),
        .applied = q->stimulus_count > 0,
    };
}

/* The search goes on between the largest pass and the smallest fail above it. */
static void narrow(struct point_course *p, const json_t *entry)
{
    int64_t value = json_integer_value(json_object_get(entry, "value"));
    bool passed = json_integer_value(json_object_get(entry, "verdict")) == VERDICT_PASS;
    if (passed && value > p->pass)
        p->pass = value;
    if (!passed && (p->fail < 0 || value < p->fail))
        p->fail = value;
}

void forecast_entry(struct forecast *f, const json_t *entry, const struct forecast_cost *cost,
                    int64_t steady_ns)
{
    const char *id = json_string_value(json_object_get(entry, "id"));
    const char *dash = id == NULL ? NULL : strrchr(id, '-');
    char name[32];
    if (f == NULL || dash == NULL || (size_t)(dash - id) >= sizeof(name))
        return;
    memcpy(name, id, (size_t)(dash - id));
    name[dash - id] = '\0';
    struct case_course *c = find_case(f, name);
    if (c == NULL)
        return;
    size_t at = (size_t)strtoul(dash + 1, NULL, 10) / POINT_INSTANCES;
    struct point_course *p = point_at(c, at);
    p->instances++;
    f->instances++;
    narrow(p, entry);
    if (cost == NULL)
        return;
    double whole = cost->steady + (cost->applied ? cost->stimuli : 0);
    p->under_stimuli |= cost->applied;
    p->last = *cost;
    p->cost += whole;
    f->cost += whole;
    f->last_ns = steady_ns;
}

void forecast_point(struct forecast *f, const char *id, size_t point)
{
    struct case_course *c = f == NULL ? NULL : find_case(f, id);
    if (c != NULL && point < c->count)
        c->points[point].done = true;
}

void forecast_case(struct forecast *f, const char *id, const json_t *result)
{
    struct case_course *c = f == NULL ? NULL : find_case(f, id);
    if (c == NULL || c->complete)
        return;
    c->complete = true;
    plan_left(f, result);
}

/* ---- what is left ---- */

struct share {
    double cost, planned, instances, planned_instances; /* of points that are done */
};

static void add_done(struct share *s, const struct case_course *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct point_course *p = &c->points[i];
        if (!p->done || p->cost <= 0)
            continue;
        s->cost += p->cost;
        s->planned += p->planned;
        s->instances += (double)p->instances;
        s->planned_instances += p->planned_instances;
    }
}

/* What points cost beside their plan: those of the case, else all that are done. */
static struct share share_for(const struct forecast *f, const struct case_course *c)
{
    struct share own = {0}, all = {0};
    add_done(&own, c);
    if (own.planned > 0)
        return own;
    for (size_t i = 0; i < f->count; i++)
        add_done(&all, &f->cases[i]);
    return all.planned > 0 ? all : (struct share){1, 1, 1, 1};
}

static bool searches(const struct case_course *c)
{
    return case_kind(c->tc) == CASE_SEARCH;
}

/* A search that has found a failing value bisects; then come the stimuli. */
static void left_of_search(const struct case_course *c, const struct point_course *p, double *cost,
                           double *instances)
{
    double gap = (double)(p->fail - (p->pass < 0 ? 0 : p->pass)) / p->resolution;
    double values = gap > 1 ? ceil(log2(gap)) : 0;
    if (p->instances < VALUES_LEAST && values < (double)(VALUES_LEAST - p->instances))
        values = fmin((double)(VALUES_LEAST - p->instances), (double)p->fail);
    bool stimuli = !p->under_stimuli && p->last.stimuli > 0 && case_stimuli(c->tc);
    *cost = values * p->last.steady + (stimuli ? p->last.steady + p->last.stimuli : 0);
    *instances = values + (stimuli ? 1 : 0);
}

static void left_of_point(const struct forecast *f, const struct case_course *c,
                          const struct point_course *p, double *cost, double *instances)
{
    *cost = *instances = 0;
    if (p->done)
        return;
    if (searches(c) && p->fail >= 0 && p->cost > 0) {
        left_of_search(c, p, cost, instances);
        return;
    }
    struct share s = share_for(f, c);
    *instances = fmax(1, p->planned_instances * s.instances / fmax(1, s.planned_instances) -
                             (double)p->instances);
    *cost = fmax(p->last.steady, p->planned * s.cost / s.planned - p->cost);
}

/* Cases that take another's result are not foreseen before that is there. */
static bool foreseen(struct forecast *f, const struct case_course *c)
{
    const char *id;
    for (size_t k = 0; (id = case_after(c->tc, k)) != NULL; k++) {
        const struct case_course *other = find_case(f, id);
        if (other != NULL && !other->complete)
            return false;
    }
    return true;
}

void forecast_total(void *forecast, int64_t steady_ns, struct progress_total *out)
{
    struct forecast *f = forecast;
    double cost = 0, instances = 0, c, n;
    *out = (struct progress_total){.instances = f->instances, .left_s = PROGRESS_UNKNOWN};
    for (size_t i = 0; i < f->count; i++) {
        struct case_course *course = &f->cases[i];
        out->at_least |= !course->complete && !foreseen(f, course);
        for (size_t k = 0; !course->complete && foreseen(f, course) && k < course->count; k++) {
            left_of_point(f, course, &course->points[k], &c, &n);
            cost += c;
            instances += n;
        }
    }
    out->instances_total = f->instances + (size_t)llround(instances);
    double elapsed_s = (double)(f->last_ns - f->began_ns) / 1e9;
    double since_s = (double)(steady_ns - f->last_ns) / 1e9;
    if (f->cost > 0)
        out->left_s = cost * elapsed_s / f->cost - since_s;
    else if (!f->setup->virtual_clock)
        out->left_s = cost - since_s;
    else
        return;
    out->left_s = fmax(out->left_s, 0);
}
