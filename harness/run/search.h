/*
 * The search for the largest value that the DUT holds, in three parts that know nothing of each
 * other: the measurer (run/instance), this database of what was tried, and this strategy, which
 * grows from the start, bisects between the last pass and the first fail, then adds values until
 * enough different ones are reported. Pure: no loop, no DUT.
 *
 * A value is tried once. Where a value fails below one that passes, both are tried again once, and
 * what the second try says holds (DESIGN A.5).
 */
#ifndef MVPN_RUN_SEARCH_H
#define MVPN_RUN_SEARCH_H

#include "harness/case/case.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INVALID };

/* verdict_name returns "pass", "fail", "invalid". */
const char *verdict_name(enum verdict v);

struct trial {
    uint64_t value;
    enum verdict verdict;
    unsigned tries;
};

struct search_db {
    struct trial *trials; /* in order of value */
    size_t count, cap;
};

void search_db_init(struct search_db *db);
void search_db_fini(struct search_db *db);

/* search_db_add records (or replaces) the verdict of value. */
void search_db_add(struct search_db *db, uint64_t value, enum verdict verdict);

/* search_db_find returns the trial of value, or NULL. */
const struct trial *search_db_find(const struct search_db *db, uint64_t value);

struct search_state {
    uint64_t last_pass;  /* largest passing value below the first fail; 0: none */
    uint64_t first_fail; /* smallest failing value above last_pass; 0: none */
};

/* search_state_get says where the limit lies by what was tried so far. */
struct search_state search_state_get(const struct search_db *db);

/*
 * search_next returns the next value to try, or 0 when the search is done. fill: whether to add
 * values until bounds->instances different ones were tried.
 */
uint64_t search_next(const struct search_db *db, const struct search_bounds *bounds, bool fill);

/*
 * search_next_down is the strategy under a stimulus: from known_fail (failed under it) down to the
 * largest value that holds; 0 when done.
 */
uint64_t search_next_down(const struct search_db *db, const struct search_bounds *bounds);

/* search_contradiction finds a fail below a pass of which one was tried only once: 1 and both
 * values, or 0. */
bool search_contradiction(const struct search_db *db, uint64_t *fail, uint64_t *pass);

#endif
