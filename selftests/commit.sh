#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A commit takes effect as a whole or not at all: whatever stops it, at whatever point, the
# rules in force, their counters and their generation stay as they were, and the reason is
# said.

. "$(dirname "$0")/lib.sh"
own_network

plan 33
load_module

# Two tables in force, whose counters have counted.
cat >"$work/base" <<'EOF'
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p udp -m udp --dport 7
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:log - [0:0]
-A INPUT -p udp -m udp --dport 7 -m limit --limit 1000/sec -j log
-A INPUT -p udp -m udp --dport 8 -j DROP
-A log -s 127.0.0.1/32 -j ACCEPT
COMMIT
EOF

# What each failing commit would have put in their place.
cat >"$work/other" <<'EOF'
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp -m tcp --dport 7 -j DROP
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A OUTPUT -p udp -m udp --dport 9:99 -j ACCEPT
-A OUTPUT -p udp -m udp --dport 199 -m comment --comment "the last one" -j ACCEPT
COMMIT
EOF

# The first table is good; the kernel refuses the second at its last rule.
cat >"$work/no-such-helper" <<'EOF'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
COMMIT
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 80 -j DROP
-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper nosuch
COMMIT
EOF

upload()
{
	"$programs/upload" "$@"
}

base_in_force()
{
	fwimg compile <"$work/base" >"$work/base.img" && fwimg push "$work/base.img" &&
	serve "$programs/net" serve 7 8 9 &&
	"$programs/net" try udp 127.0.0.1 7 &&
	not env FWLOAD_NET_WAIT=200 "$programs/net" try udp 127.0.0.1 8 &&
	state >"$work/state" &&
	grep -q '^\[1:[0-9]*\] -A INPUT .*--dport 8 -j DROP' "$work/state"
}

# Rules, counters, and the generation. Comments carry the time.
state()
{
	fwimg save -c | grep -v '^#' && generation
}

generation()
{
	fwimg info | awk '/^generation/ { print $2 + 0 }'
}

unchanged()
{
	state >"$work/now"
	same "the state before and after" "$work/state" "$work/now"
}

# leaves WHAT WHY STEP...: two results: the upload of $image is refused for WHY, and changed
# nothing.
leaves()
{
	what=$1
	why=$2
	shift 2
	check "$what is refused" refused "$why" upload -p 64 "$image" "$@"
	check "$what changes nothing" unchanged
}

# patch FILE OFFSET OCTAL: writes one byte.
patch()
{
	# shellcheck disable=SC2059	# that is the purpose
	printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# Killed after each number of DATA, all of them and before the first included.
killed_at_any_data()
{
	total=$(upload -p 64 "$work/other.img" count)
	i=0
	while [ $i -le "$total" ]; do
		upload -p 64 "$work/other.img" begin data=$i kill >/dev/null 2>&1
		unchanged || { echo "killed after $i of $total"; return 1; }
		i=$((i + 1))
	done
	[ $i -gt 5 ]
}

# What was sent before the end of a feeder is given back.
memory_in_use()
{
	fwimg info | awk '/^generation/ { print $3 }'
}

no_memory_kept()
{
	before=$(memory_in_use)
	for i in 1 2 3 4 5; do
		upload "$work/big.img" begin data=8 kill >/dev/null 2>&1
	done
	# The kernel lets go of a socket a moment after its owner's end.
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(memory_in_use)" != "$before" ] || return 0
		sleep 0.2
	done
	equal "memory in use" "$before" "$(memory_in_use)"
}

twice()
{
	upload "$work/base.img" begin data commit commit
}

# The first commit of the two took effect: one generation on, with the same rules.
once_in_force()
{
	fwimg save | grep -v '^#' | sed 's/\[.*\]/[0:0]/' >"$work/now"
	sed 's/\[.*\]/[0:0]/' "$work/base" >"$work/expected"
	same "rules" "$work/expected" "$work/now" &&
	equal generation $(($(tail -n 1 "$work/state") + 1)) "$(generation)"
}

beyond_the_bound()
{
	echo 1 >/sys/module/fwload/parameters/memory_max
	fwimg push "$work/big.img"
	result=$?
	echo "$bound" >/sys/module/fwload/parameters/memory_max
	return $result
}

many_rules()
{
	echo '*filter'
	echo ':INPUT ACCEPT [0:0]'
	echo ':FORWARD ACCEPT [0:0]'
	echo ':OUTPUT ACCEPT [0:0]'
	awk 'BEGIN { for (i = 0; i < 100000; i++)
		printf "-A FORWARD -s 10.%d.%d.%d/32 -j DROP\n", i / 65536, i / 256 % 256, i % 256 }'
	echo COMMIT
}

# matches N: many of them.
matches()
{
	awk -v n="$1" 'BEGIN { while (n--) printf " -m mark --mark 1" }'
}

test_doubling()
{
	doubling "$@" | fwimg compile >"$work/doubling.img" &&
	fwimg push --test "$work/doubling.img"
}

test_only()
{
	fwimg push --test "$work/other.img"
}

# A stranger's image in the kernel's hands: the tool would refuse it before.
damaged()
{
	cp "$work/other.img" "$image"
	patch "$image" "$1" "$2"
}

image=$work/image
bound=$(cat /sys/module/fwload/parameters/memory_max)
fwimg compile <"$work/other" >"$work/other.img"
many_rules | fwimg compile >"$work/big.img"

check "two tables are in force and have counted" base_in_force

damaged $(($(wc -c <"$work/other.img") - 20)) 377
leaves "an image with one damaged byte" "checksum" begin data commit
damaged 8 11
leaves "an image of another version" "version" begin data commit
head -c 400 "$work/other.img" >"$image"
leaves "a truncated image" "." begin data commit

cp "$work/other.img" "$image"
leaves "a stale generation" "generation" begin data commit=4000000000
leaves "a commit before the last byte" "." begin data=3 commit
leaves "a commit without an image" "." commit
leaves "a piece past the end" "." begin data past
leaves "a piece that was sent already" "." begin data=2 again

fwimg compile <"$work/no-such-helper" >"$image"
leaves "a rule set of whose extensions one is refused" "helper" begin data commit

check "2^64 ways through a table are refused" \
	refused "visit" test_doubling 64
check "2^21 of ordinary rules are not" test_doubling 21
check "but of long ones they are" refused "visit" test_doubling 21 "$(matches 60)"
check "and changes nothing" unchanged
check "a feeder that is killed at any DATA changes nothing" killed_at_any_data
check "and its memory is given back" no_memory_kept
check "an image over the memory bound is refused" refused "memory_max" beyond_the_bound
check "and changes nothing" unchanged
check "push --test accepts a good image" test_only
check "and changes nothing" unchanged
check "a second COMMIT is refused" refused "no image is being sent" twice
check "the first one took effect" once_in_force
check "a good image is taken after all that" fwimg push "$work/other.img"
end_servers
check "a push whose module goes away says so" \
	refused '^fwimg: error: the kernel module fwload is not loaded: ' \
	"$programs/gone" "$work/other.img" "'$FWIMG' flush && rmmod fwload"
passed
