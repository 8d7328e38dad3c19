// SPDX-License-Identifier: GPL-2.0
/*
 * What the tool takes for the image of a rule set: a valid one that is whole.
 */
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

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(the_rules_of_each_chain_are_there),
		KTAP_CASE(one_chain_that_is_kept_is_none_without_the_kernel),
		KTAP_CASE(so_is_a_table_that_is_merged),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
