/* The --require options of a run: expressions, or files with one expression a line. */
#ifndef MVPN_RUN_GATE_H
#define MVPN_RUN_GATE_H

#include "harness/run/require.h"

#include <stddef.h>

struct gates {
    struct requirement **items;
    size_t count, cap;
};

/* gates_load reads every option; -1 with *err (ERR_USE) that names option or FILE:LINE. */
int gates_load(struct gates *g, const char *const *options, size_t count, struct err *err);
void gates_fini(struct gates *g);

/* gates_check evaluates all, says each as a progress line, and returns how many are not met. */
size_t gates_check(const struct gates *g, const json_t *result);

#endif
