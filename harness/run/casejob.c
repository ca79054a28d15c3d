#include "harness/run/casejob.h"

#include "emul/base/mem.h"
#include "harness/case/values.h"
#include "harness/run/maximum.h"
#include "harness/run/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the object ---- */

static void add_configuration(void *arg, const char *text)
{
    record_note(arg, "configuration", text);
}

static void add_procedure(void *arg, const char *text)
{
    record_note(arg, "procedure", text);
}

static json_t *new_object(const struct case_job *j, const struct campaign_env *env)
{
    struct world *w = env->world;
    const char *name, *version;
    w->dut.driver->identity(&w->dut, &name, &version);
    json_t *o = json_object();
    json_object_set_new(o, "case", json_string(case_id(j->tc)));
    json_object_set_new(o, "title", json_string(case_title(j->tc)));
    json_object_set_new(o, "omitted", json_null());
    json_object_set_new(o, "dut",
                        json_pack("{s:s,s:s,s:s}", "driver", w->dut.driver->name, "name", name,
                                  "version", version));
    json_object_set_new(o, "protocols", json_null());
    if (env->load != NULL)
        json_object_set_new(o, "idle_throughput",
                            throughput_record(env->load, env->settings->traffic_load));
    json_object_set_new(o, "maximum", json_array());
    json_object_set_new(o, "instances", json_array());
    json_object_set_new(o, "deviations", json_pack("{s:[],s:[]}", "configuration", "procedure"));
    w->dut.driver->deviations(&w->dut, add_configuration, json_object_get(o, "deviations"));
    return o;
}

/* "PIM-ASM", or all variants of the sweep: "PIM-ASM, PIM-SSM". */
static void set_protocols(struct case_job *j, const struct campaign_env *env)
{
    char mi_pmsi[64];
    bool listed[MDT_BIDIR + 1] = {false};
    size_t used = 0;
    (void)snprintf(mi_pmsi, sizeof(mi_pmsi), "%s",
                   mdt_mode_protocol(case_mdt(j->tc, env->settings)));
    for (size_t i = 0; i < j->count; i++) {
        enum mdt_mode mode = j->points[i].mdt;
        if (!listed[mode] && used < sizeof(mi_pmsi))
            used += (size_t)snprintf(mi_pmsi + used, sizeof(mi_pmsi) - used, "%s%s",
                                     used == 0 ? "" : ", ", mdt_mode_protocol(mode));
        listed[mode] = true;
    }
    bool spmsi = case_spmsi(j->tc, env->settings) && env->spmsi != 0;
    json_object_set_new(j->object, "protocols",
                        json_pack("{s:s,s:s,s:s}", "mi_pmsi", mi_pmsi, "s_pmsi",
                                  spmsi ? mdt_mode_protocol(MDT_SSM) : "none", "pe_pe", "PIM"));
}

static void add_all(json_t *to, const json_t *from)
{
    static const char *const kinds[] = {"configuration", "procedure"};
    for (size_t k = 0; k < 2; k++) {
        size_t i;
        json_t *text;
        json_array_foreach(json_object_get(from, kinds[k]), i, text)
            record_note(to, kinds[k], json_string_value(text));
    }
}

void casejob_plan(struct case_job *j, const struct campaign_env *env, const json_t *deviations)
{
    char why[CASE_WHY_MAX];
    j->object = new_object(j, env);
    json_t *d = json_object_get(j->object, "deviations");
    add_all(d, deviations);
    case_context_default(&j->context, env->settings);
    j->context.known = &j->known.answers;
    memcpy(j->context.mdt_offered, env->mdt_offered, sizeof(j->context.mdt_offered));
    j->context.spmsi = env->spmsi;
    j->context.note = add_procedure;
    j->context.note_arg = d;
    if (!case_points(j->tc, &j->context, &j->points, &j->count, why)) {
        json_object_set_new(j->object, "omitted", json_string(why));
        free(j->points);
        j->points = NULL;
        j->count = 0;
    }
    set_protocols(j, env);
    j->planned = json_deep_copy(d);
    j->jobs = mem_zalloc(j->count, sizeof(*j->jobs));
    for (size_t i = 0; i < j->count; i++)
        point_result_init(&j->jobs[i].r);
}

/* ---- the sweep ---- */

/* Whether point i comes after point e in a sweep over 100*i mVPNs in which all else is the same. */
static bool comes_after(const struct case_job *j, size_t i, size_t e)
{
    const struct case_point *a = &j->points[i], *b = &j->points[e];
    bool same = case_kind(j->tc) == CASE_SEARCH && a->mdt == b->mdt &&
                b->values.v[PARAM_MVPNS] < a->values.v[PARAM_MVPNS];
    for (int p = 0; p < PARAM_COUNT; p++)
        same &= p == PARAM_MVPNS || !a->swept[p] || a->values.v[p] == b->values.v[p];
    return same;
}

bool casejob_ready(const struct case_job *j, size_t i)
{
    if (j->jobs[i].state != POINT_WAITING)
        return false;
    for (size_t e = 0; e < i; e++) {
        if (j->jobs[e].state != POINT_DONE && comes_after(j, i, e))
            return false;
    }
    return true;
}

bool casejob_complete(const struct case_job *j)
{
    for (size_t i = 0; i < j->count; i++) {
        if (j->jobs[i].state != POINT_DONE)
            return false;
    }
    return j->object != NULL;
}

/* The sweep over 100*i mVPNs ends where not even one unit a mVPN holds (9.2, 9.3, 10.1: "becomes
 * smaller than one"): more mVPNs with the same other values need not be tried. */
static bool sweep_ended(struct case_job *j, size_t i)
{
    for (size_t e = 0; e < i; e++) {
        const struct point_result *r = &j->jobs[e].r;
        if (r->holds || json_array_size(r->entries) == 0 || !comes_after(j, i, e))
            continue;
        json_t *place = maximum_where(&j->points[i]);
        char *text = json_dumps(place, JSON_COMPACT | JSON_REAL_PRECISION(6));
        record_notef(
            j->jobs[i].r.notes, "procedure",
            "%s was not tried: the sweep ended at %.0f mVPNs, which hold less than one %s each",
            text, j->points[e].values.v[PARAM_MVPNS], case_param_name(case_searched(j->tc)));
        free(text);
        json_decref(place);
        return true;
    }
    return false;
}

int casejob_run(struct case_job *j, const struct campaign_env *env, size_t i,
                const struct runner *runner, struct err *err)
{
    struct case_point_job *p = &j->jobs[i];
    struct point_task task = {.env = env,
                              .tc = j->tc,
                              .context = &j->context,
                              .point = &j->points[i],
                              .index = i,
                              .runner = runner};
    point_result_fini(&p->r);
    point_result_init(&p->r);
    if (!sweep_ended(j, i) && point_run(&task, &p->r, err) != 0)
        return -1;
    p->state = POINT_DONE;
    return 0;
}

/* ---- the result ---- */

static void note_refused(struct case_job *j, size_t i, json_t *deviations)
{
    json_t *place = maximum_where(&j->points[i]);
    char *text = json_dumps(place, JSON_COMPACT | JSON_REAL_PRECISION(6));
    record_notef(deviations, "procedure", "%s could not be run: %s", text, j->jobs[i].r.refused);
    free(text);
    json_decref(place);
}

/* Steady first, then the stimuli in the draft's order; within each the points of the sweep. */
static void gather_maxima(struct case_job *j)
{
    json_t *list = json_array();
    for (size_t i = 0; i < j->count; i++)
        json_array_extend(list, j->jobs[i].r.maxima[STIM_COUNT]);
    for (int s = 0; s < STIM_COUNT; s++) {
        for (size_t i = 0; i < j->count; i++)
            json_array_extend(list, j->jobs[i].r.maxima[s]);
    }
    json_object_set_new(j->object, "maximum", list);
}

void casejob_gather(struct case_job *j)
{
    json_t *instances = json_array(), *deviations = json_deep_copy(j->planned);
    const char *refused = NULL;
    for (size_t i = 0; i < j->count; i++) {
        const struct point_result *r = &j->jobs[i].r;
        size_t k;
        json_t *entry;
        json_array_foreach(r->entries, k, entry)
            json_array_append(instances, json_object_get(entry, "record"));
        add_all(deviations, r->notes);
        if (r->refused[0] != '\0') {
            note_refused(j, i, deviations);
            refused = refused == NULL ? r->refused : refused;
        }
    }
    if (refused != NULL && json_array_size(instances) == 0)
        json_object_set_new(j->object, "omitted", json_string(refused));
    json_object_set_new(j->object, "instances", instances);
    json_object_set_new(j->object, "deviations", deviations);
    gather_maxima(j);
}

int64_t casejob_stamp(struct case_job *j, int64_t after_ns)
{
    for (size_t i = 0; i < j->count; i++) {
        size_t k;
        json_t *entry;
        json_array_foreach(j->jobs[i].r.entries, k, entry) after_ns = entry_stamp(entry, after_ns);
    }
    return after_ns;
}

void casejob_fini(struct case_job *j)
{
    for (size_t i = 0; i < j->count; i++)
        point_result_fini(&j->jobs[i].r);
    free(j->jobs);
    free(j->points);
    json_decref(j->object);
    json_decref(j->planned);
}
