#!/bin/bash
# test_man.sh PROGRAM: the manual pages are clean for mandoc, groff and man, and say what help says.
program=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8 MANWIDTH=100
failures=0

complain() {
    failures=$((failures + 1))
    echo "FAILED: $*"
}

# lint TOOL...: the tool says nothing about the page.
lint() {
    command -v "$1" >/dev/null || return 0
    timeout 30 "$@" >out 2>err
    [ ! -s err ] || { complain "$*"; cat err; }
}

mapfile -t commands < <("$program" help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ ${#commands[@]} -ge 19 ] || complain "only ${#commands[@]} commands: ${commands[*]}"
for command in '' "${commands[@]}" mti gre-end; do
    page=mvpnbench${command:+-$command}.1
    "$program" man $command >"$page" || complain "man $command"
    lint groff -man -Tutf8 -ww -z "$page"
    lint man --warnings -l "$page"
    if command -v mandoc >/dev/null; then
        mandoc -Tlint -W warning "$page" >out 2>&1 || { complain "mandoc $page"; cat out; }
        mandoc -Tutf8 -O width=100 "$page" | col -bx >text
        # Each option with its help, as `help` has it, apart from how lines are broken.
        "$program" help $command | grep -o -e '^  --[a-z-]*' | while read -r option; do
            grep -q -e "^ *$option\b" text || echo "$page lacks $option"
        done >missing
        [ ! -s missing ] || { complain "$page"; cat missing; }
    fi
done
if command -v mandoc >/dev/null; then
    mandoc -Tutf8 -O width=100 mvpnbench-oneway.1 | col -bx >text
    grep -q -F "'root(b(l2,l3),l4)'" text || complain "quotes do not come through"
    grep -q -F 'loss of the three links, fractions from 0 to 0.999' text || complain "an option's help"
    mandoc -Tutf8 -O width=100 mvpnbench-emulate.1 | col -bx | grep -q '^ *at 10 group 1 2 off$' ||
        complain "a line that stands as it is"
    mandoc -Tutf8 -O width=100 mvpnbench-monitor.1 | col -bx | grep -q -F \
        'tunnels: [{name: PE1, remote: 192.0.2.11}, {name: PE2, remote: 192.0.2.12}]' ||
        complain "an example of a file"
fi
echo "${#commands[@]} commands, $failures failed"
[ $failures -eq 0 ]
