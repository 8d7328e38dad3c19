#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: smoke.sh
#
# The benchmark's small sister, for `make check`: counts instead of times (smoke.c), on the
# host, as KTAP. The bounds are about twice what the index needs; one that forgets to prune,
# to merge or to sign its entries is far beyond them.

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$FWLOAD_TOP/selftests/bench
out=$FWLOAD_BUILD/bench
make -s -C "$here" O="$out" all "$out/smoke" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failures=0

# bound KIND SIZE BUCKETS CANDIDATES: at most so many for every packet.
bound()
{
	local said result

	number=$((number + 1))
	"$out/generate" "$1" "$2" "$work" 20000
	said=$("$out/smoke" "$work" "$@" 2>&1) || true
	result=$(tail -n 1 <<<"$said")
	sed '$d' <<<"$said"
	[ "$result" = ok ] || { result="not ok"; failures=1; }
	echo "$result $number $2 rules of kind $1: at most $3 buckets and $4 candidates a packet"
}

echo "KTAP version 1"
echo "1..$(grep -c '^bound [a-z]' "$0")"
bound service 10000 2 4
bound blocklist 10000 2 4
bound acl 10000 6 40
bound fw 10000 20 60
bound ipc 10000 8 50
bound duplicate 10000 2 20
bound range 10000 4 40
bound hostrange 10000 2 12
bound wild 10000 8 16
bound between 10000 2 60
bound kube 1000 2 4
bound service 100000 2 6
bound acl 100000 6 40
[ $failures = 0 ]
