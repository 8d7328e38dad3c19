// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: test_match [PAIRS [SEED]]
 *
 * match.c against the model of model.c, over random rules and packets: verdict and
 * hotdrop of each pair must agree. Each match gets rounds of its own, in which it must
 * be seen to match, to fail and, where it can, to drop; then come rules with several, and
 * the first rule of a list that matches, where rules of one form often stand together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/eval.h"
#include "ktap.h"
#include "model_key.h"
#include "random_match.h"

bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	(void)code;
	(void)ext;
	(void)pkt;
	abort();		/* no rule here has one */
}

struct tally {
	unsigned long matched, failed, dropped;
};

static void dump(const struct model_rule *r, const struct model_packet *p, const u8 *image,
		 unsigned int size)
{
	unsigned int i;

	printf("# IPv%d rule:", r->ipv6 ? 6 : 4);
	for (i = 0; i < size; i++)
		printf(" %02x", image[i]);
	printf("\n# packet, %u bytes, in %s out %s:", p->len, p->in, p->out);
	for (i = 0; i < p->len; i++)
		printf(" %02x", p->data[i]);
	printf("\n");
}

/* One rule, one packet. Returns whether both say the same. */
static bool agree(int kind, struct tally *tally)
{
	static u8 image[RANDOM_MAX_RULE] __aligned(8);
	bool want, got, hotdrop = false;
	struct model_packet p;
	struct fwload_pkt pkt;
	struct model_rule r;
	unsigned int size;
	struct model_where w;

	random_packet(&p);
	random_rule(&r, p.ipv6, kind);
	/* most pairs shall get past -p */
	model_locate(&p, &w);
	while (kind >= 0 && r.has_proto && w.proto != r.proto && random_below(8)) {
		random_packet(&p);
		random_rule(&r, p.ipv6, kind);
		model_locate(&p, &w);
	}
	memset(image, 0, sizeof(image));
	size = random_encode(&r, image);
	model_key(&pkt, &p);

	want = model_rule_matches(&r, &p, &hotdrop);
	got = fwload_match_rule(NULL, (void *)image, &pkt);
	tally->matched += want;
	tally->failed += !want;
	tally->dropped += hotdrop;
	if (want == got && hotdrop == pkt.hotdrop)
		return true;
	printf("# the model says %d, drop %d; match.c says %d, drop %d\n", want, hotdrop, got,
	       pkt.hotdrop);
	dump(&r, &p, image, size);
	return false;
}

static void run(int kind, bool drops, unsigned long pairs)
{
	struct tally tally = { 0 };
	unsigned int wrong = 0;
	unsigned long i;

	for (i = 0; i < pairs && wrong < 5; i++)
		wrong += !agree(kind, &tally);
	printf("# %lu pairs: %lu match, %lu do not, of these %lu are dropped\n", i,
	       tally.matched, tally.failed, tally.dropped);
	EXPECT_INT(wrong, 0);
	EXPECT(tally.matched);
	EXPECT(tally.failed);
	EXPECT(tally.dropped || !drops);
}

#define LIST	12

/* The same of a list of rules, from a random place on: the first that matches. */
static bool lists_agree(struct tally *tally)
{
	static u8 image[LIST * RANDOM_MAX_RULE] __aligned(8);
	u32 offset[LIST + 1] = { 0 }, n = random_below(LIST + 1), i, from, want;
	struct fwload_code code = { .rules = image };
	struct fwload_place start, at;
	struct model_rule rules[LIST];
	bool hotdrop = false;
	struct model_packet p;
	struct fwload_pkt pkt;

	random_packet(&p);
	memset(image, 0, sizeof(image));
	for (i = 0; i < n; i++) {
		if (i && random_below(3)) {
			rules[i] = rules[i - 1];
			random_sibling(&rules[i]);
		} else {
			random_rule(&rules[i], p.ipv6, -1);
		}
		offset[i + 1] = offset[i] + random_encode(&rules[i], image + offset[i]);
	}
	code.rules_size = offset[n];
	from = random_below(n + 1);
	for (want = from; want < n; want++)
		if (model_rule_matches(&rules[want], &p, &hotdrop) || hotdrop)
			break;

	model_key(&pkt, &p);
	start.rule = (const void *)(image + offset[from]);
	start.index = from;
	at = fwload_match_first(&code, start, &pkt, NULL);
	tally->matched += want < n && !hotdrop;
	tally->failed += want == n;
	tally->dropped += hotdrop;
	if (want == n || hotdrop)
		return !at.rule && pkt.hotdrop == hotdrop;
	return (const u8 *)at.rule == image + offset[want] && at.index == want &&
	       !pkt.hotdrop;
}

static void run_lists(unsigned long n)
{
	struct tally tally = { 0 };
	unsigned int wrong = 0;
	unsigned long i;

	for (i = 0; i < n; i++)
		wrong += !lists_agree(&tally);
	printf("# %lu lists: in %lu a rule matches, in %lu none, in %lu one drops\n", i,
	       tally.matched, tally.failed, tally.dropped);
	EXPECT_INT(wrong, 0);
	EXPECT(tally.matched && tally.failed && tally.dropped);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool drops;
	} kinds[MODEL_KINDS] = {
		[MODEL_TCP] = { "tcp", true },
		[MODEL_UDP] = { "udp", true },
		[MODEL_SCTP] = { "sctp", true },
		[MODEL_ICMP] = { "icmp and icmp6", true },
		[MODEL_MULTIPORT] = { "multiport", true },
		[MODEL_CTSTATE] = { "conntrack state" },
		[MODEL_MARK] = { "mark" },
		[MODEL_CONNMARK] = { "connmark" },
		/* fails by the addresses of its rule alone */
		[MODEL_COMMENT] = { "comment" },
		[MODEL_MAC] = { "mac" },
		[MODEL_IPRANGE] = { "iprange" },
		[MODEL_PKTTYPE] = { "pkttype" },
	};
	unsigned long pairs = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	int kind;

	ktap_begin(MODEL_KINDS + 2);
	printf("# seed %llu\n", (unsigned long long)seed);
	random_seed(seed);
	for (kind = 0; kind < MODEL_KINDS; kind++) {
		run(kind, kinds[kind].drops, pairs);
		ktap_result(kinds[kind].name);
	}
	run(-1, true, 5 * pairs);
	ktap_result("rules with several matches");
	run_lists(pairs);
	ktap_result("the first rule of a list");
	return ktap_end();
}
