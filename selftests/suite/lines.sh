#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Every line of iptables' own test suite for legacy iptables, as rules of fwload. $SUITE is the
# source of iptables; its files are extensions/libxt_*.t, libipt_*.t, libip6t_*.t and
# iptables.t. Such a file has:
#
#	:INPUT,OUTPUT		the chains that the lines below are for
#	*mangle			their table; filter, if none is named
#	RULE;SAVED;RESULT[;VARIANT[;OTHER]]
#				RULE appended to the chain gives RESULT, OK or FAIL; where it is
#				OK, iptables-save prints SAVED, or RULE where that is "=". With
#				a VARIANT that is not LEGACY, RESULT is the opposite for us, or OTHER
#	%iptables -I RULE	a rule that the next lines need; -D takes it back
#	@COMMAND		a command to run; those that there are prepare lines which
#				the suite itself has commented out
#
# The OK lines of a file are restored together, as the suite does where it is in a hurry, and
# what fwimg save prints must have the line that the suite says for each of them and for each of
# their chains. The same text then goes through iptables-legacy-restore in the same
# kernel, and what iptables-legacy-save prints must be the same rules. Where the lines do not go
# together, or something is wrong, they go one by one. A FAIL line must be refused, by fwimg or
# by the kernel, for each of its chains.
#
# Lines of libxt_*.t are written for IPv4, but most make sense in IPv6. They go through again as
# IPv6 rules; there ip6tables-legacy says what is right.
#
# A line that cannot be run here is in the file "unable" with the reason. It must go wrong
# with iptables too, and an entry that was not needed is a failure.

. "$(dirname "$0")/../lib.sh"
own_network

unable=$here/unable
lines=0
right=0
refusals=0
cannot=0
six=0
wrong=0
tab="	"

# wrongly WHAT: a line went wrong; the line, and what was said.
wrongly()
{
	wrong=$((wrong + 1))
	bad=$((bad + 1))
	echo "# $file:$at: $1"
	echo "#   $line"
	sed 's/^/#   /' "$work/said"
}

# text RULE...: a table with these rules.
text()
{
	for rule; do
		echo "$rule"
	done | table_text "$table"
}

# write_text LIST: the rules that go before, and those of the lines in LIST, each of which is
# AT;CHAINS;RULE;SAVED, for all their chains.
write_text()
{
	while IFS= read -r rule; do
		set -- "$@" "-A $rule"
	done <"$work/before"
	while IFS=';' read -r _ its_chains its_rule _; do
		for chain in $its_chains; do
			set -- "$@" "-A $chain $its_rule"
		done
	done <"$1"
	shift
	text "$@" >"$work/text"
}

fwload_takes()
{
	"$FWIMG" restore "$family" "$work/text" 2>"$work/said"
}

iptables_takes()
{
	"$legacy-legacy-restore" "$work/text" 2>"$work/iptables.said"
}

# rules_of FILE: the variable "rules", the rules in it.
rules_of()
{
	rules=
	while IFS= read -r rule; do
		case $rule in
		-A*)	rules="$rules$rule
" ;;
		esac
	done <"$1"
}

# What is in force, with fwload: in the variable "rules".
saves()
{
	"$FWIMG" save "$family" -t "$table" >"$work/saved" 2>"$work/said" &&
	rules_of "$work/saved"
}

# After saves(): iptables prints the same.
same_rules()
{
	ours=$rules
	"$legacy-legacy-save" -t "$table" >"$work/iptables" 2>"$work/said" || return
	rules_of "$work/iptables"
	if [ "$rules" != "$ours" ]; then
		printf 'iptables-save prints\n%sfwimg save prints\n%s' "$rules" "$ours" \
			>"$work/said"
		return 1
	fi
}

# as_the_suite_says LIST: after saves(): the suite looks for texts like these in it.
as_the_suite_says()
{
	while IFS=';' read -r _ its_chains _ its_text; do
		for chain in $its_chains; do
			case $rules in
			*"-A $chain $its_text"*) ;;
			*)
				printf 'the suite says\n%s\nfwimg save prints\n%s' \
					"-A $chain $its_text" "$rules" >"$work/said"
				return 1
				;;
			esac
		done
	done <"$1"
}

# Has the line an entry? Notes that it has been used.
is_unable()
{
	while IFS=';' read -r in_file start why; do
		[ "$in_file" = "$file$1" ] || continue
		case $spec in
		"${start%...}"*)
			echo "$in_file;$start;$why" >>"$work/used"
			return 0
			;;
		esac
	done <"$unable"
	return 1
}

# After is_unable: counts it, with its reason.
not_runnable()
{
	cannot=$((cannot + 1))
	echo "# $file:$at: not runnable: $why"
	echo "$why" >>"$work/reasons"
}

# A line that fails where it should not.
failed()
{
	write_text "$work/one"
	if is_unable "" && ! iptables_takes; then
		not_runnable
		return
	fi
	wrongly "$1"
}

# For the list $work/one.
expect_ok()
{
	write_text "$work/one"
	if ! fwload_takes; then
		failed "refused"
	elif ! saves || ! as_the_suite_says "$work/one"; then
		failed "prints something else"
	elif iptables_takes && ! same_rules; then
		wrongly "iptables prints something else"
	else
		right=$((right + 1))
	fi
}

expect_refusal()
{
	for of in $chains; do
		echo "$at;$of;$spec;" >"$work/one"
		write_text "$work/one"
		if fwload_takes; then
			echo "loaded into $of, but should not be" >"$work/said"
			not_refused
			return
		fi
	done
	refusals=$((refusals + 1))
}

# iptables takes it as well where the kernel can do more than the suite knows of.
not_refused()
{
	if is_unable "" && iptables_takes; then
		not_runnable
		return
	fi
	wrongly "not refused"
}

# For the list $work/one, in IPv6, where ip6tables-legacy is the judge.
compare_with_ip6tables()
{
	write_text "$work/one"
	if iptables_takes; then
		if ! fwload_takes; then
			wrongly "refused, while ip6tables takes it"
		elif ! saves || ! same_rules; then
			wrongly "ip6tables prints something else"
		else
			six=$((six + 1))
		fi
	elif fwload_takes; then
		sed 's/^/ip6tables: /' "$work/iptables.said" >"$work/said"
		wrongly "loaded, while ip6tables refuses it"
	else
		six=$((six + 1))
	fi
}

# one_by_one DO: calls DO for each of the lines in $work/queue.
one_by_one()
{
	while IFS= read -r line; do
		echo "$line" >"$work/one"
		IFS=';' read -r at chains spec saved <"$work/one"
		"$1"
	done <"$work/queue"
}

# The OK lines of one table that have come together, with $queued of them; and in IPv6.
test_queue()
{
	[ $queued != 0 ] || return 0
	# What comes next in the file has them too.
	keep_at=$at
	keep_chains=$chains
	write_text "$work/queue"
	if fwload_takes && saves && as_the_suite_says "$work/queue" && iptables_takes &&
	   same_rules; then
		right=$((right + queued))
	else
		one_by_one expect_ok
	fi
	case $file in
	libxt_*)
		family=-6
		legacy=ip6tables
		write_text "$work/queue"
		if iptables_takes && fwload_takes && saves && same_rules; then
			six=$((six + queued))
		else
			one_by_one compare_with_ip6tables
		fi
		family=-4
		legacy=iptables
		;;
	esac
	at=$keep_at
	chains=$keep_chains
	queued=0
	: >"$work/queue"
}

# result RESULT VARIANT OTHER: what the suite expects of legacy iptables.
expected_result()
{
	case $2 in
	""|LEGACY)	result=$1 ;;
	*)	case $3,$1 in
		,OK)	result=FAIL ;;
		,*)	result=OK ;;
		*)	result=$3 ;;
		esac ;;
	esac
}

test_line()
{
	IFS=';' read -r spec saved result variant other <<-END
	$line
	END
	[ "$saved" != = ] || saved=$spec
	expected_result "$result" "$variant" "$other"
	lines=$((lines + 1))
	tests=$((tests + 1))
	case $result in
	OK)	echo "$at;$chains;$spec;$saved" >>"$work/queue"
		queued=$((queued + 1))
		return ;;
	FAIL)	expect_refusal ;;
	*)	echo "the suite expects \"$result\"" >"$work/said"
		wrongly "what is that?" ;;
	esac
	case $file in
	libxt_*)
		family=-6
		legacy=ip6tables
		echo "$at;$chains;$spec;" >"$work/one"
		compare_with_ip6tables
		family=-4
		legacy=iptables
		;;
	esac
}

# A rule that others need: -I RULE or -D RULE.
needed_rule()
{
	case $1 in
	"-I "*)	echo "${1#-I }" >>"$work/before" ;;
	"-D "*)	grep -v -x -F -e "${1#-D }" "$work/before" >"$work/rest"
		mv "$work/rest" "$work/before" ;;
	esac
}

# Leaves no table of the file's in force.
forget()
{
	"$FWIMG" flush
	for table in $tables; do
		text >"$work/text"
		iptables-legacy-restore "$work/text"
		ip6tables-legacy-restore "$work/text"
	done
}

run_file()
{
	file=${1##*/}
	case $file in
	libip6t_*)	family=-6; legacy=ip6tables ;;
	*)		family=-4; legacy=iptables ;;
	esac
	table=filter
	tables=filter
	chains=
	at=0
	tests=0
	bad=0
	queued=0
	: >"$work/before"
	: >"$work/queue"
	while IFS= read -r line <&3; do
		at=$((at + 1))
		case $line in
		"#"*|"@"*)	continue ;;
		:*)	chains=$(echo "${line#:}" | tr , ' ') ;;
		"*"*)	test_queue
			table=${line#"*"}
			tables="$tables $table" ;;
		%iptables*)
			test_queue
			needed_rule "${line#%iptables }" ;;
		*[!" $tab"]*)
			test_line ;;
		esac
	done 3<"$1"
	test_queue
	forget
	[ $bad = 0 ] && [ $tests -gt 0 ]
}

# No entry of the list is left over.
all_used()
{
	sort -u "$work/used" >"$work/used.sorted"
	grep -v '^#' "$unable" | sort -u | comm -13 "$work/used.sorted" - >"$work/left"
	if [ -s "$work/left" ]; then
		echo "not needed any more:"
		cat "$work/left"
		return 1
	fi
}

: >"$work/used"
: >"$work/reasons"
load_module
# A label is known once a rule has named it.
mount -t smackfs none /sys/fs/smackfs
echo "system_u:object_r:firewalld_exec_t:s0 _ rwx" >/sys/fs/smackfs/load2
set -- "$SUITE"/extensions/iptables.t "$SUITE"/extensions/libxt_*.t \
	"$SUITE"/extensions/libipt_*.t "$SUITE"/extensions/libip6t_*.t
plan $(($# + 1))
# Not "check": the lines of a file are counted here, and said as they fail.
for path; do
	number=$((number + 1))
	verdict=ok
	run_file "$path" || { verdict="not ok"; failures=$((failures + 1)); }
	echo "$verdict $number $file, $tests lines"
done
check "the list of what cannot be run is up to date" all_used
echo "# summary: iptables' suite: $lines lines: $right passed, $refusals refused rightly," \
	"$cannot not runnable, wrong: $wrong"
sort "$work/reasons" | uniq -c | while read -r count why; do
	echo "# summary:     $count not runnable: $why"
done
echo "# summary: $six of them in IPv6 as well, as ip6tables takes and prints them"
passed
