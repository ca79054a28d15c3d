/*
 * Reports: one walk over the result tree (mvpnbench/result.h), many renderings.
 */
#ifndef MVPN_REPORTS_H
#define MVPN_REPORTS_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdio.h>

/* report_json prints result.json: times as seconds with nine decimals, two spaces indentation,
 * keys in the order of the tree; equal trees give equal bytes. */
void report_json(FILE *f, const json_t *result);

/* report_text prints the tables of draft 8.1 and 8.2; no line is longer than 100 columns. */
void report_text(FILE *f, const json_t *result);

/* report_write renders into path through a temporary file and rename; -1 with *err. */
int report_write(const char *path, void (*render)(FILE *f, const json_t *result),
                 const json_t *result, struct err *err);

#endif
