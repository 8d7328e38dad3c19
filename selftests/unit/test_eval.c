// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: test_eval [TABLES [SEED]]
 *
 * The walk of eval.c against a recursive one, over random tables of chains that jump, go to,
 * return, set marks and have extensions that drop or change the packet. After each packet
 * the verdict, every counter, the packet's mark and the trace must be the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/eval.h"
#include "ktap.h"
#include "random_match.h"

#define MAX_CHAINS	12
#define MAX_RULES	8
#define MAX_TRACE	4096
#define PACKETS		20

enum target {
	NONE, ACCEPT, DROP, RETURN, QUEUE, JUMP, GOTO, EXT, MARK, TARGETS
};

struct rule {
	bool has_mark, mark_inv;
	u32 mark, mask;
	int ext;			/* match, or -1 */
	enum target target;
	u32 arg;			/* chain, extension or mark to set */
};

struct chain {
	struct fwload_code code;
	u8 image[MAX_RULES * 64] __aligned(8);
	struct fwload_img_ref refs[MAX_RULES];
	struct fwload_counter counters[MAX_RULES + 1];
	u32 handle;
	/* the model's */
	struct rule rules[MAX_RULES];
	unsigned int n_rules;
	struct fwload_counter want[MAX_RULES + 1];
};

struct trace {
	unsigned int n;
	struct {
		u32 chain, rule;
	} entries[MAX_TRACE];
};

static struct chain chains[MAX_CHAINS];	/* chains[0] is the base chain */
static unsigned int n_chains;
static struct trace trace, want_trace;
static bool with_percpu;

/* Extensions: pure functions of the packet, so that both walks meet the same. ------- */

static u32 mix(u32 a, u32 b)
{
	u32 x = (a + 1) * 0x9e3779b1U ^ (b + 7) * 0x85ebca77U;

	x ^= x >> 15;
	x *= 0xc2b2ae3dU;
	return x ^ x >> 13;
}

static bool ext_match(u32 ext, u32 mark, bool *hotdrop)
{
	u32 x = mix(ext, mark);

	if (x % 13 == 0)
		*hotdrop = true;
	return x >> 8 & 1;
}

/* An answer of XT_CONTINUE may change mark and length, or turn tracing on. */
static u32 ext_target(u32 ext, struct fwload_pkt *pkt)
{
	u32 x = mix(ext + 100, pkt->mark);

	if (x % 17 == 0)
		pkt->hotdrop = true;
	switch (x % 7) {
	case 0:
		return FWLOAD_VERDICT_ACCEPT;
	case 1:
		return FWLOAD_VERDICT_QUEUE | x >> 16 << 16;
	case 2:
		pkt->traced = true;
		return FWLOAD_VERDICT_CONTINUE;
	case 3:
		pkt->mark = x & 7;
		pkt->len += 40;
		return FWLOAD_VERDICT_CONTINUE;
	default:
		return FWLOAD_VERDICT_CONTINUE;
	}
}

bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	(void)code;
	return ext_match(ext, pkt->mark, &pkt->hotdrop);
}

u32 fwload_ext_target(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	(void)code;
	return ext_target(ext, pkt);
}

void fwload_pkt_set_mark(struct fwload_pkt *pkt, u32 mark)
{
	pkt->mark = mark;
}

static void add_trace(struct trace *t, u32 chain, u32 rule)
{
	if (t->n == MAX_TRACE)
		return;
	t->entries[t->n].chain = chain;
	t->entries[t->n++].rule = rule;
}

void fwload_pkt_trace(const struct fwload_pkt *pkt, const struct fwload_code *code,
		      struct fwload_place at)
{
	(void)pkt;
	/* at the end of a chain, and only there, it has no rule */
	EXPECT(!at.rule == (at.index == code->n_rules));
	add_trace(&trace, (const struct chain *)(const void *)code - chains, at.index);
}

void fwload_pkt_connmark(struct fwload_pkt *pkt, const struct fwload_img_el_set_connmark *el)
{
	(void)pkt;
	(void)el;
	abort();
}

/* The model ----------------------------------------------------------------- */

#define RETURNED	0xfffffffeU	/* not a verdict: the chain's end, or RETURN */

static bool model_matches(const struct rule *r, struct fwload_pkt *pkt)
{
	if (r->has_mark && ((pkt->mark & r->mask) == r->mark) == r->mark_inv)
		return false;
	return r->ext < 0 || ext_match(r->ext, pkt->mark, &pkt->hotdrop);
}

/* Returns a verdict, RETURNED, or DROP as soon as hotdrop is set. */
static u32 model_chain(unsigned int number, struct fwload_pkt *pkt)
{
	struct chain *c = &chains[number];
	unsigned int i;
	u32 verdict;

	for (i = 0; i < c->n_rules; i++) {
		const struct rule *r = &c->rules[i];
		bool matches = model_matches(r, pkt);

		if (!matches && pkt->hotdrop)
			return FWLOAD_VERDICT_DROP;
		if (!matches)
			continue;
		c->want[i].packets++;
		c->want[i].bytes += pkt->len;
		if (pkt->traced)
			add_trace(&want_trace, number, i);
		verdict = FWLOAD_VERDICT_CONTINUE;
		if (r->target == EXT)
			verdict = ext_target(r->arg, pkt);
		else if (r->target == MARK)
			pkt->mark = (pkt->mark & ~6U) ^ r->arg;
		/* the target has run all the same */
		if (pkt->hotdrop || r->target == DROP)
			return FWLOAD_VERDICT_DROP;
		switch (r->target) {
		case ACCEPT:
			return FWLOAD_VERDICT_ACCEPT;
		case QUEUE:
			return FWLOAD_VERDICT_QUEUE;
		case RETURN:
			return RETURNED;
		case GOTO:
			return model_chain(r->arg, pkt);
		case JUMP:
			verdict = model_chain(r->arg, pkt);
			if (verdict != RETURNED)
				return verdict;
			break;
		default:
			if (verdict != FWLOAD_VERDICT_CONTINUE)
				return verdict;
			break;
		}
	}
	if (number && pkt->traced)
		add_trace(&want_trace, number, c->n_rules);
	return RETURNED;
}

static u32 model_table(u8 policy, struct fwload_pkt *pkt)
{
	u32 verdict = model_chain(0, pkt);
	struct chain *base = &chains[0];

	if (verdict != RETURNED)
		return verdict;
	base->want[base->n_rules].packets++;
	base->want[base->n_rules].bytes += pkt->len;
	if (pkt->traced)
		add_trace(&want_trace, 0, base->n_rules);
	return policy == FWLOAD_POLICY_ACCEPT ? FWLOAD_VERDICT_ACCEPT : FWLOAD_VERDICT_DROP;
}

/* Random tables --------------------------------------------------------------- */

static bool one_in(unsigned int n)
{
	return !random_below(n);
}

static void random_chain_rule(struct rule *r, unsigned int chain)
{
	static const enum target often[] = { NONE, JUMP, JUMP, GOTO, RETURN, EXT, MARK };

	memset(r, 0, sizeof(*r));
	r->ext = one_in(4) ? (int)random_below(50) : -1;
	if (!one_in(4)) {
		r->has_mark = true;
		r->mask = 1 + random_below(7);
		r->mark = random_below(8) & r->mask;
		r->mark_inv = one_in(2);
	}
	r->target = one_in(6) ? random_below(TARGETS) : often[random_below(7)];
	if ((r->target == JUMP || r->target == GOTO) && chain + 1 == n_chains)
		r->target = NONE;
	if (r->target == JUMP || r->target == GOTO)
		r->arg = chain + 1 + random_below(n_chains - chain - 1);
	else
		r->arg = random_below(8);
}

static u8 *put_el(u8 *end, u8 type, u8 len, u8 flags, u32 a, u32 b)
{
	end[0] = type;
	end[1] = len;
	end[2] = flags;
	a = htole32(a);
	b = htole32(b);
	memcpy(end + 4, &a, 4);
	if (len > 1)
		memcpy(end + 8, &b, 4);
	return end + len * 8;
}

static u8 *encode_rule(struct chain *c, const struct rule *r, u8 *start, u32 *n_refs)
{
	static const u8 types[TARGETS] = {
		[NONE] = FWLOAD_IMG_T_NONE, [ACCEPT] = FWLOAD_IMG_T_ACCEPT,
		[DROP] = FWLOAD_IMG_T_DROP, [RETURN] = FWLOAD_IMG_T_RETURN,
		[QUEUE] = FWLOAD_IMG_T_QUEUE, [JUMP] = FWLOAD_IMG_T_JUMP,
		[GOTO] = FWLOAD_IMG_T_GOTO, [EXT] = FWLOAD_IMG_T_EXT,
		[MARK] = FWLOAD_IMG_T_MARK,
	};
	struct fwload_img_rule *rule = (void *)start;
	u8 *end = start + sizeof(*rule);
	u32 arg = 0;

	if (r->has_mark)
		end = put_el(end, FWLOAD_IMG_EL_MARK, 2, r->mark_inv ? FWLOAD_IMG_F_INV : 0,
			     r->mark, r->mask);
	if (r->ext >= 0)
		end = put_el(end, FWLOAD_IMG_EL_EXT, 1, 0, r->ext, 0);
	if (r->target == MARK) {
		rule->flags = FWLOAD_IMG_R_TARGET_EL;
		end = put_el(end, FWLOAD_IMG_EL_SET_MARK, 2, 0, r->arg, 6);
	}
	if (r->target == EXT)
		arg = r->arg;
	if (r->target == JUMP || r->target == GOTO) {
		arg = *n_refs;
		c->refs[(*n_refs)++].chain = htole32(chains[r->arg].handle);
	}
	rule->target = htole32((u32)types[r->target] << FWLOAD_IMG_TARGET_SHIFT | arg);
	rule->size = htole16((end - start) / 8);
	return end;
}

static void random_table(struct fwload_code **by_handle)
{
	unsigned int i, j, used = 0;
	u32 n_refs, handle;

	memset(chains, 0, sizeof(chains));
	n_chains = 1 + random_below(MAX_CHAINS);
	with_percpu = one_in(2);
	for (i = 0; i < n_chains; i++) {
		do
			handle = random_below(MAX_CHAINS);
		while (used & 1U << handle);
		used |= 1U << handle;
		chains[i].handle = handle;
		by_handle[handle] = &chains[i].code;
	}
	for (i = 0; i < n_chains; i++) {
		static struct fwload_counter *here[MAX_CHAINS];
		struct chain *c = &chains[i];
		u8 *end = c->image;

		n_refs = 0;
		c->n_rules = random_below(MAX_RULES + 1);
		for (j = 0; j < c->n_rules; j++) {
			random_chain_rule(&c->rules[j], i);
			end = encode_rule(c, &c->rules[j], end, &n_refs);
		}
		c->code.rules = c->image;
		c->code.refs = c->refs;
		c->code.rules_size = end - c->image;
		c->code.n_rules = c->n_rules;
		c->code.is_base = !i;
		here[i] = c->counters;
		c->code.is_large = !with_percpu;
		if (with_percpu)
			c->code.percpu = c->counters;
		else
			c->code.cpu = &here[i];
	}
}

/* ------------------------------------------------------------------------------ */

static struct {
	unsigned long packets, accepted, dropped, queued, traced, policy, hotdropped;
} seen;

static void one_packet(struct fwload_code *const *by_handle)
{
	struct fwload_pkt pkt = { .mark = random_below(8), .len = 20 + random_below(1480),
				  .traced = one_in(4) };
	u8 policy = one_in(2) ? FWLOAD_POLICY_ACCEPT : FWLOAD_POLICY_DROP;
	struct fwload_jump stack[MAX_CHAINS + 1];
	struct fwload_pkt want_pkt = pkt;
	struct chain *base = &chains[0];
	u64 policies = base->want[base->n_rules].packets;
	u32 verdict, want;
	unsigned int i;

	trace.n = 0;
	want_trace.n = 0;
	memset(stack, 0xa5, sizeof(stack));
	verdict = fwload_eval(&base->code, policy, by_handle, stack, &pkt);
	want = model_table(policy, &want_pkt);

	EXPECT_INT(verdict, want);
	EXPECT_INT(pkt.mark, want_pkt.mark);
	EXPECT_INT(pkt.hotdrop, want_pkt.hotdrop);
	EXPECT_INT(trace.n, want_trace.n);
	EXPECT(!memcmp(trace.entries, want_trace.entries, trace.n * sizeof(trace.entries[0])));
	for (i = 0; i < n_chains; i++)
		EXPECT(!memcmp(chains[i].counters, chains[i].want, sizeof(chains[i].want)));
	/* nothing above the deepest chain */
	EXPECT_INT(stack[MAX_CHAINS].place.index, 0xa5a5a5a5);

	seen.packets++;
	seen.accepted += verdict == FWLOAD_VERDICT_ACCEPT;
	seen.dropped += verdict == FWLOAD_VERDICT_DROP;
	seen.queued += (verdict & 0xff) == FWLOAD_VERDICT_QUEUE;
	seen.traced += trace.n;
	seen.hotdropped += pkt.hotdrop;
	seen.policy += base->want[base->n_rules].packets - policies;
}

int main(int argc, char **argv)
{
	unsigned long tables = argc > 1 ? strtoul(argv[1], NULL, 0) : 50000;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	struct fwload_code *by_handle[MAX_CHAINS];
	unsigned long i;
	int j;

	ktap_begin(1);
	printf("# seed %llu\n", (unsigned long long)seed);
	random_seed(seed);
	for (i = 0; i < tables && !ktap.bad; i++) {
		random_table(by_handle);
		for (j = 0; j < PACKETS && !ktap.bad; j++)
			one_packet(by_handle);
	}
	printf("# %lu tables, %lu packets: %lu accepted, %lu dropped (%lu by hotdrop), %lu queued, %lu at the policy, %lu traced rules\n",
	       i, seen.packets, seen.accepted, seen.dropped, seen.hotdropped, seen.queued,
	       seen.policy, seen.traced);
	EXPECT(seen.accepted && seen.dropped && seen.hotdropped && seen.queued && seen.policy &&
	       seen.traced);
	ktap_result("verdicts, counters, marks and traces are the model's");
	return ktap_end();
}
