#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Everything at once, on all CPUs there are: commits, dumps that read and zero, zeroing, addresses
# that change, namespaces that come and go with rules and attempts to unload the module, during a
# flood; packets that NFQUEUE holds while rules change; flushes and unloading in mid-traffic.
#
# Every packet is counted exactly once: what all answers of read-and-zero say together, and what
# is there in the end, is what was sent. FWLOAD_SWAPS is how many commits at least (400, 100 where
# everything is emulated); there are as many as it takes for all the rest to happen a few times.

. "$(dirname "$0")/lib.sh"

[ "${FWLOAD_KERNEL:-}" = uml ] && swaps=400 || swaps=100
swaps=${FWLOAD_SWAPS:-$swaps}
others="address namespace unload zero_mangle"
times=3		# at least, of each
unloads=5
open=4000
closed=4001
held=4002
queue=7
jobs=

# In User-mode Linux extensions are no modules.
[ "${FWLOAD_KERNEL:-}" = uml ] && modules=0 || modules=1
plan $((10 + modules))
load_module

cleanup()
{
	# shellcheck disable=SC2086	# a list of process numbers
	end_traffic $jobs
}

router()
{
	in_ns router "$@"
}

# As in swap.sh: what saw a mixture of both would be judged wrongly.
ruleset()
{
	cat <<EOF
*mangle
-A PREROUTING -m conntrack --ctstate NEW -j MARK --set-xmark 0x1/0xffffffff
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD $1 [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p udp -m comment --comment "counts all"
-A FORWARD -s (d0) -j DROP
$2
COMMIT
EOF
}

first()
{
	ruleset DROP "-A FORWARD -p udp -m multiport --ports $open,$held -j ACCEPT
-A FORWARD -m recent --set --name seen --mask 255.255.255.255 --rsource"
}

second()
{
	ruleset ACCEPT "-A FORWARD -d 10.0.2.1/32 -p udp -m udp --dport $closed -j DROP
-A FORWARD -m limit --limit 5/sec"
}

queued()
{
	ruleset DROP "-A FORWARD -p udp -m udp --dport $held -j NFQUEUE --queue-num $queue
-A FORWARD -p udp -j ACCEPT"
}

prepare()
{
	make_network && router ip link add d0 type dummy && router ip link set d0 up || return
	for rules in first second queued; do
		$rules | fwimg compile -o "$work/$rules" || return
	done
	router "$FWIMG" push "$work/first" &&
	serve in_ns server "$programs/flood" serve $open $closed &&
	serve in_ns server "$programs/net" serve $held
}

# again NAME COMMAND...: repeats it until the file "over" is there, and says how often in NAME.
again()
{
	name=$1
	shift
	n=0
	while [ ! -e "$work/over" ]; do
		"$@" >"$work/$name.said" 2>&1 || { echo "failed" >"$work/$name"; return; }
		n=$((n + 1))
		echo $n >"$work/$name.new" && mv "$work/$name.new" "$work/$name"
	done
}

# Has each of them happened a few times, or can it not?
others_happened()
{
	for job in $others; do
		case $(cat "$work/$job" 2>/dev/null) in
		failed)	return 0 ;;
		"")	return 1 ;;
		*)	[ "$(cat "$work/$job")" -ge $times ] || return 1 ;;
		esac
	done
}

address()
{
	router ip addr add 10.9.0.1/24 dev d0 && router ip -6 addr add fd00:9::1/64 dev d0 nodad &&
	router ip addr del 10.9.0.1/24 dev d0 && router ip -6 addr del fd00:9::1/64 dev d0
}

namespace()
{
	add_ns come && in_ns come "$FWIMG" push "$work/second" && ip netns del come
}

unload()
{
	not rmmod fwload
}

# Counters of another table than the one whose sum is taken.
zero_mangle()
{
	router "$FWIMG" zero -4 -t mangle && router "$FWIMG" save -c
}

# Flag 2 is FWLOAD_COMMIT_CARRY.
all_at_once()
{
	for client in 1 2; do
		ip netns exec client "$programs/flood" run 10.0.2.1 $open $closed >"$work/flood.$client" &
		floods="${floods:-} $!"
	done
	ip netns exec router "$programs/harvest" >"$work/harvest" 2>&1 &
	harvest=$!
	pids=
	for job in $others; do
		again "$job" "$job" &
		pids="$pids $!"
	done
	jobs="$floods $harvest $pids"
	committed=0
	result=0
	while [ $result = 0 ] && { [ $committed -lt "$swaps" ] || ! others_happened; }; do
		router "$programs/upload" -p 65000 -n 20 "$work/second" begin data flags=2 \
			image="$work/first" begin data flags=2 image="$work/second" \
			>"$work/commits" || result=1
		committed=$((committed + 40))
	done
	tail -n 3 "$work/commits"
	: >"$work/over"
	# shellcheck disable=SC2086	# a list of process numbers
	wait $pids
	# shellcheck disable=SC2086
	kill $floods
	# shellcheck disable=SC2086
	wait $floods
	kill $harvest
	wait $harvest || result=1
	jobs=
	return $result
}

happened()
{
	for job in $others; do
		if [ "$(cat "$work/$job")" = failed ]; then
			echo "$job: $(cat "$work/$job.said")"
			return 1
		fi
	done
	cat "$work/harvest" && ! grep -q 'reads 0 ' "$work/harvest"
}

# total WORD: the sum of what both clients say of it.
total()
{
	awk -v word="$1" '{ for (i = 1; i < NF; i++) if ($i == word) n += $(i + 1) }
		END { print n + 0 }' "$work"/flood.*
}

judged_by_one()
{
	equal lost 0 "$(total lost)" && equal duplicated 0 "$(total duplicated)" &&
	equal leaked 0 "$(total leaked)" && [ "$(total answered)" -gt 0 ]
}

# Every packet that was sent, and the echoes of those that got through.
counted_once()
{
	sent=$(($(total open) + $(total closed) + $(total answered)))
	rest=$(router "$FWIMG" save -c | sed -n 's/^\[\([0-9]*\):.*counts all.*/\1/p')
	taken=$(sed -n 's/.*packets //p' "$work/harvest")
	equal "packets of all answers and of the end" $sent $((rest + taken))
}

# hold: a packet is on its way to the server, and held. The client goes on in the background.
hold()
{
	router "$FWIMG" push "$work/queued" || return
	rm -f "$work/held"
	holder=$(router "$programs/queue" $queue "$work/held") || return
	FWLOAD_NET_WAIT=8000 ip netns exec client "$programs/net" try udp 10.0.2.1 $held >"$work/answer" &
	client=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ ! -e "$work/held" ] || return 0
		sleep 0.2
	done
	echo "no packet was held"
	return 1
}

let_go()
{
	kill -USR1 "$holder"
	wait "$client"
	equal "what becomes of the packet" "$1" "$(cat "$work/answer")"
}

# Commits that keep the hook, of all kinds, one that is refused and one that is a test.
held_through_commits()
{
	hold && router "$FWIMG" push "$work/first" && router "$FWIMG" push --test "$work/second" &&
	not router "$programs/upload" -p 65000 "$work/second" begin data commit=1 &&
	router "$FWIMG" push "$work/second" && let_go open
}

# With the hook goes what it has queued: so the test above can fail.
lost_with_the_hook()
{
	hold && router "$FWIMG" flush && let_go silent
}

# users MODULE: its use count, nothing when it is not there as a module.
users()
{
	sed -n "s/^$1 [0-9]* \([0-9]*\) .*/\1/p" /proc/modules
}

# All that the rules had taken is given back while packets are on their way through it.
unload_in_traffic()
{
	router "$FWIMG" flush && unload_idle_module || return
	before="$(users nf_conntrack) $(users nf_nat) $(users x_tables)"
	ip netns exec client "$programs/flood" run 10.0.2.1 $open $closed >/dev/null &
	jobs=$!
	i=0
	result=0
	while [ $i -lt $unloads ] && [ $result = 0 ]; do
		insmod "$FWLOAD_KO" && router "$FWIMG" push "$work/first" &&
		router "$FWIMG" push "$work/second" && router "$FWIMG" flush && rmmod fwload ||
			result=1
		i=$((i + 1))
	done
	kill $jobs
	wait $jobs
	jobs=
	after="$(users nf_conntrack) $(users nf_nat) $(users x_tables)"
	[ $result = 0 ] && equal "users of modules" "$before" "$after" && insmod "$FWLOAD_KO"
}

# One that is unloaded between its loading and its first use is missing, to iptables as well.
push_or_lack()
{
	router "$FWIMG" push "$1" 2>"$work/lack" || grep -q "no such extension" "$work/lack" ||
		{ cat "$work/lack"; return 1; }
}

# The module of an extension goes whenever nothing needs it, and a commit that does brings it back.
extensions_unload()
{
	rm -f "$work/over" "$work/unloaded"
	again extension rmmod_extensions &
	jobs=$!
	result=0
	i=0
	while [ $i -lt 15 ] && [ $result = 0 ]; do
		push_or_lack "$work/first" && push_or_lack "$work/second" &&
		router "$FWIMG" flush || result=1
		i=$((i + 1))
	done
	: >"$work/over"
	wait $jobs
	jobs=
	cat "$work/extension"
	[ $result = 0 ] && [ -e "$work/unloaded" ] &&
	router "$FWIMG" push "$work/first" && router "$FWIMG" push "$work/second"
}

rmmod_extensions()
{
	for module in xt_recent xt_limit xt_comment xt_multiport; do
		rmmod $module && : >"$work/unloaded"
	done
	return 0
}

check "the network and the first rule set are up" prepare
check "commits succeed while everything else happens" all_at_once
check "and all of it did happen" happened
check "each packet was judged by one generation" judged_by_one
check "each packet was counted once, in all answers and at the end" counted_once
check "a packet that NFQUEUE holds survives commits that keep its hook" held_through_commits
check "it goes when the hook does" lost_with_the_hook
check "flush and unloading in mid-traffic, $unloads times, give back what was taken" unload_in_traffic
[ "$modules" = 0 ] ||
	check "commits and the unloading of extensions do not disturb each other" extensions_unload
note "summary: $committed swaps, $(cat "$work/namespace") namespaces, $(cat "$work/address") address changes," \
	"$(cat "$work/unload") attempts to unload, $(sed 's/packets.*//' "$work/harvest")and zeroed," \
	"$(total open) packets to let through"
check "the rules that are left are flushed" router "$FWIMG" flush
end_servers
remove_network
check "the module goes when the namespaces are gone" unload_idle_module
passed
