#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The lab itself: the judge of KTAP lets nothing pass that did not run, and a machine that
# dies, hangs or complains is told from one that did its work. Runs on the host.

# shellcheck source=vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=vm/machine.sh
. "$FWLOAD_VM/machine.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# judged NAME "PASSED FAILED" STATUS TEXT: what gate.awk makes of TEXT.
judged()
{
	local name=$1 expected=$2 status=$3 text=$4 seen rc=0

	printf '%b' "$text" | awk -v part=p -v status="$status" -f "$FWLOAD_VM/gate.awk" \
		>"$work/verdict"
	seen=$(tail -n 1 "$work/verdict")
	if [ "$seen" != "$expected" ]; then
		echo "# expected $expected, saw:"
		sed 's/^/# /' "$work/verdict"
		rc=1
	fi
	result $rc "$name"
}

# ends NAME STATUS OPTION... -- COMMAND...: what uml.sh makes of it.
ends()
{
	local name=$1 expected=$2 status=0 rc=0

	shift 2
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/gate.log" "$@" >"$work/said" 2>&1 ||
		status=$?
	if [ "$status" != "$expected" ]; then
		echo "# expected status $expected, saw $status:"
		sed 's/^/# /' "$work/said"
		rc=1
	fi
	result $rc "$name"
}

# What kernels say of each kind of trouble, one a line.
reports()
{
	cat <<'END'
BUG: KASAN: slab-use-after-free in fwload_chain_put+0x1/0x2 [fwload]
BUG kmalloc-64 (Tainted: G           O      ): Right Redzone overwritten
WARNING: possible circular locking dependency detected
WARNING: inconsistent lock state
WARNING: suspicious RCU usage
INFO: trying to register non-static key.
BUG: MAX_LOCKDEP_CHAINS too low!
BUG: sleeping function called from invalid context at mm/slab.h:1
BUG: scheduling while atomic: fwimg/1/0x2
BUG: workqueue leaked atomic, lock or RCU: kworker/u4:1[9]
rcu: INFO: rcu_preempt self-detected stall on CPU
INFO: task fwimg:1 blocked for more than 120 seconds.
watchdog: BUG: soft lockup - CPU#0 stuck for 22s!
ODEBUG: free active (active state 0) object: 1 object type: work_struct hint: f
UBSAN: shift-out-of-bounds in a.c:1:1
refcount_t: underflow; use-after-free.
list_del corruption. prev->next should be 1, but was 2.
pagealloc: memory corruption
BUG: unable to handle page fault for address: 1
Oops: general protection fault, probably for non-canonical address 1
unregister_netdevice: waiting for lo to become free. Usage count = 2
leaked reference.
BUG: KCSAN: assert: race in a / b
END
}

each_kind_counts()
{
	local line

	reports | while read -r line; do
		printf '[    1.0] a\n[    1.0] %s\n[    1.0] b\n' "$line" >"$work/log"
		klog_find "$work/log" >/dev/null || { echo "# let be: $line"; return 1; }
	done
}

# race FUNCTION: a log with what is said of a data race of that one.
race()
{
	printf '[    1.0] %s\n' ================================================================== \
		"BUG: KCSAN: data-race in a / b" "read to 1 of 8 bytes by task 1 on cpu 0:" " $1" \
		" c+0x1/0x2" "" "Reported by Kernel Concurrency Sanitizer on:" \
		"CPU: 0 UID: 0 PID: 1 Comm: fwload Tainted: G   O   6.12-debug" "${@:2}" \
		================================================================== "goodbye" >"$work/log"
}

races_of_its_own_count()
{
	race "a+0x1/0x2 [fwload]" && klog_find "$work/log" >/dev/null
}

others_do_not()
{
	race "a+0x1/0x2" && ! klog_find "$work/log" &&
	race "a+0x1/0x2" "BUG: sleeping function called from invalid context" &&
	klog_find "$work/log" >/dev/null
}

echo "KTAP version 1"
echo "1..28"

judged "results are counted" "2 0" 0 'KTAP version 1\n1..2\nok 1 a\nok 2 - b\n'
judged "noise between them is let be" "1 0" 0 'hello\nKTAP version 1\n# x\n1..1\nok?\nok 1 a\n\n'
judged "a failure is one" "1 1" 1 '1..2\nok 1 a\nnot ok 2 b\n'
judged "nothing at all is a failure" "0 1" 0 ''
judged "so is a plan for nothing" "0 1" 0 'KTAP version 1\n1..0\n'
judged "so is a missing plan" "1 1" 0 'KTAP version 1\nok 1 a\n'
judged "so are fewer results than planned" "1 1" 0 'KTAP version 1\n1..2\nok 1 a\n'
judged "and more" "2 1" 0 'KTAP version 1\n1..1\nok 1 a\nok 2 b\n'
judged "and a result that is missing in between" "1 1" 0 'KTAP version 1\n1..3\nok 1 a\nok 3 b\n'
judged "and a skipped test" "1 1" 0 '1..2\nok 1 a\nok 2 b # SKIP no time\n'
judged "and a test that is expected to fail" "0 1" 0 '1..1\nnot ok 1 a # todo later\n'
judged "and a bail out" "1 1" 0 '1..1\nok 1 a\nBail out! no room\n'
judged "and an exit status that no result explains" "1 1" 3 '1..1\nok 1 a\n'
judged "an exit status that a result explains is none" "1 1" 1 '1..2\nok 1 a\nnot ok 2 b\n'
judged "only the innermost results count" "3 1" 1 \
	'KTAP version 1\n1..2\n  KTAP version 1\n  # Subtest: s\n  1..3\n  ok 1 a\n  not ok 2 b\n  ok 3 c\nnot ok 1 s\n    1..1\n    ok 1 d\nok 2 t\n'
judged "a parent that fails by itself counts" "1 1" 1 \
	'KTAP version 1\n1..1\n  1..1\n  ok 1 a\nnot ok 1 s\n'
judged "plans of inner levels count" "1 1" 0 'KTAP version 1\n1..1\n  1..2\n  ok 1 a\nok 1 s\n'
judged "an output that breaks off counts" "1 2" 0 'KTAP version 1\n1..2\n  1..2\n  ok 1 a\n'

rc=0
each_kind_counts || rc=1
result $rc "whatever a kernel reports is trouble"
rc=0
races_of_its_own_count || rc=1
result $rc "so is a data race of the module"
rc=0
others_do_not || rc=1
result $rc "one of another part is none, but what is said in the midst of it is"

ends "a machine's status is its command's" 3 sh -c 'exit 3'
ends "a machine that does its work succeeds" 0 true
ends "one that hangs is ended" 124 -t 5 sleep 1000
# The system call reboot, with POWER_OFF: the machine is gone before its command has ended.
ends "one that dies has failed" 125 \
	perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc); sleep 100'
ends "one whose kernel complains has failed" 126 sh -c 'echo "WARNING: CPU: 0" >/dev/kmsg'
# An empty directory is all that it could leave.
# shellcheck disable=SC2016	# the machine's shell is to expand it
ends "a machine cannot write the host's files, nor through a mount of them" 0 sh -ec '
	refused() { if mkdir "$1/fwload-written"; then rmdir "$1/fwload-written"; exit 1; fi; }
	mkdir "$TMPDIR/host"
	mount --bind / "$TMPDIR/host"
	for dir in / /etc "$PWD" "$TMPDIR/host" "$TMPDIR/host/etc"; do
		refused "$dir"
	done'
# shellcheck disable=SC2016	# the machine's shell is to expand it
ends "but for what it is to leave behind" 0 sh -ec '
	mkdir "$1/fwload-written"; rmdir "$1/fwload-written"' - "$FWLOAD_BUILD"
[ "$failures" = 0 ]
