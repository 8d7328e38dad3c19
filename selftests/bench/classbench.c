// SPDX-License-Identifier: GPL-2.0
/*
 * Access control lists, firewalls and IP chains: rule sets with the properties that
 * ClassBench measured in real ones and describes (D. E. Taylor and J. S. Turner,
 * "ClassBench: A Packet Classification Benchmark", IEEE/ACM Transactions on Networking
 * 15(3), 2007). Its seed files are not used; the shares below follow what it says about
 * the three kinds:
 *
 *   - pairs of prefix lengths come in few combinations: an access list says much about both
 *     sides, a firewall often leaves one side or both open, IP chains are a mixture;
 *   - ports are open, one of the two halves (up to 1023, from 1024 on), a range, or one
 *     port; access lists hardly ever say something about the source port;
 *   - addresses cluster: of the two halves of a network one has more of the rules than the
 *     other, the more so the shorter the prefix.
 *
 * No rule stands twice, and more specific ones come first, so that few are hidden.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum ports { PORTS_ANY, PORTS_HIGH, PORTS_LOW, PORTS_RANGE, PORTS_ONE, N_PORTS };

struct pair {
	u8 src, dst;
	u8 share;
};

/**
 * struct seed - the distributions of a kind; shares are out of 100
 * @name: the kind
 * @pairs: pairs of prefix lengths, up to one without a share
 * @sport: shares of enum ports for tcp and udp
 * @dport: likewise
 * @protocols: shares of tcp, udp, icmp and any
 * @skew: by how much one half of a network is preferred, near the root
 */
struct seed {
	const char *name;
	struct pair pairs[16];
	u8 sport[N_PORTS];
	u8 dport[N_PORTS];
	u8 protocols[4];
	u8 skew;
};

static const struct seed seeds[] = {
	{
		.name = "acl",
		.pairs = {
			{ 32, 32, 24 }, { 24, 32, 20 }, { 0, 32, 12 }, { 16, 32, 8 },
			{ 32, 24, 8 }, { 24, 24, 10 }, { 22, 32, 4 }, { 28, 32, 4 },
			{ 30, 32, 3 }, { 27, 28, 3 }, { 8, 32, 2 }, { 16, 16, 2 },
		},
		.sport = { 98, 1, 0, 0, 1 },
		.dport = { 26, 4, 1, 12, 57 },
		.protocols = { 72, 12, 4, 12 },
		.skew = 40,
	}, {
		.name = "fw",
		.pairs = {
			{ 0, 32, 22 }, { 32, 0, 14 }, { 0, 0, 4 }, { 32, 32, 20 },
			{ 0, 24, 8 }, { 24, 0, 6 }, { 24, 32, 8 }, { 32, 24, 6 },
			{ 16, 0, 3 }, { 0, 16, 3 }, { 24, 24, 4 }, { 8, 32, 2 },
		},
		.sport = { 62, 8, 1, 9, 20 },
		.dport = { 30, 6, 1, 13, 50 },
		.protocols = { 60, 24, 6, 10 },
		.skew = 35,
	}, {
		.name = "ipc",
		.pairs = {
			{ 32, 32, 36 }, { 0, 32, 10 }, { 32, 0, 10 }, { 24, 32, 9 },
			{ 32, 24, 9 }, { 24, 24, 7 }, { 16, 32, 5 }, { 28, 28, 4 },
			{ 30, 30, 3 }, { 26, 32, 3 }, { 16, 16, 2 }, { 0, 24, 2 },
		},
		.sport = { 76, 5, 1, 4, 14 },
		.dport = { 40, 4, 1, 8, 47 },
		.protocols = { 62, 18, 5, 15 },
		.skew = 45,
	},
};

static u32 pick(const u8 *shares, u32 n)
{
	u32 at = rnd(100), i;

	for (i = 0; i < n - 1 && at >= shares[i]; i++)
		at -= shares[i];
	return i;
}

/* Which half of the network @prefix of @len bits is the preferred one: an old hash (FNV). */
static u32 heavy_half(u32 prefix, u32 len, u32 side)
{
	u32 h = 2166136261u ^ side;

	h = (h ^ prefix) * 16777619u;
	h = (h ^ len) * 16777619u;
	return h >> 17 & 1;
}

/* A network of @len bits, bit by bit. */
static u32 network(const struct seed *seed, u8 len, u32 side)
{
	u32 addr = 0;

	for (u32 bit = 0; bit < len; bit++) {
		u32 lean = bit < 24 ? seed->skew * (24 - bit) / 24 : 0;
		u32 half = heavy_half(addr, bit, side);

		if (!rnd_percent(50 + lean))
			half ^= 1;
		addr |= half << (31 - bit);
	}
	return addr;
}

/* Ports that have names are more usual than others. */
static u16 usual_port(void)
{
	static const u16 usual[] = {
		80, 443, 25, 53, 22, 21, 110, 143, 23, 1521, 3306, 8080, 135, 139, 445, 161,
		123, 389, 636, 993, 995, 1433, 1723, 2049, 3128, 3389, 5060, 5432, 5631, 7777,
	};
	const u32 n = sizeof(usual) / sizeof(usual[0]);

	/* the smaller of two: a falling density */
	if (rnd_percent(60)) {
		u32 a = rnd(n), b = rnd(n);

		return usual[a < b ? a : b];
	}
	return 1 + rnd(rnd_percent(50) ? 10000 : 65535);
}

static void ports(const u8 shares[N_PORTS], u16 range[2])
{
	u32 first, last;

	switch (pick(shares, N_PORTS)) {
	case PORTS_ANY:
		first = 0;
		last = 65535;
		break;
	case PORTS_HIGH:
		first = 1024;
		last = 65535;
		break;
	case PORTS_LOW:
		first = 0;
		last = 1023;
		break;
	case PORTS_RANGE:
		first = usual_port();
		last = first + 1 + rnd(1u << (1 + rnd(11)));
		if (last > 65535)
			last = 65535;
		break;
	default:
		first = usual_port();
		last = first;
	}
	range[0] = first;
	range[1] = last;
}

static void make(const struct seed *seed, struct brule *r)
{
	static const u8 protocols[] = { PROTO_TCP, PROTO_UDP, PROTO_ICMP, 0 };
	u8 shares[16];
	u32 i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < 16; i++)
		shares[i] = seed->pairs[i].share;
	i = pick(shares, 12);
	r->src_len = seed->pairs[i].src;
	r->dst_len = seed->pairs[i].dst;
	r->src = network(seed, r->src_len, 1);
	r->dst = network(seed, r->dst_len, 2);
	r->proto = protocols[pick(seed->protocols, 4)];
	r->sport[1] = 65535;
	r->dport[1] = 65535;
	if (r->proto == PROTO_TCP || r->proto == PROTO_UDP) {
		ports(seed->sport, r->sport);
		ports(seed->dport, r->dport);
	}
	r->target = rnd_percent(50) ? BRULE_ACCEPT : BRULE_DROP;
}

static u64 hash(const struct brule *r)
{
	u64 h = ((u64)r->src << 32 | r->dst) * 0x9e3779b97f4a7c15ULL;

	h ^= ((u64)r->sport[0] << 48 | (u64)r->sport[1] << 32 | r->dport[0] << 16 |
	      r->dport[1]) * 0xbf58476d1ce4e5b9ULL;
	h ^= (u64)(r->proto << 16 | r->src_len << 8 | r->dst_len) * 0x94d049bb133111ebULL;
	return h ^ h >> 29;
}

static bool same(const struct brule *a, const struct brule *b)
{
	return a->src == b->src && a->dst == b->dst && a->src_len == b->src_len &&
	       a->dst_len == b->dst_len && a->proto == b->proto &&
	       !memcmp(a->sport, b->sport, sizeof(a->sport)) &&
	       !memcmp(a->dport, b->dport, sizeof(a->dport));
}

static u32 port_bits(const u16 range[2])
{
	u32 width = (u32)range[1] - range[0] + 1, bits = 0;

	while (width > 1) {
		width >>= 1;
		bits++;
	}
	return 16 - bits;
}

static u32 specificity(const struct brule *r)
{
	return r->src_len + r->dst_len + port_bits(r->sport) + port_bits(r->dport) +
	       (r->proto ? 8 : 0);
}

/* The mark, which no rule of these has, holds the place for a stable order. */
static int by_specificity(const void *a, const void *b)
{
	const struct brule *x = a, *y = b;
	int d = (int)specificity(y) - (int)specificity(x);

	return d ? d : (x->mark > y->mark) - (x->mark < y->mark);
}

static bool fill(const struct seed *seed, struct brules *rules)
{
	u32 size = 1024, n = 0;
	u32 *slot;
	u64 i;

	while (size < 2 * rules->n)
		size *= 2;
	slot = need(size, sizeof(*slot));
	while (n < rules->n) {
		struct brule *r = &rules->rule[n];

		make(seed, r);
		for (i = hash(r) & (size - 1); slot[i]; i = (i + 1) & (size - 1))
			if (same(r, &rules->rule[slot[i] - 1]))
				break;
		if (slot[i])
			continue;
		r->mark = n;
		slot[i] = ++n;
	}
	free(slot);
	qsort(rules->rule, n, sizeof(*rules->rule), by_specificity);
	while (n--)
		rules->rule[n].mark = 0;
	return true;
}

bool classbench_rules(const char *kind, struct brules *rules)
{
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		if (!strcmp(seeds[i].name, kind))
			return fill(&seeds[i], rules);
	return false;
}
