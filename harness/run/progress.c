#include "harness/run/progress.h"

#include "emul/loop/loop.h"
#include "harness/run/progress_sink.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAW_NS (NS_PER_S / 5) /* a terminal, and a worker's lines */
#define LINE_NS NS_PER_S       /* lines, JSON */
/* What is looked at for the view may take this share of the time, and no more. */
#define COST_FACTOR  200
#define PAUSE_MAX_NS (5 * NS_PER_S)

enum form { FORM_NONE, FORM_LINES, FORM_TERMINAL, FORM_JSON, FORM_WORKER };

/* One stderr, one progress: the state is the process's. */
static struct {
    enum form form;
    int fd;                       /* of a worker */
    int64_t next_ns;              /* steady time before which nothing is shown */
    int64_t cost_ns;              /* of showing it, the last time */
    struct instant ticked;        /* the run's time when the clock was last looked at */
    struct instant now;           /* the run's time, as told last */
    struct instant until;         /* end of the step's wait */
    size_t turn;                  /* JSON: the worker whose turn it is */
    char said[PROGRESS_TEXT_MAX]; /* the last step line */
    progress_watch_fn *watch;
    void *watch_arg;
    progress_total_fn *total;
    void *total_arg;
    struct progress_state state;
} progress;

void progress_task_clear(struct progress_task *t)
{
    *t = (struct progress_task){.remaining_ms = PROGRESS_UNKNOWN,
                                .neighbours_up = PROGRESS_UNKNOWN,
                                .neighbours_expected = PROGRESS_UNKNOWN,
                                .flows_delivered = PROGRESS_UNKNOWN,
                                .flows_all = PROGRESS_UNKNOWN,
                                .out_pps = PROGRESS_UNKNOWN,
                                .in_pps = PROGRESS_UNKNOWN,
                                .best = PROGRESS_UNKNOWN,
                                .last_pass = PROGRESS_UNKNOWN,
                                .first_fail = PROGRESS_UNKNOWN};
}

/* ---- open and close ---- */

static void open_form(enum form form)
{
    memset(&progress, 0, sizeof(progress));
    progress.form = form;
    progress.until = INSTANT_NEVER;
    progress.state.began_ns = progress.state.now_ns = loop_steady_ns();
    progress.state.total.left_s = PROGRESS_UNKNOWN;
    progress_task_clear(&progress.state.own);
    if (form == FORM_TERMINAL)
        progress_terminal_open();
}

void progress_open(bool quiet)
{
    open_form(quiet ? FORM_NONE : isatty(STDERR_FILENO) == 1 ? FORM_TERMINAL : FORM_LINES);
}

void progress_open_json(void)
{
    open_form(FORM_JSON);
}

void progress_open_worker(int fd)
{
    open_form(FORM_WORKER);
    progress.fd = fd;
}

void progress_close(void)
{
    if (progress.form == FORM_TERMINAL)
        progress_terminal_close();
    progress.form = FORM_NONE;
}

void progress_rest(void)
{
    if (progress.form == FORM_TERMINAL)
        progress_terminal_rest();
}

bool progress_detailed(void)
{
    return progress.form == FORM_TERMINAL || progress.form == FORM_JSON;
}

bool progress_active(void)
{
    return progress.form != FORM_NONE;
}

/* ---- showing ---- */

static void put_line(const char *text)
{
    (void)fprintf(stderr, "%s\n", text);
    (void)fflush(stderr);
}

static void put_json(char *line)
{
    put_line(line);
    free(line);
}

/* Never waits: a line that the pipe has no room for is not sent. One of at most PIPE_BUF bytes goes
 * in whole where poll says that there is room. */
static void send_task(void)
{
    struct pollfd room = {.fd = progress.fd, .events = POLLOUT};
    json_t *o = json_pack("{s:o}", "progress", progress_task_json(&progress.state.own));
    char line[4096];
    size_t n = json_dumpb(o, line, sizeof(line) - 1, JSON_COMPACT);
    json_decref(o);
    if (n == 0 || n >= sizeof(line) || poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0)
        return;
    line[n] = '\n';
    ssize_t sent = write(progress.fd, line, n + 1);
    (void)sent; /* a parent that is gone ends this process */
}

/* The next worker in use from the one whose turn it is; false: there is none. */
static bool next_worker(size_t *slot)
{
    for (size_t i = 0; i < PROGRESS_WORKERS; i++) {
        *slot = (progress.turn + i) % PROGRESS_WORKERS;
        if (progress.state.active[*slot]) {
            progress.turn = *slot + 1;
            return true;
        }
    }
    return false;
}

static void show_json(void)
{
    struct progress_state *s = &progress.state;
    size_t slot;
    if (next_worker(&slot))
        put_json(progress_json_step(s, &s->worker[slot], slot + 1));
    else if (s->own.case_id[0] != '\0' || s->text[0] != '\0')
        put_json(progress_json_step(s, &s->own, 0));
}

static void look(void)
{
    struct progress_state *s = &progress.state;
    struct progress_task *t = &s->own;
    t->remaining_ms = PROGRESS_UNKNOWN;
    if (progress.until.ns != INSTANT_NEVER.ns) {
        int64_t left_ns = instant_diff(progress.until, progress.now);
        t->remaining_ms = left_ns > 0 ? left_ns / NS_PER_MS : 0;
    }
    if (progress.watch != NULL)
        progress.watch(progress.watch_arg, t, progress.now);
    if (progress.total != NULL)
        progress.total(progress.total_arg, s->now_ns, &s->total);
}

/* When to look again: the last two looks tell what one costs, for while one of them went on others
 * may have had the processor. */
static void pace(int64_t began, int64_t cost)
{
    int64_t pause = progress.form == FORM_JSON ? LINE_NS : DRAW_NS;
    int64_t least = COST_FACTOR * (cost < progress.cost_ns ? cost : progress.cost_ns);
    if (least > pause)
        pause = least < PAUSE_MAX_NS ? least : PAUSE_MAX_NS;
    progress.cost_ns = cost;
    progress.next_ns = began + pause;
}

/* Shows the state, unless it was shown a moment ago. */
static void show(void)
{
    int64_t began = loop_steady_ns();
    if (began < progress.next_ns)
        return;
    progress.state.now_ns = began;
    look();
    if (progress.form == FORM_TERMINAL)
        progress_terminal_draw(&progress.state);
    int64_t cost = loop_steady_ns() - began;
    if (progress.form == FORM_JSON)
        show_json();
    else if (progress.form == FORM_WORKER)
        send_task(); /* wakes the parent, which is no cost of ours */
    pace(began, cost);
}

static void show_line(void)
{
    char stamp[LOOP_WALL_TEXT], text[PROGRESS_TEXT_MAX];
    int64_t now = loop_steady_ns();
    if (now < progress.next_ns || strcmp(progress.state.text, progress.said) == 0)
        return;
    progress.next_ns = now + LINE_NS;
    memcpy(progress.said, progress.state.text, sizeof(progress.said));
    progress_clean(text, sizeof(text), progress.state.text, false);
    (void)fprintf(stderr, "%s %s\n", loop_wall_text(stamp), text);
    (void)fflush(stderr);
}

/* ---- what is said ---- */

void progress_step(const char *format, ...)
{
    if (progress.form == FORM_NONE)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(progress.state.text, sizeof(progress.state.text), format, args);
    va_end(args);
    if (progress.form == FORM_LINES)
        show_line();
    else
        show();
}

static void keep(const char *kind, json_t *fields, const char *format, va_list args)
{
    char text[2 * PROGRESS_TEXT_MAX], stamp[LOOP_WALL_TEXT], clean[2 * PROGRESS_TEXT_MAX];
    (void)vsnprintf(text, sizeof(text), format, args);
    progress_clean(clean, sizeof(clean), text, progress.form == FORM_TERMINAL);
    progress.state.now_ns = loop_steady_ns();
    switch (progress.form) {
    case FORM_LINES:
        (void)fprintf(stderr, "%s %s\n", loop_wall_text(stamp), clean);
        (void)fflush(stderr);
        break;
    case FORM_TERMINAL:
        progress_terminal_keep(clean);
        if (!progress_has_tasks(&progress.state)) {
            /* Nobody ticks who would show it soon; and what was going on is over. */
            progress.state.text[0] = '\0';
            progress.next_ns = 0;
        }
        show();
        break;
    case FORM_JSON:
        put_json(progress_json_event(&progress.state, kind, json_incref(fields), text));
        break;
    default:
        break;
    }
    json_decref(fields);
}

void progress_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep("note", NULL, format, args);
    va_end(args);
}

void progress_event(const char *kind, json_t *fields, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(kind, fields, format, args);
    va_end(args);
}

void progress_end(int exit_code, const char *dir, const char *error)
{
    if (progress.form != FORM_JSON)
        return;
    progress.state.now_ns = loop_steady_ns();
    json_t *fields = json_pack("{s:i,s:s?,s:s*}", "exit", exit_code, "dir", dir, "error", error);
    put_json(progress_json_event(&progress.state, "done", fields, NULL));
}

/* ---- what is known ---- */

struct progress_task *progress_own(void)
{
    return &progress.state.own;
}

void progress_wait(struct instant until, bool at_most)
{
    progress.until = until;
    progress.state.own.at_most = at_most;
}

void progress_watch(progress_watch_fn *fn, void *arg)
{
    progress.watch = fn;
    progress.watch_arg = arg;
}

void progress_campaign(progress_total_fn *fn, void *arg)
{
    progress.total = fn;
    progress.total_arg = arg;
}

void progress_worker(size_t slot, const struct progress_task *t)
{
    struct progress_state *s = &progress.state;
    if (slot >= PROGRESS_WORKERS)
        return;
    s->active[slot] = t != NULL;
    if (t != NULL)
        s->worker[slot] = *t;
    s->workers = 0;
    for (size_t i = 0; i < PROGRESS_WORKERS; i++)
        s->workers += s->active[i];
}

void progress_tick(struct instant now, bool virtual_clock)
{
    if (progress.form == FORM_NONE)
        return;
    progress.now = now;
    int64_t since = instant_diff(now, progress.ticked);
    if (virtual_clock && since >= 0 && since < NS_PER_S)
        return;
    progress.ticked = now;
    if (progress.form != FORM_LINES)
        show();
}
