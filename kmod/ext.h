/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_EXT_H
#define FWLOAD_EXT_H

#include <net/net_namespace.h>

#include "chain.h"
#include "load.h"

/**
 * struct fwload_ext_error - why an extension was refused
 * @reason: one line without a final stop; a string that lives as long as the code
 * @rule: number of the rule in its chain
 * @ext: number of the extension in the body
 */
struct fwload_ext_error {
	const char *reason;
	u32 rule;
	u32 ext;
};

/*
 * The order of a commit: fwload_ext_want() for every body, all of them even when one
 * answers -EAGAIN; then, if one did, fwload_load_start() and -EAGAIN to the client, with
 * image and @load kept. Else fwload_ext_build() for every chain, now that the
 * graph has said from which hooks it is reached, and fwload_ext_recheck() for every
 * kept chain that is reached from more hooks than before. fwload_ext_want() and
 * fwload_load_start() may also be called as soon as a body has arrived, so that COMMIT
 * need not answer -EAGAIN.
 *
 * All: process context, the caller's own (some extensions look at who asks); may sleep.
 */

/*
 * Ask @load for all that the extensions of @b need. Returns 0, -EAGAIN, or -errno and
 * fills @err.
 */
int fwload_ext_want(struct fwload_load *load, u8 family, const struct fwload_body *b,
		    struct fwload_ext_error *err);

/* Bytes that fwload_ext_build() will allocate. */
size_t fwload_ext_size(const struct fwload_body *b);

/*
 * Instantiate the extensions of @c, whose body is @b, and set c->code.exts; a chain without
 * extensions gets NULL. @hooks has 1 << enum fwload_hook for each base hook from
 * which the chain is reached; 0 if none. c->hooks is the caller's to set. Returns 0 or
 * -errno, fills @err and leaves nothing behind.
 */
int fwload_ext_build(struct net *net, struct fwload_load *load, u8 family, u8 table,
		     struct fwload_chain *c, const struct fwload_body *b, u32 hooks,
		     struct fwload_ext_error *err);

/*
 * Check the extensions of the running chain @c again for the wider @hooks. The running
 * instances and their state stay as they are (see ext.c). Returns as above.
 */
int fwload_ext_recheck(struct net *net, u8 family, u8 table,
		       const struct fwload_chain *c, u32 hooks,
		       struct fwload_ext_error *err);

/*
 * Destroy the instances of @c; no packet may be able to see them any more (a grace
 * period has passed, or it was never published).
 */
void fwload_ext_destroy(struct net *net, u8 family, struct fwload_chain *c);

#endif /* FWLOAD_EXT_H */
