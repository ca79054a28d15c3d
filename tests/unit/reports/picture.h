/*
 * A drawn graph, read back with an XML parser: what stands where.
 */
#ifndef MVPN_TESTS_REPORTS_PICTURE_H
#define MVPN_TESTS_REPORTS_PICTURE_H

#include "reports/graph.h"

#include <libxml/tree.h>
#include <stddef.h>

struct drawn {
    char *text; /* the SVG */
    size_t len;
    xmlDoc *doc;
};

/* drawn draws g and parses it: what is not well-formed, leaves the view box or has "nan" in it
 * fails the test. drawn_free frees. */
struct drawn drawn_of(const struct report_graph *g);
void drawn_free(struct drawn *d);

/* drawn_node returns the n-th element of that name whose class is given (NULL: any); NULL if there
 * is none. drawn_attribute returns an attribute of it as a number. */
xmlNode *drawn_node(const struct drawn *d, const char *name, const char *class, size_t n);
double drawn_attribute(const xmlNode *node, const char *name);

/* drawn_has_text tells whether a <text> has just this content. */
xmlNode *drawn_text(const struct drawn *d, const char *content);

/* drawn_path returns the d of the n-th path of that class; the caller xmlFrees. */
char *drawn_path(const struct drawn *d, const char *class, size_t n);

/* drawn_ticks reads the labels of an axis (0: vertical, 1: horizontal) that are plain numbers:
 * value and place; returns their count. */
size_t drawn_ticks(const struct drawn *d, size_t axis, double *value, double *place, size_t cap);

/* drawn_place returns where a value must lie on a linear axis, by its first and last tick. */
double drawn_place(const struct drawn *d, size_t axis, double value);

#endif
