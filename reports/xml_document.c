#include "reports/xml_document.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"
#include "reports/graph_table.h"
#include "reports/number.h"
#include "reports/svg.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_MAX 6u

struct document_sink {
    struct report_sink base;
    xmlTextWriter *w;
    unsigned open[LEVELS_MAX]; /* levels of the sections that are open */
    size_t depth;
    bool in_list;
    size_t sections, tables, graphs; /* so far: they are numbered */
    struct report_table table;       /* of the table that is open; its columns stay valid */
    size_t rows;                     /* of the table, shown or not */
};

static struct document_sink *self(struct report_sink *sink)
{
    return (struct document_sink *)sink;
}

static xmlTextWriter *list_end(struct report_sink *sink)
{
    if (self(sink)->in_list)
        xml_close(self(sink)->w);
    self(sink)->in_list = false;
    return self(sink)->w;
}

static void id_attribute(xmlTextWriter *w, char kind, size_t number)
{
    char text[NUMBER_TEXT];
    (void)snprintf(text, sizeof(text), "%c%zu", kind, number);
    xml_attribute(w, "id", text);
}

static void count_attribute(xmlTextWriter *w, const char *name, size_t count)
{
    char text[NUMBER_TEXT];
    (void)snprintf(text, sizeof(text), "%zu", count);
    xml_attribute(w, name, text);
}

static void document_begin(struct report_sink *sink, const char *title)
{
    xml_open(self(sink)->w, "document");
    xml_element(self(sink)->w, "title", title);
}

static void close_sections(struct document_sink *d, unsigned level)
{
    while (d->depth > 0 && d->open[d->depth - 1] >= level) {
        xml_close(d->w);
        d->depth--;
    }
}

static void document_end(struct report_sink *sink)
{
    (void)list_end(sink);
    close_sections(self(sink), 0);
    xml_close(self(sink)->w);
}

static void document_section(struct report_sink *sink, unsigned level, const char *title)
{
    struct document_sink *d = self(sink);
    xmlTextWriter *w = list_end(sink);
    close_sections(d, level);
    if (d->depth == LEVELS_MAX)
        fatal("sections nested deeper than %u", LEVELS_MAX);
    d->open[d->depth++] = level;
    xml_open(w, "section");
    id_attribute(w, 's', ++d->sections);
    count_attribute(w, "level", level);
    xml_element(w, "title", title);
}

static void document_paragraph(struct report_sink *sink, const char *text)
{
    xml_element(list_end(sink), "paragraph", text);
}

static void document_item(struct report_sink *sink, const char *text)
{
    struct document_sink *d = self(sink);
    if (!d->in_list)
        xml_open(d->w, "items");
    d->in_list = true;
    xml_element(d->w, "item", text);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void column_element(xmlTextWriter *w, const struct report_column *column)
{
    char *title = column_title(column);
    xml_open(w, "column");
    if (column->unit != NULL)
        xml_attribute(w, "unit", column->unit);
    if (column->wraps)
        xml_attribute(w, "wraps", "true");
    xml_text(w, title);
    xml_close(w);
    free(title);
}

static void document_table(struct report_sink *sink, const struct report_table *table)
{
    struct document_sink *d = self(sink);
    xmlTextWriter *w = list_end(sink);
    d->table = *table;
    d->rows = 0;
    xml_open(w, "table");
    id_attribute(w, 't', ++d->tables);
    xml_attribute(w, "kind", table->id);
    xml_element(w, "caption", table->caption);
    xml_open(w, "columns");
    for (size_t i = 0; i < table->count; i++)
        column_element(w, &table->columns[i]);
    xml_close(w);
}

static void cell_element(xmlTextWriter *w, const struct report_cell *cell,
                         const struct report_column *column)
{
    static const char *const types[] = {
        [CELL_NULL] = "null", [CELL_TEXT] = "text", [CELL_COUNT] = "count",
        [CELL_REAL] = "real", [CELL_TIME] = "time",
    };
    char value[NUMBER_TEXT];
    bool number = cell_value(value, cell);
    char *display = cell_display(cell, column);
    xml_open(w, "cell");
    xml_attribute(w, "type", types[cell->kind]);
    if (number)
        xml_attribute(w, "value", value);
    xml_text(w, display);
    xml_close(w);
    free(display);
}

static void document_row(struct report_sink *sink, const struct report_cell *cells)
{
    struct document_sink *d = self(sink);
    if (d->rows++ >= XML_ROWS_SHOWN)
        return;
    xml_open(d->w, "row");
    for (size_t i = 0; i < d->table.count; i++)
        cell_element(d->w, &cells[i], &d->table.columns[i]);
    xml_close(d->w);
}

/* A table that was cut says so. */
static void document_table_end(struct report_sink *sink)
{
    struct document_sink *d = self(sink);
    if (d->rows > XML_ROWS_SHOWN) {
        char *text = mem_printf("The first %u of %zu rows are shown. All of them stand in "
                                "result.json and in <result> of report.xml; those of instances "
                                "in report.csv, too.",
                                XML_ROWS_SHOWN, d->rows);
        xml_open(d->w, "cut");
        count_attribute(d->w, "shown", XML_ROWS_SHOWN);
        count_attribute(d->w, "rows", d->rows);
        xml_text(d->w, text);
        xml_close(d->w);
        free(text);
    }
    xml_close(d->w);
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static void axis_element(xmlTextWriter *w, const char *name, const struct graph_axis *axis)
{
    xml_open(w, name);
    if (axis->unit != NULL)
        xml_attribute(w, "unit", axis->unit);
    if (axis->logarithmic)
        xml_attribute(w, "logarithmic", "true");
    xml_text(w, axis->title);
    xml_close(w);
}

static void picture(xmlTextWriter *w, const struct report_graph *g)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (f == NULL)
        fatal("out of memory (report)");
    svg_graph(f, g);
    if (fclose(f) != 0)
        fatal("out of memory (report)");
    (void)xmlTextWriterWriteRaw(w, BAD_CAST text);
    free(text);
}

static void document_graph(struct report_sink *sink, const struct report_graph *g)
{
    static const char *const kinds[] = {[GRAPH_LINES] = "lines",
                                        [GRAPH_STEPS] = "steps",
                                        [GRAPH_BARS] = "bars",
                                        [GRAPH_POINTS] = "points"};
    xmlTextWriter *w = list_end(sink);
    if (g->series_count > GRAPH_SERIES_MAX)
        fatal("graph %s has more than %u series", g->id, GRAPH_SERIES_MAX);
    xml_open(w, "graph");
    id_attribute(w, 'g', ++self(sink)->graphs);
    xml_attribute(w, "name", g->id);
    xml_attribute(w, "kind", kinds[g->kind]);
    xml_element(w, "title", g->title);
    axis_element(w, "x", &g->x);
    axis_element(w, "y", &g->y);
    for (size_t s = 0; s < g->series_count; s++) {
        xml_open(w, "series");
        if (g->series[s].reference)
            xml_attribute(w, "reference", "true");
        xml_text(w, g->series[s].name);
        xml_close(w);
    }
    for (size_t m = 0; m < g->mark_count; m++) {
        char x[NUMBER_TEXT];
        xml_open(w, "mark");
        number_real(x, g->marks[m].x);
        xml_attribute(w, "x", x);
        xml_text(w, g->marks[m].name);
        xml_close(w);
    }
    picture(w, g);
    graph_table(sink, g);
    xml_close(w);
}

void xml_document(xmlTextWriter *w, document_walk *walk, void *arg)
{
    static const struct report_sink_ops ops = {
        .begin = document_begin,
        .end = document_end,
        .section = document_section,
        .paragraph = document_paragraph,
        .item = document_item,
        .table = document_table,
        .row = document_row,
        .table_end = document_table_end,
        .graph = document_graph,
    };
    struct document_sink sink = {.base = {.ops = &ops}, .w = w};
    walk(arg, &sink.base);
}
