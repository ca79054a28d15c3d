/*
 * Which values may stand on one line: those taken at the same point of the sweep under the same
 * conditions. Both are flat JSON objects with sorted keys; private to this room.
 */
#ifndef MVPN_HISTORY_CONDITIONS_H
#define MVPN_HISTORY_CONDITIONS_H

#include <jansson.h>
#include <stdbool.h>

/* condition_text prints a flat object canonically: keys sorted, whole numbers as such, times as
 * seconds; the caller frees. */
char *condition_text(const json_t *flat);

/* condition_timing returns "draft", or the settings that a run used instead; the caller frees. */
char *condition_timing(const json_t *one_case);

/* condition_load returns the share of the idle throughput that was offered, or NULL (borrowed). */
const json_t *condition_load(const json_t *one_case);

/* condition_marks joins the marks of a recovery ("state-not-expired") by blanks; the caller frees.
 */
char *condition_marks(const json_t *marks);

/* condition_matches tells whether an instance with those parameters is at the point where. */
bool condition_matches(const json_t *where, const json_t *parameters);

/*
 * condition_of_maximum returns what must be equal for two maxima to be compared: clock, driver,
 * timing, load and every parameter that neither the search varied nor where names. parameters may
 * be NULL (nothing was run). condition_of_instance is the same for what one instance measured:
 * every parameter counts, for a recovery its marks too (marks NULL: none). New references.
 */
json_t *condition_of_maximum(const json_t *result, const json_t *one_case, const json_t *maximum,
                             const json_t *parameters);
json_t *condition_of_instance(const json_t *result, const json_t *one_case, const json_t *where,
                              const json_t *parameters, const json_t *marks);

#endif
