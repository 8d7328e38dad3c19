#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: uml-build.sh [debug|source]
#
# Has a User-mode Linux kernel at hand: Debian's linux-source-6.12 with uml.config beside this
# script, built once in some minutes and kept in the cache under the version of the package
# and a hash of the configuration. Prints the build directory: DIR/linux is the kernel,
# DIR/source its source, and modules are built against DIR with ARCH=um. With "debug", the
# kernel that looks for what is wrong (uml-debug.config on top; it takes longer to build and
# to run). With "source", unpacks the source, prints its directory and builds nothing (lint
# uses its scripts).

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

fragments=("$FWLOAD_VM/uml.config")
what="User-mode Linux"
case ${1:-} in
source)	pkg_need xz-utils linux-source-6.12 ;;
debug)	pkg_need "${PKGS_UML[@]}"
	fragments+=("$FWLOAD_VM/uml-debug.config")
	what="User-mode Linux for debugging" ;;
"")	pkg_need "${PKGS_UML[@]}" ;;
*)	die "usage: uml-build.sh [debug|source]" ;;
esac

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
if [ "${1:-}" = source ]; then
	echo "$source"
	exit
fi

hash=$(grep -h -v '^#' "${fragments[@]}" | LC_ALL=C sort | sha256sum | cut -c 1-12)
out=$FWLOAD_CACHE/uml/$version-$hash

configure()
{
	make -C "$source" ARCH=um O="$out" tinyconfig
	(cd "$out" && "$source/scripts/kconfig/merge_config.sh" -m .config \
		"${fragments[@]}")
	make -C "$source" ARCH=um O="$out" olddefconfig
}

# Building in place and renaming would leave the old name in generated files, and modules
# would be built against it: so the directory stays, and a file tells that it is complete.
build()
{
	[ ! -e "$out/.complete" ] || return 0
	say "building $what $version (some minutes, once)"
	rm -rf "$out"
	mkdir -p "$out"
	quietly "$FWLOAD_BUILD/log/uml${1:+-$1}-configure.log" configure
	quietly "$FWLOAD_BUILD/log/uml${1:+-$1}-build.log" \
		make -C "$source" ARCH=um O="$out" -j"$(nproc)" linux modules
	touch "$out/.complete"
}

[ -e "$out/.complete" ] || locked "uml${1:+-$1}" build "${1:-}"
echo "$out"
