#include "harness/run/known.h"

#include "harness/case/values.h"
#include "harness/run/search.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <string.h>

static const json_t *case_in(const json_t *result, const char *id)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(result, "cases"), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "case"));
        if (name != NULL && strcmp(name, id) == 0)
            return item;
    }
    return NULL;
}

static bool is_visible(const struct known *k, const char *id)
{
    for (size_t i = 0; i < k->visible_count; i++) {
        if (strcmp(k->visible[i], id) == 0)
            return true;
    }
    return false;
}

/* The trees to ask, in order: this run's case, then the earlier run's. */
static size_t sources(const struct known *k, const char *id, const json_t *cases[2])
{
    size_t n = 0;
    const json_t *own = is_visible(k, id) ? case_in(k->result, id) : NULL;
    const json_t *earlier = case_in(k->from, id);
    if (own != NULL)
        cases[n++] = own;
    if (earlier != NULL)
        cases[n++] = earlier;
    return n;
}

/*
 * The value of a parameter at an entry of "maximum": what the sweep says, else (the parameter was
 * the same in all instances) what any instance says.
 */
static double at_entry(const json_t *one_case, const json_t *entry, const char *key,
                       enum case_param p)
{
    const json_t *v = json_object_get(json_object_get(entry, "where"), key);
    if (v == NULL) {
        const json_t *first = json_array_get(json_object_get(one_case, "instances"), 0);
        v = json_object_get(json_object_get(first, "parameters"), case_param_name(p));
    }
    return v == NULL ? NAN : result_number(v);
}

static bool matches(double wanted, double got)
{
    return isnan(wanted) || fabs(wanted - got) < 1e-9;
}

static bool is_steady(const json_t *entry)
{
    const char *stimulus = json_string_value(json_object_get(entry, "stimulus"));
    return stimulus != NULL && strcmp(stimulus, "steady") == 0;
}

static bool entry_matches(const json_t *one_case, const json_t *entry, const struct case_where *w)
{
    const char *mdt =
        json_string_value(json_object_get(json_object_get(entry, "where"), "mi_pmsi"));
    return is_steady(entry) && matches(w->n, at_entry(one_case, entry, "N", PARAM_MVPNS)) &&
           matches(w->ingress_share,
                   at_entry(one_case, entry, "ingress_share", PARAM_INGRESS_SHARE)) &&
           matches(w->sources, at_entry(one_case, entry, "sources_per_group", PARAM_SOURCES)) &&
           (mdt == NULL || strcmp(mdt, mdt_mode_name(w->mdt)) == 0);
}

static const json_t *searched_value(const json_t *entry)
{
    return json_object_get(json_object_get(entry, "searched"), "value");
}

static enum case_answer searched_in(const json_t *one_case, const struct case_where *where,
                                    double *value)
{
    enum case_answer answer = KNOWN_NOT;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(one_case, "maximum"), i, entry)
    {
        if (!entry_matches(one_case, entry, where))
            continue;
        double v = result_number(searched_value(entry));
        if (answer == KNOWN_NOT)
            answer = KNOWN_NOTHING;
        if (isnan(v) || (answer == KNOWN_VALUE && v <= *value))
            continue;
        answer = KNOWN_VALUE;
        *value = v;
    }
    return answer;
}

static enum case_answer known_searched(void *arg, const char *id, const struct case_where *where,
                                       double *value)
{
    const json_t *cases[2];
    size_t count = sources(arg, id, cases);
    enum case_answer answer = KNOWN_NOT;
    for (size_t i = 0; i < count && answer == KNOWN_NOT; i++)
        answer = searched_in(cases[i], where, value);
    return answer;
}

static enum case_answer largest_in(const json_t *one_case, double *n)
{
    enum case_answer answer = KNOWN_NOT;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(one_case, "maximum"), i, entry)
    {
        if (!is_steady(entry))
            continue;
        if (answer == KNOWN_NOT)
            answer = KNOWN_NOTHING;
        double at = at_entry(one_case, entry, "N", PARAM_MVPNS);
        if (!json_is_integer(searched_value(entry)) || isnan(at) ||
            (answer == KNOWN_VALUE && at <= *n))
            continue;
        answer = KNOWN_VALUE;
        *n = at;
    }
    return answer;
}

static enum case_answer known_largest_n(void *arg, const char *id, double *n)
{
    const json_t *cases[2];
    size_t count = sources(arg, id, cases);
    enum case_answer answer = KNOWN_NOT;
    for (size_t i = 0; i < count && answer == KNOWN_NOT; i++)
        answer = largest_in(cases[i], n);
    return answer;
}

/* An instance that the apparatus spoilt says nothing; any that does not suppress decides. */
static int suppresses_in(const json_t *one_case)
{
    int answer = -1;
    size_t i;
    json_t *instance;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        const char *verdict = json_string_value(json_object_get(instance, "verdict"));
        const json_t *v = json_object_get(
            json_object_get(json_object_get(instance, "extra"), "jp_suppression"), "suppresses");
        if (verdict == NULL || strcmp(verdict, verdict_name(VERDICT_INVALID)) == 0)
            continue;
        if (json_is_false(v))
            return 0;
        if (json_is_true(v))
            answer = 1;
    }
    return answer;
}

static int known_suppresses(void *arg)
{
    const json_t *cases[2];
    size_t count = sources(arg, "10.2", cases);
    int answer = -1;
    for (size_t i = 0; i < count && answer < 0; i++)
        answer = suppresses_in(cases[i]);
    return answer;
}

void known_init(struct known *k, const json_t *result, const json_t *from)
{
    *k = (struct known){.result = result,
                        .from = from,
                        .answers = {.searched = known_searched,
                                    .largest_n = known_largest_n,
                                    .suppresses = known_suppresses,
                                    .arg = k}};
}

void known_see(struct known *k, const char *id)
{
    if (k->visible_count < KNOWN_CASES_MAX && !is_visible(k, id))
        k->visible[k->visible_count++] = id;
}
