// SPDX-License-Identifier: GPL-2.0
/*
 * Rules in text against the records that they become, byte for byte as
 * linux/fwload_image.h lays them out: units of 8 bytes, with a blank or a new line between.
 */
#include "ktap.h"
#include "parsed.h"

enum { V4 = FWLOAD_FAMILY_IPV4, V6 = FWLOAD_FAMILY_IPV6 };

/* A rule of chain C in mangle, which also has a chain T; its records. */
static const struct {
	const char *name;
	u8 family;
	const char *rule;
	const char *records;
} cases[] = {
	{ "nothing at all", V4,
	  "",
	  "0100000000000000" },
	{ "the example of the header", V4,
	  "-s 192.0.2.7/32 -p tcp -m tcp --dport 80 -j DROP",
	  "0300060100000020 01010020c0000207 0601000650005000" },
	{ "a match comes with its protocol's options", V4,
	  "-p tcp --dport 80",
	  "0200060100000000 0601000650005000" },
	{ "a protocol by number does too", V4,
	  "-p 17 --dport 53",
	  "0200110100000000 0601001135003500" },
	{ "-p may come after -m", V4,
	  "-m tcp --dport 80 -p tcp",
	  "0200060100000000 0601000650005000" },
	{ "a match without options", V4,
	  "-p udp -m udp",
	  "0200110100000000 060100110000ffff" },
	{ "a match in one word with its letter", V4,
	  "-ptcp -mtcp --dport=80",
	  "0200060100000000 0601000650005000" },
	{ "the same match twice", V4,
	  "-p tcp -m tcp --dport 1 -m tcp --dport 2",
	  "0300060100000000 0601000601000100 0601000602000200" },
	{ "options go to the last match of the name", V4,
	  "-p tcp -m tcp -m tcp --dport 2",
	  "0300060100000000 060100060000ffff 0601000602000200" },
	{ "an exact name belongs to what came last", V4,
	  "-m mark --mark 1 -m connmark --mark 2",
	  "0500000000000000 0a02000001000000 ffffffff00000000 0b02000002000000\n"
	  "ffffffff00000000" },
	{ "bits beyond the mask go", V4,
	  "-s 10.1.2.3/8",
	  "0200000000000000 010100080a000000" },
	{ "a dotted mask that is a prefix", V4,
	  "-s 10.1.2.3/255.255.0.0",
	  "0200000000000000 010100100a010000" },
	{ "a mask with holes", V4,
	  "-d 10.1.2.3/255.0.255.0",
	  "0300000000000000 020202000a000200 ff00ff0000000000" },
	{ "the addresses of an interface", V4,
	  "-s (eth0) ! -d (lo:network)",
	  "0700000000000000 0103040400000000 6574683000000000 0000000000000000\n"
	  "02030d0201000000 6c6f000000000000 0000000000000000" },
	{ "the first address of an interface", V6,
	  "-d (a23456789012345:0)",
	  "0400000000000000 0203140f00000000 6132333435363738 3930313233343500" },
	{ "any address is no match", V4,
	  "-s 0/0 -d 0.0.0.0/0",
	  "0100000000000000" },
	{ "not any address is kept", V4,
	  "! -s 0/0",
	  "0200000000000000 0101010000000000" },
	{ "short forms of an address", V4,
	  "-s 10 -d 10.1/16",
	  "0300000000000000 010100200a000000 020100100a010000" },
	{ "lists make a rule of each pair", V4,
	  "-s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4 -j T",
	  "0300000000000050 0101002001010101 0201002003030303 0300000000000050\n"
	  "0101002001010101 0201002004040404 0300000000000050 0101002002020202\n"
	  "0201002003030303 0300000000000050 0101002002020202 0201002004040404" },
	{ "IPv6 prefix", V6,
	  "-s 2001:db8::1/32",
	  "0400000000000000 0103002000000000 20010db800000000 0000000000000000" },
	{ "IPv6 mask with holes", V6,
	  "! -d 2001:db8::1/ffff::ffff",
	  "0600000000000000 0205030000000000 2001000000000000 0000000000000001\n"
	  "ffff000000000000 000000000000ffff" },
	{ "IPv6 any", V6,
	  "-s ::/0 ! -d ::/0",
	  "0400000000000000 0203010000000000 0000000000000000 0000000000000000" },
	{ "interfaces", V4,
	  "-i eth0 ! -o ppp+",
	  "0700000000000000 0303000400000000 6574683000000000 0000000000000000\n"
	  "0403030300000000 7070700000000000 0000000000000000" },
	{ "any interface is no match", V4,
	  "-i +",
	  "0100000000000000" },
	{ "not any interface is kept", V4,
	  "! -i +",
	  "0400000000000000 0303030000000000 0000000000000000 0000000000000000" },
	{ "protocol by name, any case", V4,
	  "-p TCP",
	  "0100060100000000" },
	{ "protocol not", V4,
	  "! -p 47",
	  "01002f0300000000" },
	{ "IPv4 -p all is nothing", V4,
	  "-p all",
	  "0100000000000000" },
	{ "IPv6 -p all is kept", V6,
	  "-p all",
	  "0100000100000000" },
	{ "fragments", V4,
	  "-f",
	  "0100000400000000" },
	{ "not fragments", V4,
	  "! -f",
	  "0100000c00000000" },
	{ "long names and abbreviations", V4,
	  "--source=1.2.3.4 --proto udp --out-inter=eth0 --jump ACCEPT",
	  "0500110100000010 0101002001020304 0403000400000000 6574683000000000\n"
	  "0000000000000000" },
	{ "several letters in a word", V4,
	  "-fi lo -jRETURN",
	  "0400000400000030 0303000200000000 6c6f000000000000 0000000000000000" },
	{ "QUEUE", V4,
	  "-j QUEUE",
	  "0100000000000040" },
	{ "jump and the protocol last", V4,
	  "-j T -p icmp",
	  "0100010100000050" },
	{ "goto", V4,
	  "-g T",
	  "0100000000000060" },
	{ "-4 holds in IPv4 rules", V4,
	  "-4 -j ACCEPT",
	  "0100000000000010" },
	{ "a line for the other family", V4,
	  "-6 -j ACCEPT",
	  "" },
	{ "an address of the other family in such a line", V4,
	  "-s ::1,::2 -j ACCEPT -6",
	  "" },
	{ "port range and its ends", V4,
	  "-p tcp --dport :1024 --sport 1024:",
	  "0300060100000000 0502000600000000 0004ffff00000004" },
	{ "services", V4,
	  "-p tcp --dport http --sport ssh:telnet",
	  "0300060100000000 0502000600000000 1600170050005000" },
	{ "octal and hexadecimal ports of tcp", V4,
	  "-p tcp --dport 010 --sport 0x50",
	  "0300060100000000 0502000600000000 5000500008000800" },
	{ "decimal ports of udp", V4,
	  "-p udp --dport 010",
	  "0200110100000000 060100110a000a00" },
	{ "not a port", V4,
	  "-p tcp ! --dport 22",
	  "0200060100000000 0601010616001600" },
	{ "source port", V4,
	  "-p udp --sport 53",
	  "0300110100000000 0502001100000000 350035000000ffff" },
	{ "syn", V4,
	  "-p tcp --syn",
	  "0300060100000000 0502000617020000 0000ffff0000ffff" },
	{ "not syn", V4,
	  "-p tcp ! --syn",
	  "0300060100000000 0502040617020000 0000ffff0000ffff" },
	{ "tcp flags and option", V4,
	  "-p tcp ! --tcp-option 7 --tcp-flags ALL fin,psh,urg --dport 80",
	  "0300060100000000 050208063f290700 0000ffff50005000" },
	{ "tcp flags of nothing", V4,
	  "-p tcp --tcp-flags NONE NONE",
	  "0200060100000000 060100060000ffff" },
	{ "sctp", V4,
	  "-p sctp ! --dport 5:6",
	  "0300840100000000 0502228400000000 0000000005000600" },
	{ "sctp without ports", V4,
	  "-p sctp -m sctp",
	  "0300840100000000 0502008400000000 0000000000000000" },
	{ "multiport", V4,
	  "-p udp -m multiport --dports 53,1024:65535,80",
	  "0300110100000000 0802000102000400 35000004ffff5000" },
	{ "multiport source, not", V4,
	  "-p tcp -m multiport ! --sports http",
	  "0300060100000000 0802010000000100 5000000000000000" },
	{ "multiport either, all fifteen", V4,
	  "-p tcp -m multiport --ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15",
	  "0600060100000000 0805000200200f00 0100020003000400 0500060007000800\n"
	  "09000a000b000c00 0d000e000f000000" },
	{ "icmp by name", V4,
	  "-p icmp --icmp-type echo-request",
	  "0200010100000000 0701000800ff0000" },
	{ "icmp type and code", V4,
	  "-p icmp -m icmp ! --icmp-type 3/4",
	  "0200010100000000 0701010304040000" },
	{ "icmp code by name", V4,
	  "-p icmp --icmp-type port-unreachable",
	  "0200010100000000 0701000303030000" },
	{ "icmp any", V4,
	  "-p icmp --icmp-type any",
	  "0200010100000000 070100ff00ff0000" },
	{ "icmpv6", V6,
	  "-p icmpv6 -m icmpv6 --icmpv6-type neighbour-advert",
	  "02003a0100000000 0701008800ff0000" },
	{ "states", V4,
	  "-m conntrack --ctstate NEW,est,SNAT",
	  "0200000000000000 090100004a000000" },
	{ "not states of -m state", V4,
	  "-m state ! --state INVALID,UNTRACKED",
	  "0200000000000000 0901030001010000" },
	{ "mark with a mask", V4,
	  "-m mark ! --mark 0x10/0xf0",
	  "0300000000000000 0a02010010000000 f000000000000000" },
	{ "connmark", V4,
	  "-m connmark --mark 5",
	  "0300000000000000 0b02000005000000 ffffffff00000000" },
	{ "comment", V4,
	  "-m comment --comment \"two words\"",
	  "0200000000000000 0c01000001000000" },
	{ "mac", V4,
	  "-m mac ! --mac-source 00:1:Ab:cd:EF:55",
	  "0300000000000000 0d0201000001abcd ef55000000000000" },
	{ "iprange source", V4,
	  "-m iprange --src-range 10.0.0.1-10.0.0.9",
	  "0400000000000000 0e03020000000000 0a0000010a000009 0000000000000000" },
	{ "iprange both", V4,
	  "-m iprange ! --src-range 10.0.0.1 --dst-range 1.0.0.0-2.0.0.0",
	  "0400000000000000 0e030e0000000000 0a0000010a000001 0100000002000000" },
	{ "iprange IPv6", V6,
	  "-m iprange --dst-range ::1-::5",
	  "0a00000000000000 0e09040000000000 0000000000000000 0000000000000000\n"
	  "0000000000000000 0000000000000000 0000000000000000 0000000000000001\n"
	  "0000000000000000 0000000000000005" },
	{ "pkttype", V4,
	  "-m pkttype ! --pkt-type mcast",
	  "0200000000000000 0f01010200000000" },
	{ "MARK set", V4,
	  "-j MARK --set-mark 0x1/0x2",
	  "0300001000000080 1102000001000000 0300000000000000" },
	{ "MARK xset", V4,
	  "-j MARK --set-xmark 0x1/0x2",
	  "0300001000000080 1102000001000000 0200000000000000" },
	{ "MARK and", V4,
	  "-j MARK --and-mark 0xf",
	  "0300001000000080 1102000000000000 f0ffffff00000000" },
	{ "MARK or", V4,
	  "-j MARK --or-mark 0xf",
	  "0300001000000080 110200000f000000 0f00000000000000" },
	{ "MARK xor", V4,
	  "-j MARK --xor-mark 0xf",
	  "0300001000000080 110200000f000000 0000000000000000" },
	{ "CONNMARK set", V4,
	  "-j CONNMARK --set-mark 1 --nfmask 5",
	  "0400001000000090 1203000001000000 ffffffffffffffff 0000000000000000" },
	{ "CONNMARK save", V4,
	  "-j CONNMARK --save-mark --nfmask 1 --ctmask 2",
	  "0400001000000090 1203000100000000 0200000001000000 0000000000000000" },
	{ "CONNMARK restore and shift", V4,
	  "-j CONNMARK --restore-mark --mask 0xff --right-shift-mark 8",
	  "0400001000000090 1203000200000000 ff000000ff000000 0108000000000000" },
	{ "an extension", V4,
	  "-m ttl --ttl-eq 64",
	  "0200000000000000 1001000000000000" },
	{ "a target of x_tables", V4,
	  "-j LOG",
	  "0100000000000070" },
	{ "extensions between elements", V4,
	  "-p tcp -m ttl --ttl-eq 1 -m mark --mark 1 -m ttl --ttl-eq 2 -j LOG",
	  "0500060102000070 1001000000000000 0a02000001000000 ffffffff00000000\n"
	  "1001000001000000" },
	{ "conntrack beyond states is an extension", V4,
	  "-m conntrack --ctstate NEW --ctdir ORIGINAL",
	  "0200000000000000 1001000000000000" },
	{ "sctp chunks make an extension", V4,
	  "-p sctp --dport 5 --chunk-types any DATA --sport 7",
	  "0200840100000000 1001000000000000" },
	{ "a range of icmp codes is an extension", V4,
	  "-p icmp --icmp-type 3/1:5",
	  "0200010100000000 1001000000000000" },
	{ "otherhost is an extension", V4,
	  "-m pkttype --pkt-type otherhost",
	  "0200000000000000 1001000000000000" },
	{ "lists with an extension have one each", V4,
	  "-s 1.1.1.1,2.2.2.2 -m ttl --ttl-eq 1",
	  "0300000000000000 0101002001010101 1001000000000000 0300000000000000\n"
	  "0101002002020202 1001000001000000" },
};

/* @text with the lines joined. In static memory. */
static const char *in_one_line(const char *text)
{
	static char line[1024];
	char *lf;

	snprintf(line, sizeof(line), "%s", text);
	while ((lf = strchr(line, '\n')))
		*lf = ' ';
	return line;
}

int main(void)
{
	char text[2048];

	ktap_begin(ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parsed p;
		struct chain *c;

		snprintf(text, sizeof(text), "*mangle\n:C -\n:T -\n-A C %s\nCOMMIT\n",
			 cases[i].rule);
		p = parse_string(cases[i].family, text);
		if (EXPECT(p.ok)) {
			c = table_find(&p.rs->tables[cases[i].family][FWLOAD_TABLE_MANGLE],
				       "C", 1);
			if (!EXPECT(!strcmp(parsed_hex(&c->rules),
					    in_one_line(cases[i].records))))
				printf("# got %s\n", parsed_hex(&c->rules));
		} else {
			printf("# %s", p.said);
		}
		parsed_free(&p);
		ktap_result(cases[i].name);
	}
	return ktap_end();
}
