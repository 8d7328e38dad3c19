#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Addresses of interfaces in rules, (eth0): they follow what the interface has, through
# addresses that come and go, DHCP leases, renaming, removal, duplicate address detection and
# want of memory, without a reload.
#
# Packets go out to addresses of all kinds, and what the rules of OUTPUT counted tells which
# of them matched.

. "$(dirname "$0")/lib.sh"

own_network
plan 18
load_module

changes=300
most=4096	# FWLOAD_MAX_DYN
parameter=/sys/module/fwload/parameters/memory_max

cleanup()
{
	for pid in $dhcp_pids; do
		kill "$pid"
	done
	echo 1024 >$parameter
	del_ns here there
}

# rules: one for each way of asking, which count and let pass.
rules()
{
	echo '*filter'
	while read -r name what; do
		echo "-A OUTPUT -p udp --dport 9 $what -m comment --comment $name"
	done <<'EOF'
addr -d (d0)
not ! -d (d0)
net -d (d0:network)
first -d (d0:0)
other -d (d1)
EOF
	echo 'COMMIT'
}

ready()
{
	ip link add out type dummy && ip link set out up &&
	ip addr add 192.0.2.1/24 dev out && ip -6 addr add 2001:db8::1/64 dev out nodad &&
	ip route add default dev out && ip -6 route add default dev out &&
	rules | fwimg compile -4 -o "$work/4.img" && rules | fwimg compile -6 -o "$work/6.img" &&
	fwimg push "$work/4.img" && fwimg push "$work/6.img" || return
	rm -f "$work/last"
}

# counts FAMILY: what each rule counted so far, as name=packets.
counts()
{
	fwimg save "$1" -c | sed -n 's/^\[\([0-9]*\):.*--comment \([a-z]*\)$/\2=\1/p'
}

# sees ADDRESS NAME...: a packet to ADDRESS matches these rules and no others.
sees()
{
	address=$1
	shift
	case $address in
	*:*)	family=-6 ;;
	*)	family=-4 ;;
	esac
	counts $family >"$work/before"
	env FWLOAD_NET_WAIT=1 "$programs/net" try udp "$address" 9 >/dev/null
	counts $family >"$work/after"
	equal "rules for $address" "$*" \
		"$(grep -v -x -F -f "$work/before" "$work/after" | sed 's/=.*//' | xargs)"
}

absent()
{
	sees 10.9.0.1 not && sees 2001:db8:9::1 not &&
	fwimg save | grep -q -e '-A OUTPUT -d (d0) -p udp' &&
	fwimg save -6 | grep -q -e '-A OUTPUT -d (d0:network) -p udp'
}

comes()
{
	ip link add d0 type dummy && ip link set d0 up && sees 10.9.0.1 not &&
	ip addr add 10.9.0.1/24 dev d0 && sees 10.9.0.1 addr net first &&
	sees 10.9.0.2 not net && sees 10.9.1.2 not &&
	ip -6 addr add 2001:db8:9::1/64 dev d0 nodad &&
	sees 2001:db8:9::1 addr net first && sees 2001:db8:9::2 not net &&
	sees 2001:db8:a::2 not
}

several()
{
	ip addr add 10.9.0.2/24 dev d0 && ip addr add 10.8.0.1/29 dev d0 &&
	sees 10.9.0.1 addr net first && sees 10.9.0.2 addr net && sees 10.8.0.1 addr net &&
	sees 10.8.0.3 not net && sees 10.8.0.8 not &&
	ip addr del 10.9.0.2/24 dev d0 && sees 10.9.0.2 not net
}

# The next one is the first then.
first_goes()
{
	sysctl -q -w net.ipv4.conf.d0.promote_secondaries=1 2>/dev/null ||
		echo 1 >/proc/sys/net/ipv4/conf/d0/promote_secondaries
	ip addr add 10.9.0.3/24 dev d0 && ip addr del 10.9.0.1/24 dev d0 &&
	sees 10.9.0.1 not net && sees 10.8.0.1 addr net first && sees 10.9.0.3 addr net
}

# With a peer, the network is that of the peer.
peer()
{
	ip addr add 10.7.0.1 peer 10.6.0.0/24 dev d0 &&
	sees 10.7.0.1 addr && sees 10.6.0.5 not net &&
	ip addr del 10.7.0.1 peer 10.6.0.0/24 dev d0 &&
	ip -6 addr add 2001:db8:7::1 peer 2001:db8:6::1/64 dev d0 nodad &&
	sees 2001:db8:7::1 addr first && sees 2001:db8:6::5 not net
}

# soon COMMAND...: it succeeds within some seconds.
soon()
{
	for _ in $(seq 100); do
		"$@" >"$work/soon" && return
		sleep 0.1
	done
	cat "$work/soon"
	return 1
}

# Nobody is told that an IPv6 address has another one: it is looked at once a second.
peer_changes()
{
	ip -6 addr change 2001:db8:7::1 peer 2001:db8:5::1/64 dev d0 || return
	soon sees 2001:db8:5::5 not net && sees 2001:db8:6::5 not && sees 2001:db8:7::1 addr first &&
	ip -6 addr del 2001:db8:7::1 peer 2001:db8:5::1/64 dev d0 && sees 2001:db8:5::5 not
}

down()
{
	ip link set d0 down && sees 10.8.0.1 addr net first && sees 2001:db8:9::1 not &&
	ip link set d0 up && sees 10.8.0.1 addr net first
}

renamed()
{
	ip link set d0 down && ip link set d0 name d1 && ip link set d1 up &&
	sees 10.8.0.1 not other && ip link set d1 down && ip link set d1 name d0 &&
	ip link set d0 up && sees 10.8.0.1 addr net first
}

# Found by it, but -i and -o do not know it either.
alternative()
{
	ip link property add dev d0 altname d1 && sees 10.8.0.1 addr net first &&
	ip link property del dev d0 altname d1
}

recreated()
{
	ip link del d0 && sees 10.8.0.1 not && sees 2001:db8:9::1 not &&
	ip link add d0 type dummy && ip link set d0 up && sees 10.8.0.1 not &&
	ip addr add 10.8.0.9/30 dev d0 && sees 10.8.0.9 addr net first
}

moved()
{
	ip netns add there && ip link set d0 netns there && sees 10.8.0.9 not &&
	ip -n there link set d0 netns "$$" && ip link set d0 up && sees 10.8.0.9 not &&
	ip addr add 10.8.0.9/30 dev d0 && sees 10.8.0.9 addr net first
	status=$?
	ip netns del there
	return $status
}

is_duplicate()
{
	ip -6 addr show dev d2 | grep -q dadfailed
}

# Two ends of a cable with one address: the second to come loses.
has_duplicate()
{
	ip link add d2 type veth peer name d3 && add_ns there && ip link set d3 netns there &&
	ip -n there link set d3 up && ip link set d2 up &&
	ip -n there addr add fd00:9::1/64 dev d3 nodad || return
	rules | sed 's/d1/d2/' | fwimg compile -6 | fwimg push || return
	# a check that takes a minute, unless there is an answer
	echo 60 >/proc/sys/net/ipv6/conf/d2/dad_transmits &&
	ip addr add fd00:9::1/64 dev d2 && ip addr add fd00:9::2/64 dev d2 || return
	# Being checked, and in force: there is no moment in which it is used and does not match.
	ip -6 addr show dev d2 tentative | grep -q fd00:9::2 || { echo "not tentative"; return 1; }
	sees fd00:9::2 not other || return
	soon is_duplicate || { echo "no DAD"; return 1; }
	# It is looked at a few times a second.
	soon sees fd00:9::1 not && sees fd00:9::2 not other
}

duplicate()
{
	has_duplicate
	status=$?
	fwimg push "$work/6.img"
	ip link del d2
	del_ns there
	return $status
}

# Not known: packets that ask are dropped, until it is known again.
no_memory()
{
	ip addr add 10.9.0.1/24 dev d0 && sees 10.9.0.1 addr net || return
	echo 0 >$parameter
	ip addr add 10.9.0.2/24 dev d0 && sees 10.9.0.2 && sees 10.1.2.3 || return
	dmesg | grep -q 'no memory for the addresses of interface "d0"' || return
	echo 1024 >$parameter
	soon sees 10.9.0.2 addr net && sees 10.9.0.1 addr net
}

memory()
{
	fwimg info | sed -n 's/^generation [0-9]*, \([0-9]*\) bytes.*/\1/p'
}

# memory_is BYTES: of the namespace; what was replaced is freed a moment later.
memory_is()
{
	equal "bytes of memory" "$1" "$(memory)"
}

# ask_for N: rules for N interfaces, from line 2 on.
ask_for()
{
	seq "$1" | awk 'BEGIN { print "*filter" } { print "-A OUTPUT -d (i" $1 ")" }
		END { print "COMMIT" }'
}

# One more is refused at its rule, and leaves nothing behind.
too_many()
{
	ask_for $most >"$work/most.v4" && ask_for $((most + 1)) >"$work/many.v4" &&
	fwimg compile -o "$work/most.img" "$work/most.v4" &&
	fwimg compile -o "$work/many.img" "$work/many.v4" || return
	fwimg flush && soon memory_is 0 && fwimg push "$work/most.img" || return
	bytes=$(memory)
	refused "many.v4:$((most + 2)): error: .*FWLOAD_MAX_DYN" fwimg push "$work/many.img" &&
	soon memory_is "$bytes" && fwimg flush && soon memory_is 0 &&
	refused "many.v4:$((most + 2)): error: .*FWLOAD_MAX_DYN" fwimg push "$work/many.img" &&
	soon memory_is 0 && fwimg push "$work/most.img" && fwimg flush && soon memory_is 0
}

# Addresses that come, of which every third goes again at once, and all others in the end: as
# batches for ip, a few in each, since starting one takes longer than they do.
comings_and_goings()
{
	awk -v n="$changes" -v batch="$work/change." '
		function change(what)
		{
			file = batch int(1000 + lines / 20)
			printf "addr %s 10.9.%d.%d/32 dev d0\n", what, i % 200, i % 250 + 2 >file
			lines++
		}
		BEGIN {
			for (i = 1; i <= n; i++) {
				change("add")
				if (i % 3 == 0)
					change("del")
			}
			for (i = 1; i <= n; i++)
				if (i % 3)
					change("del")
		}'
}

# Traffic to an address that stays, while others come and go.
under_traffic()
{
	pid=
	ip addr flush dev d0
	ip addr add 10.9.0.1/24 dev d0 || return
	fwimg flush && sleep 1 || return
	empty=$(memory)
	printf '*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp -d (d0) --dport 4000 -j ACCEPT\n-A INPUT -p udp -s (d0) --sport 4000 -j ACCEPT\n-A OUTPUT -d (d0) -m comment --comment d\nCOMMIT\n' |
		fwimg compile | fwimg push || return
	serve "$programs/flood" serve 4000 4001 || return
	"$programs/flood" run 10.9.0.1 4000 4001 >"$work/flood" &
	pid=$!
	comings_and_goings
	for file in "$work"/change.*; do
		ip -batch "$file" || return
	done
	kill -TERM $pid
	wait $pid
	cat "$work/flood"
	grep -q ' lost 0 leaked 0 duplicated 0' "$work/flood" &&
	! grep -q ' answered 0 ' "$work/flood" || return
	fwimg flush && soon memory_is "$empty"
}

# udhcpc's script: it configures the interface as it is told.
lease_script()
{
	cat <<'EOF'
#!/bin/sh
case $1 in
bound|renew)
	ip addr flush dev "$interface" scope global
	ip addr add "$ip/$mask" dev "$interface"
	;;
deconfig)
	ip addr flush dev "$interface" scope global
	ip link set "$interface" up
	;;
esac
EOF
}

dhcpd()
{
	cat >"$work/udhcpd.conf" <<EOF
interface s
start $1
end $1
max_leases 1
lease_file $work/leases
pidfile $work/udhcpd.pid
option subnet 255.255.255.0
option lease 60
EOF
	: >"$work/leases"
	ip netns exec there busybox udhcpd -f "$work/udhcpd.conf" >"$work/udhcpd.log" 2>&1 &
	dhcpd=$!
	dhcp_pids="$dhcp_pids $dhcpd"
}

# lease: one run of the client, until it has an address.
lease()
{
	in_ns here busybox udhcpc -i c -n -q -f -t 10 -T 1 -s "$work/script" >"$work/udhcpc.log" 2>&1 ||
		{ cat "$work/udhcpc.log" "$work/udhcpd.log"; return 1; }
}

# The client's host sends on and on; its firewall passes only what comes from its own address
# of the moment. Nothing is loaded in between.
dhcp()
{
	lease_script >"$work/script" && chmod +x "$work/script"
	add_ns here there && ip link add c netns here type veth peer name s netns there &&
	ip -n here link set c up && ip -n there link set s up &&
	ip -n there addr add 10.5.0.254/24 dev s || return
	cat <<'EOF' | fwimg compile >"$work/dhcp.img" || return
*filter
:INPUT DROP [0:0]
:OUTPUT DROP [0:0]
-A OUTPUT -o c -p udp --sport 68 --dport 67 -j ACCEPT
-A INPUT -i c -p udp --sport 67 --dport 68 -j ACCEPT
-A OUTPUT -o c -s (c) -p udp --dport 7 -j ACCEPT
-A INPUT -i c -d (c) -p udp --sport 7 -j ACCEPT
COMMIT
EOF
	in_ns here "$FWIMG" push "$work/dhcp.img" && serve in_ns there "$programs/net" serve 7 &&
	not in_ns here env FWLOAD_NET_WAIT=200 "$programs/net" try udp 10.5.0.254 7 || return
	dhcpd 10.5.0.20
	lease && in_ns here ip addr show dev c | grep -q 10.5.0.20 &&
	in_ns here "$programs/net" try udp 10.5.0.254 7 || return
	kill $dhcpd
	wait $dhcpd 2>/dev/null
	dhcpd 10.5.0.77
	while :; do
		in_ns here env FWLOAD_NET_WAIT=200 "$programs/net" try udp 10.5.0.254 7
	done >"$work/flow" &
	flow=$!
	lease
	status=$?
	kill $flow
	[ $status = 0 ] && in_ns here ip addr show dev c | grep -q 10.5.0.77 || return
	in_ns here "$programs/net" try udp 10.5.0.254 7 || return
	in_ns here "$FWIMG" save -c >"$work/dhcp"
	cat "$work/dhcp"
	# Counters of both leases, in the generation that was loaded at the start.
	grep -q '^\[[1-9][0-9]*:.* -A OUTPUT -s (c) -o c' "$work/dhcp" &&
	in_ns here "$FWIMG" info | grep -q '^generation 1,'
}

leave()
{
	kill "$dhcpd" 2>/dev/null
	end_servers
	del_ns here there
	fwimg flush
	unload_idle_module
}

dhcp_pids=
check "rules for interfaces that do not exist load" ready
check "an interface that is not there matches nothing, negated everything" absent
check "an address comes, and the rules know it" comes
check "an interface has several addresses" several
check "the first address goes, and the next one is the first" first_goes
check "the network of an address with a peer is the peer's" peer
check "an IPv6 address gets another peer, and the network is that one's" peer_changes
check "an interface that is down keeps its IPv4 addresses, as ip address has it" down
check "an interface is renamed, and the rules stay with the name" renamed
check "an alternative name is none" alternative
check "an interface is deleted and made again" recreated
check "an interface goes to another namespace and comes back" moved
check "an address counts while it is checked, and no more when it is a duplicate" duplicate
check "without memory packets are dropped, and with it the rules are right again" no_memory
check "a namespace's rules ask for so many interfaces and no more" too_many
check "$changes addresses come and go under traffic, and no packet is lost" under_traffic
check "a flow goes on through a new DHCP lease, rules and counters in place" dhcp
check "namespaces and module go" leave
passed
