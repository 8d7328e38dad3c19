/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which chains of a table rules go to, for -X. It is found out for all chains at once, and
 * holds until rules change: what many -X in a row cost depends on the table's size once.
 */
#ifndef FWIMG_REFERENCES_H
#define FWIMG_REFERENCES_H

#include "ruleset.h"

/*
 * Does a rule go to @c, of those of @t that are here? Rules of chains that are kept are not.
 * Brings the rules of all chains into their order.
 */
bool references_go_to(struct table *t, const struct chain *c);
/* Rules have changed: what was found out does not hold any more. */
void references_forget(struct table *t);

#endif /* FWIMG_REFERENCES_H */
