/* mvpnbench history: results over firmware versions, in a database. */
#include "emul/base/mem.h"
#include "harness/case/values.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/history/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPERANDS_MAX 4096
#define WHERE_MAX    32

enum {
    OPT_DB,
    OPT_DUT,
    OPT_CASE,
    OPT_STIMULUS,
    OPT_WHERE,
    OPT_TOLERANCE,
    OPT_FORMAT,
    HISTORY_OPTIONS
};

const struct cli_option history_option_table[] = {
    [OPT_DB] = {"db", "FILE", "the database; import makes it where there is none"},
    [OPT_DUT] = {"dut", "NAME", "this DUT only"},
    [OPT_CASE] = {"case", "C", "this test case only"},
    [OPT_STIMULUS] = {"stimulus", "S", "steady, or the name of a stimulus"},
    [OPT_WHERE] = {"where", "KEY=VALUE", "a point of the sweep or a condition (repeatable)"},
    [OPT_TOLERANCE] = {"tolerance", "N|N%", "forgiven amount or share (0); never below the spread"},
    [OPT_FORMAT] = {"format", "text|html|csv|json", "rendering (text)"},
};
const size_t history_option_count = HISTORY_OPTIONS;

struct history_args {
    const char *db, *command;
    const char *operands[OPERANDS_MAX], *where[WHERE_MAX];
    size_t operand_count;
    struct history_filter filter;
    struct history_tolerance tolerance;
    enum answer_format format;
};

typedef int history_command(const struct history_args *a, struct history *h, struct err *err);

/* ---- the commands -----------------------------------------------------------------------------
 */

static int print_answer(const struct history_args *a, json_t *answer, struct err *err)
{
    int rc = answer == NULL ? -1 : answer_print(stdout, answer, a->format, err);
    json_decref(answer);
    return rc;
}

/* Paths go to a terminal as they are but for what would steer it. */
static void print_path(const char *path)
{
    for (; *path != '\0'; path++)
        (void)putchar((unsigned char)*path < 0x20 || *path == 0x7f ? '?' : *path);
}

/* Each run is a transaction of its own: what went well before an error stays. */
static int do_import(const struct history_args *a, struct history *h, struct err *err)
{
    for (size_t i = 0; i < a->operand_count; i++) {
        bool already;
        int64_t run = history_import_file(h, a->operands[i], &already, err);
        if (run < 0)
            return -1;
        print_path(a->operands[i]);
        (void)printf(already ? ": already there as run %lld; nothing changed\n"
                             : ": imported as run %lld\n",
                     (long long)run);
        (void)fflush(stdout);
    }
    return 0;
}

static int do_list(const struct history_args *a, struct history *h, struct err *err)
{
    return print_answer(a, answer_runs(h, a->filter.dut, err), err);
}

static int do_show(const struct history_args *a, struct history *h, struct err *err)
{
    struct history_filter f = a->filter;
    f.quantity = a->operands[0];
    return print_answer(a, answer_lines(h, &f, &a->tolerance, err), err);
}

/* Without a quantity: every maximum, every recovery time and every delay. */
static int do_first_fall(const struct history_args *a, struct history *h, struct err *err)
{
    struct history_filter f = a->filter;
    f.quantity = a->operand_count == 0 ? NULL : a->operands[0];
    f.judged = a->operand_count == 0;
    json_t *answer = answer_falls(h, &f, &a->tolerance, err);
    size_t fell = json_array_size(json_object_get(answer, "falls"));
    int rc = print_answer(a, answer, err);
    if (rc == 0 && fell > 0) {
        err_set(err, ERR_REQUIREMENT, "%zu lines have a build that fell", fell);
        rc = -1;
    }
    return rc;
}

static int do_delete(const struct history_args *a, struct history *h, struct err *err)
{
    char *end;
    errno = 0;
    long long run = strtoll(a->operands[0], &end, 10);
    if (end == a->operands[0] || *end != '\0' || errno != 0 || run < 1) {
        err_set(err, ERR_USE, "delete %.60s: the number of a run must stand here; `list` shows it",
                a->operands[0]);
        return -1;
    }
    if (history_delete(h, run, err) != 0)
        return -1;
    (void)printf("run %lld is deleted; what it was imported from is untouched\n", run);
    return 0;
}

static const struct {
    const char *name;
    history_command *run;
    enum history_mode mode;
    size_t least, most; /* operands */
    const char *operands;
} commands[] = {
    {"list", do_list, HISTORY_READ, 0, 0, "takes no further words"},
    {"import", do_import, HISTORY_WRITE, 1, OPERANDS_MAX, "needs directories or result.json files"},
    {"show", do_show, HISTORY_READ, 1, 1, "needs one variable or quantity, or 'maximum'"},
    {"first-fall", do_first_fall, HISTORY_READ, 0, 1, "takes one variable or quantity at most"},
    {"delete", do_delete, HISTORY_WRITE, 1, 1, "needs the number of one run"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* ---- arguments --------------------------------------------------------------------------------
 */

static int take_operand(struct history_args *a, const char *value, struct err *err)
{
    if (a->command == NULL) {
        a->command = value;
        return 0;
    }
    if (a->operand_count == OPERANDS_MAX) {
        err_set(err, ERR_USE, "more than %d arguments; give fewer at once", OPERANDS_MAX);
        return -1;
    }
    a->operands[a->operand_count++] = value;
    return 0;
}

static int take_where(struct history_args *a, const char *value, struct err *err)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || a->filter.where_count == WHERE_MAX) {
        err_set(err, ERR_USE, "--where=%.60s: KEY=VALUE must stand here, at most %d times", value,
                WHERE_MAX);
        return -1;
    }
    a->where[a->filter.where_count++] = value;
    return 0;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct history_args *a = ctx;
    int ix;
    switch (index) {
    case OPTION_POSITIONAL:
        return take_operand(a, value, err);
    case OPT_DB:
        a->db = value;
        return 0;
    case OPT_DUT:
        a->filter.dut = value;
        return 0;
    case OPT_CASE:
        a->filter.case_id = value;
        return 0;
    case OPT_STIMULUS:
        a->filter.stimulus = value;
        return 0;
    case OPT_WHERE:
        return take_where(a, value, err);
    case OPT_TOLERANCE:
        return history_tolerance_read(value, &a->tolerance, err);
    default:
        ix = value_word("--format", value, "text|html|csv|json", err);
        a->format = ix < 0 ? ANSWER_TEXT : (enum answer_format)ix;
        return ix < 0 ? -1 : 0;
    }
}

static int find_command(const struct history_args *a, size_t *which, struct err *err)
{
    const char *names[COMMANDS];
    for (*which = 0; *which < COMMANDS; ++*which) {
        names[*which] = commands[*which].name;
        if (a->command != NULL && strcmp(a->command, names[*which]) != 0)
            continue;
        if (a->operand_count >= commands[*which].least && a->operand_count <= commands[*which].most)
            return 0;
        err_set(err, ERR_USE, "history %s %s", names[*which], commands[*which].operands);
        return -1;
    }
    err_set(err, ERR_USE, "history knows no '%.60s'; did you mean '%s'?", a->command,
            text_nearest(a->command, names, COMMANDS));
    return -1;
}

int cmd_history(int argc, char **argv)
{
    struct history_args *a = mem_zalloc(1, sizeof(*a));
    struct history *h = NULL;
    struct err err = {0};
    size_t which = 0;
    a->filter.where = a->where;
    int rc = options_parse(history_option_table, HISTORY_OPTIONS, argc, argv, take, a, &err);
    if (rc == 0)
        rc = find_command(a, &which, &err);
    if (rc == 0 && (a->db == NULL || a->db[0] == '\0')) {
        err_set(&err, ERR_USE, "history needs its database: --db FILE");
        rc = -1;
    }
    if (rc == 0)
        rc = (h = history_open(a->db, commands[which].mode, &err)) == NULL ? -1 : 0;
    if (rc == 0)
        rc = commands[which].run(a, h, &err);
    history_close(h);
    free(a);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
