// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of rules that stay, when the chain around them changes.
 *
 * A changed chain is a new object with new counters. Each of its rules takes over what an
 * equal rule of the chain before has counted; of several equal rules the first takes
 * from the first, the second from the second, and so on. Two rules are equal when they
 * say the same: a target of the same handle, an extension of the same name, revision
 * and payload, a comment of the same text. Where these stand in the body does not matter.
 *
 * Packets that are under way when the new chain comes into force are still counted in
 * the old one. So nothing is copied at that moment: as long as a packet may see the old
 * chain, reads add its counters to the new one's, and after the grace period, when they
 * stand still, they are folded into the new chain's baseline. Not one packet is lost
 * or counted twice on the way.
 *
 * Equal rules are found by a hash table over the rules of the old chain. Its entries are
 * the different rules, each with a list of its occurrences, so that neither a million
 * equal rules nor, since the hash is keyed, a million chosen ones make it slow. The rules at
 * the start that are equal one by one are not hashed.
 */
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "../uapi/linux/fwload.h"
#include "carry.h"
#include "main.h"
#include "memory.h"

#define NONE		FWLOAD_CARRY_NONE
#define RESCHED_EVERY	1024	/* rules */

/**
 * struct occurrence - a rule of the old chain
 * @hash: of what the rule says
 * @offset: of the rule in the rules
 * @next: next different rule of the same bucket
 * @first: the first occurrence that no rule has taken yet, in the entry of a rule
 * @last: the last one, likewise
 * @same: the next occurrence of the same rule
 */
struct occurrence {
	u64 hash;
	u32 offset;
	u32 next;
	u32 first;
	u32 last;
	u32 same;
};

/**
 * struct index - the rules of the old chain by what they say
 * @body: of the old chain
 * @rules: one for each rule that was not paired before
 * @n_rules: number of @rules
 * @buckets: number of the first different rule, 1 << @bits of them
 * @bits: see @buckets
 * @key: of the hash
 */
struct index {
	struct fwload_body body;
	struct occurrence *rules;
	u32 n_rules;
	u32 *buckets;
	unsigned int bits;
	siphash_key_t key;
};

static const struct fwload_img_rule *rule_at(const struct fwload_body *b, u32 offset)
{
	return (const void *)(b->rules + offset);
}

static u32 target_type(const struct fwload_img_rule *rule)
{
	return le32_to_cpu(rule->target) >> FWLOAD_IMG_TARGET_SHIFT;
}

static u32 target_arg(const struct fwload_img_rule *rule)
{
	return le32_to_cpu(rule->target) & FWLOAD_IMG_TARGET_ARG;
}

/* Are these the addresses of an interface? */
static bool is_dyn(const struct fwload_img_el *el)
{
	return el->type <= FWLOAD_IMG_EL_DST && el->flags & FWLOAD_IMG_F_DYN;
}

/* Does the element say where something stands, instead of what it is? */
static bool is_position(const struct fwload_img_el *el)
{
	return el->type == FWLOAD_IMG_EL_EXT || el->type == FWLOAD_IMG_EL_COMMENT || is_dyn(el);
}

static const char *dyn_name(const struct fwload_img_el *el)
{
	return ((const struct fwload_img_el_dyn *)el)->name;
}

static const struct fwload_img_ext *ext_of(const struct fwload_body *b,
					   const struct fwload_img_el *el)
{
	const struct fwload_img_el_ext *e = (const void *)el;

	return &b->exts[le32_to_cpu(e->ext)];
}

static const char *comment_of(const struct fwload_body *b, const struct fwload_img_el *el)
{
	const struct fwload_img_el_comment *e = (const void *)el;

	return b->strings + le32_to_cpu(e->text);
}

static u64 hash_string(const char *s, const siphash_key_t *key)
{
	return siphash(s, strlen(s), key);
}

/* Set names are left to the comparison. */
static u64 hash_ext(const struct fwload_body *b, const struct fwload_img_ext *e,
		    const siphash_key_t *key)
{
	return siphash_3u64(e->revision,
			    hash_string(b->strings + le32_to_cpu(e->name), key),
			    siphash(b->payloads + le32_to_cpu(e->payload),
				    le32_to_cpu(e->size), key), key);
}

static u64 hash_target(const struct fwload_body *b, const struct fwload_img_rule *rule,
		       const siphash_key_t *key)
{
	u32 arg = target_arg(rule);

	switch (target_type(rule)) {
	case FWLOAD_IMG_T_JUMP:
	case FWLOAD_IMG_T_GOTO:
		return le32_to_cpu(b->refs[arg].chain);
	case FWLOAD_IMG_T_EXT:
		return hash_ext(b, &b->exts[arg], key);
	default:
		return 0;
	}
}

static u64 hash_position(const struct fwload_body *b, const struct fwload_img_el *el,
			 const siphash_key_t *key)
{
	if (is_dyn(el))
		return siphash_1u64(*(const u32 *)el, key) ^ hash_string(dyn_name(el), key);
	if (el->type == FWLOAD_IMG_EL_EXT)
		return hash_ext(b, ext_of(b, el), key);
	return hash_string(comment_of(b, el), key);
}

static u64 hash_rule(const struct fwload_body *b, const struct fwload_img_rule *rule,
		     const siphash_key_t *key)
{
	const u8 *at = (const u8 *)(rule + 1), *end = (const u8 *)rule + fwload_rule_size(rule);
	const u8 *run = at;
	u64 hash;

	hash = siphash_3u64((u64)le16_to_cpu(rule->size) << 16 | rule->proto << 8 | rule->flags,
			    target_type(rule), hash_target(b, rule, key), key);
	while (at < end) {
		const struct fwload_img_el *el = (const void *)at;

		if (is_position(el)) {
			hash = siphash_3u64(hash, siphash(run, at - run, key),
					    hash_position(b, el, key), key);
			run = at + el->len * FWLOAD_IMG_ALIGN;
		}
		at += el->len * FWLOAD_IMG_ALIGN;
	}
	return siphash_2u64(hash, siphash(run, end - run, key), key);
}

static bool ext_equal(const struct fwload_body *a, const struct fwload_img_ext *x,
		      const struct fwload_body *b, const struct fwload_img_ext *y)
{
	const char *s = a->strings + le32_to_cpu(x->sets);
	const char *t = b->strings + le32_to_cpu(y->sets);
	int i;

	if (x->revision != y->revision || x->kind != y->kind || x->n_sets != y->n_sets ||
	    x->size != y->size ||
	    strcmp(a->strings + le32_to_cpu(x->name), b->strings + le32_to_cpu(y->name)) ||
	    memcmp(a->payloads + le32_to_cpu(x->payload),
		   b->payloads + le32_to_cpu(y->payload), le32_to_cpu(x->size)))
		return false;
	for (i = 0; i < x->n_sets; i++) {
		if (strcmp(s, t))
			return false;
		s += strlen(s) + 1;
		t += strlen(t) + 1;
	}
	return true;
}

static bool target_equal(const struct fwload_body *a, const struct fwload_img_rule *r,
			 const struct fwload_body *b, const struct fwload_img_rule *s)
{
	u32 x = target_arg(r), y = target_arg(s);

	if (target_type(r) != target_type(s))
		return false;
	switch (target_type(r)) {
	case FWLOAD_IMG_T_JUMP:
	case FWLOAD_IMG_T_GOTO:
		return a->refs[x].chain == b->refs[y].chain;
	case FWLOAD_IMG_T_EXT:
		return ext_equal(a, &a->exts[x], b, &b->exts[y]);
	default:
		return true;
	}
}

static bool rule_equal(const struct fwload_body *a, const struct fwload_img_rule *r,
		       const struct fwload_body *b, const struct fwload_img_rule *s)
{
	u32 at = sizeof(*r), size = fwload_rule_size(r);

	if (r->size != s->size || r->proto != s->proto || r->flags != s->flags ||
	    !target_equal(a, r, b, s))
		return false;
	while (at < size) {
		const struct fwload_img_el *x = (const void *)((const u8 *)r + at);
		const struct fwload_img_el *y = (const void *)((const u8 *)s + at);

		if (memcmp(x, y, sizeof(*x)))
			return false;
		if (x->type == FWLOAD_IMG_EL_EXT) {
			if (!ext_equal(a, ext_of(a, x), b, ext_of(b, y)))
				return false;
		} else if (x->type == FWLOAD_IMG_EL_COMMENT) {
			if (strcmp(comment_of(a, x), comment_of(b, y)))
				return false;
		} else if (is_dyn(x)) {
			if (strcmp(dyn_name(x), dyn_name(y)))
				return false;
		} else if (memcmp(x, y, x->len * FWLOAD_IMG_ALIGN)) {
			return false;
		}
		at += x->len * FWLOAD_IMG_ALIGN;
	}
	return true;
}

/* The entry of the rules equal to @rule of @b, whose hash is @hash, or NONE. */
static u32 index_find(const struct index *ix, const struct fwload_body *b,
		      const struct fwload_img_rule *rule, u64 hash)
{
	u32 i = ix->buckets[hash >> (64 - ix->bits)];

	while (i != NONE) {
		const struct occurrence *o = &ix->rules[i];

		if (o->hash == hash &&
		    rule_equal(&ix->body, rule_at(&ix->body, o->offset), b, rule))
			break;
		i = o->next;
	}
	return i;
}

static void index_add(struct index *ix, u32 i, u32 offset)
{
	const struct fwload_img_rule *rule = rule_at(&ix->body, offset);
	u64 hash = hash_rule(&ix->body, rule, &ix->key);
	u32 entry = index_find(ix, &ix->body, rule, hash);
	u32 *bucket = &ix->buckets[hash >> (64 - ix->bits)];
	struct occurrence *o = &ix->rules[i];

	o->hash = hash;
	o->offset = offset;
	o->same = NONE;
	if (entry != NONE) {
		ix->rules[ix->rules[entry].last].same = i;
		ix->rules[entry].last = i;
		return;
	}
	o->first = i;
	o->last = i;
	o->next = *bucket;
	*bucket = i;
}

/* Take an occurrence of a rule equal to @rule of @b: its number, or NONE. */
static u32 index_take(struct index *ix, const struct fwload_body *b,
		      const struct fwload_img_rule *rule)
{
	u32 entry = index_find(ix, b, rule, hash_rule(b, rule, &ix->key));
	u32 taken;

	if (entry == NONE)
		return NONE;
	taken = ix->rules[entry].first;
	if (taken != NONE)
		ix->rules[entry].first = ix->rules[taken].same;
	return taken;
}

static void index_free(struct fwload_net *fn, struct index *ix)
{
	fwload_memory_free(fn, ix->rules, ix->n_rules, sizeof(*ix->rules));
	fwload_memory_free(fn, ix->buckets, 1UL << ix->bits, sizeof(*ix->buckets));
}

static int index_alloc(struct fwload_net *fn, struct index *ix, u32 n_rules)
{
	ix->n_rules = n_rules;
	ix->bits = max(order_base_2(n_rules), 1);
	ix->buckets = NULL;
	ix->rules = fwload_memory_alloc(fn, n_rules, sizeof(*ix->rules));
	if (IS_ERR(ix->rules))
		return PTR_ERR(ix->rules);
	ix->buckets = fwload_memory_alloc(fn, 1UL << ix->bits, sizeof(*ix->buckets));
	if (IS_ERR(ix->buckets)) {
		index_free(fn, ix);
		return PTR_ERR(ix->buckets);
	}
	memset(ix->buckets, 0xff, sizeof(*ix->buckets) << ix->bits);
	get_random_bytes(&ix->key, sizeof(ix->key));
	return 0;
}

/* Pair what is left of the rules of @b from @rule on, which stand from @offset on. */
static int pair_rest(struct fwload_net *fn, struct fwload_carry *carry,
		     const struct fwload_body *b, u32 rule, u32 offset, u32 from_offset)
{
	struct index ix;
	u32 i;
	int err;

	fwload_body_open(carry->from->body, &ix.body);
	err = index_alloc(fn, &ix, ix.body.n_rules - rule);
	if (err)
		return err;
	for (i = 0; i < ix.n_rules; i++) {
		index_add(&ix, i, from_offset);
		from_offset += fwload_rule_size(rule_at(&ix.body, from_offset));
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	for (i = rule; i < b->n_rules; i++) {
		u32 taken = index_take(&ix, b, rule_at(b, offset));

		carry->map[i] = taken == NONE ? NONE : rule + taken;
		offset += fwload_rule_size(rule_at(b, offset));
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	index_free(fn, &ix);
	return 0;
}

static int pair_rules(struct fwload_net *fn, struct fwload_carry *carry)
{
	struct fwload_body to, from;
	u32 n, i, x = 0, y = 0;

	fwload_body_open(carry->to->body, &to);
	fwload_body_open(carry->from->body, &from);
	n = min(to.n_rules, from.n_rules);
	for (i = 0; i < n && rule_equal(&to, rule_at(&to, x), &from, rule_at(&from, y)); i++) {
		carry->map[i] = i;
		x += fwload_rule_size(rule_at(&to, x));
		y += fwload_rule_size(rule_at(&from, y));
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	return i < n ? pair_rest(fn, carry, &to, i, x, y) : 0;
}

static size_t carry_size(const struct fwload_chain *to)
{
	return struct_size_t(struct fwload_carry, map, fwload_chain_n_counters(to));
}

struct fwload_carry *fwload_carry_new(struct fwload_net *fn, struct fwload_chain *to,
				      struct fwload_chain *from)
{
	struct fwload_carry *carry;
	int err;

	err = fwload_chain_alloc_baseline(fn, to);
	if (err)
		return ERR_PTR(err);
	carry = fwload_memory_alloc(fn, 1, carry_size(to));
	if (IS_ERR(carry))
		return carry;
	memset(carry->map, 0xff, fwload_chain_n_counters(to) * sizeof(carry->map[0]));
	carry->to = to;
	carry->from = from;
	fwload_chain_get(to);
	fwload_chain_get(from);
	return carry;
}

struct fwload_carry *fwload_carry_alloc(struct fwload_net *fn, u8 family,
					struct fwload_chain *to, struct fwload_chain *from)
{
	struct fwload_carry *carry;
	int err;

	if (!fwload_chain_n_counters(to) || !fwload_chain_n_counters(from))
		return NULL;
	carry = fwload_carry_new(fn, to, from);
	if (IS_ERR(carry))
		return carry;
	err = pair_rules(fn, carry);
	if (err) {
		fwload_carry_free(fn, family, carry);
		return ERR_PTR(err);
	}
	if (to->code.is_base)
		carry->map[to->code.n_rules] = from->code.n_rules;
	return carry;
}

void fwload_carry_begin(struct fwload_carry *carry)
{
	carry->to->carry = carry;
}

void fwload_carry_fold(struct fwload_carry *carry)
{
	struct fwload_chain *to = carry->to;
	u32 i, n = fwload_chain_n_counters(to);

	for (i = 0; i < n; i++) {
		struct fwload_counter_pair sum;

		if (carry->map[i] == NONE)
			continue;
		fwload_chain_read(carry->from, carry->map[i], &sum);
		to->baseline[i].packets += sum.packets;
		to->baseline[i].bytes += sum.bytes;
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	to->carry = NULL;
}

void fwload_carry_free(struct fwload_net *fn, u8 family, struct fwload_carry *carry)
{
	struct fwload_chain *to = carry->to, *from = carry->from;

	fwload_memory_free(fn, carry, 1, carry_size(to));
	fwload_chain_put(fn, family, to);
	fwload_chain_put(fn, family, from);
}
