/*
 * Reading the result tree for a report: places that may be missing, and the few values that a
 * report derives from others.
 */
#ifndef MVPN_REPORTS_TREE_H
#define MVPN_REPORTS_TREE_H

#include "reports/sink.h"

#include <jansson.h>

/* tree_at follows keys down from v, up to the NULL that ends them; NULL where one is missing. */
const json_t *tree_at(const json_t *v, ...) __attribute__((sentinel));

/* tree_text returns the string at key of v, or otherwise. */
const char *tree_text(const json_t *v, const char *key, const char *otherwise);

/* tree_cell returns the cell of key of v. */
struct report_cell tree_cell(const json_t *v, const char *key);

/* tree_find returns the first element of list whose text at key is that text; NULL if there is
 * none.
 */
const json_t *tree_find(const json_t *list, const char *key, const char *text);

/* tree_instance finds the instance of that id in a case; NULL if it is not there. */
const json_t *tree_instance(const json_t *one_case, const char *id);

/* tree_parameter finds a parameter of an instance by its symbol ("N") or its name ("mvpns"). */
const json_t *tree_parameter(const json_t *instance, const char *symbol, const char *name);

/* tree_pairs prints an object of scalars as "mvpns=61, groups=2"; the caller frees. tree_where
 * prints the place of a maximum in the outer sweep, with symbols: "N=61, s=2". */
char *tree_pairs(const json_t *object);
char *tree_where(const json_t *maximum);

/* tree_scalar prints one scalar as a text would ("-" for null); the caller frees. */
char *tree_scalar(const json_t *v);

/* cell_minus returns a - b of two times; null unless both are known. */
struct report_cell cell_minus(struct report_cell a, struct report_cell b);

/* cell_product returns a * b of two integers; null unless both are known. */
struct report_cell cell_product(const json_t *a, const json_t *b);

#endif
