#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: differ.sh [PACKETS]
#
# What looks rules up against what tries them one after the other, in the kernel: rule sets of
# all kinds that the benchmark has, of sizes that are walked, screened and indexed, in fwload and
# in iptables. PACKETS (10,000) go through each; every verdict and every rule's counter must be
# the same. KTAP. FWLOAD_SEED is where the randomness begins (1).

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$FWLOAD_TOP/selftests/bench
out=$FWLOAD_BUILD/bench
packets=${1:-10000}
seed=${FWLOAD_SEED:-1}
said=$out/differ

"$here/build.sh" >/dev/null
rc=0
"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/differ.log" -m 2G -t 900 \
	-e BENCH_PROGRAMS="$out" -e BENCH_KO="$out/hookbench/hookbench.ko" \
	"$here/inside.sh" compare "$packets" "$seed" >"$said" 2>&1 || rc=$?
grep -v -E '^[a-z]+ [0-9]+ [a-z-]+ [a-z_]+ ' "$said" | sed 's/^/# /' || true

# A comparison that did not take place is no success: there are two for each rule set.
awk -v packets="$packets" -v seed="$seed" -v rc="$rc" '
$4 == "verdicts" || $4 == "counters" {
	n++
	sets += $4 == "verdicts"
	differ += $5 != "same"
	text = text ($5 == "same" ? "ok " : "not ok ") n " " $2 " rules of kind " $1 ": " $4 "\n"
}
END {
	n++
	whole = !rc && n == 2 * sets + 1 && sets > 40
	printf "KTAP version 1\n1..%d\n%s", n, text
	print (whole ? "ok " : "not ok ") n " all of them were compared"
	printf "# summary: %d rule sets, %d packets each, seed %d, fwload against iptables: differences: %d\n",
		sets, packets, seed, differ
	exit differ || !whole
}' "$said"
