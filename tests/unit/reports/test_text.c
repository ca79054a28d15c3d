#include "emul/base/mem.h"
#include "reports/reports.h"
#include "reports/text_table.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"

#include <stdlib.h>
#include <string.h>

/* Printable ASCII in lines of at most 100 columns that do not end in a blank. */
static void check_page(const char *text)
{
    size_t column = 0, too_long = 0, odd = 0, blank_ends = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n') {
            blank_ends += column > 0 && p[-1] == ' ';
            column = 0;
            continue;
        }
        odd += (unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f;
        too_long += ++column == TEXT_COLUMNS + 1;
    }
    CU_ASSERT_EQUAL(too_long, 0);
    CU_ASSERT_EQUAL(odd, 0);
    CU_ASSERT_EQUAL(blank_ends, 0);
    CU_ASSERT_EQUAL(column, 0);
}

static void check_tree(const char *name)
{
    json_t *tree = tree_load(name);
    char *text = rendered(report_text, tree);
    char *file = mem_printf("%s.txt", name);
    check_page(text);
    golden_check(file, text);
    free(file);
    free(text);
    json_decref(tree);
}

static void test_full(void)
{
    check_tree("full");
}

static void test_half(void)
{
    check_tree("half");
}

static void test_empty(void)
{
    check_tree("empty");
}

static void test_hostile(void)
{
    check_tree("hostile");
}

/* Every value of every key of the full tree replaced by something else: no crash, no long line. */
static void replace_everywhere(const json_t *root, json_t *at, const json_t *by)
{
    const char *key;
    json_t *v;
    size_t i;
    if (json_is_array(at)) {
        json_array_foreach(at, i, v) replace_everywhere(root, v, by);
        return;
    }
    void *next;
    json_object_foreach_safe(at, next, key, v)
    {
        json_incref(v);
        (void)json_object_set(at, key, (json_t *)(uintptr_t)by);
        char *text = rendered(report_text, root);
        check_page(text);
        free(text);
        (void)json_object_set_new(at, key, v);
        if (strcmp(key, "$ns") != 0)
            replace_everywhere(root, v, by);
    }
}

static void test_wrong_types(void)
{
    static const char *const values[] = {"null", "[[]]", "{\"$ns\": -1}", "\"\\u0007text\"",
                                         "9223372036854775807"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_t *tree = tree_load("full");
        json_t *by = json_loads(values[i], JSON_DECODE_ANY, NULL);
        replace_everywhere(tree, tree, by);
        json_decref(by);
        json_decref(tree);
    }
}

static void test_lines(void)
{
    CU_ASSERT_EQUAL(text_line("", 10), 0);
    CU_ASSERT_EQUAL(text_line("0123456789", 10), 10);
    CU_ASSERT_EQUAL(text_line("0123456789 x", 10), 10);
    CU_ASSERT_EQUAL(text_line("01234 6789 x", 9), 5);
    CU_ASSERT_EQUAL(text_line("0123456789ab", 5), 5);
    CU_ASSERT_EQUAL(text_line("   0123456789", 5), 5);
    CU_ASSERT_STRING_EQUAL(text_after("ab   cd", 2), "cd");
    char *clean = text_clean("a\x1b\xc3\xa9 b\n\n");
    CU_ASSERT_STRING_EQUAL(clean, "a?? b");
    free(clean);
}

static void print_table(const struct report_column *columns, size_t count,
                        const struct report_cell *cells, const char *want)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    struct text_table t = {0};
    text_table_open(&t, columns, count);
    text_table_row(&t, cells);
    text_table_print(&t, f);
    text_table_fini(&t);
    (void)fclose(f);
    CU_ASSERT_STRING_EQUAL(text, want);
    if (strcmp(text, want) != 0)
        (void)fprintf(stderr, "got\n%swant\n%s", text, want);
    free(text);
}

static void test_cells(void)
{
    static const struct report_column columns[] = {{.title = "a\nb", .unit = "s", .decimals = 3},
                                                   {.title = "c"},
                                                   {.title = "d", .decimals = 1}};
    print_table(columns, 3,
                (struct report_cell[]){{.kind = CELL_TIME, .ns = 1999500000},
                                       {.kind = CELL_NULL},
                                       {.kind = CELL_REAL, .real = 2.25}},
                "      a\n"
                "      b\n"
                "      s  c    d\n"
                "  -----  -  ---\n"
                "  2.000  -  2.2\n");
}

static const struct cu_test tests[] = {
    {"a whole report", test_full},
    {"a result that is half finished", test_half},
    {"an empty result", test_empty},
    {"hostile strings and numbers", test_hostile},
    {"values of any other type", test_wrong_types},
    {"breaking lines", test_lines},
    {"typed cells", test_cells},
};

CU_MAIN("reports/text", tests)
