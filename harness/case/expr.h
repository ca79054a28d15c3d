/*
 * Formulas of the test cases ("N*g*(1+s)") and relations ("Num_OIF_C == 4*Num_mVPN"): a small
 * parser into postfix code over the symbols of PROTOCOLS 13, the metric variables, in which
 * Num_*G_C is spelled Num_starG_C, the other parameters by their names, and names that the case
 * gives to values (`given`). Functions: min, max, floor, ceil, round, log2, pow; floor and ceil
 * forgive 1e-9, so that 0.1*30 is 3. Values are plain records without pointers; nothing to free.
 */
#ifndef MVPN_CASE_EXPR_H
#define MVPN_CASE_EXPR_H

#include <stdbool.h>
#include <stddef.h>

enum expr_symbol {
    SYM_N,
    SYM_C,
    SYM_R,
    SYM_G,
    SYM_S,
    SYM_GI,
    SYM_GE,
    SYM_D,
    SYM_METRIC,      /* the nine variables in the order of enum metric_var */
    SYM_C_SIDE = 17, /* Num_PIM_C_neigh_c_side */
    SYM_MIPMSI,      /* Num_PIM_C_neigh_mipmsi */
    SYM_P,           /* Num_starG_P, Num_SG_P, Num_OIF_P */
    SYM_SHARE = SYM_P + 3,
    SYM_SPMSI_SRC,
    SYM_SPMSI_RX,
    SYM_SPMSI_SRC_FLOWS,
    SYM_SPMSI_RX_FLOWS,
    SYM_SPMSI_SRC_TOTAL,
    SYM_SPMSI_RX_TOTAL,
    SYM_REUSE, /* I */
    SYM_GIVEN, /* the first of the case's own names */
    SYM_COUNT = SYM_GIVEN + 8
};

#define EXPR_GIVEN_MAX (SYM_COUNT - SYM_GIVEN)

/* Names that a case gives to values, in their order. */
struct expr_names {
    size_t count;
    const char *names[EXPR_GIVEN_MAX];
};

#define EXPR_CODE_MAX  64
#define EXPR_DEPTH_MAX 32

struct expr_op {
    char op; /* '#' number, '$' symbol, '~' negation, the operator, or a letter for a function */
    double number;
    enum expr_symbol symbol;
};

struct expr {
    struct expr_op code[EXPR_CODE_MAX];
    size_t count;
};

enum relation_kind { REL_EQUAL, REL_AT_LEAST, REL_GREATER, REL_MUCH_GREATER, REL_ABOUT };

struct relation {
    enum relation_kind kind;
    struct expr left, right;
    char left_text[96], right_text[96];
};

struct expr_error {
    char text[128];
    size_t offset; /* in the text, from 0 */
};

/* expr_symbol_by_name returns the symbol or a given name's (names may be NULL), SYM_COUNT for none.
 */
enum expr_symbol expr_symbol_by_name(const char *name, const struct expr_names *names);

/* expr_name_taken tells whether a symbol or function of the language has that name. */
bool expr_name_taken(const char *name);

/* expr_parse reads a formula without comparison; false with *err. names: the case's own, or NULL.
 */
bool expr_parse(struct expr *e, const char *text, const struct expr_names *names,
                struct expr_error *err);

/* expr_eval computes e; symbols that are not known are NAN, and then so is the result. */
double expr_eval(const struct expr *e, const double symbols[SYM_COUNT]);

/* relation_parse reads "FORMULA == FORMULA" (also >=, >, >> and ~=); false with *err. */
bool relation_parse(struct relation *r, const char *text, struct expr_error *err);

/*
 * relation_holds compares both sides: 1 holds, 0 does not, -1 cannot be told (a side is unknown).
 * tolerance is relative, for ~=; a relation with >> informs only and is never 0.
 */
int relation_holds(const struct relation *r, const double symbols[SYM_COUNT], double tolerance,
                   double *left, double *right);

/* relation_operator returns "==" ... */
const char *relation_operator(enum relation_kind kind);

#endif
