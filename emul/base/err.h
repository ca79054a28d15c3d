/*
 * One error, as one line for the user. Functions that can fail take a struct err * (may be NULL)
 * and return -1, false or NULL after filling it in; the caller that prints it owns the wording
 * around it ("mvpnbench: ..."). The code maps to the exit codes of the command (cli/exit.h).
 */
#ifndef MVPN_BASE_ERR_H
#define MVPN_BASE_ERR_H

enum err_code {
    ERR_NONE = 0,
    ERR_REQUIREMENT = 1, /* a comparison or a requirement failed */
    ERR_USE = 2,         /* wrong use or wrong configuration */
    ERR_TESTBED = 3,     /* testbed or DUT failure */
    ERR_INTERRUPTED = 4, /* interrupted, resumable */
};

struct err {
    enum err_code code;
    char text[1024];
};

/* err_set fills *e (if not NULL) like printf; the first error wins, later ones are dropped. */
void err_set(struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* err_prefix puts "format: " before the text of an error that is set. */
void err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* fatal prints one line to stderr and ends the process; for out of memory at start-up and bugs. */
void fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
