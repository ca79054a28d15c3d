/*
 * Reading the side files of a run (series-*.csv, regained-*.csv: docs/side-files.md) row by row,
 * so that their size does not matter. Names come out of a result, which anybody may have written:
 * only regular files inside the run's directory are opened, never through a link.
 */
#ifndef MVPN_REPORTS_SERIES_H
#define MVPN_REPORTS_SERIES_H

#include "emul/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SERIES_COLUMNS_MAX 256u
#define SERIES_BIN_S       0.1 /* width of the bins that a run records */

struct series;

/* series_open opens file (a relative path) of the directory dir and reads its header, which begins
 * with "seconds_from_Tf". NULL with *err "FILE:LINE: ..." for what is no such file; NULL without
 * an error where it is simply not there. The caller closes. */
struct series *series_open(const char *dir, const char *file, struct err *err);
void series_close(struct series *s);

/* series_columns counts all columns, the time included; series_name returns a heading (borrowed);
 * series_column finds one, 0 (the time) if it is not there. */
size_t series_columns(const struct series *s);
const char *series_name(const struct series *s, size_t column);
size_t series_column(const struct series *s, const char *name);

/* series_next reads the next row: value[0] is the time, which ascends; NAN stands for an empty
 * field. Returns the values (borrowed until the next call), or NULL at the end, and with *err set
 * at a line that is none of such a file. An unfinished last line is the end. */
const double *series_next(struct series *s, struct err *err);

/* series_rewind goes back to the first row. */
void series_rewind(struct series *s);

#endif
