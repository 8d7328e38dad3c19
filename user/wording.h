/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of the words of a line that has variables, so that save can print it again:
 * symbols of its chain (symbols.h). Where a variable cannot be kept there is a warning.
 *
 * False: an error was reported, or the kernel gave no answer (live_broken()).
 */
#ifndef FWIMG_WORDING_H
#define FWIMG_WORDING_H

#include "rule.h"

/* The name of @c was written as @name, in the current line of @r; its policy as @policy. */
bool wording_name(const struct rule *r, struct chain *c, const struct word *name);
bool wording_policy(const struct rule *r, struct chain *c, const struct word *policy);

/*
 * The last @n stored rules of @c come from the current line, which is kept without its
 * command and -c. Its counters are the sum of theirs, so the first has them all.
 */
bool wording_line(const struct rule *r, struct chain *c, u32 n);

#endif /* FWIMG_WORDING_H */
