#!/bin/bash
# test_completion.sh PROGRAM: what the shells offer. bash is asked as it asks; zsh and fish read their
# scripts if they are installed.
program=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
checks=0

complain() {
    failures=$((failures + 1))
    echo "FAILED: $*"
}

for shell in bash zsh fish; do
    "$program" completion $shell >"script.$shell" || complain "completion $shell"
    grep -q 'steady-only' "script.$shell" || complain "$shell: no options"
    if command -v $shell >/dev/null; then
        $shell -n "script.$shell" || complain "$shell -n"
    fi
done
mkdir -p some/run 'a dir'
touch bed.yaml 'my bed.yaml'

# ask WORD...: what bash offers for the last word. Words are given as bash splits them, and the
# candidates are printed with '|' between.
cat >ask.bash <<'ASK'
. ./script.bash
[ "$(complete -p mvpnbench)" = 'complete -F _mvpnbench mvpnbench' ] || echo "not registered"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
_mvpnbench "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
IFS='|'
echo "${COMPREPLY[*]}"
ASK
ask() {
    bash --norc ask.bash "$@" 2>&1
}

# offers WANT WORD...: exactly these. has WANT WORD...: these among others. lacks: none of it.
offers() {
    want=$1
    shift
    checks=$((checks + 1))
    got=$(ask "$@")
    [ "$got" = "$want" ] || complain "$*: '$got', expected '$want'"
}
has() {
    want=$1
    shift
    checks=$((checks + 1))
    got="|$(ask "$@")|"
    [[ $got == *"|$want|"* ]] || complain "$*: '$got' without '$want'"
}
lacks() {
    checks=$((checks + 1))
    got=$(ask "${@:2}")
    [[ $got != *"$1"* ]] || complain "${*:2}: '$got' with '$1'"
}

# --- commands
has run mvpnbench ''
has completion mvpnbench ''
has --version mvpnbench ''
lacks mti mvpnbench ''
offers 'monitor' mvpnbench mo
offers 'calibrate' ./mvpnbench cal
offers 'marking' mvpnbench help mar
offers 'oneway' mvpnbench man o
offers 'fish' mvpnbench completion f
# --- options
offers '--steady-only|--stimulus' mvpnbench run --st
offers '--testbed' mvpnbench run 9.1 --te
offers '--help' mvpnbench run --he
has --format mvpnbench report r1 -
offers '--no-traffic|--no-configure' mvpnbench emulate 9.1 --no
offers '' mvpnbench run --nothing
# --- values of options, in both forms
offers 'virtual|real' mvpnbench run --clock ''
offers 'virtual' mvpnbench run --clock = v
offers 'virtual|real' mvpnbench run --clock =
offers 'reference' mvpnbench run 9.1 --dut ref
has small mvpnbench plan --dut ''
has frr mvpnbench run --dut ''
has bed.yaml mvpnbench run --dut ''
has 'my bed.yaml' mvpnbench run --testbed ''
offers 'quick' mvpnbench run --timing q
has text mvpnbench report r1 --format ''
has json mvpnbench report r1 --format ''
offers '' mvpnbench run --seed ''
offers 'dot' mvpnbench fsm pim-upstream --format d
offers 'A|B|C' mvpnbench oneway simulate --config ''
# --- lists
offers 'p-card-oir|p-link-flap' mvpnbench run --stimulus p-
has 'p-link-flap,c-link-flap' mvpnbench run --stimulus p-link-flap,c-
offers 'p-link-flap,power-cycle' mvpnbench run --stimulus p-link-flap,po
# --- keys of --set and their values
offers 'search.max=' mvpnbench run --set search.max
has 'case.mvpns=' mvpnbench run --set ca
has 'search.9.3.max=' mvpnbench run --set search.9
has 'dut.limits.mvpns=' mvpnbench run 9.1 --set dut.limits.
offers 'asm|ssm|bidir' mvpnbench run --set mdt.default =
offers 'ssm' mvpnbench run --set mdt.default = s
offers 'bidir' mvpnbench run --set = mdt.default = b
offers 'on|off' mvpnbench run --set dut.spmsi.reuse = ''
offers 'dut.spmsi.delay_ms=' mvpnbench refpe --set dut.spmsi.d
# --- arguments
offers '9.3' mvpnbench run 9.3
has 10.1 mvpnbench run 9.1 ''
offers 'all' mvpnbench run al
offers 'pim-upstream' mvpnbench fsm pim-up
has some mvpnbench report ''
lacks bed.yaml mvpnbench report ''
offers 'some/run' mvpnbench run --resume some/r
has 'a dir' mvpnbench run --from ''
offers 'bed.yaml' mvpnbench monitor be
offers 'captures' mvpnbench oneway cap
offers 'window' mvpnbench ctl win
has show mvpnbench ctl ''
offers '' mvpnbench list ''
offers '' mvpnbench nothing ''

echo "$checks situations, $failures failed"
[ $failures -eq 0 ]
