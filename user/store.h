/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_STORE_H
#define FWIMG_STORE_H

#include "rule.h"

/**
 * struct store_total - what was stored so far, wherever it is now
 * @rules: records
 * @bytes: of them, and of what belongs to them
 */
struct store_total {
	u64 rules;
	u64 bytes;
};

/* How many records @rule makes: one for each pair of a source and a destination network. */
u32 store_count(const struct rule *rule);
/*
 * Append these to @chain of @table, in the order of iptables. @counters of each, or NULL. A
 * chain that it goes to and that is not declared so far is made. A short line can make a
 * quarter of a million: returns NULL, or the limit of an image that @total or the chain would
 * exceed, which then has some of them.
 */
const char *store_rule(const struct rule *rule, struct table *table, struct chain *chain,
		       const struct fwload_counter_pair *counters, struct store_total *total);

/*
 * Put @n rules of @chain into another order, and drop the others: @order[i] is the number
 * of the one that comes to stand at i.
 */
void store_reorder(struct chain *chain, const u32 *order, u32 n);

/* Do rule @r of chain @a and rule @s of chain @b of the same table say the same? */
bool store_equal(const struct chain *a, const struct fwload_img_rule *r,
		 const struct chain *b, const struct fwload_img_rule *s);

#endif /* FWIMG_STORE_H */
