/*
 * The CSV of a result: one row an instance. Which columns there are depends on the result only in
 * its parameters (all that any instance has) and in stimuli that are not the draft's; their order
 * is fixed, so that a sheet made from one run fits the next. A column is numeric or text
 * throughout: what is of the other kind becomes null or text.
 */
#include "emul/base/instant.h"
#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/csv_write.h"
#include "reports/number.h"
#include "reports/point.h"
#include "reports/recovery_worst.h"
#include "reports/reports.h"
#include "reports/tree.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_KEYS 4u

enum column_from { FROM_CASE, FROM_INSTANCE, FROM_WINDOW, FROM_RECOVERY, FROM_FUNCTION };
enum column_kind { KIND_TEXT, KIND_NUMBER, KIND_NANOSECONDS /* written as seconds */ };

struct row {
    const json_t *one_case, *instance;
};

struct column {
    char *name; /* owned */
    enum column_from from;
    enum column_kind kind;
    const char *path[PATH_MAX_KEYS]; /* borrowed keys, up to the first NULL */
    size_t index;                    /* of the window's two ends */
    const char *stimulus;            /* FROM_RECOVERY */
    struct report_cell (*cell)(const struct row *r, const struct column *c);
};

struct columns {
    struct column *items;
    size_t count, capacity;
};

/* ---- what has to be computed ---- */

static const char *searched_symbol(const struct row *r)
{
    const json_t *first = json_array_get(json_object_get(r->one_case, "maximum"), 0);
    return tree_text(json_object_get(first, "searched"), "name", NULL);
}

static struct report_cell searched_name_cell(const struct row *r, const struct column *c)
{
    (void)c;
    return cell_text(searched_symbol(r));
}

static struct report_cell searched_cell(const struct row *r, const struct column *c)
{
    const char *symbol = searched_symbol(r);
    (void)c;
    return cell_of(symbol == NULL ? NULL : point_parameter(r->instance, symbol));
}

/* The largest share of any component of the DUT. */
static struct report_cell most_cell(const struct row *r, const struct column *c)
{
    struct report_cell most = {.kind = CELL_NULL};
    size_t i;
    const json_t *u;
    json_array_foreach(json_object_get(r->instance, "utilisation"), i, u)
    {
        const json_t *v = json_object_get(u, c->path[0]);
        double share = result_number(v);
        if (json_is_number(v) && (most.kind == CELL_NULL || share > most.real))
            most = (struct report_cell){.kind = CELL_REAL, .real = share};
    }
    return most;
}

/* The sum over all components; null where none says it. */
static struct report_cell sum_cell(const struct row *r, const struct column *c)
{
    struct report_cell sum = {.kind = CELL_NULL};
    size_t i;
    const json_t *u;
    json_array_foreach(json_object_get(r->instance, "utilisation"), i, u)
    {
        const json_t *v = json_object_get(u, c->path[0]);
        int64_t old = sum.kind == CELL_NULL ? 0 : sum.count, all;
        if (!json_is_integer(v) || __builtin_add_overflow(old, json_integer_value(v), &all))
            continue;
        sum = (struct report_cell){.kind = CELL_COUNT, .count = all};
    }
    return sum;
}

static struct report_cell repeats_cell(const struct row *r, const struct column *c)
{
    size_t n = 0;
    (void)recovery_worst(r->instance, c->stimulus, &n);
    return n == 0 ? (struct report_cell){.kind = CELL_NULL}
                  : (struct report_cell){.kind = CELL_COUNT, .count = (int64_t)n};
}

/* ---- the list of columns ---- */

static struct column *add(struct columns *cs, enum column_from from, enum column_kind kind,
                          char *name)
{
    cs->items = array_grow(cs->items, cs->count, &cs->capacity, sizeof(*cs->items));
    struct column *c = &cs->items[cs->count++];
    *c = (struct column){.name = name, .from = from, .kind = kind};
    return c;
}

static void add_path(struct columns *cs, enum column_from from, enum column_kind kind,
                     const char *name, const char *first, const char *second)
{
    struct column *c = add(cs, from, kind, mem_strdup(name));
    c->path[0] = first;
    c->path[1] = second;
}

static struct column *add_function(struct columns *cs, enum column_kind kind, const char *name,
                                   struct report_cell (*cell)(const struct row *,
                                                              const struct column *))
{
    struct column *c = add(cs, FROM_FUNCTION, kind, mem_strdup(name));
    c->cell = cell;
    return c;
}

static void add_head(struct columns *cs)
{
    add_path(cs, FROM_CASE, KIND_TEXT, "case", "case", NULL);
    add_path(cs, FROM_CASE, KIND_TEXT, "title", "title", NULL);
    add_path(cs, FROM_INSTANCE, KIND_TEXT, "instance", "id", NULL);
    add_path(cs, FROM_CASE, KIND_TEXT, "driver", "dut", "driver");
    add_path(cs, FROM_CASE, KIND_TEXT, "dut", "dut", "name");
    add_path(cs, FROM_CASE, KIND_TEXT, "version", "dut", "version");
    add_path(cs, FROM_INSTANCE, KIND_TEXT, "verdict", "verdict", NULL);
    add_path(cs, FROM_INSTANCE, KIND_TEXT, "reason", "reason", NULL);
    add_path(cs, FROM_INSTANCE, KIND_NUMBER, "begin_s", "begin", NULL);
    add_path(cs, FROM_INSTANCE, KIND_NUMBER, "end_s", "end", NULL);
    add_path(cs, FROM_WINDOW, KIND_NUMBER, "window_from_s", "window", NULL);
    add_path(cs, FROM_WINDOW, KIND_NUMBER, "window_to_s", "window", NULL);
    cs->items[cs->count - 1].index = 1;
    (void)add_function(cs, KIND_TEXT, "searched", searched_name_cell);
    (void)add_function(cs, KIND_NUMBER, "searched_value", searched_cell);
}

/* Adds the parameter, or finds it; one that is not a number anywhere is a text everywhere. */
static void see_parameter(struct columns *cs, size_t from, const char *key, const json_t *v)
{
    bool number = json_is_null(v) || json_is_number(v) || result_is_time(v, NULL);
    size_t i = from;
    while (i < cs->count && strcmp(cs->items[i].path[1], key) != 0)
        i++;
    if (i == cs->count) {
        struct column *c = add(cs, FROM_INSTANCE, KIND_NUMBER, mem_printf("param.%s", key));
        c->path[0] = "parameters";
        c->path[1] = key;
    }
    if (!number)
        cs->items[i].kind = KIND_TEXT;
}

static void add_parameters(struct columns *cs, const json_t *result)
{
    size_t from = cs->count, i, k;
    const json_t *one_case, *instance;
    const char *key;
    json_t *v;
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        json_array_foreach(json_object_get(one_case, "instances"), k, instance)
        {
            json_t *parameters = json_object_get(instance, "parameters");
            json_object_foreach(parameters, key, v) see_parameter(cs, from, key, v);
        }
    }
}

static void add_metrics(struct columns *cs)
{
    static const char *const kinds[] = {"metric", "metric_apparatus", "expected"};
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (int i = 0; i < METRIC_VARS; i++) {
            const char *name = metric_name((enum metric_var)i);
            struct column *c =
                add(cs, FROM_INSTANCE, KIND_NUMBER, mem_printf("%s.%s", kinds[k], name));
            c->path[0] = kinds[k];
            c->path[1] = name;
        }
    }
    for (int i = 0; i < P_METRIC_VARS; i++) {
        const char *name = p_metric_name((enum p_metric_var)i);
        struct column *c = add(cs, FROM_INSTANCE, KIND_NUMBER, mem_printf("p_instance.%s", name));
        c->path[0] = "p_instance";
        c->path[1] = name;
    }
}

static void add_forwarding(struct columns *cs)
{
    static const char *const directions[] = {"ingress", "egress"};
    static const char *const counts[] = {"flows",     "rate_pps",    "packet_bytes", "sent",
                                         "received",  "lost",        "not_joined",   "duplicate",
                                         "reordered", "misdelivered"};
    static const char *const latencies[] = {"min", "avg", "max", "p50", "p90", "p99"};
    for (size_t d = 0; d < 2; d++) {
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            struct column *c = add(cs, FROM_INSTANCE, KIND_NUMBER,
                                   mem_printf("forwarding.%s.%s", directions[d], counts[i]));
            memcpy(c->path, (const char *[]){"forwarding", directions[d], counts[i], NULL},
                   sizeof(c->path));
        }
        for (size_t i = 0; i < sizeof(latencies) / sizeof(latencies[0]); i++) {
            struct column *c =
                add(cs, FROM_INSTANCE, KIND_NANOSECONDS,
                    mem_printf("forwarding.%s.latency_%s_s", directions[d], latencies[i]));
            memcpy(c->path,
                   (const char *[]){"forwarding", directions[d], "latency_ns", latencies[i]},
                   sizeof(c->path));
        }
    }
}

static void add_utilisation(struct columns *cs)
{
    add_function(cs, KIND_NUMBER, "utilisation.cpu_percent_max", most_cell)->path[0] =
        "cpu_percent";
    add_function(cs, KIND_NUMBER, "utilisation.cpu_peak_1s_max", most_cell)->path[0] =
        "cpu_peak_1s";
    add_function(cs, KIND_NUMBER, "utilisation.memory_bytes_sum", sum_cell)->path[0] =
        "memory_bytes";
}

static void add_recovery(struct columns *cs, const char *stimulus)
{
    static const struct {
        const char *name, *key;
        enum column_kind kind;
    } of[] = {{"verdict", "verdict", KIND_TEXT},
              {"Tre-Tf_s", "Tre-Tf", KIND_NUMBER},
              {"Trd-Tf_s", "Trd-Tf", KIND_NUMBER},
              {"Trall-Tf_s", "Trall-Tf", KIND_NUMBER},
              {"apparatus_floor_s", "apparatus_floor_s", KIND_NUMBER},
              {"resolution_s", "resolution_s", KIND_NUMBER}};
    for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
        struct column *c =
            add(cs, FROM_RECOVERY, of[i].kind, mem_printf("recovery.%s.%s", stimulus, of[i].name));
        c->stimulus = stimulus;
        c->path[0] = of[i].key;
    }
    struct column *c =
        add(cs, FROM_FUNCTION, KIND_NUMBER, mem_printf("recovery.%s.repeats", stimulus));
    c->cell = repeats_cell;
    c->stimulus = stimulus;
}

static void see_stimulus(struct columns *cs, size_t from, const char *stimulus)
{
    for (size_t i = from; i < cs->count; i++) {
        if (strcmp(cs->items[i].stimulus, stimulus) == 0)
            return;
    }
    add_recovery(cs, stimulus);
}

/* The draft's stimuli always, in its order, and others that the result has. */
static void add_recoveries(struct columns *cs, const json_t *result)
{
    static const char *const draft[] = {"power-cycle", "processor-switchover", "p-card-oir",
                                        "c-card-oir",  "p-link-flap",          "c-link-flap"};
    size_t from = cs->count, i, k, m;
    const json_t *one_case, *instance, *recovery;
    for (i = 0; i < sizeof(draft) / sizeof(draft[0]); i++)
        add_recovery(cs, draft[i]);
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        json_array_foreach(json_object_get(one_case, "instances"), k, instance)
        {
            json_array_foreach(json_object_get(instance, "recovery"), m, recovery)
            {
                const char *stimulus = tree_text(recovery, "stimulus", NULL);
                if (stimulus != NULL)
                    see_stimulus(cs, from, stimulus);
            }
        }
    }
}

/* ---- rows ---- */

static struct report_cell find(const struct row *r, const struct column *c)
{
    if (c->from == FROM_FUNCTION)
        return c->cell(r, c);
    const json_t *v = c->from == FROM_CASE ? r->one_case : r->instance;
    if (c->from == FROM_RECOVERY)
        v = recovery_worst(r->instance, c->stimulus, NULL);
    for (size_t i = 0; i < PATH_MAX_KEYS && c->path[i] != NULL; i++)
        v = json_object_get(v, c->path[i]);
    if (c->from == FROM_WINDOW)
        v = json_array_get(v, c->index);
    if (c->kind == KIND_NANOSECONDS && json_is_integer(v))
        return (struct report_cell){.kind = CELL_TIME, .ns = json_integer_value(v)};
    return cell_of(v);
}

static void put_row(struct csv *csv, const struct columns *cs, const struct row *r)
{
    for (size_t i = 0; i < cs->count; i++) {
        struct report_cell cell = find(r, &cs->items[i]);
        if (cs->items[i].kind != KIND_TEXT) {
            csv_number(csv, cell);
        } else if (cell.kind == CELL_NULL || cell.kind == CELL_TEXT) {
            csv_text(csv, cell.kind == CELL_NULL ? NULL : cell.text);
        } else {
            char *text = cell_display(&cell, &(struct report_column){.decimals = 9});
            csv_text(csv, text);
            free(text);
        }
    }
    csv_end(csv);
}

int report_csv(FILE *f, const struct report_input *in, struct err *err)
{
    struct csv csv = {.f = f};
    struct columns cs = {0};
    struct row r;
    size_t i, k;
    (void)err;
    add_head(&cs);
    add_parameters(&cs, in->result);
    add_metrics(&cs);
    add_forwarding(&cs);
    add_utilisation(&cs);
    add_recoveries(&cs, in->result);
    for (i = 0; i < cs.count; i++)
        csv_name(&csv, cs.items[i].name);
    csv_end(&csv);
    json_array_foreach(json_object_get(in->result, "cases"), i, r.one_case)
    {
        json_array_foreach(json_object_get(r.one_case, "instances"), k, r.instance)
            put_row(&csv, &cs, &r);
    }
    for (i = 0; i < cs.count; i++)
        free(cs.items[i].name);
    free(cs.items);
    return 0;
}
