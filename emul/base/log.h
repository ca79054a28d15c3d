/*
 * Logging: one line an event: time of the loop, level, subsystem, text. The level says whose fault
 * it is: LOG_PEER the other side sent something odd (rate limited), LOG_WARN we met trouble,
 * LOG_BUG we are wrong. Nothing below this room decides where lines go: the harness sets the sink.
 * Not thread safe beyond single lines; decoders never log (DESIGN A.2 rule 3).
 */
#ifndef MVPN_BASE_LOG_H
#define MVPN_BASE_LOG_H

#include "emul/base/instant.h"

#include <stdio.h>

enum log_level { LOG_BUG, LOG_WARN, LOG_PEER, LOG_INFO, LOG_DEBUG };

const char *log_level_name(enum log_level level);

/* log_open sends lines of level and below to f (borrowed; NULL: nowhere, the state at start). */
void log_open(FILE *f, enum log_level level);

/* log_enabled tells whether a line of this level would be written: ask before costly formatting. */
bool log_enabled(enum log_level level);

/* log_line writes one line; at is the loop's time, subsystem a short word ("pim", "io"). */
void log_line(enum log_level level, struct instant at, const char *subsystem, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

#endif
