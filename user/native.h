/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The matches and targets that fwimg knows itself: their options, and how these become
 * the compact elements of the image.
 *
 * While a rule is read each use of one is a struct native_use that already holds
 * the element. Some options of a match have no place in its element (conntrack's
 * --ctproto, chunk types of sctp): then parsing says NATIVE_FOREIGN, and the rule
 * turns the use into the x_tables extension of that name by giving it all
 * options once more. So the text that comes back is the same either way.
 */
#ifndef FWIMG_NATIVE_H
#define FWIMG_NATIVE_H

#include "lex.h"

/* 1 << enum fwload_family, for struct native.families */
enum {
	NATIVE_IPV4 = 1 << FWLOAD_FAMILY_IPV4,
	NATIVE_IPV6 = 1 << FWLOAD_FAMILY_IPV6,
	NATIVE_BOTH = NATIVE_IPV4 | NATIVE_IPV6,
};

#define NATIVE_INVERT	0x01	/* may have a ! before it */

/**
 * struct native_option - an option
 * @name: without the dashes
 * @len: bytes of @name
 * @id: the same for synonyms, below 16
 * @args: 0, 1, or 2 (the second is a word of its own)
 * @flags: NATIVE_INVERT
 * @excludes: 1 << id of the options that it cannot stand with
 */
struct native_option {
	const char *name;
	u8 len;
	u8 id;
	u8 args;
	u8 flags;
	u16 excludes;
};

#define NATIVE_OPTION(n, i, a, f, x)						\
	{ .name = (n), .len = sizeof(n) - 1, .id = (i), .args = (a), .flags = (f),	\
	  .excludes = (x) }

/* Any element but EXT and those of the header, with the ports of MULTIPORT. */
union native_el {
	struct fwload_img_el el;
	struct fwload_img_el_ports ports;
	struct fwload_img_el_dport dport;
	struct fwload_img_el_icmp icmp;
	struct {
		struct fwload_img_el_multiport head;
		__le16 port[16];
	} multiport;
	struct fwload_img_el_ctstate ctstate;
	struct fwload_img_el_mark mark;
	struct fwload_img_el_comment comment;
	struct fwload_img_el_mac mac;
	struct fwload_img_el_iprange4 iprange4;
	struct fwload_img_el_iprange6 iprange6;
	struct fwload_img_el_pkttype pkttype;
	struct fwload_img_el_set_mark set_mark;
	struct fwload_img_el_set_connmark set_connmark;
	u64 aligned[9];
};

/**
 * struct native_use - a match or target in the rule being read
 * @native: which
 * @el: its element so far, in image byte order
 * @text: of a comment; the offset in the element is set when the rule is stored
 * @seen: 1 << id of the options given
 */
struct native_use {
	const struct native *native;
	union native_el el;
	struct word text;
	u16 seen;
};

/**
 * struct native_call - an option as it stands in a rule
 * @lex: for errors
 * @option: which
 * @word: the option itself
 * @arg: its argument
 * @arg2: its second argument
 * @invert: a ! stands before it
 * @family: enum fwload_family of the rule
 * @proto: of -p so far, 0: none
 * @proto_inv: ! -p
 */
struct native_call {
	struct lex *lex;
	const struct native_option *option;
	const struct word *word;
	const struct word *arg;
	const struct word *arg2;
	bool invert;
	u8 family;
	u8 proto;
	bool proto_inv;
};

enum native_result {
	NATIVE_OK,
	NATIVE_ERROR,		/* has been reported */
	NATIVE_FOREIGN,		/* the element has no place for it */
};

/**
 * struct native - a match or a target
 * @name: as iptables and x_tables call it
 * @len: bytes of @name
 * @kind: enum fwload_img_ext_kind
 * @families: NATIVE_*
 * @proto: the protocol that -p has to name, or 0
 * @target: enum fwload_img_target of a target
 * @needs: 1 << id of the options of which one at least has to be given, or 0
 * @n_options: number of @options
 * @options: its options
 * @init: makes use->el the element without any option
 * @parse: takes an option into the element
 * @finish: brings the element into the form that the image wants; may be NULL
 */
struct native {
	const char *name;
	u8 len;
	u8 kind;
	u8 families;
	u8 proto;
	u8 target;
	u16 needs;
	u8 n_options;
	const struct native_option *options;
	void (*init)(struct native_use *use);
	enum native_result (*parse)(struct native_use *use, struct native_call *call);
	void (*finish)(struct native_use *use);
};

#define NATIVE_NAME(n)		.name = (n), .len = sizeof(n) - 1

extern const struct native native_tcp, native_udp, native_sctp, native_multiport;
extern const struct native native_icmp, native_icmp6, native_iprange, native_mac,
			   native_pkttype;
extern const struct native native_conntrack, native_state, native_mark, native_connmark,
			   native_comment, native_set_mark, native_set_connmark;

/* NULL when there is none of that name for @family. */
const struct native *native_find(u8 family, u8 kind, const char *name, size_t len);
/* The option of exactly that name, or NULL. */
const struct native_option *native_option(const struct native *native, const char *name,
					  size_t len);

void native_begin(struct native_use *use, const struct native *native);
/*
 * Check what holds for every option (once, not with its opposites, no ! where none is
 * meant), then parse it.
 */
enum native_result native_parse(struct native_use *use, struct native_call *call);
/* All options were given. @name: where the match or target is named, for errors. */
bool native_finish(struct native_use *use, struct lex *lex, const struct word *name,
		   u8 proto, bool proto_inv);

#endif /* FWIMG_NATIVE_H */
