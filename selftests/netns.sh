#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each network namespace has rules of its own, and takes them with it when it goes: with rules
# in force, with traffic running, with an image half sent.

. "$(dirname "$0")/lib.sh"

rounds=30

plan 8
load_module

cleanup()
{
	del_ns one two three
	remove_network
}

filter()
{
	printf '*filter\n:INPUT %s [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n' "$1"
	echo '-A INPUT -i lo -p udp -m udp --dport 7 -j ACCEPT'
	echo '-A INPUT -i lo -p udp -m udp --sport 7 -j ACCEPT'
	echo 'COMMIT'
}

# All that takes something per namespace: conntrack, nat, defragmentation, both families.
everything()
{
	echo '-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack' | table_text raw
	echo '-A OUTPUT -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x1/0xffffffff' |
		table_text mangle
	echo '-A POSTROUTING -o lo -j MASQUERADE' | table_text nat
	cat <<'EOF'
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m limit --limit 5/sec -m recent --set --name seen --mask 255.255.255.255 --rsource -j ACCEPT
COMMIT
EOF
}

isolated()
{
	add_ns one two || return
	filter DROP >"$work/one"
	fwimg compile <"$work/one" >"$work/one.img"
	in_ns one "$FWIMG" push "$work/one.img" || return
	in_ns one "$FWIMG" save | grep -q '^:INPUT DROP' || return
	equal "rules of the other namespace" "" "$(in_ns two "$FWIMG" save | grep -v '^#')"
}

judged_apart()
{
	for ns in one two; do
		serve in_ns $ns "$programs/net" serve 7 8 || return
	done
	in_ns one "$programs/net" try udp 127.0.0.1 7 &&
	not in_ns one env FWLOAD_NET_WAIT=300 "$programs/net" try udp 127.0.0.1 8 &&
	in_ns two "$programs/net" try udp 127.0.0.1 8
}

flushed_apart()
{
	in_ns two "$FWIMG" push "$work/one.img" &&
	in_ns one "$FWIMG" flush &&
	in_ns two "$FWIMG" save | grep -q '^:INPUT DROP'
}

come_and_go()
{
	everything | fwimg compile >"$work/everything.img" || return
	fwimg compile -6 <"$work/one" >"$work/six.img" || return
	i=0
	while [ $i -lt $rounds ]; do
		add_ns three &&
		in_ns three "$FWIMG" push "$work/everything.img" &&
		in_ns three "$FWIMG" push "$work/six.img" &&
		in_ns three "$programs/net" try udp 127.0.0.1 7 | grep -q refused &&
		ip netns del three || return
		i=$((i + 1))
	done
}

# The socket outlives the namespace's name, and not by much.
half_sent()
{
	add_ns three || return
	in_ns three sh -c "'$programs/upload' -p 64 '$work/everything.img' begin data=3 kill" \
		>/dev/null 2>&1
	in_ns three sh -c "('$programs/upload' -p 64 '$work/everything.img' begin data=3 sleep=1 data) &" \
		>/dev/null
	sleep 0.3
	ip netns del three
	sleep 1.5
}

under_traffic()
{
	make_network || return
	filter ACCEPT | fwimg compile >"$work/open.img"
	in_ns router "$FWIMG" push "$work/everything.img" &&
	in_ns router "$FWIMG" push "$work/open.img" &&
	serve in_ns server "$programs/flood" serve 4000 4001 || return
	ip netns exec client "$programs/flood" run 10.0.2.1 4000 4001 >"$work/flood" &
	pid=$!
	sleep 1
	ip netns del router
	sleep 1
	# It may have noticed by itself.
	kill $pid 2>/dev/null
	wait $pid
	remove_network
	grep answered "$work/flood" | grep -v -q 'answered 0 '
}

leave()
{
	end_servers
	del_ns one two three
	remove_network
	unload_idle_module
}

check "rules of one namespace are not those of another" isolated
check "packets are judged by the rules of the namespace they are in" judged_apart
check "a flush concerns one namespace" flushed_apart
check "$rounds namespaces come and go with rules in force" come_and_go
check "a namespace goes while an image is being sent" half_sent
check "a namespace goes while its packets are being judged" under_traffic
check "no rules pin the module once their namespaces are gone" leave
check "it can be inserted again" load_module
rmmod fwload
passed
