/* General trees: the notation, and the estimate against golden figures and exact probabilities. */
#include "monitor/minc/minc.h"
#include "monitor/minc/tree.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct tree tree;

static void notation(void)
{
    struct err err = {0};
    CU_ASSERT_EQUAL_FATAL(tree_parse(&tree, "root(b(l2,l3),l4)", &err), 0);
    CU_ASSERT_EQUAL(tree.count, 5);
    CU_ASSERT_EQUAL(tree.leaves, 3);
    CU_ASSERT_STRING_EQUAL(tree.node[1].name, "b");
    CU_ASSERT_EQUAL(tree.node[1].parent, 0);
    CU_ASSERT_EQUAL(tree.node[tree_leaf(&tree, "l4")].parent, 0);
    CU_ASSERT_EQUAL(tree.node[0].below, 7);
    CU_ASSERT_EQUAL(tree_leaf(&tree, "b"), -1);
    CU_ASSERT_EQUAL(tree_leaf(&tree, "l5"), -1);
}

static void bad_notation(void)
{
    static const char *const rows[] = {
        "",           "root",           "root(",      "root()",    "root(a)",      "root(a,b",
        "root(a,b))", "root(a,,b)",     "root(a,b)c", "root(a,a)", "root(b(c),d)", "(a,b)",
        "root(a b)",  "root(a,b)(c,d)", ",a",         "a,b",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        CU_ASSERT_EQUAL(tree_parse(&tree, rows[i], &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
    }
}

static const struct tree_pattern seen[] = {
    {0, 25},  {2, 1},   {3, 5},    {5, 1},    {6, 1},   {7, 64},   {8, 2},    {11, 15},
    {13, 9},  {14, 3},  {15, 128}, {16, 7},   {19, 15}, {21, 12},  {22, 5},   {23, 223},
    {24, 34}, {25, 15}, {26, 11},  {27, 282}, {28, 3},  {29, 188}, {30, 104}, {31, 2847},
};

/* Nodes in the order of the notation: 1 is the root, then depth first. */
static void golden(void)
{
    static const struct {
        const char *name;
        double pass;
    } want[] = {{"n1", 0.993950518134715},  {"n2", 0.9891477255510593}, {"n3", 0.9846583086320885},
                {"n4", 0.9672853178305637}, {"n5", 0.9418572074774996}, {"n6", 0.912360599467945},
                {"n7", 0.9300587293112654}, {"n8", 0.9568799780280144}};
    struct err err = {0};
    double pass[TREE_NODES_MAX], error[TREE_NODES_MAX];
    CU_ASSERT_EQUAL_FATAL(tree_parse(&tree, "n1(n2(n4,n5,n6),n3(n7,n8))", &err), 0);
    tree_estimate(&tree, seen, sizeof(seen) / sizeof(seen[0]), pass, error);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        for (size_t k = 0; k < tree.count; k++) {
            if (strcmp(tree.node[k].name, want[i].name) != 0)
                continue;
            CU_ASSERT_DOUBLE_EQUAL(pass[k], want[i].pass, 1e-9);
            CU_ASSERT_TRUE(error[k] > 0 && error[k] < 0.02);
        }
    }
}

/* A star of two leaves is configuration A, errors and all. */
static void two_leaves(void)
{
    static const char *const names[] = {"a", "b"};
    const struct tree_pattern list[] = {{0, 4500}, {1, 4300}, {2, 4200}, {3, 647000}};
    const struct minc_counts n = {647000, 4300, 4200, 4500};
    struct err err = {0};
    struct minc_estimate e;
    double pass[TREE_NODES_MAX], error[TREE_NODES_MAX];
    CU_ASSERT_EQUAL_FATAL(tree_star(&tree, names, 2, &err), 0);
    tree_estimate(&tree, list, 4, pass, error);
    minc_individual(&n, &e);
    for (int l = 0; l < MINC_LINKS; l++) {
        CU_ASSERT_DOUBLE_EQUAL(pass[l], e.pass[l], 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(error[l], e.error[l], 1e-9);
    }
}

/* Leaves that never saw a probe together: the link above them cannot be told from theirs. Others
 * still can. */
static void not_identifiable(void)
{
    const struct tree_pattern apart[] = {{1, 500}, {2, 500}};
    const struct tree_pattern part[] = {{0, 10}, {1 | 4, 400}, {2 | 4, 300}, {4, 100}};
    static const char *const names[] = {"a", "b"};
    struct err err = {0};
    double pass[TREE_NODES_MAX], error[TREE_NODES_MAX];
    CU_ASSERT_EQUAL_FATAL(tree_star(&tree, names, 2, &err), 0);
    tree_estimate(&tree, apart, 2, pass, error);
    for (int l = 0; l < 3; l++)
        CU_ASSERT_FALSE(isfinite(pass[l]));
    CU_ASSERT_EQUAL_FATAL(tree_parse(&tree, "root(b(l2,l3),l4)", &err), 0);
    tree_estimate(&tree, part, 4, pass, error);
    CU_ASSERT_TRUE(isfinite(pass[0]));
    CU_ASSERT_FALSE(isfinite(pass[1]));
    CU_ASSERT_FALSE(isfinite(pass[tree_leaf(&tree, "l2")]));
    CU_ASSERT_TRUE(isfinite(pass[tree_leaf(&tree, "l4")]));
}

/* Exact frequencies of a star of three give the truth back. */
static void exact(void)
{
    static const char *const names[] = {"a", "b", "c"};
    static const double leaf[] = {.96, .99, .9};
    const double root = .97, n = 1e12;
    struct tree_pattern list[8];
    struct err err = {0};
    double pass[TREE_NODES_MAX], error[TREE_NODES_MAX];
    for (unsigned p = 0; p < 8; p++) {
        double share = root;
        for (unsigned i = 0; i < 3; i++)
            share *= (p >> i & 1) != 0 ? leaf[i] : 1 - leaf[i];
        list[p] =
            (struct tree_pattern){p, (uint64_t)llround(n * (share + (p == 0 ? 1 - root : 0)))};
    }
    CU_ASSERT_EQUAL_FATAL(tree_star(&tree, names, 3, &err), 0);
    tree_estimate(&tree, list, 8, pass, error);
    CU_ASSERT_DOUBLE_EQUAL(pass[0], root, 1e-9);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_DOUBLE_EQUAL(pass[1 + i], leaf[i], 1e-9);
}

static const struct cu_test tests[] = {
    {"notation", notation},
    {"bad notation", bad_notation},
    {"golden figures", golden},
    {"two leaves", two_leaves},
    {"not identifiable", not_identifiable},
    {"exact frequencies", exact},
};

CU_MAIN("minc tree", tests)
