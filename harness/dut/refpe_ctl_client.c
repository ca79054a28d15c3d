/* The driver's end of the control socket. */
#include "harness/dut/refpe_ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_LIMIT_S 30
#define ANSWER_MAX     16384

int refpe_ctl_connect(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(addr.sun_path))
        return -1;
    (void)strcpy(addr.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct timeval limit = {.tv_sec = ANSWER_LIMIT_S};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
        connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool send_line(int fd, json_t *request)
{
    char *text = json_dumps(request, JSON_COMPACT);
    if (text == NULL)
        return false;
    size_t len = strlen(text), done = 0;
    text[len++] = '\n'; /* in the place of the NUL */
    while (done < len) {
        ssize_t n = send(fd, text + done, len - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    free(text);
    return done == len;
}

static json_t *receive_line(int fd)
{
    char line[ANSWER_MAX];
    size_t used = 0;
    while (used < sizeof(line)) {
        ssize_t n = recv(fd, line + used, sizeof(line) - used, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return NULL;
        used += (size_t)n;
        if (line[used - 1] == '\n') {
            json_error_t why;
            return json_loadb(line, used, 0, &why);
        }
    }
    return NULL;
}

json_t *refpe_ctl_ask(int fd, json_t *request, struct err *err)
{
    json_t *answer = send_line(fd, request) ? receive_line(fd) : NULL;
    json_decref(request);
    const char *error = json_string_value(json_object_get(answer, "error"));
    if (answer == NULL) {
        err_set(err, ERR_TESTBED, "reference PE: its process does not answer any more");
        return NULL;
    }
    if (error != NULL) {
        err_set(err, ERR_TESTBED, "reference PE: %s", error);
        json_decref(answer);
        return NULL;
    }
    return answer;
}
