// SPDX-License-Identifier: GPL-2.0
/*
 * From the validator's refusal of an image just made to the line that caused it.
 *
 * Each rule by itself was checked when it was parsed. What is left are properties of the
 * whole, above all loops of chains, which belong to no single line: shown is the first jump of the
 * shortest way round.
 */
#include <stdio.h>

#include "../kmod/rule.h"
#include "blame.h"
#include "diag.h"

/* The refs of @c that a packet can take: those that its rules up to a final one use. */
static const struct ref *live_refs(const struct chain *c, size_t *n)
{
	const struct fwload_img_rule *rule;
	u32 target, arg;

	*n = 0;
	for (size_t at = 0; at < c->rules.size; at += le16_to_cpu(rule->size) * FWLOAD_IMG_ALIGN) {
		rule = (const void *)(c->rules.data + at);
		if (fwload_rule_is_final(rule))
			break;
		target = le32_to_cpu(rule->target) >> FWLOAD_IMG_TARGET_SHIFT;
		arg = le32_to_cpu(rule->target) & FWLOAD_IMG_TARGET_ARG;
		if ((target == FWLOAD_IMG_T_JUMP || target == FWLOAD_IMG_T_GOTO) && arg >= *n)
			*n = arg + 1;
	}
	return (const struct ref *)c->refs.data;
}

static const struct ref *ref_to(const struct chain *from, const struct chain *to)
{
	const struct ref *refs;
	size_t n;

	refs = live_refs(from, &n);
	for (size_t i = 0; i < n; i++)
		if (refs[i].chain == to)
			return &refs[i];
	return NULL;
}

/*
 * The chain that @start jumps to on the shortest way back to itself, or NULL when none
 * leads back. Breadth first; @before and @queue have room for every chain of the table,
 * @before is zeroed and in the order of the chains.
 */
static const struct chain *loop_next(const struct table *t, const struct chain *start,
				     const struct chain **before, const struct chain **queue)
{
	u32 first = t->chains[0]->number, head = 0, tail = 0;

	queue[tail++] = start;
	while (head < tail) {
		const struct chain *c = queue[head++], *to;
		const struct ref *refs;
		size_t n;

		refs = live_refs(c, &n);
		for (size_t i = 0; i < n; i++) {
			to = refs[i].chain;
			if (to == start) {
				while (c != start && before[c->number - first] != start)
					c = before[c->number - first];
				return c;
			}
			if (before[to->number - first])
				continue;
			before[to->number - first] = c;
			queue[tail++] = to;
		}
	}
	return NULL;
}

static bool blame_loop(const struct table *t, const struct chain *c, struct diag *d)
{
	const struct chain **before = fwload_env_alloc(t->n_chains, sizeof(*before));
	const struct chain **queue = fwload_env_alloc(t->n_chains, sizeof(*queue));
	const struct chain *next = NULL;
	const struct ref *ref;

	if (before && queue)
		next = loop_next(t, c, before, queue);
	free(before);
	free(queue);
	if (!next)
		return false;
	ref = ref_to(c, next);
	if (next == c)
		diag_at(d, DIAG_ERROR, ref->line, ref->column, strlen(next->name),
			"loop: chain \"%s\" jumps to itself", c->name);
	else
		diag_at(d, DIAG_ERROR, ref->line, ref->column, strlen(next->name),
			"loop: chain \"%s\" jumps to \"%s\", which leads back to \"%s\"", c->name,
			next->name, c->name);
	return true;
}

static const struct table *table_of(const struct ruleset *rs, u32 chain)
{
	const struct table *t = &rs->tables[0][0];

	for (u32 i = 0; i < __FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX; i++, t++)
		if (t->present && chain - t->chains[0]->number < t->n_chains)
			return t;
	return NULL;
}

void blame(const struct ruleset *rs, const struct fwload_image_error *err,
	   const struct input *inputs, int n)
{
	const struct table *t = err->chain == FWLOAD_NO_PLACE ? NULL : table_of(rs, err->chain);
	struct diag d = { .out = stderr };
	const struct chain *c;
	u32 line = 0;

	if (!t) {
		diag_say("error: %s", err->reason);
		return;
	}
	c = t->chains[err->chain - t->chains[0]->number];
	d.file = t->file;
	for (int i = 0; i < n; i++) {
		if (inputs[i].name != t->file)
			continue;
		d.text = (const char *)inputs[i].data;
		d.size = inputs[i].size;
	}
	if (err->rule < c->lines.size / sizeof(u32))
		line = ((const u32 *)c->lines.data)[err->rule];
	if (line)
		diag_at(&d, DIAG_ERROR, line, 0, 0, "%s", err->reason);
	else if (!blame_loop(t, c, &d))
		diag_at(&d, DIAG_ERROR, 0, 0, 0, "table \"%s\", chain \"%s\": %s",
			fwload_image_table_names[t->type], c->name, err->reason);
}
