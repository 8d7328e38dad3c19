#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: uml.sh [-k debug] [-m MEMORY] [-t SECONDS] [-l LOG] [-e NAME=VALUE]...
#               [-p PARAMETER]... [-T] COMMAND [ARG...]
#
# Runs COMMAND as root in User-mode Linux (6.12, one CPU, native speed, all of netfilter and
# KUnit built in; boots in under a second). The machine sees the host's files as they are, but
# can write none of them except below $FWLOAD_BUILD: a test is root, and its mistakes must not
# reach the host. It has its own /dev, /proc, /sys and /run; its network is its own and empty,
# no module is loaded. COMMAND starts at the top of the checkout, with standard input empty and
#
#   FWLOAD_KERNEL  uml
#   FWLOAD_KO      fwload.ko for this kernel (built by: module.sh uml)
#   FWLOAD_KUNIT   fwload_kunit.ko, likewise
#   FWIMG          the tool (built by: make user)
#   TMPDIR         an empty directory in memory
#
# and what -e adds; with -T also FWLOAD_TOOLS, the directory that tools.sh prints. With -k debug it
# is the kernel that looks for what is wrong (see uml-debug.config; the modules: module.sh
# uml-debug), and FWLOAD_DEBUG is 1. -p gives the kernel a parameter. What COMMAND prints comes
# out here as it is printed. Exit status: that of COMMAND, or
#
#   124  the machine was still running after SECONDS (600)
#   125  it ended before COMMAND did (a panic), or did not start
#   126  COMMAND succeeded, but the kernel's log has a warning, an oops, a stall, a lock or
#        RCU complaint: the lines are shown
#
# The kernel's log is kept in LOG ($FWLOAD_BUILD/log/uml.log). MEMORY is as in mem= (1G).
# Several may run at once when each has its own LOG. qemu.sh does the same for kernels under QEMU.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=machine.sh
. "$FWLOAD_VM/machine.sh"

machine_options 1G uml "$@"
shift $((OPTIND - 1))
[ $# -gt 0 ] || die "usage: uml.sh [OPTION...] COMMAND [ARG...]"

target=uml
arguments=()
case $machine_release in
"")	uml=$("$FWLOAD_VM/build.sh" uml) ;;
debug)	uml=$("$FWLOAD_VM/build.sh" uml-debug)
	target="uml-debug"
	arguments=(page_poison=1)
	machine_env+=(FWLOAD_DEBUG=1) ;;
*)	die "uml.sh: there is no User-mode Linux called $machine_release" ;;
esac
module=$FWLOAD_BUILD/module-$target
if [ -e "$module/fwload.ko" ] && [ "$(cat "$module/kernel" 2>/dev/null)" != "$uml" ]; then
	die "uml.sh: fwload.ko is for another kernel: build it anew, module.sh $target"
fi
init=$(machine_init)
machine_job "$FWLOAD_TOP" "$module" "$FWLOAD_TOP/user/fwimg" uml "$@"
build=$(quote "$FWLOAD_BUILD")
sed -i "1i mount -t hostfs -o $build none $build || exit 125" "$machine_dir/job"

# Its consoles: 0, with the kernel's log, is our standard output; 1, the result, is fd 3.
# shellcheck disable=SC2317	# machine_run calls it
boot()
{
	timeout -k 10 "$machine_timeout" "$uml/linux" mem="$machine_memory" \
		root=/dev/root rootfstype=hostfs ro init="$init" oops=panic \
		${arguments[@]+"${arguments[@]}"} \
		con=null con0=null,fd:1 con1=null,fd:3 ${machine_params[@]+"${machine_params[@]}"} \
		-- /dev/tty1 "$machine_dir/job" \
		3>&1 >"$machine_log" 2>"$machine_log.stderr" </dev/null
}

machine_run boot
