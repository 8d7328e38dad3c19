// SPDX-License-Identifier: GPL-2.0
/* The packet key of a packet of the model, and what match.c asks of its owner. */
#include <string.h>

#include "model_key.h"

static const struct model_packet *model_of(const struct fwload_pkt *pkt)
{
	return pkt->skb;
}

void fwload_pkt_load_ct(struct fwload_pkt *pkt)
{
	const struct model_packet *p = model_of(pkt);

	pkt->has_ct = true;
	pkt->ct_valid = p->ctinfo >= 0;
	pkt->ct_states = model_ct_states(p);
	pkt->ct_mark = pkt->ct_valid ? p->ct_mark : 0;
}

bool fwload_pkt_mac(const struct fwload_pkt *pkt, u8 mac[6])
{
	memcpy(mac, model_of(pkt)->mac, 6);
	return model_of(pkt)->has_mac;
}

bool fwload_pkt_tcp_options(const struct fwload_pkt *pkt, u8 *buf, u32 len)
{
	const struct model_packet *p = model_of(pkt);

	if (pkt->thoff + 20 + len > p->len)
		return false;
	memcpy(buf, p->data + pkt->thoff + 20, len);
	return true;
}

void model_key(struct fwload_pkt *pkt, struct model_packet *p)
{
	const u8 *addr = p->data + (p->ipv6 ? 8 : 12);
	unsigned int n = p->ipv6 ? 16 : 4;
	static u8 header[20];
	struct model_where w;

	memset(pkt, 0xa5, sizeof(*pkt));	/* nothing else may be looked at */
	model_locate(p, &w);
	pkt->family = p->ipv6 ? FWLOAD_FAMILY_IPV6 : FWLOAD_FAMILY_IPV4;
	pkt->unparsable = w.proto < 0;
	pkt->proto = w.proto;
	pkt->hotdrop = false;
	pkt->pkt_type = p->pkt_type;
	pkt->fragoff = w.fragoff;
	pkt->thoff = w.thoff;
	pkt->avail = 0;
	if ((!p->ipv6 || w.thoff) && p->len > w.thoff)
		pkt->avail = p->len - w.thoff < 20 ? p->len - w.thoff : 20;
	/* at the end of an array, so that the sanitizer sees who reads on */
	pkt->th = header + sizeof(header) - pkt->avail;
	memcpy(header + sizeof(header) - pkt->avail, p->data + w.thoff, pkt->avail);
	memcpy(pkt->saddr, addr, n);
	memcpy(pkt->daddr, addr + n, n);
	pkt->in = p->in;
	pkt->out = p->out;
	pkt->mark = p->mark;
	pkt->has_ct = false;
	pkt->skb = p;
}
