#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Hours of it: real rule sets that take turns each second under mixed traffic (mixed.sh), races.sh,
# real rule sets loaded and saved (rulesets.sh), storm.sh with a seed of its own each time, over and
# over for FWLOAD_SOAK seconds (3600). After each round the module is gone and has left no memory
# taken: what the kernel has in use for itself stays as it was after the second round, by when all
# that is allocated once has been.

. "$(dirname "$0")/lib.sh"

seconds=${FWLOAD_SOAK:-3600}
slack=4096	# KiB
rounds=0
first=
turns=$((seconds / 12))	# seconds of mixed.sh in a round

plan 4

cleanup()
{
	del_ns hooks
}

# With the first hook of a kind, and with the last, the kernel patches its code, and emulated
# processors have been seen to stay in the trap that this takes. Here there always is one more.
keep_hooks()
{
	ip netns add hooks && in_ns hooks iptables-legacy -t mangle -n -L &&
	in_ns hooks ip6tables-legacy -t mangle -n -L
}

# KiB that the kernel has for itself, without what it gives back when it is asked to.
in_use()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	awk '$1 == "SUnreclaim:" || $1 == "VmallocUsed:" || $1 == "Percpu:" || $1 == "KernelStack:" ||
	     $1 == "PageTables:" { sum += $2 } END { print sum }' /proc/meminfo
}

round()
{
	for test in mixed.sh races.sh rulesets.sh storm.sh; do
		FWLOAD_MIXED=$turns FWLOAD_SEED=$((rounds + 1)) "$here/$test" >"$work/said" 2>&1 || {
			echo "round $rounds: $test"
			cat "$work/said"
			return 1
		}
		grep '^# summary' "$work/said" >>"$work/summaries"
	done
	loaded fwload && unload_idle_module
	rounds=$((rounds + 1))
	last=$(in_use)
	[ $rounds != 2 ] || first=$last
	note "round $rounds, $(($(date +%s) - start)) s: $last KiB in use by the kernel"
	not loaded fwload
}

rounds_all_pass()
{
	start=$(date +%s)
	while [ $(($(date +%s) - start)) -lt "$seconds" ] || [ $rounds -lt 3 ]; do
		round >>"$work/rounds" 2>&1 || {
			cat "$work/rounds"
			return 1
		}
	done
}

memory_is_flat()
{
	[ "$last" -le $((first + slack)) ]
}

# sum WORD: of the numbers before it in all summaries.
sum()
{
	awk -v word="$1" '{ for (i = 2; i <= NF; i++) if ($i ~ "^" word ",?$") n += $(i - 1) }
		END { print n + 0 }' "$work/summaries"
}

check "hooks of the kernel's own are there throughout" keep_hooks
check "rounds of mixed traffic, races, real rule sets and random messages for $seconds s" rounds_all_pass
grep '^# ' "$work/rounds"
check "the kernel has no more memory in use than after two rounds" memory_is_flat
check "the module is gone" not loaded fwload
note "summary: $(sum swaps) swaps, $(sum packets) packets, $(sum namespaces) namespaces," \
	"$(sum messages) random messages"
note "summary: $rounds rounds, from $first to $last KiB in use by the kernel"
passed
