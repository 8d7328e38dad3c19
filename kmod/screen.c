// SPDX-License-Identifier: GPL-2.0
/*
 * Building the screen of a short chain: rules -> what each demands of a packet's key.
 *
 * A rule that demands something else than the packet has does not match it, and has no effect on
 * it (key.h). That is a few operations on words that lie side by side, and one decision, which
 * mostly goes one way; to walk the rules themselves takes several for each. So a chain
 * without an index has its rules screened first, and only those that pass are matched.
 */
#include "screen.h"

#define SCREEN_MIN	8	/* rules: to know the packet's key costs as much as to walk a few */

/* What the rule at @offset demands, as the @n_words of @want and of @care behind it. */
static void put_entry(const struct fwload_key *key, u8 family, u32 offset, u32 n_words, u64 *want)
{
	u64 at = offset / FWLOAD_IMG_ALIGN;
	u64 care[FWLOAD_KEY_WORDS];
	u32 i;

	fwload_key_mask(&key->fixed, family, care);
	for (i = 0; i < n_words; i++) {
		want[i] = fwload_key_want(key, family, i) & care[i];
		want[n_words + i] = care[i];
	}
	want[fwload_key_ports_word(family)] |= at << FWLOAD_SCREEN_OFFSET;
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
		put_entry(&key, family, offset, n_words, s->words + (size_t)i * 2 * n_words);
		fwload_env_resched(rule, fwload_rule_end(rule));
	}
	*screen = s;
	return 0;
}
