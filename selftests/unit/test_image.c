// SPDX-License-Identifier: GPL-2.0
/*
 * The validator on index and bodies: a small image is accepted; and what takes more to be
 * refused than one field that is changed (test_field.c): names, limits, what refs, extensions
 * and chains are to each other.
 */
#include "sample_image.h"

static void the_image_is_accepted(void)
{
	struct buf b = image();

	expect(&b, 0, NULL);
	EXPECT(!memcmp(at(&b, NAMES), "\0f.v4\0INPUT\0FORWARD\0OUTPUT\0aa\0bb\0PREROUTING\0OUTPUT",
		       51));
	EXPECT(!memcmp(at(&b, STRINGS), "\0set\0blue\0SET\0red\0\0green\0limit\0LOG", 35));
	buf_free(&b);
}

/* TABLES takes the place of two entries of the section table, and CHAINS is the last. */
static void a_missing_section_is_told(void)
{
	struct buf b = image();
	struct fwload_img_section *s = (void *)at(&b, SECTIONS);
	struct fwload_img_header *h = (void *)b.data;

	h->n_sections = cpu_to_le32(2);
	h->index_size = s[2].offset;
	s[0].offset = cpu_to_le32(sizeof(*h) + 2 * sizeof(*s));
	s[0].size = cpu_to_le32(le32_to_cpu(s[0].size) + 2 * sizeof(*s));
	seal(&b);
	expect(&b, 0, "a section is missing");
	buf_free(&b);
}

static void a_kept_chain_has_an_id(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = sample_chain(t, "c");
	struct buf b = { 0 };

	c->kept = true;
	EXPECT_STR(emit_image(rs, false, &b), "a chain that is kept or gone has no id");
	buf_free(&b);
	c->id = 1ULL << 40;
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	t->chains[0]->kept = true;
	t->chains[0]->id = 1;
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	ruleset_free(rs);
}

static void expect_name(const char *name, const char *reason)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_NAT);
	struct buf b = { 0 };

	sample_chain(t, name);
	EXPECT_STR(emit_image(rs, false, &b), reason);
	ruleset_free(rs);
	buf_free(&b);
}

static void a_chain_belongs_to_a_table(void)
{
	struct ruleset *rs = ruleset_new();
	struct buf b = { 0 };
	u8 *table;

	sample_chain(ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER), "c");
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	table = at(&b, TABLES);
	put(table + offsetof(struct fwload_img_table, n_chains), 4, 3);
	seal(&b);
	expect(&b, 0, "a chain belongs to no table");
	buf_free(&b);
	ruleset_free(rs);
}

static void names_of_verdicts_are_refused_for_chains(void)
{
	const char *reason = "a user chain has the name of a verdict";

	expect_name("ACCEPT", reason);
	expect_name("DROP", reason);
	expect_name("QUEUE", reason);
	expect_name("RETURN", reason);
	expect_name("accept", NULL);
}

static void names_of_hooks_are_refused_where_the_table_has_them(void)
{
	expect_name("FORWARD", NULL);
	expect_name("-x!\"", NULL);
	expect_name("\x7f", "the name of a chain has a blank or a control character");
}

/* NAMES is made to hold a name of 29 bytes: the file's gives way. */
static void a_chain_name_of_29_bytes_is_refused(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct buf b = { 0 };
	u8 *chains;

	t->file = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	EXPECT_INT(strlen(t->file), 29);
	sample_chain(t, "c");
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	chains = at(&b, CHAINS);
	put(chains + 3 * sizeof(struct fwload_img_chain), 4, 1);
	seal(&b);
	expect(&b, 0, "the name of a chain is too long");
	buf_free(&b);
	ruleset_free(rs);
}

static void a_file_name_is_as_long_as_a_path(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	char name[FWLOAD_FILE_NAME_MAX + 2];
	struct buf b = { 0 };

	memset(name, 'a', sizeof(name));
	name[FWLOAD_FILE_NAME_MAX] = '\0';
	t->file = name;
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	name[FWLOAD_FILE_NAME_MAX] = 'a';
	name[FWLOAD_FILE_NAME_MAX + 1] = '\0';
	EXPECT_STR(emit_image(rs, false, &b), "the name of a table's file is too long");
	buf_free(&b);
	ruleset_free(rs);
}

static void a_million_chains_and_one_are_refused(void)
{
	u32 n = FWLOAD_MAX_CHAINS + 1, more = n * sizeof(struct fwload_img_chain);
	struct buf b = image(), big = { 0 };
	struct fwload_img_section *s = (void *)at(&b, SECTIONS);
	size_t chains = le32_to_cpu(s[1].offset), names = le32_to_cpu(s[2].offset);
	struct fwload_img_header *h = (void *)b.data;

	more -= le32_to_cpu(s[1].size);
	s[1].size = cpu_to_le32(n * sizeof(struct fwload_img_chain));
	s[2].offset = cpu_to_le32(le32_to_cpu(s[2].offset) + more);
	s[3].offset = cpu_to_le32(le32_to_cpu(s[3].offset) + more);
	h->index_size = cpu_to_le32(le32_to_cpu(h->index_size) + more);
	h->size = cpu_to_le64(b.size + more);
	buf_add(&big, b.data, chains);
	buf_add(&big, NULL, n * sizeof(struct fwload_img_chain));
	buf_add(&big, b.data + names, b.size - names);
	expect(&big, -E2BIG, "too many chains");
	buf_free(&big);
	buf_free(&b);
}

/* Many refs are compared in another way than few. */
static void two_refs_to_a_chain_are_found(void)
{
	static const u32 counts[] = { 2, 16, 17, 1000 };
	struct fwload_image_error err;
	struct fwload_image img;
	struct ruleset *rs;
	struct table *t;
	struct buf b;
	char name[16];
	u32 i, j, *refs;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		rs = ruleset_new();
		t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
		for (j = 0; j < counts[i]; j++) {
			snprintf(name, sizeof(name), "c%u", j * 7919 % counts[i]);
			sample_jump(t->chains[0], sample_chain(t, name), j & 1);
		}
		b = (struct buf){ 0 };
		EXPECT_STR(emit_image(rs, false, &b), NULL);
		refs = (u32 *)at(&b, REFS);
		refs[2 * (counts[i] - 1)] = refs[0];
		refs[2 * (counts[i] - 1) + 1] = refs[1];
		seal(&b);
		EXPECT_INT(fwload_image_check(b.data, b.size, &img, &err), -EINVAL);
		EXPECT_STR(err.reason, "two refs to the same chain");
		ruleset_free(rs);
		buf_free(&b);
	}
}

static void rules_are_as_many_as_the_body_says(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = t->chains[0];
	struct buf b = { 0 };

	sample_rule(c, 1, "0100 00 00 00000010");
	sample_rule(c, 2, "0100 00 00 00000010");
	c->n_rules = 1;
	EXPECT_STR(emit_image(rs, false, &b), "more rules than the body says");
	buf_free(&b);
	c->n_rules = 3;
	EXPECT_STR(emit_image(rs, false, &b), "a body is too small for its rules");
	buf_free(&b);
	sample_rule(c, 3, "0200 00 00 00000010 0f010000 00000000");
	c->n_rules = 4;
	EXPECT_STR(emit_image(rs, false, &b), "fewer rules than the body says");
	buf_free(&b);
	ruleset_free(rs);
}

static void all_refs_and_extensions_are_used(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = t->chains[0];
	struct buf b = { 0 };

	sample_rule(c, 1, "0100 00 00 00000010");
	chain_ext(c, "limit", 0, FWLOAD_IMG_EXT_MATCH, NULL, 0, NULL, 0);
	EXPECT_STR(emit_image(rs, false, &b), "an extension that no rule uses");
	buf_free(&b);
	chain_ref(c, sample_chain(t, "x"), false, 1, 1);
	EXPECT_STR(emit_image(rs, false, &b), "a ref that no rule uses");
	buf_free(&b);
	ruleset_free(rs);
}

/* Twice the number of chains, jumps and gotos, is the most that a body can need. */
static void more_refs_than_chains_are_refused(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = t->chains[0];
	struct ref ref = { .chain = sample_chain(t, "x"), .uses = 1 };
	struct buf b = { 0 };
	u32 i;

	for (i = 0; i < 9; i++)
		buf_add(&c->refs, &ref, sizeof(ref));
	EXPECT_STR(emit_image(rs, false, &b), "more refs than chains to jump and to go to");
	buf_free(&b);
	ruleset_free(rs);
}

static void expect_ext(const char *name, u8 kind, const char *reason)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct fwload_image_error err;
	struct fwload_image img;
	struct buf b = { 0 };

	chain_ext(t->chains[1], name, 0, kind, NULL, 0, NULL, 0);
	if (kind == FWLOAD_IMG_EXT_MATCH)
		sample_rule(t->chains[1], 1, "0200 00 00 00000010 10010000 00000000");
	else
		sample_rule(t->chains[1], 1, "0100 00 00 00000070");
	EXPECT_STR(emit_image(rs, false, &b), reason);
	if (reason && EXPECT_INT(fwload_image_check(b.data, b.size, &img, &err), -EINVAL)) {
		EXPECT_INT(err.chain, 1);
		EXPECT_INT(err.ext, 0);
		EXPECT_INT(err.rule, FWLOAD_NO_PLACE);
	}
	ruleset_free(rs);
	buf_free(&b);
}

static void names_of_extensions(void)
{
	expect_ext("abcdefghijklmnopqrstuvwxyz01", FWLOAD_IMG_EXT_MATCH, NULL);
	expect_ext("abcdefghijklmnopqrstuvwxyz012", FWLOAD_IMG_EXT_MATCH,
		   "the name of an extension is too long");
	expect_ext("a_B-9.x", FWLOAD_IMG_EXT_TARGET, NULL);
	expect_ext("a b", FWLOAD_IMG_EXT_TARGET, "not a name of an extension");
	expect_ext("ERROR", FWLOAD_IMG_EXT_TARGET, "ERROR is not a target for rules");
	expect_ext("ERROR", FWLOAD_IMG_EXT_MATCH, NULL);
}

static void names_of_sets_have_31_bytes_at_most(void)
{
	static const u8 none[8] = { 0xff, 0xff };
	static const char *const names[] = {
		"abcdefghijklmnopqrstuvwxyz01234", "abcdefghijklmnopqrstuvwxyz012345",
	};
	struct ruleset *rs;
	struct table *t;
	struct buf b;
	u32 i;

	for (i = 0; i < 2; i++) {
		rs = ruleset_new();
		b = (struct buf){ 0 };
		t = ruleset_table(rs, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_SECURITY);
		sample_rule(t->chains[1], 1, "0200 00 00 00000010 10010000 00000000");
		chain_ext(t->chains[1], "set", 4, FWLOAD_IMG_EXT_MATCH, none, 8, &names[i], 1);
		EXPECT_STR(emit_image(rs, false, &b), i ? "the name of a set is too long" : NULL);
		ruleset_free(rs);
		buf_free(&b);
	}
}

static void mac_is_refused_where_output_reaches_it(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = sample_chain(t, "c"), *d = sample_chain(t, "d");
	struct fwload_image_error err;
	struct fwload_image img;
	struct buf b = { 0 };

	sample_rule(d, 1, "0300 00 00 00000020 0d020000 010203040506 000000000000");
	sample_jump(c, d, false);
	sample_jump(t->chains[0], c, true);
	sample_jump(t->chains[1], d, false);
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	sample_jump(t->chains[2], c, true);
	EXPECT_STR(emit_image(rs, false, &b),
		   "a match on mac is reached from OUTPUT or POSTROUTING");
	EXPECT_INT(fwload_image_check(b.data, b.size, &img, &err), -EINVAL);
	EXPECT_INT(err.chain, 4);
	EXPECT(err.offset == fwload_image_body_offset(&img, 4));
	buf_free(&b);
	ruleset_free(rs);
}

static void jumps_nest_4096_deep_and_no_deeper(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *from = t->chains[0], *to;
	struct buf b = { 0 };
	char name[16];
	u32 i;

	for (i = 0; i < 4096; i++, from = to) {
		snprintf(name, sizeof(name), "c%04u", i);
		to = sample_chain(t, name);
		sample_jump(from, to, false);
	}
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	sample_jump(from, sample_chain(t, "last"), false);
	EXPECT_STR(emit_image(rs, false, &b), "jumps are nested too deeply");
	buf_free(&b);
	ruleset_free(rs);
}

/* Its cost is the commit's business: here it is only worked out. */
static void a_graph_of_2_to_the_64_walks_is_checked_at_once(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *from = t->chains[0], *to;
	struct buf b = { 0 };
	char name[16];
	u32 i;

	for (i = 0; i < 64; i++, from = to) {
		snprintf(name, sizeof(name), "c%02u", i);
		to = sample_chain(t, name);
		sample_jump(from, to, false);
		sample_jump(from, to, false);
	}
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	ruleset_free(rs);
}

static void tables_have_the_hooks_of_iptables(void)
{
	EXPECT_INT(fwload_image_hooks(FWLOAD_TABLE_RAW), 0x09);
	EXPECT_INT(fwload_image_hooks(FWLOAD_TABLE_MANGLE), 0x1f);
	EXPECT_INT(fwload_image_hooks(FWLOAD_TABLE_NAT), 0x1b);
	EXPECT_INT(fwload_image_hooks(FWLOAD_TABLE_FILTER), 0x0e);
	EXPECT_INT(fwload_image_hooks(FWLOAD_TABLE_SECURITY), 0x0e);
	EXPECT_INT(fwload_image_hooks(__FWLOAD_TABLE_MAX), 0);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(the_image_is_accepted),
		KTAP_CASE(a_missing_section_is_told),
		KTAP_CASE(a_kept_chain_has_an_id),
		KTAP_CASE(a_chain_belongs_to_a_table),
		KTAP_CASE(names_of_verdicts_are_refused_for_chains),
		KTAP_CASE(names_of_hooks_are_refused_where_the_table_has_them),
		KTAP_CASE(a_chain_name_of_29_bytes_is_refused),
		KTAP_CASE(a_file_name_is_as_long_as_a_path),
		KTAP_CASE(a_million_chains_and_one_are_refused),
		KTAP_CASE(two_refs_to_a_chain_are_found),
		KTAP_CASE(rules_are_as_many_as_the_body_says),
		KTAP_CASE(all_refs_and_extensions_are_used),
		KTAP_CASE(more_refs_than_chains_are_refused),
		KTAP_CASE(names_of_extensions),
		KTAP_CASE(names_of_sets_have_31_bytes_at_most),
		KTAP_CASE(mac_is_refused_where_output_reaches_it),
		KTAP_CASE(jumps_nest_4096_deep_and_no_deeper),
		KTAP_CASE(a_graph_of_2_to_the_64_walks_is_checked_at_once),
		KTAP_CASE(tables_have_the_hooks_of_iptables),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
