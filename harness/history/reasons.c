#include "harness/history/reasons.h"

#include "harness/history/conditions.h"

#include <string.h>

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

const json_t *instance_named(const json_t *instances, const char *id)
{
    size_t i;
    json_t *item;
    json_array_foreach(instances, i, item)
    {
        const char *is = text_of(item, "id");
        if (id != NULL && is != NULL && strcmp(is, id) == 0)
            return item;
    }
    return NULL;
}

const json_t *instance_at(const json_t *instances, const json_t *where)
{
    const json_t *found = NULL;
    size_t i;
    json_t *item;
    json_array_foreach(instances, i, item)
    {
        if (!condition_matches(where, json_object_get(item, "parameters")))
            continue;
        const char *verdict = text_of(item, "verdict");
        if (verdict != NULL && strcmp(verdict, "pass") != 0)
            return item;
        found = found == NULL ? item : found;
    }
    return found;
}

const char *reason_of_maximum(const json_t *maximum, const json_t *at)
{
    if (json_is_number(json_object_get(maximum, "value")))
        return NULL;
    const char *reason = text_of(at, "reason");
    return reason != NULL ? reason : "nothing passed";
}

/* "power-cycle of 9.1-0007: Tre, Trd, Trall are null: not interrupted" */
static const char *said_of(const char *text, const char *stimulus, const char *id, const char *name,
                           size_t name_len)
{
    size_t n = strlen(stimulus), m = strlen(id);
    if (strncmp(text, stimulus, n) != 0 || strncmp(text + n, " of ", 4) != 0 ||
        strncmp(text + n + 4, id, m) != 0 || strncmp(text + n + 4 + m, ": ", 2) != 0)
        return NULL;
    const char *said = text + n + 4 + m + 2, *end = strstr(said, " null: ");
    for (const char *at = said; end != NULL && at + name_len <= end; at++) {
        if (strncmp(at, name, name_len) == 0)
            return end + strlen(" null: ");
    }
    return NULL;
}

const char *reason_of_time(const json_t *one_case, const char *stimulus, const char *id,
                           const char *name)
{
    const json_t *list = json_object_get(json_object_get(one_case, "deviations"), "procedure");
    size_t len = strcspn(name, "-"), i;
    json_t *item;
    if (stimulus == NULL || id == NULL)
        return NULL;
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        const char *why = text == NULL ? NULL : said_of(text, stimulus, id, name, len);
        if (why != NULL)
            return why;
    }
    return NULL;
}

const char *reason_of_null(const json_t *one_case, const char *name)
{
    const json_t *list = json_object_get(json_object_get(one_case, "deviations"), "procedure");
    size_t len = strlen(name), i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        const char *at = text == NULL ? NULL : strstr(text, name);
        if (at != NULL && strncmp(at + len, " is null: ", 10) == 0)
            return at + len + 10;
    }
    return NULL;
}
