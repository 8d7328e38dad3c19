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
 * fwload_match_first() is where the time goes. Which rules of a chain there are to be tried, the
 * index says of a long one (classify.c), and the screen of a short one (screen.c); a chain of a
 * few rules is walked. To try a rule is a loop over its elements, with no call for the common
 * ones, which are tested in line in the order of their frequency; everything else is behind
 * match_other(). A call costs what a rule does, so that loop is part of those over the rules; the
 * few candidates of an index are given to fwload_match_rule(). All it reads is the rules, in
 * ascending order of address, and the key.
 *
 * Sources: net/ipv4/netfilter/ip_tables.c, net/ipv6/netfilter/ip6_tables.c and
 * net/netfilter/xt_*.c of Linux 6.1 and 6.12, which agree in all that is done here.
 */
#include "eval.h"
#include "transport.h"

enum {
	PKT_BROADCAST = 1,
	PKT_MULTICAST = 2,
	PKT_LOOPBACK = 5,
};

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

/*
 * The addresses of an interface. While they are not known nothing can be said of the packet:
 * it is dropped, as the extensions of x_tables drop what they cannot judge.
 */
static bool dyn_differs(const struct fwload_code *code, const struct fwload_img_el *el,
			const __be32 *addr, struct fwload_pkt *pkt)
{
	const struct fwload_dyn *dyn = code->dyns->dyn[le32_to_cpu(el_cast(dyn, el)->slot)];
	const struct fwload_addrs *addrs = fwload_env_rcu(dyn->addrs);

	if (unlikely(!addrs)) {
		pkt->hotdrop = true;
		return !negated(el);	/* no match */
	}
	return !fwload_addrs_has(addrs, pkt->family, addr);
}

/* What is not a network with a prefix. */
static noinline bool odd_addr_differs(const struct fwload_code *code,
				      const struct fwload_img_el *el, const __be32 *addr,
				      struct fwload_pkt *pkt)
{
	if (el->flags & FWLOAD_IMG_F_DYN)
		return dyn_differs(code, el, addr, pkt);
	if (pkt->family == FWLOAD_FAMILY_IPV4)
		return (addr[0] & el_cast(mask4, el)->mask) != el_cast(mask4, el)->addr;
	return mask6_differs(addr, el_cast(mask6, el));
}

static inline bool addr_differs(const struct fwload_code *code,
				const struct fwload_img_el *el, const __be32 *addr,
				struct fwload_pkt *pkt)
{
	if (unlikely(el->flags & (FWLOAD_IMG_F_MASK | FWLOAD_IMG_F_DYN)))
		return odd_addr_differs(code, el, addr, pkt);
	if (pkt->family == FWLOAD_FAMILY_IPV4)
		return net4_differs(addr[0], el_cast(addr4, el)->addr, el->arg);
	return net6_differs(addr, el_cast(addr6, el)->addr, el->arg);
}

/*
 * ip_tables compares a name up to its NUL or up to the +. The packet's may be followed by
 * anything, so that is masked out, as it does with the masks that come with its rules.
 */
static inline bool iface_differs(const struct fwload_img_el *el, const char *name)
{
	/* a window of 16 bytes that starts n before the middle is a mask of n bytes */
	static const u8 window[32] __aligned(8) = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	unsigned int n = el->arg + !(el->flags & FWLOAD_IMG_F_WILD);
	const struct name_words *want = (const void *)el_cast(iface, el)->name;
	const struct name_words *mask = (const void *)(window + 16 - n);
	const struct name_words *is = (const void *)name;

	/* while a device is renamed, either name may match, or neither, as in ip_tables */
	return ((want->word[0] ^ fwload_env_racy(is->word[0])) & mask->word[0]) |
	       ((want->word[1] ^ fwload_env_racy(is->word[1])) & mask->word[1]);
}

/* The elements of the IP header: SRC, DST, IN, OUT. */
static __always_inline bool match_header(const struct fwload_code *code,
					 const struct fwload_img_el *el,
					 struct fwload_pkt *pkt)
{
	bool differs;

	if (el->type == FWLOAD_IMG_EL_SRC)
		differs = addr_differs(code, el, pkt->saddr, pkt);
	else if (el->type == FWLOAD_IMG_EL_DST)
		differs = addr_differs(code, el, pkt->daddr, pkt);
	else
		differs = iface_differs(el, el->type == FWLOAD_IMG_EL_IN ?
					pkt->in : pkt->out);
	return differs == negated(el);
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

static __always_inline bool match_ports(const struct fwload_img_el *el,
					struct fwload_pkt *pkt)
{
	if (el->arg == PROTO_TCP)
		return transport_match_tcp(el_cast(ports, el), pkt);
	if (el->arg == PROTO_UDP)
		return transport_match_udp(el_cast(ports, el), pkt);
	return fwload_transport_match(el, pkt);
}

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

static noinline bool match_other(const struct fwload_code *code,
				 const struct fwload_img_el *el, struct fwload_pkt *pkt)
{
	switch (el->type) {
	case FWLOAD_IMG_EL_ICMP:
	case FWLOAD_IMG_EL_MULTIPORT:
		return fwload_transport_match(el, pkt);
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

static inline const struct fwload_img_el *next_el(const struct fwload_img_el *el)
{
	return (const void *)((const u8 *)el + el->len * FWLOAD_IMG_ALIGN);
}

/*
 * A rule with -p and a packet whose extension headers cannot be parsed: it does not
 * match, and if addresses and interfaces do, it is dropped. ip6_packet_match().
 */
static noinline bool match_unparsable(const struct fwload_code *code,
				      const struct fwload_img_rule *rule,
				      struct fwload_pkt *pkt)
{
	const struct fwload_img_el *el = (const void *)(rule + 1);
	const struct fwload_img_el *end = fwload_rule_end(rule);

	for (; el < end && el->type <= FWLOAD_IMG_EL_OUT; el = next_el(el))
		if (!match_header(code, el, pkt))
			return false;
	pkt->hotdrop = true;
	return false;
}

/* Protocol and fragment. */
static __always_inline bool match_head(const struct fwload_code *code,
				       const struct fwload_img_rule *rule,
				       struct fwload_pkt *pkt)
{
	u8 flags = rule->flags;

	if (flags & FWLOAD_IMG_R_PROTO) {
		bool same = rule->proto == pkt->proto;

		if (unlikely(pkt->unparsable))
			return match_unparsable(code, rule, pkt);
		/* -p 0 is every protocol */
		if (same == !!(flags & FWLOAD_IMG_R_PROTO_INV) && rule->proto)
			return false;
	}
	return likely(!(flags & FWLOAD_IMG_R_FRAG)) ||
	       !pkt->fragoff == !!(flags & FWLOAD_IMG_R_FRAG_INV);
}

static __always_inline bool match_elements(const struct fwload_code *code,
					   const struct fwload_img_rule *rule,
					   struct fwload_pkt *pkt)
{
	const struct fwload_img_el *el = (const void *)(rule + 1);
	const struct fwload_img_el *end = fwload_rule_end(rule);

	for (; el < end; el = next_el(el)) {
		if (el->type == FWLOAD_IMG_EL_DPORT) {
			if (!match_dport(el, pkt))
				return false;
		} else if (el->type <= FWLOAD_IMG_EL_OUT) {
			if (!match_header(code, el, pkt))
				return false;
		} else if (el->type == FWLOAD_IMG_EL_PORTS) {
			if (!match_ports(el, pkt))
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

static __always_inline bool match_rule(const struct fwload_code *code,
				       const struct fwload_img_rule *rule,
				       struct fwload_pkt *pkt)
{
	return match_head(code, rule, pkt) && match_elements(code, rule, pkt);
}

bool fwload_match_rule(const struct fwload_code *code,
		       const struct fwload_img_rule *rule, struct fwload_pkt *pkt)
{
	return match_rule(code, rule, pkt);
}

/* The first rule between @from and @end that matches. */
static noinline struct fwload_place walk(const struct fwload_code *code,
					 struct fwload_place from, const void *end,
					 struct fwload_pkt *pkt)
{
	struct fwload_place at = from;

	while ((const void *)at.rule < end) {
		if (match_rule(code, at.rule, pkt))
			return at;
		if (unlikely(pkt->hotdrop))
			break;
		at.rule = fwload_rule_end(at.rule);
		at.index++;
	}
	return (struct fwload_place){ .rule = NULL };
}

/*
 * The first rule from number @i on that the screen lets pass, with *@ports as its word of ports,
 * which is the last one; or n_rules.
 */
static __always_inline u32 sift(const struct fwload_code *code, u32 i, const u64 *key,
				u32 n_words, u64 *ports)
{
	const u64 *want = code->screen->words + (size_t)i * 2 * n_words;
	u64 differs;
	u32 j;

	for (; i < code->n_rules; i++, want += 2 * n_words) {
		for (differs = 0, j = 0; j < n_words; j++)
			differs |= (key[j] ^ want[j]) & want[n_words + j];
		if (!differs) {
			*ports = want[n_words - 1];
			break;
		}
	}
	return i;
}

/* The first rule from @from on that matches, of those that the screen of @code lets pass. */
static noinline struct fwload_place screen(const struct fwload_code *code,
					   struct fwload_place from, struct fwload_pkt *pkt,
					   struct fwload_cursor *cursor)
{
	/* a later fragment has the key of port 0 */
	u64 whole = likely(!pkt->fragoff) ? FWLOAD_SCREEN_WHOLE : 0, ports;
	bool ipv4 = pkt->family == FWLOAD_FAMILY_IPV4;
	const u64 *key = cursor->key;
	struct fwload_place at;
	u32 i;

	fwload_classify_know(cursor, pkt, false);
	if (unlikely(cursor->unknown))
		return walk(code, from, code->rules + code->rules_size, pkt);
	for (i = from.index;; i++) {
		i = ipv4 ? sift(code, i, key, 2, &ports) : sift(code, i, key, 5, &ports);
		if (i >= code->n_rules)
			break;
		at.rule = (const void *)(code->rules + fwload_screen_offset(ports));
		at.index = i;
		if ((ports & whole) || match_rule(code, at.rule, pkt))
			return at;
		if (unlikely(pkt->hotdrop))
			break;
	}
	return (struct fwload_place){ .rule = NULL };
}

/* The same by the index of @code: walk its head, then look the others up. */
static noinline struct fwload_place look_up(const struct fwload_code *code,
					    struct fwload_place from, struct fwload_pkt *pkt,
					    struct fwload_cursor *cursor)
{
	const struct fwload_index *ix = code->index;
	struct fwload_place at;

	if (from.index < ix->n_head) {
		at = walk(code, from, code->rules + ix->head_size, pkt);
		if (at.rule || pkt->hotdrop)
			return at;
		from.rule = (const void *)(code->rules + ix->head_size);
		from.index = ix->n_head;
	}
	if (unlikely(!fwload_classify_start(cursor, code, from.index, pkt)))
		return walk(code, from, code->rules + code->rules_size, pkt);
	while (fwload_classify_next(cursor, &at)) {
		fwload_env_prefetch(fwload_code_counters(code) + at.index);
		if (fwload_match_rule(code, at.rule, pkt))
			return at;
		if (unlikely(pkt->hotdrop))
			break;
	}
	return (struct fwload_place){ .rule = NULL };
}

struct fwload_place fwload_match_first(const struct fwload_code *code,
				       struct fwload_place from, struct fwload_pkt *pkt,
				       struct fwload_cursor *cursor)
{
	if (code->is_screened)
		return screen(code, from, pkt, cursor);
	if (code->index)
		return look_up(code, from, pkt, cursor);
	return walk(code, from, code->rules + code->rules_size, pkt);
}
