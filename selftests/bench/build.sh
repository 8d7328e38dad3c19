#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds what the benchmark runs in User-mode Linux: fwload.ko, fwimg, the programs and
# hookbench.ko, into $FWLOAD_BUILD/bench. Installs what that needs. Prints the kernel's directory.

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$FWLOAD_TOP/selftests/bench
out=$FWLOAD_BUILD/bench

pkg_need "${PKGS_BUILD[@]}" "${PKGS_USER[@]}"
uml=$("$FWLOAD_VM/build.sh" uml)
mkdir -p "$out/hookbench"
quietly "$FWLOAD_BUILD/log/user.log" make -C "$FWLOAD_TOP" user
"$FWLOAD_VM/module.sh" uml >/dev/null
make -s -C "$here" O="$out" >&2
cp "$here"/hookbench/* "$here/packet.h" "$out/hookbench/"
quietly "$FWLOAD_BUILD/log/hookbench.log" \
	make -C "$uml" ARCH=um M="$out/hookbench" modules
echo "$uml"
