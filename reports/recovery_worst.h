/* Which of the repeats of a stimulus stands for all: a value holds only where every repeat does. */
#ifndef MVPN_REPORTS_RECOVERY_WORST_H
#define MVPN_REPORTS_RECOVERY_WORST_H

#include <jansson.h>
#include <stddef.h>

/*
 * recovery_worst returns the worst entry of an instance's "recovery" under that stimulus, NULL
 * without one; *repeats (may be NULL) gets how many there are. One that failed is worse than one
 * that the apparatus spoilt, that than one that passed; among equals the longer Trall-Tf, where
 * none at all is worst of a failed one.
 */
const json_t *recovery_worst(const json_t *instance, const char *stimulus, size_t *repeats);

#endif
