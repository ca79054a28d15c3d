#include "emul/base/log.h"

#include <stdarg.h>

/* A peer may cause any number of lines; this many go out per second of loop time. */
#define PEER_LINES_PER_S 50

static struct {
    FILE *file;
    enum log_level level;
    int64_t peer_second;
    unsigned peer_lines;
    unsigned long peer_suppressed;
} sink;

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {
        [LOG_BUG] = "bug",   [LOG_WARN] = "warn",   [LOG_PEER] = "peer",
        [LOG_INFO] = "info", [LOG_DEBUG] = "debug",
    };
    return names[level];
}

void log_open(FILE *f, enum log_level level)
{
    sink.file = f;
    sink.level = level;
}

bool log_enabled(enum log_level level)
{
    return sink.file != NULL && level <= sink.level;
}

static bool peer_line_allowed(struct instant at)
{
    int64_t second = at.ns / NS_PER_S;
    if (second != sink.peer_second) {
        if (sink.peer_suppressed > 0)
            (void)fprintf(sink.file, "%10lld.000000 peer log: %lu lines suppressed\n",
                          (long long)sink.peer_second, sink.peer_suppressed);
        sink.peer_second = second;
        sink.peer_lines = 0;
        sink.peer_suppressed = 0;
    }
    if (sink.peer_lines++ < PEER_LINES_PER_S)
        return true;
    sink.peer_suppressed++;
    return false;
}

void log_line(enum log_level level, struct instant at, const char *subsystem, const char *format,
              ...)
{
    if (!log_enabled(level))
        return;
    if (level == LOG_PEER && !peer_line_allowed(at))
        return;
    va_list args;
    va_start(args, format);
    (void)fprintf(sink.file, "%10lld.%06lld %s %s: ", (long long)(at.ns / NS_PER_S),
                  (long long)(at.ns % NS_PER_S / NS_PER_US), log_level_name(level), subsystem);
    (void)vfprintf(sink.file, format, args);
    (void)fputc('\n', sink.file);
    va_end(args);
}
