#include "reports/words.h"

#include "emul/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct words *w, const char *text)
{
    size_t n = strlen(text);
    if (w->length + n + 1 > w->cap) {
        w->cap = 2 * (w->length + n + 1);
        w->text = mem_realloc(w->text, w->cap, 1);
    }
    memcpy(w->text + w->length, text, n + 1);
    w->length += n;
}

void words_add(struct words *w, const char *between, const char *format, ...)
{
    va_list args;
    char *piece = NULL;
    va_start(args, format);
    int n = vasprintf(&piece, format, args);
    va_end(args);
    if (n < 0)
        return;
    if (w->length > 0)
        append(w, between);
    append(w, piece);
    free(piece);
}

char *words_take(struct words *w)
{
    char *text = w->text != NULL ? w->text : mem_strdup("");
    *w = (struct words){0};
    return text;
}
