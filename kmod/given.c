// SPDX-License-Identifier: GPL-2.0
/*
 * Counters that an image gives (section COUNTERS), instead of those that would be carried
 * over: each rule of a new chain begins with a given value, or takes over the counter of
 * a rule in force, whichever the client says. It knows what became of each rule, and gives
 * the generation that it knows it of.
 *
 * A value goes into the baseline of the new chain, before packets can see it. What is
 * taken becomes a struct fwload_carry, whose map comes from the image here. Kept chains
 * are in force already: their counters are set after the change.
 */
#include <linux/err.h>

#include "../uapi/linux/fwload.h"
#include "carry.h"
#include "given.h"
#include "memory.h"
#include "upload.h"

static bool is_taken(const struct fwload_img_counter *given)
{
	return le64_to_cpu(given->packets) == FWLOAD_IMG_COUNTER_TAKEN;
}

static struct fwload_counter_pair value_of(const struct fwload_img_counter *given)
{
	return (struct fwload_counter_pair){
		.packets = le64_to_cpu(given->packets), .bytes = le64_to_cpu(given->bytes),
	};
}

/* The counters of the first chain of the table, or NULL without COUNTERS. */
static const struct fwload_img_counter *first_given(const struct fwload_table_build *tb)
{
	const struct fwload_image *img = &tb->up->img;
	u32 i, first = le32_to_cpu(tb->source->first_chain);
	size_t at = 0;

	for (i = 0; img->counters && i < first; i++) {
		fwload_env_pause(i + 1);
		at += fwload_image_n_counters(&img->chains[i]);
	}
	return img->counters ? img->counters + at : NULL;
}

/* The chain in force that the counter is taken from, or NULL. */
static struct fwload_chain *source_of(const struct fwload_table_build *tb,
				      const struct fwload_img_counter *given)
{
	u32 handle = upper_32_bits(le64_to_cpu(given->bytes));
	struct fwload_chain *c;

	if (!tb->old || handle >= tb->old->n_handles || !tb->old->chains[handle])
		return NULL;
	c = container_of(tb->old->chains[handle], struct fwload_chain, code);
	return lower_32_bits(le64_to_cpu(given->bytes)) < fwload_chain_n_counters(c) ? c : NULL;
}

static int check_taken(const struct fwload_table_build *tb, struct fwload_commit *cm, u32 i,
		       u32 counter, const struct fwload_img_counter *given,
		       const struct fwload_chain *from)
{
	const struct fwload_chain *c = source_of(tb, given);

	if (c && c == from)
		return 0;
	fwload_table_refuse(tb, cm, -EINVAL, i, c ? "counters are taken from two chains" :
			    "a counter is taken that is not in force");
	if (counter < tb->new->list[i]->code.n_rules)
		cm->err.rule = counter;
	return -EINVAL;
}

/* The counters of chain number @i, which is new, begin as @given. */
static int begin_chain(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm, u32 i, const struct fwload_img_counter *given)
{
	struct fwload_chain *c = tb->new->list[i], *from = NULL;
	u32 n = fwload_chain_n_counters(c), j;
	struct fwload_carry *carry = NULL;
	bool any = false;
	int err;

	for (j = 0; j < n; j++) {
		fwload_env_pause(j + 1);
		if (!is_taken(&given[j])) {
			any = any || given[j].packets || given[j].bytes;
			continue;
		}
		if (!from)
			from = source_of(tb, &given[j]);
		err = check_taken(tb, cm, i, j, &given[j], from);
		if (err)
			return err;
	}
	if (from && from->handle < tb->n_handles && tb->new->chains[from->handle] == &from->code)
		return fwload_table_refuse(tb, cm, -EINVAL, i,
					   "counters are taken from a chain that stays");
	if (any || from) {
		err = fwload_chain_alloc_baseline(fn, c);
		if (err)
			return err;
	}
	if (from) {
		carry = fwload_carry_new(fn, c, from);
		if (IS_ERR(carry))
			return PTR_ERR(carry);
		carry->next = tb->carries;
		tb->carries = carry;
	}
	for (j = 0; c->baseline && j < n; j++) {
		struct fwload_counter_pair value = value_of(&given[j]);

		if (is_taken(&given[j])) {
			carry->map[j] = lower_32_bits(value.bytes);
			memset(&value, 0, sizeof(value));
		}
		c->baseline[j].packets = value.packets;
		c->baseline[j].bytes = value.bytes;
		fwload_env_pause(j + 1);
	}
	return 0;
}

/* Is there anything to be set in the kept chain @ic, whose policy's counter is @given? */
static bool is_set(const struct fwload_img_chain *ic, const struct fwload_img_counter *given)
{
	return (ic->flags & FWLOAD_IMG_C_ZERO) ||
	       (given && ic->hook != FWLOAD_IMG_NO_HOOK && !is_taken(given));
}

int fwload_given_prepare(struct fwload_net *fn, struct fwload_table_build *tb,
			 struct fwload_commit *cm)
{
	const struct fwload_img_counter *given = first_given(tb);
	u32 i;
	int err;

	for (i = 0; i < tb->n_chains; i++) {
		const struct fwload_img_chain *ic = fwload_table_image_chain(tb, i);

		fwload_env_pause(i + 1);
		if (!ic)
			continue;
		err = 0;
		if (!fwload_image_has_body(ic)) {
			if (is_set(ic, given))
				err = fwload_chain_alloc_baseline(fn, tb->new->list[i]);
		} else if (given) {
			err = begin_chain(fn, tb, cm, i, given);
		}
		if (err)
			return err;
		if (given)
			given += fwload_image_n_counters(ic);
	}
	return 0;
}

static void set_counter(struct fwload_chain *c, u32 i, struct fwload_counter_pair value)
{
	struct fwload_counter_pair sum;

	fwload_chain_read_zero(c, i, &sum);
	c->baseline[i].packets += value.packets;
	c->baseline[i].bytes += value.bytes;
}

void fwload_given_apply(struct fwload_table_build *tb)
{
	const struct fwload_img_counter *given = first_given(tb);
	u32 i, j;

	for (i = 0; i < tb->n_chains; i++) {
		const struct fwload_img_chain *ic = fwload_table_image_chain(tb, i);
		struct fwload_chain *c = tb->new->list[i];

		fwload_env_pause(i + 1);
		if (!ic)
			continue;
		if (!fwload_image_has_body(ic) && is_set(ic, given)) {
			for (j = 0; (ic->flags & FWLOAD_IMG_C_ZERO) &&
			     j < fwload_chain_n_counters(c); j++) {
				fwload_env_pause(j + 1);
				set_counter(c, j, (struct fwload_counter_pair){});
			}
			if (given && c->code.is_base && !is_taken(given))
				set_counter(c, c->code.n_rules, value_of(given));
		}
		if (given)
			given += fwload_image_n_counters(ic);
	}
}
