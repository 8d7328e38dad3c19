#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Usage: engine.sh KIND SIZE ENGINE DIR PACKETS [compared]
#
# Loads the rule set in DIR into one engine, in a network namespace made for it (see
# inside.sh), measures, and prints a line for each number:
#
#	KIND SIZE ENGINE NAME VALUE
#
# First the first PACKETS of the trace are sent once: their verdicts go to DIR/ENGINE.verdicts
# and the counters of all rules after them to DIR/ENGINE.counters. Then as much of the trace
# is timed as the engine manages; when that is all of it, DIR/ENGINE.all has its verdicts. With
# `compared` that is left out.
#
# The engines:
#
#	none		nothing loaded: what the hook itself and the packets' memory cost
#	iptables	iptables-legacy-restore
#	iptables-nft	iptables-nft-restore
#	nft-set		one set or map and a rule or two, written by hand
#	ipset		a hash:ip and one rule of iptables
#	fwload		fwimg compile, fwimg push

set -eu
kind=$1
size=$2
engine=$3
dir=$4
packets=$5
stop=${6:-}
programs=$BENCH_PROGRAMS

# The time that one pass over the timed part of the trace may take, in picoseconds.
pass=1000000000000
whole_trace=$(($(stat -c %s "$dir/trace") / 20))

# What is measured: a hook of the filter table, or the callbacks of nat.
mode=cold
table=filter
case $kind in
kube)		mode=nat hook=0 table=nat ;;
shorewall)	hook=2 ;;
*)		hook=1 ;;
esac

case $engine in
iptables)	save="iptables-legacy-save -c -t $table" ;;
iptables-nft)	save="iptables-nft-save -c -t $table" ;;
nft-set)	save="nft list ruleset" ;;
ipset)		save="ipset save" ;;
fwload)		save="$FWIMG save -c -t $table" ;;
esac

put()
{
	echo "$kind $size $engine $1 $2"
}

# measured NAME COMMAND...: runs it with NAME_ms etc. as results; what memory it left in use is
# in $memory.
measured()
{
	name=$1
	shift
	status=0
	"$programs/measure" "$dir/measured" "$@" || status=$?
	[ $status = 0 ] || return $status
	read -r wall user system rss memory <"$dir/measured"
	put "${name}_ms" "$((wall / 1000))"
	put "${name}_user_ms" "$((user / 1000))"
	put "${name}_system_ms" "$((system / 1000))"
	put "${name}_rss_kib" "$rss"
}

load()
{
	case $engine in
	iptables)
		measured load iptables-legacy-restore "$dir/rules.v4"
		;;
	iptables-nft)
		measured load iptables-nft-restore "$dir/rules.v4"
		;;
	nft-set)
		measured load nft -f "$dir/set.nft"
		;;
	ipset)
		measured load sh -c "ipset restore -f '$dir/set.ipset' &&
			iptables-legacy-restore '$dir/set.v4'"
		;;
	fwload)
		measured compile "$FWIMG" compile -o "$dir/image" "$dir/rules.v4"
		put image_bytes "$(stat -c %s "$dir/image")"
		measured push "$FWIMG" push "$dir/image"
		;;
	esac
	# less than that is lost in the noise
	[ "$size" -lt 10000 ] || put memory_kib "$memory"
}

# nft takes minutes to list a million elements.
saves_in_time()
{
	[ "$engine" != nft-set ] || [ "$size" -lt 1000000 ]
}

# Sets and maps by hand have none for each rule.
has_counters()
{
	case $engine in
	iptables|iptables-nft|fwload)	true ;;
	*)	false ;;
	esac
}

# Of kube only what chance has no part in: it takes the endpoints.
counters()
{
	case $kind in
	kube)	grep -E -e '-A (PREROUTING|KUBE-SERVICES) ' ;;
	*)	grep -v '^#' ;;
	esac
}

bench()
{
	echo "$*" >/proc/hookbench
}

value()
{
	sed -n "s/^$1 //p" /proc/hookbench
}

# timed NAME MODE ROUNDS
timed()
{
	bench run "$2" "$hook" "$3"
	put "$1_ps" "$(value best)"
	put "$1_median_ps" "$(value median)"
	put "$1_max_ps" "$(value max)"
}

ip link set lo up
for n in 0 1 2; do
	ip link add "eth$n" type dummy
done
"$programs/measure"
if [ "$engine" != none ]; then
	load
fi
if [ "$engine" != none ] && [ -z "$stop" ] && saves_in_time; then
	# iptables-legacy-save does not survive a million rules everywhere
	measured save sh -c "$save >$dir/saved" || put save_fails 1
	rm -f "$dir/saved"
fi

bench make "$packets"
bench run "$mode" "$hook" 1
cat /proc/hookbench_verdicts >"$dir/$engine.verdicts"
if has_counters; then
	$save | counters >"$dir/$engine.counters" || true
fi
if [ -n "$stop" ]; then
	bench free
	exit
fi

count=$((pass / ($(value best) + 1)))
[ "$count" -le "$whole_trace" ] || count=$whole_trace
[ "$count" -ge 100 ] || count=100
rounds=3
[ "$count" -lt 10000 ] || rounds=7
bench make "$count"
put packets "$count"
if [ "$mode" = nat ]; then
	timed packet nat "$rounds"
	cat /proc/hookbench_verdicts >"$dir/$engine.all"
	timed setup setup "$rounds"
else
	timed warm warm "$rounds"
	timed packet cold "$rounds"
	cat /proc/hookbench_verdicts >"$dir/$engine.all"
fi
[ "$count" = "$whole_trace" ] || rm -f "$dir/$engine.all"
bench free
