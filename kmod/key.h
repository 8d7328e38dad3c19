/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_KEY_H
#define FWLOAD_KEY_H

#include "match.h"

/*
 * A key is what rules are looked up by: a few words of the packet's header, in host byte order.
 *
 *	IPv4	source << 32 | destination
 *		ports and protocol
 *		interfaces
 *	IPv6	source, destination, two words each, the first bits in the first
 *		ports and protocol
 *		interfaces
 *
 * ports and protocol: source port << 48 | destination port << 32 | protocol
 * interfaces: hash of the input's name << 32 | hash of the output's
 */
#define FWLOAD_KEY_WORDS	6

/* What a packet, or a rule, may leave open. */
enum {
	FWLOAD_KEY_PORTS = 1,
	FWLOAD_KEY_PROTO = 2,
};

/* Words of a key of @family, and which of them has what. */
static inline u32 fwload_key_words(u8 family)
{
	return family == FWLOAD_FAMILY_IPV4 ? 3 : 6;
}

static inline u32 fwload_key_ports_word(u8 family)
{
	return family == FWLOAD_FAMILY_IPV4 ? 1 : 4;
}

static inline u32 fwload_key_ifaces_word(u8 family)
{
	return family == FWLOAD_FAMILY_IPV4 ? 2 : 5;
}

/* The first @n of 64 bits. */
static inline u64 fwload_key_leading(u32 n)
{
	return n ? ~0ULL << (64 - n) : 0;
}

/**
 * struct fwload_key_ports - the ports that a rule names
 * @n: ranges, 0 when it leaves the port open
 * @first: of each range
 * @last: of each range, >= @first
 */
struct fwload_key_ports {
	u32 n;
	u16 first[15];
	u16 last[15];
};

/**
 * struct fwload_key - what a rule demands of a packet's key
 * @word: the key that it demands, ports left out
 * @fixed: how many leading bits it demands of each address, and the fields FWLOAD_IMG_MASK_*;
 *	of a port, the leading bits that all its ports share
 * @sport: the source ports
 * @dport: the destination ports
 *
 * Any packet that differs from it, whose transport header is there as a whole, does not match
 * the rule, and for it the rule has no effect at all: what stands behind the first
 * x_tables extension of the rule is left open, as that may have one.
 */
struct fwload_key {
	u64 word[FWLOAD_KEY_WORDS];
	struct fwload_img_mask fixed;
	struct fwload_key_ports sport;
	struct fwload_key_ports dport;
};

/* The key of @rule, which has passed fwload_body_check(). */
void fwload_key_of_rule(const struct fwload_img_rule *rule, u8 family,
			struct fwload_key *key);

/* Word number @i of what the rule with @key demands; of several ports, the first. */
static inline u64 fwload_key_want(const struct fwload_key *key, u8 family, u32 i)
{
	u64 word = key->word[i];

	if (i == fwload_key_ports_word(family)) {
		if (key->sport.n)
			word |= (u64)key->sport.first[0] << 48;
		if (key->dport.n)
			word |= (u64)key->dport.first[0] << 32;
	}
	return word;
}

/* @mask as a mask for keys of @family: fwload_key_words() words. */
void fwload_key_mask(const struct fwload_img_mask *mask, u8 family, u64 *words);

/* Does the rule with @key demand all bits of @mask, whatever its ports are? */
bool fwload_key_covers(const struct fwload_key *key, const struct fwload_img_mask *mask);

/*
 * The different values that the leading @bits of a port named by @ports can have, in the low bits
 * of @cell, which has room for @max. Returns how many, 0 when they are more or the port is
 * left open. With @bits of 0: one, of 0.
 */
u32 fwload_key_cells(const struct fwload_key_ports *ports, u32 bits, u16 *cell, u32 max);

/* Names of interfaces: 16 bytes, zeros behind the name. */
u32 fwload_key_iface(const char name[16]);

/*
 * The key of a packet: fwload_key_words() words, the interfaces only with @ifaces. Returns
 * FWLOAD_KEY_* for what is not known of it: a packet whose transport header is cut off, or whose
 * IPv6 headers make no sense, is dropped by rules that ask for it. A later fragment has no
 * ports, which is not the same: rules that ask for them do not match it, and it does not
 * matter that 0 stands in its key.
 */
u32 fwload_key_of_packet(const struct fwload_pkt *pkt, bool ifaces, u64 *words);

#endif /* FWLOAD_KEY_H */
