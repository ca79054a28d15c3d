#include "reports/recovery_worst.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static int rank(const json_t *recovery)
{
    const char *verdict = tree_text(recovery, "verdict", "");
    return strcmp(verdict, "pass") == 0 ? 0 : strcmp(verdict, "fail") == 0 ? 2 : 1;
}

static double length(const json_t *recovery)
{
    double s = result_number(json_object_get(recovery, "Trall-Tf"));
    if (isnan(s))
        return rank(recovery) == 0 ? -INFINITY : INFINITY;
    return s;
}

static bool is_worse(const json_t *a, const json_t *b)
{
    return rank(a) != rank(b) ? rank(a) > rank(b) : length(a) > length(b);
}

const json_t *recovery_worst(const json_t *instance, const char *stimulus, size_t *repeats)
{
    const json_t *worst = NULL, *recovery;
    size_t i, n = 0;
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
    {
        if (strcmp(tree_text(recovery, "stimulus", ""), stimulus) != 0)
            continue;
        n++;
        if (worst == NULL || is_worse(recovery, worst))
            worst = recovery;
    }
    if (repeats != NULL)
        *repeats = n;
    return worst;
}
