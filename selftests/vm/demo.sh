#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: demo.sh [6.1|6.12]
#
# What `make demo` does: installs what is missing, builds the module and the tool, boots a
# stock Debian kernel under QEMU and runs selftests/demo.sh in it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

release=${1:-6.12}

pkg_need "${PKGS_USER[@]}" "${PKGS_QEMU[@]}"
# The kernel comes over the network meanwhile.
"$FWLOAD_VM/initramfs.sh" "$release" >/dev/null &
fetching=$!
say "building the tool"
quietly "$FWLOAD_BUILD/log/user.log" make -C "$FWLOAD_TOP" user
quietly "$FWLOAD_BUILD/log/selftests.log" make -C "$FWLOAD_TOP/selftests"
wait $fetching
say "building the module for Debian's kernel $release"
"$FWLOAD_VM/module.sh" "$release" >/dev/null
say "booting it under QEMU (an emulated machine: everything is some 13 times slower)"
exec "$FWLOAD_VM/qemu.sh" -k "$release" -t 600 -l "$FWLOAD_BUILD/log/demo.log" selftests/demo.sh
