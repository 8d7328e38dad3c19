/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_RULESET_H
#define FWLOAD_RULESET_H

#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "chain.h"

/**
 * struct fwload_table - a table of one generation
 * @chains: by handle; NULL where a handle is free. The refs of a chain hold handles,
 *	so that a chain is shared by the generations that have it
 * @n_handles: room of @chains
 * @base: the chain of each hook, NULL where the table has no hook
 * @policy: enum fwload_policy of the chain of each hook
 * @depth: most return addresses that a traversal pushes
 * @stack: per CPU, 2 * depth entries: the second half serves packets that TEE
 *	duplicates while the first is in use; NULL when depth is 0
 * @visits: the most rules that a traversal can visit
 */
struct fwload_table {
	struct fwload_code **chains;
	u32 n_handles;
	u32 depth;
	const struct fwload_code *base[__FWLOAD_HOOK_MAX];
	u8 policy[__FWLOAD_HOOK_MAX];
	struct fwload_jump **stack;
	u64 visits;
};

/**
 * struct fwload_gen - a generation: everything in force in a namespace
 * @id: counts up with every change; 0 is never used
 * @tables: NULL where a table is not loaded; tables that a commit does not name are
 *	shared with the generation before
 *
 * Published with one pointer store in fwload_net.gen, immutable from then on, and
 * retired by queue_rcu_work.
 */
struct fwload_gen {
	u32 id;
	struct fwload_table *tables[__FWLOAD_FAMILY_MAX][__FWLOAD_TABLE_MAX];
	struct rcu_work retire;
	/* what ruleset.c adds */
};

#endif /* FWLOAD_RULESET_H */
