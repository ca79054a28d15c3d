/*
 * The subcommands. One table in commands.c lists them; each is one cmd_*.c.
 */
#ifndef MVPN_CLI_COMMANDS_H
#define MVPN_CLI_COMMANDS_H

#include "harness/cli/options.h"

#include <stdbool.h>
#include <stddef.h>

/* A command gets its own name as argv[0] and returns the exit code. */
typedef int command_fn(int argc, char **argv);

/* A section of the manual (harness/cli/manual.h). */
struct manual_style;
typedef void manual_more_fn(FILE *f, const struct manual_style *style);

struct command {
    const char *name;
    command_fn *run;
    const char *help;     /* one line */
    const char *synopsis; /* what stands behind the name; one line each form */
    const struct cli_option *options;
    const size_t *option_count;
    const char *operand;     /* what its arguments are, as an option's value; NULL: it takes none */
    manual_more_fn *more[2]; /* further sections of its manual (manual.h) */
    bool hidden;             /* started by the program itself, not by users */
};

/* command_at returns the n-th command, NULL behind the last; command_find NULL for no such name. */
const struct command *command_at(size_t n);
const struct command *command_find(const char *name);

/* command_unknown says in *err which command was perhaps meant. */
void command_unknown(const char *word, struct err *err);

extern const struct cli_option run_option_table[], report_option_table[], fsm_option_table[],
    oneway_option_table[], marking_option_table[], predict_option_table[];
extern const size_t run_option_count, report_option_count, fsm_option_count, oneway_option_count,
    marking_option_count, predict_option_count;

extern const struct cli_option emulate_option_table[], ctl_option_table[];
extern const size_t emulate_option_count, ctl_option_count;

extern const struct cli_option compare_option_table[];
extern const size_t compare_option_count;

extern const struct cli_option history_option_table[];
extern const size_t history_option_count;

extern const struct cli_option calibrate_option_table[];
extern const size_t calibrate_option_count;

extern const struct cli_option monitor_option_table[], refpe_option_table[], mti_option_table[],
    gre_end_option_table[], man_option_table[];
extern const size_t monitor_option_count, refpe_option_count, mti_option_count,
    gre_end_option_count, man_option_count;

int cmd_run(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_calibrate(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_fsm(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_refpe(int argc, char **argv);
int cmd_mti(int argc, char **argv);
int cmd_marking(int argc, char **argv);
int cmd_oneway(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_emulate(int argc, char **argv);
int cmd_ctl(int argc, char **argv);
int cmd_monitor(int argc, char **argv);
int cmd_gre_end(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_man(int argc, char **argv);
int cmd_completion(int argc, char **argv);

#endif
