/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_CMD_H
#define FWIMG_CMD_H

#include "../kmod/env.h"

/* What fwimg exits with. */
#define EXIT_OK		0
#define EXIT_ERROR	1	/* input, kernel or system said no */
#define EXIT_USAGE	2	/* the command line makes no sense */

/**
 * struct command - a subcommand
 * @name: as it is called
 * @args: what may follow it, for the usage line
 * @summary: what it does, in one line
 * @help: what else --help says; lines that end in newlines
 * @run: runs it; argv[0] is "fwimg NAME", for getopt's messages. Returns an EXIT_*
 */
struct command {
	const char *name;
	const char *args;
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv);
};

extern const struct command cmd_compile;
extern const struct command cmd_push;
extern const struct command cmd_restore;
extern const struct command cmd_save;
extern const struct command cmd_info;
extern const struct command cmd_zero;
extern const struct command cmd_flush;

/* Print the help of a subcommand on standard output. Returns EXIT_OK. */
int cmd_help(const struct command *cmd);
/*
 * Take the option @opt, -4 or -6, into *@family, which is __FWLOAD_FAMILY_MAX until one was
 * given. Returns EXIT_OK, or EXIT_USAGE and says so when the other one was.
 */
int cmd_family(const struct command *cmd, int opt, u8 *family);
/*
 * Say why the command line was refused (NULL: getopt did) and what it should be. Returns
 * EXIT_USAGE.
 */
int cmd_usage(const struct command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* FWIMG_CMD_H */
