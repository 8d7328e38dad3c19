// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of lines with variables: see wording.h.
 */
#include "live.h"
#include "symbols.h"
#include "wording.h"

/* Keep @w, by which the name or the policy of @c was written, in the body of @c. */
static bool keep(const struct rule *r, struct chain *c, const struct word *w,
		 void (*take)(struct chain *c, const char *text, size_t len,
			      const struct vars *vars))
{
	struct lex *l = r->lex;
	const char *text = l->line + w->column - 1;

	if (!w->expanded)
		return true;
	/* Lines with ":" know no quotes; and the word may begin with the option. */
	if (*text == '-' || memchr(text, '"', w->width)) {
		lex_warning(l, w,
			    "save will print the value: the variable stands in quotes, or not in a word of its own");
		return true;
	}
	/* A chain that is kept as it is has no body here. */
	if (!live_load(r->table, c))
		return false;
	take(c, text, w->width, l->vars);
	return true;
}

bool wording_name(const struct rule *r, struct chain *c, const struct word *name)
{
	return keep(r, c, name, symbols_name);
}

bool wording_policy(const struct rule *r, struct chain *c, const struct word *policy)
{
	return keep(r, c, policy, symbols_policy);
}

/* Is word @i of those that are no part of the rule? They begin with option @letter. */
static bool is_one_of(const struct rule *r, u32 i, const struct rule_words *words, char letter,
		      bool *ok)
{
	const struct word *w = &r->lex->words[i];

	if (i < words->first || i >= words->end)
		return false;
	if (i == words->first && w->s[1] != '-' && w->s[1] != letter)
		*ok = lex_error(r->lex, w, "with variables in the line, -%c begins a word",
				letter);
	else if (w->expanded && w->column != r->chain.column)
		lex_warning(r->lex, w,
			    "save will not print this variable: it is no part of the rule");
	return true;
}

/* The counters of a line are the sum of those of its @n rules: the first has them all. */
static void count_once(struct chain *c, u32 n)
{
	struct fwload_counter_pair *last = (void *)c->counters.data;

	if (!c->counters.size)
		return;
	last += c->n_rules - n;
	while (--n)
		*++last = (struct fwload_counter_pair){ 0 };
}

bool wording_line(const struct rule *r, struct chain *c, u32 n)
{
	struct buf text = { 0 };
	struct lex *l = r->lex;
	bool ok = wording_name(r, c, &r->chain);

	count_once(c, n);
	for (u32 i = 0; i < l->n_words; i++) {
		const struct word *w = &l->words[i];

		if (is_one_of(r, i, &r->command_words, r->command, &ok) ||
		    is_one_of(r, i, &r->counters_words, 'c', &ok))
			continue;
		if (text.size)
			buf_add(&text, " ", 1);
		buf_add(&text, l->line + w->column - 1, w->width);
	}
	if (!symbols_can((const char *)text.data, text.size))
		ok = lex_error(l, NULL,
			       "a line with variables has no control characters, and at most %u bytes",
			       FWLOAD_MAX_VAR_TEXT);
	else if (text.size &&
		 vars_next((const char *)text.data, (const char *)text.data + text.size))
		symbols_add(c, (const char *)text.data, text.size, n, l->vars);
	buf_free(&text);
	return ok;
}
