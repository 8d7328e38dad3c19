// SPDX-License-Identifier: GPL-2.0
/*
 * Rules behind one that takes every packet: no chain is reached through them, and mac may
 * stand there.
 */
#include "ktap.h"
#include "sample.h"

#define DROP	"0100 00 00 00000020"
#define MAC	"0300 00 00 00000000 0d020000 010203040506 000000000000"

/* What is said of a rule set in which @rule stands between loop's entry and its jump back. */
static const char *loop_behind(u8 family, const char *rule)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, family, FWLOAD_TABLE_FILTER);
	struct chain *c = sample_chain(t, "c"), *loop = sample_chain(t, "loop");
	struct buf b = { 0 };
	const char *reason;

	sample_jump(t->chains[0], loop, false);
	sample_jump(loop, c, false);
	sample_rule(loop, 1, rule);
	sample_jump(loop, c, false);
	sample_jump(loop, loop, false);
	reason = emit_image(rs, false, &b);
	buf_free(&b);
	ruleset_free(rs);
	return reason;
}

static void verdicts_for_every_packet_are_final(void)
{
	static const char *const rules[] = {
		"0100 00 00 00000010",		/* ACCEPT */
		DROP,
		"0100 00 00 00000030",		/* RETURN */
		"0100 00 00 00000040",		/* QUEUE */
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		EXPECT_STR(loop_behind(FWLOAD_FAMILY_IPV4, rules[i]), NULL);
		EXPECT_STR(loop_behind(FWLOAD_FAMILY_IPV6, rules[i]), NULL);
	}
}

static void other_rules_are_not(void)
{
	static const struct {
		u8 family;
		const char *rule;
	} rules[] = {
		{ FWLOAD_FAMILY_IPV4, "0100 00 00 00000000" },	/* no target */
		{ FWLOAD_FAMILY_IPV4, "0100 06 01 00000020" },	/* -p tcp */
		{ FWLOAD_FAMILY_IPV4, "0100 00 04 00000020" },	/* -f */
		{ FWLOAD_FAMILY_IPV6, "0100 00 01 00000020" },	/* -p all */
		{ FWLOAD_FAMILY_IPV4, "0200 00 00 00000020 01010020 c0000207" },	/* -s */
		{ FWLOAD_FAMILY_IPV4, "0200 00 00 00000020 0f010000 00000000" },	/* -m */
		{ FWLOAD_FAMILY_IPV4, "0300 00 10 00000080 11020000 00*12" },	/* MARK */
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (!EXPECT_STR(loop_behind(rules[i].family, rules[i].rule),
				"a base chain reaches a loop of chains"))
			printf("# rule %u\n", i);
}

/* A goto leaves for good, but iptables follows what stands behind it. */
static void a_goto_is_not_final(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *c = sample_chain(t, "c"), *loop = sample_chain(t, "loop");
	struct buf b = { 0 };

	sample_jump(t->chains[0], loop, false);
	sample_jump(loop, c, true);
	sample_jump(loop, loop, false);
	EXPECT_STR(emit_image(rs, false, &b), "a base chain reaches a loop of chains");
	buf_free(&b);
	ruleset_free(rs);
}

static void mac_may_stand_where_output_does_not_get(void)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *live = sample_chain(t, "live"), *dead = sample_chain(t, "dead");
	struct chain *open = sample_chain(t, "open"), *output = t->chains[2];
	struct buf b = { 0 };

	sample_jump(output, live, false);
	sample_jump(output, open, false);
	sample_rule(output, 1, DROP);
	sample_rule(output, 1, MAC);
	sample_jump(output, dead, false);
	sample_rule(live, 1, DROP);
	sample_rule(live, 1, MAC);
	sample_rule(dead, 1, MAC);
	sample_rule(dead, 1, DROP);
	EXPECT_STR(emit_image(rs, false, &b), NULL);
	buf_free(&b);
	sample_jump(open, dead, false);
	EXPECT_STR(emit_image(rs, false, &b),
		   "a match on mac is reached from OUTPUT or POSTROUTING");
	buf_free(&b);
	ruleset_free(rs);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(verdicts_for_every_packet_are_final),
		KTAP_CASE(other_rules_are_not),
		KTAP_CASE(a_goto_is_not_final),
		KTAP_CASE(mac_may_stand_where_output_does_not_get),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
