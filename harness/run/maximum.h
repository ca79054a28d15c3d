/* An entry of "maximum" in the result (DESIGN B.3): what a search found, where, and what bounds
 * it. */
#ifndef MVPN_RUN_MAXIMUM_H
#define MVPN_RUN_MAXIMUM_H

#include "harness/run/hunt.h"

struct maximum_facts {
    const struct test_case *tc;
    const struct case_point *point;
    const struct case_try *grid; /* the draft's coarse grid; count 0: the case has none */
    size_t grid_count;
    const struct hunt *hunt;
    const char *stimulus; /* "steady", or a stimulus */
    int64_t variable;     /* the draft's quantity at the maximum */
};

/* maximum_where gives the point of the outer sweep, maximum_entry the entry (new references). */
json_t *maximum_where(const struct case_point *p);

/* maximum_where_text writes the point as "N=6 share=0.5", "" where nothing is swept. */
void maximum_where_text(const struct case_point *p, char *buf, size_t cap);
json_t *maximum_entry(const struct maximum_facts *f);

#endif
