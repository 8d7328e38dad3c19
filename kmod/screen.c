// SPDX-License-Identifier: GPL-2.0
/*
 * Building the screen of a short chain: rules -> what each demands of a packet's key.
 *
 * A rule that demands something else than the packet has does not match it, and has no effect on
 * it (key.h). That is a few operations on words that lie side by side, and one decision, which
 * mostly goes one way; to walk the rules themselves takes several for each. So a chain
 * without an index has its rules screened first, and only those that pass are matched; those
 * that demand nothing else need not be.
 */
#include "screen.h"

#define SCREEN_MIN	8	/* rules: to know the packet's key costs as much as to walk a few */

/* One port of the protocol that the rule asks for, and no other element has said so. */
static bool is_one_port(const struct fwload_img_el_dport *el, u8 proto)
{
	return !(el->el.flags & FWLOAD_IMG_F_INV) && el->el.arg == proto &&
	       el->dport[0] == el->dport[1];
}

/* Does @rule demand nothing but what is screened, which has it to the last bit? */
static bool is_whole(const struct fwload_img_rule *rule)
{
	const u8 *at = (const u8 *)(rule + 1), *end = fwload_rule_end(rule);
	const struct fwload_img_el *el;
	u32 n_ports = 0;

	if (rule->flags & (FWLOAD_IMG_R_PROTO_INV | FWLOAD_IMG_R_FRAG))
		return false;
	for (; at < end; at += el->len * FWLOAD_IMG_ALIGN) {
		el = (const void *)at;
		switch (el->type) {
		case FWLOAD_IMG_EL_SRC:
		case FWLOAD_IMG_EL_DST:
			/* negated, no prefix, an interface's */
			if (el->flags)
				return false;
			break;
		case FWLOAD_IMG_EL_DPORT:
			if (n_ports++ || !is_one_port((const void *)el, rule->proto))
				return false;
			break;
		case FWLOAD_IMG_EL_COMMENT:
		case FWLOAD_IMG_EL_SET_MARK:
		case FWLOAD_IMG_EL_SET_CONNMARK:
			break;
		default:
			return false;
		}
	}
	return true;
}

/*
 * What the @rule at @offset, with @key, demands: as the @n_words of @want and of what it cares for
 * behind it.
 */
static void put_entry(const struct fwload_img_rule *rule, const struct fwload_key *key,
		      u8 family, u32 offset, u32 n_words, u64 *want)
{
	u32 ports = fwload_key_ports_word(family), i;
	u64 at = offset / FWLOAD_IMG_ALIGN;
	u64 care[FWLOAD_KEY_WORDS];

	fwload_key_mask(&key->fixed, family, care);
	for (i = 0; i < n_words; i++) {
		want[i] = fwload_key_want(key, family, i) & care[i];
		want[n_words + i] = care[i];
	}
	want[ports] |= at << FWLOAD_SCREEN_OFFSET;
	if (is_whole(rule))
		want[ports] |= FWLOAD_SCREEN_WHOLE;
}

/*
 * Does it tell packets apart that come the same way? Interfaces are not screened: to hash the
 * packet's costs more than to compare a few.
 */
static bool demands(const struct fwload_img_mask *fixed)
{
	return fixed->src || fixed->dst || fixed->sport || fixed->dport;
}

int fwload_screen_build(const struct fwload_body *b, u8 family,
			struct fwload_index_memory *memory, struct fwload_screen **screen)
{
	u32 n_words = fwload_key_ifaces_word(family), offset, useful = 0, i;
	const struct fwload_img_rule *rule;
	struct fwload_screen *s;
	struct fwload_key key;
	size_t size;

	*screen = NULL;
	if (b->n_rules < SCREEN_MIN || b->rules_size > FWLOAD_SCREEN_MAX)
		return 0;
	for (offset = 0; offset < b->rules_size; offset += fwload_rule_size(rule)) {
		rule = (const void *)(b->rules + offset);
		fwload_key_of_rule(rule, family, &key);
		useful += demands(&key.fixed);
		fwload_env_resched(rule, fwload_rule_end(rule));
	}
	/* what many packets pass is a burden: measured with the rules of ufw and shorewall */
	if (useful < b->n_rules - b->n_rules / 4)
		return 0;
	size = sizeof(*s) + (size_t)b->n_rules * 2 * n_words * sizeof(u64);
	s = memory->alloc(memory, size);
	if (!s)
		return -ENOMEM;
	s->size = size;
	for (offset = 0, i = 0; offset < b->rules_size; offset += fwload_rule_size(rule), i++) {
		rule = (const void *)(b->rules + offset);
		fwload_key_of_rule(rule, family, &key);
		put_entry(rule, &key, family, offset, n_words,
			  s->words + (size_t)i * 2 * n_words);
		fwload_env_resched(rule, fwload_rule_end(rule));
	}
	*screen = s;
	return 0;
}
