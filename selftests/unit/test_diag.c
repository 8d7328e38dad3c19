// SPDX-License-Identifier: GPL-2.0
/*
 * Diagnostics: what is printed for a place in a text, to the byte, and that nothing in a
 * hostile text reaches the terminal as anything but a character.
 */
#include "../../kmod/env.h"
#include "../../user/diag.h"
#include "ktap.h"

static char printed[4096];

static struct diag *print_to(struct diag *d)
{
	memset(printed, 0, sizeof(printed));
	d->out = fmemopen(printed, sizeof(printed) - 1, "w");
	return d;
}

/* What one diag_at() of @d prints. */
#define PRINTED(d, ...) ({			\
	struct diag *const to = print_to(d);	\
	diag_at(to, __VA_ARGS__);		\
	fclose(to->out);			\
	printed;				\
})

static struct diag text_of(const char *text)
{
	return (struct diag){ .file = "rules.v4", .text = text, .size = strlen(text) };
}

static void error_shows_place_line_and_caret(void)
{
	struct diag d = text_of("*filter\n-A INPUT -m conntrak -j ACCEPT\nCOMMIT\n");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 2, 13, 8, "unknown match \"%s\"", "conntrak"),
		   "rules.v4:2:13: error: unknown match \"conntrak\"\n"
		   "-A INPUT -m conntrak -j ACCEPT\n"
		   "            ^~~~~~~~\n");
	EXPECT_INT(d.errors, 1);
}

static void warning_is_no_error(void)
{
	struct diag d = text_of("x\n");

	EXPECT_STR(PRINTED(&d, DIAG_WARNING, 1, 1, 1, "old"),
		   "rules.v4:1:1: warning: old\nx\n^\n");
	EXPECT_INT(d.errors, 0);
	EXPECT_INT(d.warnings, 1);
}

static void column_0_has_no_caret(void)
{
	struct diag d = text_of("x\n");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 1, 0, 0, "bad"), "rules.v4:1: error: bad\nx\n");
}

static void line_0_has_no_line(void)
{
	struct diag d = text_of("x\n");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 0, 0, 0, "bad"), "rules.v4: error: bad\n");
}

static void line_past_the_end_is_not_shown(void)
{
	struct diag d = text_of("x\n");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 2, 1, 1, "COMMIT is missing"),
		   "rules.v4:2:1: error: COMMIT is missing\n");
}

static void text_may_be_missing(void)
{
	struct diag d = { .file = "rules.v4" };

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 7, 3, 1, "bad"), "rules.v4:7:3: error: bad\n");
}

static void caret_may_stand_behind_the_line(void)
{
	struct diag d = text_of("-A");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 1, 3, 1, "a chain is missing"),
		   "rules.v4:1:3: error: a chain is missing\n-A\n  ^\n");
}

static void caret_stands_right_after_tabs(void)
{
	struct diag d = text_of("\t-A\tX");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 1, 5, 1, "bad"),
		   "rules.v4:1:5: error: bad\n\t-A\tX\n\t  \t^\n");
}

static void caret_stands_right_after_multibyte_characters(void)
{
	struct diag d = text_of("\xc3\xa4\xe2\x82\xac X\xc3\xa4X");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 1, 7, 4, "bad"),
		   "rules.v4:1:7: error: bad\n\xc3\xa4\xe2\x82\xac X\xc3\xa4X\n   ^~~\n");
}

static void carriage_return_ends_a_line(void)
{
	struct diag d = text_of("ab\r\ncd\r\n");

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 2, 1, 2, "bad"),
		   "rules.v4:2:1: error: bad\ncd\n^~\n");
}

static void nothing_hostile_reaches_the_terminal(void)
{
	static const char text[] = "a\x1b[2Jb\0c\x7f\x80\xc2\x9b\xe2\x80\xae\xed\xa0\x80\n";
	struct diag d = { .file = "a\x1b\nb", .text = text, .size = sizeof(text) - 1 };

	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 1, 0, 0, "what \"%s\"", "\x1b]0;x\a\nfwimg: fine"),
		   "a??b:1: error: what \"?]0;x??fwimg: fine\"\n"
		   "a?[2Jb?c??????????\n");
}

static void long_line_is_cut_around_the_caret(void)
{
	static char text[1 << 20];
	struct diag d = { .file = "f", .text = text, .size = sizeof(text) };
	const char *line, *caret, *end;

	memset(text, 'x', sizeof(text));
	text[500000] = '!';
	PRINTED(&d, DIAG_ERROR, 1, 500001, 400, "bad");
	line = strchr(printed, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	end = strchr(caret, '\n');
	EXPECT(!strncmp(line, "...", 3));
	EXPECT(!strncmp(caret - 4, "...", 3));
	EXPECT(caret - line - 1 <= 120);
	EXPECT(end - caret <= 120);
	EXPECT_INT(strchr(caret, '^') - caret, strchr(line, '!') - line);
}

static void long_message_is_cut(void)
{
	static char word[100000];
	struct diag d = { .file = "f" };

	memset(word, 'w', sizeof(word) - 1);
	PRINTED(&d, DIAG_ERROR, 1, 1, 1, "unknown \"%s\"", word);
	EXPECT(strlen(printed) < 1000);
	EXPECT_STR(printed + strlen(printed) - 5, "w...\n");
}

static void error_21_ends_it(void)
{
	struct diag d = { .file = "f" };

	for (unsigned int i = 1; i <= 20; i++) {
		EXPECT(diag_more(&d));
		EXPECT(strstr(PRINTED(&d, DIAG_ERROR, i, 1, 1, "bad"), "bad"));
	}
	EXPECT(diag_more(&d));
	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 21, 1, 1, "bad"), "f: error: too many errors\n");
	EXPECT(!diag_more(&d));
	EXPECT_STR(PRINTED(&d, DIAG_ERROR, 22, 1, 1, "bad"), "");
}

static void nearest_name_is_found(void)
{
	static const char *const names[] = { "conntrack", "connmark", "comment", "tcp", "udp" };
	static const struct {
		const char *word, *want;
	} cases[] = {
		{ "conntrak", "conntrack" }, { "contrack", "conntrack" },
		{ "conntrakc", "conntrack" }, { "Conntrack", "conntrack" },
		{ "coment", "comment" }, { "tpc", "tcp" }, { "tcpp", "tcp" },
		{ "x", NULL }, { "", NULL }, { "set", NULL }, { "hashlimit", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_STR(diag_nearest(cases[i].word, strlen(cases[i].word), names, 5),
			   cases[i].want);
}

static void nearest_of_an_endless_word_is_none(void)
{
	static const char *const names[] = { "tcp" };
	static char word[1 << 20];

	EXPECT(!diag_nearest(word, sizeof(word), names, 1));
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(error_shows_place_line_and_caret),
		KTAP_CASE(warning_is_no_error),
		KTAP_CASE(column_0_has_no_caret),
		KTAP_CASE(line_0_has_no_line),
		KTAP_CASE(line_past_the_end_is_not_shown),
		KTAP_CASE(text_may_be_missing),
		KTAP_CASE(caret_may_stand_behind_the_line),
		KTAP_CASE(caret_stands_right_after_tabs),
		KTAP_CASE(caret_stands_right_after_multibyte_characters),
		KTAP_CASE(carriage_return_ends_a_line),
		KTAP_CASE(nothing_hostile_reaches_the_terminal),
		KTAP_CASE(long_line_is_cut_around_the_caret),
		KTAP_CASE(long_message_is_cut),
		KTAP_CASE(error_21_ends_it),
		KTAP_CASE(nearest_name_is_found),
		KTAP_CASE(nearest_of_an_endless_word_is_none),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
