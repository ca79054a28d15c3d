/*
 * DUT profiles (DESIGN B.7): a YAML file that names a driver and its settings. Settings are texts
 * for the driver, as --set dut.KEY=VALUE would give them, each with its place in the file.
 *
 *     driver: reference            # or frr, hook, manual
 *     name: small PE
 *     version: 1.10                # reference (what it plays), hook, manual
 *     settings: {limits.mvpns: 12, limits: {mroutes: 1300}}   # dotted or nested
 */
#ifndef MVPN_CASE_PROFILE_H
#define MVPN_CASE_PROFILE_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct profile_setting {
    char *key;   /* without "dut." */
    char *value; /* as written */
    char *where; /* FILE:LINE:COL */
};

struct profile {
    char *driver;
    char *name;
    struct profile_setting *settings;
    size_t setting_count, setting_cap;
    json_t *tree; /* the whole file; hook and manual: as profile_hook.h says */
};

/* profile_load reads a file; NULL with *err (ERR_USE, FILE:LINE:COL). */
struct profile *profile_load(const char *path, struct err *err);
void profile_free(struct profile *p);

/* profile_shipped writes the path of the shipped profile of that name ("small"); false if there is
 * none. */
bool profile_shipped(const char *name, char *path, size_t cap);

#endif
