/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules without the addresses of interfaces: (eth0) becomes what eth0 has at the moment, as
 * the kernel sees it (kmod/iface.c), for a reader who does not know such addresses.
 *
 * Each packet matches what is made of a rule just as it matches the rule:
 *
 *	-s (eth0)	a rule for each address; a packet has one of them, and so meets one of
 *			the rules. Networks (eth0:network) that lie in others are left out
 *	no address	! -s 0.0.0.0/0, which no packet matches
 *	! -s (eth0)	one rule: ! -s for the first address, -m iprange ! --src-range for
 *			each of the others, before all other matches, so that these see the
 *			packets that they saw before
 *	no address	every packet matches: nothing
 *
 * What a match keeps for itself (limit, quota, statistic) it keeps for each of the rules.
 */
#ifndef FWIMG_RESOLVE_H
#define FWIMG_RESOLVE_H

#include "ruleset.h"

struct resolve;

/* Addresses of @family (enum fwload_family), asked for when a rule needs them. Never NULL. */
struct resolve *resolve_begin(u8 family);
void resolve_end(struct resolve *r);

/*
 * What is made of @rule: *@n records one after another at the end of @records; 0: it has no
 * addresses of interfaces. They refer to the same chain as @rule. Returns NULL, or why there
 * are none, valid until the next call.
 */
const char *resolve_rule(struct resolve *r, const struct fwload_img_rule *rule,
			 struct buf *records, u32 *n);

#endif /* FWIMG_RESOLVE_H */
