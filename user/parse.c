// SPDX-License-Identifier: GPL-2.0
/*
 * The text of a rule set, line by line: tables, chains, counters, commands.
 *
 * What a line of rules says is found out by rule.c and stored by store.c. Errors do not
 * stop it: the rest of a line is passed over, and so are the lines of a table that
 * nobody knows, up to COMMIT. What can only be said of a whole table (a jump to a chain that
 * is nowhere declared) is said at its COMMIT.
 */
#include <stdlib.h>

#include "names.h"
#include "order.h"
#include "parse.h"
#include "rule.h"
#include "store.h"

/**
 * struct parse - a text being parsed
 * @rs: where tables go
 * @d: where errors go
 * @lex: the text
 * @rule: the current command
 * @table: the table that the current line is in; NULL: none
 * @table_line: where it began
 * @skip: inside of an unknown table, or an error outside of tables was reported
 * @chain: the last one that a rule was appended to
 * @orders: of chains into which rules were inserted
 */
struct parse {
	struct ruleset *rs;
	struct diag *d;
	struct lex lex;
	struct rule rule;
	struct table *table;
	u32 table_line;
	bool skip;
	struct chain *chain;
	struct orders orders;
};

static const char *const verdicts[] = { "ACCEPT", "DROP", "RETURN", "QUEUE" };

/* The next word from byte *@pos of the line on, cut at blanks alone. */
static bool blank_word(struct lex *l, size_t *pos, struct word *w)
{
	size_t from = *pos, to;

	while (from < l->len && (l->line[from] == ' ' || l->line[from] == '\t'))
		from++;
	for (to = from; to < l->len && l->line[to] != ' ' && l->line[to] != '\t';)
		to++;
	*pos = to;
	*w = lex_place(l, from, to - from);
	return w->len;
}

/* "[packets:bytes]" of @len bytes */
static bool parse_counters(const char *s, size_t len, struct fwload_counter_pair *counters)
{
	const char *colon;
	u64 packets, bytes;
	size_t n;

	if (len < 5 || s[0] != '[' || s[len - 1] != ']')
		return false;
	colon = memchr(s, ':', len);
	if (!colon)
		return false;
	n = (size_t)(colon - s);
	if (!lex_number(s + 1, n - 1, 0, ~0ULL, &packets) ||
	    !lex_number(colon + 1, len - n - 2, 0, ~0ULL, &bytes))
		return false;
	counters->packets = packets;
	counters->bytes = bytes;
	return true;
}

/* The chain of @t, or with @targets the target too, that @w is nearest to; or NULL. */
static const char *nearest_chain(const struct table *t, const char *s, size_t len,
				 bool targets)
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

static bool no_chain(struct parse *p, const struct word *w)
{
	const char *nearest = nearest_chain(p->table, w->s, w->len, false);

	if (nearest)
		return lex_error(&p->lex, w,
				 "no chain \"%.*s\" in table \"%s\", did you mean \"%s\"?",
				 (int)w->len, w->s, table_names[p->table->type], nearest);
	return lex_error(&p->lex, w, "no chain \"%.*s\" in table \"%s\"", (int)w->len, w->s,
			 table_names[p->table->type]);
}

static struct chain *declared_chain(struct parse *p, const struct word *w)
{
	struct chain *c = table_find(p->table, w->s, w->len);

	return c && c->declared ? c : NULL;
}

/* A new chain @w. */
static bool declare(struct parse *p, const struct word *w)
{
	struct chain *c;

	if (w->len > FWLOAD_CHAIN_NAME_MAX)
		return lex_error(&p->lex, w, "the name of a chain has at most %u bytes",
				 FWLOAD_CHAIN_NAME_MAX);
	for (u32 i = 0; i < w->len; i++)
		if ((u8)w->s[i] <= ' ' || w->s[i] == 0x7f)
			return lex_error(&p->lex, w,
					 "the name of a chain has no blanks and no control characters");
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (lex_is(w, verdicts[i]))
			return lex_error(&p->lex, w, "\"%s\" is a target, not a chain",
					 verdicts[i]);
	c = table_chain(p->table, w->s, w->len);
	if (c->declared)
		return lex_error(&p->lex, w, "the chain \"%s\" is there already", c->name);
	c->declared = true;
	return true;
}

static bool set_policy(struct parse *p, struct chain *c, const struct word *policy)
{
	if (c->hook == FWLOAD_IMG_NO_HOOK)
		return lex_error(&p->lex, policy,
				 "only base chains have a policy, and \"%s\" is none of table \"%s\"",
				 c->name, table_names[p->table->type]);
	if (lex_is(policy, "ACCEPT"))
		c->policy = FWLOAD_POLICY_ACCEPT;
	else if (lex_is(policy, "DROP"))
		c->policy = FWLOAD_POLICY_DROP;
	else
		return lex_error(&p->lex, policy, "\"%.*s\" is no policy: ACCEPT or DROP",
				 (int)policy->len, policy->s);
	return true;
}

/* ":name policy [packets:bytes]" */
static bool chain_line(struct parse *p, size_t pos)
{
	struct word name, policy, counters;
	struct chain *c;

	pos++;
	if (!blank_word(&p->lex, &pos, &name))
		return lex_error(&p->lex, NULL, "the name of the chain is missing");
	c = declared_chain(p, &name);
	if (!c || c->hook == FWLOAD_IMG_NO_HOOK) {
		if (!declare(p, &name))
			return false;
		c = declared_chain(p, &name);
	}
	if (!blank_word(&p->lex, &pos, &policy))
		return lex_error(&p->lex, &name,
				 "the policy of this chain is missing: \"-\" for none");
	if (lex_is(&policy, "-"))
		return true;
	if (!set_policy(p, c, &policy))
		return false;
	if (blank_word(&p->lex, &pos, &counters) && counters.s[0] == '[' &&
	    !parse_counters(counters.s, counters.len, &c->policy_counter))
		return lex_error(&p->lex, &counters, "counters are [PACKETS:BYTES]");
	return true;
}

/* Forget the rules and the chains of the table. Policies stay. */
static void reset_table(struct table *t)
{
	for (u32 i = 0; i < t->n_chains; i++) {
		chain_clear(t->chains[i]);
		if (t->chains[i]->hook == FWLOAD_IMG_NO_HOOK)
			t->chains[i]->declared = false;
	}
	table_prune(t);
}

/* "*name" */
static bool table_line(struct parse *p, size_t pos)
{
	const char *nearest;
	struct word name;
	u8 type = 0;

	p->skip = false;
	p->chain = NULL;
	p->table_line = p->lex.number;
	pos++;
	if (!blank_word(&p->lex, &pos, &name)) {
		p->skip = true;
		return lex_error(&p->lex, NULL, "the name of the table is missing");
	}
	while (type < __FWLOAD_TABLE_MAX && !lex_is(&name, table_names[type]))
		type++;
	if (type == __FWLOAD_TABLE_MAX) {
		p->skip = true;
		nearest = diag_nearest(name.s, name.len, table_names, __FWLOAD_TABLE_MAX);
		if (nearest)
			return lex_error(&p->lex, &name,
					 "unknown table \"%.*s\", did you mean \"%s\"?",
					 (int)name.len, name.s, nearest);
		return lex_error(&p->lex, &name,
				 "unknown table \"%.*s\": there are raw, mangle, nat, filter and security",
				 (int)name.len, name.s);
	}
	p->table = &p->rs->tables[p->rule.family][type];
	if (p->table->present)
		reset_table(p->table);
	else
		ruleset_table(p->rs, p->rule.family, type);
	p->table->file = p->d->file;
	p->rule.table = p->table;
	return true;
}

/* Name the jumps to chains that are not there. */
static void check_jumps(struct parse *p, const struct chain *from)
{
	const struct ref *ref = (const struct ref *)from->refs.data;
	size_t n = from->refs.size / sizeof(*ref);
	const char *name, *nearest;
	bool is_goto;

	for (; n-- && diag_more(p->d); ref++) {
		if (ref->chain->declared)
			continue;
		name = ref->chain->name;
		is_goto = ref->uses & FWLOAD_IMG_REF_GOTO;
		nearest = nearest_chain(p->table, name, strlen(name), !is_goto);
		diag_at(p->d, DIAG_ERROR, ref->line, ref->column, (u32)strlen(name),
			"no chain%s \"%s\"%s%s%s", is_goto ? "" : " and no target", name,
			nearest ? ", did you mean \"" : "", nearest ? nearest : "",
			nearest ? "\"?" : "");
	}
}

/* The table is complete. */
static void end_table(struct parse *p)
{
	if (p->table) {
		orders_apply(&p->orders);
		for (u32 i = 0; i < p->table->n_chains && diag_more(p->d); i++)
			check_jumps(p, p->table->chains[i]);
		table_prune(p->table);
	}
	p->table = NULL;
	p->chain = NULL;
	p->skip = false;
}

static bool is_referred_to(const struct table *t, const struct chain *c)
{
	for (u32 i = 0; i < t->n_chains; i++) {
		const struct ref *ref = (const struct ref *)t->chains[i]->refs.data;
		size_t n = t->chains[i]->refs.size / sizeof(*ref);

		for (; n--; ref++)
			if (ref->chain == c)
				return true;
	}
	return false;
}

static void flush(struct parse *p, struct chain *c)
{
	chain_clear(c);
	orders_forget(&p->orders, c);
}

/* @at: what to blame */
static bool delete_chain(struct parse *p, struct chain *c, const struct word *at)
{
	if (c->hook != FWLOAD_IMG_NO_HOOK)
		return lex_error(&p->lex, at, "\"%s\" is a base chain: it cannot be deleted",
				 c->name);
	if (c->n_rules)
		return lex_error(&p->lex, at, "the chain \"%s\" still has rules", c->name);
	if (is_referred_to(p->table, c))
		return lex_error(&p->lex, at, "there are rules that go to the chain \"%s\"",
				 c->name);
	c->declared = false;
	p->chain = NULL;
	return true;
}

/* -N, -P, -F and -X */
static bool chain_command(struct parse *p)
{
	const struct rule *r = &p->rule;
	const struct word *name = &r->chain;
	struct chain *c = NULL;

	if (r->command == 'N') {
		if (name->s[0] == '-' || name->s[0] == '!')
			return lex_error(&p->lex, name,
					 "the name of a chain does not begin with %c",
					 name->s[0]);
		for (size_t i = 0; i < names_n_targets; i++)
			if (lex_is(name, names_targets[i]))
				return lex_error(&p->lex, name,
						 "\"%s\" is the name of a target",
						 names_targets[i]);
		return declare(p, name);
	}
	if (name->len) {
		c = declared_chain(p, name);
		if (!c)
			return no_chain(p, name);
	}
	if (r->command == 'P') {
		if (!set_policy(p, c, &r->arg))
			return false;
		if (r->has_counters)
			c->policy_counter = r->counters;
		return true;
	}
	if (r->command == 'F' && c) {
		flush(p, c);
		return true;
	}
	if (c)
		return delete_chain(p, c, name);
	for (u32 i = 0; i < p->table->n_chains; i++) {
		c = p->table->chains[i];
		if (r->command == 'F')
			flush(p, c);
		else if (c->hook == FWLOAD_IMG_NO_HOOK && c->declared &&
			 !delete_chain(p, c, p->lex.words))
			return false;
	}
	return true;
}

/* -A and -I */
static bool rule_command(struct parse *p, const struct fwload_counter_pair *counters)
{
	const struct rule *r = &p->rule;
	struct chain *c = p->chain;
	u32 n;

	if (!c || memcmp(c->name, r->chain.s, r->chain.len) || c->name[r->chain.len]) {
		c = declared_chain(p, &r->chain);
		if (!c)
			return no_chain(p, &r->chain);
		p->chain = c;
	}
	if (r->command == 'I' && r->position > c->n_rules + 1)
		return lex_error(&p->lex, &r->chain,
				 "-I at %u, but \"%s\" has %u rules so far", r->position,
				 c->name, c->n_rules);
	n = store_rule(r, p->table, c, r->has_counters ? &r->counters : counters);
	if (r->command == 'I')
		orders_insert(&p->orders, c, n, r->position - 1);
	else
		orders_append(&p->orders, c, n);
	return true;
}

/* "[packets:bytes] -A chain ..." */
static bool command_line(struct parse *p, size_t pos)
{
	struct fwload_counter_pair counters, *has_counters = NULL;
	struct lex *l = &p->lex;

	if (l->line[pos] == '[') {
		const char *end = memchr(l->line + pos, ']', l->len - pos);
		struct word w = lex_place(l, pos, l->len - pos);

		if (!end)
			return lex_error(l, &w, "this [ has no ]");
		w = lex_place(l, pos, (size_t)(end + 1 - l->line) - pos);
		if (!parse_counters(w.s, w.len, &counters))
			return lex_error(l, &w, "counters are [PACKETS:BYTES]");
		has_counters = &counters;
		pos += w.len;
	}
	if (!lex_words(l, pos))
		return false;
	if (!l->n_words)
		return lex_error(l, NULL, "no command after the counters");
	if (!rule_parse(&p->rule))
		return false;
	switch (p->rule.command) {
	case 0:
		return true;		/* for the other family */
	case 'A':
	case 'I':
		return rule_command(p, has_counters);
	default:
		return chain_command(p);
	}
}

static bool is_commit(const struct lex *l, size_t pos)
{
	size_t end = l->len;

	while (end > pos && (l->line[end - 1] == ' ' || l->line[end - 1] == '\t'))
		end--;
	return end - pos == 6 && !memcmp(l->line + pos, "COMMIT", 6);
}

/* Lines that begin or end a table, and lines outside of one. */
static void outer_line(struct parse *p, size_t pos)
{
	struct lex *l = &p->lex;

	if (l->line[pos] == '*') {
		if (p->table)
			lex_error(l, NULL,
				  "the table \"%s\" of line %u is not ended by COMMIT",
				  table_names[p->table->type], p->table_line);
		end_table(p);
		table_line(p, pos);
	} else if (is_commit(l, pos) && (p->table || p->skip)) {
		end_table(p);
	} else if (!p->table && !p->skip) {
		lex_error(l, NULL,
			  "outside of a table: one begins with a line as \"*filter\" and ends with \"COMMIT\"");
		p->skip = true;
	}
}

static void take_line(struct parse *p)
{
	struct lex *l = &p->lex;
	size_t pos = 0;

	while (pos < l->len && (l->line[pos] == ' ' || l->line[pos] == '\t'))
		pos++;
	if (unlikely(l->len > LEX_LINE_MAX))
		lex_error(l, NULL, "a line of %zu bytes; %u is the most", l->len,
			  LEX_LINE_MAX);
	else if (pos == l->len || l->line[pos] == '#')
		return;
	else if (!p->table || l->line[pos] == '*' || is_commit(l, pos))
		outer_line(p, pos);
	else if (l->line[pos] == ':')
		chain_line(p, pos);
	else
		command_line(p, pos);
}

/* A byte that no text has. */
static bool has_nul(const char *text, size_t size, struct diag *d)
{
	const char *nul = memchr(text, '\0', size);
	const char *start = text, *lf;
	u32 number = 1;

	if (!nul)
		return false;
	while ((lf = memchr(start, '\n', (size_t)(nul - start)))) {
		start = lf + 1;
		number++;
	}
	diag_at(d, DIAG_ERROR, number, (u32)(nul - start) + 1, 1,
		"a NUL byte: this is not the text of a rule set");
	return true;
}

bool parse_text(struct ruleset *rs, u8 family, const char *text, size_t size,
		struct diag *d)
{
	unsigned int errors = d->errors;
	struct parse *p;

	if (has_nul(text, size, d))
		return false;
	p = calloc(1, sizeof(*p));
	if (!p)
		diag_die(EXIT_FAILURE, "out of memory");
	p->rs = rs;
	p->d = d;
	p->rule.lex = &p->lex;
	p->rule.family = family;
	lex_begin(&p->lex, text, size, d);
	while (diag_more(d) && lex_line(&p->lex))
		take_line(p);
	if (p->table && diag_more(d)) {
		diag_at(d, DIAG_ERROR, p->table_line, 0, 0,
			"the table \"%s\" is not ended by COMMIT",
			table_names[p->table->type]);
		end_table(p);
	}
	orders_free(&p->orders);
	free(p);
	return d->errors == errors;
}
