// SPDX-License-Identifier: GPL-2.0
/*
 * The packet key of an skb, and what a walk asks of the packet beyond it.
 *
 * fwload_packet_extract() finds once what every rule may ask for. The rest is read when a
 * rule does: connection, Ethernet address, TCP options; marks are written, and -j TRACE
 * is logged. These functions are called by match.c and eval.c, which are shared with
 * the host and know nothing of an skb, and are declared in their headers.
 *
 * Sources: net/ipv4/netfilter/ip_tables.c, net/ipv6/netfilter/ip6_tables.c and
 * net/netfilter/xt_conntrack.c, xt_mac.c, xt_tcpudp.c, xt_connmark.c of Linux 6.1 and 6.12.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_ecache.h>
#include <net/netfilter/nf_log.h>

#include "chain.h"
#include "packet.h"

static const char *ifname(const struct net_device *dev)
{
	static const char none[IFNAMSIZ] __aligned(8);

	return dev ? dev->name : none;
}

/* Find the transport header, which starts at pkt->thoff, and what there is of it. */
static inline void load_transport(struct fwload_pkt *pkt, const struct sk_buff *skb)
{
	if (likely(skb_headlen(skb) >= pkt->thoff + sizeof(pkt->th_copy))) {
		pkt->avail = sizeof(pkt->th_copy);
		pkt->th = skb->data + pkt->thoff;
		return;
	}
	pkt->th = pkt->th_copy;
	pkt->avail = 0;
	if (skb->len > pkt->thoff)
		pkt->avail = min_t(u32, skb->len - pkt->thoff, sizeof(pkt->th_copy));
	if (pkt->avail && skb_copy_bits(skb, pkt->thoff, pkt->th_copy, pkt->avail))
		pkt->avail = 0;
}

static inline void load_ipv4(struct fwload_pkt *pkt, const struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	pkt->proto = ip->protocol;
	pkt->unparsable = false;
	pkt->saddr[0] = ip->saddr;
	pkt->daddr[0] = ip->daddr;
	pkt->fragoff = ntohs(ip->frag_off) & IP_OFFSET;
	pkt->thoff = ip_hdrlen(skb);
	load_transport(pkt, skb);
}

static inline void load_ipv6(struct fwload_pkt *pkt, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	unsigned short fragoff = 0;
	int proto = ip->nexthdr;

	*(struct in6_addr *)pkt->saddr = ip->saddr;
	*(struct in6_addr *)pkt->daddr = ip->daddr;
	pkt->thoff = 0;
	/* spare the usual packet the call; what it would say is known */
	if (proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_ICMPV6)
		pkt->thoff = skb_network_offset(skb) + sizeof(*ip);
	else
		proto = ipv6_find_hdr(skb, &pkt->thoff, -1, &fragoff, NULL);
	pkt->unparsable = proto < 0;
	pkt->proto = proto;
	pkt->fragoff = fragoff;
	pkt->avail = 0;
	if (pkt->thoff)
		load_transport(pkt, skb);
}

void fwload_packet_extract(struct fwload_pkt *pkt, struct sk_buff *skb,
			   const struct nf_hook_state *state, u8 family)
{
	pkt->family = family;
	pkt->traced = skb->nf_trace;
	pkt->pkt_type = skb->pkt_type;
	pkt->len = skb->len;
	pkt->mark = skb->mark;
	pkt->has_ct = false;
	pkt->skb = skb;
	pkt->state_ptr = state;
	if (family == FWLOAD_FAMILY_IPV4)
		load_ipv4(pkt, skb);
	else
		load_ipv6(pkt, skb);
	pkt->in = ifname(state->in);
	pkt->out = ifname(state->out);
}

void fwload_pkt_load_ct(struct fwload_pkt *pkt)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(pkt->skb, &ctinfo);

	pkt->has_ct = true;
	pkt->ct_valid = ct;
	pkt->ct_mark = 0;
	if (ct) {
		pkt->ct_mark = READ_ONCE(ct->mark);
		pkt->ct_states = XT_CONNTRACK_STATE_BIT(ctinfo);
		if (test_bit(IPS_SRC_NAT_BIT, &ct->status))
			pkt->ct_states |= XT_CONNTRACK_STATE_SNAT;
		if (test_bit(IPS_DST_NAT_BIT, &ct->status))
			pkt->ct_states |= XT_CONNTRACK_STATE_DNAT;
	} else if (ctinfo == IP_CT_UNTRACKED) {
		pkt->ct_states = XT_CONNTRACK_STATE_UNTRACKED;
	} else {
		pkt->ct_states = XT_CONNTRACK_STATE_INVALID;
	}
}

bool fwload_pkt_mac(const struct fwload_pkt *pkt, u8 mac[6])
{
	const struct sk_buff *skb = pkt->skb;

	if (!skb->dev || skb->dev->type != ARPHRD_ETHER)
		return false;
	if (!skb_mac_header_was_set(skb) || skb_mac_header_len(skb) < ETH_HLEN)
		return false;
	ether_addr_copy(mac, eth_hdr(skb)->h_source);
	return true;
}

bool fwload_pkt_tcp_options(const struct fwload_pkt *pkt, u8 *buf, u32 len)
{
	return !skb_copy_bits(pkt->skb, pkt->thoff + sizeof(struct tcphdr), buf, len);
}

void fwload_pkt_set_mark(struct fwload_pkt *pkt, u32 mark)
{
	struct sk_buff *skb = pkt->skb;

	skb->mark = mark;
	pkt->mark = mark;
}

/*
 * Note the change of a mark for conntrack's events. As nf_conntrack_event_cache(), but for
 * the look-up of the cache: on 6.1 that refers to a symbol of nf_conntrack for
 * connections that are not confirmed yet, to keep clear of extensions with pointers into
 * modules that are gone. The cache has no pointers.
 */
static void mark_event(struct nf_conn *ct)
{
#ifdef CONFIG_NF_CONNTRACK_EVENTS
	struct nf_ct_ext *ext = ct->ext;
	struct nf_conntrack_ecache *cache;

	if (!rcu_access_pointer(nf_ct_net(ct)->ct.nf_conntrack_event_cb) ||
	    !nf_ct_ext_exist(ct, NF_CT_EXT_ECACHE))
		return;
	cache = (void *)ext + ext->offset[NF_CT_EXT_ECACHE];
	set_bit(IPCT_MARK, &cache->cache);
#endif
}

static u32 shift(const struct fwload_img_el_set_connmark *el, u32 mark)
{
	return el->shift_dir == D_SHIFT_RIGHT ? mark >> el->shift_bits :
						mark << el->shift_bits;
}

void fwload_pkt_connmark(struct fwload_pkt *pkt,
			 const struct fwload_img_el_set_connmark *el)
{
	u32 ctmask = le32_to_cpu(el->ctmask), nfmask = le32_to_cpu(el->nfmask);
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(pkt->skb, &ctinfo);
	u32 mark;

	if (!ct)
		return;

	mark = READ_ONCE(ct->mark);
	switch (el->el.arg) {
	case XT_CONNMARK_SET:
		mark = shift(el, (mark & ~ctmask) ^ le32_to_cpu(el->ctmark));
		break;
	case XT_CONNMARK_SAVE:
		mark = (mark & ~ctmask) ^ shift(el, pkt->mark & nfmask);
		break;
	case XT_CONNMARK_RESTORE:
		fwload_pkt_set_mark(pkt, (pkt->mark & ~nfmask) ^ shift(el, mark & ctmask));
		return;
	}
	if (READ_ONCE(ct->mark) != mark) {
		WRITE_ONCE(ct->mark, mark);
		mark_event(ct);
	}
	pkt->has_ct = false;		/* it holds the old mark */
}

/*
 * What ip_tables calls the rule: "return" and "policy" are its names for the rules that
 * it puts at the end of every chain, and it knows them by their looks: no test and a
 * final verdict. So a rule of the user's that looks the same is called the same.
 */
static const char *trace_comment(const struct fwload_code *code,
				 const struct fwload_img_rule *r)
{
	const char *end = code->is_base ? "policy" : "return";

	if (!r)
		return end;
	if (r->flags || fwload_rule_size(r) != sizeof(*r))
		return "rule";
	switch (le32_to_cpu(r->target) >> FWLOAD_IMG_TARGET_SHIFT) {
	case FWLOAD_IMG_T_ACCEPT:
	case FWLOAD_IMG_T_DROP:
	case FWLOAD_IMG_T_RETURN:
	case FWLOAD_IMG_T_QUEUE:
		return end;
	default:
		return "rule";
	}
}

void fwload_pkt_trace(const struct fwload_pkt *pkt, const struct fwload_code *code,
		      struct fwload_place at)
{
	static const struct nf_loginfo loginfo = {
		.type = NF_LOG_TYPE_LOG,
		.u.log = {
			.level = LOGLEVEL_WARNING,
			.logflags = NF_LOG_DEFAULT_MASK,
		},
	};
	const struct nf_hook_state *state = pkt->state_ptr;
	const struct fwload_chain *chain = container_of(code, struct fwload_chain, code);

	nf_log_trace(state->net, state->pf, state->hook, pkt->skb, state->in, state->out,
		     &loginfo, "TRACE: %s:%s:%s:%u ", fwload_image_table_names[pkt->table],
		     chain->name, trace_comment(code, at.rule), at.index + 1);
}
