/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of iptables (-A, -D, -N ...) do to the tables of a rule set.
 */
#ifndef FWIMG_EDIT_H
#define FWIMG_EDIT_H

#include "store.h"

/**
 * struct edit - a command on its way
 * @rule: what it says, in which line and to which table
 * @strict: as iptables does it: what a command asks for has to be there when it comes
 * @out: where -L and -S print, and what -v says; NULL: neither belongs here
 * @verbose: -v holds for every command
 * @total: what was stored for all commands so far
 * @last: the chain that a rule was appended to last, or NULL
 * @failure: what iptables says of a command that could not be done, or NULL
 * @errnum: errno that goes with @failure
 */
struct edit {
	struct rule rule;
	bool strict;
	struct buf *out;
	unsigned int verbose;
	struct store_total total;
	struct chain *last;
	const char *failure;
	int errnum;
};

/*
 * Do what e->rule says, with @counters for its rules (NULL: none). False: an error was
 * reported, or the kernel gave no answer (live_broken()); with e->failure when the command
 * itself makes sense.
 */
bool edit_command(struct edit *e, const struct fwload_counter_pair *counters);

/* All commands on the table were done. */
void edit_end(struct table *t);

/* The chain called @w, if it is there. */
struct chain *edit_chain(struct edit *e, const struct word *w);
/* A new chain @w, or one that rules go to and that was not declared so far. */
bool edit_declare(struct edit *e, const struct word *w);
bool edit_policy(struct edit *e, struct chain *c, const struct word *policy);
/* Take the rules out of a chain, which stays. False: live_broken(). */
bool edit_flush(struct edit *e, struct chain *c);

/* With -v: say that all chains of @t lose their rules, and that those of the user go. */
void edit_say_gone(struct edit *e, const struct table *t);

/* The name in @t, or with @targets that of a target, that is nearest to @s; or NULL. */
const char *edit_nearest(const struct table *t, const char *s, size_t len, bool targets);

#endif /* FWIMG_EDIT_H */
