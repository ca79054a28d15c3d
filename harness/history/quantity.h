/* What a quantity is: its unit, which way is better, what its bound says; private to this room. */
#ifndef MVPN_HISTORY_QUANTITY_H
#define MVPN_HISTORY_QUANTITY_H

#include "harness/history/history.h"

/* quantity_unit is "s" for times, NULL for counts. */
const char *quantity_unit(enum history_kind kind, const char *quantity);

/* quantity_better is 1 where more is better, -1 where less is, 0 where neither is. */
int quantity_better(enum history_kind kind, const char *quantity);

/* quantity_at_least tells that a maximum was not bounded by the DUT (bounded_by; NULL: it was). */
bool quantity_at_least(const char *bounded_by);

/* quantity_at tells whether "KEY=VALUE" holds in one of the objects; numbers are compared as such.
 */
bool quantity_at(const json_t *where, const json_t *conditions, const char *key_value);

#endif
