#include "reports/svg_text.h"

#include "emul/base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"

/* The length of the character at s, 0 if it is none that XML 1.0 allows (its production 2). */
static size_t character(const unsigned char *s, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    if (n == 0)
        return 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    *code = c;
    bool allowed = c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) &&
                   (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0xfffe && c != 0xffff;
    return allowed ? n : 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
    case '\n':
    case '\r':
        return " ";
    default:
        return NULL;
    }
}

void svg_escape(FILE *f, const char *text)
{
    uint32_t code;
    while (*text != '\0') {
        size_t n = character((const unsigned char *)text, &code);
        const char *instead = n == 0 ? REPLACEMENT : n == 1 ? entity(*text) : NULL;
        if (instead != NULL)
            (void)fputs(instead, f);
        else
            (void)fwrite(text, 1, n, f);
        text += n == 0 ? 1 : n;
    }
}

static double width_of(uint32_t c)
{
    if (c >= 0x1100)
        return SVG_FONT; /* East Asian letters are square */
    if (c > 0x7f)
        return 0.65 * SVG_FONT;
    if (strchr("il.,'|:;!()[]tfrj ", (int)c) != NULL)
        return 0.40 * SVG_FONT;
    if (strchr("mwMW@%", (int)c) != NULL)
        return 0.95 * SVG_FONT;
    return (c >= 'A' && c <= 'Z' ? 0.72 : 0.62) * SVG_FONT;
}

/* The width of text up to limit, and how many bytes that are. */
static double measured(const char *text, double limit, size_t *bytes)
{
    double width = 0;
    size_t at = 0;
    while (text[at] != '\0') {
        uint32_t code = 0xfffd;
        size_t n = character((const unsigned char *)text + at, &code);
        double one = width_of(n == 0 ? 0xfffd : code);
        if (width + one > limit)
            break;
        width += one;
        at += n == 0 ? 1 : n;
    }
    *bytes = at;
    return width;
}

double svg_text_width(const char *text)
{
    size_t bytes;
    return measured(text, 1e9, &bytes);
}

char *svg_text_fit(const char *text, double width)
{
    size_t bytes;
    (void)measured(text, width, &bytes);
    if (text[bytes] == '\0')
        return mem_strdup(text);
    (void)measured(text, width - width_of(0x2026), &bytes);
    return mem_printf("%.*s" ELLIPSIS, (int)bytes, text);
}

void svg_id_print(FILE *f, const char *id)
{
    bool letter = (*id >= 'a' && *id <= 'z') || (*id >= 'A' && *id <= 'Z');
    if (!letter)
        (void)fputs("g-", f);
    for (; *id != '\0'; id++) {
        bool good = (*id >= 'a' && *id <= 'z') || (*id >= 'A' && *id <= 'Z') ||
                    (*id >= '0' && *id <= '9') || *id == '-' || *id == '.';
        (void)fputc(good ? *id : '-', f);
    }
}
