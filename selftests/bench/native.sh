#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: native.sh PROGRAMS
#
# What needs no kernel of ours, at the machine's own speed: compiling text and printing an
# image, a million rules; and what iptables-legacy-restore takes for the same text, where the
# host's kernel has iptables. The least of several runs of each, in turns. Prints lines
# as engine.sh does, with the engine "native".

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

programs=$1
fwimg=$FWLOAD_TOP/user/fwimg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
declare -A least

# once NAME COMMAND...: user and system time, and the most memory.
once()
{
	local name=$1 user system rss

	shift
	"$programs/measure" "$work/measured" "$@" >/dev/null || return 0
	read -r _ user system rss _ <"$work/measured"
	keep "$name"_cpu_ms $(((user + system) / 1000))
	keep "$name"_user_ms $((user / 1000))
	keep "$name"_rss_kib "$rss"
}

keep()
{
	if [ -z "${least[$1]:-}" ] || [ "$2" -lt "${least[$1]}" ]; then
		least[$1]=$2
	fi
}

# turns KIND SIZE TIMES
turns()
{
	local name

	least=()
	"$programs/generate" "$1" "$2" "$work" 1
	for _ in $(seq "$3"); do
		once compile "$fwimg" compile -o "$work/image" "$work/rules.v4"
		once compile_stdin sh -c "'$fwimg' compile -4 >'$work/image' <'$work/rules.v4'"
		once save "$fwimg" save -c "$work/image"
		if unshare -n iptables-legacy-save -t filter >/dev/null 2>&1; then
			once restore unshare -n iptables-legacy-restore "$work/rules.v4"
		fi
	done
	for name in "${!least[@]}"; do
		echo "$1 $2 native $name ${least[$name]}"
	done
}

turns service 1000000 3
turns limit 100000 3
turns string 100000 3
