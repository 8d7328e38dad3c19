// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: test_classify [CHAINS [SEED]]
 *
 * The index and the screen against the linear walk: for random chains and packets, whole and
 * damaged ones, the rules that match, one after another to the end of the chain, and what their
 * extensions get to see must be the same. Half of the long chains have the plan that fwimg makes
 * for them, the others one that was made up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/screen.h"
#include "../../kmod/eval.h"
#include "../../user/plan.h"
#include "ktap.h"
#include "model_key.h"
#include "random_match.h"

#define MAX_RULES	400
#define PACKETS		60
#define MAX_SEEN	(2 * MAX_RULES + 1)

/* What happens to a packet: matches, and calls of extensions with the top bit set. */
struct seen {
	u32 n;
	u32 what[MAX_SEEN];
};

static struct seen *seen;

static void see(u32 what)
{
	if (seen->n < MAX_SEEN)
		seen->what[seen->n++] = what;
}

/* A function of rule and packet, so that both walks meet the same. */
bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	(void)code;
	see(1U << 31 | ext);
	if ((ext ^ pkt->mark) % 16 == 7)
		pkt->hotdrop = true;
	return (ext + pkt->mark) % 4 != 3;
}

static void *take_memory(struct fwload_index_memory *memory, size_t size)
{
	(void)memory;
	return calloc(1, size);
}

static void give_memory(struct fwload_index_memory *memory, void *p, size_t size)
{
	(void)memory;
	(void)size;
	free(p);
}

/* Put an extension into the rule of @size bytes at @at, behind the header or at the end. */
static u32 add_ext(u8 *at, u32 size, u32 number)
{
	struct fwload_img_rule *rule = (void *)at;
	struct fwload_img_el_ext ext = {
		.el = { .type = FWLOAD_IMG_EL_EXT, .len = 1 }, .ext = htole32(number),
	};
	u32 place = sizeof(*rule);

	while (place < size && at[place] <= FWLOAD_IMG_EL_OUT)
		place += at[place + 1] * FWLOAD_IMG_ALIGN;
	if (random_below(2))
		place = size;
	memmove(at + place + sizeof(ext), at + place, size - place);
	memcpy(at + place, &ext, sizeof(ext));
	rule->size = htole16((size + sizeof(ext)) / FWLOAD_IMG_ALIGN);
	return size + sizeof(ext);
}

/* Of @n rules, with matches on ports in most of them if @ports. */
static void random_chain(struct chain *c, bool ipv6, u32 n, bool ports)
{
	static u8 image[RANDOM_MAX_RULE + 8] __aligned(8);
	struct model_rule r;
	u32 i, size;

	c->rules.size = 0;
	for (i = 0; i < n; i++) {
		if (i && random_below(3))
			random_sibling(&r);
		else
			random_rule(&r, ipv6, ports && random_below(8) ?
				    (int)random_below(MODEL_UDP + 1) :
				    random_below(3) ? (int)random_below(MODEL_KINDS) : -1);
		memset(image, 0, sizeof(image));
		size = random_encode(&r, image);
		if (!random_below(8))
			size = add_ext(image, size, i);
		buf_add(&c->rules, image, size);
	}
	c->n_rules = n;
}

static void random_plan(struct chain *c, bool ipv6)
{
	static const u8 choices[] = { 0, 0, 1, 8, 16, 24, 31, 32, 32, 64, 120, 128 };
	struct fwload_img_plan plan = { .n_masks = random_below(FWLOAD_MAX_MASKS + 1) };
	u32 i;

	plan.src_window = random_below(ipv6 ? 53 : 21);
	plan.dst_window = ipv6 ? 64 + random_below(53) : random_below(21);
	plan.sport_window = random_below(5);
	plan.dport_window = random_below(5);
	c->plan.size = 0;
	buf_add(&c->plan, &plan, sizeof(plan));
	for (i = 0; i < plan.n_masks; i++) {
		struct fwload_img_mask mask = {
			.src = choices[random_below(ipv6 ? 12 : 9)],
			.dst = choices[random_below(ipv6 ? 12 : 9)],
			.sport = random_below(4) ? 0 : random_below(17),
			.dport = random_below(4) ? 0 : random_below(17),
			.fields = random_below(3) ? 0 : random_below(8),
		};

		buf_add(&c->plan, &mask, sizeof(mask));
	}
	for (i = 0; i < c->n_rules; i++) {
		u8 number = random_below(plan.n_masks + 1);

		if (number == plan.n_masks)
			number = FWLOAD_IMG_NO_MASK;
		buf_add(&c->plan, &number, 1);
	}
}

/* Every rule that matches, and where it ends. */
static void walk(const struct fwload_code *code, struct fwload_pkt *pkt, struct seen *to)
{
	struct fwload_place at = { .rule = (const void *)code->rules };
	struct fwload_cursor cursor = { .code = NULL };
	const struct fwload_img_rule *rule;

	seen = to;
	seen->n = 0;
	for (;;) {
		at = fwload_match_first(code, at, pkt, &cursor);
		rule = at.rule;
		if (!rule)
			break;
		see(at.index);
		if (pkt->hotdrop)
			break;
		at.rule = (const void *)((const u8 *)rule + le16toh(rule->size) * 8);
		at.index++;
		/* as a jump and a return do */
		if (at.index % 5 == 0)
			cursor.code = NULL;
		/* as an extension that changes nothing does */
		if (at.index % 7 == 0)
			fwload_classify_recheck(&cursor, pkt);
	}
	see(pkt->hotdrop ? 1U << 30 : 1U << 29);
}

static struct {
	unsigned long pairs, matches, drops, planned, masks, screened;
} tally;

static struct fwload_counter counters[MAX_RULES + 1];

static bool one_packet(const struct fwload_code *quick, bool ipv6)
{
	struct fwload_code linear = *quick;
	struct seen want, got;
	struct model_packet p;
	struct fwload_pkt a, b;

	do
		random_packet(&p);
	while (p.ipv6 != ipv6);
	linear.index = NULL;
	linear.is_screened = false;
	linear.percpu = counters;
	model_key(&a, &p);
	b = a;
	walk(&linear, &a, &want);
	walk(quick, &b, &got);
	tally.pairs++;
	tally.matches += want.n > 1;
	tally.drops += a.hotdrop;
	return want.n == got.n && !memcmp(want.what, got.what, want.n * sizeof(want.what[0]));
}

static bool all_packets(const struct fwload_code *quick, bool ipv6)
{
	u32 i;

	for (i = 0; i < PACKETS; i++)
		if (!one_packet(quick, ipv6))
			return false;
	return true;
}

static struct fwload_index_memory memory = { .alloc = take_memory, .free = give_memory };

static bool indexed(const struct fwload_body *b, struct fwload_code *code, u8 family)
{
	u64 random[2][FWLOAD_KEY_WORDS];
	struct fwload_index *index;
	bool ok;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(random[0]); i++) {
		random[0][i] = (u64)random_below(1U << 31) << 33 | random_below(1U << 31);
		random[1][i] = (u64)random_below(1U << 31) << 33 | random_below(1U << 31);
	}
	EXPECT_INT(fwload_index_build(b, family, random, &memory, &index), 0);
	tally.planned++;
	tally.masks += b->plan->n_masks;
	code->index = index;
	ok = all_packets(code, family == FWLOAD_FAMILY_IPV6);
	free(index);
	return ok;
}

static bool screened(const struct fwload_body *b, struct fwload_code *code, u8 family)
{
	struct fwload_screen *screen;
	bool ok = true;

	EXPECT_INT(fwload_screen_build(b, family, &memory, &screen), 0);
	if (!screen)
		return true;
	tally.screened++;
	code->screen = screen;
	code->is_screened = true;
	ok = all_packets(code, family == FWLOAD_FAMILY_IPV6);
	free(screen);
	return ok;
}

static bool one_chain(void)
{
	bool ipv6 = random_below(2), is_long = random_below(2), ok = true;
	u8 family = ipv6 ? FWLOAD_FAMILY_IPV6 : FWLOAD_FAMILY_IPV4;
	struct chain c = { .hook = FWLOAD_IMG_NO_HOOK };
	struct fwload_code code;
	struct fwload_body b;

	random_chain(&c, ipv6, is_long ? 48 + random_below(MAX_RULES - 48) : random_below(48),
		     !is_long && random_below(4));
	if (is_long && random_below(2))
		random_plan(&c, ipv6);
	else
		plan_chain(&c, family);
	b = (struct fwload_body){
		.rules = c.rules.data, .rules_size = c.rules.size, .n_rules = c.n_rules,
		.plan = (const void *)c.plan.data,
	};
	code = (struct fwload_code){
		.rules = b.rules, .rules_size = b.rules_size, .n_rules = b.n_rules,
		.percpu = counters,
	};
	if (c.plan.size)
		ok = indexed(&b, &code, family);
	if (ok && !is_long)
		ok = screened(&b, &code, family);
	buf_free(&c.rules);
	buf_free(&c.plan);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned long chains = argc > 1 ? strtoul(argv[1], NULL, 0) : 6000, i;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	bool ok = true;

	ktap_begin(1);
	printf("# seed %llu\n", (unsigned long long)seed);
	random_seed(seed);
	for (i = 0; i < chains && ok; i++)
		ok = one_chain();
	printf("# %lu chains, %lu with an index of %lu masks in all, %lu with a screen; %lu packets, of which %lu match rules and %lu are dropped by a match; %llu buckets looked into, %llu candidates; differences: %d\n",
	       i, tally.planned, tally.masks, tally.screened, tally.pairs, tally.matches,
	       tally.drops, (unsigned long long)fwload_env_counts.probes,
	       (unsigned long long)fwload_env_counts.candidates, !ok);
	EXPECT(ok);
	EXPECT(tally.matches && tally.drops && tally.planned && tally.screened);
	ktap_result("index and screen find what the walk finds");
	return ktap_end();
}
