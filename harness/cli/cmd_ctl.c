/* mvpnbench ctl: one command to a running program, and its answer as a table. */
#include "emul/base/mem.h"
#include "harness/cli/commands.h"
#include "harness/cli/control.h"
#include "harness/cli/exit.h"
#include "harness/cli/table.h"

#include <stdlib.h>
#include <string.h>

const struct cli_option ctl_option_table[] = {
    {"socket", "PATH", "where the program listens (the one that runs)"},
    {"json", NULL, "print the answer as JSON"},
};
const size_t ctl_option_count = sizeof(ctl_option_table) / sizeof(ctl_option_table[0]);

enum { OPT_SOCKET, OPT_JSON };

struct ctl_args {
    const char *socket;
    bool json;
    char line[CONTROL_LINE_MAX];
};

static int take_word(struct ctl_args *a, const char *word, struct err *err)
{
    size_t used = strlen(a->line);
    if (used + strlen(word) + 2 > sizeof(a->line) || strpbrk(word, "\n\r") != NULL) {
        err_set(err, ERR_USE, "a command is one line of at most %d bytes", CONTROL_LINE_MAX - 1);
        return -1;
    }
    (void)snprintf(a->line + used, sizeof(a->line) - used, "%s%s", used == 0 ? "" : " ", word);
    return 0;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct ctl_args *a = ctx;
    switch (index) {
    case OPT_SOCKET:
        a->socket = value;
        return 0;
    case OPT_JSON:
        a->json = true;
        return 0;
    default:
        return take_word(a, value, err);
    }
}

/* -1 with *err: none or several run. */
static int choose(const struct ctl_args *a, char path[CONTROL_PATH_MAX], struct err *err)
{
    if (a->socket != NULL) {
        if (strlen(a->socket) >= CONTROL_PATH_MAX) {
            err_set(err, ERR_USE, "--socket %.120s: too long for a local socket", a->socket);
            return -1;
        }
        (void)snprintf(path, CONTROL_PATH_MAX, "%s", a->socket);
        return 0;
    }
    size_t count = control_find(path);
    if (count == 1)
        return 0;
    if (count == 0)
        err_set(err, ERR_TESTBED,
                "nothing runs that takes commands; start `mvpnbench emulate`, or give --socket");
    else
        err_set(err, ERR_USE, "%zu programs take commands, one at %s; say which with --socket",
                count, path);
    return -1;
}

/* ask sends the command, and those that give the rest of a long list; all rows end up in one
 * answer. */
static json_t *ask(int fd, const char *line, struct err *err)
{
    json_t *all = control_ask(fd, line, err);
    const char *next;
    while (all != NULL && (next = json_string_value(json_object_get(all, "next"))) != NULL) {
        json_t *more = control_ask(fd, next, err);
        json_t *rows = json_object_get(all, "rows");
        if (more == NULL || json_array_extend(rows, json_object_get(more, "rows")) != 0) {
            err_set(err, ERR_TESTBED, "the rest of the list did not come");
            json_decref(all);
            all = NULL;
        } else if (json_object_get(more, "next") != NULL) {
            (void)json_object_set(all, "next", json_object_get(more, "next"));
        } else {
            (void)json_object_del(all, "next");
        }
        json_decref(more);
    }
    return all;
}

static int print(const struct ctl_args *a, json_t *answer)
{
    if (a->json) {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
        (void)fputs("\n", stdout);
    }
    if (json_is_true(json_object_get(answer, "ok"))) {
        (void)json_object_del(answer, "ok");
        if (!a->json)
            table_print(stdout, answer);
        return EXIT_DONE;
    }
    struct err err = {0};
    const char *text = json_string_value(json_object_get(answer, "error"));
    bool use = json_integer_value(json_object_get(answer, "code")) == ERR_USE;
    err_set(&err, use ? ERR_USE : ERR_TESTBED, "%s", text == NULL ? "it failed" : text);
    return cli_fail(&err);
}

int cmd_ctl(int argc, char **argv)
{
    struct ctl_args a = {0};
    struct err err = {0};
    char path[CONTROL_PATH_MAX];
    if (options_parse(ctl_option_table, ctl_option_count, argc, argv, take, &a, &err) != 0)
        return cli_fail(&err);
    if (a.line[0] == '\0') {
        err_set(&err, ERR_USE, "ctl needs a command; `mvpnbench ctl help` lists them");
        return cli_fail(&err);
    }
    int fd = choose(&a, path, &err) == 0 ? control_connect(path, &err) : -1;
    json_t *answer = fd < 0 ? NULL : ask(fd, a.line, &err);
    int code = answer == NULL ? cli_fail(&err) : print(&a, answer);
    json_decref(answer);
    return code;
}
