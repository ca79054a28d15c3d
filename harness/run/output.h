/* What a run leaves behind: result.json, report.txt, run.log, and what it prints at its end. */
#ifndef MVPN_RUN_OUTPUT_H
#define MVPN_RUN_OUTPUT_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* output_new makes the head of the result tree; "started" comes from the journal's head. */
json_t *output_new(const json_t *journal_head, uint64_t seed, bool virtual_clock);

/* output_write writes DIR/result.json and DIR/report.txt; -1 with *err. */
int output_write(const char *dir, const json_t *result, struct err *err);

/* output_read reads DIR/result.json of an earlier run; NULL with *err (ERR_USE). */
json_t *output_read(const char *dir, struct err *err);

/* output_maxima says the maxima of a case as progress lines. */
void output_maxima(const json_t *case_object);

/* output_print prints the report (or result.json) to stdout, and where it is. */
void output_print(const char *dir, const json_t *result, bool json);

/* output_log_host writes host, pid and working directory into the run's log. */
void output_log_host(FILE *log);

#endif
