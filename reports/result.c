#include "mvpnbench/result.h"

#include "emul/base/err.h"

#include <math.h>

/* The only key with '$': what it holds are nanoseconds. */
#define TIME_KEY "$ns"

/* A result that lost a value for want of memory would be a wrong result. */
static json_t *checked(json_t *v)
{
    if (v == NULL)
        fatal("out of memory (result)");
    return v;
}

json_t *result_time(int64_t ns)
{
    json_t *v = checked(json_object());
    if (json_object_set_new(v, TIME_KEY, checked(json_integer(ns))) != 0)
        fatal("out of memory (result)");
    return v;
}

json_t *result_time_or_null(bool known, int64_t ns)
{
    return known ? result_time(ns) : json_null();
}

bool result_is_time(const json_t *v, int64_t *ns)
{
    if (!json_is_object(v) || json_object_size(v) != 1)
        return false;
    const json_t *n = json_object_get(v, TIME_KEY);
    if (!json_is_integer(n))
        return false;
    if (ns != NULL)
        *ns = json_integer_value(n);
    return true;
}

json_t *result_count(int64_t v)
{
    return v < 0 ? json_null() : checked(json_integer(v));
}

json_t *result_real(double v)
{
    return !isfinite(v) || v < 0 ? json_null() : checked(json_real(v));
}

json_t *result_metric(const struct mvpn_metric *m)
{
    json_t *o = checked(json_object());
    for (int i = 0; i < METRIC_VARS; i++) {
        if (json_object_set_new(o, metric_name((enum metric_var)i), result_count(m->v[i])) != 0)
            fatal("out of memory (result)");
    }
    return o;
}

json_t *result_p_metric(const struct p_metric *m)
{
    json_t *o = checked(json_object());
    for (int i = 0; i < P_METRIC_VARS; i++) {
        if (json_object_set_new(o, p_metric_name((enum p_metric_var)i), result_count(m->v[i])) != 0)
            fatal("out of memory (result)");
    }
    return o;
}

double result_number(const json_t *v)
{
    int64_t ns;
    if (json_is_integer(v))
        return (double)json_integer_value(v);
    if (json_is_real(v))
        return json_real_value(v);
    if (result_is_time(v, &ns))
        return (double)ns / (double)NS_PER_S;
    return NAN;
}
