/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The fwload image: a rule set in the form in which the kernel executes it.
 *
 * This header is the normative description of the format. An image is
 * little-endian, fixed width, 8-byte aligned and free of pointers. Unknown
 * versions, sections, flags and element types are refused, never ignored, and
 * every byte of padding is zero.
 *
 *	+--------------------+  offset 0
 *	| header             |  struct fwload_img_header, 48 bytes
 *	| section table      |  n_sections x struct fwload_img_section
 *	| TABLES             |  struct fwload_img_table[]
 *	| CHAINS             |  struct fwload_img_chain[]
 *	| NAMES              |  strings
 *	| LINES (optional)   |  __le32[], one source line per rule
 *	| COUNTERS (optional)|  struct fwload_img_counter[]
 *	+--------------------+  offset header.index_size
 *	| body of chain 0    |  struct fwload_img_body and what follows it
 *	| body of chain 1    |
 *	| ...                |
 *	+--------------------+  offset header.size
 *
 * What stands before index_size is the index: it is small, is checked first and
 * tells where every chain's body lies, so that the kernel can receive each body
 * in the memory where it will be executed. Sections stand in ascending order of
 * type, each once, each starting where the one before ended, rounded up to 8.
 * Bodies stand in the order of the chains, without gaps.
 *
 * NAMES, and the strings of a body, are NUL-terminated strings, of which the first is
 * empty. What refers to one gives the offset of its first byte.
 *
 * There is at least one table. Tables are sorted by (family, table). The chains of a table
 * are consecutive: first one base chain per hook of the table in the order of the
 * hooks, with the name of the hook, then the user chains in ascending order of their
 * names (strcmp). So no two chains of a table share a name, and a chain is found by
 * bisection. The name of a user chain is none of ACCEPT, DROP, QUEUE and RETURN, nor that
 * of a base chain of its table, and has no blanks and control characters.
 *
 * A table takes the place of the one in force, unless it is to be merged with that
 * (FWLOAD_IMG_TABLE_MERGE): then it has those chains alone that change, base chains
 * included, and all others stay as they are.
 *
 * The body of a chain is position independent and refers to nothing outside of
 * itself, but for the chain numbers in its refs:
 *
 *	struct fwload_img_body		32 bytes
 *	struct fwload_img_ref[n_refs]	the chains that its rules jump to
 *	struct fwload_img_ext[n_exts]	its x_tables extensions, in order of use
 *	rules				rules_size bytes
 *	payloads			payloads_size bytes
 *	strings				strings_size bytes, then zeros up to 8
 *	plan				plan_size bytes: how to index the rules, or none
 *	symbols				symbols_size bytes: linux/fwload_symbols.h, or none
 *
 * A rule is a head of 8 bytes (struct fwload_img_rule) and the elements that it
 * needs, each a multiple of 8 bytes that starts with struct fwload_img_el. The
 * elements of a packet's header come first, in ascending order of type and each
 * at most once: SRC, DST, IN, OUT. Matches follow in the order in which they are
 * evaluated, then at most one target element. As an example,
 *
 *	-s 192.0.2.7/32 -p tcp -m tcp --dport 80 -j DROP
 *
 * takes 24 bytes:
 *
 *	03 00 06 01 00 00 00 20		size 3, proto 6, HAS_PROTO, DROP
 *	01 01 00 20 c0 00 02 07		SRC, 1 x 8 bytes, prefix 32, address
 *	06 01 00 06 50 00 50 00		DPORT, 1 x 8 bytes, tcp, 80 to 80
 *
 * A rule is final when it is no more than a head without protocol and flags, with the
 * target ACCEPT, DROP, RETURN or QUEUE: no packet gets past it. The rules behind it are held
 * to the format like all others, but lead nowhere. A base chain reaches the chains that its
 * rules up to the first final one jump or go to, and what those reach. A chain that is
 * reached does not reach itself, and no more than FWLOAD_MAX_DEPTH jumps nest.
 *
 * A plan helps the kernel to find the rules that a packet can match without looking at all of
 * them. It decides nothing: see struct fwload_img_plan.
 *
 * Addresses are in network byte order, everything else is little-endian, apart
 * from extension payloads: these are structs of the kernel's own ABI, and the
 * header records the word size and the byte order they are made for.
 */
#ifndef _UAPI_LINUX_FWLOAD_IMAGE_H
#define _UAPI_LINUX_FWLOAD_IMAGE_H

#include <linux/types.h>
#include "fwload_symbols.h"

#define FWLOAD_IMG_MAGIC	"\211FWLOAD\n"	/* 8 bytes, no NUL */
#define FWLOAD_IMG_VERSION	1
#define FWLOAD_IMG_ALIGN	8

/* Limits. An image beyond one of them is refused. */
#define FWLOAD_MAX_IMAGE	0x80000000ULL	/* bytes */
#define FWLOAD_MAX_INDEX	0x10000000U	/* bytes before the first body */
#define FWLOAD_MAX_RULES	0xffffffU	/* in one chain and in all */
#define FWLOAD_MAX_CHAINS	0x100000U	/* in all tables */
#define FWLOAD_MAX_BODY		0x40000000U	/* bytes of one chain */
#define FWLOAD_MAX_DEPTH	4096		/* jumps on the stack */
#define FWLOAD_MAX_RULE		(0xffffU * 8)	/* bytes of one rule */
#define FWLOAD_MAX_DYN		4096U		/* different (INTERFACE), in a network namespace */
#define FWLOAD_MAX_EXT_SIZE	0x10000U		/* bytes of one payload */
/*
 * The most rules that one packet may visit in one traversal; FWLOAD_VISIT_BYTES of rules count as
 * one more, so that a rule of many elements is not for free. A commit beyond it is refused,
 * unless FWLOAD_COMMIT_COSTLY is given in the initial user namespace. The second limit
 * is that of network namespaces which another user namespace owns.
 */
#define FWLOAD_MAX_VISITS	0x2000000ULL
#define FWLOAD_MAX_VISITS_USERNS	0x100000ULL
#define FWLOAD_VISIT_BYTES	64

#define FWLOAD_CHAIN_NAME_MAX	28		/* bytes, without the NUL */
#define FWLOAD_FILE_NAME_MAX	4095		/* likewise: no path is longer */

/**
 * struct fwload_img_header - the first 48 bytes of an image
 * @magic: FWLOAD_IMG_MAGIC
 * @version: FWLOAD_IMG_VERSION
 * @byteorder: byte order of extension payloads, 1 little, 2 big
 * @wordsize: sizeof(long) of extension payloads: 4 or 8
 * @pad: zero
 * @size: bytes of the whole image, a multiple of 8
 * @xxh64: XXH64 with seed 0 of the image from offset 48, i.e. of all but this
 *	header. It finds damage, not malice.
 * @index_size: bytes before the first body, a multiple of 8
 * @n_sections: number of entries of the section table
 * @n_rules: rules in all bodies of the image
 * @flags: zero
 */
struct fwload_img_header {
	__u8	magic[8];
	__le16	version;
	__u8	byteorder;
	__u8	wordsize;
	__u8	pad[4];
	__le64	size;
	__le64	xxh64;
	__le32	index_size;
	__le32	n_sections;
	__le32	n_rules;
	__le32	flags;
};

enum fwload_img_section_type {
	FWLOAD_IMG_SEC_TABLES = 1,
	FWLOAD_IMG_SEC_CHAINS = 2,
	FWLOAD_IMG_SEC_NAMES = 3,
	FWLOAD_IMG_SEC_LINES = 4,	/* may be left out */
	FWLOAD_IMG_SEC_COUNTERS = 5,	/* likewise */
	__FWLOAD_IMG_SEC_MAX
};

/**
 * struct fwload_img_section - where a section of the index lies
 * @type: enum fwload_img_section_type
 * @pad: zero
 * @offset: bytes from the start of the image, a multiple of 8
 * @size: bytes, without the zeros that round it up to 8
 */
struct fwload_img_section {
	__le32	type;
	__le32	pad;
	__le32	offset;
	__le32	size;
};

enum fwload_family {
	FWLOAD_FAMILY_IPV4 = 0,
	FWLOAD_FAMILY_IPV6 = 1,
	__FWLOAD_FAMILY_MAX
};

/* In the order in which the hooks run, and in which save prints. */
enum fwload_table_type {
	FWLOAD_TABLE_RAW = 0,
	FWLOAD_TABLE_MANGLE = 1,
	FWLOAD_TABLE_NAT = 2,
	FWLOAD_TABLE_FILTER = 3,
	FWLOAD_TABLE_SECURITY = 4,
	__FWLOAD_TABLE_MAX
};

/* The values of enum nf_inet_hooks. */
enum fwload_hook {
	FWLOAD_HOOK_PREROUTING = 0,
	FWLOAD_HOOK_INPUT = 1,
	FWLOAD_HOOK_FORWARD = 2,
	FWLOAD_HOOK_OUTPUT = 3,
	FWLOAD_HOOK_POSTROUTING = 4,
	__FWLOAD_HOOK_MAX
};

/*
 * Chains of the table in force that the image does not name stay as they are, and so do
 * policies. There must be such a table.
 */
#define FWLOAD_IMG_TABLE_MERGE	0x01

/**
 * struct fwload_img_table - a table that the image replaces, or changes
 * @family: enum fwload_family
 * @table: enum fwload_table_type
 * @flags: FWLOAD_IMG_TABLE_*
 * @pad: zero
 * @first_chain: its first chain
 * @n_chains: number of its chains, base chains included
 * @file: offset in NAMES of the file it was compiled from, at most FWLOAD_FILE_NAME_MAX
 *	bytes, for diagnostics, or 0
 */
struct fwload_img_table {
	__u8	family;
	__u8	table;
	__u8	flags;
	__u8	pad;
	__le32	first_chain;
	__le32	n_chains;
	__le32	file;
};

#define FWLOAD_IMG_NO_HOOK	0xff

enum fwload_policy {
	FWLOAD_POLICY_NONE = 0,		/* user chains */
	FWLOAD_POLICY_ACCEPT = 1,
	FWLOAD_POLICY_DROP = 2,
};

/* The running chain of this name and id is taken over as it is. */
#define FWLOAD_IMG_C_KEPT	0x01
/* That chain goes away: a user chain of a table that is merged. No rule goes to it. */
#define FWLOAD_IMG_C_GONE	0x02
/* Counters of the kept chain are set to zero. */
#define FWLOAD_IMG_C_ZERO	0x04

/**
 * struct fwload_img_chain - a chain
 * @name: offset in NAMES
 * @hook: enum fwload_hook for a base chain, else FWLOAD_IMG_NO_HOOK
 * @policy: enum fwload_policy
 * @flags: FWLOAD_IMG_C_*
 * @pad: zero
 * @body_size: bytes of the body, a multiple of 8; 0 for a chain that is kept or gone
 * @n_rules: rules in the body; 0 likewise
 * @id: of a chain that is kept or gone: the id that GET_IMAGE gave for it; else 0. The
 *	policy of a kept base chain is the one given here.
 */
struct fwload_img_chain {
	__le32	name;
	__u8	hook;
	__u8	policy;
	__u8	flags;
	__u8	pad;
	__le32	body_size;
	__le32	n_rules;
	__le64	id;
};

/* A counter goes on where one in force is; bytes says which. */
#define FWLOAD_IMG_COUNTER_TAKEN	(~0ULL)

/**
 * struct fwload_img_counter - what a counter begins with
 * @packets: packets counted, less than COUNTER_TAKEN; or COUNTER_TAKEN
 * @bytes: bytes counted. With COUNTER_TAKEN: the number of a rule in the chain in force,
 *	or for its policy the number of its rules, and in the upper half the chain's
 *	handle, which is the same for all that a chain takes
 *
 * With COUNTERS, there is one for each rule of each body, followed for base chains by that
 * of the policy; for a kept base chain that of the policy alone, which is not touched
 * when it says COUNTER_TAKEN, whatever @bytes; none for other chains that are kept or gone.
 * What chains take from does not stay in force itself. FWLOAD_COMMIT_CARRY has no effect.
 */
struct fwload_img_counter {
	__le64	packets;
	__le64	bytes;
};

/**
 * struct fwload_img_body - the head of a chain's body
 * @n_rules: number of rules, as in struct fwload_img_chain
 * @n_refs: number of refs
 * @n_exts: number of extensions
 * @rules_size: bytes of the rules, a multiple of 8
 * @payloads_size: bytes of the payloads, a multiple of 8
 * @strings_size: bytes of the strings, 0 when there are none
 * @plan_size: bytes of the plan, 0 when there is none
 * @symbols_size: bytes of the symbols, a multiple of 8, 0 when there are none
 */
struct fwload_img_body {
	__le32	n_rules;
	__le32	n_refs;
	__le32	n_exts;
	__le32	rules_size;
	__le32	payloads_size;
	__le32	strings_size;
	__le32	plan_size;
	__le32	symbols_size;
};

#define FWLOAD_IMG_REF_GOTO	0x80000000U
#define FWLOAD_IMG_REF_HANDLE	0x80000000U

/**
 * struct fwload_img_ref - a chain that rules of this chain jump to or go to
 * @chain: number in CHAINS; a user chain of the same table. In a table that is merged
 *	this is so for chains that are not in force; for those in force it is their
 *	handle | REF_HANDLE. In the kernel, and in what GET_IMAGE returns, the handle.
 * @uses: number of rules whose target is this ref, at least 1, | REF_GOTO when
 *	these rules go to it. Each pair (chain, goto or jump) stands once, in the
 *	order of first use.
 */
struct fwload_img_ref {
	__le32	chain;
	__le32	uses;
};

enum fwload_img_ext_kind {
	FWLOAD_IMG_EXT_MATCH = 0,
	FWLOAD_IMG_EXT_TARGET = 1,
};

/**
 * struct fwload_img_ext - an x_tables extension of a rule
 * @name: offset in strings of its name in the kernel, 1 to 28 letters, digits, "_", "-"
 *	and "."; not the target ERROR
 * @revision: its revision
 * @kind: enum fwload_img_ext_kind
 * @n_sets: ip sets that its payload refers to: 1 for the match "set", 1 to 3 for the
 *	target "SET", else 0
 * @pad: zero
 * @payload: offset in payloads, a multiple of 8; the payloads of the extensions
 *	are consecutive, each rounded up to 8 with zeros
 * @size: bytes of the payload as x_tables sees it (XT_ALIGN(matchsize)); may be 0
 * @sets: offset in strings of n_sets consecutive names of at most 31 bytes, without
 *	blanks and control characters; else 0. Set numbers are not stable, so the payload
 *	carries IPSET_INVALID_ID and COMMIT resolves the name: "" stands for "no set" (of a
 *	target).
 * @pad2: zero
 *
 * Each extension is used by exactly one element or target, in ascending order.
 */
struct fwload_img_ext {
	__le32	name;
	__u8	revision;
	__u8	kind;
	__u8	n_sets;
	__u8	pad;
	__le32	payload;
	__le32	size;
	__le32	sets;
	__le32	pad2;
};

/* struct fwload_img_rule.flags */
#define FWLOAD_IMG_R_PROTO	0x01	/* proto is not 0; IPv6: IP6T_F_PROTO */
#define FWLOAD_IMG_R_PROTO_INV	0x02	/* ! -p; needs R_PROTO and a protocol */
#define FWLOAD_IMG_R_FRAG	0x04	/* -f, IPv4 only */
#define FWLOAD_IMG_R_FRAG_INV	0x08	/* ! -f; needs R_FRAG */
#define FWLOAD_IMG_R_TARGET_EL	0x10	/* the last element belongs to the target */

enum fwload_img_target {
	FWLOAD_IMG_T_NONE = 0,		/* go on with the next rule */
	FWLOAD_IMG_T_ACCEPT = 1,
	FWLOAD_IMG_T_DROP = 2,
	FWLOAD_IMG_T_RETURN = 3,
	FWLOAD_IMG_T_QUEUE = 4,		/* -j QUEUE: NF_QUEUE, queue 0 */
	FWLOAD_IMG_T_JUMP = 5,		/* arg: ref */
	FWLOAD_IMG_T_GOTO = 6,		/* arg: ref, with REF_GOTO */
	FWLOAD_IMG_T_EXT = 7,		/* arg: extension */
	FWLOAD_IMG_T_MARK = 8,		/* element FWLOAD_IMG_EL_SET_MARK */
	FWLOAD_IMG_T_CONNMARK = 9,	/* element FWLOAD_IMG_EL_SET_CONNMARK */
	__FWLOAD_IMG_T_MAX
};

#define FWLOAD_IMG_TARGET_SHIFT	28
#define FWLOAD_IMG_TARGET_ARG	0x0fffffffU

/**
 * struct fwload_img_rule - the head of a rule
 * @size: size of the rule in units of 8 bytes, head included
 * @proto: the protocol of -p; 0 for any
 * @flags: FWLOAD_IMG_R_*
 * @target: enum fwload_img_target << FWLOAD_IMG_TARGET_SHIFT | argument; the
 *	argument is 0 where the target has none
 */
struct fwload_img_rule {
	__le16	size;
	__u8	proto;
	__u8	flags;
	__le32	target;
};

/* The elements themselves are in linux/fwload_elements.h. */
#include "fwload_elements.h"

#define FWLOAD_MAX_MASKS	32	/* of one plan */
#define FWLOAD_IMG_NO_MASK	0xff

/* struct fwload_img_mask.fields */
#define FWLOAD_IMG_MASK_PROTO	0x01
#define FWLOAD_IMG_MASK_IN	0x02
#define FWLOAD_IMG_MASK_OUT	0x04

/**
 * struct fwload_img_mask - bits of a packet by which rules are looked up
 * @src: leading bits of the source address, at most 32, IPv6: 128
 * @dst: of the destination address
 * @sport: leading bits of the source port, at most 16
 * @dport: of the destination port
 * @fields: FWLOAD_IMG_MASK_*: the protocol, the interfaces' whole names
 * @pad: zero
 *
 * At least one bit.
 */
struct fwload_img_mask {
	__u8	src;
	__u8	dst;
	__u8	sport;
	__u8	dport;
	__u8	fields;
	__u8	pad[3];
};

/**
 * struct fwload_img_plan - how to index the rules of a chain
 * @n_masks: number of masks, at most FWLOAD_MAX_MASKS
 * @src_window: which of a source address's bits tell the most, for a first glance at
 *	a packet: the first of up to 12 bits. At most 20; IPv6: at most 52, or 64 to 116
 * @dst_window: of a destination address's bits
 * @sport_window: of a source port's bits, at most 4
 * @dport_window: of a destination port's bits
 * @pad: zero
 * @masks: the masks
 *
 * For each rule follows a byte, the number of the mask by which it is found, or
 * FWLOAD_IMG_NO_MASK, then zeros up to 8. Which packets match which rule does not depend on
 * it: the plan is a hint. A mask that has bits that its rule leaves open is not used for that
 * rule.
 */
struct fwload_img_plan {
	__u8	n_masks;
	__u8	src_window;
	__u8	dst_window;
	__u8	sport_window;
	__u8	dport_window;
	__u8	pad[3];
	struct fwload_img_mask masks[];
};

#endif /* _UAPI_LINUX_FWLOAD_IMAGE_H */
