#include "emul/conf/fields.h"

#include "emul/base/mem.h"
#include "emul/conf/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fields_read(void *ctx, const struct ynode *map, const struct field *table, size_t count,
                 struct err *err)
{
    const char *names[FIELDS_MAX];
    bool seen[FIELDS_MAX] = {false};
    for (size_t k = 0; k < count; k++)
        names[k] = table[k].key;
    if (map->kind != YNODE_MAP) {
        yaml_error(err, map, "keys and values must stand here, e.g. '%s: ...'", names[0]);
        return false;
    }
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(names[k], map->keys[i]->text) != 0)
            k++;
        if (k == count) {
            yaml_error(err, map->keys[i], "unknown key '%.60s'; did you mean '%s'?",
                       map->keys[i]->text, text_nearest(map->keys[i]->text, names, count));
            return false;
        }
        seen[k] = true;
        if (!table[k].read(ctx, map->items[i], err))
            return false;
    }
    for (size_t k = 0; k < count; k++) {
        if (table[k].needed && !seen[k]) {
            yaml_error(err, map, "the key '%s' is missing; add it", names[k]);
            return false;
        }
    }
    return true;
}

bool fields_list(void *ctx, const struct ynode *list, const char *what, field_fn *read,
                 struct err *err)
{
    if (list->kind != YNODE_LIST || list->count == 0) {
        yaml_error(err, list, "a list of %s must stand here", what);
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!read(ctx, list->items[i], err))
            return false;
    }
    return true;
}

bool fields_text(char **out, const struct ynode *n, const char *what, struct err *err)
{
    if (n->kind != YNODE_SCALAR || n->text[0] == '\0') {
        yaml_error(err, n, "%s must stand here", what);
        return false;
    }
    free(*out);
    *out = mem_strdup(n->text);
    return true;
}

bool fields_number(double *out, const struct ynode *n, double min, double max, struct err *err)
{
    if (!yaml_number(n, out, err))
        return false;
    if (*out >= min && *out <= max)
        return true;
    yaml_error(err, n, "%s is not within %.10g ... %.10g", n->text, min, max);
    return false;
}

bool fields_address(ip4_t *out, const struct ynode *n, struct err *err)
{
    if (n->kind == YNODE_SCALAR && ip4_parse(n->text, out))
        return true;
    yaml_error(err, n, "an IPv4 address must stand here");
    return false;
}

char *fields_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return mem_printf("%.*s", slash == path ? 1 : (int)(slash - path), path);
}

int fields_word(const struct ynode *n, const char *const *words, size_t count, struct err *err)
{
    for (size_t i = 0; n->kind == YNODE_SCALAR && i < count; i++) {
        if (strcmp(n->text, words[i]) == 0)
            return (int)i;
    }
    char all[128] = "";
    size_t at = 0;
    for (size_t i = 0; i < count && at < sizeof(all); i++)
        at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s", i == 0 ? "" : ", ", words[i]);
    yaml_error(err, n, "one of %s must stand here", all);
    return -1;
}
