// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg flush: no rules any more.
 */
#include <getopt.h>

#include "cmd.h"
#include "diag.h"
#include "genl.h"

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	struct genl_error err;
	struct genl *g;
	int opt, ret = -1;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h')
			return cmd_help(&cmd_flush);
		return cmd_usage(&cmd_flush, NULL);
	}
	if (optind < argc)
		return cmd_usage(&cmd_flush, "\"%s\" is too much: it takes away all tables",
				 argv[optind]);

	g = genl_open(&err);
	if (g)
		ret = genl_flush(g, &err);
	if (ret)
		diag_say("error: %s", err.reason);
	genl_close(g);
	return ret ? EXIT_ERROR : EXIT_OK;
}

const struct command cmd_flush = {
	.name = "flush",
	.args = "",
	.summary = "take away all tables of both families: every packet passes",
	.help =
		"Afterwards the module can be unloaded: rmmod fwload.\n",
	.run = run,
};
