#include "harness/case/expr.h"

#include "harness/case/settings.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const symbols[SYM_GIVEN] = {
    [SYM_N] = "N",
    [SYM_C] = "c",
    [SYM_R] = "R",
    [SYM_G] = "g",
    [SYM_S] = "s",
    [SYM_GI] = "gi",
    [SYM_GE] = "ge",
    [SYM_D] = "d",
    [SYM_METRIC + NUM_MVPN] = "Num_mVPN",
    [SYM_METRIC + NUM_PE] = "Num_PE",
    [SYM_METRIC + NUM_MC_C_INTS] = "Num_MC_C_ints",
    [SYM_METRIC + NUM_PIM_C_NEIGH] = "Num_PIM_C_neigh",
    [SYM_METRIC + NUM_STARG_C] = "Num_starG_C",
    [SYM_METRIC + NUM_SG_C] = "Num_SG_C",
    [SYM_METRIC + NUM_OIF_C] = "Num_OIF_C",
    [SYM_METRIC + NUM_SPMSI_SRC] = "Num_SPMSI_Src",
    [SYM_METRIC + NUM_SPMSI_RX] = "Num_SPMSI_Rx",
    [SYM_C_SIDE] = "Num_PIM_C_neigh_c_side",
    [SYM_MIPMSI] = "Num_PIM_C_neigh_mipmsi",
    [SYM_P + NUM_STARG_P] = "Num_starG_P",
    [SYM_P + NUM_SG_P] = "Num_SG_P",
    [SYM_P + NUM_OIF_P] = "Num_OIF_P",
    [SYM_SHARE] = "ingress_share",
    [SYM_SPMSI_SRC] = "spmsi_src",
    [SYM_SPMSI_RX] = "spmsi_rx",
    [SYM_SPMSI_SRC_FLOWS] = "spmsi_src_flows",
    [SYM_SPMSI_RX_FLOWS] = "spmsi_rx_flows",
    [SYM_SPMSI_SRC_TOTAL] = "spmsi_src_total",
    [SYM_SPMSI_RX_TOTAL] = "spmsi_rx_total",
    [SYM_REUSE] = "I",
};

static const struct {
    const char *name;
    char op;
    unsigned least, most; /* arguments */
} functions[] = {
    {"min", 'm', 2, 8},   {"max", 'M', 2, 8},  {"floor", 'f', 1, 1}, {"ceil", 'c', 1, 1},
    {"round", 'r', 1, 1}, {"log2", 'l', 1, 1}, {"pow", 'p', 2, 2},
};
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

_Static_assert(SYM_METRIC + METRIC_VARS == SYM_C_SIDE, "metric symbols fill their range");

static const struct {
    const char *text;
    enum relation_kind kind;
} operators[] = {
    /* longer ones first: ">" begins two others */
    {"==", REL_EQUAL}, {">=", REL_AT_LEAST}, {">>", REL_MUCH_GREATER},
    {"~=", REL_ABOUT}, {">", REL_GREATER},
};

enum expr_symbol expr_symbol_by_name(const char *name, const struct expr_names *names)
{
    for (int i = 0; i < SYM_GIVEN; i++) {
        if (strcmp(symbols[i], name) == 0)
            return (enum expr_symbol)i;
    }
    for (size_t i = 0; names != NULL && i < names->count; i++) {
        if (strcmp(names->names[i], name) == 0)
            return (enum expr_symbol)(SYM_GIVEN + i);
    }
    return SYM_COUNT;
}

static size_t function_by_name(const char *name)
{
    size_t f = 0;
    while (f < FUNCTIONS && strcmp(functions[f].name, name) != 0)
        f++;
    return f;
}

bool expr_name_taken(const char *name)
{
    return expr_symbol_by_name(name, NULL) != SYM_COUNT || function_by_name(name) != FUNCTIONS;
}

struct parser {
    const char *text, *p;
    const struct expr_names *names;
    struct expr *out;
    struct expr_error *err;
    unsigned depth;
    bool failed;
};

static void complain(struct parser *ps, const char *what)
{
    if (ps->failed)
        return;
    ps->failed = true;
    ps->err->offset = (size_t)(ps->p - ps->text);
    (void)snprintf(ps->err->text, sizeof(ps->err->text), "%s", what);
}

static void emit(struct parser *ps, struct expr_op op)
{
    if (ps->out->count == EXPR_CODE_MAX)
        complain(ps, "the formula is too long");
    else if (!ps->failed)
        ps->out->code[ps->out->count++] = op;
}

static void skip_space(struct parser *ps)
{
    while (*ps->p == ' ' || *ps->p == '\t')
        ps->p++;
}

static void parse_sum(struct parser *ps);

static void unknown_name(struct parser *ps, const char *name)
{
    const char *list[SYM_COUNT + FUNCTIONS];
    char what[128];
    size_t n = 0;
    for (size_t i = 0; i < SYM_GIVEN; i++)
        list[n++] = symbols[i];
    for (size_t i = 0; i < FUNCTIONS; i++)
        list[n++] = functions[i].name;
    for (size_t i = 0; ps->names != NULL && i < ps->names->count; i++)
        list[n++] = ps->names->names[i];
    (void)snprintf(what, sizeof(what), "'%s' is not known here; did you mean '%s'?", name,
                   text_nearest(name, list, n));
    complain(ps, what);
}

/* parse_call reads "(a, b, ...)" behind the name of function f. */
static void parse_call(struct parser *ps, size_t f)
{
    unsigned count = 0;
    do {
        ps->p++; /* '(' or ',' */
        parse_sum(ps);
        count++;
        if (count > 1)
            emit(ps, (struct expr_op){.op = functions[f].op}); /* min and max fold */
        skip_space(ps);
    } while (!ps->failed && *ps->p == ',' && count < functions[f].most);
    if (*ps->p != ')' || count < functions[f].least)
        complain(ps, count < functions[f].least ? "an argument is missing here"
                                                : "')' is missing here");
    else
        ps->p++;
    if (functions[f].most == 1)
        emit(ps, (struct expr_op){.op = functions[f].op});
}

static void parse_symbol(struct parser *ps)
{
    char name[41];
    size_t len = 0;
    while (isalnum((unsigned char)ps->p[len]) || ps->p[len] == '_')
        len++;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(len < 40 ? len : 40), ps->p);
    size_t f = function_by_name(name);
    if (f < FUNCTIONS) {
        ps->p += len;
        skip_space(ps);
        if (*ps->p == '(')
            parse_call(ps, f);
        else
            complain(ps, "the function's arguments in parentheses must stand here");
        return;
    }
    enum expr_symbol s = len > 40 ? SYM_COUNT : expr_symbol_by_name(name, ps->names);
    if (s == SYM_COUNT) {
        unknown_name(ps, name);
        return;
    }
    emit(ps, (struct expr_op){.op = '$', .symbol = s});
    ps->p += len;
}

static void parse_number(struct parser *ps)
{
    size_t len = strspn(ps->p, "0123456789.");
    char digits[32];
    (void)snprintf(digits, sizeof(digits), "%.*s", (int)(len < sizeof(digits) ? len : 0), ps->p);
    char *end;
    double v = strtod(digits, &end);
    if (end == digits || *end != '\0') {
        complain(ps, "this is not a number");
        return;
    }
    emit(ps, (struct expr_op){.op = '#', .number = v});
    ps->p += len;
}

static void parse_factor(struct parser *ps)
{
    skip_space(ps);
    if (++ps->depth > EXPR_DEPTH_MAX) {
        complain(ps, "too many parentheses");
    } else if (*ps->p == '(') {
        ps->p++;
        parse_sum(ps);
        skip_space(ps);
        if (*ps->p == ')')
            ps->p++;
        else
            complain(ps, "')' is missing here");
    } else if (*ps->p == '-') {
        ps->p++;
        parse_factor(ps);
        emit(ps, (struct expr_op){.op = '~'});
    } else if (isdigit((unsigned char)*ps->p)) {
        parse_number(ps);
    } else if (isalpha((unsigned char)*ps->p)) {
        parse_symbol(ps);
    } else {
        complain(ps, "a number, a name or '(' must stand here");
    }
    ps->depth--;
}

static void parse_product(struct parser *ps)
{
    parse_factor(ps);
    for (;;) {
        skip_space(ps);
        char op = *ps->p;
        if (ps->failed || (op != '*' && op != '/'))
            return;
        ps->p++;
        parse_factor(ps);
        emit(ps, (struct expr_op){.op = op});
    }
}

static void parse_sum(struct parser *ps)
{
    parse_product(ps);
    for (;;) {
        skip_space(ps);
        char op = *ps->p;
        if (ps->failed || (op != '+' && op != '-'))
            return;
        ps->p++;
        parse_product(ps);
        emit(ps, (struct expr_op){.op = op});
    }
}

/* parse_side reads one formula from *ps->p up to something that continues none. */
static void parse_side(struct parser *ps, struct expr *out)
{
    out->count = 0;
    ps->out = out;
    parse_sum(ps);
    skip_space(ps);
}

bool expr_parse(struct expr *e, const char *text, const struct expr_names *names,
                struct expr_error *err)
{
    struct parser ps = {.text = text, .p = text, .names = names, .err = err};
    parse_side(&ps, e);
    if (!ps.failed && *ps.p != '\0')
        complain(&ps, "the formula should end here");
    return !ps.failed;
}

/* What is not known stays so through every operator; NAN alone would be lost in fmin. */
static double apply(char op, double a, double b)
{
    switch (op) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case 'm':
        return isnan(a) || isnan(b) ? NAN : fmin(a, b);
    case 'M':
        return isnan(a) || isnan(b) ? NAN : fmax(a, b);
    case 'p':
        return isnan(a) || isnan(b) ? NAN : pow(a, b);
    default:
        return b == 0 ? NAN : a / b;
    }
}

#define NEARLY 1e-9

/* apply_one does the operators of one operand; false when op is none of them. */
static bool apply_one(char op, double *v)
{
    switch (op) {
    case '~':
        *v = -*v;
        return true;
    case 'f':
        *v = floor(*v + NEARLY);
        return true;
    case 'c':
        *v = ceil(*v - NEARLY);
        return true;
    case 'r':
        *v = floor(*v + 0.5);
        return true;
    case 'l':
        *v = log2(*v);
        return true;
    default:
        return false;
    }
}

double expr_eval(const struct expr *e, const double values[SYM_COUNT])
{
    double stack[EXPR_CODE_MAX + 1] = {0};
    size_t top = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct expr_op *o = &e->code[i];
        if (o->op == '#') {
            stack[top++] = o->number;
        } else if (o->op == '$') {
            stack[top++] = values[o->symbol];
        } else if (!apply_one(o->op, &stack[top - 1])) {
            top--;
            stack[top - 1] = apply(o->op, stack[top - 1], stack[top]);
        }
    }
    return top == 1 ? stack[0] : NAN;
}

static void copy_trimmed(char *out, size_t cap, const char *from, const char *to)
{
    while (from < to && *from == ' ')
        from++;
    while (to > from && to[-1] == ' ')
        to--;
    (void)snprintf(out, cap, "%.*s", (int)(to - from), from);
}

bool relation_parse(struct relation *r, const char *text, struct expr_error *err)
{
    struct parser ps = {.text = text, .p = text, .err = err};
    parse_side(&ps, &r->left);
    copy_trimmed(r->left_text, sizeof(r->left_text), text, ps.p);
    size_t n = sizeof(operators) / sizeof(operators[0]), i = 0;
    while (i < n && strncmp(ps.p, operators[i].text, strlen(operators[i].text)) != 0)
        i++;
    if (i == n) {
        complain(&ps, "one of == >= > >> ~= must stand here");
        return false;
    }
    r->kind = operators[i].kind;
    ps.p += strlen(operators[i].text);
    const char *right = ps.p;
    parse_side(&ps, &r->right);
    copy_trimmed(r->right_text, sizeof(r->right_text), right, ps.p);
    if (!ps.failed && *ps.p != '\0')
        complain(&ps, "the relation should end here");
    return !ps.failed;
}

int relation_holds(const struct relation *r, const double values[SYM_COUNT], double tolerance,
                   double *left, double *right)
{
    double a = expr_eval(&r->left, values), b = expr_eval(&r->right, values);
    *left = a;
    *right = b;
    if (isnan(a) || isnan(b))
        return -1;
    switch (r->kind) {
    case REL_EQUAL:
        return fabs(a - b) < 1e-6;
    case REL_AT_LEAST:
        return a >= b;
    case REL_GREATER:
        return a > b;
    case REL_ABOUT:
        return fabs(a - b) <= tolerance * fabs(b);
    case REL_MUCH_GREATER:
        break;
    }
    return 1;
}

const char *relation_operator(enum relation_kind kind)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (operators[i].kind == kind)
            return operators[i].text;
    }
    return "?";
}
