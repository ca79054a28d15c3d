/*
 * The history of results: an SQLite file that takes in finished runs, and answers how one quantity
 * went over firmware versions. One process may write while others read; two that import at once
 * wait for each other. Nothing here is thread-safe; errors are one line that names the file.
 */
#ifndef MVPN_HISTORY_HISTORY_H
#define MVPN_HISTORY_HISTORY_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct history;

/* HISTORY_READ wants a database that is there, HISTORY_WRITE makes one where there is none. */
enum history_mode { HISTORY_READ, HISTORY_WRITE };

/*
 * history_open opens the database at path and brings an older schema up to date; NULL with *err
 * (ERR_USE) for a file that is no database of ours, is damaged, of a newer schema, or may not be
 * written (HISTORY_WRITE). history_close takes NULL too.
 */
struct history *history_open(const char *path, enum history_mode mode, struct err *err);
void history_close(struct history *h);

/* history_check tells whether an import into path could work, before there is anything to import:
 * the file is sound and writable, or could be made. It creates nothing; -1 with *err (ERR_USE). */
int history_check(const char *path, struct err *err);

/* history_known tells the run whose result.json has that sum; 0: none, -1 with *err. */
int64_t history_known(struct history *h, const char *sha256, struct err *err);

/*
 * history_import puts a whole result in, in one transaction. dir is kept as it was given. Returns
 * the run's number (1 ...), or -1 with *err; *already tells that the same bytes were there under
 * that number, and nothing was changed.
 */
int64_t history_import(struct history *h, const json_t *result, const char *sha256, const char *dir,
                       bool *already, struct err *err);

/*
 * history_import_file imports a run's result.json: path is the file, or the directory it lies in. A
 * directory whose journal says that the run is not finished is refused. Returns as
 * history_import does.
 */
int64_t history_import_file(struct history *h, const char *path, bool *already, struct err *err);

/* history_delete removes a run with everything of it; -1 with *err (ERR_USE when there is none). */
int history_delete(struct history *h, int64_t run, struct err *err);

/* ---- the runs ---------------------------------------------------------------------------------
 */

struct history_run {
    int64_t number;
    const char *driver, *dut, *version, *started, *clock, *tool, *directory;
    const char *cases;         /* "9.1 9.3 10.1 (omitted)" */
    int64_t maxima, found;     /* entries of `maximum`, and those with a value */
    int64_t bounds, recovered; /* of those found: not bounded by the DUT; recoveries that passed */
    int64_t recoveries;
};

/* history_runs calls fn for each run of that DUT (NULL: all), by DUT, then in the order of
 * versions (version.h), start and number; everything is borrowed for the call. -1 with *err. */
typedef void history_run_fn(void *arg, const struct history_run *run);
int history_runs(struct history *h, const char *dut, history_run_fn *fn, void *arg,
                 struct err *err);

/* history_omitted calls fn for each case of those runs that was left out (case_id NULL: any), in
 * the order of history_runs; -1 with *err. */
typedef void history_omitted_fn(void *arg, const struct history_run *run, const char *case_id,
                                const char *reason);
int history_omitted(struct history *h, const char *dut, const char *case_id, history_omitted_fn *fn,
                    void *arg, struct err *err);

/* ---- lines ------------------------------------------------------------------------------------
 */

enum history_kind { HISTORY_MAXIMUM, HISTORY_METRIC, HISTORY_RECOVERY, HISTORY_MEASURED };

/* What lines are asked for; NULL: any. */
struct history_filter {
    const char *quantity; /* as in the result; "maximum": each case's own; "Trall": "Trall-Tf" */
    const char *case_id, *stimulus, *dut;
    const char *const *where; /* "KEY=VALUE": a point of the sweep or a condition */
    size_t where_count;
    bool judged; /* only what history_fall judges unasked: maxima, Tre/Trd/Trall, delays */
};

/* One run on a line. Times are in seconds. NAN: not known. */
struct history_point {
    int64_t run;
    const char *version, *started, *tool;
    double value, least, most; /* over the repeats; NAN: a gap */
    unsigned repeats;          /* with a value */
    bool at_least;             /* the DUT was not what ended it: the value is a lower bound */
    bool failed;               /* a gap because the DUT did not do it, not because nobody looked */
    bool unverified;
    double resolution, floor_s; /* the coarsest; the apparatus's own share */
    const char *bounded_by;     /* or NULL */
    const char *reason;         /* of a gap or a failure, or NULL */
};

/* Values that may be compared: one DUT, one quantity, one point, the same conditions. */
struct history_line {
    enum history_kind kind;
    const char *dut, *case_id, *quantity, *stimulus;
    const char *unit;                   /* "s" or NULL */
    const json_t *where;                /* object, sorted by key */
    const json_t *conditions;           /* object, sorted by key: what else must be equal */
    int better;                         /* 1: more is better, -1: less is, 0: neither */
    const struct history_point *points; /* in the order of versions, start, number */
    size_t count;
};

/* history_lines calls fn for each line, borrowed for the call; returns how many, -1 with *err. */
typedef void history_line_fn(void *arg, const struct history_line *line);
int64_t history_lines(struct history *h, const struct history_filter *f, history_line_fn *fn,
                      void *arg, struct err *err);

/* history_kind_name is "maximum", "metric", "recovery" or "measured". */
const char *history_kind_name(enum history_kind kind);

/* history_quantities returns what can be asked for in case_id (NULL: anywhere), as one text with
 * commas that the caller frees; NULL with *err. */
char *history_quantities(struct history *h, const char *case_id, struct err *err);

#endif
