/*
 * The live view on a terminal, by plain escape codes: the block of lines is drawn below what stays,
 * the cursor rests on the line under it, and each draw goes back up over it. Nothing of the
 * terminal's state is changed (no hidden cursor, no other screen), so nothing has to be restored,
 * whatever ends the process. A terminal that is narrower than before has wrapped the lines: one
 * goes up over as many rows as they take now.
 */
#include "emul/base/mem.h"
#include "harness/run/progress_sink.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
    bool dumb, colour;
    size_t cols, rows;       /* now */
    size_t drawn;            /* lines of the block that stands */
    size_t width[VIEW_ROWS]; /* of each of them */
    char *out;               /* of this draw */
    size_t used, cap;
    char *kept; /* lines that stay and are not written yet */
    size_t kept_used, kept_cap;
    struct sigaction before;
} screen;

/* The process went on after it was stopped: what stands above is the shell's. */
static volatile sig_atomic_t continued;

static void on_continue(int number)
{
    (void)number;
    continued = 1;
}

static void add(char **buf, size_t *used, size_t *cap, const char *text, size_t len)
{
    if (*cap - *used < len) {
        *cap = 2 * *cap + len;
        *buf = mem_realloc(*buf, *cap, 1);
    }
    if (len > 0)
        memcpy(*buf + *used, text, len);
    *used += len;
}

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *format, ...)
{
    char text[VIEW_COLS + 64];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    add(&screen.out, &screen.used, &screen.cap, text, len);
}

static void flush_out(void)
{
    size_t done = 0;
    (void)fflush(stderr);
    while (done < screen.used) {
        ssize_t n = write(STDERR_FILENO, screen.out + done, screen.used - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* the terminal is gone; the run goes on */
        done += (size_t)n;
    }
    screen.used = 0;
}

void progress_terminal_open(void)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    struct sigaction sa = {.sa_handler = on_continue, .sa_flags = SA_RESTART};
    memset(&screen, 0, sizeof(screen));
    screen.dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
    screen.colour = !screen.dumb && (no_colour == NULL || no_colour[0] == '\0');
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(SIGCONT, &sa, &screen.before);
}

static void look_at_size(void)
{
    struct winsize ws = {0};
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 && ws.ws_row > 0;
    screen.cols = known ? ws.ws_col : 80;
    screen.rows = known ? ws.ws_row : 24;
}

/* A process in the background leaves the terminal to others. */
static bool in_foreground(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);
    return group < 0 || group == getpgrp();
}

/* Rows that the block takes on the screen as it is now. */
static size_t rows_drawn(void)
{
    size_t rows = 0;
    for (size_t i = 0; i < screen.drawn; i++)
        rows += screen.width[i] <= screen.cols ? 1 : (screen.width[i] - 1) / screen.cols + 1;
    return rows < screen.rows ? rows : screen.rows - 1;
}

/* To where the block begins; what stands there is written over line by line, so that it does not
 * flicker. */
static void go_back(void)
{
    if (continued != 0)
        screen.drawn = 0;
    continued = 0;
    if (screen.drawn == 0)
        return;
    if (screen.dumb)
        put("\r%*s\r", (int)screen.width[0], "");
    else
        put("\r\033[%zuA", rows_drawn());
}

static void end_line(void)
{
    put("%s\n", screen.dumb ? "" : "\033[K");
}

static void put_kept(void)
{
    size_t begin = 0;
    for (size_t i = 0; i < screen.kept_used; i++) {
        if (screen.kept[i] != '\n')
            continue;
        add(&screen.out, &screen.used, &screen.cap, screen.kept + begin, i - begin);
        end_line();
        begin = i + 1;
    }
    screen.kept_used = 0;
}

static void put_block(const struct progress_view *v)
{
    for (size_t i = 0; i < v->rows; i++) {
        bool bold = screen.colour && i == 0 && v->rows > 1;
        put("%s%s%s", bold ? "\033[1m" : "", v->line[i], bold ? "\033[0m" : "");
        end_line();
        screen.width[i] = strlen(v->line[i]);
    }
    screen.drawn = v->rows;
}

/* Without escape codes: one line that is written over. */
static void put_bar(const struct progress_view *v)
{
    if (v->rows == 0)
        return;
    put("%s", v->line[0]);
    screen.width[0] = strlen(v->line[0]);
    screen.drawn = 1;
}

static void put_rest_empty(void)
{
    put("%s", screen.dumb ? "" : "\033[J");
}

void progress_terminal_draw(const struct progress_state *s)
{
    static struct progress_view v;
    look_at_size();
    bool stood = screen.drawn > 0;
    go_back();
    put_kept();
    screen.drawn = 0;
    if (in_foreground()) {
        progress_view_make(s, screen.cols, screen.dumb ? 1 : screen.rows, &v);
        (screen.dumb ? put_bar : put_block)(&v);
    }
    if (stood)
        put_rest_empty();
    flush_out();
}

void progress_terminal_keep(const char *text)
{
    add(&screen.kept, &screen.kept_used, &screen.kept_cap, text, strlen(text));
    add(&screen.kept, &screen.kept_used, &screen.kept_cap, "\n", 1);
}

void progress_terminal_rest(void)
{
    look_at_size();
    if (screen.drawn == 0 && screen.kept_used == 0)
        return;
    go_back();
    put_kept();
    put_rest_empty();
    flush_out();
    screen.drawn = 0;
}

void progress_terminal_close(void)
{
    progress_terminal_rest();
    free(screen.out);
    free(screen.kept);
    screen.out = screen.kept = NULL;
    (void)sigaction(SIGCONT, &screen.before, NULL);
}
