// SPDX-License-Identifier: GPL-2.0
/*
 * What the subcommands have in common: help, and refusing a command line.
 */
#include <stdarg.h>
#include <stdio.h>

#include "cmd.h"
#include "diag.h"

int cmd_help(const struct command *cmd)
{
	printf("usage: fwimg %s %s\n\n%s\n\n%s", cmd->name, cmd->args, cmd->summary, cmd->help);
	return EXIT_OK;
}

int cmd_family(const struct command *cmd, int opt, u8 *family)
{
	u8 given = opt == '6' ? FWLOAD_FAMILY_IPV6 : FWLOAD_FAMILY_IPV4;

	if (*family != __FWLOAD_FAMILY_MAX && *family != given)
		return cmd_usage(cmd, "-4 and -6 exclude each other");
	*family = given;
	return EXIT_OK;
}

int cmd_usage(const struct command *cmd, const char *fmt, ...)
{
	if (fmt) {
		char text[256];
		va_list args;

		va_start(args, fmt);
		vsnprintf(text, sizeof(text), fmt, args);
		va_end(args);
		diag_say("%s: %s", cmd->name, text);
	}
	fprintf(stderr, "usage: fwimg %s %s\n", cmd->name, cmd->args);
	return EXIT_USAGE;
}
