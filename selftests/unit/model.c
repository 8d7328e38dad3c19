// SPDX-License-Identifier: GPL-2.0
/*
 * See model.h. Read it side by side with net/ipv4/netfilter/ip_tables.c,
 * net/ipv6/netfilter/ip6_tables.c and net/netfilter/xt_*.c.
 */
#include <string.h>

#include "model.h"

enum { TCP = 6, UDP = 17 };

static unsigned int be16(const uint8_t *p)
{
	return p[0] * 256U + p[1];
}

/* skb_header_pointer() */
static const uint8_t *header(const struct model_packet *p, unsigned int offset,
			     unsigned int len)
{
	return offset + len <= p->len ? p->data + offset : NULL;
}

static bool is_ext_header(int proto)
{
	return proto == 0 || proto == 43 || proto == 44 || proto == 51 || proto == 59 ||
	       proto == 60;
}

/* ipv6_find_hdr(skb, &thoff, -1, &fragoff, NULL) */
static void locate_ipv6(const struct model_packet *p, struct model_where *w)
{
	unsigned int at = 40, size;
	int proto = p->data[6];
	const uint8_t *h;

	w->proto = -1;
	w->thoff = 0;
	w->fragoff = 0;
	while (is_ext_header(proto) && proto != 59) {
		h = header(p, at, 2);
		if (!h)
			return;
		if (proto == 43 && !header(p, at, 4))
			return;
		if (proto == 44) {
			if (!header(p, at + 2, 2))
				return;
			if (be16(h + 2) & ~7U) {
				if (is_ext_header(h[0]) && h[0] != 59)
					return;
				w->proto = h[0];
				w->fragoff = be16(h + 2) & ~7U;
				return;
			}
			size = 8;
		} else if (proto == 51) {
			size = (h[1] + 2) * 4;
		} else {
			size = (h[1] + 1) * 8;
		}
		if (p->len - at < size)
			return;
		proto = h[0];
		at += size;
	}
	w->proto = proto;
	w->thoff = at;
}

void model_locate(const struct model_packet *p, struct model_where *w)
{
	if (p->ipv6) {
		locate_ipv6(p, w);
		return;
	}
	w->proto = p->data[9];
	w->thoff = (p->data[0] & 15) * 4;
	w->fragoff = be16(p->data + 6) & 0x1fff;
}

static bool addr_ok(const uint8_t *addr, const uint8_t *net, const uint8_t *mask,
		    unsigned int n, bool invert)
{
	bool same = true;
	unsigned int i;

	for (i = 0; i < n; i++)
		if ((addr[i] & mask[i]) != net[i])
			same = false;
	return same ^ invert;
}

static bool iface_ok(const char *name, const char *given, bool invert)
{
	size_t n = strlen(given);
	bool same;

	if (!n)
		return true;
	if (given[n - 1] == '+')
		same = !strncmp(name, given, n - 1);
	else
		same = !strcmp(name, given);
	return same ^ invert;
}

static bool port_ok(unsigned int port, const uint16_t *range, bool invert)
{
	return (port >= range[0] && port <= range[1]) ^ invert;
}

static bool option_ok(const struct model_packet *p, unsigned int at, unsigned int len,
		      const struct model_ports *m, bool *hotdrop)
{
	const uint8_t *op;
	unsigned int i = 0;

	if (!len)
		return m->option_inv;
	op = header(p, at, len);
	if (!op) {
		*hotdrop = true;
		return false;
	}
	while (i < len) {
		if (op[i] == m->option)
			return !m->option_inv;
		if (op[i] == 0 || op[i] == 1 || i == len - 1 || op[i + 1] == 0)
			i += 1;
		else
			i += op[i + 1];
	}
	return m->option_inv;
}

static bool tcp_ok(const struct model_packet *p, const struct model_where *w,
		   const struct model_ports *m, bool *hotdrop)
{
	const uint8_t *th;
	unsigned int size;

	if (w->fragoff) {
		if (w->fragoff == 1)
			*hotdrop = true;
		return false;
	}
	th = header(p, w->thoff, 20);
	if (!th) {
		*hotdrop = true;
		return false;
	}
	if (!port_ok(be16(th), m->spts, m->sport_inv) ||
	    !port_ok(be16(th + 2), m->dpts, m->dport_inv))
		return false;
	if (((th[13] & m->mask) == m->cmp) == m->flags_inv)
		return false;
	if (m->option) {
		size = (th[12] >> 4) * 4;
		if (size < 20) {
			*hotdrop = true;
			return false;
		}
		return option_ok(p, w->thoff + 20, size - 20, m, hotdrop);
	}
	return true;
}

/* For the others a fragment never matches, and what is truncated is dropped. */
static const uint8_t *transport(const struct model_packet *p, const struct model_where *w,
				unsigned int len, bool *hotdrop)
{
	const uint8_t *th;

	if (w->fragoff)
		return NULL;
	th = header(p, w->thoff, len);
	if (!th)
		*hotdrop = true;
	return th;
}

static bool multiport_ok(const struct model_multiport *m, const uint8_t *th, bool invert)
{
	unsigned int src = be16(th), dst = be16(th + 2), low, high, i;
	bool hit_src = false, hit_dst = false;

	for (i = 0; i < m->count; i++) {
		low = m->ports[i];
		high = m->range[i] ? m->ports[++i] : low;
		if (src >= low && src <= high)
			hit_src = true;
		if (dst >= low && dst <= high)
			hit_dst = true;
	}
	if (m->which == 0)
		return hit_src ^ invert;
	if (m->which == 1)
		return hit_dst ^ invert;
	return (hit_src || hit_dst) ^ invert;
}

uint32_t model_ct_states(const struct model_packet *p)
{
	/* IP_CT_ESTABLISHED 0, RELATED 1, NEW 2, replies from 3 on */
	static const uint32_t bit[] = { 1 << 1, 1 << 2, 1 << 3, 1 << 1, 1 << 2 };
	uint32_t states;

	if (p->ctinfo < 0)
		return p->untracked ? 1 << 8 : 1 << 0;
	states = bit[p->ctinfo];
	if (p->snat)
		states |= 1 << 6;
	if (p->dnat)
		states |= 1 << 7;
	return states;
}

static bool range_ok(const uint8_t *addr, const uint8_t (*range)[16], unsigned int n,
		     bool invert)
{
	unsigned int i;
	bool below = false, above = false;

	for (i = 0; i < n; i++)
		if (addr[i] != range[0][i]) {
			below = addr[i] < range[0][i];
			break;
		}
	for (i = 0; i < n; i++)
		if (addr[i] != range[1][i]) {
			above = addr[i] > range[1][i];
			break;
		}
	return !(below || above) ^ invert;
}

static bool pkttype_ok(const struct model_packet *p, uint8_t want, bool invert)
{
	uint8_t type = p->pkt_type;

	if (type == 5 && !p->ipv6)
		type = p->data[16] >= 224 && p->data[16] <= 239 ? 2 : 1;
	else if (type == 5)
		type = 2;
	return (type == want) ^ invert;
}

static bool match_ok(const struct model_match *m, const struct model_packet *p,
		     const struct model_where *w, bool *hotdrop)
{
	const uint8_t *src = p->data + (p->ipv6 ? 8 : 12);
	unsigned int n = p->ipv6 ? 16 : 4;
	const uint8_t *th;
	bool hit;

	switch (m->kind) {
	case MODEL_TCP:
		return tcp_ok(p, w, &m->ports, hotdrop);
	case MODEL_UDP:
		th = transport(p, w, 8, hotdrop);
		return th && port_ok(be16(th), m->ports.spts, m->ports.sport_inv) &&
		       port_ok(be16(th + 2), m->ports.dpts, m->ports.dport_inv);
	case MODEL_SCTP:
		th = transport(p, w, 12, hotdrop);
		if (!th)
			return false;
		if (m->ports.has_sport &&
		    !port_ok(be16(th), m->ports.spts, m->ports.sport_inv))
			return false;
		if (m->ports.has_dport &&
		    !port_ok(be16(th + 2), m->ports.dpts, m->ports.dport_inv))
			return false;
		return true;
	case MODEL_ICMP:
		th = transport(p, w, 8, hotdrop);
		if (!th)
			return false;
		hit = th[0] == m->icmp.type && th[1] >= m->icmp.code[0] &&
		      th[1] <= m->icmp.code[1];
		if (!p->ipv6 && m->icmp.type == 255)
			hit = true;
		return hit ^ m->invert;
	case MODEL_MULTIPORT:
		th = transport(p, w, 4, hotdrop);
		return th && multiport_ok(&m->multiport, th, m->invert);
	case MODEL_CTSTATE:
		return ((m->states & model_ct_states(p)) != 0) ^ m->invert;
	case MODEL_MARK:
		return ((p->mark & m->mark.mask) == m->mark.mark) ^ m->invert;
	case MODEL_CONNMARK:
		if (p->ctinfo < 0)
			return false;
		return ((p->ct_mark & m->mark.mask) == m->mark.mark) ^ m->invert;
	case MODEL_MAC:
		if (!p->has_mac)
			return false;
		return !memcmp(p->mac, m->mac, 6) ^ m->invert;
	case MODEL_IPRANGE:
		if (m->iprange.has_src &&
		    !range_ok(src, m->iprange.src, n, m->iprange.src_inv))
			return false;
		if (m->iprange.has_dst &&
		    !range_ok(src + n, m->iprange.dst, n, m->iprange.dst_inv))
			return false;
		return true;
	case MODEL_PKTTYPE:
		return pkttype_ok(p, m->pkttype, m->invert);
	default:
		return true;
	}
}

bool model_rule_matches(const struct model_rule *r, const struct model_packet *p,
			bool *hotdrop)
{
	const uint8_t *src = p->data + (p->ipv6 ? 8 : 12);
	unsigned int n = p->ipv6 ? 16 : 4, i;
	struct model_where w;

	if (!addr_ok(src, r->src, r->smask, n, r->src_inv) ||
	    !addr_ok(src + n, r->dst, r->dmask, n, r->dst_inv) ||
	    !iface_ok(p->in, r->in, r->in_inv) || !iface_ok(p->out, r->out, r->out_inv))
		return false;
	model_locate(p, &w);
	if (p->ipv6) {
		if (r->has_proto) {
			if (w.proto < 0) {
				*hotdrop = true;
				return false;
			}
			if (w.proto == r->proto && r->proto_inv)
				return false;
			if (w.proto != r->proto && r->proto && !r->proto_inv)
				return false;
		}
	} else {
		if (r->proto && (w.proto == r->proto) == r->proto_inv)
			return false;
		if (r->frag && !w.fragoff != r->frag_inv)
			return false;
	}
	for (i = 0; i < r->n_matches; i++)
		if (!match_ok(&r->matches[i], p, &w, hotdrop))
			return false;
	return true;
}
