#include "reports/xml_result.h"

#include "mvpnbench/result.h"
#include "reports/number.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    TEXT,
    CHOICE, /* a text out of a list */
    COUNT,
    NUMBER, /* a count or a real */
    TIME,
    FLAG,
    DICTIONARY, /* an object whose keys are data */
    OBJECT,
    LIST,
    COUNTS, /* a list of counts as the content of one element */
};

/* What a key of fixed meaning holds. Where a tree holds something else, or a list holds anything
 * else than its items, the generic form carries it. */
struct field {
    const char *key;
    enum kind kind;
    const struct shape *shape; /* of OBJECT, or of the items of a LIST of objects */
    const char *item;          /* element of an item of a LIST */
    enum kind items;           /* kind of the items of a LIST */
    const char *const *one_of; /* of CHOICE, up to NULL */
};

struct shape {
    const struct field *fields;
    size_t count;
};

#define SHAPE(name, ...)                                                                           \
    static const struct field name##_fields[] = {__VA_ARGS__};                                     \
    static const struct shape name = {name##_fields, sizeof(name##_fields) / sizeof(struct field)}

#define KEY(name, type)                                                                            \
    {                                                                                              \
        .key = (name), .kind = (type)                                                              \
    }
#define CHOICE_OF(list)           .kind = CHOICE, .one_of = (list)
#define OBJECT_OF(type)           .kind = OBJECT, .shape = &(type)
#define LIST_OF(type, of)         .kind = LIST, .items = OBJECT, .shape = &(type), .item = (of)
#define LIST_OF_SCALARS(type, of) .kind = LIST, .items = (type), .item = (of)

static const char *const verdicts[] = {"pass", "fail", "invalid", NULL};
static const char *const clocks[] = {"virtual", "real", NULL};
static const char *const bounds[] = {"dut", "resource", "range", "time", "apparatus", NULL};

SHAPE(tool, KEY("version", TEXT), KEY("seed", COUNT));
SHAPE(dut, KEY("driver", TEXT), KEY("name", TEXT), KEY("version", TEXT));
SHAPE(protocols, KEY("mi_pmsi", TEXT), KEY("s_pmsi", TEXT), KEY("pe_pe", TEXT));
SHAPE(searched, KEY("name", TEXT), KEY("value", NUMBER));
SHAPE(point, KEY("stimulus", TEXT), KEY("where", DICTIONARY),
      {.key = "searched", OBJECT_OF(searched)}, {.key = "grid_maximum", OBJECT_OF(searched)},
      KEY("variable", TEXT), KEY("value", NUMBER), KEY("instance", TEXT), KEY("last_pass", NUMBER),
      KEY("first_fail", NUMBER), {.key = "bounded_by", CHOICE_OF(bounds)}, KEY("verified", FLAG));
SHAPE(failure, KEY("criterion", TEXT), KEY("vpn", COUNT), KEY("flow", COUNT),
      KEY("neighbour", TEXT), KEY("interface", TEXT), KEY("count", COUNT));
SHAPE(views, KEY("apparatus", COUNT), KEY("dut", COUNT));
SHAPE(neighbours, {.key = "c_interface", OBJECT_OF(views)}, {.key = "mi_pmsi", OBJECT_OF(views)});
SHAPE(latency, KEY("min", NUMBER), KEY("avg", NUMBER), KEY("p50", NUMBER), KEY("p90", NUMBER),
      KEY("p99", NUMBER), KEY("max", NUMBER));
SHAPE(direction, KEY("flows", COUNT), KEY("rate_pps", NUMBER), KEY("packet_bytes", COUNT),
      KEY("sent", COUNT), KEY("received", COUNT), KEY("lost", COUNT), KEY("not_joined", COUNT),
      KEY("duplicate", COUNT), KEY("reordered", COUNT), KEY("misdelivered", COUNT),
      {.key = "latency_ns", OBJECT_OF(latency)},
      {.key = "latency_histogram", LIST_OF_SCALARS(COUNTS, "bucket")});
SHAPE(forwarding, {.key = "ingress", OBJECT_OF(direction)},
      {.key = "egress", OBJECT_OF(direction)});
SHAPE(component, KEY("component", TEXT), KEY("cpu_percent", NUMBER), KEY("cpu_peak_1s", NUMBER),
      KEY("memory_bytes", NUMBER), KEY("memory_percent", NUMBER), KEY("how", TEXT));
SHAPE(relation, KEY("relation", TEXT), KEY("at_end", FLAG), KEY("left", NUMBER),
      KEY("right", NUMBER), KEY("holds", FLAG));
SHAPE(pairs, KEY("ingress", COUNT), KEY("egress", COUNT));
SHAPE(seen, KEY("apparatus", TIME), KEY("dut", TIME));
SHAPE(back, {.key = "first", OBJECT_OF(seen)}, {.key = "all", OBJECT_OF(seen)});
SHAPE(neighbours_back, {.key = "mi_pmsi", OBJECT_OF(back)},
      {.key = "c_interface", OBJECT_OF(back)});
SHAPE(event, KEY("stimulus", TEXT), KEY("repeat", COUNT), {.key = "verdict", CHOICE_OF(verdicts)},
      KEY("reason", TEXT), {.key = "marks", LIST_OF_SCALARS(TEXT, "mark")}, KEY("begin", TIME),
      KEY("Tf", TIME), KEY("Tre", TIME), KEY("Trd", TIME), KEY("Trall", TIME), KEY("Tre-Tf", TIME),
      KEY("Trd-Tf", TIME), KEY("Trall-Tf", TIME), KEY("resolution_s", TIME),
      KEY("apparatus_floor_s", TIME), {.key = "interrupted", OBJECT_OF(pairs)},
      KEY("loss_derived_s", TIME), {.key = "neighbours", OBJECT_OF(neighbours_back)},
      KEY("metric_after", DICTIONARY), {.key = "forwarding_after", OBJECT_OF(forwarding)},
      {.key = "failures", LIST_OF(failure, "failure")}, KEY("series", TEXT), KEY("regained", TEXT));
SHAPE(instance, KEY("id", TEXT), KEY("begin", TIME), KEY("end", TIME),
      {.key = "window", LIST_OF_SCALARS(TIME, "instant")}, {.key = "verdict", CHOICE_OF(verdicts)},
      KEY("reason", TEXT), {.key = "failures", LIST_OF(failure, "failure")},
      KEY("parameters", DICTIONARY), KEY("expected", DICTIONARY), KEY("metric", DICTIONARY),
      KEY("metric_apparatus", DICTIONARY), KEY("p_instance", DICTIONARY),
      KEY("p_instance_apparatus", DICTIONARY), KEY("p_instance_expected", DICTIONARY),
      {.key = "neighbours", OBJECT_OF(neighbours)}, {.key = "forwarding", OBJECT_OF(forwarding)},
      {.key = "utilisation", LIST_OF(component, "part")},
      {.key = "relations", LIST_OF(relation, "entry")}, KEY("signalling", DICTIONARY),
      KEY("marking", DICTIONARY), KEY("extra", DICTIONARY), KEY("flows", TEXT),
      {.key = "recovery", LIST_OF(event, "event")});
SHAPE(deviations, {.key = "configuration", LIST_OF_SCALARS(TEXT, "deviation")},
      {.key = "procedure", LIST_OF_SCALARS(TEXT, "deviation")});
SHAPE(reading, KEY("id", TEXT), KEY("reading", TEXT));
SHAPE(test_case, KEY("case", TEXT), KEY("title", TEXT), KEY("omitted", TEXT),
      {.key = "dut", OBJECT_OF(dut)}, {.key = "protocols", OBJECT_OF(protocols)},
      {.key = "maximum", LIST_OF(point, "point")}, KEY("idle_throughput", DICTIONARY),
      {.key = "instances", LIST_OF(instance, "instance")},
      {.key = "deviations", OBJECT_OF(deviations)}, {.key = "readings", LIST_OF(reading, "entry")});
SHAPE(whole, KEY("schema", TEXT), {.key = "tool", OBJECT_OF(tool)}, KEY("started", TEXT),
      {.key = "clock", CHOICE_OF(clocks)}, {.key = "cases", LIST_OF(test_case, "test_case")});

static bool is_object(const json_t *v)
{
    return json_is_object(v) && !result_is_time(v, NULL);
}

static bool are_counts(const json_t *list)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v)
    {
        if (!json_is_integer(v))
            return false;
    }
    return json_is_array(list);
}

static bool is_one_of(const json_t *v, const char *const *list)
{
    const char *text = json_string_value(v);
    while (text != NULL && *list != NULL && strcmp(*list, text) != 0)
        list++;
    return text != NULL && *list != NULL;
}

static bool fits_scalar(enum kind kind, const json_t *v)
{
    switch (kind) {
    case TEXT:
        return json_is_string(v);
    case COUNT:
        return json_is_integer(v);
    case NUMBER:
        return json_is_number(v);
    case TIME:
        return result_is_time(v, NULL);
    case FLAG:
        return json_is_boolean(v);
    case COUNTS:
        return are_counts(v);
    default:
        return is_object(v);
    }
}

static bool fits(const struct field *f, const json_t *v)
{
    size_t i;
    json_t *item;
    if (json_is_null(v))
        return true;
    if (f->kind == CHOICE)
        return is_one_of(v, f->one_of);
    if (f->kind != LIST)
        return fits_scalar(f->kind, v);
    json_array_foreach(v, i, item)
    {
        if (!json_is_null(item) && !fits_scalar(f->items, item))
            return false;
    }
    return json_is_array(v);
}

static void put_nil(xmlTextWriter *w)
{
    xml_attribute(w, "xsi:nil", "true");
}

static void put_scalar(xmlTextWriter *w, const json_t *v)
{
    struct report_cell cell = cell_of(v);
    char text[NUMBER_TEXT];
    if (json_is_string(v))
        xml_text(w, json_string_value(v));
    else if (json_is_boolean(v))
        xml_text(w, json_is_true(v) ? "true" : "false");
    else if (cell_value(text, &cell))
        xml_text(w, text);
}

/* ---- the generic form ------------------------------------------------------------------------ */

static const char *type_of(const json_t *v)
{
    if (json_is_string(v))
        return "text";
    if (json_is_integer(v))
        return "count";
    if (json_is_real(v))
        return "real";
    if (json_is_boolean(v))
        return "flag";
    return json_is_null(v) ? "null" : "time";
}

static void put_generic(xmlTextWriter *w, const char *key, const json_t *v);

static void put_entries(xmlTextWriter *w, const json_t *object)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)object, key, v) put_generic(w, key, v);
}

/* key is NULL for an item of a list. */
static void put_generic(xmlTextWriter *w, const char *key, const json_t *v)
{
    bool object = is_object(v), array = json_is_array(v);
    size_t i;
    json_t *item;
    xml_open(w, object ? "group" : array ? "list" : "value");
    if (key != NULL)
        xml_attribute(w, "name", key);
    if (object) {
        put_entries(w, v);
    } else if (array) {
        json_array_foreach(v, i, item) put_generic(w, NULL, item);
    } else {
        xml_attribute(w, "xsi:type", type_of(v));
        if (json_is_null(v))
            put_nil(w);
        put_scalar(w, v);
    }
    xml_close(w);
}

/* ---- the fixed structure --------------------------------------------------------------------- */

static void put_object(xmlTextWriter *w, const struct shape *shape, const json_t *object);

static void put_counts(xmlTextWriter *w, const json_t *list)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v)
    {
        xml_text(w, i == 0 ? "" : " ");
        put_scalar(w, v);
    }
}

static void put_content(xmlTextWriter *w, enum kind kind, const struct shape *shape,
                        const json_t *v)
{
    if (json_is_null(v))
        put_nil(w);
    else if (kind == OBJECT)
        put_object(w, shape, v);
    else if (kind == DICTIONARY)
        put_entries(w, v);
    else if (kind == COUNTS)
        put_counts(w, v);
    else
        put_scalar(w, v);
}

static void put_field(xmlTextWriter *w, const struct field *f, const json_t *v)
{
    size_t i;
    json_t *item;
    xml_open(w, f->key);
    if (f->kind != LIST || json_is_null(v))
        put_content(w, f->kind, f->shape, v);
    json_array_foreach(v, i, item)
    {
        if (f->kind != LIST)
            break;
        xml_open(w, f->item);
        put_content(w, f->items, f->shape, item);
        xml_close(w);
    }
    xml_close(w);
}

static const struct field *field_of(const struct shape *shape, const char *key)
{
    for (size_t i = 0; i < shape->count; i++) {
        if (strcmp(shape->fields[i].key, key) == 0)
            return &shape->fields[i];
    }
    return NULL;
}

/* The keys that are known in the order of the schema, then whatever else there is. */
static void put_object(xmlTextWriter *w, const struct shape *shape, const json_t *object)
{
    const char *key;
    json_t *v;
    for (size_t i = 0; i < shape->count; i++) {
        const json_t *known = json_object_get(object, shape->fields[i].key);
        if (known != NULL && fits(&shape->fields[i], known))
            put_field(w, &shape->fields[i], known);
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        const struct field *f = field_of(shape, key);
        if (f == NULL || !fits(f, v))
            put_generic(w, key, v);
    }
}

void xml_result(xmlTextWriter *w, const json_t *result)
{
    xml_open(w, "result");
    if (is_object(result))
        put_object(w, &whole, result);
    xml_close(w);
}
