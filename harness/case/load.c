/*
 * testcases/<id>.yaml -> struct test_case. The schema (testcases/README.md) is the table of keys at
 * the end; each has one reader that checks its value and names the place of a mistake.
 */
#include "emul/base/mem.h"
#include "harness/case/ids.h"
#include "harness/case/record.h"
#include "harness/case/values.h"
#include "emul/conf/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool reader_fn(struct test_case *tc, const struct ynode *n, struct err *err);

struct schema_key {
    const char *key;
    reader_fn *read;
    bool required;
};

static bool unknown_key(const struct ynode *key, const char *const *names, size_t count,
                        struct err *err)
{
    yaml_error(err, key, "unknown key '%.60s'; did you mean '%s'?", key->text,
               text_nearest(key->text, names, count));
    return false;
}

/* read_map reads a map by its table of keys. */
static bool read_map(struct test_case *tc, const struct ynode *n, const struct schema_key *keys,
                     size_t count, struct err *err)
{
    const char *names[24];
    for (size_t k = 0; k < count; k++)
        names[k] = keys[k].key;
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "keys and values must stand here, beginning with '%s:'", names[0]);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(keys[k].key, n->keys[i]->text) != 0)
            k++;
        if (k == count)
            return unknown_key(n->keys[i], names, count, err);
        if (!keys[k].read(tc, n->items[i], err))
            return false;
    }
    for (size_t k = 0; k < count; k++) {
        if (keys[k].required && yaml_get(n, keys[k].key) == NULL) {
            yaml_error(err, n, "'%s' is missing; add it", keys[k].key);
            return false;
        }
    }
    return true;
}

static bool read_text(char **out, const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_SCALAR || n->text[0] == '\0') {
        yaml_error(err, n, "a text must stand here");
        return false;
    }
    free(*out);
    *out = mem_strdup(n->text);
    return true;
}

static bool read_words(struct case_words *out, const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_LIST || n->count > CASE_WORDS_MAX) {
        yaml_error(err, n, "a list [a, b, ...] of at most %d texts must stand here",
                   CASE_WORDS_MAX);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!read_text(&out->items[out->count], n->items[i], err))
            return false;
        out->count++;
    }
    return true;
}

static bool read_schema(struct test_case *tc, const struct ynode *n, struct err *err)
{
    (void)tc;
    double v;
    if (!yaml_number(n, &v, err))
        return false;
    if (v != 1)
        yaml_error(err, n, "schema %.60s is not known to this version; it reads schema 1", n->text);
    return v == 1;
}

static bool read_id(struct test_case *tc, const struct ynode *n, struct err *err)
{
    if (!read_text(&tc->id, n, err))
        return false;
    if (!n->quoted || strlen(tc->id) > 8)
        yaml_error(err, n, "a case's number is a short text in quotes, as \"9.10\"");
    return n->quoted && strlen(tc->id) <= 8;
}

static bool read_title(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_text(&tc->title, n, err);
}

static bool read_objective(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_text(&tc->objective, n, err);
}

static bool read_operational(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_text(&tc->operational, n, err);
}

static bool read_mdt_mode(const struct ynode *n, enum mdt_mode *out, struct err *err)
{
    static const char *const names[] = {"asm", "ssm", "bidir"};
    if (n->kind != YNODE_SCALAR) {
        yaml_error(err, n, "asm, ssm or bidir must stand here");
        return false;
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], n->text) == 0) {
            *out = (enum mdt_mode)i;
            return true;
        }
    }
    yaml_error(err, n, "unknown variant '%.60s'; did you mean '%s'?", n->text,
               text_nearest(n->text, names, 3));
    return false;
}

/* The list is in the draft's order; the first one is what a run uses. */
static bool read_mdt(struct test_case *tc, const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_LIST || n->count == 0) {
        yaml_error(err, n, "a list like [asm, bidir] must stand here");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        enum mdt_mode mode;
        if (!read_mdt_mode(n->items[i], &mode, err))
            return false;
        tc->mdt_allowed[mode] = true;
        if (i == 0)
            tc->mdt = mode;
    }
    return true;
}

static bool read_value(enum case_param p, const struct ynode *n, double *out, struct err *err)
{
    struct err own = {0};
    if (!yaml_number(n, out, err))
        return false;
    if (param_check(p, case_param_name(p), *out, &own))
        return true;
    yaml_error(err, n, "%s", own.text);
    return false;
}

static bool read_sweep(enum case_param p, const struct ynode *n, struct case_param_rule *r,
                       struct err *err)
{
    if (n->kind == YNODE_SCALAR && strcmp(n->text, "mvpn_100i") == 0) {
        if (p != PARAM_MVPNS)
            yaml_error(err, n, "the sweep mvpn_100i is for mvpns only");
        r->mode = MODE_MVPN_100I;
        return p == PARAM_MVPNS;
    }
    if (n->kind != YNODE_LIST || n->count == 0 || n->count > SWEEP_MAX) {
        yaml_error(err, n, "a list of 1 to %d values, or mvpn_100i, must stand here", SWEEP_MAX);
        return false;
    }
    r->mode = MODE_SWEEP;
    for (size_t i = 0; i < n->count; i++) {
        if (!read_value(p, n->items[i], &r->values[i], err))
            return false;
    }
    r->count = n->count;
    return true;
}

static bool read_rule(struct test_case *tc, enum case_param p, const struct ynode *n,
                      struct err *err)
{
    struct case_param_rule *r = &tc->rule[p];
    if (n->kind == YNODE_MAP) {
        const struct ynode *sweep = yaml_get(n, "sweep");
        if (sweep == NULL || n->count != 1) {
            yaml_error(err, n, "'%s' takes a number, 'searched' or {sweep: [...]}",
                       case_param_name(p));
            return false;
        }
        return read_sweep(p, sweep, r, err);
    }
    if (n->kind != YNODE_SCALAR || strcmp(n->text, "searched") != 0) {
        r->mode = MODE_FIXED;
        r->count = 1;
        return read_value(p, n, &r->values[0], err);
    }
    if (tc->searched != PARAM_COUNT || p == PARAM_INGRESS_SHARE) {
        yaml_error(err, n, "exactly one parameter is searched, and it is a whole number");
        return false;
    }
    tc->searched = p;
    r->mode = MODE_SEARCHED;
    return true;
}

static bool read_parameters(struct test_case *tc, const struct ynode *n, struct err *err)
{
    const char *names[PARAM_COUNT];
    for (int p = 0; p < PARAM_COUNT; p++)
        names[p] = case_param_name((enum case_param)p);
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "the parameters must stand here, beginning with '%s:'", names[0]);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        enum case_param p = case_param_by_name(n->keys[i]->text);
        if (p == PARAM_COUNT)
            return unknown_key(n->keys[i], names, PARAM_COUNT, err);
        if (!read_rule(tc, p, n->items[i], err))
            return false;
    }
    for (int p = 0; p < PARAM_COUNT; p++) {
        if (yaml_get(n, names[p]) == NULL && param_optional((enum case_param)p)) {
            tc->rule[p] = (struct case_param_rule){.mode = MODE_ABSENT, .count = 1};
        } else if (yaml_get(n, names[p]) == NULL) {
            yaml_error(err, n, "parameter '%s' is missing; add it", names[p]);
            return false;
        }
    }
    if (tc->searched == PARAM_COUNT)
        yaml_error(err, n, "no parameter is searched; give one the value 'searched'");
    return tc->searched != PARAM_COUNT;
}

static void expr_place(struct err *err, const struct ynode *n, const struct expr_error *e)
{
    struct ynode at = *n;
    at.col += (unsigned)e->offset + (n->quoted ? 1 : 0);
    yaml_error(err, &at, "%s", e->text);
}

static bool read_variable(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_text(&tc->variable, n, err);
}

static bool read_formula(struct test_case *tc, const struct ynode *n, struct err *err)
{
    struct expr_error e = {0};
    if (n->kind != YNODE_SCALAR) {
        yaml_error(err, n, "a formula must stand here");
        return false;
    }
    if (expr_parse(&tc->formula, n->text, &e))
        return true;
    expr_place(err, n, &e);
    return false;
}

static bool read_maximum(struct test_case *tc, const struct ynode *n, struct err *err)
{
    static const struct schema_key keys[] = {
        {"name", read_variable, true},
        {"formula", read_formula, true},
    };
    return read_map(tc, n, keys, sizeof(keys) / sizeof(keys[0]), err);
}

static bool read_relations(struct test_case *tc, const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_LIST || n->count > CASE_RELATIONS_MAX) {
        yaml_error(err, n, "a list of at most %d relations must stand here", CASE_RELATIONS_MAX);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct ynode *item = n->items[i];
        struct expr_error e = {0};
        if (item->kind != YNODE_SCALAR) {
            yaml_error(err, item, "a relation like \"Num_SG_C == 2*N\" must stand here");
            return false;
        }
        if (!relation_parse(&tc->relation[i], item->text, &e)) {
            expr_place(err, item, &e);
            return false;
        }
    }
    tc->relation_count = n->count;
    return true;
}

static bool read_tolerance(struct test_case *tc, const struct ynode *n, struct err *err)
{
    if (!yaml_number(n, &tc->tolerance, err))
        return false;
    bool good = tc->tolerance >= 0 && tc->tolerance <= 1;
    if (!good)
        yaml_error(err, n, "the tolerance is a fraction from 0 to 1");
    return good;
}

static bool read_steps(bool steps[CASE_STEPS_MAX + 1], unsigned last, const struct ynode *n,
                       struct err *err)
{
    if (n->kind != YNODE_LIST) {
        yaml_error(err, n, "a list of step numbers must stand here");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        double v;
        if (!yaml_number(n->items[i], &v, err))
            return false;
        if (!(v >= 1 && v <= last) || v != (unsigned)v) {
            yaml_error(err, n->items[i], "the draft's procedure has the steps 1 to %u", last);
            return false;
        }
        steps[(unsigned)v] = true;
    }
    return true;
}

static bool read_steady(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_steps(tc->steady_step, 8, n, err);
}

static bool read_failure(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_steps(tc->failure_step, 7, n, err);
}

static bool read_procedure(struct test_case *tc, const struct ynode *n, struct err *err)
{
    static const struct schema_key keys[] = {
        {"steady", read_steady, true},
        {"failure", read_failure, true},
    };
    return read_map(tc, n, keys, sizeof(keys) / sizeof(keys[0]), err);
}

static bool read_stimuli(struct test_case *tc, const struct ynode *n, struct err *err)
{
    bool all = n->kind == YNODE_SCALAR && strcmp(n->text, "all") == 0;
    bool none = n->kind == YNODE_SCALAR && strcmp(n->text, "none") == 0;
    if (!all && !none)
        yaml_error(err, n, "'all' or 'none' must stand here");
    tc->stimuli = all;
    return all || none;
}

static bool read_extra(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_words(&tc->extra, n, err);
}

static bool read_report(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_words(&tc->report, n, err);
}

static bool read_after(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_words(&tc->after, n, err);
}

static bool read_issues(struct test_case *tc, const struct ynode *n, struct err *err)
{
    return read_words(&tc->issues, n, err);
}

static const struct schema_key case_keys[] = {
    {"schema", read_schema, true},
    {"case", read_id, true},
    {"title", read_title, true},
    {"objective", read_objective, true},
    {"operational", read_operational, false},
    {"mdt", read_mdt, true},
    {"parameters", read_parameters, true},
    {"maximum", read_maximum, true},
    {"relations", read_relations, true},
    {"tolerance", read_tolerance, false},
    {"procedure", read_procedure, true},
    {"stimuli", read_stimuli, true},
    {"extra", read_extra, false},
    {"report", read_report, true},
    {"after", read_after, false},
    {"draft_issues", read_issues, false},
};

struct test_case *case_load(const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct test_case *tc = mem_zalloc(1, sizeof(*tc));
    tc->searched = PARAM_COUNT;
    tc->tolerance = 0.02; /* PROTOCOLS 12 D18 */
    bool good = read_map(tc, root, case_keys, sizeof(case_keys) / sizeof(case_keys[0]), err);
    ynode_free(root);
    if (good)
        return tc;
    case_free(tc);
    return NULL;
}

struct test_case *case_find(const char *id, struct err *err)
{
    char name[64], path[4096];
    if (!case_id_check(id, NULL, err))
        return NULL;
    (void)snprintf(name, sizeof(name), "testcases/%s.yaml", id);
    if (!data_path(path, sizeof(path), name, err))
        return NULL;
    struct test_case *tc = case_load(path, err);
    if (tc != NULL && strcmp(tc->id, id) != 0) {
        err_set(err, ERR_USE, "%.300s:1:1: holds case %s, not %s; correct 'case:' or the name",
                path, tc->id, id);
        case_free(tc);
        return NULL;
    }
    return tc;
}

static void words_free(struct case_words *w)
{
    for (size_t i = 0; i < CASE_WORDS_MAX; i++)
        free(w->items[i]);
}

void case_free(struct test_case *tc)
{
    if (tc == NULL)
        return;
    free(tc->id);
    free(tc->title);
    free(tc->objective);
    free(tc->operational);
    free(tc->variable);
    words_free(&tc->extra);
    words_free(&tc->report);
    words_free(&tc->after);
    words_free(&tc->issues);
    free(tc);
}
