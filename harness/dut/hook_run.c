#include "harness/dut/hook_run.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLICE_MS      200 /* an interruption is noticed within it */
#define SLICE_BLIND   10  /* the same where the kernel cannot tell that a process has ended */
#define GRACE_STEPS   50  /* of SLICE_BLIND, from SIGTERM to SIGKILL */
#define READS_A_TURN  32  /* more than a pipe holds, and yet an end where it is filled for ever */
#define LOG_BYTES_MAX 65536u
#define LINE_MAX_HERE 400

extern char **environ;

struct running {
    const struct hook_command *c;
    struct hook_output *out;
    size_t cap;
    pid_t pid;
    int fd_pid, fd_timer, fd_out, fd_err; /* -1: not there, or at its end */
    size_t logged;
    char line[LINE_MAX_HERE]; /* of stderr, so far */
    size_t line_len;
};

int hook_fail(const struct hook_command *c, const struct hook_output *out, struct err *err,
              const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    bool said = out != NULL && out->last[0] != '\0';
    err_set(err, ERR_TESTBED,
            "%s: hook %s: %s%s%s%s; put the command right (run it by hand with the instance's JSON "
            "on its stdin)",
            c->where, c->name, what, said ? " (its last line on stderr: " : "",
            said ? out->last : "", said ? ")" : "");
    return -1;
}

/* ---- stderr ---------------------------------------------------------------------------------- */

static void line_end(struct running *r)
{
    if (r->line_len == 0)
        return;
    r->line[r->line_len] = '\0';
    (void)snprintf(r->out->last, sizeof(r->out->last), "%.*s", (int)sizeof(r->out->last) - 1,
                   r->line);
    if (r->logged < LOG_BYTES_MAX)
        log_line(LOG_INFO, (struct instant){0}, "hook", "%s: %s", r->c->name, r->line);
    r->logged += r->line_len;
    r->line_len = 0;
}

static void take_stderr(struct running *r, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' || r->line_len == sizeof(r->line) - 1)
            line_end(r);
        /* A terminal or a log shows it: nothing but printable ASCII gets there. */
        if (text[i] != '\n' && text[i] != '\r')
            r->line[r->line_len++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
}

/* ---- starting -------------------------------------------------------------------------------- */

static int spawn(struct running *r, int in, int out, int errs)
{
    static const int usual[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};
    char *argv[] = {mem_strdup("sh"), mem_strdup("-c"), mem_strdup(r->c->command), NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        sigaddset(&defaults, usual[i]);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errs, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, r->c->directory);
    int rc = posix_spawn(&r->pid, "/bin/sh", &actions, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
    if (rc != 0)
        r->pid = -1;
    return rc;
}

static int timer_open(double seconds)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct itimerspec at = {.it_value.tv_sec = (time_t)seconds};
    at.it_value.tv_nsec = (long)((seconds - (double)at.it_value.tv_sec) * 1e9);
    if (at.it_value.tv_sec == 0 && at.it_value.tv_nsec == 0)
        at.it_value.tv_nsec = 1;
    if (fd >= 0 && timerfd_settime(fd, 0, &at, NULL) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* The input as a file: a command that does not read it, or not to its end, harms nobody. */
static int input_open(const json_t *input)
{
    int fd = memfd_create("hook", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    if (json_dumpfd(input, fd, JSON_COMPACT) == 0 && write(fd, "\n", 1) == 1 &&
        lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static int start(struct running *r, const json_t *input, struct err *err)
{
    int in = input_open(input), out[2] = {-1, -1}, errs[2] = {-1, -1}, rc = errno;
    r->fd_timer = timer_open(r->c->timeout_s);
    if (in >= 0 && r->fd_timer >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(errs, O_CLOEXEC) == 0) {
        (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
        (void)fcntl(errs[0], F_SETFL, O_NONBLOCK);
        r->out->begin_wall_ns = loop_wall_ns();
        rc = spawn(r, in, out[1], errs[1]);
    } else {
        rc = errno;
    }
    r->fd_out = out[0];
    r->fd_err = errs[0];
    int done[] = {in, out[1], errs[1]};
    for (size_t i = 0; i < 3; i++) {
        if (done[i] >= 0)
            (void)close(done[i]);
    }
    if (r->pid < 0)
        return hook_fail(r->c, NULL, err, "cannot be started in %.200s: %s", r->c->directory,
                         strerror(rc));
    r->fd_pid = (int)syscall(SYS_pidfd_open, r->pid, 0);
    return 0;
}

/* ---- while it runs --------------------------------------------------------------------------- */

/* Reads what is there, or much of it; closes *fd at its end. */
static void drain(struct running *r, int *fd, bool is_out)
{
    char piece[4096];
    ssize_t n = 1;
    for (int i = 0; i < READS_A_TURN && *fd >= 0 && r->out->len <= HOOK_OUTPUT_MAX; i++) {
        n = read(*fd, piece, sizeof(piece));
        if (n <= 0)
            break;
        if (!is_out) {
            take_stderr(r, piece, (size_t)n);
            continue;
        }
        size_t need = r->out->len + (size_t)n + 1;
        if (need > r->cap) {
            r->cap = need * 2;
            r->out->text = mem_realloc(r->out->text, r->cap, 1);
        }
        memcpy(r->out->text + r->out->len, piece, (size_t)n);
        r->out->len += (size_t)n;
        r->out->text[r->out->len] = '\0';
    }
    if (*fd >= 0 && (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* Whether the command's own process has ended, and if bad is given, whether badly. It is not
 * reaped: its number stays its own, and with it that of its group. */
static bool has_ended(const struct running *r, bool *bad)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != r->pid)
        return false;
    if (bad != NULL)
        *bad = info.si_code != CLD_EXITED || info.si_status != 0;
    return true;
}

/* What becomes of a command that is waited for. */
enum outcome { RUNS, ENDED, TOO_LONG, TOO_MUCH, STOPPED };

static enum outcome turn(struct running *r)
{
    struct pollfd fds[] = {{.fd = r->fd_out, .events = POLLIN},
                           {.fd = r->fd_err, .events = POLLIN},
                           {.fd = r->fd_timer, .events = POLLIN},
                           {.fd = r->fd_pid, .events = POLLIN}};
    (void)poll(fds, 4, r->fd_pid < 0 ? SLICE_BLIND : SLICE_MS);
    bool ended = has_ended(r, NULL);
    if (ended)
        r->out->end_wall_ns = loop_wall_ns();
    drain(r, &r->fd_out, true);
    drain(r, &r->fd_err, false);
    if (r->out->len > HOOK_OUTPUT_MAX)
        return TOO_MUCH;
    if (ended)
        return ENDED;
    if (r->c->interrupted != NULL && *r->c->interrupted != 0)
        return STOPPED;
    return (fds[2].revents & POLLIN) != 0 ? TOO_LONG : RUNS;
}

/* Ends the whole group, politely first. */
static void end_group(const struct running *r)
{
    (void)kill(-r->pid, SIGTERM);
    for (int i = 0; i < GRACE_STEPS && !has_ended(r, NULL); i++)
        (void)poll(NULL, 0, SLICE_BLIND);
    (void)kill(-r->pid, SIGKILL);
}

static int reap(const struct running *r)
{
    int status = 0;
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int judge(const struct running *r, enum outcome o, int status, struct err *err)
{
    const struct hook_command *c = r->c;
    if (o == STOPPED) {
        err_set(err, ERR_INTERRUPTED, "interrupted while the hook %s was running", c->name);
        return -1;
    }
    if (o == TOO_LONG)
        return hook_fail(c, r->out, err, "did not end within %g s", c->timeout_s);
    if (o == TOO_MUCH)
        return hook_fail(c, r->out, err, "printed more than %u bytes", HOOK_OUTPUT_MAX);
    if (WIFSIGNALED(status))
        return hook_fail(c, r->out, err, "died of signal %d (%s)", WTERMSIG(status),
                         strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return hook_fail(c, r->out, err, "failed with exit code %d", WEXITSTATUS(status));
    return 0;
}

int hook_run(const struct hook_command *c, const json_t *input, struct hook_output *out,
             struct err *err)
{
    struct running r = {
        .c = c, .out = out, .pid = -1, .fd_pid = -1, .fd_timer = -1, .fd_out = -1, .fd_err = -1};
    *out = (struct hook_output){.text = mem_zalloc(1, 1)};
    int rc = start(&r, input, err);
    if (rc == 0) {
        enum outcome o = RUNS;
        while (o == RUNS)
            o = turn(&r);
        bool bad = false;
        (void)has_ended(&r, &bad);
        if (o != ENDED || bad) /* a command that failed leaves nothing running */
            end_group(&r);
        int status = reap(&r);
        line_end(&r);
        rc = judge(&r, o, status, err);
    }
    int open[] = {r.fd_pid, r.fd_timer, r.fd_out, r.fd_err};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        if (open[i] >= 0)
            (void)close(open[i]);
    }
    return rc;
}

void hook_output_free(struct hook_output *out)
{
    free(out->text);
    out->text = NULL;
}
