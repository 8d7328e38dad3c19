// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on the tables of a rule set.
 *
 * In a table that builds on what is in force (live.h) a chain is kept until a command
 * changes its rules; only then these are fetched. A chain that goes away stays in the
 * list as one not declared, for the image to say so. Whether rules of chains that were
 * never fetched go to it, the kernel tells when it is to be done.
 *
 * What fails has two kinds: what is wrong with the words is an error of the line, and ends
 * iptables with status 2; what is not there, or there already, is a failure with the words
 * that iptables has for it, and status 1.
 */
#include <stdarg.h>
#include <stdio.h>

#include "edit.h"
#include "list.h"
#include "live.h"
#include "names.h"
#include "order.h"
#include "references.h"
#include "wording.h"

static const char no_such_chain[] = "No chain/target/match by that name";
static const char no_such_rule[] = "Bad rule (does a matching rule exist in that chain?)";
static const char *const verdicts[] = { "ACCEPT", "DROP", "RETURN", "QUEUE" };

/* The command cannot be done; what iptables says of it is @what. */
static bool fail(struct edit *e, const struct word *at, int errnum, const char *what,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static bool fail(struct edit *e, const struct word *at, int errnum, const char *what,
		 const char *fmt, ...)
{
	char reason[256];
	va_list args;

	e->failure = what;
	e->errnum = errnum;
	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	/* To the command itself iptables says no more than that. */
	if (!e->rule.plain)
		lex_error(e->rule.lex, at, "%s", reason);
	return false;
}

static void say(struct edit *e, const char *what, const struct chain *c)
{
	if (!e->out || (!e->verbose && !e->rule.verbose))
		return;
	buf_add(e->out, what, strlen(what));
	buf_add(e->out, " chain `", 8);
	buf_add(e->out, c->name, strlen(c->name));
	buf_add(e->out, "'\n", 2);
}

const char *edit_nearest(const struct table *t, const char *s, size_t len, bool targets)
{
	const char **names = calloc(t->n_chains + names_n_targets, sizeof(*names));
	const char *nearest;
	size_t n = 0;

	if (!names)
		return NULL;
	for (u32 i = 0; i < t->n_chains; i++)
		if (t->chains[i]->declared)
			names[n++] = t->chains[i]->name;
	for (size_t i = 0; targets && i < names_n_targets; i++)
		names[n++] = names_targets[i];
	nearest = diag_nearest(s, len, names, n);
	free(names);
	return nearest;
}

static bool no_chain(struct edit *e, const struct word *w, const char *what)
{
	const struct table *t = e->rule.table;
	const char *nearest = edit_nearest(t, w->s, w->len, false);

	if (nearest)
		return fail(e, w, ENOENT, what,
			    "no chain \"%.*s\" in table \"%s\", did you mean \"%s\"?",
			    (int)w->len, w->s, fwload_image_table_names[t->type], nearest);
	return fail(e, w, ENOENT, what, "no chain \"%.*s\" in table \"%s\"", (int)w->len, w->s,
		    fwload_image_table_names[t->type]);
}

struct chain *edit_chain(struct edit *e, const struct word *w)
{
	struct chain *c = live_find(e->rule.table, w->s, w->len);

	return c && c->declared ? c : NULL;
}

bool edit_declare(struct edit *e, const struct word *w)
{
	struct lex *l = e->rule.lex;
	struct chain *c;

	if (w->len > FWLOAD_CHAIN_NAME_MAX)
		return lex_error(l, w, "Invalid chain name `%.*s' (%u chars max)", (int)w->len,
				 w->s, FWLOAD_CHAIN_NAME_MAX);
	for (u32 i = 0; i < w->len; i++)
		if ((u8)w->s[i] <= ' ' || w->s[i] == 0x7f)
			return lex_error(l, w,
					 "the name of a chain has no blanks and no control characters");
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (lex_is(w, verdicts[i]))
			return lex_error(l, w, "\"%s\" is a target, not a chain", verdicts[i]);
	c = live_find(e->rule.table, w->s, w->len);
	if (live_broken(e->rule.table->live))
		return false;
	if (c && c->declared)
		return fail(e, w, EEXIST, "Chain already exists",
			    "the chain \"%s\" is there already", c->name);
	c = table_chain(e->rule.table, w->s, w->len);
	c->declared = true;
	return true;
}

bool edit_policy(struct edit *e, struct chain *c, const struct word *policy)
{
	u8 value = lex_is(policy, "ACCEPT") ? FWLOAD_POLICY_ACCEPT :
		   lex_is(policy, "DROP") ? FWLOAD_POLICY_DROP : FWLOAD_POLICY_NONE;

	if (c->hook == FWLOAD_IMG_NO_HOOK)
		return fail(e, policy, ENOENT, "Bad built-in chain name",
			    "only base chains have a policy, and \"%s\" is none of table \"%s\"",
			    c->name, fwload_image_table_names[e->rule.table->type]);
	if (!value)
		return fail(e, policy, EINVAL, "Bad policy name",
			    "\"%.*s\" is no policy: ACCEPT or DROP", (int)policy->len,
			    policy->s);
	if (!wording_policy(&e->rule, c, policy))
		return false;
	c->policy = value;
	c->policy_given = true;
	c->policy_taken = false;
	c->policy_counter = (struct fwload_counter_pair){ 0 };
	c->changed = true;
	return true;
}

bool edit_flush(struct edit *e, struct chain *c)
{
	struct table *t = e->rule.table;

	if (t->live && t->merge && !c->asked)
		c = live_find(t, c->name, strlen(c->name));
	if (live_broken(t->live))
		return false;
	say(e, "Flushing", c);
	if (c->kept && !c->n_rules)
		return true;
	c->kept = false;
	c->zero = false;
	chain_clear(c);
	references_forget(t);
	return true;
}

void edit_say_gone(struct edit *e, const struct table *t)
{
	for (u32 i = 0; i < t->n_chains; i++)
		if (t->chains[i]->declared)
			say(e, "Flushing", t->chains[i]);
	for (u32 i = 0; i < t->n_chains; i++)
		if (t->chains[i]->declared && t->chains[i]->hook == FWLOAD_IMG_NO_HOOK)
			say(e, "Deleting", t->chains[i]);
}

/* @at: what to blame */
static bool delete_chain(struct edit *e, struct chain *c, const struct word *at)
{
	say(e, "Deleting", c);
	if (c->hook != FWLOAD_IMG_NO_HOOK)
		return fail(e, at, EINVAL, "Invalid argument",
			    "\"%s\" is a base chain: it cannot be deleted", c->name);
	/* It is asked for no more than the right word: it cannot go in either case. */
	if (references_go_to(e->rule.table, c) ||
	    (order_count(c) && live_references(e->rule.table, c)))
		return fail(e, at, EMLINK, "Too many links",
			    "there are rules that go to the chain \"%s\"", c->name);
	if (order_count(c))
		return fail(e, at, ENOTEMPTY, "Directory not empty",
			    "the chain \"%s\" still has rules", c->name);
	c->declared = false;
	c->kept = false;
	c->zero = false;
	c->line = e->rule.lex->number;
	e->last = NULL;
	chain_clear(c);
	return true;
}

static void zero_rule(struct chain *c, u32 position)
{
	struct fwload_counter_pair *counters;

	order_apply(c);
	counters = (void *)c->counters.data;
	if (position < c->counters.size / sizeof(*counters))
		counters[position] = (struct fwload_counter_pair){ 0 };
	if (c->origins.size)
		((u32 *)c->origins.data)[position] = CHAIN_NO_ORIGIN;
}

static bool zero_chain(struct edit *e, struct chain *c)
{
	struct table *t = e->rule.table;

	if (t->live && t->merge && !c->asked)
		c = live_find(t, c->name, strlen(c->name));
	if (live_broken(t->live))
		return false;
	say(e, "Zeroing", c);
	c->policy_taken = false;
	c->policy_counter = (struct fwload_counter_pair){ 0 };
	if (c->kept) {
		c->zero = true;
		return true;
	}
	order_apply(c);
	buf_free(&c->counters);
	buf_free(&c->origins);
	return true;
}

static bool zero_position(struct edit *e, struct chain *c)
{
	u32 position = e->rule.position;

	if (!live_load(e->rule.table, c))
		return false;
	if (position > order_count(c))
		return fail(e, &e->rule.chain, E2BIG, "Index of counter too big",
			    "rule %u, but \"%s\" has %u rules", position, c->name,
			    order_count(c));
	zero_rule(c, position - 1);
	return true;
}

/* Rules that go to @from go to @to. */
static void redirect(struct table *t, const struct chain *from, struct chain *to)
{
	for (u32 i = 0; i < t->n_chains; i++) {
		struct chain *c = t->chains[i];
		struct ref *ref = (struct ref *)c->refs.data;
		bool found = false;

		for (size_t n = c->refs.size / sizeof(*ref); n--; ref++) {
			if (ref->chain != from)
				continue;
			ref->chain = to;
			found = true;
		}
		if (!found)
			continue;
		/* Refs are found by their chains. */
		free(c->ref_index);
		c->ref_index = NULL;
	}
}

static bool rename_chain(struct edit *e, struct chain *from)
{
	struct table *t = e->rule.table;
	struct word *name = &e->rule.arg;
	struct chain *to;

	if (from->hook != FWLOAD_IMG_NO_HOOK)
		return fail(e, &e->rule.chain, ENOENT, no_such_chain,
			    "\"%s\" is a base chain: it keeps its name", from->name);
	if (!edit_declare(e, name) || !live_load_all(t))
		return false;
	to = edit_chain(e, name);
	order_apply(from);
	redirect(t, from, to);
	chain_move(to, from);
	to->kept = false;
	to->taken = from->taken;
	from->declared = false;
	from->kept = false;
	from->line = e->rule.lex->number;
	e->last = NULL;
	return wording_name(&e->rule, to, name);
}

/*
 * Before -X of every chain: where one has rules it cannot be done, and which words say so
 * depends on all rules. To have them costs less than to ask for each such chain.
 */
static bool load_for_delete(struct table *t)
{
	for (u32 i = 0; i < t->n_chains; i++) {
		const struct chain *c = t->chains[i];

		if (!c->declared || c->hook != FWLOAD_IMG_NO_HOOK || !order_count(c))
			continue;
		references_forget(t);
		return live_load_all(t);
	}
	return true;
}

/* Every chain: -F, -Z and -X without a name. */
static bool all_chains(struct edit *e)
{
	struct table *t = e->rule.table;
	bool ok = true;

	if (!live_list(t) || (e->rule.command == 'X' && !load_for_delete(t)))
		return false;
	table_sort(t);
	for (u32 i = 0; i < t->n_chains && (ok || e->failure); i++) {
		struct chain *c = t->chains[i];

		if (!c->declared)
			continue;
		if (e->rule.command == 'F')
			ok &= edit_flush(e, c);
		else if (e->rule.command == 'Z')
			ok &= zero_chain(e, c);
		else if (c->hook == FWLOAD_IMG_NO_HOOK)
			ok &= delete_chain(e, c, e->rule.lex->words);
	}
	return ok;
}

/* -N */
static bool new_chain(struct edit *e)
{
	const struct rule *r = &e->rule;
	const struct word *name = &r->chain;

	if (name->s[0] == '-' || name->s[0] == '!')
		return lex_error(r->lex, name,
				 "chain name not allowed to start with `%c'", name->s[0]);
	for (size_t i = 0; i < names_n_targets; i++)
		if (lex_is(name, names_targets[i]))
			return lex_error(r->lex, name,
					 "\"%s\" is the name of a target: chain name may not clash with it",
					 names_targets[i]);
	return edit_declare(e, name) && wording_name(r, edit_chain(e, name), name);
}

/* -L and -S */
static bool list(struct edit *e)
{
	struct rule *r = &e->rule;
	struct list l = {
		.table = r->table,
		.position = r->position,
		.verbose = e->verbose || r->verbose,
		.numeric = r->given & OPTION_NUMERIC,
		.exact = r->given & OPTION_EXACT,
		.lines = r->given & OPTION_LINES,
		.specs = r->command == 'S',
	};
	const char *reason;

	if (!e->out)
		return lex_error(r->lex, r->lex->words, "-%c has no place in a rule set",
				 r->command);
	if (r->chain.len) {
		l.chain = edit_chain(e, &r->chain);
		if (live_broken(r->table->live))
			return false;
		if (!l.chain)
			return no_chain(e, &r->chain, no_such_chain);
	}
	if (!live_load_all(r->table))
		return false;
	table_sort(r->table);
	for (u32 i = 0; i < r->table->n_chains; i++)
		order_apply(r->table->chains[i]);
	reason = list_print(&l, e->out);
	if (reason)
		return lex_error(r->lex, r->lex->words, "%s", reason);
	if (!r->zero)
		return true;
	if (r->position)
		return zero_position(e, l.chain);
	if (l.chain)
		return zero_chain(e, l.chain);
	r->command = 'Z';
	return all_chains(e);
}

/* Commands about chains. */
static bool chain_command(struct edit *e)
{
	const struct rule *r = &e->rule;
	struct chain *c = NULL;

	if (r->command == 'N')
		return new_chain(e);
	if (r->command == 'L' || r->command == 'S')
		return list(e);
	if (!r->chain.len)
		return all_chains(e);
	c = edit_chain(e, &r->chain);
	if (live_broken(r->table->live))
		return false;
	if (r->command == 'E' && edit_chain(e, &r->arg))
		return fail(e, &r->arg, EEXIST, "File exists",
			    "the chain \"%.*s\" is there already", (int)r->arg.len, r->arg.s);
	if (!c)
		return no_chain(e, &r->chain, r->command == 'P' ? "Bad built-in chain name" :
				no_such_chain);
	switch (r->command) {
	case 'P':
		if (!edit_policy(e, c, &r->arg))
			return false;
		if (r->has_counters)
			c->policy_counter = r->counters;
		return true;
	case 'F':
		return edit_flush(e, c);
	case 'Z':
		return r->position ? zero_position(e, c) : zero_chain(e, c);
	case 'E':
		return rename_chain(e, c);
	default:
		return delete_chain(e, c, &r->chain);
	}
}

/* The position of the first rule of @c that is rule @s of @what, or -1. */
static long find_rule(struct chain *c, const struct chain *what,
		      const struct fwload_img_rule *s)
{
	for (u32 i = 0; i < order_count(c); i++)
		if (store_equal(c, order_rule(c, i), what, s))
			return i;
	return -1;
}

/* -D and -C with a rule: each of those that its lists of addresses make. */
static bool find_rules(struct edit *e, struct chain *c)
{
	struct chain what = { .n_rules = 0 };
	struct store_total total = { 0 };
	const struct fwload_img_rule *s;
	const char *reason;
	bool ok = true;
	long at;

	reason = store_rule(&e->rule, e->rule.table, &what, NULL, &total);
	if (reason) {
		chain_clear(&what);
		return lex_error(e->rule.lex, e->rule.lex->words, "%s", reason);
	}
	for (u32 i = 0; i < what.n_rules; i++) {
		s = order_rule(&what, i);
		if (e->out && (e->verbose || e->rule.verbose))
			list_rule(e->rule.table, &what, s, e->out);
		at = find_rule(c, &what, s);
		if (at < 0)
			ok = false;
		else if (e->rule.command == 'D')
			order_delete(c, (u32)at);
	}
	chain_clear(&what);
	/* The words of iptables depend on what kind of target the rule would have. */
	return ok || fail(e, &e->rule.chain, ENOENT,
			  e->rule.target > FWLOAD_IMG_T_QUEUE ? no_such_chain : no_such_rule,
			  "no such rule in the chain \"%s\"", c->name);
}

static bool delete_position(struct edit *e, struct chain *c)
{
	u32 position = e->rule.position;

	if (position > order_count(c))
		return fail(e, &e->rule.chain, E2BIG, "Index of deletion too big",
			    "-D of rule %u, but \"%s\" has %u rules so far", position, c->name,
			    order_count(c));
	order_delete(c, position - 1);
	return true;
}

/* Print the last @n stored rules of @c: -v. */
static void show_rules(struct edit *e, struct chain *c, u32 n)
{
	const u8 *at = c->rules.data;

	if (!e->out || (!e->verbose && !e->rule.verbose))
		return;
	for (u32 i = 0; i < c->n_rules; i++) {
		const struct fwload_img_rule *rule = (const void *)at;

		if (i + n >= c->n_rules)
			list_rule(e->rule.table, c, rule, e->out);
		at += le16_to_cpu(rule->size) * 8;
	}
}

/* -A, -I and -R */
static bool store(struct edit *e, struct chain *c, const struct fwload_counter_pair *counters)
{
	const struct rule *r = &e->rule;
	u32 position = r->position ? r->position : 1, count = order_count(c);
	u32 n = store_count(r);
	const char *reason;

	if (r->command == 'I' && position > count + 1)
		return fail(e, &r->chain, E2BIG, "Index of insertion too big",
			    "-I at %u, but \"%s\" has %u rules so far", position, c->name,
			    count);
	if (r->command == 'R' && position > count)
		return fail(e, &r->chain, E2BIG, "Index of replacement too big",
			    "-R of rule %u, but \"%s\" has %u rules so far", position, c->name,
			    count);
	reason = store_rule(r, e->rule.table, c, r->has_counters ? &r->counters : counters,
			    &e->total);
	if (reason)
		return lex_error(r->lex, r->lex->words, "%s", reason);
	if (r->lex->symbolic && !wording_line(r, c, n))
		return false;
	if (r->command == 'I')
		order_insert(c, n, position - 1, r->lex->symbolic);
	else if (r->command == 'R')
		order_replace(c, position - 1);
	else
		order_append(c, n);
	show_rules(e, c, n);
	return true;
}

static bool rule_command(struct edit *e, const struct fwload_counter_pair *counters)
{
	const struct rule *r = &e->rule;
	struct chain *c = e->last;

	if (!c || memcmp(c->name, r->chain.s, r->chain.len) || c->name[r->chain.len]) {
		c = edit_chain(e, &r->chain);
		if (live_broken(r->table->live))
			return false;
		if (!c)
			return no_chain(e, &r->chain, r->command == 'C' ||
					(r->command == 'D' && !r->position) ? no_such_rule :
					no_such_chain);
		if (!live_load(r->table, c))
			return false;
		e->last = c;
	}
	if (r->command == 'D' && r->position)
		return delete_position(e, c);
	if (r->command == 'D' || r->command == 'C')
		return find_rules(e, c);
	return store(e, c, counters);
}

bool edit_command(struct edit *e, const struct fwload_counter_pair *counters)
{
	/* A chain that -X takes away has no rules. */
	if (e->rule.command != 'X')
		references_forget(e->rule.table);
	if (lex_one_of(e->rule.command, "AICDR"))
		return rule_command(e, counters);
	e->last = NULL;
	return chain_command(e);
}

void edit_end(struct table *t)
{
	references_forget(t);
	for (u32 i = 0; i < t->n_chains; i++)
		order_apply(t->chains[i]);
	table_prune(t);
}
