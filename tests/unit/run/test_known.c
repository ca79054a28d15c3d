/* What cases learn of one another: by the point of the sweep, from this run, then from --from. */
#include "harness/run/jobs.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char own_text[] =
    "{'cases': ["
    " {'case': '9.3', 'maximum': ["
    "  {'stimulus': 'steady', 'where': {'N': 100, 'ingress_share': 0.0, 'sources_per_group': 2},"
    "   'searched': {'name': 'g', 'value': 40}},"
    "  {'stimulus': 'steady', 'where': {'N': 100, 'ingress_share': 1.0, 'sources_per_group': 2},"
    "   'searched': {'name': 'g', 'value': 30}},"
    "  {'stimulus': 'steady', 'where': {'N': 200, 'ingress_share': 0.0, 'sources_per_group': 2},"
    "   'searched': {'name': 'g', 'value': 20}},"
    "  {'stimulus': 'steady', 'where': {'N': 300, 'ingress_share': 0.0, 'sources_per_group': 2},"
    "   'searched': {'name': 'g', 'value': null}},"
    "  {'stimulus': 'p-link-flap', 'where': {'N': 300, 'ingress_share': 0.0,"
    "   'sources_per_group': 2}, 'searched': {'name': 'g', 'value': 7}}], 'instances': []},"
    " {'case': '9.2', 'maximum': [{'stimulus': 'steady', 'where': {},"
    "   'searched': {'name': 'c', 'value': 5}}],"
    "  'instances': [{'id': '9.2-0001', 'parameters': {'mvpns': 61}}]},"
    " {'case': '9.10', 'maximum': ["
    "  {'stimulus': 'steady', 'where': {'mi_pmsi': 'asm'}, 'searched': {'value': 49}},"
    "  {'stimulus': 'steady', 'where': {'mi_pmsi': 'ssm'}, 'searched': {'value': 48}}],"
    "  'instances': []},"
    " {'case': '10.2', 'maximum': [], 'instances': ["
    "  {'verdict': 'pass', 'extra': {'jp_suppression': {'suppresses': true}}},"
    "  {'verdict': 'invalid', 'extra': {'jp_suppression': {'suppresses': false}}}]}]}";

static const char from_text[] =
    "{'cases': ["
    " {'case': '9.1', 'maximum': [{'stimulus': 'steady', 'where': {},"
    "   'searched': {'name': 'N', 'value': 137}}], 'instances': []},"
    " {'case': '9.3', 'maximum': ["
    "  {'stimulus': 'steady', 'where': {'N': 700, 'ingress_share': 0.0, 'sources_per_group': 2},"
    "   'searched': {'name': 'g', 'value': 3}}], 'instances': []},"
    " {'case': '10.2', 'maximum': [], 'instances': ["
    "  {'verdict': 'pass', 'extra': {'jp_suppression': {'suppresses': true}}},"
    "  {'verdict': 'fail', 'extra': {'jp_suppression': {'suppresses': false}}}]}]}";

struct fixture {
    json_t *own, *from;
    struct known k;
};

/* JSON with ' for ", so that it can be read here. */
static json_t *tree(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *t = json_loads(copy, 0, NULL);
    free(copy);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    return t;
}

static void open_fixture(struct fixture *f)
{
    f->own = tree(own_text);
    f->from = tree(from_text);
    known_init(&f->k, f->own, f->from);
    known_see(&f->k, "9.2");
    known_see(&f->k, "9.3");
    known_see(&f->k, "9.10");
}

static void close_fixture(struct fixture *f)
{
    json_decref(f->own);
    json_decref(f->from);
}

static double searched(struct fixture *f, const char *id, double n, double share, double sources,
                       enum mdt_mode mdt)
{
    struct case_where w = {n, share, sources, mdt};
    double value = -1;
    enum case_answer a = f->k.answers.searched(f->k.answers.arg, id, &w, &value);
    return a == KNOWN_VALUE ? value : a == KNOWN_NOTHING ? -2 : -3;
}

static void values_are_found_by_their_point(void)
{
    struct fixture f;
    open_fixture(&f);
    CU_ASSERT_EQUAL(searched(&f, "9.3", 100, 0, 2, MDT_ASM), 40);
    CU_ASSERT_EQUAL(searched(&f, "9.3", 100, 1, 2, MDT_ASM), 30);
    CU_ASSERT_EQUAL(searched(&f, "9.3", 200, 0, 2, MDT_ASM), 20);
    CU_ASSERT_EQUAL(searched(&f, "9.3", 300, 0, 2, MDT_ASM), -2); /* nothing passed */
    CU_ASSERT_EQUAL(searched(&f, "9.3", 400, 0, 2, MDT_ASM), -3);
    CU_ASSERT_EQUAL(searched(&f, "9.3", NAN, NAN, NAN, MDT_ASM), 40);
    CU_ASSERT_EQUAL(searched(&f, "9.10", NAN, NAN, NAN, MDT_ASM), 49);
    CU_ASSERT_EQUAL(searched(&f, "9.10", NAN, NAN, NAN, MDT_SSM), 48);
    CU_ASSERT_EQUAL(searched(&f, "9.10", NAN, NAN, NAN, MDT_BIDIR), -3);
    close_fixture(&f);
}

static void a_fixed_parameter_stands_in_the_instances(void)
{
    struct fixture f;
    open_fixture(&f);
    CU_ASSERT_EQUAL(searched(&f, "9.2", 61, NAN, NAN, MDT_ASM), 5);
    CU_ASSERT_EQUAL(searched(&f, "9.2", 62, NAN, NAN, MDT_ASM), -3);
    close_fixture(&f);
}

static void the_earlier_run_fills_in(void)
{
    struct fixture f;
    double n = 0;
    open_fixture(&f);
    CU_ASSERT_EQUAL(searched(&f, "9.1", NAN, NAN, NAN, MDT_ASM), 137);
    CU_ASSERT_EQUAL(searched(&f, "9.3", 700, 0, 2, MDT_ASM), 3);
    CU_ASSERT_EQUAL(f.k.answers.largest_n(f.k.answers.arg, "9.3", &n), KNOWN_VALUE);
    CU_ASSERT_EQUAL(n, 200); /* this run's, though the earlier one went further */
    CU_ASSERT_EQUAL(f.k.answers.largest_n(f.k.answers.arg, "9.9", &n), KNOWN_NOT);
    close_fixture(&f);
}

static void only_dependencies_are_seen(void)
{
    struct fixture f;
    open_fixture(&f);
    /* 10.2 stands in this run's result, but the case does not depend on it. */
    CU_ASSERT_EQUAL(f.k.answers.suppresses(f.k.answers.arg), 0);
    known_see(&f.k, "10.2");
    CU_ASSERT_EQUAL(f.k.answers.suppresses(f.k.answers.arg), 1);
    known_init(&f.k, f.own, NULL);
    CU_ASSERT_EQUAL(f.k.answers.suppresses(f.k.answers.arg), -1);
    CU_ASSERT_EQUAL(searched(&f, "9.3", 100, 0, 2, MDT_ASM), -3);
    close_fixture(&f);
}

static struct jobs jobs; /* large */

static void cases_come_after_what_they_take(void)
{
    static const char *const given[] = {"9.13", "11.1", "9.5", "9.1",  "9.10", "10.2",
                                        "9.3",  "9.2",  "9.6", "10.1", "9.4"};
    struct test_case *cases[sizeof(given) / sizeof(given[0])];
    size_t count = sizeof(given) / sizeof(given[0]), place[JOBS_MAX];
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_PTR_NOT_NULL_FATAL(cases[i] = case_find(given[i], NULL));
    jobs_init(&jobs, NULL, cases, count, NULL, NULL);
    CU_ASSERT_EQUAL(jobs.count, count);
    CU_ASSERT_STRING_EQUAL(case_id(jobs.cases[0].tc), "9.1");
    CU_ASSERT_STRING_EQUAL(case_id(jobs.cases[count - 1].tc), "11.1");
    for (size_t k = 0; k < count; k++)
        place[jobs.order[k]] = k;
    for (size_t i = 0; i < count; i++) {
        const char *id;
        for (size_t n = 0; (id = case_after(jobs.cases[i].tc, n)) != NULL; n++) {
            for (size_t d = 0; d < count; d++) {
                if (strcmp(case_id(jobs.cases[d].tc), id) == 0)
                    CU_ASSERT(place[d] < place[i]);
            }
        }
    }
    jobs_fini(&jobs);
    for (size_t i = 0; i < count; i++)
        case_free(cases[i]);
}

static const struct cu_test tests[] = {
    {"values are found by their point", values_are_found_by_their_point},
    {"a fixed parameter stands in the instances", a_fixed_parameter_stands_in_the_instances},
    {"the earlier run fills in", the_earlier_run_fills_in},
    {"only dependencies are seen", only_dependencies_are_seen},
    {"cases come after what they take", cases_come_after_what_they_take},
};

CU_MAIN("known", tests)
