#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: clients.sh
#
# Prints a directory that has the Debian packages ufw, shorewall, ferm and fail2ban, unpacked
# but not installed, for selftests/clients.sh.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

pkg_need python3 perl bc "${PKGS_NET[@]}"
pkg_unpacked clients ufw shorewall-core shorewall ferm fail2ban
