#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Rules are received in the memory where they are executed: a commit does not need room for
# a second copy of them. What it takes at its peak is bounded by memory_max, so with a bound
# that leaves less than half of the rules' bytes beside what is in use afterwards, it must
# succeed; and to see that the bound binds, it must fail with one below that.

. "$(dirname "$0")/lib.sh"
own_network

rules=500000			# of 24 bytes
parameter=/sys/module/fwload/parameters/memory_max

plan 3
load_module
bound=$(cat $parameter)

cleanup()
{
	echo "$bound" >$parameter
}

text()
{
	echo '*filter'
	awk -v n=$rules 'BEGIN { for (i = 0; i < n; i++)
		printf "-A INPUT -s 10.%d.%d.%d/32 -p tcp -m tcp --dport %d -j DROP\n",
			i / 65536, i / 256 % 256, i % 256, 1 + i % 65535 }'
	echo 'COMMIT'
}

# MiB in use, rounded up
in_use()
{
	bytes=$(fwimg info | sed -n 's/.*generation [0-9]*, \([0-9]*\) bytes.*/\1/p')
	echo $(((bytes + 1048575) / 1048576))
}

loads()
{
	text | fwimg compile -o "$work/image" && fwimg push "$work/image" && in_use >"$work/mib" &&
		fwimg flush
}

with_less_than_a_copy_more()
{
	echo $(($(cat "$work/mib") + 5)) >$parameter &&
	fwimg push "$work/image" && fwimg flush
}

with_less_than_it_needs()
{
	echo $(($(cat "$work/mib") - 2)) >$parameter &&
	refused memory_max fwimg push "$work/image"
}

check "$rules rules load" loads
check "a commit has no room for a second copy, and needs none" with_less_than_a_copy_more
check "nor can it do with less than the rules need" with_less_than_it_needs
unload_module
passed
