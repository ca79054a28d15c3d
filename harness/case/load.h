/*
 * What the readers of a test-case file share. Each reads one node, checks it and names the place of
 * a mistake; formulas are checked against each other when the whole file is read (load_check).
 */
#ifndef MVPN_CASE_LOAD_H
#define MVPN_CASE_LOAD_H

#include "emul/conf/yaml.h"
#include "harness/case/record.h"

/* struct loading is the state of one load. */
struct loading {
    struct test_case *tc;
    struct expr_names names; /* given so far */
};

typedef bool reader_fn(struct loading *l, const struct ynode *n, struct err *err);

struct schema_key {
    const char *key;
    reader_fn *read;
    bool required;
    bool early; /* read before the others: they use its names */
};

/* load_map reads a map by its table of keys. */
bool load_map(struct loading *l, const struct ynode *n, const struct schema_key *keys, size_t count,
              struct err *err);

/* load_unknown complains of a key that is none of names; returns false. */
bool load_unknown(const struct ynode *key, const char *const *names, size_t count, struct err *err);

/* load_text reads a text that is not empty into *out (owned). */
bool load_text(char **out, const struct ynode *n, struct err *err);

/* load_count reads a whole number within [min, max]. */
bool load_count(const struct ynode *n, unsigned min, unsigned max, unsigned *out, struct err *err);

/* load_case_id reads the number of another case into out. */
bool load_case_id(const struct ynode *n, char out[12], struct err *err);

/* load_expr_error places a mistake in a formula. */
void load_expr_error(struct err *err, const struct ynode *n, const struct expr_error *e);

/* load_value reads a number or a formula. */
bool load_value(struct loading *l, const struct ynode *n, struct case_value *out, struct err *err);

/* Readers of load_formulas.c and load_params.c. */
reader_fn load_given, load_search, load_parameters;

/* load_check completes the masks of parameters that formulas use, and refuses those that cannot be
 * evaluated in the order of the table. root is the file's map. */
bool load_check(struct loading *l, const struct ynode *root, struct err *err);

#endif
