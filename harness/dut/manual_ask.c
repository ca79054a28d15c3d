#include "harness/dut/manual_ask.h"

#include "mvpnbench/metric.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SLICE_MS  200 /* an interruption is noticed within it */
#define COUNT_MAX INT64_C(1000000000000)

void manual_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

/* Waits until fd can be read: 1; 0 after a slice of time; -1 interrupted. */
static int wait_for(struct manual_ask *a, int fd, struct err *err)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n = poll(&p, 1, SLICE_MS);
    if (a->interrupted != NULL && *a->interrupted != 0) {
        err_set(err, ERR_INTERRUPTED, "interrupted while the operator was asked");
        return -1;
    }
    return n > 0 ? 1 : 0;
}

/* One line into out (cut to cap); what comes behind it waits for the next question. */
static bool take_line(struct manual_ask *a, char *out, size_t cap)
{
    const char *end = memchr(a->pending, '\n', a->len);
    bool full = a->len == sizeof(a->pending);
    if (end == NULL && !full)
        return false;
    size_t used = end == NULL ? a->len : (size_t)(end - a->pending) + 1;
    size_t len = end == NULL ? used : used - 1, from = 0;
    while (len > 0 && isspace((unsigned char)a->pending[len - 1]))
        len--;
    while (from < len && isspace((unsigned char)a->pending[from]))
        from++;
    size_t n = len - from < cap - 1 ? len - from : cap - 1;
    memcpy(out, a->pending + from, n);
    out[n] = '\0';
    a->len -= used;
    memmove(a->pending, a->pending + used, a->len);
    return true;
}

int manual_line(struct manual_ask *a, const char *question, char *out, size_t cap, struct err *err)
{
    (void)fprintf(stderr, "%s ", question);
    (void)fflush(stderr);
    while (!take_line(a, out, cap)) {
        int ready = wait_for(a, a->fd, err);
        if (ready < 0)
            return -1;
        ssize_t n = ready == 0 ? -1 : read(a->fd, a->pending + a->len, sizeof(a->pending) - a->len);
        if (ready == 1 && n == 0) {
            err_set(err, ERR_TESTBED,
                    "manual: the input ended where the operator was asked \"%.200s\"; go on at a "
                    "terminal with --resume",
                    question);
            return -1;
        }
        a->len += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int manual_enter(struct manual_ask *a, const char *question, struct err *err)
{
    char line[MANUAL_LINE_MAX];
    return manual_line(a, question, line, sizeof(line), err);
}

int manual_wait(struct manual_ask *a, double seconds, struct err *err)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), ready = 0;
    struct itimerspec at = {.it_value.tv_sec = (time_t)seconds};
    at.it_value.tv_nsec = (long)((seconds - (double)at.it_value.tv_sec) * 1e9);
    if (seconds <= 0) {
        ready = 1;
    } else if (fd < 0 || timerfd_settime(fd, 0, &at, NULL) != 0) {
        err_set(err, ERR_TESTBED, "manual: no timer: %s", strerror(errno));
        ready = -1;
    }
    while (ready == 0)
        ready = wait_for(a, fd, err);
    if (fd >= 0)
        (void)close(fd);
    return ready < 0 ? -1 : 0;
}

int manual_yes(struct manual_ask *a, const char *question, bool *out, struct err *err)
{
    char line[MANUAL_LINE_MAX];
    for (;;) {
        if (manual_line(a, question, line, sizeof(line), err) != 0)
            return -1;
        *out = strcasecmp(line, "yes") == 0 || strcasecmp(line, "y") == 0;
        if (*out || strcasecmp(line, "no") == 0 || strcasecmp(line, "n") == 0)
            return 0;
        manual_say("  '%s' is neither yes nor no.", line);
    }
}

int manual_count(struct manual_ask *a, const char *question, int64_t *out, struct err *err)
{
    char line[MANUAL_LINE_MAX];
    for (;;) {
        char *end;
        if (manual_line(a, question, line, sizeof(line), err) != 0)
            return -1;
        if (line[0] == '\0') {
            *out = METRIC_UNKNOWN;
            return 0;
        }
        errno = 0;
        *out = strtoll(line, &end, 10);
        if (isdigit((unsigned char)line[0]) && *end == '\0' && errno == 0 && *out <= COUNT_MAX)
            return 0;
        manual_say("  '%s' is no whole number; nothing stands for not known.", line);
    }
}

int manual_real(struct manual_ask *a, const char *question, double max, double *out,
                struct err *err)
{
    char line[MANUAL_LINE_MAX];
    for (;;) {
        char *end;
        if (manual_line(a, question, line, sizeof(line), err) != 0)
            return -1;
        if (line[0] == '\0') {
            *out = -1;
            return 0;
        }
        *out = strtod(line, &end);
        if (isdigit((unsigned char)line[0]) && *end == '\0' && *out >= 0 && *out <= max)
            return 0;
        manual_say("  '%s' is no number from 0 to %g; nothing stands for not known.", line, max);
    }
}
