/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_BODY_H
#define FWLOAD_BODY_H

#include "image.h"

/* A power of 2: a table has no more at a time than chains before and after a commit. */
#define FWLOAD_BODY_MAX_HANDLES	(2 * FWLOAD_MAX_CHAINS)

/**
 * struct fwload_body - a validated body
 * @refs: n_refs refs
 * @exts: n_exts extensions
 * @rules: the rules, n_rules of them in rules_size bytes
 * @payloads: the payloads of @exts
 * @strings: the strings
 * @plan: the plan, or NULL
 * @symbols: the symbols, or NULL
 * @n_rules: rules
 * @n_refs: refs
 * @n_live_refs: by fwload_body_check() only: the first so many of @refs are those by which
 *	a packet can leave the chain; what uses the others stands behind a final rule
 * @n_exts: extensions
 * @n_dyns: by fwload_body_check() only: elements with the addresses of interfaces
 * @rules_size: bytes of @rules
 * @payloads_size: bytes of @payloads
 * @strings_size: bytes of @strings
 * @plan_size: bytes of @plan
 * @symbols_size: bytes of @symbols
 * @hooks: by fwload_body_check() only: the base hooks from which the chain may be
 *	reached, as its native matches before a final rule have it (xt_mac registers
 *	without OUTPUT and POSTROUTING)
 *
 * All pointers lie in the body, whose memory is the caller's.
 */
struct fwload_body {
	const struct fwload_img_ref *refs;
	const struct fwload_img_ext *exts;
	const u8 *rules;
	const u8 *payloads;
	const char *strings;
	const struct fwload_img_plan *plan;
	const struct fwload_img_symbols *symbols;
	u32 n_rules;
	u32 n_refs;
	u32 n_live_refs;
	u32 n_exts;
	u32 n_dyns;
	u32 rules_size;
	u32 payloads_size;
	u32 strings_size;
	u32 plan_size;
	u32 symbols_size;
	u32 hooks;
};

/*
 * Check the body of chain number @chain: every offset, count, string, enum, range,
 * alignment and byte of padding; that refs name user chains of the same table, that
 * uses are what the rules say, and that each extension is used exactly once. @body
 * holds le32(chains[chain].body_size) bytes, aligned to 8. @offset is its place in
 * the image, for @err. One pass, no allocation up to 16 refs (beyond, counting
 * and comparing refs takes fwload_env_alloc() of 12 bytes a ref). Returns 0 and
 * fills @b, or -EINVAL or -ENOMEM, and fills @err.
 */
int fwload_body_check(const struct fwload_image *img, u32 chain, u64 offset, const void *body,
		      struct fwload_body *b, struct fwload_image_error *err);

/* The size that the parts named in @head add up to, padding included. Any context. */
u64 fwload_body_size(const struct fwload_img_body *head);

/* The arrays of a body that has passed fwload_body_check(). What only that fills stays. */
void fwload_body_open(const void *body, struct fwload_body *b);

#endif /* FWLOAD_BODY_H */
