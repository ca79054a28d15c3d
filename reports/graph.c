#include "reports/graph.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A point of a series, on its way into the row of its x. */
struct point {
    double x, y;
    size_t series, index;
};

static int by_x(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->series != q->series)
        return p->series < q->series ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static struct point *points_of(const struct report_graph *g, size_t columns, size_t *count)
{
    size_t all = 0;
    for (size_t n = 0; n + 1 < columns; n++)
        all += g->series[n].count;
    struct point *points = mem_zalloc(all, sizeof(*points));
    *count = 0;
    for (size_t n = 0; n + 1 < columns; n++) {
        const struct graph_series *s = &g->series[n];
        for (size_t i = 0; i < s->count; i++) {
            if (isfinite(s->x[i]) && isfinite(s->y[i]))
                points[(*count)++] = (struct point){s->x[i], s->y[i], n, i};
        }
    }
    if (*count > 1)
        qsort(points, *count, sizeof(*points), by_x);
    return points;
}

/* One row an x; a series that has several values there gets several rows. */
static void rows_of(struct graph_numbers *n, const struct point *points, size_t count)
{
    double *row = NULL;
    n->values = mem_zalloc(count * n->columns, sizeof(n->values[0]));
    for (size_t i = 0; i < count; i++) {
        const struct point *p = &points[i];
        if (row == NULL || row[0] != p->x || !isnan(row[1 + p->series])) {
            row = n->values + n->rows++ * n->columns;
            row[0] = p->x;
            for (size_t c = 1; c < n->columns; c++)
                row[c] = NAN;
        }
        row[1 + p->series] = p->y;
    }
}

static void thin(struct graph_numbers *n)
{
    n->every = 1;
    if (n->rows <= GRAPH_ROWS_MAX)
        return;
    n->every = (n->rows + GRAPH_ROWS_MAX - 2) / (GRAPH_ROWS_MAX - 1);
    size_t kept = 0, last = n->rows - 1;
    for (size_t i = 0; i < n->rows; i++) {
        if (i % n->every == 0 || i == last)
            memmove(n->values + kept++ * n->columns, n->values + i * n->columns,
                    n->columns * sizeof(n->values[0]));
    }
    n->rows = kept;
}

/* The fewest decimals, up to nine, that give the value back; small numbers by what counts. */
static unsigned decimals_of(double v)
{
    double scaled = fabs(v);
    unsigned decimals = 0;
    for (; decimals < 9 && fabs(scaled - round(scaled)) > 1e-6 * fmax(scaled, 1e-3); decimals++)
        scaled *= 10;
    return decimals;
}

static void decimals(struct graph_numbers *n)
{
    for (size_t c = 0; c < n->columns; c++) {
        n->decimals[c] = 0;
        for (size_t r = 0; r < n->rows; r++) {
            double v = n->values[r * n->columns + c];
            unsigned d = isnan(v) ? 0 : decimals_of(v);
            n->decimals[c] = d > n->decimals[c] ? d : n->decimals[c];
        }
    }
}

struct graph_numbers graph_numbers_of(const struct report_graph *g)
{
    size_t shown = g->series_count < GRAPH_SERIES_MAX ? g->series_count : GRAPH_SERIES_MAX, count;
    struct graph_numbers n = {.columns = 1 + shown};
    struct point *points = points_of(g, n.columns, &count);
    rows_of(&n, points, count);
    free(points);
    thin(&n);
    decimals(&n);
    return n;
}

void graph_numbers_fini(struct graph_numbers *n)
{
    free(n->values);
    *n = (struct graph_numbers){0};
}
