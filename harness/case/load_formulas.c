/*
 * `given` and `search` of a test-case file, and the check that every formula can be evaluated:
 * parameters in the order of the table, then what follows from the searched one.
 */
#include "emul/base/mem.h"
#include "harness/case/load.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void load_expr_error(struct err *err, const struct ynode *n, const struct expr_error *e)
{
    struct ynode at = *n;
    at.col += (unsigned)e->offset + (n->quoted ? 1 : 0);
    yaml_error(err, &at, "%s", e->text);
}

bool load_value(struct loading *l, const struct ynode *n, struct case_value *out, struct err *err)
{
    struct expr_error e = {0};
    if (n->kind != YNODE_SCALAR || n->text[0] == '\0') {
        yaml_error(err, n, "a number or a formula must stand here");
        return false;
    }
    if (strlen(n->text) >= sizeof(out->text)) {
        yaml_error(err, n, "a formula has at most %zu characters; give parts of it a name",
                   sizeof(out->text) - 1);
        return false;
    }
    *out = (struct case_value){.line = n->line, .col = n->col};
    (void)snprintf(out->text, sizeof(out->text), "%s", n->text);
    if (expr_parse(&out->e, n->text, &l->names, &e))
        return true;
    load_expr_error(err, n, &e);
    return false;
}

/* ---- given ------------------------------------------------------------------------------------
 */

static bool read_name(struct loading *l, const struct ynode *n, struct case_given *g,
                      struct err *err)
{
    size_t len = strlen(n->text);
    bool good = len > 0 && len < sizeof(g->name) && isalpha((unsigned char)n->text[0]);
    for (size_t i = 0; i < len; i++)
        good &= isalnum((unsigned char)n->text[i]) || n->text[i] == '_';
    if (!good) {
        yaml_error(err, n, "a name is a letter with up to %zu letters, digits and _ behind it",
                   sizeof(g->name) - 2);
        return false;
    }
    if (expr_name_taken(n->text)) {
        yaml_error(err, n, "'%s' is a symbol of the formulas already; choose another name",
                   n->text);
        return false;
    }
    (void)snprintf(g->name, sizeof(g->name), "%s", n->text);
    l->names.names[l->names.count++] = g->name;
    return true;
}

static bool read_where(struct loading *l, struct case_given *g, const struct ynode *n,
                       struct err *err)
{
    static const char *const names[] = {"N", "ingress_share", "s"};
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "the point must stand here, as {N: N, ingress_share: 0, s: 2}");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        size_t k = 0;
        while (k < 3 && strcmp(names[k], n->keys[i]->text) != 0)
            k++;
        if (k == 3)
            return load_unknown(n->keys[i], names, 3, err);
        g->at[k] = true;
        if (!load_value(l, n->items[i], &g->where[k], err))
            return false;
    }
    return true;
}

static bool read_found(struct loading *l, struct case_given *g, const struct ynode *n,
                       struct err *err)
{
    static const char *const names[] = {"case", "at", "largest", "otherwise"};
    for (size_t i = 0; i < n->count; i++) {
        const struct ynode *v = n->items[i];
        const char *key = n->keys[i]->text;
        bool good = true;
        if (strcmp(key, "case") == 0) {
            good = load_case_id(v, g->from, err);
        } else if (strcmp(key, "at") == 0) {
            good = read_where(l, g, v, err);
        } else if (strcmp(key, "otherwise") == 0) {
            good = g->has_value = load_value(l, v, &g->value, err);
        } else if (strcmp(key, "largest") == 0) {
            good = g->largest_n = v->kind == YNODE_SCALAR && strcmp(v->text, "N") == 0;
            if (!good)
                yaml_error(err, v,
                           "'largest: N' is the largest number of mVPNs that held anything");
        } else {
            good = load_unknown(n->keys[i], names, 4, err);
        }
        if (!good)
            return false;
    }
    if (g->from[0] == '\0')
        yaml_error(err, n, "'case' is missing; add the case whose result this is");
    else if (g->largest_n && yaml_get(n, "at") != NULL)
        yaml_error(err, yaml_get(n, "at"), "'largest: N' is taken over all points; remove 'at'");
    else
        return true;
    return false;
}

bool load_given(struct loading *l, const struct ynode *n, struct err *err)
{
    struct test_case *tc = l->tc;
    if (n->kind != YNODE_MAP || n->count > EXPR_GIVEN_MAX) {
        yaml_error(err, n, "at most %d names and what they stand for must stand here",
                   EXPR_GIVEN_MAX);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct case_given *g = &tc->given[i];
        bool found = n->items[i]->kind == YNODE_MAP;
        if (found ? !read_found(l, g, n->items[i], err)
                  : !load_value(l, n->items[i], &g->value, err))
            return false;
        g->has_value |= !found;
        tc->given_count++;
        if (!read_name(l, n->keys[i], g, err)) /* last: a value knows only names before its own */
            return false;
    }
    return true;
}

/* ---- search -----------------------------------------------------------------------------------
 */

static bool read_search_max(struct loading *l, const struct ynode *n, struct err *err)
{
    l->tc->has_search_max = true;
    return load_value(l, n, &l->tc->search_max, err);
}

static bool read_grid_from(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_value(l, n, &l->tc->grid.from, err);
}

static bool read_grid_step(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_value(l, n, &l->tc->grid.step, err);
}

static bool read_grid_each(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_value(l, n, &l->tc->grid.each, err);
}

static bool read_grid_to(struct loading *l, const struct ynode *n, struct err *err)
{
    return load_value(l, n, &l->tc->grid.to, err);
}

static bool read_grid_mvpns(struct loading *l, const struct ynode *n, struct err *err)
{
    struct case_grid_rule *g = &l->tc->grid;
    if (n->kind != YNODE_LIST || n->count == 0 || n->count > CASE_GRID_MAX) {
        yaml_error(err, n, "a list of 1 to %d numbers of mVPNs must stand here", CASE_GRID_MAX);
        return false;
    }
    g->mvpns = mem_zalloc(n->count, sizeof(*g->mvpns));
    g->count = n->count;
    for (size_t i = 0; i < n->count; i++) {
        if (!load_value(l, n->items[i], &g->mvpns[i], err))
            return false;
    }
    return true;
}

/* Two forms: {from, step, to}, and {mvpns, each, to} for a total of S-PMSIs. */
static bool read_grid(struct loading *l, const struct ynode *n, struct err *err)
{
    static const struct schema_key steps[] = {
        {"from", read_grid_from, true, false},
        {"step", read_grid_step, true, false},
        {"to", read_grid_to, true, false},
    };
    static const struct schema_key totals[] = {
        {"mvpns", read_grid_mvpns, true, false},
        {"each", read_grid_each, true, false},
        {"to", read_grid_to, true, false},
    };
    l->tc->grid.present = true;
    return load_map(l, n, yaml_get(n, "mvpns") == NULL ? steps : totals, 3, err);
}

bool load_search(struct loading *l, const struct ynode *n, struct err *err)
{
    static const struct schema_key keys[] = {
        {"max", read_search_max, false, false},
        {"grid", read_grid, false, false},
    };
    return load_map(l, n, keys, 2, err);
}

/* ---- order of evaluation ----------------------------------------------------------------------
 */

struct check {
    const struct test_case *tc;
    const char *file;
    struct err *err;
};

static bool refuse(const struct check *k, const struct case_value *v, const char *what)
{
    struct ynode at = {.file = k->file, .line = v->line, .col = v->col};
    yaml_error(k->err, &at, "'%s': %s", v->text, what);
    return false;
}

/* mask sets v->uses. */
static bool mask(const struct check *k, struct case_value *v)
{
    v->uses = 0;
    for (size_t i = 0; i < v->e.count; i++) {
        uint32_t uses;
        if (v->e.code[i].op != '$')
            continue;
        if (!case_symbol_uses(k->tc, v->e.code[i].symbol, &uses))
            return refuse(k, v,
                          "variables of the metric are measured; they stand in relations only");
        v->uses |= uses;
    }
    return true;
}

/* early checks a value that must be known before anything is tried. */
static bool early(const struct check *k, struct case_value *v)
{
    if (!mask(k, v))
        return false;
    if (case_late(k->tc, v))
        return refuse(k, v, "this must not depend on the searched parameter");
    return true;
}

static bool check_given(const struct check *k, struct case_given *g)
{
    for (size_t i = 0; i < 3; i++) {
        if (g->at[i] && !mask(k, &g->where[i]))
            return false;
        g->uses |= g->where[i].uses;
    }
    if (g->has_value && !mask(k, &g->value))
        return false;
    g->uses |= g->value.uses;
    return true;
}

/* check_param_value: only parameters before p, in the order of the table, are known by then; a
 * single value may wait for the searched one. */
static bool check_param_value(const struct check *k, struct case_value *v, int p, bool may_wait)
{
    if (!mask(k, v))
        return false;
    uint32_t known = (1u << p) - 1;
    if (k->tc->searched != PARAM_COUNT)
        known |= 1u << k->tc->searched;
    if ((v->uses & ~known) != 0)
        return refuse(k, v,
                      "only parameters that stand before this one in the table of the README, and "
                      "the searched one, can be used");
    if (!may_wait && case_late(k->tc, v))
        return refuse(k, v, "a sweep must not depend on the searched parameter");
    return true;
}

static bool check_rules(const struct check *k, struct test_case *tc)
{
    for (int p = 0; p < PARAM_COUNT; p++) {
        struct case_param_rule *r = &tc->rule[p];
        for (size_t i = 0; i < r->count; i++) {
            if (!check_param_value(k, &r->values[i], p, r->mode == MODE_FIXED))
                return false;
        }
        if (r->capped && !check_param_value(k, &r->most, p, false))
            return false;
    }
    return true;
}

bool load_check(struct loading *l, const struct ynode *root, struct err *err)
{
    struct test_case *tc = l->tc;
    struct check k = {tc, root->file, err};
    for (size_t i = 0; i < tc->given_count; i++) {
        if (!check_given(&k, &tc->given[i]))
            return false;
    }
    if (!check_rules(&k, tc) || (tc->has_search_max && !early(&k, &tc->search_max)))
        return false;
    struct case_grid_rule *g = &tc->grid;
    for (size_t i = 0; i < g->count; i++) {
        if (!early(&k, &g->mvpns[i]))
            return false;
    }
    if (!g->present)
        return true;
    bool good = g->count > 0 ? early(&k, &g->each) : early(&k, &g->from) && early(&k, &g->step);
    return good && early(&k, &g->to);
}
