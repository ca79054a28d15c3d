/* mvpnbench help, mvpnbench man: the manual on the terminal, and as pages for man(1). */
#include "harness/cli/exit.h"
#include "harness/cli/manual.h"

#include <string.h>

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    const char **name = ctx;
    (void)index; /* neither has options */
    if (*name == NULL && value[0] != '\0') {
        *name = value;
        return 0;
    }
    err_set(err, ERR_USE, "one command at a time; leave '%.60s' out", value);
    return -1;
}

static int write_manual(const struct manual_style *style, int argc, char **argv)
{
    const char *name = NULL;
    struct err err = {0};
    if (options_parse(NULL, 0, argc, argv, take, &name, &err) != 0)
        return cli_fail(&err);
    if (name == NULL) {
        manual_program(stdout, style);
        return EXIT_DONE;
    }
    const struct command *c = command_find(name);
    if (c == NULL) {
        command_unknown(name, &err);
        return cli_fail(&err);
    }
    manual_command(stdout, style, c);
    return EXIT_DONE;
}

int cmd_help(int argc, char **argv)
{
    return write_manual(&manual_plain, argc, argv);
}

int cmd_man(int argc, char **argv)
{
    return write_manual(&manual_roff, argc, argv);
}
