// SPDX-License-Identifier: GPL-2.0
/*
 * The walk in the kernel: counters in both of their forms, the deepest stack, the order of
 * verdicts. The random tables that it is compared on with a model run on the host
 * (selftests/unit/test_eval.c).
 */
#include <kunit/test.h>
#include <linux/percpu.h>

#include "../eval.h"

#define DEEP	FWLOAD_MAX_DEPTH

static void head(struct fwload_img_rule *rule, u32 target, u32 arg)
{
	*rule = (struct fwload_img_rule){
		.size = cpu_to_le16(1),
		.target = cpu_to_le32(target << FWLOAD_IMG_TARGET_SHIFT | arg),
	};
}

static u32 walk(const struct fwload_code *base, u8 policy, struct fwload_code *const *chains,
		struct fwload_jump *stack)
{
	struct fwload_pkt pkt = { .len = 100 };
	u32 verdict;

	local_bh_disable();
	verdict = fwload_eval(base, policy, chains, stack, &pkt);
	local_bh_enable();
	return verdict;
}

/* A rule that goes on, one that returns, one that is never met; the policy comes last. */
static void counts(struct kunit *test, struct fwload_code *code, struct fwload_counter *here)
{
	static const u64 want[4] = { 3, 3, 0, 3 };
	struct fwload_img_rule rules[3];
	u32 i;

	head(&rules[0], FWLOAD_IMG_T_NONE, 0);
	head(&rules[1], FWLOAD_IMG_T_RETURN, 0);
	head(&rules[2], FWLOAD_IMG_T_ACCEPT, 0);
	code->rules = (const u8 *)rules;
	code->rules_size = sizeof(rules);
	code->n_rules = ARRAY_SIZE(rules);
	code->is_base = true;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, walk(code, FWLOAD_POLICY_DROP, NULL, NULL),
				FWLOAD_VERDICT_DROP);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		KUNIT_EXPECT_EQ(test, here[i].packets, want[i]);
		KUNIT_EXPECT_EQ(test, here[i].bytes, want[i] * 100);
	}
}

static void counters_of_a_small_chain(struct kunit *test)
{
	struct fwload_code code = {};

	code.percpu = __alloc_percpu(4 * sizeof(struct fwload_counter), 8);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)code.percpu);
	/* one CPU runs the suites */
	counts(test, &code, per_cpu_ptr(code.percpu, raw_smp_processor_id()));
	free_percpu(code.percpu);
}

static void counters_of_a_large_chain(struct kunit *test)
{
	struct fwload_code code = {};
	unsigned int cpu;

	code.is_large = true;
	code.cpu = kunit_kcalloc(test, nr_cpu_ids, sizeof(*code.cpu), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, code.cpu);
	code.is_large = true;
	for_each_possible_cpu(cpu) {
		code.cpu[cpu] = kunit_kcalloc(test, 4, sizeof(struct fwload_counter), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, code.cpu[cpu]);
	}
	counts(test, &code, code.cpu[raw_smp_processor_id()]);
}

/* Each chain jumps to the next and then goes on to its last rule; the last one is empty. */
static void the_deepest_stack(struct kunit *test)
{
	struct fwload_code *codes = kunit_kcalloc(test, DEEP + 1, sizeof(*codes), GFP_KERNEL);
	struct fwload_code **chains = kunit_kcalloc(test, DEEP + 1, sizeof(*chains), GFP_KERNEL);
	struct fwload_img_ref *refs = kunit_kcalloc(test, DEEP + 1, sizeof(*refs), GFP_KERNEL);
	struct fwload_jump *stack = kvcalloc(DEEP + 1, sizeof(*stack), GFP_KERNEL);
	struct fwload_counter *here[1] = {};
	struct fwload_counter *counters;
	struct fwload_img_rule rules[2];
	u32 i;

	counters = kunit_kcalloc(test, 3, sizeof(*counters), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, codes && chains && refs && stack && counters);
	KUNIT_ASSERT_EQ(test, nr_cpu_ids, 1);
	here[0] = counters;
	head(&rules[0], FWLOAD_IMG_T_JUMP, 0);
	head(&rules[1], FWLOAD_IMG_T_NONE, 0);
	for (i = 0; i <= DEEP; i++) {
		refs[i].chain = cpu_to_le32(i + 1);
		chains[i] = &codes[i];
		codes[i].rules = (const u8 *)rules;
		codes[i].refs = &refs[i];
		codes[i].cpu = here;
		codes[i].is_large = true;
		codes[i].rules_size = i < DEEP ? sizeof(rules) : 0;
		codes[i].n_rules = i < DEEP ? 2 : 0;
	}
	memset(&stack[DEEP], 0xa5, sizeof(stack[DEEP]));
	KUNIT_EXPECT_EQ(test, walk(&codes[0], FWLOAD_POLICY_ACCEPT, chains, stack),
			FWLOAD_VERDICT_ACCEPT);
	KUNIT_EXPECT_EQ(test, counters[0].packets, DEEP);
	KUNIT_EXPECT_EQ(test, counters[1].packets, DEEP);
	KUNIT_EXPECT_EQ(test, counters[2].packets, 1);
	KUNIT_EXPECT_EQ(test, stack[DEEP].place.index, 0xa5a5a5a5);
	kvfree(stack);
}

static struct kunit_case eval_cases[] = {
	KUNIT_CASE(counters_of_a_small_chain),
	KUNIT_CASE(counters_of_a_large_chain),
	KUNIT_CASE(the_deepest_stack),
	{}
};

static struct kunit_suite eval_suite = {
	.name = "fwload_eval",
	.test_cases = eval_cases,
};

kunit_test_suite(eval_suite);
