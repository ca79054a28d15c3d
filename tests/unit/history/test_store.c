#include "emul/base/mem.h"
#include "harness/history/history.h"
#include "mvpnbench/metric.h"
#include "tests/unit/cu.h"
#include "tests/unit/history/results.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct history *opened(const char *path)
{
    struct err err = {0};
    struct history *h = history_open(path, HISTORY_WRITE, &err);
    if (h == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    return h;
}

/* One number out of the file, by another connection. */
static int64_t number(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    CU_ASSERT_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return n;
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    CU_ASSERT_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void expect_refused(const char *path, enum history_mode mode, const char *says)
{
    struct err err = {0};
    struct history *h = history_open(path, mode, &err);
    CU_ASSERT_PTR_NULL(h);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    bool said = strstr(err.text, says) != NULL && strstr(err.text, path) != NULL;
    CU_ASSERT(said);
    if (!said)
        (void)fprintf(stderr, "'%s' does not say '%s'\n", err.text, says);
    history_close(h);
}

static void write_file(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(data, 1, len, f), len);
    (void)fclose(f);
}

static void test_twice(void)
{
    const char *path = made_path("twice.db");
    struct history *h = opened(path);
    const struct made_result r = {.value = 7, .trall = {3}};
    CU_ASSERT_EQUAL(made_import(h, &r), 1);
    int64_t pages = number(path, "SELECT count(*) FROM metric");
    CU_ASSERT_EQUAL(made_import(h, &r), 1);
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM metric"), pages);
    CU_ASSERT_EQUAL(pages, METRIC_VARS + P_METRIC_VARS);
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM run"), 1);
    CU_ASSERT_EQUAL(number(path, "SELECT value FROM maximum"), 7);
    CU_ASSERT_EQUAL(number(path, "SELECT ns FROM recovery_time WHERE name = 'Trall-Tf'"),
                    3000000000);
    CU_ASSERT_EQUAL(number(path, "SELECT value FROM parameter WHERE name = 'mvpns'"), 7);
    CU_ASSERT_EQUAL(number(path, "PRAGMA user_version"), 1);
    history_close(h);
}

static void test_delete(void)
{
    static const char *const tables[] = {"run",    "tested",   "deviation", "instance",
                                         "extra",  "maximum",  "recovery",  "recovery_time",
                                         "metric", "parameter"};
    const char *path = made_path("delete.db");
    struct err err = {0};
    struct history *h = opened(path);
    CU_ASSERT_EQUAL(made_import(h, &(struct made_result){.value = 7, .trall = {3}}), 1);
    CU_ASSERT_EQUAL(history_delete(h, 2, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_EQUAL(history_delete(h, 1, NULL), 0);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        char sql[64];
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", tables[i]);
        CU_ASSERT_EQUAL(number(path, sql), 0);
    }
    /* A number is never given twice: what it meant stands in somebody's notes. */
    CU_ASSERT_EQUAL(made_import(h, &(struct made_result){.value = 8}), 2);
    history_close(h);
}

static void no_line(void *arg, const struct history_line *line)
{
    (void)arg;
    (void)line;
}

static void take_run(void *arg, const struct history_run *run)
{
    *(char **)arg = mem_printf("%s|%s", run->dut, run->version);
}

static void test_hostile(void)
{
    static const char *const names[] = {"'); DROP TABLE run; --",
                                        "\" OR 1=1 --",
                                        "line\nbreak\r\n",
                                        "\033[2J\033[31mred",
                                        "%s%n%d",
                                        "\xe2\x80\xae-rtl",
                                        "",
                                        "?1 ?2 :a @b $c"};
    const char *path = made_path("hostile.db");
    struct history *h = opened(path);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct made_result r = {.dut = names[i],
                                      .version = names[i],
                                      .started = names[i],
                                      .value = 3,
                                      .mark = names[i],
                                      .trall = {1},
                                      .bounded_by = names[i],
                                      .timing = names[i]};
        char *got = NULL, *want = mem_printf("%s|%s", names[i], names[i]);
        CU_ASSERT_EQUAL(made_import(h, &r), (int64_t)i + 1);
        CU_ASSERT_EQUAL(history_runs(h, names[i], take_run, &got, NULL), 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got);
        CU_ASSERT_STRING_EQUAL(got, want);
        const struct history_filter f = {.dut = names[i], .quantity = "Num_mVPN"};
        CU_ASSERT_EQUAL(history_lines(h, &f, no_line, NULL, NULL), 1);
        const struct history_filter all = {.quantity = names[i],
                                           .stimulus = names[i],
                                           .case_id = names[i],
                                           .where = &names[i],
                                           .where_count = 1};
        CU_ASSERT_EQUAL(history_lines(h, &all, no_line, NULL, NULL), 0);
        free(got);
        free(want);
    }
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM run"), 8);
    history_close(h);
}

static void test_no_database(void)
{
    char *path = mem_strdup(made_path("text.db"));
    static const char text[] = "This is a letter, and a long one, for a database has a header.\n";
    expect_refused(path, HISTORY_READ, "no such database");
    write_file(path, text, sizeof(text));
    expect_refused(path, HISTORY_READ, "no SQLite database");
    expect_refused(path, HISTORY_WRITE, "no SQLite database");
    CU_ASSERT_EQUAL(history_check(path, NULL), -1);
    expect_refused(".", HISTORY_WRITE, "no file");
    free(path);
}

static void test_other_schemas(void)
{
    char *path = mem_strdup(made_path("other.db"));
    execute(path, "CREATE TABLE theirs (x)");
    expect_refused(path, HISTORY_WRITE, "not one of mvpnbench history");
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM sqlite_schema"), 1);
    free(path);
    path = mem_strdup(made_path("newer.db"));
    history_close(opened(path));
    execute(path, "PRAGMA user_version = 9");
    expect_refused(path, HISTORY_READ, "schema 9");
    CU_ASSERT_EQUAL(number(path, "PRAGMA user_version"), 9);
    free(path);
    path = mem_strdup(made_path("empty.db")); /* as mktemp makes one */
    write_file(path, "", 0);
    history_close(opened(path));
    CU_ASSERT_EQUAL(number(path, "PRAGMA user_version"), 1);
    free(path);
}

/* Damage anywhere is said, or does not matter; nothing crashes. */
static void test_damaged(void)
{
    char *path = mem_strdup(made_path("damaged.db"));
    struct history *h = opened(path);
    for (int i = 1; i <= 40; i++)
        CU_ASSERT_EQUAL(made_import(h, &(struct made_result){.value = i, .trall = {3, 4, 5}}), i);
    history_close(h);
    CU_ASSERT_EQUAL(history_check(path, NULL), 0);
    FILE *f = fopen(path, "r+b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    for (long at = 4096; at < size; at += 512) {
        CU_ASSERT_EQUAL(fseek(f, at, SEEK_SET), 0);
        CU_ASSERT_EQUAL(fwrite("\xff\x01garbage\xff\xff", 1, 11, f), 11);
    }
    (void)fclose(f);
    struct err err = {0};
    CU_ASSERT_EQUAL(history_check(path, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "damaged"));
    err = (struct err){0};
    h = history_open(path, HISTORY_READ, &err);
    if (h != NULL && history_lines(h, &(struct history_filter){0}, no_line, NULL, &err) < 0)
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "damaged"));
    history_close(h);
    CU_ASSERT_EQUAL(truncate(path, 5000), 0);
    CU_ASSERT_EQUAL(history_check(path, NULL), -1);
    free(path);
}

static void test_check_makes_nothing(void)
{
    char *path = mem_strdup(made_path("none.db"));
    struct err err = {0};
    CU_ASSERT_EQUAL(history_check(path, NULL), 0);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_EQUAL(history_check("no/such/directory/h.db", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    free(path);
}

/* The file of another owner, or a medium that may only be read. */
static void test_read_only(void)
{
    char *path = mem_strdup(made_path("locked.db"));
    struct history *h = opened(path);
    CU_ASSERT_EQUAL(made_import(h, &(struct made_result){.value = 5}), 1);
    history_close(h);
    if (geteuid() != 0) { /* root may write everything */
        CU_ASSERT_EQUAL(chmod(path, 0444), 0);
        expect_refused(path, HISTORY_WRITE, "may only be read");
        h = history_open(path, HISTORY_READ, NULL);
        CU_ASSERT_PTR_NOT_NULL(h);
        history_close(h);
    }
    free(path);
}

/* What goes wrong in the middle takes everything back. */
static void test_one_transaction(void)
{
    char *path = mem_strdup(made_path("whole.db"));
    struct history *h = opened(path);
    struct err err = {0};
    bool already;
    execute(path, "CREATE TRIGGER t BEFORE INSERT ON metric BEGIN SELECT RAISE(FAIL, 'no'); END");
    CU_ASSERT_EQUAL(made_import(h, &(struct made_result){.value = 5}), 1); /* no trigger runs */
    execute(path, "DROP TRIGGER t; DROP VIEW measured; DROP TABLE extra; "
                  "CREATE TABLE extra (instance, name, value CHECK (value IS NULL), resolution, "
                  "reason)");
    json_t *tree = made(&(struct made_result){.value = 6});
    CU_ASSERT_EQUAL(history_import(h, tree, "x", "y", &already, &err), -1);
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM run"), 1);
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM tested"), 1);
    json_decref(tree);
    history_close(h);
    free(path);
}

static void test_not_results(void)
{
    static const char *const texts[] = {"{}", "{\"schema\":\"mvpnbench-result/1\"}",
                                        "{\"schema\":\"mvpnbench-result/1\",\"cases\":[]}",
                                        "{\"schema\":\"mvpnbench-result/2\",\"cases\":[{}]}"};
    struct history *h = opened(made_path("not.db"));
    bool already;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct err err = {0};
        json_t *tree = json_loads(texts[i], 0, NULL);
        CU_ASSERT_EQUAL(history_import(h, tree, "x", "y", &already, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        json_decref(tree);
    }
    /* Of the right schema and nothing in it as it should be: taken, as far as it goes. */
    json_t *odd = json_loads("{\"schema\":\"mvpnbench-result/1\",\"tool\":7,\"cases\":[3,{\"case\":"
                             "[],\"maximum\":[1,{}],\"instances\":{\"a\":1},\"dut\":{\"name\":9}},"
                             "{\"maximum\":{},\"instances\":[[],{\"extra\":3,\"recovery\":[0]}]}]}",
                             0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(odd);
    CU_ASSERT_EQUAL(history_import(h, odd, "odd", "y", &already, NULL), 1);
    CU_ASSERT(history_lines(h, &(struct history_filter){0}, no_line, NULL, NULL) > 0);
    json_decref(odd);
    history_close(h);
}

/* Four processes import twenty results each into a file that none of them finds made. */
static void test_at_once(void)
{
    char *path = mem_strdup(made_path("at-once.db"));
    pid_t children[4];
    for (int c = 0; c < 4; c++) {
        children[c] = fork();
        if (children[c] != 0)
            continue;
        struct history *h = history_open(path, HISTORY_WRITE, NULL);
        int bad = h == NULL;
        for (int i = 0; i < 20 && !bad; i++)
            bad = made_import(h, &(struct made_result){.value = 100 * c + i + 1}) < 1;
        history_close(h);
        _exit(bad);
    }
    for (int c = 0; c < 4; c++) {
        int status = -1;
        CU_ASSERT_EQUAL(waitpid(children[c], &status, 0), children[c]);
        CU_ASSERT_EQUAL(status, 0);
    }
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM run"), 80);
    CU_ASSERT_EQUAL(number(path, "SELECT count(*) FROM metric"),
                    80 * (METRIC_VARS + P_METRIC_VARS));
    free(path);
    made_clean(); /* the last test */
}

static const struct cu_test tests[] = {
    {"twice", test_twice},
    {"delete", test_delete},
    {"hostile names", test_hostile},
    {"no database", test_no_database},
    {"other schemas", test_other_schemas},
    {"damaged", test_damaged},
    {"a check makes nothing", test_check_makes_nothing},
    {"read only", test_read_only},
    {"one transaction", test_one_transaction},
    {"not results", test_not_results},
    {"at once", test_at_once},
};
CU_MAIN("history_store", tests)
