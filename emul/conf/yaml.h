/*
 * YAML files (libyaml) as a tree of nodes that know their place, so that every complaint can say
 * FILE:LINE:COL. Anchors are refused, duplicate keys are errors.
 */
#ifndef MVPN_CONF_YAML_H
#define MVPN_CONF_YAML_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum ynode_kind { YNODE_SCALAR, YNODE_LIST, YNODE_MAP };

struct ynode {
    enum ynode_kind kind;
    const char *file; /* owned by the root */
    unsigned line, col;
    char *text;           /* scalar */
    bool quoted;          /* scalar was quoted: never a number */
    size_t count;         /* list items, or map pairs */
    struct ynode **items; /* list items, or map values */
    struct ynode **keys;  /* map keys (scalars) */
};

struct ynode *yaml_load(const char *path, struct err *err);
/* ynode_free frees a whole tree, given its root. (libyaml has a yaml_free of its own.) */
void ynode_free(struct ynode *root);

/* yaml_get returns the value of key in a map, or NULL. */
const struct ynode *yaml_get(const struct ynode *map, const char *key);

/* yaml_error fills *err with "FILE:LINE:COL: ..." (ERR_USE). */
void yaml_error(struct err *err, const struct ynode *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* yaml_number, yaml_bool read a scalar; false (with *err) if it is none. */
bool yaml_number(const struct ynode *n, double *out, struct err *err);
bool yaml_bool(const struct ynode *n, bool *out, struct err *err);

/* yaml_json turns a tree into JSON (numbers and booleans by their form). The caller decrefs. */
json_t *yaml_json(const struct ynode *n);

#endif
