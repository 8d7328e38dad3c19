#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Changes of what is in force, by restore --noflush and by commands: no update is lost when
# many clients change it at once, counters and what matches remember go on, and a change costs
# what it touches.

. "$(dirname "$0")/lib.sh"
own_network

clients=20
updates=5

plan 11
load_module
mkdir "$work/bin"
for name in iptables iptables-restore iptables-save; do
	ln -s "$FWIMG" "$work/bin/$name"
done
PATH=$work/bin:$PATH

# Client number $1: some rules by restore into two chains, some by commands.
client()
{
	for i in $(seq "$updates"); do
		printf '*filter\n-A INPUT -s 10.0.%s.%s -j shared\n-A shared -d 10.0.%s.%s\nCOMMIT\n' \
			"$1" "$i" "$1" "$i" | iptables-restore --noflush || return
		iptables -I OUTPUT -s "10.1.$1.$i" || return
		printf '*mangle\n:c%s - [0:0]\n-A c%s -s 10.2.%s.%s\nCOMMIT\n' \
			"$1" "$1" "$1" "$i" | iptables-restore -n || return
	done
}

nothing_lost()
{
	iptables -N shared && iptables -t mangle -N first || return
	jobs=
	for n in $(seq "$clients"); do
		client "$n" >"$work/client.$n" 2>&1 &
		jobs="$jobs $!"
	done
	for job in $jobs; do
		wait "$job" || { cat "$work"/client.*; return 1; }
	done
	iptables-save >"$work/saved"
	want=$((clients * updates))
	equal "rules of INPUT" $want "$(grep -c '^-A INPUT -s 10.0' "$work/saved")" &&
	equal "rules of shared" $want "$(grep -c '^-A shared' "$work/saved")" &&
	equal "rules of OUTPUT" $want "$(grep -c '^-A OUTPUT' "$work/saved")" &&
	equal "chains of mangle" "$clients" "$(grep -c '^:c' "$work/saved")" &&
	equal "rules of mangle" "$clients" "$(grep -c '^-A c' "$work/saved")" &&
	equal "different rules" $((3 * want + clients)) \
		"$(grep '^-A' "$work/saved" | sort -u | wc -l)"
}

# The counters of a rule, and of a policy.
counters_of()
{
	iptables-save -c -t filter | grep -F -e "$1" | sed 's/^\(:[^[]*\)\{0,1\}\[\([0-9]*\):.*/\2/'
}

try()
{
	for _ in $(seq "$1"); do
		"$programs/net" try udp 127.0.0.1 7 || return
	done
}

counting()
{
	iptables-restore <<-'EOT' &&
	*filter
	:INPUT ACCEPT [0:0]
	:OUTPUT ACCEPT [0:0]
	:other - [0:0]
	-A OUTPUT -p udp --dport 7 -j other
	-A other -m limit --limit 1/hour --limit-burst 2 -j RETURN
	-A other -p udp
	COMMIT
	EOT
	serve "$programs/net" serve 7 && try 3 &&
	equal "packets in the chain" 3 "$(counters_of '-A OUTPUT -p udp')" &&
	equal "packets beyond the limit" 1 "$(counters_of '-A other -p udp')"
}

# Rules before and behind, the chain replaced around the rule.
counters_go_on()
{
	before=$(counters_of ':OUTPUT')
	iptables -I OUTPUT -s 10.9.9.9 && iptables -A OUTPUT -d 10.9.9.9 &&
	iptables -I OUTPUT -p udp -m udp --dport 7 -j other && try 2 &&
	equal "the new rule, first, like the old one" 2 \
		"$(iptables -v -x -n -L OUTPUT 1 | awk '{ print $1 }')" &&
	equal "the old one" 5 "$(iptables -v -x -n -L OUTPUT 3 | awk '{ print $1 }')" &&
	[ "$(counters_of ':OUTPUT')" -gt "$before" ]
}

# A chain that no command touches is the same object still: its limit is used up.
state_goes_on()
{
	equal "packets beyond the limit" 5 "$(counters_of '-A other -p udp')"
}

test_changes_nothing()
{
	iptables-save -c | grep -v '^#' >"$work/before"
	fwimg info >"$work/info"
	printf '*filter\n-F\n-A INPUT -p tcp -m tcp --dport 5 -j DROP\nCOMMIT\n' |
		iptables-restore --noflush --test &&
	iptables-save -c | grep -v '^#' >"$work/after" &&
	same "rules" "$work/before" "$work/after" &&
	fwimg info | same "generations" "$work/info" - || return
	# What only the kernel knows is found.
	printf '*filter\n-A INPUT -p tcp -j TCPMSS --set-mss 1400\nCOMMIT\n' |
		refused 'line 2 failed' iptables-restore --noflush --test
}

nothing_to_do()
{
	fwimg info >"$work/info" &&
	printf '*filter\nCOMMIT\n' | iptables-restore --noflush &&
	iptables -C OUTPUT -s 10.9.9.9 && iptables -t raw -F && iptables -t raw -X &&
	iptables -t security -L -n >"$work/out" &&
	fwimg info | same "what is in force" "$work/info" -
}

# 100,000 rules: 10,000 services, each a chain of 9 rules and one that goes to it.
services()
{
	awk 'BEGIN {
		print "*nat"
		print ":services - [0:0]"
		for (i = 0; i < 10000; i++)
			print ":svc" i " - [0:0]"
		print "-A PREROUTING -j services"
		for (i = 0; i < 10000; i++) {
			a = 10 "." int(i / 65536) % 256 "." int(i / 256) % 256 "." i % 256
			print "-A services -d " a "/32 -p tcp -m tcp --dport 80 -j svc" i
			for (j = 0; j < 9; j++)
				print "-A svc" i " -s 10." j ".0.0/16 -p tcp -j ACCEPT"
		}
		print "COMMIT"
	}' | iptables-restore
}

touch_ten()
{
	iptables-restore --noflush <<-'EOT'
	*nat
	:svcnew - [0:0]
	-A svcnew -s 10.1.0.0/16 -p tcp -j ACCEPT
	-A svcnew -s 10.2.0.0/16 -p tcp -j ACCEPT
	-A svcnew -s 10.3.0.0/16 -p tcp -j ACCEPT
	-A svcnew -s 10.4.0.0/16 -p tcp -j ACCEPT
	-A svcnew -s 10.5.0.0/16 -p tcp -j ACCEPT
	-A svc77 -s 10.6.0.0/16 -p tcp -j svcnew
	-A svc78 -s 10.7.0.0/16 -p tcp -j svcnew
	-D svc79 1
	-R svc80 2 -s 10.0.0.0/16 -p tcp -j ACCEPT
	-A PREROUTING -s 10.8.0.0/16 -j svcnew
	COMMIT
	EOT
}

# best COMMAND...: the least that it takes in five times, in milliseconds, in $took.
best()
{
	least=1000000
	for _ in 1 2 3 4 5; do
		start=$(date +%s%N)
		"$@" >/dev/null || return
		took=$((($(date +%s%N) - start) / 1000000))
		[ "$took" -ge "$least" ] || least=$took
	done
	took=$least
}

# The figures are for the reader: times differ from machine to machine.
ten_of_many()
{
	services && best iptables -V && idle=$took && best touch_ten || return
	iptables-save -t nat >"$work/saved"
	equal "rules of svc77" 14 "$(grep -c '^-A svc77 ' "$work/saved")" &&
	equal "rules of svc79" 4 "$(grep -c '^-A svc79 ' "$work/saved")"
}

# many LINE...: a table with each line for 2,000 chains, with the name of each for C.
many()
{
	echo '*filter'
	for line; do
		awk -v line="$line" 'BEGIN {
			for (i = 1; i <= 2000; i++) {
				this = line
				sub("C", "c" i, this)
				print this
			}
		}'
	done
	echo COMMIT
}

# counted STATUS COMMAND...: it ends with that, asks the kernel but a few times, and looks at
# each of 2,003 chains but a few times.
counted()
{
	want=$1
	shift
	is=0
	"$programs/counted" "$@" 2>"$work/counts" || is=$?
	equal "exit status" "$want" "$is" || { cat "$work/counts"; return 1; }
	sed -n 's/^fetches \([0-9]*\) chains \([0-9]*\)$/\1 \2/p' "$work/counts" >"$work/numbers"
	read -r fetches chains <"$work/numbers" || { cat "$work/counts"; return 1; }
	if [ "$fetches" -gt 100 ] || [ "$chains" -gt 20000 ]; then
		cat "$work/counts"
		return 1
	fi
}

chains_of_filter()
{
	iptables-save -t filter | grep -c '^:'
}

delete_empty()
{
	many ':C - [0:0]' | iptables-restore && counted 0 iptables -X && equal "chains" 3 "$(chains_of_filter)"
}

delete_by_name()
{
	many ':C - [0:0]' | iptables-restore && many '-X C' >"$work/delete" &&
	counted 0 iptables-restore -n "$work/delete" && equal "chains" 3 "$(chains_of_filter)"
}

# delete_full WHY RULE...: with these rules, -X fails, and says why.
delete_full()
{
	why=$1
	shift
	many ':C - [0:0]' "$@" | iptables-restore && counted 1 iptables -X &&
	grep -q "^iptables: ${why}[.]\$" "$work/counts" &&
	equal "chains" 2003 "$(chains_of_filter)"
}

check "$clients clients at once, $((clients * updates * 3)) updates, none lost" nothing_lost
check "packets are counted" counting
check "counters go on where rules stay" counters_go_on
check "what a match remembers goes on in other chains" state_goes_on
check "--test changes nothing, and asks the kernel" test_changes_nothing
check "what changes nothing is no commit" nothing_to_do
check "-X of many chains" delete_empty
check "many chains by -X, one by one" delete_by_name
check "-X of many chains that have rules" delete_full 'Directory not empty' '-A C -p udp'
check "-X of many chains that rules go to" delete_full 'Too many links' '-A C -p udp' '-A INPUT -p tcp -j C'
check "10 of 100,000 rules" ten_of_many
note "summary: restore --noflush of 10 of 100,000 rules: ${took:-?} ms, of which ${idle:-?} ms" \
	"to start a program"
unload_module >/dev/null 2>&1
passed
