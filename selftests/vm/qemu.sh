#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: qemu.sh -k 6.1|6.12|debug [-m MEMORY] [-t SECONDS] [-l LOG] [-e NAME=VALUE]...
#                [-p PARAMETER]... [-T] [-a PATH]... COMMAND [ARG...]
#
# Runs COMMAND as root under QEMU (two emulated CPUs, no KVM; about 13 times slower than
# native) on a stock Debian kernel or, with -k debug, on the one that looks for data races
# (x86-debug.config; the module: module.sh x86-debug), where FWLOAD_DEBUG is 1. Interface,
# environment and exit status are those of uml.sh, with these differences:
#
# The machine has an initramfs and no disk: what initramfs.sh lists, and under /fwload, where
# COMMAND starts, a copy of selftests/ and build/selftests/ (the test programs) as in the
# checkout. -a adds a file or directory below the checkout, at the same place under /fwload.
# sh is dash; cat, grep, sed, awk and their like are busybox's, ip, tcpdump, ipset, ethtool,
# iptables-legacy and kmod are the real ones. No kernel module is loaded at the start;
# modprobe finds netfilter's and those of virtual network devices.
#
#   FWLOAD_KERNEL  6.1, 6.12 or debug
#   FWLOAD_KO      fwload.ko for this kernel (built by: module.sh 6.1, 6.12 or x86-debug)
#   FWIMG          the tool, also in PATH as fwimg
#
# LOG is $FWLOAD_BUILD/log/qemu-RELEASE.log unless -l says otherwise; MEMORY is 1G.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=machine.sh
. "$FWLOAD_VM/machine.sh"

machine_options 1G qemu "$@"
shift $((OPTIND - 1))
if [ $# = 0 ] || [ -z "$machine_release" ]; then
	die "usage: qemu.sh -k 6.1|6.12|debug [OPTION...] COMMAND [ARG...]"
fi

pkg_need "${PKGS_QEMU[@]}"
image=$("$FWLOAD_VM/kernel.sh" image "$machine_release")
base=$("$FWLOAD_VM/initramfs.sh" "$machine_release")
module=$FWLOAD_BUILD/module-$machine_release
if [ "$machine_release" = debug ]; then
	module=$FWLOAD_BUILD/module-x86-debug
	machine_env+=(FWLOAD_DEBUG=1)
	# In how many accesses one is watched, and for how many microseconds. An emulated processor
	# does little in a moment, and what is watched is no more than the module.
	machine_params=(kcsan.skip_watch=200 kcsan.udelay_task=500 kcsan.udelay_interrupt=500
		${machine_params[@]+"${machine_params[@]}"})
fi
machine_job /fwload /fwload/module /usr/bin/fwimg "$machine_release" "$@"

# put PATH...: copies what is below the checkout to the same place in the machine.
put()
{
	(cd "$FWLOAD_TOP" && tar -cf - "$@") | tar -xf - -C "$machine_dir/root/fwload"
}

# What changes from run to run: an archive of its own, unpacked over the base.
overlay()
{
	local root=$machine_dir/root arch=lib/x86_64-linux-gnu path

	mkdir -p "$root/fwload/module" "$root/usr/bin"
	put selftests
	for path in "$FWLOAD_BUILD"/selftests/*; do
		if [ -f "$path" ] && [ -x "$path" ]; then
			"$FWLOAD_VM/initramfs.sh" copy "$root" "$path" \
				"/fwload/build/selftests/${path##*/}"
		fi
	done
	for path in ${machine_add[@]+"${machine_add[@]}"}; do
		put "$(realpath --relative-to="$FWLOAD_TOP" "$path")"
	done
	if [ -e "$module/fwload.ko" ]; then
		cp "$module/fwload.ko" "$root/fwload/module/"
	fi
	if [ -e "$FWLOAD_TOP/user/fwimg" ]; then
		"$FWLOAD_VM/initramfs.sh" copy "$root" "$FWLOAD_TOP/user/fwimg" /usr/bin/fwimg
	fi
	for path in ${machine_tools:+"$machine_tools"/usr/*bin/*}; do
		LD_LIBRARY_PATH=$machine_tools/usr/$arch:$machine_tools/$arch \
			"$FWLOAD_VM/initramfs.sh" copy "$root" "$path"
	done
	cp "$(machine_init)" "$root/init"
	cp "$machine_dir/job" "$root/job"
	(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet)
}

# The first serial port has the kernel's log, the second, our standard output, the result.
# shellcheck disable=SC2317	# machine_run calls it
boot()
{
	timeout -k 10 "$machine_timeout" qemu-system-x86_64 \
		-accel tcg,thread=multi -smp 2 -m "$machine_memory" -cpu max \
		-nodefaults -no-user-config -no-reboot -display none \
		-kernel "$image"/boot/vmlinuz-* -initrd "$machine_dir/initramfs" \
		-append "console=ttyS0 panic=-1 oops=panic mitigations=off tsc=reliable \
			rdinit=/init ${machine_params[*]-} -- /dev/ttyS1 /job restart" \
		-chardev "file,id=log,path=$machine_log" -serial chardev:log \
		-chardev stdio,id=result,signal=off -serial chardev:result \
		2>"$machine_log.stderr" </dev/null
}

{ cat "$base" && overlay; } >"$machine_dir/initramfs"
rm -rf "$machine_dir/root"
machine_run boot
