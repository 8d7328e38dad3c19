// SPDX-License-Identifier: GPL-2.0
/*
 * Whole texts: tables, chains, counters, commands.
 */
#include "ktap.h"
#include "parsed.h"
#include "../../user/print.h"

#define FILTER	FWLOAD_TABLE_FILTER
#define V4	FWLOAD_FAMILY_IPV4

/* The rules of all chains of the filter table, as text. */
static const char *rules_of(const struct parsed *p, bool counters)
{
	static char text[8192];
	struct buf out = { 0 };

	print_table(&p->rs->tables[V4][FILTER], &(struct print_how){ .counters = counters },
		    &out);
	snprintf(text, sizeof(text), "%.*s", (int)out.size, (char *)out.data);
	buf_free(&out);
	return text;
}

/* Does @text come back as @want, but for the first and the last line of the table? */
static void comes_back(const char *text, const char *want)
{
	struct parsed p = parse_string(V4, text);
	char whole[8192];

	snprintf(whole, sizeof(whole), "*filter\n%sCOMMIT\n", want);
	if (EXPECT(p.ok)) {
		if (!EXPECT(!strcmp(rules_of(&p, strchr(want, '[')), whole)))
			printf("# got %s", rules_of(&p, strchr(want, '[')));
	} else {
		printf("# %s", p.said);
	}
	parsed_free(&p);
}

#define BASE	":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"

static void comments_and_blank_lines_are_nothing(void)
{
	comes_back("# x\n\n*filter\n  \t\n# -A INPUT -j DROP\n  # y\nCOMMIT\n# z", BASE);
}

static void lines_may_end_in_cr_lf_and_the_last_in_nothing(void)
{
	comes_back("*filter\r\n:INPUT DROP [1:2]\r\n-A INPUT -j DROP\r\nCOMMIT",
		   ":INPUT DROP [1:2]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		   "[0:0] -A INPUT -j DROP\n");
}

static void a_blank_after_the_star_is_fine(void)
{
	comes_back("* filter\nCOMMIT\n", BASE);
}

static void base_chains_need_no_line(void)
{
	comes_back("*filter\n-A OUTPUT -j DROP\nCOMMIT\n", BASE "[0:0] -A OUTPUT -j DROP\n");
}

static void chains_that_only_look_like_base_chains(void)
{
	comes_back("*filter\n:PREROUTING -\n-A PREROUTING -j DROP\nCOMMIT\n",
		   BASE ":PREROUTING - [0:0]\n[0:0] -A PREROUTING -j DROP\n");
}

static void policies_and_counters(void)
{
	comes_back("*filter\n:INPUT DROP [7:8]\n:OUTPUT -\n:U - -\n-P FORWARD DROP -c 3 4\n"
		   "[1:2] -A INPUT -j U\n-A U -c 5 6 -j DROP\n-A U\n-A U -c 7,8\nCOMMIT\n",
		   ":INPUT DROP [7:8]\n:FORWARD DROP [3:4]\n:OUTPUT ACCEPT [0:0]\n"
		   ":U - [0:0]\n[1:2] -A INPUT -j U\n[5:6] -A U -j DROP\n[0:0] -A U\n"
		   "[7:8] -A U\n");
}

static void rules_without_counters_keep_none(void)
{
	struct parsed p = parse_string(V4, "*filter\n[0:0] -A INPUT\n-A INPUT\nCOMMIT\n");

	if (EXPECT(p.ok))
		EXPECT_INT(parsed_chain(&p, FILTER, "INPUT")->counters.size, 0);
	parsed_free(&p);
}

static void each_rule_knows_its_line(void)
{
	struct parsed p = parse_string(V4, "# x\n*filter\n-A INPUT -s 1.1.1.1,2.2.2.2\n\n"
				       "-A INPUT\n-I INPUT 2\nCOMMIT\n");
	static const u32 want[] = { 3, 6, 3, 5 };
	struct chain *c;

	if (EXPECT(p.ok)) {
		c = parsed_chain(&p, FILTER, "INPUT");
		EXPECT_INT(c->n_rules, 4);
		EXPECT(c->lines.size == sizeof(want) &&
		       !memcmp(c->lines.data, want, sizeof(want)));
	}
	parsed_free(&p);
}

static void a_chain_may_be_declared_after_the_jump(void)
{
	comes_back("*filter\n-A INPUT -j LATER\n:LATER -\nCOMMIT\n",
		   BASE ":LATER - [0:0]\n[0:0] -A INPUT -j LATER\n");
}

static void a_chain_wins_over_a_target_of_its_name(void)
{
	comes_back("*filter\n:LOG -\n:MARK -\n-A INPUT -j LOG\n-A INPUT -j MARK\nCOMMIT\n",
		   BASE ":LOG - [0:0]\n:MARK - [0:0]\n[0:0] -A INPUT -j LOG\n"
		   "[0:0] -A INPUT -j MARK\n");
}

static void insert_puts_rules_before_others(void)
{
	comes_back("*filter\n:U -\n-A INPUT -m comment --comment a -j U\n-I INPUT -j LOG\n"
		   "-I INPUT 2 -m comment --comment b -m ttl --ttl-eq 5 -g U\n"
		   "[1:2] -I INPUT 4 -s 1.1.1.1,2.2.2.2\n-A INPUT -j DROP\nCOMMIT\n",
		   BASE ":U - [0:0]\n[0:0] -A INPUT -j LOG\n"
		   "[0:0] -A INPUT -m comment --comment b -m ttl --ttl-eq 5 -g U\n"
		   "[0:0] -A INPUT -m comment --comment a -j U\n"
		   "[1:2] -A INPUT -s 2.2.2.2/32\n[1:2] -A INPUT -s 1.1.1.1/32\n"
		   "[0:0] -A INPUT -j DROP\n");
}

/* What the chains refer to stands in the order of the rules, as the image wants it. */
static void an_inserted_rule_leaves_no_trace_of_its_place(void)
{
	struct parsed a = parse_string(V4, "*filter\n:T -\n:U -\n-A INPUT -j T\n-A INPUT -j LOG\n"
				       "-I INPUT -m ttl --ttl-eq 1 -m comment --comment x -j U\n"
				       "COMMIT\n");
	struct parsed b = parse_string(V4, "*filter\n:T -\n:U -\n"
				       "-A INPUT -m ttl --ttl-eq 1 -m comment --comment x -j U\n"
				       "-A INPUT -j T\n-A INPUT -j LOG\nCOMMIT\n");
	struct chain *c, *d;

	if (EXPECT(a.ok && b.ok)) {
		c = parsed_chain(&a, FILTER, "INPUT");
		d = parsed_chain(&b, FILTER, "INPUT");
		EXPECT(c->rules.size == d->rules.size &&
		       !memcmp(c->rules.data, d->rules.data, c->rules.size));
		EXPECT(c->exts.size == d->exts.size &&
		       !memcmp(c->exts.data, d->exts.data, c->exts.size));
		EXPECT(c->payloads.size == d->payloads.size &&
		       !memcmp(c->payloads.data, d->payloads.data, c->payloads.size));
		EXPECT(c->strings.size == d->strings.size &&
		       !memcmp(c->strings.data, d->strings.data, c->strings.size));
		EXPECT_INT(c->refs.size, d->refs.size);
		EXPECT_STR(((struct ref *)c->refs.data)->chain->name, "U");
	}
	parsed_free(&a);
	parsed_free(&b);
}

static void new_flush_and_delete(void)
{
	comes_back("*filter\n-N A\n-N B\n-A A -j B\n-A B -j DROP\n-A INPUT -j DROP\n-I A -j LOG\n"
		   "-F A\n-F B\n-X B\n-A A -j ACCEPT\n-N B\n-N C\n-A C\n-F C\n-X C\nCOMMIT\n",
		   BASE ":A - [0:0]\n:B - [0:0]\n[0:0] -A INPUT -j DROP\n"
		   "[0:0] -A A -j ACCEPT\n");
	comes_back("*filter\n:A -\n-A A -j A\n-A INPUT -j A\n-F\n-X\n-A INPUT\nCOMMIT\n",
		   BASE "[0:0] -A INPUT\n");
}

static void a_second_block_of_a_table_replaces_the_first(void)
{
	comes_back("*filter\n:INPUT DROP [0:0]\n:OLD -\n-A INPUT -j OLD\nCOMMIT\n"
		   "*filter\n:NEW -\n-A NEW -j DROP\nCOMMIT\n",
		   ":INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		   ":NEW - [0:0]\n[0:0] -A NEW -j DROP\n");
}

static void an_old_fashioned_negation_is_taken_with_a_warning(void)
{
	struct parsed p = parse_string(V4, "*filter\n-A INPUT -s ! 1.1.1.1 -p tcp --dport ! 5\n"
				       "COMMIT\n");

	EXPECT(p.ok);
	EXPECT(strstr(rules_of(&p, false),
		      "-A INPUT ! -s 1.1.1.1/32 -p tcp -m tcp ! --dport 5\n"));
	EXPECT(strstr(p.said, "rules:2:13: warning: a ! belongs before the option"));
	EXPECT(strstr(p.said, "rules:2:38: warning: a ! belongs before the option"));
	parsed_free(&p);
}

static void a_long_comment_is_cut_with_a_warning(void)
{
	char text[512], long_one[301];
	struct parsed p;

	memset(long_one, 'x', 300);
	long_one[300] = '\0';
	snprintf(text, sizeof(text),
		 "*filter\n-A INPUT -m comment --comment %s\nCOMMIT\n", long_one);
	p = parse_string(V4, text);
	EXPECT(p.ok && strstr(p.said, "rules:2:31: warning: the comment is cut to 255 bytes"));
	if (p.ok)
		EXPECT_INT(parsed_chain(&p, FILTER, "INPUT")->strings.size, 1 + 255 + 1);
	parsed_free(&p);
}

static void as_many_matches_as_a_line_has_words(void)
{
	char text[2048] = "*filter\n-AINPUT -ptcp";
	struct parsed p;

	for (int i = 0; i < 249; i++)
		strcat(text, " -mtcp");
	strcat(text, "\nCOMMIT\n");
	p = parse_string(V4, text);
	if (EXPECT(p.ok))
		EXPECT_INT(parsed_chain(&p, FILTER, "INPUT")->rules.size, 8 + 249 * 8);
	parsed_free(&p);
}

/* An image can have one, and what follows it would be read as a line of its own. */
static void a_line_feed_in_a_payload_is_not_printed(void)
{
	struct parsed p = parse_string(V4, "*filter\n-A INPUT -j LOG --log-prefix aZb\nCOMMIT\n");
	struct buf out = { 0 };
	struct buf *payloads;
	const char *reason;

	if (EXPECT(p.ok)) {
		payloads = &parsed_chain(&p, FILTER, "INPUT")->payloads;
		*(u8 *)memchr(payloads->data, 'Z', payloads->size) = '\n';
		reason = print_table(&p.rs->tables[V4][FILTER], &(struct print_how){ 0 },
				     &out);
		EXPECT(reason && strstr(reason, "target \"LOG\" has a line feed"));
	}
	buf_free(&out);
	parsed_free(&p);
}

static void a_text_may_have_no_table(void)
{
	struct parsed p = parse_string(V4, "# nothing\n");

	EXPECT(p.ok && !p.rs->tables[V4][FILTER].present);
	parsed_free(&p);
	p = parse_string(V4, "");
	EXPECT(p.ok);
	parsed_free(&p);
}

/* Whatever a text is cut at, nothing bad comes of it. */
static void a_text_may_end_anywhere(void)
{
	static const char text[] =
		"*mangle\n:INPUT ACCEPT [1:2]\n:U - [0:0]\n"
		"[3:4] -I INPUT 1 -s 1.1.1.1,2.2.2.2/8 ! -i eth+ -p tcp\t"
		"--tcp-flags ALL SYN --dport=80:90 -m conntrack --ctstate NEW --ctdir ORIGINAL\t"
		"-m multiport --dports 1:2,3 -m comment --comment \"a\\\"b\"\t"
		"-m iprange --src-range 1.1.1.1-2.2.2.2 -m limit --limit 5/min\t"
		"-j MARK --set-mark 1/2 -c 5 6\n"
		"-X U\nCOMMIT\n";
	struct parsed p = parse_string(V4, text);

	EXPECT(p.ok);
	parsed_free(&p);
	for (size_t size = 0; size < sizeof(text) - 1; size++) {
		char *copy = malloc(size ? size : 1);

		memcpy(copy, text, size);
		p = parse_bytes(V4, copy, size);
		/* Without any line, or without the last line's end, it is whole. */
		EXPECT(p.ok == (size < 1 || size == sizeof(text) - 2));
		parsed_free(&p);
		free(copy);
	}
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(comments_and_blank_lines_are_nothing),
		KTAP_CASE(lines_may_end_in_cr_lf_and_the_last_in_nothing),
		KTAP_CASE(a_blank_after_the_star_is_fine),
		KTAP_CASE(base_chains_need_no_line),
		KTAP_CASE(chains_that_only_look_like_base_chains),
		KTAP_CASE(policies_and_counters),
		KTAP_CASE(rules_without_counters_keep_none),
		KTAP_CASE(each_rule_knows_its_line),
		KTAP_CASE(a_chain_may_be_declared_after_the_jump),
		KTAP_CASE(a_chain_wins_over_a_target_of_its_name),
		KTAP_CASE(insert_puts_rules_before_others),
		KTAP_CASE(an_inserted_rule_leaves_no_trace_of_its_place),
		KTAP_CASE(new_flush_and_delete),
		KTAP_CASE(a_second_block_of_a_table_replaces_the_first),
		KTAP_CASE(an_old_fashioned_negation_is_taken_with_a_warning),
		KTAP_CASE(a_long_comment_is_cut_with_a_warning),
		KTAP_CASE(as_many_matches_as_a_line_has_words),
		KTAP_CASE(a_line_feed_in_a_payload_is_not_printed),
		KTAP_CASE(a_text_may_have_no_table),
		KTAP_CASE(a_text_may_end_anywhere),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
