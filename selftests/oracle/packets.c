// SPDX-License-Identifier: GPL-2.0
/*
 * Packets, from a seed: what a router meets, and what it hopes not to meet.
 *
 * A packet is built from the transport header up, with true checksums, and then, one
 * time in five, damaged: cut short, fragmented, given options or extension headers that
 * end too early, or a wrong checksum.
 */
#include <arpa/inet.h>
#include <string.h>

#include "oracle.h"

const char *const tap_names[N_TAPS] = { "eth0", "eth1", "ppp0" };
const char *const net4[N_TAPS] = { "192.0.2.", "10.0.0.", "172.16.5." };
const char *const net6[N_TAPS] = { "2001:db8:1::", "fd00:a::", "fd00:b::" };

enum { TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58, SCTP = 132, DCCP = 33, UDPLITE = 136 };

static void put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 sum(const u8 *p, u32 len, u32 s)
{
	u32 i;

	for (i = 0; i + 1 < len; i += 2)
		s += get16(p + i);
	if (len & 1)
		s += p[len - 1] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* Internet checksum (RFC 1071) of a transport segment with its pseudo header. */
static u16 l4_sum(int family, const u8 *src, const u8 *dst, u8 proto, const u8 *p, u32 len)
{
	u32 alen = family == 4 ? 4 : 16;

	return ~sum(p, len, sum(src, alen, sum(dst, alen, proto + len)));
}

/* CRC32c (RFC 9260, appendix A), bit by bit. */
static u32 crc32c(const u8 *p, u32 len)
{
	u32 crc = ~0u;
	int k;

	while (len--) {
		crc ^= *p++;
		for (k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}

/* Put the checksum of @proto into the segment. */
static void l4_finish(int family, const u8 *src, const u8 *dst, u8 proto, u8 *p, u32 len)
{
	u32 crc;

	switch (proto) {
	case TCP:
		put16(p + 16, 0);
		put16(p + 16, l4_sum(family, src, dst, proto, p, len));
		break;
	case UDP:
	case UDPLITE:
	case DCCP:
		put16(p + 6, 0);
		put16(p + 6, l4_sum(family, src, dst, proto, p, len) ?: 0xffff);
		break;
	case ICMP:
		put16(p + 2, 0);
		put16(p + 2, ~sum(p, len, 0));
		break;
	case ICMP6:
		put16(p + 2, 0);
		put16(p + 2, l4_sum(family, src, dst, proto, p, len));
		break;
	case SCTP:
		memset(p + 8, 0, 4);
		crc = crc32c(p, len);
		memcpy(p + 8, &crc, 4);	/* RFC 9260: least significant byte first */
		break;
	}
}

static void address(u8 *a, int family, u32 tap, u32 host)
{
	char text[64];

	if (family == 4) {
		snprintf(text, sizeof(text), "%s%u", net4[tap], host);
		inet_pton(AF_INET, text, a);
	} else {
		snprintf(text, sizeof(text), "%s%x", net6[tap], host);
		inet_pton(AF_INET6, text, a);
	}
}

static u16 port(struct rng *r)
{
	return chance(r, 80) ? port_pool[pick(r, n_port_pool)] : 1024 + pick(r, 18000);
}

/*
 * A source port. NAT that finds a tuple in use takes a random one, in which two kernels
 * never agree; so under NAT every packet has a port of its own.
 */
static u16 source_port(struct rng *r, u16 id, bool unique)
{
	return unique ? 20000 + id : port(r);
}

static u32 make_tcp(u8 *p, struct rng *r, u16 id, bool unique)
{
	static const u8 flags[] = {
		0x02, 0x02, 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x00, 0x03, 0x29, 0x3f, 0x06,
	};
	/* of the header, in words: 5 is the least that TCP may have */
	static const u8 lengths[] = { 0, 1, 3, 4, 4, 4, 4, 5, 6, 10, 15 };
	u32 hdr = 20, len;

	put16(p, source_port(r, id, unique));
	put16(p + 2, port(r));
	put16(p + 6, 1000);
	p[13] = PICK(r, flags);
	put16(p + 14, 4096);
	if (chance(r, 50)) {
		memcpy(p + 20, "\x02\x04\x05\xb4\x01\x01\x04\x02", 8);	/* MSS, SACK */
		hdr = 28;
		if (chance(r, 30)) {	/* timestamps */
			memcpy(p + 28, "\x01\x01\x08\x0a\0\0\0\1\0\0\0\0", 12);
			hdr = 40;
		} else if (chance(r, 20)) {
			p[27] = 200;	/* an option that is too long */
		} else if (chance(r, 10)) {
			p[21] = 0;	/* and one of length 0 */
		}
	}
	p[12] = hdr / 4 << 4;
	if (chance(r, 8))
		p[12] = PICK(r, lengths) << 4;
	len = hdr + pick(r, 64);
	memcpy(p + hdr, "xabcx", len - hdr < 5 ? len - hdr : 5);
	return len;
}

static u32 make_l4(u8 *p, struct rng *r, u8 proto, u16 id, bool unique)
{
	static const u8 types4[] = { 8, 8, 8, 0, 3, 11, 5, 17, 12, 254 };
	static const u8 types6[] = { 128, 128, 128, 129, 1, 2, 3, 4, 200 };
	u32 len = 8;

	memset(p, 0, 200);
	switch (proto) {
	case TCP:
		return make_tcp(p, r, id, unique);
	case UDP:
	case UDPLITE:
		put16(p, source_port(r, id, unique));
		put16(p + 2, port(r));
		len += pick(r, 64);
		put16(p + 4, len);
		break;
	case ICMP:
	case ICMP6:
		p[0] = proto == ICMP ? PICK(r, types4) : PICK(r, types6);
		p[1] = chance(r, 70) ? 0 : pick(r, 5);
		put16(p + 4, unique ? id : 7);
		put16(p + 6, pick(r, 50));
		len += pick(r, 40);
		break;
	case SCTP:	/* common header and an INIT chunk */
		put16(p, source_port(r, id, unique));
		put16(p + 2, port(r));
		memcpy(p + 12, "\1\0\0\x14\0\0\0\1\0\1\0\0\0\1\0\1\0\0\0\1", 20);
		len = 32;
		break;
	case DCCP:	/* a request */
		put16(p, source_port(r, id, unique));
		put16(p + 2, port(r));
		p[4] = 5;
		p[8] = 0x01;
		len = 20;
		break;
	default:
		len = 8 + pick(r, 40);
		memset(p, 0x5a, len);
		break;
	}
	return len;
}

/* @len bytes of transport stand at data + 20. */
static void finish4(struct packet *p, struct rng *r, const u8 *src, const u8 *dst, u8 proto,
		    u32 len, u16 id)
{
	static const u8 ttls[] = { 1, 2, 63, 64, 64, 64, 255 };
	static const u8 offsets[] = { 1, 1, 1, 2, 3, 100 };
	u8 *ip = p->data;
	u32 ihl = 20, cut;
	u16 frag = 0x4000;

	if (chance(r, 20)) {	/* damage */
		switch (pick(r, 5)) {
		case 0:		/* a transport header that ends early */
			cut = pick(r, 24);
			len = cut < len ? cut : len;
			break;
		case 1:		/* a first fragment, perhaps cut short too */
			frag = 0x2000;
			len = len > 8 && chance(r, 50) ? 8 : len & ~7u;
			break;
		case 2:		/* a later fragment; offset 1 overlaps a TCP header */
			frag = PICK(r, offsets) | (chance(r, 50) ? 0x2000 : 0);
			len &= ~7u;
			break;
		case 3:		/* a wrong checksum */
			if (len > 7)
				ip[20 + 6] ^= 0x55;
			break;
		case 4:		/* IP options: no operation, end */
			ihl = 28;
			memmove(ip + 28, ip + 20, len);
			memcpy(ip + 20, "\1\1\1\1\0\0\0\0", 8);
			break;
		}
	}
	ip[0] = 0x40 | ihl / 4;
	ip[1] = chance(r, 15) ? 0x28 : 0;
	put16(ip + 2, ihl + len);
	put16(ip + 4, id);
	put16(ip + 6, frag);
	ip[8] = PICK(r, ttls);
	ip[9] = proto;
	memcpy(ip + 12, src, 4);
	memcpy(ip + 16, dst, 4);
	put16(ip + 10, 0);
	put16(ip + 10, ~sum(ip, ihl, 0));
	p->len = ihl + len;
}

/* Put an extension header of @size bytes before the transport; returns its type. */
static u8 add_ext6(struct packet *p, struct rng *r, u32 *len, u8 next, u16 id, bool *frag)
{
	static const u8 types[] = { 0, 60, 43, 44, 44, 44, 51, 135, 59 };
	u8 type = PICK(r, types), *h = p->data + 40;
	u32 size = type == 51 ? 24 : 8;

	memmove(h + size, h, *len);
	memset(h, 0, size);
	h[0] = next;
	switch (type) {
	case 0:
	case 60:
		h[2] = 1;	/* PadN of 4 */
		h[3] = 4;
		break;
	case 43:
		h[2] = chance(r, 50) ? 0 : 2;	/* routing header, no segments left */
		break;
	case 44:
		if (*frag || next != p->data[6])
			break;
		*frag = true;
		put16(h + 2, chance(r, 40) ? 1 : (chance(r, 50) ? 8 : 800) | pick(r, 2));
		put16(h + 6, id);
		break;
	case 51:
		h[1] = 4;
		break;
	case 135:
		h[1] = 0;
		break;
	}
	*len += size;
	return type;
}

static void finish6(struct packet *p, struct rng *r, const u8 *src, const u8 *dst, u8 proto,
		    u32 len, u16 id)
{
	static const u8 limits[] = { 1, 2, 63, 64, 64, 64, 255 };
	u8 *ip = p->data, next = proto;
	bool frag = false;
	u32 cut;

	memset(ip, 0, 40);
	ip[0] = 0x60;
	ip[6] = proto;
	if (chance(r, 20)) {
		switch (pick(r, 3)) {
		case 0:
			cut = pick(r, 24);
			len = cut < len ? cut : len;
			break;
		case 1:
			if (len > 7)
				ip[40 + 6] ^= 0x55;
			break;
		case 2:
			next = 200;	/* no such extension header */
			break;
		}
	}
	while (chance(r, 25) && len < 200)
		next = add_ext6(p, r, &len, next, id, &frag);
	if (next != proto && chance(r, 15))	/* an extension header that ends early */
		len = len > 8 ? pick(r, 9) : len;
	ip[1] = chance(r, 15) ? 0x80 : 0;
	put16(ip + 4, len);
	ip[6] = next;
	ip[7] = PICK(r, limits);
	memcpy(ip + 8, src, 16);
	memcpy(ip + 24, dst, 16);
	p->len = 40 + len;
}

void packet_make(struct packet *p, struct rng *r, int family, u16 id, bool unique)
{
	static const u8 protos[] = {
		TCP, TCP, TCP, TCP, TCP, UDP, UDP, UDP, UDP, ICMP, ICMP, SCTP, UDPLITE, DCCP,
		47, 50, 253,
	};
	u8 src[16], dst[16], proto = PICK(r, protos), *l4;
	u32 from = pick(r, N_TAPS), to = pick(r, N_TAPS), len;

	memset(p, 0, sizeof(*p));
	if (proto == ICMP && family == 6)
		proto = ICMP6;
	p->tap = from;
	p->mac = pick(r, 4);
	address(src, family, from, 10 + pick(r, N_HOSTS));
	address(dst, family, to, chance(r, 25) ? 1 : 10 + pick(r, N_HOSTS));
	if (chance(r, 15)) {
		p->tap = LOCAL;
		address(src, family, from, 1);
		address(dst, family, to, 10 + pick(r, N_HOSTS));
	} else if (chance(r, 4)) {
		p->cast = 1;
		if (family == 4)
			address(dst, 4, from, 255);
	} else if (chance(r, 3)) {
		p->cast = 2;
		if (family == 4)
			inet_pton(AF_INET, "224.0.0.1", dst);
		else
			inet_pton(AF_INET6, "ff02::1", dst);
	}
	l4 = p->data + (family == 4 ? 20 : 40);
	len = make_l4(l4, r, proto, id, unique);
	l4_finish(family, src, dst, proto, l4, len);
	if (family == 4)
		finish4(p, r, src, dst, proto, len, id);
	else
		finish6(p, r, src, dst, proto, len, id);
}

/* Turn the segment around; false when nobody would answer it. */
static bool answer(u8 *l4, u32 len, u8 proto, struct rng *r)
{
	u8 t[2];

	switch (proto) {
	case TCP:
		if (len < 20 || l4[13] & 4)
			return false;
		l4[13] = chance(r, 10) ? 0x14 : l4[13] == 2 ? 0x12 : 0x10;
		memcpy(l4 + 8, l4 + 4, 4);	/* acknowledge what came */
		put16(l4 + 10, get16(l4 + 10) + 1);
		break;
	case UDP:
	case UDPLITE:
	case SCTP:
	case DCCP:
		if (len < 8)
			return false;
		break;
	case ICMP:
	case ICMP6:
		if (len < 8 || l4[0] != (proto == ICMP ? 8 : 128))
			return false;
		l4[0] = proto == ICMP ? 0 : 129;
		return true;
	case 47:
	case 50:
	case 253:
		return true;
	default:	/* an extension header: the ports are elsewhere */
		return false;
	}
	memcpy(t, l4, 2);
	memcpy(l4, l4 + 2, 2);
	memcpy(l4 + 2, t, 2);
	return true;
}

/* "Port unreachable" that quotes @data. */
static u32 unreachable(u8 *l4, int family, const u8 *data, u32 len)
{
	u32 quote = len < 60 ? len : 60;

	memmove(l4 + 8, data, quote);
	memset(l4, 0, 8);
	l4[0] = family == 4 ? 3 : 1;
	l4[1] = family == 4 ? 3 : 4;
	return 8 + quote;
}

bool packet_reply(struct packet *p, struct rng *r, int tap, const u8 *data, u32 len, u16 id,
		  bool unique)
{
	int family = data[0] >> 4 == 4 ? 4 : 6;
	u32 hdr = family == 4 ? (data[0] & 15) * 4 : 40;
	u8 src[16], dst[16], *l4, proto;

	if (len < hdr || len > 400)
		return false;
	memset(p, 0, sizeof(*p));
	p->tap = tap;
	p->mac = pick(r, 4);
	proto = data[family == 4 ? 9 : 6];
	if (family == 4 && (get16(data + 6) & 0x3fff))
		return false;
	memcpy(src, data + (family == 4 ? 16 : 24), family == 4 ? 4 : 16);
	memcpy(dst, data + (family == 4 ? 12 : 8), family == 4 ? 4 : 16);
	l4 = p->data + (family == 4 ? 20 : 40);
	if (proto != ICMP && proto != ICMP6 && chance(r, 15)) {
		len = unreachable(l4, family, data, len);
		proto = family == 4 ? ICMP : ICMP6;
	} else {
		len -= hdr;
		memcpy(l4, data + hdr, len);
		if (!answer(l4, len, proto, r))
			return false;
		/* to an answer of the router itself: its port belongs to another packet */
		if (unique && get16(l4) >= 20000)
			return false;
	}
	l4_finish(family, src, dst, proto, l4, len);
	if (family == 4)
		finish4(p, r, src, dst, proto, len, id);
	else
		finish6(p, r, src, dst, proto, len, id);
	return true;
}
