#include "reports/tree.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct report_cell cell_minus(struct report_cell a, struct report_cell b)
{
    if (a.kind != CELL_TIME || b.kind != CELL_TIME || __builtin_sub_overflow(a.ns, b.ns, &a.ns))
        a.kind = CELL_NULL;
    return a;
}

struct report_cell cell_product(const json_t *a, const json_t *b)
{
    struct report_cell cell = {.kind = CELL_COUNT};
    if (!json_is_integer(a) || !json_is_integer(b) ||
        __builtin_mul_overflow(json_integer_value(a), json_integer_value(b), &cell.count))
        cell.kind = CELL_NULL;
    return cell;
}

const json_t *tree_at(const json_t *v, ...)
{
    va_list keys;
    va_start(keys, v);
    for (const char *key; v != NULL && (key = va_arg(keys, const char *)) != NULL;)
        v = json_object_get(v, key);
    va_end(keys);
    return v;
}

const char *tree_text(const json_t *v, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(v, key));
    return text == NULL ? otherwise : text;
}

struct report_cell tree_cell(const json_t *v, const char *key)
{
    return cell_of(json_object_get(v, key));
}

const json_t *tree_find(const json_t *list, const char *key, const char *text)
{
    size_t i;
    json_t *element;
    json_array_foreach(list, i, element)
    {
        if (strcmp(tree_text(element, key, ""), text) == 0)
            return element;
    }
    return NULL;
}

const json_t *tree_instance(const json_t *one_case, const char *id)
{
    return id == NULL ? NULL : tree_find(json_object_get(one_case, "instances"), "id", id);
}

const json_t *tree_parameter(const json_t *instance, const char *symbol, const char *name)
{
    const json_t *parameters = json_object_get(instance, "parameters");
    const json_t *v = json_object_get(parameters, symbol);
    return v != NULL ? v : json_object_get(parameters, name);
}

char *tree_scalar(const json_t *v)
{
    struct report_cell cell = cell_of(v);
    switch (cell.kind) {
    case CELL_TEXT:
        return mem_strdup(cell.text);
    case CELL_COUNT:
        return mem_printf("%" PRId64, cell.count);
    case CELL_REAL:
        return mem_printf("%.10g", cell.real);
    case CELL_TIME:
        return mem_printf("%.6f", (double)cell.ns / (double)NS_PER_S);
    case CELL_NULL:
        break;
    }
    return mem_strdup("-");
}

/* The symbols of PROTOCOLS section 13 for the parameters that are swept. */
static const char *symbol_of(const char *parameter)
{
    static const struct {
        const char *name, *symbol;
    } known[] = {{"mvpns", "N"},  {"c_interfaces", "c"},      {"remote_pes", "R"},
                 {"groups", "g"}, {"sources_per_group", "s"}, {"ingress_share", "share"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].name, parameter) == 0)
            return known[i].symbol;
    }
    return parameter;
}

static char *pairs(const json_t *object, bool symbols)
{
    char *all = mem_strdup("");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        char *value = tree_scalar(v);
        char *longer = mem_printf("%s%s%s=%s", all, *all == '\0' ? "" : ", ",
                                  symbols ? symbol_of(key) : key, value);
        free(value);
        free(all);
        all = longer;
    }
    return all;
}

char *tree_pairs(const json_t *object)
{
    return pairs(object, false);
}

char *tree_where(const json_t *maximum)
{
    return pairs(json_object_get(maximum, "where"), true);
}
