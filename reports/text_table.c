#include "reports/text_table.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"
#include "reports/number.h"

#include <stdlib.h>
#include <string.h>

#define INDENT    2u
#define GAP       2u
#define NARROWEST 8u

char *text_clean(const char *text)
{
    char *clean = mem_strdup(text);
    char *to = clean;
    for (const char *from = text; *from != '\0'; from++) {
        unsigned char c = (unsigned char)*from;
        if (c >= 0x80 && c < 0xc0)
            continue; /* the rest of a character that became one '?' */
        if (c == '\n' || c == '\t' || c == '\r')
            c = ' ';
        *to++ = c < 0x20 || c >= 0x7f ? '?' : (char)c;
    }
    while (to > clean && to[-1] == ' ')
        to--;
    *to = '\0';
    return clean;
}

size_t text_line(const char *text, size_t width)
{
    size_t n = strlen(text);
    if (n <= width)
        return n;
    for (n = width; n > 0 && text[n] != ' '; n--)
        ;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    return n > 0 ? n : width;
}

const char *text_after(const char *text, size_t n)
{
    return text + n + strspn(text + n, " ");
}

static char *cell_string(const struct report_cell *cell, const struct report_column *column)
{
    char *display = cell_display(cell, column);
    char *clean = cell->kind == CELL_NULL ? mem_strdup("-") : text_clean(display);
    free(display);
    return clean;
}

static void empty(struct text_table *t)
{
    for (size_t i = 0; i < t->cell_count; i++)
        free(t->cells[i].text);
    t->cell_count = 0;
}

void text_table_open(struct text_table *t, const struct report_column *columns, size_t count)
{
    if (count > REPORT_COLUMNS_MAX)
        fatal("report: a table of %zu columns", count);
    empty(t);
    t->columns = columns;
    t->count = count;
}

void text_table_row(struct text_table *t, const struct report_cell *cells)
{
    for (size_t c = 0; c < t->count; c++) {
        t->cells = array_grow(t->cells, t->cell_count, &t->cell_cap, sizeof(*t->cells));
        t->cells[t->cell_count++] =
            (struct text_cell){.text = cell_string(&cells[c], &t->columns[c]),
                               .number = cells[c].kind != CELL_TEXT && cells[c].kind != CELL_NULL};
    }
}

void text_table_fini(struct text_table *t)
{
    empty(t);
    free(t->cells);
    *t = (struct text_table){0};
}

/* title_line returns line n of a heading and its length; NULL behind the last. The unit is last. */
static const char *title_line(const struct report_column *column, size_t n, size_t *len)
{
    const char *line = column->title, *next;
    for (; n > 0 && (next = strchr(line, '\n')) != NULL; n--)
        line = next + 1;
    if (n == 1)
        line = column->unit;
    if (n > 1 || line == NULL)
        return NULL;
    *len = strcspn(line, "\n");
    return line;
}

static size_t title_lines(const struct report_column *column)
{
    size_t n = 0, len;
    while (title_line(column, n, &len) != NULL)
        n++;
    return n;
}

static size_t rows_of(const struct text_table *t)
{
    return t->cell_count / t->count;
}

static bool is_number_column(const struct text_table *t, size_t c)
{
    bool any = false;
    for (size_t i = c; i < t->cell_count; i += t->count) {
        if (!t->cells[i].number && strcmp(t->cells[i].text, "-") != 0)
            return false;
        any = any || t->cells[i].number;
    }
    return any;
}

static size_t total_width(const struct text_table *t)
{
    size_t total = INDENT;
    for (size_t c = 0; c < t->count; c++)
        total += t->width[c] + (c > 0 ? GAP : 0);
    return total;
}

/* shrink takes columns off the widest breakable column until the table fits or none is left. */
static bool shrink(struct text_table *t)
{
    while (total_width(t) > TEXT_COLUMNS) {
        size_t widest = t->count;
        for (size_t c = 0; c < t->count; c++) {
            if (t->breakable[c] && t->width[c] > t->least[c] &&
                (widest == t->count || t->width[c] > t->width[widest]))
                widest = c;
        }
        if (widest == t->count)
            return false;
        t->width[widest]--;
    }
    return true;
}

static bool fit(struct text_table *t)
{
    for (size_t c = 0; c < t->count; c++) {
        size_t len;
        t->width[c] = 1;
        for (size_t n = 0; title_line(&t->columns[c], n, &len) != NULL; n++)
            t->width[c] = len > t->width[c] ? len : t->width[c];
        t->least[c] = t->width[c] > NARROWEST ? t->width[c] : NARROWEST;
        for (size_t i = c; i < t->cell_count; i += t->count) {
            len = strlen(t->cells[i].text);
            t->width[c] = len > t->width[c] ? len : t->width[c];
        }
        t->right[c] = is_number_column(t, c);
        t->breakable[c] = t->columns[c].wraps;
    }
    if (shrink(t))
        return true;
    for (size_t c = 0; c < t->count; c++)
        t->breakable[c] = !t->right[c];
    return shrink(t);
}

/* Puts one field; blanks before it are kept back in *owed so that no line ends in one. */
static void put_field(FILE *f, const char *s, size_t len, size_t width, bool right, size_t *owed)
{
    if (right)
        *owed += width - len;
    if (len > 0) {
        (void)fprintf(f, "%*s%.*s", (int)*owed, "", (int)len, s);
        *owed = 0;
    }
    if (!right)
        *owed += width - len;
    *owed += GAP;
}

/* A heading may be the name of a parameter, which the tree brought along: as wide as it was, and
 * printable. The caller frees. */
static char *heading_text(const char *line, size_t len)
{
    char *text = mem_printf("%.*s", (int)len, line);
    for (char *p = text; *p != '\0'; p++)
        *p = *p < 0x20 || *p >= 0x7f ? '?' : *p;
    return text;
}

static void put_head(const struct text_table *t, FILE *f)
{
    size_t lines = 0, len;
    for (size_t c = 0; c < t->count; c++) {
        size_t n = title_lines(&t->columns[c]);
        lines = n > lines ? n : lines;
    }
    for (size_t n = 0; n < lines; n++) {
        size_t owed = INDENT;
        for (size_t c = 0; c < t->count; c++) {
            size_t above = lines - title_lines(&t->columns[c]);
            const char *line = n < above ? NULL : title_line(&t->columns[c], n - above, &len);
            char *text = heading_text(line == NULL ? "" : line, line == NULL ? 0 : len);
            put_field(f, text, strlen(text), t->width[c], t->right[c], &owed);
            free(text);
        }
        (void)fputc('\n', f);
    }
    size_t owed = INDENT;
    for (size_t c = 0; c < t->count; c++) {
        char dashes[TEXT_COLUMNS];
        memset(dashes, '-', sizeof(dashes));
        put_field(f, dashes, t->width[c], t->width[c], false, &owed);
    }
    (void)fputc('\n', f);
}

static void put_row(const struct text_table *t, const struct text_cell *row, FILE *f)
{
    const char *rest[REPORT_COLUMNS_MAX];
    for (size_t c = 0; c < t->count; c++)
        rest[c] = row[c].text;
    for (bool more = true; more;) {
        size_t owed = INDENT;
        more = false;
        for (size_t c = 0; c < t->count; c++) {
            size_t n = text_line(rest[c], t->width[c]);
            put_field(f, rest[c], n, t->width[c], t->right[c], &owed);
            rest[c] = text_after(rest[c], n);
            more = more || *rest[c] != '\0';
        }
        (void)fputc('\n', f);
    }
}

/* One row as "heading: value" lines. */
static void put_record(const struct text_table *t, const struct text_cell *row, FILE *f)
{
    for (size_t c = 0; c < t->count; c++) {
        char *title = text_clean(t->columns[c].title);
        char *line = mem_printf("%s: %s", title, row[c].text);
        const char *rest = line;
        size_t n, indent = INDENT;
        while ((n = text_line(rest, TEXT_COLUMNS - indent)) > 0) {
            (void)fprintf(f, "%*s%.*s\n", (int)indent, "", (int)n, rest);
            rest = text_after(rest, n);
            indent = 2 * INDENT;
        }
        free(line);
        free(title);
    }
    (void)fputc('\n', f);
}

void text_table_print(struct text_table *t, FILE *f)
{
    bool fits = fit(t);
    if (rows_of(t) == 0) {
        (void)fprintf(f, "%*snone\n", (int)INDENT, "");
        return;
    }
    if (fits)
        put_head(t, f);
    for (size_t r = 0; r < rows_of(t); r++) {
        const struct text_cell *row = &t->cells[r * t->count];
        if (fits)
            put_row(t, row, f);
        else
            put_record(t, row, f);
    }
    empty(t);
}
