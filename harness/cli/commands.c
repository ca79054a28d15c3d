/* The table of all commands. Their texts are in manual_texts_*.c. */
#include "harness/cli/commands.h"

#include "harness/case/settings.h"
#include "harness/cli/manual.h"

#include <string.h>

#define NAMES_MAX 64

static const struct command commands[] = {
    {.name = "run",
     .run = cmd_run,
     .help = "run test cases, search their maxima, write the report",
     .synopsis = "[CASE...] [options]\n--resume DIR [options]",
     .operand = "CASE",
     .options = run_option_table,
     .option_count = &run_option_count,
     .more = {manual_run_keys, manual_dut_keys}},
    {.name = "plan",
     .run = cmd_plan,
     .help = "what a run would do: instances, packets/s, joins/s, memory, duration",
     .synopsis = "[CASE...] [options of run]",
     .operand = "CASE",
     .options = run_option_table, /* one command line: planned, then run */
     .option_count = &run_option_count,
     .more = {manual_run_keys, manual_dut_keys}},
    {.name = "list", .run = cmd_list, .help = "the cases, with what each varies", .synopsis = ""},
    {.name = "report",
     .run = cmd_report,
     .help = "render a run again, to stdout",
     .synopsis = "DIR [options]",
     .operand = "DIR",
     .options = report_option_table,
     .option_count = &report_option_count},
    {.name = "calibrate",
     .run = cmd_calibrate,
     .help = "what this apparatus can do: packets/s, pacing, time stamps, flows",
     .synopsis = "[options]",
     .options = calibrate_option_table,
     .option_count = &calibrate_option_count},
    {.name = "emulate",
     .run = cmd_emulate,
     .help = "bring an instance's network up and hold it, with live counters",
     .synopsis = "CASE [options]",
     .operand = "CASE",
     .options = emulate_option_table,
     .option_count = &emulate_option_count,
     .more = {manual_run_keys, manual_dut_keys}},
    {.name = "ctl",
     .run = cmd_ctl,
     .help = "a command to a running emulate or monitor, over its local socket",
     .synopsis = "[options] COMMAND...",
     .operand = "CONTROL",
     .options = ctl_option_table,
     .option_count = &ctl_option_count,
     .more = {manual_ctl_commands}},
    {.name = "refpe",
     .run = cmd_refpe,
     .help = "the reference PE as a process on real interfaces",
     .synopsis = "--interface-c IF --interface-p IF --control PATH [options]",
     .options = refpe_option_table,
     .option_count = &refpe_option_count,
     .more = {manual_dut_keys}},
    {.name = "compare",
     .run = cmd_compare,
     .help = "runs side by side: what fell, what rose, what may not be compared",
     .synopsis = "DIR DIR [DIR...] [options]",
     .operand = "DIR",
     .options = compare_option_table,
     .option_count = &compare_option_count},
    {.name = "history",
     .run = cmd_history,
     .help = "results over firmware versions, in a database: lists, plots, the build that fell",
     .synopsis = "[list] --db FILE [options]\n"
                 "import DIR|FILE... --db FILE\n"
                 "show VARIABLE|QUANTITY --db FILE [options]\n"
                 "first-fall [VARIABLE|QUANTITY] --db FILE [options]\n"
                 "delete RUN --db FILE",
     .operand = "list|import|show|first-fall|delete|DIR|FILE",
     .options = history_option_table,
     .option_count = &history_option_count},
    {.name = "decode",
     .run = cmd_decode,
     .help = "print a capture through our decoders",
     .synopsis = "FILE",
     .operand = "FILE"},
    {.name = "fsm",
     .run = cmd_fsm,
     .help = "print a protocol state machine",
     .synopsis = "[NAME] [options]",
     .operand = "MACHINE",
     .options = fsm_option_table,
     .option_count = &fsm_option_count},
    {.name = "predict",
     .run = cmd_predict,
     .help = "signalling load of PIM and BGP between PEs by RFC 6517, Appendix A",
     .synopsis = "[options]",
     .options = predict_option_table,
     .option_count = &predict_option_count},
    {.name = "monitor",
     .run = cmd_monitor,
     .help = "loss and delay between the PEs of multicast VPNs, through tunnels to them",
     .synopsis = "FILE [options]",
     .operand = "FILE",
     .options = monitor_option_table,
     .option_count = &monitor_option_count},
    {.name = "oneway",
     .run = cmd_oneway,
     .help = "one-way loss by inference from multicast copies (MINC)",
     .synopsis = "A|B|C FILE [--quiet] [--json]\n"
                 "captures --root CAP --leaf NAME=CAP --leaf NAME=CAP [options]\n"
                 "simulate --config A|B|C --loss P1,P2,P3 --pps N --seconds N [options]\n"
                 "reflect FILE [--count-only] [--json]",
     .operand = "A|B|C|captures|simulate|reflect|FILE",
     .options = oneway_option_table,
     .option_count = &oneway_option_count},
    {.name = "marking",
     .run = cmd_marking,
     .help = "loss and delay of marked flows between points, block by block (RFC 9341)",
     .synopsis = "FILE [options]",
     .operand = "FILE",
     .options = marking_option_table,
     .option_count = &marking_option_count},
    {.name = "help",
     .run = cmd_help,
     .help = "what a command does, its options and examples",
     .synopsis = "[COMMAND]",
     .operand = "COMMAND"},
    {.name = "man",
     .run = cmd_man,
     .help = "the same as a manual page",
     .synopsis = "[COMMAND]\n--out DIR",
     .operand = "COMMAND",
     .options = man_option_table,
     .option_count = &man_option_count},
    {.name = "completion",
     .run = cmd_completion,
     .help = "completion of the command line for a shell",
     .synopsis = "bash|zsh|fish",
     .operand = "bash|zsh|fish"},
    {.name = "mti",
     .run = cmd_mti,
     .help = "GRE program of the FRR PE",
     .synopsis = "--netns NS --interface IF --source ADDR --mtu BYTES [options] NS=GROUP...",
     .operand = "NS=GROUP",
     .options = mti_option_table,
     .option_count = &mti_option_count,
     .hidden = true},
    {.name = "gre-end",
     .run = cmd_gre_end,
     .help = "GRE program at a router's end of tunnels",
     .synopsis = "--interface IF [options] TUNNEL...",
     .operand = "TUNNEL",
     .options = gre_end_option_table,
     .option_count = &gre_end_option_count,
     .hidden = true},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Commands of the contract (DESIGN B.1, B.8) whose time has not come. */
static const char *const later[] = {"config"};

const struct command *command_at(size_t n)
{
    return n < COMMANDS ? &commands[n] : NULL;
}

const struct command *command_find(const char *name)
{
    size_t n = 0;
    while (n < COMMANDS && strcmp(commands[n].name, name) != 0)
        n++;
    return command_at(n);
}

void command_unknown(const char *word, struct err *err)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (strcmp(later[i], word) == 0)
            err_set(err, ERR_USE, "the command '%s' does not exist yet in this version", word);
    }
    if (strcmp(word, "test") == 0)
        err_set(err, ERR_USE, "'test' is a command of the launcher: ./mvpnbench test");
    for (size_t i = 0; i < COMMANDS; i++) {
        if (!commands[i].hidden && n < NAMES_MAX)
            names[n++] = commands[i].name;
    }
    err_set(err, ERR_USE, "unknown command '%.60s'; did you mean '%s'?", word,
            text_nearest(word, names, n));
}
