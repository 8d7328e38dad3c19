/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables that build on what is in force: chains are asked of the kernel when a command
 * first names them, and their rules when it changes these. So what a change costs depends
 * on the chains that it touches, and not on the others.
 *
 * All answers must be of the generation that was in force at the beginning, or what came
 * before does not hold any more: then the work begins anew.
 */
#ifndef FWIMG_LIVE_H
#define FWIMG_LIVE_H

#include "genl.h"

/**
 * struct live - the kernel, as it was at the beginning
 * @g: the socket
 * @status: tables in force, and the generation
 * @asked: a table has been built on what is in force: @status.generation has to be there
 *	still when the result comes into force
 * @n_asked: how often single chains were asked for
 * @stale: an answer was of another generation
 * @failed: the kernel gave none: @err says why
 * @err: see @failed
 */
struct live {
	struct genl *g;
	struct genl_status status;
	bool asked;
	u32 n_asked;
	bool stale;
	bool failed;
	struct genl_error err;
};

/* False: @live->err. The caller closes @live->g, if it is there. */
bool live_begin(struct live *live);

/* @t, with no more than its base chains so far, builds on what is in force. */
void live_attach(struct table *t, struct live *live);

/*
 * @c, of a table that is to replace the one in force, has the policy and its counter from
 * there, when it is a base chain whose policy was not given.
 */
void live_policy(struct table *t, struct chain *c, struct live *live);

/* Is the table in force? */
bool live_has(const struct live *live, u8 family, u8 type);

/* No answer came that could be used: what is in the rule set is not to be used either. */
static inline bool live_broken(const struct live *live)
{
	return live && (live->stale || live->failed);
}

/*
 * The chain, wherever it is known of; one that is nowhere may be there as not declared,
 * or is NULL. A chain in force is kept.
 */
struct chain *live_find(struct table *t, const char *name, size_t len);
/*
 * Have the rules of @c here, if it is kept: it is not any more. False: live_broken().
 */
bool live_load(struct table *t, struct chain *c);
/* How many rules in force go to @c; 0 when all rules are here, and can be looked at. */
u32 live_references(struct table *t, const struct chain *c);
/* Have all chains of the table here. False: live_broken(). */
bool live_list(struct table *t);
/* Likewise, with their rules and counters. */
bool live_load_all(struct table *t);

#endif /* FWIMG_LIVE_H */
