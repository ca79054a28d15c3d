/*
 * Running somebody's command: in a process group of its own, with its input as a file, its standard
 * output kept up to a bound, its standard error line by line. Whatever it does it ends: within its
 * time-out, or when it is interrupted, and then the whole group is ended with it. Children that a
 * command which ended well leaves behind stay (daemons of a lab); they need not close its output.
 *
 * command_run waits for the end. Who has other things to do starts with command_start, calls
 * command_step now and then until it says that the command has ended, and takes what became of it
 * with command_finish.
 */
#ifndef MVPN_IO_COMMAND_H
#define MVPN_IO_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* command_line_fn gets each line of standard error, printable ASCII, without its end. */
typedef void command_line_fn(void *arg, const char *line);

/* What is run; everything is borrowed until command_finish. */
struct command_spec {
    const char *const *argv; /* found through PATH; ends with NULL */
    const char *input;       /* on its standard input; NULL: nothing */
    const char *directory;   /* where it runs; NULL: here */
    double timeout_s;
    size_t output_max;                        /* bytes of standard output */
    const volatile sig_atomic_t *interrupted; /* NULL: nothing but the time-out stops it */
    command_line_fn *line;                    /* NULL: nobody reads them */
    void *arg;
};

enum command_end {
    COMMAND_DONE, /* exit code 0 */
    COMMAND_NOT_STARTED,
    COMMAND_TOO_LONG,
    COMMAND_TOO_MUCH,
    COMMAND_INTERRUPTED,
    COMMAND_SIGNALLED,
    COMMAND_FAILED, /* another exit code */
};

struct command_result {
    enum command_end end;
    int code;   /* errno, signal or exit code, as end says */
    char *text; /* standard output, NUL terminated, also when it holds NULs; command_result_free */
    size_t len;
    char last[160];                     /* last line of standard error; "" if none */
    int64_t begin_wall_ns, end_wall_ns; /* around the call */
};

/* command_run runs it to its end and fills in *out, to be freed with command_result_free. */
void command_run(const struct command_spec *spec, struct command_result *out);
void command_result_free(struct command_result *r);

/* command_why says what went wrong, "failed with exit code 7", into buf and returns it. */
#define COMMAND_WHY_MAX 256
const char *command_why(const struct command_spec *spec, const struct command_result *r,
                        char buf[COMMAND_WHY_MAX]);

struct command;

/* command_start starts it; never NULL: one that could not be started has ended. */
struct command *command_start(const struct command_spec *spec);

/* command_step waits at most wait_ms for something to happen; true when the command has ended or
 * has to be ended. */
bool command_step(struct command *c, int wait_ms);

/* command_finish ends it if it still runs, frees c and fills in *out as command_run does. */
void command_finish(struct command *c, struct command_result *out);

#endif
