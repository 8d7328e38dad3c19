// SPDX-License-Identifier: GPL-2.0
/*
 * Variables: what text with them comes to, how it is printed again, and symbols of a body
 * that the kernel must refuse.
 */
#include "../../kmod/image.h"
#include "../../kmod/vars.h"
#include "../../user/decode.h"
#include "../../user/emit.h"
#include "../../user/parse.h"
#include "../../user/print.h"
#include "../../user/restate.h"
#include "ktap.h"

#define V4	FWLOAD_FAMILY_IPV4

/* Lines of table filter, LAN and SSH being defined. NULL: refused, said has why. */
static struct ruleset *parse(const char *lines, char **said)
{
	struct parse_job job = { .rs = ruleset_new(), .family = V4 };
	struct diag d = { .file = "rules" };
	struct vars vars = { 0 };
	char text[8192];
	size_t size;
	bool ok;

	snprintf(text, sizeof(text),
		 "define LAN = 192.0.2.0/24,${VPN}\ndefine SSH = 22\ndefine VPN = 10.0.0.0/8\n"
		 "define ME = x${ME}\ndefine ONE = 1\ndefine TABLE = filter\n"
		 "*filter\n%s\nCOMMIT\n", lines);
	vars_add(&vars, "SSH", 3, "2222", 4, VARS_OPTION, false);
	job.vars = &vars;
	d.text = text;
	d.size = strlen(text);
	d.out = open_memstream(said, &size);
	ok = parse_run(&job, text, d.size, &d);
	fclose(d.out);
	vars_free(&vars);
	if (ok)
		return job.rs;
	ruleset_free(job.rs);
	return NULL;
}

/* The rules as text, with their variables or without. In static memory. */
static const char *print(struct ruleset *rs, bool resolved, bool counters)
{
	struct print_how how = {
		.counters = counters,
		.restate = resolved ? NULL : restate_begin(rs, V4),
	};
	static char text[8192];
	struct buf out = { 0 }, head = { 0 };
	const char *rules;

	EXPECT_STR(print_table(&rs->tables[V4][FWLOAD_TABLE_FILTER], &how, &out), NULL);
	if (how.restate)
		restate_defines(how.restate, &head);
	restate_end(how.restate);
	buf_add(&out, "", 1);
	rules = strstr((const char *)out.data, ":OUTPUT");
	rules = strchr(rules, '\n') + 1;
	snprintf(text, sizeof(text), "%.*s%.*s", (int)head.size, (char *)head.data,
		 (int)(strstr(rules, "COMMIT") - rules), rules);
	buf_free(&out);
	buf_free(&head);
	return text;
}

/* Through an image and back. */
static struct ruleset *through(struct ruleset *rs, struct buf *image)
{
	struct fwload_image_error err;
	struct fwload_image img;

	EXPECT_STR(emit_image(rs, true, image), NULL);
	ruleset_free(rs);
	EXPECT_INT(fwload_image_check(image->data, image->size, &img, &err), 0);
	return decode_image(image->data, &img);
}

struct round {
	const char *lines, *kept, *resolved;
};

static const struct round rounds[] = {
	{ "-A INPUT -s ${LAN} -p tcp -m tcp --dport ${SSH} -j ACCEPT",
	  "define LAN = 192.0.2.0/24,${VPN}\ndefine SSH = 2222\ndefine VPN = 10.0.0.0/8\n"
	  "[0:0] -A INPUT -s ${LAN} -p tcp -m tcp --dport ${SSH} -j ACCEPT\n",
	  "-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 2222 -j ACCEPT\n"
	  "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 2222 -j ACCEPT\n" },
	/* a line's counters are the sum of its rules' counters, and -c is no part of it */
	{ "[1:10] -A INPUT -s ${LAN} -j DROP\n-I INPUT 1 --set-counters=7 8 -s ${VPN}",
	  "define LAN = 192.0.2.0/24,${VPN}\ndefine VPN = 10.0.0.0/8\n"
	  "[7:8] -A INPUT -s ${VPN}\n[1:10] -A INPUT -s ${LAN} -j DROP\n",
	  "-A INPUT -s 10.0.0.0/8\n-A INPUT -s 192.0.2.0/24 -j DROP\n"
	  "-A INPUT -s 10.0.0.0/8 -j DROP\n" },
	/* a list that is inserted keeps its order */
	{ "-A INPUT -p ah\n-A INPUT -p esp\n-I INPUT 2 -s ${LAN} -c 3,4",
	  "define LAN = 192.0.2.0/24,${VPN}\ndefine VPN = 10.0.0.0/8\n"
	  "[0:0] -A INPUT -p ah\n[3:4] -A INPUT -s ${LAN}\n[0:0] -A INPUT -p esp\n",
	  "-A INPUT -p ah\n-A INPUT -s 192.0.2.0/24\n-A INPUT -s 10.0.0.0/8\n-A INPUT -p esp\n" },
	/* names of chains, where they are all that is variable too */
	{ ":c${SSH} - [0:0]\n-A c${SSH} -j DROP\n-A INPUT -j c${SSH}\n-A c2222 -p ah",
	  "define SSH = 2222\n:c${SSH} - [0:0]\n[0:0] -A INPUT -j c${SSH}\n"
	  "[0:0] -A c${SSH} -j DROP\n[0:0] -A c${SSH} -p ah\n",
	  ":c2222 - [0:0]\n-A INPUT -j c2222\n-A c2222 -j DROP\n-A c2222 -p ah\n" },
	{ "-N n${SSH}\n-E n${SSH} m${SSH}\n-I m${SSH} -s 10.0.0.1",
	  "define SSH = 2222\n:m${SSH} - [0:0]\n[0:0] -A m${SSH} -s 10.0.0.1/32\n",
	  ":m2222 - [0:0]\n-A m2222 -s 10.0.0.1/32\n" },
	{ ":$${SSH} - [0:0]\n-A INPUT -g $${SSH}\n-A $${SSH} -p ah\n-D $${SSH} 1",
	  ":$${SSH} - [0:0]\n[0:0] -A INPUT -g $${SSH}\n",
	  ":${SSH} - [0:0]\n-A INPUT -g ${SSH}\n" },
	/* a rule of the list is gone */
	{ "-A INPUT -s ${LAN} -j DROP\n-D INPUT 1",
	  "[0:0] -A INPUT -s 10.0.0.0/8 -j DROP\n", "-A INPUT -s 10.0.0.0/8 -j DROP\n" },
	/* one stands between the others */
	{ "-A INPUT -s ${LAN} -j DROP\n-I INPUT 2 -j ACCEPT",
	  "[0:0] -A INPUT -s 192.0.2.0/24 -j DROP\n[0:0] -A INPUT -j ACCEPT\n"
	  "[0:0] -A INPUT -s 10.0.0.0/8 -j DROP\n",
	  "-A INPUT -s 192.0.2.0/24 -j DROP\n-A INPUT -j ACCEPT\n"
	  "-A INPUT -s 10.0.0.0/8 -j DROP\n" },
	/* no variables, in quotes and out of them */
	{ "-A INPUT -m comment --comment \"$${SSH} is ${SSH} ${9} $\"\n"
	  "-A INPUT -m comment --comment $$${SSH}",
	  "define SSH = 2222\n"
	  "[0:0] -A INPUT -m comment --comment \"$${SSH} is ${SSH} ${9} $\"\n"
	  "[0:0] -A INPUT -m comment --comment \"$$${SSH}\"\n",
	  "-A INPUT -m comment --comment \"${SSH} is 2222 ${9} $\"\n"
	  "-A INPUT -m comment --comment \"$${SSH}\"\n" },
	/* an interface's addresses */
	{ "-A INPUT -s (eth0)\n-A INPUT -s (eth${SSH}) -d (eth1)",
	  "define SSH = 2222\n[0:0] -A INPUT -s (eth0)\n"
	  "[0:0] -A INPUT -s (eth${SSH}) -d (eth1)\n",
	  "-A INPUT -s (eth0)\n-A INPUT -s (eth2222) -d (eth1)\n" },
};

/* Without the counters before the lines. In static memory. */
static const char *uncounted(const char *lines)
{
	static char text[8192];
	char *to = text;

	while (*lines) {
		const char *end = strchr(lines, '\n') + 1;

		if (*lines == '[')
			lines = strchr(lines, ' ') + 1;
		memcpy(to, lines, (size_t)(end - lines));
		to += end - lines;
		lines = end;
	}
	*to = '\0';
	return text;
}

static void lines_with_variables_come_back(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rounds); i++) {
		struct buf image = { 0 };
		struct ruleset *rs;
		char *said;

		rs = parse(rounds[i].lines, &said);
		EXPECT_STR(said, "");
		free(said);
		if (!rs)
			continue;
		EXPECT_STR(print(rs, false, true), rounds[i].kept);
		/* Counters are no part of an image without COUNTERS. */
		for (u32 c = 0; c < rs->tables[V4][FWLOAD_TABLE_FILTER].n_chains; c++)
			buf_free(&rs->tables[V4][FWLOAD_TABLE_FILTER].chains[c]->counters);
		rs = through(rs, &image);
		EXPECT_STR(print(rs, true, false), rounds[i].resolved);
		EXPECT_STR(print(rs, false, false), uncounted(rounds[i].kept));
		ruleset_free(rs);
		buf_free(&image);
	}
}

static const struct round refusals[] = {
	{ "-A INPUT -s ${LNA}",
	  "rules:8:13: error: the variable \"LNA\" has no value, did you mean \"LAN\"?\n"
	  "-A INPUT -s ${LNA}\n            ^~~~~~\n", NULL },
	{ "-A INPUT --comment ${ME}",
	  "rules:8:20: error: the value of \"ME\" uses too many others, or itself\n"
	  "-A INPUT --comment ${ME}\n                   ^~~~~\n", NULL },
	{ "-A INPUT -s ${SSH}/x",
	  "rules:8:13: error: ", "(it reads \"2222/x\")" },
	{ "-A INPUT -s ${VPN} -m comment --comment \"a\001b\"",
	  "rules:8: error: a line with variables has no control characters, and at most 10238 bytes\n",
	  "" },
	{ "-A INPUT -fc 1 2 -s ${VPN}",
	  "rules:8:10: error: with variables in the line, -c begins a word\n", "" },
	{ "-A INPUT -s ${LATER}\ndefine LATER = 10.0.0.1",
	  "rules:8:13: error: ", "a line \"define LATER = VALUE\" before this one" },
	{ "define SSH = 3",
	  "rules:8:8: error: this variable is defined already\n", "" },
	{ "define S-H = 3",
	  "rules:8:8: error: not the name of a variable: letters, digits and _\n", "" },
};

/* What parses, but not without a warning: a variable that save will not print. */
static const struct round warnings[] = {
	{ "-I INPUT ${ONE} -s 10.0.0.1",
	  "rules:8:10: warning: save will not print this variable: it is no part of the rule (it reads \"1\")\n"
	  "-I INPUT ${ONE} -s 10.0.0.1\n         ^~~~~~\n",
	  "-A INPUT -s 10.0.0.1/32\n" },
	{ "-A INPUT -c ${ONE} 5 -s 10.0.0.1",
	  "rules:8:13: warning: save will not print this variable: it is no part of the rule (it reads \"1\")\n"
	  "-A INPUT -c ${ONE} 5 -s 10.0.0.1\n            ^~~~~~\n",
	  "-A INPUT -s 10.0.0.1/32\n" },
	{ "-N \"c${ONE}\"\n-A c1 -p ah",
	  "rules:8:4: warning: save will print the value: the variable stands in quotes, or not in a word of its own (it reads \"c1\")\n"
	  "-N \"c${ONE}\"\n   ^~~~~~~~~\n",
	  ":c1 - [0:0]\n-A c1 -p ah\n" },
	{ "COMMIT\n*${TABLE}\n:INPUT DROP [0:0]",
	  "rules:9:2: warning: save will print the name of the table, not this variable (it reads \"filter\")\n"
	  "*${TABLE}\n ^~~~~~~~\n", "" },
};

static void what_is_lost_is_said(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(warnings); i++) {
		struct ruleset *rs;
		char *said;

		rs = parse(warnings[i].lines, &said);
		EXPECT_STR(said, warnings[i].kept);
		free(said);
		EXPECT_STR(print(rs, false, false), warnings[i].resolved);
		ruleset_free(rs);
	}
}

static void errors_show_the_variable(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct round *r = &refusals[i];
		char *said;

		EXPECT(!parse(r->lines, &said));
		if (r->resolved)
			EXPECT(strstr(said, r->kept) && strstr(said, r->resolved));
		else
			EXPECT_STR(said, r->kept);
		free(said);
	}
}

/* Without the caller's leave there are no variables. */
static void without_leave_there_are_none(void)
{
	static const char text[] = "*filter\n-A INPUT -m comment --comment ${SSH}\nCOMMIT\n";
	struct ruleset *rs = ruleset_new();
	struct diag d = { .out = stderr, .file = "rules" };

	EXPECT(parse_text(rs, V4, text, sizeof(text) - 1, &d));
	EXPECT_STR(print(rs, true, false), "-A INPUT -m comment --comment \"${SSH}\"\n");
	EXPECT_STR(print(rs, false, false), "-A INPUT -m comment --comment \"$${SSH}\"\n");
	ruleset_free(rs);
}

/* Symbols as they should be: name and policy, two definitions, two lines of five rules. */
struct sample {
	struct fwload_img_symbols head;
	struct fwload_img_def defs[2];
	struct fwload_img_line lines[2];
	char text[32];
};

static struct sample make_sample(void)
{
	return (struct sample){
		.head = {
			.n_defs = cpu_to_le32(2), .n_lines = cpu_to_le32(2),
			.name = cpu_to_le32(1), .policy = cpu_to_le32(6),
			.text_size = cpu_to_le32(28),
		},
		.defs = {
			{ cpu_to_le32(11), cpu_to_le32(13) },
			{ cpu_to_le32(14), cpu_to_le32(16) },
		},
		.lines = {
			{ cpu_to_le32(0), cpu_to_le32(2), cpu_to_le32(18), 0 },
			{ cpu_to_le32(3), cpu_to_le32(2), cpu_to_le32(23), 0 },
		},
		.text = "\0${A}\0${P}\0A\0\0P\0x\0${A}\0${P}\0",
	};
}

static const char *refused(const struct sample *s)
{
	const char *reason;
	const void *at;

	reason = fwload_vars_check(s, sizeof(*s), 5, &at);
	EXPECT((const u8 *)at >= (const u8 *)s && (const u8 *)at <= (const u8 *)(s + 1));
	return reason;
}

#define REFUSED(change, reason)				\
	do {						\
		struct sample s = make_sample();	\
							\
		change;					\
		EXPECT_STR(refused(&s), reason);	\
	} while (0)

static void symbols_are_checked(void)
{
	const struct sample sample = make_sample();
	const void *at;

	EXPECT_STR(refused(&sample), NULL);
	EXPECT_STR(fwload_vars_check(&sample, 16, 5, &at), "symbols are truncated");
	EXPECT_STR(fwload_vars_check(&sample, sizeof(sample) - 8, 5, &at),
		   "the parts of symbols do not add up to their size");
	EXPECT_STR(fwload_vars_check(&sample, sizeof(sample), 4, &at),
		   "a line of symbols is about no rules of the chain");
	REFUSED(s.head.n_defs = ~0U, "the parts of symbols do not add up to their size");
	REFUSED(s.head.n_lines = ~0U, "the parts of symbols do not add up to their size");
	REFUSED(s.head.text_size = ~0U, "the parts of symbols do not add up to their size");
	REFUSED(s.head.pad = 1, "padding of symbols is not zero");
	REFUSED(s.head.name = cpu_to_le32(2), "not the name of symbols");
	REFUSED(s.head.name = ~0U, "not the name of symbols");
	REFUSED(s.head.name = 0, "not the policy of symbols");
	REFUSED(s.head.policy = cpu_to_le32(2), "not the policy of symbols");
	REFUSED(s.head.policy = ~0U, "not the policy of symbols");
	REFUSED(s.head.policy = 0, "not the name of a variable");
	REFUSED(s.defs[0].name = ~0U, "not the name of a variable");
	REFUSED(s.text[11] = '1', "not the name of a variable");
	REFUSED(s.text[11] = '-', "not the name of a variable");
	REFUSED(s.text[11] = 'P', "variables are not sorted by name");
	REFUSED(s.defs[1].value = cpu_to_le32(17), "not the value of a variable");
	REFUSED(s.text[16] = '\n', "not the value of a variable");
	REFUSED(s.lines[1].first = cpu_to_le32(1), "two lines of symbols are about the same rule");
	REFUSED(s.lines[0].n = 0, "a line of symbols is about no rules of the chain");
	REFUSED(s.lines[1].n = ~0U, "a line of symbols is about no rules of the chain");
	REFUSED(s.lines[1].text = cpu_to_le32(18), "not the text of a line of symbols");
	REFUSED(s.text[23] = '\0', "not the text of a line of symbols");
	REFUSED(s.lines[1].pad = 1, "padding of a line of symbols is not zero");
	REFUSED(s.text[0] = 'x', "the text of symbols does not begin and end with NUL");
	REFUSED(s.text[27] = 'x', "the text of symbols does not begin and end with NUL");
	REFUSED(s.text[28] = 1, "padding after symbols is not zero");
	REFUSED(s.text[25] = '\0', "text of symbols that nothing refers to");
}

/* Every bit, in memory of just that size: the sanitizer sees reads beyond it. */
static void every_bit_of_symbols_is_looked_at(void)
{
	const struct sample sample = make_sample();
	unsigned int accepted = 0;
	const void *at;

	for (size_t bit = 0; bit < 8 * sizeof(sample); bit++) {
		u8 *copy = malloc(sizeof(sample));

		memcpy(copy, &sample, sizeof(sample));
		copy[bit / 8] ^= (u8)(1 << bit % 8);
		accepted += !fwload_vars_check(copy, sizeof(sample), 5, &at);
		free(copy);
	}
	/* Letters for letters, mostly. */
	EXPECT(accepted > 0 && accepted < 8 * sizeof(sample.text));
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(lines_with_variables_come_back),
		KTAP_CASE(what_is_lost_is_said),
		KTAP_CASE(errors_show_the_variable),
		KTAP_CASE(without_leave_there_are_none),
		KTAP_CASE(symbols_are_checked),
		KTAP_CASE(every_bit_of_symbols_is_looked_at),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
