// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that a line with lists of addresses makes, up to the limits of an image: these hold
 * as rules are stored, since a short text can make more than there is memory for.
 */
#include "../../user/edit.h"
#include "ktap.h"

#define RULE	16	/* bytes of "-s ADDR" */

static struct table *table;
static struct chain *input;

/* Do the command of a line, in a table filter of its own; @e->total is the caller's. */
static char *command(struct edit *e, struct ruleset *rs, const char *line)
{
	struct lex *lex = calloc(1, sizeof(*lex));
	struct diag d = { .file = "rules", .text = line, .size = strlen(line) };
	size_t size;
	char *said;
	bool ok;

	d.out = open_memstream(&said, &size);
	table = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	input = table_find(table, "INPUT", 5);
	e->rule.lex = lex;
	e->rule.table = table;
	lex_begin(lex, line, strlen(line), &d);
	ok = lex && lex_line(lex) && lex_words(lex, 0) && rule_parse(&e->rule);
	EXPECT(ok);
	ok = ok && edit_command(e, NULL);
	fclose(d.out);
	EXPECT(ok == !*said);
	free(lex);
	return said;
}

static void expect(struct edit *e, struct ruleset *rs, const char *line, const char *want)
{
	char *said = command(e, rs, line);

	said[strcspn(said, "\n")] = '\0';
	EXPECT_STR(said, want);
	free(said);
}

static const char pairs[] = "-A INPUT -s 10.0.0.1,10.0.0.2,10.0.0.3 -d 10.0.0.4,10.0.0.5";

static void each_pair_of_addresses_is_a_rule(void)
{
	struct edit *e = calloc(1, sizeof(*e));
	struct ruleset *rs = ruleset_new();

	expect(e, rs, pairs, "");
	EXPECT_INT(input->n_rules, 6);
	EXPECT_INT(e->total.rules, 6);
	EXPECT_INT(e->total.bytes, input->rules.size);
	ruleset_free(rs);
	free(e);
}

static void the_last_rule_of_all_is_stored(void)
{
	struct edit *e = calloc(1, sizeof(*e));
	struct ruleset *rs = ruleset_new();

	e->total.rules = FWLOAD_MAX_RULES - 6;
	expect(e, rs, pairs, "");
	EXPECT_INT(input->n_rules, 6);
	ruleset_free(rs);
	free(e);
}

static void a_line_that_makes_more_is_an_error(void)
{
	struct edit *e = calloc(1, sizeof(*e));
	struct ruleset *rs = ruleset_new();

	e->total.rules = FWLOAD_MAX_RULES - 5;
	expect(e, rs, pairs, "rules:1:1: error: too many rules");
	EXPECT_INT(input->n_rules, 0);
	ruleset_free(rs);
	free(e);
}

static void a_body_ends_at_its_limit(void)
{
	struct edit *e = calloc(1, sizeof(*e));
	struct ruleset *rs = ruleset_new();

	table = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	input = table_find(table, "INPUT", 5);
	input->payloads.size = FWLOAD_MAX_BODY - 2 * RULE;
	expect(e, rs, "-A INPUT -s 10.0.0.1,10.0.0.2", "");
	EXPECT_INT(input->n_rules, 2);
	expect(e, rs, "-I INPUT -s 10.0.0.1,10.0.0.2,10.0.0.3",
	       "rules:1:1: error: the body of a chain is too large");
	EXPECT_INT(input->n_rules, 3);
	expect(e, rs, "-A FORWARD -s 10.0.0.1,10.0.0.2", "");
	ruleset_free(rs);
	free(e);
}

static void so_does_an_image(void)
{
	struct edit *e = calloc(1, sizeof(*e));
	struct ruleset *rs = ruleset_new();

	e->total.bytes = FWLOAD_MAX_IMAGE - RULE;
	expect(e, rs, "-A INPUT -s 10.0.0.1,10.0.0.2,10.0.0.3",
	       "rules:1:1: error: the image is too large");
	EXPECT_INT(input->n_rules, 2);
	ruleset_free(rs);
	free(e);
}

/* What is only looked for has the limits of a rule set of its own. */
static void a_rule_that_is_looked_for_is_not_counted(void)
{
	struct edit *e = calloc(1, sizeof(*e));
	struct ruleset *rs = ruleset_new();

	e->total.rules = FWLOAD_MAX_RULES - 6;
	expect(e, rs, pairs, "");
	expect(e, rs, "-C INPUT -s 10.0.0.1 -d 10.0.0.4", "");
	expect(e, rs, "-D INPUT -s 10.0.0.1 -d 10.0.0.4", "");
	ruleset_free(rs);
	free(e);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(each_pair_of_addresses_is_a_rule),
		KTAP_CASE(the_last_rule_of_all_is_stored),
		KTAP_CASE(a_line_that_makes_more_is_an_error),
		KTAP_CASE(a_body_ends_at_its_limit),
		KTAP_CASE(so_does_an_image),
		KTAP_CASE(a_rule_that_is_looked_for_is_not_counted),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
