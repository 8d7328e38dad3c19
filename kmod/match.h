/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_MATCH_H
#define FWLOAD_MATCH_H

#include "env.h"

/**
 * struct fwload_pkt - the packet key: a packet as native matches see it
 * @family: enum fwload_family
 * @table: enum fwload_table_type; set once by the packet's owner, not by extraction
 * @proto: IPv4: the header's protocol; IPv6: what ipv6_find_hdr(-1) found
 * @unparsable: IPv6: ipv6_find_hdr() failed, so that a rule with -p drops the packet
 *	when its addresses and interfaces match. It leaves a fragment offset of 0
 *	whenever it fails, hence ip6_tables has no other case
 * @hotdrop: set by a match: the packet is dropped after this rule; not touched by
 *	extraction
 * @traced: skb->nf_trace
 * @pkt_type: skb->pkt_type
 * @fragoff: 0 for a first or no fragment. As x_tables has it: IPv4 in units of 8 bytes,
 *	IPv6 in bytes (so that xt_tcpudp's drop of offset 1 is IPv4's alone)
 * @avail: bytes of the packet from thoff on, at most 20, for which @th holds. IPv6: 0 for
 *	later fragments and when unparsable
 * @thoff: offset of the transport header in the packet, 0 where IPv6 has none
 * @len: skb->len, for counters
 * @mark: skb->mark
 * @th: the transport header, in the packet itself or in @th_copy
 * @in: name of the input interface, "" without one: 16 bytes, in which what stands after the
 *	NUL is undefined
 * @out: name of the output interface, likewise
 * @saddr: IPv4 in [0]; network byte order
 * @daddr: likewise
 * @has_ct: the ct_* fields are valid; see fwload_pkt_load_ct()
 * @ct_valid: there is a conntrack entry (for connmark)
 * @ct_states: the XT_CONNTRACK_STATE_* bits of the packet
 * @ct_mark: its mark
 * @skb: the packet itself; opaque here
 * @state_ptr: its struct nf_hook_state; opaque here
 * @th_copy: room for a header that does not lie in one piece
 *
 * Extracted once a traversal by the packet's owner, and again after an extension's
 * target returned XT_CONTINUE. An extension's match may set skb->mark (xt_socket), so
 * what hosts it brings @mark up to date.
 */
struct fwload_pkt {
	u8 family;
	u8 table;
	u8 proto;
	bool unparsable;
	bool hotdrop;
	bool traced;
	u8 pkt_type;
	u16 fragoff;
	u16 avail;
	u32 thoff;
	u32 len;
	u32 mark;
	const u8 *th;
	const char *in;
	const char *out;
	__be32 saddr[4];
	__be32 daddr[4];
	bool has_ct;
	bool ct_valid;
	u32 ct_states;
	u32 ct_mark;
	void *skb;
	const void *state_ptr;
	u8 th_copy[20];
};

/*
 * What a packet's owner supplies (packet.c in the kernel; the tests on the host). None
 * may sleep; all run with BH disabled.
 */
/* Fill has_ct, ct_states, ct_valid, ct_mark. */
void fwload_pkt_load_ct(struct fwload_pkt *pkt);
/* Copy the Ethernet source address; false when the packet has none (xt_mac). */
bool fwload_pkt_mac(const struct fwload_pkt *pkt, u8 mac[6]);
/* Copy @len (at most 40) bytes of TCP options; false when they are truncated. */
bool fwload_pkt_tcp_options(const struct fwload_pkt *pkt, u8 *buf, u32 len);
/* Set skb->mark and pkt->mark. */
void fwload_pkt_set_mark(struct fwload_pkt *pkt, u32 mark);
/* The CONNMARK target, revision 2; may change skb->mark and pkt->mark. */
void fwload_pkt_connmark(struct fwload_pkt *pkt,
			 const struct fwload_img_el_set_connmark *el);

struct fwload_code;
struct fwload_cursor;

/* What hosts x_tables extensions supplies (ext.c in the kernel). BH disabled. */
bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt);
/*
 * Run a target. Returns an NF_* verdict (which may carry a queue number or an errno),
 * or FWLOAD_VERDICT_CONTINUE, after which @pkt has been extracted anew.
 * May set pkt->hotdrop.
 */
u32 fwload_ext_target(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt);

static inline u32 fwload_rule_size(const struct fwload_img_rule *rule)
{
	return le16_to_cpu(rule->size) * FWLOAD_IMG_ALIGN;
}

static inline const void *fwload_rule_end(const struct fwload_img_rule *rule)
{
	return (const u8 *)rule + fwload_rule_size(rule);
}

/*
 * Does @rule of chain @code match @pkt? Evaluates head and elements in order up to the
 * first that does not match. Sets pkt->hotdrop as the replaced extension sets
 * par->hotdrop. The rule has passed fwload_body_check(). Context: BH disabled.
 */
bool fwload_match_rule(const struct fwload_code *code,
		       const struct fwload_img_rule *rule, struct fwload_pkt *pkt);

/**
 * struct fwload_place - a place in a chain
 * @rule: the rule, the end of the rules, or NULL: no rule
 * @index: its number
 */
struct fwload_place {
	const struct fwload_img_rule *rule;
	u32 index;
};

/*
 * The first rule of @code from @from on that matches @pkt. Its rule is NULL at the end of the
 * chain, and when one that does not match has set pkt->hotdrop. Rules as above. @cursor
 * belongs to the traversal.
 */
struct fwload_place fwload_match_first(const struct fwload_code *code,
				       struct fwload_place from, struct fwload_pkt *pkt,
				       struct fwload_cursor *cursor);

#endif /* FWLOAD_MATCH_H */
