/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_HOOK_H
#define FWLOAD_HOOK_H

#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "load.h"
#include "match.h"

/**
 * struct fwload_hooks - the hooks that a namespace has registered
 *
 * One bit per (family, table); a table's hooks are registered and taken back together.
 * nat goes through nf_nat_ipv4_register_fn and nf_nat_ipv6_register_fn, which live in
 * modules: taken by symbol_get with the first nat table of the namespace, put back
 * with the last.
 */
struct fwload_hooks;

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

/* Unregister every table not in @keep, conntrack of families not in @conntrack. */
void fwload_hook_unregister(struct net *net, struct fwload_hooks *hooks, u32 keep,
			    u32 conntrack);

/* Fill @pkt from @skb: see struct fwload_pkt. BH disabled. */
void fwload_hook_extract(struct fwload_pkt *pkt, struct sk_buff *skb,
			 const struct nf_hook_state *state, u8 family);

#endif /* FWLOAD_HOOK_H */
