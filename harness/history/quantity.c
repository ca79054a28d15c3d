#include "harness/history/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *history_kind_name(enum history_kind kind)
{
    static const char *const names[] = {"maximum", "metric", "recovery", "measured"};
    return names[kind];
}

/* The last part of "spmsi_switch_delay.avg". */
static const char *last_part(const char *quantity)
{
    const char *dot = strrchr(quantity, '.');
    return dot == NULL ? quantity : dot + 1;
}

static bool is_delay(const char *quantity)
{
    const char *part = last_part(quantity);
    bool statistic =
        strcmp(part, "min") == 0 || strcmp(part, "avg") == 0 || strcmp(part, "max") == 0;
    return statistic &&
           (strstr(quantity, "delay.") != NULL || strstr(quantity, "convergence.") != NULL);
}

static bool ends_in_seconds(const char *quantity)
{
    size_t len = strlen(quantity);
    return len > 2 && strcmp(quantity + len - 2, "_s") == 0;
}

const char *quantity_unit(enum history_kind kind, const char *quantity)
{
    if (kind == HISTORY_RECOVERY)
        return "s";
    return kind == HISTORY_MEASURED && (is_delay(quantity) || ends_in_seconds(quantity)) ? "s"
                                                                                         : NULL;
}

int quantity_better(enum history_kind kind, const char *quantity)
{
    const char *part = last_part(quantity);
    if (kind == HISTORY_MAXIMUM || kind == HISTORY_METRIC)
        return 1;
    if (kind == HISTORY_RECOVERY || is_delay(quantity))
        return -1;
    if (strcmp(part, "missing") == 0 || strcmp(part, "lost") == 0 || strcmp(part, "duplicate") == 0)
        return -1;
    return strcmp(part, "suppresses") == 0 ? 1 : 0;
}

bool quantity_at_least(const char *bounded_by)
{
    return bounded_by != NULL && strcmp(bounded_by, "dut") != 0 &&
           strcmp(bounded_by, "resource") != 0 && bounded_by[0] != '\0';
}

static bool equals(const json_t *v, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (json_is_number(v))
        return end != text && *end == '\0' && json_number_value(v) == number;
    if (json_is_boolean(v))
        return strcmp(text, json_is_true(v) ? "true" : "false") == 0;
    return json_is_string(v) && strcmp(json_string_value(v), text) == 0;
}

bool quantity_at(const json_t *where, const json_t *conditions, const char *key_value)
{
    size_t len = strcspn(key_value, "=");
    const json_t *v = json_object_getn(where, key_value, len);
    if (v == NULL)
        v = json_object_getn(conditions, key_value, len);
    return v != NULL && key_value[len] == '=' && equals(v, key_value + len + 1);
}
