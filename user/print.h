/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PRINT_H
#define FWIMG_PRINT_H

#include "ruleset.h"
#include "xt.h"

/*
 * Append table @t to @out as iptables-save 1.8.9 prints it: "*table", ":chain" lines,
 * rules, "COMMIT", without comment lines. @counters: [packets:bytes] before each rule.
 * @restate: print variables again; NULL: there are none (restate.h).
 *
 * Returns NULL, or the reason, valid until the next call, when one of the rules cannot be
 * printed, by libxtables or in one line: then @out is incomplete and must not be used.
 */
struct restate;

const char *print_table(struct table *t, bool counters, struct restate *restate,
			struct buf *out);

/*
 * One rule, "-A chain ..." without the newline; @rule is its record. With @counters they
 * stand before the target as "-c PACKETS BYTES". As print_table().
 */
const char *print_rule(const struct table *t, const struct chain *c,
		       const struct fwload_img_rule *rule,
		       const struct fwload_counter_pair *counters, struct buf *out);

/* Extension @number of @c, which its pointers point into. */
void print_payload(const struct chain *c, u32 number, struct xt_payload *payload);

#endif /* FWIMG_PRINT_H */
