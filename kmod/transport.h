/* SPDX-License-Identifier: GPL-2.0 */
/* What match.c, transport.c and key.c share: elements, names, and the transport header. */
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
	return port >= le16_to_cpu(range[0]) && port <= le16_to_cpu(range[1]);
}

/* Does a PORTS, ICMP or MULTIPORT element match? May set pkt->hotdrop. */
bool fwload_transport_match(const struct fwload_img_el *el, struct fwload_pkt *pkt);

#endif /* FWLOAD_TRANSPORT_H */
