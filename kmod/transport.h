/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What match.c, transport.c and key.c share: elements, names, and the transport header; and the
 * matches on it that rules have most, for match.c to have in line.
 */
#ifndef FWLOAD_TRANSPORT_H
#define FWLOAD_TRANSPORT_H

#include "match.h"

enum {
	PROTO_TCP = 6,
	PROTO_UDP = 17,

	/* what each extension asks skb_header_pointer() for */
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	SCTP_HEADER = 12,
	ICMP_HEADER = 8,
	PORTS_HEADER = 4,
};

/* The name of an interface as two words, wherever it lies. */
struct name_words {
	u64 word[2];
} __packed __attribute__((__may_alias__));

/* An element as the struct of its type; validated elements are aligned to 8. */
#define el_cast(type, el)	((const struct fwload_img_el_##type *)(const void *)(el))

static inline bool negated(const struct fwload_img_el *el)
{
	return el->flags & FWLOAD_IMG_F_INV;
}

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
	return (port >= le16_to_cpu(range[0])) & (port <= le16_to_cpu(range[1]));
}

/* Is the option among those of the header? May set hotdrop; then the answer is false. */
bool fwload_transport_option(u8 option, bool invert, const u8 *th, struct fwload_pkt *pkt);

/* tcp_mt() */
static __always_inline bool transport_match_tcp(const struct fwload_img_el_ports *el,
						struct fwload_pkt *pkt)
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
	return !el->option || fwload_transport_option(el->option,
						      flags & FWLOAD_IMG_F_OPTION_INV, th, pkt);
}

/* udp_mt() */
static __always_inline bool transport_match_udp(const struct fwload_img_el_ports *el,
						struct fwload_pkt *pkt)
{
	const u8 *th = transport(pkt, UDP_HEADER);
	u8 flags = el->el.flags;

	if (!th)
		return false;
	return port_in(source_port(th), el->sport) != !!(flags & FWLOAD_IMG_F_SPORT_INV) &&
	       port_in(dest_port(th), el->dport) != !!(flags & FWLOAD_IMG_F_DPORT_INV);
}

/* Does a PORTS element of sctp, an ICMP or MULTIPORT one match? May set pkt->hotdrop. */
bool fwload_transport_match(const struct fwload_img_el *el, struct fwload_pkt *pkt);

#endif /* FWLOAD_TRANSPORT_H */
