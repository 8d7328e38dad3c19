/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PRINT_H
#define FWIMG_PRINT_H

#include "ruleset.h"
#include "xt.h"

struct resolve;
struct restate;

/**
 * struct print_how - how rules are printed
 * @counters: [packets:bytes] before each
 * @restate: with the variables that they were written with (restate.h); NULL: ${NAME} is
 *	nothing special
 * @resolve: with the addresses that interfaces have now (resolve.h); NULL: with their names
 */
struct print_how {
	bool counters;
	struct restate *restate;
	struct resolve *resolve;
};

/*
 * Append table @t to @out as iptables-save 1.8.9 prints it: "*table", ":chain" lines,
 * rules, "COMMIT", without comment lines.
 *
 * Returns NULL, or the reason, valid until the next call, when one of the rules cannot be
 * printed, by libxtables or in one line: then @out is incomplete and must not be used.
 */
const char *print_table(struct table *t, const struct print_how *how, struct buf *out);

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
