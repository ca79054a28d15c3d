/*
 * Any router, driven by the commands that a DUT profile names (DESIGN B.7). What a command says
 * counts as a whole or not at all.
 */
#include "harness/dut/hook_answer.h"
#include "harness/dut/hook_run.h"
#include "harness/dut/outside.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "harness/dut/drivers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_S   60.0
#define PROGRAM_ENV "MVPNBENCH" /* tells commands where this program lies */
#define NOT_NAMED   "the profile names no hook for it"
#define NAME_HERE   64
#define PATH_HERE   4096

struct hook_dut {
    struct outside out;
    const json_t *commands; /* of the profile: profile_hook.h */
    const char *directory;
    double timeout_s;
};

static const json_t *find(const struct hook_dut *h, const char *name)
{
    return json_object_get(h->commands, name);
}

/* Reads an answer into arg, or says why it cannot. */
typedef bool reader_fn(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX]);

struct question {
    const char *name;
    reader_fn *reader;
    void *arg;
    double more_s;   /* beyond the time-out */
    bool to_the_end; /* also when the run is interrupted */
    json_t *extra;   /* beside the instance in the input; ask frees it */
};

/* Runs the command of that name with the instance as its input and has its answer read. */
static int ask(const struct hook_dut *h, const struct question *q, struct err *err)
{
    const json_t *entry = find(h, q->name);
    struct hook_command c = {
        .name = q->name,
        .command = json_string_value(json_object_get(entry, "command")),
        .where = json_string_value(json_object_get(entry, "where")),
        .directory = h->directory,
        .timeout_s = h->timeout_s + q->more_s,
        .interrupted = q->to_the_end ? NULL : h->out.interrupted,
    };
    struct hook_output out;
    char why[HOOK_WHY_MAX];
    json_t *input = h->out.instance == NULL ? json_object() : json_copy(h->out.instance);
    json_object_set_new(input, "hook", json_stringn(q->name, strcspn(q->name, " ")));
    json_object_update(input, q->extra);
    int rc = hook_run(&c, input, &out, err);
    if (rc == 0 && !q->reader(&out, q->arg, why))
        rc = hook_fail(&c, &out, err, "%s", why);
    hook_output_free(&out);
    json_decref(input);
    json_decref(q->extra);
    return rc;
}

static bool read_empty(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX])
{
    (void)arg;
    return hook_answer_empty(out->text, out->len, why);
}

static bool read_neighbours(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX])
{
    return hook_answer_neighbours(out->text, out->len, arg, why);
}

static bool read_utilisation(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX])
{
    return hook_answer_utilisation(out->text, out->len, arg, why);
}

static bool read_metric(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX])
{
    return hook_answer_metric(out->text, out->len, arg, why);
}

/* What a health command says of a DUT that it finds not well. */
struct health {
    bool well;
    char why[HOOK_WHY_MAX];
};

static bool read_health(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX])
{
    struct health *seen = arg;
    bool good = hook_answer_health(out->text, out->len, &seen->well, why);
    (void)snprintf(seen->why, sizeof(seen->why), "%s", why);
    return good;
}

static bool read_stimulus(const struct hook_output *out, void *arg, char why[HOOK_WHY_MAX])
{
    return hook_answer_stimulus(out->text, out->len, out->begin_wall_ns, out->end_wall_ns, arg,
                                why);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void tell_program(void)
{
    char path[PATH_HERE];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n <= 0)
        return;
    path[n] = '\0';
    (void)setenv(PROGRAM_ENV, path, 1);
}

static int hook_open(struct dut *d, const struct dut_context *ctx, struct err *err)
{
    const json_t *commands = json_object_get(ctx->profile, "commands");
    if (commands == NULL) {
        err_set(err, ERR_USE,
                "--dut hook needs to know its commands: write a DUT profile (driver: hook, hook: "
                "{configure: CMD, unconfigure: CMD, ...}; see testcases/duts/README.md) and give "
                "it by --dut FILE");
        return -1;
    }
    const char *set = outside_setting(ctx, "timeout_s");
    double given = json_number_value(json_object_get(ctx->profile, "timeout_s"));
    struct hook_dut *h = mem_zalloc(1, sizeof(*h));
    h->commands = commands;
    h->directory = json_string_value(json_object_get(ctx->profile, "directory"));
    h->timeout_s = set != NULL ? strtod(set, NULL) : given > 0 ? given : TIMEOUT_S;
    if (outside_open(&h->out, ctx, "hook", err) != 0) {
        outside_close(&h->out);
        free(h);
        return -1;
    }
    tell_program();
    d->state = h;
    return 0;
}

static int hook_unconfigure(struct dut *d, struct err *err)
{
    struct hook_dut *h = d->state;
    struct question q = {.name = "unconfigure", .reader = read_empty, .to_the_end = true};
    int rc = ask(h, &q, err);
    outside_instance(&h->out, NULL);
    return rc;
}

static void hook_close(struct dut *d)
{
    struct hook_dut *h = d->state;
    struct err err = {0};
    if (h == NULL)
        return;
    if (h->out.instance != NULL && hook_unconfigure(d, &err) != 0)
        log_line(LOG_WARN, (struct instant){0}, "hook", "%s", err.text);
    outside_close(&h->out);
    free(h);
    d->state = NULL;
}

static int hook_configure(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    struct hook_dut *h = d->state;
    if (!outside_fits(&h->out, spec, err))
        return -1;
    outside_instance(&h->out, spec);
    return ask(h, &(struct question){.name = "configure", .reader = read_empty}, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A command that the profile need not name: without it what it would tell stays unknown. */
static int ask_if_named(const struct hook_dut *h, const char *name, reader_fn *reader, void *arg,
                        struct err *err)
{
    struct question q = {.name = name, .reader = reader, .arg = arg};
    return find(h, name) == NULL ? 0 : ask(h, &q, err);
}

static int hook_neighbours(struct dut *d, struct neighbour_count *seen, struct err *err)
{
    *seen = (struct neighbour_count){METRIC_UNKNOWN, METRIC_UNKNOWN};
    return ask_if_named(d->state, "neighbours", read_neighbours, seen, err);
}

static int hook_window_begin(struct dut *d, struct err *err)
{
    return ask_if_named(d->state, "window_begin", read_empty, NULL, err);
}

static int hook_view(struct dut *d, struct dut_view *view, struct err *err)
{
    metric_clear(&view->metric);
    p_metric_clear(&view->p);
    view->neighbours = (struct neighbour_count){METRIC_UNKNOWN, METRIC_UNKNOWN};
    view->spmsi_cached = METRIC_UNKNOWN;
    view->utilisation_count = 0;
    /* Utilisation first: reading the metric makes the DUT work. */
    if (ask_if_named(d->state, "utilisation", read_utilisation, view, err) != 0)
        return -1;
    return ask_if_named(d->state, "metric", read_metric, view, err);
}

static int hook_health(struct dut *d, struct err *err)
{
    const json_t *entry = find(d->state, "health");
    struct health seen = {.well = true};
    if (ask_if_named(d->state, "health", read_health, &seen, err) != 0) {
        d->broken = true; /* nothing tells any more how the DUT is */
        return -1;
    }
    if (!seen.well)
        err_set(err, ERR_TESTBED, "%s: hook health: %s; bring it back and go on with --resume",
                json_string_value(json_object_get(entry, "where")), seen.why);
    return seen.well ? 0 : -1;
}

/* ---- stimuli --------------------------------------------------------------------------------- */

static enum stimulus_way hook_can(struct dut *d, enum stimulus s, const char **reason)
{
    char name[NAME_HERE];
    (void)snprintf(name, sizeof(name), "stimulus %s", stimulus_name(s));
    if (find(d->state, name) != NULL)
        return STIMULUS_WHOLE;
    if (s == STIM_P_LINK_FLAP || s == STIM_C_LINK_FLAP)
        return STIMULUS_BY_APPARATUS;
    *reason = NOT_NAMED;
    return STIMULUS_NOT;
}

static int hook_stimulus(struct dut *d, struct stimulus_call *s, struct err *err)
{
    char name[NAME_HERE];
    (void)snprintf(name, sizeof(name), "stimulus %s", stimulus_name(s->stimulus));
    if (find(d->state, name) == NULL) {
        err_set(err, ERR_TESTBED, "stimulus %s: " NOT_NAMED, stimulus_name(s->stimulus));
        return -1;
    }
    struct question q = {.name = name,
                         .reader = read_stimulus,
                         .arg = &s->tf_wall_ns,
                         .more_s = s->hold_out_s,
                         .extra = json_pack("{s:s,s:f}", "stimulus", stimulus_name(s->stimulus),
                                            "hold_out_s", s->hold_out_s)};
    return ask(d->state, &q, err);
}

/* ---- what it is ------------------------------------------------------------------------------ */

static void hook_ports(struct dut *d, struct dut_ports *out)
{
    const struct hook_dut *h = d->state;
    outside_ports(&h->out, out);
}

static void hook_describe(struct dut *d, struct instance_spec *spec)
{
    const struct hook_dut *h = d->state;
    outside_describe(&h->out, spec);
}

static void hook_identity(struct dut *d, const char **name, const char **version)
{
    const struct hook_dut *h = d->state;
    *name = h->out.name;
    *version = h->out.version;
}

static bool hook_supports(struct dut *d, enum mdt_mode mode, const char **reason)
{
    const struct hook_dut *h = d->state;
    return outside_supports(&h->out, mode, reason);
}

static unsigned hook_spmsi(struct dut *d, const char **reason)
{
    const struct hook_dut *h = d->state;
    *reason = "the DUT profile's offers.spmsi does not name it";
    return h->out.spmsi;
}

static bool hook_fits(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    const struct hook_dut *h = d->state;
    return outside_fits(&h->out, spec, err);
}

static void hook_deviations(struct dut *d, void (*add)(void *arg, const char *text), void *arg)
{
    static const struct {
        const char *name, *text;
    } missing[] = {
        {"metric", "hook: the profile names no command for metric: the metric, the P instance's "
                   "figures and the DUT's view of its neighbours are null"},
        {"utilisation", "hook: the profile names no command for utilisation: CPU and memory of the "
                        "DUT are not known and not judged"},
        {"health", "hook: the profile names no command for health: the DUT's health is not checked "
                   "between instances"},
        {"neighbours", "hook: the profile names no command for neighbours: neighbour times as the "
                       "DUT sees them are null"},
    };
    const struct hook_dut *h = d->state;
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        if (find(h, missing[i].name) == NULL)
            add(arg, missing[i].text);
    }
    add(arg, "hook: what the DUT tells of itself comes from the profile's commands; figures that "
             "they leave out are null");
}

const struct dut_driver hook_driver = {
    .name = "hook",
    .blocking = true,
    .real_clock_only = true,
    .open = hook_open,
    .ports = hook_ports,
    .describe = hook_describe,
    .identity = hook_identity,
    .can = hook_can,
    .supports = hook_supports,
    .spmsi = hook_spmsi,
    .fits = hook_fits,
    .configure = hook_configure,
    .unconfigure = hook_unconfigure,
    .neighbours = hook_neighbours,
    .window_begin = hook_window_begin,
    .view = hook_view,
    .stimulus = hook_stimulus,
    .health = hook_health,
    .deviations = hook_deviations,
    .close = hook_close,
};
