#include "harness/run/require.h"

#include "emul/base/mem.h"
#include "harness/case/case.h"
#include "harness/case/ids.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum require_op { OP_GE, OP_LE, OP_EQ, OP_NE, OP_GT, OP_LT };

static const struct {
    const char *text;
    enum require_op op;
} ops[] = {{">=", OP_GE}, {"<=", OP_LE}, {"==", OP_EQ}, {"!=", OP_NE}, {">", OP_GT}, {"<", OP_LT}};
#define OPS (sizeof(ops) / sizeof(ops[0]))

/* Where the value stands in the result. */
enum require_kind { KIND_VALUE, KIND_SEARCHED, KIND_METRIC, KIND_P, KIND_RECOVERY };

struct requirement {
    char text[160]; /* as written */
    char id[16], stimulus[32], name[48];
    enum require_kind kind;
    enum require_op op;
    double number;
};

static const char *const recovery_names[] = {"Tf",           "Tre",
                                             "Trd",          "Trall",
                                             "Tre-Tf",       "Trd-Tf",
                                             "Trall-Tf",     "loss_derived_s",
                                             "resolution_s", "apparatus_floor_s"};
#define RECOVERY_NAMES (sizeof(recovery_names) / sizeof(recovery_names[0]))

static int copy_trimmed(char *out, size_t cap, const char *from, const char *to)
{
    while (from < to && *from == ' ')
        from++;
    while (to > from && to[-1] == ' ')
        to--;
    if ((size_t)(to - from) >= cap || from == to)
        return -1;
    memcpy(out, from, (size_t)(to - from));
    out[to - from] = '\0';
    return 0;
}

/* known_names lists everything that can be required of a case; returns how many. */
static size_t known_names(const struct test_case *tc, const char *names[40])
{
    size_t n = 0;
    names[n++] = "value";
    names[n++] = case_variable_name(tc);
    names[n++] = case_param_symbol(case_searched(tc));
    for (int i = 0; i < METRIC_VARS; i++)
        names[n++] = metric_name((enum metric_var)i);
    for (int i = 0; i < P_METRIC_VARS; i++)
        names[n++] = p_metric_name((enum p_metric_var)i);
    for (size_t i = 0; i < RECOVERY_NAMES; i++)
        names[n++] = recovery_names[i];
    return n;
}

static int resolve_name(struct requirement *r, const char *where, struct err *err)
{
    struct test_case *tc = case_find(r->id, err);
    if (tc == NULL) {
        err_prefix(err, "%s", where);
        return -1;
    }
    const char *names[40];
    size_t count = known_names(tc, names), i = 0;
    while (i < count && strcmp(names[i], r->name) != 0)
        i++;
    if (i == count)
        err_set(err, ERR_USE, "%s: case %s has no '%s'; did you mean '%s'?", where, r->id, r->name,
                text_nearest(r->name, names, count));
    case_free(tc);
    if (i == count)
        return -1;
    if (i < 2)
        r->kind = KIND_VALUE;
    else if (i == 2)
        r->kind = KIND_SEARCHED;
    else if (i < 3 + METRIC_VARS)
        r->kind = KIND_METRIC;
    else
        r->kind = i < 3 + METRIC_VARS + P_METRIC_VARS ? KIND_P : KIND_RECOVERY;
    if (r->kind == KIND_RECOVERY && r->stimulus[0] == '\0') {
        err_set(err, ERR_USE, "%s: '%s' is of a recovery; write %s@STIMULUS:%s", where, r->name,
                r->id, r->name);
        return -1;
    }
    return 0;
}

static int resolve_stimulus(const struct requirement *r, const char *where, struct err *err)
{
    const char *names[STIM_COUNT];
    for (int i = 0; i < STIM_COUNT; i++) {
        names[i] = stimulus_name((enum stimulus)i);
        if (strcmp(names[i], r->stimulus) == 0)
            return 0;
    }
    if (r->stimulus[0] == '\0' || strcmp(r->stimulus, "steady") == 0)
        return 0;
    err_set(err, ERR_USE, "%s: unknown stimulus '%s'; did you mean '%s'?", where, r->stimulus,
            text_nearest(r->stimulus, names, STIM_COUNT));
    return -1;
}

/* split takes "CASE[@STIMULUS]:NAME OP NUMBER" apart; NULL, or what is wrong. */
static const char *split(struct requirement *r, const char *text)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        return "':' is missing between case and name";
    const char *at = memchr(text, '@', (size_t)(colon - text));
    if (copy_trimmed(r->id, sizeof(r->id), text, at != NULL ? at : colon) != 0)
        return "a case's number must stand before ':'";
    if (at != NULL && copy_trimmed(r->stimulus, sizeof(r->stimulus), at + 1, colon) != 0)
        return "a stimulus must stand behind '@'";
    const char *op = colon + 1 + strcspn(colon + 1, "<>=!");
    size_t i = 0;
    while (i < OPS && strncmp(op, ops[i].text, strlen(ops[i].text)) != 0)
        i++;
    if (i == OPS)
        return "one of >= <= == != > < must stand between name and number";
    if (copy_trimmed(r->name, sizeof(r->name), colon + 1, op) != 0)
        return "a name must stand behind ':'";
    r->op = ops[i].op;
    const char *number = op + strlen(ops[i].text);
    char *end;
    r->number = strtod(number, &end);
    if (end == number || end[strspn(end, " ")] != '\0' || !isfinite(r->number))
        return "a number must stand behind the comparison";
    return NULL;
}

struct requirement *require_parse(const char *text, const char *where, struct err *err)
{
    struct requirement *r = mem_zalloc(1, sizeof(*r));
    const char *wrong = strlen(text) < sizeof(r->text) ? split(r, text) : "this is too long";
    (void)snprintf(r->text, sizeof(r->text), "%.159s", text);
    if (wrong != NULL)
        err_set(err, ERR_USE, "%s: '%.100s': %s, e.g. '9.1:Num_mVPN>=400'", where, text, wrong);
    if (wrong != NULL || resolve_stimulus(r, where, err) != 0 || resolve_name(r, where, err) != 0) {
        free(r);
        return NULL;
    }
    return r;
}

void require_free(struct requirement *r)
{
    free(r);
}

const char *require_text(const struct requirement *r)
{
    return r->text;
}

const char *require_case(const struct requirement *r)
{
    return r->id;
}

static bool compare(enum require_op op, double a, double b)
{
    switch (op) {
    case OP_GE:
        return a >= b;
    case OP_LE:
        return a <= b;
    case OP_EQ:
        return fabs(a - b) < 1e-9;
    case OP_NE:
        return fabs(a - b) >= 1e-9;
    case OP_GT:
        return a > b;
    case OP_LT:
        return a < b;
    }
    return false;
}

/* What was found so far: the first value that does not meet, else the last that does. */
struct finding {
    bool met, any;
    double value;
    const char *why; /* not met although no number was compared */
};

static void judge(const struct requirement *r, const json_t *v, struct finding *f)
{
    double x = v == NULL ? NAN : result_number(v);
    if (f->any && !f->met)
        return;
    f->any = true;
    f->value = x;
    f->met = !isnan(x) && compare(r->op, x, r->number);
    f->why = isnan(x) ? "no value was measured" : NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s == NULL ? "" : s;
}

static const json_t *find_by(const json_t *list, const char *key, const char *value)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (strcmp(text_of(item, key), value) == 0)
            return item;
    }
    return NULL;
}

static void judge_recovery(const struct requirement *r, const json_t *instance, struct finding *f)
{
    size_t i, seen = 0;
    const json_t *item;
    json_array_foreach(json_object_get(instance, "recovery"), i, item)
    {
        if (strcmp(text_of(item, "stimulus"), r->stimulus) != 0)
            continue;
        judge(r, json_object_get(item, r->name), f);
        seen++;
    }
    if (seen == 0)
        judge(r, NULL, f);
}

/* judge_entry looks at one entry of "maximum": one point of the outer sweep. */
static void judge_entry(const struct requirement *r, const json_t *one_case, const json_t *entry,
                        struct finding *f)
{
    const json_t *instance =
        find_by(json_object_get(one_case, "instances"), "id", text_of(entry, "instance"));
    switch (r->kind) {
    case KIND_VALUE:
        judge(r, json_object_get(entry, "value"), f);
        break;
    case KIND_SEARCHED:
        judge(r, json_object_get(json_object_get(entry, "searched"), "value"), f);
        break;
    case KIND_METRIC:
        judge(r, json_object_get(json_object_get(instance, "metric"), r->name), f);
        break;
    case KIND_P:
        judge(r, json_object_get(json_object_get(instance, "p_instance"), r->name), f);
        break;
    case KIND_RECOVERY:
        judge_recovery(r, instance, f);
        break;
    }
}

bool require_check(const struct requirement *r, const json_t *result, char *text, size_t cap)
{
    struct finding f = {.why = "the result holds no such maximum"};
    const char *stimulus = r->stimulus[0] == '\0' ? "steady" : r->stimulus;
    const json_t *one_case = find_by(json_object_get(result, "cases"), "case", r->id);
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(one_case, "maximum"), i, entry)
    {
        if (strcmp(text_of(entry, "stimulus"), stimulus) == 0)
            judge_entry(r, one_case, entry, &f);
    }
    if (one_case == NULL)
        f.why = "the case was not run";
    if (f.why != NULL)
        (void)snprintf(text, cap, "requirement %s not met: %s", r->text, f.why);
    else
        (void)snprintf(text, cap, "requirement %s %s: %.10g", r->text, f.met ? "met" : "not met",
                       f.value);
    return f.met;
}
