/* An answer for the eye: its rows as a table, everything else as "key: value" lines. */
#ifndef MVPN_CLI_TABLE_H
#define MVPN_CLI_TABLE_H

#include <jansson.h>
#include <stdio.h>

/* table_rows prints an array of objects with the same keys, one a line under a heading; numbers to
 * the right. */
void table_rows(FILE *f, const json_t *rows);

/* table_print prints an object: scalars first, objects within it indented, then each array of
 * objects as a table. */
void table_print(FILE *f, const json_t *answer);

#endif
