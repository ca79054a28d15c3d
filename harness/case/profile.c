#include "harness/case/profile.h"

#include "emul/base/mem.h"
#include "emul/conf/yaml.h"
#include "harness/case/ids.h"
#include "harness/case/profile_hook.h"
#include "harness/case/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_driver(struct profile *p, const struct ynode *n, struct err *err)
{
    static const char *const drivers[] = {"reference", "frr", "hook", "manual"};
    if (n->kind != YNODE_SCALAR) {
        yaml_error(err, n, "the name of a driver must stand here");
        return false;
    }
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        if (strcmp(n->text, drivers[i]) == 0) {
            p->driver = mem_strdup(n->text);
            return true;
        }
    }
    yaml_error(err, n, "unknown driver '%.60s'; did you mean '%s'?", n->text,
               text_nearest(n->text, drivers, sizeof(drivers) / sizeof(drivers[0])));
    return false;
}

static bool read_name(struct profile *p, const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_SCALAR || n->text[0] == '\0') {
        yaml_error(err, n, "a name must stand here");
        return false;
    }
    p->name = mem_strdup(n->text);
    return true;
}

static void add_setting(struct profile *p, const char *key, const struct ynode *n)
{
    p->settings = array_grow(p->settings, p->setting_count, &p->setting_cap, sizeof(*p->settings));
    p->settings[p->setting_count++] = (struct profile_setting){
        .key = mem_strdup(key),
        .value = mem_strdup(n->text),
        .where = mem_printf("%s:%u:%u", n->file, n->line, n->col),
    };
}

static bool read_settings(struct profile *p, const char *prefix, const struct ynode *n,
                          struct err *err)
{
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "settings 'key: value' must stand here");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        char key[128];
        int len = snprintf(key, sizeof(key), "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".",
                           n->keys[i]->text);
        if (len < 0 || (size_t)len >= sizeof(key)) {
            yaml_error(err, n->keys[i], "this key is too long to be one");
            return false;
        }
        const struct ynode *value = n->items[i];
        if (value->kind == YNODE_LIST) {
            yaml_error(err, value, "a setting is one value, not a list");
            return false;
        }
        if (value->kind == YNODE_MAP) {
            if (!read_settings(p, key, value, err))
                return false;
        } else {
            add_setting(p, key, value);
        }
    }
    return true;
}

/* A router outside has more to be told about than a PE that the program itself brings. */
static bool is_outside(const struct profile *p)
{
    return strcmp(p->driver, "hook") == 0 || strcmp(p->driver, "manual") == 0;
}

static bool read_key(struct profile *p, const struct ynode *key, const struct ynode *value,
                     struct err *err)
{
    static const char *const names[] = {"driver", "name", "settings", "version", "offers", "hook"};
    /* FRR tells its version itself, a reference PE may play any. */
    size_t count = strcmp(p->driver, "reference") == 0 ? 4
                   : !is_outside(p)                    ? 3
                   : strcmp(p->driver, "hook") == 0    ? 6
                                                       : 5;
    if (strcmp(key->text, "name") == 0)
        return read_name(p, value, err);
    if (strcmp(key->text, "settings") == 0)
        return read_settings(p, "", value, err);
    for (size_t i = 3; i < count; i++) {
        if (strcmp(key->text, names[i]) == 0)
            return profile_outside_key(key, value, err);
    }
    if (strcmp(key->text, "hook") == 0)
        yaml_error(err, key, "'hook' is for 'driver: hook', this one is %s; leave it out",
                   p->driver);
    else
        yaml_error(err, key, "unknown key '%.60s'; did you mean '%s'?", key->text,
                   text_nearest(key->text, names, count));
    return false;
}

struct profile *profile_load(const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct profile *p = mem_zalloc(1, sizeof(*p));
    const struct ynode *driver = yaml_get(root, "driver");
    bool good = root->kind == YNODE_MAP && driver != NULL;
    if (!good)
        yaml_error(err, root, "'driver' is missing; a DUT profile begins with 'driver: reference'");
    /* The driver first: under hook or manual the other keys mean other things. */
    good = good && read_driver(p, driver, err);
    for (size_t i = 0; good && i < root->count; i++)
        good = root->items[i] == driver || read_key(p, root->keys[i], root->items[i], err);
    if (good && strcmp(p->driver, "hook") == 0)
        good = profile_hook_complete(root, err);
    if (good) {
        const struct ynode *version = yaml_get(root, "version");
        p->tree = yaml_json(root);
        if (version != NULL) /* 1.10 is a text, not 1.1 */
            (void)json_object_set_new(p->tree, "version", json_string(version->text));
        if (is_outside(p))
            profile_outside_json(root, p->tree);
        if (p->name != NULL) /* also if it looks like a number */
            (void)json_object_set_new(p->tree, "name", json_string(p->name));
        else
            p->name = mem_strdup(p->driver);
    }
    ynode_free(root);
    if (good)
        return p;
    profile_free(p);
    return NULL;
}

void profile_free(struct profile *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->setting_count; i++) {
        free(p->settings[i].key);
        free(p->settings[i].value);
        free(p->settings[i].where);
    }
    free(p->settings);
    free(p->driver);
    free(p->name);
    json_decref(p->tree);
    free(p);
}

bool profile_shipped(const char *name, char *path, size_t cap)
{
    char file[128];
    if (strchr(name, '/') != NULL || strlen(name) > 64)
        return false;
    (void)snprintf(file, sizeof(file), "testcases/profiles/%s.yaml", name);
    return data_path(path, cap, file, NULL);
}
