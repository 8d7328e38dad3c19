// SPDX-License-Identifier: GPL-2.0
/*
 * Lines and words: cut as iptables-restore cuts them, each with its place.
 */
#include "../../user/lex.h"
#include "ktap.h"

static struct lex lex;
static char *said;

/* The words of @text, its only line, as "[word]column+width", a ' for a quoted one. */
static const char *words_of(const char *text)
{
	static char out[4 * LEX_LINE_MAX];
	struct diag d = { .file = "f", .text = text, .size = strlen(text) };
	size_t n = 0, size;

	free(said);
	d.out = open_memstream(&said, &size);
	lex_begin(&lex, text, d.size, &d);
	out[0] = '\0';
	if (lex_line(&lex) && lex_words(&lex, 0)) {
		for (u32 i = 0; i < lex.n_words; i++) {
			const struct word *w = &lex.words[i];

			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s[%.*s]%u+%u",
					      w->quoted ? "'" : "", (int)w->len, w->s, w->column,
					      w->width);
		}
	}
	fclose(d.out);
	return out;
}

static void words_end_at_blanks(void)
{
	EXPECT_STR(words_of("-A  INPUT\t-j DROP "), "[-A]1+2[INPUT]5+5[-j]11+2[DROP]14+4");
	EXPECT_STR(words_of("averylongwordindeed x\n"), "[averylongwordindeed]1+19[x]21+1");
	EXPECT_STR(words_of("  \t "), "");
}

static void quotes_hold_a_word_together(void)
{
	EXPECT_STR(words_of("a \"b c\" d"), "[a]1+1'[b c]3+5[d]9+1");
	EXPECT_STR(words_of("--x=\"b c\""), "'[--x=b c]1+9");
	EXPECT_STR(words_of("a \"\""), "[a]1+1'[]3+2");
}

static void a_closing_quote_ends_the_word(void)
{
	EXPECT_STR(words_of("\"a\"b \"c\"\"d\""), "'[a]1+3[b]4+1'[c]6+3'[d]9+3");
}

static void a_backslash_escapes_between_quotes_only(void)
{
	EXPECT_STR(words_of("\"a\\\"b\\\\c\\d\""), "'[a\"b\\cd]1+11");
	EXPECT_STR(words_of("a\\ b\\\\"), "[a\\]1+2[b\\\\]4+3");
}

static void apostrophes_mean_nothing(void)
{
	EXPECT_STR(words_of("'a b'"), "['a]1+2[b']4+2");
}

static void an_open_quote_is_an_error_at_the_quote(void)
{
	EXPECT_STR(words_of("-m x \"never closed\n"), "");
	EXPECT_STR(said, "f:1:6: error: this quote is not closed\n"
			 "-m x \"never closed\n"
			 "     ^~~~~~~~~~~~~\n");
	EXPECT_STR(words_of("\"a\\"), "");
	EXPECT_STR(said, "f:1:1: error: this quote is not closed\n\"a\\\n^~~\n");
}

static void line_ends(void)
{
	static const char text[] = "a\r\n\nb\rc\n\r\nd";
	static const char *const want[] = { "a", "", "b\rc", "", "d" };
	struct diag d = { .file = "f" };
	char line[16];

	lex_begin(&lex, text, sizeof(text) - 1, &d);
	for (u32 i = 0; i < ARRAY_SIZE(want); i++) {
		if (!EXPECT(lex_line(&lex)))
			return;
		snprintf(line, sizeof(line), "%.*s", (int)lex.len, lex.line);
		EXPECT_STR(line, want[i]);
		EXPECT_INT(lex.number, i + 1);
	}
	EXPECT(!lex_line(&lex));
}

/* The last line ends where the memory does. */
static void nothing_is_read_beyond_the_text(void)
{
	for (size_t size = 1; size < 40; size++) {
		char *text = malloc(size);
		struct diag d = { .file = "f" };

		memset(text, 'x', size);
		lex_begin(&lex, text, size, &d);
		EXPECT(lex_line(&lex) && lex_words(&lex, 0));
		EXPECT_INT(lex.n_words, 1);
		EXPECT_INT(lex.words[0].len, size);
		free(text);
	}
}

static void the_limits_of_iptables(void)
{
	static char text[LEX_LINE_MAX + 2];

	memset(text, 'x', LEX_WORD_MAX);
	words_of(text);
	EXPECT_INT(lex.n_words, 1);
	text[LEX_WORD_MAX] = 'x';
	words_of(text);
	EXPECT(strstr(said, "f:1:1: error: a word of 1024 bytes; 1023 is the most\n"));

	for (int i = 0; i < LEX_LINE_MAX; i++)
		text[i] = i % 500 ? 'x' : ' ';
	words_of(text);
	EXPECT_INT(lex.n_words, 21);
	text[LEX_LINE_MAX] = 'x';
	words_of(text);
	EXPECT(strstr(said, "f:1: error: a line of 10239 bytes; 10238 is the most\n"));

	memset(text, 0, sizeof(text));
	for (int i = 0; i < LEX_WORDS_MAX; i++)
		memcpy(text + 2 * i, "x ", 2);
	words_of(text);
	EXPECT_INT(lex.n_words, LEX_WORDS_MAX);
	memcpy(text + 2 * LEX_WORDS_MAX, "y ", 2);
	words_of(text);
	EXPECT(strstr(said, "f:1:503: error: more than 251 words in a line\n"));
}

static void parts_of_a_word_have_their_own_place(void)
{
	struct word part;

	words_of("-s 1.2.3.4,x \"a,b\"");
	part = lex_part(&lex.words[1], 8, 1);
	EXPECT_INT(part.column, 12);
	EXPECT_INT(part.width, 1);
	EXPECT(lex_is(&part, "x"));
	part = lex_part(&lex.words[2], 2, 1);
	EXPECT_INT(part.column, 14);
	EXPECT_INT(part.width, 5);
	EXPECT(lex_is(&part, "b"));
}

static void numbers_are_those_of_strtoul(void)
{
	static const struct {
		const char *s;
		long long value;	/* -1: none */
	} cases[] = {
		{ "0", 0 }, { "7", 7 }, { "65535", 65535 }, { "010", 8 }, { "0x1F", 31 },
		{ "00", 0 }, { "+5", 5 }, { " 5", 5 }, { "4294967295", 4294967295 },
		{ "12345678901", 12345678901 }, { "", -1 }, { "-1", -1 }, { " -1", -1 },
		{ "5x", -1 }, { "x", -1 }, { "09", -1 }, { "0x", -1 }, { "5 ", -1 },
		{ "99999999999999999999", -1 },
	};
	u64 value;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool is = lex_number(cases[i].s, strlen(cases[i].s), 0, ~0ULL, &value);

		if (!EXPECT_INT(is, cases[i].value >= 0) ||
		    (is && !EXPECT_INT(value, cases[i].value)))
			printf("# of \"%s\"\n", cases[i].s);
	}
	EXPECT(!lex_number("5", 1, 6, 9, &value));
	EXPECT(!lex_number("10", 2, 6, 9, &value));
	EXPECT(lex_number("123", 2, 0, 99, &value) && value == 12);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(words_end_at_blanks),
		KTAP_CASE(quotes_hold_a_word_together),
		KTAP_CASE(a_closing_quote_ends_the_word),
		KTAP_CASE(a_backslash_escapes_between_quotes_only),
		KTAP_CASE(apostrophes_mean_nothing),
		KTAP_CASE(an_open_quote_is_an_error_at_the_quote),
		KTAP_CASE(line_ends),
		KTAP_CASE(nothing_is_read_beyond_the_text),
		KTAP_CASE(the_limits_of_iptables),
		KTAP_CASE(parts_of_a_word_have_their_own_place),
		KTAP_CASE(numbers_are_those_of_strtoul),
	};
	int status = ktap_run(cases, ARRAY_SIZE(cases));

	free(said);
	return status;
}
