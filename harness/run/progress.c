#include "harness/run/progress.h"

#include "emul/loop/loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TEXT_MAX 512

/* One terminal, one progress: the state is the process's. */
static struct {
    bool open, quiet, terminal;
    size_t drawn;                    /* columns of the bar that stand on the terminal */
    char last_stamp[LOOP_WALL_TEXT]; /* second of the last plain step line */
    char last_text[TEXT_MAX];
} progress;

void progress_open(bool quiet)
{
    memset(&progress, 0, sizeof(progress));
    progress.open = true;
    progress.quiet = quiet;
    progress.terminal = isatty(STDERR_FILENO) == 1;
}

static void erase(void)
{
    if (progress.drawn > 0)
        (void)fprintf(stderr, "\r\033[K");
    progress.drawn = 0;
}

void progress_close(void)
{
    erase();
    progress.open = false;
}

static size_t columns(void)
{
    struct winsize ws;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 8)
        return (size_t)ws.ws_col - 1;
    return 79;
}

/* draw shows text on the bar's line, cut to the terminal's width so that it stays one line. */
static void draw(const char *text)
{
    size_t width = columns(), len = strlen(text);
    erase();
    (void)fprintf(stderr, "%.*s", (int)(len < width ? len : width), text);
    (void)fflush(stderr);
    progress.drawn = len;
}

static void plain(const char *stamp, const char *text)
{
    (void)fprintf(stderr, "%s %s\n", stamp, text);
    (void)fflush(stderr);
}

void progress_step(const char *format, ...)
{
    if (!progress.open || progress.quiet)
        return;
    char text[TEXT_MAX], stamp[LOOP_WALL_TEXT];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)loop_wall_text(stamp);
    /* The virtual clock takes thousands of steps a second: one a second is enough to read. */
    if (strcmp(stamp, progress.last_stamp) == 0 || strcmp(text, progress.last_text) == 0)
        return;
    memcpy(progress.last_stamp, stamp, sizeof(stamp));
    memcpy(progress.last_text, text, sizeof(text));
    if (progress.terminal)
        draw(text);
    else
        plain(stamp, text);
}

void progress_line(const char *format, ...)
{
    if (!progress.open || progress.quiet)
        return;
    char text[TEXT_MAX], stamp[LOOP_WALL_TEXT];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!progress.terminal) {
        plain(loop_wall_text(stamp), text);
        return;
    }
    erase();
    (void)fprintf(stderr, "%s\n", text);
    draw(progress.last_text);
}
