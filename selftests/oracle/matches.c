// SPDX-License-Identifier: GPL-2.0
/*
 * The matches of a rule: header, protocol, native matches, and some extensions.
 */
#include <stdarg.h>
#include <string.h>

#include "oracle.h"

const u16 port_pool[] = { 0, 22, 53, 80, 443, 1000, 1001, 1005, 1010, 8080, 65535 };
const u32 n_port_pool = ARRAY_SIZE(port_pool);

void rule_add(struct gen *g, const char *fmt, ...)
{
	size_t used = strlen(g->rule->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->rule->text + used, sizeof(g->rule->text) - used, fmt, ap);
	va_end(ap);
}

/* "! " in a quarter of the cases. */
static const char *neg(struct gen *g)
{
	if (!chance(g->r, 25))
		return "";
	g->rule->kinds |= 1u << K_NEGATED;
	return "! ";
}

static void add_address(struct gen *g, const char *option)
{
	static const u8 prefixes4[] = { 0, 8, 24, 24, 28, 31, 32, 32 };
	static const u8 prefixes6[] = { 0, 16, 64, 64, 120, 125, 127, 128 };
	u32 tap = pick(g->r, N_TAPS), host = 10 + pick(g->r, N_HOSTS);
	const char *inv = neg(g);

	if (chance(g->r, 15))
		host = 1;
	if (g->family == 4 && chance(g->r, 8))
		rule_add(g, " %s%s %s%u/255.0.255.%u", inv, option, net4[tap], host,
			 chance(g->r, 50) ? 255 : 3);
	else if (g->family == 4)
		rule_add(g, " %s%s %s%u/%u", inv, option, net4[tap], host,
			 PICK(g->r, prefixes4));
	else if (chance(g->r, 8))
		rule_add(g, " %s%s %s%x/ffff::ff", inv, option, net6[tap], host);
	else
		rule_add(g, " %s%s %s%x/%u", inv, option, net6[tap], host,
			 PICK(g->r, prefixes6));
}

static void add_iface(struct gen *g, const char *option)
{
	static const char *const names[] = {
		"eth0", "eth1", "ppp0", "eth+", "ppp+", "e+", "eth", "lo", "eth0+", "eth01",
	};

	rule_add(g, " %s%s %s", neg(g), option, PICK(g->r, names));
}

static void add_range(struct gen *g, const char *option)
{
	u32 a = port_pool[pick(g->r, n_port_pool)], b = port_pool[pick(g->r, n_port_pool)];
	const char *inv = neg(g);

	if (a > b) {
		u32 t = a;

		a = b;
		b = t;
	}
	/* what excludes every port is lost by iptables-save */
	if (!a && b == 65535)
		b = 1010;
	if (chance(g->r, 50))
		rule_add(g, " %s%s %u", inv, option, a);
	else if (a && chance(g->r, 15))
		rule_add(g, " %s%s %u:", inv, option, a);
	else if (b < 65535 && chance(g->r, 15))
		rule_add(g, " %s%s :%u", inv, option, b);
	else
		rule_add(g, " %s%s %u:%u", inv, option, a, b);
}

static void add_ports(struct gen *g, const char *name)
{
	u32 form = pick(g->r, 4);

	rule_add(g, " -m %s", name);
	if (form == 0 || form == 2)
		add_range(g, "--sport");
	if (form == 1 || form == 2)
		add_range(g, "--dport");
	if (form == 3 && g->proto == 132)
		add_range(g, "--dport");
}

static void add_tcp(struct gen *g)
{
	static const char *const flags[] = {
		"SYN,RST,ACK,FIN SYN", "SYN SYN", "ALL NONE", "FIN,SYN FIN,SYN", "ACK ACK",
		"SYN,ACK SYN,ACK", "RST RST", "FIN,PSH,URG FIN,PSH,URG", "ALL ACK",
	};
	static const u8 options[] = { 2, 4, 8, 3, 254 };

	g->rule->kinds |= 1u << K_TCP;
	add_ports(g, "tcp");
	if (chance(g->r, 40)) {
		rule_add(g, " %s--tcp-flags %s", neg(g), PICK(g->r, flags));
		g->rule->kinds |= 1u << K_TCPFLAGS;
	}
	if (chance(g->r, 25)) {
		rule_add(g, " %s--tcp-option %u", neg(g), PICK(g->r, options));
		g->rule->kinds |= 1u << K_TCPOPT;
	}
}

static void add_icmp(struct gen *g)
{
	static const char *const types4[] = {
		"8", "0", "3", "3/1", "3/3", "11", "any", "8/0", "11/0", "5/1",
	};
	static const char *const types6[] = {
		"128", "129", "1", "1/4", "3", "1/0", "128/0", "2", "4/1",
	};

	if (g->family == 4)
		rule_add(g, " -m icmp %s--icmp-type %s", neg(g), PICK(g->r, types4));
	else
		rule_add(g, " -m icmp6 %s--icmpv6-type %s", neg(g), PICK(g->r, types6));
}

static void add_multiport(struct gen *g)
{
	static const char *const options[] = { "--sports", "--dports", "--ports" };
	u32 n = 1 + pick(g->r, chance(g->r, 10) ? 15 : 5), slots = 0;

	rule_add(g, " -m multiport %s%s ", neg(g), PICK(g->r, options));
	while (slots < n) {
		u32 a = port_pool[pick(g->r, n_port_pool)];

		if (slots)
			rule_add(g, ",");
		if (slots + 2 <= n && a < 65000 && chance(g->r, 35)) {
			rule_add(g, "%u:%u", a, a + 1 + pick(g->r, 40));
			slots += 2;
		} else {
			rule_add(g, "%u", a);
			slots++;
		}
	}
}

static void add_proto(struct gen *g)
{
	static const u8 protos[] = { 6, 6, 6, 17, 17, 17, 1, 1, 132, 132, 136, 33, 47, 50, 253 };
	u8 proto = PICK(g->r, protos);

	if (proto == 1 && g->family == 6)
		proto = 58;
	g->rule->kinds |= 1u << K_PROTO;
	if (chance(g->r, 12)) {
		g->rule->kinds |= 1u << K_NEGATED;
		rule_add(g, " ! -p %u", proto);
		return;
	}
	rule_add(g, " -p %u", proto);
	g->proto = proto;
}

/*
 * An option goes to the first match of the rule that has it: a match cannot stand twice,
 * and --mark is one word for two of them.
 */
static bool taken(const struct gen *g, enum kind k)
{
	u32 marks = 1u << K_MARK | 1u << K_CONNMARK;

	return g->rule->kinds & (k == K_MARK || k == K_CONNMARK ? marks : 1u << k);
}

static bool possible(const struct gen *g, enum kind k)
{
	return g->rs->conntrack || (k != K_CTSTATE && k != K_STATE && k != K_CONNMARK);
}

static bool add_match(struct gen *g, enum kind k)
{
	static const char *const states[] = {
		"NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "NEW,ESTABLISHED",
		"RELATED,ESTABLISHED", "INVALID,UNTRACKED",
	};
	static const char *const ctstates[] = { "SNAT", "DNAT", "NEW,DNAT", "ESTABLISHED,SNAT" };
	u32 tap = pick(g->r, N_TAPS), a = 10 + pick(g->r, 2), b = a + pick(g->r, 3);
	char range[120];

	g->rule->kinds |= 1u << k;
	switch (k) {
	case K_TCP:
	case K_TCPFLAGS:
	case K_TCPOPT:
		add_tcp(g);
		break;
	case K_UDP:
		add_ports(g, "udp");
		break;
	case K_SCTP:
		add_ports(g, "sctp");
		break;
	case K_ICMP:
		add_icmp(g);
		break;
	case K_MULTIPORT:
		add_multiport(g);
		break;
	case K_CTSTATE:
		rule_add(g, " -m conntrack %s--ctstate %s", neg(g),
			 chance(g->r, 25) ? PICK(g->r, ctstates) : PICK(g->r, states));
		break;
	case K_STATE:
		rule_add(g, " -m state %s--state %s", neg(g), PICK(g->r, states));
		break;
	case K_MARK:
		rule_add(g, " -m mark %s--mark 0x%x/0x%x", neg(g), pick(g->r, 4),
			 chance(g->r, 50) ? 3 : 0xff);
		break;
	case K_CONNMARK:
		rule_add(g, " -m connmark %s--mark 0x%x/0x%x", neg(g), pick(g->r, 4), 3);
		break;
	case K_COMMENT:
		rule_add(g, " -m comment --comment \"it's \\\"%u\\\"\"", pick(g->r, 1000));
		break;
	case K_MAC:
		if (g->hooks & 0x18)	/* OUTPUT, POSTROUTING */
			return false;
		rule_add(g, " -m mac %s--mac-source 02:00:00:00:01:%02x", neg(g), pick(g->r, 4));
		break;
	case K_IPRANGE:
		if (g->family == 4)
			snprintf(range, sizeof(range), "%s%u-%s%u", net4[tap], a, net4[tap], b);
		else
			snprintf(range, sizeof(range), "%s%x-%s%x", net6[tap], a, net6[tap], b);
		rule_add(g, " -m iprange %s--%s-range %s", neg(g),
			 chance(g->r, 50) ? "src" : "dst", range);
		break;
	case K_PKTTYPE:
		rule_add(g, " -m pkttype %s--pkt-type %s", neg(g),
			 chance(g->r, 50) ? "unicast" : chance(g->r, 50) ? "broadcast" : "multicast");
		break;
	default:
		break;
	}
	return true;
}

/* Extensions whose verdict depends on nothing but the packets so far. */
static void add_extension(struct gen *g)
{
	/* the last three need conntrack */
	static const char *const both[] = {
		" -m length --length 20:60", " -m length ! --length 40",
		" -m statistic --mode nth --every 3 --packet 1", " -m dscp --dscp 0x0a",
		" -m tos --tos 0x10/0x3f", " -m addrtype --dst-type LOCAL",
		" -m addrtype ! --src-type LOCAL", " -m u32 --u32 \"0&0xF=0\"",
		" -m string --algo bm --string \"abc\"", " -m helper --helper ftp",
		" -m conntrack --ctdir ORIGINAL", " -m connbytes --connbytes 3: "
		"--connbytes-mode packets --connbytes-dir both",
	};

	g->rule->kinds |= 1u << K_EXT;
	if (chance(g->r, 15))
		rule_add(g, g->family == 4 ? " -m ttl --ttl-lt 64" : " -m hl --hl-lt 64");
	else
		rule_add(g, "%s", both[pick(g->r, ARRAY_SIZE(both) - (g->rs->conntrack ? 0 : 3))]);
}

static void add_header(struct gen *g)
{
	if (chance(g->r, 30)) {
		g->rule->kinds |= 1u << K_SRC;
		add_address(g, "-s");
	}
	if (chance(g->r, 30)) {
		g->rule->kinds |= 1u << K_DST;
		add_address(g, "-d");
	}
	if (chance(g->r, 20) && !(g->hooks & 0x18)) {
		g->rule->kinds |= 1u << K_IN;
		add_iface(g, "-i");
	}
	if (chance(g->r, 20) && !(g->hooks & 0x03)) {
		g->rule->kinds |= 1u << K_OUT;
		add_iface(g, "-o");
	}
	if (g->family == 4 && chance(g->r, 6)) {
		g->rule->kinds |= 1u << K_FRAG;
		rule_add(g, " %s-f", neg(g));
	}
}

static void add_proto_match(struct gen *g)
{
	static const u8 multiport[] = { 6, 17, 33, 132, 136 };

	if (memchr(multiport, g->proto, sizeof(multiport)) && chance(g->r, 35)) {
		add_match(g, K_MULTIPORT);
		return;
	}
	switch (g->proto) {
	case 6:
		add_match(g, K_TCP);
		break;
	case 17:
		add_match(g, K_UDP);
		break;
	case 132:
		add_match(g, K_SCTP);
		break;
	case 1:
	case 58:
		add_match(g, K_ICMP);
		break;
	}
}

static const enum kind free_kinds[] = {
	K_CTSTATE, K_STATE, K_MARK, K_CONNMARK, K_COMMENT, K_MAC, K_IPRANGE, K_PKTTYPE,
};

void matches_add(struct gen *g)
{
	add_header(g);
	if (chance(g->r, 55)) {
		add_proto(g);
		if (g->proto && chance(g->r, 75))
			add_proto_match(g);
	}
	while (chance(g->r, 30)) {
		enum kind k = PICK(g->r, free_kinds);

		if (possible(g, k) && !taken(g, k))
			add_match(g, k);
	}
	if (chance(g->r, 10))
		add_extension(g);
}

bool matches_add_single(struct gen *g, enum kind k)
{
	static const struct {
		enum kind kind;
		const char *proto4, *proto6;
	} needs[] = {
		{ K_TCP, "6", "6" }, { K_TCPFLAGS, "6", "6" }, { K_TCPOPT, "6", "6" },
		{ K_UDP, "17", "17" }, { K_SCTP, "132", "132" }, { K_ICMP, "1", "58" },
		{ K_MULTIPORT, "17", "6" },
	};
	u32 i;

	if (!possible(g, k))
		return false;
	switch (k) {
	case K_SRC:
	case K_DST:
		add_address(g, k == K_SRC ? "-s" : "-d");
		break;
	case K_IN:
	case K_OUT:
		if (g->hooks & (k == K_IN ? 0x18 : 0x03))
			return false;
		add_iface(g, k == K_IN ? "-i" : "-o");
		break;
	case K_PROTO:
		add_proto(g);
		break;
	case K_FRAG:
		if (g->family == 6)
			return false;
		rule_add(g, " %s-f", neg(g));
		break;
	default:
		for (i = 0; i < ARRAY_SIZE(needs); i++) {
			if (needs[i].kind != k)
				continue;
			rule_add(g, " -p %s", g->family == 4 ? needs[i].proto4 : needs[i].proto6);
			g->proto = k == K_SCTP ? 132 : 6;
		}
		if (!add_match(g, k))
			return false;
		break;
	}
	g->rule->kinds |= 1u << k;
	return true;
}
