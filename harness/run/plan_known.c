#include "harness/run/plan_known.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct plan_known *k, const char *format, const char *id)
{
    char text[CASE_WHY_MAX];
    if (k->note == NULL)
        return;
    (void)snprintf(text, sizeof(text), format, id);
    k->note(k->note_arg, text);
}

static bool matches(double asked, double here)
{
    return isnan(asked) || fabs(asked - here) < 1e-9;
}

static bool at(const struct plan_known_entry *e, const char *id, const struct case_where *w)
{
    return strcmp(e->id, id) == 0 && matches(w->n, e->where.n) &&
           matches(w->ingress_share, e->where.ingress_share) &&
           matches(w->sources, e->where.sources) && (!e->mdt_swept || w->mdt == e->where.mdt);
}

static bool planned(const struct plan_known *k, const char *id)
{
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->entries[i].id, id) == 0)
            return true;
    }
    return false;
}

static enum case_answer assume(struct plan_known *k, const char *id, bool found, double best)
{
    if (!found)
        return KNOWN_NOT;
    say(k,
        "the maximum of %s is not known before the run: the largest value that its search can "
        "reach stands in for it",
        id);
    return best > 0 ? KNOWN_VALUE : KNOWN_NOTHING;
}

static enum case_answer searched(void *arg, const char *id, const struct case_where *where,
                                 double *value)
{
    struct plan_known *k = arg;
    double best = 0;
    bool found = false;
    if (k->earlier != NULL) {
        enum case_answer a = k->earlier->searched(k->earlier->arg, id, where, value);
        if (a != KNOWN_NOT || !planned(k, id))
            return a;
    }
    for (size_t i = 0; i < k->count; i++) {
        if (!at(&k->entries[i], id, where))
            continue;
        found = true;
        best = fmax(best, k->entries[i].value);
    }
    *value = best;
    return assume(k, id, found, best);
}

static enum case_answer largest_n(void *arg, const char *id, double *n)
{
    struct plan_known *k = arg;
    double best = 0;
    if (k->earlier != NULL) {
        enum case_answer a = k->earlier->largest_n(k->earlier->arg, id, n);
        if (a != KNOWN_NOT || !planned(k, id))
            return a;
    }
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->entries[i].id, id) == 0 && k->entries[i].value > 0)
            best = fmax(best, k->entries[i].where.n);
    }
    *n = best;
    return assume(k, id, planned(k, id), best);
}

static int suppresses(void *arg)
{
    struct plan_known *k = arg;
    int known = k->earlier == NULL ? -1 : k->earlier->suppresses(k->earlier->arg);
    if (known < 0 && k->suppression_planned)
        say(k,
            "%s's answer is not known before the run: receivers are taken to be behind as many "
            "remote PEs as without it",
            "10.2");
    return known;
}

void plan_known_init(struct plan_known *k, const struct case_known *earlier)
{
    *k = (struct plan_known){.earlier = earlier};
    k->answers = (struct case_known){searched, largest_n, suppresses, k};
}

void plan_known_fini(struct plan_known *k)
{
    free(k->entries);
    k->entries = NULL;
    k->count = k->cap = 0;
}

void plan_known_add(struct plan_known *k, const char *id, const struct case_point *p, double value)
{
    k->entries = array_grow(k->entries, k->count, &k->cap, sizeof(*k->entries));
    k->entries[k->count++] =
        (struct plan_known_entry){.id = id,
                                  .where = {.n = p->values.v[PARAM_MVPNS],
                                            .ingress_share = p->values.v[PARAM_INGRESS_SHARE],
                                            .sources = p->values.v[PARAM_SOURCES],
                                            .mdt = p->mdt},
                                  .mdt_swept = p->mdt_swept,
                                  .value = value};
}
