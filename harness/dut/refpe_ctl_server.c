/* The reference PE's end of the control socket, on its loop. */
#include "harness/dut/refpe_ctl.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX 16384

struct refpe_ctl_server {
    struct loop *loop;
    struct refpe *pe;
    char *path;
    int listen_fd, client_fd;
    char line[REQUEST_MAX];
    size_t used;
};

typedef json_t *request_fn(struct refpe *pe, const json_t *request);

static json_t *ok(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *error(const char *text)
{
    return json_pack("{s:s}", "error", text);
}

static json_t *do_configure(struct refpe *pe, const json_t *request)
{
    struct instance_spec spec;
    struct err err = {0};
    if (!refpe_ctl_spec_read(json_object_get(request, "spec"), &spec))
        return error("this is no instance");
    return refpe_ctl_configure(pe, &spec, &err) == 0 ? ok() : error(err.text);
}

static json_t *do_unconfigure(struct refpe *pe, const json_t *request)
{
    (void)request;
    refpe_down(pe);
    return ok();
}

static json_t *do_neighbours(struct refpe *pe, const json_t *request)
{
    (void)request;
    struct neighbour_count n;
    refpe_neighbours(pe, &n);
    return json_pack("{s:b, s:I, s:I}", "ok", 1, "c_interface", (json_int_t)n.c_interface,
                     "mi_pmsi", (json_int_t)n.mi_pmsi);
}

static json_t *do_window_begin(struct refpe *pe, const json_t *request)
{
    (void)request;
    refpe_usage_begin(pe);
    return ok();
}

static json_t *do_view(struct refpe *pe, const json_t *request)
{
    (void)request;
    struct dut_view *view = mem_zalloc(1, sizeof(*view));
    refpe_ctl_view(pe, view);
    json_t *answer = refpe_ctl_view_json(view);
    json_object_set_new(answer, "ok", json_true());
    free(view);
    return answer;
}

static json_t *do_stimulus(struct refpe *pe, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "stimulus"));
    enum stimulus s = name == NULL ? STIM_COUNT : stimulus_by_name(name);
    struct err err = {0};
    if (s == STIM_COUNT)
        return error("this is no stimulus");
    bool recovery_action = json_is_true(json_object_get(request, "recovery_action"));
    return refpe_ctl_stimulus(pe, s, recovery_action, &err) == 0 ? ok() : error(err.text);
}

static json_t *do_health(struct refpe *pe, const json_t *request)
{
    (void)request;
    return refpe_healthy(pe) ? ok() : error("something is down or recovering");
}

static const struct {
    const char *name;
    request_fn *fn;
} requests[] = {
    {"configure", do_configure},
    {"unconfigure", do_unconfigure},
    {"neighbours", do_neighbours},
    {"window_begin", do_window_begin},
    {"view", do_view},
    {"stimulus", do_stimulus},
    {"health", do_health},
};

static json_t *answer_to(struct refpe *pe, const char *line, size_t len)
{
    json_error_t why;
    json_t *request = json_loadb(line, len, 0, &why);
    const char *name = json_string_value(json_object_get(request, "do"));
    json_t *answer = NULL;
    for (size_t i = 0; name != NULL && i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (strcmp(requests[i].name, name) == 0)
            answer = requests[i].fn(pe, request);
    }
    json_decref(request);
    return answer != NULL ? answer : error("no such request");
}

static bool send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static bool serve_line(struct refpe_ctl_server *s, size_t len)
{
    json_t *answer = answer_to(s->pe, s->line, len);
    char *text = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    bool sent = text != NULL && send_all(s->client_fd, text, strlen(text)) &&
                send_all(s->client_fd, "\n", 1);
    free(text);
    return sent;
}

static void client_gone(struct refpe_ctl_server *s)
{
    loop_fd_del(s->loop, s->client_fd);
    (void)close(s->client_fd);
    s->client_fd = -1;
    loop_stop(s->loop);
}

static void client_ready(void *arg, uint32_t events)
{
    (void)events;
    struct refpe_ctl_server *s = arg;
    ssize_t n = recv(s->client_fd, s->line + s->used, sizeof(s->line) - s->used, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        client_gone(s);
        return;
    }
    s->used += (size_t)n;
    char *end;
    while ((end = memchr(s->line, '\n', s->used)) != NULL) {
        size_t len = (size_t)(end - s->line);
        if (!serve_line(s, len)) {
            client_gone(s);
            return;
        }
        s->used -= len + 1;
        memmove(s->line, end + 1, s->used);
    }
    if (s->used == sizeof(s->line)) /* no request is that long */
        client_gone(s);
}

static void client_comes(void *arg, uint32_t events)
{
    (void)events;
    struct refpe_ctl_server *s = arg;
    int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (s->client_fd >= 0 || loop_fd_add(s->loop, fd, EPOLLIN, client_ready, s) != 0) {
        (void)close(fd);
        return;
    }
    s->client_fd = fd;
}

static bool address_of(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(out->sun_path))
        return false;
    (void)strcpy(out->sun_path, path);
    return true;
}

struct refpe_ctl_server *refpe_ctl_listen(struct loop *loop, struct refpe *pe, const char *path,
                                          struct err *err)
{
    struct sockaddr_un addr;
    if (!address_of(path, &addr)) {
        err_set(err, ERR_USE, "--control %s: the path is too long for a local socket", path);
        return NULL;
    }
    struct refpe_ctl_server *s = mem_zalloc(1, sizeof(*s));
    *s = (struct refpe_ctl_server){
        .loop = loop, .pe = pe, .path = mem_strdup(path), .client_fd = -1};
    (void)unlink(path);
    s->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->listen_fd < 0 || bind(s->listen_fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        listen(s->listen_fd, 1) != 0 ||
        loop_fd_add(loop, s->listen_fd, EPOLLIN, client_comes, s) != 0) {
        err_set(err, ERR_TESTBED, "--control %s: %s", path, strerror(errno));
        refpe_ctl_server_free(s);
        return NULL;
    }
    return s;
}

bool refpe_ctl_has_client(const struct refpe_ctl_server *s)
{
    return s->client_fd >= 0;
}

void refpe_ctl_server_free(struct refpe_ctl_server *s)
{
    if (s == NULL)
        return;
    if (s->client_fd >= 0) {
        loop_fd_del(s->loop, s->client_fd);
        (void)close(s->client_fd);
    }
    if (s->listen_fd >= 0) {
        loop_fd_del(s->loop, s->listen_fd);
        (void)close(s->listen_fd);
        (void)unlink(s->path);
    }
    free(s->path);
    free(s);
}
