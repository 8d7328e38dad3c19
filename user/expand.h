/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words of lines that have variables (vars.h) in them.
 *
 * They are cut as lex.h says, and a variable is replaced by its value on the way. So a value
 * is part of the word in which it is used, whatever it has in it; it has no quotes and
 * backslashes of its own. An expanded word lies in the lexer's room, and its place is that
 * of the word as it was written.
 */
#ifndef FWIMG_EXPAND_H
#define FWIMG_EXPAND_H

#include "lex.h"

/* May @len bytes at @s have to be expanded? True for $${NAME}, too. */
bool expand_needed(const struct lex *l, const char *s, size_t len);
/* As lex_words(), for a line for which expand_needed() says so. Sets l->symbolic. */
bool expand_words(struct lex *l, size_t from);
/* Expand a word that was cut at blanks alone. False: an error was reported. */
bool expand_word(struct lex *l, struct word *w);

#endif /* FWIMG_EXPAND_H */
