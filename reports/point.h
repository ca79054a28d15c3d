/*
 * Where an instance stands in its case: the parameter that is searched, and the point of the outer
 * sweep. Both are named by the symbols of PROTOCOLS section 13 in the result.
 */
#ifndef MVPN_REPORTS_POINT_H
#define MVPN_REPORTS_POINT_H

#include <jansson.h>
#include <stdbool.h>

/* point_parameter returns the parameter of an instance that the symbol ("N", "U*Dvpn") or the name
 * ("ingress_share") means; NULL without one. */
const json_t *point_parameter(const json_t *instance, const char *symbol);

/* point_holds tells whether the instance was run at that point ("where" of a maximum). */
bool point_holds(const json_t *instance, const json_t *where);

#endif
