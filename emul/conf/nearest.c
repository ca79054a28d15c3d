#include "emul/conf/nearest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define WORD_MAX 64

/* letter_cost lets a wrong case weigh less than a wrong letter. */
static unsigned letter_cost(char a, char b)
{
    if (a == b)
        return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? 1 : 2;
}

/* distance is the optimal-string-alignment distance (two swapped letters count once), times two. */
static unsigned distance(const char *a, const char *b)
{
    size_t la = strnlen(a, WORD_MAX), lb = strnlen(b, WORD_MAX);
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= lb; j++)
        last[j] = (unsigned)j * 2;
    for (size_t i = 1; i <= la; i++) {
        now[0] = (unsigned)i * 2;
        for (size_t j = 1; j <= lb; j++) {
            unsigned d = last[j - 1] + letter_cost(a[i - 1], b[j - 1]);
            d = last[j] + 2 < d ? last[j] + 2 : d;
            d = now[j - 1] + 2 < d ? now[j - 1] + 2 : d;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = before[j - 2] + 2 < d ? before[j - 2] + 2 : d;
            now[j] = d;
        }
        unsigned *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[lb];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *best = count > 0 ? candidates[0] : "";
    unsigned best_distance = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        unsigned d = distance(word, candidates[i]);
        if (d < best_distance) {
            best_distance = d;
            best = candidates[i];
        }
    }
    return best;
}
