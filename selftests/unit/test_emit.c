// SPDX-License-Identifier: GPL-2.0
/*
 * Rule set to image and back: what goes in comes out, byte for byte.
 */
#include "../../kmod/body.h"
#include "../../user/decode.h"
#include "ktap.h"
#include "sample.h"

static struct buf emit(struct ruleset *rs, bool lines)
{
	struct buf out = { 0 };

	EXPECT_STR(emit_image(rs, lines, &out), NULL);
	return out;
}

static struct ruleset *decode(const struct buf *image)
{
	struct fwload_image_error err;
	struct fwload_image img;

	if (!EXPECT_INT(fwload_image_check(image->data, image->size, &img, &err), 0))
		return ruleset_new();
	return decode_image(image->data, &img);
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

static void round_trip(bool lines)
{
	struct ruleset *rs = sample_ruleset(), *back;
	struct buf first = emit(rs, lines), second;

	back = decode(&first);
	ruleset_free(rs);
	second = emit(back, lines);
	EXPECT(same(&first, &second));
	ruleset_free(back);
	buf_free(&first);
	buf_free(&second);
}

static void an_image_decoded_and_emitted_is_the_same_image(void)
{
	round_trip(true);
}

static void so_it_is_without_lines(void)
{
	round_trip(false);
}

static void lines_change_nothing_but_the_index(void)
{
	struct ruleset *rs = sample_ruleset();
	struct buf with = emit(rs, true), without = emit(rs, false);
	const struct fwload_img_header *h = (void *)with.data, *i = (void *)without.data;
	size_t bodies = with.size - le32_to_cpu(h->index_size);

	EXPECT(bodies == without.size - le32_to_cpu(i->index_size));
	EXPECT(!memcmp(with.data + with.size - bodies, without.data + without.size - bodies,
		       bodies));
	ruleset_free(rs);
	buf_free(&with);
	buf_free(&without);
}

/* The rule of the format's description, bytes included. */
static void the_example_of_the_format_takes_24_bytes(void)
{
	static const u8 want[] = {
		0x03, 0x00, 0x06, 0x01, 0x00, 0x00, 0x00, 0x20,
		0x01, 0x01, 0x00, 0x20, 0xc0, 0x00, 0x02, 0x07,
		0x06, 0x01, 0x00, 0x06, 0x50, 0x00, 0x50, 0x00,
	};
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = table_find(t, "FORWARD", 7);
	struct fwload_image_error err;
	struct fwload_image img;
	struct fwload_body b;
	struct buf out;

	sample_rule(c, 1, "03000601 00000020 01010020 c0000207 06010006 50005000");
	out = emit(rs, false);
	EXPECT_INT(fwload_image_check(out.data, out.size, &img, &err), 0);
	fwload_body_open(out.data + fwload_image_body_offset(&img, 1), &b);
	EXPECT_INT(b.rules_size, sizeof(want));
	EXPECT(!memcmp(b.rules, want, sizeof(want)));
	ruleset_free(rs);
	buf_free(&out);
}

static void chains_are_sorted_and_refs_follow_them(void)
{
	struct ruleset *rs = ruleset_new(), *back;
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_MANGLE);
	struct chain *in = table_find(t, "INPUT", 5), *c;
	static const char *const names[] = { "zeta", "b", "a", "B", "a1" };
	struct buf out;
	const struct ref *refs;
	u32 i;

	for (i = 0; i < 5; i++)
		sample_jump(in, sample_chain(t, names[i]), false);
	out = emit(rs, false);
	back = decode(&out);
	t = &back->tables[FWLOAD_FAMILY_IPV6][FWLOAD_TABLE_MANGLE];
	if (EXPECT_INT(t->n_chains, 10)) {
		EXPECT_STR(t->chains[0]->name, "PREROUTING");
		EXPECT_STR(t->chains[4]->name, "POSTROUTING");
		EXPECT_STR(t->chains[5]->name, "B");
		EXPECT_STR(t->chains[6]->name, "a");
		EXPECT_STR(t->chains[7]->name, "a1");
		EXPECT_STR(t->chains[8]->name, "b");
		EXPECT_STR(t->chains[9]->name, "zeta");
		c = table_find(t, "INPUT", 5);
		refs = (const struct ref *)c->refs.data;
		for (i = 0; i < 5; i++)
			EXPECT_STR(refs[i].chain->name, names[i]);
	}
	ruleset_free(rs);
	ruleset_free(back);
	buf_free(&out);
}

static void the_order_of_declaration_does_not_show(void)
{
	struct ruleset *a = ruleset_new(), *b = ruleset_new();
	struct table *t = ruleset_table(a, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW);
	struct buf x, y;

	sample_chain(t, "one");
	sample_chain(t, "two");
	ruleset_table(a, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_NAT);
	ruleset_table(b, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_NAT);
	t = ruleset_table(b, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW);
	sample_chain(t, "two");
	sample_chain(t, "one");
	x = emit(a, true);
	y = emit(b, true);
	EXPECT(same(&x, &y));
	ruleset_free(a);
	ruleset_free(b);
	buf_free(&x);
	buf_free(&y);
}

/* A jump and a goto to the same chain are two refs; each rule counts as one use. */
static void refs_are_shared_and_counted(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *from = sample_chain(t, "from"), *to;
	const struct ref *refs;
	char name[16];
	u32 i, n;

	for (n = 0; n < 3; n++) {
		for (i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "c%u", i);
			to = sample_chain(t, name);
			EXPECT_INT(chain_ref(from, to, false, 1, 1), 2 * i);
			EXPECT_INT(chain_ref(from, to, true, 1, 1), 2 * i + 1);
		}
	}
	EXPECT_INT(t->n_chains, 5004);
	EXPECT_INT(from->refs.size / sizeof(*refs), 10000);
	refs = (const struct ref *)from->refs.data;
	for (i = 0; i < 10000; i++)
		EXPECT_INT(refs[i].uses, 3 | (i & 1 ? FWLOAD_IMG_REF_GOTO : 0));
	ruleset_free(rs);
}

static void strings_start_with_the_empty_one(void)
{
	struct chain c = { 0 };

	EXPECT_INT(chain_string(&c, "", 0), 0);
	EXPECT_INT(chain_string(&c, "ab", 2), 1);
	EXPECT_INT(chain_string(&c, "", 0), 0);
	EXPECT_INT(chain_string(&c, "abc", 1), 4);
	EXPECT_INT(c.strings.size, 6);
	EXPECT(!memcmp(c.strings.data, "\0ab\0a", 6));
	buf_free(&c.strings);
}

static void payloads_are_padded_and_names_shared(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = t->chains[0];
	const struct fwload_img_ext *e;

	EXPECT_INT(chain_ext(c, "limit", 0, 0, "12345", 5, NULL, 0), 0);
	EXPECT_INT(chain_ext(c, "empty", 1, 0, NULL, 0, NULL, 0), 1);
	EXPECT_INT(chain_ext(c, "limit", 2, 0, "12345678", 8, NULL, 0), 2);
	e = (const struct fwload_img_ext *)c->exts.data;
	EXPECT_INT(e[0].payload, 0);
	EXPECT_INT(e[1].payload, 8);
	EXPECT_INT(e[2].payload, 8);
	EXPECT_INT(c->payloads.size, 16);
	EXPECT_INT(e[0].name, e[2].name);
	EXPECT(!memcmp(c->payloads.data, "12345\0\0\00012345678", 16));
	ruleset_free(rs);
}

/* Emission is the last to say no: what cannot be an image has a reason. */
static void a_loop_is_not_emitted(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *a = sample_chain(t, "a"), *b = sample_chain(t, "b");
	struct buf out = { 0 };

	sample_jump(a, b, false);
	sample_jump(b, a, true);
	EXPECT_STR(emit_image(rs, false, &out), NULL);
	buf_free(&out);
	sample_jump(t->chains[2], a, false);
	EXPECT_STR(emit_image(rs, false, &out), "a base chain reaches a loop of chains");
	buf_free(&out);
	ruleset_free(rs);
}

static void an_image_without_tables_is_not_emitted(void)
{
	struct ruleset *rs = ruleset_new();
	struct buf out = { 0 };

	EXPECT_STR(emit_image(rs, true, &out), "there is no table");
	buf_free(&out);
	ruleset_free(rs);
}

/* The limits are found by the sizes of buffers, before anything is written. */
static void expect_limit(size_t rules_size, u32 n_rules, u32 n, const char *reason)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct buf out = { 0 };
	u32 i;

	EXPECT(ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER) == t);
	for (i = 0; i < n; i++) {
		t->chains[i]->rules.size = rules_size;
		t->chains[i]->n_rules = n_rules;
	}
	EXPECT_STR(emit_image(rs, false, &out), reason);
	EXPECT(!out.size);
	ruleset_free(rs);
	buf_free(&out);
}

static void what_exceeds_a_limit_is_not_emitted(void)
{
	expect_limit(FWLOAD_MAX_BODY, 1, 1, "the body of a chain is too large");
	expect_limit(8, FWLOAD_MAX_RULES + 1, 1, "too many rules");
	expect_limit(8, FWLOAD_MAX_RULES / 2 + 1, 2, "too many rules");
	expect_limit(FWLOAD_MAX_BODY - 32, 1, 3, "the image is too large");
}

/* A text may say so; as it stands, it would take over the counter of some rule in force. */
static void no_count_is_taken_for_a_counter_in_force(void)
{
	const struct fwload_counter_pair most = { .packets = ~0ULL, .bytes = 5 };
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW);
	struct chain *c = table_find(t, "PREROUTING", 10);
	struct fwload_image_error err;
	struct fwload_image img;
	struct buf out;
	int i;

	rs->counters = true;
	sample_rule(c, 1, "01000000 00000020");
	buf_add(&c->counters, &most, sizeof(most));
	c->policy_counter = most;
	c = table_find(t, "OUTPUT", 6);
	c->kept = true;
	c->changed = true;
	c->id = 7;
	c->policy_counter = most;
	out = emit(rs, false);
	EXPECT_INT(fwload_image_check(out.data, out.size, &img, &err), 0);
	for (i = 0; EXPECT(img.counters) && i < 3; i++) {
		EXPECT(le64_to_cpu(img.counters[i].packets) == FWLOAD_IMG_COUNTER_TAKEN - 1);
		EXPECT_INT(le64_to_cpu(img.counters[i].bytes), 5);
	}
	ruleset_free(rs);
	buf_free(&out);
}

static void a_name_of_29_bytes_is_not_found(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	const char *name = "abcdefghijklmnopqrstuvwxyz012";

	sample_chain(t, "abcdefghijklmnopqrstuvwxyz01");
	EXPECT(!table_find(t, name, 29));
	EXPECT(table_find(t, name, 28));
	EXPECT(!table_find(t, name, 27));
	ruleset_free(rs);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(an_image_decoded_and_emitted_is_the_same_image),
		KTAP_CASE(so_it_is_without_lines),
		KTAP_CASE(lines_change_nothing_but_the_index),
		KTAP_CASE(the_example_of_the_format_takes_24_bytes),
		KTAP_CASE(chains_are_sorted_and_refs_follow_them),
		KTAP_CASE(the_order_of_declaration_does_not_show),
		KTAP_CASE(refs_are_shared_and_counted),
		KTAP_CASE(strings_start_with_the_empty_one),
		KTAP_CASE(payloads_are_padded_and_names_shared),
		KTAP_CASE(a_loop_is_not_emitted),
		KTAP_CASE(an_image_without_tables_is_not_emitted),
		KTAP_CASE(what_exceeds_a_limit_is_not_emitted),
		KTAP_CASE(no_count_is_taken_for_a_counter_in_force),
		KTAP_CASE(a_name_of_29_bytes_is_not_found),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
