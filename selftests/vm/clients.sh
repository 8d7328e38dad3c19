#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: clients.sh
#
# Prints a directory that has the Debian packages ufw, shorewall, ferm and fail2ban, unpacked
# but not installed, for selftests/clients.sh. It is in the cache, named after their versions.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

packages=(ufw shorewall-core shorewall ferm fail2ban)

version_of()
{
	apt-cache show --no-all-versions "$1" | sed -n 's/^Version: //p'
}

versions()
{
	local pkg

	for pkg in "${packages[@]}"; do
		pkg_known "$pkg" || locked apt apt_update
		echo "$pkg $(version_of "$pkg")"
	done
}

unpack()
{
	local dir=$1 part=$1.part pkg deb

	[ ! -e "$dir" ] || return 0
	rm -rf "$part"
	for pkg in "${packages[@]}"; do
		pkg_fetch "$pkg" "$part/deb"
	done
	for deb in "$part"/deb/*.deb; do
		dpkg-deb -x "$deb" "$part"
	done
	rm -rf "${part:?}/deb"
	mv -T "$part" "$dir"
}

pkg_need python3 perl bc "${PKGS_NET[@]}"
dir=$FWLOAD_CACHE/clients/$(versions | sha256sum | cut -c 1-12)
locked clients unpack "$dir"
echo "$dir"
