/* SPDX-License-Identifier: GPL-2.0 */
/* The matches and the target of a rule that is being parsed. For rule.c. */
#ifndef FWIMG_RULE_USE_H
#define FWIMG_RULE_USE_H

#include "rule.h"

/*
 * Take match or target @name into use; @at is where the rule asks for it. Returns its
 * number, or RULE_NO_USE when there is none; nothing is reported.
 */
u32 rule_use_take(struct rule *rule, u8 kind, const char *name, size_t len,
		  const struct word *at);
/*
 * The option that @found says (native or xt) stands at word number @word; with @joined
 * bytes before its argument if that is in the same word. Takes its arguments and goes
 * to the word after them. False: an error was reported.
 */
bool rule_use_option(struct rule *rule, const struct option_found *found, u32 word,
		     u32 joined);
/* All options were given. False: an error was reported. */
bool rule_use_finish(struct rule *rule);

#endif /* FWIMG_RULE_USE_H */
