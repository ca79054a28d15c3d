#!/bin/bash
# test_install.sh BUILD CMAKE: what is installed works without the source tree, wherever it is moved.
build=$1
cmake=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

complain() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    cat log
}

"$cmake" --install "$build" --prefix "$work/first" >log 2>&1 || complain "cmake --install"
mv first second
program=second/bin/mvpnbench
for file in bin/mvpnbench share/mvpnbench/testcases/9.1.yaml share/mvpnbench/testcases/profiles/small.yaml \
    share/mvpnbench/reports/report.xsd share/mvpnbench/reports/report.xsl \
    share/man/man1/mvpnbench.1 share/man/man1/mvpnbench-run.1 share/doc/mvpnbench/monitor.md \
    share/bash-completion/completions/mvpnbench share/zsh/site-functions/_mvpnbench \
    share/fish/vendor_completions.d/mvpnbench.fish; do
    [ -s "second/$file" ] || complain "$file is missing"
done
bash -n second/share/bash-completion/completions/mvpnbench || complain "the completion for bash"
# It reads its own cases, not those of the source tree.
unset MVPNBENCH_DATA
sed -i 's/^title: .*/title: of the prefix/' second/share/mvpnbench/testcases/9.1.yaml
"$program" list >log 2>&1 || complain list
grep -q '^9.1 *of the prefix ' log || complain "list shows other cases"
"$program" plan 9.1 --dut small --set search.max=4 >log 2>&1 || complain "a shipped profile"
ln -s second/bin/mvpnbench link
./link list >log 2>&1 && grep -q 'of the prefix' log || complain "through a symbolic link"
# Without them it says what to do.
rm -r second/share/mvpnbench
mkdir empty
MVPNBENCH_DATA=$work/empty "$program" list >log 2>&1 && complain "cases from nowhere"
grep -q '^mvpnbench: .*set MVPNBENCH_DATA' log || complain "how are cases found?"
echo "$failures failed"
[ $failures -eq 0 ]
