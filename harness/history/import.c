/* From the tree of a result to rows. */
#include "harness/history/conditions.h"
#include "harness/history/store.h"

#include "emul/base/instant.h"
#include "emul/base/mem.h"
#include "harness/history/reasons.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum insert {
    INSERT_RUN,
    INSERT_CONDITIONS,
    FIND_CONDITIONS,
    INSERT_TESTED,
    INSERT_DEVIATION,
    INSERT_INSTANCE,
    INSERT_PARAMETER,
    INSERT_MAXIMUM,
    INSERT_METRIC,
    INSERT_RECOVERY,
    INSERT_TIME,
    INSERT_EXTRA,
    INSERTS
};

static const char *const sql[INSERTS] = {
    [INSERT_RUN] = "INSERT INTO run (sha256, started, clock, tool, seed, driver, dut, version, "
                   "directory) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_CONDITIONS] = "INSERT OR IGNORE INTO conditions (text) VALUES (?)",
    [FIND_CONDITIONS] = "SELECT id FROM conditions WHERE text = ?",
    [INSERT_TESTED] = "INSERT INTO tested (run, case_id, title, omitted, mi_pmsi, s_pmsi, pe_pe, "
                      "timing, load) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_DEVIATION] = "INSERT INTO deviation VALUES (?, ?, ?)",
    [INSERT_INSTANCE] = "INSERT INTO instance (tested, name, verdict, reason, place, conditions) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_PARAMETER] = "INSERT INTO parameter VALUES (?, ?, ?)",
    [INSERT_MAXIMUM] =
        "INSERT INTO maximum (tested, stimulus, place, conditions, searched, searched_value, "
        "variable, value, resolution, instance, last_pass, first_fail, bounded_by, verified, "
        "reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_METRIC] = "INSERT INTO metric VALUES (?, ?, ?, ?)",
    [INSERT_RECOVERY] = "INSERT INTO recovery (instance, stimulus, repeat, verdict, reason, marks, "
                        "conditions, resolution_ns, floor_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_TIME] = "INSERT INTO recovery_time VALUES (?, ?, ?, ?)",
    [INSERT_EXTRA] = "INSERT INTO extra VALUES (?, ?, ?, ?, ?)",
};

struct import {
    struct history *h;
    const json_t *result, *one_case; /* where it is */
    sqlite3_stmt *s[INSERTS];
    int64_t tested;
    json_t *stored; /* names of this case's instances that are in, and their rows */
    struct err *err;
    bool failed; /* the first error stays, further rows are left out */
};

/* ---- binding ----------------------------------------------------------------------------------
 */

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    store_bind_text(s, at, text == NULL ? "" : text);
}

static void bind_number(sqlite3_stmt *s, int at, double v)
{
    if (isfinite(v))
        (void)sqlite3_bind_double(s, at, v);
    else
        (void)sqlite3_bind_null(s, at);
}

static void bind_json(sqlite3_stmt *s, int at, const json_t *v)
{
    if (json_is_string(v))
        store_bind_text(s, at, json_string_value(v));
    else if (json_is_integer(v))
        (void)sqlite3_bind_int64(s, at, json_integer_value(v));
    else if (json_is_boolean(v))
        (void)sqlite3_bind_int(s, at, json_is_true(v));
    else
        bind_number(s, at, result_number(v));
}

static void bind_ns(sqlite3_stmt *s, int at, const json_t *v)
{
    int64_t ns;
    double seconds = result_number(v);
    if (result_is_time(v, &ns))
        (void)sqlite3_bind_int64(s, at, ns);
    else if (isfinite(seconds) && fabs(seconds) < 9e9)
        (void)sqlite3_bind_int64(s, at, llround(seconds * (double)NS_PER_S));
    else
        (void)sqlite3_bind_null(s, at);
}

/* add runs the statement with what is bound and returns the new row. */
static int64_t add(struct import *im, enum insert which)
{
    sqlite3_stmt *s = im->s[which];
    if (!im->failed && sqlite3_step(s) != SQLITE_DONE) {
        (void)store_failed(im->h, im->err);
        im->failed = true;
    }
    (void)sqlite3_reset(s);
    return sqlite3_last_insert_rowid(im->h->db);
}

/* Takes the object; returns the row of that text. */
static int64_t add_conditions(struct import *im, json_t *o)
{
    char *text = condition_text(o);
    sqlite3_stmt *find = im->s[FIND_CONDITIONS];
    int64_t id = 0;
    store_bind_text(im->s[INSERT_CONDITIONS], 1, text);
    (void)add(im, INSERT_CONDITIONS);
    store_bind_text(find, 1, text);
    if (!im->failed && sqlite3_step(find) == SQLITE_ROW) {
        id = sqlite3_column_int64(find, 0);
    } else if (!im->failed) {
        (void)store_failed(im->h, im->err);
        im->failed = true;
    }
    (void)sqlite3_reset(find);
    free(text);
    json_decref(o);
    return id;
}

/* ---- what an instance measured ----------------------------------------------------------------
 */

static void add_time(struct import *im, int64_t recovery, const char *name, const json_t *v,
                     const char *reason)
{
    sqlite3_stmt *s = im->s[INSERT_TIME];
    (void)sqlite3_bind_int64(s, 1, recovery);
    bind_text(s, 2, name);
    bind_ns(s, 3, v);
    store_bind_text(s, 4, v == NULL || json_is_null(v) ? reason : NULL);
    (void)add(im, INSERT_TIME);
}

static void add_neighbour_times(struct import *im, int64_t recovery, const json_t *r)
{
    static const char *const sides[] = {"mi_pmsi", "c_interface"},
                             *const whens[] = {"first", "all"},
                             *const views[] = {"apparatus", "dut"};
    const json_t *neighbours = json_object_get(r, "neighbours");
    for (size_t i = 0; i < 8; i++) {
        const char *side = sides[i / 4], *when = whens[i / 2 % 2], *view = views[i % 2];
        char name[64];
        (void)snprintf(name, sizeof(name), "neighbours.%s.%s.%s", side, when, view);
        const json_t *o = json_object_get(json_object_get(neighbours, side), when);
        add_time(im, recovery, name, json_object_get(o, view), NULL);
    }
}

static void add_recovery(struct import *im, int64_t row, const json_t *instance,
                         const json_t *place, const json_t *r)
{
    static const char *const times[] = {"Tre-Tf", "Trd-Tf", "Trall-Tf", "loss_derived_s"};
    const json_t *marks = json_object_get(r, "marks");
    int64_t conditions =
        add_conditions(im, condition_of_instance(im->result, im->one_case, place,
                                                 json_object_get(instance, "parameters"), marks));
    char *joined = condition_marks(marks);
    sqlite3_stmt *s = im->s[INSERT_RECOVERY];
    (void)sqlite3_bind_int64(s, 1, row);
    bind_text(s, 2, text_of(r, "stimulus"));
    (void)sqlite3_bind_int64(s, 3, json_integer_value(json_object_get(r, "repeat")));
    bind_text(s, 4, text_of(r, "verdict"));
    store_bind_text(s, 5, text_of(r, "reason"));
    bind_text(s, 6, joined);
    (void)sqlite3_bind_int64(s, 7, conditions);
    bind_ns(s, 8, json_object_get(r, "resolution_s"));
    bind_ns(s, 9, json_object_get(r, "apparatus_floor_s"));
    free(joined);
    int64_t recovery = add(im, INSERT_RECOVERY);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const char *why =
            reason_of_time(im->one_case, text_of(r, "stimulus"), text_of(instance, "id"), times[i]);
        add_time(im, recovery, times[i], json_object_get(r, times[i]), why);
    }
    add_neighbour_times(im, recovery, r);
}

/* The numbers of "extra", however deep: "spmsi_switch_delay.avg". */
static void add_extra(struct import *im, int64_t row, const char *prefix, const json_t *o,
                      unsigned depth)
{
    const json_t *resolution = json_object_get(o, "resolution_s");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
    {
        char *name = mem_printf("%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", key);
        if (json_is_object(v) && !result_is_time(v, NULL)) {
            if (depth < 8)
                add_extra(im, row, name, v, depth + 1);
        } else if (!json_is_array(v) && !json_is_string(v) && v != resolution) {
            sqlite3_stmt *s = im->s[INSERT_EXTRA];
            (void)sqlite3_bind_int64(s, 1, row);
            bind_text(s, 2, name);
            bind_number(s, 3, json_is_boolean(v) ? json_is_true(v) : result_number(v));
            bind_number(s, 4, result_number(resolution));
            store_bind_text(s, 5, json_is_null(v) ? reason_of_null(im->one_case, name) : NULL);
            (void)add(im, INSERT_EXTRA);
        }
        free(name);
    }
}

static void add_parameters(struct import *im, int64_t row, const json_t *instance)
{
    const char *key;
    json_t *v;
    json_object_foreach(json_object_get(instance, "parameters"), key, v)
    {
        if (json_is_null(v))
            continue;
        sqlite3_stmt *s = im->s[INSERT_PARAMETER];
        (void)sqlite3_bind_int64(s, 1, row);
        bind_text(s, 2, key);
        bind_json(s, 3, v);
        (void)add(im, INSERT_PARAMETER);
    }
}

/* The point of the sweep that an instance belongs to; NULL: the case has none (borrowed). */
static const json_t *place_of(const json_t *one_case, const json_t *instance)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(one_case, "maximum"), i, entry)
    {
        const json_t *where = json_object_get(entry, "where");
        if (condition_matches(where, json_object_get(instance, "parameters")))
            return where;
    }
    return NULL;
}

static int64_t add_instance(struct import *im, const json_t *instance)
{
    const json_t *place = place_of(im->one_case, instance), *r;
    char *text = condition_text(place);
    int64_t conditions =
        add_conditions(im, condition_of_instance(im->result, im->one_case, place,
                                                 json_object_get(instance, "parameters"), NULL));
    sqlite3_stmt *s = im->s[INSERT_INSTANCE];
    (void)sqlite3_bind_int64(s, 1, im->tested);
    bind_text(s, 2, text_of(instance, "id"));
    bind_text(s, 3, text_of(instance, "verdict"));
    store_bind_text(s, 4, text_of(instance, "reason"));
    bind_text(s, 5, text);
    (void)sqlite3_bind_int64(s, 6, conditions);
    free(text);
    int64_t row = add(im, INSERT_INSTANCE);
    add_parameters(im, row, instance);
    add_extra(im, row, "", json_object_get(instance, "extra"), 0);
    size_t i;
    json_array_foreach(json_object_get(instance, "recovery"), i, r)
    {
        add_recovery(im, row, instance, place, r);
    }
    return row;
}

/* ---- maxima -----------------------------------------------------------------------------------
 */

/* Every variable of the metric, and of the P instance; without an instance all are null. */
static void add_metric(struct import *im, int64_t maximum, const json_t *instance,
                       const char *reason)
{
    for (int i = 0; i < METRIC_VARS + P_METRIC_VARS; i++) {
        bool c = i < METRIC_VARS;
        const char *name = c ? metric_name((enum metric_var)i)
                             : p_metric_name((enum p_metric_var)(i - METRIC_VARS));
        const json_t *from = json_object_get(instance, c ? "metric" : "p_instance");
        double v = result_number(json_object_get(from, name));
        sqlite3_stmt *s = im->s[INSERT_METRIC];
        (void)sqlite3_bind_int64(s, 1, maximum);
        bind_text(s, 2, name);
        bind_number(s, 3, v);
        store_bind_text(s, 4,
                        isfinite(v)        ? NULL
                        : instance == NULL ? reason
                                           : "the DUT's view does not have it");
        (void)add(im, INSERT_METRIC);
    }
}

/* How far the value could be from the true maximum: what was not tried below the first fail. */
static double resolution_of(const json_t *m)
{
    double pass = result_number(json_object_get(m, "last_pass"));
    double fail = result_number(json_object_get(m, "first_fail"));
    double value = result_number(json_object_get(m, "value"));
    return pass > 0 && fail > pass + 1 ? (fail - pass - 1) * value / pass
           : isfinite(value)           ? 0
                                       : NAN;
}

static int64_t stored_row(const struct import *im, const char *name)
{
    return name == NULL ? 0 : json_integer_value(json_object_get(im->stored, name));
}

static void add_maximum(struct import *im, const json_t *m)
{
    const json_t *where = json_object_get(m, "where"), *searched = json_object_get(m, "searched");
    const json_t *instances = json_object_get(im->one_case, "instances");
    const json_t *at = instance_named(instances, text_of(m, "instance"));
    const json_t *any = at != NULL ? at : instance_at(instances, where);
    const char *reason = reason_of_maximum(m, any);
    int64_t row = stored_row(im, text_of(m, "instance"));
    char *place = condition_text(where);
    int64_t conditions = add_conditions(
        im, condition_of_maximum(im->result, im->one_case, m, json_object_get(any, "parameters")));
    sqlite3_stmt *s = im->s[INSERT_MAXIMUM];
    (void)sqlite3_bind_int64(s, 1, im->tested);
    bind_text(s, 2, text_of(m, "stimulus"));
    bind_text(s, 3, place);
    (void)sqlite3_bind_int64(s, 4, conditions);
    bind_text(s, 5, text_of(searched, "name"));
    bind_number(s, 6, result_number(json_object_get(searched, "value")));
    bind_text(s, 7, text_of(m, "variable"));
    bind_number(s, 8, result_number(json_object_get(m, "value")));
    bind_number(s, 9, resolution_of(m));
    bind_number(s, 10, NAN);
    if (row > 0)
        (void)sqlite3_bind_int64(s, 10, row);
    bind_number(s, 11, result_number(json_object_get(m, "last_pass")));
    bind_number(s, 12, result_number(json_object_get(m, "first_fail")));
    bind_text(s, 13, text_of(m, "bounded_by"));
    (void)sqlite3_bind_int(s, 14, json_is_true(json_object_get(m, "verified")));
    store_bind_text(s, 15, reason);
    free(place);
    add_metric(im, add(im, INSERT_MAXIMUM), at, reason);
}

/* ---- cases ------------------------------------------------------------------------------------
 */

/* Of an instance that no maximum names only what it measured is of interest. */
static bool wanted(const json_t *one_case, const json_t *instance)
{
    const json_t *maxima = json_object_get(one_case, "maximum");
    const char *id = text_of(instance, "id");
    size_t i;
    json_t *entry;
    if (json_array_size(maxima) == 0 || json_array_size(json_object_get(instance, "recovery")) > 0)
        return true;
    json_array_foreach(maxima, i, entry)
    {
        const char *named = text_of(entry, "instance");
        if (named != NULL && id != NULL && strcmp(named, id) == 0)
            return true;
    }
    return false;
}

static void add_instances(struct import *im)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(im->one_case, "instances"), i, item)
    {
        const char *id = text_of(item, "id");
        if (im->failed || !wanted(im->one_case, item))
            continue;
        int64_t row = add_instance(im, item);
        if (id != NULL)
            json_object_set_new(im->stored, id, json_integer((json_int_t)row));
    }
}

static void add_deviations(struct import *im)
{
    static const char *const kinds[] = {"configuration", "procedure"};
    for (size_t k = 0; k < 2; k++) {
        size_t i;
        json_t *item;
        json_array_foreach(json_object_get(json_object_get(im->one_case, "deviations"), kinds[k]),
                           i, item)
        {
            sqlite3_stmt *s = im->s[INSERT_DEVIATION];
            (void)sqlite3_bind_int64(s, 1, im->tested);
            bind_text(s, 2, kinds[k]);
            bind_text(s, 3, json_string_value(item));
            (void)add(im, INSERT_DEVIATION);
        }
    }
}

static void add_case(struct import *im, int64_t run)
{
    const json_t *c = im->one_case, *protocols = json_object_get(c, "protocols");
    char *timing = condition_timing(c);
    sqlite3_stmt *s = im->s[INSERT_TESTED];
    (void)sqlite3_bind_int64(s, 1, run);
    bind_text(s, 2, text_of(c, "case"));
    bind_text(s, 3, text_of(c, "title"));
    store_bind_text(s, 4, text_of(c, "omitted"));
    bind_text(s, 5, text_of(protocols, "mi_pmsi"));
    bind_text(s, 6, text_of(protocols, "s_pmsi"));
    bind_text(s, 7, text_of(protocols, "pe_pe"));
    bind_text(s, 8, timing);
    bind_number(s, 9, result_number(condition_load(c)));
    free(timing);
    im->tested = add(im, INSERT_TESTED);
    json_object_clear(im->stored);
    add_deviations(im);
    add_instances(im);
    size_t i;
    json_t *m;
    json_array_foreach(json_object_get(c, "maximum"), i, m)
    {
        add_maximum(im, m);
    }
}

static int64_t add_run(struct import *im, const char *sha256, const char *dir)
{
    const json_t *tool = json_object_get(im->result, "tool");
    const json_t *cases = json_object_get(im->result, "cases");
    const json_t *dut = json_object_get(json_array_get(cases, 0), "dut");
    sqlite3_stmt *s = im->s[INSERT_RUN];
    bind_text(s, 1, sha256);
    bind_text(s, 2, text_of(im->result, "started"));
    bind_text(s, 3, text_of(im->result, "clock"));
    bind_text(s, 4, text_of(tool, "version"));
    (void)sqlite3_bind_int64(s, 5, json_integer_value(json_object_get(tool, "seed")));
    bind_text(s, 6, text_of(dut, "driver"));
    bind_text(s, 7, text_of(dut, "name"));
    bind_text(s, 8, text_of(dut, "version"));
    bind_text(s, 9, dir);
    int64_t run = add(im, INSERT_RUN);
    size_t i;
    json_array_foreach(cases, i, im->one_case)
    {
        if (!im->failed)
            add_case(im, run);
    }
    return run;
}

/* ---- the import -------------------------------------------------------------------------------
 */

int64_t history_known(struct history *h, const char *sha256, struct err *err)
{
    sqlite3_stmt *s = store_prepare(h, "SELECT id FROM run WHERE sha256 = ?", err);
    int64_t run = s == NULL ? -1 : 0;
    if (s != NULL) {
        store_bind_text(s, 1, sha256);
        int rc = sqlite3_step(s);
        if (rc == SQLITE_ROW)
            run = sqlite3_column_int64(s, 0);
        else if (rc != SQLITE_DONE)
            run = store_failed(h, err);
    }
    (void)sqlite3_finalize(s);
    return run;
}

static bool can_be_taken(const json_t *result, struct err *err)
{
    const char *schema = text_of(result, "schema");
    if (schema == NULL || strcmp(schema, RESULT_SCHEMA) != 0)
        err_set(err, ERR_USE, "not of schema %s", RESULT_SCHEMA);
    else if (json_array_size(json_object_get(result, "cases")) == 0)
        err_set(err, ERR_USE, "a result without cases has nothing to import");
    else
        return true;
    return false;
}

static int64_t import(struct import *im, const char *sha256, const char *dir)
{
    int64_t run = 0;
    for (int i = 0; i < INSERTS && !im->failed; i++)
        im->failed = (im->s[i] = store_prepare(im->h, sql[i], im->err)) == NULL;
    if (!im->failed)
        run = add_run(im, sha256, dir);
    for (int i = 0; i < INSERTS; i++)
        (void)sqlite3_finalize(im->s[i]);
    return im->failed ? -1 : run;
}

int64_t history_import(struct history *h, const json_t *result, const char *sha256, const char *dir,
                       bool *already, struct err *err)
{
    if (!can_be_taken(result, err) || store_begin(h, err) != 0)
        return -1;
    int64_t run = history_known(h, sha256, err);
    *already = run > 0;
    if (run == 0) {
        struct import im = {.h = h, .result = result, .stored = json_object(), .err = err};
        run = import(&im, sha256, dir);
        json_decref(im.stored);
    }
    return store_end(h, run < 0 ? -1 : 0, err) == 0 ? run : -1;
}

int history_delete(struct history *h, int64_t run, struct err *err)
{
    if (store_begin(h, err) != 0)
        return -1;
    sqlite3_stmt *s = store_prepare(h, "DELETE FROM run WHERE id = ?", err);
    int rc = s == NULL ? -1 : 0;
    if (rc == 0) {
        (void)sqlite3_bind_int64(s, 1, run);
        if (sqlite3_step(s) != SQLITE_DONE) {
            rc = store_failed(h, err);
        } else if (sqlite3_changes(h->db) == 0) {
            err_set(err, ERR_USE, "%.300s: there is no run %lld in it; `list` shows the runs",
                    h->path, (long long)run);
            rc = -1;
        }
    }
    (void)sqlite3_finalize(s);
    return store_end(h, rc, err);
}
