#include "emul/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void err_set(struct err *e, enum err_code code, const char *format, ...)
{
    if (e == NULL || e->code != ERR_NONE)
        return;
    va_list args;
    va_start(args, format);
    e->code = code;
    (void)vsnprintf(e->text, sizeof(e->text), format, args);
    va_end(args);
}

void err_prefix(struct err *e, const char *format, ...)
{
    if (e == NULL || e->code == ERR_NONE)
        return;
    char text[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n < 0 || (size_t)n + 3 > sizeof(text))
        return;
    (void)snprintf(text + n, sizeof(text) - (size_t)n, ": %.900s", e->text);
    memcpy(e->text, text, sizeof(text));
}

void fatal(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("mvpnbench: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(ERR_TESTBED);
}
