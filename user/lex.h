/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text of a rule set as lines, and a line as words with their places.
 *
 * Words are cut as iptables-restore cuts them: at blanks; a double quote may open
 * anywhere in a word and its closing one ends the word; between quotes a backslash
 * takes the next byte as it is. Nothing else is special.
 *
 * A word without quotes points into the text, so that cutting a line costs one look at
 * each byte and no allocation.
 */
#ifndef FWIMG_LEX_H
#define FWIMG_LEX_H

#include <stdio.h>

#include "../kmod/env.h"
#include "diag.h"
#include "vars.h"

/* The limits of iptables-restore. */
#define LEX_LINE_MAX	10238	/* bytes of a line, without its end */
#define LEX_WORD_MAX	1023	/* bytes of a word, quotes and backslashes taken out */
#define LEX_WORDS_MAX	251	/* words in a line */

/**
 * struct word - a word or a part of one, and its place
 * @s: its bytes, no NUL after them
 * @len: their number
 * @column: of its first byte in the line, from 1
 * @width: bytes that it takes in the line
 * @quoted: some of it stood between quotes
 * @expanded: it has values of variables in it
 */
struct word {
	const char *s;
	u32 len;
	u32 column;
	u32 width;
	bool quoted;
	bool expanded;
};

/**
 * struct lex - a text on its way through the lexer
 * @d: where errors go
 * @pos: the rest of the text
 * @end: behind its last byte
 * @line: the current line, without its end
 * @len: bytes of the line
 * @number: its number, from 1
 * @words: the words of the line, after lex_words()
 * @n_words: their number
 * @room: where words live that are not in the text as they are
 * @used: bytes of @room in use
 * @vars: variables that are expanded, or NULL: there are none
 * @symbolic: the line has variables
 */
struct lex {
	struct diag *d;
	const char *pos;
	const char *end;
	const char *line;
	size_t len;
	u32 number;
	struct word words[LEX_WORDS_MAX];
	u32 n_words;
	char room[LEX_LINE_MAX];
	u32 used;
	struct vars *vars;
	bool symbolic;
};

void lex_begin(struct lex *l, const char *text, size_t size, struct diag *d);
/* Go to the next line; a CR before the LF is no part of it. False at the end. */
bool lex_line(struct lex *l);
/* Cut the line into words, from byte @from on. False: an error was reported. */
bool lex_words(struct lex *l, size_t from);

/*
 * A line made of the words of a command line instead: the only one of the text, and cut
 * already. @text has room for LEX_LINE_MAX bytes, and becomes the text of @d. False: an
 * error was reported.
 */
bool lex_argv(struct lex *l, int argc, char **argv, char *text, struct diag *d);

/* @len bytes of the line from byte @from on, as a word. */
static inline struct word lex_place(const struct lex *l, size_t from, size_t len)
{
	return (struct word){
		.s = l->line + from,
		.len = (u32)len,
		.column = (u32)from + 1,
		.width = (u32)len,
	};
}

/*
 * The part of @w of @len bytes from byte @from on. Between quotes its place is that of
 * the word.
 */
struct word lex_part(const struct word *w, u32 from, u32 len);
/* Most words that are compared differ in their first byte. */
static inline bool lex_is(const struct word *w, const char *s)
{
	if (w->len && *w->s != *s)
		return false;
	return !strncmp(s, w->s, w->len) && !s[w->len];
}

/* strchr(@letters, @letter), inline, since every command asks it several times. */
static inline bool lex_one_of(char letter, const char *letters)
{
	while (*letters && *letters != letter)
		letters++;
	return *letters == letter;
}

/* Report an error at @w (NULL: at the line). Returns false. */
bool lex_error(struct lex *l, const struct word *w, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void lex_warning(struct lex *l, const struct word *w, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A number as strtoul() with base 0 takes it (0x10, 010, 16), from @min to @max, the
 * whole of @s. Returns false when it is none.
 */
bool lex_number(const char *s, size_t len, u64 min, u64 max, u64 *value);

#endif /* FWIMG_LEX_H */
