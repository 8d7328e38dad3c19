/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_CHAIN_H
#define FWLOAD_CHAIN_H

#include <linux/refcount.h>

#include "eval.h"
#include "image.h"

struct fwload_net;
struct fwload_ext;

/**
 * struct fwload_chain - the unit of change: rules, extensions and counters of a chain
 * @code: what the walk reads
 * @exts: n_exts hosted extensions, or NULL
 * @baseline: n_counters pairs that a reader adds to the sum over the CPUs (wrapping),
 *	NULL while all are zero. Zeroing and carrying over move it; the per-CPU
 *	counters are never written by another CPU. Under fwload_net.lock.
 * @carry: the chain whose counters are being carried over, until they are folded
 * @name: its name, in the namespace of its table
 * @id: unique in the network namespace for as long as the module is loaded
 * @ref: one per generation and one per dump
 * @hooks: base hooks from which its extensions were checked
 * @handle: its place in fwload_table.chains
 * @body_size: bytes of the body
 * @body: the body as it came, with handles in the refs
 *
 * Immutable once published, but for counters, @baseline and @carry.
 */
struct fwload_chain {
	struct fwload_code code;
	struct fwload_ext *exts;
	struct fwload_counter *baseline;
	struct fwload_chain *carry;
	u64 id;
	refcount_t ref;
	u32 handle;
	u32 body_size;
	u8 hooks;
	char name[FWLOAD_CHAIN_NAME_MAX + 1];
	u8 body[] __aligned(8);
};

#endif /* FWLOAD_CHAIN_H */
