/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_STORE_H
#define FWIMG_STORE_H

#include "rule.h"

/*
 * Append @rule to @chain of @table: one record for each pair of a source and a destination
 * network, in the order of iptables. @counters of each, or NULL. A chain that it goes
 * to and that is not declared so far is made. Returns how many were appended.
 */
u32 store_rule(const struct rule *rule, struct table *table, struct chain *chain,
	       const struct fwload_counter_pair *counters);

/*
 * Put @n rules of @chain into another order, and drop the others: @order[i] is the number
 * of the one that comes to stand at i.
 */
void store_reorder(struct chain *chain, const u32 *order, u32 n);

/* Do rule @r of chain @a and rule @s of chain @b of the same table say the same? */
bool store_equal(const struct chain *a, const struct fwload_img_rule *r,
		 const struct chain *b, const struct fwload_img_rule *s);

#endif /* FWIMG_STORE_H */
