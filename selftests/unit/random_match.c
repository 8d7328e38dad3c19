// SPDX-License-Identifier: GPL-2.0
/* See random_match.h. */
#include <endian.h>
#include <linux/types.h>
#include <string.h>

#include "../../uapi/linux/fwload_image.h"
#include "random_match.h"

#define PICK(pool)	(pool)[random_below(sizeof(pool) / sizeof((pool)[0]))]

enum { ICMP = 1, TCP = 6, UDP = 17, DCCP = 33, ICMPV6 = 58, SCTP = 132, UDPLITE = 136 };

static const uint16_t ports[] = { 0, 1, 22, 53, 79, 80, 81, 443, 1023, 1024, 65534, 65535 };
static const uint32_t marks[] = { 0, 1, 0x10, 0x80000001, 0xffffffff };
static const uint32_t masks[] = { 0, 1, 0xff, 0xf0000000, 0xffffffff };
static const char * const names[] = { "", "e", "eth0", "eth1", "eth10", "ethernet0",
				      "abcdefghijklmno", "abcdefghijklmnX" };
static const char * const patterns[] = { "", "", "", "+", "e+", "eth+", "eth1", "eth1+", "eth0",
					 "ethernet+", "abcdefgh+", "abcdefghi+",
					 "abcdefghijklmno", "abcdefghijklmn+" };

static uint64_t state;

void random_seed(uint64_t seed)
{
	state = seed;
}

/* splitmix64 */
unsigned int random_below(unsigned int n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(z ^ z >> 31) % n;
}

static bool one_in(unsigned int n)
{
	return !random_below(n);
}

/* What stands after the NUL is left over from another name. */
static void set_name(char to[16], const char *name)
{
	memset(to, 'e', 16);
	memcpy(to, name, strlen(name) + 1);
}

static void put_be16(uint8_t *p, unsigned int value)
{
	p[0] = value >> 8;
	p[1] = value;
}

/* Few addresses, which differ in a bit here and there. */
static void random_addr(uint8_t *addr, bool ipv6)
{
	memset(addr, 0, 16);
	memcpy(addr, ipv6 ? "\x20\x01\x0d\xb8" : "\xc0\x00\x02\x07", 4);
	if (ipv6)
		addr[15] = random_below(4);
	if (one_in(2))
		addr[random_below(ipv6 ? 16 : 4)] ^= 1 << random_below(8);
	if (!ipv6 && one_in(8))
		addr[0] = one_in(2) ? 224 + random_below(16) : 223 + 17 * random_below(2);
}

/* Packets ------------------------------------------------------------------ */

static unsigned int random_transport(uint8_t *th, int proto)
{
	static const uint8_t types[] = { 0, 3, 8, 128, 255 };
	unsigned int i;

	for (i = 0; i < 60; i++)
		th[i] = one_in(3) ? random_below(8) : random_below(256);
	if (proto == ICMP || proto == ICMPV6) {
		th[0] = PICK(types);
		th[1] = random_below(6);
		return 8;
	}
	put_be16(th, PICK(ports));
	put_be16(th + 2, PICK(ports));
	if (proto != TCP)
		return proto == SCTP ? 12 : 8;
	if (!one_in(16))
		th[12] = (5 + (one_in(2) ? 0 : random_below(11))) << 4;
	for (i = 20; i < 60; i++)
		th[i] = random_below(one_in(4) ? 12 : 4);
	return 60;
}

static unsigned int random_ipv4(uint8_t *ip, uint8_t proto)
{
	unsigned int ihl = one_in(8) ? 5 + random_below(11) : 5;

	if (one_in(100))
		ihl = random_below(5);		/* a raw socket may send it */
	ip[0] = 0x40 | ihl;
	ip[9] = proto;
	put_be16(ip + 6, one_in(4) ? random_below(5) | random_below(8) << 13 :
				     random_below(2) << 14);
	return ihl * 4;
}

/* Up to three extension headers; what they say of their length may be wrong. */
static unsigned int random_ipv6(uint8_t *ip, uint8_t proto)
{
	static const uint8_t headers[] = { 0, 43, 44, 51, 60 };
	unsigned int n = one_in(3) ? 1 + random_below(3) : 0, at = 40;
	uint8_t *next = &ip[6], type;

	ip[0] = 0x60;
	while (n--) {
		type = PICK(headers);
		*next = type;
		next = &ip[at];
		ip[at + 1] = type == 44 || !one_in(8) ? 0 : random_below(4);
		if (type == 44)
			put_be16(ip + at + 2, one_in(2) ? random_below(4) << 3 | random_below(8) :
							  random_below(2));
		at += type == 51 ? (ip[at + 1] + 2) * 4 : (ip[at + 1] + 1) * 8;
	}
	*next = one_in(30) ? 59 : proto;
	return at;
}

void random_packet(struct model_packet *p)
{
	static const uint8_t protos4[] = { ICMP, ICMP, TCP, TCP, TCP, UDP, UDP, UDPLITE, SCTP,
					   DCCP, 47 };
	static const uint8_t protos6[] = { ICMPV6, ICMPV6, TCP, TCP, TCP, UDP, UDP, UDPLITE,
					   SCTP, DCCP, 50 };
	unsigned int ip_size, i;
	uint8_t proto;

	memset(p, 0, sizeof(*p));
	p->ipv6 = one_in(2);
	proto = p->ipv6 ? PICK(protos6) : PICK(protos4);
	ip_size = p->ipv6 ? random_ipv6(p->data, proto) : random_ipv4(p->data, proto);
	for (i = 0; i < 2; i++) {
		uint8_t addr[16];

		random_addr(addr, p->ipv6);
		if (p->ipv6)
			memcpy(p->data + 8 + 16 * i, addr, 16);
		else
			memcpy(p->data + 12 + 4 * i, addr, 4);
	}
	if (ip_size >= 20) {
		p->len = ip_size + random_transport(p->data + ip_size, proto);
		if (one_in(5))
			p->len = ip_size + random_below(p->len - ip_size + 1);
		if (p->ipv6 && one_in(8))
			p->len = 40 + random_below(p->len - 40 + 1);
	} else {
		p->len = 20 + random_below(40);
	}
	set_name(p->in, PICK(names));
	set_name(p->out, PICK(names));
	p->mark = PICK(marks);
	p->pkt_type = random_below(6);
	p->has_mac = !one_in(4);
	p->mac[5] = random_below(3);
	p->ctinfo = (int)random_below(7) - 2;
	p->untracked = p->ctinfo == -2;
	if (p->ctinfo < 0)
		p->ctinfo = -1;
	p->snat = one_in(3);
	p->dnat = one_in(3);
	p->ct_mark = PICK(marks);
}

/* Rules -------------------------------------------------------------------- */

static void random_net(uint8_t *addr, uint8_t *mask, bool *invert, bool ipv6)
{
	unsigned int bits = ipv6 ? 128 : 32, prefix, i;

	memset(addr, 0, 16);
	memset(mask, 0, 16);
	*invert = false;
	if (one_in(2))
		return;
	*invert = one_in(3);
	random_addr(addr, ipv6);
	prefix = one_in(3) ? bits : random_below(bits + 1);
	for (i = 0; i < prefix; i++)
		mask[i / 8] |= 0x80 >> i % 8;
	if (one_in(4))
		for (i = 0; i < bits / 8; i++)
			mask[i] = random_below(256);
	for (i = 0; i < 16; i++)
		addr[i] &= mask[i];
}

static void random_range(uint16_t range[2])
{
	uint16_t swap;

	range[0] = one_in(3) ? 0 : PICK(ports);
	range[1] = one_in(3) ? 65535 : PICK(ports);
	if (one_in(2))
		range[1] = range[0];
	if (range[0] > range[1] && !one_in(10)) {
		swap = range[0];
		range[0] = range[1];
		range[1] = swap;
	}
}

static void random_ports(struct model_ports *m, enum model_kind kind)
{
	random_range(m->spts);
	random_range(m->dpts);
	m->has_sport = true;
	m->has_dport = true;
	/* mostly as people write it, one port and no more */
	if (one_in(2)) {
		m->spts[0] = 0;
		m->spts[1] = 65535;
		m->dport_inv = one_in(3);
		return;
	}
	m->sport_inv = one_in(3);
	m->dport_inv = one_in(3);
	if (kind == MODEL_SCTP) {
		m->has_sport = one_in(2);
		m->has_dport = one_in(2);
		if (!m->has_sport) {
			memset(m->spts, 0, sizeof(m->spts));
			m->sport_inv = false;
		}
		if (!m->has_dport) {
			memset(m->dpts, 0, sizeof(m->dpts));
			m->dport_inv = false;
		}
	} else if (kind == MODEL_TCP) {
		if (one_in(2)) {
			m->mask = 1 << random_below(8) | 1 << random_below(8);
			m->cmp = m->mask & random_below(256);
			m->flags_inv = one_in(3);
		}
		if (one_in(2)) {
			m->option = 1 + random_below(8);
			m->option_inv = one_in(3);
		}
	}
}

static void random_multiport(struct model_multiport *m)
{
	uint16_t a, b;

	m->which = random_below(3);
	m->count = 1 + random_below(15);
	for (unsigned int i = 0; i < m->count; i++) {
		a = PICK(ports);
		m->ports[i] = a;
		if (i + 1 < m->count && one_in(4)) {
			b = PICK(ports);
			m->range[i] = true;
			m->ports[i] = a < b ? a : b;
			m->ports[++i] = a < b ? b : a;
		}
	}
}

static void random_iprange(struct model_iprange *m, bool ipv6)
{
	m->has_src = one_in(2);
	m->has_dst = !m->has_src || one_in(2);
	if (m->has_src) {
		random_addr(m->src[0], ipv6);
		random_addr(m->src[1], ipv6);
		m->src_inv = one_in(3);
	}
	if (m->has_dst) {
		random_addr(m->dst[0], ipv6);
		random_addr(m->dst[1], ipv6);
		m->dst_inv = one_in(3);
	}
}

static void random_one_match(struct model_match *m, enum model_kind kind, bool ipv6)
{
	static const uint8_t types[] = { 0, 3, 8, 128, 255 };

	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->invert = one_in(3);
	switch (kind) {
	case MODEL_TCP:
	case MODEL_UDP:
	case MODEL_SCTP:
		m->invert = false;
		random_ports(&m->ports, kind);
		break;
	case MODEL_ICMP:
		m->icmp.type = PICK(types);
		m->icmp.code[0] = one_in(2) ? 0 : random_below(6);
		m->icmp.code[1] = one_in(2) ? 255 : m->icmp.code[0];
		break;
	case MODEL_MULTIPORT:
		random_multiport(&m->multiport);
		break;
	case MODEL_CTSTATE:
		m->states = random_below(512) & ~0x30;
		break;
	case MODEL_MARK:
	case MODEL_CONNMARK:
		m->mark.mask = PICK(masks);
		m->mark.mark = PICK(marks);
		if (!one_in(4))
			m->mark.mark &= m->mark.mask;
		break;
	case MODEL_MAC:
		m->mac[5] = random_below(3);
		break;
	case MODEL_IPRANGE:
		m->invert = false;
		random_iprange(&m->iprange, ipv6);
		break;
	case MODEL_PKTTYPE:
		m->pkttype = random_below(3);
		break;
	default:
		m->invert = false;
		break;
	}
}

/* The protocol that a match of @kind asks for, or @proto. */
static uint8_t needed_proto(enum model_kind kind, bool ipv6, uint8_t proto)
{
	static const uint8_t with_ports[] = { TCP, UDP, DCCP, SCTP, UDPLITE };

	switch (kind) {
	case MODEL_TCP:
		return TCP;
	case MODEL_UDP:
		return UDP;
	case MODEL_SCTP:
		return SCTP;
	case MODEL_ICMP:
		return ipv6 ? ICMPV6 : ICMP;
	case MODEL_MULTIPORT:
		return memchr(with_ports, proto, sizeof(with_ports)) ? proto :
								       PICK(with_ports);
	default:
		return proto;
	}
}

void random_rule(struct model_rule *r, bool ipv6, int kind)
{
	static const uint8_t protos[] = { ICMP, TCP, UDP, DCCP, ICMPV6, SCTP, UDPLITE, 47, 59 };
	unsigned int i, n = kind >= 0 ? 1 : random_below(MODEL_MAX_MATCHES + 1);
	bool bound = false;
	enum model_kind k;
	uint8_t need;

	memset(r, 0, sizeof(*r));
	r->ipv6 = ipv6;
	if (kind < 0 || one_in(4)) {
		random_net(r->src, r->smask, &r->src_inv, ipv6);
		random_net(r->dst, r->dmask, &r->dst_inv, ipv6);
		set_name(r->in, PICK(patterns));
		set_name(r->out, PICK(patterns));
		r->in_inv = r->in[0] && one_in(3);
		r->out_inv = r->out[0] && one_in(3);
		if (!ipv6) {
			r->frag = one_in(6);
			r->frag_inv = r->frag && one_in(2);
		}
	}
	if (kind < 0 && one_in(2)) {
		r->has_proto = true;
		r->proto = one_in(8) ? 0 : PICK(protos);
		r->proto_inv = r->proto && one_in(4);
	}
	for (i = 0; i < n; i++) {
		k = kind >= 0 ? (enum model_kind)kind : random_below(MODEL_KINDS);
		need = needed_proto(k, ipv6, r->proto);
		if (need != r->proto || k <= MODEL_MULTIPORT) {
			if (bound && need != r->proto)
				continue;
			bound = true;
			r->has_proto = true;
			r->proto = need;
			r->proto_inv = false;
		}
		random_one_match(&r->matches[r->n_matches++], k, ipv6);
	}
}

/* Another prefix where there is one. */
static void random_prefix(uint8_t *mask, bool ipv6)
{
	unsigned int bits = ipv6 ? 128 : 32, i, prefix = 1 + random_below(bits);

	if (!(mask[0] & 0x80))
		return;
	memset(mask, 0, 16);
	for (i = 0; i < prefix; i++)
		mask[i / 8] |= 0x80 >> i % 8;
}

void random_sibling(struct model_rule *r)
{
	uint8_t mask[16];
	unsigned int i;
	bool invert;

	if (one_in(4)) {
		memcpy(mask, r->smask, 16);
		memcpy(r->smask, r->dmask, 16);
		memcpy(r->dmask, mask, 16);
		invert = r->src_inv;
		r->src_inv = r->dst_inv;
		r->dst_inv = invert;
	}
	if (one_in(4)) {
		random_prefix(r->smask, r->ipv6);
		random_prefix(r->dmask, r->ipv6);
	}
	random_addr(r->src, r->ipv6);
	random_addr(r->dst, r->ipv6);
	for (i = 0; i < 16; i++) {
		r->src[i] &= r->smask[i];
		r->dst[i] &= r->dmask[i];
	}
}
