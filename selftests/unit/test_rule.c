// SPDX-License-Identifier: GPL-2.0
/*
 * The validator on single rules, given as the bytes of the image: what it accepts, and
 * that each thing that it refuses has its reason and its place.
 */
#include "../../user/decode.h"
#include "ktap.h"
#include "sample.h"

enum { V4, V6, BOTH };

struct rule_row {
	const char *name;
	int family;
	const char *hex;	/* the chain "to" is ref 0, jumped to; string 1 is "text" */
	const char *reason;	/* NULL: accepted */
};

#define SIZE	"an element has a size that is not that of its type"
#define FLAG	"unknown flag of an element"
#define ARG	"the argument of an element is out of range"

static const struct rule_row rules[] = {
	/* head */
	{ "a rule without anything", BOTH, "0100 00 00 00000000", NULL },
	{ "size 0", BOTH, "0000 00 00 00000000", "a rule goes past the end of the rules" },
	{ "size too large", BOTH, "0200 00 00 00000000", "a rule goes past the end of the rules" },
	{ "unknown rule flag", BOTH, "0100 06 21 00000000", "unknown flag of a rule" },
	{ "-p tcp", BOTH, "0100 06 01 00000000", NULL },
	{ "! -p tcp", BOTH, "0100 06 03 00000000", NULL },
	{ "protocol without flag", BOTH, "0100 06 00 00000000",
	  "a rule has a protocol without the flag" },
	{ "! -p all", BOTH, "0100 00 03 00000000", "a rule would match no protocol" },
	{ "negated without flag", BOTH, "0100 06 02 00000000",
	  "a rule has a protocol without the flag" },
	{ "-p all in IPv4", V4, "0100 00 01 00000000", "the flag of a protocol without one" },
	{ "-p all in IPv6", V6, "0100 00 01 00000000", NULL },
	{ "-f", V4, "0100 00 04 00000000", NULL },
	{ "! -f", V4, "0100 00 0c 00000000", NULL },
	{ "-f in IPv6", V6, "0100 00 04 00000000", "-f is for IPv4 only" },
	{ "negated -f without -f", V4, "0100 00 08 00000000",
	  "the flag of a negated -f without -f" },
	/* targets */
	{ "ACCEPT", BOTH, "0100 00 00 00000010", NULL },
	{ "DROP", BOTH, "0100 00 00 00000020", NULL },
	{ "RETURN", BOTH, "0100 00 00 00000030", NULL },
	{ "QUEUE", BOTH, "0100 00 00 00000040", NULL },
	{ "DROP with argument", BOTH, "0100 00 00 01000020",
	  "the argument of a target that has none" },
	{ "unknown target", BOTH, "0100 00 00 000000a0", "unknown target" },
	{ "last unknown target", BOTH, "0100 00 00 000000f0", "unknown target" },
	{ "jump to a missing ref", BOTH, "0100 00 00 01000050",
	  "a jump to a ref that is not there" },
	{ "goto by a jump's ref", BOTH, "0100 00 00 00000060", "a goto by the ref of a jump" },
	{ "missing extension", BOTH, "0100 00 00 00000070",
	  "extensions are not used once each, in their order" },
	{ "MARK", BOTH, "0300 00 10 00000080 11020000 01000000 ffffffff 00000000", NULL },
	{ "MARK with padding", BOTH, "0300 00 10 00000080 11020000 01000000 ffffffff 00000001",
	  "padding of a mark is not zero" },
	{ "MARK without flag", BOTH, "0300 00 00 00000080 11020000 01000000 ffffffff 00000000",
	  "the flag of a target's element does not fit the target" },
	{ "MARK without element", BOTH, "0100 00 10 00000080", "the target lacks its element" },
	{ "MARK with CONNMARK's element", BOTH,
	  "0400 00 10 00000080 12030000 01000000 ffffffff ffffffff 0000000000000000",
	  "the target lacks its element" },
	{ "MARK negated", BOTH, "0300 00 10 00000080 11020100 01000000 ffffffff 00000000", FLAG },
	{ "MARK's element for DROP", BOTH,
	  "0300 00 10 00000020 11020000 01000000 ffffffff 00000000",
	  "the element of a target that the rule does not have" },
	{ "flag for DROP", BOTH, "0100 00 10 00000020",
	  "the flag of a target's element does not fit the target" },
	{ "match after MARK's element", BOTH,
	  "0400 00 10 00000080 11020000 01000000 ffffffff 00000000 0c010000 01000000",
	  "an element after that of the target" },
	{ "CONNMARK --restore-mark", BOTH,
	  "0400 00 10 00000090 12030002 00000000 ffffffff ffffffff 0000000000000000", NULL },
	{ "CONNMARK of unknown mode", BOTH,
	  "0400 00 10 00000090 12030003 00000000 ffffffff ffffffff 0000000000000000", ARG },
	{ "CONNMARK --right-shift-mark 31", BOTH,
	  "0400 00 10 00000090 12030000 00000000 ffffffff ffffffff 011f000000000000", NULL },
	{ "CONNMARK shift by 32", BOTH,
	  "0400 00 10 00000090 12030000 00000000 ffffffff ffffffff 0120000000000000",
	  "CONNMARK shifts by more than 31 bits, or nowhere" },
	{ "CONNMARK shift to nowhere", BOTH,
	  "0400 00 10 00000090 12030000 00000000 ffffffff ffffffff 0201000000000000",
	  "CONNMARK shifts by more than 31 bits, or nowhere" },
	{ "CONNMARK with padding", BOTH,
	  "0400 00 10 00000090 12030000 00000000 ffffffff ffffffff 0000010000000000",
	  "padding of CONNMARK is not zero" },
	/* elements in general */
	{ "element 0", BOTH, "0200 00 00 00000000 00010000 00000000", "unknown element" },
	{ "element 19", BOTH, "0200 00 00 00000000 13010000 00000000", "unknown element" },
	{ "element of size 0", BOTH, "0200 00 00 00000000 0f000000 00000000",
	  "an element goes past the end of its rule" },
	{ "element too large for its rule", BOTH, "0200 00 00 00000000 0a020000 00000000",
	  "an element goes past the end of its rule" },
	{ "element larger than its type", BOTH,
	  "0300 00 00 00000000 0f020000 00000000 00000000 00000000", SIZE },
	{ "SRC after DST", V4, "0300 00 00 00000000 02010020 01020304 01010020 01020304",
	  "elements of the packet's header are not in ascending order" },
	{ "SRC twice", V4, "0300 00 00 00000000 01010020 01020304 01010020 01020304",
	  "elements of the packet's header are not in ascending order" },
	{ "SRC after a match", V4, "0300 00 00 00000000 0f010000 00000000 01010020 01020304",
	  "elements of the packet's header are not in ascending order" },
	{ "matches in any order, twice", BOTH,
	  "0400 00 00 00000000 0f010000 00000000 0c010000 01000000 0f010000 00000000", NULL },
	/* addresses */
	{ "SRC /32", V4, "0200 00 00 00000000 01010020 01020304", NULL },
	{ "SRC /8", V4, "0200 00 00 00000000 01010008 0a000000", NULL },
	{ "SRC /8 with host bits", V4, "0200 00 00 00000000 01010008 0a000001",
	  "an address has bits beyond its prefix" },
	{ "SRC /33", V4, "0200 00 00 00000000 01010021 0a000000",
	  "the prefix of an address is too long" },
	{ "SRC /0", V4, "0200 00 00 00000000 01010000 00000000",
	  "an address that matches everything" },
	{ "! SRC /0", V4, "0200 00 00 00000000 01010100 00000000", NULL },
	{ "! SRC /0 with an address", V4, "0200 00 00 00000000 01010100 00000001",
	  "an address has bits beyond its prefix" },
	{ "SRC with unknown flag", V4, "0200 00 00 00000000 01010420 01020304", FLAG },
	{ "DST with mask", V4, "0300 00 00 00000000 02020200 01000001 ff0000ff 00000000", NULL },
	{ "mask that is a prefix", V4, "0300 00 00 00000000 02020200 01000000 ff000000 00000000",
	  "the mask of an address is a prefix" },
	{ "mask of ones", V4, "0300 00 00 00000000 02020200 01000000 ffffffff 00000000",
	  "the mask of an address is a prefix" },
	{ "mask of zeros", V4, "0300 00 00 00000000 02020200 00000000 00000000 00000000",
	  "the mask of an address is a prefix" },
	{ "bits beyond the mask", V4, "0300 00 00 00000000 02020200 01010001 ff0000ff 00000000",
	  "an address has bits beyond its mask" },
	{ "mask and prefix", V4, "0300 00 00 00000000 02020208 01000001 ff0000ff 00000000",
	  "an address has both a mask and a prefix" },
	{ "mask with padding", V4, "0300 00 00 00000000 02020200 01000001 ff0000ff 01000000",
	  "padding of an address is not zero" },
	{ "mask without room", V4, "0200 00 00 00000000 02010200 01000001", SIZE },
	{ "address with too much room", V4,
	  "0300 00 00 00000000 02020020 01000001 00000000 00000000",
	  SIZE },
	{ "IPv4 address in IPv6", V6, "0200 00 00 00000000 01010020 00000000", SIZE },
	{ "SRC /128", V6, "0400 00 00 00000000 01030080 00000000 20010db8000000000000000000000001",
	  NULL },
	{ "SRC /129", V6, "0400 00 00 00000000 01030081 00000000 20010db8000000000000000000000001",
	  ARG },
	{ "SRC /64", V6, "0400 00 00 00000000 01030040 00000000 20010db8000000010000000000000000",
	  NULL },
	{ "SRC /64 with host bits", V6,
	  "0400 00 00 00000000 01030040 00000000 20010db8000000000000000000000001",
	  "an address has bits beyond its prefix" },
	{ "SRC /33 with host bits", V6,
	  "0400 00 00 00000000 01030021 00000000 20010db8400000000000000000000000",
	  "an address has bits beyond its prefix" },
	{ "SRC /33 without", V6,
	  "0400 00 00 00000000 01030021 00000000 20010db8800000000000000000000000", NULL },
	{ "SRC /0 in IPv6", V6,
	  "0400 00 00 00000000 01030000 00000000 00000000000000000000000000000000",
	  "an address that matches everything" },
	{ "! SRC /0 in IPv6", V6,
	  "0400 00 00 00000000 01030100 00000000 00000000000000000000000000000000", NULL },
	{ "IPv6 address with padding", V6,
	  "0400 00 00 00000000 01030080 00000001 20010db8000000000000000000000001",
	  "padding of an address is not zero" },
	{ "IPv6 address with too much room", V6,
	  "0500 00 00 00000000 01040080 00000000 20010db8000000000000000000000001"
	  "0000000000000000", SIZE },
	{ "IPv6 mask", V6, "0600 00 00 00000000 01050200 00000000"
	  "20010000000000000000000000000001 ffff00000000000000000000000000ff", NULL },
	{ "IPv6 mask that is a prefix", V6, "0600 00 00 00000000 01050200 00000000"
	  "20010000000000000000000000000000 ffffffffffe000000000000000000000",
	  "the mask of an address is a prefix" },
	{ "IPv6 mask with a hole between words", V6, "0600 00 00 00000000 01050200 00000000"
	  "20010000000000000000000000000000 ffffffff00000000ffffffff00000000", NULL },
	{ "IPv6 mask of ones", V6, "0600 00 00 00000000 01050200 00000000"
	  "20010000000000000000000000000000 ffffffffffffffffffffffffffffffff",
	  "the mask of an address is a prefix" },
	{ "bits beyond the IPv6 mask", V6, "0600 00 00 00000000 01050200 00000000"
	  "20010000000000000000000000000100 ffff00000000000000000000000000ff",
	  "an address has bits beyond its mask" },
	{ "IPv6 mask and prefix", V6, "0600 00 00 00000000 01050240 00000000"
	  "20010000000000000000000000000001 ffff00000000000000000000000000ff",
	  "an address has both a mask and a prefix" },
	{ "IPv6 mask without room", V6,
	  "0400 00 00 00000000 01030200 00000000 20010db8000000000000000000000001", SIZE },
	/* interfaces */
	{ "-i eth0", BOTH,
	  "0400 00 00 00000000 03030004 00000000 65746830 00000000 00000000 00000000", NULL },
	{ "-o eth+", BOTH,
	  "0400 00 00 00000000 04030203 00000000 65746800 00000000 00000000 00000000", NULL },
	{ "-i eth++", BOTH,
	  "0400 00 00 00000000 03030204 00000000 6574682b 00000000 00000000 00000000", NULL },
	{ "+ that is no wildcard", BOTH,
	  "0400 00 00 00000000 03030004 00000000 6574682b 00000000 00000000 00000000",
	  "the name of an interface ends in + without being a wildcard" },
	{ "-i +", BOTH,
	  "0400 00 00 00000000 03030200 00000000 00000000 00000000 00000000 00000000",
	  "an interface that matches everything" },
	{ "! -i +", BOTH,
	  "0400 00 00 00000000 03030300 00000000 00000000 00000000 00000000 00000000", NULL },
	{ "! -i without a name", BOTH,
	  "0400 00 00 00000000 03030100 00000000 00000000 00000000 00000000 00000000",
	  "an interface that matches everything" },
	{ "interface of 15 bytes", BOTH,
	  "0400 00 00 00000000 0303000f 00000000 61616161 61616161 61616161 61616100", NULL },
	{ "interface of 16 bytes", BOTH,
	  "0400 00 00 00000000 03030010 00000000 61616161 61616161 61616161 61616161", ARG },
	{ "wildcard of 14 bytes", BOTH,
	  "0400 00 00 00000000 0303020e 00000000 61616161 61616161 61616161 61610000", NULL },
	{ "wildcard of 15 bytes", BOTH,
	  "0400 00 00 00000000 0303020f 00000000 61616161 61616161 61616161 61616100",
	  "the name of an interface is too long" },
	{ "NUL in an interface", BOTH,
	  "0400 00 00 00000000 03030004 00000000 65740030 00000000 00000000 00000000",
	  "the name of an interface has a blank or a control character" },
	{ "blank in an interface", BOTH,
	  "0400 00 00 00000000 03030004 00000000 65742030 00000000 00000000 00000000",
	  "the name of an interface has a blank or a control character" },
	{ "interface longer than it says", BOTH,
	  "0400 00 00 00000000 03030003 00000000 65746830 00000000 00000000 00000000",
	  "the name of an interface goes on after its end" },
	{ "interface with padding", BOTH,
	  "0400 00 00 00000000 03030004 01000000 65746830 00000000 00000000 00000000",
	  "padding of an interface is not zero" },
	/* ports */
	{ "-m tcp with everything", BOTH, "0300 06 01 00000000 05020f06 3f3fff00 01000200 03000400",
	  NULL },
	{ "-m tcp, empty range", BOTH, "0300 06 01 00000000 05020006 00000000 02000100 03000400",
	  NULL },
	{ "tcp flag without a name", BOTH,
	  "0300 06 01 00000000 05020006 40000000 00000000 00000000",
	  "unknown tcp flag" },
	{ "negated option 0", BOTH, "0300 06 01 00000000 05020806 00000000 00000000 00000000",
	  "a negated tcp option is missing" },
	{ "-m tcp with a flag of sctp", BOTH,
	  "0300 06 01 00000000 05021006 00000000 00000000 00000000",
	  "a match on tcp ports has a flag of sctp" },
	{ "PORTS with padding", BOTH, "0300 06 01 00000000 05020006 00000001 00000000 00000000",
	  "padding of a match on ports is not zero" },
	{ "PORTS of unknown flag", BOTH, "0300 06 01 00000000 05024006 00000000 00000000 00000000",
	  FLAG },
	{ "PORTS of udplite", BOTH, "0300 88 01 00000000 05020088 00000000 00000000 00000000",
	  ARG },
	{ "PORTS of icmp", BOTH, "0300 01 01 00000000 05020001 00000000 00000000 00000000",
	  "a match on ports of an unknown protocol" },
	{ "-m tcp for udp", BOTH, "0300 11 01 00000000 05020006 00000000 00000000 00000000",
	  "a match on ports is not of the rule's protocol" },
	{ "-m tcp for ! -p tcp", BOTH, "0300 06 03 00000000 05020006 00000000 00000000 00000000",
	  "a match on ports is not of the rule's protocol" },
	{ "-m udp", BOTH, "0300 11 01 00000000 05020311 00000000 0100ffff 03000400", NULL },
	{ "-m udp with a tcp option", BOTH,
	  "0300 11 01 00000000 05020011 00000100 00000000 00000000",
	  "tcp flags or a tcp option of another protocol" },
	{ "-m udp with a flag of sctp", BOTH,
	  "0300 11 01 00000000 05022011 00000000 00000000 00000000",
	  "a match on udp ports has a flag of tcp or sctp" },
	{ "-m sctp with both", BOTH, "0300 84 01 00000000 05023384 00000000 01000200 03000400",
	  NULL },
	{ "-m sctp without", BOTH, "0300 84 01 00000000 05020084 00000000 00000000 00000000",
	  NULL },
	{ "-m sctp with a flag of tcp", BOTH,
	  "0300 84 01 00000000 05020484 00000000 00000000 00000000",
	  "a match on sctp ports has a flag of tcp" },
	{ "-m sctp, source ports without the flag", BOTH,
	  "0300 84 01 00000000 05022084 00000000 0000ffff 03000400",
	  "a match without source ports has some" },
	{ "-m sctp, negated source without the flag", BOTH,
	  "0300 84 01 00000000 05020184 00000000 00000000 00000000",
	  "a match without source ports has some" },
	{ "-m sctp, destination ports without the flag", BOTH,
	  "0300 84 01 00000000 05021084 00000000 0000ffff 03000000",
	  "a match without destination ports has some" },
	{ "--dport", BOTH, "0200 11 01 00000000 06010111 35003500", NULL },
	{ "DPORT of sctp", BOTH, "0200 84 01 00000000 06010084 35003500", ARG },
	{ "DPORT of icmp", BOTH, "0200 01 01 00000000 06010001 35003500",
	  "a match on a destination port of an unknown protocol" },
	{ "--dport of another protocol", BOTH, "0200 06 01 00000000 06010011 35003500",
	  "a match on a destination port is not of the rule's protocol" },
	{ "DPORT of unknown flag", BOTH, "0200 11 01 00000000 06010211 35003500", FLAG },
	/* icmp */
	{ "--icmp-type echo-request", V4, "0200 01 01 00000000 07010008 00ff0000", NULL },
	{ "! --icmp-type 3/1", V4, "0200 01 01 00000000 07010103 01010000", NULL },
	{ "--icmp-type any", V4, "0200 01 01 00000000 070100ff 00ff0000", NULL },
	{ "any with a code", V4, "0200 01 01 00000000 070100ff 03030000",
	  "any type of icmp has a code" },
	{ "a range of codes", V4, "0200 01 01 00000000 07010003 01020000",
	  "a match on icmp has neither one code nor all" },
	{ "icmp with padding", V4, "0200 01 01 00000000 07010003 01010001",
	  "padding of a match on icmp is not zero" },
	{ "icmp for icmpv6", V4, "0200 3a 01 00000000 07010008 00ff0000",
	  "a match on icmp is not of the rule's protocol" },
	{ "--icmpv6-type 255/3", V6, "0200 3a 01 00000000 070100ff 03030000", NULL },
	{ "icmpv6 for icmp", V6, "0200 01 01 00000000 07010080 00ff0000",
	  "a match on icmp is not of the rule's protocol" },
	/* multiport */
	{ "multiport, one port", BOTH, "0300 06 01 00000000 08020000 00000100 16000000 00000000",
	  NULL },
	{ "multiport, 15 ports", BOTH,
	  "0600 06 01 00000000 08050102 00000f00 0100020003000400 0500060007000800"
	  "090009000a000b00 0c000d000e000000", NULL },
	{ "multiport, 16 ports", BOTH,
	  "0600 06 01 00000000 08050102 00001000 0100020003000400 0500060007000800"
	  "090009000a000b00 0c000d000e000f00", "multiport has no port, or more than 15" },
	{ "multiport, no port", BOTH, "0200 06 01 00000000 08010000 00000000",
	  "multiport has no port, or more than 15" },
	{ "multiport, a range", BOTH, "0300 11 01 00000000 08020000 02000300 0100020003000000",
	  NULL },
	{ "multiport, range without end", BOTH,
	  "0300 11 01 00000000 08020000 04000300 0100020003000000",
	  "ranges of multiport overlap or lack their end" },
	{ "multiport, overlapping ranges", BOTH,
	  "0300 11 01 00000000 08020000 03000300 0100020003000000",
	  "ranges of multiport overlap or lack their end" },
	{ "multiport, range reversed", BOTH,
	  "0300 11 01 00000000 08020000 01000200 0200010000000000",
	  "a range of multiport ends before it starts" },
	{ "multiport, last range reversed", BOTH,
	  "0300 11 01 00000000 08020000 04000400 0200010003000200",
	  "a range of multiport ends before it starts" },
	{ "multiport with padding", BOTH, "0300 06 01 00000000 08020000 00000101 1600000000000000",
	  "padding of multiport is not zero" },
	{ "multiport with a port too many", BOTH,
	  "0300 06 01 00000000 08020000 00000100 1600170000000000",
	  "padding after the ports of multiport is not zero" },
	{ "multiport, too large", BOTH,
	  "0400 06 01 00000000 08030000 00000100 1600000000000000 0000000000000000", SIZE },
	{ "multiport, too small", BOTH, "0200 06 01 00000000 08010000 00000100", SIZE },
	{ "multiport of sctp", BOTH, "0300 84 01 00000000 08020000 00000100 1600000000000000",
	  NULL },
	{ "multiport of dccp", BOTH, "0300 21 01 00000000 08020000 00000100 1600000000000000",
	  NULL },
	{ "multiport of udplite", BOTH, "0300 88 01 00000000 08020000 00000100 1600000000000000",
	  NULL },
	{ "multiport of icmp", BOTH, "0300 01 01 00000000 08020000 00000100 1600000000000000",
	  "multiport needs -p tcp, udp, udplite, sctp or dccp" },
	{ "multiport of ! -p tcp", BOTH,
	  "0300 06 03 00000000 08020000 00000100 1600000000000000",
	  "multiport needs -p tcp, udp, udplite, sctp or dccp" },
	{ "multiport without -p", BOTH, "0300 00 00 00000000 08020000 00000100 1600000000000000",
	  "multiport needs -p tcp, udp, udplite, sctp or dccp" },
	{ "multiport of unknown kind", BOTH,
	  "0300 06 01 00000000 08020003 00000100 1600000000000000", ARG },
	/* the others */
	{ "--ctstate of all", BOTH, "0200 00 00 00000000 09010100 cf010000", NULL },
	{ "--ctstate of nothing", BOTH, "0200 00 00 00000000 09010000 00000000",
	  "a match on no state at all" },
	{ "--ctstate of bit 4", BOTH, "0200 00 00 00000000 09010000 10000000", "unknown state" },
	{ "--ctstate of bit 9", BOTH, "0200 00 00 00000000 09010000 00020000", "unknown state" },
	{ "--state", BOTH, "0200 00 00 00000000 09010200 0f010000", NULL },
	{ "--state SNAT", BOTH, "0200 00 00 00000000 09010200 40000000",
	  "-m state has no SNAT and DNAT" },
	{ "! --mark", BOTH, "0300 00 00 00000000 0a020100 01000000 ff000000 00000000", NULL },
	{ "--mark with padding", BOTH, "0300 00 00 00000000 0a020100 01000000 ff000000 00010000",
	  "padding of a mark is not zero" },
	{ "--mark of connmark", BOTH, "0300 00 00 00000000 0b020000 01000000 ff000000 00000000",
	  NULL },
	{ "connmark with padding", BOTH,
	  "0300 00 00 00000000 0b020000 01000000 ff000000 00000080",
	  "padding of a mark is not zero" },
	{ "--comment", BOTH, "0200 00 00 00000000 0c010000 01000000", NULL },
	{ "empty comment", BOTH, "0200 00 00 00000000 0c010000 00000000", NULL },
	{ "comment inside a string", BOTH, "0200 00 00 00000000 0c010000 02000000",
	  "a comment is not in the strings" },
	{ "comment past the strings", BOTH, "0200 00 00 00000000 0c010000 00000010",
	  "a comment is not in the strings" },
	{ "comment negated", BOTH, "0200 00 00 00000000 0c010100 01000000", FLAG },
	{ "comment of two lines", BOTH, "0200 00 00 00000000 0c010000 06000000",
	  "a comment has more than one line" },
	{ "comment of 255 bytes", BOTH, "0200 00 00 00000000 0c010000 0a000000", NULL },
	{ "comment of 256 bytes", BOTH, "0200 00 00 00000000 0c010000 0a010000",
	  "a comment is too long" },
	{ "! --mac-source", BOTH, "0300 00 00 00000000 0d020100 010203040506 000000000000", NULL },
	{ "mac with padding", BOTH, "0300 00 00 00000000 0d020000 010203040506 000000000001",
	  "padding of a match on mac is not zero" },
	{ "--src-range", V4, "0400 00 00 00000000 0e030a00 00000000 01020304 01020305"
	  "00000000 00000000", NULL },
	{ "--src-range and --dst-range", V4, "0400 00 00 00000000 0e031e00 00000000"
	  "01020304 01020305 01020306 01020301", NULL },
	{ "iprange of nothing", V4, "0400 00 00 00000000 0e030000 00000000 00000000 00000000"
	  "00000000 00000000", "iprange without a range" },
	{ "iprange with padding", V4, "0400 00 00 00000000 0e030200 00000001 01020304 01020305"
	  "00000000 00000000", "padding of iprange is not zero" },
	{ "iprange with another source", V4, "0400 00 00 00000000 0e030400 00000000"
	  "01020304 01020305 01020306 01020309", "iprange without a source has one" },
	{ "iprange with a negated other source", V4, "0400 00 00 00000000 0e030c00 00000000"
	  "00000000 00000000 01020306 01020309", "iprange without a source has one" },
	{ "iprange with another destination", V4, "0400 00 00 00000000 0e030200 00000000"
	  "01020304 01020305 00000000 01020309", "iprange without a destination has one" },
	{ "iprange with F_INV", V4, "0400 00 00 00000000 0e030300 00000000 01020304 01020305"
	  "00000000 00000000", FLAG },
	{ "--dst-range of IPv6", V6, "0a00 00 00 00000000 0e090400 00000000"
	  "00000000000000000000000000000000 00000000000000000000000000000000"
	  "20010db8000000000000000000000001 20010db8000000000000000000000009", NULL },
	{ "IPv6 iprange with another source", V6, "0a00 00 00 00000000 0e090400 00000000"
	  "00000000000000000000000000000000 00000000000000000000000000000001"
	  "20010db8000000000000000000000001 20010db8000000000000000000000009",
	  "iprange without a source has one" },
	{ "IPv6 iprange with another destination", V6, "0a00 00 00 00000000 0e090200 00000000"
	  "20010db8000000000000000000000001 20010db8000000000000000000000009"
	  "00000000000000000000000000000000 00000000000000000000000000000001",
	  "iprange without a destination has one" },
	{ "IPv4 iprange in IPv6", V6, "0400 00 00 00000000 0e030200 00000000 01020304 01020305"
	  "00000000 00000000", SIZE },
	{ "! --pkt-type multicast", BOTH, "0200 00 00 00000000 0f010102 00000000", NULL },
	{ "--pkt-type otherhost", BOTH, "0200 00 00 00000000 0f010003 00000000", ARG },
	{ "pkttype with padding", BOTH, "0200 00 00 00000000 0f010000 01000000",
	  "padding of pkttype is not zero" },
	{ "a match that is not there", BOTH, "0200 00 00 00000000 10010000 00000000",
	  "extensions are not used once each, in their order" },
};

/* INPUT jumps to "to", then comes the rule. */
static void check_rule(const struct rule_row *row, u8 family)
{
	static const char strings[] = "text\0a\nb\0";
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, family, FWLOAD_TABLE_FILTER);
	struct fwload_image_error err = { 0 };
	struct buf out = { 0 };
	struct fwload_image img;
	char fill[256];

	sample_jump(t->chains[0], sample_chain(t, "to"), false);
	chain_string(t->chains[0], "text", 4);
	chain_string(t->chains[0], strings + 5, 3);
	memset(fill, 'x', sizeof(fill));
	EXPECT_INT(chain_string(t->chains[0], fill, 255), 10);
	EXPECT_INT(chain_string(t->chains[0], fill, 256), 266);
	sample_rule(t->chains[0], 1, row->hex);
	EXPECT_STR(emit_image(rs, false, &out), row->reason);
	if (row->reason) {
		fwload_image_check(out.data, out.size, &img, &err);
		EXPECT_INT(err.chain, 0);
		EXPECT_INT(err.rule, 1);
		EXPECT_INT(err.ext, FWLOAD_NO_PLACE);
		EXPECT(err.offset >= le32_to_cpu(img.header->index_size) && err.offset < out.size);
	}
	ruleset_free(rs);
	buf_free(&out);
}

static void check_rules(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].family != V6)
			check_rule(&rules[i], FWLOAD_FAMILY_IPV4);
		if (rules[i].family != V4)
			check_rule(&rules[i], FWLOAD_FAMILY_IPV6);
		ktap_result(rules[i].name);
	}
}

int main(void)
{
	ktap_begin(ARRAY_SIZE(rules));
	check_rules();
	return ktap_end();
}
