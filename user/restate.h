/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules in the words in which they were written.
 *
 * A line that symbols kept (symbols.h) is parsed again, with the definitions that there
 * are, and is printed only when the rules that it makes are those that are there. So what is
 * printed always says what is in force.
 */
#ifndef FWIMG_RESTATE_H
#define FWIMG_RESTATE_H

#include "symbols.h"

struct restate;

/*
 * For the tables of @family of @rs. Where chains differ in the value of a variable, the
 * first has it. Never NULL.
 */
struct restate *restate_begin(const struct ruleset *rs, u8 family);
void restate_end(struct restate *r);

/* Does a line with @text behind "-A CHAIN" make just the @n rules of @c from @rule on? */
bool restate_line(struct restate *r, struct table *t, const struct chain *c, const char *text,
		  const struct fwload_img_rule *rule, u32 n);
/* The name of @c as it was written, or its policy, when that agrees; or NULL. */
const char *restate_name(struct restate *r, const struct chain *c);
const char *restate_policy(struct restate *r, const struct chain *c);
/* One more $ before each ${NAME} in @out from byte @from on: they are no variables. */
void restate_escape(struct buf *out, size_t from);
/* The "define" lines of what the lines returned so far use. */
void restate_defines(const struct restate *r, struct buf *out);

#endif /* FWIMG_RESTATE_H */
