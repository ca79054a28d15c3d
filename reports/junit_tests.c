#include "reports/junit_tests.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/point.h"
#include "reports/recovery_worst.h"
#include "reports/tree.h"

#include <stdlib.h>
#include <string.h>

#define STEADY "steady"

struct junit_test *junit_add(struct junit_suite *s, char *name, enum junit_outcome outcome,
                             const char *type, char *message)
{
    s->tests = array_grow(s->tests, s->count, &s->capacity, sizeof(*s->tests));
    struct junit_test *t = &s->tests[s->count++];
    *t = (struct junit_test){.name = name, .outcome = outcome, .type = type, .message = message};
    s->of[outcome]++;
    return t;
}

void junit_suite_fini(struct junit_suite *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->tests[i].name);
        free(s->tests[i].message);
    }
    free(s->tests);
    *s = (struct junit_suite){0};
}

void junit_requirements(struct junit_suite *s, const struct report_input *in, const char *case_id)
{
    for (size_t i = 0; i < in->verdict_count; i++) {
        const struct report_verdict *v = &in->verdicts[i];
        if (strcmp(v->case_id, case_id) == 0)
            (void)junit_add(s, mem_printf("requirement %s", v->requirement),
                            v->met ? JUNIT_PASSED : JUNIT_FAILED, "requirement",
                            v->met ? NULL : mem_strdup(v->said));
    }
}

/* ---- why ---- */

static bool is_verdict(const json_t *v, const char *verdict)
{
    return strcmp(tree_text(v, "verdict", ""), verdict) == 0;
}

/* The last instance of the point that did not hold in the steady state. */
static const json_t *failed_instance(const json_t *one_case, const json_t *where)
{
    const json_t *instances = json_object_get(one_case, "instances"), *found = NULL, *instance;
    size_t i;
    json_array_foreach(instances, i, instance)
    {
        if (!is_verdict(instance, "pass") && point_holds(instance, where))
            found = instance;
    }
    return found;
}

/* The last recovery of the point under that stimulus that failed; *of is its instance. */
static const json_t *failed_recovery(const json_t *one_case, const json_t *where,
                                     const char *stimulus, const json_t **of)
{
    const json_t *found = NULL, *instance;
    size_t i;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        const json_t *recovery = recovery_worst(instance, stimulus, NULL);
        if (recovery == NULL || is_verdict(recovery, "pass") || !point_holds(instance, where))
            continue;
        found = recovery;
        *of = instance;
    }
    return found;
}

static char *why_nothing_passed(const json_t *one_case, const json_t *entry, const char *stimulus)
{
    const json_t *where = json_object_get(entry, "where"), *instance = NULL, *failed = NULL;
    const char *symbol = tree_text(json_object_get(entry, "searched"), "name", "?");
    bool steady = strcmp(stimulus, STEADY) == 0;
    if (!steady)
        failed = failed_recovery(one_case, where, stimulus, &instance);
    if (failed == NULL)
        failed = instance = failed_instance(one_case, where);
    if (failed == NULL)
        return mem_printf("no value of %s passed", symbol);
    return mem_printf("no value of %s passed; %s: %s", symbol, tree_text(instance, "id", "?"),
                      tree_text(failed, "reason", "no reason was given"));
}

/* ---- tests of a case ---- */

static void add_maximum(struct junit_suite *s, const json_t *one_case, const json_t *entry)
{
    const char *stimulus = tree_text(entry, "stimulus", STEADY);
    char *where = tree_where(entry);
    char *name = *where == '\0' ? mem_strdup(stimulus) : mem_printf("%s (%s)", stimulus, where);
    bool held = json_is_number(json_object_get(entry, "value"));
    bool spoilt = strcmp(tree_text(entry, "bounded_by", ""), "apparatus") == 0;
    struct junit_test *t = junit_add(s, name,
                                     held     ? JUNIT_PASSED
                                     : spoilt ? JUNIT_ERROR
                                              : JUNIT_FAILED,
                                     spoilt                          ? "apparatus"
                                     : strcmp(stimulus, STEADY) == 0 ? "no-value"
                                                                     : "recovery",
                                     held ? NULL : why_nothing_passed(one_case, entry, stimulus));
    t->where = json_object_get(entry, "where");
    t->stimulus = stimulus;
    free(where);
}

static void add_judged(struct junit_suite *s, const json_t *judged, const char *stimulus,
                       const char *id, int64_t ns)
{
    bool pass = is_verdict(judged, "pass"), fail = is_verdict(judged, "fail");
    struct junit_test *t =
        junit_add(s, mem_printf("%s (%s)", stimulus, id),
                  pass   ? JUNIT_PASSED
                  : fail ? JUNIT_FAILED
                         : JUNIT_ERROR,
                  !fail                           ? "apparatus"
                  : strcmp(stimulus, STEADY) == 0 ? "steady"
                                                  : "recovery",
                  pass ? NULL : mem_strdup(tree_text(judged, "reason", "no reason was given")));
    t->ns = ns;
}

/* How long the instance took until its first recovery, or from recovery i to the next. */
static int64_t part_ns(const json_t *instance, size_t i, bool steady)
{
    const json_t *recoveries = json_object_get(instance, "recovery");
    struct report_cell begin = tree_cell(instance, "begin"), end = tree_cell(instance, "end");
    struct report_cell all = cell_minus(end, begin), from = {.kind = CELL_TIME}, to = all;
    if (!steady) {
        from = tree_cell(json_array_get(recoveries, i), "begin");
        i++;
    } else {
        i = 0;
    }
    if (i < json_array_size(recoveries))
        to = tree_cell(json_array_get(recoveries, i), "begin");
    struct report_cell part = cell_minus(to, from);
    return part.kind == CELL_TIME && part.ns > 0 ? part.ns : 0;
}

/* A case that seeks no maximum (9.11, 10.2): each of its instances is judged. */
static void add_instances(struct junit_suite *s, const json_t *one_case)
{
    size_t i, k;
    const json_t *instance, *recovery;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        const char *id = tree_text(instance, "id", "?");
        add_judged(s, instance, STEADY, id, part_ns(instance, 0, true));
        json_array_foreach(json_object_get(instance, "recovery"), k, recovery)
        {
            add_judged(s, recovery, tree_text(recovery, "stimulus", "?"), id,
                       part_ns(instance, k, false));
        }
    }
}

/* "stimulus NAME omitted: WHY" among the deviations: that is how a run says it. */
static void add_omitted_stimuli(struct junit_suite *s, const json_t *one_case)
{
    static const char before[] = "stimulus ", between[] = " omitted: ";
    size_t i;
    const json_t *item;
    json_array_foreach(tree_at(one_case, "deviations", "procedure", NULL), i, item)
    {
        const char *text = json_string_value(item);
        const char *at = text == NULL || strncmp(text, before, sizeof(before) - 1) != 0
                             ? NULL
                             : strstr(text, between);
        if (at == NULL)
            continue;
        text += sizeof(before) - 1;
        (void)junit_add(s, mem_printf("%.*s", (int)(at - text), text), JUNIT_SKIPPED, "omitted",
                        mem_strdup(at + sizeof(between) - 1));
    }
}

/* ---- time ---- */

static void add_part(struct junit_suite *s, const json_t *instance, const char *stimulus,
                     int64_t ns)
{
    for (size_t i = 0; i < s->count; i++) {
        struct junit_test *t = &s->tests[i];
        if (t->stimulus == NULL || strcmp(t->stimulus, stimulus) != 0 ||
            !point_holds(instance, t->where))
            continue;
        t->ns += ns;
        return;
    }
}

/* What a search cost stands with the test that it served; the sum is the suite's. */
static void add_times(struct junit_suite *s, const json_t *one_case)
{
    size_t i, k;
    const json_t *instance, *recovery;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        struct report_cell all =
            cell_minus(tree_cell(instance, "end"), tree_cell(instance, "begin"));
        s->ns += all.kind == CELL_TIME && all.ns > 0 ? all.ns : 0;
        add_part(s, instance, STEADY, part_ns(instance, 0, true));
        json_array_foreach(json_object_get(instance, "recovery"), k, recovery)
        {
            add_part(s, instance, tree_text(recovery, "stimulus", ""), part_ns(instance, k, false));
        }
    }
}

void junit_case(struct junit_suite *s, const struct report_input *in, const json_t *one_case)
{
    const char *omitted = tree_text(one_case, "omitted", NULL);
    const json_t *maxima = json_object_get(one_case, "maximum"), *entry;
    size_t i;
    junit_requirements(s, in, tree_text(one_case, "case", ""));
    if (omitted != NULL)
        (void)junit_add(s, mem_strdup(STEADY), JUNIT_SKIPPED, "omitted", mem_strdup(omitted));
    else if (json_array_size(maxima) > 0)
        json_array_foreach(maxima, i, entry) add_maximum(s, one_case, entry);
    else if (in->unfinished != NULL)
        (void)junit_add(s, mem_strdup(STEADY), JUNIT_SKIPPED, "unfinished",
                        mem_strdup(in->unfinished));
    else
        add_instances(s, one_case);
    add_omitted_stimuli(s, one_case);
    add_times(s, one_case);
}
