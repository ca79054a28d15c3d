#include "harness/run/campaign.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/loop/loop.h"
#include "harness/case/values.h"
#include "harness/run/casejob.h"
#include "harness/run/gate.h"
#include "harness/run/output.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"
#include "harness/run/setup.h"
#include "mvpnbench/result.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static struct loop *volatile running_loop;

void campaign_interrupt(void)
{
    interrupted = 1;
    struct loop *l = running_loop;
    if (l != NULL)
        loop_stop(l);
}

/* Everything of one run that is not a case. */
struct campaign {
    const struct run_options *o;
    struct run_setup setup;
    char *dir;
    bool new_dir; /* not there before this run */
    bool began;   /* with the first case: frames may have been sent */
    FILE *log;
    struct world world;
    struct campaign_env env;
    struct gates gates;
    json_t *from; /* the earlier run of --from, or NULL */
    json_t *head, *result;
};

/* ---- world and stimuli ------------------------------------------------------------------------
 */

static uint32_t max_c_links(const struct campaign *c)
{
    uint64_t n = param_default_max(PARAM_MVPNS), c_max = param_default_max(PARAM_C_INTERFACES);
    uint64_t per = 1;
    const struct param_override *mvpns = &c->setup.settings.param[PARAM_MVPNS];
    const struct param_override *cifs = &c->setup.settings.param[PARAM_C_INTERFACES];
    if (c->setup.settings.search_max != 0)
        n = c->setup.settings.search_max;
    if (mvpns->count > 0)
        n = (uint64_t)mvpns->values[mvpns->count - 1];
    if (cifs->count > 0)
        per = (uint64_t)cifs->values[cifs->count - 1];
    uint64_t links = n * (per < c_max ? per : c_max);
    return (uint32_t)(links < 64000 ? links : 64000);
}

static int open_world(struct campaign *c, struct err *err)
{
    struct instant start = {0};
    size_t n = json_array_size(c->env.done);
    if (n > 0)
        start.ns =
            json_integer_value(json_object_get(json_array_get(c->env.done, n - 1), "end_ns"));
    c->env.mtu = c->setup.mtu;
    c->env.addr = c->setup.testbed == NULL ? NULL : &c->setup.testbed->addr;
    struct world_params params = {
        .driver = c->setup.driver,
        .dut_settings = &c->setup.dut_settings,
        .profile = c->setup.profile == NULL ? NULL : c->setup.profile->tree,
        .testbed = c->setup.testbed == NULL ? NULL : c->setup.testbed->tree,
        .settings = &c->setup.settings,
        .virtual_clock = c->setup.virtual_clock,
        .start = start,
        .seed = c->o->seed,
        .mtu = c->env.mtu,
        .max_c_links = max_c_links(c),
        .force = c->o->force,
        .interrupted = &interrupted};
    if (world_open(&c->world, &params, err) != 0)
        return -1;
    c->world.dir = c->dir;
    running_loop = c->world.loop;
    return 0;
}

static struct capture *open_capture(struct campaign *c, const char *port, struct err *err)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "%s_bytes", port);
    size_t n = json_array_size(c->env.done);
    uint64_t keep = n == 0 ? 0
                           : (uint64_t)json_integer_value(
                                 json_object_get(json_array_get(c->env.done, n - 1), name));
    char *path = mem_printf("%s/%s.pcap", c->dir, port);
    struct capture *cap = capture_open(path, keep, err);
    free(path);
    return cap;
}

static int choose_stimuli(struct campaign *c, struct err *err)
{
    const struct run_options *o = c->o;
    if (o->steady_only || o->stimuli_none)
        return 0;
    for (int i = 0; i < STIM_COUNT; i++) {
        enum stimulus s = (enum stimulus)i;
        const char *reason = NULL;
        if (o->stimuli_set && (o->stimuli & (1u << i)) == 0)
            continue;
        if (c->world.dut.driver->can(&c->world.dut, s, &reason) != STIMULUS_NOT) {
            c->env.stimuli[c->env.stimulus_count++] = s;
        } else if (o->stimuli_set) {
            err_set(err, ERR_USE, "--stimulus %s: the DUT driver %s cannot apply it: %s",
                    stimulus_name(s), c->setup.driver, reason == NULL ? "unknown" : reason);
            return -1;
        }
    }
    return 0;
}

/* check_mdt refuses a way to build default MDTs that the DUT does not offer. */
static int check_mdt(struct campaign *c, struct err *err)
{
    struct dut *d = &c->world.dut;
    for (size_t i = 0; i < c->setup.case_count; i++) {
        enum mdt_mode mode = case_mdt(c->setup.cases[i], &c->setup.settings);
        const char *reason = "its driver builds default MDTs by PIM-ASM only";
        bool offered =
            d->driver->supports == NULL ? mode == MDT_ASM : d->driver->supports(d, mode, &reason);
        if (offered)
            continue;
        err_set(err, ERR_USE, "mdt.default=%s: the DUT %s does not offer it: %s",
                mdt_mode_name(mode), c->setup.driver, reason == NULL ? "unknown" : reason);
        return -1;
    }
    return 0;
}

/* Stimuli that were not asked for, or cannot be applied, stand in the report as omitted. */
static void note_run(struct campaign *c, json_t *case_object)
{
    json_t *d = json_object_get(case_object, "deviations");
    for (int i = 0; i < STIM_COUNT; i++) {
        enum stimulus s = (enum stimulus)i;
        const char *reason = NULL;
        bool applied = false;
        for (size_t k = 0; k < c->env.stimulus_count; k++)
            applied |= c->env.stimuli[k] == s;
        if (applied)
            continue;
        if (c->world.dut.driver->can(&c->world.dut, s, &reason) != STIMULUS_NOT)
            reason = "not asked for";
        record_notef(d, "procedure", "stimulus %s omitted: %s", stimulus_name(s),
                     reason == NULL ? "unknown" : reason);
    }
    if (strcmp(c->setup.settings.timing.name, "draft") != 0)
        record_notef(
            d, "procedure",
            "timing %s: traffic_limit_s %g, steady_wait_s %g, pre_stimulus_wait_s %g, "
            "hold_out_s %g, recovery_limit_s %g, post_recovery_wait_s %g, setup_limit_s %g "
            "(draft: 600, 600, 600, 300, 1200, 600, 600)",
            c->setup.settings.timing.name, c->setup.settings.timing.traffic_limit_s,
            c->setup.settings.timing.steady_wait_s, c->setup.settings.timing.pre_stimulus_wait_s,
            c->setup.settings.timing.hold_out_s, c->setup.settings.timing.recovery_limit_s,
            c->setup.settings.timing.post_recovery_wait_s, c->setup.settings.timing.setup_limit_s);
    record_notef(
        d, "procedure",
        "each flow is sent at %g pps with %u-byte packets, not at 10 %% of the idle-system "
        "throughput",
        c->setup.settings.traffic_rate_pps, c->setup.settings.packet_bytes);
    record_note(d, "configuration", "the P router and PE2 are emulated by the test apparatus");
    if (c->setup.virtual_clock && c->setup.testbed != NULL && c->setup.testbed->a3 != NULL)
        record_note(d, "configuration",
                    "on the virtual clock the testbed file's ports are links in memory, in one "
                    "trunk; its MTU and addresses hold");
}

/* ---- the cases --------------------------------------------------------------------------------
 */

/* The steady maximum of 9.1 in a result tree; 0: not there, -1: there, and nothing passed. */
static int64_t mvpn_maximum(const json_t *result)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(result, "cases"), i, item)
    {
        const char *id = json_string_value(json_object_get(item, "case"));
        const json_t *first = json_array_get(json_object_get(item, "maximum"), 0);
        if (id == NULL || strcmp(id, "9.1") != 0 || first == NULL)
            continue;
        const json_t *v = json_object_get(json_object_get(first, "searched"), "value");
        return json_is_integer(v) ? json_integer_value(v) : -1;
    }
    return 0;
}

static int64_t known_mvpns(const struct campaign *c)
{
    int64_t m = mvpn_maximum(c->result);
    return m != 0 ? m : mvpn_maximum(c->from);
}

static enum case_answer maximum_of(void *arg, const char *id, const struct case_where *where,
                                   double *value)
{
    (void)where;
    const int64_t *mvpns = arg;
    *value = (double)*mvpns;
    return strcmp(id, "9.1") == 0 ? KNOWN_VALUE : KNOWN_NOT;
}

static int run_cases(struct campaign *c, struct err *err)
{
    json_t *list = json_object_get(c->result, "cases");
    for (size_t i = 0; i < c->setup.case_count; i++) {
        const struct test_case *tc = c->setup.cases[i];
        int64_t m = known_mvpns(c);
        bool needs = case_searched(tc) != PARAM_MVPNS;
        const char *omitted =
            needs && m < 0 ? "9.1 found no number of mVPNs that the DUT holds" : NULL;
        json_t *object = casejob_new(&c->env, tc, omitted);
        json_array_append_new(list, object);
        if (omitted != NULL) {
            progress_line("%s: omitted: %s", case_id(tc), omitted);
            continue;
        }
        struct case_known known = {.searched = maximum_of, .arg = &m};
        case_context_default(&c->env.context, &c->setup.settings);
        c->env.context.known = m > 0 ? &known : NULL;
        note_run(c, object);
        progress_line("%s: %s", case_id(tc), case_title(tc));
        if (casejob_run(&c->env, tc, object, err) != 0)
            return -1;
        output_maxima(object);
        if (output_write(c->dir, c->result, err) != 0)
            return -1;
    }
    return 0;
}

/* Nothing to show for the effort: no case that seeks a maximum got one. */
static bool any_maximum(const json_t *result)
{
    size_t i, k;
    json_t *item, *entry;
    json_array_foreach(json_object_get(result, "cases"), i, item)
    {
        json_array_foreach(json_object_get(item, "maximum"), k, entry)
        {
            if (json_is_integer(json_object_get(entry, "value")))
                return true;
        }
    }
    return false;
}

/* ---- the run ----------------------------------------------------------------------------------
 */

/* NULL with *err when the command line has a word that JSON cannot hold. */
static json_t *make_head(const struct run_options *o, struct err *err)
{
    char stamp[LOOP_WALL_TEXT];
    json_t *argv = json_array();
    for (size_t i = 0; i < o->argc; i++) {
        if (json_array_append_new(argv, json_string(o->argv[i])) == 0)
            continue;
        err_set(err, ERR_USE,
                "word %zu of the command line is not UTF-8, and --resume needs it; "
                "choose another name",
                i);
        json_decref(argv);
        return NULL;
    }
    return json_pack("{s:i,s:s,s:s,s:o}", "journal", 1, "version", MVPN_VERSION, "started",
                     loop_wall_text(stamp), "argv", argv);
}

/* Runs that begin in the same second get names of their own: who makes the directory has it. If it
 * cannot be made, the journal will say why. */
static char *default_dir(void)
{
    char stamp[LOOP_WALL_TEXT];
    char *dir = mem_printf("mvpnbench-run-%s", loop_wall_text(stamp));
    for (unsigned i = 2; mkdir(dir, 0777) != 0 && errno == EEXIST; i++) {
        free(dir);
        dir = mem_printf("mvpnbench-run-%s-%u", stamp, i);
    }
    return dir;
}

static int open_journal(struct campaign *c, struct err *err)
{
    if (c->o->resume != NULL) {
        c->dir = mem_strdup(c->o->resume);
        c->env.journal = journal_resume(c->dir, &c->head, &c->env.done, err);
        return c->env.journal == NULL ? -1 : 0;
    }
    c->head = make_head(c->o, err);
    if (c->head == NULL)
        return -1;
    c->new_dir = c->o->out == NULL || access(c->o->out, F_OK) != 0;
    c->dir = c->o->out != NULL ? mem_strdup(c->o->out) : default_dir();
    c->env.done = json_array();
    c->env.journal = journal_create(c->dir, c->head, err);
    if (c->env.journal == NULL && c->o->out == NULL)
        (void)rmdir(c->dir);
    return c->env.journal == NULL ? -1 : 0;
}

/* A journal that ends with "done" belongs to a run that needs nothing any more. */
static bool already_done(struct campaign *c)
{
    size_t n = json_array_size(c->env.done);
    if (n == 0)
        return false;
    if (json_is_true(json_object_get(json_array_get(c->env.done, n - 1), "done"))) {
        progress_line("%s: the run is complete; its report is %s/report.txt", c->dir, c->dir);
        return true;
    }
    return false;
}

static int run_all(struct campaign *c, struct err *err)
{
    int result = open_world(c, err);
    if (result == 0 && c->o->pcap) {
        c->world.cap_a1 = open_capture(c, "a1", err);
        c->world.cap_a3 = c->world.cap_a1 == NULL ? NULL : open_capture(c, "a3", err);
        result = c->world.cap_a3 == NULL ? -1 : 0;
    }
    if (result == 0)
        result = check_mdt(c, err);
    if (result == 0)
        result = choose_stimuli(c, err);
    c->env.world = &c->world;
    c->env.settings = &c->setup.settings;
    c->env.seed = c->o->seed;
    c->began = result == 0;
    if (result == 0)
        result = run_cases(c, err);
    struct err late = {0};
    if (json_array_size(json_object_get(c->result, "cases")) > 0 &&
        output_write(c->dir, c->result, &late) != 0 && result == 0) {
        *err = late;
        result = -1;
    }
    running_loop = NULL;
    world_close(&c->world);
    return result;
}

static int finish(struct campaign *c, struct err *err)
{
    json_t *done = json_pack("{s:b}", "done", 1);
    int result = journal_add(c->env.journal, done, err);
    json_decref(done);
    if (result != 0)
        return -1;
    size_t not_met = gates_check(&c->gates, c->result);
    if (not_met > 0) {
        err_set(err, ERR_REQUIREMENT, "%zu of %zu requirements are not met", not_met,
                c->gates.count);
        return -1;
    }
    if (!any_maximum(c->result)) {
        err_set(err, ERR_REQUIREMENT, "no case got a value: see %s/report.txt", c->dir);
        return -1;
    }
    return 0;
}

static int prepare(struct campaign *c, struct err *err)
{
    if (run_setup_open(&c->setup, c->o, err) != 0)
        return -1;
    if (c->o->from != NULL && (c->from = output_read(c->o->from, err)) == NULL)
        return -1;
    if (gates_load(&c->gates, c->o->requires, c->o->require_count, err) != 0)
        return -1;
    return open_journal(c, err);
}

/* A run that was refused before it sent anything leaves nothing behind. */
static void discard(const struct campaign *c)
{
    static const char *const files[] = {"journal", "run.log", "a1.pcap", "a3.pcap"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *path = mem_printf("%s/%s", c->dir, files[i]);
        (void)unlink(path);
        free(path);
    }
    if (c->new_dir)
        (void)rmdir(c->dir);
}

static int carry_out(struct campaign *c, struct err *err)
{
    if (already_done(c))
        return 0;
    char *log_path = mem_printf("%s/run.log", c->dir);
    c->log = fopen(log_path, "a");
    free(log_path);
    log_open(c->log, LOG_INFO);
    output_log_host(c->log);
    c->result = output_new(c->head, c->o->seed, c->setup.virtual_clock);
    int result = run_all(c, err);
    if (result == 0)
        result = finish(c, err);
    progress_close();
    if (json_array_size(json_object_get(c->result, "cases")) > 0 && (c->o->json || !c->o->quiet))
        output_print(c->dir, c->result, c->o->json);
    if (err->code == ERR_INTERRUPTED)
        err_prefix(err, "go on with --resume %s", c->dir);
    log_open(NULL, LOG_BUG);
    if (c->log != NULL)
        (void)fclose(c->log);
    if (result != 0 && !c->began && c->o->resume == NULL)
        discard(c);
    return result;
}

static void campaign_free(struct campaign *c)
{
    journal_close(c->env.journal);
    json_decref(c->env.done);
    json_decref(c->from);
    json_decref(c->head);
    json_decref(c->result);
    gates_fini(&c->gates);
    run_setup_close(&c->setup);
    free(c->dir);
}

int campaign_run(const struct run_options *o, struct err *err)
{
    struct campaign *c = mem_zalloc(1, sizeof(*c));
    c->o = o;
    progress_open(o->quiet);
    int result = prepare(c, err);
    if (result == 0)
        result = carry_out(c, err);
    progress_close();
    campaign_free(c);
    free(c);
    return result == 0 ? 0 : (int)err->code;
}
