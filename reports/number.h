/*
 * Numbers as text, the same in every rendering: a real as the shortest decimal that reads back as
 * the same double, a time as seconds without the detour over a double.
 */
#ifndef MVPN_REPORTS_NUMBER_H
#define MVPN_REPORTS_NUMBER_H

#include "reports/sink.h"

#include <stdint.h>

#define NUMBER_TEXT 40u

/* number_real prints v; an integral one still reads as a real ("3.0"). */
void number_real(char text[NUMBER_TEXT], double v);

/* number_time prints ns as seconds with that many decimals (0 to 9), rounded half up. */
void number_time(char text[NUMBER_TEXT], int64_t ns, unsigned decimals);

/* cell_value prints a count, real or time in full precision; false for texts and null. */
bool cell_value(char text[NUMBER_TEXT], const struct report_cell *cell);

/* cell_display returns a cell as a reader sees it, rounded to the decimals of its column, texts as
 * they are, "" for null; the caller frees. */
char *cell_display(const struct report_cell *cell, const struct report_column *column);

#endif
