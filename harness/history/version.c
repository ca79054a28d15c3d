#include "harness/history/version.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A piece of a name; how kinds of pieces stand to each other is the order of the constants. */
enum piece_kind { PIECE_BEFORE_RELEASE, PIECE_END, PIECE_TEXT, PIECE_NUMBER };

struct piece {
    enum piece_kind kind;
    const char *at;
    size_t len;
};

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool separator(char c)
{
    return c == '-' || c == '.' || c == '_' || c == '+' || c == ' ';
}

static bool before_release(const char *at, size_t len)
{
    static const char *const words[] = {"alpha", "beta", "rc", "pre", "dev"};
    if (len > 0 && at[0] == '~')
        return true;
    while (len > 0 && separator(at[0]))
        at++, len--;
    while (len > 0 && separator(at[len - 1]))
        len--;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == len && strncasecmp(at, words[i], len) == 0)
            return true;
    }
    return false;
}

static struct piece next(const char **at)
{
    struct piece p = {.kind = PIECE_END, .at = *at};
    if (**at == '\0')
        return p;
    bool number = digit(**at);
    while (**at != '\0' && digit(**at) == number)
        ++*at;
    p.len = (size_t)(*at - p.at);
    p.kind = number                        ? PIECE_NUMBER
             : before_release(p.at, p.len) ? PIECE_BEFORE_RELEASE
                                           : PIECE_TEXT;
    return p;
}

static int compare_size(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Numbers of any length: without leading zeros the longer one is the larger. */
static int compare_number(struct piece a, struct piece b)
{
    while (a.len > 1 && *a.at == '0')
        a.at++, a.len--;
    while (b.len > 1 && *b.at == '0')
        b.at++, b.len--;
    int order = compare_size(a.len, b.len);
    return order != 0 ? order : memcmp(a.at, b.at, a.len);
}

static int compare_text(struct piece a, struct piece b)
{
    int order = strncasecmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : compare_size(a.len, b.len);
}

int version_compare(const char *a, const char *b)
{
    const char *at = a, *bt = b;
    for (;;) {
        struct piece p = next(&at), q = next(&bt);
        if (p.kind != q.kind)
            return p.kind < q.kind ? -1 : 1;
        if (p.kind == PIECE_END)
            return strcmp(a, b);
        int order = p.kind == PIECE_NUMBER ? compare_number(p, q) : compare_text(p, q);
        if (order != 0)
            return order;
    }
}
