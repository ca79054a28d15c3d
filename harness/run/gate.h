/* The --require options of a run: expressions, or files with one expression a line. */
#ifndef MVPN_RUN_GATE_H
#define MVPN_RUN_GATE_H

#include "harness/run/require.h"
#include "reports/reports.h"

#include <stddef.h>

struct gates {
    struct requirement **items;
    size_t count, cap;
    struct report_verdict *verdicts; /* one an item, once they were judged; texts are ours */
};

/* gates_load reads every option; -1 with *err (ERR_USE) that names option or FILE:LINE. */
int gates_load(struct gates *g, const char *const *options, size_t count, struct err *err);
void gates_fini(struct gates *g);

/* gates_judge evaluates all into g->verdicts, and returns how many are not met. */
size_t gates_judge(struct gates *g, const json_t *result);

/* gates_say says each verdict as a progress line. */
void gates_say(const struct gates *g);

#endif
