#include "tests/unit/history/results.h"

#include "emul/base/mem.h"
#include "harness/history/sha256.h"
#include "mvpnbench/metric.h"
#include "tests/unit/cu.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *or_else(const char *text, const char *other)
{
    return text == NULL ? other : text;
}

static json_t *time_or_null(double seconds)
{
    return seconds < 0 ? json_null() : json_real(seconds);
}

static json_t *recovery(const struct made_result *r, int repeat, json_t *notes)
{
    double trall = r->trall[repeat];
    json_t *marks = json_array();
    if (r->mark != NULL)
        json_array_append_new(marks, json_string(r->mark));
    if (trall < 0)
        json_array_append_new(notes,
                              json_string("p-link-flap of 9.1-0007: Trall is null: not recovered"));
    return json_pack("{s:s,s:i,s:s,s:n,s:o,s:o,s:n,s:o,s:f,s:f}", "stimulus", "p-link-flap",
                     "repeat", repeat + 1, "verdict", trall < 0 ? "fail" : "pass", "reason",
                     "marks", marks, "Tre-Tf", time_or_null(2), "Trd-Tf", "Trall-Tf",
                     time_or_null(trall), "resolution_s", 0.1, "apparatus_floor_s", 0.5);
}

static json_t *instance(const struct made_result *r, json_t *notes)
{
    int n = r->value < 0 ? 1 : r->value;
    json_t *recoveries = json_array();
    for (int i = 0; i < REPEATS_MAX && r->trall[i] != 0; i++)
        json_array_append_new(recoveries, recovery(r, i, notes));
    json_t *metric = json_object();
    for (int i = 0; i < METRIC_VARS; i++)
        json_object_set_new(metric, metric_name((enum metric_var)i), json_integer(n));
    json_object_set_new(metric, "Num_OIF_C", json_null());
    return json_pack("{s:s,s:s,s:s?,s:{s:i,s:i,s:f,s:i},s:o,s:{s:i},s:{s:{s:f,s:f}},s:o}", "id",
                     "9.1-0007", "verdict", r->value < 0 ? "fail" : "pass", "reason",
                     r->value < 0 ? "neighbours are missing" : NULL, "parameters", "mvpns", n,
                     "groups", 2, "rate_pps", r->rate_pps == 0 ? 1 : r->rate_pps, "packet_bytes",
                     100, "metric", metric, "p_instance", "Num_SG_P", n, "extra",
                     "join_convergence", "avg", 0.25, "resolution_s", 0.001, "recovery",
                     recoveries);
}

static json_t *maximum(const struct made_result *r)
{
    json_t *m = json_pack("{s:s,s:{},s:{s:s,s:o},s:s,s:o,s:s?,s:o,s:i,s:s,s:b}", "stimulus",
                          "steady", "where", "searched", "name", "N", "value",
                          r->value < 0 ? json_null() : json_integer(r->value), "variable",
                          "Num_mVPN", "value", r->value < 0 ? json_null() : json_integer(r->value),
                          "instance", r->value < 0 ? NULL : "9.1-0007", "last_pass",
                          r->value < 0 ? json_null() : json_integer(r->value), "first_fail",
                          r->first_fail != 0 ? r->first_fail : r->value + 1, "bounded_by",
                          or_else(r->bounded_by, "dut"), "verified", r->value >= 0);
    return m;
}

json_t *made(const struct made_result *r)
{
    json_t *notes = json_array();
    if (r->timing != NULL)
        json_array_append_new(notes, json_string(r->timing));
    json_t *tested =
        json_pack("{s:s,s:s,s:n,s:{s:s,s:s,s:s},s:{s:s,s:s,s:s},s:[o],s:[o]}", "case", "9.1",
                  "title", "Empty mVPNs scale", "omitted", "dut", "driver", "reference", "name",
                  or_else(r->dut, "lab PE"), "version", or_else(r->version, "1.0"), "protocols",
                  "mi_pmsi", "PIM-ASM", "s_pmsi", "none", "pe_pe", "PIM", "maximum", maximum(r),
                  "instances", instance(r, notes));
    CU_ASSERT_PTR_NOT_NULL_FATAL(tested);
    if (r->omitted != NULL) {
        json_object_set_new(tested, "omitted", json_string(r->omitted));
        json_object_set_new(tested, "maximum", json_array());
        json_object_set_new(tested, "instances", json_array());
    }
    json_object_set_new(
        tested, "deviations",
        json_pack("{s:[s],s:o}", "configuration", "emulated P router", "procedure", notes));
    json_t *tree = json_pack("{s:s,s:{s:s,s:i},s:s,s:s,s:[o]}", "schema", "mvpnbench-result/1",
                             "tool", "version", "0.1.0", "seed", 1, "started",
                             or_else(r->started, "2026-01-01T00:00:00Z"), "clock",
                             or_else(r->clock, "virtual"), "cases", tested);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    return tree;
}

int64_t made_import(struct history *h, const struct made_result *r)
{
    struct err err = {0};
    struct sha256 s;
    char sum[SHA256_HEX];
    bool already;
    json_t *tree = made(r);
    char *text = json_dumps(tree, JSON_COMPACT);
    sha256_init(&s);
    sha256_add(&s, text, strlen(text));
    sha256_hex(&s, sum);
    int64_t run = history_import(h, tree, sum, "runs/a", &already, &err);
    if (run < 0)
        (void)fprintf(stderr, "%s\n", err.text);
    free(text);
    json_decref(tree);
    return run;
}

static char directory[64];

const char *made_path(const char *name)
{
    static char path[256];
    if (directory[0] == '\0') {
        (void)snprintf(directory, sizeof(directory), P_tmpdir "/history-test-XXXXXX");
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    }
    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    (void)unlink(path);
    return path;
}

void made_clean(void)
{
    DIR *d = directory[0] == '\0' ? NULL : opendir(directory);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        char *path = mem_printf("%s/%s", directory, e->d_name);
        (void)unlink(path);
        free(path);
    }
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(directory);
    directory[0] = '\0';
}
