# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What uml.sh and qemu.sh have in common: options, the job a machine runs, its end, its log.
# To be sourced after lib.sh; uml.sh describes the interface.

# machine_options MEMORY NAME ARG...: takes the options off the arguments (see OPTIND).
machine_options()
{
	local opt name=$2

	machine_memory=$1
	machine_log=
	machine_timeout=600
	machine_env=()
	machine_add=()
	machine_params=()
	machine_tools=
	machine_release=
	shift 2
	OPTIND=1
	while getopts m:t:l:e:k:a:p:T opt; do
		case $opt in
		m)	machine_memory=$OPTARG ;;
		t)	machine_timeout=$OPTARG ;;
		l)	machine_log=$(realpath -m "$OPTARG") ;;
		e)	machine_env+=("$OPTARG") ;;
		k)	machine_release=$OPTARG ;;
		a)	machine_add+=("$OPTARG") ;;
		p)	machine_params+=("$OPTARG") ;;
		T)	machine_tools=$("$FWLOAD_VM/tools.sh")
			machine_env+=("FWLOAD_TOOLS=$machine_tools") ;;
		*)	exit 125 ;;
		esac
	done
	if [ -z "$machine_log" ]; then
		machine_log=$FWLOAD_BUILD/log/$name${machine_release:+-$machine_release}.log
	fi
	mkdir -p "$(dirname "$machine_log")"
	machine_dir=$(mktemp -d "${TMPDIR:-/tmp}/fwload-machine.XXXXXX")
	trap 'rm -rf "$machine_dir"' EXIT
}

# Prints the path of the machine's first process, built when it is not there.
machine_init()
{
	local init=$FWLOAD_BUILD/vm/init

	if [ "$init" -ot "$FWLOAD_VM/init.c" ]; then
		pkg_need gcc libc6-dev
		mkdir -p "$FWLOAD_BUILD/vm"
		# Renamed into place: a machine that boots meanwhile may be reading it.
		gcc -O2 -Wall -Wextra -static -o "$init.$$" "$FWLOAD_VM/init.c" &&
			mv "$init.$$" "$init"
	fi
	echo "$init"
}

# quote WORD...: as words for sh.
quote()
{
	local word sep=

	for word; do
		printf "%s'%s'" "$sep" "${word//\'/\'\\\'\'}"
		sep=' '
	done
}

# machine_job TOP MODULES FWIMG KERNEL COMMAND...: writes $machine_dir/job, the script that
# init runs; the paths are the machine's.
machine_job()
{
	local top=$1 modules=$2 fwimg=$3 kernel=$4
	local env

	shift 4
	{
		printf 'cd %s || exit 125\n' "$(quote "$top")"
		for env in FWLOAD_KERNEL="$kernel" FWLOAD_KO="$modules/fwload.ko" \
			   FWLOAD_KUNIT="$modules/fwload_kunit.ko" FWIMG="$fwimg" \
			   ${machine_env[@]+"${machine_env[@]}"}; do
			printf "export %s=%s\n" "${env%%=*}" "$(quote "${env#*=}")"
		done
		printf 'exec %s\n' "$(quote "$@")"
	} >"$machine_dir/job"
}

# What a kernel says when something is wrong with it, and never otherwise.
klog_trouble='WARNING:|BUG:|BUG |Oops|[Gg]eneral protection|Kernel panic|Call Trace|UBSAN'
klog_trouble+='|rcu: INFO|self-detected stall|detected stalls|soft lockup|hung task'
klog_trouble+='|INFO: task .* blocked|possible (circular|recursive) locking|suspicious RCU'
klog_trouble+='|inconsistent lock state|held when returning|refcount_t:|list_(add|del) corruption'
klog_trouble+='|scheduling while atomic|sleeping function called|unreferenced object|KASAN'
klog_trouble+='|Unable to handle|double fault|stack guard|page allocation failure|Out of memory'
klog_trouble+='|ODEBUG|pagealloc: |leaked reference|waiting for .* to become free|INFO: trying to'

# klog_reports LOG: what of the kernel's log is to be judged: all, but for data races of other
# parts of the kernel, of which KCSAN finds some in any run. A race is taken for fwload's when
# one of its functions is in either stack: what fwload allocates is given to nobody who would
# touch it without having been called. Other lines between those of a report are judged.
klog_reports()
{
	awk '
		function end_report(whole,	i)
		{
			for (i = whole ? 1 : 2; i <= n; i++)
				print line[i]
			n = own = 0
		}
		/BUG: KCSAN: / {
			end_report(1)
			line[n = 1] = $0
			next
		}
		!n {
			print
			next
		}
		/==========$/ {
			end_report(own)
			next
		}
		{
			line[++n] = $0
			own = own || /\[fwload\]/
		}
		END { end_report(1) }' "$1"
}

# klog_find LOG: prints what is wrong, with what follows; fails when there is nothing.
klog_find()
{
	klog_reports "$1" | grep -E -A 30 "$klog_trouble"
}

# machine_run BOOT: calls the function BOOT, which runs the machine with the result on
# standard output; passes that on without the last line, judges, and exits.
machine_run()
{
	local rc=0 status

	: >"$machine_log"
	# The line may follow an incomplete one, hence the empty line before it, which goes too.
	"$1" | awk -v file="$machine_dir/status" '
		/^fwload-vm: exit [0-9]+$/ { print $3 > file; held = 0; next }
		held { print "" }
		{ held = $0 == "" }
		!held { print; fflush() }' || rc=${PIPESTATUS[0]}
	if [ ! -s "$machine_dir/status" ]; then
		grep -v -E 'setup_one_line|configured out of UML' "$machine_log" |
			tail -n 30 >&2
		if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
			say "the machine was still running after $machine_timeout s; log: $machine_log"
			exit 124
		fi
		say "the machine died (status $rc); log: $machine_log"
		exit 125
	fi
	status=$(cat "$machine_dir/status")
	if klog_find "$machine_log" >"$machine_dir/trouble"; then
		head -n 60 "$machine_dir/trouble" >&2
		say "trouble in the kernel's log: $machine_log"
		[ "$status" != 0 ] || status=126
	fi
	exit "$status"
}
