/*
 * Runs short programs side by side, a few at a time, each in its own namespace if asked, and keeps
 * what they print. The thread that calls is the one that changes namespace for a moment.
 */
#ifndef MVPN_DUT_FRR_JOBS_H
#define MVPN_DUT_FRR_JOBS_H

#include "emul/base/err.h"

#include <spawn.h>
#include <stddef.h>
#include <sys/types.h>

#define FRR_JOB_ARGS 24

struct frr_job {
    const char *netns; /* NULL: our own */
    const char *argv[FRR_JOB_ARGS];
    /* Filled in by frr_jobs_run: */
    char *out;    /* what it wrote to stdout, NUL terminated; frr_jobs_free frees it */
    char *errors; /* and to stderr */
    int status;   /* exit code, or 128 + signal */
    pid_t pid;
    int fd_out, fd_err, fd_pid;
};

/*
 * frr_jobs_run runs all jobs, at most parallel at a time, and returns 0 when all of them ended
 * with exit code 0; else -1 with *err: the first that failed and the first line of what it said.
 * A job that takes longer than timeout_ms is killed.
 */
int frr_jobs_run(struct frr_job *jobs, size_t count, unsigned parallel, int timeout_ms,
                 struct err *err);
void frr_jobs_free(struct frr_job *jobs, size_t count);

/*
 * frr_spawn starts a program in a process group of its own (Ctrl-C at the terminal is for us, we
 * end our programs in order) and with no signal blocked. Returns 0 or an error number.
 */
int frr_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
              char *const *argv);

#endif
