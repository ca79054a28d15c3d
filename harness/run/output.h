/*
 * What a run leaves behind: result.json and report.txt while it goes on, every rendering of
 * report_formats at its end, run.log, and what it prints then.
 */
#ifndef MVPN_RUN_OUTPUT_H
#define MVPN_RUN_OUTPUT_H

#include "emul/base/err.h"

#include "reports/reports.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* output_new makes the head of the result tree; "started" comes from the journal's head. */
json_t *output_new(const json_t *journal_head, uint64_t seed, bool virtual_clock);

/* output_unfinished says that the run in dir has not finished, how many instances there are, which
 * was the last (NULL: nothing of that) and how to go on. The caller frees. */
char *output_unfinished(const char *dir, size_t instances, const char *last);

/* output_write writes result.json and report.txt into in->dir; -1 with *err. output_write_all
 * writes every rendering. */
int output_write(const struct report_input *in, struct err *err);
int output_write_all(const struct report_input *in, struct err *err);

/* output_read reads DIR/result.json of an earlier run; NULL with *err (ERR_USE). */
json_t *output_read(const char *dir, struct err *err);

/* output_maxima says the maxima of a case as progress lines. */
void output_maxima(const json_t *case_object);

/* output_print prints the report (or result.json) to stdout, and where it is. */
void output_print(const struct report_input *in, bool json);

/* output_log_host writes host, pid and working directory into the run's log. */
void output_log_host(FILE *log);

#endif
