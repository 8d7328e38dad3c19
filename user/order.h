/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of rules in chains that change in the middle: -I, -D, -R.
 *
 * Rules are stored in the order of the text, or as they came from the kernel. For a chain
 * with such a command the order that they shall have is kept beside it, as a list of
 * their numbers, and the chain is written once more when the table is complete.
 */
#ifndef FWIMG_ORDER_H
#define FWIMG_ORDER_H

#include "ruleset.h"

/* How many rules the chain has, in its order. */
u32 order_count(const struct chain *c);
/* The record of the rule at @position, from 0. O(1) once the chain was looked at. */
const struct fwload_img_rule *order_rule(struct chain *c, u32 position);
/*
 * The last @n stored rules were inserted at @position, from 0, each before the one stored
 * before it, or with @in_order behind that.
 */
void order_insert(struct chain *c, u32 n, u32 position, bool in_order);
/* The last @n stored rules were appended. */
void order_append(struct chain *c, u32 n);
/* The rule at @position goes. */
void order_delete(struct chain *c, u32 position);
/* The rule that was stored last takes the place of the one at @position. */
void order_replace(struct chain *c, u32 position);
/* Bring the rules into their order, and forget it. */
void order_apply(struct chain *c);
/* Forget it. */
void order_free(struct chain *c);

#endif /* FWIMG_ORDER_H */
