/*
 * An instance in the journal: its outcome with everything that the result needs of it. An entry is
 * found by its id, and on the virtual clock it knows no time but its own: when the case is put
 * together its begin is the next whole second after the end of the one before (entry_stamp), so
 * that nothing depends on what ran when, or beside what.
 */
#ifndef MVPN_RUN_ENTRY_H
#define MVPN_RUN_ENTRY_H

#include "harness/run/instance.h"

/* What an entry holds beside the outcome. */
struct entry_facts {
    const char *id;
    struct case_try at;
    int64_t begin_ns;            /* on the loop's clock */
    int64_t end_ns;              /* from its begin */
    int64_t before_ns;           /* waited for a healthy DUT before it */
    uint64_t a1_bytes, a3_bytes; /* of the captures, behind it */
};

/* entry_new makes the entry (a new reference). */
json_t *entry_new(const struct entry_facts *f, const struct instance_outcome *out);

/*
 * entry_read gives the outcome of the entry and checks that it is the one of this try. Returns 0
 * with *out filled in (instance_outcome_fini), or -1 with *err: damaged, or of another run.
 */
int entry_read(const json_t *entry, struct case_try at, struct instance_outcome *out,
               struct err *err);

/* entry_say prints the outcome as progress lines. */
void entry_say(const struct test_case *tc, const json_t *entry);

/* entry_duration_ns returns how long the instance took on the run's clock. */
int64_t entry_duration_ns(const json_t *entry);

/* entry_next_ns returns when an instance begins on the virtual clock whose predecessor ended at
 * after_ns; entry_end_ns when this one ends then; entry_stamp writes both into the record, and
 * returns the end. */
int64_t entry_next_ns(int64_t after_ns);
int64_t entry_end_ns(const json_t *entry, int64_t after_ns);
int64_t entry_stamp(json_t *entry, int64_t after_ns);

#endif
