/* The life of a network that is held: built, brought up, joined, sending; withdrawn at the end. */
#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/io/port.h"
#include "harness/cli/cmd_emulate.h"
#include "harness/cli/table.h"
#include "harness/run/dutcall.h"
#include "harness/run/measure.h"
#include "harness/run/output.h"
#include "harness/run/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_NS           (NS_PER_S / 5)
#define POLL_VIRTUAL_NS   NS_PER_S
#define SCREEN_NS         NS_PER_S
#define LINE_NS           (5 * NS_PER_S)
#define LINE_VIRTUAL_NS   (60 * NS_PER_S)
#define WITHDRAW_LIMIT_NS (10 * NS_PER_S)

static volatile sig_atomic_t interrupted;
static struct loop *running_loop;

static void on_signal(int signo)
{
    (void)signo;
    interrupted = 1;
    if (running_loop != NULL)
        loop_stop(running_loop);
}

/* The first signal ends it in good order, a second one at once. */
static void catch_signals(void)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
}

const char *emulate_phase_name(enum emulate_phase p)
{
    static const char *const names[] = {[EMULATE_BRING_UP] = "bring-up",
                                        [EMULATE_JOINING] = "joining",
                                        [EMULATE_UP] = "up",
                                        [EMULATE_ENDING] = "ending"};
    return names[p];
}

double emulate_held_s(const struct emulate *e)
{
    if (e->phase < EMULATE_UP)
        return 0;
    return (double)instant_diff(loop_now(e->world.loop), e->held) / 1e9;
}

/* ---- the instance ---------------------------------------------------------------------------- */

/* The first point of the case's sweep, and the value there that was asked for. */
static int choose_value(struct emulate *e, struct err *err)
{
    const struct test_case *tc = e->setup.cases[0];
    struct case_point *points = NULL;
    struct search_bounds bounds = {0};
    size_t count = 0;
    char why[CASE_WHY_MAX] = "it has no instance";
    int result = -1;
    if (case_points(tc, &e->context, &points, &count, why) && count > 0) {
        e->point = points[0];
        e->value = e->args->value;
        result = case_bounds(tc, &e->context, &e->point, &bounds, err);
        if (e->value == 0)
            e->value = bounds.min;
    } else {
        err_set(err, ERR_USE, "%s cannot be held: %s", case_id(tc), why);
    }
    free(points);
    return result;
}

/* What --from knows, and the numbers of the instance as far as no testbed decides them. */
static int choose_instance(struct emulate *e, struct err *err)
{
    const char *from = e->args->run.o.from;
    if (e->setup.settings.traffic_load > 0) {
        err_set(err, ERR_USE,
                "traffic.load needs the idle throughput, which a run measures; give "
                "traffic.rate_pps");
        return -1;
    }
    if (from != NULL && (e->from = output_read(from, err)) == NULL)
        return -1;
    case_context_default(&e->context, &e->setup.settings);
    known_init(&e->known, NULL, e->from);
    e->context.known = &e->known.answers;
    if (choose_value(e, err) != 0)
        return -1;
    struct case_try t = {.value = e->value};
    e->spec.mtu = e->setup.mtu;
    return case_instance(e->setup.cases[0], &e->context, &e->point, &t, &e->spec, &e->values, err);
}

static int open_captures(struct emulate *e, struct err *err)
{
    const char *dir = e->args->run.o.out;
    if (!e->args->run.o.pcap)
        return 0;
    if (dir != NULL && mkdir(dir, 0777) != 0 && errno != EEXIST) {
        err_set(err, ERR_USE, "--out %s cannot be made; choose a place that can be written", dir);
        return -1;
    }
    char *a1 = mem_printf("%s/a1.pcap", dir == NULL ? "." : dir);
    char *a3 = mem_printf("%s/a3.pcap", dir == NULL ? "." : dir);
    e->world.cap_a1 = capture_open(a1, 0, err);
    e->world.cap_a3 = e->world.cap_a1 == NULL ? NULL : capture_open(a3, 0, err);
    free(a1);
    free(a3);
    return e->world.cap_a3 == NULL ? -1 : 0;
}

static int open_world(struct emulate *e, struct err *err)
{
    const struct run_setup *s = &e->setup;
    struct world_params params = {
        .driver = s->driver,
        .dut_settings = &s->dut_settings,
        .profile = s->profile == NULL ? NULL : s->profile->tree,
        .testbed = s->testbed == NULL ? NULL : s->testbed->tree,
        .settings = &s->settings,
        .virtual_clock = s->virtual_clock,
        .seed = e->args->run.o.seed,
        .mtu = s->mtu,
        .max_c_links = e->spec.mvpns * e->spec.c_interfaces,
        .force = e->args->run.o.force,
        .interrupted = &interrupted,
    };
    if (world_open(&e->world, &params, err) != 0)
        return -1;
    e->world_open = true;
    running_loop = e->world.loop;
    return 0;
}

/* The instance as a run would have it on this testbed. */
static int fit_instance(struct emulate *e, struct err *err)
{
    struct dut *d = &e->world.dut;
    struct campaign_env env = {.world = &e->world,
                               .settings = &e->setup.settings,
                               .seed = e->args->run.o.seed,
                               .mtu = e->setup.mtu,
                               .addr = e->setup.testbed == NULL ? NULL : &e->setup.testbed->addr};
    struct measure_point at = {&env, e->setup.cases[0], &e->context, &e->point};
    struct instance_request q;
    if (measure_request(&at, (struct case_try){.value = e->value}, &q, err) != 0)
        return -1;
    e->spec = q.spec;
    e->values = q.values;
    return d->driver->fits(d, &e->spec, err) ? 0 : -1;
}

/* ---- up -------------------------------------------------------------------------------------- */

static int call_configure(struct dut *d, void *arg, struct err *err)
{
    return d->driver->configure(d, arg, err);
}

static int call_unconfigure(struct dut *d, void *arg, struct err *err)
{
    (void)arg;
    return d->driver->unconfigure(d, err);
}

static int build(struct emulate *e, struct err *err)
{
    struct world *w = &e->world;
    if (!e->args->no_configure) {
        progress_step("configuring the DUT");
        e->configured = true;
        if (dut_call(w->loop, &w->dut, call_configure, &e->spec, err) != 0)
            return -1;
    }
    w->dut.driver->ports(&w->dut, &e->ports);
    for (size_t i = 0; i < e->ports.a1_count; i++)
        port_set_capture(e->ports.a1[i], w->cap_a1);
    port_set_capture(e->ports.a3, w->cap_a3);
    struct emul_ports ports = {e->ports.a1, e->ports.a1_count, e->ports.a3};
    e->emul = emul_new(w->loop, &ports, &e->spec, err);
    if (e->emul == NULL)
        return -1;
    emul_live_start(e->emul);
    e->held = loop_now(w->loop);
    emul_start(e->emul);
    return 0;
}

static int listen_for_commands(struct emulate *e, struct err *err)
{
    char path[CONTROL_PATH_MAX];
    if (e->setup.virtual_clock)
        return 0;
    if (e->args->control == NULL) {
        control_sweep();
        control_default_path(path);
    }
    const char *at = e->args->control == NULL ? path : e->args->control;
    e->control = control_listen(e->world.loop, at, &e->table, err);
    if (e->control == NULL)
        return -1;
    progress_line("control socket: %s", at);
    return 0;
}

static bool ending(const struct emulate *e)
{
    return e->stop || world_interrupted(&e->world);
}

/* The pace at which the operator is told. */
static int64_t screen_ns(const struct emulate *e)
{
    if (e->setup.virtual_clock)
        return LINE_VIRTUAL_NS;
    return isatty(STDOUT_FILENO) == 1 ? SCREEN_NS : LINE_NS;
}

/* go_on lets time pass until done says so, at most to limit; false when it did not. */
static bool go_on(struct emulate *e, bool (*done)(struct emulate *e), struct instant limit)
{
    struct loop *loop = e->world.loop;
    int64_t poll_ns = e->setup.virtual_clock ? POLL_VIRTUAL_NS : POLL_NS;
    struct instant next = loop_now(loop);
    while (!ending(e)) {
        struct instant now = loop_now(loop);
        if (done(e))
            return true;
        if (!instant_before(now, limit))
            return false;
        if (!instant_before(now, next)) {
            emulate_screen(e);
            next = instant_add(now, screen_ns(e));
        }
        struct instant until = instant_min(limit, instant_add(now, poll_ns));
        (void)world_wait(&e->world, instant_diff(until, now));
    }
    return false;
}

static bool is_up(struct emulate *e)
{
    struct emul_bringup up;
    emul_bringup_get(e->emul, &up);
    return up.complete;
}

static bool has_joined(struct emulate *e)
{
    return emul_joined_once(e->emul);
}

static bool never(struct emulate *e)
{
    (void)e;
    return false;
}

/* How long it may take to come up: as long as the operator likes, unless an end was given. */
static struct instant setup_limit(const struct emulate *e)
{
    if (e->args->seconds <= 0)
        return INSTANT_NEVER;
    return instant_add(loop_now(e->world.loop),
                       (int64_t)(e->setup.settings.timing.setup_limit_s * 1e9));
}

static int come_up(struct emulate *e, struct err *err)
{
    struct instant limit = setup_limit(e);
    if (!go_on(e, is_up, limit)) {
        struct emul_bringup up;
        emul_bringup_get(e->emul, &up);
        if (!ending(e))
            err_set(err, ERR_TESTBED, "not up within %g s: waiting for %s",
                    e->setup.settings.timing.setup_limit_s, up.waiting_for);
        return ending(e) ? 0 : -1;
    }
    emulate_say(e, "up: receivers join");
    e->phase = EMULATE_JOINING;
    emul_join(e->emul);
    if (!go_on(e, has_joined, limit)) {
        if (!ending(e))
            err_set(err, ERR_TESTBED, "joins could not be sent within %g s",
                    e->setup.settings.timing.setup_limit_s);
        return ending(e) ? 0 : -1;
    }
    if (!e->args->no_traffic)
        emul_live_traffic(e->emul, true);
    emulate_say(e, "joined%s", e->args->no_traffic ? "" : ": sources send");
    e->phase = EMULATE_UP;
    e->held = loop_now(e->world.loop);
    return 0;
}

static void hold(struct emulate *e)
{
    struct instant limit = INSTANT_NEVER;
    if (e->phase != EMULATE_UP || ending(e))
        return;
    if (e->args->seconds > 0)
        limit = instant_add(e->held, (int64_t)(e->args->seconds * 1e9));
    emul_health_reset(e->emul);
    emulate_script_start(e);
    (void)go_on(e, never, limit);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void print_result(const struct emulate *e, json_t *result)
{
    if (e->args->run.o.json) {
        (void)json_dumpf(result, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
        (void)fputs("\n", stdout);
    } else if (!e->args->run.o.quiet) {
        (void)json_object_del(result, "commands");
        table_print(stdout, result);
    }
    json_decref(result);
}

static void withdraw(struct emulate *e)
{
    struct loop *loop = e->world.loop;
    struct instant limit = instant_add(loop_now(loop), WITHDRAW_LIMIT_NS);
    e->phase = EMULATE_ENDING;
    progress_line("withdrawing");
    emul_withdraw(e->emul);
    while (!emul_withdrawn(e->emul) && instant_before(loop_now(loop), limit))
        world_run_to(&e->world, instant_add(loop_now(loop), NS_PER_S / 10));
}

/* Whatever happened: nothing stays on the wire or in the DUT. */
static int take_down(struct emulate *e, struct err *err)
{
    int result = 0;
    emulate_script_stop(e);
    emulate_window_cancel(e);
    json_t *seen = e->emul == NULL || e->phase != EMULATE_UP ? NULL : emulate_result(e);
    if (e->emul != NULL)
        withdraw(e);
    control_free(e->control);
    emul_free(e->emul);
    e->control = NULL;
    e->emul = NULL;
    if (e->configured)
        result = dut_call(e->world.loop, &e->world.dut, call_unconfigure, NULL, err);
    loop_urgent(false);
    running_loop = NULL;
    if (seen != NULL)
        print_result(e, seen);
    return result;
}

int emulate_run(struct emulate *e, struct err *err)
{
    if (choose_instance(e, err) != 0 || open_world(e, err) != 0)
        return -1;
    catch_signals();
    int result = fit_instance(e, err) != 0 || open_captures(e, err) != 0 || build(e, err) != 0 ||
                         listen_for_commands(e, err) != 0
                     ? -1
                     : 0;
    if (result == 0) {
        loop_urgent(!e->setup.virtual_clock);
        result = come_up(e, err);
    }
    if (result == 0)
        hold(e);
    struct err late = {0};
    if (take_down(e, result == 0 ? err : &late) != 0)
        result = -1;
    world_close(&e->world);
    return result;
}
