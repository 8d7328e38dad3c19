// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: what a packet has, and a rule demands, of the header fields by which rules are looked up.
 *
 * A rule's key says less than the rule, never more: what is negated, what is no prefix, and
 * all that is not about these fields is left to the match itself, through which each rule that
 * is found has to go. It takes in the elements up to the first x_tables extension, since
 * these may count, log or limit what comes by and must see every packet that the elements
 * before them let pass. The native elements have one effect on a packet that they do not match:
 * the transport header's drop packets in which it is cut off. For those a key is not known.
 */
#include "key.h"
#include "transport.h"

enum {
	PROTO_DCCP = 33,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

static u64 word_of(const __be32 *addr)
{
	return (u64)be32_to_cpu(addr[0]) << 32 | be32_to_cpu(addr[1]);
}

/* The leading ones of a mask of @n words. */
static u8 leading_ones(const __be32 *mask, u32 n)
{
	u32 bits = 0, i, word;

	for (i = 0; i < n; i++) {
		word = ~be32_to_cpu(mask[i]);
		if (word)
			return bits + __builtin_clz(word);
		bits += 32;
	}
	return bits;
}

/* SRC or DST: @word is where the address begins in the key of an IPv6 packet. */
static u8 take_addr(const struct fwload_img_el *el, u8 family, u64 *word, u32 shift)
{
	bool masked = el->flags & FWLOAD_IMG_F_MASK;

	if (negated(el))
		return 0;
	if (family == FWLOAD_FAMILY_IPV4) {
		*word |= (u64)be32_to_cpu(el_cast(addr4, el)->addr) << shift;
		return masked ? leading_ones(&el_cast(mask4, el)->mask, 1) : el->arg;
	}
	word[0] = word_of(el_cast(addr6, el)->addr);
	word[1] = word_of(el_cast(addr6, el)->addr + 2);
	return masked ? leading_ones(el_cast(mask6, el)->mask, 4) : el->arg;
}

static bool names_one(const struct fwload_img_el *el)
{
	return !(el->flags & (FWLOAD_IMG_F_INV | FWLOAD_IMG_F_WILD));
}

/* An empty range matches nothing; it is left to the match. */
static void take_range(struct fwload_key_ports *ports, const __le16 *range)
{
	u16 first = le16_to_cpu(range[0]), last = le16_to_cpu(range[1]);

	if (ports->n || first > last || (!first && last == 0xffff))
		return;
	ports->n = 1;
	ports->first[0] = first;
	ports->last[0] = last;
}

static void take_multiport(struct fwload_key *key, const struct fwload_img_el_multiport *el)
{
	struct fwload_key_ports *ports = el->el.arg == FWLOAD_IMG_MULTIPORT_SRC ? &key->sport :
										  &key->dport;
	u32 i;

	/* two elements about the same port: one of them will do */
	if (negated(&el->el) || el->el.arg == FWLOAD_IMG_MULTIPORT_EITHER || ports->n)
		return;
	for (i = 0; i < el->n; i++) {
		ports->first[ports->n] = le16_to_cpu(el->port[i]);
		if (le16_to_cpu(el->ranges) & 1U << i)
			i++;
		ports->last[ports->n++] = le16_to_cpu(el->port[i]);
	}
}

static void take_ports(struct fwload_key *key, const struct fwload_img_el_ports *el)
{
	bool sctp = el->el.arg == PROTO_SCTP;
	u8 flags = el->el.flags;

	if (!(flags & FWLOAD_IMG_F_SPORT_INV) && (!sctp || (flags & FWLOAD_IMG_F_SPORT)))
		take_range(&key->sport, el->sport);
	if (!(flags & FWLOAD_IMG_F_DPORT_INV) && (!sctp || (flags & FWLOAD_IMG_F_DPORT)))
		take_range(&key->dport, el->dport);
}

/* The leading bits that all ports have in common. */
static u8 common_bits(const struct fwload_key_ports *ports)
{
	u32 differ = 0, i;

	for (i = 0; i < ports->n; i++)
		differ |= (ports->first[i] ^ ports->first[0]) | (ports->last[i] ^ ports->first[0]);
	if (!ports->n)
		return 0;
	return differ ? __builtin_clz(differ) - 16 : 16;
}

void fwload_key_of_rule(const struct fwload_img_rule *rule, u8 family,
			struct fwload_key *key)
{
	const u8 *at = (const u8 *)(rule + 1);
	const u8 *end = fwload_rule_end(rule);
	u32 ports = fwload_key_ports_word(family), ifaces = fwload_key_ifaces_word(family);
	const struct fwload_img_el *el;

	memset(key->word, 0, sizeof(key->word));
	memset(&key->fixed, 0, sizeof(key->fixed));
	key->sport.n = 0;
	key->dport.n = 0;

	if ((rule->flags & FWLOAD_IMG_R_PROTO) && rule->proto &&
	    !(rule->flags & FWLOAD_IMG_R_PROTO_INV)) {
		key->word[ports] = rule->proto;
		key->fixed.fields |= FWLOAD_IMG_MASK_PROTO;
	}
	for (; at < end; at += el->len * FWLOAD_IMG_ALIGN) {
		el = (const void *)at;
		/* the addresses of an interface drop packets while they are not known */
		if (el->type <= FWLOAD_IMG_EL_DST && (el->flags & FWLOAD_IMG_F_DYN))
			break;
		switch (el->type) {
		case FWLOAD_IMG_EL_SRC:
			key->fixed.src = take_addr(el, family, key->word, 32);
			break;
		case FWLOAD_IMG_EL_DST:
			key->fixed.dst = take_addr(el, family, key->word +
						   (family == FWLOAD_FAMILY_IPV4 ? 0 : 2), 0);
			break;
		case FWLOAD_IMG_EL_IN:
			if (!names_one(el))
				break;
			key->word[ifaces] |= (u64)fwload_key_iface(el_cast(iface, el)->name) << 32;
			key->fixed.fields |= FWLOAD_IMG_MASK_IN;
			break;
		case FWLOAD_IMG_EL_OUT:
			if (!names_one(el))
				break;
			key->word[ifaces] |= fwload_key_iface(el_cast(iface, el)->name);
			key->fixed.fields |= FWLOAD_IMG_MASK_OUT;
			break;
		case FWLOAD_IMG_EL_PORTS:
			take_ports(key, el_cast(ports, el));
			/* it drops packets whose options are cut off */
			if (el_cast(ports, el)->option)
				goto out;
			break;
		case FWLOAD_IMG_EL_DPORT:
			if (!negated(el))
				take_range(&key->dport, el_cast(dport, el)->dport);
			break;
		case FWLOAD_IMG_EL_MULTIPORT:
			take_multiport(key, el_cast(multiport, el));
			break;
		case FWLOAD_IMG_EL_EXT:
			goto out;
		}
	}
out:
	key->fixed.sport = common_bits(&key->sport);
	key->fixed.dport = common_bits(&key->dport);
}

void fwload_key_mask(const struct fwload_img_mask *mask, u8 family, u64 *words)
{
	u32 ports = fwload_key_ports_word(family), ifaces = fwload_key_ifaces_word(family);

	if (family == FWLOAD_FAMILY_IPV4) {
		words[0] = fwload_key_leading(mask->src) | fwload_key_leading(mask->dst) >> 32;
	} else {
		words[0] = fwload_key_leading(mask->src < 64 ? mask->src : 64);
		words[1] = fwload_key_leading(mask->src < 64 ? 0 : mask->src - 64);
		words[2] = fwload_key_leading(mask->dst < 64 ? mask->dst : 64);
		words[3] = fwload_key_leading(mask->dst < 64 ? 0 : mask->dst - 64);
	}
	words[ports] = fwload_key_leading(mask->sport) | fwload_key_leading(mask->dport) >> 16;
	if (mask->fields & FWLOAD_IMG_MASK_PROTO)
		words[ports] |= 0xff;
	words[ifaces] = 0;
	if (mask->fields & FWLOAD_IMG_MASK_IN)
		words[ifaces] |= 0xffffffffULL << 32;
	if (mask->fields & FWLOAD_IMG_MASK_OUT)
		words[ifaces] |= 0xffffffffULL;
}

bool fwload_key_covers(const struct fwload_key *key, const struct fwload_img_mask *mask)
{
	const struct fwload_img_mask *fixed = &key->fixed;

	return mask->src <= fixed->src && mask->dst <= fixed->dst &&
	       !(mask->fields & ~fixed->fields) && (!mask->sport || key->sport.n) &&
	       (!mask->dport || key->dport.n);
}

u32 fwload_key_cells(const struct fwload_key_ports *ports, u32 bits, u16 *cell, u32 max)
{
	u32 n = 0, i, j, k, shift = 16 - bits;

	if (!bits) {
		cell[0] = 0;
		return 1;
	}
	for (i = 0; i < ports->n; i++) {
		for (j = ports->first[i] >> shift; j <= (u32)ports->last[i] >> shift; j++) {
			for (k = 0; k < n && cell[k] != j; k++)
				;
			if (k < n)
				continue;
			if (n == max)
				return 0;
			cell[n++] = j;
		}
	}
	return n;
}

static u32 hash_name(u64 a, u64 b)
{
	return (a * 0x9e3779b97f4a7c15ULL + b * 0xc2b2ae3d27d4eb4fULL) >> 32;
}

u32 fwload_key_iface(const char name[16])
{
	const struct name_words *n = (const void *)name;

	return hash_name(n->word[0], n->word[1]);
}

/* @word with zeros from its first byte of zero on; *@ended when it has one. */
static u64 up_to_zero(u64 word, bool *ended)
{
	u64 x = le64_to_cpu((__force __le64)word);
	/* the lowest bit that is set marks the first byte that is zero */
	u64 zeros = (x - 0x0101010101010101ULL) & ~x & 0x8080808080808080ULL;

	if (!zeros)
		return word;
	*ended = true;
	x &= (zeros & -zeros) - 1;
	/* without the seven bits of that byte below the mark, which are zero anyway */
	return (__force u64)cpu_to_le64(x);
}

/* As fwload_key_iface(), for a name behind whose NUL anything may stand. */
static u32 hash_packet_name(const char *name)
{
	const struct name_words *n = (const void *)name;
	bool ended = false;
	u64 a = up_to_zero(fwload_env_racy(n->word[0]), &ended);

	return hash_name(a, ended ? 0 : up_to_zero(fwload_env_racy(n->word[1]), &ended));
}

/* For each protocol, the bytes of its header that some match on ports asks for. */
static const u8 ports_need[256] = {
	[PROTO_TCP] = TCP_HEADER,
	[PROTO_UDP] = UDP_HEADER,
	[PROTO_SCTP] = SCTP_HEADER,
	[PROTO_DCCP] = PORTS_HEADER,
	[PROTO_UDPLITE] = PORTS_HEADER,
};

u32 fwload_key_of_packet(const struct fwload_pkt *pkt, bool ifaces, u64 *words)
{
	u8 family = pkt->family;
	u32 need, unknown = 0;
	u64 ports = 0;

	if (family == FWLOAD_FAMILY_IPV4) {
		words[0] = (u64)be32_to_cpu(pkt->saddr[0]) << 32 | be32_to_cpu(pkt->daddr[0]);
	} else {
		words[0] = word_of(pkt->saddr);
		words[1] = word_of(pkt->saddr + 2);
		words[2] = word_of(pkt->daddr);
		words[3] = word_of(pkt->daddr + 2);
	}
	if (unlikely(pkt->unparsable)) {
		unknown = FWLOAD_KEY_PROTO | FWLOAD_KEY_PORTS;
	} else {
		need = ports_need[pkt->proto];
		if (unlikely(pkt->fragoff)) {
			/* transport_tcp() */
			if (pkt->proto == PROTO_TCP && pkt->fragoff == 1)
				unknown = FWLOAD_KEY_PORTS;
		} else if (unlikely(pkt->avail < need)) {
			unknown = FWLOAD_KEY_PORTS;
		} else if (need) {
			ports = (u64)source_port(pkt->th) << 48 | (u64)dest_port(pkt->th) << 32;
		}
		ports |= pkt->proto;
	}
	words[fwload_key_ports_word(family)] = ports;
	words[fwload_key_ifaces_word(family)] = !ifaces ? 0 :
		(u64)hash_packet_name(pkt->in) << 32 | hash_packet_name(pkt->out);
	return unknown;
}
