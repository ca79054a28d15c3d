/* mvpnbench monitor: the MVPN monitor, run by its file and by `mvpnbench ctl`. */
#include "emul/loop/loop.h"
#include "harness/case/values.h"
#include "harness/cli/commands.h"
#include "harness/cli/control.h"
#include "harness/cli/exit.h"
#include "harness/run/progress.h"
#include "mvpnbench/monitor.h"
#include "reports/reports.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SCREEN_NS  NS_PER_S
#define LINE_NS    (10 * NS_PER_S)
#define LEAD_NS    NS_PER_S /* the monitor joins first, then it sends */
#define HEAD_LINES 5u
#define COMMANDS   32u

enum { OPT_HTTP, OPT_DB, OPT_SECONDS, OPT_CONTROL, OPT_JSON };

const struct cli_option monitor_option_table[] = {
    [OPT_HTTP] = {"http", "ADDR", "serve a page there (does not exist yet)"},
    [OPT_DB] = {"db", "FILE", "keep figures in a database (does not exist yet)"},
    [OPT_SECONDS] = {"seconds", "N", "end after N seconds of probes (with Ctrl-C)"},
    [OPT_CONTROL] = {"control", "PATH",
                     "local socket for `mvpnbench ctl` (one in $XDG_RUNTIME_DIR)"},
    [OPT_JSON] = {"json", NULL, "print the matrix as JSON at the end"},
};
const size_t monitor_option_count = sizeof(monitor_option_table) / sizeof(monitor_option_table[0]);

struct args {
    const char *file, *control;
    double seconds; /* 0: until Ctrl-C */
    bool json;
};

struct session {
    struct args args;
    struct loop *loop;
    struct monitor *monitor;
    struct control_command commands[COMMANDS];
    struct control_table table;
    struct control *control;
    struct instant begin;
    size_t anomalies_said;
};

static volatile sig_atomic_t interrupted;
static struct loop *running;

static void on_signal(int number_)
{
    (void)number_;
    interrupted = 1;
    loop_stop(running);
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct args *a = ctx;
    switch (index) {
    case OPT_HTTP:
    case OPT_DB:
        err_set(err, ERR_USE, "--%s does not exist yet in this version",
                monitor_option_table[index].name);
        return -1;
    case OPT_SECONDS:
        return value_number("--seconds", value, 0.001, 1e9, &a->seconds, err) ? 0 : -1;
    case OPT_CONTROL:
        a->control = value;
        return 0;
    case OPT_JSON:
        a->json = true;
        return 0;
    default:
        break;
    }
    if (a->file != NULL) {
        err_set(err, ERR_USE, "monitor takes one file; leave '%.60s' out", value);
        return -1;
    }
    a->file = value;
    return 0;
}

/* ---- commands -------------------------------------------------------------------------------- */

static json_t *command(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    struct session *s = arg;
    (void)call;
    return monitor_command(s->monitor, argc, argv, err);
}

static int listen_for_commands(struct session *s, struct err *err)
{
    char path[CONTROL_PATH_MAX];
    const struct monitor_command_text *t;
    size_t n = 0;
    for (; n < COMMANDS && (t = monitor_command_text(n)) != NULL; n++)
        s->commands[n] = (struct control_command){t->name, t->args, t->help, command};
    s->table = (struct control_table){s->commands, n, s};
    if (s->args.control == NULL) {
        control_sweep();
        control_default_path(path);
    }
    const char *at = s->args.control == NULL ? path : s->args.control;
    s->control = control_listen(s->loop, at, &s->table, err);
    if (s->control == NULL)
        return -1;
    progress_line("control socket: %s", at);
    return 0;
}

/* ---- what the operator sees ------------------------------------------------------------------ */

static double elapsed(const struct session *s)
{
    return (double)instant_diff(loop_now(s->loop), s->begin) / 1e9;
}

static bool on_terminal(const struct session *s)
{
    return !s->args.json && isatty(STDOUT_FILENO) == 1;
}

static size_t screen_rows(void)
{
    struct winsize ws;
    size_t rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 ? ws.ws_row : 0;
    return rows > HEAD_LINES + 10 ? rows - HEAD_LINES - 5 : 15;
}

static void full_screen(struct session *s)
{
    struct monitor_totals all;
    size_t room = screen_rows(), seen = monitor_anomalies(s->monitor);
    monitor_totals_get(s->monitor, &all);
    json_t *result = monitor_result(s->monitor, room);
    (void)json_object_del(result, "tunnels");
    (void)json_object_del(result, "anomalies");
    (void)printf("\033[H\033[J%s: %.0f s, %llu pairs, %zu anomalies\n"
                 "Ctrl-C ends, `mvpnbench ctl help` lists commands\n\n",
                 s->args.file, elapsed(s), (unsigned long long)all.pairs, seen);
    monitor_print(stdout, result);
    if (all.pairs > room)
        (void)printf("... and %llu more\n", (unsigned long long)(all.pairs - room));
    for (size_t i = seen > 3 ? seen - 3 : 0; i < seen; i++)
        (void)printf("! %s\n", monitor_anomaly_text(s->monitor, i));
    (void)fflush(stdout);
    json_decref(result);
}

static void one_line(struct session *s)
{
    struct monitor_totals all;
    monitor_totals_get(s->monitor, &all);
    progress_line("%9.1f s  %llu pairs: %llu sent, %llu lost", elapsed(s),
                  (unsigned long long)all.pairs, (unsigned long long)all.sent,
                  (unsigned long long)all.lost);
}

static void say_anomalies(struct session *s)
{
    size_t n = monitor_anomalies(s->monitor);
    for (; s->anomalies_said < n && !on_terminal(s); s->anomalies_said++)
        progress_line("%9.1f s  %s", elapsed(s),
                      monitor_anomaly_text(s->monitor, s->anomalies_said));
}

/* ---- life ------------------------------------------------------------------------------------ */

static void hold(struct session *s)
{
    struct instant screen = s->begin, end = INSTANT_NEVER;
    if (s->args.seconds > 0)
        end = instant_add(s->begin, LEAD_NS + (int64_t)(s->args.seconds * 1e9));
    while (!monitor_done(s->monitor)) {
        struct instant now = loop_now(s->loop);
        if (interrupted != 0 || !instant_before(now, end))
            monitor_finish(s->monitor);
        if (!instant_before(now, screen)) {
            if (on_terminal(s))
                full_screen(s);
            else if (screen.ns != s->begin.ns)
                one_line(s);
            screen = instant_add(now, on_terminal(s) ? SCREEN_NS : LINE_NS);
        }
        say_anomalies(s);
        struct instant until = instant_add(now, NS_PER_S / 5);
        (void)loop_run(s->loop, instant_before(now, end) ? instant_min(until, end) : until);
    }
    say_anomalies(s);
}

static int run(struct session *s, struct err *err)
{
    struct sigaction action = {.sa_handler = on_signal};
    s->begin = loop_now(s->loop);
    s->monitor = monitor_open(s->loop, s->args.file, err);
    if (s->monitor == NULL || listen_for_commands(s, err) != 0)
        return -1;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    loop_urgent(true);
    hold(s);
    loop_urgent(false);
    json_t *result = monitor_result(s->monitor, SIZE_MAX);
    if (s->args.json)
        report_json_value(stdout, result);
    else
        monitor_print(stdout, result);
    json_decref(result);
    return 0;
}

int cmd_monitor(int argc, char **argv)
{
    static struct session s;
    struct err err = {0};
    if (options_parse(monitor_option_table, monitor_option_count, argc, argv, take, &s.args,
                      &err) != 0)
        return cli_fail(&err);
    if (s.args.file == NULL) {
        err_set(&err, ERR_USE, "monitor needs a file: mvpnbench monitor FILE");
        return cli_fail(&err);
    }
    progress_open(false);
    s.loop = running = loop_new_real();
    int rc = run(&s, &err);
    control_free(s.control);
    monitor_close(s.monitor);
    loop_free(s.loop);
    progress_close();
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
