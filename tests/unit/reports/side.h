/*
 * Two runs to compare, made by code: a run of 9.1 that holds six mVPNs, and changes of it.
 */
#ifndef MVPN_TESTS_REPORTS_SIDE_H
#define MVPN_TESTS_REPORTS_SIDE_H

#include <jansson.h>

/* side_parsed returns the value of a JSON text with ' for ". */
json_t *side_parsed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* side_at follows a path like "cases/0/maximum/1/value" up to its last word, which it returns. */
json_t *side_at(json_t *v, const char *path, char last[64]);

/* side_set puts a value (as for side_parsed) at a path; the word "+" appends to an array. */
void side_set(json_t *tree, const char *path, const char *value);

/* side_run returns a run: seven instances of 9.1, of which six passed, and one recovery of
 * p-link-flap at the sixth. side_with is that with one value changed, side_with_maximum with
 * another maximum. */
json_t *side_run(void);
json_t *side_with(const char *path, const char *value);
json_t *side_with_maximum(int n);

/* side_set_parameter sets one parameter of all instances, side_set_maximum both maxima,
 * side_add_recovery adds a recovery of p-link-flap. */
void side_set_parameter(json_t *tree, const char *key, const char *value);
void side_set_maximum(json_t *tree, int n);
void side_add_recovery(json_t *tree, int instance, int repeat, double tre, double trd,
                       double trall);

/* side_compared compares two runs; tolerance may be NULL. */
json_t *side_compared(const json_t *a, const json_t *b, const char *tolerance);

/* side_row finds a row, side_first what it says of B. */
const json_t *side_row(const json_t *tree, const char *stimulus, const char *quantity);
const json_t *side_first(const json_t *row);

/* side_check compares two trees (and frees both) and asserts the verdict on one quantity, and that
 * a reason contains why (NULL: none is looked for); side_check_within with --tolerance. */
void side_check_within(json_t *a, json_t *b, const char *tolerance, const char *stimulus,
                       const char *quantity, const char *verdict, const char *why);
void side_check(json_t *a, json_t *b, const char *stimulus, const char *quantity,
                const char *verdict, const char *why);

#endif
