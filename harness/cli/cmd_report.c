#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/run/gate.h"
#include "harness/run/progress.h"
#include "harness/run/rundir.h"
#include "reports/reports.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_FORMAT, REPORT_FLOWS, REPORT_OUT, REPORT_STYLE, REPORT_REQUIRE, REPORT_OPTIONS };

const struct cli_option report_option_table[] = {
    [REPORT_FORMAT] = {"format", "text|json|csv|xml|junit|html", "rendering (text)"},
    [REPORT_FLOWS] = {"flows", NULL, "csv: a row a flow, of instances that recorded them"},
    [REPORT_OUT] = {"out", "FILE", "write into FILE instead of to stdout"},
    [REPORT_STYLE] = {"style", "FILE", "html: this XSLT style sheet instead of the built-in one"},
    [REPORT_REQUIRE] = {"require", "EXPR|FILE", "gate (repeatable): exit 1 where it is not met"},
};
const size_t report_option_count = REPORT_OPTIONS;

struct report_args {
    const char *dir, *out, *style;
    const struct report_format *format;
    bool flows;
    const char *requires[64];
    size_t require_count;
};

/* ---- the command line ---- */

static int take_format(struct report_args *a, const char *value, struct err *err)
{
    char names[128] = "";
    for (size_t i = 0; i < report_format_count; i++) {
        size_t used = strlen(names);
        if (strcmp(report_formats[i].name, value) == 0)
            a->format = &report_formats[i];
        (void)snprintf(names + used, sizeof(names) - used, "%s%s", i == 0 ? "" : ", ",
                       report_formats[i].name);
    }
    if (a->format != NULL && strcmp(a->format->name, value) == 0)
        return 0;
    err_set(err, ERR_USE, "--format %.60s: no such rendering (there are: %s)", value, names);
    return -1;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct report_args *a = ctx;
    switch (index) {
    case REPORT_FORMAT:
        return take_format(a, value, err);
    case REPORT_FLOWS:
        a->flows = true;
        return 0;
    case REPORT_OUT:
        a->out = value;
        return 0;
    case REPORT_STYLE:
        a->style = value;
        return 0;
    case REPORT_REQUIRE:
        if (a->require_count < sizeof(a->requires) / sizeof(a->requires[0])) {
            a->requires[a->require_count++] = value;
            return 0;
        }
        err_set(err, ERR_USE, "--require is given more than %zu times; put them into a file",
                a->require_count);
        return -1;
    default:
        break;
    }
    if (a->dir == NULL) {
        a->dir = value;
        return 0;
    }
    err_set(err, ERR_USE, "report takes one directory; leave '%.60s' out", value);
    return -1;
}

static int check(const struct report_args *a, struct err *err)
{
    const char *format = a->format->name;
    if (a->dir == NULL)
        err_set(err, ERR_USE, "report needs the directory of a run: mvpnbench report DIR");
    else if (a->flows && strcmp(format, "csv") != 0)
        err_set(err, ERR_USE, "--flows are rows of CSV; add --format csv, or leave it out");
    else if (a->style != NULL && strcmp(format, "html") != 0)
        err_set(err, ERR_USE, "--style is for the page; add --format html, or leave it out");
    return err->code == ERR_NONE ? 0 : -1;
}

/* ---- the report ---- */

static int to_stdout(report_render *render, const struct report_input *in, struct err *err)
{
    static char block[1 << 18]; /* some renderings are hundreds of megabytes */
    (void)setvbuf(stdout, block, _IOFBF, sizeof(block));
    if (render(stdout, in, err) != 0)
        return -1;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    err_set(err, ERR_TESTBED, "stdout: cannot write: %s", strerror(errno));
    return -1;
}

static int render(const struct report_args *a, const struct report_input *in, struct err *err)
{
    report_render *fn = a->flows ? report_csv_flows : a->format->render;
    int rc = a->out != NULL ? report_write(a->out, fn, in, err) : to_stdout(fn, in, err);
    /* Rows have no place for it; what is read by people or as XML says it itself. */
    bool silent = fn == report_csv || fn == report_csv_flows || fn == report_json;
    if (rc == 0 && in->unfinished != NULL && silent)
        (void)fprintf(stderr, "mvpnbench: %s\n", in->unfinished);
    return rc;
}

/* A large result makes room for the page that is made of it. */
static void give_back(void *arg)
{
    json_t **result = arg;
    json_decref(*result);
    *result = NULL;
    (void)malloc_trim(0);
}

static int report(const struct report_args *a, struct gates *gates, struct err *err)
{
    char *unfinished = NULL;
    json_t *result = rundir_read(a->dir, &unfinished, err);
    if (result == NULL)
        return -1;
    size_t not_met = gates_judge(gates, result);
    const struct report_input in = {.result = result,
                                    .dir = a->dir,
                                    .unfinished = unfinished,
                                    .verdicts = gates->verdicts,
                                    .verdict_count = gates->count,
                                    .style = a->style,
                                    .result_read = give_back,
                                    .result_arg = &result};
    int rc = render(a, &in, err);
    progress_open(false);
    gates_say(gates);
    progress_close();
    if (rc == 0 && not_met > 0) {
        err_set(err, ERR_REQUIREMENT, "%zu of %zu requirements are not met", not_met, gates->count);
        rc = -1;
    }
    json_decref(result);
    free(unfinished);
    return rc;
}

int cmd_report(int argc, char **argv)
{
    struct report_args a = {.format = &report_formats[0]};
    struct err err = {0};
    struct gates gates = {0};
    int rc = options_parse(report_option_table, REPORT_OPTIONS, argc, argv, take, &a, &err);
    if (rc == 0)
        rc = check(&a, &err);
    if (rc == 0)
        rc = gates_load(&gates, a.requires, a.require_count, &err);
    if (rc == 0)
        rc = report(&a, &gates, &err);
    gates_fini(&gates);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
