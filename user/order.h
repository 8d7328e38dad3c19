/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of rules in chains that -I puts rules into.
 *
 * Rules are stored in the order of the text. For a chain with -I the order that they
 * shall have is kept beside it, as a list of their numbers, and the chain is written
 * once more when the table is complete.
 */
#ifndef FWIMG_ORDER_H
#define FWIMG_ORDER_H

#include "ruleset.h"

/* All zero: there is none. */
struct orders {
	struct buf list;		/* of struct order */
	const struct chain *asked;	/* the chain looked for last; NULL: none */
	size_t place;			/* where it is in the list; its end: nowhere */
};

/* The last @n rules of @c were inserted at @position, from 0, each before the last. */
void orders_insert(struct orders *orders, struct chain *c, u32 n, u32 position);
/* The last @n rules of @c were appended. Any chain. */
void orders_append(struct orders *orders, const struct chain *c, u32 n);
/* @c has no rules any more. Any chain. */
void orders_forget(struct orders *orders, const struct chain *c);
/* Bring the rules into their orders, and forget these. */
void orders_apply(struct orders *orders);
void orders_free(struct orders *orders);

#endif /* FWIMG_ORDER_H */
