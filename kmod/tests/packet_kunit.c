// SPDX-License-Identifier: GPL-2.0
/*
 * The packet key against the functions that extensions read packets with, the marks that
 * MARK and CONNMARK leave against those of the kernel's own targets, and the text of TRACE.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_log.h>

#include "../chain.h"
#include "../packet.h"
#include "skb_kunit.h"

#define PACKETS	20000

static void key_is_what_the_packet_says(struct kunit *test)
{
	struct net_device *in = alloc_etherdev(0), *out = alloc_etherdev(0);
	struct nf_hook_state state = { .net = &init_net, .in = in, .out = out };
	u32 i, n, unparsable = 0, fragments = 0, truncated = 0;

	KUNIT_ASSERT_NOT_NULL(test, in);
	KUNIT_ASSERT_NOT_NULL(test, out);
	for (i = 0; i < PACKETS && !test->status; i++) {
		u8 family = random_below(2), buf[20];
		struct sk_buff *skb = skb_kunit_random(test, family, 0);
		struct fwload_pkt pkt = { .table = 7, .hotdrop = true };
		unsigned short fragoff = 0;
		unsigned int thoff = 0;
		const u8 *th;
		int proto;

		state.out = random_one_in(2) ? out : NULL;
		fwload_packet_extract(&pkt, skb, &state, family);

		if (family == FWLOAD_FAMILY_IPV4) {
			proto = ip_hdr(skb)->protocol;
			thoff = ip_hdrlen(skb);
			fragoff = ntohs(ip_hdr(skb)->frag_off) & IP_OFFSET;
			KUNIT_EXPECT_MEMEQ(test, pkt.saddr, &ip_hdr(skb)->saddr, 4);
			KUNIT_EXPECT_MEMEQ(test, pkt.daddr, &ip_hdr(skb)->daddr, 4);
		} else {
			proto = ipv6_find_hdr(skb, &thoff, -1, &fragoff, NULL);
			KUNIT_EXPECT_MEMEQ(test, pkt.saddr, &ipv6_hdr(skb)->saddr, 16);
			KUNIT_EXPECT_MEMEQ(test, pkt.daddr, &ipv6_hdr(skb)->daddr, 16);
			/* the key has no state for this */
			KUNIT_EXPECT_FALSE(test, proto < 0 && fragoff);
		}
		KUNIT_EXPECT_EQ(test, pkt.unparsable, proto < 0);
		if (proto >= 0) {
			KUNIT_EXPECT_EQ(test, pkt.proto, proto);
			KUNIT_EXPECT_EQ(test, pkt.thoff, thoff);
			KUNIT_EXPECT_EQ(test, pkt.fragoff, fragoff);
		}
		if (proto >= 0 && !fragoff) {
			for (n = 0; n <= sizeof(buf); n++) {
				th = skb_header_pointer(skb, thoff, n, buf);
				KUNIT_EXPECT_EQ(test, !!th, n <= pkt.avail);
				if (th)
					KUNIT_EXPECT_MEMEQ(test, pkt.th, th, n);
			}
		}
		KUNIT_EXPECT_STREQ(test, pkt.in, in->name);
		KUNIT_EXPECT_STREQ(test, pkt.out, state.out ? out->name : "");
		KUNIT_EXPECT_EQ(test, pkt.len, skb->len);
		KUNIT_EXPECT_EQ(test, pkt.mark, skb->mark);
		KUNIT_EXPECT_EQ(test, pkt.table, 7);
		KUNIT_EXPECT_TRUE(test, pkt.hotdrop);
		unparsable += proto < 0;
		fragments += !!fragoff;
		truncated += pkt.avail < sizeof(buf);
		skb_kunit_free(skb);
	}
	kunit_info(test, "%u packets: %u unparsable, %u fragments, %u truncated", i, unparsable,
		   fragments, truncated);
	KUNIT_EXPECT_TRUE(test, unparsable && fragments && truncated);
	free_netdev(in);
	free_netdev(out);
}

static void connmark_is_the_targets(struct kunit *test)
{
	struct xt_target *xt = xt_request_find_target(NFPROTO_IPV4, "CONNMARK", 2);
	struct nf_hook_state state = { .net = &init_net };
	u32 i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(xt));
	for (i = 0; i < PACKETS && !test->status; i++) {
		struct sk_buff *skb = skb_kunit_random(test, FWLOAD_FAMILY_IPV4, 0);
		struct fwload_img_el_set_connmark el = {
			.el.arg = random_below(3),
			.ctmark = cpu_to_le32(random_below(256)),
			.ctmask = cpu_to_le32(random_below(256)),
			.nfmask = cpu_to_le32(random_below(256)),
			.shift_dir = random_below(2),
			.shift_bits = random_below(32),
		};
		struct xt_connmark_tginfo2 info = {
			.ctmark = le32_to_cpu(el.ctmark),
			.ctmask = le32_to_cpu(el.ctmask),
			.nfmask = le32_to_cpu(el.nfmask),
			.shift_dir = el.shift_dir,
			.shift_bits = el.shift_bits,
			.mode = el.el.arg,
		};
		struct xt_action_param par = { .target = xt, .targinfo = &info, .state = &state };
		u32 ctmark = random_below(256), mark = random_below(256);
		u32 want_ctmark, want_mark;
		struct fwload_pkt pkt;

		skb_kunit_ct->mark = ctmark;
		skb->mark = mark;
		xt->target(skb, &par);
		want_ctmark = skb_kunit_ct->mark;
		want_mark = skb->mark;

		skb_kunit_ct->mark = ctmark;
		skb->mark = mark;
		fwload_packet_extract(&pkt, skb, &state, FWLOAD_FAMILY_IPV4);
		fwload_pkt_load_ct(&pkt);
		fwload_pkt_connmark(&pkt, &el);
		KUNIT_EXPECT_EQ(test, skb_kunit_ct->mark, want_ctmark);
		KUNIT_EXPECT_EQ(test, skb->mark, want_mark);
		KUNIT_EXPECT_EQ(test, pkt.mark, want_mark);
		/* what a connmark match behind it sees */
		if (!pkt.has_ct)
			fwload_pkt_load_ct(&pkt);
		if (pkt.ct_valid)
			KUNIT_EXPECT_EQ(test, pkt.ct_mark, want_ctmark);
		skb_kunit_free(skb);
	}
	module_put(xt->me);
}

static char traced[NF_LOG_PREFIXLEN];

static void catch_trace(struct net *net, u_int8_t pf, unsigned int hooknum,
			const struct sk_buff *skb, const struct net_device *in,
			const struct net_device *out, const struct nf_loginfo *li,
			const char *prefix)
{
	strscpy(traced, prefix);
}

/* Rules without a test: NONE, ACCEPT, RETURN; then one with -p and ACCEPT. */
static const struct fwload_img_rule trace_rules[] = {
	{ cpu_to_le16(1) },
	{ cpu_to_le16(1), .target = cpu_to_le32(FWLOAD_IMG_T_ACCEPT << FWLOAD_IMG_TARGET_SHIFT) },
	{ cpu_to_le16(1), .target = cpu_to_le32(FWLOAD_IMG_T_RETURN << FWLOAD_IMG_TARGET_SHIFT) },
	{ cpu_to_le16(1), .proto = 6, .flags = FWLOAD_IMG_R_PROTO,
	  .target = cpu_to_le32(FWLOAD_IMG_T_ACCEPT << FWLOAD_IMG_TARGET_SHIFT) },
};

/*
 * ip_tables takes each rule without a test and with a final verdict for the one that it
 * puts at the end of a chain itself.
 */
static void trace_has_the_text_of_ip_tables(struct kunit *test)
{
	static const char * const want[][2] = {
		{ "TRACE: mangle:FORWARD:rule:1 ", "TRACE: mangle:FORWARD:rule:1 " },
		{ "TRACE: mangle:FORWARD:return:2 ", "TRACE: mangle:FORWARD:policy:2 " },
		{ "TRACE: mangle:FORWARD:return:3 ", "TRACE: mangle:FORWARD:policy:3 " },
		{ "TRACE: mangle:FORWARD:rule:4 ", "TRACE: mangle:FORWARD:rule:4 " },
		{ "TRACE: mangle:FORWARD:return:5 ", "TRACE: mangle:FORWARD:policy:5 " },
	};
	static struct nf_logger logger = { .name = "fwload_kunit", .type = NF_LOG_TYPE_LOG,
					   .logfn = catch_trace, .me = THIS_MODULE };
	struct nf_hook_state state = { .net = &init_net, .pf = NFPROTO_IPV4,
				       .hook = NF_INET_FORWARD };
	struct fwload_chain *chain = kunit_kzalloc(test, sizeof(*chain), GFP_KERNEL);
	struct fwload_pkt pkt = { .table = FWLOAD_TABLE_MANGLE, .state_ptr = &state };
	const struct nf_logger *was;
	struct fwload_place at;
	u32 i, base;

	KUNIT_ASSERT_NOT_NULL(test, chain);
	strscpy(chain->name, "FORWARD");
	chain->code.rules = (const u8 *)trace_rules;
	chain->code.rules_size = sizeof(trace_rules);
	chain->code.n_rules = ARRAY_SIZE(trace_rules);

	was = rcu_access_pointer(init_net.nf.nf_loggers[NFPROTO_IPV4]);
	rcu_assign_pointer(init_net.nf.nf_loggers[NFPROTO_IPV4], &logger);
	for (base = 0; base < 2; base++) {
		chain->code.is_base = base;
		for (i = 0; i < ARRAY_SIZE(want); i++) {
			traced[0] = '\0';
			at.rule = i < ARRAY_SIZE(trace_rules) ? &trace_rules[i] : NULL;
			at.index = i;
			fwload_pkt_trace(&pkt, &chain->code, at);
			KUNIT_EXPECT_STREQ(test, traced, want[i][base]);
		}
	}
	rcu_assign_pointer(init_net.nf.nf_loggers[NFPROTO_IPV4], was);
	synchronize_rcu();
}

static struct kunit_case packet_cases[] = {
	KUNIT_CASE(key_is_what_the_packet_says),
	KUNIT_CASE(connmark_is_the_targets),
	KUNIT_CASE(trace_has_the_text_of_ip_tables),
	{}
};

static struct kunit_suite packet_suite = {
	.name = "fwload_packet",
	.suite_init = skb_kunit_init,
	.suite_exit = skb_kunit_exit,
	.test_cases = packet_cases,
};

kunit_test_suite(packet_suite);
