// SPDX-License-Identifier: GPL-2.0
/*
 * Rules in the words in which they were written: see restate.h.
 */
#include <stdlib.h>

#include "expand.h"
#include "names.h"
#include "restate.h"
#include "store.h"

/**
 * struct restate - the parser, for lines that were parsed before
 * @vars: the definitions of all chains
 * @d: what the parser says of lines that do not hold any more goes nowhere
 * @lex: a line
 * @rule: what it says
 */
struct restate {
	struct vars vars;
	struct diag d;
	struct lex lex;
	struct rule rule;
};

/* Those of @c that no chain before has. */
static void take_defs(struct restate *r, const struct chain *c)
{
	const struct vars *defs = c->symbols ? &c->symbols->defs : NULL;

	for (u32 i = 0; defs && i < defs->n; i++)
		vars_add(&r->vars, defs->var[i].name, strlen(defs->var[i].name),
			 defs->var[i].value, strlen(defs->var[i].value), VARS_TEXT, false);
}

struct restate *restate_begin(const struct ruleset *rs, u8 family)
{
	struct restate *r = calloc(1, sizeof(*r));

	if (!r)
		diag_die(EXIT_FAILURE, "out of memory");
	for (u8 type = 0; type < __FWLOAD_TABLE_MAX; type++) {
		const struct table *t = &rs->tables[family][type];

		for (u32 i = 0; i < t->n_chains; i++)
			take_defs(r, t->chains[i]);
	}
	r->rule.lex = &r->lex;
	r->rule.family = family;
	r->rule.strict = true;
	return r;
}

void restate_end(struct restate *r)
{
	if (!r)
		return;
	vars_free(&r->vars);
	free(r);
}

/* "-A CHAIN" goes before the words. */
static bool begin_rule(struct lex *l, const struct chain *c)
{
	if (l->n_words + 2 > LEX_WORDS_MAX)
		return false;
	memmove(l->words + 2, l->words, l->n_words * sizeof(l->words[0]));
	l->words[0] = (struct word){ .s = "-A", .len = 2 };
	l->words[1] = (struct word){ .s = c->name, .len = (u32)strlen(c->name) };
	l->n_words += 2;
	return true;
}

/* Does the parsed rule make just the @n of @c that begin with @rule? */
static bool agrees(struct restate *r, struct table *t, const struct chain *c,
		   const struct fwload_img_rule *rule, u32 n)
{
	struct chain made = { .n_rules = 0 };
	struct store_total total = { 0 };
	const struct fwload_img_rule *s;
	bool same = store_count(&r->rule) == n;

	same = same && !store_rule(&r->rule, t, &made, NULL, &total);
	s = (const void *)made.rules.data;
	for (; same && n--; rule = rule_next(rule), s = rule_next(s))
		same = store_equal(c, rule, &made, s);
	chain_clear(&made);
	return same;
}

bool restate_line(struct restate *r, struct table *t, const struct chain *c, const char *text,
		  const struct fwload_img_rule *rule, u32 n)
{
	size_t len = strlen(text);

	lex_begin(&r->lex, text, len, &r->d);
	r->lex.vars = &r->vars;
	r->rule.table = t;
	if (!lex_line(&r->lex) || !lex_words(&r->lex, 0) || !begin_rule(&r->lex, c) ||
	    !rule_parse(&r->rule) || r->rule.command != 'A' ||
	    !lex_is(&r->rule.chain, c->name) || !agrees(r, t, c, rule, n))
		return false;
	vars_use(&r->vars, text, len);
	return true;
}

/* @text, a word as it was written or NULL, when that comes to @is; or NULL. */
static const char *word(struct restate *r, const char *text, const char *is)
{
	struct word w;

	if (!text)
		return NULL;
	lex_begin(&r->lex, text, strlen(text), &r->d);
	r->lex.vars = &r->vars;
	if (!lex_line(&r->lex) || strpbrk(text, " \t"))
		return NULL;
	w = lex_place(&r->lex, 0, r->lex.len);
	if (!expand_word(&r->lex, &w) || !lex_is(&w, is))
		return NULL;
	vars_use(&r->vars, text, strlen(text));
	return text;
}

const char *restate_name(struct restate *r, const struct chain *c)
{
	return word(r, c->symbols ? c->symbols->name : NULL, c->name);
}

const char *restate_policy(struct restate *r, const struct chain *c)
{
	return word(r, c->symbols && c->hook != FWLOAD_IMG_NO_HOOK ? c->symbols->policy : NULL,
		    c->policy == FWLOAD_POLICY_DROP ? "DROP" : "ACCEPT");
}

void restate_escape(struct buf *out, size_t from)
{
	const char *s = (const char *)out->data + from;
	const char *end = (const char *)out->data + out->size, *p = s;
	struct buf copy = { 0 };
	size_t len;

	while ((p = memchr(p, '$', (size_t)(end - p))) && !vars_ref(p, end, &len))
		p++;
	if (!p)
		return;
	for (p = s; p < end; p++) {
		if (vars_ref(p, end, &len))
			buf_add(&copy, "$", 1);
		buf_add(&copy, p, 1);
	}
	out->size = from;
	buf_add(out, copy.data, copy.size);
	buf_free(&copy);
}

void restate_defines(const struct restate *r, struct buf *out)
{
	for (u32 i = 0; i < r->vars.n; i++) {
		const struct var *var = &r->vars.var[i];

		if (!var->used)
			continue;
		buf_add(out, "define ", 7);
		buf_add(out, var->name, strlen(var->name));
		buf_add(out, " = ", 3);
		buf_add(out, var->value, strlen(var->value));
		buf_add(out, "\n", 1);
	}
}
