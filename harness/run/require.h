/*
 * Gates: 'CASE[@STIMULUS]:NAME OP NUMBER', e.g. '9.1:Num_mVPN>=400',
 * '9.1@p-link-flap:Trall-Tf<=12'. NAME is a metric variable, a P-instance variable, the name of the
 * searched quantity or "value" (of each maximum entry; the requirement must hold for all points of
 * the outer sweep), or a recovery time (the worst of the repeats at that maximum). A value that is
 * null or missing does not meet.
 */
#ifndef MVPN_RUN_REQUIRE_H
#define MVPN_RUN_REQUIRE_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>

struct requirement;

/* require_parse reads one expression (where names its place for errors: "--require" or FILE:LINE);
 * NULL with *err (ERR_USE). Files of expressions are read by gate.h. */
struct requirement *require_parse(const char *text, const char *where, struct err *err);
void require_free(struct requirement *r);

/* require_text returns the expression as it was written, require_case its case ("9.1"). */
const char *require_text(const struct requirement *r);
const char *require_case(const struct requirement *r);

/* require_check evaluates r on a result tree; text gets one line that says met or not, and why. */
bool require_check(const struct requirement *r, const json_t *result, char *text, size_t cap);

#endif
