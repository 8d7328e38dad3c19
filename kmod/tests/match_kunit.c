// SPDX-License-Identifier: GPL-2.0
/*
 * Native matches with the kernel's own extensions as the oracle: for each of them, random
 * packets (fragments, truncated ones, in one piece or in two) and random parameters, given to
 * the extension and to match.c in their own forms. Verdict and hotdrop must be the same.
 */
#include <kunit/test.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "../packet.h"
#include "skb_kunit.h"

#define PAIRS	20000

/* Both forms of one match, and what the suite shares. */
struct draft {
	union {
		struct xt_tcp tcp;
		struct xt_udp udp;
		struct xt_sctp_info sctp;
		struct ipt_icmp icmp;
		struct ip6t_icmp icmp6;
		struct xt_multiport_v1 multiport;
		struct xt_mark_mtinfo1 mark;
		struct xt_connmark_mtinfo1 connmark;
		struct xt_pkttype_info pkttype;
		struct xt_iprange_mtinfo iprange;
		struct xt_mac_info mac;
		struct xt_state_info state;
		struct xt_conntrack_mtinfo3 conntrack;
	} xt;
	u8 rule[256] __aligned(8);
};

struct kind {
	const char *name;
	u8 revision;
	u8 family;
	u8 proto;		/* 0: any */
	bool drops;
	void (*draft)(struct draft *d);
};

static void random_range(u16 range[2])
{
	range[0] = random_one_in(3) ? 0 : random_port();
	range[1] = random_one_in(3) ? 65535 : random_port();
}

/* Drafts -------------------------------------------------------------------- */

static void *add_el(struct draft *d, u8 type, size_t size, bool invert, u8 arg)
{
	struct fwload_img_rule *rule = (void *)d->rule;
	struct fwload_img_el *el = (void *)(d->rule + sizeof(*rule));

	size = ALIGN(size, 8);
	rule->size = cpu_to_le16((sizeof(*rule) + size) / 8);
	el->type = type;
	el->len = size / 8;
	el->flags = invert ? FWLOAD_IMG_F_INV : 0;
	el->arg = arg;
	return el;
}

static void put_ports(struct fwload_img_el_ports *el, const u16 *sport, const u16 *dport)
{
	el->sport[0] = cpu_to_le16(sport[0]);
	el->sport[1] = cpu_to_le16(sport[1]);
	el->dport[0] = cpu_to_le16(dport[0]);
	el->dport[1] = cpu_to_le16(dport[1]);
}

static void draft_tcp(struct draft *d)
{
	struct xt_tcp *xt = &d->xt.tcp;
	struct fwload_img_el_ports *el;

	el = add_el(d, FWLOAD_IMG_EL_PORTS, sizeof(*el), false, IPPROTO_TCP);
	random_range(xt->spts);
	random_range(xt->dpts);
	if (random_one_in(2)) {
		xt->flg_mask = 1 << random_below(8) | 1 << random_below(8);
		xt->flg_cmp = xt->flg_mask & random_below(256);
	}
	if (random_one_in(2))
		xt->option = 1 + random_below(4);
	xt->invflags = random_below(XT_TCP_INV_MASK + 1);
	put_ports(el, xt->spts, xt->dpts);
	el->flag_mask = xt->flg_mask;
	el->flag_cmp = xt->flg_cmp;
	el->option = xt->option;
	el->el.flags = xt->invflags;	/* the same bits */
}

static void draft_dport(struct draft *d)
{
	struct xt_tcp *xt = &d->xt.tcp;
	struct fwload_img_el_dport *el;

	xt->spts[1] = 65535;
	random_range(xt->dpts);
	xt->invflags = random_one_in(2) ? XT_TCP_INV_DSTPT : 0;
	el = add_el(d, FWLOAD_IMG_EL_DPORT, sizeof(*el), xt->invflags, IPPROTO_TCP);
	el->dport[0] = cpu_to_le16(xt->dpts[0]);
	el->dport[1] = cpu_to_le16(xt->dpts[1]);
}

static void draft_udp(struct draft *d)
{
	struct xt_udp *xt = &d->xt.udp;
	struct fwload_img_el_ports *el;

	el = add_el(d, FWLOAD_IMG_EL_PORTS, sizeof(*el), false, IPPROTO_UDP);
	random_range(xt->spts);
	random_range(xt->dpts);
	xt->invflags = random_below(XT_UDP_INV_MASK + 1);
	put_ports(el, xt->spts, xt->dpts);
	el->el.flags = xt->invflags;
}

static void draft_sctp(struct draft *d)
{
	struct xt_sctp_info *xt = &d->xt.sctp;
	struct fwload_img_el_ports *el;

	el = add_el(d, FWLOAD_IMG_EL_PORTS, sizeof(*el), false, IPPROTO_SCTP);
	xt->flags = random_below(4);
	xt->invflags = random_below(4) & xt->flags;
	random_range(xt->spts);
	random_range(xt->dpts);
	put_ports(el, xt->spts, xt->dpts);
	el->el.flags = (xt->flags & XT_SCTP_SRC_PORTS ? FWLOAD_IMG_F_SPORT : 0) |
		       (xt->flags & XT_SCTP_DEST_PORTS ? FWLOAD_IMG_F_DPORT : 0) |
		       (xt->invflags & XT_SCTP_SRC_PORTS ? FWLOAD_IMG_F_SPORT_INV : 0) |
		       (xt->invflags & XT_SCTP_DEST_PORTS ? FWLOAD_IMG_F_DPORT_INV : 0);
}

static void put_icmp(struct draft *d, u8 type, const u8 *code, bool invert)
{
	struct fwload_img_el_icmp *el;

	el = add_el(d, FWLOAD_IMG_EL_ICMP, sizeof(*el), invert, type);
	el->code[0] = code[0];
	el->code[1] = code[1];
}

static void draft_icmp(struct draft *d)
{
	struct ipt_icmp *xt = &d->xt.icmp;

	xt->type = random_below(4) * 0x55;
	xt->code[0] = random_below(3);
	xt->code[1] = random_one_in(2) ? xt->code[0] : 255;
	xt->invflags = random_one_in(2) ? IPT_ICMP_INV : 0;
	put_icmp(d, xt->type, xt->code, xt->invflags);
}

static void draft_icmp6(struct draft *d)
{
	struct ip6t_icmp *xt = &d->xt.icmp6;

	xt->type = random_below(4) * 0x55;
	xt->code[0] = random_below(3);
	xt->code[1] = random_one_in(2) ? xt->code[0] : 255;
	xt->invflags = random_one_in(2) ? IP6T_ICMP_INV : 0;
	put_icmp(d, xt->type, xt->code, xt->invflags);
}

static void draft_multiport(struct draft *d)
{
	struct xt_multiport_v1 *xt = &d->xt.multiport;
	struct fwload_img_el_multiport *el;
	u16 ranges = 0;
	u32 i;

	xt->flags = random_below(3);
	xt->count = 1 + random_below(XT_MULTI_PORTS);
	xt->invert = random_one_in(2);
	el = add_el(d, FWLOAD_IMG_EL_MULTIPORT, struct_size(el, port, xt->count), xt->invert,
		    xt->flags == XT_MULTIPORT_SOURCE ? FWLOAD_IMG_MULTIPORT_SRC :
		    xt->flags == XT_MULTIPORT_DESTINATION ? FWLOAD_IMG_MULTIPORT_DST :
							    FWLOAD_IMG_MULTIPORT_EITHER);
	for (i = 0; i < xt->count; i++) {
		xt->ports[i] = random_port();
		if (i + 1 < xt->count && random_one_in(4)) {
			xt->pflags[i] = 1;
			ranges |= 1U << i;
			xt->ports[i + 1] = max(xt->ports[i], random_port());
			i++;
		}
	}
	for (i = 0; i < xt->count; i++)
		el->port[i] = cpu_to_le16(xt->ports[i]);
	el->ranges = cpu_to_le16(ranges);
	el->n = xt->count;
}

static void put_mark(struct draft *d, u8 type, u32 mark, u32 mask, bool invert)
{
	struct fwload_img_el_mark *el = add_el(d, type, sizeof(*el), invert, 0);

	el->value = cpu_to_le32(mark);
	el->mask = cpu_to_le32(mask);
}

static void draft_mark(struct draft *d)
{
	struct xt_mark_mtinfo1 *xt = &d->xt.mark;

	xt->mark = random_below(4);
	xt->mask = random_below(4);
	xt->invert = random_one_in(2);
	put_mark(d, FWLOAD_IMG_EL_MARK, xt->mark, xt->mask, xt->invert);
}

static void draft_connmark(struct draft *d)
{
	struct xt_connmark_mtinfo1 *xt = &d->xt.connmark;

	xt->mark = random_below(4);
	xt->mask = random_below(4);
	xt->invert = random_one_in(2);
	put_mark(d, FWLOAD_IMG_EL_CONNMARK, xt->mark, xt->mask, xt->invert);
}

static void draft_pkttype(struct draft *d)
{
	struct xt_pkttype_info *xt = &d->xt.pkttype;

	xt->pkttype = random_below(3);
	xt->invert = random_one_in(2);
	add_el(d, FWLOAD_IMG_EL_PKTTYPE, sizeof(struct fwload_img_el_pkttype), xt->invert,
	       xt->pkttype);
}

static void draft_mac(struct draft *d)
{
	struct xt_mac_info *xt = &d->xt.mac;
	struct fwload_img_el_mac *el;

	xt->srcaddr[5] = random_below(2);
	xt->invert = random_one_in(2);
	el = add_el(d, FWLOAD_IMG_EL_MAC, sizeof(*el), xt->invert, 0);
	memcpy(el->mac, xt->srcaddr, sizeof(el->mac));
}

static void put_ctstate(struct draft *d, u32 states, bool invert)
{
	struct fwload_img_el_ctstate *el;

	el = add_el(d, FWLOAD_IMG_EL_CTSTATE, sizeof(*el), invert, 0);
	el->states = cpu_to_le32(states);
}

static void draft_state(struct draft *d)
{
	u32 states = random_below(16);
	bool untracked = random_one_in(2);

	/* its bit for untracked is another one, and NAT states it has not */
	d->xt.state.statemask = states | (untracked ? XT_STATE_UNTRACKED : 0);
	put_ctstate(d, states | (untracked ? XT_CONNTRACK_STATE_UNTRACKED : 0), false);
}

static void draft_conntrack(struct draft *d)
{
	struct xt_conntrack_mtinfo3 *xt = &d->xt.conntrack;

	xt->match_flags = XT_CONNTRACK_STATE;
	xt->invert_flags = random_one_in(2) ? XT_CONNTRACK_STATE : 0;
	xt->state_mask = random_below(512);
	put_ctstate(d, xt->state_mask, xt->invert_flags);
}

static void draft_iprange(struct draft *d, u8 family)
{
	u8 flags = IPRANGE_SRC | IPRANGE_DST | IPRANGE_SRC_INV | IPRANGE_DST_INV;
	struct xt_iprange_mtinfo *xt = &d->xt.iprange;
	struct fwload_img_el_iprange4 *el4;
	struct fwload_img_el_iprange6 *el6;
	union nf_inet_addr *all[] = { &xt->src_min, &xt->src_max, &xt->dst_min, &xt->dst_max };
	u32 i;

	xt->flags = random_below(256) & flags;
	if (family == FWLOAD_FAMILY_IPV4) {
		el4 = add_el(d, FWLOAD_IMG_EL_IPRANGE, sizeof(*el4), false, 0);
		el4->el.flags = 0;
		for (i = 0; i < ARRAY_SIZE(all); i++) {
			all[i]->ip = htonl(0xc0000200 + random_below(8));
			(i < 2 ? el4->src : el4->dst)[i & 1] = all[i]->ip;
		}
	} else {
		el6 = add_el(d, FWLOAD_IMG_EL_IPRANGE, sizeof(*el6), false, 0);
		for (i = 0; i < ARRAY_SIZE(all); i++) {
			memcpy(all[i], "\x20\x01\x0d\xb8", 4);
			if (random_one_in(2))
				all[i]->in6.s6_addr[random_below(16)] ^= 1;
			memcpy((i < 2 ? el6->src : el6->dst)[i & 1], all[i], 16);
		}
	}
	((struct fwload_img_el *)(d->rule + sizeof(struct fwload_img_rule)))->flags =
		(xt->flags & IPRANGE_SRC ? FWLOAD_IMG_F_SRC : 0) |
		(xt->flags & IPRANGE_DST ? FWLOAD_IMG_F_DST : 0) |
		(xt->flags & IPRANGE_SRC_INV ? FWLOAD_IMG_F_SRC_INV : 0) |
		(xt->flags & IPRANGE_DST_INV ? FWLOAD_IMG_F_DST_INV : 0);
}

static void draft_iprange4(struct draft *d)
{
	draft_iprange(d, FWLOAD_FAMILY_IPV4);
}

static void draft_iprange6(struct draft *d)
{
	draft_iprange(d, FWLOAD_FAMILY_IPV6);
}

/* Pairs --------------------------------------------------------------------- */

/* Where ip_tables or ip6_tables would tell the extension that the header is. */
static bool legacy_where(const struct kind *kind, const struct sk_buff *skb,
			 struct xt_action_param *par)
{
	unsigned short fragoff = 0;
	int proto;

	if (kind->family == FWLOAD_FAMILY_IPV4) {
		par->thoff = ip_hdrlen(skb);
		par->fragoff = ntohs(ip_hdr(skb)->frag_off) & IP_OFFSET;
		return !kind->proto || ip_hdr(skb)->protocol == kind->proto;
	}
	par->thoff = 0;
	if (!kind->proto)
		return true;
	proto = ipv6_find_hdr(skb, &par->thoff, -1, &fragoff, NULL);
	par->fragoff = fragoff;
	if (proto < 0 && !fragoff)
		par->hotdrop = true;
	return proto == kind->proto;
}

static void match_agrees(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	u8 nfproto = kind->family == FWLOAD_FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct nf_hook_state state = { .hook = NF_INET_PRE_ROUTING, .pf = nfproto,
				       .net = &init_net };
	struct fwload_img_rule *rule;
	u32 matched = 0, dropped = 0, i;
	struct draft *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct fwload_pkt *pkt = kunit_kzalloc(test, sizeof(*pkt), GFP_KERNEL);
	struct xt_match *xt = xt_find_match(nfproto, kind->name, kind->revision);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_ASSERT_NOT_NULL(test, pkt);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(xt));
	rule = (void *)d->rule;
	for (i = 0; i < PAIRS; i++) {
		struct sk_buff *skb = skb_kunit_random(test, kind->family, kind->proto);
		struct xt_action_param par = { .match = xt, .matchinfo = &d->xt,
					       .state = &state };
		bool want, got;

		memset(d, 0, sizeof(*d));
		kind->draft(d);
		rule->proto = kind->proto;
		rule->flags = kind->proto ? FWLOAD_IMG_R_PROTO : 0;

		local_bh_disable();
		want = legacy_where(kind, skb, &par) && xt->match(skb, &par);
		pkt->hotdrop = false;
		fwload_packet_extract(pkt, skb, &state, kind->family);
		got = fwload_match_rule(NULL, rule, pkt);
		local_bh_enable();

		skb_kunit_free(skb);
		matched += want;
		dropped += par.hotdrop;
		if (want == got && par.hotdrop == pkt->hotdrop)
			continue;
		KUNIT_FAIL(test, "pair %u: want %d, drop %d; got %d, drop %d", i, want,
			   par.hotdrop, got, pkt->hotdrop);
		break;
	}
	module_put(xt->me);
	kunit_info(test, "%u pairs, %u match, %u are dropped", i, matched, dropped);
	KUNIT_EXPECT_GT(test, matched, 0);
	KUNIT_EXPECT_LT(test, matched, PAIRS);
	KUNIT_EXPECT_EQ(test, dropped > 0, kind->drops);
}

#define V4	FWLOAD_FAMILY_IPV4
#define V6	FWLOAD_FAMILY_IPV6

static const struct kind kinds[] = {
	{ "tcp", 0, V4, IPPROTO_TCP, true, draft_tcp },
	{ "tcp", 0, V6, IPPROTO_TCP, true, draft_tcp },
	{ "tcp", 0, V4, IPPROTO_TCP, true, draft_dport },
	{ "tcp", 0, V6, IPPROTO_TCP, true, draft_dport },
	{ "udp", 0, V4, IPPROTO_UDP, true, draft_udp },
	{ "udp", 0, V6, IPPROTO_UDP, true, draft_udp },
	{ "sctp", 0, V4, IPPROTO_SCTP, true, draft_sctp },
	{ "sctp", 0, V6, IPPROTO_SCTP, true, draft_sctp },
	{ "icmp", 0, V4, IPPROTO_ICMP, true, draft_icmp },
	{ "icmp6", 0, V6, IPPROTO_ICMPV6, true, draft_icmp6 },
	{ "multiport", 1, V4, IPPROTO_TCP, true, draft_multiport },
	{ "multiport", 1, V6, IPPROTO_UDPLITE, true, draft_multiport },
	{ "mark", 1, V4, 0, false, draft_mark },
	{ "connmark", 1, V6, 0, false, draft_connmark },
	{ "state", 0, V4, 0, false, draft_state },
	{ "conntrack", 3, V6, 0, false, draft_conntrack },
	{ "mac", 0, V4, 0, false, draft_mac },
	{ "iprange", 1, V4, 0, false, draft_iprange4 },
	{ "iprange", 1, V6, 0, false, draft_iprange6 },
	{ "pkttype", 0, V4, 0, false, draft_pkttype },
	{ "pkttype", 0, V6, 0, false, draft_pkttype },
};

static void describe(const struct kind *kind, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, IPv%d%s", kind->name,
		 kind->family == V4 ? 4 : 6, kind->draft == draft_dport ? ", short form" : "");
}

KUNIT_ARRAY_PARAM(kind, kinds, describe);

static struct kunit_case match_cases[] = {
	KUNIT_CASE_PARAM(match_agrees, kind_gen_params),
	{}
};

static struct kunit_suite match_suite = {
	.name = "fwload_match",
	.suite_init = skb_kunit_init,
	.suite_exit = skb_kunit_exit,
	.test_cases = match_cases,
};

kunit_test_suite(match_suite);
