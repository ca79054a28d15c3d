#include "harness/cli/options.h"
#include "tests/unit/cu.h"

#include <stdint.h>
#include <string.h>

static const struct cli_option table[] = {
    {"out", "DIR", "where"},
    {"set", "KEY=VALUE", "what"},
    {"pcap", NULL, "whether"},
};

static char seen[512];

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    (void)ctx;
    (void)err;
    size_t n = strlen(seen);
    (void)snprintf(seen + n, sizeof(seen) - n, "%s=%s;",
                   index == OPTION_POSITIONAL ? "" : table[index].name, value == NULL ? "" : value);
    return 0;
}

static int parse(int argc, const char *const *words, struct err *err)
{
    char *argv[16];
    for (int i = 0; i < argc; i++)
        argv[i] = (char *)(uintptr_t)words[i];
    seen[0] = '\0';
    return options_parse(table, 3, argc, argv, take, NULL, err);
}

static void test_forms(void)
{
    static const char *const words[] = {"run",    "9.1",   "--out", "d",  "--set=a=b",
                                        "--pcap", "--set", "c=d=e", "--", "--out"};
    CU_ASSERT_EQUAL(parse(10, words, NULL), 0);
    CU_ASSERT_STRING_EQUAL(seen, "=9.1;out=d;set=a=b;pcap=;set=c=d=e;=--out;");
}

static void test_mistakes(void)
{
    static const struct {
        const char *word, *what;
    } rows[] = {
        {"--ouut=x", "did you mean '--out'"},
        {"--out", "--out needs a value: --out DIR"},
        {"--pcap=yes", "takes no value"},
        {"-o", "unknown option '-o'"},
        {"--", NULL},
        {"-", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        const char *const words[] = {"run", rows[i].word};
        CU_ASSERT_EQUAL(parse(2, words, &err), rows[i].what == NULL ? 0 : -1);
        if (rows[i].what != NULL)
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].what));
    }
}

static const struct cu_test tests[] = {
    {"both forms", test_forms},
    {"mistakes", test_mistakes},
};
CU_MAIN("cli/options", tests)
