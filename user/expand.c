// SPDX-License-Identifier: GPL-2.0
/*
 * Words with variables: see expand.h.
 */
#include <stdlib.h>

#include "expand.h"

#define DEPTH_MAX	16	/* variables in variables */
#define STEPS_MAX	10000	/* values looked at for a line: empty ones take no room */

/**
 * struct expand - a line being expanded
 * @l: the line; its room is filled
 * @place: the variable in the line that is being expanded
 * @met: there was one
 * @steps: values looked at
 */
struct expand {
	struct lex *l;
	struct word place;
	bool met;
	u32 steps;
};

bool expand_needed(const struct lex *l, const char *s, size_t len)
{
	const char *end = s + len;
	size_t name;

	if (!l->vars)
		return false;
	while ((s = memchr(s, '$', (size_t)(end - s)))) {
		if (vars_ref(s, end, &name))
			return true;
		s++;
	}
	return false;
}

static bool put(struct expand *x, char c)
{
	struct lex *l = x->l;

	if (l->used == sizeof(l->room))
		return lex_error(l, NULL, "more than %u bytes with the values of the variables",
				 LEX_LINE_MAX);
	l->room[l->used++] = c;
	return true;
}

static bool undefined(struct expand *x, const char *name, size_t len)
{
	const struct vars *v = x->l->vars;
	const char **names = calloc(v->n + 1, sizeof(*names)), *nearest;

	if (!names)
		diag_die(EXIT_FAILURE, "out of memory");
	for (u32 i = 0; i < v->n; i++)
		names[i] = v->var[i].name;
	nearest = diag_nearest(name, len, names, v->n);
	free(names);
	if (nearest)
		return lex_error(x->l, &x->place,
				 "the variable \"%.*s\" has no value, did you mean \"%s\"?",
				 (int)len, name, nearest);
	return lex_error(x->l, &x->place,
			 "the variable \"%.*s\" has no value: a line \"define %.*s = VALUE\" before this one or -D gives it one; $${%.*s} is these bytes themselves",
			 (int)len, name, (int)len, name, (int)len, name);
}

static bool put_value(struct expand *x, const char *name, size_t len, u32 depth);

/*
 * The run of $ at *@s and what belongs to it. Goes on behind it. False: an error was
 * reported.
 */
static bool dollar(struct expand *x, const char **s, const char *end, u32 depth)
{
	const char *p = *s, *last = p;
	size_t name, len;

	while (last + 1 < end && last[1] == '$')
		last++;
	len = vars_ref(last, end, &name);
	*s = last + (len ? len : 1);
	if (len && last == p) {
		if (!depth)
			x->place = lex_place(x->l, (size_t)(p - x->l->line), len);
		return put_value(x, p + 2, name, depth);
	}
	/* One $ less than was written, and no variable. */
	for (p += !!len; p < *s; p++)
		if (!put(x, *p))
			return false;
	return true;
}

static bool put_value(struct expand *x, const char *name, size_t len, u32 depth)
{
	const struct var *var = vars_find(x->l->vars, name, len);
	const char *p, *end;

	x->met = true;
	if (!var)
		return undefined(x, name, len);
	if (depth == DEPTH_MAX || ++x->steps > STEPS_MAX)
		return lex_error(x->l, &x->place,
				 "the value of \"%s\" uses too many others, or itself",
				 var->name);
	p = var->value;
	end = p + strlen(p);
	while (p < end)
		if (*p == '$' ? !dollar(x, &p, end, depth + 1) : !put(x, *p++))
			return false;
	return true;
}

/* The bytes of a word up to its end, quotes taken out. Returns its end or NULL. */
static const char *put_word(struct expand *x, struct word *w, const char *p, const char *end)
{
	const char *open = NULL;

	while (p < end) {
		if (*p == '"') {
			if (open)
				return p + 1;
			open = p++;
			w->quoted = true;
			continue;
		}
		if (!open && (*p == ' ' || *p == '\t'))
			return p;
		if (open && *p == '\\') {
			if (++p == end)
				break;
			if (!put(x, *p++))
				return NULL;
			continue;
		}
		if (*p == '$' ? !dollar(x, &p, end, 0) : !put(x, *p++))
			return NULL;
	}
	if (!open)
		return p;
	x->place = lex_place(x->l, (size_t)(open - x->l->line), (size_t)(end - open));
	lex_error(x->l, &x->place, "this quote is not closed");
	return NULL;
}

bool expand_words(struct lex *l, size_t from)
{
	const char *end = l->line + l->len, *p = l->line + from;
	struct expand x = { .l = l };
	struct word *w = l->words;

	for (;;) {
		const char *start;

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == end)
			break;
		start = p;
		*w = lex_place(l, (size_t)(p - l->line), (size_t)(end - p));
		if (w == l->words + LEX_WORDS_MAX - 1)
			return lex_error(l, w, "more than %u words in a line",
					 LEX_WORDS_MAX - 1);
		w->s = l->room + l->used;
		p = put_word(&x, w, p, end);
		if (!p)
			return false;
		w->len = (u32)(l->room + l->used - w->s);
		w->width = (u32)(p - start);
		w->expanded = vars_next(start, p);
		if (w->len > LEX_WORD_MAX)
			return lex_error(l, w, "a word of %u bytes; %u is the most", w->len,
					 LEX_WORD_MAX);
		w++;
	}
	l->n_words = (u32)(w - l->words);
	l->symbolic = x.met;
	return true;
}

bool expand_word(struct lex *l, struct word *w)
{
	struct expand x = { .l = l };
	const char *p = w->s, *end = p + w->len;

	if (!expand_needed(l, p, w->len))
		return true;
	w->s = l->room + l->used;
	while (p < end)
		if (*p == '$' ? !dollar(&x, &p, end, 0) : !put(&x, *p++))
			return false;
	w->len = (u32)(l->room + l->used - w->s);
	w->expanded = x.met;
	l->symbolic |= x.met;
	return true;
}
