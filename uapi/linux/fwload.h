/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family of fwload; uapi/fwload.yaml is its reference.
 *
 * An image goes in as BEGIN, DATA..., COMMIT on one socket. What was sent so far
 * belongs to that socket and goes with it. GET tells what is in force, GET_IMAGE
 * dumps it with its counters; ZERO and FLUSH do what their names say. Every
 * operation asks for CAP_NET_ADMIN.
 */
#ifndef _UAPI_LINUX_FWLOAD_H
#define _UAPI_LINUX_FWLOAD_H

#include <linux/types.h>

#define FWLOAD_FAMILY_NAME	"fwload"
#define FWLOAD_FAMILY_VERSION	1
#define FWLOAD_MCGRP_EVENTS	"events"

enum fwload_cmd {
	FWLOAD_CMD_UNSPEC,
	FWLOAD_CMD_BEGIN,	/* SIZE, INDEX_SIZE */
	FWLOAD_CMD_DATA,	/* OFFSET, BYTES */
	FWLOAD_CMD_COMMIT,	/* FLAGS, GENERATION; reply: GENERATION */
	FWLOAD_CMD_GET,		/* reply: GENERATION, MEMORY, MEMORY_MAX, TABLE... */
	FWLOAD_CMD_GET_IMAGE,	/* dump: FLAGS, FAMILY, TABLE_TYPE, CHAIN_NAME */
	FWLOAD_CMD_ZERO,	/* FAMILY, TABLE_TYPE, CHAIN_NAME, RULE: each optional */
	FWLOAD_CMD_FLUSH,	/* FAMILY, TABLE_TYPE, GENERATION: each optional */
	FWLOAD_CMD_CHANGED,	/* event: GENERATION, CAUSE, PORTID, TABLE... */
	__FWLOAD_CMD_MAX
};
#define FWLOAD_CMD_MAX (__FWLOAD_CMD_MAX - 1)

enum fwload_attr {
	FWLOAD_A_UNSPEC,
	FWLOAD_A_PAD,
	FWLOAD_A_SIZE,		/* u64: bytes of the image */
	FWLOAD_A_INDEX_SIZE,	/* u32: bytes before its first body */
	FWLOAD_A_OFFSET,	/* u64: place of BYTES; must be where the last ended */
	FWLOAD_A_BYTES,		/* binary: a piece of the image, or of a body */
	FWLOAD_A_FLAGS,		/* u32: FWLOAD_COMMIT_*, FWLOAD_GET_IMAGE_* */
	FWLOAD_A_GENERATION,	/* u32: expected, or in force; 0: nothing loaded yet */
	FWLOAD_A_MEMORY,	/* u64: bytes of kernel memory in use in the namespace */
	FWLOAD_A_MEMORY_MAX,	/* u64: bytes that it may use */
	FWLOAD_A_TABLE,		/* nest: FAMILY, TABLE_TYPE, N_CHAINS, N_RULES, SIZE */
	FWLOAD_A_FAMILY,	/* u8: enum fwload_family */
	FWLOAD_A_TABLE_TYPE,	/* u8: enum fwload_table_type */
	FWLOAD_A_N_CHAINS,	/* u32 */
	FWLOAD_A_N_RULES,	/* u32 */
	FWLOAD_A_CHAIN,		/* nest: see GET_IMAGE below */
	FWLOAD_A_CHAIN_NAME,	/* string */
	FWLOAD_A_HANDLE,	/* u32: what refs of the table's chains hold */
	FWLOAD_A_ID,		/* u64: names this object, for FWLOAD_IMG_C_KEPT */
	FWLOAD_A_HOOK,		/* u8: enum fwload_hook; absent for user chains */
	FWLOAD_A_POLICY,	/* u8: enum fwload_policy; absent for user chains */
	FWLOAD_A_RULE,		/* u32: number of a rule in its chain, from 0 */
	FWLOAD_A_COUNTERS,	/* binary: struct fwload_counter_pair[], from rule RULE */
	FWLOAD_A_POLICY_COUNTER,/* binary: one struct fwload_counter_pair */
	FWLOAD_A_CAUSE,		/* u8: enum fwload_cmd that caused the event */
	FWLOAD_A_PORTID,	/* u32: netlink port of the client that caused it */
	FWLOAD_A_REFERENCES,	/* u32: rules of the table that jump or go to the chain */
	__FWLOAD_A_MAX
};
#define FWLOAD_A_MAX (__FWLOAD_A_MAX - 1)

/* All of a commit but the change. */
#define FWLOAD_COMMIT_TEST	0x01
/* Counters of rules that stay are carried over. */
#define FWLOAD_COMMIT_CARRY	0x02
/* More than FWLOAD_MAX_VISITS is accepted, with a warning in the log. */
#define FWLOAD_COMMIT_COSTLY	0x04
#define FWLOAD_COMMIT_ALL	0x07

/* Each counter is set to zero as it is read. */
#define FWLOAD_GET_IMAGE_ZERO		0x01
/* The chains without bodies. Counters of rules are left out, too. */
#define FWLOAD_GET_IMAGE_NO_BODIES	0x02
/* Counters of rules are left out. */
#define FWLOAD_GET_IMAGE_NO_COUNTERS	0x04
/* With CHAIN_NAME: REFERENCES, and the chains that this one's rules jump or go to. */
#define FWLOAD_GET_IMAGE_REFS		0x08
#define FWLOAD_GET_IMAGE_ALL		0x0f

/*
 * GET_IMAGE streams one generation, counters included, whatever is committed
 * meanwhile. The first message has GENERATION and nothing else. Then comes for each
 * table, sorted by family and type, a message with TABLE, and after it for each of its
 * chains, base chains in the order of their hooks and then user chains by name, a
 * message with CHAIN (CHAIN_NAME, HANDLE, ID, N_RULES, SIZE; for base chains also HOOK,
 * POLICY and POLICY_COUNTER), followed by as many as are needed with OFFSET and BYTES
 * and then with RULE and COUNTERS, both in ascending order. A body's refs hold handles.
 *
 * FAMILY and TABLE_TYPE select tables; both with CHAIN_NAME select that chain of the
 * table: when it is not there no CHAIN follows. With REFS its REFERENCES are told, and
 * behind it come the chains of its refs, in the order of their handles, without bodies.
 */
struct fwload_counter_pair {
	__u64	packets;
	__u64	bytes;
};

#define FWLOAD_NO_PLACE	0xffffffffU

/**
 * struct fwload_error_place - where in an image an error lies
 * @offset_lo: lower half of the offset in bytes from the start of the image
 * @offset_hi: upper half
 * @chain: number of the chain in the image, or FWLOAD_NO_PLACE
 * @rule: number of the rule in its chain, or FWLOAD_NO_PLACE
 * @ext: number of the extension in the chain's body, or FWLOAD_NO_PLACE
 *
 * Travels in NLMSGERR_ATTR_COOKIE beside the reason in NLMSGERR_ATTR_MSG.
 */
struct fwload_error_place {
	__u32	offset_lo;
	__u32	offset_hi;
	__u32	chain;
	__u32	rule;
	__u32	ext;
};

#endif /* _UAPI_LINUX_FWLOAD_H */
