#include "emul/io/command.h"

#include "emul/base/mem.h"
#include "emul/loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
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
#define LINE_MAX_HERE 400

extern char **environ;

enum state { RUNS, ENDED, TOO_LONG, TOO_MUCH, STOPPED };

struct command {
    const struct command_spec *spec;
    struct command_result out;
    size_t cap; /* of out.text */
    enum state state;
    pid_t pid;                            /* -1: not started */
    int fd_pid, fd_timer, fd_out, fd_err; /* -1: not there, or at its end */
    char line[LINE_MAX_HERE];             /* of standard error, so far */
    size_t line_len;
};

/* ---- standard error -------------------------------------------------------------------------- */

static void line_end(struct command *c)
{
    if (c->line_len == 0)
        return;
    c->line[c->line_len] = '\0';
    (void)snprintf(c->out.last, sizeof(c->out.last), "%.*s", (int)sizeof(c->out.last) - 1, c->line);
    if (c->spec->line != NULL)
        c->spec->line(c->spec->arg, c->line);
    c->line_len = 0;
}

static void take_errors(struct command *c, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' || c->line_len == sizeof(c->line) - 1)
            line_end(c);
        /* A terminal or a log shows it: nothing but printable ASCII gets there. */
        if (text[i] != '\n' && text[i] != '\r')
            c->line[c->line_len++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
}

/* ---- starting -------------------------------------------------------------------------------- */

static int spawn(struct command *c, int in, int out, int errs)
{
    static const int usual[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};
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
    if (c->spec->directory != NULL)
        posix_spawn_file_actions_addchdir_np(&actions, c->spec->directory);
    /* posix_spawn does not write to the strings. */
    int rc = posix_spawnp(&c->pid, c->spec->argv[0], &actions, &attr,
                          (char *const *)(uintptr_t)c->spec->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    if (rc != 0)
        c->pid = -1;
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
static int input_open(const char *input)
{
    int fd = memfd_create("command", MFD_CLOEXEC);
    size_t left = input != NULL ? strlen(input) : 0;
    while (fd >= 0 && left > 0) {
        ssize_t n = write(fd, input, left);
        if (n <= 0) {
            (void)close(fd);
            return -1;
        }
        input += n;
        left -= (size_t)n;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

/* 0, or errno. */
static int start(struct command *c)
{
    int in = input_open(c->spec->input), out[2] = {-1, -1}, errs[2] = {-1, -1}, rc;
    c->fd_timer = timer_open(c->spec->timeout_s);
    if (in >= 0 && c->fd_timer >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(errs, O_CLOEXEC) == 0) {
        (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
        (void)fcntl(errs[0], F_SETFL, O_NONBLOCK);
        c->out.begin_wall_ns = loop_wall_ns();
        rc = spawn(c, in, out[1], errs[1]);
    } else {
        rc = errno;
    }
    c->fd_out = out[0];
    c->fd_err = errs[0];
    int done[] = {in, out[1], errs[1]};
    for (size_t i = 0; i < 3; i++) {
        if (done[i] >= 0)
            (void)close(done[i]);
    }
    if (c->pid >= 0)
        c->fd_pid = (int)syscall(SYS_pidfd_open, c->pid, 0);
    return rc;
}

struct command *command_start(const struct command_spec *spec)
{
    struct command *c = mem_zalloc(1, sizeof(*c));
    *c = (struct command){
        .spec = spec, .pid = -1, .fd_pid = -1, .fd_timer = -1, .fd_out = -1, .fd_err = -1};
    c->out.text = mem_zalloc(1, 1);
    c->out.code = start(c);
    if (c->pid < 0) {
        c->out.end = COMMAND_NOT_STARTED;
        c->state = ENDED;
    }
    return c;
}

/* ---- while it runs --------------------------------------------------------------------------- */

/* Reads what is there, or much of it; closes *fd at its end. */
static void drain(struct command *c, int *fd, bool is_out)
{
    char piece[4096];
    ssize_t n = 1;
    for (int i = 0; i < READS_A_TURN && *fd >= 0 && c->out.len <= c->spec->output_max; i++) {
        n = read(*fd, piece, sizeof(piece));
        if (n <= 0)
            break;
        if (!is_out) {
            take_errors(c, piece, (size_t)n);
            continue;
        }
        size_t need = c->out.len + (size_t)n + 1;
        if (need > c->cap) {
            c->cap = need * 2;
            c->out.text = mem_realloc(c->out.text, c->cap, 1);
        }
        memcpy(c->out.text + c->out.len, piece, (size_t)n);
        c->out.len += (size_t)n;
        c->out.text[c->out.len] = '\0';
    }
    if (*fd >= 0 && (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* Whether the command's own process has ended, and if bad is given, whether badly. It is not
 * reaped: its number stays its own, and with it that of its group. */
static bool has_ended(const struct command *c, bool *bad)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != c->pid)
        return false;
    if (bad != NULL)
        *bad = info.si_code != CLD_EXITED || info.si_status != 0;
    return true;
}

static enum state turn(struct command *c, int wait_ms)
{
    struct pollfd fds[] = {{.fd = c->fd_out, .events = POLLIN},
                           {.fd = c->fd_err, .events = POLLIN},
                           {.fd = c->fd_timer, .events = POLLIN},
                           {.fd = c->fd_pid, .events = POLLIN}};
    int slice = c->fd_pid < 0 && wait_ms > SLICE_BLIND ? SLICE_BLIND : wait_ms;
    (void)poll(fds, 4, slice);
    bool ended = has_ended(c, NULL);
    if (ended)
        c->out.end_wall_ns = loop_wall_ns();
    drain(c, &c->fd_out, true);
    drain(c, &c->fd_err, false);
    if (c->out.len > c->spec->output_max)
        return TOO_MUCH;
    if (ended)
        return ENDED;
    if (c->spec->interrupted != NULL && *c->spec->interrupted != 0)
        return STOPPED;
    return (fds[2].revents & POLLIN) != 0 ? TOO_LONG : RUNS;
}

bool command_step(struct command *c, int wait_ms)
{
    if (c->state == RUNS)
        c->state = turn(c, wait_ms);
    return c->state != RUNS;
}

/* Ends the whole group, politely first. */
static void end_group(const struct command *c)
{
    (void)kill(-c->pid, SIGTERM);
    for (int i = 0; i < GRACE_STEPS && !has_ended(c, NULL); i++)
        (void)poll(NULL, 0, SLICE_BLIND);
    (void)kill(-c->pid, SIGKILL);
}

static int reap(const struct command *c)
{
    int status = 0;
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void judge(struct command *c, int status)
{
    static const enum command_end ends[] = {[TOO_LONG] = COMMAND_TOO_LONG,
                                            [TOO_MUCH] = COMMAND_TOO_MUCH,
                                            [STOPPED] = COMMAND_INTERRUPTED,
                                            [RUNS] = COMMAND_INTERRUPTED};
    if (c->state != ENDED) {
        c->out.end = ends[c->state];
    } else if (WIFSIGNALED(status)) {
        c->out.end = COMMAND_SIGNALLED;
        c->out.code = WTERMSIG(status);
    } else {
        c->out.end = WEXITSTATUS(status) == 0 ? COMMAND_DONE : COMMAND_FAILED;
        c->out.code = WEXITSTATUS(status);
    }
}

void command_finish(struct command *c, struct command_result *out)
{
    if (c->pid >= 0) {
        bool bad = false;
        (void)has_ended(c, &bad);
        if (c->state != ENDED || bad) /* a command that failed leaves nothing running */
            end_group(c);
        int status = reap(c);
        line_end(c);
        judge(c, status);
    }
    int open[] = {c->fd_pid, c->fd_timer, c->fd_out, c->fd_err};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        if (open[i] >= 0)
            (void)close(open[i]);
    }
    *out = c->out;
    free(c);
}

void command_run(const struct command_spec *spec, struct command_result *out)
{
    struct command *c = command_start(spec);
    while (!command_step(c, SLICE_MS))
        continue;
    command_finish(c, out);
}

const char *command_why(const struct command_spec *spec, const struct command_result *r,
                        char buf[COMMAND_WHY_MAX])
{
    const size_t room = COMMAND_WHY_MAX;
    switch (r->end) {
    case COMMAND_DONE:
        return "ended well";
    case COMMAND_NOT_STARTED:
        (void)snprintf(buf, room, "cannot be started in %.160s: %s",
                       spec->directory != NULL ? spec->directory : ".", strerror(r->code));
        break;
    case COMMAND_TOO_LONG:
        (void)snprintf(buf, room, "did not end within %g s", spec->timeout_s);
        break;
    case COMMAND_TOO_MUCH:
        (void)snprintf(buf, room, "printed more than %zu bytes", spec->output_max);
        break;
    case COMMAND_INTERRUPTED:
        return "was interrupted";
    case COMMAND_SIGNALLED:
        (void)snprintf(buf, room, "died of signal %d (%s)", r->code, strsignal(r->code));
        break;
    case COMMAND_FAILED:
        (void)snprintf(buf, room, "failed with exit code %d", r->code);
        break;
    }
    return buf;
}

void command_result_free(struct command_result *r)
{
    free(r->text);
    r->text = NULL;
}
