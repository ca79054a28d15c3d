#include "harness/case/expr.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <string.h>

static double values[SYM_COUNT];

static void set_values(void)
{
    for (int i = 0; i < SYM_COUNT; i++)
        values[i] = NAN;
    values[SYM_N] = 7;
    values[SYM_C] = 2;
    values[SYM_R] = 3;
    values[SYM_G] = 10;
    values[SYM_S] = 2;
    values[SYM_GI] = 1;
    values[SYM_GE] = 9;
    values[SYM_D] = 2;
    values[expr_symbol_by_name("Num_mVPN", NULL)] = 7;
    values[expr_symbol_by_name("Num_OIF_C", NULL)] = 420;
}

static double eval(const char *text)
{
    struct expr e;
    struct expr_error err = {0};
    if (!expr_parse(&e, text, NULL, &err)) {
        (void)fprintf(stderr, "%s: %s at %zu\n", text, err.text, err.offset);
        return -1e9;
    }
    return expr_eval(&e, values);
}

static void test_values(void)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"N", 7},
        {"N*g*(1+s)", 210},
        {"N*(1+s)*(ge*d + gi*c)", 420}, /* PROTOCOLS 13 */
        {"2+3*4", 14},
        {"(2+3)*4", 20},
        {"10-4-3", 3},
        {"100/5/2", 10},
        {"-N + 10", 3},
        {"--N", 7},
        {"1.5 * 4", 6},
        {" ( ( N ) ) ", 7},
        {"60*Num_mVPN - Num_OIF_C", 0},
        {"min(N, 100)", 7},
        {"max(1, 2, N, 3)", 7},
        {"floor(0.1*30)", 3}, /* 3.0000000000000004 */
        {"floor(0.7*10)", 7}, /* 6.9999999999999991 */
        {"floor(2.9) + ceil(2.1)", 5},
        {"round(2.5)", 3},
        {"pow(2, floor(log2(g)))", 8},
        {"max(1, pow(2, floor(log2(32/4))))", 8},
        {"max(1, pow(2, floor(log2(2/4))))", 1},
        {"max (1, 2)", 2},
        {"min(max(N, c), min(R, g))*2", 6},
        {"floor(0 - 0.5)", -1},
    };
    set_values();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_DOUBLE_EQUAL(eval(rows[i].text), rows[i].value, 1e-9);
    CU_ASSERT(isnan(eval("Num_SG_C + 1"))); /* not measured */
    CU_ASSERT(isnan(eval("N/(g-10)")));     /* no division by zero */
    CU_ASSERT(isnan(eval("min(N, Num_SG_C)")) && isnan(eval("max(Num_SG_C, N)")));
    CU_ASSERT(isnan(eval("pow(1, Num_SG_C)")) && isnan(eval("floor(log2(0-1))")));
}

static void test_mistakes(void)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *what;
    } rows[] = {
        {"", 0, "must stand here"},
        {"N*", 2, "must stand here"},
        {"(N", 2, "')' is missing"},
        {"N)", 1, "should end here"},
        {"N g", 2, "should end here"},
        {"2*Num_mVPM", 2, "did you mean 'Num_mVPN'"},
        {"Num_*G_C", 0, "not known"},
        {"1.2.3", 0, "not a number"},
        {"N == g", 2, "should end here"},
        {"N $ g", 2, "should end here"},
        {"min(N)", 5, "argument is missing"},
        {"floor()", 6, "must stand here"},
        {"floor(N, 2)", 7, "')' is missing"},
        {"pow(N, 2", 8, "')' is missing"},
        {"flor(N)", 0, "did you mean 'floor'"},
        {"min", 3, "in parentheses"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct expr e;
        struct expr_error err = {0};
        CU_ASSERT_FALSE(expr_parse(&e, rows[i].text, NULL, &err));
        CU_ASSERT_EQUAL(err.offset, rows[i].offset);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].what));
    }
}

static void test_sizes(void)
{
    struct expr e;
    struct expr_error err = {0};
    char deep[4096];
    memset(deep, '(', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    CU_ASSERT_FALSE(expr_parse(&e, deep, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "parentheses"));
    memset(deep, '-', sizeof(deep) - 1);
    CU_ASSERT_FALSE(expr_parse(&e, deep, NULL, &err));
    for (size_t i = 0; i + 2 < sizeof(deep); i += 2)
        memcpy(deep + i, "1+", 3);
    err = (struct expr_error){0};
    CU_ASSERT_FALSE(expr_parse(&e, deep, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "too long"));
}

/* A case's own names are known where they are given, and only there. */
static void test_names(void)
{
    static const struct expr_names names = {2, {"Vmax", "Smax"}};
    struct expr e;
    struct expr_error err = {0};
    set_values();
    CU_ASSERT_TRUE(expr_parse(&e, "Smax/(4*Vmax)", &names, &err));
    CU_ASSERT(isnan(expr_eval(&e, values)));
    values[SYM_GIVEN] = 61;
    values[SYM_GIVEN + 1] = 1952;
    CU_ASSERT_DOUBLE_EQUAL(expr_eval(&e, values), 8, 1e-9);
    CU_ASSERT_FALSE(expr_parse(&e, "Vmx", &names, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "did you mean 'Vmax'"));
    CU_ASSERT_FALSE(expr_parse(&e, "Vmax", NULL, &err));
    CU_ASSERT(expr_name_taken("N") && expr_name_taken("min") && !expr_name_taken("Vmax"));
}

static int holds(const char *text, double tolerance)
{
    struct relation r;
    struct expr_error err = {0};
    double a, b;
    CU_ASSERT_FATAL(relation_parse(&r, text, &err));
    return relation_holds(&r, values, tolerance, &a, &b);
}

static void test_relations(void)
{
    set_values();
    CU_ASSERT_EQUAL(holds("Num_OIF_C == 60*Num_mVPN", 0), 1);
    CU_ASSERT_EQUAL(holds("Num_OIF_C == 61*Num_mVPN", 0), 0);
    CU_ASSERT_EQUAL(holds("N >= 7", 0), 1);
    CU_ASSERT_EQUAL(holds("N >= 8", 0), 0);
    CU_ASSERT_EQUAL(holds("N > 7", 0), 0);
    CU_ASSERT_EQUAL(holds("N > 6", 0), 1);
    CU_ASSERT_EQUAL(holds("N >> 1000", 0), 1); /* informs only */
    CU_ASSERT_EQUAL(holds("98 ~= 100", 0.02), 1);
    CU_ASSERT_EQUAL(holds("97.9 ~= 100", 0.02), 0);
    CU_ASSERT_EQUAL(holds("Num_SG_C == 2", 0), -1); /* not measured */
    CU_ASSERT_EQUAL(holds("Num_SG_C >> 2", 0), -1);
}

static void test_relation_text(void)
{
    struct relation r;
    struct expr_error err = {0};
    CU_ASSERT(relation_parse(&r, "Num_starG_C + Num_SG_C >> Num_mVPN", &err));
    CU_ASSERT_STRING_EQUAL(r.left_text, "Num_starG_C + Num_SG_C");
    CU_ASSERT_STRING_EQUAL(r.right_text, "Num_mVPN");
    CU_ASSERT_STRING_EQUAL(relation_operator(r.kind), ">>");
    CU_ASSERT_FALSE(relation_parse(&r, "N", &err));
    CU_ASSERT_EQUAL(err.offset, 1);
    err = (struct expr_error){0};
    CU_ASSERT_FALSE(relation_parse(&r, "N == g == s", &err));
    CU_ASSERT_EQUAL(err.offset, 7);
    CU_ASSERT_FALSE(relation_parse(&r, "N = g", &err));
    CU_ASSERT_FALSE(relation_parse(&r, "== g", &err));
}

static const struct cu_test tests[] = {
    {"names of the case's own", test_names},
    {"values", test_values},
    {"mistakes with their place", test_mistakes},
    {"sizes are bounded", test_sizes},
    {"relations", test_relations},
    {"texts of relations", test_relation_text},
};
CU_MAIN("case/expr", tests)
