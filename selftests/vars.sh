#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Variables in rules: they come back from the kernel as they were written, through load, save,
# edit and load, and no longer where the rules say something else by then. What save
# --resolved prints is loaded into iptables-legacy, which then counts the same packets.
#
# shellcheck disable=SC2016	# ${NAME} is for fwimg

. "$(dirname "$0")/lib.sh"
own_network

plan 15
load_module
mkdir "$work/bin"
for name in iptables iptables-restore iptables-save; do
	ln -s "$FWIMG" "$work/bin/$name"
done

cat >"$work/rules" <<'END'
define CHAIN = from-lan
define LAN = 192.0.2.0/24,198.51.100.0/24
define POLICY = DROP
define SSH = 22
*filter
:INPUT ${POLICY} [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:${CHAIN} - [0:0]
-A INPUT -s ${LAN} -p tcp -m tcp --dport ${SSH} -j ACCEPT
-A INPUT -d (lo) -j ACCEPT
-A FORWARD -s ${LAN} -m comment --comment "from $${LAN} ${LAN}" -j DROP
-A FORWARD -s ${LAN} -j ${CHAIN}
-A OUTPUT -d 127.0.0.0/8,${LAN} -p udp -m udp --dport 9
-A ${CHAIN} -p ah -j DROP
COMMIT
END

# saved ARG...: what is in force, without comments.
saved()
{
	"$FWIMG" save "$@" | grep -v '^#'
}

load()
{
	"$FWIMG" restore "$work/rules" && saved >"$work/saved" && same rules "$work/rules" "$work/saved"
}

again()
{
	"$FWIMG" restore "$work/saved" && saved >"$work/again" && same rules "$work/saved" "$work/again"
}

edited()
{
	sed 's/^define SSH = .*/define SSH = 2222/' "$work/saved" >"$work/new"
	"$FWIMG" restore "$work/new" && saved >"$work/again" && same rules "$work/new" "$work/again" &&
	saved -r | grep -q -e '--dport 2222 '
}

# What the command line says goes before the text, and is what is saved.
given()
{
	echo 'define SSH = 5555' >"$work/vars"
	"$FWIMG" restore --vars "$work/vars" -D POLICY=ACCEPT "$work/rules" && saved >"$work/again" &&
	sed 's/^define SSH = .*/define SSH = 5555/; s/POLICY = DROP/POLICY = ACCEPT/' \
		"$work/rules" >"$work/want" && same rules "$work/want" "$work/again"
}

# A packet to the discard port, which is sent whether anybody listens or not.
counted()
{
	load && ! "$programs/net" try udp 127.0.0.1 9 >/dev/null &&
	saved -c | sed -n 's/^\[1:\([0-9]*\)\] -A OUTPUT -d .*/\1/p' >"$work/bytes" &&
	[ -s "$work/bytes" ]
}

# The sum is that of a line again, not of each of its rules.
counters_stay()
{
	sed 's/^-A INPUT -s/[7:700] &/; s/^-A FORWARD -s/[8:800] &/' "$work/rules" >"$work/new" &&
	for _ in 1 2 3; do
		"$FWIMG" restore -c "$work/new" && saved -c >"$work/new" || return
	done
	equal "counted lines" "7 8 8" \
		"$(sed -n 's/^\[\([78]\):\1[0]*\] -A .*/\1/p' "$work/new" | xargs)"
}

# merged CHANGE N LINE: after a CHANGE by --noflush, N lines are like LINE.
merged()
{
	printf '*filter\n%s\nCOMMIT\n' "$1" | "$FWIMG" restore --noflush -D NEW=ACCEPT || return
	equal "rules after $1" "$2" "$(saved | grep -c -F -e "$3")"
}

commands()
{
	PATH="$work/bin:$PATH"
	load && iptables -I FORWARD -p esp && iptables -A FORWARD -m comment --comment '${LAN}' &&
	iptables -D FORWARD -p esp && saved >"$work/again" &&
	sed '/-j ${CHAIN}/a-A FORWARD -m comment --comment "$${LAN}"' "$work/rules" >"$work/want" &&
	same rules "$work/want" "$work/again"
}

# The names of iptables give and take text without variables, in which ${NAME} is ${NAME}.
names_of_iptables()
{
	iptables-save >"$work/plain" && iptables-restore "$work/plain" && iptables-save >"$work/again" &&
	equal "rules" 12 "$(grep -c '^-A' "$work/plain")" && grep -q -F '"${LAN}"' "$work/plain" &&
	sed -i '/^#/d' "$work/plain" "$work/again" && same rules "$work/plain" "$work/again"
}

# An interface with addresses that overlap in their networks, and rules for each way of asking.
dynamic()
{
	ip link add out type dummy && ip link set out up && ip addr add 192.0.2.1/24 dev out &&
	ip -6 addr add 2001:db8::1/64 dev out nodad && ip route add default dev out &&
	ip -6 route add default dev out && ip link add d0 type dummy && ip link set d0 up || return
	for address in 10.1.0.1/24 10.1.0.2/24 10.1.0.129/25 10.2.0.1/32; do
		ip addr add $address dev d0 || return
	done
	for address in 2001:db8:1::1/64 2001:db8:1::2/64 2001:db8:1::81/121 2001:db8:2::1/128; do
		ip -6 addr add $address dev d0 nodad || return
	done
	{
		echo '*filter'
		while read -r name what; do
			echo "-A OUTPUT -p udp -m udp --dport 9 $what -m comment --comment $name"
		done <<-'END'
		addr -d (d0)
		not ! -d (d0)
		net -d (d0:network)
		notnet ! -d (d0:network)
		first -d (d0:0)
		notfirst ! -d (d0:0)
		none -d (d1)
		notnone ! -d (d1)
		both -s (d0) -d (d0)
		either -s (d0) ! -d (d0)
		neither ! -s (d0) ! -d (d0)
		list -d (d0),(out)
		END
		echo 'COMMIT'
	} >"$work/dynamic"
	"$FWIMG" restore "$work/dynamic" && "$FWIMG" restore -6 "$work/dynamic"
}

# counts: of what was saved, the packets that the rules of each name counted.
counts()
{
	sed -n 's/^\[\([0-9]*\):.*--comment \([a-z]*\)$/\2 \1/p' | awk '
		{ n[$1] += $2 }
		END { for (name in n) print name, n[name] }' | sort
}

# resolved FAMILY ip[6]tables-legacy ADDRESS...: what is resolved loads into iptables as it is,
# and of packets to each ADDRESS its rules count what those that follow the interface do.
resolved()
{
	family=$1 tool=$2
	shift 2
	saved "$family" -r >"$work/resolved" && "$tool-restore" <"$work/resolved" &&
	"$tool-save" | grep -v '^#' >"$work/legacy" || return
	# The kernel's own packets are counted by policies.
	sed -i 's/^\(:.*\) \[.*/\1/' "$work/resolved" "$work/legacy"
	same rules "$work/resolved" "$work/legacy" || return
	not grep '(' "$work/resolved" || return
	for address; do
		env FWLOAD_NET_WAIT=1 "$programs/net" try udp "$address" 9 >/dev/null
	done
	"$tool-save" -c | counts >"$work/legacy.counts"
	saved "$family" -c | counts >"$work/counts"
	same counters "$work/counts" "$work/legacy.counts" &&
	equal "rules that counted all packets" notnone \
		"$(sed -n "s/ $#\$//p" "$work/counts")" && "$tool" -F
}

# Counters of the rules that take the place of one are its own, together.
resolved_counters()
{
	saved -c | counts >"$work/counts"
	saved -c -r | iptables-legacy-restore -c && iptables-legacy-save -c | counts >"$work/again" &&
	iptables-legacy -F && same counters "$work/counts" "$work/again"
}

check "rules are saved as they were written" load
check "and load as they were saved" again
check "a definition is changed in the saved text" edited
check "values that are given go before those of the text" given
check "what a line's rules count is summed" counted
check "counters do not multiply by saving" counters_stay
check "a rule appended by --noflush leaves the others" merged '-A INPUT -j DROP' 1 \
	'-A INPUT -s ${LAN} -p tcp'
check "a policy with a variable comes by --noflush" merged ':OUTPUT ${NEW} [0:0]' 1 \
	':OUTPUT ${NEW} ['
check "a line of which a rule is gone is printed as rules" merged '-D INPUT 1' 0 \
	'-A INPUT -s ${LAN} -p tcp'
check "the commands of iptables leave the lines" commands
check "the names of iptables know no variables" names_of_iptables
check "addresses of interfaces of every form load" dynamic
check "resolved, they are rules of iptables-legacy that count the same" resolved -4 \
	iptables-legacy 10.1.0.1 10.1.0.2 10.1.0.129 10.1.0.77 10.2.0.1 10.3.0.1 192.0.2.1
check "likewise for IPv6" resolved -6 ip6tables-legacy 2001:db8:1::1 2001:db8:1::2 \
	2001:db8:1::81 2001:db8:1::77 2001:db8:2::1 2001:db8:3::1 2001:db8::1
check "counters of resolved rules are not multiplied" resolved_counters
passed
