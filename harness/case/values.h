/*
 * Values of settings as texts: reading them with their ranges, and the parameters of a case with
 * names, symbols and ranges. Every complaint is one line that names the key and what is allowed.
 */
#ifndef MVPN_CASE_VALUES_H
#define MVPN_CASE_VALUES_H

#include "harness/case/settings.h"

#define PACKET_BYTES_MIN (28 + 32) /* IPv4 and UDP headers, probe of DESIGN B.6 */

#define GRE_BYTES 24 /* IPv4 header and GRE without options, RFC 2784 */

/* value_number reads a number within [min, max]; false with *err. */
bool value_number(const char *key, const char *value, double min, double max, double *out,
                  struct err *err);

/* value_whole reads a whole number within [min, max]; false with *err. */
bool value_whole(const char *key, const char *value, double min, double max, uint64_t *out,
                 struct err *err);

/* value_bool reads true, false, on, off, yes, no; false with *err. */
bool value_bool(const char *key, const char *value, bool *out, struct err *err);

/* value_word returns the index of value among words ("a|b|c"); -1 with *err. */
int value_word(const char *key, const char *value, const char *words, struct err *err);

/* param_check tells whether v can be the parameter's value at all; false with *err (key: whose). */
bool param_check(enum case_param p, const char *key, double v, struct err *err);

/* param_optional tells whether a case may leave p out: it then has none (0), and case.NAME does not
 * touch it. */
bool param_optional(enum case_param p);

/* param_max is the largest value that the parameter can have, param_default_max the search's. */
double param_max(enum case_param p);
uint64_t param_default_max(enum case_param p);

/* param_set stores case.NAME (one value) or sweep.NAME (a list a,b,c); -1 with *err. */
int param_set(struct run_settings *s, enum case_param p, bool from_case, const char *key,
              const char *value, struct err *err);

/* param_round makes the result of a formula a value of p: a whole number is floored (1e-9 are
 * forgiven), and is the smallest there is at least (B.5). NAN stays. */
double param_round(enum case_param p, double v);

/* param_number_text prints a value without trailing zeros. */
char *param_number_text(double v, char buf[32]);

#endif
