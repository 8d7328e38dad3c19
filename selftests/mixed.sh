#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Real rule sets, of both families and all tables, take turns each second for FWLOAD_MIXED seconds
# (10), while UDP floods and TCP connections of both families go through them, counters are
# read, and namespaces come and go with rules of their own.
#
# At the head of FORWARD each rule set has, in words of its own, rules that say what becomes of
# this traffic: it is the same in all of them. The first rule counts every packet of the floods.

. "$(dirname "$0")/lib.sh"

seconds=${FWLOAD_MIXED:-10}
open=4000
closed=4001
web=80
shut=81
sets="ufw shorewall ferm"
addresses="10.0.2.1 fd00:2::1"
jobs=

plan 9
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

# What is not accepted there meets the policy, which is DROP in all of them.
head_of()
{
	echo "-A FORWARD -p udp -m multiport --ports $open,$closed -m comment --comment counted"
	sed -n "s/^$1: //p" <<EOF
ufw: -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
ufw: -A FORWARD -p udp -m udp --dport $open -j ACCEPT
ufw: -A FORWARD -p tcp -m tcp --dport $web -j ACCEPT
shorewall: -A FORWARD -p udp -m udp --dport $closed -j DROP
shorewall: -A FORWARD -i c -p tcp -m tcp --dport $shut -j DROP
shorewall: -A FORWARD -p udp -m multiport --ports $open -j ACCEPT
shorewall: -A FORWARD -p tcp -m multiport --ports $web -j ACCEPT
ferm: -A FORWARD -o c -j ACCEPT
ferm: -A FORWARD -p udp -m udp --dport $open -m length --length 0:1000 -j ACCEPT
ferm: -A FORWARD -p tcp -m multiport --dports 22,$web,443 -j ACCEPT
EOF
}

# with_head SET FILE: the rules of FILE, those of SET before the first one of the table filter.
with_head()
{
	head_of "$1" >"$work/head"
	awk -v head="$work/head" '
		/^\*/ { table = $0 }
		table == "*filter" && !done && /^(-A|COMMIT)/ {
			while ((getline line <head) > 0)
				print line
			done = 1
		}
		{ print }' "$2"
}

# There is one rule set of IPv6: it goes with each, under another head.
prepare()
{
	make_network || return
	for set in $sets; do
		with_head "$set" "$here/rulesets/$set"*.v4 >"$work/$set.v4" &&
		with_head "$set" "$here/rulesets/ufw.v6" >"$work/$set.v6" &&
		fwimg compile -o "$work/$set" "$work/$set.v4" "$work/$set.v6" || return
	done
	router "$FWIMG" push "$work/ufw" &&
	serve in_ns server "$programs/flood" serve $open $closed &&
	serve in_ns server "$programs/net" serve $web $shut
}

# again JOB: repeats it until the file "over" is there; prints how often, or that it failed.
again()
{
	n=0
	while [ ! -e "$work/over" ]; do
		"$1" >"$work/$1.said" 2>&1 || { echo "failed after $n"; return; }
		n=$((n + 1))
	done
	echo $n
}

# An answer is waited for as long as it takes, where none is to come for a moment.
connections()
{
	for address in $addresses; do
		FWLOAD_NET_WAIT=30000 in_ns client "$programs/net" try tcp "$address" $web &&
		FWLOAD_NET_WAIT=100 not in_ns client "$programs/net" try tcp "$address" $shut ||
			return
	done
}

# They are there to meet the rules; what these say of them differs.
strays()
{
	for port in 22 53 137 8080; do
		for address in 10.0.1.254 fd00:1::fe $addresses; do
			FWLOAD_NET_WAIT=20 in_ns client "$programs/net" try udp "$address" $port
			FWLOAD_NET_WAIT=20 in_ns client "$programs/net" try tcp "$address" $port
		done
	done
	return 0
}

namespaces()
{
	add_ns come && in_ns come "$FWIMG" push "$work/shorewall" &&
	in_ns come "$FWIMG" push "$work/ufw" && ip netns del come
}

reads()
{
	router "$FWIMG" save -c && router "$FWIMG" info
}

take_turns()
{
	floods=
	for address in $addresses; do
		ip netns exec client "$programs/flood" run "$address" $open $closed \
			>"$work/flood.$address" &
		floods="$floods $!"
	done
	others=
	for job in connections strays namespaces reads; do
		again "$job" >"$work/$job" &
		others="$others $!"
	done
	jobs="$floods $others"
	swaps=0
	result=0
	end=$(($(date +%s) + seconds))
	while [ $result = 0 ] && [ "$(date +%s)" -lt $end ]; do
		for set in $sets; do
			sleep 1
			router "$FWIMG" push "$work/$set" || result=1
			swaps=$((swaps + 1))
		done
	done
	: >"$work/over"
	# shellcheck disable=SC2086	# a list of process numbers
	wait $others
	# shellcheck disable=SC2086
	kill $floods
	# shellcheck disable=SC2086
	wait $floods
	jobs=
	return $result
}

# went JOB...: each did, at least once, and none failed.
went()
{
	for job; do
		if ! [ "$(cat "$work/$job")" -gt 0 ]; then
			cat "$work/$job" "$work/$job.said"
			return 1
		fi
	done
}

# total WORD ADDRESS...: what the floods to these say of it, in all.
total()
{
	word=$1
	shift
	for address; do
		cat "$work/flood.$address"
	done | awk -v word="$word" '{ for (i = 1; i < NF; i++) if ($i == word) n += $(i + 1) }
		END { print n + 0 }'
}

judged_alike()
{
	for address in $addresses; do
		equal "lost to $address" 0 "$(total lost "$address")" &&
		equal "leaked to $address" 0 "$(total leaked "$address")" &&
		equal "duplicated to $address" 0 "$(total duplicated "$address")" &&
		[ "$(total answered "$address")" -gt 0 ] || return
	done
}

# counted -4|-6 ADDRESS: what was sent there, and the echoes of those that got through.
counted()
{
	sent=$(($(total open "$2") + $(total closed "$2") + $(total answered "$2")))
	seen=$(router "$FWIMG" save -c "$1" | sed -n 's/^\[\([0-9]*\):.*--comment counted.*/\1/p')
	equal "packets to $2 and back" $sent "$seen"
}

counted_once()
{
	counted -4 10.0.2.1 && counted -6 fd00:2::1
}

check "the network and the first rule set are up" prepare
check "a rule set takes the place of another each second" take_turns
check "each packet of the floods met the same fate under all of them" judged_alike
check "each was counted once, whatever was in force" counted_once
check "TCP connections were made, or not, as the rules say" went connections
check "namespaces came and went" went namespaces
check "other packets met the rules, and counters were read" went strays reads
# shellcheck disable=SC2086	# a list of words
note "summary: $swaps swaps of real rule sets, $(cat "$work/namespaces") namespaces," \
	"$(cat "$work/connections") times four connections," \
	"$(total open $addresses) packets to let through"
check "the rules are flushed" router "$FWIMG" flush
end_servers
remove_network
check "the module goes when the namespaces are gone" unload_idle_module
passed
