#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: tools.sh
#
# Prints a directory that has real servers and clients for selftests/helpers.sh, in usr/bin and
# usr/sbin: the Debian packages vsftpd, tnftp, tftpd-hpa and tftp-hpa, unpacked but not
# installed, since a server starts where it is installed. Of the libraries that they need it
# has those that this machine does not.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

packages=(vsftpd tnftp tftpd-hpa tftp-hpa)
for pkg in libwrap0 libedit2 libbsd0 libmd0 libnsl2 libtirpc3 libcap2 libpam0g libssl3; do
	pkg_installed "$pkg" || packages+=("$pkg")
done
pkg_unpacked tools "${packages[@]}"
