/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_MATCH_H
#define FWLOAD_MATCH_H

#include "env.h"

/*
 * Is the transport header there? xt_tcpudp and its like set hotdrop, i.e. drop the
 * packet at that very rule, when a header is truncated or begins inside a fragment.
 */
enum fwload_pkt_state {
	/* proto, fragoff, avail and what avail covers are known */
	FWLOAD_PKT_OK = 0,
	/* IPv6: ipv6_find_hdr failed at fragment offset 0: -p drops */
	FWLOAD_PKT_UNPARSABLE = 1,
	/* IPv6: it failed in a later fragment: -p does not match */
	FWLOAD_PKT_NO_PROTO = 2,
};

/**
 * struct fwload_pkt - the packet key: a packet as native matches see it
 * @family: enum fwload_family
 * @hook: enum fwload_hook
 * @proto: IPv4: the header's protocol; IPv6: what ipv6_find_hdr(-1) found
 * @state: enum fwload_pkt_state
 * @fragoff: offset of the fragment in units of 8 bytes; 0 for a first or no fragment
 * @thoff: offset of the transport header in the packet
 * @avail: bytes of the packet from thoff on, at most 20; th holds that many, and
 *	zeros beyond
 * @th: the first 20 bytes of the transport header; 4 byte aligned
 * @saddr: IPv4 in [0]; network byte order
 * @daddr: likewise
 * @in: name of the input interface, zero padded; all zero without one
 * @out: name of the output interface, likewise
 * @len: skb->len, for counters
 * @mark: skb->mark
 * @pkt_type: skb->pkt_type
 * @hotdrop: set by a match: the packet is dropped after this rule
 * @has_ct: the ct_* fields are valid; see fwload_pkt_ct()
 * @ct_states: the XT_CONNTRACK_STATE_* bits of the packet
 * @ct_valid: there is a conntrack entry (for connmark)
 * @ct_mark: its mark
 * @skb: the packet itself; opaque here
 * @state_ptr: struct nf_hook_state; opaque here
 *
 * Extracted once a traversal by the packet's owner, and again after an extension's
 * target returned XT_CONTINUE.
 */
struct fwload_pkt {
	u8 family;
	u8 hook;
	u8 proto;
	u8 state;
	u16 fragoff;
	u16 avail;
	u32 thoff;
	u32 len;
	__be32 saddr[4];
	__be32 daddr[4];
	u8 th[20] __attribute__((aligned(8)));
	u32 mark;
	u64 in[2];
	u64 out[2];
	u8 pkt_type;
	bool hotdrop;
	bool has_ct;
	bool ct_valid;
	u32 ct_states;
	u32 ct_mark;
	void *skb;
	const void *state_ptr;
};

/*
 * What a packet's owner supplies (hook.c in the kernel; the tests on the host). None
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

/* What hosts x_tables extensions supplies (ext.c in the kernel). BH disabled. */
bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt);
/*
 * Run a target. Returns an NF_* verdict (which may carry a queue number or an errno),
 * or FWLOAD_VERDICT_CONTINUE, after which @pkt has been extracted anew.
 * May set pkt->hotdrop.
 */
u32 fwload_ext_target(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt);

/*
 * Does @rule of chain @code match @pkt? Evaluates head and elements in order up to the
 * first that does not match. Sets pkt->hotdrop as the replaced extension sets
 * par->hotdrop. The rule has passed fwload_image_check_body(). Context: BH disabled.
 */
bool fwload_match_rule(const struct fwload_code *code,
		       const struct fwload_img_rule *rule, struct fwload_pkt *pkt);

#endif /* FWLOAD_MATCH_H */
