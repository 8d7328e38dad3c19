#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Conntrack helpers, given to connections by -j CT --helper: their modules come with the rule,
# and so do their nat halves; data connections pass a router with NAT as RELATED to their
# control connection, and only so.
#
#	client 10.0.1.1 -- router, which masquerades -- 10.0.2.1 server
#
# Where data are to pass, the server has no route to the client's net: what it is told of the
# client's address is of no use to it unless the nat half has put the router's own there. Real
# programs speak FTP and TFTP (vm/tools.sh; $FWLOAD_TOOLS), peers.c IRC and amanda.

. "$(dirname "$0")/lib.sh"

if [ "${FWLOAD_KERNEL:-}" = uml ]; then
	plan 34
else
	plan 37
fi
arch=lib/x86_64-linux-gnu
libraries=${FWLOAD_TOOLS:?the programs are not there: see uml.sh -T}/usr/$arch:$FWLOAD_TOOLS/$arch
load_module

cleanup()
{
	remove_network
	del_ns rules
}

# background NAMESPACE PROGRAM...: starts a program of $FWLOAD_TOOLS, and prints the number of its
# process; through no function, which would be a process of its own.
background()
{
	ns=$1
	program=$2
	shift 2
	ip netns exec "$ns" env LD_LIBRARY_PATH="$libraries" "$FWLOAD_TOOLS/usr/$program" "$@" \
		>/dev/null 2>"$work/${program##*/}.log" &
	echo $!
}

# listens NAMESPACE tcp|udp PORT: waits until somebody does.
listens()
{
	hex=$(printf ':%04X' "$3")
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		if in_ns "$1" cat "/proc/net/$2" "/proc/net/${2}6" | grep -q "$hex 0"; then
			return
		fi
		sleep 0.5
	done
	cat "$work"/*.log
	return 1
}

# load 4|6 NAMESPACE: the text on standard input; with no counters from before.
load()
{
	fwimg compile "-$1" >"$work/image" && in_ns "$2" "$FWIMG" flush &&
	in_ns "$2" timeout 120 "$FWIMG" push "$work/image"
}

# helper_rules 4|6: all helpers of the family, each for the protocols it has.
helper_rules()
{
	echo "*raw"
	echo ":PREROUTING ACCEPT [0:0]"
	echo ":OUTPUT ACCEPT [0:0]"
	while read -r proto port helper six; do
		if [ "$1" = 4 ] || [ "$six" = 6 ]; then
			echo "-A PREROUTING -p $proto -m $proto --dport $port" \
			     "-j CT --helper $helper"
		fi
	done <<-END
	tcp 21 ftp 6
	tcp 6667 irc
	udp 69 tftp 6
	udp 10080 amanda 6
	tcp 6566 sane 6
	udp 5060 sip 6
	tcp 5060 sip 6
	tcp 1723 pptp
	udp 1719 RAS 6
	tcp 1720 Q.931 6
	udp 137 netbios-ns
	udp 161 snmp
	END
	echo "COMMIT"
}

all_helpers()
{
	helper_rules "$1" >"$work/helpers" && load "$1" rules <"$work/helpers"
}

they_come_back()
{
	in_ns rules "$FWIMG" save "-$1" -t raw | grep '^-A' >"$work/saved"
	grep '^-A' "$work/helpers" >"$work/expected"
	same "the rules" "$work/expected" "$work/saved"
}

helper_modules()
{
	for module in ftp irc tftp amanda sane sip pptp h323 netbios_ns snmp; do
		loaded "nf_conntrack_$module" || { echo "no nf_conntrack_$module"; return 1; }
	done
}

nat_halves()
{
	for module in ftp irc tftp amanda sip pptp h323 snmp_basic; do
		loaded "nf_nat_$module" || { echo "no nf_nat_$module"; return 1; }
	done
}

one_rule()
{
	load 4 rules <<-END
	*raw
	:PREROUTING ACCEPT [0:0]
	:OUTPUT ACCEPT [0:0]
	-A PREROUTING $1
	COMMIT
	END
}

# A helper whose module is not there, which it then is again.
without_module()
{
	module=$(find /lib/modules -name 'nf_conntrack_sane.ko*')
	mv "$module" "$module.away"
	refused "nf_conntrack_sane" one_rule "-p tcp -m tcp --dport 6566 -j CT --helper sane"
	status=$?
	mv "$module.away" "$module"
	return $status
}

# router 4|6 HELPER [RULE]: the router's rules. Data connections need HELPER, control
# connections go to its ports; RULE, in the table raw, is what gives them the helper.
router()
{
	family=$1
	icmp="icmp-port-unreachable"
	addr=10.0.1.254/32
	to=10.0.2.1
	[ "$1" = 4 ] || { icmp="icmp6-port-unreachable"; addr=fd00:1::fe/128; to=fd00:2::1; }
	load "$1" router <<-END
	*raw
	:PREROUTING ACCEPT [0:0]
	:OUTPUT ACCEPT [0:0]
	${3:+-A PREROUTING -i c $3}
	COMMIT
	*nat
	:PREROUTING ACCEPT [0:0]
	:INPUT ACCEPT [0:0]
	:OUTPUT ACCEPT [0:0]
	:POSTROUTING ACCEPT [0:0]
	-A PREROUTING -d $addr -i c -p tcp -m tcp --dport 21 -j DNAT --to-destination $to
	-A POSTROUTING -o s -j MASQUERADE
	COMMIT
	*filter
	:INPUT ACCEPT [0:0]
	:FORWARD DROP [0:0]
	:OUTPUT ACCEPT [0:0]
	-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
	-A FORWARD -m conntrack --ctstate RELATED -m helper --helper $2 -j ACCEPT
	-A FORWARD -i c -p tcp -m multiport --dports 21,6667 -m conntrack --ctstate NEW -j ACCEPT
	-A FORWARD -i c -p udp -m multiport --dports 69,10080 -m conntrack --ctstate NEW -j ACCEPT
	-A INPUT -p tcp -j REJECT --reject-with tcp-reset
	-A INPUT -p udp -j REJECT --reject-with $icmp
	-A FORWARD -p tcp -j REJECT --reject-with tcp-reset
	-A FORWARD -j REJECT --reject-with $icmp
	COMMIT
	END
}

# counted PATTERN: packets of the router's rules that match it. What nobody expects from the
# server, under the router's address, is for the router itself.
counted()
{
	in_ns router "$FWIMG" save "-$family" -c -t filter |
		sed -n "s/^\[\([0-9]*\):[0-9]*\] -A .*$1.*/\1/p" |
		awk '{ n += $1 } END { print n + 0 }'
}

# passes N COMMAND...: it works, over N data connections, each of which began as RELATED.
passes()
{
	n=$1
	shift
	"$@" || { cat "$work/client.log"; return 1; }
	equal "RELATED packets" "$n" "$(counted RELATED)" &&
	equal "refused packets" 0 "$(counted REJECT)"
}

# blocked COMMAND...: it does not, because packets were refused that would have been RELATED.
blocked()
{
	not "$@" || return
	equal "RELATED packets" 0 "$(counted RELATED)" || return
	[ "$(counted REJECT)" -gt 0 ] || { echo "nothing was refused"; return 1; }
}

# ftp ADDRESS COMMAND...: fetches the file after these commands of the client.
ftp()
{
	address=$1
	shift
	rm -f "$work/fetched"
	{
		echo "user anonymous nobody@example.org"
		echo "binary"
		for command; do
			echo "$command"
		done
		echo "get file $work/fetched"
		echo "quit"
	} | timeout 60 ip netns exec client env LD_LIBRARY_PATH="$libraries" \
		"$FWLOAD_TOOLS/usr/bin/tnftp" -n -v "$address" >"$work/client.log" 2>&1
	cmp "$work/ftp/file" "$work/fetched" || { cat "$work/client.log"; return 1; }
}

# Without the helper the server may know the way to the client: so it tries, and the router
# refuses.
server_knows_client()
{
	case $1 in
	yes)	ip -n server route replace default via 10.0.2.254 &&
		ip -n server -6 route replace default via fd00:2::fe ;;
	no)	ip -n server route del default &&
		ip -n server -6 route del default ;;
	esac
}

# ftp_with DESCRIPTION 4|6 ARGUMENTS-OF-ftp...
ftp_with()
{
	what=$1
	router "$2" ftp "-p tcp -m tcp --dport 21 -j CT --helper ftp"
	shift 2
	check "FTP, $what" passes 1 ftp "$@"
}

ftp_without()
{
	what=$1
	router "$2" ftp
	shift 2
	server_knows_client yes
	check "FTP, $what: not without the helper" blocked ftp "$@"
	server_knows_client no
}

ftp_mode()
{
	ftp_with "$@"
	ftp_without "$@"
}

# The client gives up when nothing has come for 5 s.
tftp()
{
	rm -f "$work/fetched"
	printf '%s\n' "binary" "timeout 5" "get file $work/fetched" "quit" |
		timeout 60 ip netns exec client env LD_LIBRARY_PATH="$libraries" \
		"$FWLOAD_TOOLS/usr/bin/tftp" -4 10.0.2.1 >"$work/client.log" 2>&1
	cmp "$work/ftp/file" "$work/fetched"
}

irc()
{
	in_ns client "$programs/peers" irc-offer 10.0.2.1 6667 >"$work/client.log" 2>&1
}

amanda()
{
	in_ns client "$programs/peers" amanda-server 10.0.2.1 10080 >"$work/client.log" 2>&1
}

# helper_works NAME N RULE: with the helper, and without.
helper_works()
{
	router 4 "$1" "$3 -j CT --helper $1"
	check "$1" passes "$2" "$1"
	router 4 "$1"
	server_knows_client yes
	check "$1: not without the helper" blocked "$1"
	server_knows_client no
}

# The helper is there, but the rule that lets in what it expects asks for another.
other_helper()
{
	router 4 irc "-p tcp -m tcp --dport 21 -j CT --helper ftp"
	blocked ftp 10.0.2.1 "passive on"
}

ftp_server()
{
	# It wants its guests to be a user who has a directory.
	guest=$(awk -F : '$3 > 0 && system("test -d " $6) == 0 { print $1; exit }' /etc/passwd)
	mkdir "$work/empty" "$work/ftp"
	head -c 300000 "$FWIMG" >"$work/ftp/file"
	chmod 755 "$work" "$work/empty" "$work/ftp"
	chmod 644 "$work/ftp/file"
	cat >"$work/vsftpd.conf" <<-END
	listen=NO
	listen_ipv6=YES
	background=NO
	anonymous_enable=YES
	no_anon_password=YES
	local_enable=NO
	write_enable=NO
	ftp_username=$guest
	nopriv_user=nobody
	anon_root=$work/ftp
	secure_chroot_dir=$work/empty
	connect_from_port_20=NO
	port_promiscuous=YES
	seccomp_sandbox=NO
	isolate=NO
	isolate_network=NO
	END
	serve background server sbin/vsftpd "$work/vsftpd.conf" && listens server tcp 21
}

tftp_server()
{
	serve background server sbin/in.tftpd --foreground --listen -4 --address 0.0.0.0:69 \
		--user nobody --secure "$work/ftp" && listens server udp 69
}

add_ns rules
if [ "${FWLOAD_KERNEL:-}" != uml ]; then
	check "a helper whose module is missing is refused with its name" without_module
fi
check "all helpers of IPv4 load" all_helpers 4
check "and come back" they_come_back 4
if [ "${FWLOAD_KERNEL:-}" != uml ]; then
	check "their modules are there" helper_modules
	check "and their nat halves" nat_halves
fi
check "all helpers of IPv6 load" all_helpers 6
check "and come back" they_come_back 6
check "an unknown helper is refused, with how its module would be found" \
	refused "nfct-helper-NAME" one_rule "-p tcp -m tcp --dport 21 -j CT --helper nosuch"
check "one for another protocol is refused, with the module" \
	refused "nf_conntrack_ftp" one_rule "-p udp -m udp --dport 21 -j CT --helper ftp"
del_ns rules

check "a network with a router" make_network
server_knows_client no
check "an FTP server" ftp_server
check "a TFTP server" tftp_server
check "an IRC server" serve in_ns server "$programs/peers" irc-server 6667
check "a machine with an amanda client" serve in_ns server "$programs/peers" amanda-client 10080

ftp_mode "passive (EPSV)" 4 10.0.2.1 "passive on"
ftp_mode "passive (PASV)" 4 10.0.2.1 "epsv4" "passive on"
ftp_mode "active (EPRT)" 4 10.0.2.1 "passive off"
ftp_mode "active (PORT)" 4 10.0.2.1 "epsv4" "passive off"
ftp_mode "passive (EPSV), IPv6" 6 fd00:2::1 "passive on"
ftp_mode "active (EPRT), IPv6" 6 fd00:2::1 "passive off"
ip -n client route del default
# The client sees that it is told of another machine, and stops: with EPSV it is told of none.
ftp_with "passive (PASV), to a server behind the router's address" 4 10.0.1.254 "epsv4" \
	"passive on"
ftp_without "passive (EPSV), to a server behind the router's address" 4 10.0.1.254 "passive on"
ftp_mode "active (PORT), to a server behind the router's address" 4 10.0.1.254 "epsv4" \
	"passive off"
ip -n client route add default via 10.0.1.254
check "FTP: not with another helper's rule" other_helper
helper_works tftp 1 "-p udp -m udp --dport 69"
helper_works irc 1 "-p tcp -m tcp --dport 6667"
helper_works amanda 3 "-p udp -m udp --dport 10080"
passed
