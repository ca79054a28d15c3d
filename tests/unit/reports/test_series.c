#include "reports/series.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "tests/unit/cu.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = P_tmpdir "/mvpnbench-series-XXXXXX";

static char *path_of(const char *file)
{
    return mem_printf("%s/%s", dir, file);
}

static void put(const char *file, const char *text, size_t len)
{
    char *path = path_of(file);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(text, 1, len, f), len);
    CU_ASSERT_EQUAL(fclose(f), 0);
    free(path);
}

static void put_text(const char *file, const char *text)
{
    put(file, text, strlen(text));
}

static void remove_file(const char *file)
{
    char *path = path_of(file);
    (void)remove(path);
    free(path);
}

/* Reads a whole file; returns the rows, -1 with *err where it cannot be read. */
static int rows_of(const char *file, struct err *err)
{
    int rows = 0;
    struct series *s = series_open(dir, file, err);
    if (s == NULL)
        return -1;
    while (series_next(s, err) != NULL)
        rows++;
    series_close(s);
    return err->code == ERR_NONE ? rows : -1;
}

static void a_file_is_read_row_by_row(void)
{
    struct err err = {0};
    put_text("a.csv", "seconds_from_Tf,a1_sent,a1_received\n-0.1,1,2\n0.0,,4\n0.1,5,6e1\n");
    struct series *s = series_open(dir, "a.csv", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(series_columns(s), 3);
    CU_ASSERT_STRING_EQUAL(series_name(s, 2), "a1_received");
    CU_ASSERT_EQUAL(series_column(s, "a1_sent"), 1);
    CU_ASSERT_EQUAL(series_column(s, "a3_sent"), 0);
    for (int pass = 0; pass < 2; pass++) {
        const double *row = series_next(s, &err);
        CU_ASSERT_FATAL(row != NULL && row[0] == -0.1 && row[1] == 1 && row[2] == 2);
        row = series_next(s, &err);
        CU_ASSERT_FATAL(row != NULL && row[0] == 0 && isnan(row[1]) && row[2] == 4);
        row = series_next(s, &err);
        CU_ASSERT_FATAL(row != NULL && row[2] == 60);
        CU_ASSERT_PTR_NULL(series_next(s, &err));
        CU_ASSERT_EQUAL(err.code, ERR_NONE);
        series_rewind(s);
    }
    series_close(s);
    remove_file("a.csv");
}

static void wrong_lines_are_named(void)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "b.csv:1: does not begin"},
        {"time,a\n", "b.csv:1: does not begin"},
        {"seconds_from_Tf,a\n1\n", "b.csv:2: has fewer"},
        {"seconds_from_Tf,a\n1,2,3\n", "b.csv:2: has more"},
        {"seconds_from_Tf,a\n1,2\n1,2\n", "b.csv:3: is out of the order"},
        {"seconds_from_Tf,a\n2,2\n1,2\n", "b.csv:3: is out of the order"},
        {"seconds_from_Tf,a\n,2\n", "b.csv:2: is out of the order"},
        {"seconds_from_Tf,a\n1,x\n", "b.csv:2: holds what is no number"},
        {"seconds_from_Tf,a\n1,nan\n", "b.csv:2: holds what is no number"},
        {"seconds_from_Tf,a\n1,0x10\n", "b.csv:2: holds what is no number"},
        {"seconds_from_Tf,a\n1,1e999\n", "b.csv:2: holds what is no number"},
        {"seconds_from_Tf,a\n1,1e\n", "b.csv:2: holds what is no number"},
        {"seconds_from_Tf,a\n1, 2\n", "b.csv:2: holds what is no number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {0};
        put_text("b.csv", cases[i].text);
        CU_ASSERT_EQUAL(rows_of("b.csv", &err), -1);
        CU_ASSERT_PTR_EQUAL(strstr(err.text, cases[i].said), err.text);
    }
    remove_file("b.csv");
}

static void an_unfinished_last_line_is_the_end(void)
{
    struct err err = {0};
    put_text("c.csv", "seconds_from_Tf,a\r\n1,2\r\n2,3\r\n3");
    CU_ASSERT_EQUAL(rows_of("c.csv", &err), 2);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    remove_file("c.csv");
}

static void long_lines_and_nul_are_no_text(void)
{
    struct err err = {0};
    char *text = mem_zalloc(100000, 1);
    memset(text, '1', 99999);
    memcpy(text, "seconds_from_Tf,a\n", 18);
    put_text("d.csv", text);
    CU_ASSERT_EQUAL(rows_of("d.csv", &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "d.csv:2: longer"));
    err = (struct err){0};
    put("d.csv", "seconds_from_Tf,a\n1,2\n2,\0\n3,4\n", 30);
    CU_ASSERT_EQUAL(rows_of("d.csv", &err), -1);
    free(text);
    remove_file("d.csv");
}

static void only_files_inside_are_opened(void)
{
    static const char *const outside[] = {
        "/etc/passwd", "../x.csv", "a/../x.csv", "a/..",      "..",     ".",   "",
        "a//x.csv",    "./x.csv",  "link.csv",   "way/x.csv", "folder", "fifo"};
    char *link = path_of("link.csv"), *way = path_of("way"), *folder = path_of("folder");
    char *fifo = path_of("fifo");
    put_text("x.csv", "seconds_from_Tf,a\n1,2\n");
    CU_ASSERT_EQUAL(symlink("x.csv", link), 0);
    CU_ASSERT_EQUAL(symlink(".", way), 0);
    CU_ASSERT_EQUAL(mkdir(folder, 0700), 0);
    CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
    put_text("folder/y.csv", "seconds_from_Tf,a\n1,2\n");
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        struct err err = {0};
        CU_ASSERT_PTR_NULL(series_open(dir, outside[i], &err));
        CU_ASSERT_EQUAL(err.code, ERR_USE);
    }
    struct err err = {0};
    CU_ASSERT_EQUAL(rows_of("folder/y.csv", &err), 1);
    CU_ASSERT_PTR_NULL(series_open(dir, "not-there.csv", &err));
    CU_ASSERT_EQUAL(err.code, ERR_NONE); /* no news */
    remove_file("folder/y.csv");
    (void)unlink(link);
    (void)unlink(way);
    (void)rmdir(folder);
    (void)unlink(fifo);
    free(fifo);
    free(folder);
    free(way);
    free(link);
    remove_file("x.csv");
}

/* Whatever stands in a file: rows in the order of time, or one error. */
static void mutated_files_do_no_harm(void)
{
    static const char good[] = "seconds_from_Tf,a1_sent,a1_received,a3_sent\n-0.2,10,9,8\n"
                               "-0.1,10,,8\n0.0,0,0,0\n0.1,1e3,2,3\n0.2,5,5,5\n";
    static const char bytes[] = ",\n\r-+.eE0123456789\0\xff xn\"";
    struct rng r = {11};
    for (int i = 0; i < 3000; i++) {
        char text[sizeof(good)];
        size_t len = sizeof(good) - 1;
        memcpy(text, good, sizeof(good));
        for (size_t n = 1 + rng_next(&r) % 4; n > 0; n--)
            text[rng_next(&r) % len] = bytes[rng_next(&r) % (sizeof(bytes) - 1)];
        if (rng_next(&r) % 4 == 0)
            len = rng_next(&r) % len;
        put("m.csv", text, len);
        struct err err = {0};
        struct series *s = series_open(dir, "m.csv", &err);
        CU_ASSERT((s == NULL) == (err.code != ERR_NONE));
        double last = -INFINITY;
        for (const double *row; s != NULL && (row = series_next(s, &err)) != NULL;) {
            CU_ASSERT(row[0] > last);
            last = row[0];
            for (size_t c = 1; c < series_columns(s); c++)
                CU_ASSERT(isnan(row[c]) || isfinite(row[c]));
        }
        series_close(s);
    }
    remove_file("m.csv");
}

static void the_folder_is_made(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static void the_folder_is_empty_again(void)
{
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

static const struct cu_test tests[] = {
    {"the folder is made", the_folder_is_made},
    {"a file is read row by row", a_file_is_read_row_by_row},
    {"wrong lines are named", wrong_lines_are_named},
    {"an unfinished last line is the end", an_unfinished_last_line_is_the_end},
    {"long lines and NUL are no text", long_lines_and_nul_are_no_text},
    {"only files inside are opened", only_files_inside_are_opened},
    {"mutated files do no harm", mutated_files_do_no_harm},
    {"the folder is empty again", the_folder_is_empty_again},
};

CU_MAIN("side files of a run", tests)
