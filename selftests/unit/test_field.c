// SPDX-License-Identifier: GPL-2.0
/*
 * The validator on index and bodies, field by field: a small image (sample_image.h) with one
 * field changed, and the checksum made right again, is refused, each field for its reason. What
 * takes more than a field is in test_image.c.
 */
#include "sample_image.h"

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
	{ "six sections", H(n_sections), 6, "too many sections", 0 },
	{ "all the sections there can be", H(n_sections), ~0U, "too many sections", 0 },
	{ "section 0", SEC(0, type), 0, "unknown section", 0 },
	{ "section 6", SEC(3, type), 6, "unknown section", 0 },
	{ "lines as counters", SEC(3, type), 5, "COUNTERS ends inside a counter", 0 },
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
	{ "flag of a table", TAB(0, flags), 2, "unknown flag of a table", 0 },
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
	{ "flag of a chain", CHAIN(3, flags), 8, "unknown flag of a chain", 0 },
	{ "chain with a body to be zeroed", CHAIN(3, flags), FWLOAD_IMG_C_ZERO,
	  "a chain with a body is to be zeroed", 0 },
	{ "chain with a body that is gone", CHAIN(3, flags), FWLOAD_IMG_C_GONE,
	  "a chain that is kept or gone has a body", 0 },
	{ "padding of a chain", CHAIN(3, pad), 1, "padding of a chain is not zero", 0 },
	{ "kept chain with a body", CHAIN(3, flags), FWLOAD_IMG_C_KEPT,
	  "a chain that is kept or gone has a body", 0 },
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
	{ "symbols of 1 byte", B(symbols_size), 1,
	  "rules, payloads, plan or symbols are no multiple of 8 bytes", 0 },
	{ "symbols of 8 bytes more", B(symbols_size), 8,
	  "the parts of a body do not add up to its size", 0 },
	{ "rules of a body", B(n_rules), 4, "the number of rules is not that of the chain", 0 },
	{ "rules of 4 bytes more", B(rules_size), 60,
	  "rules, payloads, plan or symbols are no multiple of 8 bytes", 0 },
	{ "payloads of 4 bytes more", B(payloads_size), 76,
	  "rules, payloads, plan or symbols are no multiple of 8 bytes", 0 },
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
	{ "ref to no chain", REF(0, chain), 99, "a jump to a chain that is not of the table", 0 },
	{ "ref by handle", REF(0, chain), ~0U, "a handle in a table that is not merged", 0 },
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

static void check_row(const struct row *row)
{
	struct buf b = image();

	put(at(&b, row->field.place) + row->field.offset, row->field.width, row->value);
	if (row->field.place != HEADER)
		seal(&b);
	expect(&b, row->errnum, row->reason);
	buf_free(&b);
}

int main(void)
{
	size_t i;

	ktap_begin(ARRAY_SIZE(rows));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row(&rows[i]);
		ktap_result(rows[i].name);
	}
	return ktap_end();
}
