#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Real rule sets come back as the text that iptables-legacy prints for them in the same
# kernel, and compiling what came back gives the same image. So do rules behind one that takes
# every packet, of which neither asks what it would ask elsewhere.

. "$(dirname "$0")/lib.sh"
own_network

dead=$here/rulesets/text/dead.v4
set -- "$here"/rulesets/*.v4 "$here"/rulesets/*.v6 "$dead"
plan $((3 * $# + 9))
load_module

# What iptables-save prints, without comments and with the tables in fwload's order.
in_order()
{
	awk '
		/^#/ { next }
		/^\*/ { table = substr($0, 2) }
		{ text[table] = text[table] $0 "\n" }
		END { printf "%s%s%s%s%s", text["raw"], text["mangle"], text["nat"],
			     text["filter"], text["security"] }'
}

# by_iptables FAMILY FILE: what iptables-legacy makes of FILE, in a namespace of its own.
by_iptables()
{
	case $1 in
	4)	tool=iptables-legacy ;;
	6)	tool=ip6tables-legacy ;;
	esac
	unshare -n sh -c "$tool-restore <'$2' && $tool-save"
}

through_fwload()
{
	fwimg compile "-$1" "$2" >"$work/image" && fwimg push "$work/image"
}

comes_back()
{
	by_iptables "$1" "$2" >"$work/iptables" || return
	in_order <"$work/iptables" >"$work/expected"
	fwimg save "-$1" >"$work/saved" || return
	grep -v '^#' "$work/saved" >"$work/seen"
	same "what iptables-legacy-save and fwimg save print" "$work/expected" "$work/seen"
}

# Through standard input both times: the name of a file is part of the image.
compiles_to_the_same()
{
	fwimg compile "-$1" <"$2" >"$work/from-text" &&
	fwimg compile "-$1" <"$work/saved" >"$work/from-saved" &&
	"$programs/imgcmp" "$work/from-text" "$work/from-saved"
}

both_at_once()
{
	fwimg compile "$here/rulesets/ufw.v4" "$here/rulesets/ufw.v6" >"$work/both" &&
	fwimg push "$work/both"
}

save_of_both()
{
	for family in 4 6; do
		comes_back $family "$here/rulesets/ufw.v$family" || return
	done
}

one_table()
{
	fwimg save -4 -t filter | grep -v '^#' >"$work/seen"
	by_iptables 4 "$here/rulesets/ufw.v4" | in_order |
		sed -n '/^\*filter/,/^COMMIT/p' >"$work/expected"
	same "the filter table" "$work/expected" "$work/seen"
}

# A commit of one table leaves the others as they are.
other_tables_stay()
{
	fwimg save -4 | sed '/^\*filter/,/^COMMIT/d' | grep -v '^#' >"$work/expected"
	printf '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n' |
		fwimg compile | fwimg push || return
	fwimg save -4 | sed '/^\*filter/,/^COMMIT/d' | grep -v '^#' >"$work/seen"
	[ -s "$work/seen" ] && same "the other tables" "$work/expected" "$work/seen"
}

# Saves what is in force; it must be nothing, comments apart.
nothing_in_force()
{
	for family in 4 6; do
		equal "rules after a flush" "" "$(fwimg save -$family | grep -v '^#')" || return
	done
}

# both_refuse TABLE WHY: this table of $dead, when its rules can be reached.
both_refuse()
{
	sed -n "/^\*$1/,/^COMMIT/p" "$dead" |
		grep -v -E -e '^-A [^ ]+ -j (ACCEPT|DROP|RETURN|QUEUE)$' >"$work/alive" &&
	not by_iptables 4 "$work/alive" &&
	refused "$2" through_fwload 4 "$work/alive"
}

for file; do
	name=${file##*/}
	family=${file##*.v}
	check "$name is compiled and loaded" through_fwload "$family" "$file"
	check "$name comes back as iptables-legacy prints it" comes_back "$family" "$file"
	check "$name comes back as text that compiles to the same image" \
		compiles_to_the_same "$family" "$file"
	fwimg flush
done

check "a mac that OUTPUT reaches is refused by both" both_refuse raw "mac"
check "a TCPMSS that INPUT reaches is refused by both" both_refuse mangle "TCPMSS"
check "a loop that INPUT reaches is refused by both" both_refuse filter "loop"
check "both families fit in one image" both_at_once
check "and come back, each by itself" save_of_both
check "save -t prints one table" one_table
check "a commit of one table leaves the others" other_tables_stay
check "flush leaves nothing" fwimg flush
check "nothing is in force then" nothing_in_force
unload_module
passed
