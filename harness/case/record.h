/*
 * What one test-case file becomes: the private record behind struct test_case.
 */
#ifndef MVPN_CASE_RECORD_H
#define MVPN_CASE_RECORD_H

#include "harness/case/case.h"
#include "harness/case/expr.h"

#define CASE_WORDS_MAX     16
#define CASE_RELATIONS_MAX 16
#define CASE_STEPS_MAX     8

/* MODE_ABSENT: the case has no such parameter, whatever case.NAME says. */
enum param_mode { MODE_FIXED, MODE_SWEEP, MODE_MVPN_100I, MODE_SEARCHED, MODE_ABSENT };

struct case_param_rule {
    enum param_mode mode;
    size_t count; /* values: 1 fixed, more swept, 0 otherwise */
    double values[SWEEP_MAX];
};

struct case_words {
    size_t count;
    char *items[CASE_WORDS_MAX];
};

struct test_case {
    char *id, *title, *objective, *operational;
    char *variable;
    struct expr formula;
    enum case_param searched;
    struct case_param_rule rule[PARAM_COUNT];
    size_t relation_count;
    struct relation relation[CASE_RELATIONS_MAX];
    bool relation_at_end[CASE_RELATIONS_MAX];
    double tolerance; /* of ~= */
    bool mdt_allowed[MDT_BIDIR + 1];
    enum mdt_mode mdt;
    bool stimuli;
    unsigned repetitions;
    bool steady_step[CASE_STEPS_MAX + 1], failure_step[CASE_STEPS_MAX + 1];
    struct case_words extra, report, after, issues, own_steps;
};

/* case_symbols gives values the names of PROTOCOLS 13; metric variables become NAN. */
void case_symbols(const struct case_values *values, double symbols[SYM_COUNT]);

/* case_ingress_groups is gi = round(ratio * g). */
double case_ingress_groups(const struct case_values *values);

#endif
