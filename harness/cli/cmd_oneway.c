#include "harness/case/values.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/run/progress.h"
#include "mvpnbench/monitor.h"
#include "reports/reports.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LEAVES_MAX 64

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

enum {
    OPT_CONFIG,
    OPT_LOSS,
    OPT_PPS,
    OPT_SECONDS,
    OPT_REPEAT,
    OPT_SEED,
    OPT_AGGREGATE,
    OPT_BURST,
    OPT_ROOT,
    OPT_LEAF,
    OPT_TREE,
    OPT_INTERVAL,
    OPT_COUNT_ONLY,
    OPT_QUIET,
    OPT_JSON,
};

const struct cli_option oneway_option_table[] = {
    [OPT_CONFIG] = {"config", "A|B|C", "simulate: which configuration"},
    [OPT_LOSS] = {"loss", "P1,P2,P3",
                  "simulate: loss of the three links, fractions from 0 to 0.999"},
    [OPT_PPS] = {"pps", "N", "simulate: probes a second"},
    [OPT_SECONDS] = {"seconds", "N", "simulate: seconds of probes"},
    [OPT_REPEAT] = {"repeat", "N", "simulate: so many runs (1)"},
    [OPT_SEED] = {"seed", "N", "simulate: of the losses (1)"},
    [OPT_AGGREGATE] = {"aggregate", "M", "simulate: the aggregate estimator, M probes an interval"},
    [OPT_BURST] = {"burst", "B", "simulate: losses in bursts of B probes on average (1)"},
    [OPT_ROOT] = {"root", "CAP", "captures: what was sent"},
    [OPT_LEAF] = {"leaf", "NAME=CAP", "captures: what a leaf received (two or more)"},
    [OPT_TREE] = {"tree", "TREE",
                  "captures: such as 'root(b(l2,l3),l4)' (all leaves below one branch)"},
    [OPT_INTERVAL] = {"interval", "SECONDS",
                      "captures: the aggregate estimator, with intervals of so many seconds"},
    [OPT_COUNT_ONLY] = {"count-only", NULL, "reflect: count and do not answer (A's second host)"},
    [OPT_QUIET] = {"quiet", NULL, "A, B, C: no progress"},
    [OPT_JSON] = {"json", NULL, "print JSON"},
};
const size_t oneway_option_count = sizeof(oneway_option_table) / sizeof(oneway_option_table[0]);

struct args {
    const char *words[2]; /* what to do, and its file */
    size_t word_count;
    struct oneway_simulation sim;
    bool config_set, loss_set;
    struct oneway_captures cap;
    const char *leaf_names[LEAVES_MAX], *leaf_files[LEAVES_MAX];
    bool count_only, quiet, json;
};

static int take_loss(struct args *a, const char *value, struct err *err)
{
    char rest[128];
    (void)snprintf(rest, sizeof(rest), "%s", value);
    char *at = rest, *part;
    size_t n = 0;
    while ((part = strsep(&at, ",")) != NULL && n < 3) {
        if (!value_number("--loss", part, 0, 0.999, &a->sim.loss[n], err))
            return -1;
        n++;
    }
    if (n == 3 && part == NULL) {
        a->loss_set = true;
        return 0;
    }
    err_set(err, ERR_USE, "--loss %s: three fractions are needed, e.g. 0.01,0.002,0.002", value);
    return -1;
}

static int take_leaf(struct args *a, const char *value, struct err *err)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || equals[1] == '\0') {
        err_set(err, ERR_USE, "--leaf %s: write NAME=CAPTURE", value);
        return -1;
    }
    if (a->cap.leaf_count == LEAVES_MAX) {
        err_set(err, ERR_USE, "at most %d leaves", LEAVES_MAX);
        return -1;
    }
    a->leaf_names[a->cap.leaf_count] = strndup(value, (size_t)(equals - value));
    a->leaf_files[a->cap.leaf_count++] = equals + 1;
    return 0;
}

static int take_word(struct args *a, const char *value, struct err *err)
{
    if (a->word_count < 2) {
        a->words[a->word_count++] = value;
        return 0;
    }
    err_set(err, ERR_USE, "'%.60s' is one word too many", value);
    return -1;
}

static int take_config(struct args *a, const char *value, struct err *err)
{
    int n = value_word("--config", value, "A|B|C", err);
    if (n < 0)
        return -1;
    a->sim.config = (char)('A' + n);
    a->config_set = true;
    return 0;
}

static int take_whole(const char *name, const char *value, double min, uint64_t *out,
                      struct err *err)
{
    return value_whole(name, value, min, 1e15, out, err) ? 0 : -1;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct args *a = ctx;
    switch (index) {
    case OPTION_POSITIONAL:
        return take_word(a, value, err);
    case OPT_CONFIG:
        return take_config(a, value, err);
    case OPT_LOSS:
        return take_loss(a, value, err);
    case OPT_PPS:
        return take_whole("--pps", value, 1, &a->sim.pps, err);
    case OPT_SECONDS:
        return take_whole("--seconds", value, 1, &a->sim.seconds, err);
    case OPT_REPEAT:
        return take_whole("--repeat", value, 1, &a->sim.repeat, err);
    case OPT_SEED:
        return take_whole("--seed", value, 0, &a->sim.seed, err);
    case OPT_AGGREGATE:
        return take_whole("--aggregate", value, 1, &a->sim.aggregate, err);
    case OPT_BURST:
        return value_number("--burst", value, 1, 1e6, &a->sim.burst, err) ? 0 : -1;
    case OPT_INTERVAL:
        return value_number("--interval", value, 1e-6, 1e6, &a->cap.interval_s, err) ? 0 : -1;
    case OPT_LEAF:
        return take_leaf(a, value, err);
    case OPT_ROOT:
        a->cap.root = value;
        return 0;
    case OPT_TREE:
        a->cap.tree = value;
        return 0;
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    case OPT_COUNT_ONLY:
        a->count_only = true;
        return 0;
    default:
        a->json = true;
        return 0;
    }
}

static int simulate(struct args *a, json_t **result, struct err *err)
{
    if (!a->config_set || !a->loss_set || a->sim.pps == 0 || a->sim.seconds == 0) {
        err_set(err, ERR_USE, "oneway simulate needs --config, --loss, --pps and --seconds");
        return -1;
    }
    return oneway_simulate(&a->sim, result, err);
}

static int captures(struct args *a, json_t **result, struct err *err)
{
    if (a->cap.root == NULL || a->cap.leaf_count < 2) {
        err_set(err, ERR_USE, "oneway captures needs --root CAP and two or more --leaf NAME=CAP");
        return -1;
    }
    a->cap.leaf_names = a->leaf_names;
    a->cap.leaf_files = a->leaf_files;
    return oneway_captures(&a->cap, result, err);
}

static void show(const char *text)
{
    progress_step("%s", text);
}

/* A, B, C and reflect run until they are done or stopped, then with what there is. */
static int live(struct args *a, json_t **result, struct err *err)
{
    const char *what = a->words[0], *file = a->words[1];
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    if (strcmp(what, "reflect") == 0)
        return oneway_reflect(file, a->count_only, &stopped, result, err);
    progress_open(a->quiet);
    int rc = oneway_live(what[0], file, &stopped, show, result, err);
    progress_close();
    return rc;
}

static int carry_out(struct args *a, json_t **result, struct err *err)
{
    static const char *const with_file[] = {"A", "B", "C", "reflect"};
    const char *what = a->words[0];
    if (what != NULL && strcmp(what, "simulate") == 0 && a->word_count == 1)
        return simulate(a, result, err);
    if (what != NULL && strcmp(what, "captures") == 0 && a->word_count == 1)
        return captures(a, result, err);
    for (size_t i = 0; i < 4 && a->word_count == 2; i++) {
        if (strcmp(what, with_file[i]) == 0)
            return live(a, result, err);
    }
    err_set(err, ERR_USE, "oneway does: A FILE, B FILE, C FILE, reflect FILE, captures, simulate");
    return -1;
}

int cmd_oneway(int argc, char **argv)
{
    static struct args a;
    struct err err = {0};
    json_t *result = NULL;
    a.sim = (struct oneway_simulation){.burst = 1, .repeat = 1, .seed = 1};
    if (options_parse(oneway_option_table, oneway_option_count, argc, argv, take, &a, &err) != 0 ||
        carry_out(&a, &result, &err) != 0)
        return cli_fail(&err);
    if (a.json)
        report_json_value(stdout, result);
    else
        monitor_print(stdout, result);
    json_decref(result);
    return EXIT_DONE;
}
