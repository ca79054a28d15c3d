#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/run/gate.h"
#include "harness/run/output.h"
#include "harness/run/progress.h"
#include "reports/reports.h"

#include <stdlib.h>
#include <string.h>

enum { REPORT_FORMAT, REPORT_REQUIRE, REPORT_OPTIONS };

const struct cli_option report_option_table[] = {
    [REPORT_FORMAT] = {"format", "text|json", "rendering (text)"},
    [REPORT_REQUIRE] = {"require", "EXPR|FILE", "gate (repeatable): exit 1 where it is not met"},
};
const size_t report_option_count = REPORT_OPTIONS;

struct report_args {
    const char *dir;
    bool json;
    const char *requires[64];
    size_t require_count;
};

static int take_format(struct report_args *a, const char *value, struct err *err)
{
    static const char *const later[] = {"csv", "xml", "junit", "html", "svg"};
    a->json = strcmp(value, "json") == 0;
    if (a->json || strcmp(value, "text") == 0)
        return 0;
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (strcmp(value, later[i]) == 0)
            err_set(err, ERR_USE,
                    "--format %s does not exist yet in this version (there are: text, json)",
                    value);
    }
    err_set(err, ERR_USE, "--format %.60s: no such rendering (there are: text, json)", value);
    return -1;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct report_args *a = ctx;
    if (index == REPORT_FORMAT)
        return take_format(a, value, err);
    if (index == REPORT_REQUIRE &&
        a->require_count < sizeof(a->requires) / sizeof(a->requires[0])) {
        a->requires[a->require_count++] = value;
        return 0;
    }
    if (index == OPTION_POSITIONAL && a->dir == NULL) {
        a->dir = value;
        return 0;
    }
    err_set(err, ERR_USE, "report takes one directory; leave '%.60s' out", value);
    return -1;
}

/* The JSON rendering is the file itself: reading reals and printing them again could change a
 * digit. */
static int copy_json(const char *dir, struct err *err)
{
    char path[4096], block[8192];
    (void)snprintf(path, sizeof(path), "%s/result.json", dir);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        err_set(err, ERR_USE, "%.300s cannot be read", path);
        return -1;
    }
    for (size_t n; (n = fread(block, 1, sizeof(block), f)) > 0;)
        (void)fwrite(block, 1, n, stdout);
    (void)fclose(f);
    return 0;
}

static int judge(const struct gates *gates, const json_t *result, struct err *err)
{
    if (gates->count == 0)
        return 0;
    progress_open(false);
    size_t not_met = gates_check(gates, result);
    progress_close();
    if (not_met > 0)
        err_set(err, ERR_REQUIREMENT, "%zu of %zu requirements are not met", not_met, gates->count);
    return not_met > 0 ? -1 : 0;
}

int cmd_report(int argc, char **argv)
{
    struct report_args a = {0};
    struct err err = {0};
    struct gates gates = {0};
    json_t *result = NULL;
    int rc = options_parse(report_option_table, REPORT_OPTIONS, argc, argv, take, &a, &err);
    if (rc == 0 && a.dir == NULL) {
        err_set(&err, ERR_USE, "report needs the directory of a run: mvpnbench report DIR");
        rc = -1;
    }
    if (rc == 0)
        rc = gates_load(&gates, a.requires, a.require_count, &err);
    if (rc == 0)
        rc = (result = output_read(a.dir, &err)) == NULL ? -1 : 0;
    if (rc == 0 && a.json)
        rc = copy_json(a.dir, &err);
    else if (rc == 0)
        rc = report_text(stdout, &(struct report_input){.result = result, .dir = a.dir}, &err);
    if (rc == 0)
        rc = judge(&gates, result, &err);
    gates_fini(&gates);
    json_decref(result);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
