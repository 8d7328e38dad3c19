/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The body of a chain, written rule by rule: draft_new(), then for each rule draft_rule(), its
 * matches and its target; draft_chain() makes a chain of what there is by then, as often as it
 * is called. What a draft holds may be changed between. All memory is the test's, and nothing
 * looks whether a draft is full: it has room for what the suite asks.
 */
#ifndef FWLOAD_EXT_DRAFT_H
#define FWLOAD_EXT_DRAFT_H

#include <kunit/test.h>

#include "../ext.h"

#define TCP_SYN	0x02

/* A body in the making; sizes in bytes. */
struct draft {
	struct kunit *test;
	u8 rules[512] __aligned(8);
	u8 payloads[1024] __aligned(8);
	char strings[256];
	struct fwload_img_ext exts[4];
	struct fwload_img_rule *rule;	/* the last */
	u32 rules_size;
	u32 payloads_size;
	u32 strings_size;
	u32 n_rules;
	u32 n_exts;
};

struct draft *draft_new(struct kunit *test);

/* Returns where the string stands in the strings of the body. */
u32 draft_string(struct draft *d, const char *s);

/* A rule without matches and target, with -p @proto (0: none). */
void draft_rule(struct draft *d, u8 proto);

/*
 * An extension for the last rule, with @size bytes of @info. Returns its entry, for the sets
 * it names.
 */
struct fwload_img_ext *draft_match(struct draft *d, const char *name, u8 revision,
				   const void *info, u32 size);
struct fwload_img_ext *draft_target(struct draft *d, const char *name, u8 revision,
				    const void *info, u32 size);

/* -m tcp --tcp-flags SYN,RST SYN */
void draft_syn(struct draft *d);

/* Opens @b on the body of the chain. */
struct fwload_chain *draft_chain(struct draft *d, struct fwload_body *b);

#endif /* FWLOAD_EXT_DRAFT_H */
