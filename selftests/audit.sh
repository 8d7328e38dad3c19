#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each change of a table leaves a record in the kernel's audit, as the change of a table of
# iptables does: which, of what family, with how many rules, and what was done to it. What
# changes nothing leaves none.

. "$(dirname "$0")/lib.sh"

plan 8
load_module

cat >"$work/four" <<'EOF'
*raw
-A OUTPUT -j ACCEPT
COMMIT
*filter
:a - [0:0]
-A INPUT -j a
-A a -j ACCEPT
COMMIT
EOF
cat >"$work/six" <<'EOF'
*filter
-A FORWARD -j DROP
COMMIT
EOF

cleanup()
{
	fwimg flush
	ip netns del audited
}

# leaves EXPECTED COMMAND...: COMMAND leaves exactly these records, each as TABLE-FAMILY-ENTRIES-OP.
leaves()
{
	expected=$1
	shift
	"$programs/audit" "$@" >"$work/records" || return
	seen=$(sed -n 's/.*table=\([a-z]*\) family=\([0-9]*\) entries=\([0-9]*\) op=\([a-z_]*\).*/\1-\2-\3-\4/p' \
		"$work/records" | sort | xargs)
	cat "$work/records"
	equal "records" "$expected" "$seen"
}

says_who()
{
	grep -q 'comm="fwimg"' "$work/records"
}

echo '-A PREROUTING -p tcp -m tcp --dport 1 -j CT --helper nosuch' | table_text raw |
	fwimg compile -4 -o "$work/refused.img"
fwimg compile -4 -o "$work/4.img" "$work/four" && fwimg compile -6 -o "$work/6.img" "$work/six"
ip netns add audited
check "new tables are registered" leaves "filter-2-2-xt_register raw-2-1-xt_register" \
	"$FWIMG" push "$work/4.img"
check "the record says which program it was" says_who
check "tables that were there are replaced" \
	leaves "filter-2-2-xt_replace raw-2-1-xt_replace" "$FWIMG" push "$work/4.img"
check "a test leaves none" leaves "" "$FWIMG" push --test "$work/6.img"
check "IPv6, in another network namespace" leaves "filter-10-1-xt_register" \
	ip netns exec audited "$FWIMG" push "$work/6.img"
check "what is read leaves none" leaves "" "$FWIMG" save -6
check "what is refused leaves none" leaves "" sh -c "! '$FWIMG' push '$work/refused.img'"
check "a flush unregisters" leaves "filter-2-2-xt_unregister raw-2-1-xt_unregister" \
	"$FWIMG" flush
ip netns del audited
unload_idle_module
passed
