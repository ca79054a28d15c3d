#include "harness/run/maximum.h"

#include "harness/case/values.h"

#include <stdio.h>

json_t *maximum_where(const struct case_point *p)
{
    json_t *o = json_object();
    if (p->mdt_swept)
        json_object_set_new(o, "mi_pmsi", json_string(mdt_mode_name(p->mdt)));
    static const struct {
        enum case_param param;
        const char *key; /* NULL: the parameter's name */
    } keys[] = {
        {PARAM_MVPNS, "N"},           {PARAM_C_INTERFACES, "c"},   {PARAM_REMOTE_PES, "R"},
        {PARAM_GROUPS, "g"},          {PARAM_INGRESS_SHARE, NULL}, {PARAM_SOURCES, NULL},
        {PARAM_SPMSI_SRC, NULL},      {PARAM_SPMSI_RX, NULL},      {PARAM_SPMSI_SRC_FLOWS, NULL},
        {PARAM_SPMSI_RX_FLOWS, NULL}, {PARAM_RECEIVER_C_IFS, "d"}, {PARAM_SPMSI_SRC_TOTAL, NULL},
        {PARAM_SPMSI_RX_TOTAL, NULL}, {PARAM_REUSE, "I"}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!p->swept[keys[i].param])
            continue;
        const char *key = keys[i].key == NULL ? case_param_name(keys[i].param) : keys[i].key;
        double v = p->values.v[keys[i].param];
        json_object_set_new(o, key,
                            keys[i].param == PARAM_INGRESS_SHARE ? json_real(v)
                                                                 : json_integer((json_int_t)v));
    }
    return o;
}

void maximum_where_text(const struct case_point *p, char *buf, size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    if (p->mdt_swept)
        at += (size_t)snprintf(buf, cap, "%s", mdt_mode_name(p->mdt));
    for (int i = 0; i < PARAM_COUNT && at < cap; i++) {
        if (p->swept[i])
            at += (size_t)snprintf(buf + at, cap - at, "%s%s=%.10g", at == 0 ? "" : " ",
                                   i == PARAM_INGRESS_SHARE ? "share"
                                                            : case_param_symbol((enum case_param)i),
                                   p->values.v[i]);
    }
}

static json_t *value_or_null(const struct trial *t)
{
    return t == NULL ? json_null() : json_integer((json_int_t)t->at.value);
}

static json_t *searched(const struct maximum_facts *f, const struct trial *t)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(case_param_symbol(case_searched(f->tc))));
    json_object_set_new(o, "value", value_or_null(t));
    return o;
}

/* The largest of the grid's own tries that passed; null without a grid. */
static json_t *grid_maximum(const struct maximum_facts *f)
{
    const struct trial *best = NULL;
    for (size_t i = 0; i < f->grid_count; i++) {
        const struct trial *t = search_db_find(&f->hunt->db, f->grid[i]);
        if (t != NULL && t->verdict == VERDICT_PASS &&
            (best == NULL || t->at.value > best->at.value))
            best = t;
    }
    return f->grid_count == 0 ? json_null() : searched(f, best);
}

static enum bound bound_of(const struct hunt *h, const struct trial *fail)
{
    if (h->out_of_time)
        return BOUND_TIME;
    if (fail == NULL)
        return BOUND_RANGE;
    return fail->verdict == VERDICT_INVALID ? BOUND_APPARATUS : hunt_find(h, fail->at)->bound;
}

json_t *maximum_entry(const struct maximum_facts *f)
{
    const struct hunt *h = f->hunt;
    struct search_state s = search_state_get(&h->db);
    const struct tried *at = s.last_pass == NULL ? NULL : hunt_find(h, s.last_pass->at);
    json_t *o = json_object();
    json_object_set_new(o, "stimulus", json_string(f->stimulus));
    json_object_set_new(o, "where", maximum_where(f->point));
    json_object_set_new(o, "searched", searched(f, s.last_pass));
    json_object_set_new(o, "grid_maximum", grid_maximum(f));
    json_object_set_new(o, "variable", json_string(case_variable_name(f->tc)));
    json_object_set_new(o, "value", at == NULL ? json_null() : json_integer(f->variable));
    json_object_set_new(o, "instance", at == NULL ? json_null() : json_string(at->id));
    json_object_set_new(o, "last_pass", value_or_null(s.last_pass));
    json_object_set_new(o, "first_fail", value_or_null(s.first_fail));
    json_object_set_new(o, "bounded_by", json_string(bound_name(bound_of(h, s.first_fail))));
    json_object_set_new(o, "verified", json_boolean(at != NULL && at->verified));
    return o;
}
