// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets come in: the netfilter hooks of the tables.
 *
 * A hook finds the generation in force, makes a key of the packet, walks the table and
 * gives the verdict back. Which table it is for, and which family, is in its function and
 * its priv, so that the hooks are constants and namespaces need no copies of them.
 * All but nat are registered with netfilter itself. nat's go to nf_nat, whose
 * own hooks call them for the first packet of a connection and which lives in a module:
 * see symbols.c.
 *
 * Hooks, priorities and what mangle does in OUTPUT are those of iptable_*.c and
 * ip6table_*.c in net/ipv4/netfilter and net/ipv6/netfilter, Linux 6.1 and 6.12.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>

#include "eval.h"
#include "main.h"
#include "packet.h"
#include "ruleset.h"
#include "symbols.h"

#if IS_MODULE(CONFIG_IPV6)
#error "fwload.ko refers to symbols of vmlinux alone, so IPv6 must be built in"
#endif

/* The hooks --------------------------------------------------------------- */

static __always_inline unsigned int run_table(struct sk_buff *skb,
					      const struct nf_hook_state *state,
					      u8 family, u8 type)
{
	const struct fwload_gen *gen = fwload_net_gen(state->net);
	struct fwload_jump *stack = NULL;
	const struct fwload_table *table;
	const struct fwload_code *base;
	unsigned int verdict;
	struct fwload_pkt pkt __uninitialized;

	table = gen ? gen->tables[family][type] : NULL;
	if (!table)
		return NF_ACCEPT;

	base = table->base[state->hook];
	local_bh_disable();
	/* without rules nothing of the packet matters */
	if (!base->n_rules && likely(!skb->nf_trace)) {
		verdict = fwload_eval_policy(base, table->policy[state->hook], skb->len);
		goto out;
	}
	pkt.table = type;
	pkt.hotdrop = false;
	fwload_packet_extract(&pkt, skb, state, family);
	/*
	 * What TEE duplicates passes through while the walk of the original is held up,
	 * so it has a stack of its own. Other packets that come from within a walk
	 * (REJECT, SYNPROXY) may use the same one, as that walk ends with them.
	 */
	if (table->depth)
		stack = table->stack[smp_processor_id()] +
			(fwload_compat_in_nf_duplicate() ? table->depth : 0);
	verdict = fwload_eval(base, table->policy[state->hook], table->chains, stack, &pkt);
out:
	local_bh_enable();
	return verdict;
}

static unsigned int fwload_hook_ipv4(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	return run_table(skb, state, FWLOAD_FAMILY_IPV4, (unsigned long)priv);
}

static unsigned int fwload_hook_ipv6(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	return run_table(skb, state, FWLOAD_FAMILY_IPV6, (unsigned long)priv);
}

static bool goes_on(unsigned int verdict)
{
	verdict &= NF_VERDICT_MASK;
	return verdict != NF_DROP && verdict != NF_STOLEN;
}

/* mangle, OUTPUT: route the packet again when what its route depends on has changed. */
static unsigned int fwload_hook_output_ipv4(void *priv, struct sk_buff *skb,
					    const struct nf_hook_state *state)
{
	const struct iphdr *ip = ip_hdr(skb);
	__be32 saddr = ip->saddr, daddr = ip->daddr;
	u32 mark = skb->mark;
	u8 tos = ip->tos;
	unsigned int verdict;
	int err;

	verdict = fwload_hook_ipv4(priv, skb, state);
	if (!goes_on(verdict))
		return verdict;
	ip = ip_hdr(skb);
	if (ip->saddr == saddr && ip->daddr == daddr && skb->mark == mark && ip->tos == tos)
		return verdict;
	err = ip_route_me_harder(state->net, state->sk, skb, RTN_UNSPEC);
	return err < 0 ? NF_DROP_ERR(err) : verdict;
}

static unsigned int fwload_hook_output_ipv6(void *priv, struct sk_buff *skb,
					    const struct nf_hook_state *state)
{
	const struct ipv6hdr was = *ipv6_hdr(skb), *ip;
	u32 mark = skb->mark;
	unsigned int verdict;
	int err = 0;

	verdict = fwload_hook_ipv6(priv, skb, state);
	if (!goes_on(verdict))
		return verdict;
	ip = ipv6_hdr(skb);
	/* the first word is version, traffic class and flow label */
	if (ipv6_addr_equal(&ip->saddr, &was.saddr) &&
	    ipv6_addr_equal(&ip->daddr, &was.daddr) && skb->mark == mark &&
	    ip->hop_limit == was.hop_limit && !memcmp(ip, &was, sizeof(u32)))
		return verdict;
	if (IS_ENABLED(CONFIG_IPV6))
		err = ip6_route_me_harder(state->net, state->sk, skb);
	return err < 0 ? NF_DROP_ERR(err) : verdict;
}

#define OPS(family, fn, type, num, prio)		\
	{						\
		.hook = (fn),				\
		.pf = NFPROTO_##family,			\
		.priv = (void *)FWLOAD_TABLE_##type,	\
		.hooknum = NF_INET_##num,		\
		.priority = NF_IP_PRI_##prio,		\
	}

/* Priorities of IPv6 have names of their own and the same values. */
#define FAMILY_OPS(family, fn, output) {			\
	OPS(family, fn, RAW, PRE_ROUTING, RAW),			\
	OPS(family, fn, RAW, LOCAL_OUT, RAW),			\
	OPS(family, fn, MANGLE, PRE_ROUTING, MANGLE),		\
	OPS(family, fn, MANGLE, LOCAL_IN, MANGLE),		\
	OPS(family, fn, MANGLE, FORWARD, MANGLE),		\
	OPS(family, output, MANGLE, LOCAL_OUT, MANGLE),		\
	OPS(family, fn, MANGLE, POST_ROUTING, MANGLE),		\
	OPS(family, fn, NAT, PRE_ROUTING, NAT_DST),		\
	OPS(family, fn, NAT, LOCAL_IN, NAT_SRC),		\
	OPS(family, fn, NAT, LOCAL_OUT, NAT_DST),		\
	OPS(family, fn, NAT, POST_ROUTING, NAT_SRC),		\
	OPS(family, fn, FILTER, LOCAL_IN, FILTER),		\
	OPS(family, fn, FILTER, FORWARD, FILTER),		\
	OPS(family, fn, FILTER, LOCAL_OUT, FILTER),		\
	OPS(family, fn, SECURITY, LOCAL_IN, SECURITY),		\
	OPS(family, fn, SECURITY, FORWARD, SECURITY),		\
	OPS(family, fn, SECURITY, LOCAL_OUT, SECURITY),		\
}

static const struct nf_hook_ops hook_ops[__FWLOAD_FAMILY_MAX][17] = {
	FAMILY_OPS(IPV4, fwload_hook_ipv4, fwload_hook_output_ipv4),
	FAMILY_OPS(IPV6, fwload_hook_ipv6, fwload_hook_output_ipv6),
};

/* Where a table's hooks stand in hook_ops. */
static const struct {
	u8 first, n;
} spans[__FWLOAD_TABLE_MAX] = {
	[FWLOAD_TABLE_RAW] = { 0, 2 },
	[FWLOAD_TABLE_MANGLE] = { 2, 5 },
	[FWLOAD_TABLE_NAT] = { 7, 4 },
	[FWLOAD_TABLE_FILTER] = { 11, 3 },
	[FWLOAD_TABLE_SECURITY] = { 14, 3 },
};

/* Registering them -------------------------------------------------------- */

static const u8 nfproto[__FWLOAD_FAMILY_MAX] = {
	[FWLOAD_FAMILY_IPV4] = NFPROTO_IPV4,
	[FWLOAD_FAMILY_IPV6] = NFPROTO_IPV6,
};

static const enum fwload_symbols_group nat_symbols[__FWLOAD_FAMILY_MAX] = {
	[FWLOAD_FAMILY_IPV4] = FWLOAD_SYMBOLS_NAT_IPV4,
	[FWLOAD_FAMILY_IPV6] = FWLOAD_SYMBOLS_NAT_IPV6,
};

static int nat_register(struct net *net, u8 family, const struct nf_hook_ops *ops)
{
	if (family == FWLOAD_FAMILY_IPV4)
		return fwload_symbols.nf_nat_ipv4_register_fn(net, ops);
	return fwload_symbols.nf_nat_ipv6_register_fn(net, ops);
}

static void nat_unregister(struct net *net, u8 family, const struct nf_hook_ops *ops)
{
	if (family == FWLOAD_FAMILY_IPV4)
		fwload_symbols.nf_nat_ipv4_unregister_fn(net, ops);
	else
		fwload_symbols.nf_nat_ipv6_unregister_fn(net, ops);
}

static int register_table(struct net *net, u8 family, u8 type)
{
	const struct nf_hook_ops *ops = &hook_ops[family][spans[type].first];
	unsigned int i, n = spans[type].n;
	int err;

	if (type != FWLOAD_TABLE_NAT)
		return nf_register_net_hooks(net, ops, n);

	for (i = 0; i < n; i++) {
		err = nat_register(net, family, &ops[i]);
		if (err)
			goto err_nat;
	}
	return 0;

err_nat:
	while (i--)
		nat_unregister(net, family, &ops[i]);
	return err;
}

static void unregister_table(struct net *net, u8 family, u8 type)
{
	const struct nf_hook_ops *ops = &hook_ops[family][spans[type].first];
	unsigned int i;

	if (type != FWLOAD_TABLE_NAT) {
		nf_unregister_net_hooks(net, ops, spans[type].n);
		return;
	}
	for (i = spans[type].n; i--;)
		nat_unregister(net, family, &ops[i]);
}

static int take_symbols(struct fwload_load *load, enum fwload_symbols_group group)
{
	int err = fwload_symbols_get(group);

	if (err) {
		err = fwload_load_module(load, fwload_symbols_module(group));
		if (!err)
			err = fwload_symbols_get(group);
	}
	return err;
}

/* Put back the symbols of nat tables in @tables and of families in @conntrack. */
static void put_symbols(u32 tables, u32 conntrack)
{
	u8 family;

	for (family = 0; family < __FWLOAD_FAMILY_MAX; family++) {
		if (tables & FWLOAD_HOOK_TABLE(family, FWLOAD_TABLE_NAT))
			fwload_symbols_put(nat_symbols[family]);
		if (conntrack & 1U << family)
			fwload_symbols_put(FWLOAD_SYMBOLS_CONNTRACK);
	}
}

/*
 * Take all that put_symbols() puts back, or nothing. Asks for every module that is
 * missing, so that one round of loading is enough.
 */
static int take_all_symbols(struct fwload_load *load, u32 tables, u32 conntrack)
{
	u32 had_tables = 0, had_conntrack = 0, table;
	int err, result = 0;
	u8 family;

	for (family = 0; family < __FWLOAD_FAMILY_MAX; family++) {
		table = FWLOAD_HOOK_TABLE(family, FWLOAD_TABLE_NAT);
		if (tables & table) {
			err = take_symbols(load, nat_symbols[family]);
			if (!err)
				had_tables |= table;
			else if (!result || result == -EAGAIN)
				result = err;
		}
		if (conntrack & 1U << family) {
			err = take_symbols(load, FWLOAD_SYMBOLS_CONNTRACK);
			if (!err)
				had_conntrack |= 1U << family;
			else if (!result || result == -EAGAIN)
				result = err;
		}
	}
	if (result)
		put_symbols(had_tables, had_conntrack);
	return result;
}

int fwload_hook_register(struct net *net, struct fwload_hooks *hooks,
			 struct fwload_load *load, u32 want, u32 conntrack)
{
	const struct fwload_hooks was = *hooks;
	u32 bit;
	int err;
	u8 i;

	want &= ~was.tables;
	conntrack &= ~was.conntrack;
	/* first, since what is registered in vain takes queued packets with it */
	err = take_all_symbols(load, want, conntrack);
	if (err)
		return err;

	for (i = 0; i < __FWLOAD_FAMILY_MAX; i++) {
		if (!(conntrack & 1U << i))
			continue;
		err = fwload_symbols.nf_ct_netns_get(net, nfproto[i]);
		if (err)
			goto err_hooks;
		hooks->conntrack |= 1U << i;
	}
	for (i = 0; i < __FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX; i++) {
		bit = 1U << i;
		if (!(want & bit))
			continue;
		err = register_table(net, i / __FWLOAD_TABLE_MAX, i % __FWLOAD_TABLE_MAX);
		if (err)
			goto err_hooks;
		hooks->tables |= bit;
	}
	return 0;

err_hooks:
	/* what was not reached has its symbols only */
	put_symbols(want & ~hooks->tables, conntrack & ~hooks->conntrack);
	fwload_hook_unregister(net, hooks, was.tables, was.conntrack);
	return err;
}

void fwload_hook_unregister(struct net *net, struct fwload_hooks *hooks, u32 keep,
			    u32 conntrack)
{
	u32 tables = hooks->tables & ~keep;
	u8 i;

	conntrack = hooks->conntrack & ~conntrack;
	for (i = __FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX; i--;)
		if (tables & 1U << i)
			unregister_table(net, i / __FWLOAD_TABLE_MAX,
					 i % __FWLOAD_TABLE_MAX);
	for (i = __FWLOAD_FAMILY_MAX; i--;)
		if (conntrack & 1U << i)
			fwload_symbols.nf_ct_netns_put(net, nfproto[i]);
	put_symbols(tables, conntrack);
	hooks->tables &= ~tables;
	hooks->conntrack &= ~conntrack;
}
