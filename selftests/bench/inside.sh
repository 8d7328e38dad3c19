#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Usage: inside.sh [KIND...]
#        inside.sh compare PACKETS SEED
#
# What run.sh runs in User-mode Linux: every engine with every rule set, one after the other in
# one kernel, each in a network namespace of its own, which is gone before the next one starts.
# Prints what engine.sh prints, and for each engine after the first
#
#	KIND SIZE ENGINE verdicts same|DIFFER
#	KIND SIZE ENGINE counters same|DIFFER
#
# The second form does nothing else: fwload against iptables, with PACKETS of traces and rule sets
# that begin with SEED.
#
# Fails when something differs.

set -eu
programs=$BENCH_PROGRAMS
here=$(dirname "$0")
differ=0

# Kinds, sizes, engines. The slow ones stop where a packet takes them a millisecond, or
# loading minutes.
plan()
{
	cat <<-'END'
	service 10,100,1000 none,iptables,iptables-nft,nft-set,fwload
	service 10000 none,iptables,iptables-nft,nft-set,fwload
	service 100000 none,iptables,iptables-nft,nft-set,fwload
	service 1000000 none,nft-set,fwload
	blocklist 10,100,1000,10000 iptables,iptables-nft,nft-set,ipset,fwload
	blocklist 100000 iptables,nft-set,ipset,fwload
	blocklist 1000000 nft-set,ipset,fwload
	acl 10,100,1000 iptables,iptables-nft,fwload
	acl 10000,100000 iptables,fwload
	acl 1000000 fwload
	fw 10,100,1000 iptables,iptables-nft,fwload
	fw 10000,100000 iptables,fwload
	fw 1000000 fwload
	ipc 10,100,1000 iptables,iptables-nft,fwload
	ipc 10000,100000 iptables,fwload
	ipc 1000000 fwload
	duplicate 1000,100000 iptables,fwload
	range 1000,100000 iptables,fwload
	hostrange 1000,100000 iptables,fwload
	wild 1000,100000 iptables,fwload
	bucket 1000,100000 iptables,fwload
	between 1000,100000 iptables,fwload
	kube 10,100,1000 iptables,iptables-nft,nft-set,fwload
	kube 10000 iptables,nft-set,fwload
	ufw 85 none,iptables,iptables-nft,fwload
	shorewall 209 none,iptables,iptables-nft,fwload
	END
}

compare_plan()
{
	for kind in service blocklist acl fw ipc duplicate range hostrange wild bucket between; do
		echo "$kind 12,40,300,3000 iptables,fwload"
	done
	cat <<-'END'
	kube 10,100 iptables,fwload
	ufw 85 iptables,fwload
	shorewall 209 iptables,fwload
	END
}

# The packets that are compared: a list of rules takes about 5 ns a rule for each.
compared()
{
	if [ -n "$trace" ]; then
		echo "$trace"
		return
	fi
	n=$((200000000 / $1))
	[ $n -ge 200 ] || n=200
	[ $n -le 400000 ] || n=400000
	echo $n
}

generate()
{
	case $1 in
	ufw|shorewall)
		"$programs/generate" "$1" 1 "$dir" "${trace:-400000}" "${seed:-0}"
		# a token that a limit gives in one run and not in the other is no difference
		sed 's#\(limit[a-z-]*\) [0-9]*/[a-z]*#\1 1/hour#' \
			"$here/../rulesets/$1.v4" >"$dir/rules.v4"
		;;
	*)
		"$programs/generate" "$1" "$2" "$dir" "${trace:-400000}" "${seed:-0}"
		;;
	esac
}

# agree WHAT FILE FILE: says whether they are the same; those that are not there agree.
agree()
{
	if [ ! -e "$2" ] || [ ! -e "$3" ]; then
		return
	elif cmp -s "$2" "$3"; then
		echo "$kind $size $engine $1 same"
	else
		echo "$kind $size $engine $1 DIFFER"
		differ=1
	fi
}

# The first engine that judges is what the others are compared with; sets have no counters.
compare()
{
	[ "$engine" != none ] || return 0
	if [ -z "$first" ]; then
		first=$engine
		return
	fi
	agree verdicts "$dir/$first.verdicts" "$dir/$engine.verdicts"
	for other in iptables nft-set ipset; do
		[ "$other" = "$engine" ] ||
			agree "all_verdicts_of_$other" "$dir/$other.all" "$dir/$engine.all"
	done
	case $first-$engine in
	iptables-iptables-nft|iptables-fwload)
		agree counters "$dir/iptables.counters" "$dir/$engine.counters"
	esac
}

# The host finds a page for the machine when it first touches one of its own: not while
# something is measured.
touch_memory()
{
	mkdir "$TMPDIR/touch"
	mount -t tmpfs -o size=90% none "$TMPDIR/touch"
	head -c "$(awk '/^MemFree/ { printf "%d", $2 * 0.8 }' /proc/meminfo)K" \
		/dev/zero >"$TMPDIR/touch/zeros"
	umount "$TMPDIR/touch"
}

run_set()
{
	kind=$1
	size=$2
	dir=$TMPDIR/set
	rm -rf "$dir"
	mkdir "$dir"
	generate "$kind" "$size"
	echo "trace $dir/trace" >/proc/hookbench
	first=
	for engine in $(echo "$3" | tr , ' '); do
		unshare -n "$here/engine.sh" "$kind" "$size" "$engine" "$dir" \
			"$(compared "$size")" $stop
		compare
	done
}

insmod "$BENCH_KO"
insmod "$FWLOAD_KO"
echo 10000000 >/proc/sys/net/netfilter/nf_conntrack_max
# free pages that a CPU keeps for itself do not count as free, and it keeps as many as it likes
echo 10000 >/proc/sys/vm/percpu_pagelist_high_fraction
trace=
seed=
stop=
if [ "${1:-}" = compare ]; then
	trace=$2
	seed=$3
	stop=compared
	compare_plan >"$TMPDIR/plan"
elif [ $# -gt 0 ]; then
	only=$(echo "$*" | tr ' ' '|')
	plan >"$TMPDIR/all"
	grep -E "^($only) " "$TMPDIR/all" >"$TMPDIR/plan"
else
	plan >"$TMPDIR/plan"
fi
[ -n "$stop" ] || touch_memory
while read -r kind sizes engines; do
	for size in $(echo "$sizes" | tr , ' '); do
		run_set "$kind" "$size" "$engines"
	done
done <"$TMPDIR/plan"
exit $differ
