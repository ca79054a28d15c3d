/* The server: clients of a local socket on the program's loop. */
#include "harness/cli/control.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
    struct control_call call; /* first: the call that is under way is found from it */
    struct control *server;   /* NULL: the server is gone, a call is still under way */
    int fd;                   /* -1: the client is gone, likewise */
    bool busy, ended, drop;   /* a call is under way; it sends no more; to be closed */
    uint64_t spoke;           /* order of its newest line */
    char line[CONTROL_LINE_MAX];
    size_t used;
    char *out; /* answer that is being sent */
    size_t out_bytes, out_sent;
};

struct control {
    struct loop *loop;
    const struct control_table *table;
    char path[CONTROL_PATH_MAX];
    int fd;
    struct client *clients[CONTROL_CLIENTS];
    uint64_t order;
};

static void serve(struct client *c);

/* ---- a client's life ------------------------------------------------------------------------- */

static void client_close(struct client *c)
{
    struct control *s = c->server;
    if (c->fd >= 0) {
        loop_fd_del(s->loop, c->fd);
        (void)close(c->fd);
        c->fd = -1;
    }
    for (size_t i = 0; s != NULL && i < CONTROL_CLIENTS; i++) {
        if (s->clients[i] == c)
            s->clients[i] = NULL;
    }
    c->server = NULL;
    free(c->out);
    c->out = NULL;
    if (!c->busy) /* else the call's end frees it */
        free(c);
}

static void client_ready(void *arg, uint32_t events);

/* What the client is looked at for: its lines while nothing waits to be sent to it. */
static void watch(struct client *c)
{
    uint32_t events = 0;
    if (c->out != NULL)
        events = EPOLLOUT;
    else if (!c->ended && c->used < sizeof(c->line))
        events = EPOLLIN;
    if (loop_fd_add(c->server->loop, c->fd, events, client_ready, c) != 0)
        c->drop = true;
}

static void flush_out(struct client *c)
{
    while (c->out != NULL) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_bytes - c->out_sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            c->drop = errno != EAGAIN;
            return;
        }
        c->out_sent += (size_t)n;
        if (c->out_sent == c->out_bytes) {
            free(c->out);
            c->out = NULL;
        }
    }
}

static void call_done(struct control_call *call, json_t *answer)
{
    struct client *c = (struct client *)call;
    char *text = json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(12));
    json_decref(answer);
    c->busy = false;
    if (c->server == NULL) {
        free(text);
        free(c);
        return;
    }
    size_t len = text == NULL ? 0 : strlen(text);
    c->out = mem_zalloc(len + 1, 1);
    if (len > 0)
        memcpy(c->out, text, len);
    c->out[len] = '\n';
    c->out_bytes = len + 1;
    c->out_sent = 0;
    free(text);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void late_done(struct control_call *call, json_t *answer)
{
    struct client *c = (struct client *)call;
    bool orphan = c->server == NULL;
    call_done(call, answer);
    if (!orphan)
        serve(c);
}

static void too_long(struct client *c)
{
    struct err err = {0};
    err_set(&err, ERR_USE, "a line has at most %d bytes", CONTROL_LINE_MAX - 1);
    c->busy = c->ended = true;
    c->used = 0;
    c->call.done = call_done;
    control_refuse(&c->call, &err);
}

/* execute takes the first line of the buffer; false if there is no whole one. */
static bool execute(struct client *c)
{
    char *end = memchr(c->line, '\n', c->used);
    if (end == NULL) {
        if (c->used < sizeof(c->line))
            return false;
        too_long(c);
        return true;
    }
    char line[CONTROL_LINE_MAX];
    size_t len = (size_t)(end - c->line);
    memcpy(line, c->line, len);
    /* A byte 0 is no text either. */
    for (size_t i = 0; i < len; i++)
        line[i] = line[i] == '\0' ? '\1' : line[i];
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    c->used -= (size_t)(end - c->line) + 1;
    memmove(c->line, end + 1, c->used);
    c->spoke = ++c->server->order;
    c->busy = true;
    c->call.done = call_done;
    control_execute(c->server->table, line, &c->call);
    c->call.done = late_done; /* if it is still under way */
    return true;
}

/* serve goes on with a client as far as it goes now. */
static void serve(struct client *c)
{
    do
        flush_out(c);
    while (!c->drop && c->out == NULL && !c->busy && execute(c));
    bool over = c->ended && c->out == NULL && !c->busy;
    if (!c->drop && !over)
        watch(c);
    if (c->drop || over)
        client_close(c);
}

static void client_ready(void *arg, uint32_t events)
{
    struct client *c = arg;
    bool gone = (events & (EPOLLHUP | EPOLLERR)) != 0;
    size_t room = sizeof(c->line) - c->used;
    ssize_t n = -1;
    if (room > 0 && (gone || (events & EPOLLIN) != 0)) {
        n = recv(c->fd, c->line + c->used, room, MSG_DONTWAIT);
        c->ended |= n == 0;
        c->used += n > 0 ? (size_t)n : 0;
        c->drop = n < 0 && errno != EAGAIN && errno != EINTR;
    }
    /* Who has gone leaves commands behind that are carried out; nobody waits for their answers. */
    c->drop |= gone && n <= 0;
    serve(c);
}

/* The slot for a new client: a free one, or that of the one that has been silent for longest. */
static struct client **make_room(struct control *s)
{
    struct client **oldest = NULL;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct client **slot = &s->clients[i];
        if (*slot == NULL)
            return slot;
        if (!(*slot)->busy && (oldest == NULL || (*slot)->spoke < (*oldest)->spoke))
            oldest = slot;
    }
    if (oldest != NULL)
        client_close(*oldest);
    return oldest;
}

static void client_comes(void *arg, uint32_t events)
{
    struct control *s = arg;
    (void)events;
    int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct client **slot = make_room(s);
    if (slot == NULL) {
        (void)close(fd);
        return;
    }
    struct client *c = mem_zalloc(1, sizeof(*c));
    c->server = s;
    c->fd = fd;
    c->spoke = ++s->order;
    *slot = c;
    serve(c);
}

/* ---- the socket ------------------------------------------------------------------------------ */

/* Nobody listens at what is there: it was left behind. */
static bool is_leftover(const char *path)
{
    struct stat st;
    struct err err = {0};
    if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = control_connect(path, &err);
    if (fd >= 0)
        (void)close(fd);
    return fd < 0;
}

static int bind_path(struct control *s, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    (void)strcpy(addr.sun_path, path);
    /* The mode of the descriptor becomes that of the name: nobody else may connect meanwhile. */
    if (fchmod(s->fd, 0600) != 0 || bind(s->fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
        return -1;
    (void)strcpy(s->path, path);
    return chmod(path, 0600) != 0 || listen(s->fd, 16) != 0 ? -1 : 0;
}

struct control *control_listen(struct loop *loop, const char *path, const struct control_table *t,
                               struct err *err)
{
    if (strlen(path) >= CONTROL_PATH_MAX) {
        err_set(err, ERR_USE, "%.120s: too long for a local socket (at most %d bytes)", path,
                CONTROL_PATH_MAX - 1);
        return NULL;
    }
    struct control *s = mem_zalloc(1, sizeof(*s));
    s->loop = loop;
    s->table = t;
    if (is_leftover(path))
        (void)unlink(path);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0 || bind_path(s, path) != 0 ||
        loop_fd_add(loop, s->fd, EPOLLIN, client_comes, s) != 0) {
        err_set(err, ERR_USE, "control socket %s: %s", path,
                errno == EADDRINUSE ? "something is there already" : strerror(errno));
        control_free(s);
        return NULL;
    }
    return s;
}

void control_free(struct control *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        if (c->clients[i] != NULL)
            client_close(c->clients[i]);
    }
    if (c->fd >= 0) {
        loop_fd_del(c->loop, c->fd);
        (void)close(c->fd);
    }
    if (c->path[0] != '\0')
        (void)unlink(c->path);
    free(c);
}
