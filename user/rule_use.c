// SPDX-License-Identifier: GPL-2.0
/*
 * The matches and the target of a rule that is being parsed.
 *
 * Each is native or an extension of libxtables. A native one whose element has no place
 * for an option becomes an extension there and then: all its options so far are
 * given to libxtables once more, which is why they are kept.
 */
#include "rule_use.h"

static void begin(struct rule *r)
{
	if (r->begun)
		return;
	r->begun = true;
	xt_rule_begin(r->family);
	if (r->proto_word.s)
		xt_rule_proto(r->proto, r->flags & FWLOAD_IMG_R_PROTO_INV);
}

/* The words of the line as libxtables wants them. */
static char **make_argv(struct rule *r)
{
	char *room = r->room;

	if (r->n_words)
		return r->argv;
	for (u32 i = 0; i < r->lex->n_words; i++) {
		const struct word *w = &r->lex->words[i];

		r->argv[i] = room;
		memcpy(room, w->s, w->len);
		room[w->len] = '\0';
		room += w->len + 1;
	}
	r->n_words = r->lex->n_words;
	r->argv[r->n_words] = NULL;
	return r->argv;
}

static void pass_warning(struct rule *r, const struct word *at)
{
	const char *warning = xt_warning();

	if (warning)
		lex_warning(r->lex, at, "%s", warning);
}

static struct xt_use *use_xt(struct rule *r, u8 kind, const char *name, size_t len,
			     const struct word *at)
{
	char copy[XT_NAME_MAX + 1];
	const char *error;
	struct xt_use *xt;

	if (!len || len > XT_NAME_MAX)
		return NULL;
	memcpy(copy, name, len);
	copy[len] = '\0';
	begin(r);
	xt = xt_use(kind, copy, &error);
	pass_warning(r, at);
	return xt;
}

/* The options of use number @n from now on stand for those of @name. */
static void add_set(struct rule *r, u8 kind, const char *name, size_t len, u32 n)
{
	const struct rule_use *use = &r->uses[n];
	struct option_set *set;

	for (u32 i = 0; i < r->sets.n; i++) {
		set = &r->sets.set[i];
		if (set->kind == kind && set->len == len && !memcmp(set->name, name, len)) {
			set->use = n;
			return;
		}
	}
	set = &r->sets.set[r->sets.n++];
	set->name = name;
	set->len = (u8)len;
	set->kind = kind;
	set->native = use->native.native;
	set->xt = use->xt ? xt_options(use->xt) : NULL;
	set->use = n;
}

u32 rule_use_take(struct rule *r, u8 kind, const char *name, size_t len,
		  const struct word *at)
{
	const struct native *native = native_find(r->family, kind, name, len);
	u32 n = r->n_uses;
	struct rule_use *use = &r->uses[n];

	use->xt = NULL;
	use->kind = kind;
	use->name = *at;	/* which may be part of a word, in a caller */
	if (native) {
		native_begin(&use->native, native);
	} else {
		use->native.native = NULL;
		use->xt = use_xt(r, kind, name, len, at);
		if (!use->xt)
			return RULE_NO_USE;
	}
	r->n_uses++;
	add_set(r, kind, name, len, n);
	return n;
}

/*
 * Find the argument of the option at word number @word; @may_invert: an old-fashioned
 * ! may stand before it. Goes to the word after it. Returns its number or, after
 * an error, RULE_NO_USE.
 */
static u32 take_argument(struct rule *r, u32 word, u32 joined, bool may_invert)
{
	const struct word *w;

	if (joined)
		return word;
	if (r->next == r->lex->n_words) {
		w = &r->lex->words[word];
		lex_error(r->lex, w, "option \"%.*s\" needs an argument", (int)w->len, w->s);
		return RULE_NO_USE;
	}
	w = &r->lex->words[r->next++];
	if (unlikely(may_invert && w->len == 1 && w->s[0] == '!' && !w->quoted &&
		     r->next < r->lex->n_words)) {
		lex_warning(r->lex, w, "a ! belongs before the option that it negates");
		r->invert = true;
		r->next++;
	}
	return r->next - 1;
}

static bool give_xt(struct rule *r, struct rule_use *use, const struct xt_option *o,
		    const struct rule_call *call)
{
	char **argv = make_argv(r);
	char *whole = argv[call->arg];
	int next = (int)call->arg + 1;
	struct word at = r->lex->words[call->arg];
	const char *error;

	if (call->joined)
		at = lex_part(&at, call->joined, at.len - call->joined);
	argv[call->arg] += call->joined;
	error = xt_parse(use->xt, o->id, call->invert, argv, &next);
	argv[call->arg] = whole;
	pass_warning(r, &at);
	if (error)
		return lex_error(r->lex, &at, "%s", error);
	if (next > (int)call->arg && next <= (int)r->n_words)
		r->next = (u32)next;
	return true;
}

/* Option @name of an extension that was native. */
static bool give_foreign(struct rule *r, struct rule_use *use, const struct rule_call *call)
{
	const struct xt_option *o;

	for (o = xt_options(use->xt); o->name; o++)
		if (!strcmp(o->name, call->option->name))
			return give_xt(r, use, o, call);
	return lex_error(r->lex, &r->lex->words[call->word],
			 "this libxtables has no option \"--%s\"", call->option->name);
}

/* Turn use number @n into an extension, and give it all its options so far. */
static bool make_foreign(struct rule *r, u32 n)
{
	struct rule_use *use = &r->uses[n];
	const struct native *native = use->native.native;

	use->native.native = NULL;
	use->xt = use_xt(r, use->kind, native->name, native->len, &use->name);
	if (!use->xt)
		return lex_error(r->lex, &use->name,
				 "libxtables has no \"%s\", which this needs", native->name);
	for (u32 i = 0; i < r->n_calls; i++)
		if (r->calls[i].use == n && !give_foreign(r, use, &r->calls[i]))
			return false;
	return true;
}

static bool give_native(struct rule *r, struct rule_use *use, const struct rule_call *call)
{
	const struct word *arg = &r->lex->words[call->arg];
	struct word part;
	struct native_call c = {
		.lex = r->lex,
		.option = call->option,
		.word = &r->lex->words[call->word],
		.arg = arg,
		.invert = call->invert,
		.family = r->family,
		.proto = r->proto,
		.proto_inv = r->flags & FWLOAD_IMG_R_PROTO_INV,
	};

	if (call->joined) {
		part = lex_part(arg, call->joined, arg->len - call->joined);
		c.arg = &part;
	}
	if (call->option->args == 2) {
		const struct word *second = &r->lex->words[r->next];

		if (r->next == r->lex->n_words || !second->len || second->s[0] == '-' ||
		    second->s[0] == '!')
			return lex_error(r->lex, c.word,
					 "option \"--%s\" needs two arguments",
					 call->option->name);
		c.arg2 = second;
		r->next++;
	}
	switch (native_parse(&use->native, &c)) {
	case NATIVE_OK:
		return true;
	case NATIVE_ERROR:
		return false;
	default:
		return make_foreign(r, call->use);
	}
}

bool rule_use_option(struct rule *r, const struct option_found *found, u32 word,
		     u32 joined)
{
	struct rule_use *use = &r->uses[found->set->use];
	struct rule_call call = {
		.use = found->set->use,
		.word = word,
		.arg = word,
		.joined = joined,
		.option = found->native,
	};
	bool native = found->result == OPTION_IS_NATIVE;
	bool wants = native ? found->native->args : found->xt->has_arg;

	if (joined && !wants)
		return lex_error(r->lex, &r->lex->words[word],
				 "option \"--%s\" takes no argument",
				 native ? found->native->name : found->xt->name);
	r->next = word + 1;
	if (wants) {
		call.arg = take_argument(r, word, joined,
					 native && found->native->flags & NATIVE_INVERT);
		if (call.arg == RULE_NO_USE)
			return false;
	}
	call.invert = r->invert;
	if (!native)
		return give_xt(r, use, found->xt, &call);
	if (!use->native.native)
		return give_foreign(r, use, &call);
	r->calls[r->n_calls++] = call;
	return give_native(r, use, &call);
}

static bool finish(struct rule *r, struct rule_use *use)
{
	const char *error;

	if (use->native.native)
		return native_finish(&use->native, r->lex, &use->name, r->proto,
				     r->flags & FWLOAD_IMG_R_PROTO_INV);
	error = xt_finish(use->xt, &use->payload);
	pass_warning(r, &use->name);
	if (error)
		return lex_error(r->lex, &use->name, "%s", error);
	return true;
}

bool rule_use_finish(struct rule *r)
{
	for (u32 i = 0; i < r->n_uses; i++)
		if (r->uses[i].kind == FWLOAD_IMG_EXT_MATCH && !finish(r, &r->uses[i]))
			return false;
	return r->target_use == RULE_NO_USE || finish(r, &r->uses[r->target_use]);
}
