#include "harness/dut/frr_jobs.h"

#include "emul/base/mem.h"
#include "emul/io/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARALLEL_MAX 16

extern char **environ;

int frr_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
              char *const *argv)
{
    posix_spawnattr_t attr;
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    int rc = posix_spawn(pid, path, actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    return rc;
}

static int spawn(struct frr_job *job)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, job->fd_out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, job->fd_err, STDERR_FILENO);
    int rc = frr_spawn(&job->pid, job->argv[0], &actions, (char *const *)job->argv);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int job_start(struct frr_job *job, struct err *err)
{
    job->fd_out = memfd_create("stdout", MFD_CLOEXEC);
    job->fd_err = memfd_create("stderr", MFD_CLOEXEC);
    job->fd_pid = -1;
    job->pid = -1;
    int old = -1;
    if (job->netns != NULL && (old = netns_enter(job->netns, err)) < 0)
        return -1;
    int rc = spawn(job);
    if (old >= 0)
        netns_leave(old);
    if (rc != 0) {
        job->pid = -1;
        err_set(err, ERR_TESTBED, "FRR PE: cannot run %s: %s", job->argv[0], strerror(rc));
        return -1;
    }
    job->fd_pid = (int)syscall(SYS_pidfd_open, job->pid, 0);
    return 0;
}

static char *slurp(int fd)
{
    off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    size_t size = end > 0 ? (size_t)end : 0;
    char *text = mem_zalloc(size + 1, 1);
    ssize_t n = size > 0 ? pread(fd, text, size, 0) : 0;
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

static void job_end(struct frr_job *job)
{
    int status = 0;
    if (job->pid > 0) {
        while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
            ;
        job->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else {
        job->status = 127;
    }
    if (job->fd_pid >= 0)
        close(job->fd_pid);
    job->out = slurp(job->fd_out);
    job->errors = slurp(job->fd_err);
}

/* Waits until one of the running jobs has ended, and ends it; on time-out kills the first. */
static size_t wait_one(struct frr_job **running, size_t count, int timeout_ms)
{
    struct pollfd fds[PARALLEL_MAX];
    if (running[0]->fd_pid < 0) { /* no such system call here: simply wait for it */
        job_end(running[0]);
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = running[i]->fd_pid, .events = POLLIN};
    int n;
    while ((n = poll(fds, (nfds_t)count, timeout_ms)) < 0 && errno == EINTR)
        ;
    size_t which = 0;
    if (n == 0)
        kill(running[0]->pid, SIGKILL);
    while (n > 0 && which + 1 < count && (fds[which].revents & POLLIN) == 0)
        which++;
    job_end(running[which]);
    return which;
}

static void tell_failure(const struct frr_job *job, struct err *err)
{
    const char *said = job->errors[0] != '\0' ? job->errors : job->out;
    int len = (int)strcspn(said, "\n");
    err_set(err, ERR_TESTBED, "FRR PE: %s in %s ended with code %d: %.*s", job->argv[0],
            job->netns != NULL ? job->netns : job->argv[2], job->status, len > 200 ? 200 : len,
            said);
}

int frr_jobs_run(struct frr_job *jobs, size_t count, unsigned parallel, int timeout_ms,
                 struct err *err)
{
    struct frr_job *running[PARALLEL_MAX];
    size_t now = 0, next = 0;
    int result = 0;
    size_t limit = parallel < PARALLEL_MAX ? parallel : PARALLEL_MAX;
    while (next < count || now > 0) {
        if (next < count && now < limit) {
            if (job_start(&jobs[next], err) == 0)
                running[now++] = &jobs[next];
            else
                job_end(&jobs[next]);
            next++;
            continue;
        }
        size_t which = wait_one(running, now, timeout_ms);
        running[which] = running[--now];
    }
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].status == 0)
            continue;
        tell_failure(&jobs[i], err);
        result = -1;
    }
    return result;
}

void frr_jobs_free(struct frr_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(jobs[i].out);
        free(jobs[i].errors);
        jobs[i].out = jobs[i].errors = NULL;
    }
}
