/* SPDX-License-Identifier: GPL-2.0 */
/* The options of iptables itself in a command that is being parsed. For rule.c. */
#ifndef FWIMG_RULE_BASE_H
#define FWIMG_RULE_BASE_H

#include "rule.h"

/*
 * Option -@letter, or its long name, stands at @opt with the argument @arg (NULL: it
 * has none). Takes what further words belong to it. False: an error was reported.
 */
bool rule_base_option(struct rule *rule, char letter, const struct word *opt,
		      const struct word *arg);

#endif /* FWIMG_RULE_BASE_H */
