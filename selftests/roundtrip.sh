#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: roundtrip.sh [FILE...]
#
# Text to image to text, against iptables itself. For each rule set (those of rulesets/ and
# rulesets/text/, or the files named; .v6 is IPv6):
#
# - what fwimg compiles and prints again is what iptables-legacy-restore and
#   iptables-legacy-save make of it in a namespace of its own, byte for byte, tables in the
#   order raw, mangle, nat, filter, security, comment lines taken out; with -c each rule has
#   its counters before it;
# - compiling what was printed gives the same chains, and the same image when done again.
#
# A line "# ipset: ..." of a file is a command for ipset, as iptables wants the sets to be
# there. Of files called fixed.* each rule comes back as it stands there: they hold what
# iptables-save would lose, and extensions that many kernels lack. In those called defaults.*
# the text that comes back says more than the file did, and gives other payloads.
#
# Runs on the host as root, with FWIMG or the tool of the checkout; where the host's kernel
# has no iptables, in User-mode Linux.

# shellcheck source=vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"

here=$FWLOAD_TOP/selftests
fwimg=${FWIMG:-$FWLOAD_TOP/user/fwimg}
tables=(raw mangle nat filter security)

if ! unshare -n iptables-legacy-save -t filter >/dev/null 2>&1; then
	[ "${FWLOAD_KERNEL:-}" != uml ] || die "no iptables in this kernel"
	exec "$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/roundtrip.log" selftests/roundtrip.sh "$@"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The tables of a file, in their order.
tables_of()
{
	local table

	for table in "${tables[@]}"; do
		if grep -q "^\*$table *$" "$1"; then
			echo "$table"
		fi
	done
}

# oracle FILE COMMAND: what iptables makes of it. In a network namespace of its own.
oracle()
{
	local table

	sed -n 's/^# ipset: //p' "$1" | ipset restore || return
	"$2-legacy-restore" "$1" || return
	for table in $(tables_of "$1"); do
		"$2-legacy-save" -t "$table" || return
	done
}

# The file as it stands, tables in their order.
fixed()
{
	local table

	for table in $(tables_of "$1"); do
		sed -n "/^\*$table *\$/,/^COMMIT/p" "$1"
	done
}

without_comments()
{
	sed '/^#/d' "$1"
}

# bodies IMAGE: puts the chains, which stand behind the index (struct fwload_img_header),
# into IMAGE.bodies.
bodies()
{
	tail -c +"$(($(od -A n -t u4 -j 32 -N 4 "$1") + 1))" "$1" >"$1.bodies"
}

# Prints what went wrong; sets rules and bytes.
compare()
{
	local file=$1 family=4 command=iptables

	case $file in
	*.v6)	family=6 command=ip6tables ;;
	esac
	case ${file##*/} in
	fixed.*) fixed "$file" >"$work/saved" ;;
	*)	unshare -n "$0" --oracle "$file" $command >"$work/saved" 2>"$work/said" ||
			{ cat "$work/said"; return 1; } ;;
	esac
	without_comments "$work/saved" >"$work/want"
	[ -s "$work/want" ] || { echo "nothing to compare"; return 1; }

	"$fwimg" compile -$family -o "$work/image" "$file" &&
	"$fwimg" save -$family "$work/image" >"$work/saved" || return
	without_comments "$work/saved" >"$work/text"
	cmp "$work/want" "$work/text" || { diff "$work/want" "$work/text"; return 1; }
	"$fwimg" save -$family -c "$work/image" | without_comments - >"$work/counted"
	sed 's/^-A/[0:0] -A/' "$work/want" | cmp - "$work/counted" || return

	"$fwimg" compile -$family -o "$work/image2" "$work/saved" &&
	"$fwimg" compile -$family <"$work/saved" >"$work/image3" || return
	bodies "$work/image" && bodies "$work/image2" && bodies "$work/image3" || return
	case ${file##*/} in
	defaults.*) ;;
	*)	cmp "$work/image.bodies" "$work/image2.bodies" || return ;;
	esac
	cmp "$work/image2.bodies" "$work/image3.bodies" || return
	"$fwimg" save -$family "$work/image3" | without_comments - >"$work/text2"
	cmp "$work/text" "$work/text2" || return
	rules=$(grep -c '^-A' "$work/want") || true
	bytes=$(wc -c <"$work/want")
}

if [ "${1:-}" = --oracle ]; then
	shift
	oracle "$@"
	exit
fi

files=("$@")
[ $# -gt 0 ] || files=("$here"/rulesets/*.v[46] "$here"/rulesets/text/*.v[46])
number=0
failed=0
all_rules=0
all_bytes=0
echo "KTAP version 1"
echo "1..${#files[@]}"
for file in "${files[@]}"; do
	number=$((number + 1))
	if compare "$file" >"$work/why" 2>&1; then
		all_rules=$((all_rules + rules))
		all_bytes=$((all_bytes + bytes))
		echo "ok $number ${file##*/}"
	else
		head -n 40 "$work/why" | sed 's/^/# /'
		failed=$((failed + 1))
		echo "not ok $number ${file##*/}"
	fi
done
echo "# summary: $all_rules rules, $all_bytes bytes printed as iptables-save prints them"
[ $failed = 0 ]
