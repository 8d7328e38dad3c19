/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_RULE_H
#define FWLOAD_RULE_H

#include "body.h"

/**
 * struct fwload_rule_check - the state of checking the rules of a body
 * @body: the body; its refs, extensions and strings have been checked
 * @uses: how often each ref was used so far
 * @at: on error: what the reason is about
 * @next_ref: refs used so far
 * @n_live_refs: those first used by a rule that can be reached
 * @next_ext: extensions used so far
 * @n_dyns: elements with the addresses of interfaces so far
 * @hooks: base hooks in which every rule so far that can be reached may stand
 * @family: enum fwload_family of the table
 * @dead: no packet gets past the rules so far, see fwload_rule_is_final()
 */
struct fwload_rule_check {
	const struct fwload_body *body;
	u32 *uses;
	const void *at;
	u32 next_ref;
	u32 n_live_refs;
	u32 next_ext;
	u32 n_dyns;
	u32 hooks;
	u8 family;
	bool dead;
};

/*
 * Check the next rule of the body; @left bytes (a multiple of 8, not 0) follow from
 * @rule to the end of the rules. Returns NULL, or why the rule is refused.
 */
const char *fwload_rule_check(struct fwload_rule_check *c, const struct fwload_img_rule *rule,
			      u32 left);

/*
 * Does @rule, which has passed fwload_rule_check(), give every packet a verdict? As
 * unconditional() and mark_source_chains() of ip_tables.c judge it: not even a comment, and
 * neither a target of an extension nor a goto.
 */
bool fwload_rule_is_final(const struct fwload_img_rule *rule);

#endif /* FWLOAD_RULE_H */
