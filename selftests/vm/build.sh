#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: build.sh uml|uml-debug|x86-debug|source
#
# Has a kernel of our own at hand: Debian's linux-source-6.12, built once and kept in the cache
# under the version of the package and a hash of the configuration. Prints the build directory,
# DIR, against which modules are built (with ARCH=um for User-mode Linux).
#
#   uml        User-mode Linux with uml.config beside this script: DIR/linux; some minutes
#   uml-debug  the one that looks for what is wrong (uml-debug.config on top); it takes
#              longer to build and to run
#   x86-debug  one for QEMU, with two processors, that looks for data races (x86-debug.config
#              on top of uml.config): DIR/root has what an image package of Debian has,
#              boot/vmlinuz-ABI and lib/modules/ABI
#
# With "source", unpacks the source, prints its directory and builds nothing (lint uses its
# scripts).

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

kind=${1:-}
fragments=("$FWLOAD_VM/uml.config")
arch=um
goals=(linux modules)
case $kind in
source)	pkg_need xz-utils linux-source-6.12 ;;
uml)	;;
uml-debug)	fragments+=("$FWLOAD_VM/uml-debug.config") ;;
x86-debug)	fragments+=("$FWLOAD_VM/x86-debug.config")
	arch=x86_64
	# KCSAN watches what is built with it: the module, not the kernel, which would take all of
	# the time that there is for it. A race of both is found when the value changes.
	goals=(KCSAN_SANITIZE=n bzImage modules) ;;
*)	die "usage: build.sh uml|uml-debug|x86-debug|source" ;;
esac
[ "$kind" = source ] || pkg_need "${PKGS_BUILD[@]}"

version=$(pkg_version linux-source-6.12)
source=$FWLOAD_CACHE/source/$version

unpack()
{
	local part=$source.part

	[ ! -e "$source" ] || return 0
	say "unpacking linux-source-6.12 $version"
	rm -rf "$part"
	mkdir -p "$part"
	tar -xf /usr/src/linux-source-6.12.tar.xz -C "$part" --strip-components=1
	mv -T "$part" "$source"
}

locked source unpack
if [ "$kind" = source ]; then
	echo "$source"
	exit
fi

hash=$(grep -h -v '^#' "${fragments[@]}" | LC_ALL=C sort | sha256sum | cut -c 1-12)
out=$FWLOAD_CACHE/${kind%-debug}/$version-$hash

kernel_make()
{
	make -C "$source" ARCH="$arch" O="$out" "$@"
}

# The version of the kernel tells its configuration too, for what is kept under it elsewhere.
# `quietly` looks at the status alone: here, and in put_together, one failure has to end all.
configure()
{
	kernel_make tinyconfig &&
	(cd "$out" && "$source/scripts/kconfig/merge_config.sh" -m .config "${fragments[@]}") &&
	{ [ "$arch" = um ] || echo "CONFIG_LOCALVERSION=\"-debug-$hash\"" >>"$out/.config"; } &&
	kernel_make olddefconfig
}

# What a kernel that is not started from where it was built takes.
put_together()
{
	local abi root=$out/root

	abi=$(cat "$out/include/config/kernel.release") &&
	kernel_make INSTALL_MOD_PATH="$root" modules_install &&
	mkdir -p "$root/boot" &&
	cp "$out/arch/x86/boot/bzImage" "$root/boot/vmlinuz-$abi"
}

# Building in place and renaming would leave the old name in generated files, and modules
# would be built against it: so the directory stays, and a file tells that it is complete.
build()
{
	[ ! -e "$out/.complete" ] || return 0
	say "building the kernel $kind $version (some minutes, once)"
	rm -rf "$out"
	mkdir -p "$out"
	quietly "$FWLOAD_BUILD/log/$kind-configure.log" configure
	quietly "$FWLOAD_BUILD/log/$kind-build.log" kernel_make -j"$(nproc)" "${goals[@]}"
	[ "$arch" = um ] || quietly "$FWLOAD_BUILD/log/$kind-install.log" put_together
	touch "$out/.complete"
}

[ -e "$out/.complete" ] || locked "$kind" build
echo "$out"
