#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: kernel.sh abi RELEASE
#        kernel.sh headers RELEASE
#        kernel.sh image RELEASE
#
# Has a kernel for QEMU at hand: RELEASE is 6.1 or 6.12 (stock Debian kernels), or debug (the
# one that build.sh makes, x86-debug). Prints
#
#   abi      its full name, such as 6.1.0-56-amd64
#   headers  where modules are built for it (the headers package gets installed)
#   image    the directory with its boot/vmlinuz-ABI and lib/modules/ABI: the image package,
#            unpacked in the cache and not installed, so that the machine boots as before
#
# The version of a stock kernel is that of the headers that are installed, so that both agree
# and a second run needs no network; on a machine without, or where the archive has dropped
# that version's image, the newest that apt offers.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

release=${2:-}
case $release in
6.1)	meta=linux-headers-amd64 ;;
6.12)	meta=linux-headers-6.12-amd64 ;;
debug)	;;
*)	die "kernel.sh: no kernel '$release': give 6.1, 6.12 or debug" ;;
esac

# The newest of the release's headers on this machine; nothing when there are none.
installed_abi()
{
	local dir abi

	for dir in /usr/src/linux-headers-"$release"[.-]*-amd64; do
		abi=${dir##*/linux-headers-}
		case $abi in
		*cloud*|*rt*) continue ;;
		esac
		if [ -e "$dir/Makefile" ]; then
			echo "$abi"
		fi
	done | sort -V | tail -n 1
}

kernel_abi()
{
	local abi

	abi=$(installed_abi)
	if [ -z "$abi" ]; then
		pkg_need "$meta"
		abi=$(installed_abi)
	fi
	[ -n "$abi" ] || die "kernel.sh: $meta brought no headers for $release"
	echo "$abi"
}

fetch_image()
{
	local abi=$1 dir=$FWLOAD_CACHE/kernel/$1 part=$FWLOAD_CACHE/kernel/$1.part

	[ ! -e "$dir" ] || return 0
	rm -rf "$part"
	mkdir -p "$part/deb"
	pkg_fetch "linux-image-$abi" "$part/deb" || return
	dpkg-deb -x "$part"/deb/*.deb "$part"
	rm -rf "${part:?}"/{deb,usr}
	depmod -b "$part" "$abi"
	mv -T "$part" "$dir"
}

# Prints the name of a kernel whose headers are installed and whose image is in the cache.
with_image()
{
	local abi

	abi=$(kernel_abi)
	if ! locked "kernel-$abi" fetch_image "$abi"; then
		say "no image for the headers $abi: upgrading $meta"
		locked apt pkg_apt_install "$meta"
		abi=$(kernel_abi)
		locked "kernel-$abi" fetch_image "$abi" ||
			die "kernel.sh: no package linux-image-$abi to go with $meta"
	fi
	echo "$abi"
}

# Both print the three answers, one a line.
stock()
{
	local abi

	abi=$(with_image)
	printf '%s\n' "$abi" "/usr/src/linux-headers-$abi" "$FWLOAD_CACHE/kernel/$abi"
}

debug()
{
	local dir

	dir=$("$FWLOAD_VM/build.sh" x86-debug)
	printf '%s\n' "$(cat "$dir/include/config/kernel.release")" "$dir" "$dir/root"
}

case ${1:-} in
abi)		line=1 ;;
headers)	line=2 ;;
image)		line=3 ;;
*)		die "usage: kernel.sh abi|headers|image RELEASE" ;;
esac
if [ "$release" = debug ]; then
	debug | sed -n ${line}p
else
	stock | sed -n ${line}p
fi
