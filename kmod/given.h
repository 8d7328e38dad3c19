/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_GIVEN_H
#define FWLOAD_GIVEN_H

#include "table.h"

/* All functions: process context, fwload_net.lock held; may sleep. */

/*
 * Do everything that can fail: begin the counters of new chains as COUNTERS of the image
 * says, append what they take to @tb->carries, and see that those of kept chains can be
 * set. Call it when @tb->new has its chains, with their per-CPU counters. Returns 0,
 * -ENOBUFS, -ENOMEM, or -ENOENT and -EINVAL with @cm->err.
 */
int fwload_given_prepare(struct fwload_net *fn, struct fwload_table_build *tb,
			 struct fwload_commit *cm);

/* Set counters of kept chains. Call it at once after the new generation is in force. */
void fwload_given_apply(struct fwload_table_build *tb);

#endif /* FWLOAD_GIVEN_H */
