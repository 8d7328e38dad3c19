#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# x_tables extensions inside fwload rules: all that the kernel has load, those that are
# modules too, come back as text and let go of what they took; what an extension refuses
# is refused with a cause; and some are seen at work on traffic.

. "$(dirname "$0")/lib.sh"

plan 52
load_module

cleanup()
{
	remove_network
	del_ns rules
}

all_in_force()
{
	fwimg compile "$here/ext.$1" >"$work/image" &&
	timeout 120 ip netns exec rules "$FWIMG" push "$work/image"
}

# comes_back 4|6 TOOL: the rules that save prints are those that iptables-legacy prints.
comes_back()
{
	in_ns rules "$FWIMG" save "-$1" >"$work/saved" || return
	unshare -n sh -c "$2-legacy-restore <'$here/ext.v$1' && $2-legacy-save" \
		>"$work/iptables" || return
	for file in saved iptables; do
		grep '^-A' "$work/$file" | sort >"$work/$file.rules"
	done
	same "the rules" "$work/iptables.rules" "$work/saved.rules"
}

# Once the grace period has passed, no extension has a user left.
let_go()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		held=$(awk '$1 ~ /^(xt|ipt|ip6t)_|^nf_(conntrack|nat)_ftp$/ && $3 > 0 &&
			    $4 == "-" { print $1, $3 }' /proc/modules)
		[ -n "$held" ] || return 0
		sleep 1
	done
	echo "still in use: $held"
	return 1
}

flushed()
{
	in_ns rules "$FWIMG" flush && let_go
}

# With one more: what a set is to its rule is looked up in a namespace that is going away.
namespace_ends()
{
	in_ns rules ipset create some hash:ip || return
	sed '/^-A INPUT -m devgroup/i -A INPUT -m set --match-set some src' \
		"$here/ext.v4" >"$work/text" &&
	fwimg compile -4 "$work/text" >"$work/image" &&
	timeout 120 ip netns exec rules "$FWIMG" push "$work/image" &&
	del_ns rules && let_go
}

# one NAMESPACE TABLE RULE...: these rules, and no others in this table.
one()
{
	ns=$1
	name=$2
	shift 2
	for rule; do
		echo "$rule"
	done | table_text "$name" | fwimg compile "$family" >"$work/image" &&
	in_ns "$ns" timeout 60 "$FWIMG" push "$work/image"
}

# empty NAMESPACE: no rules.
empty()
{
	in_ns "$1" "$FWIMG" flush
}

# refuses WHY TABLE RULE: the kernel says WHY, and points at the rule.
refuses()
{
	refused "$1" one rules "$2" "$3" && grep -q -e ":[0-9]*: error:" "$work/.refusal"
}

# counted NAMESPACE PACKETS PATTERN: the rule that matches PATTERN has met so many.
counted()
{
	in_ns "$1" "$FWIMG" save "$family" -c >"$work/counters" || return
	seen=$(sed -n "s/^\[\([0-9]*\):[0-9]*\] .*$3.*/\1/p" "$work/counters")
	equal "packets of $3" "$2" "$seen"
}

# in_force NAMESPACE PATTERN: save prints a rule like this.
in_force()
{
	in_ns "$1" "$FWIMG" save "$family" >"$work/saved" && grep -e "$2" "$work/saved"
}

# client WORD PROTO ADDRESS PORT: what becomes of a request of the client's.
client()
{
	equal "$2 to $3 port $4" "$1" \
	      "$(in_ns client env FWLOAD_NET_WAIT=700 "$programs/net" try "$2" "$3" "$4")"
}

# limited TABLE RULE...: with these rules, two requests get through and the third does not.
limited()
{
	one router "$@" || return
	client open udp 10.0.2.1 7 && client open udp 10.0.2.1 7 &&
	client silent udp 10.0.2.1 7
}

# The helper reads the second line of an FTP client and expects the connection it asks for.
ftp_is_followed()
{
	# either end closes when its standard input does
	sleep 5 | in_ns server busybox nc -l -p 21 >/dev/null &
	sleep 1
	{
		printf 'NOOP\r\n'
		sleep 1
		printf 'PORT 10,0,1,1,100,1\r\n'
		sleep 1
	} | in_ns client busybox nc 10.0.2.1 21
	in_ns router cat /proc/net/nf_conntrack_expect | grep 'dport=25601 .*ftp'
}

family=-4
add_ns rules
check "all extensions of IPv4 load" all_in_force v4
check "their rules come back as iptables prints them" comes_back 4 iptables
check "a flush lets go of their modules" flushed
check "all extensions of IPv6 load" all_in_force v6
check "their rules come back as ip6tables prints them" comes_back 6 ip6tables
check "so does the end of a namespace with all in force" namespace_ends
add_ns rules

check "an unknown helper" refuses "no such conntrack helper" raw \
	"-A OUTPUT -p tcp -m tcp --dport 21 -j CT --helper nosuch"
check "a helper of another protocol" refuses "no such conntrack helper" raw \
	"-A OUTPUT -p udp -m udp --dport 21 -j CT --helper ftp"
check "a helper without a protocol" refuses "refuses its parameters" raw \
	"-A OUTPUT -j CT --helper ftp"
check "a target in a table that is not its own" refuses "not valid in this table" filter \
	"-A INPUT -j CT --notrack"
check "a target in a hook that is not its own" refuses "hook" mangle \
	"-A POSTROUTING -p tcp -j TPROXY --on-port 1 --on-ip 127.0.0.1 --tproxy-mark 0x1/0x1"
check "TCPMSS without a match on SYN" refuses "SYN" mangle \
	"-A FORWARD -p tcp -j TCPMSS --set-mss 1400"
check "clamping where there is no route" refuses "refuses its parameters" mangle \
	"-A INPUT -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
check "tcp-reset for what is not tcp" refuses "refuses its parameters" filter \
	"-A INPUT -p udp -j REJECT --reject-with tcp-reset"
check "an output device where there is none yet" refuses "refuses its parameters" filter \
	"-A INPUT -m addrtype --dst-type LOCAL --limit-iface-out -j ACCEPT"
check "a bridge port where packets do not come from one" refuses "refuses its parameters" \
	filter "-A OUTPUT -m physdev --physdev-out eth0 -j ACCEPT"
check "an unknown search algorithm" refuses "no such search algorithm" filter \
	"-A INPUT -m string --string x --algo nosuch -j ACCEPT"
check "an ip set that is not there" refuses "no such ip set" filter \
	"-A INPUT -m set --match-set nosuch src -j ACCEPT"

check "a network with a router" make_network
check "a server behind it" serve in_ns server "$programs/net" serve 7 9 80 81
check "a server on it" serve in_ns router "$programs/net" serve 8000

one router filter \
	"-A FORWARD -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset" \
	"-A FORWARD -p udp -m udp --dport 80 -j REJECT --reject-with icmp-port-unreachable"
check "REJECT answers TCP" client refused tcp 10.0.2.1 80
check "REJECT answers UDP" client refused udp 10.0.2.1 80
check "and leaves the others alone" client open tcp 10.0.2.1 81

udp="-A FORWARD -i c -p udp -m udp --dport 7"
check "limit" limited filter "$udp -m limit --limit 1/hour --limit-burst 2 -j ACCEPT" \
	"$udp -j DROP"
check "hashlimit" limited filter "$udp -m hashlimit --hashlimit-upto 1/hour \
--hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name ext -j ACCEPT" "$udp -j DROP"
check "recent" limited filter \
	"$udp -m recent --name ext --update --seconds 60 --hitcount 2 -j DROP" \
	"$udp -m recent --name ext --set -j ACCEPT"
check "quota" limited filter "$udp -m quota --quota 70 -j ACCEPT" "$udp -j DROP"
check "statistic" limited filter "$udp -m statistic --mode nth --every 3 --packet 2 -j DROP"

one router filter "$udp -m string --string hello --algo bm -j DROP"
check "string" client silent udp 10.0.2.1 7
one router filter "$udp -m u32 --u32 0x0>>0x16&0x3c@0x8=0x68656c6c -j DROP"
check "u32" client silent udp 10.0.2.1 7
one router filter "-A INPUT -p udp -m udp --dport 8000 -m addrtype ! --src-type LOCAL \
--dst-type LOCAL --limit-iface-in -j DROP"
check "addrtype" client silent udp 10.0.1.254 8000
one client filter "-A OUTPUT -p udp -m owner --uid-owner 0 -j REJECT"
check "owner" client refused udp 10.0.2.1 7
empty client

one server mangle "-A PREROUTING -p udp -m udp --dport 9"
one router mangle "-A PREROUTING -p udp -m udp --dport 9 -j TEE --gateway 10.0.2.1"
client open udp 10.0.2.1 9 >/dev/null
check "TEE duplicates" counted server 2 "dport 9"
one server mangle "-A PREROUTING -p tcp -m tcp --tcp-flags SYN,RST SYN -m tcpmss --mss 500"
one router mangle \
	"-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 500"
client open tcp 10.0.2.1 80 >/dev/null
check "TCPMSS lowers" counted server 1 "tcpmss"
one server mangle "-A PREROUTING -p udp -m dscp --dscp 0x2e" "-A PREROUTING -m ttl --ttl-eq 9"
one router mangle "-A FORWARD -p udp -m udp --dport 7 -j DSCP --set-dscp-class EF" \
	"-A FORWARD -p udp -m udp --dport 7 -m dscp --dscp 0x2e -j TTL --ttl-set 9"
client open udp 10.0.2.1 7 >/dev/null
check "DSCP and TTL change the packet" counted server 1 "ttl-eq"
check "the next rule sees what a target changed" counted router 1 "TTL"
empty router
empty server

one router raw "-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp" \
	"-A PREROUTING -p tcp -m tcp --dport 80 -j CT --notrack"
one router filter "-A FORWARD -p tcp -m tcp --dport 80 --tcp-flags SYN,RST SYN \
-m conntrack --ctstate UNTRACKED"
check "CT gives a connection its helper" ftp_is_followed
client open tcp 10.0.2.1 80 >/dev/null
check "or takes it away from conntrack" counted router 1 "UNTRACKED"
empty router

one router nat \
	"-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.2.1:80" \
	"-A PREROUTING -p tcp -m tcp --dport 8001 -j REDIRECT --to-ports 8000" \
	"-A PREROUTING -d 10.0.9.0/24 -j NETMAP --to 10.0.2.0/24" \
	"-A POSTROUTING -o s -p udp -m udp --dport 9 -j MASQUERADE" \
	"-A POSTROUTING -o s -p udp -m udp --dport 7 -j SNAT --to-source 10.0.2.253"
one server filter "-A INPUT -s 10.0.2.254/32 -p udp" "-A INPUT -s 10.0.2.253/32 -p udp"
check "DNAT" client open tcp 10.0.1.254 8080
check "REDIRECT" client open tcp 10.0.1.254 8001
check "NETMAP" client open tcp 10.0.9.1 80
client open udp 10.0.2.1 9 >/dev/null
check "MASQUERADE" counted server 1 "10.0.2.254"
client silent udp 10.0.2.1 7 >/dev/null
check "SNAT" counted server 1 "10.0.2.253"
empty router
empty server

family=-6
one router filter "-A FORWARD -p udp -m udp --dport 9 -j REJECT --reject-with icmp6-adm-prohibited"
check "REJECT answers in IPv6" client refused udp fd00:2::1 9
one router nat "-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00:2::1]:80"
check "DNAT in IPv6" client open tcp fd00:1::fe 8080
empty router
family=-4

# Sets go by their names, at the moment of the commit and in its namespace.
in_ns router ipset create clients hash:ip
in_ns router ipset add clients 10.0.1.1
in_ns router ipset create others hash:ip
in_ns router ipset create six hash:ip family inet6
one router filter "-A FORWARD -m set --match-set clients src -j DROP"
check "set matches" client silent udp 10.0.2.1 7
check "a set in use cannot be destroyed" not in_ns router ipset destroy clients
check "a set of the other family" refused "other address family" \
	one router filter "-A FORWARD -m set --match-set six src -j DROP"
check "save prints its name" in_force router "--match-set clients src -j DROP"
one router filter "-A FORWARD -p udp -j SET --add-set others src"
client open udp 10.0.2.1 7 >/dev/null
check "SET adds" in_ns router ipset test others 10.0.1.1
empty router
sleep 1
check "a set is free again after a flush" in_ns router ipset destroy clients
passed
