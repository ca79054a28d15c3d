/* The lay-out of the live view: what goes on as lines of text, for a screen of any size. */
#include "emul/loop/loop.h"
#include "harness/run/progress_sink.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A screen that is smaller gets one line. */
#define COLS_LEAST 40
#define ROWS_LEAST 10
/* Rows that are left to the lines above: the last verdicts. */
#define ROWS_ABOVE 5
#define FIXED_ROWS 2 /* of a view of many processes: head and total */
#define TEXT_MAX   VIEW_COLS
#define BAR_MAX    20
/* Narrower screens do without. */
#define COLS_BAR  90
#define COLS_SEEN 110
#define COLS_BEST 150

/* ---- pieces ---- */

/* Text that grows in place and is cut where it does not fit. */
struct text {
    char s[TEXT_MAX];
    size_t used;
};

static void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void text_add(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->s + t->used, sizeof(t->s) - t->used, format, args);
    va_end(args);
    t->used += n > 0 ? (size_t)n : 0;
    if (t->used >= sizeof(t->s))
        t->used = sizeof(t->s) - 1;
}

/* One more line: left, and right at the right margin. Left is cut where both do not fit. */
static void add_line(struct progress_view *v, size_t cols, const char *left, const char *right)
{
    char l[TEXT_MAX], r[TEXT_MAX];
    size_t width = cols > 1 ? cols - 1 : 1;
    if (v->rows == VIEW_ROWS)
        return;
    width = width < VIEW_COLS ? width : VIEW_COLS;
    progress_clean(l, sizeof(l), left, true);
    progress_clean(r, sizeof(r), right, true);
    size_t right_len = strlen(r), left_len = strlen(l);
    if (right_len + 1 >= width)
        right_len = 0;
    size_t room = right_len == 0 ? width : width - right_len - 1;
    char *line = v->line[v->rows++];
    left_len = left_len < room ? left_len : room;
    memset(line, ' ', width);
    memcpy(line, l, left_len);
    if (right_len > 0)
        memcpy(line + width - right_len, r, right_len);
    line[right_len > 0 ? width : left_len] = '\0';
}

static void add_remaining(struct text *out, const struct progress_task *t)
{
    char text[PROGRESS_DURATION];
    if (t->remaining_ms >= 0)
        text_add(out, "%s%s left", t->at_most ? "at most " : "",
                 progress_duration((double)t->remaining_ms / 1e3, text));
}

/* "7.2 step 6, p-link-flap: waiting 600 s" */
static void add_step(struct text *out, const struct progress_task *t, const char *otherwise)
{
    if (t->name[0] == '\0') {
        text_add(out, "%s", otherwise);
        return;
    }
    bool numbered = t->step[0] != '\0', stimulus = t->stimulus[0] != '\0';
    if (numbered)
        text_add(out, "%s step%s %s", t->section, strchr(t->step, '-') == NULL ? "" : "s", t->step);
    text_add(out, "%s%s%s%s", numbered && stimulus ? ", " : "", t->stimulus,
             numbered || stimulus ? ": " : "", t->name);
}

static void add_of(struct text *out, const char *what, int64_t n, int64_t all)
{
    if (n < 0)
        text_add(out, "%s -", what);
    else
        text_add(out, "%s %lld of %lld", what, (long long)n, (long long)all);
}

static void add_rate(struct text *out, const char *what, double pps)
{
    if (pps < 0)
        text_add(out, "%s -", what);
    else
        text_add(out, "%s %.0f/s", what, pps);
}

static void add_best(struct text *out, const struct progress_task *t)
{
    if (t->best >= 0)
        text_add(out, "%s %lld", t->variable, (long long)t->best);
    else
        text_add(out, "none yet");
    if (t->last_pass >= 0)
        text_add(out, ", %s=%lld passes", t->symbol, (long long)t->last_pass);
    if (t->first_fail >= 0)
        text_add(out, ", %s=%lld fails", t->symbol, (long long)t->first_fail);
}

/* ---- lines ---- */

static double elapsed_s(const struct progress_state *s)
{
    return (double)(s->now_ns - s->began_ns) / 1e9;
}

static void head_line(const struct progress_state *s, size_t cols, const struct text *what,
                      struct progress_view *v)
{
    struct text right = {0};
    char text[PROGRESS_DURATION];
    text_add(&right, "elapsed %s", progress_duration(elapsed_s(s), text));
    add_line(v, cols, what->s, right.s);
}

/* "12:31" of the day, or with the day's name where it is another. */
static void add_end(struct text *out, double left_s)
{
    time_t now = (time_t)(loop_wall_ns() / NS_PER_S), then = now + (time_t)left_s;
    struct tm tm;
    char text[32];
    if (localtime_r(&then, &tm) != NULL &&
        strftime(text, sizeof(text), left_s < 43200 ? "%H:%M" : "%a %H:%M", &tm) > 0)
        text_add(out, ", end at %s", text);
}

/* "[#####.....] 48 of about 180 instances" and "about 3:20 left". */
static void total_line(const struct progress_state *s, size_t cols, struct progress_view *v)
{
    const struct progress_total *t = &s->total;
    struct text left = {0}, right = {0};
    char text[PROGRESS_DURATION], bar[BAR_MAX + 1] = "";
    if (t->left_s >= 0) {
        text_add(&right, "%s %s left", t->at_least ? "at least" : "about",
                 progress_duration(t->left_s, text));
        if (!t->at_least)
            add_end(&right, t->left_s);
    }
    text_add(&left, "  run        ");
    if (t->instances_total > 0 && cols >= COLS_BAR) {
        double gone = elapsed_s(s), share = (double)t->instances / (double)t->instances_total;
        if (t->left_s >= 0)
            share = gone / (gone + t->left_s + 1e-9);
        memset(bar, '.', BAR_MAX);
        memset(bar, '#', (size_t)(fmin(1, share) * BAR_MAX));
        text_add(&left, "[%s] ", bar);
    }
    text_add(&left, "%zu", t->instances);
    if (t->instances_total > 0)
        text_add(&left, " of %s %zu", t->at_least ? "at least" : "about", t->instances_total);
    text_add(&left, " instances");
    add_line(v, cols, left.s, right.s);
}

static void task_lines(const struct progress_state *s, size_t cols, struct progress_view *v)
{
    const struct progress_task *t = &s->own;
    struct text head = {0}, where = {0}, instance = {0}, step = {0}, wait = {0}, seen = {0},
                best = {0};
    text_add(&head, "%s %s", t->case_id, t->title);
    head_line(s, cols, &head, v);
    text_add(&where, "  at         %s", t->where);
    if (t->where[0] != '\0')
        add_line(v, cols, where.s, "");
    text_add(&instance, "  instance   %s %s%s", t->instance, t->value,
             t->floor ? " (apparatus floor)" : "");
    add_line(v, cols, instance.s, "");
    text_add(&step, "  step       ");
    add_step(&step, t, s->text);
    add_remaining(&wait, t);
    add_line(v, cols, step.s, wait.s);
    add_of(&seen, "  neighbours", t->neighbours_up, t->neighbours_expected);
    add_of(&seen, ", flows", t->flows_delivered, t->flows_all);
    add_rate(&seen, ", out", t->out_pps);
    add_rate(&seen, ", in", t->in_pps);
    add_line(v, cols, seen.s, "");
    text_add(&best, "  best       ");
    add_best(&best, t);
    add_line(v, cols, best.s, "");
}

static void worker_line(const struct progress_task *t, size_t slot, size_t cols,
                        struct progress_view *v)
{
    struct text left = {0}, right = {0};
    text_add(&left, "%3zu %s %s%s%s%s: ", slot + 1,
             t->instance[0] == '\0' ? t->case_id : t->instance, t->value,
             t->floor ? " (floor)" : "", t->where[0] == '\0' ? "" : " at ", t->where);
    add_step(&left, t, "starting");
    if (cols >= COLS_SEEN && t->neighbours_up >= 0)
        text_add(&right, "%lld/%lld nbrs  ", (long long)t->neighbours_up,
                 (long long)t->neighbours_expected);
    if (cols >= COLS_SEEN && t->flows_delivered >= 0)
        text_add(&right, "%lld/%lld flows  ", (long long)t->flows_delivered,
                 (long long)t->flows_all);
    if (cols >= COLS_BEST) {
        add_best(&right, t);
        text_add(&right, "  ");
    }
    add_remaining(&right, t);
    add_line(v, cols, left.s, right.s);
}

/* One line each, in at most room lines. */
static void worker_lines(const struct progress_state *s, size_t cols, size_t room,
                         struct progress_view *v)
{
    struct text head = {0}, more = {0};
    size_t shown = 0;
    text_add(&head, "%zu point%s of the sweeps at once", s->workers, s->workers == 1 ? "" : "s");
    head_line(s, cols, &head, v);
    for (size_t i = 0; i < PROGRESS_WORKERS; i++) {
        if (!s->active[i])
            continue;
        if (shown + 1 >= room && s->workers - shown > 1) {
            text_add(&more, "    and %zu more", s->workers - shown);
            add_line(v, cols, more.s, "");
            return;
        }
        worker_line(&s->worker[i], i, cols, v);
        shown++;
    }
}

/* Everything in one line, for want of room. */
static void bar_line(const struct progress_state *s, size_t cols, struct progress_view *v)
{
    struct text left = {0}, right = {0};
    if (s->workers > 0) {
        text_add(&left, "%zu instances, %zu points at once", s->total.instances, s->workers);
    } else {
        add_remaining(&right, &s->own);
        text_add(&left, "%s", s->text);
    }
    add_line(v, cols, left.s, right.s);
}

void progress_view_make(const struct progress_state *s, size_t cols, size_t rows,
                        struct progress_view *v)
{
    v->rows = 0;
    bool small = cols < COLS_LEAST || rows < ROWS_LEAST;
    if (!progress_has_tasks(s) && s->text[0] == '\0')
        return;
    if (small || !progress_has_tasks(s)) {
        bar_line(s, cols, v);
        return;
    }
    size_t room = rows - ROWS_ABOVE - FIXED_ROWS;
    room = room < VIEW_ROWS / 2 ? room : VIEW_ROWS / 2;
    if (s->workers > 0)
        worker_lines(s, cols, room, v);
    else
        task_lines(s, cols, v);
    total_line(s, cols, v);
}
