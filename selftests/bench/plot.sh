#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: plot.sh DIR
#
# Draws DIR/results.tsv: DIR/packet.svg, the cost of a packet over the number of rules for all
# engines; DIR/kinds.svg, the same for fwload and iptables and all kinds of rules;
# DIR/load.svg, the time until rules are in force.
set -euo pipefail

dir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# series KIND ENGINE NAME FACTOR: "size value" in a file, whose name is printed when it has two
# points or more.
series()
{
	local file=$work/$1.$2.$3

	awk -v kind="$1" -v engine="$2" -v name="$3" -v factor="$4" '
		$1 == kind && $3 == engine && $4 == name { print $2, $5 * factor }' \
		"$dir/results.tsv" | sort -n >"$file"
	[ "$(wc -l <"$file")" -lt 2 ] || echo "$file"
}

# line FILE TITLE COLOUR [STYLE]: a part of gnuplot's command.
line()
{
	[ -z "$1" ] || printf "%s'%s' title '%s' with linespoints lc rgb '%s' lw 2 pt 7 ps 0.5 %s" \
		"$separator" "$1" "$2" "$3" "${4:-}"
	[ -z "$1" ] || separator=', '
}

# draw FILE TITLE YLABEL: with the lines on standard input; nothing where there are none.
draw()
{
	lines=$(cat)
	[ -n "$lines" ] || return 0
	gnuplot <<-END
		set terminal svg size 800,480 dynamic background rgb 'white' font 'sans-serif,13'
		set output '$dir/$1.svg'
		set title '$2'
		set xlabel 'rules'
		set ylabel '$3'
		set logscale xy
		set format x '10^{%L}'
		set grid xtics ytics lc rgb '#dddddd'
		set key left top reverse Left
		plot $lines
	END
}

separator=
{
	line "$(series service iptables packet_ps 0.001)" iptables '#cc3311'
	line "$(series service iptables-nft packet_ps 0.001)" iptables-nft '#ee7733'
	line "$(series service nft-set packet_ps 0.001)" 'nft set, by hand, no rule counters' '#0077bb'
	line "$(series service fwload packet_ps 0.001)" fwload '#009944'
	line "$(series service none packet_ps 0.001)" 'nothing loaded' '#999999'
} | draw packet 'Cost of a packet: -s A/32 -p tcp --dport N -j DROP' 'ns a packet'

separator=
{
	for kind in acl:#cc3311 fw:#ee7733 ipc:#aa3377 blocklist:#0077bb service:#009944; do
		line "$(series "${kind%:*}" iptables packet_ps 0.001)" \
			"${kind%:*}, iptables" "${kind#*:}" 'dt 2'
		line "$(series "${kind%:*}" fwload packet_ps 0.001)" "${kind%:*}, fwload" "${kind#*:}"
	done
} | draw kinds 'Cost of a packet, kinds of rules' 'ns a packet'

separator=
{
	line "$(series service iptables load_ms 1)" iptables-legacy-restore '#cc3311'
	line "$(series service iptables-nft load_ms 1)" iptables-nft-restore '#ee7733'
	line "$(series service nft-set load_ms 1)" 'nft -f, one set' '#0077bb'
	line "$(series service fwload compile_ms 1)" 'fwimg compile' '#66cc88'
	line "$(series service fwload push_ms 1)" 'fwimg push' '#009944'
} | draw load 'Loading, in User-mode Linux' ms
