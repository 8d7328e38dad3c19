/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_NAMES_H
#define FWLOAD_NAMES_H

#include "table.h"

/* All functions: process context, fwload_net.lock held; may sleep. */

/*
 * Find out which chains the table of @tb will have, and what handle each has: fills
 * n_chains, n_handles, image, before, handle and place. Returns 0, -ENOBUFS, -ENOMEM, or
 * -ENOENT and -E2BIG with @cm->err.
 */
int fwload_names_match(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm);

/* Free what that has made. */
void fwload_names_free(struct fwload_net *fn, struct fwload_table_build *tb);

/*
 * Put handles into the refs of the chains that came with the image. Returns 0 or
 * -EINVAL and @cm->err; fwload_names_unbind() is due either way.
 */
int fwload_names_bind(struct fwload_table_build *tb, struct fwload_commit *cm);

/* Put back what the refs came with. */
void fwload_names_unbind(struct fwload_table_build *tb);

/*
 * Does every ref lead to a user chain of the new table? Call it when @tb->new has its
 * chains. Returns 0, or -ENOENT or -EMLINK with @cm->err.
 */
int fwload_names_check(struct fwload_table_build *tb, struct fwload_commit *cm);

#endif /* FWLOAD_NAMES_H */
