#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What is promised as a limit is reached, and beyond it is refused; each time nothing is left
# behind. Chains, depth of jumps, clients at once, namespaces with rules, size of an image against
# memory_max; and when vm/limits.sh has made all images that it can, also rules, ten thousand
# namespaces, and images of nearly 2 GiB. FWLOAD_LIMITS is the directory of these images. For a
# kernel at native speed: User-mode Linux, for the latter with 10 GiB.

. "$(dirname "$0")/lib.sh"
own_network

parameter=/sys/module/fwload/parameters/memory_max
max_rules=16777215
max_chains=1048576
max_depth=4096
max_image=2147483648
clients=100

images=$FWLOAD_LIMITS
if [ -e "$images/large" ]; then
	namespaces=10000
	plan 22
else
	namespaces=300
	plan 15
fi
load_module
bound=$(cat $parameter)

cleanup()
{
	echo "$bound" >$parameter
}

# deep N: N jumps, one in the other.
deep()
{
	echo '*filter'
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++) print ":c" i " - [0:0]"
		print "-A INPUT -j c1"
		for (i = 1; i < n; i++) print "-A c" i " -j c" i + 1
		print "-A c" n " -p udp -j DROP" }'
	echo 'COMMIT'
}

# some_rules N
some_rules()
{
	echo '*filter'
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "-A INPUT -s 10.%d.%d.%d/32 -p udp -m udp --dport %d -j DROP\n",
			i / 65536, i / 256 % 256, i % 256, 1 + i % 65535 }'
	echo 'COMMIT'
}

# What is on standard input is compiled and comes into force.
comes_into_force()
{
	timed "$1, compiled" fwimg compile -o "$work/image" &&
	timed "$1, loaded" fwimg push "$work/image" && fwimg info
}

# becomes WHAT ADDRESS PORT: of a packet that is sent there.
becomes()
{
	equal "a packet to $2 port $3" "$1" "$(FWLOAD_NET_WAIT=300 "$programs/net" try udp "$2" "$3")"
}

all_goes()
{
	timed "$1, flushed" fwimg flush && no_memory_taken
}

chains()
{
	timed "$max_chains chains, loaded" fwimg push "$images/chains" && fwimg info &&
	becomes silent 127.15.255.252 9 && becomes refused 127.15.255.251 9
}

one_chain_more()
{
	printf '*filter\n:one_more - [0:0]\nCOMMIT\n' | fwimg restore --noflush
}

depth()
{
	deep $max_depth | comes_into_force "$max_depth jumps" && becomes silent 127.0.0.1 9
}

one_jump_more()
{
	deep $((max_depth + 1)) | fwimg compile -o "$work/deeper" && fwimg push "$work/deeper"
}

generation()
{
	fwimg info | sed -n 's/.*generation \([0-9]*\),.*/\1/p'
}

memory()
{
	fwimg info | sed -n 's/.*generation [0-9]*, \([0-9]*\) bytes.*/\1/p'
}

# How many clients said the line "WHAT: ok".
said()
{
	cat "$work"/client.* | grep -c "^$1: ok"
}

# crowd_of_clients BYTES: each sends $work/image, and all wait until all have sent BYTES of it or
# were refused. Then they commit.
crowd_of_clients()
{
	rm -f "$work"/client.*
	mkfifo "$work/gate" || return
	pids=
	i=0
	while [ $i -lt $clients ]; do
		"$programs/upload" -p 50000 "$work/image" begin data=$(($1 / 50000)) \
			wait="$work/gate" data commit >"$work/client.$i" 2>&1 &
		pids="$pids $!"
		i=$((i + 1))
	done
	while [ "$(cat "$work"/client.* | grep -c ^wait)" -lt $clients ]; do
		sleep 0.1
	done
	held=$(memory)
	elsewhere=$(unshare -n "$FWIMG" push "$work/image" 2>&1 && echo served)
	: >"$work/gate"
	for pid in $pids; do
		wait "$pid"
	done
	rm "$work/gate"
}

# It is a million bytes, of which the index is a part.
all_clients()
{
	some_rules 40000 | fwimg compile -o "$work/image" && before=$(generation) &&
	crowd_of_clients 1000000 || return
	[ "$held" -ge $((clients * 1000000)) ] || { echo "only $held bytes were held"; return 1; }
	equal "images that were accepted" $clients "$(said commit)" &&
	equal "generations" $clients $(($(generation) - before))
}

# Each is served or told why not; together they have no more than the bound, which is that of this
# network namespace.
clients_against_the_bound()
{
	echo 16 >$parameter
	before=$(generation)
	crowd_of_clients 1000000
	echo "$bound" >$parameter
	[ "$held" -le $((16 << 20)) ] || { echo "$held bytes were held"; return 1; }
	equal "another network namespace" served "$elsewhere" || return
	accepted=$(said commit)
	equal "generations" "$accepted" $(($(generation) - before)) || return
	grep -L -e '^commit: ok' -e memory_max "$work"/client.* >"$work/unexplained"
	[ "$accepted" -gt 0 ] && [ "$accepted" -lt $clients ] && [ ! -s "$work/unexplained" ]
}

crowd_of_namespaces()
{
	printf '*filter\n-A INPUT -p udp --dport 9 -j DROP\nCOMMIT\n' |
		fwimg compile -o "$work/image" && "$programs/crowd" $namespaces "$work/image" \
		>"$work/crowd"
	result=$?
	cat "$work/crowd"
	return $result
}

# They go in the background, after the process that was in them.
namespaces_gone()
{
	for _ in $(seq 300); do
		rmmod fwload 2>/dev/null && return
		sleep 1
	done
	return 1
}

# The size alone is enough, before a byte of it was sent.
announced()
{
	printf '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n' | fwimg compile -o "$work/image" &&
	"$programs/upload" "$work/image" begin="$1"
}

# kept_out MIB WHY COMMAND...: refused with this bound, and the rules that were in force still are.
kept_out()
{
	echo "$1" >$parameter
	shift
	printf '*filter\n-A OUTPUT -p icmp -j DROP\nCOMMIT\n' | fwimg compile -o "$work/small" &&
	fwimg push "$work/small" && refused "$@" &&
	fwimg save | grep -q -e '-A OUTPUT -p icmp -j DROP' && fwimg flush && no_memory_taken
	result=$?
	echo "$bound" >$parameter
	return $result
}

# send IMAGE: as the tool does, without having all of it in memory.
send()
{
	"$programs/upload" -p 65000 "$images/$1" begin data commit
}

rules()
{
	echo 4096 >$parameter
	timed "$max_rules rules, loaded" send rules && fwimg info &&
	becomes silent 127.0.0.1 8 && becomes refused 127.0.0.1 9
}

one_rule_more()
{
	printf '*filter\n-A FORWARD -j ACCEPT\nCOMMIT\n' | fwimg restore --noflush
}

large()
{
	echo 6144 >$parameter
	[ "$(stat -c %s "$images/large")" -gt 2100000000 ] &&
	timed "an image of nearly 2 GiB, loaded" send large && fwimg info
}

check "$max_chains chains come into force and judge packets" chains
check "one chain more is refused" refused "FWLOAD_MAX_CHAINS|too many chains" one_chain_more
check "they go and leave no memory taken" all_goes "$max_chains chains"
check "jumps go $max_depth deep, and a packet with them" depth
check "one jump more is refused" refused deep one_jump_more
check "they go and leave no memory taken" all_goes "$max_depth jumps"
check "$clients clients send at once, and all are served" all_clients
check "against a bound some are refused, none takes more, and no other namespace notices" \
	clients_against_the_bound
check "they leave no memory taken" all_goes "what $clients clients left"
check "an image that memory_max cannot hold is refused when it is announced" \
	kept_out 2047 "begin.*memory_max" announced $max_image
check "one that is larger than an image may be, whatever memory_max" \
	kept_out 8192 "begin.*FWLOAD_MAX_IMAGE" announced $((max_image + 8))
if [ -e "$images/large" ]; then
	check "$max_rules rules come into force and judge packets" rules
	check "one rule more is refused" refused FWLOAD_MAX_RULES one_rule_more
	check "they go and leave no memory taken" all_goes "$max_rules rules"
	check "with less memory they are refused, and what was there stays" \
		kept_out 512 memory_max send rules
	check "an image of nearly 2 GiB comes into force" large
	check "it goes and leaves no memory taken" all_goes "an image of nearly 2 GiB"
	check "where it fits, but what it needs beside does not, what was there stays" \
		kept_out 2060 "commit.*memory_max" send large
fi
check "$namespaces namespaces have rules at the same time" crowd_of_namespaces
check "the module goes when they have gone" namespaces_gone
check "and comes again" load_module
check "with nothing in force" no_memory_taken
sed 's/^/# summary: /' "$work/times"
grep '^# summary' "$work/crowd"
rmmod fwload
passed
