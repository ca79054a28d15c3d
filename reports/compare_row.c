/* A row of a comparison: the values of all runs, and what each later one is beside the base. */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

struct compare_value compare_none(void)
{
    return (struct compare_value){.v = NAN, .lo = NAN, .hi = NAN};
}

struct compare_value compare_exact(double v)
{
    return (struct compare_value){.v = v, .lo = v, .hi = v};
}

/* A number of the row's quantity as it stands in the tree. */
static json_t *number(const struct compare_quantity *q, double v, bool real)
{
    if (!isfinite(v) || fabs(v) > 9e9 * 1e9)
        return json_null();
    if (q->is_time)
        return fabs(v) > 9e9 ? json_null() : result_time(llround(v * (double)NS_PER_S));
    return real || v != floor(v) ? json_real(v) : json_integer((json_int_t)v);
}

static void say(json_t *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(json_t *why, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_t *v = json_string(text);
    /* A note quotes texts of the result: cut within a character it is no UTF-8 any more. */
    (void)json_array_append_new(why, v == NULL ? json_string("(unprintable)") : v);
}

static void say_notes(const struct compare_row *r, size_t k, json_t *why)
{
    const size_t both[2] = {0, k};
    for (size_t i = 0; i < 2; i++) {
        if (r->values[both[i]].note[0] != '\0')
            say(why, "%s: %s", compare_letter(both[i]), r->values[both[i]].note);
    }
}

/* The base and the other so that more is better. */
static struct compare_value turned(const struct compare_quantity *q, struct compare_value v)
{
    double lo = v.lo;
    if (q->more_is_better)
        return v;
    v.lo = -v.hi;
    v.hi = -lo;
    return v;
}

static const char *judge_bounds(const struct compare_row *r, size_t k, json_t *why)
{
    struct compare_value a = turned(r->q, r->values[0]), b = turned(r->q, r->values[k]);
    double slack = 1e-9 * fmax(fabs(r->values[0].v), fabs(r->values[k].v));
    double tolerance = r->tolerance[k].v + (isnan(slack) ? 0 : slack);
    if (b.hi < a.lo - tolerance)
        return "worse";
    if (b.lo > a.hi + tolerance)
        return "better";
    if (b.lo >= a.hi - tolerance || (a.end != NULL && b.end != NULL && a.end == b.end &&
                                     (a.v == b.v || (isnan(a.v) && isnan(b.v)))))
        return "same";
    say(why, "which of them is more is not known");
    return "incomparable";
}

static const char *judge(const struct compare_row *r, size_t k, json_t *why)
{
    const struct compare_value *a = &r->values[0], *b = &r->values[k];
    if (json_array_size(r->forbids[k]) > 0) {
        (void)json_array_extend(why, r->forbids[k]);
        return "incomparable";
    }
    say_notes(r, k, why);
    if (isnan(a->lo) || isnan(b->lo)) {
        if (json_array_size(why) == 0)
            say(why, "%s has no value", compare_letter(isnan(a->lo) ? 0 : k));
        return "incomparable";
    }
    return judge_bounds(r, k, why);
}

static json_t *compared(const struct compare_row *r, size_t k)
{
    json_t *o = json_object(), *why = json_array();
    const char *verdict = judge(r, k, why);
    double a = r->values[0].v, b = r->values[k].v;
    bool both = strcmp(verdict, "incomparable") != 0 && !isnan(a) && !isnan(b);
    bool real = r->values[0].real || r->values[k].real;
    (void)json_object_set_new(o, "run", json_string(compare_letter(k)));
    (void)json_object_set_new(o, "difference", both ? number(r->q, b - a, real) : json_null());
    (void)json_object_set_new(o, "relative",
                              both && a != 0 ? json_real((b - a) / fabs(a)) : json_null());
    (void)json_object_set_new(o, "tolerance", number(r->q, r->tolerance[k].v, real));
    (void)json_object_set_new(
        o, "tolerance_why",
        json_string(r->tolerance[k].why[0] == '\0' ? "none is needed" : r->tolerance[k].why));
    (void)json_object_set_new(o, "verdict", json_string(verdict));
    (void)json_object_set_new(o, "why", why);
    return o;
}

/* Of several later runs the row's verdict is the gravest. */
static const char *gravest(const json_t *list)
{
    static const char *const order[] = {"worse", "incomparable", "better", "same"};
    for (size_t v = 0; v < sizeof(order) / sizeof(order[0]); v++) {
        size_t i;
        json_t *one;
        json_array_foreach(list, i, one)
        {
            if (strcmp(json_string_value(json_object_get(one, "verdict")), order[v]) == 0)
                return order[v];
        }
    }
    return "same";
}

static void set_text(json_t *o, const char *key, const char *text)
{
    json_t *v = text == NULL ? json_null() : json_string(text);
    (void)json_object_set_new(o, key, v);
}

/* Which of the tables of a comparison a row stands in. */
static const char *table_of(const struct compare_quantity *q)
{
    if ((q->affects & (ON_LATENCY | ON_UTILISATION)) != 0)
        return "cost";
    if (q->affects == ON_MEASURED)
        return "measured";
    return q->is_time ? "time" : "maximum";
}

static json_t *row_object(const struct compare *c, const struct compare_row *r)
{
    json_t *o = json_object(), *values = json_array(), *details = json_array(),
           *list = json_array();
    set_text(o, "case", r->case_id);
    set_text(o, "stimulus", r->stimulus);
    (void)json_object_set(o, "where", (json_t *)(uintptr_t)r->where);
    (void)json_object_set_new(o, "at", r->at == NULL ? json_null() : json_deep_copy(r->at));
    set_text(o, "table", table_of(r->q));
    set_text(o, "quantity", r->q->name);
    set_text(o, "unit", r->q->unit);
    (void)json_object_set_new(o, "more_is_better", json_boolean(r->q->more_is_better));
    for (size_t k = 0; k < c->count; k++) {
        const struct compare_value *v = &r->values[k];
        (void)json_array_append_new(values,
                                    r->takes[k] ? number(r->q, v->v, v->real) : json_null());
        (void)json_array_append(details,
                                r->takes[k] && v->detail != NULL ? v->detail : json_null());
        if (k > 0 && r->takes[k])
            (void)json_array_append_new(list, compared(r, k));
    }
    (void)json_object_set_new(o, "values", values);
    (void)json_object_set_new(o, "details", details);
    set_text(o, "verdict", gravest(list));
    (void)json_object_set_new(o, "compared", list);
    return o;
}

void compare_row_end(struct compare *c, struct compare_row *r)
{
    bool any = false;
    for (size_t k = 0; k < c->count; k++)
        any |= r->takes[k] && (!isnan(r->values[k].lo) || !isnan(r->values[k].v));
    if (any)
        (void)json_array_append_new(c->rows, row_object(c, r));
    for (size_t k = 0; k < c->count; k++) {
        json_decref(r->values[k].detail);
        json_decref(r->forbids[k]);
    }
}
