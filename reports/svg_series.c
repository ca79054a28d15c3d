#include "reports/svg_picture.h"

#include <math.h>

/* Okabe and Ito's eight, darkened or lightened until each has a contrast of 3 and more on white
 * and on near-black paper. */
static const char *const colours[GRAPH_SERIES_MAX] = {"#0072b2", "#d55e00", "#009e73", "#c2699c",
                                                      "#b87a00", "#3a92c8", "#8a7d00", "#7a7a7a"};

#define DENSE            2.0 /* points a unit of width beyond which lines are reduced */
#define ALL_MARKED       40u /* so many points are marked each, of more only some */
#define ALL_STEPS_MARKED 16u
#define MARKER_EVERY     64.0 /* units, then */
#define MARKER_RADIUS    5.2

/* ---- style ----------------------------------------------------------------------------------- */

static size_t colour_of(const struct report_graph *g, size_t n)
{
    size_t colour = 0;
    for (size_t i = 0; i < n; i++)
        colour += !g->series[i].reference;
    return colour % GRAPH_SERIES_MAX;
}

void picture_series_open(const struct picture *p, size_t n)
{
    if (p->g->series[n].reference) {
        (void)fputs("<g class=\"reference\">", p->f);
        return;
    }
    size_t colour = colour_of(p->g, n);
    (void)fprintf(p->f, "<g class=\"s%zu\" color=\"%s\" style=\"color:var(--series-%zu,%s)\">",
                  colour + 1, colours[colour], colour + 1, colours[colour]);
}

/* Later lines are thinner: of two that coincide both are seen. */
void picture_stroke(const struct picture *p, size_t n)
{
    static const double widths[GRAPH_SERIES_MAX] = {3.8, 2.8, 2, 1.6, 1.4, 1.4, 1.4, 1.4};
    static const char *const dashes[] = {"7 4", "2 4", "11 4 2 4"};
    (void)fputs(" fill=\"none\" stroke=\"currentColor\" stroke-linejoin=\"round\" stroke-width=\"",
                p->f);
    if (p->g->series[n].reference) {
        size_t earlier = 0;
        for (size_t i = 0; i < n; i++)
            earlier += p->g->series[i].reference;
        (void)fprintf(p->f, "1.6\" stroke-dasharray=\"%s\"",
                      dashes[earlier % (sizeof(dashes) / sizeof(dashes[0]))]);
    } else {
        picture_number(p->f, widths[colour_of(p->g, n)]);
        (void)fputs("\" stroke-linecap=\"round\"", p->f);
    }
}

/* ---- markers --------------------------------------------------------------------------------- */

static const struct shape {
    size_t count; /* of corners; 0: a circle */
    double at[12][2];
} shapes[GRAPH_SERIES_MAX] = {
    {0, {{0}}},
    {4, {{-.8, -.8}, {.8, -.8}, {.8, .8}, {-.8, .8}}},
    {3, {{0, -1.15}, {1.1, .85}, {-1.1, .85}}},
    {4, {{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}}},
    {3, {{0, 1.15}, {1.1, -.85}, {-1.1, -.85}}},
    {12,
     {{-.4, -1.2},
      {.4, -1.2},
      {.4, -.4},
      {1.2, -.4},
      {1.2, .4},
      {.4, .4},
      {.4, 1.2},
      {-.4, 1.2},
      {-.4, .4},
      {-1.2, .4},
      {-1.2, -.4},
      {-.4, -.4}}},
    {4, {{-1, -1.1}, {1, -1.1}, {-1, 1.1}, {1, 1.1}}},
    {4, {{-1.1, -1}, {1.1, 1}, {1.1, -1}, {-1.1, 1}}},
};

void picture_marker(FILE *f, size_t n, double x, double y)
{
    const struct shape *shape = &shapes[n % GRAPH_SERIES_MAX];
    double r = MARKER_RADIUS - 0.35 * (double)(n % GRAPH_SERIES_MAX);
    if (shape->count == 0) {
        (void)fputc('M', f);
        picture_number(f, x - r);
        (void)fputc(' ', f);
        picture_number(f, y);
        (void)fprintf(f, "a%.1f %.1f 0 1 0 %.1f 0a%.1f %.1f 0 1 0 -%.1f 0z", r, r, 2 * r, r, r,
                      2 * r);
        return;
    }
    for (size_t i = 0; i < shape->count; i++) {
        (void)fputc(i == 0 ? 'M' : 'L', f);
        picture_number(f, x + r * shape->at[i][0]);
        (void)fputc(' ', f);
        picture_number(f, y + r * shape->at[i][1]);
    }
    (void)fputc('z', f);
}

/* A few markers on a long line, each series at places of its own. */
static void markers(const struct picture *p, size_t n)
{
    const struct graph_series *s = &p->g->series[n];
    size_t colour = colour_of(p->g, n);
    size_t most = p->g->kind == GRAPH_STEPS ? ALL_STEPS_MARKED : ALL_MARKED;
    bool all = s->count <= most || p->g->kind == GRAPH_POINTS;
    double next = p->left + MARKER_EVERY * ((double)n + 0.5) / (double)p->g->series_count;
    double last_x = NAN, last_y = NAN;
    (void)fputs("<path class=\"markers\" fill=\"currentColor\" d=\"", p->f);
    for (size_t i = 0; i < s->count; i++) {
        if (!picture_point_counts(p->g, s, i))
            continue;
        double x = picture_x(p, s->x[i]), y = picture_y(p, s->y[i]);
        bool covered = fabs(x - last_x) < 0.5 && fabs(y - last_y) < 0.5;
        if (covered || (!all && x < next))
            continue;
        picture_marker(p->f, colour, x, y);
        last_x = x;
        last_y = y;
        next += MARKER_EVERY * (floor((x - next) / MARKER_EVERY) + 1);
    }
    (void)fputs("\"/>", p->f);
}

/* ---- lines and steps ------------------------------------------------------------------------- */

/* The pen of a line. Points of one column (a unit wide) are held back: what is drawn of them is
 * the first, the least, the greatest and the last. */
struct pen {
    const struct picture *p;
    bool steps, dense, down;
    size_t held;
    double column, x, first, least, greatest, last;
};

static void pen_to(struct pen *pen, double x, double y)
{
    FILE *f = pen->p->f;
    if (pen->down && pen->steps) {
        (void)fputc('H', f);
        picture_number(f, x);
        (void)fputc('V', f);
        picture_number(f, y);
        return;
    }
    (void)fputc(pen->down ? 'L' : 'M', f);
    picture_number(f, x);
    (void)fputc(' ', f);
    picture_number(f, y);
    pen->down = true;
}

static void pen_flush(struct pen *pen)
{
    if (pen->held == 0)
        return;
    pen_to(pen, pen->x, pen->first);
    if (pen->held > 2) {
        pen_to(pen, pen->x, pen->least);
        pen_to(pen, pen->x, pen->greatest);
    }
    if (pen->held > 1)
        pen_to(pen, pen->x, pen->last);
    pen->held = 0;
}

static void pen_point(struct pen *pen, double x, double y)
{
    if (!pen->dense) {
        pen_to(pen, x, y);
        return;
    }
    if (pen->held > 0 && floor(x) != pen->column)
        pen_flush(pen);
    if (pen->held == 0) {
        pen->column = floor(x);
        pen->x = x;
        pen->first = pen->least = pen->greatest = y;
    }
    pen->least = fmin(pen->least, y);
    pen->greatest = fmax(pen->greatest, y);
    pen->last = y;
    pen->held++;
}

/* A lone point between gaps is a dot of the round line end. */
static void pen_up(struct pen *pen, double until)
{
    pen_flush(pen);
    if (!pen->down)
        return;
    if (pen->steps && !isnan(until)) {
        (void)fputc('H', pen->p->f);
        picture_number(pen->p->f, until);
    } else {
        (void)fputs("h0", pen->p->f);
    }
    pen->down = false;
}

static void line(const struct picture *p, size_t n, bool steps)
{
    const struct graph_series *s = &p->g->series[n];
    struct pen pen = {
        .p = p, .steps = steps, .dense = (double)s->count > DENSE * (p->right - p->left)};
    (void)fputs("<path class=\"line\" d=\"", p->f);
    for (size_t i = 0; i < s->count; i++) {
        if (picture_point_counts(p->g, s, i))
            pen_point(&pen, picture_x(p, s->x[i]), picture_y(p, s->y[i]));
        else
            pen_up(&pen, isfinite(s->x[i]) ? picture_x(p, s->x[i]) : NAN);
    }
    pen_up(&pen, NAN);
    (void)fputc('"', p->f);
    picture_stroke(p, n);
    (void)fputs("/>", p->f);
}

/* ---- bars ------------------------------------------------------------------------------------ */

double picture_bar_end(const struct graph_series *s, size_t i)
{
    if (i + 1 < s->count && isfinite(s->x[i + 1]))
        return s->x[i + 1];
    return i == 0 || !isfinite(s->x[i - 1]) ? s->x[i] : s->x[i] + (s->x[i] - s->x[i - 1]);
}

static void bar(const struct picture *p, double from, double to, double y)
{
    double base = picture_y(p, p->y.logarithmic ? p->y.from : 0);
    if (to - from > 3) /* a hair between neighbours */
        to -= 0.6;
    if (to - from < 0.8)
        to = from + 0.8;
    (void)fputc('M', p->f);
    picture_number(p->f, from);
    (void)fputc(' ', p->f);
    picture_number(p->f, base);
    (void)fputc('V', p->f);
    picture_number(p->f, y);
    (void)fputc('H', p->f);
    picture_number(p->f, to);
    (void)fputc('V', p->f);
    picture_number(p->f, base);
    (void)fputc('z', p->f);
}

/* Bars of several series stand side by side; of many in one unit of width the tallest is drawn. */
static void bars(const struct picture *p, size_t n)
{
    const struct graph_series *s = &p->g->series[n];
    double count = 0, place = (double)colour_of(p->g, n);
    for (size_t i = 0; i < p->g->series_count; i++)
        count += !p->g->series[i].reference;
    bool dense = (double)s->count > DENSE * (p->right - p->left);
    double column = NAN, tallest = 0;
    (void)fputs("<path class=\"bars\" fill=\"currentColor\" fill-opacity=\"0.85\" d=\"", p->f);
    for (size_t i = 0; i < s->count; i++) {
        if (!picture_point_counts(p->g, s, i))
            continue;
        double from = picture_x(p, s->x[i]), to = picture_x(p, picture_bar_end(s, i));
        double y = picture_y(p, s->y[i]), width = s->count == 1 ? 24 : (to - from) / count;
        if (!dense) {
            bar(p, from + width * place, from + width * (place + 1), y);
            continue;
        }
        if (!isnan(column) && floor(from) != column)
            bar(p, column, column + 1, tallest);
        tallest = floor(from) == column ? fmin(tallest, y) : y;
        column = floor(from);
    }
    if (!isnan(column))
        bar(p, column, column + 1, tallest);
    (void)fputs("\"/>", p->f);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void one(const struct picture *p, size_t n)
{
    bool reference = p->g->series[n].reference;
    if (p->g->series[n].count == 0)
        return;
    picture_series_open(p, n);
    if (p->g->kind == GRAPH_BARS && !reference)
        bars(p, n);
    else if (p->g->kind != GRAPH_POINTS || reference)
        line(p, n, p->g->kind == GRAPH_STEPS || p->g->kind == GRAPH_BARS);
    if (p->g->kind != GRAPH_BARS && !reference)
        markers(p, n);
    (void)fputs("</g>\n", p->f);
}

void picture_series(const struct picture *p)
{
    for (int reference = 0; reference < 2; reference++) {
        for (size_t n = 0; n < p->g->series_count; n++) {
            if (p->g->series[n].reference == (reference == 1))
                one(p, n);
        }
    }
}
