// SPDX-License-Identifier: GPL-2.0
/* Random rules as elements of an image: random_encode() of random_match.h. */
#include <endian.h>
#include <linux/types.h>
#include <string.h>

#include "../../uapi/linux/fwload_image.h"
#include "random_match.h"

enum { TCP = 6, UDP = 17, SCTP = 132 };

static uint8_t *new_el(uint8_t **end, uint8_t type, unsigned int size, bool invert,
		       uint8_t arg)
{
	uint8_t *el = *end;

	size = (size + 7) & ~7U;
	el[0] = type;
	el[1] = size / 8;
	el[2] = invert ? FWLOAD_IMG_F_INV : 0;
	el[3] = arg;
	*end += size;
	return el;
}

static void encode_addr(uint8_t **end, uint8_t type, const uint8_t *addr,
			const uint8_t *mask, bool invert, bool ipv6)
{
	unsigned int bits = ipv6 ? 128 : 32, prefix = 0, i, at = ipv6 ? 8 : 4;
	bool is_prefix = true;
	uint8_t *el;

	while (prefix < bits && mask[prefix / 8] & 0x80 >> prefix % 8)
		prefix++;
	for (i = prefix; i < bits; i++)
		if (mask[i / 8] & 0x80 >> i % 8)
			is_prefix = false;
	if (!prefix && is_prefix && !invert)
		return;
	if (is_prefix) {
		el = new_el(end, type, at + bits / 8, invert, prefix);
	} else {
		el = new_el(end, type, at + bits / 4, invert, 0);
		el[2] |= FWLOAD_IMG_F_MASK;
		memcpy(el + at + bits / 8, mask, bits / 8);
	}
	memcpy(el + at, addr, bits / 8);
}

static void encode_iface(uint8_t **end, uint8_t type, const char *name, bool invert)
{
	size_t n = strlen(name);
	bool wild = n && name[n - 1] == '+';
	uint8_t *el;

	n -= wild;
	/* a lone + is the same as nothing, unless it is negated */
	if (!n && !(wild && invert))
		return;
	el = new_el(end, type, sizeof(struct fwload_img_el_iface), invert, n);
	if (wild)
		el[2] |= FWLOAD_IMG_F_WILD;
	memcpy(el + 8, name, n);
}

static void encode_ports(uint8_t **end, const struct model_match *m)
{
	static const uint8_t protos[] = { TCP, UDP, SCTP };
	const struct model_ports *p = &m->ports;
	struct fwload_img_el_ports *el;
	struct fwload_img_el_dport *d;

	if (m->kind != MODEL_SCTP && p->spts[0] == 0 && p->spts[1] == 65535 &&
	    !p->sport_inv && !p->mask && !p->cmp && !p->flags_inv && !p->option) {
		d = (void *)new_el(end, FWLOAD_IMG_EL_DPORT, sizeof(*d), p->dport_inv,
				   protos[m->kind]);
		d->dport[0] = htole16(p->dpts[0]);
		d->dport[1] = htole16(p->dpts[1]);
		return;
	}
	el = (void *)new_el(end, FWLOAD_IMG_EL_PORTS, sizeof(*el), false, protos[m->kind]);
	el->el.flags = (p->sport_inv ? FWLOAD_IMG_F_SPORT_INV : 0) |
		       (p->dport_inv ? FWLOAD_IMG_F_DPORT_INV : 0) |
		       (p->flags_inv ? FWLOAD_IMG_F_FLAGS_INV : 0) |
		       (p->option_inv ? FWLOAD_IMG_F_OPTION_INV : 0);
	if (m->kind == MODEL_SCTP)
		el->el.flags |= (p->has_sport ? FWLOAD_IMG_F_SPORT : 0) |
				(p->has_dport ? FWLOAD_IMG_F_DPORT : 0);
	el->flag_mask = p->mask;
	el->flag_cmp = p->cmp;
	el->option = p->option;
	el->sport[0] = htole16(p->spts[0]);
	el->sport[1] = htole16(p->spts[1]);
	el->dport[0] = htole16(p->dpts[0]);
	el->dport[1] = htole16(p->dpts[1]);
}

static void encode_multiport(uint8_t **end, const struct model_match *m)
{
	struct fwload_img_el_multiport *el;
	unsigned int ranges = 0, i;

	el = (void *)new_el(end, FWLOAD_IMG_EL_MULTIPORT,
			    sizeof(*el) + 2 * m->multiport.count, m->invert,
			    m->multiport.which);
	for (i = 0; i < m->multiport.count; i++) {
		el->port[i] = htole16(m->multiport.ports[i]);
		ranges |= (unsigned int)m->multiport.range[i] << i;
	}
	el->ranges = htole16(ranges);
	el->n = m->multiport.count;
}

static void encode_iprange(uint8_t **end, const struct model_iprange *m, bool ipv6)
{
	unsigned int n = ipv6 ? 16 : 4;
	uint8_t *el = new_el(end, FWLOAD_IMG_EL_IPRANGE, 8 + 4 * n, false, 0);

	el[2] = (m->has_src ? FWLOAD_IMG_F_SRC : 0) | (m->has_dst ? FWLOAD_IMG_F_DST : 0) |
		(m->src_inv ? FWLOAD_IMG_F_SRC_INV : 0) |
		(m->dst_inv ? FWLOAD_IMG_F_DST_INV : 0);
	memcpy(el + 8, m->src[0], n);
	memcpy(el + 8 + n, m->src[1], n);
	memcpy(el + 8 + 2 * n, m->dst[0], n);
	memcpy(el + 8 + 3 * n, m->dst[1], n);
}

static void encode_match(uint8_t **end, const struct model_match *m, bool ipv6)
{
	uint32_t words[2];
	uint8_t *el;

	switch (m->kind) {
	case MODEL_TCP:
	case MODEL_UDP:
	case MODEL_SCTP:
		encode_ports(end, m);
		break;
	case MODEL_ICMP:
		el = new_el(end, FWLOAD_IMG_EL_ICMP, 8, m->invert, m->icmp.type);
		memcpy(el + 4, m->icmp.code, 2);
		break;
	case MODEL_MULTIPORT:
		encode_multiport(end, m);
		break;
	case MODEL_CTSTATE:
		el = new_el(end, FWLOAD_IMG_EL_CTSTATE, 8, m->invert, 0);
		words[0] = htole32(m->states);
		memcpy(el + 4, words, 4);
		break;
	case MODEL_MARK:
	case MODEL_CONNMARK:
		el = new_el(end, m->kind == MODEL_MARK ? FWLOAD_IMG_EL_MARK :
							 FWLOAD_IMG_EL_CONNMARK, 16,
			    m->invert, 0);
		words[0] = htole32(m->mark.mark);
		words[1] = htole32(m->mark.mask);
		memcpy(el + 4, words, 8);
		break;
	case MODEL_MAC:
		el = new_el(end, FWLOAD_IMG_EL_MAC, 16, m->invert, 0);
		memcpy(el + 4, m->mac, 6);
		break;
	case MODEL_IPRANGE:
		encode_iprange(end, &m->iprange, ipv6);
		break;
	case MODEL_PKTTYPE:
		new_el(end, FWLOAD_IMG_EL_PKTTYPE, 8, m->invert, m->pkttype);
		break;
	default:
		new_el(end, FWLOAD_IMG_EL_COMMENT, 8, false, 0);
		break;
	}
}

unsigned int random_encode(const struct model_rule *r, uint8_t *buf)
{
	struct fwload_img_rule *rule = (void *)buf;
	uint8_t *end = buf + sizeof(*rule);
	unsigned int i;

	rule->proto = r->proto;
	rule->flags = (r->has_proto ? FWLOAD_IMG_R_PROTO : 0) |
		      (r->proto_inv ? FWLOAD_IMG_R_PROTO_INV : 0) |
		      (r->frag ? FWLOAD_IMG_R_FRAG : 0) |
		      (r->frag_inv ? FWLOAD_IMG_R_FRAG_INV : 0);
	encode_addr(&end, FWLOAD_IMG_EL_SRC, r->src, r->smask, r->src_inv, r->ipv6);
	encode_addr(&end, FWLOAD_IMG_EL_DST, r->dst, r->dmask, r->dst_inv, r->ipv6);
	encode_iface(&end, FWLOAD_IMG_EL_IN, r->in, r->in_inv);
	encode_iface(&end, FWLOAD_IMG_EL_OUT, r->out, r->out_inv);
	for (i = 0; i < r->n_matches; i++)
		encode_match(&end, &r->matches[i], r->ipv6);
	rule->size = htole16((end - buf) / 8);
	return end - buf;
}
