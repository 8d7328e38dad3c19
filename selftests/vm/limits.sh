#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: limits.sh [all]
#
# Makes the largest images for selftests/limits.sh, where it is fast: in User-mode Linux each page
# of a process may be a mapping of its own, and the host allows no more than 65,530 of these. Prints
# their directory, $FWLOAD_BUILD/limits, which has
#
#   chains	1,048,576 chains, the base chains included: a packet to 127.0.0.0 and up meets one
#		of its own, the last of which, for 127.15.255.252, drops it
#
# and with "all"
#
#   rules	16,777,215 rules; the last two drop what comes to port 8 of 127.0.0.1, and take what
#		comes to port 9
#   large	1,050,000 rules of 2,028 bytes, in two chains, each less than 1 GiB

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

dir=$FWLOAD_BUILD/limits

chains()
{
	echo '*filter'
	awk -v n=$((1048576 - 3)) 'BEGIN {
		for (i = 0; i < n; i++)
			printf ":c%d - [0:0]\n", i
		for (i = 0; i < n; i++)
			printf "-A INPUT -d 127.%d.%d.%d/32 -p udp -j c%d\n",
				i / 65536, i / 256 % 256, i % 256, i
		for (i = 0; i < n; i++)
			printf "-A c%d -p udp -j %s\n", i, i == n - 1 ? "DROP" : "RETURN" }'
	echo 'COMMIT'
}

rules()
{
	echo '*filter'
	awk -v n=$((16777215 - 2)) 'BEGIN { for (i = 0; i < n; i++)
		printf "-A INPUT -s 10.%d.%d.%d/32 -p udp -m udp --dport %d -j DROP\n",
			i / 65536, i / 256 % 256, i % 256, 1 + i % 65535 }'
	echo '-A INPUT -s 127.0.0.1/32 -p udp -m udp --dport 8 -j DROP'
	echo '-A INPUT -s 127.0.0.1/32 -p udp -m udp --dport 9 -j ACCEPT'
	echo 'COMMIT'
}

large()
{
	echo '*filter'
	echo ':half - [0:0]'
	awk -v n=1050000 'BEGIN { for (i = 0; i < n; i++)
		printf "-A %s -m u32 --u32 \"0=%d\" -j DROP\n", i % 2 ? "half" : "INPUT", i }'
	echo 'COMMIT'
}

images=(chains)
[ "${1:-}" != all ] || images+=(rules large)
rm -rf "$dir"
mkdir -p "$dir"
for image in "${images[@]}"; do
	$image | "$FWLOAD_TOP/user/fwimg" compile -o "$dir/$image"
done
echo "$dir"
