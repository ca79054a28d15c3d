#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/cli/manual.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --help and -h anywhere before "--", also where an option's value is due. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

static int dispatch(int argc, char **argv)
{
    struct err err = {0};
    if (argc < 2) {
        manual_program(stderr, &manual_plain);
        return EXIT_USE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        manual_program(stdout, &manual_plain);
        return EXIT_DONE;
    }
    if (strcmp(word, "--version") == 0) {
        (void)puts("mvpnbench " MVPN_VERSION);
        return EXIT_DONE;
    }
    const struct command *c = command_find(word);
    if (c == NULL) {
        command_unknown(word, &err);
        return cli_fail(&err);
    }
    if (!wants_help(argc - 1, argv + 1))
        return c->run(argc - 1, argv + 1);
    manual_command(stdout, &manual_plain, c);
    return EXIT_DONE;
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
