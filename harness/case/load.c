/*
 * testcases/<id>.yaml -> struct test_case. The schema (testcases/README.md) is the table of keys at
 * the end; each has one reader that checks its value and names the place of a mistake.
 */
#include "harness/case/load.h"
#include "emul/base/mem.h"
#include "harness/case/ids.h"
#include "harness/case/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool load_unknown(const struct ynode *key, const char *const *names, size_t count, struct err *err)
{
    yaml_error(err, key, "unknown key '%.60s'; did you mean '%s'?", key->text,
               text_nearest(key->text, names, count));
    return false;
}

static bool check_keys(const struct ynode *n, const struct schema_key *keys, size_t count,
                       struct err *err)
{
    const char *names[32];
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
            return load_unknown(n->keys[i], names, count, err);
    }
    return true;
}

bool load_map(struct loading *l, const struct ynode *n, const struct schema_key *keys, size_t count,
              struct err *err)
{
    if (!check_keys(n, keys, count, err))
        return false;
    for (int early = 1; early >= 0; early--) {
        for (size_t i = 0; i < n->count; i++) {
            size_t k = 0;
            while (strcmp(keys[k].key, n->keys[i]->text) != 0)
                k++;
            if (keys[k].early == (early == 1) && !keys[k].read(l, n->items[i], err))
                return false;
        }
    }
    for (size_t k = 0; k < count; k++) {
        if (keys[k].required && yaml_get(n, keys[k].key) == NULL) {
            yaml_error(err, n, "'%s' is missing; add it", keys[k].key);
            return false;
        }
    }
    return true;
}

bool load_text(char **out, const struct ynode *n, struct err *err)
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
        if (!load_text(&out->items[out->count], n->items[i], err))
            return false;
        out->count++;
    }
    return true;
}

static bool read_schema(struct loading *l, const struct ynode *n, struct err *err)
{
    (void)l;
    double v;
    if (!yaml_number(n, &v, err))
        return false;
    if (v != 1)
        yaml_error(err, n, "schema %.60s is not known to this version; it reads schema 1", n->text);
    return v == 1;
}

static bool read_id(struct loading *l, const struct ynode *n, struct err *err)
{
    if (!load_text(&l->tc->id, n, err))
        return false;
    bool good = n->quoted && case_id_form(l->tc->id);
    if (!good)
        yaml_error(err, n, "a case's number is a short text in quotes, as \"9.10\"");
    return good;
}

static bool read_title(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_text(&l->tc->title, n, err);
}

static bool read_objective(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_text(&l->tc->objective, n, err);
}

static bool read_operational(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_text(&l->tc->operational, n, err);
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

static bool read_mdt_list(struct loading *l, const struct ynode *n, struct err *err)
{
    struct test_case *tc = l->tc;
    if (n->kind != YNODE_LIST || n->count == 0) {
        yaml_error(err, n, "a list like [asm, bidir] must stand here");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        enum mdt_mode mode;
        if (!read_mdt_mode(n->items[i], &mode, err))
            return false;
        if (tc->mdt_allowed[mode]) {
            yaml_error(err, n->items[i], "'%s' stands here a second time; remove one",
                       n->items[i]->text);
            return false;
        }
        tc->mdt_allowed[mode] = true;
        tc->mdt_order[tc->mdt_count++] = mode;
    }
    return true;
}

static bool read_mdt_each(struct loading *l, const struct ynode *n, struct err *err)
{
    l->tc->mdt_each = true;
    return read_mdt_list(l, n, err);
}

/* The list is in the draft's order; the first that the DUT has is used, or each of them. */
static bool read_mdt(struct loading *l, const struct ynode *n, struct err *err)
{
    static const struct schema_key keys[] = {{"each", read_mdt_each, true, false}};
    return n->kind == YNODE_MAP ? load_map(l, n, keys, 1, err) : read_mdt_list(l, n, err);
}

static bool read_applies(struct loading *l, const struct ynode *n, struct err *err)
{
    static const char *const names[] = {"spmsi_sourced", "spmsi_received", "spmsi_reuse"};
    static const unsigned bits[] = {DUT_SPMSI_SOURCED, DUT_SPMSI_RECEIVED, DUT_SPMSI_REUSE};
    if (n->kind != YNODE_LIST) {
        yaml_error(err, n, "a list of what the DUT must have, as [spmsi_sourced], must stand here");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct ynode *item = n->items[i];
        size_t k = 0;
        while (item->kind == YNODE_SCALAR && k < 3 && strcmp(names[k], item->text) != 0)
            k++;
        if (item->kind != YNODE_SCALAR || k == 3) {
            yaml_error(err, item, "the DUT can have %s, %s, %s", names[0], names[1], names[2]);
            return false;
        }
        l->tc->applies |= bits[k];
    }
    return true;
}

static bool read_c_rp(struct loading *l, const struct ynode *n, struct err *err)
{
    bool good =
        n->kind == YNODE_SCALAR && (strcmp(n->text, "site") == 0 || strcmp(n->text, "dut") == 0);
    if (!good)
        yaml_error(err, n, "'site' or 'dut' must stand here");
    l->tc->c_rp_dut = good && n->text[0] == 'd';
    return good;
}

static bool read_pe3(struct loading *l, const struct ynode *n, struct err *err)
{
    return yaml_bool(n, &l->tc->receiver_behind_pe3, err);
}

bool load_count(const struct ynode *n, unsigned min, unsigned max, unsigned *out, struct err *err)
{
    double v;
    if (!yaml_number(n, &v, err))
        return false;
    bool good = v >= min && v <= max && v == (unsigned)v;
    if (good)
        *out = (unsigned)v;
    else
        yaml_error(err, n, "a whole number from %u to %u must stand here", min, max);
    return good;
}

static bool read_test_groups(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_count(n, 0, 1000, &l->tc->test_groups, err);
}

static bool read_repetitions(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_count(n, 1, 1000, &l->tc->repetitions, err);
}

static bool read_measure(struct loading *l, const struct ynode *n, struct err *err)
{
    l->tc->kind = CASE_MEASURE;
    return load_text(&l->tc->variable, n, err);
}

static bool read_variable(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_text(&l->tc->variable, n, err);
}

static bool read_formula(struct loading *l, const struct ynode *n, struct err *err)
{
    struct expr_error e = {0};
    if (n->kind != YNODE_SCALAR) {
        yaml_error(err, n, "a formula must stand here");
        return false;
    }
    if (expr_parse(&l->tc->formula, n->text, NULL, &e))
        return true;
    load_expr_error(err, n, &e);
    return false;
}

static bool read_maximum(struct loading *l, const struct ynode *n, struct err *err)
{
    static const struct schema_key keys[] = {
        {"name", read_variable, true, false},
        {"formula", read_formula, true, false},
    };
    return load_map(l, n, keys, sizeof(keys) / sizeof(keys[0]), err);
}

/* read_relation reads a text, or {at_end: text}. */
static bool read_relation(struct loading *l, const struct ynode *item, struct err *err)
{
    struct test_case *tc = l->tc;
    struct expr_error e = {0};
    if (item->kind == YNODE_MAP && item->count == 1 && yaml_get(item, "at_end") != NULL) {
        tc->relation_at_end[tc->relation_count] = true;
        item = yaml_get(item, "at_end");
    }
    if (item->kind != YNODE_SCALAR) {
        yaml_error(err, item,
                   "a relation like \"Num_SG_C == 2*N\", or {at_end: \"...\"}, must "
                   "stand here");
        return false;
    }
    if (relation_parse(&tc->relation[tc->relation_count++], item->text, &e))
        return true;
    load_expr_error(err, item, &e);
    return false;
}

static bool read_relations(struct loading *l, const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_LIST || n->count > CASE_RELATIONS_MAX) {
        yaml_error(err, n, "a list of at most %d relations must stand here", CASE_RELATIONS_MAX);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!read_relation(l, n->items[i], err))
            return false;
    }
    return true;
}

static bool read_tolerance(struct loading *l, const struct ynode *n, struct err *err)
{
    if (!yaml_number(n, &l->tc->tolerance, err))
        return false;
    bool good = l->tc->tolerance >= 0 && l->tc->tolerance <= 1;
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

static bool read_steady(struct loading *l, const struct ynode *n, struct err *err)
{
    return read_steps(l->tc->steady_step, 8, n, err);
}

static bool read_failure(struct loading *l, const struct ynode *n, struct err *err)
{
    return read_steps(l->tc->failure_step, 7, n, err);
}

static bool read_own(struct loading *l, const struct ynode *n, struct err *err)
{
    return read_words(&l->tc->own_steps, n, err);
}

static bool read_procedure(struct loading *l, const struct ynode *n, struct err *err)
{
    static const struct schema_key keys[] = {
        {"steady", read_steady, true, false},
        {"failure", read_failure, true, false},
        {"own", read_own, false, false},
    };
    return load_map(l, n, keys, sizeof(keys) / sizeof(keys[0]), err);
}

static bool read_stimuli(struct loading *l, const struct ynode *n, struct err *err)
{
    bool all = n->kind == YNODE_SCALAR && strcmp(n->text, "all") == 0;
    bool none = n->kind == YNODE_SCALAR && strcmp(n->text, "none") == 0;
    if (!all && !none)
        yaml_error(err, n, "'all' or 'none' must stand here");
    l->tc->stimuli = all;
    return all || none;
}

/* What the program reports beside the metric, by the names of the draft's cases. */
static const char *const extras[] = {
    "c_neighbor_recovery_first",
    "c_neighbor_recovery_all",
    "mipmsi_neighbor_recovery_first",
    "mipmsi_neighbor_recovery_all",
    "spmsi_switch_delay",
    "join_convergence",
    "jp_suppression",
    "register_to_join_delay",
    "register_stop_count",
    "delta_vs_9.10",
};
#define EXTRAS (sizeof(extras) / sizeof(extras[0]))

static bool read_extra(struct loading *l, const struct ynode *n, struct err *err)
{
    if (!read_words(&l->tc->extra, n, err))
        return false;
    for (size_t i = 0; i < n->count; i++) {
        size_t k = 0;
        while (k < EXTRAS && strcmp(extras[k], n->items[i]->text) != 0)
            k++;
        if (k == EXTRAS) {
            yaml_error(err, n->items[i], "nothing is reported as '%.60s'; did you mean '%s'?",
                       n->items[i]->text, text_nearest(n->items[i]->text, extras, EXTRAS));
            return false;
        }
    }
    return true;
}

static bool read_report(struct loading *l, const struct ynode *n, struct err *err)
{
    return read_words(&l->tc->report, n, err);
}

bool load_case_id(const struct ynode *n, char out[12], struct err *err)
{
    bool good = n->kind == YNODE_SCALAR && n->quoted && case_id_form(n->text);
    if (!good) {
        yaml_error(err, n, "a case's number is a short text in quotes, as \"9.10\"");
        return false;
    }
    good = case_id_known(n->text);
    if (good)
        (void)snprintf(out, 12, "%s", n->text);
    else
        yaml_error(err, n, "there is no case '%s'; name one of the draft's, or add its file",
                   n->text);
    return good;
}

static bool read_after(struct loading *l, const struct ynode *n, struct err *err)
{
    char id[12];
    if (!read_words(&l->tc->after, n, err))
        return false;
    for (size_t i = 0; i < n->count; i++) {
        if (!load_case_id(n->items[i], id, err))
            return false;
    }
    return true;
}

static bool read_issues(struct loading *l, const struct ynode *n, struct err *err)
{
    if (!read_words(&l->tc->issues, n, err))
        return false;
    for (size_t i = 0; i < n->count; i++) {
        if (case_reading(n->items[i]->text) == NULL) {
            yaml_error(err, n->items[i], "there is no reading '%.60s'; they are A1 ... and D1 ...",
                       n->items[i]->text);
            return false;
        }
    }
    return true;
}

static const struct schema_key case_keys[] = {
    {"schema", read_schema, true, false},
    {"case", read_id, true, false},
    {"title", read_title, true, false},
    {"objective", read_objective, true, false},
    {"operational", read_operational, false, false},
    {"applies", read_applies, false, false},
    {"mdt", read_mdt, true, false},
    {"c_rp", read_c_rp, false, false},
    {"given", load_given, false, true},
    {"parameters", load_parameters, true, false},
    {"receiver_behind_pe3", read_pe3, false, false},
    {"test_groups", read_test_groups, false, false},
    {"maximum", read_maximum, false, false},
    {"search", load_search, false, false},
    {"measure", read_measure, false, false},
    {"repetitions", read_repetitions, false, false},
    {"relations", read_relations, true, false},
    {"tolerance", read_tolerance, false, false},
    {"procedure", read_procedure, true, false},
    {"stimuli", read_stimuli, true, false},
    {"extra", read_extra, false, false},
    {"report", read_report, true, false},
    {"after", read_after, false, false},
    {"draft_issues", read_issues, false, false},
};

/* check_kind: a case seeks the maximum of something by searching one parameter, or measures. */
static bool check_kind(const struct test_case *tc, const struct ynode *root, struct err *err)
{
    const struct ynode *parameters = yaml_get(root, "parameters");
    bool searches = yaml_get(root, "maximum") != NULL;
    if (searches == (tc->kind == CASE_MEASURE))
        yaml_error(err, root,
                   "a case has either 'maximum', with a searched parameter, or 'measure'; %s",
                   searches ? "remove one" : "add one");
    else if (searches && tc->searched == PARAM_COUNT)
        yaml_error(err, parameters, "no parameter is searched; give one the value 'searched'");
    else if (!searches && tc->searched != PARAM_COUNT)
        yaml_error(err, yaml_get(parameters, case_param_name(tc->searched)),
                   "a case that measures searches nothing; give a value or a sweep");
    else if (!searches && yaml_get(root, "search") != NULL)
        yaml_error(err, yaml_get(root, "search"),
                   "a case that measures searches nothing; remove it");
    else
        return true;
    return false;
}

static void run_after(struct test_case *tc, const char *id)
{
    for (size_t i = 0; i < tc->after.count; i++) {
        if (strcmp(tc->after.items[i], id) == 0)
            return;
    }
    if (tc->after.count < CASE_WORDS_MAX)
        tc->after.items[tc->after.count++] = mem_strdup(id);
}

/* A case comes after those whose results its values are. */
static void complete_after(struct test_case *tc)
{
    for (size_t i = 0; i < tc->given_count; i++) {
        if (tc->given[i].from[0] != '\0')
            run_after(tc, tc->given[i].from);
    }
    if (tc->rule[PARAM_MVPNS].mode == MODE_MVPN_100I)
        run_after(tc, "9.1");
}

struct test_case *case_load(const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct test_case *tc = mem_zalloc(1, sizeof(*tc));
    struct loading l = {.tc = tc};
    tc->searched = PARAM_COUNT;
    tc->tolerance = 0.02; /* PROTOCOLS 12 D18 */
    tc->repetitions = 1;
    bool good = load_map(&l, root, case_keys, sizeof(case_keys) / sizeof(case_keys[0]), err) &&
                check_kind(tc, root, err) && load_check(&l, root, err);
    complete_after(tc);
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
    for (int p = 0; p < PARAM_COUNT; p++)
        free(tc->rule[p].values);
    free(tc->grid.mvpns);
    words_free(&tc->extra);
    words_free(&tc->report);
    words_free(&tc->after);
    words_free(&tc->issues);
    words_free(&tc->own_steps);
    free(tc);
}
