/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_GRAPH_H
#define FWLOAD_GRAPH_H

#include "env.h"

/**
 * struct fwload_graph_node - a chain as the graph sees it
 * @refs: in: its refs; ref.chain indexes the array of nodes; NULL for an absent node
 * @n_refs: in: of @refs those that a packet can take, fwload_body.n_live_refs. A use behind a
 *	final rule counts in what the others cost.
 * @n_rules: in, what the chain itself counts for, see FWLOAD_MAX_VISITS
 * @hooks: in: 1 << hook for a base chain, else 0; out: the base hooks from which the
 *	chain can be reached
 * @depth: out: the most return addresses on the stack while the chain runs or what
 *	it calls runs: 0 for a chain without jumps (goto pushes nothing)
 * @visits: out: the most rules that a packet entering the chain can visit, saturating
 *
 * @depth and @visits of unreachable chains are 0.
 */
struct fwload_graph_node {
	const struct fwload_img_ref *refs;
	u32 n_refs;
	u32 n_rules;
	u32 hooks;
	u32 depth;
	u64 visits;
};

/**
 * struct fwload_graph_result - what holds for the whole table
 * @depth: the largest depth of a base chain
 * @visits: the largest visits of a base chain
 * @node: on error, the chain that is to blame
 */
struct fwload_graph_result {
	u32 depth;
	u64 visits;
	u32 node;
};

/*
 * Work out hooks, depth and visits of the @n chains of one table. A loop that a base
 * chain reaches is refused; one that none reaches is accepted, as iptables does.
 * Iterative, O(nodes + refs), allocates 8 bytes a node. May sleep.
 *
 * Returns 0; -ELOOP: result.node closes a loop; -E2BIG: result.node is deeper
 * than FWLOAD_MAX_DEPTH; -ENOMEM. The bound on visits is the caller's to apply.
 */
int fwload_graph_check(struct fwload_graph_node *nodes, u32 n,
		       struct fwload_graph_result *result);

#endif /* FWLOAD_GRAPH_H */
