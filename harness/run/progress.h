/*
 * Progress of long work: a bar on a terminal, plain lines with a time stamp elsewhere, nothing with
 * --quiet; all on stderr. Nothing of it is on the packet path.
 */
#ifndef MVPN_RUN_PROGRESS_H
#define MVPN_RUN_PROGRESS_H

#include <stdbool.h>

/* progress_open chooses the form; progress_close ends a bar that stands. */
void progress_open(bool quiet);
void progress_close(void);

/* progress_step says what goes on now: case, instance, step ("9.1 N=64: step 7 wait 600 s"). On a
 * terminal it replaces the bar's text; elsewhere it is printed at most once a second. */
void progress_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* progress_line says something that stays: a verdict, a maximum, a warning. */
void progress_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
