// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg zero: counters of the rules in force, all or some, set to zero.
 */
#include <getopt.h>

#include "cmd.h"
#include "diag.h"
#include "genl.h"
#include "lex.h"

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		{ "table", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	struct genl_part part = genl_all;
	struct genl_error err;
	struct genl *g;
	int opt, ret = -1;
	u64 rule;

	while ((opt = getopt_long(argc, argv, "46t:h", options, NULL)) != -1) {
		switch (opt) {
		case '4':
		case '6':
			if (cmd_family(&cmd_zero, opt, &part.family))
				return EXIT_USAGE;
			break;
		case 't':
			part.type = ruleset_table_type(optarg, strlen(optarg));
			if (part.type == __FWLOAD_TABLE_MAX)
				return cmd_usage(&cmd_zero, "unknown table \"%s\"", optarg);
			break;
		case 'h':
			return cmd_help(&cmd_zero);
		default:
			return cmd_usage(&cmd_zero, NULL);
		}
	}
	if (argc - optind > 2)
		return cmd_usage(&cmd_zero, "\"%s\" is too much", argv[optind + 2]);
	if (optind < argc) {
		part.chain = argv[optind];
		/* As of the commands of iptables. */
		if (part.family == __FWLOAD_FAMILY_MAX)
			part.family = FWLOAD_FAMILY_IPV4;
		if (part.type == __FWLOAD_TABLE_MAX)
			part.type = FWLOAD_TABLE_FILTER;
		if (strlen(part.chain) > FWLOAD_CHAIN_NAME_MAX)
			return cmd_usage(&cmd_zero, "the name of a chain has at most %u bytes",
					 FWLOAD_CHAIN_NAME_MAX);
	}
	if (argc - optind == 2) {
		if (!lex_number(argv[optind + 1], strlen(argv[optind + 1]), 1, FWLOAD_MAX_RULES,
				&rule))
			return cmd_usage(&cmd_zero, "\"%s\" is no number of a rule",
					 argv[optind + 1]);
		part.rule = (u32)rule - 1;
	}

	g = genl_open(&err);
	if (g)
		ret = genl_zero(g, &part, &err);
	if (ret)
		diag_say("error: %s", err.reason);
	genl_close(g);
	return ret ? EXIT_ERROR : EXIT_OK;
}

const struct command cmd_zero = {
	.name = "zero",
	.args = "[-4|-6] [-t TABLE] [CHAIN [RULE]]",
	.summary = "set counters to zero",
	.help =
		"  -4, --ipv4         those of IPv4 rules\n"
		"  -6, --ipv6         those of IPv6 rules\n"
		"  -t, --table TABLE  those of this table\n"
		"\n"
		"Without any of these, all of both families. With CHAIN those of the chain, or of its\n"
		"RULE, counted from 1; then -4 and the table filter are what is meant if no other\n"
		"is given.\n",
	.run = run,
};
