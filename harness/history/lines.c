/*
 * Lines: rows of the view `measured` in the order of the lines that they belong to, so that one
 * line at a time is in memory. Rows of one run on one line are its repeats.
 */
#include "harness/history/store.h"

#include "emul/base/mem.h"
#include "harness/history/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the query. */
enum {
    COL_DUT,
    COL_CASE,
    COL_KIND,
    COL_QUANTITY,
    COL_STIMULUS,
    COL_PLACE,
    COL_CONDITIONS_ID,
    COL_CONDITIONS,
    COL_RUN,
    COL_VERSION,
    COL_STARTED,
    COL_TOOL,
    COL_VALUE,
    COL_REASON,
    COL_BOUNDED_BY,
    COL_VERIFIED,
    COL_VERDICT,
    COL_RESOLUTION,
    COL_FLOOR
};

/* The part up to the conditions tells lines apart. */
static const char query[] =
    "SELECT r.dut, d.case_id, d.kind, d.quantity, d.stimulus, d.place, d.conditions, c.text,\n"
    "  d.run, r.version, r.started, r.tool, d.value, d.reason, d.bounded_by, d.verified,\n"
    "  d.verdict, d.resolution, d.floor_s\n"
    "FROM measured d JOIN run r ON r.id = d.run JOIN conditions c ON c.id = d.conditions\n"
    "WHERE (?1 IS NULL OR r.dut = ?1) AND (?2 IS NULL OR d.case_id = ?2)\n"
    "  AND (?3 IS NULL OR d.stimulus = ?3)\n"
    "  AND (?4 IS NULL OR d.quantity = ?4 OR d.quantity = ?4 || '-Tf'\n"
    "       OR (?4 = 'maximum' AND d.kind = 0))\n"
    "  AND (NOT ?5 OR d.kind = 0 OR d.kind = 3\n"
    "       OR (d.kind = 2 AND d.quantity IN ('Tre-Tf', 'Trd-Tf', 'Trall-Tf')))\n"
    "ORDER BY r.dut, d.case_id COLLATE version, d.kind, d.quantity, d.stimulus <> 'steady',\n"
    "  d.stimulus, d.place, d.conditions, r.version COLLATE version, r.started, d.run";

struct lines {
    const struct history_filter *f;
    history_line_fn *fn;
    void *arg;
    int64_t given;
    /* The line that is being read. */
    bool open;
    struct history_line line;
    char *texts[4], *place, *conditions_text;
    int64_t conditions;
    struct history_point *points;
    size_t count, cap;
    /* Where the last maximum of that quantity was: there the metric has nothing to add. */
    char *maximum_dut, *maximum_case;
};

/* ---- one line ---------------------------------------------------------------------------------
 */

static void free_points(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        struct history_point *p = &l->points[i];
        free((char *)(uintptr_t)p->version);
        free((char *)(uintptr_t)p->started);
        free((char *)(uintptr_t)p->tool);
        free((char *)(uintptr_t)p->bounded_by);
        free((char *)(uintptr_t)p->reason);
    }
    l->count = 0;
}

static void drop_line(struct lines *l)
{
    free_points(l);
    for (size_t i = 0; i < 4; i++)
        free(l->texts[i]);
    free(l->place);
    free(l->conditions_text);
    json_decref((json_t *)(uintptr_t)l->line.where);
    json_decref((json_t *)(uintptr_t)l->line.conditions);
    l->open = false;
}

/* A quantity that a case seeks is its maximum there, not one of the metric besides. */
static bool beside_maximum(struct lines *l)
{
    if (l->f->quantity == NULL)
        return false;
    if (l->line.kind == HISTORY_MAXIMUM) {
        free(l->maximum_dut);
        free(l->maximum_case);
        l->maximum_dut = mem_strdup(l->line.dut);
        l->maximum_case = mem_strdup(l->line.case_id);
        return false;
    }
    return l->line.kind == HISTORY_METRIC && l->maximum_dut != NULL &&
           strcmp(l->maximum_dut, l->line.dut) == 0 &&
           strcmp(l->maximum_case, l->line.case_id) == 0;
}

static bool asked_for(struct lines *l)
{
    if (beside_maximum(l) || (l->f->judged && l->line.better == 0))
        return false;
    for (size_t i = 0; i < l->f->where_count; i++) {
        if (!quantity_at(l->line.where, l->line.conditions, l->f->where[i]))
            return false;
    }
    return true;
}

static void finish_line(struct lines *l)
{
    if (!l->open)
        return;
    l->line.points = l->points;
    l->line.count = l->count;
    if (asked_for(l)) {
        l->given++;
        l->fn(l->arg, &l->line);
    }
    drop_line(l);
}

static json_t *object_of(const char *text)
{
    json_t *o = json_loads(text, 0, NULL);
    if (json_is_object(o))
        return o;
    json_decref(o);
    return json_object();
}

static void begin_line(struct lines *l, sqlite3_stmt *s)
{
    static const int columns[4] = {COL_DUT, COL_CASE, COL_QUANTITY, COL_STIMULUS};
    for (size_t i = 0; i < 4; i++)
        l->texts[i] = mem_strdup(store_text(s, columns[i]));
    l->place = mem_strdup(store_text(s, COL_PLACE));
    l->conditions_text = mem_strdup(store_text(s, COL_CONDITIONS));
    l->conditions = sqlite3_column_int64(s, COL_CONDITIONS_ID);
    int kind = sqlite3_column_int(s, COL_KIND);
    l->line = (struct history_line){.kind = kind >= 0 && kind <= 3 ? (enum history_kind)kind
                                                                   : HISTORY_MEASURED,
                                    .dut = l->texts[0],
                                    .case_id = l->texts[1],
                                    .quantity = l->texts[2],
                                    .stimulus = l->texts[3],
                                    .where = object_of(l->place),
                                    .conditions = object_of(l->conditions_text)};
    l->line.unit = quantity_unit(l->line.kind, l->line.quantity);
    l->line.better = quantity_better(l->line.kind, l->line.quantity);
    l->open = true;
}

static bool same_line(const struct lines *l, sqlite3_stmt *s)
{
    return l->open && sqlite3_column_int64(s, COL_CONDITIONS_ID) == l->conditions &&
           sqlite3_column_int(s, COL_KIND) == (int)l->line.kind &&
           strcmp(store_text(s, COL_PLACE), l->place) == 0 &&
           strcmp(store_text(s, COL_QUANTITY), l->line.quantity) == 0 &&
           strcmp(store_text(s, COL_STIMULUS), l->line.stimulus) == 0 &&
           strcmp(store_text(s, COL_CASE), l->line.case_id) == 0 &&
           strcmp(store_text(s, COL_DUT), l->line.dut) == 0;
}

/* ---- its points -------------------------------------------------------------------------------
 */

static double number(sqlite3_stmt *s, int column)
{
    int type = sqlite3_column_type(s, column);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT ? sqlite3_column_double(s, column) : NAN;
}

static char *text_or_null(sqlite3_stmt *s, int column)
{
    const char *text = store_text(s, column);
    return text[0] == '\0' ? NULL : mem_strdup(text);
}

static struct history_point *new_point(struct lines *l, sqlite3_stmt *s)
{
    l->points = array_grow(l->points, l->count, &l->cap, sizeof(*l->points));
    struct history_point *p = &l->points[l->count++];
    *p = (struct history_point){.run = sqlite3_column_int64(s, COL_RUN),
                                .version = mem_strdup(store_text(s, COL_VERSION)),
                                .started = mem_strdup(store_text(s, COL_STARTED)),
                                .tool = mem_strdup(store_text(s, COL_TOOL)),
                                .value = NAN,
                                .least = NAN,
                                .most = NAN,
                                .resolution = NAN,
                                .floor_s = NAN,
                                .bounded_by = text_or_null(s, COL_BOUNDED_BY)};
    p->at_least = quantity_at_least(p->bounded_by);
    return p;
}

static void add_value(struct history_point *p, double v)
{
    double sum = p->repeats == 0 ? 0 : p->value * p->repeats;
    p->value = (sum + v) / ++p->repeats;
    p->least = fmin(p->least, v);
    p->most = fmax(p->most, v);
}

static void add_row(struct lines *l, sqlite3_stmt *s)
{
    struct history_point *p = l->count == 0 ? NULL : &l->points[l->count - 1];
    if (p == NULL || p->run != sqlite3_column_int64(s, COL_RUN))
        p = new_point(l, s);
    double v = number(s, COL_VALUE);
    const char *verdict = store_text(s, COL_VERDICT);
    bool valid = strcmp(verdict, "invalid") != 0;
    bool failed = strcmp(verdict, "fail") == 0 && l->line.kind != HISTORY_MEASURED;
    bool verified = sqlite3_column_type(s, COL_VERIFIED) == SQLITE_NULL ||
                    sqlite3_column_int(s, COL_VERIFIED) != 0;
    if (isfinite(v) && valid)
        add_value(p, v);
    if ((!isfinite(v) || !valid || failed) && p->reason == NULL)
        p->reason = text_or_null(s, COL_REASON);
    if (!valid && p->reason == NULL)
        p->reason = mem_strdup("the instance is invalid");
    p->failed |= failed && !(p->at_least && !isfinite(v));
    p->unverified |= !verified && isfinite(v);
    p->resolution = fmax(p->resolution, number(s, COL_RESOLUTION));
    p->floor_s = fmax(p->floor_s, number(s, COL_FLOOR));
}

/* ---- the query --------------------------------------------------------------------------------
 */

static int read_rows(struct history *h, sqlite3_stmt *s, struct lines *l, struct err *err)
{
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!same_line(l, s)) {
            finish_line(l);
            begin_line(l, s);
        }
        add_row(l, s);
    }
    if (rc != SQLITE_DONE)
        return store_failed(h, err);
    finish_line(l);
    return 0;
}

int64_t history_lines(struct history *h, const struct history_filter *f, history_line_fn *fn,
                      void *arg, struct err *err)
{
    struct lines l = {.f = f, .fn = fn, .arg = arg};
    sqlite3_stmt *s = store_prepare(h, query, err);
    if (s == NULL)
        return -1;
    store_bind_text(s, 1, f->dut);
    store_bind_text(s, 2, f->case_id);
    store_bind_text(s, 3, f->stimulus);
    store_bind_text(s, 4, f->quantity);
    (void)sqlite3_bind_int(s, 5, f->judged);
    int rc = read_rows(h, s, &l, err);
    if (l.open)
        drop_line(&l);
    free(l.points);
    free(l.maximum_dut);
    free(l.maximum_case);
    (void)sqlite3_finalize(s);
    return rc == 0 ? l.given : -1;
}
