#include "harness/run/plan.h"

#include "emul/base/mem.h"
#include "harness/run/maximum.h"
#include "harness/run/plan_driver.h"
#include "harness/run/plan_known.h"
#include "harness/run/search.h"
#include "harness/run/throughput.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The case under way. */
struct planner {
    struct run_plan *plan;
    struct plan_known known;
    struct case_context context;
    const struct calibration *calibration; /* NULL: none was stored, or the clock is virtual */
    struct plan_case *pc;
};

/* ---- notes ------------------------------------------------------------------------------------
 */

static void notes_add(struct plan_notes *n, const char *text)
{
    for (size_t i = 0; i < n->count; i++) {
        if (strcmp(n->items[i], text) == 0)
            return;
    }
    n->items = array_grow(n->items, n->count, &n->cap, sizeof(*n->items));
    n->items[n->count++] = mem_strdup(text);
}

static void notes_fini(struct plan_notes *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->items[i]);
    free(n->items);
}

static void note(void *arg, const char *text)
{
    struct planner *p = arg;
    if (p->pc != NULL)
        notes_add(&p->pc->notes, text);
}

/* ---- one instance -----------------------------------------------------------------------------
 */

/* With a load the rate is known when the idle throughput is: at most what the apparatus tries. */
static void set_rate(const struct run_settings *s, struct instance_spec *spec)
{
    struct throughput most = {.ingress_pps = THROUGHPUT_CAP_PPS, .egress_pps = THROUGHPUT_CAP_PPS};
    char text[THROUGHPUT_NOTE_MAX];
    if (s->traffic_load > 0)
        throughput_apply(&most, s->traffic_load, spec, text);
}

static bool instance_at(const struct planner *p, const struct case_point *point,
                        const struct case_try *t, struct instance_spec *spec, char why[PLAN_TEXT])
{
    const struct run_setup *s = p->plan->setup;
    struct case_values values;
    struct err err = {0};
    *spec = (struct instance_spec){.mtu = s->mtu, .trunk = s->testbed == NULL || s->testbed->trunk};
    if (case_instance(p->pc->tc, &p->context, point, t, spec, &values, &err) != 0) {
        (void)snprintf(why, PLAN_TEXT, "%.*s", PLAN_TEXT - 1, err.text);
        return false;
    }
    set_rate(&s->settings, spec);
    return true;
}

/* possible tells, with the reason why not, whether apparatus and testbed can do the value. */
static bool possible(const struct planner *p, const struct case_point *point,
                     const struct case_try *t, char why[PLAN_TEXT])
{
    struct instance_spec spec;
    if (!instance_at(p, point, t, &spec, why))
        return false;
    const char *limit = plan_limit(&spec, p->plan->setup->testbed);
    if (limit != NULL)
        (void)snprintf(why, PLAN_TEXT, "%s", limit);
    return limit == NULL &&
           (p->calibration == NULL || calibration_fits(p->calibration, &spec, why));
}

static void estimate_at(const struct planner *p, const struct case_point *point,
                        const struct case_try *t, struct plan_estimate *e)
{
    const struct run_setup *s = p->plan->setup;
    struct instance_spec spec;
    char why[PLAN_TEXT];
    *e = (struct plan_estimate){0};
    if (!instance_at(p, point, t, &spec, why))
        return;
    plan_estimate(&spec, &s->settings.timing, s->virtual_clock, e);
    plan_measured(p->pc->tc, &spec, &s->settings.timing, e);
}

static void cost_add(struct plan_cost *c, double seconds, double work_s)
{
    c->instances++;
    c->seconds += seconds;
    c->work_s += work_s;
}

static void cost_sum(struct plan_cost *total, const struct plan_cost *c)
{
    total->instances += c->instances;
    total->seconds += c->seconds;
    total->work_s += c->work_s;
}

/* ---- the search -------------------------------------------------------------------------------
 */

static bool stimuli_apply(const struct planner *p)
{
    return p->plan->stimulus_count > 0 && case_stimuli(p->pc->tc);
}

/* All stimuli on one instance, with their apparatus floors on a virtual clock of their own. */
static void add_stimuli(const struct planner *p, const struct plan_estimate *e, struct plan_cost *c)
{
    double times = (double)p->plan->stimulus_count * p->plan->setup->settings.stimulus_repeat;
    c->seconds += times * e->stimulus_s;
    c->work_s += 2 * times * e->stimulus_work_s + e->work_s;
}

/* One instance of the search, and with stimulus.at=every the stimuli on it. */
static void add_try(const struct planner *p, const struct plan_point *pp, struct case_try at,
                    bool holds, struct plan_cost *c)
{
    struct plan_estimate e;
    estimate_at(p, &pp->point, &at, &e);
    cost_add(c, holds ? e.steady_s : e.failing_s, e.work_s);
    if (holds && stimuli_apply(p) && p->plan->setup->settings.stimulus_at == AT_EVERY)
        add_stimuli(p, &e, c);
}

/* The way of the search on a DUT that holds values up to limit. */
struct course {
    const struct search_bounds *bounds;
    const struct case_try *grid;
    size_t grid_count;
    uint64_t limit;
    bool fill; /* values added for the report too */
    struct plan_cost cost;
    uint64_t *held; /* values that held, in the order of trying; owned */
    size_t held_count, held_cap;
};

/* What is not possible fails without being tried. */
static bool take_try(const struct planner *p, const struct plan_point *pp, struct course *c,
                     struct search_db *db, struct case_try at)
{
    char why[PLAN_TEXT];
    bool can = at.value <= pp->top && possible(p, &pp->point, &at, why);
    bool holds = can && at.value <= c->limit;
    search_db_add_try(db, at, holds ? VERDICT_PASS : VERDICT_FAIL);
    if (can)
        add_try(p, pp, at, holds, &c->cost);
    if (holds) {
        c->held = array_grow(c->held, c->held_count, &c->held_cap, sizeof(*c->held));
        c->held[c->held_count++] = at.value;
    }
    return holds;
}

static void follow(const struct planner *p, const struct plan_point *pp, struct course *c)
{
    const struct search_bounds *b = c->bounds;
    struct search_db db;
    struct case_try at;
    bool holds = true;
    search_db_init(&db);
    for (size_t i = 0; i < c->grid_count && holds; i++) {
        at = c->grid[i];
        if (at.value < b->min || at.value > b->max)
            continue;
        db.line = at.vpns;
        holds = take_try(p, pp, c, &db, at);
        if (!holds)
            (void)search_grid_failed(&db, at);
    }
    while ((at.value = search_next(&db, b, c->fill)) != 0) {
        at.vpns = db.line;
        (void)take_try(p, pp, c, &db, at);
    }
    search_db_fini(&db);
}

/* Where the costs are to be those of the dearest course: the limit lies just below the largest
 * value, or just above the last that growing reached, so that the gap is bisected by values that
 * pass or by values that fail. */
static void cost_of_search(const struct planner *p, struct plan_point *pp, const struct course *way)
{
    const struct run_settings *s = &p->plan->setup->settings;
    uint64_t before = 0;
    struct course growing = *way;
    growing.limit = pp->top;
    follow(p, pp, &growing);
    for (size_t i = 0; i < growing.held_count; i++) {
        if (growing.held[i] < pp->top && growing.held[i] > before)
            before = growing.held[i];
    }
    free(growing.held);
    uint64_t limits[] = {pp->top, pp->top - 1, before};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct course c = *way;
        c.limit = limits[i];
        c.fill = true;
        follow(p, pp, &c);
        free(c.held);
        if (i == 0)
            pp->holding = c.cost;
        if (c.cost.seconds > pp->most.seconds)
            pp->most = c.cost;
    }
    if (s->search_time_s > 0) {
        pp->most.seconds = fmin(pp->most.seconds, s->search_time_s + pp->e.failing_s);
        pp->holding.seconds = fmin(pp->holding.seconds, pp->most.seconds);
    }
}

/* The stimuli come at the maximum, after one more set-up. */
static void cost_of_stimuli(const struct planner *p, struct plan_point *pp)
{
    if (!stimuli_apply(p) || p->plan->setup->settings.stimulus_at == AT_EVERY)
        return;
    struct plan_cost c = {0};
    cost_add(&c, pp->e.steady_s, pp->e.work_s);
    add_stimuli(p, &pp->e, &c);
    cost_sum(&pp->holding, &c);
    cost_sum(&pp->most, &c);
}

/* largest_possible bisects for the last value that apparatus and testbed can do; 0: none. */
static uint64_t largest_possible(const struct planner *p, struct plan_point *pp,
                                 const struct search_bounds *b)
{
    struct case_try t = {b->min, 0};
    char why[PLAN_TEXT];
    if (!possible(p, &pp->point, &t, pp->limit))
        return 0;
    uint64_t good = b->min, bad = b->max + 1;
    while (bad - good > 1) {
        t.value = good + (bad - good) / 2;
        if (possible(p, &pp->point, &t, why)) {
            good = t.value;
        } else {
            bad = t.value;
            memcpy(pp->limit, why, sizeof(why));
        }
    }
    return good;
}

/* ---- points and cases -------------------------------------------------------------------------
 */

static void peak(struct plan_estimate *most, const struct plan_estimate *e)
{
    double *m[] = {&most->ingress_pps,     &most->egress_pps,    &most->received_pps,
                   &most->hellos_per_s,    &most->entries_per_s, &most->joins_per_s,
                   &most->registers_per_s, &most->memory_bytes};
    const double v[] = {e->ingress_pps,   e->egress_pps,  e->received_pps,    e->hellos_per_s,
                        e->entries_per_s, e->joins_per_s, e->registers_per_s, e->memory_bytes};
    for (size_t i = 0; i < sizeof(m) / sizeof(m[0]); i++)
        *m[i] = fmax(*m[i], v[i]);
}

static void finish_point(struct planner *p, struct plan_point *pp)
{
    struct run_plan *plan = p->plan;
    plan_known_add(&p->known, case_id(p->pc->tc), &pp->point, (double)pp->top);
    if (pp->top == 0)
        return;
    cost_of_stimuli(p, pp);
    peak(&plan->peak, &pp->e);
    cost_sum(&plan->holding, &pp->holding);
    cost_sum(&plan->most, &pp->most);
}

static void grid_values(struct course *c)
{
    for (size_t i = 0; i < c->grid_count; i++) {
        c->held = array_grow(c->held, c->held_count, &c->held_cap, sizeof(*c->held));
        c->held[c->held_count++] = c->grid[i].value;
    }
}

static int plan_searched(struct planner *p, struct plan_point *pp, struct err *err)
{
    struct search_bounds b;
    struct case_try *grid = NULL;
    size_t count = 0;
    if (case_bounds(p->pc->tc, &p->context, &pp->point, &b, err) != 0)
        return -1;
    case_grid(p->pc->tc, &p->context, &pp->point, &grid, &count);
    struct course way = {.bounds = &b, .grid = grid, .grid_count = count};
    pp->max = b.max;
    pp->top = largest_possible(p, pp, &b);
    if (pp->top > 0) {
        estimate_at(p, &pp->point, &(struct case_try){pp->top, 0}, &pp->e);
        cost_of_search(p, pp, &way);
    }
    if (pp == p->pc->points) {
        way.limit = pp->top;
        p->pc->bounds = b;
        p->pc->grid = count > 0;
        if (count > 0)
            grid_values(&way);
        else
            follow(p, pp, &way);
        p->pc->values = way.held;
        p->pc->value_count = way.held_count;
    }
    free(grid);
    return 0;
}

/* A case that only measures has one instance a point. */
static void plan_measuring(struct planner *p, struct plan_point *pp)
{
    struct case_try t = {0, 0};
    if (!possible(p, &pp->point, &t, pp->limit))
        return;
    pp->top = pp->max = (uint64_t)pp->point.values.v[PARAM_MVPNS];
    estimate_at(p, &pp->point, &t, &pp->e);
    cost_add(&pp->holding, pp->e.steady_s, pp->e.work_s);
    cost_add(&pp->most, fmax(pp->e.steady_s, pp->e.failing_s), pp->e.work_s);
}

static int plan_case(struct planner *p, struct plan_case *pc, struct err *err)
{
    struct case_point *points = NULL;
    size_t count = 0;
    int rc = 0;
    p->pc = pc;
    if (!case_points(pc->tc, &p->context, &points, &count, pc->omitted))
        return 0;
    pc->points = mem_zalloc(count, sizeof(*pc->points));
    pc->point_count = count;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct plan_point *pp = &pc->points[i];
        pp->point = points[i];
        maximum_where_text(&points[i], pp->where, sizeof(pp->where));
        if (pp->where[0] == '\0')
            (void)snprintf(pp->where, sizeof(pp->where), "-");
        if (case_kind(pc->tc) == CASE_MEASURE)
            plan_measuring(p, pp);
        else
            rc = plan_searched(p, pp, err);
        if (rc == 0)
            finish_point(p, pp);
    }
    if (strcmp(case_id(pc->tc), "10.2") == 0)
        p->known.suppression_planned = true;
    free(points);
    return rc;
}

static int walk(struct planner *p, const struct run_options *o, struct err *err)
{
    struct run_plan *plan = p->plan;
    const struct run_setup *s = plan->setup;
    int rc = 0;
    case_context_default(&p->context, &s->settings);
    p->context.known = &p->known.answers;
    p->context.note = note;
    p->context.note_arg = p;
    plan_ask_driver(s, o, plan, &p->context);
    for (size_t i = 0; i < s->case_count && rc == 0; i++) {
        plan->cases[i].tc = s->cases[i];
        rc = plan_case(p, &plan->cases[i], err);
    }
    /* On the virtual clock the trials have an axis of their own. */
    if (s->settings.traffic_load > 0 && !s->virtual_clock) {
        plan->throughput_s = throughput_seconds();
        plan->holding.seconds += plan->throughput_s;
        plan->most.seconds += plan->throughput_s;
    }
    return rc;
}

int run_plan_make(const struct run_setup *s, const struct run_options *o,
                  const struct case_known *earlier, struct run_plan *out, struct err *err)
{
    struct planner p = {.plan = out};
    struct calibration calibration;
    *out = (struct run_plan){.setup = s};
    if (s->settings.calibration[0] != '\0') {
        if (calibration_load(s->settings.calibration, &calibration, err) != 0)
            return -1;
        p.calibration = s->virtual_clock ? NULL : &calibration;
    }
    out->cases = mem_zalloc(s->case_count, sizeof(*out->cases));
    out->case_count = s->case_count;
    plan_known_init(&p.known, earlier);
    p.known.note = note;
    p.known.note_arg = &p;
    int rc = walk(&p, o, err);
    plan_known_fini(&p.known);
    if (rc != 0)
        run_plan_fini(out);
    return rc;
}

void run_plan_fini(struct run_plan *p)
{
    for (size_t i = 0; i < p->case_count; i++) {
        notes_fini(&p->cases[i].notes);
        free(p->cases[i].values);
        free(p->cases[i].points);
    }
    free(p->cases);
    p->cases = NULL;
    p->case_count = 0;
}
