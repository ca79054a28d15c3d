#include "emul/conf/yaml.h"
#include "harness/case/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct timing_key {
    const char *key;
    size_t offset;
    double draft, quick, min;
} keys[] = {
    {"traffic_limit_s", offsetof(struct timing, traffic_limit_s), 600, 60, 1},
    {"steady_wait_s", offsetof(struct timing, steady_wait_s), 600, 10, 0},
    {"pre_stimulus_wait_s", offsetof(struct timing, pre_stimulus_wait_s), 600, 5, 0},
    {"hold_out_s", offsetof(struct timing, hold_out_s), 300, 20, 0.1},
    {"recovery_limit_s", offsetof(struct timing, recovery_limit_s), 1200, 300, 1},
    {"post_recovery_wait_s", offsetof(struct timing, post_recovery_wait_s), 600, 10, 0},
    {"setup_limit_s", offsetof(struct timing, setup_limit_s), 600, 120, 1},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

#define SECONDS_MAX 86400

static void put(struct timing *t, const struct timing_key *k, double v)
{
    memcpy((char *)t + k->offset, &v, sizeof(v));
}

static int read_key(struct timing *t, const struct ynode *key, const struct ynode *value,
                    struct err *err)
{
    const char *names[KEYS];
    for (size_t i = 0; i < KEYS; i++) {
        names[i] = keys[i].key;
        if (strcmp(keys[i].key, key->text) != 0)
            continue;
        double v;
        if (!yaml_number(value, &v, err))
            return -1;
        if (v < keys[i].min || v > SECONDS_MAX) {
            yaml_error(err, value, "%s is outside %g...%d seconds; choose a value within",
                       keys[i].key, keys[i].min, SECONDS_MAX);
            return -1;
        }
        put(t, &keys[i], v);
        return 0;
    }
    yaml_error(err, key, "unknown key '%.60s'; did you mean '%s'?", key->text,
               text_nearest(key->text, names, KEYS));
    return -1;
}

static int load_file(struct timing *t, const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return -1;
    int rc = 0;
    if (root->kind != YNODE_MAP) {
        yaml_error(err, root, "a timing file is a list of 'key: seconds'");
        rc = -1;
    }
    for (size_t i = 0; rc == 0 && i < root->count; i++)
        rc = read_key(t, root->keys[i], root->items[i], err);
    ynode_free(root);
    return rc;
}

int timing_load(struct timing *t, const char *name_or_file, struct err *err)
{
    struct timing out = {0};
    bool quick = strcmp(name_or_file, "quick") == 0;
    for (size_t i = 0; i < KEYS; i++)
        put(&out, &keys[i], quick ? keys[i].quick : keys[i].draft);
    /* Only the file's own name: results hold no paths of the machine. */
    const char *slash = strrchr(name_or_file, '/');
    (void)snprintf(out.name, sizeof(out.name), "%s", slash == NULL ? name_or_file : slash + 1);
    if (!quick && strcmp(name_or_file, "draft") != 0 && load_file(&out, name_or_file, err) != 0)
        return -1;
    *t = out;
    return 0;
}
