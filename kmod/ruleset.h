/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_RULESET_H
#define FWLOAD_RULESET_H

#include <linux/refcount.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "chain.h"

struct fwload_load;
struct fwload_net;
struct fwload_upload;

/**
 * struct fwload_table - a table of one generation
 * @chains: by handle; NULL where a handle is free. The refs of a chain hold handles,
 *	so that a chain is shared by the generations that have it
 * @n_handles: room of @chains
 * @depth: most return addresses that a traversal pushes
 * @base: the chain of each hook, NULL where the table has no hook
 * @policy: enum fwload_policy of the chain of each hook
 * @stack: per CPU, 2 * depth entries: the second half serves packets that TEE
 *	duplicates while the first is in use; NULL when depth is 0
 * @visits: the most rules that a traversal can visit
 * @list: its chains, base chains in the order of their hooks, then user chains by name.
 *	Has a reference to each
 * @n_chains: length of @list
 * @n_base: base chains in @list
 * @n_rules: rules in all chains
 * @size: bytes of all bodies
 * @ref: one per generation and one per dump
 * @family: enum fwload_family
 * @type: enum fwload_table_type
 * @conntrack: a rule asks conntrack without an extension. A nat table does not ask for
 *	it: its targets do, as in ip_tables, and without any the chains are not visited
 */
struct fwload_table {
	struct fwload_code **chains;
	u32 n_handles;
	u32 depth;
	const struct fwload_code *base[__FWLOAD_HOOK_MAX];
	u8 policy[__FWLOAD_HOOK_MAX];
	struct fwload_jump **stack;
	u64 visits;
	struct fwload_chain **list;
	u32 n_chains;
	u32 n_base;
	u32 n_rules;
	u64 size;
	refcount_t ref;
	u8 family;
	u8 type;
	bool conntrack;
};

/**
 * struct fwload_gen - a generation: everything in force in a namespace
 * @id: counts up with every change; 0 is never used
 * @tables: NULL where a table is not loaded; tables that a commit does not name are
 *	shared with the generation before. Has a reference to each
 * @retire: frees it after the grace period
 * @fn: its namespace, which waits for it
 * @carries: per family, counters to fold into what replaced it, once it is not seen any
 *	more
 *
 * Published with one pointer store in fwload_net.gen, immutable from then on, and
 * retired by queue_rcu_work.
 */
struct fwload_gen {
	u32 id;
	struct fwload_table *tables[__FWLOAD_FAMILY_MAX][__FWLOAD_TABLE_MAX];
	struct rcu_work retire;
	struct fwload_net *fn;
	struct fwload_carry *carries[__FWLOAD_FAMILY_MAX];
};

/**
 * struct fwload_commit - what a commit asks for, and what comes of it
 * @flags: in: FWLOAD_COMMIT_*
 * @expect: in: generation that must be in force
 * @any: in: whatever is in force, @expect does not count
 * @err: out: why it was refused
 * @warning: out: what the client should hear although it succeeded, or NULL
 */
struct fwload_commit {
	u32 flags;
	u32 expect;
	bool any;
	struct fwload_image_error err;
	const char *warning;
};

/* All functions: process context, may sleep. Those that take fwload_net want its lock. */

/* The generation in force, or NULL. Context: fwload_net.lock held. */
struct fwload_gen *fwload_ruleset_current(struct fwload_net *fn);

/*
 * Wait until not too many replaced generations are left in memory. Returns 0 or
 * -ERESTARTSYS, when the caller was killed. Context: fwload_net.lock not held.
 */
int fwload_ruleset_wait(struct fwload_net *fn);

/*
 * Put the complete image @up into force in place of the tables that it names. Returns 0
 * and the new generation is in force, or -errno and @cm->err, and nothing has changed:
 * -ESTALE (@expect is not in force), -EAGAIN (modules are being loaded: repeat), -ENOENT
 * (a kept chain is gone), -EINVAL, -ELOOP, -E2BIG, -ENOBUFS, -ENOMEM and what
 * extensions answer. After anything but -EAGAIN the caller drops @up.
 */
int fwload_ruleset_commit(struct fwload_net *fn, struct fwload_upload *up,
			  struct fwload_commit *cm);

/**
 * struct fwload_selection - a part of what is in force
 * @families: bit for each enum fwload_family
 * @tables: bit for each enum fwload_table_type
 * @chain: name of a chain, NULL for all
 * @rule: number of a rule, FWLOAD_NO_PLACE for all and the policies
 */
struct fwload_selection {
	u32 families;
	u32 tables;
	const char *chain;
	u32 rule;
};

/*
 * Unload the selected tables (chain and rule do not count). Returns 1 when something has
 * changed, 0 when none of them was loaded, or -ENOMEM.
 */
int fwload_ruleset_flush(struct fwload_net *fn, const struct fwload_selection *sel);

/*
 * Set the selected counters to zero. Returns 0, or -ENOENT and *@reason when the chain
 * or the rule is not there, -ENOBUFS or -ENOMEM; then nothing has changed.
 */
int fwload_ruleset_zero(struct fwload_net *fn, const struct fwload_selection *sel,
			const char **reason);

/* The end of the namespace: free what is in force. No packet can see it any more. */
void fwload_ruleset_exit(struct fwload_net *fn);

#endif /* FWLOAD_RULESET_H */
