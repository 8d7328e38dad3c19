// SPDX-License-Identifier: GPL-2.0
/*
 * The text of a rule set, line by line: tables, chains, counters, commands.
 *
 * What a line of rules says is found out by rule.c and done by edit.c. Unless it is told
 * to be as strict as iptables-restore, errors do not stop it: the rest of a line is passed
 * over, and so are the lines of a table that nobody knows, up to COMMIT. What can only be said
 * of a whole table (a jump to a chain that is nowhere declared) is said at its COMMIT.
 */
#include <stdlib.h>

#include "edit.h"
#include "expand.h"
#include "live.h"
#include "parse.h"
#include "wording.h"

/**
 * struct parse - a text being parsed
 * @job: what is asked for
 * @d: where errors go
 * @lex: the text
 * @edit: the current command, and the table that the line is in
 * @table: that table; NULL: none
 * @table_line: where it began
 * @skip: inside of an unknown table or one that is not asked for, or an error outside of
 *	tables was reported
 */
struct parse {
	struct parse_job *job;
	struct diag *d;
	struct lex lex;
	struct edit edit;
	struct table *table;
	u32 table_line;
	bool skip;
};

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

/* The chain of a ":" line: a new one, or one that is there and has no rules from now on. */
static struct chain *line_chain(struct parse *p, const struct word *name)
{
	struct chain *c = edit_chain(&p->edit, name);

	if (live_broken(p->job->live))
		return NULL;
	if (c && c->hook != FWLOAD_IMG_NO_HOOK)
		return c;
	if (c && p->job->noflush)
		return edit_flush(&p->edit, c) ? c : NULL;
	if (!edit_declare(&p->edit, name)) {
		/* To iptables-restore this is an error of the line. */
		p->edit.failure = NULL;
		return NULL;
	}
	return edit_chain(&p->edit, name);
}

/* ":name policy [packets:bytes]" */
static bool chain_line(struct parse *p, size_t pos)
{
	struct word name, policy, counters;
	struct chain *c;

	pos++;
	p->edit.last = NULL;
	if (!blank_word(&p->lex, &pos, &name))
		return lex_error(&p->lex, NULL, "the name of the chain is missing");
	c = expand_word(&p->lex, &name) ? line_chain(p, &name) : NULL;
	if (!c || !wording_name(&p->edit.rule, c, &name))
		return false;
	if (!blank_word(&p->lex, &pos, &policy))
		return lex_error(&p->lex, &name,
				 "the policy of this chain is missing: \"-\" for none");
	if (!expand_word(&p->lex, &policy))
		return false;
	if (lex_is(&policy, "-"))
		return true;
	if (!edit_policy(&p->edit, c, &policy))
		return false;
	if (p->job->live && !p->job->counters)
		return true;
	if (!blank_word(&p->lex, &pos, &counters) || counters.s[0] != '[')
		return !p->job->live ||
		       lex_error(&p->lex, &policy, "the counters of this policy are missing");
	if (!parse_counters(counters.s, counters.len, &c->policy_counter))
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

/* With -v: the chains in force, which the table replaces. */
static void say_replaced(struct parse *p, u8 type)
{
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, p->job->family, type);

	live_attach(t, p->job->live);
	if (live_list(t))
		edit_say_gone(&p->edit, t);
	ruleset_free(rs);
}

/* The table @type is there for the lines that follow. */
static struct table *begin_table(struct parse *p, u8 type)
{
	struct parse_job *job = p->job;
	struct table *t = &job->rs->tables[job->family][type];

	if (!t->present) {
		ruleset_table(job->rs, job->family, type);
		if (job->live && job->noflush)
			live_attach(t, job->live);
		else if (job->live && p->edit.verbose)
			say_replaced(p, type);
	} else if (!job->noflush) {
		edit_say_gone(&p->edit, t);
		reset_table(t);
	}
	t->file = p->d->file;
	return t;
}

/* "*name" */
static bool table_line(struct parse *p, size_t pos)
{
	const char *nearest;
	struct word name;
	u8 type;

	p->skip = false;
	p->edit.last = NULL;
	p->table_line = p->lex.number;
	pos++;
	if (!blank_word(&p->lex, &pos, &name)) {
		p->skip = true;
		return lex_error(&p->lex, NULL, "the name of the table is missing");
	}
	if (!expand_word(&p->lex, &name)) {
		p->skip = true;
		return false;
	}
	type = ruleset_table_type(name.s, name.len);
	if (type == __FWLOAD_TABLE_MAX) {
		p->skip = true;
		nearest = diag_nearest(name.s, name.len, fwload_image_table_names,
				       __FWLOAD_TABLE_MAX);
		if (nearest)
			return lex_error(&p->lex, &name,
					 "unknown table \"%.*s\", did you mean \"%s\"?",
					 (int)name.len, name.s, nearest);
		return lex_error(&p->lex, &name,
				 "unknown table \"%.*s\": there are raw, mangle, nat, filter and security",
				 (int)name.len, name.s);
	}
	p->skip = p->job->only && !lex_is(&name, p->job->only);
	if (p->skip)
		return true;
	if (name.expanded)
		lex_warning(&p->lex, &name,
			    "save will print the name of the table, not this variable");
	p->table = begin_table(p, type);
	p->edit.rule.table = p->table;
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
		if (!ref->chain || ref->chain->declared)
			continue;
		name = ref->chain->name;
		is_goto = ref->uses & FWLOAD_IMG_REF_GOTO;
		nearest = edit_nearest(p->table, name, strlen(name), !is_goto);
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
		for (u32 i = 0; i < p->table->n_chains && diag_more(p->d); i++)
			check_jumps(p, p->table->chains[i]);
		edit_end(p->table);
		/* What is not declared keeps its policy. */
		for (u32 i = 0; p->job->live && !p->job->noflush && i < p->table->n_chains; i++)
			live_policy(p->table, p->table->chains[i], p->job->live);
	}
	p->table = NULL;
	p->edit.last = NULL;
	p->skip = false;
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
	if (!rule_parse(&p->edit.rule))
		return false;
	/* 0: for the other family */
	return !p->edit.rule.command ||
	       edit_command(&p->edit, !p->job->live || p->job->counters ? has_counters : NULL);
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
				  fwload_image_table_names[p->table->type], p->table_line);
		end_table(p);
		table_line(p, pos);
	} else if (is_commit(l, pos) && (p->table || p->skip)) {
		end_table(p);
	} else if (!p->table && !p->skip) {
		lex_error(l, NULL,
			  "outside of a table: one begins with a line as \"*filter\" and ends with \"COMMIT\"");
		p->edit.failure = "outside of a table";
		p->skip = true;
	}
}

static void comment_line(struct parse *p)
{
	if (!p->job->verbose || !p->edit.out)
		return;
	buf_add(p->edit.out, p->lex.line, p->lex.len);
	buf_add(p->edit.out, "\n", 1);
}

/* "define NAME = VALUE" */
static bool is_define(const struct lex *l, size_t pos)
{
	return l->vars && l->len - pos > 6 && !memcmp(l->line + pos, "define", 6) &&
	       (l->line[pos + 6] == ' ' || l->line[pos + 6] == '\t');
}

static void define_line(struct lex *l, size_t pos)
{
	const char *name, *value, *reason;
	size_t len, value_len;
	struct word w;

	reason = vars_split(l->line + pos + 6, l->len - pos - 6, &name, &len, &value,
			    &value_len);
	w = lex_place(l, (size_t)(name - l->line), len);
	if (reason)
		lex_error(l, &w, "%s", reason);
	else if (!vars_add(l->vars, name, len, value, value_len, VARS_TEXT, false))
		lex_error(l, &w, "this variable is defined already");
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
	else if (pos == l->len)
		return;
	else if (l->line[pos] == '#')
		comment_line(p);
	else if (is_define(l, pos))
		define_line(l, pos);
	else if (!p->table || l->line[pos] == '*' || is_commit(l, pos))
		outer_line(p, pos);
	else if (l->line[pos] == ':')
		chain_line(p, pos);
	else
		command_line(p, pos);
	if (l->symbolic)
		vars_use(l->vars, l->line, l->len);
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

/* Is there no reason to end here? */
static bool goes_on(const struct parse *p, unsigned int errors)
{
	if (live_broken(p->job->live))
		return false;
	return p->job->strict ? p->d->errors == errors : diag_more(p->d);
}

bool parse_run(struct parse_job *job, const char *text, size_t size, struct diag *d)
{
	unsigned int errors = d->errors;
	struct parse *p;

	if (has_nul(text, size, d))
		return false;
	p = calloc(1, sizeof(*p));
	if (!p)
		diag_die(EXIT_FAILURE, "out of memory");
	p->job = job;
	p->d = d;
	p->edit.rule.lex = &p->lex;
	p->edit.rule.family = job->family;
	p->edit.rule.strict = job->strict;
	p->edit.strict = job->strict;
	p->edit.out = job->out;
	/* As iptables-restore does it: with --noflush -v is for comments only. */
	p->edit.verbose = job->noflush ? 0 : job->verbose;
	lex_begin(&p->lex, text, size, d);
	p->lex.vars = job->vars;
	while (goes_on(p, errors) && lex_line(&p->lex))
		take_line(p);
	job->line = p->lex.number;
	job->failed = p->edit.failure;
	if (p->table && goes_on(p, errors)) {
		diag_at(d, DIAG_ERROR, p->table_line, 0, 0,
			"the table \"%s\" is not ended by COMMIT",
			fwload_image_table_names[p->table->type]);
		job->open = true;
		end_table(p);
	}
	if (job->vars)
		vars_forget(job->vars, VARS_TEXT);
	free(p);
	return d->errors == errors && !live_broken(job->live);
}

bool parse_text(struct ruleset *rs, u8 family, const char *text, size_t size,
		struct diag *d)
{
	struct parse_job job = { .rs = rs, .family = family };

	return parse_run(&job, text, size, d);
}
