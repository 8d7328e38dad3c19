// SPDX-License-Identifier: GPL-2.0
/*
 * Native matches that look into the transport header: sctp, icmp, icmp6, multiport and the options
 * of tcp; its ports and flags, and udp, are in transport.h. None matches a later fragment, and
 * each drops a packet whose header is shorter than what its extension asks for, be it negated or
 * not.
 *
 * Sources: net/netfilter/xt_tcpudp.c, xt_sctp.c and xt_multiport.c of Linux 6.12; 6.1 has the
 * same, with icmp and icmp6 in ip_tables.c and ip6_tables.c.
 */
#include "transport.h"

#define TCP_MAX_OPTIONS	40

bool fwload_transport_option(u8 option, bool invert, const u8 *th, struct fwload_pkt *pkt)
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

/* sctp_mt(): a range counts only if it was given. */
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

/* icmp_match(), icmp6_match(): 255 is any type of IPv4's */
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

/* multiport_mt() */
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

bool fwload_transport_match(const struct fwload_img_el *el, struct fwload_pkt *pkt)
{
	if (el->type == FWLOAD_IMG_EL_PORTS)
		return match_sctp(el_cast(ports, el), pkt);
	if (el->type == FWLOAD_IMG_EL_ICMP)
		return match_icmp(el_cast(icmp, el), pkt);
	return match_multiport(el_cast(multiport, el), pkt);
}
