/* mvpnbench gre-end: the GRE program at a router's end of the monitor's tunnels. */
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "mvpnbench/monitor.h"

#include <signal.h>

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

int cmd_gre_end(int argc, char **argv)
{
    struct err err = {0};
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    return gre_end_run(argc, argv, &stopped, &err) == 0 ? EXIT_DONE : cli_fail(&err);
}
