// SPDX-License-Identifier: GPL-2.0
/*
 * The chain as an object: memory, counters, references.
 *
 * A chain is one allocation with its body at the end, where the bytes of the image
 * were copied as they came. Its index, if its body has a plan for one, else its screen, and its
 * counters are separate, the counters one array per CPU: alloc_percpu up to
 * the 32 KiB where that ends, above it an array per CPU in vmalloc memory.
 *
 * A counter reads as the sum over the CPUs plus a baseline. Only its own CPU ever writes
 * a per-CPU counter, so that the packet path needs no atomic operation; setting a
 * counter to zero subtracts what was read from the baseline instead, and a packet that
 * is counted at that moment is not lost.
 */
#include <linux/err.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "../uapi/linux/fwload.h"
#include "carry.h"
#include "chain.h"
#include "dyn.h"
#include "ext.h"
#include "index.h"
#include "main.h"
#include "memory.h"
#include "screen.h"

/* What a chain takes beside its rules; a node may have 60,000 of three rules. */
static_assert(offsetof(struct fwload_chain, body) <= 136);
/* What GET_IMAGE hands out is what is summed up here. */
static_assert(sizeof(struct fwload_counter) == sizeof(struct fwload_counter_pair));

/* Bytes of the per-CPU counters on all CPUs. */
static u64 counters_size(const struct fwload_chain *c)
{
	return (u64)fwload_chain_n_counters(c) * sizeof(struct fwload_counter) *
	       num_possible_cpus();
}

struct fwload_chain *fwload_chain_alloc(struct fwload_net *fn, u32 body_size)
{
	u64 size = sizeof(struct fwload_chain) + (u64)body_size;
	struct fwload_chain *c;
	int err;

	err = fwload_memory_charge(fn, size);
	if (err)
		return ERR_PTR(err);
	c = kvmalloc(size, FWLOAD_MEMORY_GFP);
	if (!c) {
		fwload_memory_uncharge(fn, size);
		return ERR_PTR(-ENOMEM);
	}
	/* The body is overwritten as a whole before it is read. */
	memset(c, 0, sizeof(*c));
	refcount_set(&c->ref, 1);
	c->body_size = body_size;
	return c;
}

/* Does any rule ask conntrack without an extension doing so for itself? */
static bool wants_conntrack(const struct fwload_body *b)
{
	u32 at = 0;

	while (at < b->rules_size) {
		const struct fwload_img_rule *rule = (const void *)(b->rules + at);
		u32 end = at + fwload_rule_size(rule);

		fwload_env_resched(rule, b->rules + end);
		at += sizeof(*rule);
		while (at < end) {
			const struct fwload_img_el *el = (const void *)(b->rules + at);

			switch (el->type) {
			case FWLOAD_IMG_EL_CTSTATE:
			case FWLOAD_IMG_EL_CONNMARK:
			case FWLOAD_IMG_EL_SET_CONNMARK:
				return true;
			}
			at += el->len * FWLOAD_IMG_ALIGN;
		}
	}
	return false;
}

static size_t dyns_size(u32 n)
{
	return sizeof(struct fwload_dyns) + n * sizeof(struct fwload_dyn *);
}

int fwload_chain_set_body(struct fwload_net *fn, struct fwload_chain *c,
			  const struct fwload_body *b, const char *name, bool is_base)
{
	struct fwload_dyns *dyns;

	if (b->n_dyns) {
		dyns = fwload_memory_alloc(fn, 1, dyns_size(b->n_dyns));
		if (IS_ERR(dyns))
			return PTR_ERR(dyns);
		dyns->n = b->n_dyns;
		c->code.dyns = dyns;
	}
	c->code.rules = b->rules;
	c->code.refs = b->refs;
	c->code.rules_size = b->rules_size;
	c->code.n_rules = b->n_rules;
	c->code.is_base = is_base;
	c->n_live_refs = b->n_live_refs;
	c->may_hooks = b->hooks;
	c->conntrack = wants_conntrack(b);
	strscpy(c->name, name, sizeof(c->name));
	return 0;
}

static void free_counters(struct fwload_net *fn, struct fwload_chain *c)
{
	unsigned int cpu;

	if (!c->code.percpu)
		return;
	if (c->code.is_large) {
		for_each_possible_cpu(cpu)
			kvfree(c->code.cpu[cpu]);
		kvfree(c->code.cpu);
	} else {
		free_percpu(c->code.percpu);
	}
	c->code.percpu = NULL;
	fwload_memory_uncharge(fn, counters_size(c));
}

static int alloc_large_counters(struct fwload_chain *c, size_t size)
{
	unsigned int cpu;

	c->code.cpu = kvcalloc(nr_cpu_ids, sizeof(*c->code.cpu), FWLOAD_MEMORY_GFP);
	if (!c->code.cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		c->code.cpu[cpu] = kvzalloc_node(size, FWLOAD_MEMORY_GFP, cpu_to_node(cpu));
		if (!c->code.cpu[cpu])
			return -ENOMEM;
	}
	return 0;
}

int fwload_chain_alloc_counters(struct fwload_net *fn, struct fwload_chain *c)
{
	size_t size = (size_t)fwload_chain_n_counters(c) * sizeof(struct fwload_counter);
	int err;

	if (!size || c->code.percpu)
		return 0;
	err = fwload_memory_charge(fn, counters_size(c));
	if (err)
		return err;

	c->code.is_large = size > PCPU_MIN_UNIT_SIZE;
	if (!c->code.is_large) {
		c->code.percpu = __alloc_percpu_gfp(size, sizeof(struct fwload_counter),
						    FWLOAD_MEMORY_GFP);
		if (!c->code.percpu)
			err = -ENOMEM;
	} else {
		err = alloc_large_counters(c, size);
	}
	if (!err)
		return 0;
	if (c->code.percpu)
		free_counters(fn, c);
	else
		fwload_memory_uncharge(fn, counters_size(c));
	return err;
}

/**
 * struct index_memory - the memory of an index, charged to a namespace
 * @memory: what index.c calls
 * @fn: the namespace
 * @err: why there was none
 */
struct index_memory {
	struct fwload_index_memory memory;
	struct fwload_net *fn;
	int err;
};

static void *index_alloc(struct fwload_index_memory *memory, size_t size)
{
	struct index_memory *m = container_of(memory, struct index_memory, memory);
	void *p = fwload_memory_alloc(m->fn, 1, size);

	if (!IS_ERR(p))
		return p;
	m->err = PTR_ERR(p);
	return NULL;
}

static void index_free(struct fwload_index_memory *memory, void *p, size_t size)
{
	fwload_memory_free(container_of(memory, struct index_memory, memory)->fn, p, 1, size);
}

static void free_index(struct fwload_net *fn, struct fwload_chain *c)
{
	if (c->code.is_screened)
		fwload_memory_free(fn, (void *)c->code.screen, 1, c->code.screen->size);
	else if (c->code.index)
		fwload_memory_free(fn, (void *)c->code.index, 1, c->code.index->size);
}

int fwload_chain_build_index(struct fwload_net *fn, u8 family, struct fwload_chain *c)
{
	struct index_memory m = {
		.memory = { .alloc = index_alloc, .free = index_free },
		.fn = fn,
	};
	u64 random[2][FWLOAD_KEY_WORDS];
	struct fwload_screen *screen;
	struct fwload_index *index;
	struct fwload_body b;

	if (c->code.index)
		return 0;
	fwload_body_open(c->body, &b);
	if (!b.plan) {
		if (fwload_screen_build(&b, family, &m.memory, &screen))
			return m.err;
		c->code.screen = screen;
		c->code.is_screened = screen;
		return 0;
	}
	get_random_bytes(random, sizeof(random));
	if (fwload_index_build(&b, family, random, &m.memory, &index))
		return m.err;
	c->code.index = index;
	return 0;
}

int fwload_chain_alloc_baseline(struct fwload_net *fn, struct fwload_chain *c)
{
	struct fwload_counter *baseline;

	if (c->baseline)
		return 0;
	baseline = fwload_memory_alloc(fn, fwload_chain_n_counters(c), sizeof(*baseline));
	if (IS_ERR(baseline))
		return PTR_ERR(baseline);
	c->baseline = baseline;
	return 0;
}

int fwload_chain_build_exts(struct fwload_net *fn, struct fwload_load *load, u8 family,
			    u8 table, struct fwload_chain *c, u32 hooks,
			    struct fwload_ext_error *err)
{
	struct fwload_body b;
	int ret;

	err->reason = NULL;
	fwload_body_open(c->body, &b);
	if (b.n_exts) {
		ret = fwload_memory_charge(fn, fwload_ext_size(&b));
		if (ret)
			return ret;
		ret = fwload_ext_build(fn->net, load, family, table, c, &b, hooks, err);
		if (ret) {
			fwload_memory_uncharge(fn, fwload_ext_size(&b));
			return ret;
		}
	}
	if (c->code.dyns) {
		ret = fwload_dyn_bind(fn, family, c, &b, err);
		if (ret) {
			fwload_chain_drop_exts(fn, family, c);
			return ret;
		}
	}
	c->hooks = hooks;
	return 0;
}

void fwload_chain_drop_exts(struct fwload_net *fn, u8 family, struct fwload_chain *c)
{
	struct fwload_body b;

	if (c->code.dyns)
		fwload_dyn_unbind(fn, c);
	if (!c->code.exts)
		return;
	fwload_body_open(c->body, &b);
	fwload_ext_destroy(fn->net, family, c);
	fwload_memory_uncharge(fn, fwload_ext_size(&b));
	c->code.exts = NULL;
}

void fwload_chain_put(struct fwload_net *fn, u8 family, struct fwload_chain *c)
{
	if (!refcount_dec_and_test(&c->ref))
		return;
	fwload_chain_drop_exts(fn, family, c);
	if (c->code.dyns)
		fwload_memory_free(fn, c->code.dyns, 1, dyns_size(c->code.dyns->n));
	free_counters(fn, c);
	free_index(fn, c);
	fwload_memory_free(fn, c->baseline, fwload_chain_n_counters(c),
			   sizeof(*c->baseline));
	fwload_memory_uncharge(fn, sizeof(*c) + (u64)c->body_size);
	kvfree(c);
}

/* What @c itself has counted, without what is carried over. */
static void add_own(const struct fwload_chain *c, u32 i, struct fwload_counter_pair *sum)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const struct fwload_counter *counter;

		counter = c->code.is_large ? c->code.cpu[cpu] :
					     per_cpu_ptr(c->code.percpu, cpu);
		sum->packets += READ_ONCE(counter[i].packets);
		sum->bytes += READ_ONCE(counter[i].bytes);
	}
	if (c->baseline) {
		sum->packets += c->baseline[i].packets;
		sum->bytes += c->baseline[i].bytes;
	}
}

void fwload_chain_read(const struct fwload_chain *c, u32 i,
		       struct fwload_counter_pair *sum)
{
	sum->packets = 0;
	sum->bytes = 0;
	for (;;) {
		add_own(c, i, sum);
		if (!c->carry)
			return;
		/* As long as commits come faster than grace periods, from chain to chain. */
		i = c->carry->map[i];
		if (i == FWLOAD_CARRY_NONE)
			return;
		c = c->carry->from;
	}
}

void fwload_chain_read_zero(struct fwload_chain *c, u32 i,
			    struct fwload_counter_pair *sum)
{
	fwload_chain_read(c, i, sum);
	c->baseline[i].packets -= sum->packets;
	c->baseline[i].bytes -= sum->bytes;
}
