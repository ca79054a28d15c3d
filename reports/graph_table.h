/*
 * The numbers of a graph as a table of a sink, for who does not see the picture.
 */
#ifndef MVPN_REPORTS_GRAPH_TABLE_H
#define MVPN_REPORTS_GRAPH_TABLE_H

#include "reports/sink.h"

/* graph_table gives sink one table of kind "graph-numbers": x, then a column a series. */
void graph_table(struct report_sink *sink, const struct report_graph *g);

#endif
