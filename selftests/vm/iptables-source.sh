#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: iptables-source.sh
#
# Has the source of the installed iptables at hand, whose tests the suite runs: Debian's source
# package of the same version, fetched with apt, unpacked, and kept in the cache. Prints its
# directory. Nothing of it is part of this project.
#
# Few machines list source packages. So apt gets a list of its own, made of those of the
# machine's repositories that have the iptables package, with deb-src in place of deb, and a
# place of its own for what it downloads: the machine's configuration stays as it is.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

pkg_need iptables dpkg-dev xz-utils
version=$(pkg_version iptables)
dir=$FWLOAD_CACHE/iptables/$version
work=$FWLOAD_CACHE/iptables/$version.part

# The repositories that offer the version, without the slash that some end in.
repositories()
{
	apt-cache madison iptables |
		awk -F ' *[|] *' -v version="$version" '
			$2 == version && $3 ~ / Packages$/ {
				split($3, word, " ")
				sub("/$", "", word[1])
				print word[1]
			}' | sort -u
}

# sources URI: the machine's entries for it, as entries for sources, in apt's older format
# and in its newer one.
sources()
{
	local file

	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "$file" ] || awk -v uri="$1" '
			$1 == "deb" && (index($0, uri " ") || index($0, uri "/ ")) {
				sub("deb", "deb-src")
				print
			}' "$file"
	done >>"$work/parts/own.list"
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || awk -v uri="$1" '
			function flush()
			{
				if (ours)
					print entry
				entry = ""
				ours = 0
			}
			/^[ \t]*$/ { flush(); next }
			/^#/ { next }
			tolower($1) == "types:" { $0 = "Types: deb-src" }
			tolower($1) == "uris:" {
				for (i = 2; i <= NF; i++)
					ours = ours || $i == uri || $i == uri "/"
			}
			{ entry = entry $0 "\n" }
			END { flush() }' "$file"
	done >>"$work/parts/own.sources"
}

download()
(
	cd "$work"
	set -- -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts" \
		-o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
		-o APT::Sandbox::User=root -o APT::Get::List-Cleanup=0
	apt-get "$@" update
	apt-get "$@" source "iptables=$version"
)

fetch()
{
	local uri tree

	[ ! -e "$dir" ] || return 0
	say "fetching the source of iptables $version (apt-get source)"
	rm -rf "$work"
	mkdir -p "$work"/{parts,lists/partial,cache/archives/partial}
	while read -r uri; do
		sources "$uri"
	done < <(repositories)
	quietly "$FWLOAD_BUILD/log/iptables-source.log" download
	for tree in "$work"/iptables-*/; do
		mv -T "$tree" "$dir"
	done
	rm -rf "$work"
}

locked iptables-source fetch
[ -d "$dir/extensions" ] || die "iptables-source.sh: no extensions/ in $dir"
echo "$dir"
