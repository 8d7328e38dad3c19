#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Usage: run.sh [TEST...]
#
# Runs the kselftests on the running kernel, as root: those named (commit.sh ...), or all that
# make sense here. Prints one KTAP document: each test's own lines, indented, and one line for
# the test. Meant for a machine of its own: vm/uml.sh and vm/qemu.sh make one, as in
#
#	selftests/vm/qemu.sh -k 6.12 selftests/run.sh swap.sh

here=$(cd "$(dirname "$0")" && pwd)
limit=${FWLOAD_TEST_TIMEOUT:-600}

# limits.sh wants much memory, and soak.sh hours: they are parts of their own in vm/check.sh.
# insmod.sh wants netfilter's modules to be modules, and to be the first to load any;
# million.sh wants a kernel at native speed; helpers.sh wants the option -T of the machine;
# failnth.sh wants User-mode Linux's debug kernel, and leaks.sh a debug kernel and all others to be
# over; which tests the other debug kernel runs, vm/check.sh says (smp-debug). races.sh and storm.sh
# take hooks away and put them back in mid-traffic: where QEMU emulates two processors, both
# have been seen to stay in the trap by which the kernel patches its code, so on stock kernels
# they are run by name, where KVM is or by somebody who watches. legacy.sh starts a program some
# thousand times, which takes an emulated machine minutes, and is about the tool.
case ${FWLOAD_KERNEL:-} in
uml)	default="rulesets.sh ext.sh commit.sh keep.sh events.sh audit.sh swap.sh races.sh mixed.sh
		dyn.sh vars.sh helpers.sh netns.sh priv.sh legacy.sh merge.sh stage.sh storm.sh
		million.sh"
	[ -z "${FWLOAD_DEBUG:-}" ] || default="$default failnth.sh leaks.sh" ;;
debug)	default= ;;
*)	default="insmod.sh ext.sh rulesets.sh commit.sh keep.sh events.sh audit.sh swap.sh
		dyn.sh vars.sh netns.sh priv.sh merge.sh" ;;
esac
if [ $# = 0 ]; then
	[ -n "$default" ] || { echo "run.sh: name the tests for this kernel" >&2; exit 2; }
	# shellcheck disable=SC2086	# a list of words
	set -- $default
fi

# What the kernel itself has leaked until now is of no interest.
if [ -n "${FWLOAD_DEBUG:-}" ]; then
	[ -e /sys/kernel/debug/kmemleak ] || mount -t debugfs none /sys/kernel/debug
	echo scan >/sys/kernel/debug/kmemleak
	echo clear >/sys/kernel/debug/kmemleak
	# When it comes after who uses it, iptables or fwload, it takes a lock of /proc under its own
	# at the end of a namespace, of which lockdep complains, and of nothing after that.
	modprobe -q xt_recent
fi

echo "KTAP version 1"
echo "1..$#"
number=0
failures=0
for test; do
	number=$((number + 1))
	echo "  # Subtest: $test"
	start=$(date +%s)
	{
		timeout "$limit" "$here/$test" 2>&1
		echo "status $?"
	} | {
		# The last line is the status; all others go on as they come.
		last=
		while IFS= read -r line; do
			[ -z "$last" ] || printf '  %s\n' "$last"
			last=${line:- }
		done
		[ "$last" = "status 0" ]
	}
	result=$?
	echo "# $test took $(($(date +%s) - start)) s"
	if [ $result = 0 ]; then
		echo "ok $number $test"
	else
		echo "not ok $number $test"
		failures=$((failures + 1))
	fi
done
[ $failures = 0 ]
