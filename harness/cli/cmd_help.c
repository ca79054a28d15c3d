/* mvpnbench help, mvpnbench man: the manual on the terminal, and as pages for man(1). */
#include "emul/base/mem.h"
#include "harness/cli/exit.h"
#include "harness/cli/manual.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option man_option_table[] = {
    {"out", "DIR", "write all pages into this directory, as mvpnbench.1, mvpnbench-run.1, ..."},
};
const size_t man_option_count = sizeof(man_option_table) / sizeof(man_option_table[0]);

struct args {
    const char *command, *out;
};

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct args *a = ctx;
    if (index != OPTION_POSITIONAL) {
        a->out = value;
        return 0;
    }
    if (a->command == NULL && value[0] != '\0') {
        a->command = value;
        return 0;
    }
    err_set(err, ERR_USE, "one command at a time; leave '%.60s' out", value);
    return -1;
}

/* write_named writes the page of that command; NULL: of the program. */
static int write_named(const struct manual_style *style, const char *name, struct err *err)
{
    if (name == NULL) {
        manual_program(stdout, style);
        return 0;
    }
    const struct command *c = command_find(name);
    if (c == NULL) {
        command_unknown(name, err);
        return -1;
    }
    manual_command(stdout, style, c);
    return 0;
}

int cmd_help(int argc, char **argv)
{
    struct args a = {0};
    struct err err = {0};
    if (options_parse(NULL, 0, argc, argv, take, &a, &err) != 0 ||
        write_named(&manual_plain, a.command, &err) != 0)
        return cli_fail(&err);
    return EXIT_DONE;
}

/* ---- pages as files ---------------------------------------------------------------------------
 */

static int write_page(const char *dir, const struct command *c, struct err *err)
{
    char *path = c == NULL ? mem_printf("%s/mvpnbench.1", dir)
                           : mem_printf("%s/mvpnbench-%s.1", dir, c->name);
    FILE *f = fopen(path, "w");
    if (f != NULL && c == NULL)
        manual_program(f, &manual_roff);
    else if (f != NULL)
        manual_command(f, &manual_roff, c);
    bool bad = f == NULL || ferror(f) != 0;
    if (f != NULL && fclose(f) != 0)
        bad = true;
    if (bad)
        err_set(err, ERR_TESTBED, "%s: %s; give a directory that can be written", path,
                strerror(errno));
    free(path);
    return bad ? -1 : 0;
}

static int write_pages(const char *dir, struct err *err)
{
    const struct command *c;
    if (write_page(dir, NULL, err) != 0)
        return -1;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!c->hidden && write_page(dir, c, err) != 0)
            return -1;
    }
    return 0;
}

int cmd_man(int argc, char **argv)
{
    struct args a = {0};
    struct err err = {0};
    int rc = options_parse(man_option_table, man_option_count, argc, argv, take, &a, &err);
    if (rc == 0 && a.out != NULL && (a.command != NULL || a.out[0] == '\0')) {
        err_set(&err, ERR_USE, "man takes a command, or --out DIR for all of them");
        rc = -1;
    }
    if (rc == 0)
        rc = a.out != NULL ? write_pages(a.out, &err) : write_named(&manual_roff, a.command, &err);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
