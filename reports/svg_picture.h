/*
 * A picture that is being drawn: the plot's place and scales, shared by the files of svg_*.c.
 */
#ifndef MVPN_REPORTS_SVG_PICTURE_H
#define MVPN_REPORTS_SVG_PICTURE_H

#include "reports/graph.h"
#include "reports/svg_scale.h"

#include <stdio.h>

struct picture {
    FILE *f;
    const struct report_graph *g;
    struct scale x, y;
    size_t values;                   /* points that can be drawn, over all series */
    double left, right, top, bottom; /* of the plot, in units */
};

/* picture_x and picture_y return where a value lies, in units. */
double picture_x(const struct picture *p, double v);
double picture_y(const struct picture *p, double v);

/* picture_number writes a coordinate: one decimal at most. */
void picture_number(FILE *f, double v);

/* picture_point_counts tells whether point i of s can be drawn. */
bool picture_point_counts(const struct report_graph *g, const struct graph_series *s, size_t i);

/* picture_bar_end returns where the bar of point i ends, as a value of x. */
double picture_bar_end(const struct graph_series *s, size_t i);

/* picture_marker adds the marker of series n (0 ...) to a path: its shape around (x, y). */
void picture_marker(FILE *f, size_t n, double x, double y);

/* picture_series_open opens the group with the colour of series n; its content is drawn in
 * currentColor; the caller writes "</g>". */
void picture_series_open(const struct picture *p, size_t n);

/* picture_stroke writes the attributes of the line of series n. */
void picture_stroke(const struct picture *p, size_t n);

/* picture_series draws all of them, references last: they are dashed and hide nothing. */
void picture_series(const struct picture *p);

/* picture_legend draws the names below y; picture_legend_height returns what it needs: 0 where
 * one series is all there is. */
void picture_legend(const struct picture *p, double y);
double picture_legend_height(const struct report_graph *g);

/* picture_flags draws marks: a line through the plot and its name above, the names one below the
 * other where the lines are near each other; picture_flags_height returns what they need above the
 * plot, and how far the names stand out of the plot on the right. */
void picture_flags(const struct picture *p);
double picture_flags_height(const struct picture *p, double *outside);

#endif
