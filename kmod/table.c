// SPDX-License-Identifier: GPL-2.0
/*
 * A table: built from those chains of an image that belong to it and from the table that
 * is in force. Which chains it has, and their handles, is found out by names.c.
 *
 * A chain is taken over as it is, with counters and match state, when the image does not
 * name it or says so by its id (FWLOAD_IMG_C_KEPT), or when counters are to be carried over
 * and its body is the same byte for byte, refs by handle. Else it is a new object; then
 * counters of rules that stay are carried over one by one (carry.c), or are what the
 * image says (given.c).
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "carry.h"
#include "ext.h"
#include "given.h"
#include "main.h"
#include "memory.h"
#include "names.h"
#include "table.h"
#include "upload.h"

#define RESCHED_EVERY	1024	/* chains */
#define PIECE		65536U	/* bytes, after which others may have the CPU */

const struct fwload_img_chain *fwload_table_image_chain(const struct fwload_table_build *tb,
							u32 i)
{
	return tb->image[i] == FWLOAD_NO_PLACE ? NULL : &tb->up->img.chains[tb->image[i]];
}

int fwload_table_refuse(const struct fwload_table_build *tb, struct fwload_commit *cm,
			int errnum, u32 i, const char *reason)
{
	const struct fwload_img_chain *ic = fwload_table_image_chain(tb, i);

	cm->err.reason = reason;
	if (!ic)
		return errnum;
	cm->err.chain = tb->image[i];
	cm->err.offset = fwload_image_has_body(ic) ?
			 fwload_image_body_offset(&tb->up->img, tb->image[i]) :
			 (u64)((const void *)ic - tb->up->index);
	return errnum;
}

static int refuse_memory(struct fwload_commit *cm, int errnum)
{
	if (!cm->err.reason)
		cm->err.reason = fwload_memory_reason(errnum);
	return errnum;
}

static bool same_body(const struct fwload_chain *a, const struct fwload_chain *b)
{
	u32 at;

	if (a->body_size != b->body_size)
		return false;
	for (at = 0; at < a->body_size; at += PIECE) {
		if (memcmp(a->body + at, b->body + at, min(PIECE, a->body_size - at)))
			return false;
		cond_resched();
	}
	return true;
}

/* Decide for chain number @i of the table which object it is. */
static struct fwload_chain *pick(struct fwload_net *fn, struct fwload_table_build *tb,
				 struct fwload_commit *cm, u32 i)
{
	const struct fwload_img_chain *ic = fwload_table_image_chain(tb, i);
	struct fwload_chain *before = tb->before[i], *c;

	if (!ic)
		return before;
	if (ic->flags & FWLOAD_IMG_C_KEPT) {
		if (before && before->id == le64_to_cpu(ic->id))
			return before;
		fwload_table_refuse(tb, cm, -ENOENT, i,
				    "the chain to be kept is not in force any more");
		return NULL;
	}
	c = tb->up->chains[tb->image[i]];
	if ((cm->flags & FWLOAD_COMMIT_CARRY) && !tb->up->img.counters && before &&
	    same_body(c, before))
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
	u32 i, hooks = fwload_image_hooks(t->type);
	u64 n_rules = 0;

	for (i = 0; i < tb->n_chains; i++) {
		const struct fwload_img_chain *ic = fwload_table_image_chain(tb, i);
		struct fwload_chain *c = pick(fn, tb, cm, i);

		if (!c)
			return -ENOENT;
		fwload_chain_get(c);
		t->list[i] = c;
		t->chains[tb->handle[i]] = &c->code;
		n_rules += c->code.n_rules;
		t->size += c->body_size;
		t->conntrack |= c->conntrack;
		if (hooks) {
			u8 hook = __ffs(hooks);

			t->base[hook] = &c->code;
			t->policy[hook] = ic ? ic->policy : tb->old->policy[hook];
			t->n_base++;
			hooks &= hooks - 1;
		}
		if (!(i % RESCHED_EVERY))
			cond_resched();
	}
	t->n_rules = n_rules;
	if (n_rules <= FWLOAD_MAX_RULES)
		return 0;
	cm->err.reason = "the table would have more rules than FWLOAD_MAX_RULES";
	return -E2BIG;
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

static const struct fwload_chain *chain_of(const struct fwload_code *code)
{
	return container_of(code, struct fwload_chain, code);
}

static int check_graph(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm)
{
	struct fwload_table *t = tb->new;
	struct fwload_graph_result result;
	u32 i;
	int err;

	for (i = 0; i < t->n_chains; i++) {
		struct fwload_graph_node *node = &tb->nodes[tb->handle[i]];

		fwload_env_pause(i + 1);
		node->refs = t->list[i]->code.refs;
		node->n_refs = t->list[i]->n_live_refs;
		node->n_rules = t->list[i]->code.n_rules +
				t->list[i]->code.rules_size / FWLOAD_VISIT_BYTES;
	}
	for (i = 0; i < __FWLOAD_HOOK_MAX; i++)
		if (t->base[i])
			tb->nodes[chain_of(t->base[i])->handle].hooks = 1U << i;
	err = fwload_graph_check(tb->nodes, t->n_handles, &result);
	if (err == -ELOOP)
		return fwload_table_refuse(tb, cm, err, tb->place[result.node],
			      "the chain can come back to itself: a loop");
	if (err == -E2BIG)
		return fwload_table_refuse(tb, cm, err, tb->place[result.node],
			      "chains call each other more than FWLOAD_MAX_DEPTH deep");
	if (err)
		return err;
	for (i = 0; i < t->n_chains; i++) {
		fwload_env_pause(i + 1);
		if (tb->nodes[tb->handle[i]].hooks & ~t->list[i]->may_hooks)
			return fwload_table_refuse(tb, cm, -EINVAL, i,
				      "a match on mac is reached from OUTPUT or POSTROUTING");
	}
	t->depth = result.depth;
	t->visits = result.visits;
	if (t->visits <= (fn->net->user_ns == &init_user_ns ? FWLOAD_MAX_VISITS :
							       FWLOAD_MAX_VISITS_USERNS))
		return 0;
	if (!(cm->flags & FWLOAD_COMMIT_COSTLY))
		return fwload_table_refuse(tb, cm, -E2BIG, costliest(tb),
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

/* Counters and index of the chains that are new, and what they take over from those before. */
static int prepare_chains(struct fwload_net *fn, struct fwload_table_build *tb,
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
		if (!err)
			err = fwload_chain_build_index(fn, t->family, c);
		if (err)
			return err;
		if (!(i % RESCHED_EVERY))
			cond_resched();
		if (!before || !(cm->flags & FWLOAD_COMMIT_CARRY) || tb->up->img.counters)
			continue;
		carry = fwload_carry_alloc(fn, t->family, c, before);
		if (IS_ERR(carry))
			return PTR_ERR(carry);
		if (carry) {
			carry->next = tb->carries;
			tb->carries = carry;
		}
	}
	return 0;
}

static int alloc_table(struct fwload_net *fn, struct fwload_table_build *tb)
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
	t->n_handles = tb->n_handles;
	t->n_chains = tb->n_chains;

	p = fwload_memory_alloc(fn, t->n_handles, sizeof(*t->chains));
	if (IS_ERR(p))
		return PTR_ERR(p);
	t->chains = p;
	p = fwload_memory_alloc(fn, t->n_chains, sizeof(*t->list));
	if (IS_ERR(p))
		return PTR_ERR(p);
	t->list = p;
	p = fwload_memory_alloc(fn, t->n_handles, sizeof(*tb->nodes));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->nodes = p;
	return 0;
}

int fwload_table_build(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm)
{
	int err;

	err = fwload_names_match(fn, tb, cm);
	if (!err)
		err = alloc_table(fn, tb);
	if (!err)
		err = fwload_names_bind(tb, cm);
	if (!err)
		err = pick_chains(fn, tb, cm);
	if (!err)
		err = fwload_names_check(tb, cm);
	if (!err)
		err = check_graph(fn, tb, cm);
	if (!err)
		err = alloc_stacks(fn, tb->new);
	if (!err)
		err = prepare_chains(fn, tb, cm);
	if (!err)
		err = fwload_given_prepare(fn, tb, cm);
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
			if (c->code.exts) {
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
	return fwload_table_refuse(tb, cm, err, i, error.reason);
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
	u32 i, n, first = le32_to_cpu(tb->source->first_chain);

	if (!done) {
		drop_carries(fn, family, tb->carries);
		n = le32_to_cpu(tb->source->n_chains);
		for (i = 0; i < n; i++) {
			struct fwload_chain *c = tb->up->chains[first + i];

			if (c)
				fwload_chain_drop_exts(fn, family, c);
		}
		fwload_names_unbind(tb);
	}
	fwload_memory_free(fn, tb->nodes, tb->n_handles, sizeof(*tb->nodes));
	fwload_names_free(fn, tb);
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
