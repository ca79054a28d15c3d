#include "emul/io/spawn.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Files in memory instead of pipes: neither side can block on the other. */
static int memory_file(const char *content)
{
    int fd = memfd_create("spawn", MFD_CLOEXEC);
    size_t left = content != NULL ? strlen(content) : 0;
    while (fd >= 0 && left > 0) {
        ssize_t n = write(fd, content, left);
        if (n <= 0) {
            (void)close(fd);
            return -1;
        }
        content += n;
        left -= (size_t)n;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static int start(pid_t *pid, const char *const argv[], int in, int out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, stops;
    sigemptyset(&none);
    sigemptyset(&stops);
    sigaddset(&stops, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &stops);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                        POSIX_SPAWN_SETPGROUP);
    int error = posix_spawnp(pid, argv[0], &files, &attr, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

static int wait_exit(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void first_line(int out, char *line, size_t room)
{
    ssize_t n = pread(out, line, room - 1, 0);
    line[n > 0 ? n : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
}

int spawn_wait(const char *const argv[], const char *input, struct err *err)
{
    int result = -1;
    int in = memory_file(input);
    int out = memory_file(NULL);
    if (in < 0 || out < 0) {
        err_set(err, ERR_TESTBED, "%s: %s", argv[0], strerror(errno));
    } else {
        pid_t pid;
        int error = start(&pid, argv, in, out);
        char line[512];
        if (error != 0) {
            err_set(err, ERR_TESTBED, "cannot run %s: %s", argv[0], strerror(error));
        } else if (wait_exit(pid) == 0) {
            result = 0;
        } else {
            first_line(out, line, sizeof(line));
            err_set(err, ERR_TESTBED, "%s: %s", argv[0], line[0] != '\0' ? line : "failed");
        }
    }
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    return result;
}
