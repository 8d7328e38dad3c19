#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Random messages to the family, from several processes in several namespaces, while packets go
# through the rules (storm.c). The kernel survives it, and when all are gone nothing is left.
# FWLOAD_STORM is for how many seconds (20), FWLOAD_SEED where the randomness begins (1).

. "$(dirname "$0")/lib.sh"
own_network

seconds=${FWLOAD_STORM:-20}
seed=${FWLOAD_SEED:-1}

plan 4
load_module

# What the images are made of: something of all.
rules()
{
	printf '*%s\n' "$1"
	shift
	printf '%s\n' "$@" COMMIT
}

images()
{
	rules filter ':a - [0:0]' ':log - [0:0]' '-A INPUT -p udp --dport 7 -j a' \
		'-A a -m limit --limit 5/sec -j log' '-A a -g log' \
		'-A log -m comment --comment "some words" -j RETURN' >"$work/1"
	rules nat '-A POSTROUTING -o lo -j MASQUERADE' '-A OUTPUT -p udp --dport 9 -j REDIRECT --to-ports 7' \
		>"$work/2"
	rules mangle '-A OUTPUT -m conntrack --ctstate NEW -j MARK --set-mark 1' \
		'-A OUTPUT -j CONNMARK --save-mark' '-A INPUT -s (lo) -j ACCEPT' >"$work/3"
	rules raw '-A OUTPUT -m string --string x --algo bm -j CT --notrack' \
		'-A PREROUTING -m recent --set --name r -j TRACE' >"$work/4"
	{
		rules filter ':many - [0:0]' '-A OUTPUT -j many' | grep -v COMMIT
		i=1
		while [ $i -le 90 ]; do
			echo "-A many -d 127.0.0.$i/32 -p udp -m udp --dport $i"
			i=$((i + 1))
		done
		echo COMMIT
		cat "$work/2"
	} >"$work/5"
	for i in 1 2 3 4 5; do
		fwimg compile -o "$work/image.$i" "$work/$i" || return
	done
	fwimg compile -6 -o "$work/image.6" "$work/1"
}

storm()
{
	"$programs/storm" "$seconds" "$seed" 6 "$work"/image.* >"$work/said"
}

still_there()
{
	fwimg push "$work/image.1" && fwimg save | grep -q -e '-A a -g log' && fwimg flush
}

images || exit
note "seed $seed"
check "random messages for $seconds s" storm
cat "$work/said"
check "the family works after that" still_there
check "no memory is taken when all are gone" no_memory_taken
check "and the module can go" unload_idle_module
passed
