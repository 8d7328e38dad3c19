// SPDX-License-Identifier: GPL-2.0
/*
 * The graph of chains: loops, depth, hooks, visits; and a naive recursive model of it
 * as the oracle on random graphs.
 */
#include "../../kmod/graph.h"
#include "ktap.h"

#define MAX_NODES	6000
#define MAX_REFS	4

static struct fwload_graph_node nodes[MAX_NODES];
static struct fwload_img_ref refs[MAX_NODES][MAX_REFS];
static struct fwload_graph_result result;

/* @n chains of @rules rules each without refs; chain 0 is a base chain of INPUT. */
static void graph(u32 n, u32 rules)
{
	u32 i;

	memset(nodes, 0, sizeof(nodes));
	for (i = 0; i < n; i++)
		nodes[i] = (struct fwload_graph_node){ .refs = refs[i], .n_rules = rules };
	nodes[0].hooks = 1U << FWLOAD_HOOK_INPUT;
}

static void ref(u32 from, u32 to, u32 uses)
{
	struct fwload_img_ref *r = &refs[from][nodes[from].n_refs++];

	r->chain = cpu_to_le32(to);
	r->uses = cpu_to_le32(uses);
}

static void jump(u32 from, u32 to)
{
	ref(from, to, 1);
}

static void go(u32 from, u32 to)
{
	ref(from, to, 1 | FWLOAD_IMG_REF_GOTO);
}

static void a_chain_alone_visits_its_rules(void)
{
	graph(1, 7);
	EXPECT_INT(fwload_graph_check(nodes, 1, &result), 0);
	EXPECT_INT(result.depth, 0);
	EXPECT_INT(result.visits, 7);
	EXPECT_INT(nodes[0].hooks, 1U << FWLOAD_HOOK_INPUT);
}

static void a_jump_counts_once_per_use(void)
{
	graph(2, 10);
	ref(0, 1, 3);
	EXPECT_INT(fwload_graph_check(nodes, 2, &result), 0);
	EXPECT_INT(result.depth, 1);
	EXPECT_INT(result.visits, 40);
	EXPECT_INT(nodes[1].visits, 10);
}

static void of_gotos_the_worst_is_taken_once(void)
{
	graph(3, 10);
	nodes[2].n_rules = 50;
	ref(0, 1, 3 | FWLOAD_IMG_REF_GOTO);
	ref(0, 2, 2 | FWLOAD_IMG_REF_GOTO);
	EXPECT_INT(fwload_graph_check(nodes, 3, &result), 0);
	EXPECT_INT(result.visits, 60);
}

static void a_goto_pushes_nothing(void)
{
	graph(4, 1);
	go(0, 1);
	jump(1, 2);
	go(2, 3);
	EXPECT_INT(fwload_graph_check(nodes, 4, &result), 0);
	EXPECT_INT(result.depth, 1);
	EXPECT_INT(nodes[2].depth, 0);
}

static void hooks_reach_what_base_chains_reach(void)
{
	const u32 in = 1U << FWLOAD_HOOK_INPUT, out = 1U << FWLOAD_HOOK_OUTPUT;

	graph(6, 1);
	nodes[1].hooks = out;
	jump(0, 2);
	jump(1, 3);
	jump(2, 4);
	go(3, 4);
	EXPECT_INT(fwload_graph_check(nodes, 6, &result), 0);
	EXPECT_INT(nodes[2].hooks, in);
	EXPECT_INT(nodes[3].hooks, out);
	EXPECT_INT(nodes[4].hooks, in | out);
	EXPECT_INT(nodes[5].hooks, 0);
}

static void a_chain_that_is_not_reached_has_no_depth(void)
{
	graph(3, 5);
	jump(1, 2);
	EXPECT_INT(fwload_graph_check(nodes, 3, &result), 0);
	EXPECT_INT(nodes[1].depth, 0);
	EXPECT_INT(nodes[1].visits, 0);
	EXPECT_INT(nodes[2].hooks, 0);
}

static void an_absent_chain_is_let_be(void)
{
	graph(3, 5);
	nodes[1] = (struct fwload_graph_node){ 0 };
	jump(0, 2);
	EXPECT_INT(fwload_graph_check(nodes, 3, &result), 0);
	EXPECT_INT(result.visits, 10);
}

static void a_loop_that_is_reached_is_refused(void)
{
	graph(4, 1);
	jump(0, 1);
	jump(1, 2);
	jump(2, 3);
	jump(3, 1);
	EXPECT_INT(fwload_graph_check(nodes, 4, &result), -ELOOP);
	EXPECT_INT(result.node, 3);
}

static void a_loop_of_gotos_is_refused(void)
{
	graph(3, 1);
	go(0, 1);
	go(1, 2);
	go(2, 1);
	EXPECT_INT(fwload_graph_check(nodes, 3, &result), -ELOOP);
	EXPECT_INT(result.node, 2);
}

static void a_chain_that_jumps_to_itself_is_a_loop(void)
{
	graph(2, 1);
	jump(0, 1);
	jump(1, 1);
	EXPECT_INT(fwload_graph_check(nodes, 2, &result), -ELOOP);
	EXPECT_INT(result.node, 1);
}

static void a_loop_that_is_not_reached_is_accepted(void)
{
	graph(4, 1);
	jump(0, 3);
	jump(1, 2);
	jump(2, 1);
	jump(2, 3);
	EXPECT_INT(fwload_graph_check(nodes, 4, &result), 0);
	EXPECT_INT(nodes[3].hooks, 1U << FWLOAD_HOOK_INPUT);
	EXPECT_INT(nodes[1].hooks, 0);
}

static void two_ways_to_a_chain_are_no_loop(void)
{
	graph(4, 1);
	jump(0, 1);
	jump(0, 2);
	jump(1, 3);
	jump(2, 3);
	EXPECT_INT(fwload_graph_check(nodes, 4, &result), 0);
	EXPECT_INT(result.visits, 5);
}

/* Chain i jumps to chain i + 1: as deep as there are jumps. */
static int check_line(u32 jumps)
{
	u32 i;

	graph(jumps + 1, 1);
	for (i = 0; i < jumps; i++)
		jump(i, i + 1);
	return fwload_graph_check(nodes, jumps + 1, &result);
}

static void depth_up_to_the_limit_is_accepted(void)
{
	EXPECT_INT(check_line(FWLOAD_MAX_DEPTH), 0);
	EXPECT_INT(result.depth, FWLOAD_MAX_DEPTH);
	EXPECT_INT(result.visits, FWLOAD_MAX_DEPTH + 1);
}

static void depth_over_the_limit_is_refused(void)
{
	EXPECT_INT(check_line(FWLOAD_MAX_DEPTH + 1), -E2BIG);
	EXPECT_INT(result.node, 0);
	EXPECT_INT(check_line(FWLOAD_MAX_DEPTH + 3), -E2BIG);
	EXPECT_INT(result.node, 2);
}

/* Chain i jumps twice to chain i + 1, which has a rule: 2^n + ... + 1 visits. */
static void visits_of(u32 n, u64 want)
{
	u32 i;

	graph(n + 1, 0);
	nodes[n].n_rules = 1;
	for (i = 0; i < n; i++)
		ref(i, i + 1, 2);
	EXPECT_INT(fwload_graph_check(nodes, n + 1, &result), 0);
	EXPECT(result.visits == want);
	EXPECT_INT(result.depth, n);
}

static void walks_of_2_to_the_64_saturate(void)
{
	visits_of(25, 1ULL << 25);
	visits_of(63, 1ULL << 63);
	visits_of(64, ~0ULL);
	visits_of(1000, ~0ULL);
}

static void the_worst_base_chain_counts(void)
{
	graph(4, 1);
	nodes[1].hooks = 1U << FWLOAD_HOOK_FORWARD;
	nodes[1].n_rules = 9;
	jump(0, 2);
	jump(2, 3);
	EXPECT_INT(fwload_graph_check(nodes, 4, &result), 0);
	EXPECT_INT(result.depth, 2);
	EXPECT_INT(result.visits, 9);
}

/* The model: straight from the definitions, recursive, exponential. */

static u32 model_depth(u32 i)
{
	u32 depth = 0, d, j;

	for (j = 0; j < nodes[i].n_refs; j++) {
		d = model_depth(le32_to_cpu(refs[i][j].chain)) +
		    !(le32_to_cpu(refs[i][j].uses) & FWLOAD_IMG_REF_GOTO);
		depth = d > depth ? d : depth;
	}
	return depth;
}

static u64 model_visits(u32 i)
{
	u64 visits = nodes[i].n_rules, worst = 0, v;
	u32 j, uses;

	for (j = 0; j < nodes[i].n_refs; j++) {
		uses = le32_to_cpu(refs[i][j].uses);
		v = model_visits(le32_to_cpu(refs[i][j].chain));
		if (!(uses & FWLOAD_IMG_REF_GOTO))
			visits += uses * v;
		else if (v > worst)
			worst = v;
	}
	return visits + worst;
}

static void model_mark(u32 i, u32 *hooks, u32 hook)
{
	u32 j;

	hooks[i] |= hook;
	for (j = 0; j < nodes[i].n_refs; j++)
		model_mark(le32_to_cpu(refs[i][j].chain), hooks, hook);
}

/* Is chain @to reached from @i, in at most @steps steps? */
static bool model_reaches(u32 i, u32 to, u32 steps)
{
	u32 j;

	for (j = 0; steps && j < nodes[i].n_refs; j++)
		if (le32_to_cpu(refs[i][j].chain) == to ||
		    model_reaches(le32_to_cpu(refs[i][j].chain), to, steps - 1))
			return true;
	return false;
}

static u32 seed;

static u32 dice(u32 sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static void random_graphs_are_as_the_model_says(void)
{
	const u32 n = 8;
	u32 round, i, j, looping = 0, depth, hooks[8];
	u64 visits;
	bool loop;

	for (round = 0; round < 20000; round++) {
		graph(n, 0);
		nodes[1].hooks = 1U << FWLOAD_HOOK_OUTPUT;
		for (i = 0; i < n; i++) {
			nodes[i].n_rules = dice(9);
			for (j = dice(4); j > 0; j--)
				ref(i, round & 1 && i > 1 ? i + 1 + dice(n) : 2 + dice(n - 2),
				    (1 + dice(3)) | (dice(3) ? 0 : FWLOAD_IMG_REF_GOTO));
			for (j = 0; j < nodes[i].n_refs;) {
				if (le32_to_cpu(refs[i][j].chain) < n)
					j++;
				else
					refs[i][j] = refs[i][--nodes[i].n_refs];
			}
		}
		loop = false;
		for (i = 2; i < n; i++)
			loop |= model_reaches(i, i, n) &&
				(model_reaches(0, i, n) || model_reaches(1, i, n));
		if (!EXPECT_INT(fwload_graph_check(nodes, n, &result), loop ? -ELOOP : 0))
			return;
		looping += loop;
		if (loop) {
			EXPECT(model_reaches(result.node, result.node, n));
			continue;
		}
		memset(hooks, 0, sizeof(hooks));
		depth = 0;
		visits = 0;
		for (i = 0; i < 2; i++) {
			model_mark(i, hooks, i ? 1U << FWLOAD_HOOK_OUTPUT :
						 1U << FWLOAD_HOOK_INPUT);
			depth = model_depth(i) > depth ? model_depth(i) : depth;
			visits = model_visits(i) > visits ? model_visits(i) : visits;
		}
		EXPECT_INT(result.depth, depth);
		EXPECT_INT(result.visits, visits);
		for (i = 0; i < n; i++) {
			EXPECT_INT(nodes[i].hooks, hooks[i]);
			EXPECT_INT(nodes[i].visits, hooks[i] ? model_visits(i) : 0);
			EXPECT_INT(nodes[i].depth, hooks[i] ? model_depth(i) : 0);
		}
	}
	/* Both kinds were met, or nothing was shown. */
	EXPECT(looping > 1000 && looping < 19000);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(a_chain_alone_visits_its_rules),
		KTAP_CASE(a_jump_counts_once_per_use),
		KTAP_CASE(of_gotos_the_worst_is_taken_once),
		KTAP_CASE(a_goto_pushes_nothing),
		KTAP_CASE(hooks_reach_what_base_chains_reach),
		KTAP_CASE(a_chain_that_is_not_reached_has_no_depth),
		KTAP_CASE(an_absent_chain_is_let_be),
		KTAP_CASE(a_loop_that_is_reached_is_refused),
		KTAP_CASE(a_loop_of_gotos_is_refused),
		KTAP_CASE(a_chain_that_jumps_to_itself_is_a_loop),
		KTAP_CASE(a_loop_that_is_not_reached_is_accepted),
		KTAP_CASE(two_ways_to_a_chain_are_no_loop),
		KTAP_CASE(depth_up_to_the_limit_is_accepted),
		KTAP_CASE(depth_over_the_limit_is_refused),
		KTAP_CASE(walks_of_2_to_the_64_saturate),
		KTAP_CASE(the_worst_base_chain_counts),
		KTAP_CASE(random_graphs_are_as_the_model_says),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
