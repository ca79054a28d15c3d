#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/run/progress.h"
#include "mvpnbench/monitor.h"
#include "reports/reports.h"

#include <signal.h>

enum { OPT_JSON, OPT_QUIET };

const struct cli_option marking_option_table[] = {
    [OPT_JSON] = {"json", NULL, "print JSON"},
    [OPT_QUIET] = {"quiet", NULL, "no progress"},
};
const size_t marking_option_count = sizeof(marking_option_table) / sizeof(marking_option_table[0]);

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void show(const char *text)
{
    progress_step("%s", text);
}

struct args {
    const char *file;
    bool json, quiet;
};

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct args *a = ctx;
    if (index != OPTION_POSITIONAL) {
        a->json |= index == OPT_JSON;
        a->quiet |= index == OPT_QUIET;
        return 0;
    }
    if (a->file == NULL) {
        a->file = value;
        return 0;
    }
    err_set(err, ERR_USE, "marking takes one file; leave '%.60s' out", value);
    return -1;
}

int cmd_marking(int argc, char **argv)
{
    struct args a = {0};
    struct err err = {0};
    json_t *result = NULL;
    if (options_parse(marking_option_table, marking_option_count, argc, argv, take, &a, &err) != 0)
        return cli_fail(&err);
    if (a.file == NULL) {
        err_set(&err, ERR_USE, "marking needs a file: mvpnbench marking FILE");
        return cli_fail(&err);
    }
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    progress_open(a.quiet);
    int rc = marking_run(a.file, &stopped, show, &result, &err);
    progress_close();
    if (rc != 0)
        return cli_fail(&err);
    if (a.json)
        report_json_value(stdout, result);
    else
        monitor_print(stdout, result);
    json_decref(result);
    return EXIT_DONE;
}
