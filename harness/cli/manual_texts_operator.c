/* Texts of the manual: the operator's side, the manual itself, programs that others start. */
#include "harness/cli/manual.h"

static const struct manual_row none[] = {{0}};

static const struct manual_row exits_tables[] = {
    {"0", "done"},
    {"2", "wrong use or wrong configuration"},
    {"3", "the output could not be written"},
    {0},
};

static const struct manual_row exits_live[] = {
    {"0", "done; Ctrl-C is an orderly end"},
    {"2", "wrong use, or something wrong in FILE (FILE:LINE:COL)"},
    {"3", "interfaces or other hosts failed, or the output could not be written"},
    {0},
};

/* ---- predict, monitor -------------------------------------------------------------------------
 */

static const char predict_about[] =
    "Computes how many messages, times equipment that handles them, the signalling of one tree "
    "takes over its life with PIM on the MI-PMSI and with BGP through route reflectors, event by "
    "event, as RFC 6517 does in its Appendix A; then the sum over all trees.";

static const struct manual_row predict_examples[] = {
    {"mvpnbench predict --pe 500 --receivers 10 --lifetime 3600", "500 PEs, 10 of which join"},
    {"mvpnbench predict --pe 100 --receivers 50 --groups 33 --sources 2 --json",
     "99 trees, as data"},
    {"mvpnbench predict --pe 100 --rr 4 --clusters 2", "four reflectors in two clusters"},
    {0},
};

static const char monitor_about[] =
    "Measures from one host the loss and delay that a customer of a multicast VPN would see "
    "between "
    "any two PEs. It sends probes through a tunnel to one PE into the default MDT of the VPN, and "
    "joins that group through the tunnels to the others. It needs root, or CAP_NET_RAW and "
    "CAP_NET_ADMIN. FILE names address, tunnels, vpns and tasks (docs/monitor.md):\n\n"
    "    address: 192.0.2.1\n"
    "    tunnels: [{name: PE1, remote: 192.0.2.11}, {name: PE2, remote: 192.0.2.12}]\n"
    "    vpns: [{name: red, group: 239.192.0.1}]\n"
    "    tasks: [{vpn: red, senders: [PE1], receivers: [PE2], rate_pps: 10}]\n\n"
    "While it runs it takes the commands of `mvpnbench ctl`.";

static const struct manual_row monitor_files[] = {
    {"$XDG_RUNTIME_DIR/mvpnbench-UID-PID.ctl", "its control socket; else in $TMPDIR, else in /tmp"},
    {0},
};

static const struct manual_row monitor_examples[] = {
    {"mvpnbench monitor vpns.yaml", "a table, until Ctrl-C"},
    {"mvpnbench monitor vpns.yaml --seconds 60 --json", "a minute, then the matrix as JSON"},
    {"mvpnbench ctl pairs red", "from another shell: the pairs of the VPN red"},
    {0},
};

/* ---- oneway, marking --------------------------------------------------------------------------
 */

static const char oneway_about[] =
    "Infers the loss of each link of a multicast tree from which copies of a probe arrive where "
    "(MINC), so that the way to a router and the way back are told apart.\n\n"
    "A, B and C measure live with the tunnels of FILE (docs/oneway.md): A with a second host that "
    "runs `reflect FILE --count-only`, B with counters of a router behind, C with a second host "
    "that runs `reflect FILE`. `captures` computes the same from capture files with probes of the "
    "bench, of two or more leaves. `simulate` draws losses and says how well they are found.\n\n"
    "--interval and --aggregate take the estimator that knows only counts an interval, not which "
    "probes arrived.";

static const struct manual_row oneway_examples[] = {
    {"mvpnbench oneway simulate --config A --loss 0.001,0.01,0.01 --pps 1000 --seconds 60",
     "how well such losses are found in a minute"},
    {"mvpnbench oneway captures --root sent.pcap --leaf r2=r2.pcap --leaf r3=r3.pcap",
     "three links, from what was sent and what two leaves received"},
    {"mvpnbench oneway C links.yaml --json", "live, at the first host"},
    {"mvpnbench oneway reflect links.yaml", "live, at the second host"},
    {0},
};

static const char marking_about[] =
    "Compares, block by block, how many marked packets of a flow passed one point and the next "
    "(alternate marking, RFC 9341 and 9342), and gives loss and delay of each segment. FILE names "
    "flows, mark, block, clock, points and segments (docs/marking.md); a point is a capture, an "
    "interface, a command that prints counters, or a table of nftables. With captures alone it "
    "ends at their ends; else after `seconds` of FILE, or with Ctrl-C:\n\n"
    "    flows: [{name: tv1, group: 239.1.1.1}]\n"
    "    mark: {field: dscp, mask: 4}\n"
    "    block: {seconds: 10, origin: 0}\n"
    "    points: [{name: in, capture: in.pcap}, {name: out, capture: out.pcap}]";

static const struct manual_row marking_examples[] = {
    {"mvpnbench marking points.yaml", "tables of the segments"},
    {"mvpnbench marking points.yaml --json", "the same as data, with every block"},
    {"mvpnbench marking points.yaml --quiet", "without progress on stderr"},
    {0},
};

/* ---- help, man, completion --------------------------------------------------------------------
 */

static const char help_about[] =
    "Prints what `mvpnbench COMMAND --help` prints: what the command does, its options and keys, "
    "exit codes, files and examples. Without a command: the program, and which commands there are.";

static const struct manual_row help_examples[] = {
    {"mvpnbench help", "the commands"},
    {"mvpnbench help run", "all of run"},
    {"mvpnbench help run | grep search", "keys of the search"},
    {0},
};

static const char man_about[] =
    "Prints the manual page of the program, or of a command, as source in the macros of man(7): "
    "for `man -l -`, or for a file that is installed. It has the same content as `mvpnbench help`. "
    "With --out it writes the pages of all commands.";

static const struct manual_row man_examples[] = {
    {"mvpnbench man run | man -l -", "read the page of run"},
    {"mvpnbench man --out .", "all pages, into this directory"},
    {"mvpnbench man plan | head -n 20", "its source"},
    {0},
};

static const char completion_about[] =
    "Prints a script that completes commands, options, their values, cases, DUTs, stimuli, keys of "
    "--set, files and directories, for `mvpnbench` and for the launcher `./mvpnbench`. It holds "
    "the cases and profiles that there are when it is printed.\n\n"
    "bash: put the first example's line into ~/.bashrc. zsh: write it into a file _mvpnbench in a "
    "directory of $fpath. fish: write it to ~/.config/fish/completions/mvpnbench.fish.";

static const struct manual_row completion_examples[] = {
    {"eval \"$(mvpnbench completion bash)\"", "bash, in this shell"},
    {"mvpnbench completion zsh > _mvpnbench", "zsh"},
    {"mvpnbench completion fish > mvpnbench.fish", "fish"},
    {0},
};

/* ---- programs that others start ---------------------------------------------------------------
 */

static const char mti_about[] =
    "Started by the driver of --dut frr: it carries the packets of each VPN's namespace in GRE to "
    "the groups of the default and data MDTs. A byte on its standard input asks for its counters; "
    "the end of it ends the program.";

static const struct manual_row mti_examples[] = {
    {"mvpnbench mti --netns pe --interface p0 --source 192.0.2.1 --mtu 1476 v1=239.192.0.1",
     "one VPN in the namespace v1"},
    {0},
};

static const char gre_end_about[] =
    "Started where a router has no GRE of its own: one TUN device a tunnel, each with delays that "
    "can be set. TUNNEL is name=IF,local=ADDR,remote=ADDR,inner=ADDR/LEN[,out=MS][,in=MS]. It "
    "prints `ready`; lines `NAME OUT_MS IN_MS` on standard input change delays, its end ends the "
    "program.";

static const struct manual_row gre_end_examples[] = {
    {"mvpnbench gre-end --interface p0 name=t1,local=192.0.2.11,remote=192.0.2.1,inner=10.1.1.1/30",
     "one tunnel, without delay"},
    {0},
};

const struct command_text manual_texts_operator[] = {
    {"predict", predict_about, exits_tables, none, predict_examples, "run"},
    {"monitor", monitor_about, exits_live, monitor_files, monitor_examples, "ctl oneway marking"},
    {"oneway", oneway_about, exits_live, none, oneway_examples, "monitor marking"},
    {"marking", marking_about, exits_live, none, marking_examples, "monitor oneway run"},
    {"help", help_about, exits_tables, none, help_examples, "man"},
    {"man", man_about, exits_tables, none, man_examples, "help"},
    {"completion", completion_about, exits_tables, none, completion_examples, "help"},
    {"mti", mti_about, exits_live, none, mti_examples, "run"},
    {"gre-end", gre_end_about, exits_live, none, gre_end_examples, "monitor"},
    {0},
};
