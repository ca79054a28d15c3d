/* `parameters` of a test-case file: numbers, formulas, sweeps, and the one that is searched. */
#include "emul/base/mem.h"
#include "harness/case/load.h"
#include "harness/case/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* read_param_value reads a number or formula; a number must be in the parameter's range. */
static bool read_param_value(struct loading *l, enum case_param p, const struct ynode *n,
                             struct case_value *out, struct err *err)
{
    struct err own = {0};
    double v;
    if (!load_value(l, n, out, err))
        return false;
    if (!case_constant(out, &v))
        return true;
    (void)param_number_text(v, out->text); /* 0.10 and 0.1 are the same */
    if (param_check(p, case_param_name(p), v, &own))
        return true;
    yaml_error(err, n, "%s", own.text);
    return false;
}

static struct case_value *new_values(struct case_param_rule *r, size_t count)
{
    free(r->values);
    r->values = mem_zalloc(count, sizeof(*r->values));
    r->count = count;
    return r->values;
}

static bool read_sweep(struct loading *l, enum case_param p, const struct ynode *n, struct err *err)
{
    struct case_param_rule *r = &l->tc->rule[p];
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
    struct case_value *values = new_values(r, n->count);
    for (size_t i = 0; i < n->count; i++) {
        if (!read_param_value(l, p, n->items[i], &values[i], err))
            return false;
    }
    return true;
}

static bool read_spread(struct loading *l, enum case_param p, const struct ynode *n,
                        struct err *err)
{
    struct case_param_rule *r = &l->tc->rule[p];
    const struct ynode *from = yaml_get(n, "from"), *to = yaml_get(n, "to");
    if (from == NULL || to == NULL) {
        yaml_error(err, n, "values are spread like this: {spread: 5, from: 1, to: Nmax}");
        return false;
    }
    struct case_value *values = new_values(r, 2);
    r->mode = MODE_SPREAD;
    return load_count(yaml_get(n, "spread"), 2, SWEEP_MAX, &r->spread, err) &&
           read_param_value(l, p, from, &values[0], err) &&
           read_param_value(l, p, to, &values[1], err);
}

static bool read_rule_map(struct loading *l, enum case_param p, const struct ynode *n,
                          struct err *err)
{
    static const char *const names[] = {"sweep", "at_most", "spread", "from", "to"};
    const struct ynode *sweep = yaml_get(n, "sweep"), *most = yaml_get(n, "at_most");
    bool spread = yaml_get(n, "spread") != NULL;
    for (size_t i = 0; i < n->count; i++) {
        size_t k = spread ? 2 : 0, last = spread ? 5 : 2;
        while (k < last && strcmp(names[k], n->keys[i]->text) != 0)
            k++;
        if (k == last && (spread || sweep != NULL))
            return load_unknown(n->keys[i], names + (spread ? 2 : 0), spread ? 3 : 2, err);
    }
    if (spread)
        return read_spread(l, p, n, err);
    if (sweep == NULL) {
        yaml_error(err, n, "'%s' takes a number, a formula, 'searched' or {sweep: [...]}",
                   case_param_name(p));
        return false;
    }
    struct case_param_rule *r = &l->tc->rule[p];
    if (!read_sweep(l, p, sweep, err))
        return false;
    r->capped = most != NULL && r->mode == MODE_SWEEP;
    if (most != NULL && !r->capped)
        yaml_error(err, most, "'at_most' is for a list of values");
    return most == NULL || (r->capped && load_value(l, most, &r->most, err));
}

static bool read_searched(struct loading *l, enum case_param p, const struct ynode *n,
                          struct err *err)
{
    if (l->tc->searched != PARAM_COUNT || p == PARAM_INGRESS_SHARE) {
        yaml_error(err, n, "exactly one parameter is searched, and it is a whole number");
        return false;
    }
    l->tc->searched = p;
    l->tc->rule[p].mode = MODE_SEARCHED;
    return true;
}

static bool read_rule(struct loading *l, enum case_param p, const struct ynode *n, struct err *err)
{
    struct case_param_rule *r = &l->tc->rule[p];
    if (n->kind == YNODE_SCALAR && strcmp(n->text, "searched") == 0)
        return read_searched(l, p, n, err);
    if (p == PARAM_SPMSI_SRC_TOTAL || p == PARAM_SPMSI_RX_TOTAL) {
        yaml_error(err, n, "'%s' can only be searched; leave it out otherwise", case_param_name(p));
        return false;
    }
    if (n->kind == YNODE_MAP)
        return read_rule_map(l, p, n, err);
    r->mode = MODE_FIXED;
    return read_param_value(l, p, n, new_values(r, 1), err);
}

/* absent makes p a parameter that the case does not have. */
static void absent(struct test_case *tc, enum case_param p)
{
    tc->rule[p] = (struct case_param_rule){.mode = MODE_ABSENT};
}

/* A case without flows (9.2) has no groups, no share and no sources: all three, or none. */
static bool check_flows(struct test_case *tc, const struct ynode *n, struct err *err)
{
    static const enum case_param three[] = {PARAM_GROUPS, PARAM_INGRESS_SHARE, PARAM_SOURCES};
    size_t there = 0;
    for (size_t i = 0; i < 3; i++)
        there += yaml_get(n, case_param_name(three[i])) != NULL;
    for (size_t i = 0; i < 3; i++) {
        if (there == 0)
            absent(tc, three[i]);
        else if (yaml_get(n, case_param_name(three[i])) == NULL) {
            yaml_error(err, n,
                       "parameter '%s' is missing; add it (a case without flows has no groups, "
                       "ingress_share, sources_per_group)",
                       case_param_name(three[i]));
            return false;
        }
    }
    return true;
}

/* A total of S-PMSIs says how many an mVPN has; both would contradict each other. */
static bool check_totals(const struct test_case *tc, const struct ynode *n, struct err *err)
{
    static const enum case_param rows[][3] = {
        {PARAM_SPMSI_SRC_TOTAL, PARAM_SPMSI_SRC, PARAM_SPMSI_SRC_FLOWS},
        {PARAM_SPMSI_RX_TOTAL, PARAM_SPMSI_RX, PARAM_SPMSI_RX_FLOWS}};
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 1; k < 3; k++) {
            const struct ynode *both = yaml_get(n, case_param_name(rows[i][k]));
            if (tc->rule[rows[i][0]].mode == MODE_ABSENT || both == NULL)
                continue;
            yaml_error(err, both, "'%s' follows from '%s'; leave it out",
                       case_param_name(rows[i][k]), case_param_name(rows[i][0]));
            return false;
        }
    }
    return true;
}

bool load_parameters(struct loading *l, const struct ynode *n, struct err *err)
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
            return load_unknown(n->keys[i], names, PARAM_COUNT, err);
        if (!read_rule(l, p, n->items[i], err))
            return false;
    }
    for (int p = 0; p < PARAM_COUNT; p++) {
        if (yaml_get(n, names[p]) != NULL)
            continue;
        if (param_optional((enum case_param)p)) {
            absent(l->tc, (enum case_param)p);
        } else if (p < PARAM_GROUPS) {
            yaml_error(err, n, "parameter '%s' is missing; add it", names[p]);
            return false;
        }
    }
    return check_flows(l->tc, n, err) && check_totals(l->tc, n, err);
}
