#!/bin/bash
# run.sh [BUILD_DIR]: builds every bench with the release preset (or takes BUILD_DIR, which must be a
# configured build), runs them one after another, and prints their figures as one table. The two that
# use a veth pair need root and are left out without. Nothing else should run on the host meanwhile.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${1:-$top/build/release}
benches=(bench_codec bench_bgp bench_emul bench_io_memlink bench_io_veth bench_io_checked)
if [ $# -eq 0 ]; then
    (cd "$top" && cmake --preset release) >/dev/null || exit 1
fi
cmake --build "$build" --target "${benches[@]}" >/dev/null || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

row() {
    printf '%-58s %12s  %s\n' "$1" "$2" "$3"
}

# rows NAME UNIT FILE AWK: one row for each line that AWK prints as "label<TAB>value".
rows() {
    awk "$3" "$2" | while IFS=$'\t' read -r label value; do
        row "$label" "$value" "$1"
    done
}

cd "$top" || exit 1
for bench in "${benches[@]}"; do
    timeout 300 "$build/tests/bench/$bench" >"$work/$bench" 2>"$work/err"
    code=$?
    if [ $code -eq 77 ]; then
        echo "$bench left out: $(cat "$work/err")" >&2
    elif [ $code -ne 0 ]; then
        echo "$bench failed ($code): $(cat "$work/err" "$work/$bench")" >&2
    fi
done

row figure value unit
row "$(printf '%.0s-' {1..58})" "$(printf '%.0s-' {1..12})" "----"
rows "k frames/s" "$work/bench_emul" '/frames\/s/ {
    split($0, part, /  +/); match($0, /[0-9]+ k frames/);
    print "virtual world: " part[1] "\t" substr($0, RSTART, RLENGTH) + 0 }'
rows "k packets/s" "$work/bench_emul" '/packets\/s/ {
    split($0, part, /  +/); match($0, /[0-9]+ k packets/);
    print "virtual world, sent: " part[1] "\t" substr($0, RSTART, RLENGTH) + 0 }'
rows "bytes" "$work/bench_emul" '/ bytes$/ {
    value = $(NF - 1); sub(/ +[0-9.]+ bytes$/, ""); print $0 "\t" value }'
rows "s of CPU" "$work/bench_emul" '/ s of CPU/ {
    split($0, part, /  +/); match($0, /[0-9.]+ s of CPU/);
    print part[1] ", until steady\t" substr($0, RSTART, RLENGTH) + 0 }'
rows "ns" "$work/bench_codec" 'NF == 4 && $1 ~ /\// && $2 ~ /^[0-9]+$/ {
    print "decode " $1 " (" $2 " bytes)\t" $3; print "encode " $1 " (" $2 " bytes)\t" $4 }'
rows "ns" "$work/bench_codec" '/^[CP] side:/ {
    name = $0; sub(/  +.*/, "", name); size = $(NF - 2);
    print "decode " name " (" size ")\t" $(NF - 1); print "encode " name " (" size ")\t" $NF }'
rows "ns" "$work/bench_bgp" '/UPDATE/ { name = $0; sub(/  +.*/, "", name);
    print "encode a VPNv4 route, " name "\t" $(NF - 2); print "decode a VPNv4 route, " name "\t" $(NF - 1) }'
rows "ns/frame" "$work/bench_io_memlink" '/ns\/frame/ {
    name = $0; sub(/  +.*/, "", name); print name "\t" $(NF - 1) }'
for bench in bench_io_veth bench_io_checked; do
    rows "kpps/core" "$work/$bench" '/kpps\/core/ {
        name = $0; sub(/^ +/, "", name); match($0, /[0-9]+ kpps\/core/);
        value = substr($0, RSTART, RLENGTH) + 0; sub(/  +.*/, "", name);
        print "'"${bench#bench_}"': " name "\t" value }'
    rows "(aim: >= 0.80)" "$work/$bench" '/ ratio / { print "'"${bench#bench_}"': beside the bare sockets\t" $2 }'
done
