#!/bin/bash
# test_errors.sh PROGRAM SOURCE_DIR: whatever is wrong with a command line is said in one line that
# tells what to do, with the right exit code, and nothing is left behind.
program=$(realpath "$1")
source_dir=$(realpath "$2")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset XDG_RUNTIME_DIR
export TMPDIR=$work/empty
checks=0
failures=0

mkdir dir empty run1
: >nothing
echo text >file
ln -s loop loop
cp "$source_dir/tests/unit/reports/trees/full.json" run1/result.json
touch before
ls -A >before

# Each line: exit code | pattern of the message | words, as a shell reads them.
while IFS='|' read -r want pattern words; do
    case $want in '' | \#*) continue ;; esac
    eval "set -- $words"
    checks=$((checks + 1))
    timeout 60 "$program" "$@" >out 2>err
    code=$?
    if [ $code -ne "$want" ] || [ "$(wc -l <err)" -ne 1 ] || [ -s out ] || ! grep -q '^mvpnbench: ..*' err ||
        ! grep -q -e "$pattern" err; then
        failures=$((failures + 1))
        echo "FAILED: $words (exit $code, expected $want and '$pattern')"
        head -3 err
    fi
done <<'ROWS'
# commands and arguments
2|did you mean|''
2|did you mean 'run'|rnu
2|argument is empty|run ''
2|argument is empty|report ''
2|argument is empty|decode ''
2|argument is empty|monitor ''
2|argument is empty|help ''
2|there is no case '9'; did you mean '9.1'|run 9
2|'all' is every case|run 9.1 all
2|name one case|emulate
2|name one case|emulate 9.1 9.2
2|name one case|emulate all
2|this command takes none|list --all
2|leave 'x' out|list x
2|leave 'run1' out|report run1 run1
2|leave 'plan' out|help run plan
2|leave 'zsh' out|completion bash zsh
2|mvpnbench completion bash.zsh.fish|completion
2|give one of: bash zsh fish|completion tcsh
2|mvpnbench report DIR|report
2|mvpnbench decode FILE|decode
2|mvpnbench monitor FILE|monitor
2|mvpnbench marking FILE|marking
2|oneway does: A FILE|oneway
2|oneway does: A FILE|oneway D file
2|one word too many|oneway A file file
2|needs --config, --loss, --pps and --seconds|oneway simulate
2|two or more --leaf|oneway captures --root file
2|leave 'x' out|predict x
2|leave 'x' out|calibrate x
2|leave 'x' out|refpe x
2|needs --interface-c|refpe
2|lists them|ctl
2|--out DIR for all|man run --out dir
# options
2|did you mean '--stimulus'|run 9.1 --stimuls all
2|did you mean '--seconds'|monitor file --second 3
2|did you mean '--json'|marking file --jsn
2|--set needs a value: --set KEY=VALUE|run 9.1 --set
2|--dut needs a value: --dut NAME.FILE|run 9.1 --dut ''
2|--out needs a value: --out DIR|run 9.1 --out=
2|--stimulus needs a value|run 9.1 --stimulus ''
2|--clock needs a value: --clock virtual.real|run 9.1 --clock ''
2|--require needs a value|run 9.1 --require ''
2|--format needs a value|report run1 --format ''
2|--format needs a value|fsm --format
2|--socket needs a value|ctl --socket '' show
2|--pe needs a value|predict --pe ''
2|--out needs a value|calibrate --out ''
2|--control needs a value|emulate 9.1 --control ''
2|--pcap takes no value|run 9.1 --pcap=yes
2|write KEY=VALUE|run 9.1 --set =
2|did you mean 'search.max'|run 9.1 --set search.mx=4
2|give a whole number from 1|run 9.1 --set search.max=
2|give a whole number from 1|run 9.1 --set search.max=-1
2|give a whole number from 1|run 9.1 --set search.max=1e99
2|'' is not allowed; give a whole number|run 9.1 --set dut.limits.mvpns=
2|write dut.KEY=VALUE|refpe --set limits.mvpns=3
2|no such rendering (there are: |report run1 --format pdf
2|no such rendering (there are: |fsm pim-upstream --format svg
2|did you mean 'pim-upstream'|fsm pim-upsteam
# numbers out of range
2|whole number from 0 to 2^63-1|run 9.1 --seed 1.5
2|whole number from 0 to 2^63-1|run 9.1 --seed 99999999999999999999
2|whole number from 1 to 64|run 9.1 --jobs 0
2|whole number from 1 to 64|run 9.1 --jobs 65
2|give a number above 0|emulate 9.1 --seconds 0
2|give a number above 0|emulate 9.1 --value 0
2|give a whole number|emulate 9.1 --value 1.5
2|give a number from 0.1 to 600|calibrate --seconds 0
2|give a number from 60 to 8976|calibrate --bytes 1
2|give a whole number from 2|predict --pe 1
2|at most P-1 = 99|predict --receivers 100
2|give a number from 0.001|monitor file --seconds 0
2|from 0 to 0.999|oneway simulate --config A --loss 1,1,1 --pps 1 --seconds 1
2|three fractions|oneway simulate --config A --loss 0.1,0.1 --pps 1 --seconds 1
# what excludes what
2|exclude each other|run 9.1 --steady-only --stimulus p-link-flap
2|exclude each other|run 9.1 --steady-only --stimulus all
2|'all' stands alone|run 9.1 --stimulus all,p-link-flap
2|'none' stands alone|run 9.1 --stimulus p-link-flap,none
2|unknown stimulus ''|run 9.1 --stimulus p-link-flap,
2|goes with run|plan 9.1 --resume dir
2|give --script|emulate 9.1 --seconds 3 --control x
2|say how long: --seconds N|emulate 9.1
2|did you mean|emulate 9.1 --stimulus all --seconds 3
2|real clock only|run 9.1 --dut frr --clock virtual
# a directory instead of a file, and the other way round; what cannot be read or written
2|dir: not a text file|run 9.1 --testbed dir
2|nothing:1:1: the file is empty|run 9.1 --testbed nothing
2|loop: Too many levels|run 9.1 --testbed loop
2|dir: not a text file|run 9.1 --dut ./dir
2|dir: not a text file|run 9.1 --timing dir
2|--require dir: Is a directory; give a requirement|run 9.1 --require dir
2|file:1: .*is missing|run 9.1 --require file
2|name the directory of|run 9.1 --from file
2|name the directory of|run 9.1 --from dir
2|is this the directory of a run|run --resume file
2|is this the directory of a run|run --resume dir
2|file/journal: Not a directory; choose another --out|run 9.1 --out file
2|cannot make the directory.*choose another --out|run 9.1 --out /proc/x
2|cannot make the directory.*choose another --out|run 9.1 --out none/x
2|name the directory of|report dir
2|name the directory of|report file
2|dir: .*name a capture|decode dir
2|nothing: .*name a capture|decode nothing
2|none: No such file.*name a capture|decode none
2|dir: not a text file|monitor dir
2|dir: not a text file|marking dir
2|nothing:1:1: the file is empty|oneway A nothing
2|--script dir: Is a directory; name a file|emulate 9.1 --seconds 3 --script dir
2|--script none: No such file|emulate 9.1 --seconds 3 --script none
3|none/mvpnbench.1: No such file.*give a directory|man --out none
3|nobody listens at none: .*leave --socket out|ctl --socket none show
3|nothing runs that takes commands|ctl show
ROWS

rm -f out err
diff before <(ls -A) || {
    failures=$((failures + 1))
    echo "FAILED: something was left behind"
}
echo "$checks checks, $failures failed"
[ $failures -eq 0 ]
