// SPDX-License-Identifier: GPL-2.0
/*
 * The chains of a table as a graph: who calls whom, how deep, how often.
 *
 * A depth-first walk from the base chains finds loops and leaves the reachable chains
 * in an order in which every chain stands before those that it calls. From the
 * last to the first of them, depth and visits of a chain follow from those of the
 * chains that it calls; from the first to the last, its hooks are handed on.
 *
 * The walk does not recurse. One array holds both its stack, which grows from the
 * start, and the chains that are done, which fill it from the end: a chain is in one
 * of them at most, so that they never meet. A second array holds for each chain
 * the number of its next ref, plus one, so that 0 is a chain not seen yet.
 *
 * A chain is assumed to take all of its jumps and the worst of its gotos: after a
 * goto, a packet does not come back. With 64 chains that each jump twice to the next
 * the last one is visited 2^64 times; sums saturate.
 */
#include "graph.h"

#define DONE	0xffffffffU

static u64 add(u64 a, u64 b)
{
	u64 sum;

	return check_add_overflow(a, b, &sum) ? ~0ULL : sum;
}

static u64 mul(u64 a, u64 b)
{
	u64 product;

	return check_mul_overflow(a, b, &product) ? ~0ULL : product;
}

/* Depth and visits of a chain, when all that it calls have theirs. */
static void settle(struct fwload_graph_node *nodes, struct fwload_graph_node *node)
{
	const struct fwload_graph_node *to;
	u64 visits = node->n_rules, far = 0;
	u32 depth = 0, i, uses;

	for (i = 0; i < node->n_refs; i++) {
		fwload_env_pause(i + 1);
		to = &nodes[le32_to_cpu(node->refs[i].chain)];
		uses = le32_to_cpu(node->refs[i].uses);
		if (uses & FWLOAD_IMG_REF_GOTO) {
			far = to->visits > far ? to->visits : far;
			depth = to->depth > depth ? to->depth : depth;
		} else {
			visits = add(visits, mul(uses, to->visits));
			depth = to->depth + 1 > depth ? to->depth + 1 : depth;
		}
	}
	node->visits = add(visits, far);
	node->depth = depth;
}

/*
 * Walk what @root reaches. @order: n entries, of which those from *@first on are
 * the chains that are done.
 */
static int walk(struct fwload_graph_node *nodes, u32 root, u32 *order, u32 *first, u32 *next,
		struct fwload_graph_result *result)
{
	struct fwload_graph_node *node;
	u32 size = 0, steps = 0, to;

	order[size++] = root;
	next[root] = 1;
	while (size) {
		fwload_env_pause(++steps);
		result->node = order[size - 1];
		node = &nodes[result->node];
		if (next[result->node] <= node->n_refs) {
			to = le32_to_cpu(node->refs[next[result->node]++ - 1].chain);
			if (next[to] == DONE)
				continue;
			if (next[to])
				return -ELOOP;
			order[size++] = to;
			next[to] = 1;
			continue;
		}
		settle(nodes, node);
		if (node->depth > FWLOAD_MAX_DEPTH)
			return -E2BIG;
		next[result->node] = DONE;
		size--;
		order[--*first] = result->node;
	}
	return 0;
}

static int check(struct fwload_graph_node *nodes, u32 n, u32 *order, u32 *next,
		 struct fwload_graph_result *result)
{
	const struct fwload_graph_node *node;
	u32 first = n, steps = 0, i, j;
	int ret;

	for (i = 0; i < n; i++) {
		nodes[i].depth = 0;
		nodes[i].visits = 0;
	}
	for (i = 0; i < n; i++) {
		fwload_env_pause(i + 1);
		if (!nodes[i].hooks || next[i])
			continue;
		ret = walk(nodes, i, order, &first, next, result);
		if (ret)
			return ret;
		if (nodes[i].depth > result->depth)
			result->depth = nodes[i].depth;
		if (nodes[i].visits > result->visits)
			result->visits = nodes[i].visits;
	}
	for (i = first; i < n; i++) {
		node = &nodes[order[i]];
		for (j = 0; j < node->n_refs; j++) {
			fwload_env_pause(++steps);
			nodes[le32_to_cpu(node->refs[j].chain)].hooks |= node->hooks;
		}
	}
	return 0;
}

int fwload_graph_check(struct fwload_graph_node *nodes, u32 n,
		       struct fwload_graph_result *result)
{
	u32 *order = fwload_env_alloc(n, sizeof(*order));
	u32 *next = fwload_env_alloc(n, sizeof(*next));
	int ret = -ENOMEM;

	*result = (struct fwload_graph_result){ .node = 0 };
	if (order && next)
		ret = check(nodes, n, order, next, result);
	fwload_env_free(next);
	fwload_env_free(order);
	return ret;
}
