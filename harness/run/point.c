#include "harness/run/point.h"

#include "harness/case/values.h"
#include "harness/run/maximum.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of a point that values added for the report leave to the search. */
#define INSTANCES_KEPT 200

/* All searches of one point. */
struct hunts {
    struct hunt steady, under[STIM_COUNT];
};

static void point_note(void *arg, const char *text)
{
    record_note(arg, "procedure", text);
}

static const char *symbol(const struct point_job *j)
{
    return case_param_symbol(case_searched(j->task->tc));
}

/* ---- who watches ---- */

static void show_point(const struct point_job *j)
{
    const struct test_case *tc = j->task->tc;
    struct progress_task *t = progress_own();
    progress_task_clear(t);
    (void)snprintf(t->case_id, sizeof(t->case_id), "%.*s", (int)sizeof(t->case_id) - 1,
                   case_id(tc));
    (void)snprintf(t->title, sizeof(t->title), "%.*s", (int)sizeof(t->title) - 1, case_title(tc));
    (void)snprintf(t->variable, sizeof(t->variable), "%.*s", (int)sizeof(t->variable) - 1,
                   case_variable_name(tc));
    if (case_kind(tc) == CASE_SEARCH)
        (void)snprintf(t->symbol, sizeof(t->symbol), "%s", symbol(j));
    maximum_where_text(j->task->point, t->where, sizeof(t->where));
}

static void show_search(const struct point_job *j, const struct hunt *h)
{
    struct progress_task *t = progress_own();
    struct search_state s = search_state_get(&h->db);
    t->last_pass = s.last_pass == NULL ? PROGRESS_UNKNOWN : (int64_t)s.last_pass->at.value;
    t->first_fail = s.first_fail == NULL ? PROGRESS_UNKNOWN : (int64_t)s.first_fail->at.value;
    bool known = s.last_pass != NULL && s.last_pass->at.value == j->best_value;
    t->best = known ? j->best : PROGRESS_UNKNOWN;
}

/* ---- outcomes into hunts ---- */

static void add_tried(struct hunt *h, struct case_try at, enum verdict v, enum bound bound,
                      bool verified, const char *id)
{
    struct tried t = {.at = at, .bound = bound, .verified = verified};
    (void)snprintf(t.id, sizeof(t.id), "%s", id);
    hunt_add(h, v, &t);
}

/* Of the repeats of a stimulus the worst counts: one that fails, else one that was spoilt. */
static enum verdict worst(const struct instance_outcome *out, enum stimulus s)
{
    enum verdict v = VERDICT_PASS;
    for (size_t i = 0; i < out->recovery_count; i++) {
        const struct recovery_outcome *o = &out->recovery[i];
        if (o->stimulus == s && o->verdict != VERDICT_PASS && v != VERDICT_FAIL)
            v = o->verdict;
    }
    return v;
}

static void add_recoveries(struct hunts *h, const struct instance_outcome *out, struct case_try at,
                           const char *id)
{
    bool seen[STIM_COUNT] = {false};
    for (size_t i = 0; i < out->recovery_count; i++)
        seen[out->recovery[i].stimulus] = true;
    for (int s = 0; s < STIM_COUNT; s++) {
        enum verdict v = worst(out, (enum stimulus)s);
        if (seen[s])
            add_tried(&h->under[s], at, v, v == VERDICT_INVALID ? BOUND_APPARATUS : BOUND_DUT,
                      out->verified, id);
    }
}

/* ---- stimuli at a value ---- */

static size_t not_yet_applied(const struct point_job *j, const struct hunts *h, struct case_try at,
                              enum stimulus pending[STIM_COUNT])
{
    const struct campaign_env *env = j->task->env;
    size_t count = 0;
    for (size_t i = 0; i < env->stimulus_count; i++) {
        if (search_db_find(&h->under[env->stimuli[i]].db, at) == NULL)
            pending[count++] = env->stimuli[i];
    }
    return count;
}

/* The steady state itself did not hold this time: the stimuli cannot be judged here. */
static void stimuli_unjudged(struct point_job *j, struct hunts *h, struct case_try at,
                             const struct instance_outcome *out, const char *id)
{
    enum stimulus pending[STIM_COUNT];
    size_t count = not_yet_applied(j, h, at, pending);
    for (size_t i = 0; i < count; i++)
        add_tried(&h->under[pending[i]], at, VERDICT_FAIL, out->bound, out->verified, id);
    record_notef(j->r->notes, "procedure",
                 "instance %s failed in the steady state (%s) although the value had passed: the "
                 "stimuli were searched below it",
                 id, out->reason);
}

/* All stimuli that were not applied at this value yet; after one that fails the rest run on an
 * instance set up anew. */
static int apply_stimuli(struct point_job *j, struct hunts *h, struct case_try at, struct err *err)
{
    enum stimulus pending[STIM_COUNT];
    size_t count;
    while ((count = not_yet_applied(j, h, at, pending)) > 0) {
        struct instance_outcome out;
        char id[INSTANCE_ID_MAX];
        if (trial_run(j, at, pending, count, &out, id, err) != 0)
            return -1;
        add_recoveries(h, &out, at, id);
        if (out.recovery_count == 0)
            stimuli_unjudged(j, h, at, &out, id);
        instance_outcome_fini(&out);
    }
    return 0;
}

/* ---- the steady search ---- */

static bool at_every(const struct point_job *j)
{
    return j->task->env->settings->stimulus_at == AT_EVERY && case_stimuli(j->task->tc);
}

/* What the configuration cannot be ends the point, not the run. */
static int refuse(struct point_job *j, const struct err *why)
{
    (void)snprintf(j->r->refused, sizeof(j->r->refused), "%.*s", (int)sizeof(j->r->refused) - 1,
                   why->text);
    return -1;
}

/* One value of the steady search, with stimulus.at=every also under each stimulus. A value that
 * the testbed or the apparatus cannot carry (draft 6.6: 48,000 joins a minute and session)
 * bounds the search without being tried. */
static int try_value(struct point_job *j, struct hunts *h, struct case_try at, struct err *err)
{
    const struct campaign_env *env = j->task->env;
    struct instance_outcome out;
    struct err why = {0}, wrong = {0};
    char id[INSTANCE_ID_MAX];
    int fits = trial_fits(j, at, &why, &wrong);
    if (fits < 0)
        return refuse(j, &wrong);
    if (fits == 0) {
        record_notef(j->r->notes, "procedure", "%s=%llu was not tried: %s", symbol(j),
                     (unsigned long long)at.value, why.text);
        add_tried(&h->steady, at, VERDICT_FAIL, BOUND_APPARATUS, false, "");
        return 0;
    }
    if (trial_run(j, at, env->stimuli, at_every(j) ? env->stimulus_count : 0, &out, id, err) != 0)
        return -1;
    bool passed = out.verdict == VERDICT_PASS;
    add_tried(&h->steady, at, out.verdict, out.bound, out.verified, id);
    show_search(j, &h->steady);
    add_recoveries(h, &out, at, id);
    instance_outcome_fini(&out);
    return passed && at_every(j) ? apply_stimuli(j, h, at, err) : 0;
}

static void note_contradiction(struct point_job *j, struct case_try fail, struct case_try pass)
{
    record_notef(j->r->notes, "procedure",
                 "%s=%llu failed and %s=%llu passed: both were tried again", symbol(j),
                 (unsigned long long)fail.value, symbol(j), (unsigned long long)pass.value);
}

static int settle(struct point_job *j, struct hunts *h, struct err *err)
{
    struct case_try fail, pass;
    while (search_contradiction(&h->steady.db, &fail, &pass)) {
        note_contradiction(j, fail, pass);
        if (try_value(j, h, fail, err) != 0 || try_value(j, h, pass, err) != 0)
            return -1;
    }
    return 0;
}

static int try_settled(struct point_job *j, struct hunts *h, struct case_try at, struct err *err)
{
    return try_value(j, h, at, err) != 0 ? -1 : settle(j, h, err);
}

static bool out_of_time(struct point_job *j, struct hunt *h, const char *what)
{
    if (!trial_late(j))
        return false;
    record_notef(j->r->notes, "procedure",
                 "the search for %s %s ended before its limit was known: search.time_s=%g is spent",
                 symbol(j), what, j->task->env->settings->search_time_s);
    h->out_of_time = true;
    return true;
}

/* The draft's coarse grid (9.4 to 9.6) in its order, up to its first fail. */
static int search_grid(struct point_job *j, struct hunts *h, struct err *err)
{
    struct search_db *db = &h->steady.db;
    for (size_t i = 0; i < j->grid_count; i++) {
        struct case_try at = j->grid[i];
        db->line = at.vpns;
        if (out_of_time(j, &h->steady, "in the steady state"))
            return 0;
        if (try_settled(j, h, at, err) != 0)
            return -1;
        if (search_db_find(db, at)->verdict == VERDICT_PASS)
            continue;
        if (search_grid_failed(db, at))
            record_notef(j->r->notes, "procedure",
                         "%s=%llu over %u mVPNs failed although a larger total over more mVPNs had "
                         "passed: a limit of each mVPN; the largest total that passed stands",
                         symbol(j), (unsigned long long)at.value, at.vpns);
        return 0;
    }
    return 0;
}

/* A range shorter than the values asked for is tried whole; a budget may end it before. */
static void note_few_values(struct point_job *j, const struct search_db *db)
{
    if (!trial_late(j) || search_db_values(db) >= j->bounds.instances)
        return;
    record_notef(j->r->notes, "procedure",
                 "%zu different values of %s were tried, not %llu: search.time_s=%g is spent",
                 search_db_values(db), symbol(j), (unsigned long long)j->bounds.instances,
                 j->task->env->settings->search_time_s);
}

static int search_steady(struct point_job *j, struct hunts *h, struct err *err)
{
    struct search_db *db = &h->steady.db;
    uint64_t value;
    if (search_grid(j, h, err) != 0)
        return -1;
    while (!h->steady.out_of_time && (value = search_next(db, &j->bounds, false)) != 0) {
        if (out_of_time(j, &h->steady, "in the steady state"))
            break;
        if (try_settled(j, h, (struct case_try){value, db->line}, err) != 0)
            return -1;
    }
    while (!h->steady.out_of_time && j->next_id < POINT_INSTANCES - INSTANCES_KEPT &&
           (value = search_next(db, &j->bounds, true)) != 0) {
        if (trial_late(j))
            break;
        if (try_settled(j, h, (struct case_try){value, db->line}, err) != 0)
            return -1;
    }
    note_few_values(j, db);
    return 0;
}

/* ---- searches under stimuli ---- */

static int try_under(struct point_job *j, enum stimulus s, struct hunt *h, struct case_try at,
                     struct err *err)
{
    struct instance_outcome out;
    char id[INSTANCE_ID_MAX];
    if (trial_run(j, at, &s, 1, &out, id, err) != 0)
        return -1;
    enum verdict v = out.recovery_count > 0 ? worst(&out, s) : out.verdict;
    enum bound bound = v == VERDICT_INVALID     ? BOUND_APPARATUS
                       : out.recovery_count > 0 ? BOUND_DUT
                                                : out.bound;
    add_tried(h, at, v, bound, out.verified, id);
    show_search(j, h);
    instance_outcome_fini(&out);
    return 0;
}

static int search_under(struct point_job *j, enum stimulus s, struct hunt *h, struct err *err)
{
    struct case_try fail, pass;
    uint64_t value;
    char what[64];
    (void)snprintf(what, sizeof(what), "under %s", stimulus_name(s));
    while ((value = search_next_down(&h->db, &j->bounds)) != 0) {
        if (out_of_time(j, h, what))
            return 0;
        if (try_under(j, s, h, (struct case_try){value, h->db.line}, err) != 0)
            return -1;
        while (search_contradiction(&h->db, &fail, &pass)) {
            note_contradiction(j, fail, pass);
            if (try_under(j, s, h, fail, err) != 0 || try_under(j, s, h, pass, err) != 0)
                return -1;
        }
    }
    return 0;
}

/* ---- the result ---- */

/* What the case is compared with (extra delta_vs_9.10 of 9.13): how much more it holds than that
 * one at the same point; null where one of both has no value. */
static void add_deltas(const struct point_job *j, json_t *entry, const struct trial *pass)
{
    const struct case_known *known = j->context.known;
    const struct case_where where = {NAN, NAN, NAN, j->task->point->mdt};
    const char *id;
    for (size_t n = 0; (id = case_after(j->task->tc, n)) != NULL; n++) {
        char item[32];
        double other;
        (void)snprintf(item, sizeof(item), "delta_vs_%s", id);
        if (!case_extra(j->task->tc, item))
            continue;
        bool both = pass != NULL && known != NULL &&
                    known->searched(known->arg, id, &where, &other) == KNOWN_VALUE;
        json_object_set_new(entry, item,
                            both ? json_integer((json_int_t)pass->at.value - (json_int_t)other)
                                 : json_null());
    }
}

static void add_maximum(struct point_job *j, const struct hunt *h, int which, const char *name)
{
    struct instance_request q;
    const struct trial *pass = search_state_get(&h->db).last_pass;
    struct maximum_facts f = {.tc = j->task->tc,
                              .point = j->task->point,
                              .grid = j->grid,
                              .grid_count = j->grid_count,
                              .hunt = h,
                              .stimulus = name};
    if (h->count == 0)
        return;
    if (pass != NULL && measure_request(&j->measure, pass->at, &q, NULL) == 0)
        f.variable = case_variable(j->task->tc, &q.values);
    json_t *entry = maximum_entry(&f);
    if (which == STIM_COUNT)
        add_deltas(j, entry, pass);
    json_array_append_new(j->r->maxima[which], entry);
}

static int64_t count_of(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_integer(v) ? json_integer_value(v) : METRIC_UNKNOWN;
}

static int64_t dut_sees(const json_t *record, const char *kind)
{
    return count_of(json_object_get(json_object_get(record, "neighbours"), kind), "dut");
}

/* Relations that hold at the end of a sweep only are checked on the instance of the maximum. */
static void check_at_end(struct point_job *j, const struct hunt *steady)
{
    const struct trial *pass = search_state_get(&steady->db).last_pass;
    const struct tried *t = pass == NULL ? NULL : hunt_find(steady, pass->at);
    struct instance_request q;
    if (t == NULL || measure_request(&j->measure, t->at, &q, NULL) != 0)
        return;
    const json_t *record = json_object_get(json_object_get(j->task->env->entries, t->id), "record");
    struct mvpn_metric metric;
    struct p_metric p;
    for (int i = 0; i < METRIC_VARS; i++)
        metric.v[i] = count_of(json_object_get(record, "metric"), metric_name((enum metric_var)i));
    for (int i = 0; i < P_METRIC_VARS; i++)
        p.v[i] =
            count_of(json_object_get(record, "p_instance"), p_metric_name((enum p_metric_var)i));
    struct neighbour_count n = {dut_sees(record, "c_interface"), dut_sees(record, "mi_pmsi")};
    struct case_measure m = {&metric, &n, &p};
    case_relations_at_end(j->task->tc, j->task->env->settings, &q.values, &m, point_note,
                          j->r->notes);
}

/* ---- the point ---- */

static int stimuli_at_maximum(struct point_job *j, struct hunts *h, struct case_try at,
                              struct err *err)
{
    const struct campaign_env *env = j->task->env;
    for (int s = 0; s < STIM_COUNT; s++)
        h->under[s].db.line = at.vpns;
    int result = apply_stimuli(j, h, at, err);
    for (size_t i = 0; i < env->stimulus_count; i++) {
        enum stimulus s = env->stimuli[i];
        if (result == 0)
            result = search_under(j, s, &h->under[s], err);
        hunt_bound_by(&h->under[s], &h->steady);
        add_maximum(j, &h->under[s], (int)s, stimulus_name(s));
    }
    return result;
}

static int run_search(struct point_job *j, struct err *err)
{
    struct hunts h = {0};
    int result = search_steady(j, &h, err);
    const struct trial *pass = search_state_get(&h.steady.db).last_pass;
    add_maximum(j, &h.steady, STIM_COUNT, "steady");
    j->r->holds = pass != NULL;
    if (result == 0)
        check_at_end(j, &h.steady);
    if (result == 0 && pass != NULL && case_stimuli(j->task->tc))
        result = stimuli_at_maximum(j, &h, pass->at, err);
    hunt_fini(&h.steady);
    for (int s = 0; s < STIM_COUNT; s++)
        hunt_fini(&h.under[s]);
    return result;
}

/* A case that only measures has one instance a point. */
static int run_measurement(struct point_job *j, struct err *err)
{
    struct instance_outcome out;
    struct err why = {0}, wrong = {0};
    struct case_try at = {0, 0};
    char id[INSTANCE_ID_MAX];
    int fits = trial_fits(j, at, &why, &wrong);
    if (fits < 0)
        return refuse(j, &wrong);
    if (fits == 0)
        return refuse(j, &why);
    if (trial_run(j, at, NULL, 0, &out, id, err) != 0)
        return -1;
    j->r->holds = out.verdict == VERDICT_PASS;
    instance_outcome_fini(&out);
    return 0;
}

/* What of the grid lies within the bounds that the user may have set. */
static void keep_grid_within(struct point_job *j)
{
    size_t kept = 0;
    for (size_t i = 0; i < j->grid_count; i++) {
        if (j->grid[i].value >= j->bounds.min && j->grid[i].value <= j->bounds.max)
            j->grid[kept++] = j->grid[i];
    }
    j->grid_count = kept;
}

static int run_kind(struct point_job *j, struct err *err)
{
    struct err wrong = {0};
    if (case_kind(j->task->tc) == CASE_MEASURE)
        return run_measurement(j, err);
    if (case_bounds(j->task->tc, &j->context, j->task->point, &j->bounds, &wrong) != 0)
        return refuse(j, &wrong);
    case_grid(j->task->tc, &j->context, j->task->point, &j->grid, &j->grid_count);
    keep_grid_within(j);
    return run_search(j, err);
}

int point_run(const struct point_task *t, struct point_result *r, struct err *err)
{
    struct point_job j = {.task = t, .r = r, .context = *t->context};
    j.context.note = point_note;
    j.context.note_arg = r->notes;
    j.measure = (struct measure_point){t->env, t->tc, &j.context, t->point};
    show_point(&j);
    int result = run_kind(&j, err);
    free(j.grid);
    return r->refused[0] != '\0' ? 0 : result;
}

void point_result_init(struct point_result *r)
{
    *r = (struct point_result){.entries = json_array(),
                               .notes = json_pack("{s:[],s:[]}", "configuration", "procedure")};
    for (int s = 0; s <= STIM_COUNT; s++)
        r->maxima[s] = json_array();
}

void point_result_fini(struct point_result *r)
{
    json_decref(r->entries);
    json_decref(r->notes);
    for (int s = 0; s <= STIM_COUNT; s++)
        json_decref(r->maxima[s]);
}
