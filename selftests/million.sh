#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# 1,000,000 rules compile, load, judge packets, and come back.

. "$(dirname "$0")/lib.sh"
own_network

rules=1000000

plan 7
load_module

cleanup()
{
	ip link del dummy0
}

# What iptables-save would print for them, the last ones about the addresses used here.
text()
{
	echo '*filter'
	echo ':INPUT ACCEPT [0:0]'
	echo ':FORWARD ACCEPT [0:0]'
	echo ':OUTPUT ACCEPT [0:0]'
	awk -v n=$((rules - 2)) 'BEGIN { for (i = 0; i < n; i++)
		printf "-A INPUT -s 10.%d.%d.%d/32 -p tcp -m tcp --dport %d -j DROP\n",
			i / 65536, i / 256 % 256, i % 256, 1 + i % 65535 }'
	echo '-A INPUT -d 127.0.0.1/32 -p udp -m udp --dport 8 -j DROP'
	echo '-A INPUT -d 127.0.0.1/32 -p udp -m udp --dport 7 -j ACCEPT'
	echo 'COMMIT'
}

compiles()
{
	timed "compiling $rules rules" fwimg compile -o "$work/image" "$work/text"
}

loads()
{
	timed "pushing $rules rules" fwimg push "$work/image"
}

saves()
{
	timed "saving $rules rules" fwimg save >"$work/saved"
}

enforced()
{
	serve "$programs/net" serve 7 8 &&
	"$programs/net" try udp 127.0.0.1 7 &&
	not "$programs/net" try udp 127.0.0.1 8
}

last_rules_counted()
{
	fwimg save -c | tail -n 4 >"$work/tail"
	cat "$work/tail"
	grep -q '^\[[1-9][0-9]*:[0-9]*\] .*--dport 8 -j DROP' "$work/tail" &&
	grep -q '^\[[1-9][0-9]*:[0-9]*\] .*--dport 7 -j ACCEPT' "$work/tail"
}

come_back()
{
	sed 's/ACCEPT \[.*/ACCEPT [0:0]/; /^#/d' "$work/saved" >"$work/seen"
	same "what was compiled and what comes back" "$work/text" "$work/seen"
}

text >"$work/text"
check "$rules rules compile" compiles
check "they load" loads
check "they judge packets" enforced
check "the last of them have counted" last_rules_counted
check "they are saved" saves
check "and come back as they were" come_back
check "the module is rid of them" unload_module
sed 's/^/# summary: /' "$work/times"
passed
