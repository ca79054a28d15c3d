/*
 * Points of the campaign in processes of their own, on the virtual clock: a worker a point, each
 * with its own world from instant 0, as many at once as asked for. A worker sends each journal
 * entry as one line through its pipe, then a line that says how it ended; this process alone writes
 * the journal and says progress. A worker is ended by its pid: it holds nothing that is not in
 * memory. When this process dies, the kernel ends the workers.
 */
#include "emul/base/mem.h"
#include "emul/loop/loop.h"
#include "harness/run/jobs.h"
#include "harness/run/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 64
#define READ_BYTES  65536
#define POLL_MS     200

struct worker {
    pid_t pid;
    int fd;
    size_t slot; /* where it is shown */
    size_t job, point;
    char *text; /* what came and is no whole line yet */
    size_t used, cap;
    bool ended;     /* it said how */
    struct err err; /* when it ended with an error */
};

struct pool {
    struct jobs *js;
    size_t count;
    struct worker workers[WORKERS_MAX];
    struct err lost; /* the first worker that died */
};

/* ---- the worker ---- */

struct child {
    const struct campaign_env *env;
    struct world world;
    int fd;
};

static int send_line(int fd, const json_t *value, struct err *err)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(17));
    char *line = mem_printf("%s\n", text);
    size_t left = strlen(line), done = 0;
    while (left > 0) {
        ssize_t n = write(fd, line + done, left);
        if (n < 0 && errno != EINTR) {
            err_set(err, ERR_TESTBED, "a worker cannot send its result: %s", strerror(errno));
            break;
        }
        done += n > 0 ? (size_t)n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    free(line);
    free(text);
    return left == 0 ? 0 : -1;
}

static int run_in_child(void *arg, struct instance_request *q, struct case_try at, json_t **entry,
                        struct err *err)
{
    struct child *c = arg;
    if (measure_run(c->env, &c->world, q, at, entry, err) != 0)
        return -1;
    struct forecast_cost cost = forecast_cost(c->env, q);
    json_t *line = json_pack("{s:O,s:f,s:f,s:b}", "entry", *entry, "steady", cost.steady, "stimuli",
                             cost.stimuli, "applied", (int)cost.applied);
    int sent = send_line(c->fd, line, err);
    json_decref(line);
    if (sent != 0)
        json_decref(*entry);
    return sent;
}

static void child_main(struct jobs *js, size_t job, size_t point, int fd, pid_t parent)
{
    struct err err = {0};
    struct child c = {.env = js->env, .fd = fd};
    struct world_params params = *js->env->params;
    const struct runner runner = {run_in_child, &c};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    (void)signal(SIGINT, SIG_IGN); /* the parent decides */
    (void)signal(SIGTERM, SIG_IGN);
    if (progress_detailed())
        progress_open_worker(fd);
    else
        progress_open(true);
    params.start = (struct instant){0};
    if (world_open(&c.world, &params, &err) == 0) {
        c.world.dir = js->env->world->dir;
        (void)casejob_run(&js->cases[job], js->env, point, &runner, &err);
    }
    json_t *end = json_pack("{s:i,s:s}", "end", (int)err.code, "text", err.text);
    (void)send_line(fd, end, NULL);
    (void)fflush(NULL);
    _exit(0);
}

/* ---- starting and ending ---- */

/* A line of the view that no worker has. */
static size_t free_slot(const struct pool *p)
{
    bool taken[WORKERS_MAX] = {false};
    size_t slot = 0;
    for (size_t i = 0; i < p->count; i++)
        taken[p->workers[i].slot] = true;
    while (taken[slot])
        slot++;
    return slot;
}

static void show_start(const struct worker *w, const struct test_case *tc)
{
    struct progress_task t;
    progress_task_clear(&t);
    (void)snprintf(t.case_id, sizeof(t.case_id), "%.*s", (int)sizeof(t.case_id) - 1, case_id(tc));
    progress_worker(w->slot, &t);
}

static int start(struct pool *p, size_t job, size_t point, struct err *err)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0) {
        err_set(err, ERR_TESTBED, "cannot make a pipe for a worker: %s", strerror(errno));
        return -1;
    }
    (void)fflush(NULL); /* what is buffered is printed once */
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        child_main(p->js, job, point, ends[1], parent);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        err_set(err, ERR_TESTBED, "cannot start a worker: %s", strerror(errno));
        (void)close(ends[0]);
        return -1;
    }
    size_t slot = free_slot(p);
    p->workers[p->count++] =
        (struct worker){.pid = pid, .fd = ends[0], .slot = slot, .job = job, .point = point};
    show_start(&p->workers[p->count - 1], p->js->cases[job].tc);
    p->js->cases[job].jobs[point].state = POINT_RUNNING;
    return 0;
}

/* Waits for a worker that has closed its pipe or was killed, and forgets it. */
static int reap(struct pool *p, size_t i)
{
    int status = 0;
    struct worker *w = &p->workers[i];
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    (void)close(w->fd);
    free(w->text);
    progress_worker(w->slot, NULL);
    p->workers[i] = p->workers[--p->count];
    return status;
}

static void end_all(struct pool *p)
{
    for (size_t i = 0; i < p->count; i++)
        (void)kill(p->workers[i].pid, SIGKILL);
    while (p->count > 0)
        (void)reap(p, p->count - 1);
}

/* ---- what workers send ---- */

/* An instance that has ended, with what it cost. */
static int take_entry(struct pool *p, const struct worker *w, const json_t *line, struct err *err)
{
    json_t *entry = json_object_get(line, "entry");
    struct forecast_cost cost = {
        .steady = json_number_value(json_object_get(line, "steady")),
        .stimuli = json_number_value(json_object_get(line, "stimuli")),
        .applied = json_is_true(json_object_get(line, "applied")),
    };
    forecast_entry(p->js->forecast, entry, &cost, loop_steady_ns());
    return jobs_keep(p->js, p->js->cases[w->job].tc, json_incref(entry), err);
}

static void take_progress(const struct worker *w, const json_t *task)
{
    struct progress_task t;
    progress_task_read(task, &t);
    progress_worker(w->slot, &t);
}

static int take_line(struct pool *p, struct worker *w, const char *line, size_t len,
                     struct err *err)
{
    json_t *value = json_loadb(line, len, 0, NULL);
    const json_t *end = json_object_get(value, "end");
    if (json_is_integer(end)) {
        w->ended = true;
        w->err.code = (enum err_code)json_integer_value(end);
        (void)snprintf(w->err.text, sizeof(w->err.text), "%s",
                       json_string_value(json_object_get(value, "text")));
        json_decref(value);
        return 0;
    }
    const json_t *task = json_object_get(value, "progress");
    int result = 0;
    if (task != NULL) {
        take_progress(w, task);
    } else if (json_object_get(value, "entry") != NULL) {
        result = take_entry(p, w, value, err);
    } else {
        err_set(err, ERR_TESTBED, "a worker sent what is no entry");
        result = -1;
    }
    json_decref(value);
    return result;
}

/* 1 more may come, 0 the worker closed its end, -1 *err. */
static int take(struct pool *p, struct worker *w, struct err *err)
{
    if (w->cap - w->used < READ_BYTES) {
        w->cap = 2 * w->cap + READ_BYTES;
        w->text = mem_realloc(w->text, w->cap, 1);
    }
    ssize_t n = read(w->fd, w->text + w->used, w->cap - w->used);
    if (n < 0)
        return errno == EINTR ? 1 : 0;
    w->used += (size_t)n;
    size_t begin = 0;
    char *newline;
    while ((newline = memchr(w->text + begin, '\n', w->used - begin)) != NULL) {
        size_t len = (size_t)(newline - w->text) - begin;
        if (take_line(p, w, w->text + begin, len, err) != 0)
            return -1;
        begin += len + 1;
    }
    memmove(w->text, w->text + begin, w->used - begin);
    w->used -= begin;
    return n > 0;
}

/* ---- points ---- */

static int not_here(void *arg, struct instance_request *q, struct case_try at, json_t **entry,
                    struct err *err)
{
    (void)arg;
    (void)at;
    (void)entry;
    err_set(err, ERR_INTERRUPTED, "instance %s has not been run", q->id);
    return -1;
}

static const struct runner absent = {not_here, NULL};

/* The point out of the entries that there are: 1 complete, 0 something is missing, -1 *err. */
static int put_together(struct jobs *js, size_t job, size_t point, struct err *err)
{
    struct err own = {0};
    int result = casejob_run(&js->cases[job], js->env, point, &absent, &own);
    progress_task_clear(progress_own()); /* the workers' tasks are shown */
    if (result == 0)
        return 1;
    if (own.code == ERR_INTERRUPTED)
        return 0;
    *err = own;
    return -1;
}

/* A point whose worker died is told, once; what does not depend on it goes on. */
static void lose(struct pool *p, const struct worker *w, int status)
{
    struct case_job *j = &p->js->cases[w->job];
    j->jobs[w->point].state = POINT_LOST;
    err_set(&p->lost, ERR_TESTBED,
            "the process that ran point %zu of case %s ended with %s %d; go on with --resume %s",
            w->point + 1, case_id(j->tc), WIFSIGNALED(status) ? "signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), p->js->dir);
    progress_event("warning", json_pack("{s:s}", "case", case_id(j->tc)), "%s", p->lost.text);
}

static int worker_ended(struct pool *p, size_t i, struct err *err)
{
    struct worker w = p->workers[i];
    int status = reap(p, i);
    if (!w.ended) {
        lose(p, &w, status);
        return 0;
    }
    if (w.err.code != ERR_NONE) {
        *err = w.err;
        return -1;
    }
    int whole = put_together(p->js, w.job, w.point, err);
    if (whole == 0)
        err_set(err, ERR_TESTBED, "point %zu of case %s is not whole", w.point + 1,
                case_id(p->js->cases[w.job].tc));
    return whole == 1 ? jobs_point_done(p->js, w.job, err) : -1;
}

/* Starts what can be started; points that the journal has whole need no worker. */
static int start_ready(struct pool *p, struct err *err)
{
    size_t job, point;
    for (;;) {
        if (jobs_plan_ready(p->js, err) != 0)
            return -1;
        if (p->count >= p->js->workers || p->count >= WORKERS_MAX ||
            !jobs_next(p->js, &job, &point))
            return 0;
        int whole = put_together(p->js, job, point, err);
        if (whole < 0 || (whole == 0 && start(p, job, point, err) != 0) ||
            (whole == 1 && jobs_point_done(p->js, job, err) != 0))
            return -1;
    }
}

static void say_state(const struct pool *p)
{
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < p->count && used < sizeof(text); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (point %zu of %zu)",
                                 i == 0 ? "" : ", ", case_id(p->js->cases[p->workers[i].job].tc),
                                 p->workers[i].point + 1, p->js->cases[p->workers[i].job].count);
    progress_step("%zu instances; under way: %s", json_object_size(p->js->env->entries), text);
}

static int wait_and_take(struct pool *p, struct err *err)
{
    struct pollfd fds[WORKERS_MAX];
    for (size_t i = 0; i < p->count; i++)
        fds[i] = (struct pollfd){.fd = p->workers[i].fd, .events = POLLIN};
    int ready = poll(fds, p->count, POLL_MS);
    say_state(p);
    if (ready <= 0)
        return 0;
    for (size_t i = p->count; i-- > 0;) { /* backwards: one that ended is replaced by the last */
        if (fds[i].revents == 0)
            continue;
        int more = take(p, &p->workers[i], err);
        if (more < 0 || (more == 0 && worker_ended(p, i, err) != 0))
            return -1;
    }
    return 0;
}

/* What an interrupted point has, for the result as far as it goes. */
static void put_partial(struct jobs *js)
{
    struct err ignored = {0};
    for (size_t k = 0; k < js->count; k++) {
        for (size_t i = 0; js->cases[k].object != NULL && i < js->cases[k].count; i++) {
            if (js->cases[k].jobs[i].state != POINT_DONE)
                (void)put_together(js, k, i, &ignored);
        }
    }
}

int workers_run(struct jobs *js, struct err *err)
{
    struct pool *p = mem_zalloc(1, sizeof(*p));
    int result = 0;
    p->js = js;
    while (result == 0) {
        result = start_ready(p, err);
        if (result != 0 || p->count == 0)
            break;
        result = wait_and_take(p, err);
        if (result == 0 && world_interrupted(js->env->world)) {
            err_set(err, ERR_INTERRUPTED, "interrupted");
            result = -1;
        }
    }
    end_all(p);
    if (result == 0 && p->lost.code != ERR_NONE) {
        *err = p->lost;
        result = -1;
    }
    if (result != 0)
        put_partial(js);
    free(p);
    return result;
}
