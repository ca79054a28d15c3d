#include "reports/csv_write.h"

#include "emul/base/mem.h"
#include "reports/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void begin(struct csv *c)
{
    if (c->begun)
        (void)fputc(',', c->f);
    c->begun = true;
}

/* How many bytes of p are one character that turns the direction of writing (Unicode TR 9), ends a
 * line or is a control character beyond ASCII; 0: none is. */
static size_t is_odd(const char *p)
{
    static const char *const odd[] = {
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac",
        "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8",
        "\xe2\x81\xa9", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xef\xbb\xbf"};
    if ((unsigned char)p[0] == 0xc2 && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0)
        return 2;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        if (strncmp(p, odd[i], 3) == 0)
            return 3;
    }
    return 0;
}

/* What a text becomes; the caller frees. */
static char *cleaned(const char *text)
{
    char *clean = mem_strdup(text), *to = clean;
    for (const char *p = text; *p != '\0';) {
        unsigned char c = (unsigned char)*p;
        size_t n = is_odd(p);
        bool blank = n > 0 || (c < 0x20 && c != '\n') || c == 0x7f;
        *to++ = blank ? ' ' : *p;
        p += n > 0 ? n : 1;
    }
    *to = '\0';
    return clean;
}

static bool is_formula(const char *text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"};
    text += strspn(text, " \n");
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        if (strncmp(text, wide[i], 3) == 0)
            return true;
    }
    return *text != '\0' && strchr("=+-@", *text) != NULL;
}

static void quoted(FILE *f, const char *text)
{
    (void)fputc('"', f);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            (void)fputc('"', f);
        (void)fputc(*text, f);
    }
    (void)fputc('"', f);
}

void csv_text(struct csv *c, const char *text)
{
    if (text == NULL) {
        csv_null(c);
        return;
    }
    char *clean = cleaned(text);
    char *safe = is_formula(clean) ? mem_printf("'%s", clean) : NULL;
    begin(c);
    quoted(c->f, safe != NULL ? safe : clean);
    free(safe);
    free(clean);
}

void csv_name(struct csv *c, const char *name)
{
    char *clean = cleaned(name);
    begin(c);
    if (strpbrk(clean, ",\"\n ") != NULL)
        quoted(c->f, clean);
    else
        (void)fputs(clean, c->f);
    free(clean);
}

/* The shortest digits as number_real has them, without its exponent. */
static void put_real(FILE *f, double v)
{
    char text[NUMBER_TEXT];
    number_real(text, v);
    const char *e = strchr(text, 'e');
    if (e == NULL || fabs(v) >= 1e15 || fabs(v) < 1e-12) {
        (void)fputs(text, f);
        return;
    }
    long exponent = strtol(e + 1, NULL, 10);
    const char *point = strchr(text, '.');
    long digits = point == NULL ? 0 : (long)(e - point) - 1;
    long decimals = digits - exponent;
    (void)fprintf(f, "%.*f", decimals < 0 ? 0 : (int)decimals, v);
}

void csv_number(struct csv *c, struct report_cell cell)
{
    char text[NUMBER_TEXT];
    if (cell.kind == CELL_TEXT || cell.kind == CELL_NULL ||
        (cell.kind == CELL_REAL && !isfinite(cell.real))) {
        csv_null(c);
        return;
    }
    begin(c);
    if (cell.kind == CELL_REAL)
        put_real(c->f, cell.real);
    else if (cell_value(text, &cell))
        (void)fputs(text, c->f);
}

void csv_null(struct csv *c)
{
    begin(c);
}

void csv_end(struct csv *c)
{
    (void)fputs("\r\n", c->f);
    c->begun = false;
}
