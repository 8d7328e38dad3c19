/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PARSE_H
#define FWIMG_PARSE_H

#include "diag.h"
#include "ruleset.h"

/*
 * Parse iptables-save text into the tables of @family of @rs. @text needs no final NUL
 * and may hold anything, no table at all included. A table that is there already loses
 * its rules and user chains. Reports up to DIAG_MAX_ERRORS errors through @d. Returns
 * true when there was none; else @rs is good for ruleset_free() only.
 */
bool parse_text(struct ruleset *rs, u8 family, const char *text, size_t size,
		struct diag *d);

struct live;
struct vars;

/**
 * struct parse_job - a text to be parsed, and how
 * @rs: where tables go; new tables replace those of the same name
 * @family: enum fwload_family of the rules
 * @strict: as iptables-restore does it: the first error ends it, and what a line asks for
 *	has to be there when it comes
 * @noflush: tables build on what @rs has, or what is in force
 * @counters: counters are to be used; without @live they always are
 * @only: the one table that counts, or NULL
 * @verbose: how often -v was given
 * @vars: what variables stand for, besides those that the text defines; or NULL: there are
 *	no variables
 * @live: the kernel, or NULL: then no table builds on what is in force
 * @out: where -L, -S and -v print, or NULL: they have no place there
 * @line: out: the last line looked at
 * @failed: out: the line is right, but what it says cannot be done
 * @open: out: the text ended inside of a table
 */
struct parse_job {
	struct ruleset *rs;
	u8 family;
	bool strict;
	bool noflush;
	bool counters;
	const char *only;
	unsigned int verbose;
	struct vars *vars;
	struct live *live;
	struct buf *out;
	u32 line;
	bool failed;
	bool open;
};

/* Returns false when an error was reported, or live_broken(). */
bool parse_run(struct parse_job *job, const char *text, size_t size, struct diag *d);

#endif /* FWIMG_PARSE_H */
