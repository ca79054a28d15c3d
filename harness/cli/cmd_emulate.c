/* mvpnbench emulate: an instance's emulated network, held to look at a DUT. */
#include "harness/cli/cmd_emulate.h"
#include "emul/base/mem.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/cli/table.h"
#include "harness/run/progress.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_VALUE,
    OPT_SECONDS,
    OPT_CONTROL,
    OPT_SCRIPT,
    OPT_NO_TRAFFIC,
    OPT_NO_CONFIGURE,
    OPT_OF_RUN /* those from here on are run's */
};

const struct cli_option emulate_option_table[] = {
    [OPT_VALUE] = {"value", "V", "value of the parameter that the case searches (its minimum)"},
    [OPT_SECONDS] = {"seconds", "N", "end after N seconds of being up (real clock: with Ctrl-C)"},
    [OPT_CONTROL] = {"control", "PATH",
                     "real clock: local socket for `mvpnbench ctl` (one in $XDG_RUNTIME_DIR)"},
    [OPT_SCRIPT] = {"script", "FILE", "commands as `at SECONDS COMMAND`, counted from being up"},
    [OPT_NO_TRAFFIC] = {"no-traffic", NULL, "receivers join, sources rest"},
    [OPT_NO_CONFIGURE] = {"no-configure", NULL, "leave the DUT's configuration alone"},
    {"dut", "NAME|FILE", "driver or profile of the DUT (reference), as of run"},
    {"testbed", "FILE", "ports, addresses, MTU, topology (built in for the DUT)"},
    {"clock", "virtual|real", "the clock (reference: virtual; every other DUT: real)"},
    {"timing", "draft|quick|FILE",
     "waits and limits, as of run; with --seconds its setup_limit_s counts"},
    {"set", "KEY=VALUE", "any parameter (repeatable); keys below"},
    {"from", "DIR", "results that the case needs of others come from this earlier run"},
    {"seed", "N", "seed of everything random (1)"},
    {"out", "DIR", "where --pcap writes (the working directory)"},
    {"pcap", NULL, "write every frame: DIR/a1.pcap, DIR/a3.pcap"},
    {"quiet", NULL, "say nothing while it is held"},
    {"json", NULL, "print what was seen at the end as JSON"},
    {"force", NULL, "also use an interface that carries the default route"},
};
const size_t emulate_option_count = sizeof(emulate_option_table) / sizeof(emulate_option_table[0]);

#define WORDS_MAX 600

struct parse {
    struct emulate_args *a;
    char *words[WORDS_MAX]; /* run's, as its parser wants them */
    int count;
};

/* A number above 0. */
static int positive(const char *option, const char *text, double *out, struct err *err)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    if (text[0] == '\0' || *end != '\0' || errno != 0 || !isfinite(*out) || *out <= 0 ||
        *out > 1e9) {
        err_set(err, ERR_USE, "--%s=%.60s cannot be; give a number above 0", option, text);
        return -1;
    }
    return 0;
}

static int take_value(struct emulate_args *a, const char *text, struct err *err)
{
    double v;
    if (positive("value", text, &v, err) != 0)
        return -1;
    if (v != floor(v)) {
        err_set(err, ERR_USE, "--value=%.60s cannot be; give a whole number", text);
        return -1;
    }
    a->value = (uint64_t)v;
    return 0;
}

static int give_run(struct parse *p, size_t index, const char *value, struct err *err)
{
    if (p->count + 1 >= WORDS_MAX) {
        err_set(err, ERR_USE, "the command line is too long");
        return -1;
    }
    const char *name = index == OPTION_POSITIONAL ? NULL : emulate_option_table[index].name;
    if (name == NULL)
        p->words[p->count++] = mem_strdup(value);
    else if (value == NULL)
        p->words[p->count++] = mem_printf("--%s", name);
    else
        p->words[p->count++] = mem_printf("--%s=%s", name, value);
    return 0;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct parse *p = ctx;
    switch (index) {
    case OPT_VALUE:
        return take_value(p->a, value, err);
    case OPT_SECONDS:
        return positive("seconds", value, &p->a->seconds, err);
    case OPT_CONTROL:
        p->a->control = value;
        return 0;
    case OPT_SCRIPT:
        p->a->script = value;
        return 0;
    case OPT_NO_TRAFFIC:
        p->a->no_traffic = true;
        return 0;
    case OPT_NO_CONFIGURE:
        p->a->no_configure = true;
        return 0;
    default:
        return give_run(p, index, value, err);
    }
}

static int parse_args(struct parse *p, int argc, char **argv, struct err *err)
{
    give_run(p, OPTION_POSITIONAL, argv[0], err);
    if (options_parse(emulate_option_table, emulate_option_count, argc, argv, take, p, err) != 0 ||
        run_args_parse(&p->a->run, p->count, p->words, err) != 0)
        return -1;
    if (p->a->run.o.case_count == 1 && strcmp(p->a->run.cases[0], "all") != 0)
        return 0;
    err_set(err, ERR_USE, "emulate holds one instance: name one case, as in `emulate 9.1`");
    return -1;
}

static int check_use(const struct emulate *e, struct err *err)
{
    const struct emulate_args *a = e->args;
    if (e->setup.virtual_clock && a->control != NULL)
        err_set(err, ERR_USE, "--control needs --clock real; on the virtual clock give --script");
    else if (e->setup.virtual_clock && a->seconds <= 0)
        err_set(err, ERR_USE, "on the virtual clock say how long: --seconds N");
    else
        return 0;
    return -1;
}

static int hold(struct emulate *e, struct err *err)
{
    const struct emulate_args *a = e->args;
    if (run_setup_open(&e->setup, &a->run.o, err) != 0 || check_use(e, err) != 0)
        return -1;
    if (a->script != NULL) {
        e->script = emulate_script_load(a->script, err);
        if (e->script == NULL)
            return -1;
    }
    emulate_commands_init(e);
    return emulate_run(e, err);
}

int cmd_emulate(int argc, char **argv)
{
    static struct emulate_args a;
    static struct emulate e;
    struct parse p = {.a = &a};
    struct err err = {0};
    e.args = &a;
    int result = parse_args(&p, argc, argv, &err);
    if (result == 0) {
        progress_open(a.run.o.quiet);
        result = hold(&e, &err);
        progress_close();
        run_setup_close(&e.setup);
    }
    json_decref(e.from);
    emulate_script_free(e.script);
    while (p.count > 0)
        free(p.words[--p.count]);
    return result == 0 ? EXIT_DONE : cli_fail(&err);
}
