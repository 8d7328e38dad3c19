/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_TABLE_H
#define FWLOAD_TABLE_H

#include "graph.h"
#include "ruleset.h"

struct fwload_carry;

/**
 * struct fwload_table_build - a table of an image on its way into force
 * @up: the image
 * @source: the table in it
 * @old: the table that it replaces, or NULL
 * @new: what is being built
 * @n_chains: chains that it will have, in their order
 * @image: for each the number in CHAINS, or FWLOAD_NO_PLACE when the image does not name it
 * @before: for each the running chain of the same name, or NULL
 * @handle: for each its handle
 * @n_handles: one more than the largest handle
 * @place: for each handle the number of the chain that has it, or FWLOAD_NO_PLACE
 * @where: for each chain of @source its number among the n_chains, or FWLOAD_NO_PLACE
 * @room: of @image, @before and @handle
 * @n_lost: how many chains of @old are not there any more
 * @nodes: for each handle what the graph says of its chain
 * @carries: counters to carry over
 * @bound: refs of the chains that came with the image hold handles by now
 */
struct fwload_table_build {
	struct fwload_upload *up;
	const struct fwload_img_table *source;
	const struct fwload_table *old;
	struct fwload_table *new;
	u32 n_chains;
	u32 *image;
	struct fwload_chain **before;
	u32 *handle;
	u32 n_handles;
	u32 *place;
	u32 *where;
	u32 room;
	u32 n_lost;
	struct fwload_graph_node *nodes;
	struct fwload_carry *carries;
	bool bound;
};

/* All functions: process context, fwload_net.lock held; may sleep. */

/*
 * Build @tb->new from @tb->source of @tb->up, all but extensions: handles, references,
 * graph, counters and, if FWLOAD_COMMIT_CARRY is asked for, what is carried over. Returns
 * 0, or -errno and @cm->err. The caller ends with fwload_table_build_end() either way.
 */
int fwload_table_build(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm);

/*
 * Bring the extensions of the new chains into being, and check those of the kept ones
 * for the hooks from which they can be reached now.
 */
int fwload_table_build_exts(struct fwload_net *fn, struct fwload_table_build *tb,
			    struct fwload_commit *cm);

/*
 * Free what building took. When @done, the caller has taken @tb->new and @tb->carries;
 * else they are freed, and the chains in the image are as they came.
 */
void fwload_table_build_end(struct fwload_net *fn, struct fwload_table_build *tb,
			    bool done);

/* What the image says of chain number @i of the table that is built, or NULL. */
const struct fwload_img_chain *fwload_table_image_chain(const struct fwload_table_build *tb,
							u32 i);

/* Chain number @i of the table that is built is to blame. Returns @errnum. */
int fwload_table_refuse(const struct fwload_table_build *tb, struct fwload_commit *cm,
			int errnum, u32 i, const char *reason);

/* What takes a table away from its last generation or dump; see fwload_chain_put(). */
void fwload_table_put(struct fwload_net *fn, struct fwload_table *t);

/* The chain @name, or NULL. */
struct fwload_chain *fwload_table_find(const struct fwload_table *t, const char *name);

static inline void fwload_table_get(struct fwload_table *t)
{
	refcount_inc(&t->ref);
}

#endif /* FWLOAD_TABLE_H */
