#include "harness/run/casejob.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/io/capture.h"
#include "emul/loop/loop.h"
#include "harness/case/values.h"
#include "harness/run/floor.h"
#include "harness/run/plan_estimate.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"
#include "mvpnbench/result.h"
#include "mvpnbench/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An instance that the apparatus spoilt is repeated this often before the search gives up on it. */
#define INVALID_TRIES 3

/* What the search must remember of a value beside its verdict. */
struct tried {
    uint64_t value;
    enum bound bound;
    bool verified;
    char id[32];
};

/* The search at one point of the outer sweep, for the steady state or under one stimulus. */
struct hunt {
    struct search_db db;
    struct tried *tried;
    size_t count, cap;
};

struct job {
    struct campaign_env *env;
    const struct test_case *tc;
    json_t *object;
    json_t *maxima[STIM_COUNT + 1]; /* entries by stimulus; the last: steady */
    struct case_context context;
    const struct case_point *point;
    struct search_bounds bounds;
    unsigned next_id;
};

static void job_note(void *arg, const char *text)
{
    struct job *j = arg;
    record_note(json_object_get(j->object, "deviations"), "procedure", text);
}

/* ---- one instance ---------------------------------------------------------------------------- */

static int make_request(struct job *j, uint64_t value, struct instance_request *q, struct err *err)
{
    struct campaign_env *env = j->env;
    memset(q, 0, sizeof(*q));
    q->tc = j->tc;
    topology_default_addressing(&q->spec.addr);
    q->spec.mtu = env->mtu;
    env->world->dut.driver->describe(&env->world->dut, &q->spec);
    if (env->addr != NULL)
        q->spec.addr = *env->addr;
    struct case_try t = {value, 0};
    if (case_instance(j->tc, &j->context, j->point, &t, &q->spec, &q->values, err) != 0)
        return -1;
    uint64_t h = hash_text(hash_mix(env->seed, 1), case_id(j->tc));
    for (int i = 0; i < PARAM_COUNT; i++) {
        /* What an instance does not have does not change what it draws. */
        bool optional = param_optional((enum case_param)i);
        if (optional && q->values.v[i] == 0)
            continue;
        h = hash_bytes(optional ? hash_mix(h, (uint64_t)i) : h, &q->values.v[i],
                       sizeof(q->values.v[i]));
    }
    q->spec.seed = h;
    q->repeat = env->settings->stimulus_repeat;
    for (int s = 0; s < STIM_COUNT; s++) {
        for (int r = 0; r < REPEAT_MAX; r++)
            q->floor_ns[s][r] = -1;
    }
    return 0;
}

static json_t *journal_entry(struct job *j, const struct instance_request *q,
                             const struct instance_outcome *out)
{
    struct world *w = j->env->world;
    json_t *recoveries = json_array();
    for (size_t i = 0; i < out->recovery_count; i++) {
        const struct recovery_outcome *o = &out->recovery[i];
        json_array_append_new(recoveries, json_pack("[i,i,i,I]", (int)o->stimulus, (int)o->repeat,
                                                    (int)o->verdict, (json_int_t)o->trall_ns));
    }
    return json_pack("{s:s,s:i,s:s,s:b,s:s,s:o,s:I,s:I,s:I,s:O,s:O}", "id", q->id, "verdict",
                     (int)out->verdict, "bound", bound_name(out->bound), "verified",
                     (int)out->verified, "reason", out->reason, "recoveries", recoveries, "end_ns",
                     (json_int_t)loop_now(w->loop).ns, "a1_bytes",
                     (json_int_t)(w->cap_a1 == NULL ? 0 : capture_bytes(w->cap_a1)), "a3_bytes",
                     (json_int_t)(w->cap_a3 == NULL ? 0 : capture_bytes(w->cap_a3)), "notes",
                     out->notes, "record", out->record);
}

static bool recovery_of_row(const json_t *row, struct recovery_outcome *o)
{
    int stimulus, repeat, verdict;
    json_int_t trall_ns;
    if (json_unpack((json_t *)(uintptr_t)row, "[i,i,i,I]", &stimulus, &repeat, &verdict,
                    &trall_ns) != 0 ||
        stimulus < 0 || stimulus >= STIM_COUNT || verdict < VERDICT_PASS ||
        verdict > VERDICT_INVALID)
        return false;
    *o = (struct recovery_outcome){.stimulus = (enum stimulus)stimulus,
                                   .repeat = (unsigned)repeat,
                                   .verdict = (enum verdict)verdict,
                                   .trall_ns = trall_ns};
    return true;
}

/* outcome_of_entry reads what journal_entry wrote; false if it is not that. */
static bool outcome_of_entry(const json_t *entry, struct instance_outcome *out)
{
    const char *bound, *reason;
    int verdict, verified;
    json_t *recoveries, *notes, *record;
    *out = (struct instance_outcome){0};
    if (json_unpack((json_t *)(uintptr_t)entry, "{s:i,s:s,s:b,s:s,s:o,s:o,s:o}", "verdict",
                    &verdict, "bound", &bound, "verified", &verified, "reason", &reason,
                    "recoveries", &recoveries, "notes", &notes, "record", &record) != 0 ||
        verdict < VERDICT_PASS || verdict > VERDICT_INVALID || !json_is_object(notes) ||
        !json_is_object(record) ||
        json_array_size(recoveries) > sizeof(out->recovery) / sizeof(out->recovery[0]))
        return false;
    size_t i;
    json_t *row;
    json_array_foreach(recoveries, i, row)
    {
        if (!recovery_of_row(row, &out->recovery[out->recovery_count++]))
            return false;
    }
    out->verdict = (enum verdict)verdict;
    out->bound = bound_by_name(bound);
    out->verified = verified != 0;
    (void)snprintf(out->reason, sizeof(out->reason), "%s", reason);
    out->record = json_incref(record);
    out->notes = json_incref(notes);
    return true;
}

/* 1 and *out when the resumed journal has this instance, 0 when it must run, -1 with *err. */
static int from_journal(struct job *j, const struct instance_request *q,
                        struct instance_outcome *out, struct err *err)
{
    struct campaign_env *env = j->env;
    if (env->done_next >= json_array_size(env->done))
        return 0;
    const json_t *entry = json_array_get(env->done, env->done_next);
    const char *id = json_string_value(json_object_get(entry, "id"));
    if (id == NULL || strcmp(id, q->id) != 0) {
        err_set(err, ERR_USE,
                "the journal has instance %s where this run needs %s: it was written by another "
                "version or after a change of files; start the run anew",
                id == NULL ? "?" : id, q->id);
        return -1;
    }
    if (!outcome_of_entry(entry, out)) {
        err_set(err, ERR_USE, "the journal's instance %s is damaged; start the run anew", id);
        return -1;
    }
    env->done_next++;
    return 1;
}

/* On the virtual clock every instance begins on a whole second after the one before. */
static void next_begin(struct world *w)
{
    if (!w->virtual_clock)
        return;
    int64_t second = loop_now(w->loop).ns / NS_PER_S + 1;
    world_run_to(w, (struct instant){second * NS_PER_S});
}

static void add_notes(struct job *j, const json_t *notes)
{
    json_t *deviations = json_object_get(j->object, "deviations");
    const char *kinds[] = {"configuration", "procedure"};
    for (size_t k = 0; k < 2; k++) {
        size_t i;
        json_t *text;
        json_array_foreach(json_object_get(notes, kinds[k]), i, text)
            record_note(deviations, kinds[k], json_string_value(text));
    }
}

static void say_outcome(const struct instance_request *q, const struct instance_outcome *out,
                        uint64_t value)
{
    progress_line("%s: %s=%llu %s%s%s", q->id, case_param_symbol(case_searched(q->tc)),
                  (unsigned long long)value, verdict_name(out->verdict),
                  out->reason[0] == '\0' ? "" : ": ", out->reason);
    for (size_t i = 0; i < out->recovery_count; i++) {
        const struct recovery_outcome *o = &out->recovery[i];
        if (o->trall_ns >= 0)
            progress_line("%s: %s %s, Trall-Tf %.3f s", q->id, stimulus_name(o->stimulus),
                          verdict_name(o->verdict), (double)o->trall_ns / 1e9);
        else
            progress_line("%s: %s %s", q->id, stimulus_name(o->stimulus), verdict_name(o->verdict));
    }
}

/* Runs (or takes from the journal) one instance; its record and notes go into the case. */
static int run_once(struct job *j, uint64_t value, const enum stimulus *stimuli, size_t count,
                    struct instance_outcome *out, char id[32], struct err *err)
{
    struct campaign_env *env = j->env;
    struct instance_request q;
    if (make_request(j, value, &q, err) != 0)
        return -1;
    (void)snprintf(id, 32, "%s-%04u", case_id(j->tc), ++j->next_id);
    q.id = id;
    q.stimulus_count = count;
    for (size_t i = 0; i < count; i++)
        q.stimuli[i] = stimuli[i];
    int known = from_journal(j, &q, out, err);
    if (known < 0)
        return -1;
    if (known == 0) {
        if (count > 0 &&
            floor_measure(&q, env->settings, env->seed, env->world->interrupted, err) != 0)
            return -1;
        next_begin(env->world);
        loop_urgent(!env->world->virtual_clock);
        int ran = instance_run(env->world, &q, out, err);
        loop_urgent(false);
        if (ran != 0)
            return -1;
        json_t *entry = journal_entry(j, &q, out);
        int failed = journal_add(env->journal, entry, err);
        json_decref(entry);
        if (failed != 0) {
            instance_outcome_fini(out);
            return -1;
        }
    }
    say_outcome(&q, out, value);
    json_array_append(json_object_get(j->object, "instances"), out->record);
    add_notes(j, out->notes);
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

/* As run_once, again while the apparatus spoilt it. */
static int run_valid(struct job *j, uint64_t value, const enum stimulus *stimuli, size_t count,
                     struct instance_outcome *out, char id[32], struct err *err)
{
    for (unsigned tries = 1;; tries++) {
        if (run_once(j, value, stimuli, count, out, id, err) != 0)
            return -1;
        if (!any_invalid(out) || tries >= INVALID_TRIES)
            return 0;
        record_notef(json_object_get(j->object, "deviations"), "procedure",
                     "instance %s was invalid (%s) and was repeated", id,
                     out->reason[0] == '\0' ? "during a recovery" : out->reason);
        instance_outcome_fini(out);
    }
}

/* ---- the search ------------------------------------------------------------------------------ */

static void hunt_add(struct hunt *h, uint64_t value, enum verdict verdict, enum bound bound,
                     bool verified, const char *id)
{
    search_db_add(&h->db, value, verdict);
    size_t i = 0;
    while (i < h->count && h->tried[i].value != value)
        i++;
    if (i == h->count) {
        h->tried = array_grow(h->tried, h->count, &h->cap, sizeof(*h->tried));
        h->count++;
    }
    h->tried[i] = (struct tried){.value = value, .bound = bound, .verified = verified};
    (void)snprintf(h->tried[i].id, sizeof(h->tried[i].id), "%s", id);
}

static const struct tried *hunt_find(const struct hunt *h, uint64_t value)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->tried[i].value == value)
            return &h->tried[i];
    }
    return NULL;
}

static void hunt_fini(struct hunt *h)
{
    search_db_fini(&h->db);
    free(h->tried);
}

static json_t *where(const struct job *j)
{
    json_t *o = json_object();
    static const struct {
        enum case_param param;
        const char *key;
    } keys[] = {{PARAM_MVPNS, "N"},
                {PARAM_C_INTERFACES, "c"},
                {PARAM_REMOTE_PES, "R"},
                {PARAM_GROUPS, "g"},
                {PARAM_INGRESS_SHARE, "ingress_share"},
                {PARAM_SOURCES, "sources_per_group"},
                {PARAM_SPMSI_SRC, "spmsi_src"},
                {PARAM_SPMSI_RX, "spmsi_rx"},
                {PARAM_SPMSI_SRC_FLOWS, "spmsi_src_flows"},
                {PARAM_SPMSI_RX_FLOWS, "spmsi_rx_flows"}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!j->point->swept[keys[i].param])
            continue;
        double v = j->point->values.v[keys[i].param];
        json_object_set_new(o, keys[i].key,
                            keys[i].param == PARAM_INGRESS_SHARE ? json_real(v)
                                                                 : json_integer((json_int_t)v));
    }
    return o;
}

static json_t *maximum_entry(struct job *j, const struct hunt *h, const char *stimulus)
{
    struct search_state s = search_state_get(&h->db);
    const struct tried *at = hunt_find(h, s.last_pass);
    const struct tried *fail = hunt_find(h, s.first_fail);
    enum bound bound = fail == NULL ? BOUND_RANGE : fail->bound;
    const struct trial *t = fail == NULL ? NULL : search_db_find(&h->db, fail->value);
    if (t != NULL && t->verdict == VERDICT_INVALID)
        bound = BOUND_APPARATUS;
    json_t *o = json_object();
    json_object_set_new(o, "stimulus", json_string(stimulus));
    json_object_set_new(o, "where", where(j));
    json_t *searched = json_object();
    json_object_set_new(searched, "name", json_string(case_param_symbol(case_searched(j->tc))));
    json_object_set_new(searched, "value",
                        at == NULL ? json_null() : json_integer((json_int_t)s.last_pass));
    json_object_set_new(o, "searched", searched);
    json_object_set_new(o, "variable", json_string(case_variable_name(j->tc)));
    json_t *value = json_null();
    struct case_values values = j->point->values;
    values.v[case_searched(j->tc)] = (double)s.last_pass;
    if (at != NULL)
        value = json_integer(case_variable(j->tc, &values));
    json_object_set_new(o, "value", value);
    json_object_set_new(o, "instance", at == NULL ? json_null() : json_string(at->id));
    json_object_set_new(o, "last_pass",
                        at == NULL ? json_null() : json_integer((json_int_t)s.last_pass));
    json_object_set_new(o, "first_fail",
                        fail == NULL ? json_null() : json_integer((json_int_t)s.first_fail));
    json_object_set_new(o, "bounded_by", json_string(bound_name(bound)));
    json_object_set_new(o, "verified", json_boolean(at != NULL && at->verified));
    return o;
}

static void record_recoveries(struct hunt *under, const struct instance_outcome *out,
                              uint64_t value, const char *id)
{
    for (size_t i = 0; i < out->recovery_count; i++) {
        const struct recovery_outcome *o = &out->recovery[i];
        struct hunt *h = &under[o->stimulus];
        const struct trial *known = search_db_find(&h->db, value);
        if (known != NULL && known->verdict != VERDICT_PASS)
            continue;
        hunt_add(h, value, o->verdict, o->verdict == VERDICT_INVALID ? BOUND_APPARATUS : BOUND_DUT,
                 out->verified, id);
    }
}

/* A value that the testbed or the apparatus cannot carry (draft 6.6: 48,000 joins a minute and
 * session) bounds the search without being tried: 1 fits, 0 not. */
static int fits(struct job *j, struct hunt *steady, uint64_t value, struct err *err)
{
    struct instance_request q;
    struct err why = {0};
    if (make_request(j, value, &q, err) != 0)
        return -1;
    const char *limit = plan_limit(&q.spec, NULL);
    if (limit != NULL)
        err_set(&why, ERR_TESTBED, "%s", limit);
    else if (j->env->world->dut.driver->fits(&j->env->world->dut, &q.spec, &why))
        return 1;
    record_notef(json_object_get(j->object, "deviations"), "procedure", "%s=%llu was not tried: %s",
                 case_param_symbol(case_searched(j->tc)), (unsigned long long)value, why.text);
    hunt_add(steady, value, VERDICT_FAIL, BOUND_APPARATUS, false, "");
    return 0;
}

/* One value of the steady search (with stimulus.at=every also under each stimulus). */
static int try_value(struct job *j, struct hunt *steady, struct hunt *under, uint64_t value,
                     struct err *err)
{
    struct instance_outcome out;
    char id[32];
    int fit = fits(j, steady, value, err);
    if (fit <= 0)
        return fit;
    bool every = j->env->settings->stimulus_at == AT_EVERY && case_stimuli(j->tc);
    if (run_valid(j, value, j->env->stimuli, every ? j->env->stimulus_count : 0, &out, id, err) !=
        0)
        return -1;
    hunt_add(steady, value, out.verdict, out.bound, out.verified, id);
    record_recoveries(under, &out, value, id);
    instance_outcome_fini(&out);
    return 0;
}

static int settle_contradictions(struct job *j, struct hunt *steady, struct hunt *under,
                                 struct err *err)
{
    uint64_t fail, pass;
    while (search_contradiction(&steady->db, &fail, &pass)) {
        record_notef(json_object_get(j->object, "deviations"), "procedure",
                     "%s=%llu failed and %s=%llu passed: both were tried again",
                     case_param_symbol(case_searched(j->tc)), (unsigned long long)fail,
                     case_param_symbol(case_searched(j->tc)), (unsigned long long)pass);
        if (try_value(j, steady, under, fail, err) != 0 ||
            try_value(j, steady, under, pass, err) != 0)
            return -1;
    }
    return 0;
}

static int search_steady(struct job *j, struct hunt *steady, struct hunt *under, struct err *err)
{
    uint64_t value;
    while ((value = search_next(&steady->db, &j->bounds, true)) != 0) {
        if (try_value(j, steady, under, value, err) != 0 ||
            settle_contradictions(j, steady, under, err) != 0)
            return -1;
    }
    return 0;
}

/* All stimuli at the steady maximum; after one that fails the rest run on an instance set up anew.
 */
static int stimuli_at_maximum(struct job *j, struct hunt *under, uint64_t value, struct err *err)
{
    enum stimulus pending[STIM_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < j->env->stimulus_count; i++) {
        if (search_db_find(&under[j->env->stimuli[i]].db, value) == NULL)
            pending[count++] = j->env->stimuli[i];
    }
    while (count > 0) {
        struct instance_outcome out;
        char id[32];
        if (run_valid(j, value, pending, count, &out, id, err) != 0)
            return -1;
        record_recoveries(under, &out, value, id);
        size_t left = 0;
        for (size_t i = 0; i < count; i++) {
            if (search_db_find(&under[pending[i]].db, value) == NULL)
                pending[left++] = pending[i];
        }
        bool stuck = left == count;
        count = left;
        /* The steady state itself did not hold this time: the stimuli cannot be judged here. */
        for (size_t i = 0; stuck && i < count; i++)
            hunt_add(&under[pending[i]], value, VERDICT_FAIL, out.bound, out.verified, id);
        if (stuck) {
            record_notef(json_object_get(j->object, "deviations"), "procedure",
                         "instance %s failed in the steady state (%s) although the value had "
                         "passed: the stimuli were searched below it",
                         id, out.reason);
            count = 0;
        }
        instance_outcome_fini(&out);
    }
    return 0;
}

static int search_under(struct job *j, enum stimulus s, struct hunt *h, struct err *err)
{
    uint64_t value;
    while ((value = search_next_down(&h->db, &j->bounds)) != 0) {
        struct instance_outcome out;
        char id[32];
        if (run_valid(j, value, &s, 1, &out, id, err) != 0)
            return -1;
        enum verdict v = out.recovery_count > 0 ? VERDICT_PASS : out.verdict;
        for (size_t i = 0; i < out.recovery_count; i++) {
            if (out.recovery[i].verdict != VERDICT_PASS)
                v = out.recovery[i].verdict;
        }
        hunt_add(h, value, v, out.bound, out.verified, id);
        instance_outcome_fini(&out);
    }
    return 0;
}

/* A stimulus that the DUT survives at the steady maximum is bounded by what bounds the steady
 * state. */
static void bound_by_steady(struct hunt *h, const struct hunt *steady)
{
    uint64_t fail = search_state_get(&steady->db).first_fail;
    const struct tried *t = hunt_find(steady, fail);
    if (h->count == 0 || t == NULL || search_state_get(&h->db).first_fail != 0)
        return;
    hunt_add(h, fail, search_db_find(&steady->db, fail)->verdict, t->bound, t->verified, t->id);
}

static int run_point(struct job *j, bool *holds, struct err *err)
{
    struct hunt steady = {0}, under[STIM_COUNT] = {0};
    int result = case_bounds(j->tc, &j->context, j->point, &j->bounds, err);
    if (result == 0)
        result = search_steady(j, &steady, under, err);
    if (steady.count > 0)
        json_array_append_new(j->maxima[STIM_COUNT], maximum_entry(j, &steady, "steady"));
    uint64_t value = search_state_get(&steady.db).last_pass;
    *holds = value != 0;
    bool stimuli = result == 0 && case_stimuli(j->tc) && value != 0;
    if (stimuli)
        result = stimuli_at_maximum(j, under, value, err);
    for (size_t i = 0; stimuli && i < j->env->stimulus_count; i++) {
        enum stimulus s = j->env->stimuli[i];
        if (result == 0)
            result = search_under(j, s, &under[s], err);
        bound_by_steady(&under[s], &steady);
        if (under[s].count > 0)
            json_array_append_new(j->maxima[s], maximum_entry(j, &under[s], stimulus_name(s)));
    }
    hunt_fini(&steady);
    for (int s = 0; s < STIM_COUNT; s++)
        hunt_fini(&under[s]);
    return result;
}

/* ---- the case -------------------------------------------------------------------------------- */

static void add_configuration(void *arg, const char *text)
{
    record_note(arg, "configuration", text);
}

json_t *casejob_new(struct campaign_env *env, const struct test_case *tc, const char *omitted)
{
    struct world *w = env->world;
    const char *name, *version;
    w->dut.driver->identity(&w->dut, &name, &version);
    json_t *o = json_object();
    json_object_set_new(o, "case", json_string(case_id(tc)));
    json_object_set_new(o, "title", json_string(case_title(tc)));
    json_object_set_new(o, "omitted", omitted == NULL ? json_null() : json_string(omitted));
    json_object_set_new(o, "dut",
                        json_pack("{s:s,s:s,s:s}", "driver", w->dut.driver->name, "name", name,
                                  "version", version));
    json_object_set_new(
        o, "protocols",
        json_pack("{s:s,s:s,s:s}", "mi_pmsi", mdt_mode_protocol(case_mdt(tc, env->settings)),
                  "s_pmsi", case_spmsi(tc, env->settings) ? mdt_mode_protocol(MDT_SSM) : "none",
                  "pe_pe", "PIM"));
    json_object_set_new(o, "maximum", json_array());
    json_object_set_new(o, "instances", json_array());
    json_t *deviations = json_pack("{s:[],s:[]}", "configuration", "procedure");
    json_object_set_new(o, "deviations", deviations);
    w->dut.driver->deviations(&w->dut, add_configuration, deviations);
    return o;
}

/* Steady first, then the stimuli in the draft's order; within each the points of the sweep. */
static void gather_maxima(struct job *j)
{
    json_t *list = json_object_get(j->object, "maximum");
    json_array_extend(list, j->maxima[STIM_COUNT]);
    for (int s = 0; s < STIM_COUNT; s++)
        json_array_extend(list, j->maxima[s]);
    for (int s = 0; s <= STIM_COUNT; s++)
        json_decref(j->maxima[s]);
}

/* The sweep over 100*i mVPNs ends where not even one unit a mVPN holds (9.2, 9.3, 10.1: "becomes
 * smaller than one"): more mVPNs with the same other values need not be tried. */
static bool sweep_ended(struct job *j, const struct case_point *ended, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool same = ended[i].values.v[PARAM_MVPNS] < j->point->values.v[PARAM_MVPNS];
        for (int p = 0; p < PARAM_COUNT; p++)
            same &= p == PARAM_MVPNS || !j->point->swept[p] ||
                    ended[i].values.v[p] == j->point->values.v[p];
        if (!same)
            continue;
        json_t *place = where(j);
        char *text = json_dumps(place, JSON_COMPACT);
        record_notef(json_object_get(j->object, "deviations"), "procedure",
                     "%s was not tried: the sweep ended at %.0f mVPNs, which hold less than one %s "
                     "each",
                     text, ended[i].values.v[PARAM_MVPNS], case_param_name(case_searched(j->tc)));
        free(text);
        json_decref(place);
        return true;
    }
    return false;
}

int casejob_run(struct campaign_env *env, const struct test_case *tc, json_t *case_object,
                struct err *err)
{
    struct job j = {.env = env, .tc = tc, .object = case_object, .context = env->context};
    for (int s = 0; s <= STIM_COUNT; s++)
        j.maxima[s] = json_array();
    struct case_point *points = NULL;
    size_t count = 0;
    char why[CASE_WHY_MAX];
    j.context.note = job_note;
    j.context.note_arg = &j;
    if (!case_points(tc, &j.context, &points, &count, why))
        json_object_set_new(case_object, "omitted", json_string(why));
    struct case_point *ended = mem_zalloc(count, sizeof(*ended));
    size_t ended_count = 0;
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        j.point = &points[i];
        if (sweep_ended(&j, ended, ended_count))
            continue;
        bool holds = false;
        result = run_point(&j, &holds, err);
        if (!holds)
            ended[ended_count++] = points[i];
    }
    free(ended);
    gather_maxima(&j);
    free(points);
    return result;
}
