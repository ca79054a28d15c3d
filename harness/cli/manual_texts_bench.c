/* Texts of the manual: the commands of the bench. */
#include "harness/cli/manual.h"

static const struct manual_row none[] = {{0}};

static const struct manual_row exits_tables[] = {
    {"0", "done"},
    {"2", "wrong use or wrong configuration"},
    {"3", "the output could not be written"},
    {0},
};

static const struct manual_row exits_testbed[] = {
    {"0", "done"},
    {"2", "wrong use or wrong configuration"},
    {"3", "the testbed or the DUT failed, or the output could not be written"},
    {0},
};

/* ---- run --------------------------------------------------------------------------------------
 */

static const char run_about[] =
    "Runs test cases of the draft and writes what came out into a directory of its own. CASE is "
    "the "
    "number of a case (`mvpnbench list`), or `all`. Without a case it runs 9.1, 9.3 and 10.1 on "
    "the "
    "reference PE with the shipped profile `small`, whose limits are finite.\n\n"
    "A case that seeks a maximum tries one value after the other: the network of that size is "
    "brought up around the DUT, every packet of every flow is checked, and the value passes or "
    "fails. At the maximum each failure stimulus is applied and the times Tf, Tre, Trd and Trall "
    "are measured. `mvpnbench plan` with the same words says beforehand what that takes.\n\n"
    "The command line and the seed decide everything: on the virtual clock two runs of the same "
    "seed give the same result, byte for byte. What was interrupted goes on with --resume; the "
    "command line is in the directory then, and only --jobs, --db, --quiet, --json and --force may "
    "stand beside it.\n\n"
    "A gate of --require names a case, perhaps a stimulus, and one of its quantities: "
    "CASE:NAME OP NUMBER or CASE@STIMULUS:NAME OP NUMBER, with OP one of >= <= > < == and !=. "
    "NAME is a variable of the MVPN Metric, the parameter that was varied, `value`, or one of "
    "Tre-Tf, Trd-Tf and Trall-Tf. A file has one a line; # begins a comment.";

static const struct manual_row run_exits[] = {
    {"0", "done, and every requirement is met"},
    {"1", "a requirement is not met, or no case that seeks a maximum found one"},
    {"2", "wrong use or wrong configuration; nothing was sent"},
    {"3", "the testbed or the DUT failed"},
    {"4", "interrupted; `mvpnbench run --resume DIR` goes on"},
    {0},
};

static const struct manual_row run_files[] = {
    {"DIR/result.json", "everything that was measured, as data (docs/architecture.md)"},
    {"DIR/report.txt", "the tables of the draft (8.1, 8.2); `mvpnbench report` has other forms"},
    {"DIR/journal", "the command line, and each instance as it ended; --resume reads it"},
    {"DIR/run.log", "host, process, times of day, absolute paths"},
    {"DIR/*.csv", "series of a recovery: packets of each port in steps of 100 ms"},
    {"DIR/a1.pcap, DIR/a3.pcap", "with --pcap, every frame of a port"},
    {0},
};

static const struct manual_row run_examples[] = {
    {"mvpnbench run", "a first run: three cases on the reference PE, a minute or two"},
    {"mvpnbench run 9.1 --steady-only --set dut.limits.mvpns=137",
     "a reference PE that holds 137 mVPNs: the search finds them"},
    {"mvpnbench run 9.1 --stimulus p-link-flap --set dut.limits.mvpns=5 --pcap --out r1",
     "one stimulus, every frame kept; the result goes to r1"},
    {"mvpnbench run 9.1 --steady-only --set dut.limits.mvpns=5 --require '9.1:Num_mVPN>=5' --out "
     "r2",
     "exit code 1 unless five mVPNs are held: a gate for firmware builds"},
    {"mvpnbench run --resume r1", "go on where r1 was interrupted"},
    {"mvpnbench run 9.1 9.3 --dut frr --set search.max=8",
     "a PE made of FRR daemons in network namespaces, real packets, real time (root)"},
    {"mvpnbench run all --dut lab.yaml --testbed tb.yaml --timing draft --out campaign",
     "the whole draft on a router outside, by its profile and the ports to it (root)"},
    {0},
};

/* ---- plan, list, report -----------------------------------------------------------------------
 */

static const char plan_about[] =
    "Says what `mvpnbench run` with the same words would do, case by case: values that are tried, "
    "instances, packets and joins a second, memory, and duration, each at its largest. Nothing is "
    "sent and nothing is written. What the apparatus could not carry is named. --from takes what a "
    "case needs of others from an earlier run; without it the estimate assumes the highest "
    "values.\n\n"
    "Options that say where a run goes (--out, --pcap, --require, --jobs) change nothing here.";

static const struct manual_row plan_examples[] = {
    {"mvpnbench plan 9.3 --set case.mvpns=100", "9.3 with 100 mVPNs"},
    {"mvpnbench plan all --timing quick", "a whole campaign with short waits"},
    {"mvpnbench plan 9.1 --set search.max=64 --json", "the same as data"},
    {0},
};

static const char list_about[] =
    "One line a case: its number, its title, what it finds, how the default MDTs of the mVPNs may "
    "be built, and its parameters: fixed (N=100), swept (N=100,200,...), or searched (?).";

static const struct manual_row list_files[] = {
    {"testcases/CASE.yaml", "a case; any other NAME.yaml beside them is a case of your own"},
    {0},
};

static const struct manual_row list_examples[] = {
    {"mvpnbench list", "all cases"},
    {"mvpnbench list | grep mroutes", "those that find a number of mroutes"},
    {"MVPNBENCH_DATA=$PWD mvpnbench list", "the cases of the testcases/ in this directory"},
    {0},
};

static const char report_about[] =
    "Renders the result of a run, or of as much of it as there is. With --require it judges it as "
    "well; the same run can so be held against other requirements.\n\n"
    "The forms: text for the terminal and for mail; json, the result itself; xml with a schema, "
    "and "
    "html, one page without anything outside, made from it; csv, one row an instance or a flow; "
    "junit, a test a requirement and a test a stimulus.";

static const struct manual_row report_exits[] = {
    {"0", "done, and every requirement is met"},
    {"1", "a requirement is not met"},
    {"2", "wrong use, or no such result"},
    {"3", "the output could not be written"},
    {0},
};

static const struct manual_row report_files[] = {
    {"DIR/result.json", "is read, and the files that it names beside it"},
    {0},
};

static const struct manual_row report_examples[] = {
    {"mvpnbench report r1", "the tables of r1"},
    {"mvpnbench report r1 --format json", "its result.json"},
    {"mvpnbench report r1 --require '9.1:Num_mVPN>=4'", "exit code 1 unless r1 has 4 mVPNs"},
    {0},
};

/* ---- compare ----------------------------------------------------------------------------------
 */

static const char compare_about[] =
    "Puts two to eight runs side by side: DUTs that compete, or versions of one. The first is what "
    "the others are measured by: maxima, recovery times, latency, utilisation, and what cases "
    "measure instead of a maximum.\n\n"
    "Nothing is claimed of one variable while another differs: values at another number of C-"
    "interfaces, at another rate, with another timing are listed as not comparable, with the "
    "reason. Latency, utilisation and times are compared at the largest value that both runs "
    "held.\n\n"
    "Every value has a tolerance of its own, which is never below what the runs know: the gap "
    "between the last pass and the first fail of a search, the spread of repeats, the sending "
    "interval. --tolerance raises it, for all values or for those of a name: maximum (or the "
    "variable, as Num_mVPN), times (or Tre-Tf, Trd-Tf, Trall-Tf), neighbours, latency, cpu, "
    "memory, spmsi_switch_delay, join_convergence, missing, lost, JR1, JR2, JR2/JR1, delta. Names "
    "come with 5% of the first run's value, or a number in the unit of the value.";

static const struct manual_row compare_exits[] = {
    {"0", "nothing is worse than in the first run; what could not be compared is counted"},
    {"1", "a value of a later run is worse by more than its tolerance; or nothing at all could be "
          "compared; or, with --strict, anything could not"},
    {"2", "wrong use, or no such result"},
    {"3", "the output could not be written"},
    {0},
};

static const struct manual_row compare_files[] = {
    {"DIR/result.json", "is read"},
    {0},
};

static const struct manual_row compare_examples[] = {
    {"mvpnbench compare r1 r2", "what r2 has lost and gained beside r1"},
    {"mvpnbench compare r1 r2 --tolerance 2% --tolerance Trall-Tf=0.5",
     "2 %, and half a second for Trall-Tf"},
    {"mvpnbench compare bid1 bid2 bid3 --format html --out bids.html", "three DUTs as a page"},
    {0},
};

/* ---- history ----------------------------------------------------------------------------------
 */

static const char history_about[] =
    "Keeps finished runs in an SQLite file and says how a value went over firmware versions. "
    "`mvpnbench run --db FILE` adds a run when it is whole; import adds earlier ones, once "
    "each.\n\n"
    "list shows the runs. show prints one quantity build by build, as a table and a plot: a "
    "variable of the metric (Num_mVPN, Num_OIF_C), what a case seeks (mroutes, or maximum for each "
    "case's own), a recovery time (Trall-Tf), what a case measures (join_convergence.avg). "
    "first-fall goes through every maximum, recovery time and delay, or through one quantity, and "
    "names the first build that is worse than the one before it. delete takes a run out.\n\n"
    "Versions are ordered by the numbers in them (7.9 before 7.10), pre-releases first. All runs "
    "of one version are one build.\n\n"
    "Values stand on one line only where everything else is equal: DUT, clock, driver, timing, "
    "load, packet size, the point of the sweep and every parameter that was not searched; recovery "
    "times and delays at the same value only. Other values make further lines, and what they "
    "differ in is said; --where, --stimulus, --case and --dut choose. A value that the DUT did not "
    "bound is marked >=: it never counts as a fall.\n\n"
    "--tolerance is an amount, or with % a share. It is never below the spread of the repeats, the "
    "sending interval, or what the search left untried.";

static const struct manual_row history_exits[] = {
    {"0", "done; first-fall: no build fell"},
    {"1", "first-fall: a build fell"},
    {"2", "wrong use; no such database, quantity or run; a file that is no result or no database"},
    {"3", "the output or the database could not be written"},
    {0},
};

static const struct manual_row history_files[] = {
    {"FILE", "the database; import and run --db make it"},
    {"DIR/result.json", "is read by import"},
    {0},
};

static const struct manual_row history_examples[] = {
    {"mvpnbench history import r1 r2 r3 --db lab.db", "three runs into the history"},
    {"mvpnbench history --db lab.db", "which runs there are"},
    {"mvpnbench history show maximum --case 9.1 --stimulus steady --db lab.db",
     "how many mVPNs each build holds"},
    {"mvpnbench history show Trall-Tf --case 9.1 --stimulus p-link-flap --db lab.db --format html",
     "recovery from link failures as a page with a graph, on stdout"},
    {"mvpnbench history first-fall --tolerance 2% --db lab.db",
     "the first build that lost more than 2 %, exit code 1 if there is one"},
    {0},
};

/* ---- calibrate, emulate, ctl, refpe -----------------------------------------------------------
 */

static const char calibrate_about[] =
    "Measures the apparatus alone: packets a second without loss each way and both at once, how "
    "far "
    "behind its time a packet is sent, the error of its time stamps, the latest timer. With "
    "--testbed over the ports A1 and A3 of that file, which a cable must join; without over a veth "
    "pair that is made for it (root). A run that gets the file by --set run.calibration=FILE does "
    "not try what exceeds it.";

static const struct manual_row calibrate_files[] = {
    {"FILE of --testbed", "ports: {a1: {interface: IF}, a3: {interface: IF}}, mtu"},
    {"FILE of --out", "the figures as JSON"},
    {0},
};

static const struct manual_row calibrate_examples[] = {
    {"mvpnbench calibrate", "over a veth pair, half a minute"},
    {"mvpnbench calibrate --testbed tb.yaml --out this-host.json", "the cards of the testbed"},
    {"mvpnbench calibrate --seconds 0.2 --bytes 1400 --json", "short, with long packets"},
    {0},
};

static const char emulate_about[] =
    "Brings up the network of one instance around the DUT and holds it until Ctrl-C, `stop`, or "
    "for "
    "--seconds, so that one can look at the DUT. Nothing is judged and nothing times out. CASE is "
    "one case; --value is the parameter that it searches, --set case.NAME=V fixes any other.\n\n"
    "On a terminal it shows tables, elsewhere a line every 5 seconds; at its end stdout has what "
    "was seen last. While it runs it takes the commands of `mvpnbench ctl`; a file of --script has "
    "the same ones, one a line, and is the only way on the virtual clock:\n\n"
    "    at 10 group 1 2 off\n"
    "    at 20 window 5";

static const struct manual_row emulate_files[] = {
    {"$XDG_RUNTIME_DIR/mvpnbench-UID-PID.ctl", "its control socket; else in $TMPDIR, else in /tmp"},
    {"DIR/a1.pcap, DIR/a3.pcap", "with --pcap, every frame of a port"},
    {0},
};

static const struct manual_row emulate_examples[] = {
    {"mvpnbench emulate 9.1 --value 2 --seconds 60 --json",
     "two mVPNs on the reference PE, a minute of the virtual clock"},
    {"mvpnbench emulate 9.1 --value 2 --seconds 60 --script steps.txt",
     "with commands at given seconds"},
    {"mvpnbench emulate 9.1 --value 10 --dut frr", "around a PE made of FRR daemons (root)"},
    {"mvpnbench emulate 9.3 --dut lab.yaml --testbed tb.yaml --no-configure",
     "around a router that is configured already (root)"},
    {0},
};

static const char ctl_about[] =
    "Sends one command to a running `mvpnbench emulate` or `mvpnbench monitor` of the same user "
    "and "
    "prints the answer as tables. If one program runs it is found; else --socket says which. "
    "`mvpnbench ctl help` asks the program itself what it knows.";

static const struct manual_row ctl_exits[] = {
    {"0", "done"},
    {"2", "the program knows no such command, or its words are wrong"},
    {"3", "no such program runs, or it could not do it"},
    {0},
};

static const struct manual_row ctl_files[] = {
    {"$XDG_RUNTIME_DIR/mvpnbench-UID-PID.ctl", "where it looks; else in $TMPDIR, else in /tmp"},
    {0},
};

static const struct manual_row ctl_examples[] = {
    {"mvpnbench ctl show", "what is up, and sums of all flows"},
    {"mvpnbench ctl show flows 1", "the flows of VPN 1"},
    {"mvpnbench ctl group 1 2 off", "group 2 of VPN 1: receivers leave, sources rest"},
    {"mvpnbench ctl --json window 10", "count for ten seconds, and print JSON"},
    {0},
};

static const char refpe_about[] =
    "Runs the reference PE as a process between real interfaces, for a bench on another host or "
    "for trying a testbed. It is configured and read over its control socket: a run does so with "
    "--set dut.control=PATH. It ends with Ctrl-C, or with --once when its client goes. Packet "
    "sockets need root, or CAP_NET_RAW.\n\n"
    "An --interface-c is a trunk that carries a VLAN for each C-interface, or it is a C-interface "
    "itself; then they are given in order.";

static const struct manual_row refpe_files[] = {
    {"PATH of --control", "a local socket, mode 0600"},
    {0},
};

static const struct manual_row refpe_examples[] = {
    {"mvpnbench refpe --interface-c eth1 --interface-p eth2 --control /run/refpe",
     "a trunk on eth1, the P router behind eth2"},
    {"mvpnbench refpe --interface-c c0 --interface-p p0 --netns pe --control pe.ctl --once",
     "in a namespace, for one run"},
    {"mvpnbench refpe --interface-c c0 --interface-p p0 --control pe.ctl --set dut.limits.mvpns=9",
     "with a limit to be found"},
    {0},
};

/* ---- decode, fsm ------------------------------------------------------------------------------
 */

static const char decode_about[] =
    "Prints each frame of a pcap file (microseconds or nanoseconds, Ethernet): its time, and what "
    "our decoders make of it, through VLAN tags, MPLS and GRE down to PIM, IGMP, OSPF, LDP, BGP "
    "and the probes. TCP segments are not put together: a BGP message is printed when it begins in "
    "a segment and is whole in it; of others it says that they continue.";

static const struct manual_row decode_examples[] = {
    {"mvpnbench decode r1/a3.pcap", "what passed the P side of the run r1"},
    {"mvpnbench decode r1/a1.pcap | head -n 40", "the beginning of the C side"},
    {"mvpnbench decode r1/a3.pcap | grep -c hello", "how many Hellos there were"},
    {0},
};

static const char fsm_about[] =
    "Prints the table of a protocol's state machine as the emulated routers run it: for each state "
    "and event the next state, the action, and the section of the RFC. Without a name: which "
    "machines there are.";

static const struct manual_row fsm_examples[] = {
    {"mvpnbench fsm", "which machines there are"},
    {"mvpnbench fsm pim-downstream", "one as text"},
    {"mvpnbench fsm pim-upstream --format dot", "one for Graphviz: pipe it into `dot -Tsvg`"},
    {0},
};

const struct command_text manual_texts_bench[] = {
    {"run", run_about, run_exits, run_files, run_examples, "plan list report emulate"},
    {"plan", plan_about, exits_tables, none, plan_examples, "run list"},
    {"list", list_about, exits_tables, list_files, list_examples, "run plan"},
    {"report", report_about, report_exits, report_files, report_examples, "run compare"},
    {"compare", compare_about, compare_exits, compare_files, compare_examples,
     "run report history"},
    {"history", history_about, history_exits, history_files, history_examples, "run compare"},
    {"calibrate", calibrate_about, exits_testbed, calibrate_files, calibrate_examples, "run plan"},
    {"emulate", emulate_about, exits_testbed, emulate_files, emulate_examples, "ctl run"},
    {"ctl", ctl_about, ctl_exits, ctl_files, ctl_examples, "emulate monitor"},
    {"refpe", refpe_about, exits_testbed, refpe_files, refpe_examples, "run emulate"},
    {"decode", decode_about, exits_tables, none, decode_examples, "run fsm"},
    {"fsm", fsm_about, exits_tables, none, fsm_examples, "decode"},
    {0},
};
