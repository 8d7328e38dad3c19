#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: mutate.sh [NUMBER...]
#
# Plants the faults of the file `mutants` in the module's sources, one at a time (or those of
# the given numbers), builds it for User-mode Linux and expects the oracle to find a
# difference. A fault that it misses is a hole in the test. Prints KTAP.

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=../vm/plant.sh
. "$FWLOAD_VM/plant.sh"

here=$FWLOAD_TOP/selftests/oracle
work=$FWLOAD_BUILD/mutate
sets=${ORACLE_SETS:-120}

mapfile -t mutants < <(grep -v -e '^#' -e '^$' "$here/mutants")
numbers=("$@")
[ $# -gt 0 ] || mapfile -t numbers < <(seq "${#mutants[@]}")

# caught NUMBER: 0 when the oracle finds the fault.
caught()
{
	local line=${mutants[$(($1 - 1))]} file old new rest

	file=${line%% ||| *}
	rest=${line#* ||| }
	old=${rest%% ||| *}
	new=${rest#* ||| }
	name="$file: $old -> $new"
	plant_sources "$work/source" || return 1
	plant "$work/source/$file" "$old" "$new" || return 1
	"$FWLOAD_VM/module.sh" -s "$work/source" -o "$work/module" uml >/dev/null || return 1
	ORACLE_LOG=$work/$1.log ORACLE_KO=$work/module/fwload.ko "$here/run.sh" uml --stop --sets "$sets" >"$work/$1.ktap" 2>&1
	# found, not just failed: the oracle must have come to its report
	grep -q '^not ok 1 every verdict' "$work/$1.ktap"
}

mkdir -p "$work"
"$FWLOAD_VM/build.sh" uml >/dev/null
make -s -C "$FWLOAD_TOP" user >&2
echo "KTAP version 1"
echo "1..${#numbers[@]}"
missed=0
for number in "${numbers[@]}"; do
	if caught "$number"; then
		echo "ok $number $name"
	else
		echo "not ok $number $name"
		missed=$((missed + 1))
	fi
done
echo "# summary: ${#numbers[@]} faults planted, $missed missed"
[ "$missed" = 0 ]
