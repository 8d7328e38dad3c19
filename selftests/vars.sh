#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Variables in rules: they come back from the kernel as they were written, through load, save,
# edit and load, and no longer where the rules say something else by then.
#
# shellcheck disable=SC2016	# ${NAME} is for fwimg

. "$(dirname "$0")/lib.sh"
own_network

plan 8
load_module

cat >"$work/rules" <<'END'
define LAN = 192.0.2.0/24,198.51.100.0/24
define SSH = 22
define POLICY = DROP
*filter
:INPUT ${POLICY} [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s ${LAN} -p tcp -m tcp --dport ${SSH} -j ACCEPT
-A INPUT -d (lo) -j ACCEPT
-A FORWARD -s ${LAN} -m comment --comment "from $${LAN} ${LAN}" -j DROP
-A OUTPUT -d 127.0.0.0/8,${LAN} -p udp -m udp --dport 9
COMMIT
END

# saved ARG...: what is in force, without comments.
saved()
{
	"$FWIMG" save "$@" | grep -v '^#'
}

load()
{
	"$FWIMG" restore "$work/rules" && saved >"$work/saved" || return
	sort "$work/rules" >"$work/want"
	sort "$work/saved" | diff "$work/want" -
}

again()
{
	"$FWIMG" restore "$work/saved" && saved | diff "$work/saved" -
}

edited()
{
	sed 's/^define SSH = .*/define SSH = 2222/' "$work/saved" >"$work/new"
	"$FWIMG" restore "$work/new" && saved | diff "$work/new" - &&
	refused "follow an interface" "$FWIMG" save --resolved
}

resolved()
{
	grep -v '(lo)' "$work/rules" | "$FWIMG" restore && saved -r >"$work/plain" || return
	if grep -v '"' "$work/plain" | grep -F '$'; then
		return 1
	fi
	equal "rules" 7 "$(grep -c '^-A' "$work/plain")"
}

# A packet to the discard port, which is sent whether anybody listens or not.
counted()
{
	ip link set lo up && bash -c 'echo x >/dev/udp/127.0.0.1/9' &&
	saved -c | grep -q -F '[1:30] -A OUTPUT -d 127.0.0.0/8,${LAN} -p udp'
}

# merged CHANGE N LINE: after a CHANGE by --noflush, N lines are like LINE.
merged()
{
	printf '*filter\n%s\nCOMMIT\n' "$1" | "$FWIMG" restore --noflush || return
	equal "rules after $1" "$2" "$(saved | grep -c -F -e "$3")"
}

check "rules are saved as they were written" load
check "and load as they were saved" again
check "a definition is changed in the saved text" edited
check "resolved, there are no variables" resolved
check "what a list's rules count is summed" counted
check "a rule appended by --noflush leaves the others" merged '-A INPUT -j DROP' 1 \
	'-A INPUT -s ${LAN} -p tcp'
check "a line of which a rule is gone is printed as rules" merged '-D INPUT 1' 0 \
	'-A INPUT -s ${LAN} -p tcp'
check "others stay" merged '-A INPUT -p ah' 1 '-A OUTPUT -d 127.0.0.0/8,${LAN} -p udp'
passed
