/*
 * What one case's dependencies found, out of this run's result, else out of the earlier run of
 * --from. Only cases that the case names as its dependencies (and theirs) are looked up in this
 * run: what else has been run meanwhile must not change a result.
 */
#ifndef MVPN_RUN_KNOWN_H
#define MVPN_RUN_KNOWN_H

#include "harness/case/case.h"

#include <jansson.h>

#define KNOWN_CASES_MAX 32

struct known {
    const json_t *result, *from; /* result trees; from may be NULL; borrowed */
    const char *visible[KNOWN_CASES_MAX];
    size_t visible_count;
    struct case_known answers; /* for struct case_context */
};

/* known_init: nothing is visible in result yet; k must stay where it is. */
void known_init(struct known *k, const json_t *result, const json_t *from);

/* known_see makes a case of this run visible; id is borrowed. */
void known_see(struct known *k, const char *id);

#endif
