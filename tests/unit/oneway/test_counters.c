/* What a router counted: lines, nftables' sets, commands and files. */
#include "monitor/oneway/counters.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void lines(void)
{
    struct counters c = {0};
    struct err err = {0};
    uint64_t n;
    CU_ASSERT_EQUAL_FATAL(counters_parse(&c,
                                         "{\"interval\": 7, \"packets\": 70}\n\n"
                                         "{\"packets\": 10, \"interval\": 1, \"port\": 5}\r\n"
                                         "{\"interval\": 3, \"packets\": 0}",
                                         "x", &err),
                          0);
    CU_ASSERT_TRUE(counters_get(&c, 1, &n) && n == 10);
    CU_ASSERT_TRUE(counters_get(&c, 3, &n) && n == 0);
    CU_ASSERT_TRUE(counters_get(&c, 7, &n) && n == 70);
    CU_ASSERT_FALSE(counters_get(&c, 2, &n));
    counters_free(&c);
    CU_ASSERT_EQUAL(counters_parse(&c, "", "x", &err), 0);
    CU_ASSERT_FALSE(counters_get(&c, 0, &n));
    counters_free(&c);
}

static void bad_lines(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"7 70\n", "x: line 1 is no {"},
        {"{\"interval\": 1, \"packets\": 1}\n{\"interval\": 2}\n", "line 2"},
        {"{\"interval\": -1, \"packets\": 1}", "line 1"},
        {"{\"interval\": 1, \"packets\": 1.5}", "line 1"},
        {"{\"interval\": 1, \"packets\": 99999999999999999999}", "line 1"},
        {"[1, 2]", "line 1"},
        {"{\"interval\": 4, \"packets\": 1}\n{\"interval\": 4, \"packets\": 1}\n",
         "interval 4 stands twice"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct counters c = {0};
        struct err err = {0};
        CU_ASSERT_EQUAL(counters_parse(&c, rows[i].text, "x", &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].why));
        counters_free(&c);
    }
}

#define ELEMENT(port, packets)                                                                     \
    "{\"elem\": {\"val\": " port ", \"counter\": {\"packets\": " packets ", \"bytes\": 1}}}"
#define SET(elements)                                                                              \
    "{\"nftables\": [{\"metainfo\": {}}, {\"set\": {\"name\": \"probes\", \"elem\": [" elements    \
    "]}}]}"

static void nft_set(void)
{
    struct counters c = {0};
    struct err err = {0};
    uint64_t n;
    CU_ASSERT_EQUAL_FATAL(
        counters_parse_set(
            &c, SET(ELEMENT("20007", "70") ", " ELEMENT("20001", "10") ", " ELEMENT("53", "9")),
            "x", &err),
        0);
    CU_ASSERT_TRUE(counters_get(&c, 1, &n) && n == 10);
    CU_ASSERT_TRUE(counters_get(&c, 7, &n) && n == 70);
    CU_ASSERT_TRUE(counters_get(&c, 2, &n) && n == 0); /* the set is whole: none came */
    CU_ASSERT_EQUAL(c.count, 2);
    counters_free(&c);
    CU_ASSERT_EQUAL(counters_parse_set(&c, SET(""), "x", &err), 0);
    counters_free(&c);
}

static void bad_sets(void)
{
    static const char *const rows[] = {
        "",
        "x",
        "{}",
        "{\"nftables\": []}",
        "{\"nftables\": [{\"table\": {}}]}",
        SET("20000"),
        SET("{\"elem\": {\"val\": 20000}}"),
        SET(ELEMENT("\"a\"", "1")),
        SET(ELEMENT("20000", "-1")),
        SET(ELEMENT("20000", "1") "," ELEMENT("20000", "1")),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct counters c = {0};
        struct err err = {0};
        CU_ASSERT_EQUAL(counters_parse_set(&c, rows[i], "x", &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
        counters_free(&c);
    }
}

/* A command runs beside the file; what it says when it fails is passed on. */
static void commands(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"echo '{\"interval\": 0, \"packets\": 4}'", NULL},
        {"cat counts; pwd >&2", NULL},
        {"echo no route >&2; exit 4", "failed with exit code 4: no route"},
        {"./nosuch", "failed with exit code 127"},
        {"echo x", "line 1"},
    };
    char directory[] = "/tmp/mvpn-counters-XXXXXX", counts[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    (void)snprintf(counts, sizeof(counts), "%s/counts", directory);
    FILE *f = fopen(counts, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs("{\"interval\": 0, \"packets\": 4}\n", f);
    (void)fclose(f);
    for (size_t i = 0; i <= sizeof(rows) / sizeof(rows[0]); i++) {
        char path[] = "f.yaml", text[64] = "counts";
        bool file = i == sizeof(rows) / sizeof(rows[0]);
        struct oneway_file o = {.path = path,
                                .directory = directory,
                                .counters = file ? COUNTERS_FILE : COUNTERS_COMMAND,
                                .counters_text = text};
        struct counters c = {0};
        struct err err = {0};
        uint64_t n;
        if (!file)
            (void)snprintf(text, sizeof(text), "%s", rows[i].text);
        if (file || rows[i].why == NULL) {
            CU_ASSERT_EQUAL(counters_read(&c, &o, &err), 0);
            CU_ASSERT_TRUE(counters_get(&c, 0, &n) && n == 4);
        } else {
            CU_ASSERT_EQUAL(counters_read(&c, &o, &err), -1);
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].why));
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "f.yaml: counters "));
        }
        counters_free(&c);
    }
    (void)unlink(counts);
    (void)rmdir(directory);
}

static void ports(void)
{
    CU_ASSERT_EQUAL(counters_port(0), 20000);
    CU_ASSERT_EQUAL(counters_port(39999), 59999);
    CU_ASSERT_EQUAL(counters_port(40000), 20000);
}

static const struct cu_test tests[] = {
    {"lines", lines},       {"bad lines", bad_lines}, {"a set of nftables", nft_set},
    {"bad sets", bad_sets}, {"commands", commands},   {"ports", ports},
};

CU_MAIN("oneway counters", tests)
