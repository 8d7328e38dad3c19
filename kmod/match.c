// SPDX-License-Identifier: GPL-2.0
/*
 * Native matches on a packet key.
 *
 * Each of them gives the verdict of the x_tables code that it replaces, malformed packets
 * included: where that sets par->hotdrop, pkt->hotdrop is set, and where it only fails to
 * match, so does it here. What can be seen of its order is kept: elements are evaluated
 * as they stand, and IPv6's -p, which drops a packet whose extension headers cannot
 * be parsed, comes after addresses and interfaces. Only a protocol that differs ends
 * a rule ahead of them, since that has no other effect.
 *
 * The code is one loop over a rule's elements with no indirect call, and all it reads
 * is the rule and the key. The common elements are tested in line, in the order of their
 * frequency; everything else is behind match_other().
 *
 * Sources: net/ipv4/netfilter/ip_tables.c, net/ipv6/netfilter/ip6_tables.c and
 * net/netfilter/xt_*.c of Linux 6.1 and 6.12, which agree in all that is done here.
 */
#include "match.h"

enum {
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_SCTP = 132,

	/* what each extension asks skb_header_pointer() for */
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	SCTP_HEADER = 12,
	ICMP_HEADER = 8,
	PORTS_HEADER = 4,

	TCP_MAX_OPTIONS = 40,

	PKT_BROADCAST = 1,
	PKT_MULTICAST = 2,
	PKT_LOOPBACK = 5,
};

/* An element as the struct of its type; validated elements are aligned to 8. */
#define el_cast(type, el)	((const struct fwload_img_el_##type *)(const void *)(el))

static inline bool negated(const struct fwload_img_el *el)
{
	return el->flags & FWLOAD_IMG_F_INV;
}

/* Addresses and interfaces ------------------------------------------------ */

static inline bool net4_differs(__be32 a, __be32 b, unsigned int prefix)
{
	/* in 64 bits, so that a prefix of 0 shifts everything out */
	return (u64)be32_to_cpu(a ^ b) >> (32 - prefix);
}

static inline u64 differing64(const __be32 *a, const __be32 *b)
{
	return (u64)be32_to_cpu(a[0] ^ b[0]) << 32 | be32_to_cpu(a[1] ^ b[1]);
}

static inline bool net6_differs(const __be32 *a, const __be32 *b, unsigned int prefix)
{
	u64 high = differing64(a, b);

	if (prefix <= 64)
		return prefix && high >> (64 - prefix);
	return high || differing64(a + 2, b + 2) >> (128 - prefix);
}

static bool mask6_differs(const __be32 *a, const struct fwload_img_el_mask6 *el)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if ((a[i] & el->mask[i]) != el->addr[i])
			return true;
	return false;
}

static inline bool addr_differs(const struct fwload_img_el *el, const __be32 *addr,
				u8 family)
{
	if (family == FWLOAD_FAMILY_IPV4) {
		if (likely(!(el->flags & FWLOAD_IMG_F_MASK)))
			return net4_differs(addr[0], el_cast(addr4, el)->addr, el->arg);
		return (addr[0] & el_cast(mask4, el)->mask) != el_cast(mask4, el)->addr;
	}
	if (likely(!(el->flags & FWLOAD_IMG_F_MASK)))
		return net6_differs(addr, el_cast(addr6, el)->addr, el->arg);
	return mask6_differs(addr, el_cast(mask6, el));
}

static inline bool iface_differs(const struct fwload_img_el *el, const u64 *name)
{
	/* a window of 16 bytes that starts n before the middle is a mask of n bytes */
	static const u8 window[32] __aligned(8) = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	u64 want[2], mask[2];

	memcpy(want, el_cast(iface, el)->name, sizeof(want));
	want[0] ^= name[0];
	want[1] ^= name[1];
	if (el->flags & FWLOAD_IMG_F_WILD) {
		memcpy(mask, window + 16 - el->arg, sizeof(mask));
		want[0] &= mask[0];
		want[1] &= mask[1];
	}
	return want[0] | want[1];
}

/* The elements of the IP header: SRC, DST, IN, OUT. */
static inline bool match_header(const struct fwload_img_el *el,
				const struct fwload_pkt *pkt)
{
	bool differs;

	if (el->type == FWLOAD_IMG_EL_SRC)
		differs = addr_differs(el, pkt->saddr, pkt->family);
	else if (el->type == FWLOAD_IMG_EL_DST)
		differs = addr_differs(el, pkt->daddr, pkt->family);
	else
		differs = iface_differs(el, el->type == FWLOAD_IMG_EL_IN ?
					pkt->in : pkt->out);
	return differs == negated(el);
}

/* Transport headers ------------------------------------------------------- */

/*
 * The transport header if its first @need bytes are there. Else NULL: a later fragment
 * has none and does not match, a truncated one cannot be examined and is dropped.
 */
static inline const u8 *transport(struct fwload_pkt *pkt, unsigned int need)
{
	if (unlikely(pkt->fragoff))
		return NULL;
	if (unlikely(pkt->avail < need)) {
		pkt->hotdrop = true;
		return NULL;
	}
	return pkt->th;
}

/* A fragment that begins 8 bytes into TCP's header would hide its flags: xt_tcpudp. */
static inline const u8 *transport_tcp(struct fwload_pkt *pkt)
{
	if (unlikely(pkt->fragoff == 1))
		pkt->hotdrop = true;
	return transport(pkt, TCP_HEADER);
}

static inline u16 source_port(const u8 *th)
{
	return th[0] << 8 | th[1];
}

static inline u16 dest_port(const u8 *th)
{
	return th[2] << 8 | th[3];
}

static inline bool port_in(u16 port, const __le16 *range)
{
	return port >= le16_to_cpu(range[0]) && port <= le16_to_cpu(range[1]);
}

/* -m tcp or -m udp with nothing but --dport. */
static inline bool match_dport(const struct fwload_img_el *el, struct fwload_pkt *pkt)
{
	const u8 *th = el->arg == PROTO_TCP ? transport_tcp(pkt) :
					      transport(pkt, UDP_HEADER);

	if (unlikely(!th))
		return false;
	return port_in(dest_port(th), el_cast(dport, el)->dport) != negated(el);
}

/* Is the option among those of the header? May set hotdrop; then the answer is false. */
static bool match_tcp_option(u8 option, bool invert, const u8 *th, struct fwload_pkt *pkt)
{
	unsigned int header = (th[12] >> 4) * 4, len, i;
	u8 options[TCP_MAX_OPTIONS];

	if (header < TCP_HEADER) {
		pkt->hotdrop = true;
		return false;
	}
	len = header - TCP_HEADER;
	if (!len)
		return invert;
	if (!fwload_pkt_tcp_options(pkt, options, len)) {
		pkt->hotdrop = true;
		return false;
	}
	for (i = 0; i < len;) {
		if (options[i] == option)
			return !invert;
		/* EOL and NOP are one byte; a length of 0 counts as 1 */
		if (options[i] < 2 || i == len - 1)
			i++;
		else
			i += options[i + 1] ? options[i + 1] : 1;
	}
	return invert;
}

/* xt_tcpudp.c, tcp_mt() */
static bool match_tcp(const struct fwload_img_el_ports *el, struct fwload_pkt *pkt)
{
	const u8 *th = transport_tcp(pkt);
	u8 flags = el->el.flags;

	if (!th)
		return false;
	if (port_in(source_port(th), el->sport) == !!(flags & FWLOAD_IMG_F_SPORT_INV))
		return false;
	if (port_in(dest_port(th), el->dport) == !!(flags & FWLOAD_IMG_F_DPORT_INV))
		return false;
	if (((th[13] & el->flag_mask) == el->flag_cmp) ==
	    !!(flags & FWLOAD_IMG_F_FLAGS_INV))
		return false;
	return !el->option || match_tcp_option(el->option,
					       flags & FWLOAD_IMG_F_OPTION_INV, th, pkt);
}

/* xt_tcpudp.c, udp_mt() */
static bool match_udp(const struct fwload_img_el_ports *el, struct fwload_pkt *pkt)
{
	const u8 *th = transport(pkt, UDP_HEADER);
	u8 flags = el->el.flags;

	if (!th)
		return false;
	return port_in(source_port(th), el->sport) != !!(flags & FWLOAD_IMG_F_SPORT_INV) &&
	       port_in(dest_port(th), el->dport) != !!(flags & FWLOAD_IMG_F_DPORT_INV);
}

/* xt_sctp.c, sctp_mt(): a range counts only if it was given. */
static bool match_sctp(const struct fwload_img_el_ports *el, struct fwload_pkt *pkt)
{
	const u8 *th = transport(pkt, SCTP_HEADER);
	u8 flags = el->el.flags;

	if (!th)
		return false;
	if (flags & FWLOAD_IMG_F_SPORT &&
	    port_in(source_port(th), el->sport) == !!(flags & FWLOAD_IMG_F_SPORT_INV))
		return false;
	return !(flags & FWLOAD_IMG_F_DPORT) ||
	       port_in(dest_port(th), el->dport) != !!(flags & FWLOAD_IMG_F_DPORT_INV);
}

static bool match_ports(const struct fwload_img_el_ports *el, struct fwload_pkt *pkt)
{
	if (el->el.arg == PROTO_TCP)
		return match_tcp(el, pkt);
	if (el->el.arg == PROTO_UDP)
		return match_udp(el, pkt);
	return match_sctp(el, pkt);
}

/* xt_tcpudp.c (6.1: ip_tables.c, ip6_tables.c), icmp_match(), icmp6_match() */
static bool match_icmp(const struct fwload_img_el_icmp *el, struct fwload_pkt *pkt)
{
	const u8 *th = transport(pkt, ICMP_HEADER);
	bool hit;

	if (!th)
		return false;
	hit = th[0] == el->el.arg && th[1] >= el->code[0] && th[1] <= el->code[1];
	if (pkt->family == FWLOAD_FAMILY_IPV4 && el->el.arg == 0xff)
		hit = true;
	return hit != negated(&el->el);
}

/* xt_multiport.c, multiport_mt() */
static bool match_multiport(const struct fwload_img_el_multiport *el,
			    struct fwload_pkt *pkt)
{
	const u8 *th = transport(pkt, PORTS_HEADER);
	u16 ranges = le16_to_cpu(el->ranges);
	u16 src, dst, first, last;
	bool hit = false;
	unsigned int i;

	if (!th)
		return false;
	/* one port to look for: the other is taken for the same */
	src = source_port(th);
	dst = dest_port(th);
	if (el->el.arg == FWLOAD_IMG_MULTIPORT_SRC)
		dst = src;
	else if (el->el.arg == FWLOAD_IMG_MULTIPORT_DST)
		src = dst;

	for (i = 0; i < el->n && !hit; i++) {
		first = le16_to_cpu(el->port[i]);
		last = first;
		if (ranges & 1U << i)
			last = le16_to_cpu(el->port[++i]);
		hit = (src >= first && src <= last) || (dst >= first && dst <= last);
	}
	return hit != negated(&el->el);
}

/* Everything else --------------------------------------------------------- */

static inline void need_ct(struct fwload_pkt *pkt)
{
	if (!pkt->has_ct)
		fwload_pkt_load_ct(pkt);
}

/* xt_conntrack.c, conntrack_mt() with XT_CONNTRACK_STATE alone */
static inline bool match_ctstate(const struct fwload_img_el_ctstate *el,
				 struct fwload_pkt *pkt)
{
	need_ct(pkt);
	return !!(pkt->ct_states & le32_to_cpu(el->states)) != negated(&el->el);
}

static bool match_mark(const struct fwload_img_el_mark *el, u32 mark)
{
	return ((mark & le32_to_cpu(el->mask)) == le32_to_cpu(el->value)) !=
	       negated(&el->el);
}

/* xt_mac.c, mac_mt(): a packet without an address does not match, negated or not. */
static bool match_mac(const struct fwload_img_el_mac *el, const struct fwload_pkt *pkt)
{
	u8 mac[6];

	if (!fwload_pkt_mac(pkt, mac))
		return false;
	return !memcmp(mac, el->mac, sizeof(mac)) != negated(&el->el);
}

static bool addr4_in(__be32 addr, const __be32 *range)
{
	u32 a = be32_to_cpu(addr);

	return a >= be32_to_cpu(range[0]) && a <= be32_to_cpu(range[1]);
}

static bool addr6_in(const __be32 *addr, const __be32 (*range)[4])
{
	return memcmp(addr, range[0], 16) >= 0 && memcmp(addr, range[1], 16) <= 0;
}

/* xt_iprange.c, iprange_mt4(), iprange_mt6() */
static bool match_iprange(const struct fwload_img_el *el, const struct fwload_pkt *pkt)
{
	bool ipv4 = pkt->family == FWLOAD_FAMILY_IPV4, hit;

	if (el->flags & FWLOAD_IMG_F_SRC) {
		hit = ipv4 ? addr4_in(pkt->saddr[0], el_cast(iprange4, el)->src) :
			     addr6_in(pkt->saddr, el_cast(iprange6, el)->src);
		if (hit == !!(el->flags & FWLOAD_IMG_F_SRC_INV))
			return false;
	}
	if (el->flags & FWLOAD_IMG_F_DST) {
		hit = ipv4 ? addr4_in(pkt->daddr[0], el_cast(iprange4, el)->dst) :
			     addr6_in(pkt->daddr, el_cast(iprange6, el)->dst);
		if (hit == !!(el->flags & FWLOAD_IMG_F_DST_INV))
			return false;
	}
	return true;
}

/* xt_pkttype.c, pkttype_mt(): what loops back is classified by its address. */
static bool match_pkttype(const struct fwload_img_el_pkttype *el,
			  const struct fwload_pkt *pkt)
{
	u8 type = pkt->pkt_type;

	if (type == PKT_LOOPBACK) {
		type = PKT_MULTICAST;
		if (pkt->family == FWLOAD_FAMILY_IPV4 &&
		    be32_to_cpu(pkt->daddr[0]) >> 28 != 0xe)
			type = PKT_BROADCAST;
	}
	return (type == el->el.arg) != negated(&el->el);
}

static bool match_other(const struct fwload_code *code, const struct fwload_img_el *el,
			struct fwload_pkt *pkt)
{
	switch (el->type) {
	case FWLOAD_IMG_EL_PORTS:
		return match_ports(el_cast(ports, el), pkt);
	case FWLOAD_IMG_EL_ICMP:
		return match_icmp(el_cast(icmp, el), pkt);
	case FWLOAD_IMG_EL_MULTIPORT:
		return match_multiport(el_cast(multiport, el), pkt);
	case FWLOAD_IMG_EL_MARK:
		return match_mark(el_cast(mark, el), pkt->mark);
	case FWLOAD_IMG_EL_CONNMARK:
		/* xt_connmark.c: no connection, no match, negated or not */
		need_ct(pkt);
		return pkt->ct_valid && match_mark(el_cast(mark, el), pkt->ct_mark);
	case FWLOAD_IMG_EL_MAC:
		return match_mac(el_cast(mac, el), pkt);
	case FWLOAD_IMG_EL_IPRANGE:
		return match_iprange(el, pkt);
	case FWLOAD_IMG_EL_PKTTYPE:
		return match_pkttype(el_cast(pkttype, el), pkt);
	case FWLOAD_IMG_EL_EXT:
		return fwload_ext_match(code, le32_to_cpu(el_cast(ext, el)->ext), pkt);
	default:
		return true;		/* a comment */
	}
}

/* The rule ---------------------------------------------------------------- */

static inline const struct fwload_img_el *next_el(const struct fwload_img_el *el)
{
	return (const void *)((const u8 *)el + el->len * FWLOAD_IMG_ALIGN);
}

/*
 * A rule with -p and a packet whose extension headers cannot be parsed: it does not
 * match, and if addresses and interfaces do, it is dropped. ip6_packet_match().
 */
static bool match_unparsable(const struct fwload_img_el *el,
			     const struct fwload_img_el *end, struct fwload_pkt *pkt)
{
	for (; el < end && el->type <= FWLOAD_IMG_EL_OUT; el = next_el(el))
		if (!match_header(el, pkt))
			return false;
	pkt->hotdrop = true;
	return false;
}

bool fwload_match_rule(const struct fwload_code *code,
		       const struct fwload_img_rule *rule, struct fwload_pkt *pkt)
{
	const struct fwload_img_el *el = (const void *)(rule + 1);
	const struct fwload_img_el *end = (const void *)((const u8 *)rule +
			le16_to_cpu(rule->size) * FWLOAD_IMG_ALIGN);
	u8 flags = rule->flags;

	if (flags & FWLOAD_IMG_R_PROTO) {
		bool same = rule->proto == pkt->proto;

		if (unlikely(pkt->unparsable))
			return match_unparsable(el, end, pkt);
		/* -p 0 is every protocol */
		if (same == !!(flags & FWLOAD_IMG_R_PROTO_INV) && rule->proto)
			return false;
	}
	if (unlikely(flags & FWLOAD_IMG_R_FRAG) &&
	    !pkt->fragoff != !!(flags & FWLOAD_IMG_R_FRAG_INV))
		return false;

	for (; el < end; el = next_el(el)) {
		if (el->type <= FWLOAD_IMG_EL_OUT) {
			if (!match_header(el, pkt))
				return false;
		} else if (el->type == FWLOAD_IMG_EL_DPORT) {
			if (!match_dport(el, pkt))
				return false;
		} else if (el->type == FWLOAD_IMG_EL_CTSTATE) {
			if (!match_ctstate(el_cast(ctstate, el), pkt))
				return false;
		} else if (el->type >= FWLOAD_IMG_EL_SET_MARK) {
			break;		/* the target's */
		} else if (!match_other(code, el, pkt)) {
			return false;
		}
	}
	return true;
}
