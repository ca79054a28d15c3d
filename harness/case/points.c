#include "emul/base/mem.h"
#include "harness/case/ids.h"
#include "harness/case/record.h"
#include "harness/case/values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct axis {
    size_t count;
    double values[SWEEP_MAX];
};

static uint64_t case_max_of(const struct run_settings *s, const char *id)
{
    for (size_t i = 0; i < s->case_max_count; i++) {
        if (strcmp(s->case_max[i].id, id) == 0)
            return s->case_max[i].max;
    }
    return s->search_max;
}

static void note_text(case_note_fn *note, void *arg, const char *text)
{
    if (note != NULL)
        note(arg, text);
}

/* The sweep of 100*i mVPNs up to the maximum of 9.1 (B.5, PROTOCOLS 12 A26). */
static void axis_100i(struct axis *a, const struct test_case *tc, const struct run_settings *s,
                      uint64_t max_mvpns, case_note_fn *note, void *arg)
{
    char text[256];
    uint64_t m = max_mvpns;
    if (m == 0) {
        m = case_max_of(s, "9.1");
        if (m == 0)
            m = param_default_max(PARAM_MVPNS);
        (void)snprintf(text, sizeof(text),
                       "case %s: the maximum of 9.1 is not known, its search's bound of %llu mVPNs "
                       "stands in for it",
                       tc->id, (unsigned long long)m);
        note_text(note, arg, text);
    }
    if (m < 100) {
        a->values[a->count++] = (double)m;
        (void)snprintf(
            text, sizeof(text),
            "case %s: the sweep of 100, 200, ... mVPNs is %llu alone, the maximum of 9.1 "
            "being below 100",
            tc->id, (unsigned long long)m);
        note_text(note, arg, text);
        return;
    }
    for (uint64_t n = 100; n <= m && a->count < SWEEP_MAX; n += 100)
        a->values[a->count++] = (double)n;
    if (m / 100 > SWEEP_MAX) {
        (void)snprintf(text, sizeof(text), "case %s: the sweep of mVPNs ends at %d", tc->id,
                       SWEEP_MAX * 100);
        note_text(note, arg, text);
    }
}

static bool axis_has(const struct axis *a, double v)
{
    for (size_t i = 0; i < a->count; i++) {
        if (fabs(a->values[i] - v) < 1e-12)
            return true;
    }
    return false;
}

static void axis_of(struct axis *a, const struct test_case *tc, const struct run_settings *s,
                    enum case_param p, uint64_t max_mvpns, case_note_fn *note, void *arg)
{
    const struct case_param_rule *r = &tc->rule[p];
    const struct param_override *o = &s->param[p];
    a->count = 0;
    if (r->mode == MODE_SEARCHED) { /* the search's own; one place in the product */
        a->values[a->count++] = 0;
        if (o->count > 0 && !o->from_case) {
            char text[160];
            (void)snprintf(text, sizeof(text), "case %s searches %s: sweep.%s does not apply to it",
                           tc->id, case_param_name(p), case_param_name(p));
            note_text(note, arg, text);
        }
        return;
    }
    if (o->count == 0 && r->mode == MODE_MVPN_100I) {
        axis_100i(a, tc, s, max_mvpns, note, arg);
        return;
    }
    bool own = o->count == 0 || r->mode == MODE_ABSENT;
    const double *values = own ? r->values : o->values;
    size_t count = own ? r->count : o->count;
    for (size_t i = 0; i < count; i++) {
        if (!axis_has(a, values[i]))
            a->values[a->count++] = values[i];
    }
}

bool case_sweeps(const struct test_case *tc, const struct run_settings *s, enum case_param p)
{
    enum param_mode mode = tc->rule[p].mode;
    if (mode == MODE_SEARCHED || mode == MODE_ABSENT)
        return false;
    return mode != MODE_FIXED || (s->param[p].count > 0 && !s->param[p].from_case);
}

static uint64_t known_mvpns(const struct case_context *c)
{
    double n = 0;
    struct case_where any = {NAN, NAN, NAN, MDT_ASM};
    if (c->known == NULL || c->known->searched(c->known->arg, "9.1", &any, &n) != KNOWN_VALUE)
        return 0;
    return (uint64_t)n;
}

void case_grid(const struct test_case *tc, const struct case_context *c, const struct case_point *p,
               struct case_try **out, size_t *count)
{
    (void)tc;
    (void)c;
    (void)p;
    *out = NULL;
    *count = 0;
}

bool case_points(const struct test_case *tc, const struct case_context *c, struct case_point **out,
                 size_t *count, char why[CASE_WHY_MAX])
{
    const struct run_settings *s = c->settings;
    why[0] = '\0';
    struct axis axes[PARAM_COUNT];
    size_t total = 1;
    for (int p = 0; p < PARAM_COUNT; p++) {
        axis_of(&axes[p], tc, s, (enum case_param)p, known_mvpns(c), c->note, c->note_arg);
        total *= axes[p].count; /* counts in size_t: overrides are bounded (param_set), and no case
                                   sweeps five */
    }
    struct case_point *points = mem_zalloc(total, sizeof(*points));
    for (size_t i = 0; i < total; i++) {
        size_t rest = i;
        points[i].mdt = case_mdt(tc, s);
        for (int p = PARAM_COUNT - 1; p >= 0; p--) { /* the last parameter turns fastest */
            points[i].values.v[p] = axes[p].values[rest % axes[p].count];
            points[i].swept[p] = case_sweeps(tc, s, (enum case_param)p);
            rest /= axes[p].count;
        }
    }
    *out = points;
    *count = total;
    return true;
}

int case_bounds(const struct test_case *tc, const struct case_context *c,
                const struct case_point *p, struct search_bounds *out, struct err *err)
{
    const struct run_settings *s = c->settings;
    (void)p; /* bounds of the present cases do not depend on the point of the sweep */
    enum case_param q = tc->searched;
    const struct param_override *o = &s->param[q];
    const char *symbol = case_param_symbol(q);
    uint64_t max = case_max_of(s, tc->id);
    *out = (struct search_bounds){
        .min = s->search_min == 0 ? 1 : s->search_min,
        .max = max == 0 ? param_default_max(q) : max,
        .start = s->search_start,
        .resolution = s->search_resolution == 0 ? 1 : s->search_resolution,
        .instances = s->search_instances,
        .growth = s->search_growth,
    };
    if (o->count > 0 && o->from_case)
        out->min = out->max = out->start = (uint64_t)o->values[0];
    if (out->start == 0)
        out->start = out->min;
    if (out->min > out->max)
        err_set(err, ERR_USE,
                "case %s: search.min %llu is above search.max %llu of %s; turn them round", tc->id,
                (unsigned long long)out->min, (unsigned long long)out->max, symbol);
    else if ((double)out->max > param_max(q))
        err_set(err, ERR_USE, "case %s: search.max %llu is more than %s can be (%.0f); lower it",
                tc->id, (unsigned long long)out->max, symbol, param_max(q));
    else if (out->start < out->min || out->start > out->max)
        err_set(err, ERR_USE,
                "case %s: search.start %llu lies outside search.min %llu and search.max %llu of %s",
                tc->id, (unsigned long long)out->start, (unsigned long long)out->min,
                (unsigned long long)out->max, symbol);
    else
        return 0;
    return -1;
}
