/*
 * Shell completion: what may stand where, from the same tables as the parsers and the manual; each
 * shell has a writer of its own. What a value is, is told from the option's `arg` (options.h):
 * lower case words and single capitals are to be chosen from, names in capitals say what is meant.
 */
#ifndef MVPN_CLI_COMPLETION_H
#define MVPN_CLI_COMPLETION_H

#include "harness/cli/commands.h"

#include <stdbool.h>
#include <stdio.h>

#define COMPLETION_WORDS 256
#define COMPLETION_BYTES 12000

struct completion {
    const char *words[COMPLETION_WORDS]; /* to choose from; those of --set end with '=' */
    size_t count;
    bool files, dirs;
    bool list;                   /* several words, commas between */
    bool keys;                   /* KEY=VALUE: completion_key_words has the values of some */
    char text[COMPLETION_BYTES]; /* where words live that had to be made */
    size_t used;
};

/* completion_value tells what a value of that option may be, completion_operand what an argument
 * of a command may be. Both overwrite *out. */
void completion_value(const struct cli_option *option, struct completion *out);
void completion_operand(const struct command *c, struct completion *out);

/* completion_key_words gives the n-th key that takes words ("mdt.default") and those, with '|'
 * between; NULL behind the last. */
const char *completion_key_words(size_t n, const char **words);

/* completion_bash ... write the script. */
typedef void completion_fn(FILE *f);
completion_fn completion_bash, completion_zsh, completion_fish;

/* completion_functions writes shell functions: _mvpnbench_values "COMMAND --OPTION" (fails where no
 * value is due), _mvpnbench_operands COMMAND, _mvpnbench_key KEY. They print words to choose from,
 * and marks: :f files, :d directories, :l a list with commas, :k KEY=VALUE. */
completion_fn completion_functions;

#endif
