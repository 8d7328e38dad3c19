#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Rules are for the admin of the machine: every operation asks for CAP_NET_ADMIN in the
# initial user namespace, unless the module parameter userns opens it to the admin of a
# network namespace.

. "$(dirname "$0")/lib.sh"
own_network

plan 17
load_module
chmod 755 "$work"

parameter=/sys/module/fwload/parameters/userns

cat >"$work/rules" <<'EOF'
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -s 192.0.2.0/24 -j ACCEPT
COMMIT
EOF

cleanup()
{
	echo N >$parameter
}

# Without any privilege.
nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# Root of a user namespace and of a network namespace of its own.
own_root()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn "$@"
}

push_and_save()
{
	"$FWIMG" push "$work/image" && "$FWIMG" save
}

opened()
{
	echo Y >$parameter &&
	own_root sh -c "'$FWIMG' push '$work/image' && '$FWIMG' save | grep -q 192.0.2.0"
}

opened_costly()
{
	# 126 is no refusal to those who expect one
	doubling 20 | fwimg compile >"$work/costly" && chmod 644 "$work/costly" &&
	fwimg push --test "$work/costly" || return 126
	own_root "$FWIMG" push "$work/costly"
}

# The network namespace of the initial user namespace is none of its business, even so.
opened_for_its_own()
{
	refused "CAP_NET_ADMIN" setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare -Ur "$FWIMG" push "$work/image"
}

# With all kinds of rules in force, nothing of which is the kernel's own.
nothing_unwritten()
{
	fwimg compile "$here/rulesets/shorewall.v4" "$here/rulesets/ufw.v6" | fwimg push &&
	"$programs/unwritten"
}

unchanged()
{
	fwimg save | grep -v '^#' >"$work/now"
	grep -v '^#' "$work/rules" >"$work/expected"
	same "rules" "$work/expected" "$work/now"
}

fwimg compile <"$work/rules" >"$work/image"
chmod 644 "$work/image"

check "root loads a rule set" push_and_save
for who in nobody own_root; do
	case $who in
	nobody)		name="a user without privilege" ;;
	own_root)	name="root of a user namespace" ;;
	esac
	check "$name cannot push" refused "CAP_NET_ADMIN" $who "$FWIMG" push "$work/image"
	check "$name cannot save" refused "CAP_NET_ADMIN" $who "$FWIMG" save
	check "$name cannot ask for the state" refused "CAP_NET_ADMIN" $who "$FWIMG" info
	check "$name cannot flush" refused "CAP_NET_ADMIN" $who "$FWIMG" flush
	check "$name is refused every operation there is" $who "$programs/denied"
done
check "all that changed nothing" unchanged
check "with userns=Y, root of a user namespace has rules of its own" opened
check "in which one packet cannot do as much as in those of the machine" \
	refused "visit" opened_costly
check "but not those of the machine" opened_for_its_own
check "which are as they were" unchanged
echo N >$parameter
check "what the kernel tells has no byte that was not written" nothing_unwritten
unload_module
passed
