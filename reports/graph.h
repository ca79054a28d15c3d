/*
 * A graph as data: what the walk hands a sink. A sink draws it (svg.h), prints its numbers, or
 * leaves it out; whoever does not see the picture reads the same points in a table. Everything is
 * borrowed for the length of the call.
 */
#ifndef MVPN_REPORTS_GRAPH_H
#define MVPN_REPORTS_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

enum graph_kind {
    GRAPH_LINES,  /* points joined by straight lines, each point marked */
    GRAPH_STEPS,  /* a value holds until the next point */
    GRAPH_BARS,   /* one bar from x[i] to x[i + 1] (the last as wide as the one before) */
    GRAPH_POINTS, /* marks alone */
};

struct graph_axis {
    const char *title;
    const char *unit; /* or NULL */
    bool logarithmic; /* only where every value is above 0 */
};

struct graph_series {
    const char *name;
    const double *x, *y; /* NAN in y: a gap */
    size_t count;
    bool reference; /* a line to compare with (apparatus floor, expected value), drawn dashed */
};

struct graph_mark {
    double x;
    const char *name; /* "Tf", "Trall" */
};

#define GRAPH_SERIES_MAX 8u
#define GRAPH_MARKS_MAX  8u

struct report_graph {
    const char *id; /* unique in a report: letters, digits, '-', '.' */
    const char *title;
    enum graph_kind kind;
    struct graph_axis x, y;
    const struct graph_series *series;
    size_t series_count; /* at most GRAPH_SERIES_MAX: as many as can be told apart */
    const struct graph_mark *marks;
    size_t mark_count;
};

/* The numbers of a graph as rows of a table: x, then one value a series. */
struct graph_numbers {
    size_t columns;                          /* 1 + series_count */
    unsigned decimals[GRAPH_SERIES_MAX + 1]; /* of each column: none where all are integers */
    double *values;                          /* row by row; NAN: no value there */
    size_t rows;
    size_t every; /* 1: all rows; n: only every n-th stands here, and the last */
};

#define GRAPH_ROWS_MAX 600u

/* graph_numbers_of puts the points of all series of g together by x, ascending, in at most
 * GRAPH_ROWS_MAX rows; graph_numbers_fini frees them. */
struct graph_numbers graph_numbers_of(const struct report_graph *g);
void graph_numbers_fini(struct graph_numbers *n);

#endif
