// SPDX-License-Identifier: GPL-2.0
/*
 * The validator on index and bodies: a small image is accepted; with one field changed (and
 * the checksum made right again) it is refused, each field for its reason.
 */
#include "../../kmod/body.h"
#include "../../user/decode.h"
#include "ktap.h"
#include "sample.h"

/*
 * The image. NAMES and the strings of INPUT, with their offsets:
 *
 *	0 1    6     12      20     27 30 33         44        51
 *	  f.v4 INPUT FORWARD OUTPUT aa bb PREROUTING OUTPUT
 *
 *	0 1   5    10  14  18 19    25    31  35
 *	  set blue SET red ,  green limit LOG
 */
static struct buf image(void)
{
	static const char *const sets[] = { "blue", "red", "", "green" };
	static const u8 payload[40] = { 0xff, 0xff, 1, 0, 0xff, 0xff, 2, 0, 0xff, 0xff, 3, 0 };
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *in = t->chains[0], *a, *b;
	struct buf out = { 0 };

	t->file = "f.v4";
	a = sample_chain(t, "aa");
	b = sample_chain(t, "bb");
	sample_jump(in, a, false);
	sample_jump(in, a, false);
	sample_jump(in, b, true);
	chain_ext(in, "set", 1, FWLOAD_IMG_EXT_MATCH, payload, 8, sets, 1);
	chain_ext(in, "SET", 3, FWLOAD_IMG_EXT_TARGET, payload, 16, sets + 1, 3);
	sample_rule(in, 4, "0200 00 00 01000070 10010000 00000000");
	chain_ext(in, "limit", 0, FWLOAD_IMG_EXT_MATCH, payload, 40, NULL, 0);
	chain_ext(in, "LOG", 0, FWLOAD_IMG_EXT_TARGET, payload, 8, NULL, 0);
	sample_rule(in, 5, "0200 00 00 03000070 10010000 02000000");
	sample_rule(a, 6, "0100 00 00 00000010");
	sample_rule(b, 7, "0100 00 00 00000010");
	ruleset_table(rs, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_RAW);
	EXPECT_STR(emit_image(rs, true, &out), NULL);
	ruleset_free(rs);
	return out;
}

enum place {
	HEADER, SECTIONS, TABLES, CHAINS, NAMES, LINES,
	BODY, REFS, EXTS, RULES, PAYLOADS, STRINGS,	/* of INPUT */
	BODY_OF_A,
};

static u8 *at(const struct buf *b, enum place place)
{
	struct fwload_image_error err;
	struct fwload_image img;
	struct fwload_body body;
	u8 *first;

	EXPECT_INT(fwload_image_check(b->data, b->size, &img, &err), 0);
	first = b->data + img.index_size;
	fwload_body_open(first, &body);
	switch (place) {
	case HEADER:	return b->data;
	case SECTIONS:	return b->data + sizeof(struct fwload_img_header);
	case TABLES:	return (u8 *)img.tables;
	case CHAINS:	return (u8 *)img.chains;
	case NAMES:	return (u8 *)img.names;
	case LINES:	return (u8 *)img.lines;
	case BODY:	return first;
	case REFS:	return (u8 *)body.refs;
	case EXTS:	return (u8 *)body.exts;
	case RULES:	return (u8 *)body.rules;
	case PAYLOADS:	return (u8 *)body.payloads;
	case STRINGS:	return (u8 *)body.strings;
	default:	return b->data + fwload_image_body_offset(&img, 3);
	}
}

struct field {
	enum place place;
	size_t offset;
	size_t width;
};

#define FIELD(place, lvalue) { place, (size_t)&(lvalue), sizeof(lvalue) }
#define AT(type, i)	(((struct type *)0)[i])
#define H(field)	FIELD(HEADER, AT(fwload_img_header, 0).field)
#define SEC(i, field)	FIELD(SECTIONS, AT(fwload_img_section, i).field)
#define TAB(i, field)	FIELD(TABLES, AT(fwload_img_table, i).field)
#define CHAIN(i, field)	FIELD(CHAINS, AT(fwload_img_chain, i).field)
#define B(field)	FIELD(BODY, AT(fwload_img_body, 0).field)
#define REF(i, field)	FIELD(REFS, AT(fwload_img_ref, i).field)
#define EXT(i, field)	FIELD(EXTS, AT(fwload_img_ext, i).field)
#define BYTE(place, i)	{ place, i, 1 }

static const struct row {
	const char *name;
	struct field field;
	u64 value;
	const char *reason;	/* NULL: accepted */
	int errnum;		/* 0: EINVAL */
} rows[] = {
	/* header; what concerns version, byte order and size is in test_damage.c */
	{ "magic", BYTE(HEADER, 7), 0, "not a fwload image", 0 },
	{ "padding of the header", BYTE(HEADER, 15), 1, "padding of the header is not zero", 0 },
	{ "header: flags", H(flags), 1, "unknown flag in the header", 0 },
	{ "header: size over the limit", H(size), FWLOAD_MAX_IMAGE + 8,
	  "the image is too large", -E2BIG },
	{ "header: size over all limits", H(size), ~0ULL, "the image is too large", -E2BIG },
	{ "header: index over the limit", H(index_size), FWLOAD_MAX_INDEX + 8,
	  "the index is too large", -E2BIG },
	{ "header: rules over the limit", H(n_rules), FWLOAD_MAX_RULES + 1, "too many rules",
	  -E2BIG },
	{ "header: rules", H(n_rules), 8, "LINES is not one line per rule", 0 },
	{ "header: checksum", H(xxh64), 0, "the checksum is wrong: the image is damaged", 0 },
	/* section table */
	{ "no sections", H(n_sections), 0, "bytes between the index and the bodies", 0 },
	{ "a section less", H(n_sections), 3, "a section does not start where the last ends", 0 },
	{ "five sections", H(n_sections), 5, "too many sections", 0 },
	{ "all the sections there can be", H(n_sections), ~0U, "too many sections", 0 },
	{ "section 0", SEC(0, type), 0, "unknown section", 0 },
	{ "section 5", SEC(3, type), 5, "unknown section", 0 },
	{ "a section twice", SEC(2, type), 2, "sections are not in ascending order", 0 },
	{ "sections in disorder", SEC(0, type), 3, "sections are not in ascending order", 0 },
	{ "padding of a section", SEC(1, pad), 1, "padding of a section is not zero", 0 },
	{ "a section that overlaps", SEC(1, offset), 48,
	  "a section does not start where the last ends", 0 },
	{ "a section too large", SEC(3, size), 36, "a section is truncated", 0 },
	{ "a section of 4 GiB", SEC(2, size), ~0U, "a section is truncated", 0 },
	{ "padding after a section", BYTE(NAMES, 51), 1, "padding after a section is not zero", 0 },
	{ "padding after LINES", BYTE(LINES, 28), 1, "padding after a section is not zero", 0 },
	{ "tables that end inside one", SEC(0, size), 31,
	  "the section of tables ends inside a table", 0 },
	{ "chains that end inside one", SEC(1, size), 7 * 24 - 7,
	  "the section of chains ends inside a chain", 0 },
	{ "LINES too short", SEC(3, size), 25, "LINES is not one line per rule", 0 },
	/* names */
	{ "NAMES that begin with a name", BYTE(NAMES, 0), 'x',
	  "NAMES does not begin and end with NUL", 0 },
	{ "NAMES that end in a name", BYTE(NAMES, 50), 'x',
	  "NAMES does not begin and end with NUL", 0 },
	/* tables */
	{ "family", TAB(1, family), 2, "unknown family of a table", 0 },
	{ "table", TAB(0, table), 5, "unknown table", 0 },
	{ "tables in disorder", TAB(0, family), 1, "tables are not in ascending order", 0 },
	{ "padding of a table", BYTE(TABLES, 3), 1, "padding of a table is not zero", 0 },
	{ "file past NAMES", TAB(0, file), 51, "the file of a table is not in NAMES", 0 },
	{ "file inside a name", TAB(0, file), 2, "the file of a table is not in NAMES", 0 },
	{ "no file", TAB(0, file), 0, NULL, 0 },
	{ "another file", TAB(1, file), 1, NULL, 0 },
	{ "first chain", TAB(0, first_chain), 1,
	  "the chains of the tables are not consecutive", 0 },
	{ "first chain of the second", TAB(1, first_chain), 4,
	  "the chains of the tables are not consecutive", 0 },
	{ "more chains than there are", TAB(1, n_chains), 3,
	  "a table has more chains than there are", 0 },
	{ "4 Gi chains", TAB(0, n_chains), ~0U, "a table has more chains than there are", 0 },
	{ "a chain too few", TAB(1, n_chains), 1, "a table lacks a base chain", 0 },
	{ "no chain", TAB(0, n_chains), 0, "a table lacks a base chain", 0 },
	{ "a chain of another table", TAB(0, n_chains), 6, "a user chain has a hook", 0 },
	/* chains */
	{ "base chain of another hook", CHAIN(1, hook), FWLOAD_HOOK_OUTPUT,
	  "a base chain is missing or has the wrong hook", 0 },
	{ "base chain without a hook", CHAIN(2, hook), FWLOAD_IMG_NO_HOOK,
	  "a base chain is missing or has the wrong hook", 0 },
	{ "base chain of another name", CHAIN(1, name), 6,
	  "a base chain does not have the name of its hook", 0 },
	{ "base chain without a policy", CHAIN(1, policy), FWLOAD_POLICY_NONE,
	  "unknown policy of a base chain", 0 },
	{ "policy DROP", CHAIN(1, policy), FWLOAD_POLICY_DROP, NULL, 0 },
	{ "policy 3", CHAIN(1, policy), 3, "unknown policy of a base chain", 0 },
	{ "user chain with a hook", CHAIN(3, hook), FWLOAD_HOOK_PREROUTING,
	  "a user chain has a hook", 0 },
	{ "user chain with a policy", CHAIN(3, policy), FWLOAD_POLICY_DROP,
	  "a user chain has a policy", 0 },
	{ "user chains in disorder", CHAIN(4, name), 33,
	  "user chains are not sorted by their names", 0 },
	{ "user chains of one name", CHAIN(4, name), 27,
	  "user chains are not sorted by their names", 0 },
	{ "user chain with the name of a base chain", CHAIN(3, name), 20,
	  "a user chain has a base chain's name", 0 },
	{ "user chain with the name of another table's base chain", CHAIN(3, name), 33,
	  NULL, 0 },
	{ "chain name past NAMES", CHAIN(3, name), 51, "the name of a chain is not in NAMES", 0 },
	{ "chain name inside a name", CHAIN(3, name), 28,
	  "the name of a chain is not in NAMES", 0 },
	{ "chain without a name", CHAIN(3, name), 0, "a chain has no name", 0 },
	{ "blank in a chain's name", BYTE(NAMES, 28), ' ',
	  "the name of a chain has a blank or a control character", 0 },
	{ "newline in a chain's name", BYTE(NAMES, 28), '\n',
	  "the name of a chain has a blank or a control character", 0 },
	{ "UTF-8 in a chain's name", BYTE(NAMES, 31), 0xc3, NULL, 0 },
	{ "flag of a chain", CHAIN(3, flags), 2, "unknown flag of a chain", 0 },
	{ "padding of a chain", CHAIN(3, pad), 1, "padding of a chain is not zero", 0 },
	{ "kept chain with a body", CHAIN(3, flags), FWLOAD_IMG_C_KEPT,
	  "a kept chain has a body", 0 },
	{ "id of a chain that is not kept", CHAIN(3, id), 1,
	  "a chain that is not kept has an id", 0 },
	{ "body over the limit", CHAIN(3, body_size), FWLOAD_MAX_BODY + 8,
	  "the body of a chain is too large", -E2BIG },
	{ "body of 24 bytes", CHAIN(3, body_size), 24,
	  "a body is too small or no multiple of 8", 0 },
	{ "body of 33 bytes", CHAIN(3, body_size), 33,
	  "a body is too small or no multiple of 8", 0 },
	{ "bodies that do not add up", CHAIN(3, body_size), 32,
	  "the size is not that of the index and all bodies", 0 },
	{ "rules that do not add up", CHAIN(3, n_rules), 2,
	  "the number of rules is not that of all chains", 0 },
	{ "4 Gi rules", CHAIN(3, n_rules), ~0U,
	  "the number of rules is not that of all chains", 0 },
	/* the head of a body */
	{ "padding of a body", B(pad), 1, "padding of a body is not zero", 0 },
	{ "rules of a body", B(n_rules), 4, "the number of rules is not that of the chain", 0 },
	{ "rules of 4 bytes more", B(rules_size), 60,
	  "rules or payloads are no multiple of 8 bytes", 0 },
	{ "payloads of 4 bytes more", B(payloads_size), 76,
	  "rules or payloads are no multiple of 8 bytes", 0 },
	{ "a ref too many", B(n_refs), 3, "the parts of a body do not add up to its size", 0 },
	{ "4 Gi refs", B(n_refs), ~0U, "the parts of a body do not add up to its size", 0 },
	{ "4 Gi extensions", B(n_exts), ~0U, "the parts of a body do not add up to its size", 0 },
	{ "4 GiB of strings", B(strings_size), ~0U,
	  "the parts of a body do not add up to its size", 0 },
	{ "strings that end early", B(strings_size), 33,
	  "padding after the strings is not zero", 0 },
	{ "padding after the strings", BYTE(STRINGS, 35), 1,
	  "padding after the strings is not zero", 0 },
	{ "strings that begin with one", BYTE(STRINGS, 0), 1,
	  "strings do not begin and end with NUL", 0 },
	{ "strings that end in one", BYTE(STRINGS, 34), 1,
	  "strings do not begin and end with NUL", 0 },
	/* refs */
	{ "ref to a chain past the table", REF(0, chain), 5,
	  "a jump to a chain that is not of the table", 0 },
	{ "ref to no chain", REF(0, chain), ~0U, "a jump to a chain that is not of the table", 0 },
	{ "ref to a base chain", REF(0, chain), 2, "a jump to a base chain", 0 },
	{ "ref without uses", REF(0, uses), 0, "a ref without uses", 0 },
	{ "goto without uses", REF(1, uses), FWLOAD_IMG_REF_GOTO, "a ref without uses", 0 },
	{ "ref used less often", REF(0, uses), 3, "a ref is not used as often as it says", 0 },
	{ "ref used more often", REF(0, uses), 1, "a ref is not used as often as it says", 0 },
	{ "jump and goto to one chain", REF(1, chain), 3, NULL, 0 },
	{ "jump by the ref of a goto", REF(0, uses), 2 | FWLOAD_IMG_REF_GOTO,
	  "a jump by the ref of a goto", 0 },
	{ "refs in disorder", BYTE(RULES, 4), 1,
	  "refs are not in the order of their first use", 0 },
	/* extensions */
	{ "name of an extension past the strings", EXT(2, name), 35,
	  "the name of an extension is not in the strings", 0 },
	{ "name of an extension inside a string", EXT(2, name), 26,
	  "the name of an extension is not in the strings", 0 },
	{ "extension without a name", EXT(2, name), 0, "not a name of an extension", 0 },
	{ "slash in the name of an extension", BYTE(STRINGS, 26), '/',
	  "not a name of an extension", 0 },
	{ "revision", EXT(2, revision), 255, NULL, 0 },
	{ "kind 2", EXT(2, kind), 2, "unknown kind of extension", 0 },
	{ "a target used as a match", EXT(2, kind), FWLOAD_IMG_EXT_TARGET,
	  "a target is used as a match", 0 },
	{ "a match used as a target", EXT(3, kind), FWLOAD_IMG_EXT_MATCH,
	  "a match is used as a target", 0 },
	{ "padding of an extension", EXT(2, pad), 1, "padding of an extension is not zero", 0 },
	{ "more padding of an extension", EXT(2, pad2), 1,
	  "padding of an extension is not zero", 0 },
	{ "payload of another", EXT(2, payload), 0,
	  "a payload does not start where the last ends", 0 },
	{ "payload over the limit", EXT(2, size), FWLOAD_MAX_EXT_SIZE + 8,
	  "a payload is too large", 0 },
	{ "payload of 4 GiB", EXT(2, size), ~7U, "a payload is too large", 0 },
	{ "payload of an odd size", EXT(2, size), 39,
	  "the size of a payload is not that of a struct of the kernel", 0 },
	{ "payload past the payloads", EXT(2, size), 56, "a payload is truncated", 0 },
	{ "last payload too small", EXT(3, size), 0, "a payload belongs to no extension", 0 },
	{ "extensions in disorder", BYTE(RULES, 24 + 12), 2,
	  "extensions are not used once each, in their order", 0 },
	{ "targets in disorder", BYTE(RULES, 24 + 16 + 4), 2,
	  "extensions are not used once each, in their order", 0 },
	/* sets */
	{ "a set for limit", EXT(2, n_sets), 1, "more sets than the extension can have", 0 },
	{ "two sets for a match", EXT(0, n_sets), 2, "more sets than the extension can have", 0 },
	{ "four sets for a target", EXT(1, n_sets), 4, "more sets than the extension can have", 0 },
	{ "set without a name", EXT(0, n_sets), 0,
	  "the names of an extension's sets are missing", 0 },
	{ "names of sets for limit", EXT(2, sets), 5, "an extension without sets has names of some",
	  0 },
	{ "payload without room for the sets", EXT(1, revision), 0,
	  "the payload is too small for its sets", 0 },
	{ "name of a set past the strings", EXT(0, sets), 35,
	  "the name of a set is not in the strings", 0 },
	{ "names of sets past the strings", EXT(1, sets), 31,
	  "the name of a set is not in the strings", 0 },
	{ "match on no set", EXT(0, sets), 0, "a match on no set", 0 },
	{ "blank in the name of a set", BYTE(STRINGS, 6), ' ',
	  "the name of a set has a blank or a control character", 0 },
	{ "number of a set", BYTE(PAYLOADS, 0), 0,
	  "a payload has the number of a set beside its name", 0 },
	{ "number of the third set", BYTE(PAYLOADS, 8 + 9), 0x7f,
	  "a payload has the number of a set beside its name", 0 },
	/* rules as a whole */
	{ "a rule that takes in the next", BYTE(RULES, 0), 2,
	  "an element goes past the end of its rule", 0 },
};

static void put(u8 *to, size_t width, u64 value)
{
	while (width--) {
		*to++ = value;
		value >>= 8;
	}
}

static void seal(struct buf *b)
{
	struct fwload_img_header *h = (void *)b->data;

	h->xxh64 = cpu_to_le64(xxh64(h + 1, b->size - sizeof(*h), 0));
}

static void expect(const struct buf *b, int errnum, const char *reason)
{
	struct fwload_image_error err = { 0 };
	struct fwload_image img;

	EXPECT_INT(fwload_image_check(b->data, b->size, &img, &err),
		   reason && !errnum ? -EINVAL : errnum);
	EXPECT_STR(err.reason, reason);
}

static void check_row(const struct row *row)
{
	struct buf b = image();

	put(at(&b, row->field.place) + row->field.offset, row->field.width, row->value);
	if (row->field.place != HEADER)
		seal(&b);
	expect(&b, row->errnum, row->reason);
	buf_free(&b);
}

/* What takes more than a field. */

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
	EXPECT_STR(emit_image(rs, false, &b), "a kept chain has no id");
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
	size_t i;

	ktap_begin(ARRAY_SIZE(cases) + ARRAY_SIZE(rows));
	ktap_cases(cases, ARRAY_SIZE(cases));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row(&rows[i]);
		ktap_result(rows[i].name);
	}
	return ktap_end();
}
