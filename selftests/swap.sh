#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Two rule sets that give every packet of a flow the same verdict by different rules of one
# table are swapped FWLOAD_SWAPS times (1,000) under a flood: no packet is judged otherwise, and a
# rule that both have has counted every packet exactly once.
#
# The rules are such that a packet which saw a mixture of both would be judged wrongly: the
# first accepts what is good and ends in a drop, the second drops what is bad and ends in an
# accept.

. "$(dirname "$0")/lib.sh"

swaps=${FWLOAD_SWAPS:-1000}
open=4000
closed=4001

plan 7
load_module

cleanup()
{
	for pid in ${floods:-}; do
		kill "$pid"
	done
	remove_network
}

ruleset()
{
	cat <<EOF
*filter
:INPUT ACCEPT [0:0]
:FORWARD $1 [0:0]
:OUTPUT ACCEPT [0:0]
:good - [0:0]
:bad - [0:0]
-A FORWARD -p udp -m comment --comment "counts all"
$2
COMMIT
EOF
}

first()
{
	ruleset DROP "-A FORWARD -p udp -m udp --dport $open -j ACCEPT
-A FORWARD -s 10.0.2.0/24 -p udp -m udp --sport $open -j good
-A FORWARD -m statistic --mode random --probability 0.5 -j bad
-A good -j ACCEPT
-A bad -p udp -j DROP"
}

second()
{
	ruleset ACCEPT "-A FORWARD -p udp -m udp --sport $open -j ACCEPT
-A FORWARD -d 10.0.2.1/32 -p udp -m udp --dport $closed -j bad
-A FORWARD -d 10.0.2.1/32 -p udp -m multiport --dports $open,9 -g good
-A bad -m length --length 28:100 -j DROP
-A bad -j DROP
-A good -i c -o s"
}

prepare()
{
	make_network &&
	first | fwimg compile >"$work/first" &&
	second | fwimg compile >"$work/second" &&
	in_ns router "$FWIMG" push "$work/first" &&
	serve in_ns server "$programs/flood" serve $open $closed
}

# One commit after the other, as long as all succeed; two clients flood meanwhile. Started once
# per commit, the tool would take most of the time: the first and the last are by the tool, all
# others by one process that sends what the tool sends. Flag 2 is FWLOAD_COMMIT_CARRY.
swap_under_load()
{
	for client in 1 2; do
		ip netns exec client "$programs/flood" run 10.0.2.1 $open $closed >"$work/flood.$client" &
		floods="${floods:-} $!"
	done
	in_ns router "$FWIMG" push "$work/second" &&
	in_ns router "$programs/upload" -p 65000 -n $((swaps / 2 - 1)) \
		"$work/first" begin data flags=2 \
		image="$work/second" begin data flags=2 image="$work/first" >"$work/commits" &&
	in_ns router "$FWIMG" push "$work/first"
	result=$?
	tail -n 5 "$work/commits"
	# shellcheck disable=SC2086	# a list of process numbers
	kill $floods
	# shellcheck disable=SC2086
	wait $floods
	floods=
	cat "$work"/flood.*
	return $result
}

# total WORD: the sum of what both clients say of it.
total()
{
	awk -v word="$1" '{ for (i = 1; i < NF; i++) if ($i == word) n += $(i + 1) }
		END { print n + 0 }' "$work"/flood.*
}

# A flood that was over before the swaps were proves little.
enough()
{
	[ "$(total answered)" -ge $((2 * swaps)) ] || {
		cat "$work"/flood.*
		return 1
	}
}

none()
{
	equal "packets $1" 0 "$(total "$1")"
}

none_lost_or_doubled()
{
	none lost && none duplicated
}

# Every packet that was sent, and the echoes of those that got through.
counted_once()
{
	sent=$(($(total open) + $(total closed) + $(total answered)))
	counted=$(in_ns router "$FWIMG" save -c | sed -n 's/^\[\([0-9]*\):.*counts all.*/\1/p')
	equal "packets of the rule that both have" "$sent" "$counted"
}

check "the network and the first rule set are up" prepare
check "$swaps commits succeed during a flood" swap_under_load
check "the flood lasted" enough
check "no packet that is to pass was dropped" none_lost_or_doubled
check "no packet that is to be dropped passed" none leaked
check "no count was lost or doubled" counted_once
note "summary: $swaps swaps in mid-traffic, $(total open) packets to let through," \
	"$(total closed) to drop, $(total lost) and $(total leaked) judged otherwise"
end_servers
remove_network
check "the module goes when the namespaces are gone" unload_idle_module
passed
