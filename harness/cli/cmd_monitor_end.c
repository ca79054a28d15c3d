/* mvpnbench gre-end: the GRE program at a router's end of the monitor's tunnels. */
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "mvpnbench/monitor.h"

#include <signal.h>

const struct cli_option gre_end_option_table[] = {
    {"netns", "NS", "network namespace of the interface and the devices (this one)"},
    {"interface", "IF", "the interface on which the tunnels end"},
};
const size_t gre_end_option_count = sizeof(gre_end_option_table) / sizeof(gre_end_option_table[0]);

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

/* The program reads its words itself; here they are held against the table. */
static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    (void)ctx;
    (void)index;
    (void)value;
    (void)err;
    return 0;
}

int cmd_gre_end(int argc, char **argv)
{
    struct err err = {0};
    struct sigaction action = {.sa_handler = on_signal};
    if (options_parse(gre_end_option_table, gre_end_option_count, argc, argv, take, NULL, &err) !=
        0)
        return cli_fail(&err);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    return gre_end_run(argc, argv, &stopped, &err) == 0 ? EXIT_DONE : cli_fail(&err);
}
