#include "harness/case/profile_hook.h"

#include "emul/base/mem.h"
#include "harness/case/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MAX_S 86400.0

/* The first two must be there. */
static const char *const commands[] = {"configure",   "unconfigure", "metric",
                                       "utilisation", "health",      "window_begin",
                                       "neighbours",  "timeout_s",   "stimulus"};
#define KEYS (sizeof(commands) / sizeof(commands[0]))

static const char *const stimuli[] = {"power-cycle", "processor-switchover", "p-card-oir",
                                      "c-card-oir",  "p-link-flap",          "c-link-flap"};
#define STIMULI (sizeof(stimuli) / sizeof(stimuli[0]))

static bool find(const char *const *names, size_t count, const struct ynode *n, const char *what,
                 struct err *err)
{
    const char *text = n->kind == YNODE_SCALAR ? n->text : "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0)
            return true;
    }
    yaml_error(err, n, "unknown %s '%.60s'; did you mean '%s'?", what, text,
               text_nearest(text, names, count));
    return false;
}

static bool read_command(const struct ynode *n, struct err *err)
{
    if (n->kind == YNODE_SCALAR && n->text[strspn(n->text, " \t\n")] != '\0')
        return true;
    yaml_error(err, n, "a command for /bin/sh must stand here");
    return false;
}

static bool read_timeout(const struct ynode *n, struct err *err)
{
    double seconds;
    if (!yaml_number(n, &seconds, err))
        return false;
    if (seconds > 0 && seconds <= TIMEOUT_MAX_S)
        return true;
    yaml_error(err, n, "timeout_s is a number of seconds above 0, at most %.0f", TIMEOUT_MAX_S);
    return false;
}

static bool read_stimuli(const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "stimuli and their commands must stand here, e.g. 'p-link-flap: ...'");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!find(stimuli, STIMULI, n->keys[i], "stimulus", err) || !read_command(n->items[i], err))
            return false;
    }
    return true;
}

static bool read_hook(const struct ynode *n, struct err *err)
{
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "commands must stand here, e.g. 'configure: ./configure.sh'");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        const char *key = n->keys[i]->text;
        bool good = find(commands, KEYS, n->keys[i], "key", err);
        if (good && strcmp(key, "stimulus") == 0)
            good = read_stimuli(n->items[i], err);
        else if (good && strcmp(key, "timeout_s") == 0)
            good = read_timeout(n->items[i], err);
        else if (good)
            good = read_command(n->items[i], err);
        if (!good)
            return false;
    }
    return true;
}

static bool read_list(const struct ynode *n, const char *const *names, size_t count,
                      const char *what, struct err *err)
{
    if (n->kind != YNODE_LIST) {
        yaml_error(err, n, "a list must stand here, e.g. [%s]", names[0]);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!find(names, count, n->items[i], what, err))
            return false;
    }
    return true;
}

static bool read_offers(const struct ynode *n, struct err *err)
{
    static const char *const keys[] = {"mdt", "spmsi"};
    static const char *const modes[] = {"asm", "ssm", "bidir"};
    static const char *const kinds[] = {"sourced", "received", "reuse"};
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "'mdt: [...]' and 'spmsi: [...]' must stand here");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!find(keys, 2, n->keys[i], "key", err))
            return false;
        bool mdt = strcmp(n->keys[i]->text, "mdt") == 0;
        if (!read_list(n->items[i], mdt ? modes : kinds, 3, mdt ? "way to build MDTs" : "S-PMSI",
                       err))
            return false;
        if (mdt && n->items[i]->count == 0) {
            yaml_error(err, n->items[i], "a DUT that offers no default MDT cannot be measured");
            return false;
        }
    }
    return true;
}

static bool read_version(const struct ynode *n, struct err *err)
{
    if (n->kind == YNODE_SCALAR && n->text[0] != '\0')
        return true;
    yaml_error(err, n, "the version of the DUT's software must stand here");
    return false;
}

bool profile_outside_key(const struct ynode *key, const struct ynode *value, struct err *err)
{
    if (strcmp(key->text, "version") == 0)
        return read_version(value, err);
    return strcmp(key->text, "offers") == 0 ? read_offers(value, err) : read_hook(value, err);
}

bool profile_hook_complete(const struct ynode *root, struct err *err)
{
    const struct ynode *hook = yaml_get(root, "hook");
    for (size_t i = 0; i < 2; i++) {
        if (hook != NULL && yaml_get(hook, commands[i]) != NULL)
            continue;
        yaml_error(err, hook == NULL ? root : hook,
                   "%s'%s' is missing; name the command that does it, e.g. '%s: ./%s.sh'",
                   hook == NULL ? "hook: " : "", commands[i], commands[i], commands[i]);
        return false;
    }
    return true;
}

static void add_command(json_t *list, const char *prefix, const struct ynode *key,
                        const struct ynode *value)
{
    char *name = mem_printf("%s%s", prefix, key->text);
    char *where = mem_printf("%s:%u:%u", value->file, value->line, value->col);
    (void)json_object_set_new(list, name,
                              json_pack("{s:s,s:s}", "command", value->text, "where", where));
    free(name);
    free(where);
}

static json_t *command_list(const struct ynode *hook, double *timeout_s)
{
    json_t *list = json_object();
    for (size_t i = 0; hook != NULL && i < hook->count; i++) {
        const struct ynode *value = hook->items[i];
        if (strcmp(hook->keys[i]->text, "timeout_s") == 0)
            (void)yaml_number(value, timeout_s, NULL);
        else if (value->kind == YNODE_SCALAR)
            add_command(list, "", hook->keys[i], value);
        for (size_t k = 0; value->kind == YNODE_MAP && k < value->count; k++)
            add_command(list, "stimulus ", value->keys[k], value->items[k]);
    }
    return list;
}

void profile_outside_json(const struct ynode *root, json_t *tree)
{
    double timeout_s = 0;
    const char *slash = strrchr(root->file, '/');
    int len = slash == NULL ? 1 : slash == root->file ? 1 : (int)(slash - root->file);
    char *directory = mem_printf("%.*s", len, slash == NULL ? "." : root->file);
    (void)json_object_set_new(tree, "directory", json_string(directory));
    free(directory);
    (void)json_object_set_new(tree, "commands", command_list(yaml_get(root, "hook"), &timeout_s));
    (void)json_object_set_new(tree, "timeout_s", json_real(timeout_s));
}
