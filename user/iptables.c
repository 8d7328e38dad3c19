// SPDX-License-Identifier: GPL-2.0
/*
 * iptables and ip6tables: one command, given as arguments.
 *
 * It is a line of a restore with --noflush, parsed and done by the same code (rule.c, edit.c):
 * the kernel is asked for the chain that it names and for no other. What only reads or
 * zeroes does so at once. Which table it is about is known when -t has been read, and what
 * -j means depends on the table; so the arguments are read once more when it is another one
 * than was assumed.
 */
#include <errno.h>
#include <stdio.h>

#include "change.h"
#include "edit.h"
#include "legacy.h"
#include "list.h"
#include "xt.h"

/**
 * struct call - the command on its way
 * @l: by which name
 * @argc: number of @argv
 * @argv: its arguments, without the name
 * @title: name and version, for messages
 * @rs: holds the table
 * @live: the kernel
 * @reachable: live_begin() succeeded
 * @d: where errors go
 * @edit: the command
 * @lex: its words
 * @text: what they lie in
 * @out: what is printed when it is done
 */
struct call {
	const struct legacy *l;
	int argc;
	char **argv;
	char title[64];
	struct ruleset *rs;
	struct live live;
	bool reachable;
	struct diag d;
	struct edit edit;
	struct lex lex;
	char text[LEX_LINE_MAX];
	struct buf out;
};

static int bad_arguments(const struct call *call)
{
	fprintf(stderr, "Try `%s -h' or '%s --help' for more information.\n",
		call->l->program, call->l->program);
	return LEGACY_PARAMETER;
}

static int no_table(const struct call *call, const struct word *name, const char *reason)
{
	fprintf(stderr, "%s: can't initialize %s table `%.*s': %s\n", call->title,
		call->l->program, (int)name->len, name->s, reason);
	fprintf(stderr, "Perhaps %s or your kernel needs to be upgraded.\n",
		call->l->program);
	return LEGACY_VERSION_PROBLEM;
}

static int failed(const struct call *call, int errnum, const char *what)
{
	fprintf(stderr, "%s: %s.%s\n", call->l->program, what,
		errnum == EINVAL ? " Run `dmesg' for more information." : "");
	return errnum == EAGAIN ? LEGACY_RESOURCE : LEGACY_FAILED;
}

/* What the kernel said, and then what iptables says of it. */
static int refused(const struct call *call, int errnum, const char *reason)
{
	const char *what = errnum == ENOENT ? "No chain/target/match by that name" :
			   strerror(errnum);

	if (errnum != EMLINK)
		fprintf(stderr, "%s: %s\n", call->title, reason);
	return failed(call, errnum, what);
}

static void extension_help(struct call *call, u8 kind, const struct word *name)
{
	char copy[sizeof(call->edit.rule.proto_name)];

	/* A match that an option of its protocol took into use has no name there. */
	if (name->s[0] == '-')
		snprintf(copy, sizeof(copy), "%s", call->edit.rule.proto_name);
	else
		snprintf(copy, sizeof(copy), "%.*s", (int)name->len, name->s);
	xt_help(call->l->family, kind, copy, &call->out);
}

/*
 * -h, with what the extensions say that stand before it, the target first; the protocol's match,
 * where no other is.
 */
static int usage(struct call *call)
{
	const struct rule *r = &call->edit.rule;
	const char *name = call->l->program;
	bool protocol = r->proto_word.s;

	printf("%s v" LEGACY_VERSION " (legacy)\n\n"
	       "Usage: %s -[ACD] chain rule-specification [options]\n"
	       "       %s -I chain [rulenum] rule-specification [options]\n"
	       "       %s -R chain rulenum rule-specification [options]\n"
	       "       %s -D chain rulenum [options]\n"
	       "       %s -[LS] [chain [rulenum]] [options]\n"
	       "       %s -[FZ] [chain] [options]\n"
	       "       %s -[NX] chain\n"
	       "       %s -E old-chain-name new-chain-name\n"
	       "       %s -P chain target [options]\n"
	       "       %s -h (print this help information)\n\n"
	       "The options are those of iptables(8); -w, -W and -M have no effect. The rules\n"
	       "are fwload's: see fwimg(8).\n",
	       name, name, name, name, name, name, name, name, name, name, name);
	if (r->jump.len)
		extension_help(call, FWLOAD_IMG_EXT_TARGET, &r->jump);
	for (u32 i = 0; i < r->n_uses; i++) {
		if (i == r->target_use)
			continue;
		extension_help(call, FWLOAD_IMG_EXT_MATCH, &r->uses[i].name);
		protocol = false;
	}
	if (protocol)
		extension_help(call, FWLOAD_IMG_EXT_MATCH, &r->proto_word);
	return LEGACY_OK;
}

static struct genl_part part_of(const struct call *call)
{
	const struct rule *r = &call->edit.rule;
	static char name[FWLOAD_CHAIN_NAME_MAX + 1];

	memcpy(name, r->chain.s ? r->chain.s : "", r->chain.len);
	name[r->chain.len] = '\0';
	return (struct genl_part){
		.family = r->table->family,
		.type = r->table->type,
		.chain = r->chain.len ? name : NULL,
		.rule = r->position ? r->position - 1 : FWLOAD_NO_PLACE,
	};
}

/* -Z, and what of it stands beside -L and -S. */
static int zero(struct call *call)
{
	const struct rule *r = &call->edit.rule;
	const struct genl_part part = part_of(call);
	struct genl_error err;

	if (!live_has(&call->live, part.family, part.type)) {
		const struct chain *c = table_find(r->table, r->chain.s, r->chain.len);

		if (r->chain.len && !c)
			return failed(call, ENOENT, "No chain/target/match by that name");
		return r->position ? failed(call, E2BIG, "Index of counter too big") : LEGACY_OK;
	}
	if (!genl_zero(call->live.g, &part, &err))
		return LEGACY_OK;
	if (err.errnum == ENOENT && r->position && strstr(err.reason, "rule"))
		return failed(call, E2BIG, "Index of counter too big");
	return refused(call, err.errnum, err.reason);
}

/* -L and -S: of the part that is asked for, and of no other. */
static int list(struct call *call)
{
	const struct rule *r = &call->edit.rule;
	struct genl_part part = part_of(call);
	u32 flags = (part.chain ? FWLOAD_GET_IMAGE_REFS : 0) |
		    (r->verbose ? 0 : FWLOAD_GET_IMAGE_NO_COUNTERS);
	struct list l = {
		.table = r->table,
		.position = r->position,
		.verbose = r->verbose,
		.numeric = r->given & OPTION_NUMERIC,
		.exact = r->given & OPTION_EXACT,
		.lines = r->given & OPTION_LINES,
		.specs = r->command == 'S',
	};
	struct ruleset *rs = NULL;
	struct genl_error err;
	const char *bad;
	int status = LEGACY_OK;

	if (live_has(&call->live, part.family, part.type)) {
		part.rule = FWLOAD_NO_PLACE;
		rs = genl_fetch(call->live.g, &part, flags, &err);
		if (!rs)
			return refused(call, err.errnum, err.reason);
		if (rs->tables[part.family][part.type].present)
			l.table = &rs->tables[part.family][part.type];
	}
	if (part.chain) {
		l.chain = table_find(l.table, part.chain, strlen(part.chain));
		if (!l.chain || (rs && !l.chain->live)) {
			ruleset_free(rs);
			return failed(call, ENOENT, "No chain/target/match by that name");
		}
		l.references = l.chain->references;
	}
	bad = list_print(&l, &call->out);
	if (bad) {
		fprintf(stderr, "%s: %s\n", call->title, bad);
		status = LEGACY_FAILED;
	}
	ruleset_free(rs);
	if (!status && r->zero)
		status = zero(call);
	return status;
}

/*
 * Everything else: the table is changed here, then in the kernel. Returns an exit status, or
 * -1: another client was first.
 */
static int change(struct call *call)
{
	struct edit *e = &call->edit;
	struct table *t = e->rule.table;
	char command = e->rule.command;
	struct change_error err;

	if (!edit_command(e, NULL)) {
		if (call->live.stale)
			return -1;
		if (call->live.failed)
			return refused(call, call->live.err.errnum, call->live.err.reason);
		return e->failure ? failed(call, e->errnum, e->failure) : bad_arguments(call);
	}
	/* Where nothing is loaded nothing needs to be taken away, nor loaded for that. */
	if (command == 'C' || (!t->merge && strchr("FXZD", command)))
		return LEGACY_OK;
	edit_end(t);
	switch (change_commit(&call->live, call->rs, false, &err)) {
	case CHANGE_AGAIN:
		return -1;
	case CHANGE_REFUSED:
		return refused(call, err.errnum, err.reason);
	default:
		if (err.reason[0])
			fprintf(stderr, "%s: warning: %s\n", call->title, err.reason);
		return LEGACY_OK;
	}
}

/* Read the arguments, for table @type. False: an error was reported. */
static bool read_arguments(struct call *call, u8 type)
{
	struct rule *r = &call->edit.rule;

	ruleset_free(call->rs);
	call->rs = ruleset_new();
	r->table = ruleset_table(call->rs, call->l->family, type);
	if (call->reachable)
		live_attach(r->table, &call->live);
	return lex_argv(&call->lex, call->argc, call->argv, call->text, &call->d) &&
	       rule_parse(r);
}

static int dispatch(struct call *call)
{
	struct rule *r = &call->edit.rule;
	struct word name = { .s = "filter", .len = 6 };

	if (!read_arguments(call, FWLOAD_TABLE_FILTER))
		return live_broken(&call->live) ? -1 : bad_arguments(call);
	if (r->table_name.len && !r->asks) {
		u8 type = ruleset_table_type(r->table_name.s, r->table_name.len);

		name = r->table_name;
		if (type == __FWLOAD_TABLE_MAX)
			return no_table(call, &name, legacy_init_reason(&(struct genl_error){
				.errnum = ENOENT }));
		if (type != FWLOAD_TABLE_FILTER && !read_arguments(call, type))
			return live_broken(&call->live) ? -1 : bad_arguments(call);
	}
	if (r->asks == 'h')
		return usage(call);
	if (r->asks) {
		printf("%s\n", call->title);
		return LEGACY_OK;
	}
	if (!call->reachable)
		return no_table(call, &name, legacy_init_reason(&call->live.err));
	if (r->command == 'L' || r->command == 'S')
		return list(call);
	if (r->command == 'Z' && !r->verbose)
		return zero(call);
	return change(call);
}

/* One attempt, as dispatch(). */
static int attempt(struct call *call)
{
	int status;

	call->edit.last = NULL;
	call->edit.failure = NULL;
	call->d.errors = 0;
	call->out.size = 0;
	call->reachable = live_begin(&call->live);
	status = dispatch(call);
	if (status < 0 && call->live.failed)
		status = refused(call, call->live.err.errnum, call->live.err.reason);
	genl_close(call->live.g);
	return status;
}

int legacy_iptables(const struct legacy *l, int argc, char **argv)
{
	struct call *call = fwload_env_alloc(1, sizeof(*call));
	int status;

	if (!call)
		diag_die(LEGACY_RESOURCE, "out of memory");
	call->l = l;
	call->argc = argc - 1;
	call->argv = argv + 1;
	snprintf(call->title, sizeof(call->title), "%s v" LEGACY_VERSION " (legacy)",
		 l->program);
	call->d.out = stderr;
	call->d.program = call->title;
	call->edit.rule.lex = &call->lex;
	call->edit.rule.family = l->family;
	call->edit.rule.plain = true;
	call->edit.rule.strict = true;
	call->edit.strict = true;
	call->edit.out = &call->out;
	do {
		status = attempt(call);
	} while (status < 0);
	if (call->out.size)
		fwrite(call->out.data, 1, call->out.size, stdout);
	buf_free(&call->out);
	ruleset_free(call->rs);
	free(call);
	return status;
}
