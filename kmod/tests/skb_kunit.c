// SPDX-License-Identifier: GPL-2.0
/* Random packets for the suites: see skb_kunit.h. */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/prandom.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "../match.h"
#include "skb_kunit.h"

#define SEED	20260101

struct net_device *skb_kunit_ether;
struct nf_conn *skb_kunit_ct;

static struct rnd_state rnd;

u32 random_below(u32 n)
{
	return prandom_u32_state(&rnd) % n;
}

bool random_one_in(u32 n)
{
	return !random_below(n);
}

u16 random_port(void)
{
	static const u16 ports[] = { 0, 1, 22, 79, 80, 81, 1024, 65534, 65535 };

	return ports[random_below(ARRAY_SIZE(ports))];
}

/* With extension headers; returns where they end. */
static u32 fill_ipv6(u8 *data, u8 proto)
{
	static const u8 headers[] = { NEXTHDR_HOP, NEXTHDR_ROUTING, NEXTHDR_FRAGMENT,
				      NEXTHDR_AUTH, NEXTHDR_DEST };
	struct ipv6hdr *ip = (void *)data;
	u8 *next = &ip->nexthdr, *len, type;
	u32 at = sizeof(*ip), n;

	ip->version = 6;
	for (n = random_one_in(3) ? 1 + random_below(3) : 0; n; n--) {
		type = headers[random_below(ARRAY_SIZE(headers))];
		*next = type;
		next = &data[at];
		len = &data[at + 1];
		*len = type == NEXTHDR_FRAGMENT || !random_one_in(8) ? 0 : random_below(4);
		if (type == NEXTHDR_FRAGMENT && random_one_in(2))
			data[at + 3] = random_below(4) << 3 | random_below(2);
		at += type == NEXTHDR_AUTH ? (*len + 2) * 4 : (*len + 1) * 8;
	}
	*next = random_one_in(20) ? NEXTHDR_NONE : proto;
	return at;
}

static u32 fill_ipv4(u8 *data, u8 proto)
{
	struct iphdr *ip = (void *)data;

	ip->version = 4;
	ip->ihl = random_one_in(4) ? 5 + random_below(11) : 5;
	if (random_one_in(5))
		ip->frag_off = htons(random_below(4) | random_below(2) << 13);
	ip->protocol = proto;
	ip->saddr = htonl(0xc0000200 + random_below(8));
	ip->daddr = random_one_in(4) ? htonl(0xe0000001) : htonl(0xc0000200 + random_below(8));
	return ip->ihl * 4;
}

struct sk_buff *skb_kunit_random(struct kunit *test, u8 family, u8 proto)
{
	static const u8 protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP };
	u8 data[320] = {};
	u32 ip, len, linear, i;
	struct sk_buff *skb;
	struct page *page;

	if (!proto)
		proto = protos[random_below(ARRAY_SIZE(protos))];
	if (family == FWLOAD_FAMILY_IPV4)
		ip = fill_ipv4(data, proto);
	else
		ip = fill_ipv6(data, proto);
	for (i = ip; i < ip + 60; i++)
		data[i] = random_one_in(3) ? random_below(256) : random_below(4);
	*(__be16 *)&data[ip] = htons(random_port());
	*(__be16 *)&data[ip + 2] = htons(random_port());
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		data[ip] = random_below(4) * 0x55;
		data[ip + 1] = random_below(4);
	}
	data[ip + 12] = random_one_in(8) ? random_below(16) << 4 :
					   0x50 + (random_below(11) << 4);
	len = ip + (random_one_in(4) ? random_below(61) : 60);
	if (family == FWLOAD_FAMILY_IPV6)
		memcpy(data + 8, "\x20\x01\x0d\xb8", 4);

	skb = alloc_skb(ETH_HLEN + 2 + len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, ETH_HLEN + 2);
	linear = len;
	if (random_one_in(4)) {
		linear = family == FWLOAD_FAMILY_IPV4 ? sizeof(struct iphdr) :
							sizeof(struct ipv6hdr);
		linear += random_below(len - linear + 1);
	}
	skb_put_data(skb, data, linear);
	if (linear < len) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		memcpy(page_address(page), data + linear, len - linear);
		skb_add_rx_frag(skb, 0, page, 0, len - linear, PAGE_SIZE);
	}
	skb_reset_network_header(skb);
	if (!random_one_in(4)) {
		skb_set_mac_header(skb, random_one_in(4) ? -(int)random_below(ETH_HLEN) :
							   -ETH_HLEN);
		eth_hdr(skb)->h_source[5] = random_below(2);
	}
	if (!random_one_in(4))
		skb->dev = skb_kunit_ether;
	skb->pkt_type = random_below(6);
	skb->mark = random_below(4);
	if (random_one_in(2)) {
		skb_kunit_ct->status = random_below(2) << IPS_SRC_NAT_BIT |
				       random_below(2) << IPS_DST_NAT_BIT;
		skb_kunit_ct->mark = random_below(4);
		nf_ct_set(skb, skb_kunit_ct, random_below(5));
	} else if (random_one_in(2)) {
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	}
	return skb;
}

void skb_kunit_free(struct sk_buff *skb)
{
	skb->_nfct = 0;		/* the connection is not the packet's */
	kfree_skb(skb);
}

int skb_kunit_init(struct kunit_suite *suite)
{
	prandom_seed_state(&rnd, SEED);
	skb_kunit_ether = alloc_etherdev(0);
	if (!skb_kunit_ether)
		return -ENOMEM;
	skb_kunit_ct = nf_ct_tmpl_alloc(&init_net, &nf_ct_zone_dflt, GFP_KERNEL);
	if (!skb_kunit_ct) {
		free_netdev(skb_kunit_ether);
		return -ENOMEM;
	}
	return 0;
}

void skb_kunit_exit(struct kunit_suite *suite)
{
	nf_ct_tmpl_free(skb_kunit_ct);
	free_netdev(skb_kunit_ether);
}
