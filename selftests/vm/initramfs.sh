#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: initramfs.sh RELEASE
#        initramfs.sh copy ROOT FILE [NAME]
#
# Makes the root file system of qemu.sh's machines, a plain cpio archive (not compressed: an
# emulated CPU would take longer to expand it than to boot), and prints its path. It has
#
#   - the programs and links in the lists below, each with the libraries that ldd names,
#     busybox under every name that none of them has, and libxtables' extensions;
#   - of the kernel's modules those of netfilter, ipset, IPVS, bridges and virtual network
#     devices, with all that they depend on, and modules.dep.
#
# With "copy", copies the program FILE and its libraries into ROOT, as NAME there.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# date, since busybox's has no %N
programs=(dash kmod ip tc ss xtables-legacy-multi ipset tcpdump ethtool setpriv unshare nsenter
	timeout date)
links=(
	sh:dash
	modprobe:kmod insmod:kmod rmmod:kmod lsmod:kmod modinfo:kmod depmod:kmod
	iptables-legacy:xtables-legacy-multi
	iptables-legacy-save:xtables-legacy-multi
	iptables-legacy-restore:xtables-legacy-multi
	ip6tables-legacy:xtables-legacy-multi
	ip6tables-legacy-save:xtables-legacy-multi
	ip6tables-legacy-restore:xtables-legacy-multi
)
extensions=/usr/lib/x86_64-linux-gnu/xtables
# Directories and files below lib/modules/ABI/kernel.
# Beside what modules.dep says: conntrack looks crc32c up by name when it loads, and string
# matches and helpers their search algorithms.
modules=(net/netfilter net/ipv4 net/ipv6 net/bridge net/sched net/xfrm net/802 net/8021q
	drivers/net/veth.ko drivers/net/dummy.ko drivers/net/tun.ko drivers/net/macvlan.ko
	drivers/net/ifb.ko crypto/crc32c_generic.ko lib/ts_kmp.ko lib/ts_bm.ko
	lib/ts_fsm.ko)

# copy_libraries ROOT FILE: the libraries that FILE takes, at their own places. /lib is a link
# to /usr/lib, which a directory of this name in a later archive would replace.
copy_libraries()
{
	local root=$1 file=$2 lib dir

	# ldd fails for a static program and for a script.
	{ ldd "$file" 2>/dev/null || true; } | sed -n 's|^[^/]*\(/[^ ]*\).*|\1|p' |
	while read -r lib; do
		dir=$(realpath "$(dirname "$lib")")
		if [ ! -e "$root$dir/${lib##*/}" ]; then
			mkdir -p "$root$dir"
			cp -L "$lib" "$root$dir/${lib##*/}"
		fi
	done
}

# copy_program ROOT FILE NAME: FILE as NAME, and its libraries.
copy_program()
{
	mkdir -p "$1/$(dirname "$3")"
	cp -L "$2" "$1/$3"
	copy_libraries "$1" "$2"
}

if [ "${1:-}" = copy ]; then
	copy_program "$2" "$3" "${4:-$3}"
	exit
fi

pkg_need "${PKGS_QEMU[@]}" xz-utils
release=${1:-}
abi=$("$FWLOAD_VM/kernel.sh" abi "$release")
image=$("$FWLOAD_VM/kernel.sh" image "$release")
# What is in it depends on this script and on the packages it copies from.
key=$( (cat "$0"; dpkg-query -W -f '${Package} ${Version}\n' "${PKGS_QEMU[@]}" libc6 util-linux) |
	sha256sum | cut -c 1-12)
archive=$FWLOAD_CACHE/initramfs/$abi-$key.cpio

make_links()
{
	local root=$1 link name

	for link in "${links[@]}"; do
		ln -s "${link#*:}" "$root/usr/bin/${link%%:*}"
	done
	cp -L "$(command -v busybox)" "$root/usr/bin/busybox"
	for name in $("$root/usr/bin/busybox" --list); do
		if [ ! -e "$root/usr/bin/$name" ] && [ ! -L "$root/usr/bin/$name" ]; then
			ln -sf busybox "$root/usr/bin/$name"
		fi
	done
}

# Prints what the modules.dep on standard input says the listed modules take, themselves
# included.
closure()
{
	awk -v want="${modules[*]}" '
		function need(files,	name, n, i)
		{
			n = split(files, name, " ")
			for (i = 1; i <= n; i++)
				if (!seen[name[i]]++)
					print name[i]
		}
		BEGIN { n = split(want, dir, " ") }
		{
			sub(/:/, "")
			for (i = 1; i <= n; i++)
				if (index($1, "kernel/" dir[i]) == 1)
					need($0)
		}'
}

copy_modules()
{
	local root=$1 from=$2/lib/modules/$abi to=$1/lib/modules/$abi file

	mkdir -p "$to"
	cp "$from"/modules.{order,builtin,builtin.modinfo} "$to/"
	closure <"$from/modules.dep" | while read -r file; do
		mkdir -p "$to/$(dirname "$file")"
		case $file in
		*.xz)	xz -dc "$from/$file" >"$to/${file%.xz}" ;;
		*)	cp "$from/$file" "$to/$file" ;;
		esac
	done
	depmod -b "$root" "$abi"
}

make_archive()
{
	local root=$archive.root program path

	[ ! -e "$archive" ] || return 0
	say "making the file system for $abi"
	rm -rf "$root"
	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,etc,usr/{bin,lib,lib64},fwload}
	# As Debian has it, everything is below /usr; and all programs are in one directory.
	ln -s usr/bin usr/lib usr/lib64 "$root/"
	ln -s usr/bin "$root/sbin"
	ln -s bin "$root/usr/sbin"
	for program in "${programs[@]}"; do
		path=$(command -v "$program") || die "initramfs.sh: no $program"
		copy_program "$root" "$path" "/usr/bin/$program"
	done
	make_links "$root"
	cp -a "$extensions" "$root$extensions"
	for path in "$extensions"/*.so; do
		copy_libraries "$root" "$path"
	done
	cp /etc/protocols /etc/services /etc/ethertypes "$root/etc/"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	# networks too: iptables looks an address that is none up there, and would ask a server
	printf '%s: files\n' passwd group protocols services hosts networks \
		>"$root/etc/nsswitch.conf"
	echo '127.0.0.1 localhost' >"$root/etc/hosts"
	copy_modules "$root" "$image"
	(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$archive.part"
	mv "$archive.part" "$archive"
	rm -rf "$root"
}

mkdir -p "$FWLOAD_CACHE/initramfs"
locked "initramfs-$abi" make_archive
echo "$archive"
