/*
 * Answers of the history as trees of JSON values, and their renderings: text with plots, HTML with
 * graphs, CSV, or the tree itself. Three kinds, told apart by their first key: "runs", "lines",
 * "falls". docs/history.md shows the keys.
 */
#ifndef MVPN_HISTORY_ANSWER_H
#define MVPN_HISTORY_ANSWER_H

#include "harness/history/fall.h"
#include "harness/history/history.h"

#include <jansson.h>
#include <stdio.h>

/* answer_runs lists the runs of a DUT (NULL: all); NULL with *err. */
json_t *answer_runs(struct history *h, const char *dut, struct err *err);

/* answer_lines gives every line that f asks for with its points and its first fall; NULL with *err
 * (ERR_USE when there is none, which names what there is). */
json_t *answer_lines(struct history *h, const struct history_filter *f,
                     const struct history_tolerance *t, struct err *err);

/* answer_falls gives the first fall of each line that f asks for, in the order of the versions that
 * fell; NULL with *err as above. */
json_t *answer_falls(struct history *h, const struct history_filter *f,
                     const struct history_tolerance *t, struct err *err);

enum answer_format { ANSWER_TEXT, ANSWER_HTML, ANSWER_CSV, ANSWER_JSON };

/* answer_print renders; -1 with *err. What could not be written is left to ferror. */
int answer_print(FILE *f, const json_t *answer, enum answer_format format, struct err *err);

#endif
