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

/**
 * struct fwload_symbols - functions of modules that are not loaded for their own sake
 *
 * Those of a group may be called between fwload_symbols_get() and fwload_symbols_put().
 */
struct fwload_symbols {
	/* x_tables */
	typeof(xt_request_find_match) *xt_request_find_match;
	typeof(xt_request_find_target) *xt_request_find_target;
	typeof(xt_find_revision) *xt_find_revision;
	typeof(xt_check_match) *xt_check_match;
	typeof(xt_check_target) *xt_check_target;
	/* ip_set */
	typeof(ip_set_get_byname) *ip_set_get_byname;
	typeof(ip_set_put_byindex) *ip_set_put_byindex;
	/* nf_conntrack */
	typeof(nf_conntrack_helper_try_module_get) *nf_conntrack_helper_try_module_get;
	typeof(nf_conntrack_helper_put) *nf_conntrack_helper_put;
	typeof(nf_nat_helper_try_module_get) *nf_nat_helper_try_module_get;
	typeof(nf_nat_helper_put) *nf_nat_helper_put;
	typeof(nf_ct_netns_get) *nf_ct_netns_get;
	typeof(nf_ct_netns_put) *nf_ct_netns_put;
	/* nf_nat */
	typeof(nf_nat_ipv4_register_fn) *nf_nat_ipv4_register_fn;
	typeof(nf_nat_ipv4_unregister_fn) *nf_nat_ipv4_unregister_fn;
	typeof(nf_nat_ipv6_register_fn) *nf_nat_ipv6_register_fn;
	typeof(nf_nat_ipv6_unregister_fn) *nf_nat_ipv6_unregister_fn;
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
