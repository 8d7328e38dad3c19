#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Whichever allocation fails, an operation is refused and nothing has changed, or it succeeds;
# and nothing stays behind (failnth.c; leaks.sh looks for what has leaked unnoticed). For a
# kernel with fault injection: vm/uml.sh -k debug.

. "$(dirname "$0")/lib.sh"
own_network

plan 3
load_module

cat >"$work/old" <<'EOF'
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:a - [0:0]
:b - [0:0]
-A INPUT -p udp -m udp --dport 7 -m limit --limit 1000/sec -j a
-A a -s 127.0.0.1/32 -j b
-A b -m comment --comment "stays as it is" -j RETURN
COMMIT
EOF

# All kinds of things that take memory: chains that change and that are new, extensions of
# several kinds, an index, jumps, nat and conntrack, interfaces' addresses.
{
	table_text mangle <<'EOF'
-A OUTPUT -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x1/0xffffffff
-A OUTPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-name h -j MARK --set-xmark 0x2/0xffffffff
EOF
	echo '-A POSTROUTING -o lo -j MASQUERADE' | table_text nat
	cat <<'EOF'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:a - [0:0]
:b - [0:0]
:many - [0:0]
-A INPUT -p udp -m udp --dport 7 -m limit --limit 1000/sec -j a
-A INPUT -m string --string "needle" --algo kmp --to 65535 -j many
-A INPUT -m recent --set --name seen --mask 255.255.255.255 --rsource -j LOG
-A INPUT -s (lo) -j ACCEPT
-A a -s 127.0.0.2/32 -j b
-A b -m comment --comment "stays as it is" -j RETURN
EOF
	i=1
	while [ $i -le 100 ]; do
		echo "-A many -s 10.0.0.$i/32 -p tcp -m tcp --dport $i -j DROP"
		i=$((i + 1))
	done
	echo COMMIT
} >"$work/new"

debug=/sys/kernel/debug

# What fails, and what is said about it: nothing, since that looks like a bug.
arrange()
{
	for what in failslab fail_page_alloc; do
		echo N >$debug/$what/ignore-gfp-wait
		echo 0 >$debug/$what/verbose
	done
	echo 0 >$debug/fail_usercopy/verbose
	echo N >$debug/fail_page_alloc/ignore-gfp-highmem &&
	echo 0 >$debug/fail_page_alloc/min-order
}

walk()
{
	"$programs/failnth" "$work/image.old" "$work/image.new" >"$work/walk"
	status=$?
	grep '^# summary' "$work/walk" >"$work/summary"
	cat "$work/walk"
	return $status
}

gone()
{
	fwimg flush && no_memory_taken
}

fwimg compile -o "$work/image.old" "$work/old"
fwimg compile -o "$work/image.new" "$work/new"
check "failures are arranged" arrange
check "each allocation may fail" walk
cat "$work/summary"
check "after a flush no memory is taken" gone
unload_idle_module
passed
