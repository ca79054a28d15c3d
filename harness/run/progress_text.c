#include "harness/run/progress_sink.h"

#include <math.h>
#include <stdio.h>

static bool continues(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* U+0080 to U+009F are commands too, and as bytes for terminals that do not read UTF-8. */
static bool c1_in_utf8(const unsigned char *p)
{
    return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;
}

void progress_clean(char *out, size_t cap, const char *text, bool ascii_only)
{
    size_t n = 0;
    const unsigned char *p = (const unsigned char *)text;
    for (; *p != '\0' && n + 1 < cap; p++) {
        bool high = *p >= 0x80;
        if (*p < 0x20 || *p == 0x7f || c1_in_utf8(p) || (high && ascii_only)) {
            out[n++] = '?';
            while (high && continues(p[1])) /* one mark a character */
                p++;
        } else {
            out[n++] = (char)*p;
        }
    }
    out[n] = '\0';
}

const char *progress_duration(double seconds, char buf[PROGRESS_DURATION])
{
    unsigned long long s = seconds > 0 ? (unsigned long long)llround(seconds) : 0;
    if (s < 100)
        (void)snprintf(buf, PROGRESS_DURATION, "%llu s", s);
    else if (s < 3600)
        (void)snprintf(buf, PROGRESS_DURATION, "%llu:%02llu", s / 60, s % 60);
    else if (s < 100 * 3600ULL)
        (void)snprintf(buf, PROGRESS_DURATION, "%llu:%02llu:%02llu", s / 3600, s % 3600 / 60,
                       s % 60);
    else
        (void)snprintf(buf, PROGRESS_DURATION, "%llu d %02llu h", s / 86400, s % 86400 / 3600);
    return buf;
}
