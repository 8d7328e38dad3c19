# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Faults planted in a copy of the module's sources, to see that they are found. To be sourced
# after lib.sh.

# plant_sources DIR: a new copy of what the module is built of.
plant_sources()
{
	rm -rf "$1"
	mkdir -p "$1"
	cp -r "$FWLOAD_TOP"/{Kbuild,kmod,uapi} "$1/"
}

# plant FILE OLD NEW: OLD must stand in FILE exactly once.
plant()
{
	FILE=$1 OLD=$2 NEW=$3 perl -e '
		local $/;
		open(my $in, "<", $ENV{FILE}) or die "$ENV{FILE}: $!\n";
		my $text = <$in>;
		my $times = () = $text =~ /\Q$ENV{OLD}\E/g;
		die "stands there $times times\n" if $times != 1;
		my $at = index($text, $ENV{OLD});
		substr($text, $at, length($ENV{OLD})) = $ENV{NEW};
		open(my $out, ">", $ENV{FILE}) or die "$ENV{FILE}: $!\n";
		print $out $text;'
}
