#include "harness/cli/run_args.h"

#include "harness/case/values.h"
#include "harness/cli/commands.h"
#include "mvpnbench/dut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN_DUT,
    RUN_TESTBED,
    RUN_CLOCK,
    RUN_TIMING,
    RUN_STEADY_ONLY,
    RUN_STIMULUS,
    RUN_SET,
    RUN_REQUIRE,
    RUN_FROM,
    RUN_SEED,
    RUN_OUT,
    RUN_PCAP,
    RUN_RESUME,
    RUN_QUIET,
    RUN_JSON,
    RUN_FORCE,
    RUN_JOBS,
    RUN_DB,
    RUN_OPTIONS
};

const struct cli_option run_option_table[] = {
    [RUN_DUT] = {"dut", "NAME|FILE",
                 "driver or profile of the DUT (reference): reference, frr, small, or a file with "
                 "a DUT profile"},
    [RUN_TESTBED] = {"testbed", "FILE", "ports, addresses, MTU, topology (built in for the DUT)"},
    [RUN_CLOCK] = {"clock", "virtual|real",
                   "the clock (reference: virtual; every other DUT: real)"},
    [RUN_TIMING] = {"timing", "draft|quick|FILE",
                    "waits and time limits (virtual clock: draft; real: quick)"},
    [RUN_STEADY_ONLY] = {"steady-only", NULL, "no failure stimuli"},
    [RUN_STIMULUS] = {"stimulus", "all|none|NAME[,NAME]",
                      "failures to apply (all that the DUT's driver can): power-cycle, "
                      "processor-switchover, p-card-oir, c-card-oir, p-link-flap, c-link-flap"},
    [RUN_SET] = {"set", "KEY=VALUE", "any parameter (repeatable); keys below"},
    [RUN_REQUIRE] = {"require", "EXPR|FILE", "gate (repeatable): exit code 1 where it is not met"},
    [RUN_FROM] = {"from", "DIR",
                  "results that cases need of others come from this earlier run (this run's own)"},
    [RUN_SEED] = {"seed", "N", "seed of everything random, 0 to 2^63-1 (1)"},
    [RUN_OUT] = {"out", "DIR", "directory that the run makes (mvpnbench-run-TIME)"},
    [RUN_PCAP] = {"pcap", NULL, "write every frame: DIR/a1.pcap, DIR/a3.pcap"},
    [RUN_RESUME] = {"resume", "DIR", "go on with an interrupted run, by its journal"},
    [RUN_QUIET] = {"quiet", NULL, "no progress, no tables"},
    [RUN_JSON] = {"json", NULL, "print result.json instead of the tables; progress as JSON lines"},
    [RUN_FORCE] = {"force", NULL, "also use an interface that carries the default route"},
    [RUN_JOBS] = {"jobs", "N", "virtual clock: processes at once, 1 to 64 (one a CPU)"},
    [RUN_DB] = {"db", "FILE", "when the run is whole, add it to this history"},
};
const size_t run_option_count = RUN_OPTIONS;

static int take_clock(struct run_options *o, const char *value, struct err *err)
{
    int ix = value_word("--clock", value, "virtual|real", err);
    if (ix >= 0)
        o->clock = ix == 0 ? CLOCK_VIRTUAL : CLOCK_REAL;
    return ix < 0 ? -1 : 0;
}

static int take_seed(struct run_options *o, const char *value, struct err *err)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || v > INT64_MAX) {
        err_set(err, ERR_USE, "--seed=%.60s cannot be; give a whole number from 0 to 2^63-1",
                value);
        return -1;
    }
    o->seed = v;
    return 0;
}

static int take_jobs(struct run_options *o, const char *value, struct err *err)
{
    uint64_t v;
    if (!value_whole("--jobs", value, 1, 64, &v, err))
        return -1;
    o->jobs = (unsigned)v;
    return 0;
}

static int take_stimulus_name(struct run_options *o, const char *name, struct err *err)
{
    const char *names[STIM_COUNT + 2];
    for (int i = 0; i < STIM_COUNT; i++) {
        names[i] = stimulus_name((enum stimulus)i);
        if (strcmp(names[i], name) == 0) {
            o->stimuli |= 1u << i;
            return 0;
        }
    }
    names[STIM_COUNT] = "all";
    names[STIM_COUNT + 1] = "none";
    if (strcmp(name, "all") == 0 || strcmp(name, "none") == 0) {
        err_set(err, ERR_USE, "--stimulus: '%s' stands alone; leave the others out", name);
        return -1;
    }
    err_set(err, ERR_USE, "--stimulus: unknown stimulus '%.60s'; did you mean '%s'?", name,
            text_nearest(name, names, STIM_COUNT + 2));
    return -1;
}

static int take_stimuli(struct run_options *o, const char *value, struct err *err)
{
    o->stimuli_set = o->stimuli_none = false; /* the last --stimulus counts */
    o->stimuli = 0;
    if (strcmp(value, "all") == 0)
        return 0;
    o->stimuli_set = true;
    if (strcmp(value, "none") == 0) {
        o->stimuli_none = true;
        return 0;
    }
    for (const char *at = value;; at++) {
        char name[64];
        size_t n = strcspn(at, ",");
        (void)snprintf(name, sizeof(name), "%.*s", (int)(n < sizeof(name) ? n : sizeof(name) - 1),
                       at);
        if (take_stimulus_name(o, name, err) != 0)
            return -1;
        at += n;
        if (*at == '\0')
            return 0;
    }
}

/* append adds a word to a bounded list. */
static int append(const char **list, size_t *count, size_t max, const char *value, struct err *err)
{
    if (*count == max) {
        err_set(err, ERR_USE, "more than %zu of '%.60s'; give fewer", max, value);
        return -1;
    }
    list[(*count)++] = value;
    return 0;
}

static int take_case(struct run_args *a, const char *value, struct err *err)
{
    for (size_t i = 0; i < a->o.case_count; i++) {
        if (strcmp(a->cases[i], value) == 0)
            return 0;
    }
    return append(a->cases, &a->o.case_count, sizeof(a->cases) / sizeof(a->cases[0]), value, err);
}

/* Options that are kept as they are: where their text or flag goes. 0 is no such place, for the
 * first field of struct run_options is the list of cases. */
#define FIELD(f) offsetof(struct run_options, f)
static const size_t text_fields[RUN_OPTIONS] = {
    [RUN_DUT] = FIELD(dut),   [RUN_TESTBED] = FIELD(testbed), [RUN_TIMING] = FIELD(timing),
    [RUN_FROM] = FIELD(from), [RUN_OUT] = FIELD(out),         [RUN_RESUME] = FIELD(resume),
};
static const size_t flag_fields[RUN_OPTIONS] = {
    [RUN_STEADY_ONLY] = FIELD(steady_only),
    [RUN_PCAP] = FIELD(pcap),
    [RUN_QUIET] = FIELD(quiet),
    [RUN_JSON] = FIELD(json),
    [RUN_FORCE] = FIELD(force),
};

static void take_plain(struct run_options *o, size_t index, const char *value)
{
    if (flag_fields[index] != 0)
        *(bool *)((char *)o + flag_fields[index]) = true;
    else
        *(const char **)((char *)o + text_fields[index]) = value;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct run_args *a = ctx;
    switch (index) {
    case OPTION_POSITIONAL:
        return take_case(a, value, err);
    case RUN_CLOCK:
        return take_clock(&a->o, value, err);
    case RUN_SEED:
        return take_seed(&a->o, value, err);
    case RUN_JOBS:
        return take_jobs(&a->o, value, err);
    case RUN_STIMULUS:
        a->stimulus_given = strcmp(value, "none") != 0;
        return take_stimuli(&a->o, value, err);
    case RUN_DB:
        a->db = value;
        return 0;
    case RUN_SET:
        return append(a->sets, &a->o.set_count, ARGS_MAX, value, err);
    case RUN_REQUIRE:
        return append(a->requires, &a->o.require_count, ARGS_MAX, value, err);
    default:
        take_plain(&a->o, index, value);
        return 0;
    }
}

int run_args_parse(struct run_args *a, int argc, char **argv, struct err *err)
{
    *a = (struct run_args){.o = {.seed = 1}};
    a->o.cases = a->cases;
    a->o.sets = a->sets;
    a->o.requires = a->requires;
    a->o.argv = (const char *const *)argv;
    a->o.argc = (size_t)argc;
    if (options_parse(run_option_table, RUN_OPTIONS, argc, argv, take, a, err) != 0)
        return -1;
    for (size_t i = 0; i < a->o.case_count && a->o.case_count > 1; i++) {
        if (strcmp(a->cases[i], "all") == 0) {
            err_set(err, ERR_USE, "'all' is every case; leave the others out");
            return -1;
        }
    }
    if (a->o.steady_only && a->stimulus_given) {
        err_set(err, ERR_USE, "--steady-only and --stimulus exclude each other; leave one out");
        return -1;
    }
    return 0;
}
