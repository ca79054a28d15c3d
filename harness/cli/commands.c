/* The table of all commands. */
#include "harness/cli/commands.h"

#include <string.h>

static const struct command commands[] = {
    {.name = "run",
     .run = cmd_run,
     .help = "run test cases, search their maxima, write the report",
     .synopsis = "[CASE...] [options]   (CASE: 9.1 9.3 10.1 or 'all'; without: these three on the\n"
                 "       reference PE with the shipped profile small)",
     .examples = "  mvpnbench run\n"
                 "  mvpnbench run 9.1 --steady-only --set dut.limits.mvpns=137\n"
                 "  mvpnbench run 9.1 --stimulus p-link-flap --timing quick --pcap --out r1\n"
                 "  mvpnbench run 9.1 9.3 --dut frr --set search.max=8\n",
     .options = run_option_table,
     .option_count = &run_option_count},
    {.name = "plan",
     .run = cmd_plan,
     .help = "what a run would do: instances, packets/s, joins/s, memory, duration",
     .synopsis = "CASE... [options of run]",
     .examples = "  mvpnbench plan 9.3 --set case.mvpns=100\n"
                 "  mvpnbench plan all --timing quick\n",
     .options = run_option_table, /* one command line: planned, then run */
     .option_count = &run_option_count},
    {.name = "calibrate",
     .run = cmd_calibrate,
     .help = "what this apparatus can do: packets/s, pacing, time stamps, flows",
     .synopsis = "[options]   (without --testbed: over a veth pair, as root)",
     .examples = "  mvpnbench calibrate\n"
                 "  mvpnbench calibrate --testbed tb.yaml --out this-host.json\n",
     .options = calibrate_option_table,
     .option_count = &calibrate_option_count},
    {.name = "list",
     .run = cmd_list,
     .help = "the cases, with what each varies",
     .synopsis = "",
     .examples = "  mvpnbench list\n"},
    {.name = "emulate",
     .run = cmd_emulate,
     .help = "bring an instance's network up and hold it, with live counters",
     .synopsis = "CASE [options]   (commands by `mvpnbench ctl` while it is held)",
     .examples = "  mvpnbench emulate 9.1 --value 10 --dut frr\n"
                 "  mvpnbench emulate 9.3 --dut lab.yaml --testbed tb.yaml --no-configure\n"
                 "  mvpnbench emulate 9.1 --seconds 60 --script steps.txt --json\n",
     .options = emulate_option_table,
     .option_count = &emulate_option_count},
    {.name = "ctl",
     .run = cmd_ctl,
     .help = "a command to a running program, over its local socket",
     .synopsis = "[options] COMMAND...   (`help` lists what the program knows)",
     .examples = "  mvpnbench ctl show\n"
                 "  mvpnbench ctl show flows 1\n"
                 "  mvpnbench ctl group 1 2 off\n"
                 "  mvpnbench ctl --json window 10\n",
     .options = ctl_option_table,
     .option_count = &ctl_option_count},
    {.name = "refpe",
     .run = cmd_refpe,
     .help = "the reference PE as a process on real interfaces",
     .synopsis = "...",
     .examples = "  mvpnbench refpe --help\n",
     .own_help = true},
    {.name = "report",
     .run = cmd_report,
     .help = "render a run again, to stdout",
     .synopsis = "DIR [options]",
     .examples = "  mvpnbench report r1\n"
                 "  mvpnbench report r1 --format json\n"
                 "  mvpnbench report r1 --require '9.1:Num_mVPN>=400'\n",
     .options = report_option_table,
     .option_count = &report_option_count},
    {.name = "decode",
     .run = cmd_decode,
     .help = "print a capture through our decoders",
     .synopsis = "FILE",
     .examples = "  mvpnbench decode r1/a3.pcap\n"},
    {.name = "fsm",
     .run = cmd_fsm,
     .help = "print a protocol state machine",
     .synopsis = "[NAME] [options]   (without NAME: which there are)",
     .examples = "  mvpnbench fsm pim-downstream\n"
                 "  mvpnbench fsm pim-upstream --format dot\n",
     .options = fsm_option_table,
     .option_count = &fsm_option_count},
    {.name = "monitor",
     .run = cmd_monitor,
     .help = "loss and delay between the PEs of multicast VPNs, through tunnels to them",
     .synopsis = "FILE [options]   (commands by `mvpnbench ctl` while it runs)",
     .examples = "  mvpnbench monitor vpns.yaml\n"
                 "  mvpnbench monitor vpns.yaml --seconds 60 --json\n",
     .options = monitor_option_table,
     .option_count = &monitor_option_count},
    {.name = "marking",
     .run = cmd_marking,
     .help = "loss and delay of marked flows between points, block by block (RFC 9341)",
     .synopsis = "FILE [options]",
     .examples = "  mvpnbench marking points.yaml\n"
                 "  mvpnbench marking points.yaml --json\n",
     .options = marking_option_table,
     .option_count = &marking_option_count},
    {.name = "predict",
     .run = cmd_predict,
     .help = "signalling load of PIM and BGP between PEs by RFC 6517, Appendix A",
     .synopsis = "[options]",
     .examples = "  mvpnbench predict --pe 500 --receivers 10 --lifetime 3600\n"
                 "  mvpnbench predict --pe 100 --receivers 50 --groups 33 --sources 2 --json\n",
     .options = predict_option_table,
     .option_count = &predict_option_count},
    {.name = "oneway",
     .run = cmd_oneway,
     .help = "one-way loss by inference from multicast copies (MINC)",
     .synopsis = "A|B|C FILE | captures ... | simulate ... | reflect FILE",
     .examples =
         "  mvpnbench oneway simulate --config A --loss 0.001,0.01,0.01 --pps 11000 --seconds 60\n"
         "  mvpnbench oneway captures --root sent.pcap --leaf r2=r2.pcap --leaf r3=r3.pcap\n",
     .options = oneway_option_table,
     .option_count = &oneway_option_count},
    {.name = "mti",
     .run = cmd_mti,
     .help = "GRE program of the FRR PE",
     .own_help = true,
     .hidden = true},
    {.name = "gre-end",
     .run = cmd_gre_end,
     .help = "GRE program at a router's end of tunnels",
     .own_help = true,
     .hidden = true},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

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
