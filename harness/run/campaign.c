#include "harness/run/campaign.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/loop/loop.h"
#include "harness/case/values.h"
#include "harness/run/gate.h"
#include "harness/run/jobs.h"
#include "harness/run/offer.h"
#include "harness/run/output.h"
#include "harness/run/progress.h"
#include "harness/run/revive.h"
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
    struct world_params params;
    struct campaign_env env;
    struct throughput load;
    struct calibration calibration;
    struct gates gates;
    struct jobs jobs;
    json_t *from; /* the earlier run of --from, or NULL */
    json_t *done; /* entries of the journal that is resumed, as they stand in it */
    json_t *head, *result;
};

/* ---- world and stimuli ---- */

/* The largest value of a parameter in the instances of a case, as far as can be told before. */
static uint64_t most_of(const struct run_settings *s, const struct test_case *tc, enum case_param p)
{
    struct case_context context;
    struct case_point *points = NULL;
    struct search_bounds bounds;
    size_t count = 0;
    char why[CASE_WHY_MAX];
    uint64_t most = 1;
    case_context_default(&context, s);
    bool known = case_points(tc, &context, &points, &count, why);
    for (size_t i = 0; known && i < count; i++) {
        uint64_t v = (uint64_t)points[i].values.v[p];
        if (case_searched(tc) == p && case_bounds(tc, &context, &points[i], &bounds, NULL) == 0)
            v = bounds.max;
        most = v > most ? v : most;
    }
    free(points);
    if (!known && s->param[p].count > 0)
        return (uint64_t)s->param[p].values[s->param[p].count - 1];
    return known ? most : param_default_max(p);
}

static uint32_t max_c_links(const struct campaign *c)
{
    uint64_t links = 1;
    for (size_t i = 0; i < c->setup.case_count; i++) {
        uint64_t n = most_of(&c->setup.settings, c->setup.cases[i], PARAM_MVPNS) *
                     most_of(&c->setup.settings, c->setup.cases[i], PARAM_C_INTERFACES);
        links = n > links ? n : links;
    }
    return (uint32_t)(links < 64000 ? links : 64000);
}

/* Where time goes on behind the instances of a resumed run: they stand in the journal in the
 * order of their times where that matters, with --pcap. */
static struct instant resumed_at(const struct campaign *c)
{
    struct instant at = {0};
    size_t i;
    json_t *entry;
    json_array_foreach(c->done, i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "id")), THROUGHPUT_ID) != 0)
            at.ns = entry_end_ns(entry, at.ns);
    }
    return at;
}

static int open_world(struct campaign *c, struct err *err)
{
    c->env.mtu = c->setup.mtu;
    c->env.addr = c->setup.testbed == NULL ? NULL : &c->setup.testbed->addr;
    c->params =
        (struct world_params){.driver = c->setup.driver,
                              .dut_settings = &c->setup.dut_settings,
                              .profile = c->setup.profile == NULL ? NULL : c->setup.profile->tree,
                              .testbed = c->setup.testbed == NULL ? NULL : c->setup.testbed->tree,
                              .settings = &c->setup.settings,
                              .virtual_clock = c->setup.virtual_clock,
                              .start = resumed_at(c),
                              .seed = c->o->seed,
                              .mtu = c->env.mtu,
                              .max_c_links = max_c_links(c),
                              .force = c->o->force,
                              .interrupted = &interrupted};
    c->env.params = &c->params;
    if (world_open(&c->world, &c->params, err) != 0)
        return -1;
    c->world.dir = c->dir;
    running_loop = c->world.loop;
    return 0;
}

static struct capture *open_capture(struct campaign *c, const char *port, struct err *err)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "%s_bytes", port);
    size_t n = json_array_size(c->done);
    uint64_t keep =
        n == 0
            ? 0
            : (uint64_t)json_integer_value(json_object_get(json_array_get(c->done, n - 1), name));
    char *path = mem_printf("%s/%s.pcap", c->dir, port);
    struct capture *cap = capture_open(path, keep, err);
    free(path);
    return cap;
}

static int open_captures(struct campaign *c, struct err *err)
{
    c->world.cap_a1 = open_capture(c, "a1", err);
    c->world.cap_a3 = c->world.cap_a1 == NULL ? NULL : open_capture(c, "a3", err);
    return c->world.cap_a3 == NULL ? -1 : 0;
}

/* ---- the load (draft 6.5) ---- */

/* On the virtual clock trials take time that the run's own world does not know of. */
static int measure_load(struct campaign *c, struct err *err)
{
    struct throughput_params params = {
        .mtu = c->env.mtu,
        .seed = c->o->seed,
        .addr = c->env.addr,
        .cap_pps = c->env.calibration == NULL ? 0 : c->env.calibration->both_pps};
    struct world own, *w = &c->world;
    if (c->setup.virtual_clock) {
        struct world_params from_0 = c->params;
        from_0.start = (struct instant){0};
        if (world_open(&own, &from_0, err) != 0)
            return -1;
        w = &own;
    }
    running_loop = w->loop;
    int result = throughput_measure(w, &params, &c->load, err);
    if (result == 0) {
        json_t *entry = throughput_entry(&c->load, w);
        result = journal_add(c->env.journal, entry, err);
        json_decref(entry);
    }
    running_loop = c->world.loop;
    if (w == &own)
        world_close(&own);
    return result;
}

static int find_load(struct campaign *c, struct err *err)
{
    const json_t *entry = json_object_get(c->env.entries, THROUGHPUT_ID);
    if (c->setup.settings.traffic_load <= 0)
        return 0;
    c->env.load = &c->load;
    if (entry == NULL)
        return measure_load(c, err);
    if (throughput_of_entry(entry, &c->load))
        return 0;
    err_set(err, ERR_USE, "the journal's %s is damaged; start the run anew", THROUGHPUT_ID);
    return -1;
}

/* ---- the cases ---- */

/* Points are run in processes of their own where nothing ties them together: no capture, no DUT
 * but the one in memory. */
static unsigned workers_of(const struct campaign *c)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = c->o->jobs != 0 ? c->o->jobs : cpus > 1 ? (unsigned)cpus : 1;
    return c->setup.virtual_clock && !c->o->pcap && n > 1 ? n : 0;
}

/* For who watches; what the journal has is behind us. */
static struct forecast *foresee(const struct campaign *c)
{
    if (!progress_detailed())
        return NULL;
    int64_t now_ns = loop_steady_ns();
    struct forecast *f = forecast_new(&c->setup, c->o, c->from, now_ns);
    size_t i;
    json_t *entry;
    json_array_foreach(c->done, i, entry) forecast_entry(f, entry, NULL, now_ns);
    progress_campaign(forecast_total, f);
    return f;
}

static int run_cases(struct campaign *c, struct err *err)
{
    json_t *deviations = offer_deviations(&c->env, &c->setup);
    jobs_init(&c->jobs, &c->env, c->setup.cases, c->setup.case_count, c->result, c->from);
    c->jobs.dir = c->dir;
    c->jobs.virtual_clock = c->setup.virtual_clock;
    c->jobs.workers = workers_of(c);
    c->jobs.deviations = deviations;
    c->jobs.forecast = foresee(c);
    int result = jobs_run(&c->jobs, err);
    progress_campaign(NULL, NULL);
    forecast_free(c->jobs.forecast);
    jobs_fini(&c->jobs);
    json_decref(deviations);
    return result;
}

/* Nothing to show for the effort: there are cases that seek a maximum, and none got one. */
static bool in_vain(const struct run_setup *s, const json_t *result)
{
    size_t i, k;
    json_t *item, *entry;
    bool sought = false;
    for (i = 0; i < s->case_count; i++)
        sought |= case_kind(s->cases[i]) == CASE_SEARCH;
    json_array_foreach(json_object_get(result, "cases"), i, item)
    {
        json_array_foreach(json_object_get(item, "maximum"), k, entry)
        {
            if (json_is_integer(json_object_get(entry, "value")))
                return false;
        }
    }
    return sought;
}

/* ---- the run ---- */

/* NULL with *err when the command line has a word that JSON cannot hold. */
static json_t *make_head(const struct run_options *o, struct err *err)
{
    char stamp[LOOP_WALL_TEXT];
    json_t *argv = json_array();
    for (size_t i = 0; i < o->argc; i++) {
        if (json_array_append_new(argv, json_string(o->argv[i])) == 0)
            continue;
        err_set(
            err, ERR_USE,
            "word %zu of the command line is not UTF-8, and --resume needs it; choose another name",
            i);
        json_decref(argv);
        return NULL;
    }
    return json_pack("{s:i,s:s,s:s,s:o}", "journal", 1, "version", MVPN_VERSION, "started",
                     loop_wall_text(stamp), "argv", argv);
}

/* Runs that begin in the same second get names of their own: who makes the directory has it. If
 * it cannot be made, the journal will say why. */
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
        c->env.journal = journal_resume(c->dir, &c->head, &c->done, err);
        return c->env.journal == NULL ? -1 : 0;
    }
    c->head = make_head(c->o, err);
    if (c->head == NULL)
        return -1;
    c->new_dir = c->o->out == NULL || access(c->o->out, F_OK) != 0;
    c->dir = c->o->out != NULL ? mem_strdup(c->o->out) : default_dir();
    c->done = json_array();
    c->env.journal = journal_create(c->dir, c->head, err);
    if (c->env.journal == NULL && c->o->out == NULL)
        (void)rmdir(c->dir);
    return c->env.journal == NULL ? -1 : 0;
}

/* A journal that ends with "done" belongs to a run that needs nothing any more. */
static bool already_done(struct campaign *c)
{
    size_t n = json_array_size(c->done);
    if (n == 0)
        return false;
    if (json_is_true(json_object_get(json_array_get(c->done, n - 1), "done"))) {
        progress_line("%s: the run is complete; its report is %s/report.txt", c->dir, c->dir);
        return true;
    }
    return false;
}

static int run_all(struct campaign *c, struct err *err)
{
    int result = open_world(c, err);
    c->env.world = &c->world;
    c->env.settings = &c->setup.settings;
    c->env.seed = c->o->seed;
    if (result == 0 && c->o->pcap)
        result = open_captures(c, err);
    if (result == 0)
        result = offer_take(&c->env, &c->setup, c->o, err);
    c->began = result == 0;
    if (result == 0 && c->o->resume != NULL)
        result = revive_known_state(&c->world, err);
    if (result == 0)
        result = find_load(c, err);
    if (result == 0)
        result = run_cases(c, err);
    running_loop = NULL;
    world_close(&c->world);
    return result;
}

/* The run is done when its reports are written: a run that is killed before writes them again. */
static int finish(struct campaign *c, const struct report_input *in, struct err *err)
{
    json_t *done = json_pack("{s:b}", "done", 1);
    int result = output_write_all(in, err);
    if (result == 0)
        result = journal_add(c->env.journal, done, err);
    json_decref(done);
    if (result != 0)
        return -1;
    gates_say(&c->gates);
    return 0;
}

/* What the exit code says of a run that is done. */
static int judge(const struct campaign *c, size_t not_met, struct err *err)
{
    if (not_met > 0)
        err_set(err, ERR_REQUIREMENT, "%zu of %zu requirements are not met", not_met,
                c->gates.count);
    else if (in_vain(&c->setup, c->result))
        err_set(err, ERR_REQUIREMENT, "no case got a value: see %s/report.txt", c->dir);
    return err->code == ERR_NONE ? 0 : -1;
}

/* Says that the result is whole. What the exit code says of the run itself goes before. */
static int tell(const struct campaign *c, int result, struct err *err)
{
    struct err late = {0};
    if (c->o->complete == NULL || c->o->complete(c->o->complete_arg, c->dir, &late) == 0)
        return result;
    if (result != 0)
        err_prefix(err, "%.400s; and", late.text);
    else
        *err = late;
    return -1;
}

/* The end of a run, however it came: what there is is written and shown. */
static int conclude(struct campaign *c, int result, struct err *err)
{
    struct err late = {0};
    size_t not_met = result == 0 ? gates_judge(&c->gates, c->result) : 0;
    char *unfinished =
        result == 0 ? NULL : output_unfinished(c->dir, json_object_size(c->env.entries), NULL);
    const struct report_input in = {.result = c->result,
                                    .dir = c->dir,
                                    .unfinished = unfinished,
                                    .verdicts = c->gates.verdicts,
                                    .verdict_count = result == 0 ? c->gates.count : 0};
    bool any = json_array_size(json_object_get(c->result, "cases")) > 0;
    if (result == 0)
        result = finish(c, &in, err);
    else if (any)
        (void)output_write_all(&in, &late); /* why the run ended is what matters */
    progress_rest();
    if (any && (c->o->json || !c->o->quiet))
        output_print(&in, c->o->json);
    free(unfinished);
    return result == 0 ? tell(c, judge(c, not_met, err), err) : result;
}

static json_t *by_id(const json_t *done)
{
    json_t *entries = json_object();
    size_t i;
    json_t *entry;
    json_array_foreach(done, i, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "id"));
        if (id != NULL)
            json_object_set(entries, id, entry);
    }
    return entries;
}

/* What the apparatus can do bounds runs on the real clock; the virtual one has no such limits. */
static int load_calibration(struct campaign *c, struct err *err)
{
    const char *path = c->setup.settings.calibration;
    if (path[0] == '\0')
        return 0;
    if (calibration_load(path, &c->calibration, err) != 0)
        return -1;
    if (!c->setup.virtual_clock)
        c->env.calibration = &c->calibration;
    return 0;
}

static int prepare(struct campaign *c, struct err *err)
{
    if (run_setup_open(&c->setup, c->o, err) != 0)
        return -1;
    if (load_calibration(c, err) != 0)
        return -1;
    if (c->o->from != NULL && (c->from = output_read(c->o->from, err)) == NULL)
        return -1;
    if (gates_load(&c->gates, c->o->requires, c->o->require_count, err) != 0)
        return -1;
    if (open_journal(c, err) != 0)
        return -1;
    c->env.entries = by_id(c->done);
    return 0;
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
        return tell(c, 0, err);
    char *log_path = mem_printf("%s/run.log", c->dir);
    c->log = fopen(log_path, "a");
    free(log_path);
    log_open(c->log, LOG_INFO);
    output_log_host(c->log);
    c->result = output_new(c->head, c->o->seed, c->setup.virtual_clock);
    int result = conclude(c, run_all(c, err), err);
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
    json_decref(c->done);
    json_decref(c->env.entries);
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
    if (o->json && !o->quiet)
        progress_open_json();
    else
        progress_open(o->quiet);
    int result = prepare(c, err);
    if (result == 0)
        result = carry_out(c, err);
    progress_end(result == 0 ? 0 : (int)err->code, c->dir, result == 0 ? NULL : err->text);
    progress_close();
    campaign_free(c);
    free(c);
    return result == 0 ? 0 : (int)err->code;
}
