// SPDX-License-Identifier: GPL-2.0
/*
 * Hosted x_tables extensions: what is refused and why, what an extension gets to see, what
 * it may do to a packet. The bodies are drafts (ext_draft.h), the extensions are the
 * kernel's.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ip.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_TCPMSS.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter/xt_string.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv4/ipt_ttl.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "../ext.h"
#include "../ext_instance.h"
#include "../main.h"
#include "../memory.h"
#include "ext_draft.h"

#define IN	BIT(FWLOAD_HOOK_INPUT)
#define FWD	BIT(FWLOAD_HOOK_FORWARD)
#define OUT	BIT(FWLOAD_HOOK_OUTPUT)

/* What build() leaves, for each test anew. */
struct outcome {
	struct fwload_ext_error err;
	struct fwload_chain *chain;
	struct fwload_body body;
	u8 family;
	u8 table;
	int ret;
};

/* What is charged: to no namespace in which anything could be in force. */
static struct fwload_net space;

/* As a client does: again while modules are being loaded. */
static int want(struct fwload_load *load, u8 family, const struct fwload_body *b,
		struct fwload_ext_error *err)
{
	int tries, ret = -EAGAIN;

	for (tries = 0; tries < 1000 && ret == -EAGAIN; tries++) {
		ret = fwload_ext_want(load, family, b, err);
		fwload_load_start(load);
		if (ret == -EAGAIN)
			msleep(20);
	}
	return ret;
}

static void build(struct draft *d, struct outcome *o, u8 family, u8 table, u32 hooks)
{
	struct fwload_load *load = fwload_load_alloc(&space);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(d->test, load);
	o->family = family;
	o->table = table;
	o->chain = draft_chain(d, &o->body);
	o->ret = want(load, family, &o->body, &o->err);
	if (!o->ret)
		o->ret = fwload_ext_build(&init_net, load, family, table, o->chain,
					  &o->body, hooks, &o->err);
	fwload_load_put(load);
}

static void destroy(struct outcome *o)
{
	fwload_ext_destroy(&init_net, o->family, o->chain);
}

static void expect_built(struct draft *d, u8 family, u8 table, u32 hooks)
{
	struct outcome o = {};

	build(d, &o, family, table, hooks);
	KUNIT_EXPECT_EQ_MSG(d->test, o.ret, 0, "%s", o.err.reason);
	destroy(&o);
}

/* @word: part of the reason. */
static void expect_refused(struct draft *d, u8 family, u8 table, u32 hooks, int ret,
			   const char *word)
{
	struct outcome o = {};

	build(d, &o, family, table, hooks);
	KUNIT_EXPECT_EQ(d->test, o.ret, ret);
	KUNIT_EXPECT_NULL(d->test, o.chain->code.exts);
	KUNIT_ASSERT_NOT_NULL(d->test, o.err.reason);
	KUNIT_EXPECT_NOT_NULL_MSG(d->test, strstr(o.err.reason, word), "%s", o.err.reason);
	KUNIT_EXPECT_EQ(d->test, o.err.rule, d->n_rules - 1);
	KUNIT_EXPECT_EQ(d->test, o.err.ext, d->n_exts - 1);
	destroy(&o);
}

static const struct xt_rateinfo limit = { .avg = 10000, .burst = 5 };
static const struct ipt_ttl_info ttl_64 = { .mode = IPT_TTL_EQ, .ttl = 64 };
static const struct xt_mark_tginfo2 mark_5 = { .mark = 5, .mask = ~0U };

/* The first answer is to come again, even when the extension is there. */
static void ext_asks_the_worker(struct kunit *test)
{
	struct fwload_load *load = fwload_load_alloc(&space);
	struct draft *d = draft_new(test);
	struct fwload_ext_error err = {};
	struct fwload_body b;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, load);
	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_chain(d, &b);
	KUNIT_EXPECT_EQ(test, fwload_ext_want(load, FWLOAD_FAMILY_IPV4, &b, &err), -EAGAIN);
	KUNIT_EXPECT_EQ(test, want(load, FWLOAD_FAMILY_IPV4, &b, &err), 0);
	/* and it stays found */
	KUNIT_EXPECT_EQ(test, fwload_ext_want(load, FWLOAD_FAMILY_IPV4, &b, &err), 0);
	fwload_load_put(load);
}

/* A load that is given up while its worker is at it frees itself. */
static void ext_abandoned_load(struct kunit *test)
{
	struct draft *d = draft_new(test);
	struct fwload_ext_error err = {};
	struct fwload_body b;
	int i;

	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_match(d, "no-such-match", 0, &limit, sizeof(limit));
	draft_chain(d, &b);
	for (i = 0; i < 100; i++) {
		struct fwload_load *load = fwload_load_alloc(&space);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, load);
		KUNIT_EXPECT_EQ(test, fwload_ext_want(load, FWLOAD_FAMILY_IPV4, &b, &err),
				-EAGAIN);
		fwload_load_start(load);
		fwload_load_start(load);
		fwload_load_put(load);
	}
}

/* A load and what it was asked for are charged, until it is given up. */
static void ext_load_is_charged(struct kunit *test)
{
	u64 before = fwload_memory_used(&space), empty;
	struct fwload_load *load = fwload_load_alloc(&space);
	struct draft *d = draft_new(test);
	struct fwload_ext_error err = {};
	struct fwload_body b;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, load);
	empty = fwload_memory_used(&space);
	KUNIT_EXPECT_GT(test, empty, before);
	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_chain(d, &b);
	KUNIT_EXPECT_EQ(test, fwload_ext_want(load, FWLOAD_FAMILY_IPV4, &b, &err), -EAGAIN);
	KUNIT_EXPECT_GT(test, fwload_memory_used(&space), empty);
	fwload_load_start(load);
	fwload_load_put(load);
	KUNIT_EXPECT_EQ(test, fwload_memory_used(&space), before);
}

/* Beyond memory_max nothing more is asked for, and the reason says so. */
static void ext_load_is_bounded(struct kunit *test)
{
	struct fwload_load *load = fwload_load_alloc(&space);
	struct draft *d = draft_new(test);
	struct fwload_ext_error err = {};
	struct fwload_body b;
	u64 rest;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, load);
	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_chain(d, &b);
	rest = fwload_memory_max() - fwload_memory_used(&space);
	KUNIT_ASSERT_EQ(test, fwload_memory_charge(&space, rest), 0);
	KUNIT_EXPECT_EQ(test, fwload_ext_want(load, FWLOAD_FAMILY_IPV4, &b, &err), -ENOBUFS);
	KUNIT_ASSERT_NOT_NULL(test, err.reason);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(err.reason, "memory_max"), "%s", err.reason);
	KUNIT_EXPECT_PTR_EQ(test, (void *)fwload_load_alloc(&space), ERR_PTR(-ENOBUFS));
	fwload_memory_uncharge(&space, rest);
	fwload_load_put(load);
}

static void ext_unknown(struct kunit *test)
{
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_match(d, "no-such-match", 0, &limit, sizeof(limit));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -ENOENT,
		       "no such extension");
}

static void ext_unknown_revision(struct kunit *test)
{
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_match(d, "limit", 77, &limit, sizeof(limit));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EPROTONOSUPPORT,
		       "revision");
}

static void ext_wrong_size(struct kunit *test)
{
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, 8);
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "size");
}

static void ext_wrong_table(struct kunit *test)
{
	struct xt_ct_target_info_v1 info = { .flags = XT_CT_NOTRACK };
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_target(d, "CT", 2, &info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "table");
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW,
		     BIT(FWLOAD_HOOK_PREROUTING));
}

static void ext_wrong_hook(struct kunit *test)
{
	struct ipt_reject_info info = { .with = IPT_ICMP_PORT_UNREACHABLE };
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_target(d, "REJECT", 0, &info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER,
		       IN | BIT(FWLOAD_HOOK_PREROUTING), -EINVAL, "hook");
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN | FWD | OUT);
	/* that no base chain reaches it is no reason */
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, 0);
}

static void ext_wrong_protocol(struct kunit *test)
{
	struct xt_tcp info = { .spts = { 0, 0xffff }, .dpts = { 0, 0xffff } };
	struct draft *d = draft_new(test);

	draft_rule(d, IPPROTO_UDP);
	draft_match(d, "tcp", 0, &info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "-p");
	d->rule->proto = IPPROTO_TCP;
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN);
	d->rule->flags |= FWLOAD_IMG_R_PROTO_INV;
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "-p");
}

/* REJECT reads the protocol from the entry. */
static void ext_sees_entry(struct kunit *test)
{
	struct ipt_reject_info info = { .with = IPT_TCP_RESET };
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_target(d, "REJECT", 0, &info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "refuses");
	d->rule->proto = IPPROTO_TCP;
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN);
}

/* Where IPv6 extensions look: IP6T_F_PROTO beside the protocol. */
static void ext_sees_entry6(struct kunit *test)
{
	struct ip6t_reject_info info = { .with = IP6T_TCP_RESET };
	struct draft *d = draft_new(test);

	draft_rule(d, IPPROTO_TCP);
	draft_target(d, "REJECT", 0, &info, sizeof(info));
	expect_built(d, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_FILTER, IN);
	d->rule->flags = 0;
	expect_refused(d, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_FILTER, IN, -EINVAL, "refuses");
}

/* It prints its payload as a string and is meant for ip_tables alone. */
static void ext_error_target(struct kunit *test)
{
	u8 info[XT_FUNCTION_MAXNAMELEN] = {};
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_target(d, "ERROR", 0, info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "internal");
}

static void ext_tcpmss_needs_syn(struct kunit *test)
{
	struct xt_tcp tcp = { .spts = { 0, 0xffff }, .dpts = { 0, 0xffff },
			      .flg_mask = 0x06, .flg_cmp = TCP_SYN };
	struct xt_tcpmss_info info = { .mss = 1400 };
	struct draft *d = draft_new(test);

	draft_rule(d, IPPROTO_TCP);
	draft_target(d, "TCPMSS", 0, &info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, FWD, -EINVAL, "SYN");

	d = draft_new(test);
	draft_rule(d, IPPROTO_TCP);
	draft_syn(d);
	draft_target(d, "TCPMSS", 0, &info, sizeof(info));
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, FWD);
	expect_built(d, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_MANGLE, FWD);

	d = draft_new(test);
	draft_rule(d, IPPROTO_TCP);
	draft_match(d, "tcp", 0, &tcp, sizeof(tcp));
	draft_target(d, "TCPMSS", 0, &info, sizeof(info));
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, FWD);
}

/* Behind an unconditional verdict no hook counts. */
static void ext_dead_rule(struct kunit *test)
{
	struct xt_tcpmss_info info = { .mss = XT_TCPMSS_CLAMP_PMTU };
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	d->rule->target = cpu_to_le32((u32)FWLOAD_IMG_T_DROP << FWLOAD_IMG_TARGET_SHIFT);
	draft_rule(d, IPPROTO_TCP);
	draft_syn(d);
	draft_target(d, "TCPMSS", 0, &info, sizeof(info));
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, IN);
	/* a verdict for some packets is another thing */
	((struct fwload_img_rule *)d->rules)->proto = IPPROTO_UDP;
	((struct fwload_img_rule *)d->rules)->flags = FWLOAD_IMG_R_PROTO;
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, IN, -EINVAL, "refuses");
}

/* Chains that come to be reached from more hooks. */
static void ext_recheck(struct kunit *test)
{
	struct xt_tcpmss_info info = { .mss = XT_TCPMSS_CLAMP_PMTU };
	struct draft *d = draft_new(test);
	struct outcome o = {};
	struct fwload_ext *exts;

	draft_rule(d, IPPROTO_TCP);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_syn(d);
	draft_target(d, "TCPMSS", 0, &info, sizeof(info));
	build(d, &o, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, FWD);
	KUNIT_ASSERT_EQ(test, o.ret, 0);
	exts = o.chain->code.exts;
	KUNIT_EXPECT_EQ(test, fwload_ext_recheck(&init_net, o.family, o.table, o.chain,
						 FWD | OUT, &o.err), 0);
	KUNIT_EXPECT_EQ(test, fwload_ext_recheck(&init_net, o.family, o.table, o.chain,
						 FWD | IN, &o.err), -EINVAL);
	KUNIT_EXPECT_EQ(test, o.err.ext, 1);
	KUNIT_EXPECT_PTR_EQ(test, o.chain->code.exts, exts);
	destroy(&o);
}

/* limit keeps a pointer and its credit behind what user space sets. */
static void ext_payload_stays_pristine(struct kunit *test)
{
	struct xt_rateinfo info = { .avg = 10000, .burst = 5, .cost = 0xdead };
	struct draft *d = draft_new(test);
	const struct xt_rateinfo *used;
	struct outcome o = {};

	draft_rule(d, 0);
	draft_match(d, "limit", 0, &info, sizeof(info));
	build(d, &o, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN);
	KUNIT_ASSERT_EQ(test, o.ret, 0);
	KUNIT_EXPECT_MEMEQ(test, o.body.payloads, &info, sizeof(info));
	used = o.chain->code.exts[0].info;
	KUNIT_EXPECT_NOT_NULL(test, used->master);
	/* worked out by the extension: the image has no say in it */
	KUNIT_EXPECT_NE(test, used->cost, 0xdead);
	destroy(&o);
}

static void ext_helper(struct kunit *test)
{
	struct xt_ct_target_info_v1 info = { .helper = "ftp" };
	struct draft *d = draft_new(test);

	draft_rule(d, IPPROTO_TCP);
	draft_target(d, "CT", 2, &info, sizeof(info));
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW, OUT);
	d->rule->proto = IPPROTO_UDP;
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW, OUT, -ENOENT, "helper");
	/* without a protocol nothing is looked for, and CT refuses */
	d->rule->proto = 0;
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_RAW, OUT, -ENOENT, "refuses");
}

static void ext_needs_more(struct kunit *test)
{
	struct xt_string_info string = { .to_offset = 99, .algo = "bm", .pattern = "ab",
					 .patlen = 2 };
	struct xt_physdev_info physdev = { .bitmask = XT_PHYSDEV_OP_BRIDGED };
	struct xt_log_info log = { .level = 4, .prefix = "kunit " };
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_match(d, "string", 1, &string, sizeof(string));
	draft_match(d, "physdev", 0, &physdev, sizeof(physdev));
	draft_target(d, "LOG", 0, &log, sizeof(log));
	expect_built(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, FWD);
	expect_built(d, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_FILTER, FWD);

	d = draft_new(test);
	strscpy(string.algo, "none", sizeof(string.algo));
	draft_rule(d, 0);
	draft_match(d, "string", 1, &string, sizeof(string));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, FWD, -ENOENT,
		       "algorithm");
}

static void ext_set_is_named(struct kunit *test)
{
	struct xt_set_info_match_v4 info = {
		.match_set = { .index = IPSET_INVALID_ID, .dim = 1 },
	};
	struct draft *d = draft_new(test);
	struct fwload_img_ext *ext;

	draft_rule(d, 0);
	ext = draft_match(d, "set", 4, &info, sizeof(info));
	/* a number from elsewhere is not taken */
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "sets");
	ext->n_sets = 1;
	ext->sets = cpu_to_le32(draft_string(d, "fwload-no-such-set"));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -ENOENT,
		       "no such ip set");
}

/* What was built before the one that is refused is destroyed: seen by kmemleak. */
static void ext_unwinds(struct kunit *test)
{
	struct xt_addrtype_info_v1 info = { .flags = ~0U };
	struct draft *d = draft_new(test);

	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_rule(d, 0);
	draft_match(d, "limit", 0, &limit, sizeof(limit));
	draft_match(d, "addrtype", 1, &info, sizeof(info));
	info.flags = XT_ADDRTYPE_LIMIT_IFACE_OUT;
	memcpy(d->payloads + le32_to_cpu(d->exts[2].payload), &info, sizeof(info));
	expect_refused(d, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN, -EINVAL, "refuses");
}

static struct sk_buff *make_skb(struct kunit *test, u32 transport)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
		.saddr = htonl(0x0a000001), .daddr = htonl(0x0a000002),
		.tot_len = htons(sizeof(ip) + transport),
	};
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reset_network_header(skb);
	skb_put_data(skb, &ip, sizeof(ip));
	skb_set_transport_header(skb, sizeof(ip));
	skb_put_zero(skb, transport);
	skb->protocol = htons(ETH_P_IP);
	return skb;
}

static void ext_sees_packet(struct kunit *test)
{
	struct nf_hook_state state = { .hook = NF_INET_LOCAL_IN, .pf = NFPROTO_IPV4,
				       .net = &init_net };
	struct xt_tcp tcp = { .spts = { 0, 0xffff }, .dpts = { 0, 0xffff } };
	struct draft *d = draft_new(test);
	struct fwload_pkt pkt = { .thoff = sizeof(struct iphdr), .state_ptr = &state };
	struct outcome o = {};

	draft_rule(d, IPPROTO_TCP);
	draft_match(d, "ttl", 0, &ttl_64, sizeof(ttl_64));
	draft_match(d, "tcp", 0, &tcp, sizeof(tcp));
	build(d, &o, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER, IN);
	KUNIT_ASSERT_EQ(test, o.ret, 0);

	pkt.skb = make_skb(test, sizeof(struct tcphdr));
	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, fwload_ext_match(&o.chain->code, 0, &pkt));
	KUNIT_EXPECT_TRUE(test, fwload_ext_match(&o.chain->code, 1, &pkt));
	KUNIT_EXPECT_FALSE(test, pkt.hotdrop);
	ip_hdr(pkt.skb)->ttl = 63;
	KUNIT_EXPECT_FALSE(test, fwload_ext_match(&o.chain->code, 0, &pkt));
	local_bh_enable();
	kfree_skb(pkt.skb);

	/* a truncated header is dropped at this rule, whatever comes after the match */
	pkt.skb = make_skb(test, 4);
	local_bh_disable();
	KUNIT_EXPECT_FALSE(test, fwload_ext_match(&o.chain->code, 1, &pkt));
	KUNIT_EXPECT_TRUE(test, pkt.hotdrop);
	KUNIT_EXPECT_TRUE(test, fwload_ext_match(&o.chain->code, 0, &pkt));
	KUNIT_EXPECT_TRUE(test, pkt.hotdrop);
	local_bh_enable();
	kfree_skb(pkt.skb);
	destroy(&o);
}

static void ext_target_changes_packet(struct kunit *test)
{
	struct nf_hook_state state = { .hook = NF_INET_FORWARD, .pf = NFPROTO_IPV4,
				       .net = &init_net };
	struct draft *d = draft_new(test);
	struct fwload_pkt pkt = {};
	struct outcome o = {};

	draft_rule(d, 0);
	draft_target(d, "MARK", 2, &mark_5, sizeof(mark_5));
	build(d, &o, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_MANGLE, FWD);
	KUNIT_ASSERT_EQ(test, o.ret, 0);
	pkt.skb = make_skb(test, sizeof(struct tcphdr));
	pkt.state_ptr = &state;
	pkt.hotdrop = true;
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, fwload_ext_target(&o.chain->code, 0, &pkt),
			FWLOAD_VERDICT_CONTINUE);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, pkt.mark, 5);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(pkt.saddr[0]), 0x0a000001);
	KUNIT_EXPECT_TRUE(test, pkt.hotdrop);
	kfree_skb(pkt.skb);
	destroy(&o);
}

static int ext_suite_init(struct kunit_suite *suite)
{
	return fwload_load_init();
}

static void ext_suite_exit(struct kunit_suite *suite)
{
	fwload_load_exit();
}

static struct kunit_case ext_cases[] = {
	KUNIT_CASE(ext_asks_the_worker),
	KUNIT_CASE(ext_abandoned_load),
	KUNIT_CASE(ext_load_is_charged),
	KUNIT_CASE(ext_load_is_bounded),
	KUNIT_CASE(ext_unknown),
	KUNIT_CASE(ext_unknown_revision),
	KUNIT_CASE(ext_wrong_size),
	KUNIT_CASE(ext_wrong_table),
	KUNIT_CASE(ext_wrong_hook),
	KUNIT_CASE(ext_wrong_protocol),
	KUNIT_CASE(ext_sees_entry),
	KUNIT_CASE(ext_sees_entry6),
	KUNIT_CASE(ext_error_target),
	KUNIT_CASE(ext_tcpmss_needs_syn),
	KUNIT_CASE(ext_dead_rule),
	KUNIT_CASE(ext_recheck),
	KUNIT_CASE(ext_payload_stays_pristine),
	KUNIT_CASE(ext_helper),
	KUNIT_CASE(ext_needs_more),
	KUNIT_CASE(ext_set_is_named),
	KUNIT_CASE(ext_unwinds),
	KUNIT_CASE(ext_sees_packet),
	KUNIT_CASE(ext_target_changes_packet),
	{}
};

static struct kunit_suite ext_suite = {
	.name = "fwload_ext",
	.suite_init = ext_suite_init,
	.suite_exit = ext_suite_exit,
	.test_cases = ext_cases,
};

kunit_test_suite(ext_suite);
