/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_SYMBOLS_H
#define FWLOAD_SYMBOLS_H

#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/x_tables.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_nat.h>

/* Functions of one module; all of a group are taken and put back together. */
enum fwload_symbols_group {
	FWLOAD_SYMBOLS_XT,
	FWLOAD_SYMBOLS_IPSET,
	FWLOAD_SYMBOLS_HELPER,
	FWLOAD_SYMBOLS_CONNTRACK,
	FWLOAD_SYMBOLS_NAT_IPV4,
	FWLOAD_SYMBOLS_NAT_IPV6,
	__FWLOAD_SYMBOLS_MAX
};

/*
 * Functions of modules that are not loaded for their own sake, under the names that they
 * have there. Those of a group may be called between fwload_symbols_get() and
 * fwload_symbols_put().
 */
struct fwload_symbols {
	/* x_tables */
	struct xt_match *(*xt_request_find_match)(u8 af, const char *name, u8 revision);
	struct xt_target *(*xt_request_find_target)(u8 af, const char *name, u8 revision);
	int (*xt_find_revision)(u8 af, const char *name, u8 revision, int target, int *err);
	int (*xt_check_match)(struct xt_mtchk_param *par, unsigned int size, u16 proto,
			      bool inv_proto);
	int (*xt_check_target)(struct xt_tgchk_param *par, unsigned int size, u16 proto,
			       bool inv_proto);
	/* ip_set */
	ip_set_id_t (*ip_set_get_byname)(struct net *net, const struct nlattr *name,
					 struct ip_set **set);
	void (*ip_set_put_byindex)(struct net *net, ip_set_id_t index);
	/* nf_conntrack */
	struct nf_conntrack_helper *
	(*nf_conntrack_helper_try_module_get)(const char *name, u16 l3num, u8 proto);
	void (*nf_conntrack_helper_put)(struct nf_conntrack_helper *helper);
	int (*nf_nat_helper_try_module_get)(const char *name, u16 l3num, u8 proto);
	void (*nf_nat_helper_put)(struct nf_conntrack_helper *helper);
	int (*nf_ct_netns_get)(struct net *net, u8 nfproto);
	void (*nf_ct_netns_put)(struct net *net, u8 nfproto);
	/* nf_nat */
	int (*nf_nat_ipv4_register_fn)(struct net *net, const struct nf_hook_ops *ops);
	void (*nf_nat_ipv4_unregister_fn)(struct net *net, const struct nf_hook_ops *ops);
	int (*nf_nat_ipv6_register_fn)(struct net *net, const struct nf_hook_ops *ops);
	void (*nf_nat_ipv6_unregister_fn)(struct net *net, const struct nf_hook_ops *ops);
};

extern struct fwload_symbols fwload_symbols;

/* Name of the module that a group is taken from. */
const char *fwload_symbols_module(enum fwload_symbols_group group);

/*
 * Use a group: the first user takes it, the last puts it back. Never loads a module.
 * Returns 0, or -ENOENT when the module is not there. Process context, may sleep.
 */
int fwload_symbols_get(enum fwload_symbols_group group);
void fwload_symbols_put(enum fwload_symbols_group group);

#endif /* FWLOAD_SYMBOLS_H */
