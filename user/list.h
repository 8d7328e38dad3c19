/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_LIST_H
#define FWIMG_LIST_H

#include "ruleset.h"

/**
 * struct list - what -L or -S is to print
 * @table: all of it has to be there
 * @chain: one chain of it, or NULL
 * @references: rules that go to @chain, when @table does not have those; or LIST_COUNT
 * @position: number of one rule, from 1, or 0
 * @verbose: counters and interfaces
 * @numeric: no names
 * @exact: numbers in full
 * @lines: numbers of rules
 * @specs: -S
 */
struct list {
	struct table *table;
	struct chain *chain;
	u32 references;
	u32 position;
	bool verbose;
	bool numeric;
	bool exact;
	bool lines;
	bool specs;
};

#define LIST_COUNT	0U

/*
 * Append what iptables 1.8.9 prints. Returns NULL, or the reason why a rule cannot be
 * printed.
 */
const char *list_print(const struct list *l, struct buf *out);

/* A rule as iptables -v prints it when it is appended or deleted. */
const char *list_rule(const struct table *t, const struct chain *c,
		      const struct fwload_img_rule *rule, struct buf *out);

#endif /* FWIMG_LIST_H */
