#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The commands of iptables by their names, beside those of iptables-legacy: what they print,
# what they refuse with which status and which words, and what is in force afterwards.
#
# Random sequences of commands (FWLOAD_SEED for others), of which many cannot be done, run once
# with each, in a network namespace of its own; then texts, of every kind of line that a restore has, one by one.
# Where fwload does otherwise on purpose, the case says so.
#
# All that starts programs, some thousand times, and in the debug kernel each takes a third of a
# second. There one short sequence and each sixth text are run: what the kernel does is the same
# for the others.

. "$(dirname "$0")/lib.sh"

cases=$here/legacy.cases
sequences=4 length=120 every=1
[ "${FWLOAD_KERNEL:-}" = uml ] || sequences=1
[ -z "${FWLOAD_DEBUG:-}" ] || sequences=1 length=40 every=6
texts=$(grep -c '^== ' "$cases")
seed=${FWLOAD_SEED:-1}

plan $((sequences + (texts + every - 1) / every + 3))
load_module

# The same names in two directories: those of iptables-legacy, and ours.
mkdir "$work/old" "$work/new"
for family in iptables ip6tables; do
	for command in "" -restore -save; do
		ln -s "$(command -v $family-legacy$command)" "$work/old/$family$command"
		ln -s "$FWIMG" "$work/new/$family$command"
	done
done

cleanup()
{
	del_ns old new
}

# commands SEED COUNT: a sequence of commands, one a line.
commands()
{
	awk -v seed="$1" -v count="$2" '
	function pick(list,   n, words)
	{
		n = split(list, words, "|")
		return words[int(rand() * n) + 1]
	}
	function rule()
	{
		return pick("-s 10.0.0.1|-s 10.0.0.0/8 -d 192.0.2.0/24|! -s 10.1.0.0/16|-i eth0|" \
			"-i eth+ -o lo|! -i eth0|-p tcp|-p tcp --dport 80|-p udp --sport 1:99|" \
			"-p 47|! -p udp|-p tcp --syn|-p icmp --icmp-type echo-request|-f|" \
			"-m conntrack --ctstate NEW,RELATED|-m comment --comment \"a b\"|" \
			"-m limit --limit 5/min --limit-burst 9|-p tcp -m multiport --dports 22,80:90|" \
			"-m mark --mark 0x1/0xff|-m mac --mac-source 00:11:22:33:44:55|" \
			"-m iprange --src-range 10.0.0.1-10.0.0.9|-m pkttype --pkt-type broadcast|" \
			"-s 10.0.0.1,10.0.0.2 -d 10.9.9.9,10.9.9.8|-m state --state ESTABLISHED|" \
			"-m statistic --mode nth --every 3|-m tos --tos 0x10/0x3f") " " \
		       pick("-j ACCEPT|-j DROP|-j RETURN|-j A|-j B|-j C|-g A||-j LOG --log-prefix \"x: \"|" \
			"-j REJECT|-j MARK --set-mark 5|-j CONNMARK --save-mark|-j NOPE|-j QUEUE|" \
			"-c 7 900 -j ACCEPT")
	}
	function chain()
	{
		return pick("INPUT|INPUT|INPUT|FORWARD|OUTPUT|A|A|B|C|NONE")
	}
	BEGIN {
		srand(seed)
		print "-P INPUT ACCEPT"
		for (i = 0; i < count; i++) {
			what = pick("A|A|A|A|A|I|I|I|D|D|D|R|R|N|N|X|E|P|Z|F|C|DD|II|Zn|Ln|XX|bad")
			if (what == "A") print "-A " chain() " " rule()
			else if (what == "I") print "-I " chain() " " rule()
			else if (what == "II") print "-I " chain() " " int(rand() * 6) + 1 " " rule()
			else if (what == "D") print "-D " chain() " " rule()
			else if (what == "DD") print "-D " chain() " " int(rand() * 6) + 1
			else if (what == "R") print "-R " chain() " " int(rand() * 5) + 1 " " rule()
			else if (what == "C") print "-C " chain() " " rule()
			else if (what == "N") print "-N " pick("A|B|C|INPUT")
			else if (what == "X") print "-X " chain()
			else if (what == "XX") print pick("-X|-Z|-F A|-L A -n|-S B|-S|-L INPUT 2 -n -v -x")
			else if (what == "E") print "-E " pick("A|B|C|NONE|INPUT") " " pick("A|B|C")
			else if (what == "P") print "-P " pick("INPUT|FORWARD|OUTPUT|A") " " \
				pick("ACCEPT|DROP|REJECT")
			else if (what == "Z") print "-Z " chain()
			else if (what == "Zn") print "-Z " chain() " " int(rand() * 4) + 1
			else if (what == "F") print "-F " chain()
			else if (what == "Ln") print "-L " chain() " -n -v -x --line-numbers"
			else print pick("-A|-A INPUT -j|-A INPUT -p nope|-A INPUT -s 1.2.3|-A INPUT foo|" \
				"-A INPUT --dport 5|-I INPUT 0|-D INPUT 0|-A INPUT -o eth0|-t foo -L|" \
				"-A INPUT -s 1.1.1.1 -s 1.1.1.1|-F -n|-A INPUT -L|-N LOG|--bogus|" \
				"-N abcdefghijklmnopqrstuvwxyz0123|-P INPUT|-E A|-R INPUT -j DROP|" \
				"-t nat -A OUTPUT -j DROP|-A INPUT ! -j DROP|-m limit")
		}
	}'
}

# Runs in each namespace: what each command says, and now and then all that is in force.
cat >"$work/runner" <<'EOR'
PATH=$1:$PATH
number=0
state()
{
	iptables -S
	iptables -S -v
	iptables -L -n -v -x --line-numbers
	iptables -L
	iptables-save -c | grep -v '^#'
}
while IFS= read -r line; do
	echo "> $line"
	eval "iptables $line" >"$2/out" 2>"$2/err"
	status=$?
	echo "= $status"
	cat "$2/out"
	# Reasons are our own, but for what iptables says of what cannot be done.
	grep -E '^(ip6?tables: |Try )' "$2/err"
	number=$((number + 1))
	[ $((number % 10)) != 0 ] || state
done
state
EOR

same_sequence()
{
	commands "$1" "$length" >"$work/sequence"
	for which in old new; do
		del_ns $which
		add_ns $which &&
		in_ns "$which" sh "$work/runner" "$work/$which" "$work" <"$work/sequence" \
			>"$work/$which.log" 2>&1 || return
	done
	same "what iptables-legacy and fwload print (seed $1)" "$work/old.log" "$work/new.log"
}

for i in $(seq "$sequences"); do
	check "random commands, sequence $i" same_sequence $((seed + i))
done

# run WHICH FLAGS INPUT: status, the lines that clients look at, and what is in force.
run_restore()
{
	which=$1
	eval "set -- $2"
	in_ns "$which" "$work/$which/$command-restore" "$@" <"$work/input" \
		>"$work/out" 2>"$work/err"
	echo "status $?"
	cat "$work/out"
	grep -E '^(ip6?tables-restore: (line|COMMIT)|Error occurred|Try )' "$work/err"
	in_ns "$which" "$work/$which/$command-save" -c | loaded_tables
}

# What a case has is in $work/input, with $flags and $before, $command, $expect and $status.
compare_case()
{
	for which in old new; do
		del_ns $which
		add_ns $which || return
		if [ -s "$work/before" ]; then
			in_ns "$which" "$work/$which/$command-restore" -c <"$work/before" || return
		fi
		run_restore $which "$flags" >"$work/$which.log" 2>&1
	done
	if [ "$expect" = same ]; then
		same "iptables-legacy and fwload" "$work/old.log" "$work/new.log"
		return
	fi
	# Otherwise on purpose: the status, and if one is given, the reason.
	if cmp -s "$work/old.log" "$work/new.log"; then
		echo "does not differ"
		return 1
	fi
	grep -q -x "status $status" "$work/new.log" || { cat "$work/new.log"; return 1; }
	[ -z "$reason" ] || grep -q -F -e "$reason" "$work/err" || { cat "$work/err"; return 1; }
}

seen=0
end_case()
{
	[ -n "$name" ] || return 0
	seen=$((seen + 1))
	[ $(((seen - 1) % every)) = 0 ] || return 0
	check "restore: $name" compare_case
}

name=
while IFS= read -r line || [ -n "$line" ]; do
	case $line in
	"== "*)
		end_case
		name=${line#== } flags="" expect=same status="" reason="" command=iptables
		into=input
		: >"$work/input"
		: >"$work/before"
		;;
	"@ before")	into=before ;;
	"@ text")	into=input ;;
	"@ flags "*)	flags=${line#@ flags } ;;
	"@ family 6")	command=ip6tables ;;
	"@ differs "*)	expect=differs; line=${line#@ differs }; status=${line%% *}
			reason=${line#"$status"}; reason=${reason# } ;;
	"## "*)		;;
	*)
		[ -n "$name" ] || continue
		printf '%b' "$line" >>"$work/$into"
		case $line in *'\c') ;; *) echo >>"$work/$into" ;; esac
		;;
	esac
done <"$cases"
end_case

versions()
{
	for program in iptables iptables-restore iptables-save ip6tables; do
		equal "version of $program" "$("$work/old/$program" -V)" \
			"$("$work/new/$program" -V)" || return
	done
}

bad_flags()
{
	for flags in "-restore -q" "-save -q" "-restore a b" "-save a" "-save -t foo"; do
		old=0 new=0
		eval "$work/old/iptables$flags" >/dev/null 2>&1 </dev/null || old=$?
		eval "$work/new/iptables$flags" >/dev/null 2>&1 </dev/null || new=$?
		equal "status of iptables$flags" $old $new || return
	done
}

save_to_file()
{
	in_ns new "$work/new/iptables-restore" <<-'EOF' &&
	*filter
	:INPUT DROP [0:0]
	COMMIT
	EOF
	in_ns new "$work/new/iptables-save" -f "$work/saved" -t filter &&
	grep -q '^:INPUT DROP' "$work/saved" &&
	equal "what a table that is not loaded prints" 4 \
		"$(in_ns new "$work/new/iptables-save" --tab=nat | grep -c '^:')"
}

check "versions" versions
check "flags that are refused" bad_flags
check "save to a file, and of one table" save_to_file
cleanup
unload_idle_module >/dev/null 2>&1
passed
