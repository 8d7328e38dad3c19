// SPDX-License-Identifier: GPL-2.0
/*
 * The validator when memory runs out: each of its allocations fails once, and that is
 * what it says. The files are compiled in here, with another allocator.
 */
#include "ktap.h"
#include "sample.h"

static unsigned int allocations, fails;	/* so far; the one that fails, 0 none */

static void *failing_alloc(size_t n, size_t size)
{
	return ++allocations == fails ? NULL : fwload_env_alloc(n, size);
}

#define fwload_env_alloc failing_alloc
#include "../../kmod/image.c"
#include "../../kmod/body.c"
#include "../../kmod/graph.c"

static void each_allocation_that_fails_is_told(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct fwload_image_error err;
	struct fwload_image img;
	struct buf b = { 0 };
	unsigned int all;
	char name[16];
	u32 i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		sample_jump(t->chains[0], sample_chain(t, name), false);
	}
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	ruleset_free(rs);

	allocations = 0;
	EXPECT_INT(fwload_image_check(b.data, b.size, &img, &err), 0);
	all = allocations;
	/* nodes, hooks; the refs of INPUT; the graph's two */
	EXPECT_INT(all, 5);
	for (fails = 1; fails <= all; fails++) {
		allocations = 0;
		EXPECT_INT(fwload_image_check(b.data, b.size, &img, &err), -ENOMEM);
		EXPECT_STR(err.reason, "out of memory");
	}
	buf_free(&b);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(each_allocation_that_fails_is_told),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
