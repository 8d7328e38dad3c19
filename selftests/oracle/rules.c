// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets as text, from a seed.
 *
 * Values are drawn from the pools that packets.c draws from, so that matches hit about
 * as often as they miss; most rules do not end the walk, so that those behind them
 * are reached. Some matches stand alone behind a rule that counts all packets: from the
 * two counters follows how often the match hit and how often it failed.
 */
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
			rule_add(g, " -m %s --sport 20000:", g->proto == 6 ? "tcp" : "udp");
		switch (pick(g->r, 4)) {
		case 0:
			rule_add(g, ports ? " -j REDIRECT --to-ports 8080" : " -j REDIRECT");
			break;
		case 1:
			if (g->family == 4)
				rule_add(g, " -j NETMAP --to %s0/24", net4[tap]);
			else
				rule_add(g, " -j NETMAP --to %s/64", net6[tap]);
			break;
		default:
			rule_add(g, ports && g->family == 4 ? " -j DNAT --to-destination %s:8080" :
				 " -j DNAT --to-destination %s", to);
			break;
		}
	} else if (g->hooks == 0x10 && chance(g->r, 50)) {
		rule_add(g, " -j MASQUERADE");
	} else {
		rule_add(g, " -j SNAT --to-source %s", to);
	}
}

static void add_ext_target(struct gen *g)
{
	bool mangle = g->rule->table == MANGLE;

	g->rule->kinds |= 1u << K_T_EXT;
	if (g->rule->table == FILTER && chance(g->r, 40) && !(g->hooks & ~0x0eu)) {
		if (g->proto == 6)
			rule_add(g, " -j REJECT --reject-with tcp-reset");
		else
			rule_add(g, " -j REJECT");
	} else if (g->rule->table == RAW && g->rs->conntrack && chance(g->r, 50)) {
		rule_add(g, " -j CT --notrack");
	} else if (mangle && chance(g->r, 30)) {
		rule_add(g, g->family == 4 ? " -j TTL --ttl-set 33" : " -j HL --hl-set 33");
	} else if (mangle && chance(g->r, 50)) {
		rule_add(g, " -j TOS --set-tos 0x10/0x3f");
	} else if (mangle) {
		rule_add(g, " -j DSCP --set-dscp 0x0a");
	} else {
		rule_add(g, " -j NFLOG --nflog-group 7");
	}
}

static void add_mark_target(struct gen *g)
{
	static const char *const connmark[] = {
		"--set-xmark 0x%x/0x3", "--save-mark --nfmask 0x%x --ctmask 0xff",
		"--restore-mark --nfmask 0x%x --ctmask 0x3",
	};
	/* matches and routes look at the low bits; what is above them must not matter there */
	static const u32 high[] = { 0, 0, 0x10, 0x80, 0x100, 0x80000000 };
	static const u32 masks[] = { 3, 0xff, 0xffffffff };
	u32 v = pick(g->r, 4) | PICK(g->r, high);

	if (!g->rs->conntrack || chance(g->r, 50)) {
		g->rule->kinds |= 1u << K_T_MARK;
		rule_add(g, " -j MARK --set-xmark 0x%x/0x%x", v, PICK(g->r, masks));
	} else {
		g->rule->kinds |= 1u << K_T_CONNMARK;
		rule_add(g, " -j CONNMARK ");
		rule_add(g, PICK(g->r, connmark), v);
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
			rule_add(g, " -g %s", to);
		} else {
			g->rule->kinds |= 1u << K_T_JUMP;
			rule_add(g, " -j %s", to);
		}
	} else if (dice < 72) {
		add_mark_target(g);
	} else if (dice < 80) {
		if (!nat)
			add_ext_target(g);
	} else if (dice < 86) {
		g->rule->kinds |= 1u << K_T_RETURN;
		rule_add(g, " -j RETURN");
	} else if (dice < 93 || nat) {
		g->rule->kinds |= 1u << K_T_ACCEPT;
		rule_add(g, " -j ACCEPT");
	} else {
		g->rule->kinds |= 1u << K_T_DROP;
		rule_add(g, " -j DROP");
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
	if (matches_add_single(g, k))
		all->counts_all = true;
	else
		g->rs->n--;
}

/* What changes the way of packets of the router's own: see add_mark_route(). */
static void make_reroute(struct gen *g)
{
	new_rule(g, MANGLE, "OUTPUT");
	g->hooks = 0x08;
	if (chance(g->r, 70))
		matches_add(g);
	g->rule->kinds |= 1u << K_T_MARK;
	rule_add(g, " -j MARK --set-xmark 0x1/0x3");
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
	matches_add(g);
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
	rs->conntrack = chance(r, 75);
	rs->tables[NAT] = rs->conntrack && chance(r, 60);
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
	if (rs->tables[MANGLE] && chance(r, 50))
		make_reroute(&g);
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
