// SPDX-License-Identifier: GPL-2.0
/*
 * The graph of chains at its limits, in the kernel. Random graphs are compared with a
 * model on the host (selftests/unit/test_graph.c).
 */
#include <kunit/test.h>

#include "../graph.h"

#define MOST	(FWLOAD_MAX_DEPTH + 2)

/* @n chains of one rule, each of which jumps to the next @uses times; the first is INPUT. */
static struct fwload_graph_node *chain_of(struct kunit *test, u32 n, u32 uses)
{
	struct fwload_graph_node *nodes = kunit_kcalloc(test, n, sizeof(*nodes), GFP_KERNEL);
	struct fwload_img_ref *refs = kunit_kcalloc(test, n, sizeof(*refs), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, nodes);
	KUNIT_ASSERT_NOT_NULL(test, refs);
	for (i = 0; i < n; i++) {
		refs[i].chain = cpu_to_le32(i + 1);
		refs[i].uses = cpu_to_le32(uses);
		nodes[i].refs = &refs[i];
		nodes[i].n_refs = i + 1 < n;
		nodes[i].n_rules = 1;
	}
	nodes[0].hooks = BIT(FWLOAD_HOOK_INPUT);
	return nodes;
}

static void walks_beyond_2_to_the_64_saturate(struct kunit *test)
{
	struct fwload_graph_node *nodes = chain_of(test, 66, 2);
	struct fwload_graph_result result;

	KUNIT_EXPECT_EQ(test, fwload_graph_check(nodes, 66, &result), 0);
	KUNIT_EXPECT_EQ(test, result.visits, U64_MAX);
	KUNIT_EXPECT_EQ(test, result.depth, 65);
	KUNIT_EXPECT_EQ(test, nodes[65].hooks, BIT(FWLOAD_HOOK_INPUT));
}

static void the_deepest_graph_is_accepted(struct kunit *test)
{
	struct fwload_graph_node *nodes = chain_of(test, MOST - 1, 1);
	struct fwload_graph_result result;

	KUNIT_EXPECT_EQ(test, fwload_graph_check(nodes, MOST - 1, &result), 0);
	KUNIT_EXPECT_EQ(test, result.depth, FWLOAD_MAX_DEPTH);
	KUNIT_EXPECT_EQ(test, result.visits, MOST - 1);
}

static void a_deeper_graph_is_refused(struct kunit *test)
{
	struct fwload_graph_node *nodes = chain_of(test, MOST, 1);
	struct fwload_graph_result result;

	KUNIT_EXPECT_EQ(test, fwload_graph_check(nodes, MOST, &result), -E2BIG);
	KUNIT_EXPECT_EQ(test, result.node, 0);
}

static void a_loop_is_refused_if_a_base_chain_reaches_it(struct kunit *test)
{
	struct fwload_graph_node *nodes = chain_of(test, 3, 1);
	struct fwload_graph_result result;
	struct fwload_img_ref back = { cpu_to_le32(1), cpu_to_le32(1) };

	nodes[2].refs = &back;
	nodes[2].n_refs = 1;
	KUNIT_EXPECT_EQ(test, fwload_graph_check(nodes, 3, &result), -ELOOP);
	KUNIT_EXPECT_EQ(test, result.node, 2);

	nodes[0].n_refs = 0;
	KUNIT_EXPECT_EQ(test, fwload_graph_check(nodes, 3, &result), 0);
	KUNIT_EXPECT_EQ(test, nodes[1].hooks, 0);
}

static struct kunit_case graph_cases[] = {
	KUNIT_CASE(walks_beyond_2_to_the_64_saturate),
	KUNIT_CASE(the_deepest_graph_is_accepted),
	KUNIT_CASE(a_deeper_graph_is_refused),
	KUNIT_CASE(a_loop_is_refused_if_a_base_chain_reaches_it),
	{}
};

static struct kunit_suite graph_suite = {
	.name = "fwload_graph",
	.test_cases = graph_cases,
};

kunit_test_suite(graph_suite);
