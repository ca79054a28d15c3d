/*
 * Asking the operator at the terminal: questions on stderr, answers from stdin, a line each. What
 * makes no sense is asked again.
 */
#ifndef MVPN_DUT_MANUAL_ASK_H
#define MVPN_DUT_MANUAL_ASK_H

#include "emul/base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANUAL_LINE_MAX 512u

struct manual_ask {
    int fd;                                   /* where answers come from */
    const volatile sig_atomic_t *interrupted; /* NULL: never */
    char pending[2 * MANUAL_LINE_MAX];
    size_t len;
};

/* Each returns 0, or -1 with *err: ERR_INTERRUPTED, or ERR_TESTBED at the end of the input. */

/* manual_say prints text for the operator, like printf, with a line end. */
void manual_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* manual_enter waits for Enter, whatever stands before it. */
int manual_enter(struct manual_ask *a, const char *question, struct err *err);

/* manual_wait lets the operator wait for so many seconds; nothing is read. */
int manual_wait(struct manual_ask *a, double seconds, struct err *err);

/* manual_line reads one line, blanks at its ends removed; "" is an answer. */
int manual_line(struct manual_ask *a, const char *question, char *out, size_t cap, struct err *err);

/* manual_yes reads yes or no. */
int manual_yes(struct manual_ask *a, const char *question, bool *out, struct err *err);

/* manual_count reads a whole number of at least 0; empty: METRIC_UNKNOWN. */
int manual_count(struct manual_ask *a, const char *question, int64_t *out, struct err *err);

/* manual_real reads a number from 0 to max; empty: -1. */
int manual_real(struct manual_ask *a, const char *question, double max, double *out,
                struct err *err);

#endif
