/*
 * Maps with known keys: a table names each key and the function that reads its value, so that an
 * unknown key, a missing one and a value of the wrong kind are complained about in one way.
 */
#ifndef MVPN_CONF_FIELDS_H
#define MVPN_CONF_FIELDS_H

#include "emul/base/addr.h"
#include "emul/conf/yaml.h"

/* field_fn reads one value into ctx; false with *err (yaml_error). */
typedef bool field_fn(void *ctx, const struct ynode *value, struct err *err);

struct field {
    const char *key;
    field_fn *read;
    bool needed;
};

#define FIELDS_MAX 24

/* fields_read reads a map; false with *err. */
bool fields_read(void *ctx, const struct ynode *map, const struct field *table, size_t count,
                 struct err *err);

/* fields_list calls read for each item of a list that is not empty; what names it for messages. */
bool fields_list(void *ctx, const struct ynode *list, const char *what, field_fn *read,
                 struct err *err);

/* fields_text copies a scalar that is not empty into *out (freed before); false with *err. */
bool fields_text(char **out, const struct ynode *n, const char *what, struct err *err);

/* fields_number reads a number within [min, max]; false with *err. */
bool fields_number(double *out, const struct ynode *n, double min, double max, struct err *err);

/* fields_address reads an IPv4 address; false with *err. */
bool fields_address(ip4_t *out, const struct ynode *n, struct err *err);

/* fields_directory returns the directory of a file's path, which paths in it are relative to; the
 * caller frees. */
char *fields_directory(const char *path);

/* fields_word returns the index of a scalar among words, or -1 with *err. */
int fields_word(const struct ynode *n, const char *const *words, size_t count, struct err *err);

#endif
