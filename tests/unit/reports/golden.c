#include "tests/unit/reports/golden.h"

#include "emul/base/mem.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>

char *rendered(report_render *render, const json_t *tree)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    struct err err = {0};
    CU_ASSERT_EQUAL(render(f, &(struct report_input){.result = tree}, &err), 0);
    CU_ASSERT_EQUAL(fclose(f), 0);
    return text;
}

json_t *tree_load(const char *name)
{
    char *path = mem_printf(TREES "%s.json", name);
    json_error_t error;
    json_t *tree = json_load_file(path, 0, &error);
    if (tree == NULL)
        (void)fprintf(stderr, "%s: %s\n", path, error.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    free(path);
    return tree;
}

static char *file_text(const char *path)
{
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    char *text = mem_zalloc(1 << 20, 1);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    CU_ASSERT_FATAL(n < (1 << 20) - 1);
    (void)fclose(f);
    return text;
}

static void file_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

void golden_check(const char *file, const char *text)
{
    char *path = mem_printf(TREES "%s", file);
    if (getenv("MVPN_WRITE_GOLDEN") != NULL)
        file_write(path, text);
    char *golden = file_text(path);
    size_t same = 0, line = 1;
    for (; golden[same] != '\0' && golden[same] == text[same]; same++)
        line += golden[same] == '\n';
    if (strcmp(golden, text) != 0)
        (void)fprintf(stderr, "%s:%zu: differs: \"%.60s\" is \"%.60s\"\n", path, line,
                      golden + same, text + same);
    CU_ASSERT_STRING_EQUAL(golden, text);
    free(golden);
    free(path);
}
