#include "harness/case/settings.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 64

/* Commands of the contract (DESIGN B.1, B.8) whose time has not come. */
static const char *const later[] = {"config", "compare", "history"};

static void program_help(FILE *f)
{
    (void)fputs("mvpnbench: how far the multicast-VPN control plane of a PE router scales\n\n"
                "usage: mvpnbench COMMAND [arguments]\n\n",
                f);
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!c->hidden)
            (void)fprintf(f, "  %-8s %s\n", c->name, c->help);
    }
    (void)fputs("\n  mvpnbench COMMAND --help    options and examples of a command\n"
                "  mvpnbench --version\n\n"
                "examples:\n"
                "  mvpnbench run                                 first run: three cases, a minute\n"
                "  mvpnbench run 9.1 --set dut.limits.mvpns=137  a reference PE that holds 137\n"
                "  mvpnbench plan 9.3                            what 9.3 would take\n\n"
                "exit codes: 0 done; 1 requirement not met, or no maximum found; 2 wrong use or\n"
                "configuration; 3 testbed or DUT failure; 4 interrupted, go on with --resume\n",
                f);
}

static void settings_help(FILE *f)
{
    const char *help;
    (void)fputs("\nkeys of --set:\n", f);
    for (size_t i = 0; run_settings_key(i, &help) != NULL; i++)
        (void)fprintf(f, "  %-24s %s\n", run_settings_key(i, &help), help);
}

static int command_help(const struct command *c)
{
    (void)printf("mvpnbench %s: %s\n\nusage: mvpnbench %s %s\n", c->name, c->help, c->name,
                 c->synopsis);
    if (c->options != NULL) {
        (void)fputs("\n", stdout);
        options_help(stdout, c->options, *c->option_count);
    }
    if (c->run == cmd_run || c->run == cmd_plan || c->run == cmd_emulate)
        settings_help(stdout);
    (void)printf("\nexamples:\n%s", c->examples);
    return EXIT_DONE;
}

static bool wants_help(const struct command *c, int argc, char **argv)
{
    for (int i = 1; i < argc && !c->own_help && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

static int unknown_command(const char *word)
{
    struct err err = {0};
    const char *names[NAMES_MAX];
    const struct command *c;
    size_t n = 0;
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (strcmp(later[i], word) == 0)
            err_set(&err, ERR_USE, "the command '%s' does not exist yet in this version", word);
    }
    if (strcmp(word, "test") == 0)
        err_set(&err, ERR_USE, "'test' is a command of the launcher: ./mvpnbench test");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!c->hidden && n < NAMES_MAX)
            names[n++] = c->name;
    }
    err_set(&err, ERR_USE, "unknown command '%.60s'; did you mean '%s'?", word,
            text_nearest(word, names, n));
    return cli_fail(&err);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        program_help(stderr);
        return EXIT_USE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        program_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(word, "--version") == 0) {
        (void)puts("mvpnbench " MVPN_VERSION);
        return EXIT_DONE;
    }
    const struct command *c = command_find(word);
    if (c == NULL)
        return unknown_command(word);
    return wants_help(c, argc - 1, argv + 1) ? command_help(c) : c->run(argc - 1, argv + 1);
}

/* Streams that the caller closed lead nowhere, lest a file of the run gets their number. */
static void open_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        (void)close(fd);
}

/* What was to be printed and could not be is a failure, whatever else went well. */
int main(int argc, char **argv)
{
    open_streams();
    int code = dispatch(argc, argv);
    bool flushed = fflush(stdout) == 0;
    if (flushed && ferror(stdout) == 0)
        return code;
    struct err err = {0};
    err_set(&err, ERR_TESTBED, "standard output: %s",
            flushed ? "not everything could be written" : strerror(errno));
    return code == EXIT_DONE ? cli_fail(&err) : code;
}
