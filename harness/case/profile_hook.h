/*
 * The part of a DUT profile that describes a router outside (drivers hook and manual): version,
 * what it offers, and the commands of `hook`. testcases/duts/README.md has the schema for users.
 */
#ifndef MVPN_CASE_PROFILE_HOOK_H
#define MVPN_CASE_PROFILE_HOOK_H

#include "emul/conf/yaml.h"

/* profile_outside_key checks `version`, `offers` or `hook`; false with *err (FILE:LINE:COL). */
bool profile_outside_key(const struct ynode *key, const struct ynode *value, struct err *err);

/* profile_hook_complete tells whether a hook profile names the commands that it must. */
bool profile_hook_complete(const struct ynode *root, struct err *err);

/*
 * profile_outside_json puts into the tree of a file that was found good what a driver reads:
 * "version" as text, "directory" (of the file), "timeout_s" (a number, 0: not given) and
 * "commands": {name: {"command": text, "where": "FILE:LINE:COL"}}, where a stimulus is "stimulus
 * p-link-flap".
 */
void profile_outside_json(const struct ynode *root, json_t *tree);

#endif
