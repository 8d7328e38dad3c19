#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A tour of fwload on a stock kernel, in the machine that vm/demo.sh boots: real rule sets are
# loaded, traffic between network namespaces shows who gets through, and a rule set is
# replaced in mid-traffic. Every outcome is compared with the one that the rules call for;
# the exit status is 0 when all are as expected.

. "$(dirname "$0")/lib.sh"

cp "$here"/rulesets/*.v? "$FWLOAD_KO" "$work" && cd "$work" || exit
unexpected=0

title()
{
	printf '\n== %s\n\n' "$*"
}

# run COMMAND...: shows a command as it would be typed, and what it says.
run()
{
	printf '  $ %s\n' "$*"
	sh -c "$*" >"$work/said" 2>&1 || {
		unexpected=$((unexpected + 1))
		echo "    NOT AS EXPECTED: this failed"
	}
	sed 's/^/    /' "$work/said"
}

# on HOST COMMAND...: likewise on one of the hosts.
on()
{
	host=$1
	shift
	printf '  %s# %s\n' "$host" "$*"
	in_ns "$host" sh -c "$*" >"$work/said" 2>&1 || {
		unexpected=$((unexpected + 1))
		echo "    NOT AS EXPECTED: this failed"
	}
	sed 's/^/    /' "$work/said"
}

# try FROM tcp|udp ADDRESS PORT EXPECTED WHY: one attempt to connect.
try()
{
	seen=$(in_ns "$1" "$programs/net" try "$2" "$3" "$4")
	printf '  %-9s -> %-22s %-8s %s\n' "$1" "$3 $2/$4" "$seen" "$6"
	if [ "$seen" != "$5" ]; then
		echo "    NOT AS EXPECTED: $5"
		unexpected=$((unexpected + 1))
	fi
}

# The network of a small company, for which shorewall made its rules:
#
#	internet 198.51.100.20 --- eth0        eth1 --- office 10.0.0.20
#	                            router
#	                     172.16.1.1 eth2 --- server 172.16.1.5
make_company()
{
	add_ns internet router office server &&
	wire internet eth0 2001:db8:1::20/64 198.51.100.20/24 \
		router eth0 2001:db8:1::1/64 198.51.100.1/24 &&
	wire office eth0 2001:db8:2::20/64 10.0.0.20/24 \
		router eth1 2001:db8:2::1/64 10.0.0.1/24 &&
	wire server eth0 2001:db8:3::5/64 172.16.1.5/24 \
		router eth2 2001:db8:3::1/64 172.16.1.1/24 &&
	for host in internet office server; do
		gateway=$(ip -n $host -4 -o addr show eth0 | sed 's/.*inet \([0-9.]*\)\..*/\1.1/')
		gateway6=$(ip -n $host -6 -o addr show eth0 |
			sed -n 's/.*inet6 \(2001:db8:[0-9]\)::.*/\1::1/p')
		ip -n $host route add default via "$gateway" &&
		ip -n $host -6 route add default via "$gateway6" || return
	done &&
	in_ns router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' &&
	in_ns router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding' &&
	serve in_ns internet "$programs/net" serve 25 53 54 80 &&
	serve in_ns office "$programs/net" serve 22 80 &&
	serve in_ns server "$programs/net" serve 22 23 80 443 3306 8080 &&
	serve in_ns router "$programs/net" serve 22 3128
}

title "A stock Debian kernel, with nothing of netfilter loaded"
run uname -sr
run "lsmod"
run "insmod fwload.ko" || exit
run "lsmod"
run "fwimg info"

make_company || exit

title "A host's own firewall, both families in one image: ufw on the server"
on server "fwimg compile ufw.v4 ufw.v6 | fwimg push"
on server "fwimg info"
echo
try office tcp 172.16.1.5 80 open "allowed"
try office tcp 172.16.1.5 3306 open "allowed from 10.0.0.0/8"
try internet tcp 172.16.1.5 3306 silent "not from elsewhere: dropped by policy"
try office tcp 2001:db8:3::5 443 open "allowed, IPv6"
try office tcp 2001:db8:3::5 8080 silent "dropped by policy, IPv6"
try internet tcp 172.16.1.5 23 silent "logged and dropped"
try server tcp 198.51.100.20 25 refused "outgoing mail is rejected with a reset"
echo
on server "fwimg save -c | grep -E '^\[[1-9].*(80,443|3306|23|25) '"

title "A router of three zones with NAT: shorewall, 209 rules in four tables"
on server "fwimg flush"
on router "fwimg compile shorewall.v4 | fwimg push"
on router "fwimg info"
echo
try internet tcp 172.16.1.5 80 open "the server's web site"
try internet tcp 172.16.1.5 22 silent "its SSH is for the office"
try office tcp 172.16.1.5 22 open "which gets there"
try office tcp 172.16.1.5 443 refused "but not to https: rejected with a reset"
try internet tcp 198.51.100.1 8080 open "the router's port 8080 is the server's (DNAT)"
try office tcp 198.51.100.20 80 open "the office's web goes to the router's proxy (REDIRECT)"
try server udp 198.51.100.20 53 open "the server may ask DNS"
try server udp 198.51.100.20 54 refused "and nothing else"
try server tcp 10.0.0.20 22 refused "nor may it reach the office"
echo
on router "fwimg save -c -t nat | grep -E '^\[[1-9]'"
on router "fwimg save -c -t filter | grep -E '^\[[1-9].*-A (net-dmz|loc-dmz|dmz-net) '"

title "What is saved compiles to what is in force"
on router "fwimg save >saved.v4 && fwimg compile saved.v4 | fwimg push"
on router "fwimg save | grep -v ^# >again; grep -v ^# saved.v4 | cmp - again && echo the same text"

title "A change in mid-traffic: DNS floods through the router while SSH is opened and closed"
ip netns exec server "$programs/flood" run 198.51.100.20 53 54 >flood &
flood=$!
try internet tcp 172.16.1.5 22 silent "SSH from the internet, before"
on router "sed 's/--dports 80,443/--dports 22,80,443/' shorewall.v4 >open.v4"
on router "fwimg compile open.v4 | fwimg push"
try internet tcp 172.16.1.5 22 open "at once"
on router "fwimg compile shorewall.v4 | fwimg push"
try internet tcp 172.16.1.5 22 silent "and closed again"
on router "for i in 1 2 3 4 5 6 7 8; do
              fwimg compile open.v4 | fwimg push
              fwimg compile shorewall.v4 | fwimg push
            done"
kill $flood
wait $flood || unexpected=$((unexpected + 1))
echo
echo "  the flood: to port 53, which is open, and to port 54, which is not"
sed 's/^/    /' flood
echo "  no packet was lost to the changes, and none leaked. The rule they all met lived on:"
on router "fwimg save -c -t filter | grep -E -- '-A dmz-net .*(ESTABLISHED|53)'"

title "Rules in force pin the module"
on router "rmmod fwload || echo and so it should be"
on router "fwimg flush && rmmod fwload && echo gone"

title "$([ $unexpected = 0 ] && echo "All of it was as the rules say." ||
	echo "$unexpected outcomes were NOT as expected.")"
[ $unexpected = 0 ]
