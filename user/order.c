// SPDX-License-Identifier: GPL-2.0
/*
 * The order of rules in chains that -I puts rules into: see order.h.
 */
#include "order.h"
#include "store.h"

/**
 * struct order - a chain with -I
 * @chain: which
 * @rules: u32: the numbers of its rules, in the order that they shall have
 */
struct order {
	struct chain *chain;
	struct buf rules;
};

/* Rules of a chain stand together, mostly, so the answer is that of the last time. */
static struct order *find(struct orders *orders, const struct chain *c)
{
	struct order *list = (struct order *)orders->list.data;
	size_t n = orders->list.size / sizeof(*list);

	if (orders->asked != c) {
		orders->asked = c;
		for (orders->place = 0; orders->place < n; orders->place++)
			if (list[orders->place].chain == c)
				break;
	}
	return orders->place < n ? &list[orders->place] : NULL;
}

/* The list of numbers becomes longer by the last @n rules of its chain. */
static u32 *grow(struct order *o, u32 n)
{
	u32 first = o->chain->n_rules - n;
	u32 *place = buf_add(&o->rules, NULL, n * sizeof(u32));

	for (u32 i = 0; i < n; i++)
		place[i] = first + i;
	return place;
}

void orders_insert(struct orders *orders, struct chain *c, u32 n, u32 position)
{
	struct order *o = find(orders, c);
	u32 first = c->n_rules - n;
	u32 *rules;

	if (!o) {
		o = buf_add(&orders->list, NULL, sizeof(*o));
		o->chain = c;
		grow(o, c->n_rules);
	} else {
		grow(o, n);
	}
	rules = (u32 *)o->rules.data;
	memmove(rules + position + n, rules + position, (first - position) * sizeof(u32));
	for (u32 i = 0; i < n; i++)
		rules[position + i] = first + n - 1 - i;
}

void orders_append(struct orders *orders, const struct chain *c, u32 n)
{
	struct order *o = orders->list.size ? find(orders, c) : NULL;

	if (o)
		grow(o, n);
}

void orders_forget(struct orders *orders, const struct chain *c)
{
	struct order *o = find(orders, c);

	if (o)
		o->rules.size = 0;
}

void orders_free(struct orders *orders)
{
	struct order *o = (struct order *)orders->list.data;

	for (size_t n = orders->list.size / sizeof(*o); n--; o++)
		buf_free(&o->rules);
	buf_free(&orders->list);
	orders->asked = NULL;
}

void orders_apply(struct orders *orders)
{
	struct order *o = (struct order *)orders->list.data;

	for (size_t n = orders->list.size / sizeof(*o); n--; o++)
		store_reorder(o->chain, (const u32 *)o->rules.data);
	orders_free(orders);
}
