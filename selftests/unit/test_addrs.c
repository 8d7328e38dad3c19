// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of addresses (kmod/addrs.c): against a list that is searched one by one, and in rules:
 * a packet whose addresses are not known is dropped.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/eval.h"
#include "ktap.h"

#define MOST	40

static struct fwload_addrs *set_of(struct fwload_addr_range *ranges, u32 n)
{
	struct fwload_addrs *a = malloc(sizeof(*a) + n * sizeof(a->range[0]));

	memcpy(a->range, ranges, n * sizeof(a->range[0]));
	a->n = fwload_addrs_merge(a->range, n);
	return a;
}

/* Few different bytes, so that networks meet and addresses hit. */
static void random_addr(__be32 addr[4])
{
	static const u8 bytes[] = { 0, 0, 1, 2, 254, 255 };

	for (int i = 0; i < 16; i++)
		((u8 *)addr)[i] = bytes[rand() % 6] * (i < 2 || i > 12 || i == 8 || i == 3);
}

static bool has_bits(const __be32 *a, const __be32 *b, u32 prefix)
{
	for (u32 i = 0; i < prefix; i++)
		if ((((const u8 *)a)[i / 8] ^ ((const u8 *)b)[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static bool agrees(u8 family)
{
	u32 bits = family == FWLOAD_FAMILY_IPV4 ? 32 : 128, prefix[MOST];
	u32 n = (u32)rand() % MOST;
	struct fwload_addr_range ranges[MOST] = {};
	__be32 net[MOST][4], addr[4];
	struct fwload_addrs *a;
	bool ok = true;

	for (u32 i = 0; i < n; i++) {
		random_addr(net[i]);
		prefix[i] = rand() % 3 ? bits : (u32)rand() % (bits + 1);
		if (rand() % 3)
			prefix[i] = prefix[i] > bits - 10 ? prefix[i] : bits - 9;
		ranges[i] = fwload_addrs_network(family, net[i], prefix[i]);
	}
	a = set_of(ranges, n);
	for (u32 i = 1; i < a->n; i++)
		ok &= a->range[i - 1].last.high < a->range[i].first.high ||
		      a->range[i - 1].last.low + 1 < a->range[i].first.low;
	for (int i = 0; i < 200; i++) {
		bool has = false;

		random_addr(addr);
		for (u32 j = 0; j < n; j++)
			has |= has_bits(addr, net[j], prefix[j]);
		ok &= has == fwload_addrs_has(a, family, addr);
	}
	free(a);
	return ok;
}

static void sets_agree_with_lists(void)
{
	bool ok = true;

	srand(7);
	for (int i = 0; i < 4000; i++)
		ok &= agrees(i % 2 ? FWLOAD_FAMILY_IPV6 : FWLOAD_FAMILY_IPV4);
	EXPECT(ok);
}

static struct fwload_addr_range net4(const char *addr, u32 prefix)
{
	__be32 a;

	inet_pton(AF_INET, addr, &a);
	return fwload_addrs_network(FWLOAD_FAMILY_IPV4, &a, prefix);
}

static void neighbours_are_joined(void)
{
	struct fwload_addr_range r[] = {
		net4("10.0.0.128", 25), net4("10.0.0.5", 32), net4("10.0.0.0", 25),
		net4("255.255.255.255", 32), net4("255.255.255.254", 32), net4("10.0.2.0", 24),
	};

	EXPECT_INT(fwload_addrs_merge(r, 6), 3);
	EXPECT(r[0].first.low == 0x0a000000 && r[0].last.low == 0x0a0000ff);
	EXPECT_INT(r[1].first.low, 0x0a000200);
	EXPECT(r[2].first.low == 0xfffffffe && r[2].last.low == 0xffffffff);
}

static void everything_is_one_range(void)
{
	static const __be32 zero[4];
	struct fwload_addr_range r[2] = {
		fwload_addrs_network(FWLOAD_FAMILY_IPV6, zero, 0),
		fwload_addrs_network(FWLOAD_FAMILY_IPV6, zero, 128),
	};

	EXPECT_INT(fwload_addrs_merge(r, 2), 1);
	EXPECT(!r[0].first.high && !r[0].first.low && !~r[0].last.high && !~r[0].last.low);
}

/* Rules ------------------------------------------------------------------------ */

bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	(void)code;
	(void)ext;
	(void)pkt;
	abort();
}

/* Does -d (eth0), whose set is @addrs, match 10.0.0.1? */
static bool matches(struct fwload_addrs *addrs, u8 flags, bool *hotdrop)
{
	struct {
		struct fwload_img_rule head;
		struct fwload_img_el_dyn el;
	} rule = {
		.head.size = cpu_to_le16(4),
		.el.el = { FWLOAD_IMG_EL_DST, 3, FWLOAD_IMG_F_DYN | flags, 4 },
		.el.name = "eth0",
	};
	struct fwload_dyn dyn = { .addrs = addrs };
	struct fwload_dyns *dyns = malloc(sizeof(*dyns) + sizeof(dyns->dyn[0]));
	struct fwload_code code = { .dyns = dyns };
	struct fwload_pkt pkt = { .daddr = { cpu_to_be32(0x0a000001) } };
	bool hit;

	dyns->n = 1;
	dyns->dyn[0] = &dyn;
	hit = fwload_match_rule(&code, &rule.head, &pkt);
	*hotdrop = pkt.hotdrop;
	free(dyns);
	return hit;
}

static bool judged(struct fwload_addrs *addrs, u8 flags, bool match, bool drop)
{
	bool hotdrop, hit = matches(addrs, flags, &hotdrop);

	return hit == match && hotdrop == drop;
}

static void rules_ask_the_set(void)
{
	struct fwload_addr_range has = net4("10.0.0.1", 32), other = net4("10.0.0.2", 32);
	struct fwload_addrs *a = set_of(&has, 1), *b = set_of(&other, 1);

	EXPECT(judged(a, 0, true, false));
	EXPECT(judged(a, FWLOAD_IMG_F_INV, false, false));
	EXPECT(judged(b, 0, false, false));
	EXPECT(judged(b, FWLOAD_IMG_F_INV, true, false));
	free(a);
	free(b);
}

static void without_an_address_only_negated_ones_match(void)
{
	struct fwload_addrs none = { .n = 0 };

	EXPECT(judged(&none, 0, false, false));
	EXPECT(judged(&none, FWLOAD_IMG_F_INV, true, false));
}

static void what_is_not_known_drops_the_packet(void)
{
	EXPECT(judged(NULL, 0, false, true));
	EXPECT(judged(NULL, FWLOAD_IMG_F_INV, false, true));
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(sets_agree_with_lists),
		KTAP_CASE(neighbours_are_joined),
		KTAP_CASE(everything_is_one_range),
		KTAP_CASE(rules_ask_the_set),
		KTAP_CASE(without_an_address_only_negated_ones_match),
		KTAP_CASE(what_is_not_known_drops_the_packet),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
