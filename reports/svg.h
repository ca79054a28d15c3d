/*
 * A graph as a picture: one inline <svg> element, scaled to its container. Colours are the custom
 * properties --series-1 .. --series-8, --ink and --grid of the page where it defines them, and
 * otherwise colours that show on light and on dark paper; series differ in marker and dash as well.
 */
#ifndef MVPN_REPORTS_SVG_H
#define MVPN_REPORTS_SVG_H

#include "reports/graph.h"

#include <stdio.h>

/* Width of the picture in its own units; texts are 15 of them high. A page shows it best between
 * 22 and 44 rem wide. */
#define SVG_WIDTH 520u

/* svg_graph writes g as <svg xmlns="http://www.w3.org/2000/svg" class="graph" ...>: well-formed
 * XML in UTF-8 without a declaration, every text escaped, equal graphs in equal bytes. The title
 * is an element <title> that names the picture: whoever wants it seen prints it beside. A graph
 * without any value says so. */
void svg_graph(FILE *f, const struct report_graph *g);

#endif
