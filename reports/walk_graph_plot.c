#include "reports/walk_graph_plot.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdlib.h>

size_t plot_series_add(struct plot *p, const char *name, bool reference)
{
    if (p->series_count == GRAPH_SERIES_MAX)
        return GRAPH_SERIES_MAX;
    p->series[p->series_count] =
        (struct plot_series){.name = mem_strdup(name), .reference = reference};
    return p->series_count++;
}

void plot_point(struct plot *p, size_t n, double x, double y)
{
    if (n >= p->series_count)
        return;
    struct plot_series *s = &p->series[n];
    s->x = array_grow(s->x, s->count, &s->x_cap, sizeof(s->x[0]));
    s->y = array_grow(s->y, s->count, &s->y_cap, sizeof(s->y[0]));
    s->x[s->count] = x;
    s->y[s->count] = y;
    s->count++;
}

void plot_mark(struct plot *p, double x, const char *name)
{
    if (isfinite(x) && p->mark_count < GRAPH_MARKS_MAX)
        p->marks[p->mark_count++] = (struct graph_mark){.x = x, .name = mem_strdup(name)};
}

/* ---- questions ------------------------------------------------------------------------------- */

struct survey {
    size_t values, places;
    double x, least, greatest;
};

static struct survey survey(const struct plot *p)
{
    struct survey v = {.x = NAN, .least = INFINITY, .greatest = -INFINITY};
    for (size_t n = 0; n < p->series_count; n++) {
        const struct plot_series *s = &p->series[n];
        for (size_t i = 0; !s->reference && i < s->count; i++) {
            if (!isfinite(s->x[i]) || !isfinite(s->y[i]))
                continue;
            v.values++;
            v.places += v.places == 0 || (v.places == 1 && s->x[i] != v.x);
            v.x = v.places == 1 ? s->x[i] : v.x;
            v.least = fmin(v.least, s->y[i]);
            v.greatest = fmax(v.greatest, s->y[i]);
        }
    }
    return v;
}

size_t plot_places(const struct plot *p)
{
    return survey(p).places;
}

bool plot_any_above(const struct plot *p, double limit)
{
    return survey(p).greatest > limit;
}

bool plot_all_above(const struct plot *p, double limit)
{
    struct survey v = survey(p);
    return v.values > 0 && v.least > limit;
}

double plot_spread(const struct plot *p)
{
    struct survey v = survey(p);
    return v.values == 0 || v.least <= 0 ? 1 : v.greatest / v.least;
}

/* ---- showing --------------------------------------------------------------------------------- */

void plot_show(struct plot *p, struct report_sink *sink)
{
    struct graph_series series[GRAPH_SERIES_MAX];
    for (size_t n = 0; n < p->series_count; n++)
        series[n] = (struct graph_series){.name = p->series[n].name,
                                          .x = p->series[n].x,
                                          .y = p->series[n].y,
                                          .count = p->series[n].count,
                                          .reference = p->series[n].reference};
    struct report_graph g = {.id = p->id,
                             .title = p->title,
                             .kind = p->kind,
                             .x = p->x,
                             .y = p->y,
                             .series = series,
                             .series_count = p->series_count,
                             .marks = p->marks,
                             .mark_count = p->mark_count};
    if (sink->ops->graph != NULL && survey(p).values > 0)
        sink->ops->graph(sink, &g);
    plot_fini(p);
}

void plot_fini(struct plot *p)
{
    for (size_t n = 0; n < p->series_count; n++) {
        free(p->series[n].name);
        free(p->series[n].x);
        free(p->series[n].y);
    }
    for (size_t i = 0; i < p->mark_count; i++)
        free((char *)(uintptr_t)p->marks[i].name);
    free(p->id);
    free(p->title);
    *p = (struct plot){0};
}

double graph_ns(const json_t *v)
{
    int64_t ns;
    return result_is_time(v, &ns) ? (double)ns : result_number(v);
}
