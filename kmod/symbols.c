// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of x_tables, ip_set and nf_conntrack, taken at run time.
 *
 * insmod resolves no dependencies, and a host that only filters should not carry
 * conntrack; so fwload.ko must not refer to a symbol outside of vmlinux. What
 * it needs from a module is taken here by symbol_get() when an image first needs it and
 * put back with the last user. symbol_get() gives out only what is exported with
 * EXPORT_SYMBOL_GPL: of x_tables that leaves xt_request_find_match (xt_find_match, which
 * would not load modules, is a plain export), so look-ups happen in load.c's worker.
 */
#include <linux/module.h>

#include "symbols.h"

struct fwload_symbols fwload_symbols;

struct symbol {
	const char *name;
	void **fn;
};

static const struct symbol xt_symbols[] = {
	{ "xt_request_find_match", (void **)&fwload_symbols.xt_request_find_match },
	{ "xt_request_find_target", (void **)&fwload_symbols.xt_request_find_target },
	{ "xt_find_revision", (void **)&fwload_symbols.xt_find_revision },
	{ "xt_check_match", (void **)&fwload_symbols.xt_check_match },
	{ "xt_check_target", (void **)&fwload_symbols.xt_check_target },
};

static const struct symbol ipset_symbols[] = {
	{ "ip_set_get_byname", (void **)&fwload_symbols.ip_set_get_byname },
	{ "ip_set_put_byindex", (void **)&fwload_symbols.ip_set_put_byindex },
};

static const struct symbol helper_symbols[] = {
	{ "nf_conntrack_helper_try_module_get",
	  (void **)&fwload_symbols.nf_conntrack_helper_try_module_get },
	{ "nf_conntrack_helper_put", (void **)&fwload_symbols.nf_conntrack_helper_put },
	{ "nf_nat_helper_try_module_get", (void **)&fwload_symbols.nf_nat_helper_try_module_get },
	{ "nf_nat_helper_put", (void **)&fwload_symbols.nf_nat_helper_put },
};

static const struct symbol conntrack_symbols[] = {
	{ "nf_ct_netns_get", (void **)&fwload_symbols.nf_ct_netns_get },
	{ "nf_ct_netns_put", (void **)&fwload_symbols.nf_ct_netns_put },
};

static const struct symbol nat_ipv4_symbols[] = {
	{ "nf_nat_ipv4_register_fn", (void **)&fwload_symbols.nf_nat_ipv4_register_fn },
	{ "nf_nat_ipv4_unregister_fn", (void **)&fwload_symbols.nf_nat_ipv4_unregister_fn },
};

static const struct symbol nat_ipv6_symbols[] = {
	{ "nf_nat_ipv6_register_fn", (void **)&fwload_symbols.nf_nat_ipv6_register_fn },
	{ "nf_nat_ipv6_unregister_fn", (void **)&fwload_symbols.nf_nat_ipv6_unregister_fn },
};

/* No matter what the casts hide: a function whose type has changed does not compile. */
static_assert(__same_type(fwload_symbols.xt_request_find_match, &xt_request_find_match));
static_assert(__same_type(fwload_symbols.xt_request_find_target, &xt_request_find_target));
static_assert(__same_type(fwload_symbols.xt_find_revision, &xt_find_revision));
static_assert(__same_type(fwload_symbols.xt_check_match, &xt_check_match));
static_assert(__same_type(fwload_symbols.xt_check_target, &xt_check_target));
static_assert(__same_type(fwload_symbols.ip_set_get_byname, &ip_set_get_byname));
static_assert(__same_type(fwload_symbols.ip_set_put_byindex, &ip_set_put_byindex));
static_assert(__same_type(fwload_symbols.nf_conntrack_helper_try_module_get,
			  &nf_conntrack_helper_try_module_get));
static_assert(__same_type(fwload_symbols.nf_conntrack_helper_put, &nf_conntrack_helper_put));
static_assert(__same_type(fwload_symbols.nf_nat_helper_try_module_get,
			  &nf_nat_helper_try_module_get));
static_assert(__same_type(fwload_symbols.nf_nat_helper_put, &nf_nat_helper_put));
static_assert(__same_type(fwload_symbols.nf_ct_netns_get, &nf_ct_netns_get));
static_assert(__same_type(fwload_symbols.nf_ct_netns_put, &nf_ct_netns_put));
static_assert(__same_type(fwload_symbols.nf_nat_ipv4_register_fn, &nf_nat_ipv4_register_fn));
static_assert(__same_type(fwload_symbols.nf_nat_ipv4_unregister_fn, &nf_nat_ipv4_unregister_fn));
static_assert(__same_type(fwload_symbols.nf_nat_ipv6_register_fn, &nf_nat_ipv6_register_fn));
static_assert(__same_type(fwload_symbols.nf_nat_ipv6_unregister_fn, &nf_nat_ipv6_unregister_fn));

static const struct group {
	const char *module;
	const struct symbol *symbols;
	unsigned int n;
} groups[__FWLOAD_SYMBOLS_MAX] = {
	[FWLOAD_SYMBOLS_XT] = { "x_tables", xt_symbols, ARRAY_SIZE(xt_symbols) },
	[FWLOAD_SYMBOLS_IPSET] = { "ip_set", ipset_symbols, ARRAY_SIZE(ipset_symbols) },
	[FWLOAD_SYMBOLS_HELPER] = { "nf_conntrack", helper_symbols,
				    ARRAY_SIZE(helper_symbols) },
	[FWLOAD_SYMBOLS_CONNTRACK] = { "nf_conntrack", conntrack_symbols,
				       ARRAY_SIZE(conntrack_symbols) },
	[FWLOAD_SYMBOLS_NAT_IPV4] = { "nf_nat", nat_ipv4_symbols,
				      ARRAY_SIZE(nat_ipv4_symbols) },
	[FWLOAD_SYMBOLS_NAT_IPV6] = { "nf_nat", nat_ipv6_symbols,
				      ARRAY_SIZE(nat_ipv6_symbols) },
};

static DEFINE_MUTEX(symbols_lock);
static unsigned long users[__FWLOAD_SYMBOLS_MAX];

const char *fwload_symbols_module(enum fwload_symbols_group group)
{
	return groups[group].module;
}

static void put_symbols(const struct group *group, unsigned int n)
{
	while (n--) {
		__symbol_put(group->symbols[n].name);
		*group->symbols[n].fn = NULL;
	}
}

static int get_symbols(const struct group *group)
{
	unsigned int i;

	for (i = 0; i < group->n; i++) {
		void *fn = __symbol_get(group->symbols[i].name);

		if (!fn) {
			put_symbols(group, i);
			return -ENOENT;
		}
		*group->symbols[i].fn = fn;
	}
	return 0;
}

int fwload_symbols_get(enum fwload_symbols_group group)
{
	int err = 0;

	mutex_lock(&symbols_lock);
	if (!users[group])
		err = get_symbols(&groups[group]);
	if (!err)
		users[group]++;
	mutex_unlock(&symbols_lock);
	return err;
}

void fwload_symbols_put(enum fwload_symbols_group group)
{
	mutex_lock(&symbols_lock);
	if (!--users[group])
		put_symbols(&groups[group], groups[group].n);
	mutex_unlock(&symbols_lock);
}
