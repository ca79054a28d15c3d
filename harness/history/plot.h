/* A line of the history as bars of ASCII; private to this room. */
#ifndef MVPN_HISTORY_PLOT_H
#define MVPN_HISTORY_PLOT_H

#include <jansson.h>
#include <stdio.h>

#define PLOT_COLUMNS 100

/* plot_print draws one element of "lines": a row a run, from 0 to the largest value, never wider
 * than PLOT_COLUMNS. */
void plot_print(FILE *f, const json_t *line);

#endif
