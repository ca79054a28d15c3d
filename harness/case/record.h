/*
 * What one test-case file becomes: the private record behind struct test_case, and how its formulas
 * are evaluated at a point of the outer sweep.
 */
#ifndef MVPN_CASE_RECORD_H
#define MVPN_CASE_RECORD_H

#include "harness/case/case.h"
#include "harness/case/expr.h"

#define CASE_WORDS_MAX     24
#define CASE_RELATIONS_MAX 16
#define CASE_STEPS_MAX     8
#define CASE_GRID_MAX      16

/* MODE_ABSENT: the case has no such parameter, whatever case.NAME says. MODE_SPREAD: so many whole
 * values, spread evenly from one to another. */
enum param_mode { MODE_FIXED, MODE_SWEEP, MODE_MVPN_100I, MODE_SPREAD, MODE_SEARCHED, MODE_ABSENT };

/* A number or formula as it stands in the file. */
struct case_value {
    struct expr e;
    char text[96];
    unsigned line, col; /* where it stands */
    uint32_t uses;      /* bit p: parameter p, also through the given names that it uses */
};

struct case_param_rule {
    enum param_mode mode;
    size_t count;              /* values: 1 fixed, more swept, 2 (from, to) spread; else 0 */
    struct case_value *values; /* [count], owned */
    unsigned spread;           /* how many */
    bool capped;               /* values above `most` become it (a fixed 100, B.5) */
    struct case_value most;
};

/* A value with a name: a formula, or what another case found, and what stands in for it. */
struct case_given {
    char name[24];
    char from[12]; /* a case; empty: `value` is all there is */
    bool largest_n;
    bool at[3]; /* where the other case's maximum is meant: N, ingress_share, s */
    struct case_value where[3];
    bool has_value;
    struct case_value value;
    uint32_t uses;
};

/* The coarse grid of a search: from, from + step ... to; or numbers of mVPNs times `each`, which is
 * doubled up to `to` (9.5). */
struct case_grid_rule {
    size_t count; /* of numbers of mVPNs; 0: the first form */
    struct case_value *mvpns;
    bool present;
    struct case_value from, step, each, to;
};

struct case_words {
    size_t count;
    char *items[CASE_WORDS_MAX];
};

struct test_case {
    char *id, *title, *objective, *operational;
    enum case_kind kind;
    char *variable; /* or what a case of CASE_MEASURE measures */
    struct expr formula;
    enum case_param searched;
    struct case_param_rule rule[PARAM_COUNT];
    size_t given_count;
    struct case_given given[EXPR_GIVEN_MAX];
    bool has_search_max;
    struct case_value search_max;
    struct case_grid_rule grid;
    size_t relation_count;
    struct relation relation[CASE_RELATIONS_MAX];
    bool relation_at_end[CASE_RELATIONS_MAX];
    double tolerance; /* of ~= */
    bool mdt_allowed[MDT_BIDIR + 1];
    enum mdt_mode mdt_order[MDT_BIDIR + 1];
    size_t mdt_count;
    bool mdt_each;    /* the case is run with each of them */
    unsigned applies; /* enum dut_spmsi: what the DUT must have */
    bool c_rp_dut;
    bool receiver_behind_pe3;
    unsigned test_groups;
    bool stimuli;
    unsigned repetitions;
    bool steady_step[CASE_STEPS_MAX + 1], failure_step[CASE_STEPS_MAX + 1];
    struct case_words extra, report, after, issues, own_steps;
};

/* case_symbols gives values the names of PROTOCOLS 13; everything else becomes NAN. */
void case_symbols(const struct case_values *values, double symbols[SYM_COUNT]);

/* case_ingress_groups is gi = round(ratio * g). */
double case_ingress_groups(const struct case_values *values);

/* case_symbol_uses returns the parameters whose value a symbol depends on, as bits; false for one
 * that only a measurement gives. */
bool case_symbol_uses(const struct test_case *tc, enum expr_symbol s, uint32_t *uses);

/* case_constant gives the value of a formula without symbols; false for any other. */
bool case_constant(const struct case_value *v, double *out);

/* case_late tells whether the value follows from the searched parameter. */
bool case_late(const struct test_case *tc, const struct case_value *v);

/*
 * case_value_at evaluates v at a point whose values are filled in as far as v uses them. NAN where
 * something is not known; why (if not NULL) then says what and how to give it.
 */
double case_value_at(const struct test_case *tc, const struct case_context *c,
                     const struct case_point *p, const struct case_value *v,
                     char why[CASE_WHY_MAX]);

/* case_overridden returns the value of case.NAME or sweep.NAME where it replaces p, else NULL. */
const struct param_override *case_overridden(const struct test_case *tc,
                                             const struct run_settings *s, enum case_param p);

/* case_max_of returns the bound that search.<id>.max or search.max sets, 0: none. */
uint64_t case_max_of(const struct run_settings *s, const char *id);

/* case_total tells whether the case varies a total of S-PMSIs over all mVPNs (9.5, 9.6). */
bool case_total(const struct test_case *tc, enum case_param *which);

/* case_notef calls the context's note, if any. */
void case_notef(const struct case_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
