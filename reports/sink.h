/*
 * A sink is one rendering of a report. The walk (walk.h) calls it in the order of the document:
 * begin, then sections with paragraphs, lists and tables in them, then end. Cells are typed and
 * columns carry the unit, so that a sink decides how a number looks; texts are as they came from
 * the tree (a DUT or a user wrote them): a sink must escape or clean them. Everything passed in is
 * borrowed for the length of the call.
 */
#ifndef MVPN_REPORTS_SINK_H
#define MVPN_REPORTS_SINK_H

#include "reports/graph.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_kind { CELL_NULL, CELL_TEXT, CELL_COUNT, CELL_REAL, CELL_TIME };

struct report_cell {
    enum cell_kind kind;
    union {
        const char *text;
        int64_t count;
        double real;
        int64_t ns; /* CELL_TIME: printed as seconds */
    };
};

struct report_column {
    const char *title; /* '\n' is where a narrow rendering may break it */
    const char *unit;  /* or NULL */
    unsigned decimals; /* of CELL_REAL and CELL_TIME */
    bool wraps;        /* long texts: may be broken into several lines */
};

#define REPORT_COLUMNS_MAX 16u

struct report_table {
    const char *id;      /* kind of table ("maximum", "convergence"), the same in every report */
    const char *caption; /* for people */
    const struct report_column *columns;
    size_t count; /* of columns */
};

struct report_sink;

struct report_sink_ops {
    void (*begin)(struct report_sink *sink, const char *title);
    void (*end)(struct report_sink *sink);

    /* section opens a section of level 1 (a case), 2 ...; the next one of its level closes it. */
    void (*section)(struct report_sink *sink, unsigned level, const char *title);
    void (*paragraph)(struct report_sink *sink, const char *text);
    void (*item)(struct report_sink *sink, const char *text); /* of a list */

    /* table ... row ... table_end; what table got stays valid until table_end. */
    void (*table)(struct report_sink *sink, const struct report_table *table);
    void (*row)(struct report_sink *sink, const struct report_cell *cells);
    void (*table_end)(struct report_sink *sink);

    /* graph may be NULL: the sink leaves pictures out (and no graph is computed for it). */
    void (*graph)(struct report_sink *sink, const struct report_graph *graph);
};

struct report_sink {
    const struct report_sink_ops *ops;
};

/* sink_table opens a table of that kind in sink. */
void sink_table(struct report_sink *sink, const char *id, const char *caption,
                const struct report_column *columns, size_t count);

/* column_title returns the title of a column on one line, words that were broken for a narrow
 * rendering whole again; the caller frees. */
char *column_title(const struct report_column *column);

/* cell_text returns a text cell, null for NULL and "". */
struct report_cell cell_text(const char *text);

/* cell_of returns the cell of a scalar of the tree; null for what is missing or no scalar. */
struct report_cell cell_of(const json_t *v);

#endif
