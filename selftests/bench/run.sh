#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: run.sh [KIND...]
#
# The benchmark: what `make bench` calls. Every engine with every rule set (or those of the
# KINDs) in one User-mode Linux, see inside.sh; compiling and printing natively, see native.sh.
# Most of the time goes into the lists of 100,000 rules in other engines. Installs and builds
# what it needs.
#
# Prints tables, and writes to results/ beside this script (to build/bench/results when KINDs
# are named): results.tsv with all numbers, table.md with the tables, *.svg with the plots.
# Fails when two engines do not agree about a packet or a counter.

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$FWLOAD_TOP/selftests/bench
out=$FWLOAD_BUILD/bench
results=$here/results
[ $# = 0 ] || results=$out/results

pkg_need nftables gnuplot-nox
mkdir -p "$results"
uml=$("$here/build.sh")

rc=0
{
	echo "machine 0 host cpu $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	echo "machine 0 host kernel $(basename "$(readlink -f "$uml")" | sed 's/-[^-]*$//') (UML)"
	echo "machine 0 host date $(date +%F)"
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/bench.log" -m "${BENCH_MEMORY:-6G}" -t 3000 \
		-e BENCH_PROGRAMS="$out" -e BENCH_KO="$out/hookbench/hookbench.ko" \
		"$here/inside.sh" "$@" || rc=$?
	"$here/native.sh" "$out" || rc=$?
	echo "machine 0 host exit $rc"
} | tee "$out/results.new" | awk '$4 == "packet_ps" {
	printf "%-10s %8d rules  %-13s %12.1f ns a packet\n", $1, $2, $3, $5 / 1000
	fflush()
}'
grep -q '^machine 0 host exit 0$' "$out/results.new" || {
	grep -v -E '^[a-z]+ [0-9]+ [a-z-]+ [a-z_]+ ' "$out/results.new" || true
	die "the benchmark failed; what there is: $out/results.new"
}
mv "$out/results.new" "$results/results.tsv"
awk -f "$here/report.awk" "$results/results.tsv" >"$results/table.md"
"$here/plot.sh" "$results"
cat "$results/table.md"
say "in $results: results.tsv, table.md, and plots"
