/* At which instances the later runs meet the base. */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "reports/tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The point of that instance of the base, a new one if there is none. */
static struct compare_point *point_of(struct compare_point *points, size_t *count,
                                      const json_t *instance)
{
    for (size_t i = 0; i < *count; i++) {
        if (points[i].instance[0] == instance)
            return &points[i];
    }
    points[*count] = (struct compare_point){.takes = {true}, .instance = {instance}};
    return &points[(*count)++];
}

static char *place_text(const json_t *entry, const json_t *instance)
{
    json_t *at = compare_at_object(instance, entry);
    char *text = tree_pairs(at);
    json_decref(at);
    return text;
}

/* No instance in common: the values lie at different maxima. */
static void say_apart(json_t *forbids, size_t k, const struct compare_side *base,
                      const struct compare_side *other)
{
    char *a = place_text(base->entry, base->instance);
    char *b = place_text(other->entry, other->instance);
    char *text = mem_printf("another metric variable differs: it is known at %s in A and at %s in "
                            "%s, and at no value in both",
                            a, b, compare_letter(k));
    if (json_array_size(forbids) == 0)
        (void)json_array_append_new(forbids, json_string(text));
    free(text);
    free(b);
    free(a);
}

size_t compare_points(const struct compare *c, const struct compare_place *p, const char *stimulus,
                      struct compare_point points[COMPARE_RUNS_MAX])
{
    unsigned affects = stimulus == NULL ? ON_LATENCY : ON_TIMES;
    size_t count = 0;
    if (stimulus != NULL && strcmp(stimulus, "processor-switchover") != 0)
        affects |= ON_HELD_OUT;
    for (size_t k = 1; k < c->count; k++) {
        const json_t *found[2] = {NULL, NULL};
        if (p->sides[k].entry == NULL || p->sides[0].instance == NULL ||
            p->sides[k].instance == NULL)
            continue;
        bool met = compare_common(&p->sides[0], &p->sides[k], p->where, stimulus, found);
        if (!met) {
            found[0] = p->sides[0].instance;
            found[1] = p->sides[k].instance;
        }
        struct compare_point *point = point_of(points, &count, found[0]);
        point->takes[k] = true;
        point->instance[k] = found[1];
        point->forbids[k] = compare_reasons(p->grounds[k], affects);
        if (!met)
            say_apart(point->forbids[k], k, &p->sides[0], &p->sides[k]);
    }
    return count;
}
