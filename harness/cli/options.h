/*
 * Options of a command, from one table: parsed as --opt value and --opt=value, unknown ones
 * answered with the nearest known, help printed from the same table.
 */
#ifndef MVPN_CLI_OPTIONS_H
#define MVPN_CLI_OPTIONS_H

#include "emul/base/err.h"

#include <stddef.h>
#include <stdio.h>

struct cli_option {
    const char *name; /* without "--" */
    const char *arg;  /* name of its value for the help; NULL: takes none */
    const char *help;
};

/* Index that option_fn gets for an argument that is no option. */
#define OPTION_POSITIONAL ((size_t)-1)

/* option_fn takes one option (its index in the table) or argument; -1 with *err. */
typedef int option_fn(void *ctx, size_t index, const char *value, struct err *err);

/* options_parse goes through argv[1...]; "--" ends the options. -1 with *err (ERR_USE). */
int options_parse(const struct cli_option *table, size_t count, int argc, char **argv,
                  option_fn *take, void *ctx, struct err *err);

/* options_help prints the table in two columns. */
void options_help(FILE *f, const struct cli_option *table, size_t count);

#endif
