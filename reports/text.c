/*
 * The text sink: plain ASCII within 100 columns, whatever the tree holds. Rows are kept until the
 * table ends, because only then the widths of its columns are known (text_table.c).
 */
#include "reports/text_table.h"

#include "emul/base/mem.h"
#include "reports/page.h"
#include "reports/reports.h"
#include "reports/walk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct text_sink {
    struct report_sink base;
    FILE *f;
    bool in_list; /* the blank line behind the last item is still owed */
    struct text_table table;
};

static struct text_sink *self(struct report_sink *sink)
{
    return (struct text_sink *)sink;
}

static FILE *list_end(struct report_sink *sink)
{
    if (self(sink)->in_list)
        (void)fputc('\n', self(sink)->f);
    self(sink)->in_list = false;
    return self(sink)->f;
}

static void underlined(FILE *f, const char *title, char line)
{
    char *clean = text_clean(title);
    const char *rest = clean;
    size_t longest = 0, n;
    while ((n = text_line(rest, TEXT_COLUMNS)) > 0) {
        (void)fprintf(f, "%.*s\n", (int)n, rest);
        longest = n > longest ? n : longest;
        rest = text_after(rest, n);
    }
    for (size_t i = 0; i < longest; i++)
        (void)fputc(line, f);
    (void)fputs("\n\n", f);
    free(clean);
}

static void filled(FILE *f, const char *text, const char *first, const char *others)
{
    char *clean = text_clean(text);
    const char *rest = clean, *lead = first;
    size_t n;
    while ((n = text_line(rest, TEXT_COLUMNS - strlen(lead))) > 0) {
        (void)fprintf(f, "%s%.*s\n", lead, (int)n, rest);
        rest = text_after(rest, n);
        lead = others;
    }
    free(clean);
}

static void text_begin(struct report_sink *sink, const char *title)
{
    underlined(self(sink)->f, title, '=');
}

static void text_end(struct report_sink *sink)
{
    (void)list_end(sink);
}

static void text_section(struct report_sink *sink, unsigned level, const char *title)
{
    FILE *f = list_end(sink);
    (void)fputs(level == 1 ? "\n" : "", f);
    underlined(f, title, level == 1 ? '=' : '-');
}

static void text_paragraph(struct report_sink *sink, const char *text)
{
    FILE *f = list_end(sink);
    filled(f, text, "", "");
    (void)fputc('\n', f);
}

static void text_item(struct report_sink *sink, const char *text)
{
    filled(self(sink)->f, text, "- ", "  ");
    self(sink)->in_list = true;
}

static void text_table_begin(struct report_sink *sink, const struct report_table *table)
{
    filled(list_end(sink), table->caption, "", "");
    text_table_open(&self(sink)->table, table->columns, table->count);
}

static void text_row(struct report_sink *sink, const struct report_cell *cells)
{
    text_table_row(&self(sink)->table, cells);
}

static void text_table_finish(struct report_sink *sink)
{
    text_table_print(&self(sink)->table, self(sink)->f);
    (void)fputc('\n', self(sink)->f);
}

void page_text(FILE *f, document_walk *walk, void *arg)
{
    static const struct report_sink_ops ops = {
        .begin = text_begin,
        .end = text_end,
        .section = text_section,
        .paragraph = text_paragraph,
        .item = text_item,
        .table = text_table_begin,
        .row = text_row,
        .table_end = text_table_finish,
    };
    struct text_sink sink = {.base = {.ops = &ops}, .f = f};
    walk(arg, &sink.base);
    text_table_fini(&sink.table);
}

int report_text(FILE *f, const struct report_input *in, struct err *err)
{
    struct report_input copy = *in;
    (void)err;
    page_text(f, report_document, &copy);
    return 0;
}
