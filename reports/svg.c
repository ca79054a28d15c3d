#include "reports/svg.h"

#include "emul/base/mem.h"
#include "reports/svg_picture.h"
#include "reports/svg_text.h"

#include <math.h>
#include <stdlib.h>

#define PLOT_HEIGHT 210.0
#define TITLE_ROW   23.0
#define TICK_ROW    22.0
#define EDGE        12.0 /* free on the right */
#define TICK_GAP    8.0  /* between an axis and its labels */
#define X_TICKS     8u
#define Y_TICKS     5u

/* ---- values and places ----------------------------------------------------------------------- */

double picture_x(const struct picture *p, double v)
{
    return p->left + (p->right - p->left) * scale_at(&p->x, v);
}

double picture_y(const struct picture *p, double v)
{
    return p->bottom - (p->bottom - p->top) * scale_at(&p->y, v);
}

void picture_number(FILE *f, double v)
{
    double tenths = round(v * 10);
    if (fmod(tenths, 10) == 0)
        (void)fprintf(f, "%.0f", tenths / 10 + 0.0);
    else
        (void)fprintf(f, "%.1f", tenths / 10);
}

bool picture_point_counts(const struct report_graph *g, const struct graph_series *s, size_t i)
{
    struct value_range x, y;
    range_init(&x, g->x.logarithmic);
    range_init(&y, g->y.logarithmic);
    return range_counts(&x, s->x[i]) && range_counts(&y, s->y[i]);
}

/* A logarithmic axis that no value fits on is drawn as an ordinary one. */
static bool any_fits(const struct report_graph *g, bool vertical)
{
    struct value_range r;
    range_init(&r, true);
    for (size_t n = 0; n < g->series_count; n++) {
        for (size_t i = 0; i < g->series[n].count; i++)
            range_add(&r, vertical ? g->series[n].y[i] : g->series[n].x[i]);
    }
    return r.count > 0;
}

static void ranges(struct picture *p, struct value_range *x, struct value_range *y)
{
    const struct report_graph *g = p->g;
    range_init(x, g->x.logarithmic);
    range_init(y, g->y.logarithmic);
    for (size_t n = 0; n < g->series_count; n++) {
        const struct graph_series *s = &g->series[n];
        for (size_t i = 0; i < s->count; i++) {
            if (!picture_point_counts(g, s, i))
                continue;
            p->values++;
            range_add(x, s->x[i]);
            range_add(y, s->y[i]);
            if (g->kind == GRAPH_BARS && !s->reference)
                range_add(x, picture_bar_end(s, i));
        }
    }
    for (size_t i = 0; i < g->mark_count; i++)
        range_add(x, g->marks[i].x);
    if (g->kind == GRAPH_BARS && !g->y.logarithmic)
        range_add(y, 0);
}

static double widest(const struct scale *s)
{
    double width = 0;
    for (size_t i = 0; i < s->tick_count; i++)
        width = fmax(width, svg_text_width(s->labels[i]));
    return width;
}

/* As many ticks as have room for their labels. */
static void scale_x(struct picture *p, const struct value_range *x)
{
    for (unsigned target = X_TICKS; target > 0; target--) {
        scale_init(&p->x, x, false, target);
        if ((widest(&p->x) + 14) * (double)p->x.tick_count <= p->right - p->left)
            break;
    }
}

/* What the legend takes, with a little air below. */
static double legend_room(const struct report_graph *g)
{
    double height = picture_legend_height(g);
    return height == 0 ? 0 : height + 4;
}

/* Places the plot; returns the height of the picture. */
static double layout(struct picture *p)
{
    struct value_range x, y;
    double outside;
    ranges(p, &x, &y);
    scale_init(&p->y, &y, true, Y_TICKS);
    p->left = ceil(fmax(widest(&p->y) + TICK_GAP, 28));
    p->right = SVG_WIDTH - EDGE;
    scale_x(p, &x);
    (void)picture_flags_height(p, &outside);
    p->right = floor(fmin(p->right, SVG_WIDTH - fmax(outside, widest(&p->x) / 2)));
    scale_x(p, &x);
    double flags = picture_flags_height(p, &outside);
    p->top = legend_room(p->g) + TITLE_ROW + (flags == 0 ? 10 : flags + 4);
    p->bottom = p->top + PLOT_HEIGHT;
    return p->bottom + TICK_ROW + TITLE_ROW + 4;
}

/* ---- words for who does not see it ------------------------------------------------------------
 */

static void say_axis(FILE *f, const char *which, const struct graph_axis *axis,
                     const struct scale *s)
{
    char from[32], to[32];
    number_short(from, sizeof(from), s->from);
    number_short(to, sizeof(to), s->to);
    (void)fprintf(f, " %s: ", which);
    svg_escape(f, axis->title);
    if (axis->unit != NULL) {
        (void)fputs(" in ", f);
        svg_escape(f, axis->unit);
    }
    (void)fprintf(f, ", %s to %s%s.", from, to, s->logarithmic ? ", logarithmic" : "");
}

static void say_series(const struct picture *p, const struct graph_series *s)
{
    struct value_range r;
    char least[32], greatest[32];
    range_init(&r, p->g->y.logarithmic);
    for (size_t i = 0; i < s->count; i++) {
        if (picture_point_counts(p->g, s, i))
            range_add(&r, s->y[i]);
    }
    number_short(least, sizeof(least), r.least);
    number_short(greatest, sizeof(greatest), r.greatest);
    (void)fputc(' ', p->f);
    svg_escape(p->f, s->name);
    if (r.count == 0)
        (void)fputs(": no value.", p->f);
    else
        (void)fprintf(p->f, ": %zu value%s, %s to %s.", r.count, r.count == 1 ? "" : "s", least,
                      greatest);
}

static void describe(const struct picture *p)
{
    static const char *const kinds[] = {[GRAPH_LINES] = "Lines",
                                        [GRAPH_STEPS] = "Steps",
                                        [GRAPH_BARS] = "Bars",
                                        [GRAPH_POINTS] = "Points"};
    (void)fprintf(p->f, "%s.", kinds[p->g->kind]);
    say_axis(p->f, "Horizontal", &p->g->x, &p->x);
    say_axis(p->f, "Vertical", &p->g->y, &p->y);
    for (size_t n = 0; n < p->g->series_count; n++)
        say_series(p, &p->g->series[n]);
    for (size_t i = 0; i < p->g->mark_count; i++) {
        char at[32];
        if (!isfinite(p->g->marks[i].x))
            continue;
        number_short(at, sizeof(at), p->g->marks[i].x);
        (void)fputc(' ', p->f);
        svg_escape(p->f, p->g->marks[i].name);
        (void)fprintf(p->f, " at %s.", at);
    }
}

/* ---- the frame ------------------------------------------------------------------------------- */

static void open_picture(const struct picture *p, double height)
{
    FILE *f = p->f;
    (void)fprintf(f,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" width=\"100%%\" "
                  "viewBox=\"0 0 %u %.0f\" role=\"img\" aria-labelledby=\"",
                  SVG_WIDTH, height);
    svg_id_print(f, p->g->id);
    (void)fputs("-title ", f);
    svg_id_print(f, p->g->id);
    (void)fprintf(f,
                  "-desc\" font-size=\"%.0f\" font-family=\"system-ui,'Segoe UI',Roboto,"
                  "'Helvetica Neue',Arial,sans-serif\" fill=\"currentColor\" "
                  "style=\"color:var(--ink,inherit)\">\n<title id=\"",
                  SVG_FONT);
    svg_id_print(f, p->g->id);
    (void)fputs("-title\">", f);
    svg_escape(f, p->g->title);
    (void)fputs("</title>\n<desc id=\"", f);
    svg_id_print(f, p->g->id);
    (void)fputs("-desc\">", f);
    describe(p);
    (void)fputs("</desc>\n", f);
}

static void grid(const struct picture *p)
{
    (void)fputs("<path class=\"grid\" fill=\"none\" stroke=\"#cccccc\" "
                "style=\"stroke:var(--grid,#8c8c8c55)\" d=\"",
                p->f);
    for (size_t i = 0; i < p->y.tick_count; i++)
        (void)fprintf(p->f, "M%.1f %.1fH%.1f", p->left, picture_y(p, p->y.ticks[i]), p->right);
    for (size_t i = 0; i < p->x.tick_count; i++)
        (void)fprintf(p->f, "M%.1f %.1fV%.1f", picture_x(p, p->x.ticks[i]), p->top, p->bottom);
    double base = picture_y(p, p->y.logarithmic ? p->y.from : 0);
    (void)fprintf(p->f,
                  "\"/>\n<path class=\"axis\" fill=\"none\" stroke=\"currentColor\" "
                  "d=\"M%.1f %.1fH%.1f\"/>\n",
                  p->left, base, p->right);
}

static void tick_labels(const struct picture *p)
{
    (void)fputs("<g class=\"ticks\" text-anchor=\"end\">", p->f);
    for (size_t i = 0; i < p->y.tick_count; i++)
        (void)fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", p->left - TICK_GAP,
                      picture_y(p, p->y.ticks[i]) + SVG_FONT * 0.35, p->y.labels[i]);
    (void)fputs("</g>\n<g class=\"ticks\" text-anchor=\"middle\">", p->f);
    double free_from = 0;
    for (size_t i = 0; i < p->x.tick_count; i++) {
        double x = picture_x(p, p->x.ticks[i]), half = svg_text_width(p->x.labels[i]) / 2;
        if (x - half < free_from || x + half > SVG_WIDTH)
            continue;
        free_from = x + half + 6;
        (void)fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", x, p->bottom + TICK_ROW - 3,
                      p->x.labels[i]);
    }
    (void)fputs("</g>\n", p->f);
}

static void axis_title(const struct picture *p, const struct graph_axis *axis, double x, double y,
                       const char *anchor)
{
    char *text = axis->unit == NULL ? mem_strdup(axis->title)
                                    : mem_printf("%s (%s)", axis->title, axis->unit);
    char *fits = svg_text_fit(text, SVG_WIDTH);
    (void)fprintf(p->f, "<text class=\"axis-title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x,
                  y, anchor);
    svg_escape(p->f, fits);
    (void)fputs("</text>\n", p->f);
    free(fits);
    free(text);
}

static void draw(const struct picture *p, double height)
{
    double legend = legend_room(p->g);
    open_picture(p, height);
    picture_legend(p, 0);
    axis_title(p, &p->g->y, 0, legend + SVG_FONT, "start");
    axis_title(p, &p->g->x, SVG_WIDTH / 2.0, p->bottom + TICK_ROW + SVG_FONT, "middle");
    if (p->values == 0) {
        (void)fprintf(p->f,
                      "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">no value was "
                      "measured</text>\n",
                      SVG_WIDTH / 2.0, (p->top + p->bottom) / 2);
    } else {
        grid(p);
        tick_labels(p);
        picture_flags(p);
        picture_series(p);
    }
    (void)fputs("</svg>\n", p->f);
}

void svg_graph(FILE *f, const struct report_graph *g)
{
    struct report_graph shown = *g;
    if (shown.series_count > GRAPH_SERIES_MAX)
        shown.series_count = GRAPH_SERIES_MAX;
    if (shown.mark_count > GRAPH_MARKS_MAX)
        shown.mark_count = GRAPH_MARKS_MAX;
    shown.x.logarithmic = g->x.logarithmic && any_fits(g, false);
    shown.y.logarithmic = g->y.logarithmic && any_fits(g, true);
    struct picture p = {.f = f, .g = &shown};
    double height = layout(&p);
    draw(&p, height);
}
