/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_CHAIN_H
#define FWLOAD_CHAIN_H

#include <linux/refcount.h>

#include "body.h"
#include "eval.h"

struct fwload_carry;
struct fwload_counter_pair;
struct fwload_ext_error;
struct fwload_load;
struct fwload_net;

/**
 * struct fwload_chain - the unit of change: rules, extensions and counters of a chain
 * @code: what the walk reads
 * @baseline: a pair for each counter that a reader adds to the sum over the CPUs
 *	(wrapping), NULL while all are zero. Zeroing and carrying over move it; the per-CPU
 *	counters are never written by another CPU. Under fwload_net.lock.
 * @carry: counters that are being carried over from another chain, until they are
 *	folded into @baseline, or NULL. Under fwload_net.lock.
 * @id: unique in the network namespace for as long as the module is loaded; 0 until the
 *	chain becomes part of a table
 * @ref: one per table that has it, and one for its staging area
 * @handle: its place in fwload_table.chains
 * @body_size: bytes of the body
 * @n_live_refs: refs by which a packet can leave it, see struct fwload_body
 * @hooks: base hooks from which its extensions were checked
 * @may_hooks: base hooks from which it may be reached, see struct fwload_body
 * @conntrack: a rule asks conntrack without an extension
 * @name: its name, in the namespace of its table
 * @body: the body as it came, with handles in the refs
 *
 * Immutable once published, but for counters, @baseline, @carry and @hooks.
 */
struct fwload_chain {
	struct fwload_code code;
	struct fwload_counter *baseline;
	struct fwload_carry *carry;
	u64 id;
	refcount_t ref;
	u32 handle;
	u32 body_size;
	u32 n_live_refs;
	u8 hooks;
	u8 may_hooks;
	bool conntrack;
	char name[FWLOAD_CHAIN_NAME_MAX + 1];
	u8 body[] __aligned(8);
};

/* All functions: process context; those that allocate or free may sleep. */

/*
 * A chain with room for a body of @body_size bytes, which the caller fills. One
 * reference. Returns ERR_PTR(-ENOBUFS) beyond the namespace's bound, or -ENOMEM.
 */
struct fwload_chain *fwload_chain_alloc(struct fwload_net *fn, u32 body_size);

/*
 * Take a body that has passed fwload_body_check() as that of the chain @name;
 * @is_base says whether it has a policy counter. Returns 0, -ENOBUFS or -ENOMEM.
 */
int fwload_chain_set_body(struct fwload_net *fn, struct fwload_chain *c,
			  const struct fwload_body *b, const char *name, bool is_base);

static inline void fwload_chain_get(struct fwload_chain *c)
{
	refcount_inc(&c->ref);
}

/*
 * Give up a reference. The last one destroys the chain with its extensions: no packet
 * may be able to see it (a grace period has passed, or it was never in force).
 * @family is that of its table.
 */
void fwload_chain_put(struct fwload_net *fn, u8 family, struct fwload_chain *c);

/*
 * Bring the extensions of a chain into being, and the addresses of interfaces that it asks
 * for, for a table of @family and type @table and for @hooks, from which it is reached.
 * Returns 0, -ENOBUFS, -ENOMEM, or what an extension answers and @err. err->reason is
 * NULL when it is not about an extension.
 */
int fwload_chain_build_exts(struct fwload_net *fn, struct fwload_load *load, u8 family,
			    u8 table, struct fwload_chain *c, u32 hooks,
			    struct fwload_ext_error *err);

/* Destroy them, and give those up: no packet may be able to see the chain. */
void fwload_chain_drop_exts(struct fwload_net *fn, u8 family, struct fwload_chain *c);

/* The refs of the body, *@n of them, which hold numbers or handles: see struct fwload_img_ref. */
static inline struct fwload_img_ref *fwload_chain_refs(const struct fwload_chain *c, u32 *n)
{
	struct fwload_img_body *body = (void *)c->body;

	*n = le32_to_cpu(body->n_refs);
	return (void *)(body + 1);
}

/* Rules, and the policy of a base chain. */
static inline u32 fwload_chain_n_counters(const struct fwload_chain *c)
{
	return c->code.n_rules + c->code.is_base;
}

/* Per-CPU counters, if the chain has none yet. Returns 0, -ENOBUFS or -ENOMEM. */
int fwload_chain_alloc_counters(struct fwload_net *fn, struct fwload_chain *c);

/*
 * The index, if the body has a plan for one, else a screen where it is of use, unless the chain
 * has them already, for a table of @family.
 * Returns 0, -ENOBUFS or -ENOMEM.
 */
int fwload_chain_build_index(struct fwload_net *fn, u8 family, struct fwload_chain *c);

/* The baseline, if the chain has none yet. Returns 0, -ENOBUFS or -ENOMEM. */
int fwload_chain_alloc_baseline(struct fwload_net *fn, struct fwload_chain *c);

/*
 * Counter number @i: the sum over the CPUs, the baseline and what is being carried
 * over. Context: fwload_net.lock held.
 */
void fwload_chain_read(const struct fwload_chain *c, u32 i,
		       struct fwload_counter_pair *sum);

/*
 * Read counter number @i and set it to zero. The chain has a baseline.
 * Context: fwload_net.lock held.
 */
void fwload_chain_read_zero(struct fwload_chain *c, u32 i,
			    struct fwload_counter_pair *sum);

#endif /* FWLOAD_CHAIN_H */
