# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
#
# What the kselftests share; to be sourced first: . "$(dirname "$0")/lib.sh"
#
# A test says how many results it will give, then gives them:
#
#	plan 2
#	check "a rule set loads" fwimg push "$work/image"
#	check "the wrong one is refused" refused "no such table" fwimg push "$work/bad"
#
# Each check runs one command and prints one KTAP line, after what the command printed (as
# "# ..." lines) when it failed. A test that ends early gives fewer results than planned,
# which the reader of the KTAP counts as a failure.
#
# Tests run as root, in a machine made for them (see vm/uml.sh, vm/qemu.sh), by dash and
# busybox as well as by anything richer. They find here:
#
#	$work        an empty directory of their own
#	$here        the directory of the tests
#	$programs    that of the compiled test programs
#	$FWIMG       the tool, also the function fwimg
#	$FWLOAD_KO   the module

here=$(cd "$(dirname "$0")" && pwd)
programs=${FWLOAD_PROGRAMS:-$here/../build/selftests}
FWIMG=${FWIMG:-$here/../user/fwimg}
FWLOAD_KO=${FWLOAD_KO:-$here/../fwload.ko}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
work=$(mktemp -d)
number=0
failures=0
servers=

# A test's own clean-up goes into the function cleanup.
cleanup()
{
	:
}

# Where a test has mounted something below $work, what is there is not the test's: machines
# see the host's files.
finish()
{
	end_servers
	cleanup >/dev/null 2>&1
	find "$work" -xdev ! -type d -exec rm -f {} +
	find "$work" -xdev -depth -type d -exec rmdir {} + 2>/dev/null
}

# serve COMMAND...: starts a server that says its process number when it is ready.
serve()
{
	pid=$("$@") && servers="$servers $pid"
}

# Ends them: one that lives on would keep its network namespace alive.
end_servers()
{
	for pid in $servers; do
		kill "$pid"
	done
	servers=
}

trap finish EXIT
trap 'exit 1' INT TERM HUP

fwimg()
{
	"$FWIMG" "$@"
}

plan()
{
	echo "KTAP version 1"
	echo "1..$1"
}

# note TEXT...: a diagnostic line.
note()
{
	echo "# $*"
}

# timed WHAT COMMAND...: how long it took, if it succeeds, goes to $work/times.
timed()
{
	what=$1
	shift
	start=$(date +%s%N)
	"$@" || return
	echo "$what: $((($(date +%s%N) - start) / 1000000)) ms" >>"$work/times"
}

# check DESCRIPTION COMMAND [ARG...]: one result, ok when COMMAND succeeds.
check()
{
	description=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/.said" 2>&1; then
		echo "ok $number $description"
	else
		sed 's/^/# /' "$work/.said"
		failures=$((failures + 1))
		echo "not ok $number $description"
	fi
}

# The status of a test: 0 when all was ok. To be the last command of each.
passed()
{
	[ $failures = 0 ]
}

# not COMMAND...: succeeds when COMMAND fails in an orderly way: a crash or a missing program
# is no refusal.
not()
{
	"$@" && { echo "succeeded: $*"; return 1; }
	# what COMMAND itself calls status is nothing to go by
	status=$?
	[ $status -lt 126 ]
}

# refused WHY COMMAND...: COMMAND must fail, and say a text that matches the pattern WHY.
refused()
{
	why=$1
	shift
	not "$@" >"$work/.refusal" 2>&1 || { cat "$work/.refusal"; return 1; }
	if ! grep -q -i -E -e "$why" "$work/.refusal"; then
		echo "no \"$why\" in what it said:"
		cat "$work/.refusal"
		return 1
	fi
}

# same WHAT FILE FILE: two files are equal; shows the first differences.
same()
{
	if ! cmp -s "$2" "$3"; then
		echo "$1 differ ($2, $3):"
		diff -U 3 "$2" "$3" | head -n 40
		return 1
	fi
}

# equal WHAT EXPECTED SEEN
equal()
{
	if [ "$2" != "$3" ]; then
		echo "$1: expected $2, saw $3"
		return 1
	fi
}

# What iptables-save prints, without comments, the tables in the order of their hooks, and
# without those that have nothing but what is there by itself: iptables has them as soon as
# they are named. Counters of policies have to be zero, or not there.
loaded_tables()
{
	awk '
		/^#/ { next }
		/^\*/ { table = substr($0, 2) }
		{ text[table] = text[table] $0 "\n" }
		!/^\*/ && !/^:[A-Z]+ ACCEPT \[0:0\]$/ && $0 != "COMMIT" { differs[table] = 1 }
		END {
			split("raw mangle nat filter security", order, " ")
			for (i = 1; i <= 5; i++)
				if (differs[order[i]])
					printf "%s", text[order[i]]
		}'
}

loaded()
{
	grep -q "^$1 " /proc/modules
}

# Has the module loaded.
load_module()
{
	loaded fwload || insmod "$FWLOAD_KO"
}

# Takes the module out; it must go without force.
unload_module()
{
	"$FWIMG" flush && rmmod fwload
}

# Takes it out when the namespaces with rules are gone: these are cleaned up a moment later.
unload_idle_module()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rmmod fwload && return
		sleep 0.5
	done
	return 1
}

# Without rules a namespace takes no memory; what was in force is freed a moment after a flush.
no_memory_taken()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		fwimg info >"$work/info"
		if grep -q ', 0 bytes of kernel memory' "$work/info"; then
			return
		fi
		sleep 0.5
	done
	cat "$work/info"
	return 1
}

# Nothing has leaked since "clear" was written to kmemleak, which takes a while to be sure.
no_leaks()
{
	kmemleak=/sys/kernel/debug/kmemleak
	echo scan >$kmemleak && sleep 6 && echo scan >$kmemleak && cat $kmemleak &&
	[ -z "$(cat $kmemleak)" ]
}

# Goes on in a network namespace of the test's own, with the loopback device up: nothing that
# is in force there concerns the rest of the machine.
own_network()
{
	if [ -z "${FWLOAD_OWN_NETWORK:-}" ]; then
		rm -rf "$work"
		FWLOAD_OWN_NETWORK=1 exec unshare -n sh "$0"
	fi
	ip link set lo up
}

# in_ns NAMESPACE COMMAND...
in_ns()
{
	ns=$1
	shift
	ip netns exec "$ns" "$@"
}

# add_ns NAMESPACE...: new namespaces with the loopback device up.
add_ns()
{
	for ns; do
		ip netns add "$ns" && ip -n "$ns" link set lo up || return
	done
}

# del_ns NAMESPACE...: what there is of them.
del_ns()
{
	for ns; do
		if [ -e "/run/netns/$ns" ]; then
			ip netns del "$ns"
		fi
	done
}

# wire NS DEVICE ADDRESS6 ADDRESS4 NS DEVICE ADDRESS6 ADDRESS4: a cable between two namespaces.
wire()
{
	ip link add "$2" netns "$1" type veth peer name "$6" netns "$5" &&
	wire_end "$1" "$2" "$3" "$4" && wire_end "$5" "$6" "$7" "$8"
}

wire_end()
{
	ip -n "$1" addr add "$3" dev "$2" nodad &&
	ip -n "$1" addr add "$4" dev "$2" &&
	ip -n "$1" link set "$2" up
}

# The network that tests of traffic use, in three namespaces:
#
#	client 10.0.1.1, fd00:1::1 -- (c) router (s) -- 10.0.2.1, fd00:2::1 server
#
# with the router at .254 and ::fe of both nets.
make_network()
{
	add_ns client router server &&
	wire client eth0 fd00:1::1/64 10.0.1.1/24 router c fd00:1::fe/64 10.0.1.254/24 &&
	wire server eth0 fd00:2::1/64 10.0.2.1/24 router s fd00:2::fe/64 10.0.2.254/24 &&
	ip -n client route add default via 10.0.1.254 &&
	ip -n client -6 route add default via fd00:1::fe &&
	ip -n server route add default via 10.0.2.254 &&
	ip -n server -6 route add default via fd00:2::fe &&
	in_ns router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' &&
	in_ns router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

remove_network()
{
	del_ns client router server
}

# end_traffic PID...: for the cleanup() of a test of traffic. Ends these, the namespace that it
# lets come and go, and the network.
end_traffic()
{
	kill "$@"
	del_ns come
	remove_network
}

# table_text TABLE: one with the rules (and user chains before them) on standard input, all
# policies ACCEPT.
table_text()
{
	echo "*$1"
	case $1 in
	raw)	hooks="PREROUTING OUTPUT" ;;
	mangle)	hooks="PREROUTING INPUT FORWARD OUTPUT POSTROUTING" ;;
	nat)	hooks="PREROUTING INPUT OUTPUT POSTROUTING" ;;
	*)	hooks="INPUT FORWARD OUTPUT" ;;
	esac
	for hook in $hooks; do
		echo ":$hook ACCEPT [0:0]"
	done
	cat
	echo COMMIT
}

# doubling N [MATCH]: N chains that each jump twice to the next: 2^N ways through. The last one
# has a rule that matches nothing, with MATCH.
doubling()
{
	echo '*filter'
	echo ':INPUT ACCEPT [0:0]'
	echo ':FORWARD ACCEPT [0:0]'
	echo ':OUTPUT ACCEPT [0:0]'
	awk -v n="$1" -v match_="$2" 'BEGIN {
		for (i = 0; i <= n; i++) printf ":c%02d - [0:0]\n", i
		print "-A INPUT -j c00"
		for (i = 0; i < n; i++)
			for (j = 0; j < 2; j++) printf "-A c%02d -j c%02d\n", i, i + 1
		printf "-A c%02d -s 192.0.2.1%s\n", n, match_
		print "COMMIT" }'
}
