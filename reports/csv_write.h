/*
 * Writing CSV after RFC 4180: fields between commas, lines end in CR LF, a text is always quoted
 * and a number never, a null is an empty field. What a text may not carry into a spreadsheet or a
 * terminal is taken out of it (csv_text).
 */
#ifndef MVPN_REPORTS_CSV_WRITE_H
#define MVPN_REPORTS_CSV_WRITE_H

#include "reports/sink.h"

#include <stdbool.h>
#include <stdio.h>

struct csv {
    FILE *f;
    bool begun; /* there is a field in this line */
};

/*
 * csv_text writes a text. One that a spreadsheet would take for a formula (its first character
 * behind blanks is = + - @, or their full-width forms) gets an apostrophe before it, which
 * spreadsheets take for "text follows". Control characters but the line feed, and characters that
 * turn the direction of writing, become blanks; NULL is a null field.
 */
void csv_text(struct csv *c, const char *text);

/* csv_name writes the name of a column: quoted only where it must be. */
void csv_name(struct csv *c, const char *name);

/* csv_number writes a count, real or time in seconds, without an exponent where up to thirty digits
 * do; any other cell is a null field. */
void csv_number(struct csv *c, struct report_cell cell);

/* csv_null writes an empty field; csv_end ends the line. */
void csv_null(struct csv *c);
void csv_end(struct csv *c);

#endif
