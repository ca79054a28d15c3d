/*
 * What is written around a plot: the legend above it and the names of vertical marks.
 */
#include "reports/svg.h"
#include "reports/svg_picture.h"
#include "reports/svg_text.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdlib.h>

#define SWATCH     30.0 /* the piece of line before a name */
#define SWATCH_GAP 6.0
#define ITEM_GAP   18.0
#define LEGEND_ROW 21.0
#define FLAG_ROW   18.0
#define FLAG_WIDTH 160.0 /* at most, of a name */
#define FLAG_GAP   4.0   /* between a mark's line and its name */

/* ---- legend ---------------------------------------------------------------------------------- */

struct item {
    double x, y;
    char *name; /* owned */
};

/* Places the items from left to right, row by row; returns the height. */
static double place_items(const struct report_graph *g, struct item *items)
{
    double x = 0, y = 0;
    for (size_t i = 0; i < g->series_count; i++) {
        items[i].name = svg_text_fit(g->series[i].name, SVG_WIDTH - SWATCH - SWATCH_GAP);
        double width = SWATCH + SWATCH_GAP + svg_text_width(items[i].name);
        if (x > 0 && x + width > SVG_WIDTH) {
            x = 0;
            y += LEGEND_ROW;
        }
        items[i].x = x;
        items[i].y = y;
        x += width + ITEM_GAP;
    }
    return y + LEGEND_ROW;
}

static void items_free(struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(items[i].name);
}

double picture_legend_height(const struct report_graph *g)
{
    struct item items[GRAPH_SERIES_MAX];
    if (g->series_count < 2)
        return 0;
    double height = place_items(g, items);
    items_free(items, g->series_count);
    return height;
}

static void swatch(const struct picture *p, size_t n, double x, double y)
{
    picture_series_open(p, n);
    if (p->g->kind == GRAPH_BARS && !p->g->series[n].reference) {
        (void)fprintf(p->f,
                      "<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"12\" "
                      "fill=\"currentColor\" fill-opacity=\"0.85\"/></g>",
                      x + 8, y - 6);
        return;
    }
    if (p->g->kind != GRAPH_POINTS || p->g->series[n].reference) {
        (void)fprintf(p->f, "<path d=\"M%.1f %.1fh%.0f\"", x + 2, y, SWATCH - 4);
        picture_stroke(p, n);
        (void)fputs("/>", p->f);
    }
    if (!p->g->series[n].reference) {
        size_t shape = 0;
        for (size_t i = 0; i < n; i++)
            shape += !p->g->series[i].reference;
        (void)fputs("<path fill=\"currentColor\" d=\"", p->f);
        picture_marker(p->f, shape, x + SWATCH / 2, y);
        (void)fputs("\"/>", p->f);
    }
    (void)fputs("</g>", p->f);
}

void picture_legend(const struct picture *p, double y)
{
    struct item items[GRAPH_SERIES_MAX];
    if (p->g->series_count < 2)
        return;
    (void)place_items(p->g, items);
    (void)fputs("<g class=\"legend\">\n", p->f);
    for (size_t i = 0; i < p->g->series_count; i++) {
        double middle = y + items[i].y + LEGEND_ROW / 2;
        swatch(p, i, items[i].x, middle);
        (void)fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\">", items[i].x + SWATCH + SWATCH_GAP,
                      middle + SVG_FONT * 0.35);
        svg_escape(p->f, items[i].name);
        (void)fputs("</text>\n", p->f);
    }
    (void)fputs("</g>\n", p->f);
    items_free(items, p->g->series_count);
}

/* ---- marks ----------------------------------------------------------------------------------- */

struct flag {
    double x, left, width; /* of the line; of the name */
    size_t level;          /* rows above the plot */
    const struct graph_mark *mark;
};

static int by_x(const void *a, const void *b)
{
    double d = ((const struct flag *)a)->x - ((const struct flag *)b)->x;
    return d < 0 ? -1 : d > 0 ? 1 : 0;
}

/* The names stand to the right of their lines; the last one over its line where there is no room
 * and no other line near. */
static void place_names(struct flag *flags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        flags[i].left = flags[i].x + FLAG_GAP;
    if (count == 0)
        return;
    struct flag *last = &flags[count - 1];
    double left = SVG_WIDTH - last->width;
    if (left < last->left && (count == 1 || flags[count - 2].x < left - FLAG_GAP))
        last->left = left;
}

/* A name must lie above those of the marks whose lines it would meet, so the levels are given from
 * right to left. */
static size_t place_flags(const struct picture *p, struct flag *flags)
{
    size_t count = 0;
    for (size_t i = 0; i < p->g->mark_count; i++) {
        const struct graph_mark *mark = &p->g->marks[i];
        if (isfinite(mark->x))
            flags[count++] = (struct flag){.x = picture_x(p, mark->x),
                                           .width = fmin(svg_text_width(mark->name), FLAG_WIDTH),
                                           .mark = mark};
    }
    if (count > 1)
        qsort(flags, count, sizeof(flags[0]), by_x);
    place_names(flags, count);
    for (size_t i = count; i-- > 0;) {
        for (size_t j = i + 1; j < count; j++) {
            double right = flags[i].left + flags[i].width + FLAG_GAP;
            bool meets = flags[j].x < right || flags[j].left < right;
            if (meets && flags[i].level <= flags[j].level)
                flags[i].level = flags[j].level + 1;
        }
    }
    return count;
}

double picture_flags_height(const struct picture *p, double *outside)
{
    struct flag flags[GRAPH_MARKS_MAX];
    size_t count = place_flags(p, flags), levels = 0;
    *outside = 0;
    for (size_t i = 0; i < count; i++) {
        levels = flags[i].level + 1 > levels ? flags[i].level + 1 : levels;
        *outside = fmax(*outside, flags[i].left + flags[i].width - p->right);
    }
    return FLAG_ROW * (double)levels;
}

void picture_flags(const struct picture *p)
{
    struct flag flags[GRAPH_MARKS_MAX];
    size_t count = place_flags(p, flags);
    if (count == 0)
        return;
    (void)fputs("<g class=\"marks\">\n", p->f);
    for (size_t i = 0; i < count; i++) {
        double top = p->top - FLAG_ROW * (double)(flags[i].level + 1) - 3;
        bool over = flags[i].left < flags[i].x;
        (void)fprintf(p->f, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"currentColor\"/>", flags[i].x,
                      over ? top + SVG_FONT : top, p->bottom);
        (void)fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\">", flags[i].left, top + SVG_FONT * 0.75);
        char *name = svg_text_fit(flags[i].mark->name, FLAG_WIDTH);
        svg_escape(p->f, name);
        free(name);
        (void)fputs("</text>\n", p->f);
    }
    (void)fputs("</g>\n", p->f);
}
