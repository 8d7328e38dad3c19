// SPDX-License-Identifier: GPL-2.0
/*
 * A table: built from those chains of an image that belong to it and from the table that
 * is in force.
 *
 * In an image refs name chains by their number, in force by their handle. A handle belongs
 * to a name for as long as the table has a chain of that name, from generation to
 * generation; so the refs of a chain that does not change stay right although a chain that
 * it jumps to is another object now. New names take handles that the table in force
 * leaves free, never one whose name goes away with this very commit: a kept chain that
 * still refers to that name finds nothing under the handle, and is refused.
 *
 * The chains of an image and of the table in force are both in the order base chains by
 * hook, then user chains by name, so that they are matched in one pass over both.
 *
 * A chain is taken over as it is, with counters and match state, when the image says so
 * by its id (FWLOAD_IMG_C_KEPT), or when counters are to be carried over and its body is
 * the same byte for byte, refs by handle. Else it is a new object; then counters of
 * rules that stay are carried over one by one (carry.c).
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "carry.h"
#include "ext.h"
#include "main.h"
#include "memory.h"
#include "table.h"
#include "upload.h"

#define RESCHED_EVERY	1024	/* chains */

static u32 first_chain(const struct fwload_table_build *tb)
{
	return le32_to_cpu(tb->source->first_chain);
}

static u32 n_chains(const struct fwload_table_build *tb)
{
	return le32_to_cpu(tb->source->n_chains);
}

static const struct fwload_img_chain *image_chain(const struct fwload_table_build *tb, u32 i)
{
	return &tb->up->img.chains[first_chain(tb) + i];
}

static const char *image_name(const struct fwload_table_build *tb, u32 i)
{
	return tb->up->img.names + le32_to_cpu(image_chain(tb, i)->name);
}

static bool is_kept(const struct fwload_img_chain *ic)
{
	return ic->flags & FWLOAD_IMG_C_KEPT;
}

static bool is_base(const struct fwload_img_chain *ic)
{
	return ic->hook != FWLOAD_IMG_NO_HOOK;
}

/* Chain number @i of the table is to blame. */
static int refuse(const struct fwload_table_build *tb, struct fwload_commit *cm, int errnum,
		  u32 i, const char *reason)
{
	const struct fwload_image *img = &tb->up->img;
	u32 chain = first_chain(tb) + i;

	cm->err.reason = reason;
	cm->err.chain = chain;
	cm->err.offset = is_kept(image_chain(tb, i)) ?
			 (u64)((const void *)image_chain(tb, i) - tb->up->index) :
			 fwload_image_body_offset(img, chain);
	return errnum;
}

static int refuse_memory(struct fwload_commit *cm, int errnum)
{
	if (!cm->err.reason)
		cm->err.reason = fwload_memory_reason(errnum);
	return errnum;
}

/* Find for each chain of the image the running one of the same name. */
static void match_names(struct fwload_table_build *tb)
{
	const struct fwload_table *old = tb->old;
	u32 i = 0, j, n = n_chains(tb);

	if (!old)
		return;
	for (; i < n && is_base(image_chain(tb, i)); i++)
		tb->before[i] = old->list[i];
	j = old->n_base;
	while (i < n && j < old->n_chains) {
		int order = strcmp(image_name(tb, i), old->list[j]->name);

		if (!order)
			tb->before[i] = old->list[j];
		if (order <= 0)
			i++;
		if (order >= 0)
			j++;
	}
}

/* Give each chain its handle; returns how many the table needs. */
static u32 assign_handles(struct fwload_table_build *tb)
{
	u32 room = tb->old ? tb->old->n_handles : 0;
	u32 i, next = 0, n_handles = 0;

	for (i = 0; i < n_chains(tb); i++) {
		if (tb->before[i]) {
			tb->handle[i] = tb->before[i]->handle;
		} else {
			while (next < room && tb->old->chains[next])
				next++;
			tb->handle[i] = next++;
		}
		n_handles = max(n_handles, tb->handle[i] + 1);
	}
	return n_handles;
}

static struct fwload_img_ref *body_refs(struct fwload_chain *c, u32 *n_refs)
{
	struct fwload_img_body *body = (void *)c->body;

	*n_refs = le32_to_cpu(body->n_refs);
	return (void *)(body + 1);
}

/* Put handles into the refs of the chains that came with the image, or take them out. */
static void bind_refs(struct fwload_table_build *tb, bool bind)
{
	u32 first = first_chain(tb), i, j, n_refs;

	for (i = 0; i < n_chains(tb); i++) {
		struct fwload_img_ref *refs;

		if (!tb->up->chains[first + i])
			continue;
		refs = body_refs(tb->up->chains[first + i], &n_refs);
		for (j = 0; j < n_refs; j++) {
			u32 chain = le32_to_cpu(refs[j].chain);

			chain = bind ? tb->handle[chain - first] : tb->number[chain];
			refs[j].chain = cpu_to_le32(chain);
		}
	}
	tb->bound = bind;
}

/* Is every chain that @c jumps to still there? */
static bool refs_stay(const struct fwload_table_build *tb, struct fwload_chain *c)
{
	const struct fwload_img_ref *refs;
	u32 j, n_refs;

	refs = body_refs(c, &n_refs);
	for (j = 0; j < n_refs; j++) {
		u32 handle = le32_to_cpu(refs[j].chain);

		if (handle >= tb->new->n_handles || tb->number[handle] == FWLOAD_NO_PLACE)
			return false;
	}
	return true;
}

static bool same_body(const struct fwload_chain *a, const struct fwload_chain *b)
{
	return a->body_size == b->body_size && !memcmp(a->body, b->body, a->body_size);
}

/* Decide for chain number @i of the table which object it is. */
static struct fwload_chain *pick(struct fwload_net *fn, struct fwload_table_build *tb,
				 struct fwload_commit *cm, u32 i)
{
	const struct fwload_img_chain *ic = image_chain(tb, i);
	struct fwload_chain *before = tb->before[i];
	struct fwload_chain *c = tb->up->chains[first_chain(tb) + i];

	if (is_kept(ic)) {
		if (!before || before->id != le64_to_cpu(ic->id)) {
			refuse(tb, cm, -ENOENT, i, "the chain to be kept is not in force any more");
			return NULL;
		}
		if (!refs_stay(tb, before)) {
			refuse(tb, cm, -ENOENT, i,
			       "the chain to be kept jumps to one that is gone");
			return NULL;
		}
		return before;
	}
	if ((cm->flags & FWLOAD_COMMIT_CARRY) && before && same_body(c, before))
		return before;
	if (!c->id)
		c->id = ++fn->last_id;
	c->handle = tb->handle[i];
	return c;
}

static int pick_chains(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm)
{
	struct fwload_table *t = tb->new;
	u32 i;

	for (i = 0; i < n_chains(tb); i++) {
		const struct fwload_img_chain *ic = image_chain(tb, i);
		struct fwload_chain *c = pick(fn, tb, cm, i);

		if (!c)
			return -ENOENT;
		fwload_chain_get(c);
		t->list[i] = c;
		t->chains[tb->handle[i]] = &c->code;
		t->n_rules += c->code.n_rules;
		t->size += c->body_size;
		t->conntrack |= c->conntrack;
		if (is_base(ic)) {
			t->base[ic->hook] = &c->code;
			t->policy[ic->hook] = ic->policy;
			t->n_base++;
		}
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	return 0;
}

/* The number in the table of the base chain that can cost most. */
static u32 costliest(const struct fwload_table_build *tb)
{
	u64 most = 0;
	u32 i, worst = 0;

	for (i = 0; i < tb->new->n_base; i++) {
		u64 visits = tb->nodes[tb->handle[i]].visits;

		if (visits > most) {
			most = visits;
			worst = i;
		}
	}
	return worst;
}

static int check_graph(struct fwload_table_build *tb, struct fwload_commit *cm)
{
	struct fwload_table *t = tb->new;
	struct fwload_graph_result result;
	u32 i;
	int err;

	for (i = 0; i < t->n_chains; i++) {
		struct fwload_graph_node *node = &tb->nodes[tb->handle[i]];

		node->refs = t->list[i]->code.refs;
		node->n_refs = t->list[i]->n_live_refs;
		node->n_rules = t->list[i]->code.n_rules;
		if (is_base(image_chain(tb, i)))
			node->hooks = 1U << image_chain(tb, i)->hook;
	}
	err = fwload_graph_check(tb->nodes, t->n_handles, &result);
	if (err == -ELOOP)
		return refuse(tb, cm, err, tb->number[result.node] - first_chain(tb),
			      "the chain can come back to itself: a loop");
	if (err == -E2BIG)
		return refuse(tb, cm, err, tb->number[result.node] - first_chain(tb),
			      "chains call each other more than FWLOAD_MAX_DEPTH deep");
	if (err)
		return err;
	for (i = 0; i < t->n_chains; i++)
		if (tb->nodes[tb->handle[i]].hooks & ~t->list[i]->may_hooks)
			return refuse(tb, cm, -EINVAL, i,
				      "a match on mac is reached from OUTPUT or POSTROUTING");
	t->depth = result.depth;
	t->visits = result.visits;
	if (t->visits <= FWLOAD_MAX_VISITS)
		return 0;
	if (!(cm->flags & FWLOAD_COMMIT_COSTLY))
		return refuse(tb, cm, -E2BIG, costliest(tb),
			      "one packet could visit more rules than FWLOAD_MAX_VISITS");
	cm->warning = "one packet can visit more rules than FWLOAD_MAX_VISITS";
	return 0;
}

static u64 stack_size(const struct fwload_table *t)
{
	return 2ULL * t->depth * sizeof(struct fwload_jump);
}

static int alloc_stacks(struct fwload_net *fn, struct fwload_table *t)
{
	struct fwload_jump **stack;
	unsigned int cpu;

	if (!t->depth)
		return 0;
	stack = fwload_memory_alloc(fn, nr_cpu_ids, sizeof(*stack));
	if (IS_ERR(stack))
		return PTR_ERR(stack);
	t->stack = stack;
	for_each_possible_cpu(cpu) {
		int err = fwload_memory_charge(fn, stack_size(t));

		if (err)
			return err;
		stack[cpu] = kvzalloc_node(stack_size(t), FWLOAD_MEMORY_GFP, cpu_to_node(cpu));
		if (!stack[cpu]) {
			fwload_memory_uncharge(fn, stack_size(t));
			return -ENOMEM;
		}
	}
	return 0;
}

static void free_stacks(struct fwload_net *fn, struct fwload_table *t)
{
	unsigned int cpu;

	if (!t->stack)
		return;
	for_each_possible_cpu(cpu) {
		if (t->stack[cpu]) {
			kvfree(t->stack[cpu]);
			fwload_memory_uncharge(fn, stack_size(t));
		}
	}
	fwload_memory_free(fn, t->stack, nr_cpu_ids, sizeof(*t->stack));
}

/* Counters of the chains that are new, and what they take over from those before. */
static int prepare_counters(struct fwload_net *fn, struct fwload_table_build *tb,
			    struct fwload_commit *cm)
{
	struct fwload_table *t = tb->new;
	u32 i;

	for (i = 0; i < t->n_chains; i++) {
		struct fwload_chain *c = t->list[i], *before = tb->before[i];
		struct fwload_carry *carry;
		int err;

		if (c == before)
			continue;
		err = fwload_chain_alloc_counters(fn, c);
		if (err)
			return err;
		if (!(i % RESCHED_EVERY))
			cond_resched();
		if (!before || !(cm->flags & FWLOAD_COMMIT_CARRY))
			continue;
		carry = fwload_carry_alloc(fn, c, before);
		if (IS_ERR(carry))
			return PTR_ERR(carry);
		if (carry) {
			carry->next = tb->carries;
			tb->carries = carry;
		}
	}
	return 0;
}

static int alloc_table(struct fwload_net *fn, struct fwload_table_build *tb, u32 n_handles)
{
	struct fwload_table *t;
	void *p;

	t = fwload_memory_alloc(fn, 1, sizeof(*t));
	if (IS_ERR(t))
		return PTR_ERR(t);
	tb->new = t;
	refcount_set(&t->ref, 1);
	t->family = tb->source->family;
	t->type = tb->source->table;
	t->n_handles = n_handles;
	t->n_chains = n_chains(tb);

	p = fwload_memory_alloc(fn, n_handles, sizeof(*t->chains));
	if (IS_ERR(p))
		return PTR_ERR(p);
	t->chains = p;
	p = fwload_memory_alloc(fn, n_chains(tb), sizeof(*t->list));
	if (IS_ERR(p))
		return PTR_ERR(p);
	t->list = p;
	p = fwload_memory_alloc(fn, n_handles, sizeof(*tb->number));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->number = p;
	p = fwload_memory_alloc(fn, n_handles, sizeof(*tb->nodes));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->nodes = p;
	return 0;
}

static int alloc_names(struct fwload_net *fn, struct fwload_table_build *tb)
{
	void *p;

	p = fwload_memory_alloc(fn, n_chains(tb), sizeof(*tb->before));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->before = p;
	p = fwload_memory_alloc(fn, n_chains(tb), sizeof(*tb->handle));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->handle = p;
	return 0;
}

int fwload_table_build(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm)
{
	u32 i, n_handles;
	int err;

	err = alloc_names(fn, tb);
	if (err)
		return refuse_memory(cm, err);
	match_names(tb);
	n_handles = assign_handles(tb);
	err = alloc_table(fn, tb, n_handles);
	if (err)
		return refuse_memory(cm, err);
	memset(tb->number, 0xff, n_handles * sizeof(*tb->number));
	for (i = 0; i < n_chains(tb); i++)
		tb->number[tb->handle[i]] = first_chain(tb) + i;
	bind_refs(tb, true);

	err = pick_chains(fn, tb, cm);
	if (err)
		return err;
	err = check_graph(tb, cm);
	if (!err)
		err = alloc_stacks(fn, tb->new);
	if (!err)
		err = prepare_counters(fn, tb, cm);
	return err ? refuse_memory(cm, err) : 0;
}

int fwload_table_build_exts(struct fwload_net *fn, struct fwload_table_build *tb,
			    struct fwload_commit *cm)
{
	struct fwload_table *t = tb->new;
	struct fwload_ext_error error = {};
	u32 i;
	int err;

	for (i = 0; i < t->n_chains; i++) {
		struct fwload_chain *c = t->list[i];
		u32 hooks = tb->nodes[tb->handle[i]].hooks;

		if (c != tb->before[i]) {
			err = fwload_chain_build_exts(fn, tb->up->load, t->family, t->type,
						      c, hooks, &error);
			if (err)
				goto refused;
		} else if (hooks & ~c->hooks) {
			if (c->exts) {
				err = fwload_ext_recheck(fn->net, t->family, t->type, c,
							 hooks | c->hooks, &error);
				if (err)
					goto refused;
			}
			c->hooks |= hooks;
		}
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	return 0;

refused:
	if (!error.reason)
		return refuse_memory(cm, err);
	cm->err.rule = error.rule;
	cm->err.ext = error.ext;
	return refuse(tb, cm, err, i, error.reason);
}

static void drop_carries(struct fwload_net *fn, u8 family, struct fwload_carry *carry)
{
	while (carry) {
		struct fwload_carry *next = carry->next;

		fwload_carry_free(fn, family, carry);
		carry = next;
	}
}

void fwload_table_build_end(struct fwload_net *fn, struct fwload_table_build *tb, bool done)
{
	u8 family = tb->source->family;
	u32 i, n_handles = tb->new ? tb->new->n_handles : 0;

	if (!done) {
		drop_carries(fn, family, tb->carries);
		for (i = 0; i < n_chains(tb); i++) {
			struct fwload_chain *c = tb->up->chains[first_chain(tb) + i];

			if (c)
				fwload_chain_drop_exts(fn, family, c);
		}
		if (tb->bound)
			bind_refs(tb, false);
	}
	fwload_memory_free(fn, tb->nodes, n_handles, sizeof(*tb->nodes));
	fwload_memory_free(fn, tb->number, n_handles, sizeof(*tb->number));
	fwload_memory_free(fn, tb->handle, n_chains(tb), sizeof(*tb->handle));
	fwload_memory_free(fn, tb->before, n_chains(tb), sizeof(*tb->before));
	if (!done && tb->new)
		fwload_table_put(fn, tb->new);
}

void fwload_table_put(struct fwload_net *fn, struct fwload_table *t)
{
	u32 i;

	if (!refcount_dec_and_test(&t->ref))
		return;
	free_stacks(fn, t);
	for (i = 0; t->list && i < t->n_chains; i++) {
		if (t->list[i])
			fwload_chain_put(fn, t->family, t->list[i]);
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	fwload_memory_free(fn, t->list, t->n_chains, sizeof(*t->list));
	fwload_memory_free(fn, t->chains, t->n_handles, sizeof(*t->chains));
	fwload_memory_free(fn, t, 1, sizeof(*t));
}

struct fwload_chain *fwload_table_find(const struct fwload_table *t, const char *name)
{
	u32 low = t->n_base, high = t->n_chains, i;

	for (i = 0; i < t->n_base; i++)
		if (!strcmp(t->list[i]->name, name))
			return t->list[i];
	while (low < high) {
		u32 middle = low + (high - low) / 2;
		int order = strcmp(name, t->list[middle]->name);

		if (!order)
			return t->list[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
