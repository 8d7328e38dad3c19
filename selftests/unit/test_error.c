// SPDX-License-Identifier: GPL-2.0
/*
 * Texts that are wrong: what is said of them, with line, column and caret.
 */
#include "ktap.h"
#include "parsed.h"

enum { V4 = FWLOAD_FAMILY_IPV4, V6 = FWLOAD_FAMILY_IPV6 };

/* A text with an error, and what is said of it. */
static const struct {
	const char *name;
	u8 family;
	const char *text;
	const char *said;
} errors[] = {
	{ "text outside of a table", V4,
	  "-A INPUT\n-A INPUT\n*filter\nCOMMIT\n",
	  "rules:1: error: outside of a table: one begins with a line as \"*filter\" and ends with \"COMMIT\"\n"
	  "-A INPUT\n" },
	{ "COMMIT outside of a table", V4,
	  "*filter\nCOMMIT\nCOMMIT\n",
	  "rules:3: error: outside of a table: one begins with a line as \"*filter\" and ends with \"COMMIT\"\n"
	  "COMMIT\n" },
	{ "unknown table", V4,
	  "*filtr\n-A INPUT\nCOMMIT\n",
	  "rules:1:2: error: unknown table \"filtr\", did you mean \"filter\"?\n"
	  "*filtr\n"
	  " ^~~~~\n" },
	{ "no table at all", V4,
	  "*\nCOMMIT\n",
	  "rules:1: error: the name of the table is missing\n"
	  "*\n" },
	{ "no COMMIT at the end", V4,
	  "*filter\n-A INPUT\n",
	  "rules:1: error: the table \"filter\" is not ended by COMMIT\n"
	  "*filter\n" },
	{ "no COMMIT before the next table", V4,
	  "*filter\n*nat\nCOMMIT\n",
	  "rules:2: error: the table \"filter\" of line 1 is not ended by COMMIT\n"
	  "*nat\n" },
	{ "a chain twice", V4,
	  "*filter\n:U -\n:U -\nCOMMIT\n",
	  "rules:3:2: error: the chain \"U\" is there already\n"
	  ":U -\n"
	  " ^\n" },
	{ "a chain with the name of a verdict", V4,
	  "*filter\n:DROP -\nCOMMIT\n",
	  "rules:2:2: error: \"DROP\" is a target, not a chain\n"
	  ":DROP -\n"
	  " ^~~~\n" },
	{ "a new chain with the name of a target", V4,
	  "*filter\n-N LOG\nCOMMIT\n",
	  "rules:2:4: error: \"LOG\" is the name of a target: chain name may not clash with it\n"
	  "-N LOG\n"
	  "   ^~~\n" },
	{ "a new chain that begins with a dash", V4,
	  "*filter\n-N -x\nCOMMIT\n",
	  "rules:2:4: error: chain name not allowed to start with `-'\n"
	  "-N -x\n"
	  "   ^~\n" },
	{ "a chain of 29 bytes", V4,
	  "*filter\n:abcdefghijklmnopqrstuvwxyz012 -\nCOMMIT\n",
	  "rules:2:2: error: Invalid chain name `abcdefghijklmnopqrstuvwxyz012' (28 chars max)\n"
	  ":abcdefghijklmnopqrstuvwxyz012 -\n"
	  " ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n" },
	{ "a chain without a policy", V4,
	  "*filter\n:U\nCOMMIT\n",
	  "rules:2:2: error: the policy of this chain is missing: \"-\" for none\n"
	  ":U\n"
	  " ^\n" },
	{ "a policy on a user chain", V4,
	  "*filter\n:U DROP [0:0]\nCOMMIT\n",
	  "rules:2:4: error: only base chains have a policy, and \"U\" is none of table \"filter\"\n"
	  ":U DROP [0:0]\n"
	  "   ^~~~\n" },
	{ "a policy that is none", V4,
	  "*filter\n:INPUT REJECT\nCOMMIT\n",
	  "rules:2:8: error: \"REJECT\" is no policy: ACCEPT or DROP\n"
	  ":INPUT REJECT\n"
	  "       ^~~~~~\n" },
	{ "policy of -P that is none", V4,
	  "*filter\n-P INPUT RETURN\nCOMMIT\n",
	  "rules:2:10: error: \"RETURN\" is no policy: ACCEPT or DROP\n"
	  "-P INPUT RETURN\n"
	  "         ^~~~~~\n" },
	{ "counters of a policy", V4,
	  "*filter\n:INPUT DROP [1:x]\nCOMMIT\n",
	  "rules:2:13: error: counters are [PACKETS:BYTES]\n"
	  ":INPUT DROP [1:x]\n"
	  "            ^~~~~\n" },
	{ "counters of a rule", V4,
	  "*filter\n[1,2] -A INPUT\nCOMMIT\n",
	  "rules:2:1: error: counters are [PACKETS:BYTES]\n"
	  "[1,2] -A INPUT\n"
	  "^~~~~\n" },
	{ "counters that do not end", V4,
	  "*filter\n[1:2 -A INPUT\nCOMMIT\n",
	  "rules:2:1: error: this [ has no ]\n"
	  "[1:2 -A INPUT\n"
	  "^~~~~~~~~~~~~\n" },
	{ "counters and nothing else", V4,
	  "*filter\n[1:2]\nCOMMIT\n",
	  "rules:2: error: no command after the counters\n"
	  "[1:2]\n" },
	{ "a rule of an unknown chain", V4,
	  "*filter\n:web-in -\n-A web-im -j DROP\nCOMMIT\n",
	  "rules:3:4: error: no chain \"web-im\" in table \"filter\", did you mean \"web-in\"?\n"
	  "-A web-im -j DROP\n"
	  "   ^~~~~~\n" },
	{ "a jump to nowhere", V4,
	  "*filter\n:web-in -\n-A INPUT -j web-im\nCOMMIT\n",
	  "rules:3:13: error: no chain and no target \"web-im\", did you mean \"web-in\"?\n"
	  "-A INPUT -j web-im\n"
	  "            ^~~~~~\n" },
	{ "a jump to a target with a typo", V4,
	  "*filter\n-A INPUT -j ACEPT\nCOMMIT\n",
	  "rules:2:13: error: no chain and no target \"ACEPT\", did you mean \"ACCEPT\"?\n"
	  "-A INPUT -j ACEPT\n"
	  "            ^~~~~\n" },
	{ "a goto to a target", V4,
	  "*filter\n-A INPUT -g ACCEPT\nCOMMIT\n",
	  "rules:2:13: error: no chain \"ACCEPT\"\n"
	  "-A INPUT -g ACCEPT\n"
	  "            ^~~~~~\n" },
	{ "a jump to a base chain", V4,
	  "*filter\n-A INPUT -j OUTPUT\nCOMMIT\n",
	  "rules:2:13: error: \"OUTPUT\" is a base chain: no rule can go to it\n"
	  "-A INPUT -j OUTPUT\n"
	  "            ^~~~~~\n" },
	{ "options of a target that does not exist", V4,
	  "*filter\n-A INPUT -j LOGG --log-prefix x\nCOMMIT\n",
	  "rules:2:13: error: no chain and no target \"LOGG\", did you mean \"LOG\"?\n"
	  "-A INPUT -j LOGG --log-prefix x\n"
	  "            ^~~~\n" },
	{ "a jump without a name", V4,
	  "*filter\n-A INPUT -j \"\"\nCOMMIT\n",
	  "rules:2:13: error: the name of the target is missing\n"
	  "-A INPUT -j \"\"\n"
	  "            ^~\n" },
	{ "two targets", V4,
	  "*filter\n-A INPUT -j DROP -g X\nCOMMIT\n",
	  "rules:2:18: error: \"-g\" is given twice\n"
	  "-A INPUT -j DROP -g X\n"
	  "                 ^~\n" },
	{ "a target of 29 bytes", V4,
	  "*filter\n-A INPUT -j abcdefghijklmnopqrstuvwxyz012\nCOMMIT\n",
	  "rules:2:13: error: the name of a target has at most 28 bytes\n"
	  "-A INPUT -j abcdefghijklmnopqrstuvwxyz012\n"
	  "            ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n" },
	{ "DROP in nat", V4,
	  "*nat\n-A OUTPUT -j DROP\nCOMMIT\n",
	  "rules:2:14: error: the table \"nat\" is not for filtering: no DROP here\n"
	  "-A OUTPUT -j DROP\n"
	  "             ^~~~\n" },
	{ "policy DROP in nat", V4,
	  "*nat\n-P OUTPUT DROP\nCOMMIT\n",
	  "rules:2:11: error: the table \"nat\" is not for filtering: no DROP here\n"
	  "-P OUTPUT DROP\n"
	  "          ^~~~\n" },
	{ "unknown match", V4,
	  "*filter\n-A INPUT -m conntrak --ctstate NEW -j ACCEPT\nCOMMIT\n",
	  "rules:2:13: error: unknown match \"conntrak\", did you mean \"conntrack\"?\n"
	  "-A INPUT -m conntrak --ctstate NEW -j ACCEPT\n"
	  "            ^~~~~~~~\n" },
	{ "a match of the other family", V6,
	  "*filter\n-A INPUT -m icmp --icmp-type 8\nCOMMIT\n",
	  "rules:2:13: error: there is no match \"icmp\" for IPv6\n"
	  "-A INPUT -m icmp --icmp-type 8\n"
	  "            ^~~~\n" },
	{ "a match with a !", V4,
	  "*filter\n-A INPUT ! -m tcp\nCOMMIT\n",
	  "rules:2:12: error: -m cannot have a ! before it\n"
	  "-A INPUT ! -m tcp\n"
	  "           ^~\n" },
	{ "unknown option", V4,
	  "*filter\n-A INPUT -p tcp --dprot 80\nCOMMIT\n",
	  "rules:2:17: error: unknown option \"--dprot\", did you mean \"--dport\"?\n"
	  "-A INPUT -p tcp --dprot 80\n"
	  "                ^~~~~~~\n" },
	{ "unknown short option", V4,
	  "*filter\n-A INPUT -k\nCOMMIT\n",
	  "rules:2:10: error: unknown option \"-k\"\n"
	  "-A INPUT -k\n"
	  "         ^~\n" },
	{ "an option without its protocol", V4,
	  "*filter\n-A INPUT --dport 80\nCOMMIT\n",
	  "rules:2:10: error: option \"--dport\" needs \"-p tcp\" or its like before it\n"
	  "-A INPUT --dport 80\n"
	  "         ^~~~~~~\n" },
	{ "an ambiguous abbreviation", V4,
	  "*filter\n-A INPUT -p tcp --d 80\nCOMMIT\n",
	  "rules:2:17: error: option \"--d\" may be \"--delete\" or \"--delete-chain\"\n"
	  "-A INPUT -p tcp --d 80\n"
	  "                ^~~\n" },
	{ "an option without its argument", V4,
	  "*filter\n-A INPUT -p tcp --dport\nCOMMIT\n",
	  "rules:2:17: error: option \"--dport\" needs an argument\n"
	  "-A INPUT -p tcp --dport\n"
	  "                ^~~~~~~\n" },
	{ "a short option without its argument", V4,
	  "*filter\n-A INPUT -s\nCOMMIT\n",
	  "rules:2:10: error: option \"-s\" needs an argument\n"
	  "-A INPUT -s\n"
	  "         ^~\n" },
	{ "an argument for nothing", V4,
	  "*filter\n-A INPUT -p tcp --syn=1\nCOMMIT\n",
	  "rules:2:17: error: option \"--syn\" takes no argument\n"
	  "-A INPUT -p tcp --syn=1\n"
	  "                ^~~~~~~\n" },
	{ "an option twice", V4,
	  "*filter\n-A INPUT -p tcp --dport 1 --destination-port 2\nCOMMIT\n",
	  "rules:2:27: error: option \"--destination-port\" is given twice\n"
	  "-A INPUT -p tcp --dport 1 --destination-port 2\n"
	  "                          ^~~~~~~~~~~~~~~~~~\n" },
	{ "an option of iptables twice", V4,
	  "*filter\n-A INPUT -s 1.1.1.1 --source 2.2.2.2\nCOMMIT\n",
	  "rules:2:21: error: \"--source\" is given twice\n"
	  "-A INPUT -s 1.1.1.1 --source 2.2.2.2\n"
	  "                    ^~~~~~~~\n" },
	{ "options that exclude each other", V4,
	  "*filter\n-A INPUT -j MARK --set-mark 1 --or-mark 2\nCOMMIT\n",
	  "rules:2:31: error: option \"--or-mark\" cannot stand together with \"--set-mark\"\n"
	  "-A INPUT -j MARK --set-mark 1 --or-mark 2\n"
	  "                              ^~~~~~~~~\n" },
	{ "an option that takes no !", V4,
	  "*filter\n-A INPUT -m comment ! --comment x\nCOMMIT\n",
	  "rules:2:23: error: option \"--comment\" cannot be inverted\n"
	  "-A INPUT -m comment ! --comment x\n"
	  "                      ^~~~~~~~~\n" },
	{ "a target that takes no !", V4,
	  "*filter\n-A INPUT ! -j DROP\nCOMMIT\n",
	  "rules:2:12: error: \"-j\" cannot have a ! before it\n"
	  "-A INPUT ! -j DROP\n"
	  "           ^~\n" },
	{ "two ! in a row", V4,
	  "*filter\n-A INPUT ! ! -s 1.1.1.1\nCOMMIT\n",
	  "rules:2:12: error: two ! after each other\n"
	  "-A INPUT ! ! -s 1.1.1.1\n"
	  "           ^\n" },
	{ "a ! at the end", V4,
	  "*filter\n-A INPUT -j DROP !\nCOMMIT\n",
	  "rules:2:18: error: nothing follows this !\n"
	  "-A INPUT -j DROP !\n"
	  "                 ^\n" },
	{ "a word that is no option", V4,
	  "*filter\n-A INPUT foo\nCOMMIT\n",
	  "rules:2:10: error: \"foo\" is no option\n"
	  "-A INPUT foo\n"
	  "         ^~~\n" },
	{ "a match that needs an option", V4,
	  "*filter\n-A INPUT -p icmp -m icmp -j DROP\nCOMMIT\n",
	  "rules:2:21: error: match \"icmp\" needs --icmp-type\n"
	  "-A INPUT -p icmp -m icmp -j DROP\n"
	  "                    ^~~~\n" },
	{ "a target that needs an option", V4,
	  "*filter\n-A INPUT -j MARK\nCOMMIT\n",
	  "rules:2:13: error: target \"MARK\" needs --set-xmark, --set-mark, --and-mark, --or-mark or --xor-mark\n"
	  "-A INPUT -j MARK\n"
	  "            ^~~~\n" },
	{ "a match without its protocol", V4,
	  "*filter\n-A INPUT -m tcp --dport 5\nCOMMIT\n",
	  "rules:2:13: error: match \"tcp\" needs \"-p tcp\"\n"
	  "-A INPUT -m tcp --dport 5\n"
	  "            ^~~\n" },
	{ "a match with a negated protocol", V4,
	  "*filter\n-A INPUT ! -p tcp --dport 5\nCOMMIT\n",
	  "rules:2:19: error: match \"tcp\" needs \"-p tcp\", without a !\n"
	  "-A INPUT ! -p tcp --dport 5\n"
	  "                  ^~~~~~~\n" },
	{ "multiport without a protocol", V4,
	  "*filter\n-A INPUT -m multiport --dports 5\nCOMMIT\n",
	  "rules:2:23: error: \"--dports\" needs -p with tcp, udp, udplite, sctp or dccp before it\n"
	  "-A INPUT -m multiport --dports 5\n"
	  "                      ^~~~~~~~\n" },
	{ "unknown protocol", V4,
	  "*filter\n-A INPUT -p tpc\nCOMMIT\n",
	  "rules:2:13: error: unknown protocol \"tpc\"\n"
	  "-A INPUT -p tpc\n"
	  "            ^~~\n" },
	{ "not any protocol", V4,
	  "*filter\n-A INPUT ! -p all\nCOMMIT\n",
	  "rules:2:15: error: no packet has no protocol: this never matches\n"
	  "-A INPUT ! -p all\n"
	  "              ^~~\n" },
	{ "unknown port", V4,
	  "*filter\n-A INPUT -p tcp --dport 5:htpt\nCOMMIT\n",
	  "rules:2:27: error: \"htpt\" is no port and no service of tcp\n"
	  "-A INPUT -p tcp --dport 5:htpt\n"
	  "                          ^~~~\n" },
	{ "a port too high", V4,
	  "*filter\n-A INPUT -p udp --sport 65536\nCOMMIT\n",
	  "rules:2:25: error: port \"65536\" is not in 0 to 65535\n"
	  "-A INPUT -p udp --sport 65536\n"
	  "                        ^~~~~\n" },
	{ "an empty range of ports", V4,
	  "*filter\n-A INPUT -p tcp --dport 9:5\nCOMMIT\n",
	  "rules:2:25: error: the range of ports ends before it begins\n"
	  "-A INPUT -p tcp --dport 9:5\n"
	  "                        ^~~\n" },
	{ "sixteen ports", V4,
	  "*filter\n-A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\nCOMMIT\n",
	  "rules:2:75: error: more than 15 ports (a range counts as two)\n"
	  "-A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n"
	  "                                                                          ^~\n" },
	{ "unknown tcp flag", V4,
	  "*filter\n-A INPUT -p tcp --tcp-flags ALL SYN,XYZ\nCOMMIT\n",
	  "rules:2:37: error: \"XYZ\" is no TCP flag: FIN SYN RST PSH ACK URG ALL NONE\n"
	  "-A INPUT -p tcp --tcp-flags ALL SYN,XYZ\n"
	  "                                    ^~~\n" },
	{ "tcp flags without what they shall be", V4,
	  "*filter\n-A INPUT -p tcp --tcp-flags ALL -j DROP\nCOMMIT\n",
	  "rules:2:17: error: option \"--tcp-flags\" needs two arguments\n"
	  "-A INPUT -p tcp --tcp-flags ALL -j DROP\n"
	  "                ^~~~~~~~~~~\n" },
	{ "ambiguous icmp type", V4,
	  "*filter\n-A INPUT -p icmp --icmp-type host\nCOMMIT\n",
	  "rules:2:30: error: \"host\" may be \"host-unreachable\" or \"host-unknown\"\n"
	  "-A INPUT -p icmp --icmp-type host\n"
	  "                             ^~~~\n" },
	{ "unknown icmp type", V4,
	  "*filter\n-A INPUT -p icmp --icmp-type xyz\nCOMMIT\n",
	  "rules:2:30: error: \"xyz\" is no ICMP type\n"
	  "-A INPUT -p icmp --icmp-type xyz\n"
	  "                             ^~~\n" },
	{ "unknown state", V4,
	  "*filter\n-A INPUT -m conntrack --ctstate NEW,SNOT\nCOMMIT\n",
	  "rules:2:37: error: \"SNOT\" is no state of \"-m conntrack\"\n"
	  "-A INPUT -m conntrack --ctstate NEW,SNOT\n"
	  "                                    ^~~~\n" },
	{ "a state that -m state lacks", V4,
	  "*filter\n-A INPUT -m state --state SNAT\nCOMMIT\n",
	  "rules:2:27: error: \"SNAT\" is no state of \"-m state\"\n"
	  "-A INPUT -m state --state SNAT\n"
	  "                          ^~~~\n" },
	{ "a mark of 33 bits", V4,
	  "*filter\n-A INPUT -m mark --mark 0x100000000\nCOMMIT\n",
	  "rules:2:25: error: a mark is VALUE or VALUE/MASK, of 32 bits each\n"
	  "-A INPUT -m mark --mark 0x100000000\n"
	  "                        ^~~~~~~~~~~\n" },
	{ "a wrong MAC address", V4,
	  "*filter\n-A INPUT -m mac --mac-source 00:11:22:33:44\nCOMMIT\n",
	  "rules:2:30: error: a MAC address is XX:XX:XX:XX:XX:XX\n"
	  "-A INPUT -m mac --mac-source 00:11:22:33:44\n"
	  "                             ^~~~~~~~~~~~~~\n" },
	{ "a host by name", V4,
	  "*filter\n-A INPUT -s 1.1.1.1,www.example.org\nCOMMIT\n",
	  "rules:2:21: error: \"www.example.org\" is no address and no known host; --resolve-names asks more than /etc/hosts\n"
	  "-A INPUT -s 1.1.1.1,www.example.org\n"
	  "                    ^~~~~~~~~~~~~~~\n" },
	{ "wrong addresses of interfaces", V4,
	  "*filter\n-A INPUT -s 1.1.1.1,(eth0,2.2.2.2\n-A INPUT ! -d (eth0:1)\n"
	  "-A INPUT -s (lo),(eth+)\n-A INPUT -s (eth0)/24\n-A INPUT -s (a/b)\nCOMMIT\n",
	  "rules:2:21: error: this parenthesis is not closed: (INTERFACE), (INTERFACE:network) or (INTERFACE:0)\n"
	  "-A INPUT -s 1.1.1.1,(eth0,2.2.2.2\n"
	  "                    ^~~~~\n"
	  "rules:3:21: error: after the interface comes nothing, \":network\" or \":0\" for the first address\n"
	  "-A INPUT ! -d (eth0:1)\n"
	  "                    ^\n"
	  "rules:4:19: error: these are the addresses of one interface: no + here\n"
	  "-A INPUT -s (lo),(eth+)\n"
	  "                  ^~~~\n"
	  "rules:5:19: error: nothing can follow the addresses of an interface\n"
	  "-A INPUT -s (eth0)/24\n"
	  "                  ^~~\n"
	  "rules:6:14: error: no interface can have this name\n"
	  "-A INPUT -s (a/b)\n"
	  "             ^~~\n" },
	{ "a wrong mask", V4,
	  "*filter\n-A INPUT -d 1.1.1.1/33\nCOMMIT\n",
	  "rules:2:13: error: \"1.1.1.1/33\" has no valid mask\n"
	  "-A INPUT -d 1.1.1.1/33\n"
	  "            ^~~~~~~~~~\n" },
	{ "IPv6 address in IPv4 rules", V4,
	  "*filter\n-A INPUT -s 2001:db8::/32\nCOMMIT\n",
	  "rules:2:13: error: this is an IPv6 address in IPv4 rules; compile IPv6 rules with -6, or from a file that ends in .v6\n"
	  "-A INPUT -s 2001:db8::/32\n"
	  "            ^~~~~~~~~~~~~\n" },
	{ "IPv4 address in IPv6 rules", V6,
	  "*filter\n-A INPUT -s 192.0.2.0/24\nCOMMIT\n",
	  "rules:2:13: error: this is an IPv4 address in IPv6 rules; compile IPv4 rules with -4, or from a file that ends in .v4\n"
	  "-A INPUT -s 192.0.2.0/24\n"
	  "            ^~~~~~~~~~~~\n" },
	{ "IPv6 range in IPv4 rules", V4,
	  "*filter\n-A INPUT -m iprange --src-range 1.1.1.1-::2\nCOMMIT\n",
	  "rules:2:41: error: this is an IPv6 address in IPv4 rules\n"
	  "-A INPUT -m iprange --src-range 1.1.1.1-::2\n"
	  "                                        ^~~\n" },
	{ "not a list of addresses", V4,
	  "*filter\n-A INPUT ! -s 1.1.1.1,2.2.2.2\nCOMMIT\n",
	  "rules:2:15: error: a ! before a list of addresses\n"
	  "-A INPUT ! -s 1.1.1.1,2.2.2.2\n"
	  "              ^~~~~~~~~~~~~~~\n" },
	{ "a list and not an address", V4,
	  "*filter\n-A INPUT -s 1.1.1.1,2.2.2.2 ! -d 3.3.3.3\nCOMMIT\n",
	  "rules:2:1: error: a ! for one address and a list for the other\n"
	  "-A INPUT -s 1.1.1.1,2.2.2.2 ! -d 3.3.3.3\n"
	  "^~\n" },
	{ "an interface without a name", V4,
	  "*filter\n-A INPUT -i \"\"\nCOMMIT\n",
	  "rules:2:13: error: the name of the interface is missing\n"
	  "-A INPUT -i \"\"\n"
	  "            ^~\n" },
	{ "an interface of 16 bytes", V4,
	  "*filter\n-A INPUT -i abcdefghijklmnop\nCOMMIT\n",
	  "rules:2:13: error: the name of an interface has at most 15 bytes\n"
	  "-A INPUT -i abcdefghijklmnop\n"
	  "            ^~~~~~~~~~~~~~~~\n" },
	{ "an interface with a blank", V4,
	  "*filter\n-A INPUT -i \"a b\"\nCOMMIT\n",
	  "rules:2:13: error: the name of an interface has no blanks and no control characters\n"
	  "-A INPUT -i \"a b\"\n"
	  "            ^~~~~\n" },
	{ "-i with OUTPUT", V4,
	  "*filter\n-A OUTPUT -i eth0 -j DROP\nCOMMIT\n",
	  "rules:2:4: error: Can't use -i with OUTPUT\n"
	  "-A OUTPUT -i eth0 -j DROP\n"
	  "   ^~~~~~\n" },
	{ "-o with INPUT", V4,
	  "*filter\n-A INPUT -o eth0 -j DROP\nCOMMIT\n",
	  "rules:2:4: error: Can't use -o with INPUT\n"
	  "-A INPUT -o eth0 -j DROP\n"
	  "   ^~~~~\n" },
	{ "fragments of IPv6", V6,
	  "*filter\n-A INPUT -f\nCOMMIT\n",
	  "rules:2:10: error: -f is for IPv4; for IPv6 there is -m frag\n"
	  "-A INPUT -f\n"
	  "         ^~\n" },
	{ "-t in a line", V4,
	  "*filter\n-A INPUT -t nat\nCOMMIT\n",
	  "rules:2:10: error: -t has no place in a line of a table: its table is that of the block\n"
	  "-A INPUT -t nat\n"
	  "         ^~\n" },
	{ "-w in a line", V4,
	  "*filter\n-A INPUT -w\nCOMMIT\n",
	  "rules:2:10: error: -w is for the command line only\n"
	  "-A INPUT -w\n"
	  "         ^~\n" },
	{ "no command", V4,
	  "*filter\n-j DROP\nCOMMIT\n",
	  "rules:2:1: error: no command specified, such as -A\n"
	  "-j DROP\n"
	  "^~\n" },
	{ "two commands", V4,
	  "*filter\n-A INPUT -I OUTPUT\nCOMMIT\n",
	  "rules:2:10: error: -I cannot stand together with -A\n"
	  "-A INPUT -I OUTPUT\n"
	  "         ^~\n" },
	{ "a rule that is not there", V4,
	  "*filter\n-D INPUT 1\nCOMMIT\n",
	  "rules:2:4: error: -D of rule 1, but \"INPUT\" has 0 rules so far\n"
	  "-D INPUT 1\n"
	  "   ^~~~~\n" },
	{ "a list in a rule set", V4,
	  "*filter\n-L\nCOMMIT\n",
	  "rules:2:1: error: -L has no place in a rule set\n"
	  "-L\n"
	  "^~\n" },
	{ "a rule's option with -F", V4,
	  "*filter\n-F INPUT -s 1.1.1.1\nCOMMIT\n",
	  "rules:2:1: error: -s does not go with -F\n"
	  "-F INPUT -s 1.1.1.1\n"
	  "^~\n" },
	{ "a list's option with -A", V4,
	  "*filter\n-A INPUT -n\nCOMMIT\n",
	  "rules:2:1: error: -n does not go with -A\n"
	  "-A INPUT -n\n"
	  "^~\n" },
	{ "inserting beyond the end", V4,
	  "*filter\n-I INPUT 2\nCOMMIT\n",
	  "rules:2:4: error: -I at 2, but \"INPUT\" has 0 rules so far\n"
	  "-I INPUT 2\n"
	  "   ^~~~~\n" },
	{ "deleting a base chain", V4,
	  "*filter\n-X INPUT\nCOMMIT\n",
	  "rules:2:4: error: \"INPUT\" is a base chain: it cannot be deleted\n"
	  "-X INPUT\n"
	  "   ^~~~~\n" },
	{ "deleting a chain with rules", V4,
	  "*filter\n:U -\n-A U\n-X U\nCOMMIT\n",
	  "rules:4:4: error: the chain \"U\" still has rules\n"
	  "-X U\n"
	  "   ^\n" },
	{ "deleting a chain in use", V4,
	  "*filter\n:U -\n-A INPUT -j U\n-X U\nCOMMIT\n",
	  "rules:4:4: error: there are rules that go to the chain \"U\"\n"
	  "-X U\n"
	  "   ^\n" },
	{ "deleting what is not there", V4,
	  "*filter\n-X U\nCOMMIT\n",
	  "rules:2:4: error: no chain \"U\" in table \"filter\"\n"
	  "-X U\n"
	  "   ^\n" },
	{ "a quote that does not end", V4,
	  "*filter\n-A INPUT -m comment --comment \"x\nCOMMIT\n",
	  "rules:2:31: error: this quote is not closed\n"
	  "-A INPUT -m comment --comment \"x\n"
	  "                              ^~\n" },
	{ "an extension's own error", V4,
	  "*filter\n-A INPUT -m limit --limit 5/fortnight\nCOMMIT\n",
	  "rules:2:27: error: bad rate \"5/fortnight\"'\n"
	  "-A INPUT -m limit --limit 5/fortnight\n"
	  "                          ^~~~~~~~~~~\n" },
	{ "what an extension lacks", V4,
	  "*filter\n-A INPUT -m ttl -j DROP\nCOMMIT\n",
	  "rules:2:13: error: TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt\n"
	  "-A INPUT -m ttl -j DROP\n"
	  "            ^~~\n" },
	{ "an error of what became an extension", V4,
	  "*filter\n-A INPUT -m conntrack --ctstate NEW --ctdir SIDEWAYS\nCOMMIT\n",
	  "rules:2:45: error: conntrack: Bad value for \"--ctdir\" option: \"SIDEWAYS\"\n"
	  "-A INPUT -m conntrack --ctstate NEW --ctdir SIDEWAYS\n"
	  "                                            ^~~~~~~~\n" },
};

static void too_many_errors(void)
{
	static char text[8192] = "*filter\n";
	struct parsed p;
	const char *s;
	int n = 0;

	for (int i = 0; i < 40; i++)
		strcat(text, "-A INPUT -m nope9\n");
	strcat(text, "COMMIT\n");
	p = parse_string(V4, text);
	EXPECT(!p.ok);
	for (s = p.said; (s = strstr(s, ": error: unknown match")); s++)
		n++;
	EXPECT_INT(n, DIAG_MAX_ERRORS);
	EXPECT(strstr(p.said, "rules: error: too many errors\n"));
	parsed_free(&p);
}

static void all_errors_of_a_file(void)
{
	struct parsed p = parse_string(V4, "*filter\n:A - [x]\n-A B\n-A INPUT -j C\n"
				       "-A INPUT -p tcp --dport x\nCOMMIT\n*foo\n-A INPUT -m y\nCOMMIT\n");

	EXPECT(!p.ok);
	EXPECT(strstr(p.said, "rules:3:4: error: no chain \"B\""));
	EXPECT(strstr(p.said, "rules:4:13: error: no chain and no target \"C\""));
	EXPECT(strstr(p.said, "rules:5:25: error: \"x\" is no port"));
	EXPECT(strstr(p.said, "rules:7:2: error: unknown table \"foo\""));
	/* Nothing is said of the lines of a table that nobody knows. */
	EXPECT(!strstr(p.said, "rules:8"));
	parsed_free(&p);
}

static void a_nul_byte_has_a_place(void)
{
	static const char text[] = "*filter\n-A INP\0UT -j DROP\nCOMMIT\n";
	struct parsed p = parse_bytes(V4, text, sizeof(text) - 1);

	EXPECT(!p.ok && strstr(p.said, "rules:2:7: error: a NUL byte"));
	parsed_free(&p);
}

static void a_line_of_a_megabyte(void)
{
	size_t size = 1 << 20;
	char *text = malloc(size + 64), *end;
	struct parsed p;

	strcpy(text, "*filter\n-A INPUT ");
	end = text + strlen(text);
	memset(end, 'x', size);
	strcpy(end + size, "\nCOMMIT\n");
	p = parse_string(V4, text);
	EXPECT(!p.ok);
	EXPECT(strstr(p.said, "rules:2: error: a line of 1048585 bytes; 10238 is the most\n"));
	EXPECT(strlen(p.said) < 1000);
	parsed_free(&p);
	free(text);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(too_many_errors),
		KTAP_CASE(all_errors_of_a_file),
		KTAP_CASE(a_nul_byte_has_a_place),
		KTAP_CASE(a_line_of_a_megabyte),
	};

	ktap_begin(ARRAY_SIZE(cases) + ARRAY_SIZE(errors));
	ktap_cases(cases, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct parsed p = parse_string(errors[i].family, errors[i].text);

		EXPECT(!p.ok);
		if (!EXPECT(!strcmp(p.said, errors[i].said)))
			printf("# got %s\n", p.said);
		parsed_free(&p);
		ktap_result(errors[i].name);
	}
	return ktap_end();
}
