/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The elements of a rule in a fwload image: what it asks of a packet, and what its target does
 * to it. A part of linux/fwload_image.h, which says how elements stand in a rule.
 */
#ifndef _UAPI_LINUX_FWLOAD_ELEMENTS_H
#define _UAPI_LINUX_FWLOAD_ELEMENTS_H

#include <linux/types.h>

enum fwload_img_el_type {
	FWLOAD_IMG_EL_SRC = 1,
	FWLOAD_IMG_EL_DST = 2,
	FWLOAD_IMG_EL_IN = 3,
	FWLOAD_IMG_EL_OUT = 4,
	/* matches */
	FWLOAD_IMG_EL_PORTS = 5,
	FWLOAD_IMG_EL_DPORT = 6,
	FWLOAD_IMG_EL_ICMP = 7,
	FWLOAD_IMG_EL_MULTIPORT = 8,
	FWLOAD_IMG_EL_CTSTATE = 9,
	FWLOAD_IMG_EL_MARK = 10,
	FWLOAD_IMG_EL_CONNMARK = 11,
	FWLOAD_IMG_EL_COMMENT = 12,
	FWLOAD_IMG_EL_MAC = 13,
	FWLOAD_IMG_EL_IPRANGE = 14,
	FWLOAD_IMG_EL_PKTTYPE = 15,
	FWLOAD_IMG_EL_EXT = 16,
	/* targets */
	FWLOAD_IMG_EL_SET_MARK = 17,
	FWLOAD_IMG_EL_SET_CONNMARK = 18,
	__FWLOAD_IMG_EL_MAX
};

#define FWLOAD_IMG_F_INV	0x01	/* the match is negated */

/**
 * struct fwload_img_el - the head of an element
 * @type: enum fwload_img_el_type
 * @len: size of the element in units of 8 bytes, this head included
 * @flags: FWLOAD_IMG_F_INV and what the element defines
 * @arg: as the element defines
 */
struct fwload_img_el {
	__u8	type;
	__u8	len;
	__u8	flags;
	__u8	arg;
};

#define FWLOAD_IMG_F_MASK	0x02	/* a mask follows, arg is 0 */

/*
 * SRC, DST: the address is one of a network. IPv4 takes the first form, IPv6 the
 * second; with F_MASK (a mask that is no prefix) the third and fourth. el.arg is the
 * length of the prefix. Bits of the address beyond prefix or mask are zero, and a
 * network of prefix 0 stands only with F_INV (which matches nothing). With F_DYN it is
 * struct fwload_img_el_dyn.
 */
struct fwload_img_el_addr4 {
	struct fwload_img_el el;
	__be32	addr;
};

struct fwload_img_el_addr6 {
	struct fwload_img_el el;
	__u8	pad[4];
	__be32	addr[4];
};

struct fwload_img_el_mask4 {
	struct fwload_img_el el;
	__be32	addr;
	__be32	mask;
	__u8	pad[4];
};

struct fwload_img_el_mask6 {
	struct fwload_img_el el;
	__u8	pad[4];
	__be32	addr[4];
	__be32	mask[4];
};

#define FWLOAD_IMG_F_DYN	0x04	/* the addresses that an interface has */
#define FWLOAD_IMG_F_DYN_NET	0x08	/* its networks, not its addresses */
#define FWLOAD_IMG_F_DYN_FIRST	0x10	/* the first of its addresses only */

/*
 * SRC, DST with F_DYN (and not F_MASK): the address is one of those that the interface of
 * this name has at the moment, in the network namespace of the rules: -s (eth0),
 * (eth0:network), (eth0:0). One that has none, or is not there, has no address that could
 * match; negated, every address matches then. el.arg is the length of the name, 1 to 15
 * bytes without blanks, control characters, "/", ":" and ")", not "." or "..", the last
 * no "+". At most one of F_DYN_NET and F_DYN_FIRST. The slots of a body are 0, 1, 2 and so
 * on, in the order of the elements. The rules of a network namespace, with those that a commit
 * replaces, ask for at most FWLOAD_MAX_DYN different ones: another name, family or form is
 * another one.
 */
struct fwload_img_el_dyn {
	struct fwload_img_el el;
	__le32	slot;
	char	name[16];		/* then zeros */
};

#define FWLOAD_IMG_F_WILD	0x02	/* the name was given with a + */

/*
 * IN, OUT: the interface's name, compared as ip_tables does (a packet without the
 * interface has the name ""). el.arg is the number of bytes given, without the +:
 * 0 to 15 (14 with F_WILD), 0 only with F_WILD and F_INV. With F_WILD the first el.arg
 * bytes are compared, else all, of which the last is no +. The name has no blanks and
 * control characters, and is padded with zeros.
 */
struct fwload_img_el_iface {
	struct fwload_img_el el;
	__u8	pad[4];
	char	name[16];
};

#define FWLOAD_IMG_F_SPORT_INV	0x01
#define FWLOAD_IMG_F_DPORT_INV	0x02
#define FWLOAD_IMG_F_FLAGS_INV	0x04
#define FWLOAD_IMG_F_OPTION_INV	0x08
#define FWLOAD_IMG_F_SPORT	0x10	/* sctp: --sport was given */
#define FWLOAD_IMG_F_DPORT	0x20	/* sctp: --dport was given */

/*
 * PORTS: -m tcp, udp or sctp as a whole; el.arg is the protocol (6, 17 or 132), and
 * the rule has that protocol, not negated. Ranges are inclusive, first <= last
 * is not required (an empty range matches nothing). Flags and option are tcp's; the flags
 * are those from FIN to URG, F_OPTION_INV needs an option. For sctp a range is compared
 * only with F_SPORT or F_DPORT (else it is 0 to 0, not negated).
 */
struct fwload_img_el_ports {
	struct fwload_img_el el;
	__u8	flag_mask;
	__u8	flag_cmp;
	__u8	option;			/* 0: none */
	__u8	pad;
	__le16	sport[2];
	__le16	dport[2];
};

/* DPORT: the common part of PORTS, for tcp and udp; el.flags only F_INV. */
struct fwload_img_el_dport {
	struct fwload_img_el el;
	__le16	dport[2];
};

/*
 * ICMP: -m icmp (IPv4, protocol 1) or -m icmp6 (IPv6, protocol 58); el.arg is the
 * type, code[0] to code[1] the inclusive range of codes: one code, or 0 to 255. IPv4
 * type 255 is any, with codes 0 to 255.
 */
struct fwload_img_el_icmp {
	struct fwload_img_el el;
	__u8	code[2];
	__u8	pad[2];
};

enum fwload_img_multiport {
	FWLOAD_IMG_MULTIPORT_SRC = 0,
	FWLOAD_IMG_MULTIPORT_DST = 1,
	FWLOAD_IMG_MULTIPORT_EITHER = 2,
};

/*
 * MULTIPORT: el.arg is enum fwload_img_multiport. Bit i of ranges says that port[i]
 * and port[i + 1] are a range, port[i] <= port[i + 1], and then bit i + 1 is 0. 1 to 15
 * ports; the element's size follows from n.
 * The rule has protocol 6, 17, 33, 132 or 136, not negated.
 */
struct fwload_img_el_multiport {
	struct fwload_img_el el;
	__le16	ranges;
	__u8	n;
	__u8	pad;
	__le16	port[];			/* n, then zeros up to 8 */
};

#define FWLOAD_IMG_F_STATE	0x02	/* written as -m state --state */

/*
 * CTSTATE: -m conntrack --ctstate alone, or -m state. states has at least one of the bits
 * XT_CONNTRACK_STATE_* (linux/netfilter/xt_conntrack.h); -m state without SNAT and DNAT.
 */
struct fwload_img_el_ctstate {
	struct fwload_img_el el;
	__le32	states;
};

/* MARK, CONNMARK: (mark & mask) == value, revision 1 of both. */
struct fwload_img_el_mark {
	struct fwload_img_el el;
	__le32	value;
	__le32	mask;
	__u8	pad[4];
};

/* COMMENT: an offset in strings, at most 255 bytes in one line. Matches always. */
struct fwload_img_el_comment {
	struct fwload_img_el el;
	__le32	text;
};

/*
 * MAC: --mac-source. Not in OUTPUT, POSTROUTING and the chains that they reach, unless
 * behind a final rule.
 */
struct fwload_img_el_mac {
	struct fwload_img_el el;
	__u8	mac[6];
	__u8	pad[6];
};

#define FWLOAD_IMG_F_SRC	0x02
#define FWLOAD_IMG_F_DST	0x04
#define FWLOAD_IMG_F_SRC_INV	0x08
#define FWLOAD_IMG_F_DST_INV	0x10

/* IPRANGE: inclusive; F_SRC or F_DST or both; an absent range is all zero. */
struct fwload_img_el_iprange4 {
	struct fwload_img_el el;
	__u8	pad[4];
	__be32	src[2];
	__be32	dst[2];
};

struct fwload_img_el_iprange6 {
	struct fwload_img_el el;
	__u8	pad[4];
	__be32	src[2][4];
	__be32	dst[2][4];
};

/* PKTTYPE: el.arg is PACKET_HOST, PACKET_BROADCAST or PACKET_MULTICAST. */
struct fwload_img_el_pkttype {
	struct fwload_img_el el;
	__u8	pad[4];
};

/* EXT: an x_tables match, by its number in the body's extensions. */
struct fwload_img_el_ext {
	struct fwload_img_el el;
	__le32	ext;
};

/* SET_MARK: mark = (mark & ~mask) ^ value, revision 2 of MARK. */
struct fwload_img_el_set_mark {
	struct fwload_img_el el;
	__le32	value;
	__le32	mask;
	__u8	pad[4];
};

/*
 * SET_CONNMARK: revision 2 of CONNMARK; el.arg is XT_CONNMARK_SET, _SAVE or
 * _RESTORE (linux/netfilter/xt_connmark.h), el.flags is 0.
 */
struct fwload_img_el_set_connmark {
	struct fwload_img_el el;
	__le32	ctmark;
	__le32	ctmask;
	__le32	nfmask;
	__u8	shift_dir;
	__u8	shift_bits;
	__u8	pad[6];
};

#endif /* _UAPI_LINUX_FWLOAD_ELEMENTS_H */
