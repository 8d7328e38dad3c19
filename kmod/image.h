/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_IMAGE_H
#define FWLOAD_IMAGE_H

#include "../uapi/linux/fwload.h"
#include "env.h"

/**
 * struct fwload_image_error - why an image was refused
 * @reason: one line without a final stop; a string that lives as long as the code
 * @offset: bytes from the start of the image
 * @chain: number of the chain, or FWLOAD_NO_PLACE
 * @rule: number of the rule in its chain, or FWLOAD_NO_PLACE
 * @ext: number of the extension in the body, or FWLOAD_NO_PLACE
 */
struct fwload_image_error {
	const char *reason;
	u64 offset;
	u32 chain;
	u32 rule;
	u32 ext;
};

/**
 * struct fwload_image - a validated index
 * @header: the header
 * @tables: n_tables tables
 * @chains: n_chains chains, of all tables
 * @names: NAMES
 * @lines: LINES, or NULL when left out
 * @counters: COUNTERS, likewise
 * @size: bytes of the whole image
 * @index_size: bytes before the first body
 * @n_tables: tables
 * @n_chains: chains
 * @n_rules: rules in the bodies of the image
 *
 * All pointers lie in the index and live as long as it does; the counts and the
 * arrays they stand for have passed fwload_image_check_index().
 */
struct fwload_image {
	const struct fwload_img_header *header;
	const struct fwload_img_table *tables;
	const struct fwload_img_chain *chains;
	const char *names;
	const __le32 *lines;
	const struct fwload_img_counter *counters;
	u64 size;
	u32 index_size;
	u32 n_tables;
	u32 n_chains;
	u32 n_rules;
};

/* By enum fwload_table_type: "raw", ... */
extern const char *const fwload_image_table_names[__FWLOAD_TABLE_MAX];
/* By enum fwload_hook: "PREROUTING", ... */
extern const char *const fwload_image_hook_names[__FWLOAD_HOOK_MAX];

/* The byte order of this machine, as in struct fwload_img_header. */
u8 fwload_image_byteorder(void);

/* Hooks of a table as a mask of 1 << enum fwload_hook; 0 for an unknown table. */
u32 fwload_image_hooks(u8 table);

/*
 * Check everything before index_size of an image of @size bytes: header (but for the
 * checksum, which covers the bodies too), section table, sections. @index holds
 * @index_size bytes, aligned to 8. Returns 0 and fills @img, or -EINVAL, or
 * -EOPNOTSUPP (another version, byte order or word size), or -E2BIG (a limit), and
 * fills @err.
 */
int fwload_image_check_index(const void *index, u32 index_size, u64 size,
			     struct fwload_image *img,
			     struct fwload_image_error *err);

static inline bool fwload_image_has_body(const struct fwload_img_chain *chain)
{
	return !(chain->flags & (FWLOAD_IMG_C_KEPT | FWLOAD_IMG_C_GONE));
}

/* How many entries of COUNTERS are those of @chain. */
static inline u32 fwload_image_n_counters(const struct fwload_img_chain *chain)
{
	return le32_to_cpu(chain->n_rules) + (chain->hook != FWLOAD_IMG_NO_HOOK);
}

/* Number in CHAINS of the table that chain number @chain belongs to. O(tables). */
const struct fwload_img_table *fwload_image_table(const struct fwload_image *img,
						  u32 chain);

/* Offset of the body of @chain in the image: index_size + the bodies before. O(n). */
u64 fwload_image_body_offset(const struct fwload_image *img, u32 chain);

/*
 * A whole image in memory (aligned to 8), as fwimg and the fuzzers have it: index,
 * checksum, bodies and graph (a kept chain counts as one without rules, and in a table
 * that is merged there is none to be seen). Returns as
 * above; -E2BIG also for jumps beyond FWLOAD_MAX_DEPTH.
 */
int fwload_image_check(const void *data, size_t size, struct fwload_image *img,
		       struct fwload_image_error *err);

#endif /* FWLOAD_IMAGE_H */
