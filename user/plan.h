/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PLAN_H
#define FWIMG_PLAN_H

#include "ruleset.h"

/*
 * Plan the index of a chain of a table of @family: fills @c->plan, which stays empty for a chain
 * that is walked as fast. The same rules always get the same plan. Linear in the rules.
 */
void plan_chain(struct chain *c, u8 family);

#endif /* FWIMG_PLAN_H */
