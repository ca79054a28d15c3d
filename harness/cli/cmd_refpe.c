/* mvpnbench refpe: the reference PE as a process on real interfaces. */
#include "emul/io/pktport.h"
#include "emul/refpe/refpe.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/dut/refpe_ctl.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define C_PORTS_MAX 64
/* With --once: how long the driver that started the process may take to connect. */
#define OWNER_WAIT_NS (30 * NS_PER_S)

const struct cli_option refpe_option_table[] = {
    {"interface-c", "IF", "C-facing interface: a trunk, or one C-interface each (repeatable)"},
    {"interface-p", "IF", "P-facing interface"},
    {"netns", "NS", "named network namespace of the interfaces; default: this one"},
    {"control", "PATH", "local socket by which the PE is configured and read"},
    {"set", "dut.KEY=VALUE", "a limit, cost or fault (repeatable); keys below"},
    {"force", NULL, "accept an interface that carries the host's default route"},
    {"once", NULL, "end when the first client of the socket goes, or when none comes"},
};
const size_t refpe_option_count = sizeof(refpe_option_table) / sizeof(refpe_option_table[0]);

enum { OPT_C, OPT_P, OPT_NETNS, OPT_CONTROL, OPT_SET, OPT_FORCE, OPT_ONCE };

struct refpe_args {
    const char *c[C_PORTS_MAX];
    size_t c_count;
    const char *p, *netns, *control;
    bool force, once;
    struct refpe_settings settings;
};

struct refpe_process {
    struct loop *loop;
    struct port *c[C_PORTS_MAX], *p;
    struct refpe *pe;
    struct refpe_ctl_server *control;
};

static struct loop *running;

static void on_signal(int unused)
{
    (void)unused;
    if (running != NULL)
        loop_stop(running);
}

static int take_set(struct refpe_args *a, const char *text, struct err *err)
{
    const char *equal = strchr(text, '=');
    char key[128];
    if (equal == NULL || strncmp(text, "dut.", 4) != 0) {
        err_set(err, ERR_USE, "--set %.80s: write dut.KEY=VALUE", text);
        return -1;
    }
    (void)snprintf(key, sizeof(key), "%.*s", (int)(equal - text - 4), text + 4);
    return refpe_settings_set(&a->settings, key, equal + 1, err);
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct refpe_args *a = ctx;
    switch (index) {
    case OPT_C:
        if (a->c_count == C_PORTS_MAX) {
            err_set(err, ERR_USE, "--interface-c: at most %d", C_PORTS_MAX);
            return -1;
        }
        a->c[a->c_count++] = value;
        return 0;
    case OPT_P:
        a->p = value;
        return 0;
    case OPT_NETNS:
        a->netns = value;
        return 0;
    case OPT_CONTROL:
        a->control = value;
        return 0;
    case OPT_SET:
        return take_set(a, value, err);
    case OPT_FORCE:
        a->force = true;
        return 0;
    case OPT_ONCE:
        a->once = true;
        return 0;
    default:
        err_set(err, ERR_USE, "refpe takes options only; leave '%.60s' out", value);
        return -1;
    }
}

static struct port *open_port(struct refpe_process *p, const struct refpe_args *a,
                              const char *ifname, struct err *err)
{
    struct pktport_params params = {
        .name = ifname, .ifname = ifname, .netns = a->netns, .force = a->force};
    return pktport_open(p->loop, &params, err);
}

static int set_up(struct refpe_process *p, const struct refpe_args *a, struct err *err)
{
    p->loop = loop_new_real();
    p->pe = refpe_new(p->loop, &a->settings, 0);
    for (size_t i = 0; i < a->c_count; i++) {
        p->c[i] = open_port(p, a, a->c[i], err);
        if (p->c[i] == NULL)
            return -1;
        refpe_port_c(p->pe, p->c[i]);
    }
    p->p = open_port(p, a, a->p, err);
    if (p->p == NULL)
        return -1;
    refpe_port_p(p->pe, p->p);
    p->control = refpe_ctl_listen(p->loop, p->pe, a->control, err);
    return p->control == NULL ? -1 : 0;
}

static void tear_down(struct refpe_process *p)
{
    refpe_ctl_server_free(p->control);
    refpe_free(p->pe);
    for (size_t i = 0; i < C_PORTS_MAX; i++)
        port_free(p->c[i]);
    port_free(p->p);
    loop_free(p->loop);
}

static void serve(struct refpe_process *p, bool once)
{
    struct sigaction action = {.sa_handler = on_signal};
    running = p->loop;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct instant until = INSTANT_NEVER;
    if (once)
        until = instant_add(loop_now(p->loop), OWNER_WAIT_NS);
    bool stopped = loop_run(p->loop, until);
    if (!stopped && refpe_ctl_has_client(p->control))
        (void)loop_run(p->loop, INSTANT_NEVER);
    running = NULL;
}

int cmd_refpe(int argc, char **argv)
{
    struct refpe_args a = {0};
    struct refpe_process p = {0};
    struct err err = {0};
    refpe_settings_default(&a.settings);
    if (options_parse(refpe_option_table, refpe_option_count, argc, argv, take, &a, &err) != 0)
        return cli_fail(&err);
    if (a.c_count == 0 || a.p == NULL || a.control == NULL) {
        err_set(&err, ERR_USE, "refpe needs --interface-c, --interface-p and --control");
        return cli_fail(&err);
    }
    int result = set_up(&p, &a, &err);
    if (result == 0)
        serve(&p, a.once);
    tear_down(&p);
    return result == 0 ? EXIT_DONE : cli_fail(&err);
}
