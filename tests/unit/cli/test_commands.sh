#!/bin/bash
# test_commands.sh PROGRAM SOURCE_DIR: exit codes and one-line errors of the commands, as a user
# meets them. Works in a directory of its own and removes it.
program=$(realpath "$1")
source_dir=$(realpath "$2")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
checks=0
failures=0

complain() {
    failures=$((failures + 1))
    echo "FAILED: $1"
    sed 's/^/    /' err out | head -20
}

# good PATTERN ARGS...: exit 0, and a line on stdout that matches.
good() {
    pattern=$1
    shift
    checks=$((checks + 1))
    timeout 60 "$program" "$@" >out 2>err
    code=$?
    if [ $code -ne 0 ] || ! grep -q -e "$pattern" out; then
        complain "$* (exit $code, expected 0 and '$pattern')"
    fi
}

# bad CODE PATTERN ARGS...: that exit code, and one line on stderr, "mvpnbench: ...", that matches.
bad() {
    want=$1 pattern=$2
    shift 2
    checks=$((checks + 1))
    timeout 60 "$program" "$@" >out 2>err
    code=$?
    if [ $code -ne "$want" ] || [ "$(wc -l <err)" -ne 1 ] || ! grep -q '^mvpnbench: ' err ||
        ! grep -q -e "$pattern" err; then
        complain "$* (exit $code, expected $want and '$pattern')"
    fi
}

# --- the program and its commands
good 'usage: mvpnbench COMMAND' --help
good 'usage: mvpnbench COMMAND' -h
good '^mvpnbench [0-9]*\.[0-9]*\.[0-9]*$' --version
for command in run plan list report decode fsm emulate ctl calibrate monitor oneway marking predict refpe help man \
    completion mti gre-end; do
    good "^examples:" $command --help
    good "^usage: mvpnbench $command" $command -h
done
good 'search.growth' run --help
good '^usage: mvpnbench run' help run
good 'dut.limits.mvpns .*(none)' emulate --help
good '^.TH MVPNBENCH-RUN 1' man run
bad 2 "unknown command 'plam'; did you mean 'plan'?" plam
for command in config; do
    bad 2 "'$command' does not exist yet in this version" $command
done
bad 2 'launcher' test
bad 2 '--http does not exist yet' monitor file --http :8080
bad 2 '--db does not exist yet' monitor file --db=monitor.db
bad 2 'monitor needs a file' monitor
printf 'address: 192.0.2.1\ncolour: red\n' >monitor.yaml
bad 2 "monitor.yaml:2:1: unknown key 'colour'" monitor monitor.yaml
checks=$((checks + 1))
"$program" >out 2>err
[ $? -eq 2 ] || complain "no command (expected exit 2)"

# --- list, fsm, decode
good '^9.3 .*mroutes .*asm,bidir .*N=100,200,... c=1 R=1 g=? share=1,0,0.1 s=2,50$' list
bad 2 'no arguments' list 9.1
good 'pim-upstream' fsm
good 'Join' fsm pim-downstream
good 'digraph' fsm pim-downstream --format dot
bad 2 "did you mean 'pim-upstream'" fsm pim-upsteam
bad 2 'no such rendering' fsm pim-upstream --format=svg
bad 2 'needs a capture file' decode
bad 2 'nofile: No such file' decode nofile
echo 'no capture' >text
bad 2 'text' decode text

# --- run: words
bad 2 "there is no case '9.99'" run 9.99
bad 2 "did you mean '--steady-only'" run 9.1 --steady-onyl
bad 2 '--set needs a value: --set KEY=VALUE' run 9.1 --set
bad 2 'write KEY=VALUE' run 9.1 --set key
bad 2 'write KEY=VALUE' run 9.1 --set==3
bad 2 "did you mean 'search.max'" run 9.1 --set=search.mx=3
bad 2 "did you mean 'dut.limits.mvpns'" run 9.1 --set limits.mvpns=3
bad 2 'did you mean dut.limits.mvpns' run 9.1 --set dut.limits.mvpn=3
bad 2 'dut.limits.mvpns' run 9.1 --set dut.limits.mvpns=many
bad 2 'from 0 to 1' run 9.1 --set case.ingress_share=2
bad 2 'from 1 to 65535' run 9.1 --set case.groups=0
bad 2 'headers 28, probe 32' run 9.1 --set traffic.packet_bytes=59
bad 2 'choose at most 1476' run 9.1 --set traffic.packet_bytes=1477
bad 2 'does not exist yet in this version' run 9.1 --set pe_pe=bgp
bad 2 'give one of: asm ssm bidir' run 9.1 --set mdt.default=sm
bad 2 'give one of: none v2 v3' run 9.1 --set receivers.igmp=3
bad 2 'give one of: site dut' run 9.1 --set c_rp.location=pe
bad 2 'from 1 to' run 9.1 --set igmp.spacing_ms=0
bad 2 'spmsi_src=2 with 2 flows cannot be' run 9.1 --set case.spmsi_src=2
bad 2 'spmsi_rx_flows=2 with spmsi_rx=0' run 9.1 --set case.spmsi_rx_flows=2
bad 2 "did you mean 'spmsi_src'" run 9.1 --set case.spmsi_scr=1
bad 2 'search.min 10 is above search.max 5' run 9.1 --set search.min=10 --set search.max=5
bad 2 'case 9.3 searches groups' run 9.3 --set sweep.groups=1,2
bad 2 'cannot be; give one of: virtual real' run 9.1 --clock fake
bad 2 'real clock only' run 9.1 --dut frr --clock virtual
bad 2 'fast: No such file' run 9.1 --timing fast
bad 2 "did you mean 'p-link-flap'" run 9.1 --stimulus p-link-flop
bad 2 'exclude each other' run 9.1 --steady-only --stimulus=p-link-flap
bad 2 'write a DUT profile' run 9.1 --dut hook
bad 2 'by --testbed FILE' run 9.1 --dut manual
bad 2 "did you mean 'reference'" run 9.1 --dut refrence
bad 2 'none.yaml: No such file' run 9.1 --dut none.yaml
bad 2 'none.yaml: No such file' run 9.1 --testbed none.yaml
bad 2 '2^63-1' run 9.1 --seed=-1
bad 2 'none/result.json' run 9.1 --from none
bad 2 'none/journal' run --resume none
bad 2 'must stand between name and number' run 9.1 --require 9.1:Num_mVPN
bad 2 "did you mean 'Num_mVPN'" run 9.1 --require '9.1:Num_mVPM>=3'
bad 2 'case.mvpns=a?b' run 9.1 --set 'case.mvpns=a
b'

# --- run: files, with their places
printf 'hold_out: 3\n' >timing.yaml
bad 2 '^mvpnbench: timing.yaml:1:1: ' run 9.1 --timing timing.yaml
printf 'driver: reference\nsettings:\n  limits.mvpn: 3\n' >dut.yaml
bad 2 '^mvpnbench: dut.yaml:3:16: ' run 9.1 --dut dut.yaml
printf 'ports: {a1: {interface: x}}\n' >bed.yaml
bad 2 '^mvpnbench: bed.yaml:1:8: ' run 9.1 --testbed bed.yaml
printf '# gates\n9.1:Num_mVPN>=1\n9.1:Num_mVPM>=1\n' >gates
bad 2 'gates:3' run 9.1 --require gates
mkdir -p data/testcases
sed 's/groups: 2/groups: two/' "$source_dir/testcases/9.1.yaml" >data/testcases/9.1.yaml
MVPNBENCH_DATA=$work/data bad 2 'data/testcases/9.1.yaml:[0-9]*:11: ' run 9.1
MVPNBENCH_DATA=$work/none bad 2 'set MVPNBENCH_DATA' run 9.1
if [ -n "$(ls -d mvpnbench-run-* 2>/dev/null)" ]; then
    complain "a refused run left a directory behind"
fi

# --- plan sends nothing and writes nothing
good 'at most [0-9]* instances' plan 9.1 --set search.max=64
good 'N=61 share=0.1 s=50' plan 9.3 --set search.9.1.max=61
good 'apparatus: more C-interfaces than the testbed has' plan 9.1 \
    --testbed "$source_dir/testcases/testbeds/ports.yaml"
good 'apparatus: more joins a session' plan 9.3 --set case.mvpns=4
good 'MI-PMSIs PIM-ASM, S-PMSIs none, C-RPs beside the sources, .* PIM$' plan 9.1
good 'MI-PMSIs PIM-SSM (a deviation.*, S-PMSIs PIM-SSM, C-RPs on the DUT, .* IGMPv3, 5 ms apart$' plan \
    9.1 --set mdt.default=ssm --set case.spmsi_rx=1 --set c_rp.location=dut \
    --set receivers.igmp=v3 --set igmp.spacing_ms=5
bad 2 'search.min 10' plan 9.1 --set search.min=10 --set search.max=5

# --- a run, its report, its gates
run=(run 9.1 --steady-only --set dut.limits.mvpns=3 --timing quick --quiet)
checks=$((checks + 1))
timeout 60 "$program" "${run[@]}" --out=r1 --require '9.1:Num_mVPN==3' >out 2>err || complain "a run"
good 'Num_mVPN' report r1
checks=$((checks + 1))
"$program" report r1 --require '9.1:Num_mVPN==3' >text 2>err
cmp -s text r1/report.txt || complain "report text differs from report.txt"
checks=$((checks + 1))
"$program" report r1 --format=json >json 2>err
cmp -s json r1/result.json || complain "report json differs from result.json"
checks=$((checks + 1))
timeout 60 "$program" run --resume r1 >out 2>err || complain "resume of a finished run"
bad 2 'r1 already holds a run' "${run[@]}" --out r1
bad 2 "does not stand" run 9.3 --resume r1
good '^<!DOCTYPE html>' report r1 --format html
bad 2 'no such rendering' report r1 --format pdf
bad 2 'none/result.json' report none
bad 2 'needs the directory' report
checks=$((checks + 1))
"$program" report r1 --require '9.1:value>=4' >out 2>err
[ $? -eq 1 ] || complain "an unmet gate of report (expected exit 1)"
bad 1 'requirements are not met' "${run[@]}" --out r2 --require '9.1:value>=4'

echo "$checks checks, $failures failed"
[ $failures -eq 0 ]
