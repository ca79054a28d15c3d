#include "reports/point.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <stdint.h>
#include <string.h>

const json_t *point_parameter(const json_t *instance, const char *symbol)
{
    static const struct {
        const char *symbol, *name;
    } known[] = {{"N", "mvpns"},  {"c", "c_interfaces"},         {"R", "remote_pes"},
                 {"g", "groups"}, {"s", "sources_per_group"},    {"d", "receiver_c_interfaces"},
                 {"I", "reuse"},  {"U*Dvpn", "spmsi_src_total"}, {"U*Dvpn", "spmsi_rx_total"}};
    const json_t *v = tree_at(instance, "parameters", symbol, NULL);
    for (size_t i = 0; v == NULL && i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].symbol, symbol) != 0)
            continue;
        v = tree_at(instance, "parameters", known[i].name, NULL);
        if (result_number(v) == 0) /* 9.6 varies the second of the two */
            v = NULL;
    }
    return v;
}

static bool same(const json_t *a, const json_t *b)
{
    if (json_is_string(a) && json_is_string(b))
        return strcmp(json_string_value(a), json_string_value(b)) == 0;
    return result_number(a) == result_number(b);
}

bool point_holds(const json_t *instance, const json_t *where)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)where, key, v)
    {
        if (!same(point_parameter(instance, key), v))
            return false;
    }
    return true;
}
