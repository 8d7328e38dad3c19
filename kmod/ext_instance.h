/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_EXT_INSTANCE_H
#define FWLOAD_EXT_INSTANCE_H

#include <linux/netfilter/x_tables.h>
#include <net/net_namespace.h>

#include "ext_rule.h"

/**
 * struct fwload_ext - an instance of an extension
 * @match: of a match
 * @target: of a target
 * @info: the payload that it works on: XT_ALIGN(matchsize) bytes
 */
struct fwload_ext {
	union {
		const struct xt_match *match;
		const struct xt_target *target;
	};
	void *info;
};

/**
 * struct fwload_ext_place - where an extension stands
 * @net: namespace of the rule set
 * @rule: its rule
 * @entry: that rule for par->entryinfo
 * @ext: what the image says of it
 * @name: its name
 * @hooks: base hooks that reach the chain, as 1 << enum fwload_hook
 * @family: enum fwload_family
 * @table: enum fwload_table_type
 */
struct fwload_ext_place {
	struct net *net;
	const struct fwload_ext_rule *rule;
	const union fwload_ext_entry *entry;
	const struct fwload_img_ext *ext;
	const char *name;
	u32 hooks;
	u8 family;
	u8 table;
};

static inline bool fwload_ext_is_target(const struct fwload_img_ext *ext)
{
	return ext->kind == FWLOAD_IMG_EXT_TARGET;
}

static inline struct module *fwload_ext_module(const struct fwload_ext *x, bool is_target)
{
	return is_target ? x->target->me : x->match->me;
}

/*
 * All: process context, may sleep. FWLOAD_SYMBOLS_XT is in use; to create an extension with
 * sets, FWLOAD_SYMBOLS_IPSET too. The module of the extension is pinned by the caller.
 */

/*
 * Check the extension in its place and make x->info, which has room, its payload.
 * x->match or x->target is set. Returns 0, or -errno and fills @reason.
 */
int fwload_ext_instance_create(const struct fwload_ext_place *at,
			       const struct fwload_ext *x, const char **reason);

/* Undo that. */
void fwload_ext_instance_destroy(struct net *net, u8 family, const struct fwload_ext *x,
				 bool is_target);

/*
 * Check a running instance in another place: its rule as it is reached from more hooks.
 * Leaves it as it is. Returns as above.
 */
int fwload_ext_instance_recheck(const struct fwload_ext_place *at,
				const struct fwload_ext *x, const char **reason);

#endif /* FWLOAD_EXT_INSTANCE_H */
