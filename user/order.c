// SPDX-License-Identifier: GPL-2.0
/*
 * The order of rules in chains that change in the middle: see order.h.
 */
#include "diag.h"
#include "order.h"
#include "store.h"

/**
 * struct order - of a chain
 * @changed: @rules is not just all of them as they stand
 * @rules: u32: the numbers of its rules, in the order that they shall have
 * @starts: size_t: where each stored rule begins, as far as it was asked for
 */
struct order {
	bool changed;
	struct buf rules;
	struct buf starts;
};

static u32 *grow(struct order *o, u32 first, u32 n)
{
	u32 *place = buf_add(&o->rules, NULL, n * sizeof(u32));

	for (u32 i = 0; i < n; i++)
		place[i] = first + i;
	return place;
}

/* The order of the chain as it was before its last @n rules were stored. */
static struct order *order_of(struct chain *c, u32 n)
{
	if (!c->order) {
		c->order = fwload_env_alloc(1, sizeof(*c->order));
		if (!c->order)
			diag_die(EXIT_FAILURE, "out of memory");
		if (c->n_rules > n)
			grow(c->order, 0, c->n_rules - n);
	}
	return c->order;
}

u32 order_count(const struct chain *c)
{
	return c->order ? c->order->rules.size / sizeof(u32) : c->n_rules;
}

const struct fwload_img_rule *order_rule(struct chain *c, u32 position)
{
	struct order *o = order_of(c, 0);
	u32 number = ((const u32 *)o->rules.data)[position];
	size_t known = o->starts.size / sizeof(size_t), at = 0;
	const struct fwload_img_rule *rule;

	if (known) {
		at = ((const size_t *)o->starts.data)[known - 1];
		rule = (const void *)(c->rules.data + at);
		at += le16_to_cpu(rule->size) * 8;
	}
	for (; known <= number; known++) {
		buf_add(&o->starts, &at, sizeof(at));
		rule = (const void *)(c->rules.data + at);
		at += le16_to_cpu(rule->size) * 8;
	}
	return (const void *)(c->rules.data + ((const size_t *)o->starts.data)[number]);
}

void order_insert(struct chain *c, u32 n, u32 position, bool in_order)
{
	struct order *o = order_of(c, n);
	u32 behind = order_count(c) - position;
	u32 first = c->n_rules - n, *rules;

	o->changed = true;
	grow(o, first, n);
	rules = (u32 *)o->rules.data + position;
	memmove(rules + n, rules, behind * sizeof(u32));
	for (u32 i = 0; i < n; i++)
		rules[i] = first + (in_order ? i : n - 1 - i);
}

void order_append(struct chain *c, u32 n)
{
	if (c->order)
		grow(c->order, c->n_rules - n, n);
}

void order_delete(struct chain *c, u32 position)
{
	struct order *o = order_of(c, 0);
	u32 behind = order_count(c) - position - 1;
	u32 *rules = (u32 *)o->rules.data + position;

	o->changed = true;
	memmove(rules, rules + 1, behind * sizeof(u32));
	o->rules.size -= sizeof(u32);
}

void order_replace(struct chain *c, u32 position)
{
	struct order *o = order_of(c, 1);

	o->changed = true;
	((u32 *)o->rules.data)[position] = c->n_rules - 1;
}

static void free_order(struct order *o)
{
	buf_free(&o->rules);
	buf_free(&o->starts);
	free(o);
}

void order_free(struct chain *c)
{
	if (c->order)
		free_order(c->order);
	c->order = NULL;
}

void order_apply(struct chain *c)
{
	struct order *o = c->order;

	/* not the chain's any more, since reordering clears that */
	c->order = NULL;
	if (!o)
		return;
	if (o->changed)
		store_reorder(c, (const u32 *)o->rules.data, o->rules.size / sizeof(u32));
	free_order(o);
}
