// SPDX-License-Identifier: GPL-2.0
/*
 * What the tool takes for the image of a rule set: a valid one that is whole; and when it says
 * that the image is why the kernel refused it.
 */
#include <errno.h>

#include "../../user/place.h"
#include "ktap.h"
#include "sample.h"

/* Does place_check() take the image of @rs, saying no word, or else @why? Frees @rs. */
static bool taken(struct ruleset *rs, const char *why)
{
	struct buf image = { 0 };
	struct input in = { .name = "image" };
	struct fwload_image img;
	FILE *out = stderr;
	size_t size;
	char *said;
	bool ok;

	EXPECT_STR(emit_image(rs, true, &image), NULL);
	in.data = image.data;
	in.size = image.size;
	stderr = open_memstream(&said, &size);
	ok = place_check(&in, &img);
	fclose(stderr);
	stderr = out;
	EXPECT_STR(said, ok ? "" : why);
	free(said);
	buf_free(&image);
	ruleset_free(rs);
	return ok;
}

static const char changes[] =
	"fwimg: error: image: changes of a rule set in force, not a rule set\n";

/* The sample has one of everything, of that also one chain that is kept. */
static struct chain *kept_chain(struct ruleset *rs)
{
	return table_find(&rs->tables[FWLOAD_FAMILY_IPV4][FWLOAD_TABLE_FILTER], "kept", 4);
}

static void the_rules_of_each_chain_are_there(void)
{
	struct ruleset *rs = sample_ruleset();

	kept_chain(rs)->kept = false;
	kept_chain(rs)->id = 0;
	EXPECT(taken(rs, NULL));
}

static void one_chain_that_is_kept_is_none_without_the_kernel(void)
{
	EXPECT(!taken(sample_ruleset(), changes));
}

static void so_is_a_table_that_is_merged(void)
{
	struct ruleset *rs = ruleset_new();

	ruleset_table(rs, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_RAW)->merge = true;
	EXPECT(!taken(rs, changes));
}

/* What place_refused() says of an image for @err. In static memory. */
static const char *refusal(const struct genl_error *err)
{
	static char said[256];
	struct ruleset *rs = ruleset_new();
	struct buf image = { 0 };
	struct input in = { .name = "image" };
	struct fwload_image img;
	FILE *out = stderr;

	ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW);
	EXPECT_STR(emit_image(rs, true, &image), NULL);
	in.data = image.data;
	in.size = image.size;
	EXPECT(place_check(&in, &img));
	stderr = fmemopen(said, sizeof(said), "w");
	place_refused(&in, &img, err);
	fclose(stderr);
	stderr = out;
	buf_free(&image);
	ruleset_free(rs);
	return said;
}

static void a_refusal_names_the_image(void)
{
	EXPECT_STR(refusal(&(struct genl_error){ .errnum = EINVAL, .reason = "bad" }),
		   "fwimg: error: image: bad\n");
}

static void but_not_when_nobody_looked_at_it(void)
{
	EXPECT_STR(refusal(&(struct genl_error){ .unloaded = true, .reason = "gone" }),
		   "fwimg: error: gone\n");
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(the_rules_of_each_chain_are_there),
		KTAP_CASE(one_chain_that_is_kept_is_none_without_the_kernel),
		KTAP_CASE(so_is_a_table_that_is_merged),
		KTAP_CASE(a_refusal_names_the_image),
		KTAP_CASE(but_not_when_nobody_looked_at_it),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
