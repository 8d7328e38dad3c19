// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets as text, from a seed.
 *
 * Values are drawn from the pools that packets.c draws from, so that matches hit about
 * as often as they miss; most rules do not end the walk, so that those behind them
 * are reached. Some matches stand alone behind a rule that counts all packets: from the
 * two counters follows how often the match hit and how often it failed.
 */
#include <stdarg.h>
#include <string.h>

#include "oracle.h"

const char *const oracle_tables[5] = { "raw", "mangle", "nat", "filter", "security" };

const char *const kind_names[N_KINDS] = {
	"src", "dst", "in", "out", "proto", "frag", "tcp", "tcp-flags", "tcp-option", "udp",
	"sctp", "icmp", "multiport", "ctstate", "state", "mark", "connmark", "comment",
	"mac", "iprange", "pkttype", "negated", "extension",
	"ACCEPT", "DROP", "RETURN", "jump", "goto", "MARK", "CONNMARK", "nat target",
	"extension target",
};

enum { RAW, MANGLE, NAT, FILTER, SECURITY };

/* Hooks in iptables' order, and which tables have them. */
static const char *const hooks[5] = {
	"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"
};

static const u8 table_hooks[5] = { 0x09, 0x1f, 0x1b, 0x0e, 0x0e };

const u16 port_pool[] = { 0, 22, 53, 80, 443, 1000, 1001, 1005, 1010, 8080, 65535 };
const u32 n_port_pool = ARRAY_SIZE(port_pool);

struct gen {
	struct rng *r;
	struct rule_set *rs;
	struct rule_text *rule;
	int family;
	u32 hooks;		/* those that can reach the chain */
	int proto;		/* that of -p, not negated; 0: none */
};

static void add(struct gen *g, const char *fmt, ...)
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
		add(g, " %s%s %s%u/255.0.255.%u", inv, option, net4[tap], host,
		    chance(g->r, 50) ? 255 : 3);
	else if (g->family == 4)
		add(g, " %s%s %s%u/%u", inv, option, net4[tap], host,
		    PICK(g->r, prefixes4));
	else if (chance(g->r, 8))
		add(g, " %s%s %s%x/ffff::ff", inv, option, net6[tap], host);
	else
		add(g, " %s%s %s%x/%u", inv, option, net6[tap], host,
		    PICK(g->r, prefixes6));
}

static void add_iface(struct gen *g, const char *option)
{
	static const char *const names[] = {
		"eth0", "eth1", "ppp0", "eth+", "ppp+", "e+", "eth", "lo", "eth0+", "eth01",
	};

	add(g, " %s%s %s", neg(g), option, PICK(g->r, names));
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
	if (chance(g->r, 50))
		add(g, " %s%s %u", inv, option, a);
	else if (chance(g->r, 15))
		add(g, " %s%s %u:", inv, option, a);
	else if (chance(g->r, 15))
		add(g, " %s%s :%u", inv, option, b);
	else
		add(g, " %s%s %u:%u", inv, option, a, b);
}

static void add_ports(struct gen *g, const char *name)
{
	u32 form = pick(g->r, 4);

	add(g, " -m %s", name);
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
		add(g, " %s--tcp-flags %s", neg(g), PICK(g->r, flags));
		g->rule->kinds |= 1u << K_TCPFLAGS;
	}
	if (chance(g->r, 25)) {
		add(g, " %s--tcp-option %u", neg(g), PICK(g->r, options));
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
		add(g, " -m icmp %s--icmp-type %s", neg(g), PICK(g->r, types4));
	else
		add(g, " -m icmp6 %s--icmpv6-type %s", neg(g), PICK(g->r, types6));
}

static void add_multiport(struct gen *g)
{
	static const char *const options[] = { "--sports", "--dports", "--ports" };
	u32 n = 1 + pick(g->r, chance(g->r, 10) ? 15 : 5), slots = 0;

	add(g, " -m multiport %s%s ", neg(g), PICK(g->r, options));
	while (slots < n) {
		u32 a = port_pool[pick(g->r, n_port_pool)];

		if (slots)
			add(g, ",");
		if (slots + 2 <= n && a < 65000 && chance(g->r, 35)) {
			add(g, "%u:%u", a, a + 1 + pick(g->r, 40));
			slots += 2;
		} else {
			add(g, "%u", a);
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
		add(g, " ! -p %u", proto);
		return;
	}
	add(g, " -p %u", proto);
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
		add(g, " -m conntrack %s--ctstate %s", neg(g),
		    chance(g->r, 25) ? PICK(g->r, ctstates) : PICK(g->r, states));
		break;
	case K_STATE:
		add(g, " -m state %s--state %s", neg(g), PICK(g->r, states));
		break;
	case K_MARK:
		add(g, " -m mark %s--mark 0x%x/0x%x", neg(g), pick(g->r, 4),
		    chance(g->r, 50) ? 3 : 0xff);
		break;
	case K_CONNMARK:
		add(g, " -m connmark %s--mark 0x%x/0x%x", neg(g), pick(g->r, 4), 3);
		break;
	case K_COMMENT:
		add(g, " -m comment --comment \"it's \\\"%u\\\"\"", pick(g->r, 1000));
		break;
	case K_MAC:
		if (g->hooks & 0x18)	/* OUTPUT, POSTROUTING */
			return false;
		add(g, " -m mac %s--mac-source 02:00:00:00:01:%02x", neg(g), pick(g->r, 4));
		break;
	case K_IPRANGE:
		if (g->family == 4)
			snprintf(range, sizeof(range), "%s%u-%s%u", net4[tap], a, net4[tap], b);
		else
			snprintf(range, sizeof(range), "%s%x-%s%x", net6[tap], a, net6[tap], b);
		add(g, " -m iprange %s--%s-range %s", neg(g),
		    chance(g->r, 50) ? "src" : "dst", range);
		break;
	case K_PKTTYPE:
		add(g, " -m pkttype %s--pkt-type %s", neg(g),
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
		add(g, g->family == 4 ? " -m ttl --ttl-lt 64" : " -m hl --hl-lt 64");
	else
		add(g, "%s", PICK(g->r, both));
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
		add(g, " %s-f", neg(g));
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

static void add_matches(struct gen *g)
{
	add_header(g);
	if (chance(g->r, 55)) {
		add_proto(g);
		if (g->proto && chance(g->r, 75))
			add_proto_match(g);
	}
	while (chance(g->r, 30)) {
		enum kind k = PICK(g->r, free_kinds);

		if (!taken(g, k))
			add_match(g, k);
	}
	if (chance(g->r, 10))
		add_extension(g);
}

/* The rule has one match of kind @k and nothing else but what that needs. */
static bool add_single(struct gen *g, enum kind k)
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
		add(g, " %s-f", neg(g));
		break;
	default:
		for (i = 0; i < ARRAY_SIZE(needs); i++) {
			if (needs[i].kind != k)
				continue;
			add(g, " -p %s", g->family == 4 ? needs[i].proto4 : needs[i].proto6);
			g->proto = k == K_SCTP ? 132 : 6;
		}
		if (!add_match(g, k))
			return false;
		break;
	}
	g->rule->kinds |= 1u << k;
	return true;
}

static void add_nat_target(struct gen *g)
{
	u32 tap = pick(g->r, N_TAPS), host = 10 + pick(g->r, N_HOSTS);
	u32 has_ports = 1u << K_TCP | 1u << K_UDP | 1u << K_MULTIPORT;
	bool ports = (g->proto == 6 || g->proto == 17) && !(g->rule->kinds & has_ports);
	char to[64];

	g->rule->kinds |= 1u << K_T_NAT;
	if (g->family == 4)
		snprintf(to, sizeof(to), "%s%u", net4[tap], host);
	else
		snprintf(to, sizeof(to), "%s%x", net6[tap], host);

	if (g->hooks & 0x09) {		/* PREROUTING, OUTPUT */
		/* to one port only what has a source port of its own: see packets.c */
		if (ports)
			add(g, " -m %s --sport 20000:", g->proto == 6 ? "tcp" : "udp");
		switch (pick(g->r, 4)) {
		case 0:
			add(g, ports ? " -j REDIRECT --to-ports 8080" : " -j REDIRECT");
			break;
		case 1:
			if (g->family == 4)
				add(g, " -j NETMAP --to %s0/24", net4[tap]);
			else
				add(g, " -j NETMAP --to %s/64", net6[tap]);
			break;
		default:
			add(g, ports && g->family == 4 ? " -j DNAT --to-destination %s:8080" :
			       " -j DNAT --to-destination %s", to);
			break;
		}
	} else if (g->hooks == 0x10 && chance(g->r, 50)) {
		add(g, " -j MASQUERADE");
	} else {
		add(g, " -j SNAT --to-source %s", to);
	}
}

static void add_ext_target(struct gen *g)
{
	bool mangle = g->rule->table == MANGLE;

	g->rule->kinds |= 1u << K_T_EXT;
	if (g->rule->table == FILTER && chance(g->r, 40) && !(g->hooks & ~0x0eu)) {
		if (g->proto == 6)
			add(g, " -j REJECT --reject-with tcp-reset");
		else
			add(g, " -j REJECT");
	} else if (g->rule->table == RAW && chance(g->r, 50)) {
		add(g, " -j CT --notrack");
	} else if (mangle && chance(g->r, 30)) {
		add(g, g->family == 4 ? " -j TTL --ttl-set 33" : " -j HL --hl-set 33");
	} else if (mangle && chance(g->r, 50)) {
		add(g, " -j TOS --set-tos 0x10/0x3f");
	} else if (mangle) {
		add(g, " -j DSCP --set-dscp 0x0a");
	} else {
		add(g, " -j NFLOG --nflog-group 7");
	}
}

static void add_mark_target(struct gen *g)
{
	static const char *const connmark[] = {
		"--set-xmark 0x%x/0x3", "--save-mark --nfmask 0x%x --ctmask 0xff",
		"--restore-mark --nfmask 0x%x --ctmask 0x3",
	};
	u32 v = pick(g->r, 4);

	if (chance(g->r, 50)) {
		g->rule->kinds |= 1u << K_T_MARK;
		add(g, " -j MARK --set-xmark 0x%x/0x%x", v, chance(g->r, 50) ? 3 : 0xff);
	} else {
		g->rule->kinds |= 1u << K_T_CONNMARK;
		add(g, " -j CONNMARK ");
		add(g, PICK(g->r, connmark), v);
	}
}

/* A user chain of the same table behind chain number @after, or NULL. */
static const char *later_chain(struct gen *g, int after)
{
	u32 i, n = 0, found[8];
	size_t len = strlen(oracle_tables[g->rule->table]);

	for (i = 0; i < g->rs->n_chains; i++)
		if ((int)i > after && !strncmp(g->rs->chains[i],
					       oracle_tables[g->rule->table], len))
			found[n++] = i;
	return n ? strchr(g->rs->chains[found[pick(g->r, n)]], ' ') + 1 : NULL;
}

static void add_target(struct gen *g, int chain_number)
{
	bool nat = g->rule->table == NAT;
	u32 dice = pick(g->r, 100);
	const char *to;

	if (nat && dice < 45) {
		add_nat_target(g);
	} else if (dice < 30) {
		/* counts, and goes on */
	} else if (dice < 50) {
		to = later_chain(g, chain_number);
		if (!to)
			return;
		if (chance(g->r, 25)) {
			g->rule->kinds |= 1u << K_T_GOTO;
			add(g, " -g %s", to);
		} else {
			g->rule->kinds |= 1u << K_T_JUMP;
			add(g, " -j %s", to);
		}
	} else if (dice < 72) {
		add_mark_target(g);
	} else if (dice < 80) {
		if (!nat)
			add_ext_target(g);
	} else if (dice < 86) {
		g->rule->kinds |= 1u << K_T_RETURN;
		add(g, " -j RETURN");
	} else if (dice < 93 || nat) {
		g->rule->kinds |= 1u << K_T_ACCEPT;
		add(g, " -j ACCEPT");
	} else {
		g->rule->kinds |= 1u << K_T_DROP;
		add(g, " -j DROP");
	}
}

static struct rule_text *new_rule(struct gen *g, int table, const char *chain)
{
	g->rule = &g->rs->rules[g->rs->n++];
	memset(g->rule, 0, sizeof(*g->rule));
	g->rule->table = table;
	snprintf(g->rule->chain, sizeof(g->rule->chain), "%s", chain);
	g->proto = 0;
	return g->rule;
}

/* A counting rule, and behind it one with a single match. */
static void make_pair(struct gen *g, int table, const char *chain)
{
	enum kind k = pick(g->r, N_NATIVE_KINDS);
	struct rule_text *all = new_rule(g, table, chain);

	new_rule(g, table, chain);
	if (add_single(g, k))
		all->counts_all = true;
	else
		g->rs->n--;
}

static void make_rule(struct gen *g, int table)
{
	u32 hook, i, tries = 0;
	char chain[40];
	int number = -1;

	do {
		hook = pick(g->r, 5);
	} while (!(table_hooks[table] & 1 << hook));
	snprintf(chain, sizeof(chain), "%s", hooks[hook]);
	g->hooks = 1 << hook;
	for (; g->rs->n_chains && chance(g->r, 35) && tries < 4 && number < 0; tries++) {
		i = pick(g->r, g->rs->n_chains);
		if (strncmp(g->rs->chains[i], oracle_tables[table],
			    strlen(oracle_tables[table])))
			continue;
		snprintf(chain, sizeof(chain), "%s", strchr(g->rs->chains[i], ' ') + 1);
		g->hooks = table_hooks[table];
		number = i;
	}
	if (chance(g->r, 30)) {
		make_pair(g, table, chain);
		return;
	}
	new_rule(g, table, chain);
	add_matches(g);
	/* nat targets are for one kind of hook only */
	if (table == NAT && number >= 0)
		return;
	add_target(g, number);
}

void rules_make(struct rule_set *rs, struct rng *r, int family, u32 n_rules)
{
	struct gen g = { .r = r, .rs = rs, .family = family };
	u32 i, t;

	memset(rs, 0, sizeof(*rs));
	rs->family = family;
	rs->tables[FILTER] = true;
	rs->tables[MANGLE] = chance(r, 50);
	rs->tables[RAW] = chance(r, 35);
	rs->tables[NAT] = chance(r, 45);
	rs->tables[SECURITY] = chance(r, 15);
	for (t = 0; t < 5; t++) {
		if (!rs->tables[t])
			continue;
		for (i = 0; i < 5; i++)
			rs->policies[t][i] = t != NAT && chance(r, 10);
		for (i = 0; (t == FILTER || t == MANGLE) && i < 3; i++)
			snprintf(rs->chains[rs->n_chains++], sizeof(rs->chains[0]),
				 "%s uc%u", oracle_tables[t], i);
	}
	while (rs->n < n_rules && rs->n + 2 <= N_RULES_MAX) {
		t = chance(r, 40) ? FILTER : pick(r, 5);
		if (rs->tables[t])
			make_rule(&g, t);
	}
}

void rules_prune(struct rule_set *rs, const bool *keep)
{
	u32 i, n = 0;

	for (i = 0; i < rs->n; i++) {
		if (!keep[i]) {
			if (n && i && keep[i - 1])
				rs->rules[n - 1].counts_all = false;
			continue;
		}
		rs->rules[n++] = rs->rules[i];
	}
	rs->n = n;
}

void rules_write(const struct rule_set *rs, FILE *f)
{
	u32 i, t, h;

	for (t = 0; t < 5; t++) {
		if (!rs->tables[t])
			continue;
		fprintf(f, "*%s\n", oracle_tables[t]);
		for (h = 0; h < 5; h++)
			if (table_hooks[t] & 1 << h)
				fprintf(f, ":%s %s [0:0]\n", hooks[h],
					rs->policies[t][h] ? "DROP" : "ACCEPT");
		for (i = 0; i < rs->n_chains; i++)
			if (!strncmp(rs->chains[i], oracle_tables[t],
				     strlen(oracle_tables[t])))
				fprintf(f, ":%s - [0:0]\n", strchr(rs->chains[i], ' ') + 1);
		for (i = 0; i < rs->n; i++)
			if (rs->rules[i].table == (int)t)
				fprintf(f, "-A %s%s\n", rs->rules[i].chain, rs->rules[i].text);
		fprintf(f, "COMMIT\n");
	}
}
