/* Finding a running program, and asking it. */
#include "emul/base/mem.h"
#include "harness/cli/control.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME       "mvpnbench-"
#define SUFFIX     ".ctl"
#define ANSWER_MAX (64u << 20)

static const char *directory(void)
{
    const char *dir = getenv("XDG_RUNTIME_DIR");
    if (dir == NULL || dir[0] != '/' || access(dir, W_OK) != 0)
        dir = getenv("TMPDIR");
    return dir == NULL || dir[0] != '/' ? P_tmpdir : dir;
}

static bool path_of(char out[CONTROL_PATH_MAX], long pid)
{
    int n = snprintf(out, CONTROL_PATH_MAX, "%s/" NAME "%lu-%ld" SUFFIX, directory(),
                     (unsigned long)getuid(), pid);
    return n > 0 && n < CONTROL_PATH_MAX;
}

void control_default_path(char out[CONTROL_PATH_MAX])
{
    /* A directory whose name is too long for a socket: the one that everybody has. */
    if (!path_of(out, (long)getpid()))
        (void)snprintf(out, CONTROL_PATH_MAX, P_tmpdir "/" NAME "%lu-%ld" SUFFIX,
                       (unsigned long)getuid(), (long)getpid());
}

/* next_pid reads the directory on to the next socket of this user; 0: no more. */
static long next_pid(DIR *dir)
{
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        unsigned long uid;
        long pid;
        int end = 0;
        if (sscanf(e->d_name, NAME "%lu-%ld" SUFFIX "%n", &uid, &pid, &end) == 2 && end > 0 &&
            e->d_name[end] == '\0' && uid == getuid() && pid > 0)
            return pid;
    }
    return 0;
}

void control_sweep(void)
{
    DIR *dir = opendir(directory());
    char path[CONTROL_PATH_MAX];
    long pid;
    while ((pid = next_pid(dir)) != 0) {
        if (kill((pid_t)pid, 0) != 0 && errno == ESRCH && path_of(path, pid))
            (void)unlink(path);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

size_t control_find(char out[CONTROL_PATH_MAX])
{
    DIR *dir = opendir(directory());
    char path[CONTROL_PATH_MAX];
    size_t count = 0;
    long pid;
    while ((pid = next_pid(dir)) != 0) {
        struct err ignored = {0};
        int fd = path_of(path, pid) ? control_connect(path, &ignored) : -1;
        if (fd < 0)
            continue;
        (void)close(fd);
        if (count++ == 0)
            memcpy(out, path, sizeof(path));
    }
    if (dir != NULL)
        (void)closedir(dir);
    return count;
}

int control_connect(const char *path, struct err *err)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(addr.sun_path)) {
        err_set(err, ERR_USE, "%.120s: too long for a local socket", path);
        return -1;
    }
    (void)strcpy(addr.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
        return fd;
    err_set(err, ERR_TESTBED, "nobody listens at %s: %s; start the program, or leave --socket out",
            path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static int send_line(int fd, const char *line)
{
    char *text = mem_printf("%s\n", line);
    size_t len = strlen(text), done = 0;
    while (done < len) {
        ssize_t n = send(fd, text + done, len - done, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    free(text);
    return done == len ? 0 : -1;
}

/* Reads to the end of one line; NULL if the other side ended before. */
static char *read_line(int fd)
{
    size_t cap = 65536, used = 0;
    char *text = mem_zalloc(cap, 1);
    while (used == 0 || text[used - 1] != '\n') {
        if (used + 1 == cap) {
            cap *= 2;
            text = mem_realloc(text, cap, 1);
        }
        ssize_t n = recv(fd, text + used, cap - used - 1, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || used + (size_t)n > ANSWER_MAX) {
            free(text);
            return NULL;
        }
        used += (size_t)n;
    }
    text[used - 1] = '\0';
    return text;
}

json_t *control_ask(int fd, const char *line, struct err *err)
{
    char *text = send_line(fd, line) == 0 ? read_line(fd) : NULL;
    json_error_t why;
    json_t *answer = text == NULL ? NULL : json_loads(text, 0, &why);
    if (text == NULL)
        err_set(err, ERR_TESTBED, "the program ended before it answered");
    else if (!json_is_object(answer))
        err_set(err, ERR_TESTBED, "the program answered what is no JSON object");
    free(text);
    if (json_is_object(answer))
        return answer;
    json_decref(answer);
    return NULL;
}
