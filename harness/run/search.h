/*
 * The search for the largest value that the DUT holds, in three parts that know nothing of each
 * other: the measurer (run/measure), this database of what was tried, and this strategy, which
 * grows from the start, bisects between the last pass and the first fail, then adds values until
 * enough different ones are reported. Pure: no loop, no DUT.
 *
 * A value is tried once. Where a value fails below one that passes, both are tried again once, and
 * what the second try says holds (DESIGN A.5).
 *
 * A total of S-PMSIs (9.5, 9.6) is a value together with the mVPNs over which it is spread. The
 * draft's coarse grid tries totals over ever more mVPNs; what is bisected and added behind it is
 * spread over as many mVPNs as the grid's first fail: the line. Elsewhere the line is 0.
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
    struct case_try at;
    enum verdict verdict;
    unsigned tries;
};

struct search_db {
    struct trial *trials; /* in order of value, then of vpns */
    size_t count, cap;
    uint32_t line;
    bool closed; /* the grid ended by a fail at or below its largest pass: nothing
                    to bisect */
    struct case_try closed_by;
};

void search_db_init(struct search_db *db);
void search_db_fini(struct search_db *db);

/* search_db_add records (or replaces) the verdict of a value on the line, search_db_add_try of a
 * try that may be spread otherwise. */
void search_db_add(struct search_db *db, uint64_t value, enum verdict verdict);
void search_db_add_try(struct search_db *db, struct case_try at, enum verdict verdict);

/* search_db_find returns the trial, or NULL; valid until the next add. */
const struct trial *search_db_find(const struct search_db *db, struct case_try at);

/* search_db_values returns how many different values were tried. */
size_t search_db_values(const struct search_db *db);

/*
 * search_grid_failed ends the coarse grid at its first fail: the line is that fail's. Where the
 * fail lies at or below the largest pass (a limit of each VPN), the largest pass stands, and the
 * search has nothing left to bisect: true then.
 */
bool search_grid_failed(struct search_db *db, struct case_try fail);

struct search_state {
    const struct trial *last_pass;  /* largest passing value below the first fail; NULL: none */
    const struct trial *first_fail; /* smallest failing value of the line above it; NULL: none */
};

/* search_state_get says where the limit lies by what was tried so far; valid until the next add. */
struct search_state search_state_get(const struct search_db *db);

/*
 * search_next returns the next value to try, on the line, or 0 when the search is done. fill:
 * whether to add values until bounds->instances different ones were tried.
 */
uint64_t search_next(const struct search_db *db, const struct search_bounds *bounds, bool fill);

/*
 * search_next_down is the strategy under a stimulus: from the smallest value known to fail under it
 * down to the largest that holds; 0 when done.
 */
uint64_t search_next_down(const struct search_db *db, const struct search_bounds *bounds);

/* search_contradiction finds a fail below a pass of the same spread of which one was tried only
 * once; false when there is none. */
bool search_contradiction(const struct search_db *db, struct case_try *fail, struct case_try *pass);

#endif
