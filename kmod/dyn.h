/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_DYN_H
#define FWLOAD_DYN_H

#include <linux/hashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "body.h"

struct fwload_chain;
struct fwload_ext_error;
struct fwload_net;

#define FWLOAD_DYN_BITS	8	/* 16 sets a bucket at most, on average */

/**
 * struct fwload_dyn_net - the addresses of interfaces that a network namespace's rules ask for
 * @lock: what follows, and the sets themselves; taken with BH disabled
 * @by_name: every set in use, by the name of its interface
 * @n: how many there are, at most FWLOAD_MAX_DYN
 * @again: sets to be looked at again: those that are not known for want of memory, those
 *	with an address whose uniqueness is still being checked, and those that may change
 *	without a notice
 * @soon: one of the first two is among them, and @work will not wait longer than for those
 * @work: looks at them
 */
struct fwload_dyn_net {
	spinlock_t lock;	/* sets */
	DECLARE_HASHTABLE(by_name, FWLOAD_DYN_BITS);
	u32 n;
	struct list_head again;
	bool soon;
	struct delayed_work work;
};

/* The beginning of a namespace. */
void fwload_dyn_net_init(struct fwload_net *fn);
/* Its end: no chain is left. Process context, sleeps. */
void fwload_dyn_net_exit(struct fwload_net *fn);

/*
 * Find or make the sets that the rules of @c, whose body is @b, ask for, and fill
 * c->code.dyns, which has room for them. Returns 0; or -ENOBUFS, -ENOMEM, or -E2BIG beyond
 * FWLOAD_MAX_DYN and @err, and leaves nothing behind. Process context, sleeps;
 * fwload_net.lock held.
 */
int fwload_dyn_bind(struct fwload_net *fn, u8 family, struct fwload_chain *c,
		    const struct fwload_body *b, struct fwload_ext_error *err);

/* Give them up; no packet may be able to see @c. Process context. */
void fwload_dyn_unbind(struct fwload_net *fn, struct fwload_chain *c);

/* The notifiers. Process context, sleeps. */
int fwload_dyn_init(void);
void fwload_dyn_exit(void);

#endif /* FWLOAD_DYN_H */
