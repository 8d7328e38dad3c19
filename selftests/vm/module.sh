#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: module.sh [-s SOURCE] [-o DIR] [-C] TARGET [MAKE-ARGUMENT...]
#
# Builds the kernel modules for TARGET: 6.1 or 6.12 (Debian's kernels), uml, uml-debug or
# x86-debug (see build.sh). They are built in a copy of the sources, DIR
# ($FWLOAD_BUILD/module-TARGET), so that builds for several kernels run side by side and leave
# nothing among the sources. Prints DIR, which then has fwload.ko (and fwload_kunit.ko for uml
# and uml-debug).
#
#   -s SOURCE  the tree to take Kbuild, kmod/ and uapi/ from (the checkout)
#   -o DIR     where to build
#   -C         start from nothing: everything is compiled, every warning seen
#
# DIR/kernel tells for which kernel.
#
# Further arguments go to make: W=1, C=2 ... What the compiler says is in
# $FWLOAD_BUILD/log/module-TARGET.log (DIR.log with -o).

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

usage="usage: module.sh [-s SOURCE] [-o DIR] [-C] 6.1|6.12|uml|uml-debug|x86-debug [MAKE-ARGUMENT...]"
src=$FWLOAD_TOP
out=
fresh=
while getopts s:o:C opt; do
	case $opt in
	s)	src=$OPTARG ;;
	o)	out=$OPTARG ;;
	C)	fresh=1 ;;
	*)	die "$usage" ;;
	esac
done
shift $((OPTIND - 1))
target=${1:-}
[ $# -gt 0 ] || die "$usage"
shift
log=${out:-$FWLOAD_BUILD/log/module-$target}.log
out=${out:-$FWLOAD_BUILD/module-$target}

case $target in
6.1|6.12)
	pkg_need gcc make kmod
	kdir=$("$FWLOAD_VM/kernel.sh" headers "$target")
	# Debian's 6.12 headers would have pahole make type information for the module.
	set -- CONFIG_DEBUG_INFO_BTF_MODULES= "$@"
	;;
uml|uml-debug)
	kdir=$("$FWLOAD_VM/build.sh" "$target")
	set -- ARCH=um FWLOAD_KUNIT=m "$@"
	;;
x86-debug)
	kdir=$("$FWLOAD_VM/build.sh" "$target")
	;;
*)
	die "$usage"
	;;
esac

sources()
{
	(cd "$1" && find Kbuild kmod uapi -type f ! -name '.*' \
		\( -name '*.[chS]' -o -name Kbuild -o -name Makefile \) ! -name '*.mod.c' |
		LC_ALL=C sort)
}

# Brings the copy up to date. What did not change keeps its time, so that make builds only
# what did; what is gone from the sources goes from the copy.
copy()
{
	local file

	mkdir -p "$out"
	if [ -n "$fresh" ]; then
		rm -rf "${out:?}"/{Kbuild,kmod,uapi}
	fi
	sources "$src" >"$out/sources.new"
	if [ -e "$out/sources" ]; then
		LC_ALL=C comm -23 "$out/sources" "$out/sources.new" | while read -r file; do
			rm -f "$out/$file"
		done
	fi
	mv "$out/sources.new" "$out/sources"
	while read -r file; do
		if ! cmp -s "$src/$file" "$out/$file"; then
			mkdir -p "$out/$(dirname "$file")"
			cp "$src/$file" "$out/$file"
		fi
	done <"$out/sources"
}

copy
# Where the kernel is another one, so may its structures be.
if [ "$(cat "$out/kernel" 2>/dev/null)" != "$kdir" ]; then
	find "$out" -name '*.o' -delete
fi
quietly "$log" make -C "$kdir" M="$out" -j"$(nproc)" "$@" modules
echo "$kdir" >"$out/kernel"
echo "$out"
