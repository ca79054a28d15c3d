/*
 * Tables of the text sink: cells become clean ASCII, columns get the width of their contents, and
 * where the page is too narrow texts are broken into lines; a table that does not fit even so is
 * printed row by row as "heading: value".
 */
#ifndef MVPN_REPORTS_TEXT_TABLE_H
#define MVPN_REPORTS_TEXT_TABLE_H

#include "reports/sink.h"

#include <stdio.h>

#define TEXT_COLUMNS 100u

struct text_cell {
    char *text; /* owned */
    bool number;
};

struct text_table {
    const struct report_column *columns; /* borrowed until text_table_print */
    size_t count;
    struct text_cell *cells; /* row by row */
    size_t cell_count, cell_cap;
    size_t width[REPORT_COLUMNS_MAX];
    size_t least[REPORT_COLUMNS_MAX]; /* no narrower: the heading stands in it */
    bool right[REPORT_COLUMNS_MAX];   /* numbers */
    bool breakable[REPORT_COLUMNS_MAX];
};

/* text_clean copies text with everything that is not printable ASCII replaced, and no blank at its
 * end; the caller frees. */
char *text_clean(const char *text);

/* text_line returns how much of text goes on a line of at most width characters, broken between
 * words where it can be; text_after returns what is left behind n characters and the blank. */
size_t text_line(const char *text, size_t width);
const char *text_after(const char *text, size_t n);

/* text_table_open empties t (zeroed or used before) and gives it columns. */
void text_table_open(struct text_table *t, const struct report_column *columns, size_t count);
void text_table_row(struct text_table *t, const struct report_cell *cells);
void text_table_print(struct text_table *t, FILE *f);
void text_table_fini(struct text_table *t);

#endif
