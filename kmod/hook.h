/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_HOOK_H
#define FWLOAD_HOOK_H

#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "load.h"

/**
 * struct fwload_hooks - the hooks that a namespace has registered
 * @tables: bit family * __FWLOAD_TABLE_MAX + table; a table's hooks are registered and
 *	taken back together
 * @conntrack: bit family, for those whose connections are tracked on our behalf
 *
 * nat goes through nf_nat_ipv4_register_fn and nf_nat_ipv6_register_fn, which live in
 * modules, as conntrack does: taken with fwload_symbols_get() with the first table or
 * family of the namespace, put back with the last.
 */
struct fwload_hooks {
	u32 tables;
	u32 conntrack;
};

#define FWLOAD_HOOK_TABLE(family, table) \
	(1U << ((family) * __FWLOAD_TABLE_MAX + (table)))

/*
 * Register the hooks of the tables in @want (bit family * __FWLOAD_TABLE_MAX + table)
 * that are not registered yet, leaving those that are. All or nothing. A hook finds
 * its rules through fwload_net_gen(net); while a table is absent there it accepts.
 * Also takes what native matches and nat need: conntrack (nf_ct_netns_get) for the
 * families in @conntrack (bit family), defragmentation with it.
 * When a symbol_get() fails, the module is asked for with fwload_load_module(@load, ...)
 * and what that answers is returned: -EAGAIN (nf_nat, nf_conntrack must be loaded
 * first) or its error; when it answers 0, symbol_get() is tried once more.
 * Returns 0, -EAGAIN or -errno.
 * Context: process, fwload_net.lock held.
 */
int fwload_hook_register(struct net *net, struct fwload_hooks *hooks,
			 struct fwload_load *load, u32 want, u32 conntrack);

/*
 * Unregister every table not in @keep, conntrack of families not in @conntrack. A packet
 * may be in such a hook until a grace period has passed. Context: process,
 * fwload_net.lock held, or the namespace's .pre_exit.
 */
void fwload_hook_unregister(struct net *net, struct fwload_hooks *hooks, u32 keep,
			    u32 conntrack);

#endif /* FWLOAD_HOOK_H */
