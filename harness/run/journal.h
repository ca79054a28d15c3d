/*
 * The journal of a run: DIR/journal, one JSON object a line. The first line holds the whole command
 * line and is on disk (fsync) before anything is sent; each instance is one more line when it has
 * ended; the last line says that the run is done. A line that a killed run left half written is
 * dropped. Times are integer nanoseconds, so what is read back is what was written.
 */
#ifndef MVPN_RUN_JOURNAL_H
#define MVPN_RUN_JOURNAL_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct journal;

/*
 * journal_create makes DIR and its journal with the head line; -1 -> NULL with *err (ERR_USE when
 * DIR already holds a run).
 */
struct journal *journal_create(const char *dir, const json_t *head, struct err *err);

/*
 * journal_resume opens DIR's journal for more lines and gives the head and the entries so far (new
 * references). NULL with *err.
 */
struct journal *journal_resume(const char *dir, json_t **head, json_t **entries, struct err *err);

/* journal_read gives head and entries without opening for writing; -1 with *err. */
int journal_read(const char *dir, json_t **head, json_t **entries, struct err *err);

/* journal_done tells whether DIR's journal says that the run is done: without reading it all. */
bool journal_done(const char *dir);

/*
 * journal_each hands over one line after the other: a new reference, and its number (1: the head).
 * A run may be writing more at the same time. -1 with *err when there is no journal.
 */
typedef void journal_line(void *arg, json_t *line, unsigned number);
int journal_each(const char *dir, journal_line *take, void *arg, struct err *err);

/* journal_add appends one line and waits until it is on disk; -1 with *err. */
int journal_add(struct journal *j, const json_t *entry, struct err *err);
void journal_close(struct journal *j);

#endif
