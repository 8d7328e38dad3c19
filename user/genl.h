/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_GENL_H
#define FWIMG_GENL_H

#include "ruleset.h"

/**
 * struct genl_error - what the kernel said
 * @errnum: positive errno
 * @reason: its extack message, or strerror
 * @unloaded: nobody was there to answer: the module is not loaded, or not any more
 * @has_place: @place is valid
 */
struct genl_error {
	int errnum;
	char reason[256];
	bool unloaded;
	bool has_place;
	struct fwload_error_place place;
};

struct genl_table {
	u8 family;
	u8 type;
	u32 n_chains;
	u32 n_rules;
	u64 size;
};

struct genl_status {
	u32 generation;
	u64 memory;
	u64 memory_max;
	u32 n_tables;
	struct genl_table tables[__FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX];
};

struct genl;		/* a socket of the family */

/* NULL and @err when the family is not there (module not loaded) or not allowed. */
struct genl *genl_open(struct genl_error *err);
void genl_close(struct genl *g);

/*
 * BEGIN, DATA..., COMMIT; repeats the commit while the kernel loads modules (EAGAIN).
 * @expect: generation, NULL for any. Returns 0 and *@generation, and the kernel's warning or
 * "" in @err->reason; or -errno.
 */
int genl_push(struct genl *g, const void *image, size_t size, u32 flags, const u32 *expect,
	      u32 *generation, struct genl_error *err);
int genl_status(struct genl *g, struct genl_status *st, struct genl_error *err);
/**
 * struct genl_part - a part of what is in force
 * @family: enum fwload_family, or __FWLOAD_FAMILY_MAX: both
 * @type: enum fwload_table_type, or __FWLOAD_TABLE_MAX: all
 * @chain: the name of a chain of that table, or NULL: all
 * @rule: number of a rule of it, or FWLOAD_NO_PLACE: all
 */
struct genl_part {
	u8 family;
	u8 type;
	const char *chain;
	u32 rule;
};

extern const struct genl_part genl_all;

/*
 * @part (without its rule) of the rule set in force with its counters, as one
 * generation; @flags: FWLOAD_GET_IMAGE_*. NULL on error.
 */
struct ruleset *genl_fetch(struct genl *g, const struct genl_part *part, u32 flags,
			   struct genl_error *err);
/* Set the counters of @part to zero. */
int genl_zero(struct genl *g, const struct genl_part *part, struct genl_error *err);
int genl_flush(struct genl *g, struct genl_error *err);

#endif /* FWIMG_GENL_H */
