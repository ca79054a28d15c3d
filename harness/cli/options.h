/*
 * Options of a command, from one table: parsed as --opt value and --opt=value, unknown ones
 * answered with the nearest known. Manual and completion read the same tables.
 */
#ifndef MVPN_CLI_OPTIONS_H
#define MVPN_CLI_OPTIONS_H

#include "emul/base/err.h"

#include <stddef.h>
#include <stdio.h>

struct cli_option {
    const char *name; /* without "--" */
    const char *arg;  /* what its value is: words, or names in capitals (FILE, DIR, N), '|' between;
                         NULL: it takes none */
    const char *help; /* with its unit, and the default in parentheses */
};

/* Index that option_fn gets for an argument that is no option. */
#define OPTION_POSITIONAL ((size_t)-1)

/* option_fn takes one option (its index in the table) or argument; -1 with *err. */
typedef int option_fn(void *ctx, size_t index, const char *value, struct err *err);

/* options_parse goes through argv[1...]; "--" ends the options. Empty values and arguments are
 * refused. -1 with *err (ERR_USE). */
int options_parse(const struct cli_option *table, size_t count, int argc, char **argv,
                  option_fn *take, void *ctx, struct err *err);

#endif
