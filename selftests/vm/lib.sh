# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the lab shares: where things are, how to speak, how to get packages.
# To be sourced by bash scripts; it changes no directory and sets no option but strict mode.
#
# Two places hold what the lab makes:
#
#   $FWLOAD_BUILD  build/ in the checkout: modules, test programs, initramfs, logs.
#   $FWLOAD_CACHE  ${XDG_CACHE_HOME:-~/.cache}/fwload, outside the checkout, so that a new
#                  clone finds it: what is fetched or takes minutes to build. Each entry is
#                  named after the package version (and the configuration) it comes from and
#                  appears with one rename, so that a broken run leaves nothing half made:
#
#       kernel/ABI/            a kernel image package, unpacked (boot/, lib/modules/)
#       source/VERSION/        linux-source-6.12, unpacked
#       uml/VERSION-HASH/      the User-mode Linux kernels built from it
#       x86/VERSION-HASH/      the kernel for QEMU built from it

set -euo pipefail

FWLOAD_VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
FWLOAD_TOP=$(cd "$FWLOAD_VM/../.." && pwd)
FWLOAD_BUILD=${FWLOAD_BUILD:-$FWLOAD_TOP/build}
FWLOAD_CACHE=${FWLOAD_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/fwload}
export FWLOAD_BUILD FWLOAD_CACHE
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say()
{
	printf '%s\n' "fwload: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# as_root CMD...: runs it as root, through sudo where we are not.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		command -v sudo >/dev/null ||
			die "needs root (or sudo) for: $*"
		sudo "$@"
	fi
}

# quietly LOG CMD...: runs it with its output in LOG, which is shown when it fails.
quietly()
{
	local log=$1 rc=0

	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	if [ $rc != 0 ]; then
		tail -n 60 "$log" >&2
		say "failed with status $rc: $*"
		say "the whole log is $log"
	fi
	return $rc
}

# locked NAME CMD...: runs CMD while no other process runs one under the same NAME. The lock
# is not passed on: a daemon that CMD leaves behind would hold it.
locked()
{
	local name=$1 fd

	shift
	mkdir -p "$FWLOAD_CACHE"
	(
		exec {fd}>"$FWLOAD_CACHE/$name.lock"
		flock "$fd"
		"$@" {fd}>&-
	)
}

pkg_installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

pkg_known()
{
	[ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]
}

apt_update()
{
	say "fetching the package lists (apt-get update)"
	quietly "$FWLOAD_BUILD/log/apt-update.log" \
		as_root apt-get -q -o DPkg::Lock::Timeout=600 update
}

# Installs what of its arguments is missing, with what that depends on, and says so.
pkg_install()
{
	local pkg missing=()

	for pkg; do
		pkg_installed "$pkg" || missing+=("$pkg")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	for pkg in "${missing[@]}"; do
		if ! pkg_known "$pkg"; then
			apt_update
			break
		fi
	done
	say "installing ${missing[*]} (apt-get install)"
	# The lists may be older than the archive: the second attempt has fresh ones.
	pkg_apt_install "${missing[@]}" ||
		{ apt_update && pkg_apt_install "${missing[@]}"; }
}

pkg_apt_install()
{
	quietly "$FWLOAD_BUILD/log/apt-install.log" as_root \
		env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
		-o DPkg::Lock::Timeout=600 install "$@"
}

# pkg_need PKG...: has the packages installed when it returns.
pkg_need()
{
	local pkg

	for pkg; do
		if ! pkg_installed "$pkg"; then
			locked apt pkg_install "$@"
			return
		fi
	done
}

# pkg_fetch PKG DIR: puts the .deb of PKG into DIR, without installing it.
pkg_fetch()
{
	local pkg=$1 dir=$2

	pkg_known "$pkg" || locked apt apt_update
	say "fetching $pkg (apt-get download)"
	mkdir -p "$dir"
	chmod 755 "$dir"
	quietly "$FWLOAD_BUILD/log/apt-download.log" pkg_download "$pkg" "$dir" ||
		{ locked apt apt_update && quietly "$FWLOAD_BUILD/log/apt-download.log" \
			pkg_download "$pkg" "$dir"; }
}

number=0
failures=0

# result STATUS NAME: prints the result of a test on the host, and counts it.
result()
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		failures=$((failures + 1))
		echo "not ok $number $2"
	fi
}

# In a subshell, for the sake of its cd.
pkg_download()
(
	cd "$2" && apt-get -q -o APT::Sandbox::User=root download "$1"
)

# pkg_unpacked NAME PKG...: prints a directory that has the packages unpacked, but not
# installed. It is in the cache, in NAME/ and named after their versions.
pkg_unpacked()
{
	local dir

	dir=$FWLOAD_CACHE/$1/$(pkg_versions "${@:2}" | sha256sum | cut -c 1-12)
	locked "$1" pkg_unpack "$dir" "${@:2}"
	echo "$dir"
}

pkg_versions()
{
	local pkg

	for pkg; do
		pkg_known "$pkg" || locked apt apt_update
		apt-cache show --no-all-versions "$pkg" | sed -n "s/^Version: /$pkg /p"
	done
}

pkg_unpack()
{
	local dir=$1 part=$1.part pkg deb

	[ ! -e "$dir" ] || return 0
	shift
	rm -rf "$part"
	for pkg; do
		pkg_fetch "$pkg" "$part/deb"
	done
	for deb in "$part"/deb/*.deb; do
		dpkg-deb -x "$deb" "$part"
	done
	rm -rf "${part:?}/deb"
	mv -T "$part" "$dir"
}

pkg_version()
{
	dpkg-query -W -f '${Version}' "$1"
}

# The packages that each kind of work takes, beside what depends on the kernel.
# shellcheck disable=SC2034	# used by the scripts that source this file
{
	PKGS_USER=(gcc make pkg-config libc6-dev libmnl-dev libxtables-dev libxxhash-dev)
	PKGS_NET=(iproute2 iptables ipset tcpdump ethtool netbase)
	PKGS_QEMU=(qemu-system-x86 busybox-static dash cpio kmod "${PKGS_NET[@]}")
	PKGS_BUILD=(gcc make bc bison flex libc6-dev libelf-dev libssl-dev perl xz-utils
		linux-source-6.12 kmod "${PKGS_NET[@]}")
}
