// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of iptables, with their work counted: runs one as the tool does, and says on
 * the last line of standard error how often the kernel was asked for rules, and how often a
 * chain was looked at for the order of its rules, as whoever needs the rules of all does.
 *
 *	counted iptables -X
 *	fetches 1 chains 2003
 *
 * Times differ from machine to machine; what is quadratic shows in these numbers anywhere.
 */
#include <stdlib.h>

#include "../user/diag.h"
#include "../user/legacy.h"
#include "../user/order.h"

/* The linker leads calls to X to __wrap_X, and those to __real_X to X. */
typeof(genl_fetch) __wrap_genl_fetch, __real_genl_fetch;
typeof(order_apply) __wrap_order_apply, __real_order_apply;

static unsigned long fetches, chains;

struct ruleset *__wrap_genl_fetch(struct genl *g, const struct genl_part *part, u32 flags,
				  struct genl_error *err)
{
	fetches++;
	return __real_genl_fetch(g, part, flags, err);
}

void __wrap_order_apply(struct chain *c)
{
	chains++;
	__real_order_apply(c);
}

int main(int argc, char **argv)
{
	const struct legacy *l = argc > 1 ? legacy_find(argv[1]) : NULL;
	int status;

	if (!l)
		diag_die(126, "usage: counted iptables|iptables-restore... [ARG...]");
	status = l->run(l, argc - 1, argv + 1);
	fprintf(stderr, "fetches %lu chains %lu\n", fetches, chains);
	return status;
}
