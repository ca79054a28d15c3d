/* Why a value of a result is null, as the result itself says it; private to this room. */
#ifndef MVPN_HISTORY_REASONS_H
#define MVPN_HISTORY_REASONS_H

#include <jansson.h>

/* instance_named and instance_at find one by its id, and the first one at a point of the sweep,
 * one that did not pass before others; NULL: none. Borrowed. */
const json_t *instance_named(const json_t *instances, const char *id);
const json_t *instance_at(const json_t *instances, const json_t *where);

/* reason_of_maximum: why nothing passed; NULL where something did. at: instance_at, or NULL. */
const char *reason_of_maximum(const json_t *maximum, const json_t *at);

/* reason_of_time: why a time ("Tre-Tf") of a recovery of instance id is null; NULL: not said. */
const char *reason_of_time(const json_t *one_case, const char *stimulus, const char *id,
                           const char *name);

/* reason_of_null: the deviation that says why name is null; NULL: not said. */
const char *reason_of_null(const json_t *one_case, const char *name);

#endif
