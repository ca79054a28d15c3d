/*
 * Running one hook: `sh -c COMMAND` as emul/io/command.h does it, JSON on its stdin, what it prints
 * on stdout as the answer, lines on stderr into the log.
 */
#ifndef MVPN_DUT_HOOK_RUN_H
#define MVPN_DUT_HOOK_RUN_H

#include "emul/base/err.h"

#include <jansson.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_OUTPUT_MAX 1048576 /* bytes of an answer */

struct hook_command {
    const char *name; /* "metric", "stimulus p-link-flap" */
    const char *command;
    const char *where;     /* FILE:LINE:COL in the profile */
    const char *directory; /* where it runs */
    double timeout_s;
    const volatile sig_atomic_t *interrupted; /* NULL: nothing stops it but the time-out */
};

struct hook_output {
    char *text; /* stdout, NUL terminated, also when it holds NULs; hook_output_free frees it */
    size_t len;
    char last[160];                     /* last line of stderr, printable; "" if none */
    int64_t begin_wall_ns, end_wall_ns; /* around the call */
};

/*
 * hook_run runs the command; 0 when it ended with exit code 0. Else -1 with *err, one line that
 * names place and hook: ERR_TESTBED, or ERR_INTERRUPTED. *out must be freed in either case.
 */
int hook_run(const struct hook_command *c, const json_t *input, struct hook_output *out,
             struct err *err);
void hook_output_free(struct hook_output *out);

/* hook_fail fills *err with "WHERE: hook NAME: WHAT" and hook_run's hint; returns -1. */
int hook_fail(const struct hook_command *c, const struct hook_output *out, struct err *err,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
