#include "emul/base/rng.h"
#include "emul/conf/yaml.h"
#include "harness/case/case.h"
#include "harness/case/profile.h"
#include "harness/case/testbed.h"
#include "tests/unit/case/files.h"
#include "tests/unit/cu.h"

static struct ynode *load(const char *text, struct err *err)
{
    char path[64];
    temp_file(path, text, strlen(text));
    struct ynode *root = yaml_load(path, err);
    (void)unlink(path);
    return root;
}

static void test_tree(void)
{
    struct err err = {0};
    struct ynode *root = load("# c\na: 1\nb: [x, 'y', \"2\"]\nc:\n  d: true\n  e: 1.5\n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_EQUAL(root->kind, YNODE_MAP);
    CU_ASSERT_EQUAL(root->count, 3);
    const struct ynode *b = yaml_get(root, "b"), *c = yaml_get(root, "c");
    CU_ASSERT_EQUAL(b->kind, YNODE_LIST);
    CU_ASSERT_EQUAL(b->line, 3);
    CU_ASSERT_EQUAL(b->col, 4);
    CU_ASSERT_EQUAL(b->items[2]->col, 13);
    CU_ASSERT(b->items[2]->quoted);
    double v;
    bool yes;
    CU_ASSERT(yaml_number(yaml_get(c, "e"), &v, NULL));
    CU_ASSERT_DOUBLE_EQUAL(v, 1.5, 0);
    CU_ASSERT(yaml_bool(yaml_get(c, "d"), &yes, NULL) && yes);
    CU_ASSERT_FALSE(yaml_number(b->items[2], &v, &err)); /* quoted: a text */
    CU_ASSERT_PTR_NULL(yaml_get(root, "z"));
    json_t *tree = yaml_json(root);
    char *text = json_dumps(tree, JSON_COMPACT);
    CU_ASSERT_STRING_EQUAL(text,
                           "{\"a\":1,\"b\":[\"x\",\"y\",\"2\"],\"c\":{\"d\":true,\"e\":1.5}}");
    free(text);
    json_decref(tree);
    ynode_free(root);
}

static void test_mistakes(void)
{
    static const struct {
        const char *text;
        unsigned line, col;
        const char *what;
    } rows[] = {
        {"", 1, 1, "empty"},
        {"a: 1\na: 2\n", 2, 1, "second time"},
        {"a: &x 1\n", 1, 4, "anchors"},
        {"a: *x\n", 1, 4, "anchors"},
        {"a: !!int 1\n", 1, 4, "tags"},
        {"a: [1, 2\n", 2, 1, "correct the YAML"},
        {"? [a]\n: 1\n", 1, 3, "a key must be a word"},
        {"a: 1\n---\nb: 2\n", 2, 1, "second document"},
        {"a: \"x\\0y\"\n", 1, 4, "NUL"},
        {"[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", 1, 18, "too deeply"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        char path[64];
        temp_file(path, rows[i].text, strlen(rows[i].text));
        CU_ASSERT_PTR_NULL(yaml_load(path, &err));
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        CU_ASSERT(place_is(err.text, path, rows[i].line, rows[i].col, rows[i].what));
        (void)unlink(path);
    }
    struct err err = {0};
    CU_ASSERT_PTR_NULL(yaml_load("/", &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(yaml_load("no/such/file.yaml", &err));
    CU_ASSERT_STRING_EQUAL(err.text, "no/such/file.yaml: No such file or directory");
}

static void mutate(char *text, size_t *len, struct rng *r)
{
    static const char alphabet[] = ":[]{}\"'-#&*!?|>%@,\n\t \\01xN~\x80\xff";
    unsigned changes = 1 + (unsigned)(rng_next(r) % 4);
    for (unsigned i = 0; i<changes && * len> 2; i++) {
        size_t at = rng_next(r) % *len;
        char c = alphabet[rng_next(r) % (sizeof(alphabet) - 1)];
        switch (rng_next(r) % 4) {
        case 0: /* another character */
            text[at] = c;
            break;
        case 1: /* one more */
            memmove(text + at + 1, text + at, *len - at);
            text[at] = c;
            (*len)++;
            break;
        case 2: /* some less */
            memmove(text + at, text + at + 1, *len - at - 1);
            (*len)--;
            break;
        default: /* cut short */
            *len = at + 1;
            break;
        }
    }
}

/* Loads a file as what it was meant to be; NULL when it was taken. */
static void load_as(int kind, const char *path, struct err *err)
{
    struct timing timing;
    if (kind == 0)
        case_free(case_load(path, err));
    else if (kind == 1)
        testbed_free(testbed_load(path, err));
    else if (kind == 2)
        profile_free(profile_load(path, err));
    else
        (void)timing_load(&timing, path, err);
}

static void test_mutations(void)
{
    static const struct {
        const char *path;
        int kind;
    } files[] = {
        {MVPN_SOURCE "/testcases/9.1.yaml", 0},
        {MVPN_SOURCE "/testcases/9.3.yaml", 0},
        {MVPN_SOURCE "/testcases/10.1.yaml", 0},
        {MVPN_SOURCE "/testcases/testbeds/trunk.yaml", 1},
        {MVPN_SOURCE "/testcases/testbeds/ports.yaml", 1},
        {MVPN_SOURCE "/testcases/profiles/small.yaml", 2},
    };
    enum { FILES = sizeof(files) / sizeof(files[0]), ROUNDS = 600 };
    struct rng r = {42};
    unsigned refused = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t len;
        char path[64], *text = read_file(files[i % FILES].path, &len);
        mutate(text, &len, &r);
        temp_file(path, text, len);
        struct err err = {0};
        load_as(files[i % FILES].kind, path, &err);
        if (err.code != ERR_NONE) {
            refused++;
            CU_ASSERT_EQUAL(err.code, ERR_USE);
            CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
            CU_ASSERT(strncmp(err.text, path, strlen(path)) == 0);
            CU_ASSERT(strlen(err.text) > strlen(path) + 5);
        }
        (void)unlink(path);
        free(text);
    }
    CU_ASSERT(refused > ROUNDS / 4);
    CU_ASSERT(refused < ROUNDS);
}

static const struct cu_test tests[] = {
    {"a tree with places", test_tree},
    {"mistakes with their place", test_mistakes},
    {"mutations of good files", test_mutations},
};
CU_MAIN("case/yaml", tests)
