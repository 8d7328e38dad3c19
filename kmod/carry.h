/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_CARRY_H
#define FWLOAD_CARRY_H

#include <linux/limits.h>

#include "chain.h"

#define FWLOAD_CARRY_NONE	U32_MAX

/**
 * struct fwload_carry - counters on their way from one chain to another
 * @next: in the list of the generation that goes
 * @to: the chain in force; its counters read as its own plus those of @from
 * @from: the chain that it replaced
 * @map: for each counter of @to the one of @from, or FWLOAD_CARRY_NONE
 *
 * Has a reference to both chains.
 */
struct fwload_carry {
	struct fwload_carry *next;
	struct fwload_chain *to;
	struct fwload_chain *from;
	u32 map[];
};

/*
 * Pair the rules of @to with equal ones of @from: the k-th of several equal rules with
 * the k-th. The policies of base chains are a pair. Gives @to a baseline. The refs of both
 * hold handles. @family is that of the table. Returns NULL when there is nothing to
 * carry, ERR_PTR(-ENOBUFS) or ERR_PTR(-ENOMEM). Context: process, fwload_net.lock held; may sleep.
 */
struct fwload_carry *fwload_carry_alloc(struct fwload_net *fn, u8 family,
					struct fwload_chain *to, struct fwload_chain *from);

/* The same, with no pair in its map so far. Never NULL. */
struct fwload_carry *fwload_carry_new(struct fwload_net *fn, struct fwload_chain *to,
				      struct fwload_chain *from);

/*
 * From now on reads of @to include @from.
 * Context: fwload_net.lock held.
 */
void fwload_carry_begin(struct fwload_carry *carry);

/*
 * Add the counters of @from to the baseline of @to, and end what began. No packet is
 * counted in @from any more: a grace period has passed.
 * Context: process, fwload_net.lock held; may sleep.
 */
void fwload_carry_fold(struct fwload_carry *carry);

/* Frees; @family is that of the table. May sleep. */
void fwload_carry_free(struct fwload_net *fn, u8 family, struct fwload_carry *carry);

#endif /* FWLOAD_CARRY_H */
