/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_LOAD_H
#define FWLOAD_LOAD_H

#include <linux/types.h>

struct fwload_net;
struct xt_match;
struct xt_target;

/*
 * The modules that one image needs.
 *
 * Belongs to the staging area of an image. An operation asks it for what it needs; what
 * is not at hand is noted, answered with -EAGAIN and loaded by a worker when the
 * operation has called fwload_load_start(). When the operation is repeated, the answer is
 * 0, or an error if it could not be loaded. What was found stays pinned until
 * fwload_load_put(), so that nothing can go away between look-up and use.
 */
struct fwload_load;

/* All functions: process context, may sleep. */

/*
 * Returns ERR_PTR(-ENOBUFS) or -ENOMEM; see fwload_memory_alloc(). What is asked for later is
 * charged to @fn as well. One reference, the caller's, who gives it up before @fn ends.
 */
struct fwload_load *fwload_load_alloc(struct fwload_net *fn);

/*
 * Give up the caller's reference, and all that was found. NULL is accepted. Does not wait for
 * the worker.
 */
void fwload_load_put(struct fwload_load *load);

/* Load what has been noted since the last call; does nothing when that is nothing. */
void fwload_load_start(struct fwload_load *load);

/*
 * Ask for a module by name, e.g. "nf_nat", when a symbol_get() of one of its symbols has
 * failed. Returns -EAGAIN (noted, or still being loaded); 0 when modprobe has
 * succeeded: try again now; -ENOENT when it has failed; -ENOBUFS; -ENOMEM; -E2BIG.
 */
int fwload_load_module(struct fwload_load *load, const char *name);

/*
 * Ask for an extension; @family is enum fwload_family. The reference to its module is
 * that of @load: use __module_get() for more. Returns ERR_PTR(-EAGAIN), -ENOENT (no such
 * extension), -EPROTONOSUPPORT (not of this revision), -ENOBUFS, -ENOMEM or -E2BIG (one
 * image needs more different things than a kernel has).
 */
const struct xt_match *fwload_load_match(struct fwload_load *load, u8 family,
					 const char *name, u8 revision);
const struct xt_target *fwload_load_target(struct fwload_load *load, u8 family,
					   const char *name, u8 revision);

/*
 * Let the worker run the checkentry of a match that loads modules by itself once with the
 * @size bytes at @info, so that it finds them loaded when an operation runs it. They are
 * passed as they are and must say only what the modules depend on; the checkentry
 * may look at neither the rule nor its caller. Returns 0, -EAGAIN, its error, -ENOBUFS,
 * -ENOMEM or -E2BIG.
 */
int fwload_load_probe(struct fwload_load *load, u8 family, const struct xt_match *match,
		      const void *info, u32 size);

/*
 * Ask for a conntrack helper and, where it has one, its nat half. Returns 0, -EAGAIN,
 * -ENOENT (no such helper for this protocol), -ENOBUFS, -ENOMEM or -E2BIG.
 */
int fwload_load_helper(struct fwload_load *load, u8 family, u8 proto,
		       const char *name);

/* Ask for the logger of @type (enum nf_log_type) that @module has. Returns likewise. */
int fwload_load_logger(struct fwload_load *load, u8 family, u8 type,
		       const char *module);

/* Ask for the functions of ip_set (symbols.h). Returns likewise. */
int fwload_load_ipset(struct fwload_load *load);

/* nf_tables' number of a family. */
u8 fwload_load_nfproto(u8 family);

int fwload_load_init(void);
/* Waits for the worker; every struct fwload_load has been put before. */
void fwload_load_exit(void);

#endif /* FWLOAD_LOAD_H */
