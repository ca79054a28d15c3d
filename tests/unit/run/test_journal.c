/* The journal: what was written is read back, also after a write that was cut short. */
#include "harness/run/journal.h"
#include "mvpnbench/result.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64];

static void fresh_dir(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/mvpnbench-journal-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static void remove_dir(void)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/journal", dir);
    (void)unlink(path);
    (void)rmdir(dir);
}

static struct journal *create(struct err *err)
{
    json_t *head = json_pack("{s:[s,s]}", "argv", "run", "9.1");
    struct journal *j = journal_create(dir, head, err);
    json_decref(head);
    return j;
}

static void add_time(struct journal *j, int64_t ns)
{
    struct err err = {0};
    json_t *entry = json_pack("{s:s,s:I,s:i,s:i,s:o}", "id", "9.1-0001", "end_ns", (json_int_t)ns,
                              "a1_bytes", 0, "a3_bytes", 0, "t", result_time(ns));
    CU_ASSERT_EQUAL(journal_add(j, entry, &err), 0);
    json_decref(entry);
}

static void reads_back_every_nanosecond(void)
{
    struct err err = {0};
    fresh_dir();
    struct journal *j = create(&err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    add_time(j, INT64_C(1790000000123456789));
    journal_close(j);
    json_t *head, *entries;
    CU_ASSERT_EQUAL_FATAL(journal_read(dir, &head, &entries, &err), 0);
    int64_t ns = 0;
    CU_ASSERT_TRUE(result_is_time(json_object_get(json_array_get(entries, 0), "t"), &ns));
    CU_ASSERT_EQUAL(ns, INT64_C(1790000000123456789));
    json_decref(head);
    json_decref(entries);
    remove_dir();
}

static void drops_a_line_cut_short(void)
{
    struct err err = {0};
    fresh_dir();
    struct journal *j = create(&err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    add_time(j, 1);
    journal_close(j);
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/journal", dir);
    FILE *f = fopen(path, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs("{\"t\":{\"$ns\":2", f);
    (void)fclose(f);
    json_t *head, *entries;
    j = journal_resume(dir, &head, &entries, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    CU_ASSERT_EQUAL(json_array_size(entries), 1);
    json_decref(head);
    json_decref(entries);
    add_time(j, 3);
    journal_close(j);
    CU_ASSERT_EQUAL(journal_read(dir, &head, &entries, &err), 0);
    CU_ASSERT_EQUAL(json_array_size(entries), 2);
    json_decref(head);
    json_decref(entries);
    remove_dir();
}

static void refuses_a_directory_that_holds_a_run(void)
{
    struct err err = {0};
    fresh_dir();
    journal_close(create(&err));
    struct journal *again = create(&err);
    CU_ASSERT_PTR_NULL(again);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--resume"));
    journal_close(again);
    remove_dir();
}

static void says_what_is_wrong_with_no_journal(void)
{
    struct err err = {0};
    fresh_dir();
    json_t *head, *entries;
    CU_ASSERT_EQUAL(journal_read(dir, &head, &entries, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    remove_dir();
}

static const struct cu_test tests[] = {
    {"reads back every nanosecond", reads_back_every_nanosecond},
    {"drops a line cut short", drops_a_line_cut_short},
    {"refuses a directory that holds a run", refuses_a_directory_that_holds_a_run},
    {"says what is wrong with no journal", says_what_is_wrong_with_no_journal},
};

CU_MAIN("journal", tests)
