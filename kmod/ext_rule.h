/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_EXT_RULE_H
#define FWLOAD_EXT_RULE_H

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "body.h"

/* What entryinfo points to. */
union fwload_ext_entry {
	struct ipt_entry e4;
	struct ip6t_entry e6;
};

/**
 * struct fwload_ext_rule - a rule that has extensions
 * @body: the validated body that it is in
 * @rule: the rule; NULL before the first call of fwload_ext_rule_next()
 * @index: its number
 * @ext: number of its first extension
 * @n_exts: number of its extensions
 * @offset: place of the next rule in @body->rules
 * @dead: a rule before it is final, see fwload_rule_is_final()
 *
 * The extensions of a body are numbered in the order of use, so those of a rule are
 * consecutive.
 */
struct fwload_ext_rule {
	const struct fwload_body *body;
	const struct fwload_img_rule *rule;
	u32 index;
	u32 ext;
	u32 n_exts;
	u32 offset;
	bool dead;
};

/* Before the first rule of @body. */
void fwload_ext_rule_first(struct fwload_ext_rule *r, const struct fwload_body *body);

/* Move to the next rule that has extensions; false when there is none. May sleep. */
bool fwload_ext_rule_next(struct fwload_ext_rule *r);

/* The protocol of -p, 0 for none or any. */
u8 fwload_ext_rule_proto(const struct fwload_ext_rule *r);

/* ! -p was given. */
bool fwload_ext_rule_proto_inv(const struct fwload_ext_rule *r);

/* The rule has the match that iptables writes as -m tcp --tcp-flags ... SYN. */
bool fwload_ext_rule_syn(const struct fwload_ext_rule *r);

/* The rule's entry as ip_tables or ip6_tables would have it, without its matches. */
void fwload_ext_rule_entry(const struct fwload_ext_rule *r, u8 family,
			   union fwload_ext_entry *entry);

#endif /* FWLOAD_EXT_RULE_H */
