/*
 * A graph while the walk puts it together: it owns its texts and points.
 */
#ifndef MVPN_REPORTS_WALK_GRAPH_PLOT_H
#define MVPN_REPORTS_WALK_GRAPH_PLOT_H

#include "reports/sink.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct plot_series {
    char *name;
    double *x, *y;
    size_t count, x_cap, y_cap;
    bool reference;
};

struct plot {
    enum graph_kind kind;
    char *id, *title;       /* owned, set by the caller with mem_printf */
    struct graph_axis x, y; /* texts borrowed */
    struct plot_series series[GRAPH_SERIES_MAX];
    size_t series_count;
    struct graph_mark marks[GRAPH_MARKS_MAX]; /* names owned */
    size_t mark_count;
};

/* plot_series_add opens a series and returns its number; GRAPH_SERIES_MAX when all are in use:
 * points of that one are dropped. */
size_t plot_series_add(struct plot *p, const char *name, bool reference);

/* plot_point adds a point to series n; plot_mark a mark, unless x is NAN. */
void plot_point(struct plot *p, size_t n, double x, double y);
void plot_mark(struct plot *p, double x, const char *name);

/* plot_places counts the different x at which any series that is no reference has a value, as far
 * as 2. plot_any_above tells whether any such value is above limit; plot_all_above whether all are;
 * plot_spread returns the greatest of them over the least. */
size_t plot_places(const struct plot *p);
bool plot_any_above(const struct plot *p, double limit);
bool plot_all_above(const struct plot *p, double limit);
double plot_spread(const struct plot *p);

/* plot_show hands the graph to sink, unless no series has a value, and frees what p owns;
 * plot_fini only frees. */
void plot_show(struct plot *p, struct report_sink *sink);
void plot_fini(struct plot *p);

/* graph_ns returns nanoseconds as they stand in a result (a count, or a time); NAN without. */
double graph_ns(const json_t *v);

#endif
