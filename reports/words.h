/*
 * A text that grows piece by piece.
 */
#ifndef MVPN_REPORTS_WORDS_H
#define MVPN_REPORTS_WORDS_H

#include <stddef.h>

struct words {
    char *text; /* NULL: nothing yet */
    size_t length, cap;
};

/* words_add appends a piece, between behind what is there already (not before the first). */
void words_add(struct words *w, const char *between, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* words_take returns the text, "" for nothing, and empties w; the caller frees. */
char *words_take(struct words *w);

#endif
