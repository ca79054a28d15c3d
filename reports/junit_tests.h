/*
 * A case as the tests of a JUnit suite: one a requirement, one a stimulus (steady first) and point
 * of the outer sweep. junit.c writes them.
 */
#ifndef MVPN_REPORTS_JUNIT_TESTS_H
#define MVPN_REPORTS_JUNIT_TESTS_H

#include "reports/reports.h"

#include <stdint.h>

enum junit_outcome { JUNIT_PASSED, JUNIT_FAILED, JUNIT_ERROR, JUNIT_SKIPPED, JUNIT_OUTCOMES };

struct junit_test {
    char *name; /* owned, as message */
    enum junit_outcome outcome;
    const char *type; /* of a failure or an error, one word; static */
    char *message;    /* why it did not pass; NULL where it did */
    int64_t ns;       /* how long, on the run's clock */
    const json_t *where;
    const char *stimulus; /* "steady", NULL for a requirement */
};

struct junit_suite {
    struct junit_test *tests;
    size_t count, capacity;
    size_t of[JUNIT_OUTCOMES];
    int64_t ns; /* all instances of the case */
};

/* junit_case fills s (zeroed) with the tests of a case. */
void junit_case(struct junit_suite *s, const struct report_input *in, const json_t *one_case);

/* junit_requirements adds the requirements that name this case. */
void junit_requirements(struct junit_suite *s, const struct report_input *in, const char *case_id);

/* junit_add adds a test; takes name and message. */
struct junit_test *junit_add(struct junit_suite *s, char *name, enum junit_outcome outcome,
                             const char *type, char *message);

void junit_suite_fini(struct junit_suite *s);

#endif
