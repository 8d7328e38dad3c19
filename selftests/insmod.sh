#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The module needs no other: it goes in by bare insmod on a stock kernel that has loaded
# nothing of netfilter, brings in what a rule set in force takes and no more, does not
# deadlock where that registers a genl family of its own, and stays while rules are in force.
#
# For a freshly booted stock kernel: where netfilter is built in, or has been used, most of
# this cannot be seen.

. "$(dirname "$0")/lib.sh"
own_network

plan 16

netfilter='^(x_tables|ip_tables|ip6_tables|nf_|nft_|nfnetlink|xt_|ip_vs)'

none_of()
{
	if grep -E "$1" /proc/modules; then
		return 1
	fi
}

only_fwload_is_new()
{
	cut -d ' ' -f 1 /proc/modules | sort >"$work/after"
	echo fwload | sort - "$work/before" >"$work/expected"
	same "the loaded modules" "$work/expected" "$work/after"
}

# The text on standard input, in force within a minute.
in_force()
{
	fwimg compile >"$work/image" && timeout 60 "$FWIMG" push "$work/image"
}

filter_only()
{
	in_force <<'EOF'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j web
-A INPUT -p udp -m multiport --dports 53,67:68 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A web ! -s 192.0.2.0/24 -j DROP
-A web -j ACCEPT
COMMIT
EOF
}

# xt_ipvs pulls in ip_vs, whose init registers a genl family.
with_ipvs()
{
	in_force <<'EOF'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m ipvs --ipvs -j DROP
COMMIT
EOF
}

with_helper()
{
	in_force <<'EOF'
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp
COMMIT
EOF
}

# A module can be removed when nobody holds it any more.
given_back()
{
	modprobe -r -a xt_CT xt_ipvs nf_nat_ftp nf_conntrack_ftp xt_multiport &&
	none_of '^(xt_|nf_conntrack_ftp|ip_vs)'
}

check "nothing of netfilter is loaded before" none_of "$netfilter"
check "modinfo names no module that it depends on" \
	equal depends "" "$(modinfo -F depends "$FWLOAD_KO")"
cut -d ' ' -f 1 /proc/modules | sort >"$work/before"
check "bare insmod succeeds" insmod "$FWLOAD_KO"
check "and brings no other module along" only_fwload_is_new
check "the tool finds it, empty" fwimg info
check "a module without rules can be removed" rmmod fwload
check "and inserted again" insmod "$FWLOAD_KO"
check "a rule set with only a filter table loads" filter_only
check "and pulls in neither conntrack nor nat nor ip_tables" \
	none_of '^(nf_conntrack|nf_nat|nf_defrag|ip_tables|iptable_)'
check "rules in force pin the module" not rmmod fwload
check "a rule set with -m ipvs does not deadlock" with_ipvs
check "one with -j CT --helper ftp does not either" with_helper
check "the helper's module is there" loaded nf_conntrack_ftp
check "generic netlink still answers" timeout 60 "$FWIMG" info
check "after a flush the module can be removed" unload_module
check "and what it took from other modules was given back" given_back
passed
