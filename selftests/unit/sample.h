/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets for tests, made of bytes: a small one that has one of everything, and
 * the means to write others.
 */
#ifndef FWLOAD_SAMPLE_H
#define FWLOAD_SAMPLE_H

#include <ctype.h>

#include "../../user/emit.h"

/* "01 ff" as bytes, blanks ignored; "00*8" stands for 8 of them. */
static inline size_t sample_bytes(const char *hex, u8 *to, size_t room)
{
	unsigned int byte, count;
	size_t n = 0;
	int used;

	while (*hex) {
		if (isspace((unsigned char)*hex)) {
			hex++;
			continue;
		}
		count = 1;
		if (sscanf(hex, "%2x*%u%n", &byte, &count, &used) != 2 &&
		    sscanf(hex, "%2x%n", &byte, &used) != 1)
			abort();
		for (hex += used; count > 0 && n < room; count--)
			to[n++] = byte;
	}
	return n;
}

/* Append a rule in hexadecimal, as it stands in the image. */
static inline void sample_rule(struct chain *c, u32 line, const char *hex)
{
	u8 rule[512];

	buf_add(&c->rules, rule, sample_bytes(hex, rule, sizeof(rule)));
	buf_add(&c->lines, &line, sizeof(line));
	c->n_rules++;
}

static inline struct chain *sample_chain(struct table *t, const char *name)
{
	struct chain *c = table_chain(t, name, strlen(name));

	c->declared = true;
	return c;
}

/* A rule that is nothing but a jump or a goto. */
static inline void sample_jump(struct chain *from, struct chain *to, bool is_goto)
{
	struct fwload_img_rule rule = { .size = cpu_to_le16(1) };
	u32 ref = chain_ref(from, to, is_goto, 1, 1), line = 1;

	rule.target = cpu_to_le32((is_goto ? FWLOAD_IMG_T_GOTO : FWLOAD_IMG_T_JUMP) <<
				  FWLOAD_IMG_TARGET_SHIFT | ref);
	buf_add(&from->rules, &rule, sizeof(rule));
	buf_add(&from->lines, &line, sizeof(line));
	from->n_rules++;
}

/* Every kind of element, target, extension and chain, in both families. */
static inline struct ruleset *sample_ruleset(void)
{
	static const char *const sets[] = { "blue", "", "red" };
	static const u8 payload[16] = { 0xff, 0xff, 1, 0, 0xff, 0xff, 2, 0, 0xff, 0xff, 3, 0 };
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *in = table_find(t, "INPUT", 5), *u, *kept;

	t->file = "rules.v4";
	u = sample_chain(t, "web");
	kept = sample_chain(t, "kept");
	kept->kept = true;
	kept->id = 77;
	chain_string(in, "ssh only", 8);
	sample_rule(in, 3, "03000601 00000020 01010020 c0000207 06010006 50005000");
	sample_rule(in, 4,
		    "06000601 00000010 03030303 00000000 657468 00*13 05020106 12020000 0000ffff 16001600");
	sample_rule(in, 5,
		    "05 00*6 30 09010000 0e000000 0a020100 01000000 ff 00*7 0c010000 01000000");
	sample_jump(in, u, false);
	sample_jump(in, kept, false);
	sample_jump(in, u, true);
	sample_jump(in, u, false);
	sample_rule(u, 8, "03000601 00000020 08020101 02000300 50008000 90000000");
	sample_rule(u, 9,
		    "05000105 00000010 07010008 00ff0000 0d020000 01020304 0506 00*6 0f010001 00000000");
	sample_rule(u, 10,
		    "06 00*7 02020200 0a000001 ff0000ff 00*4 0e0302 00*5 0a000001 0a000009 00*8");
	sample_rule(u, 11, "03 00*7 0b020000 01000000 01 00*7");
	sample_rule(u, 11, "03000010 00000080 11020000 10000000 ffffffff 00000000");
	sample_rule(u, 12, "04000010 00000090 12030002 00000000 ff*8 0004 00*6");
	sample_rule(u, 13, "02000000 01000070 10010000 00000000");
	chain_ext(u, "set", 1, FWLOAD_IMG_EXT_MATCH, payload, 8, sets, 1);
	chain_ext(u, "SET", 3, FWLOAD_IMG_EXT_TARGET, payload, 16, sets, 3);
	sample_rule(u, 14, "03008401 00000020 05023084 00000000 01000200 03000400");

	t = ruleset_table(rs, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_NAT);
	t->file = "rules.v6";
	in = table_find(t, "POSTROUTING", 11);
	in->policy = FWLOAD_POLICY_DROP;
	sample_rule(in, 2, "04003a01 00000010 01030040 00000000 20010db8 00*12");
	sample_rule(in, 3,
		    "0b003a01 00000010 07010080 00000000 0e0914 00*37 20010db8 00*11 01 20010db8 00*11 09");
	sample_rule(in, 4, "06000001 00000000 010502 00*5 fe80 00*13 01 ffff 00*13 ff");
	return rs;
}

#endif /* FWLOAD_SAMPLE_H */
