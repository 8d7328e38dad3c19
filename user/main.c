// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg: the table of its subcommands. Each lives in a file of its own, cmd_NAME.c, and
 * describes itself in a struct command. Called by the name of one of iptables' commands it
 * is that (legacy.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/env.h"
#include "cmd.h"
#include "diag.h"
#include "legacy.h"

static const struct command *const commands[] = {
	&cmd_compile,
	&cmd_push,
	&cmd_restore,
	&cmd_save,
	&cmd_info,
	&cmd_zero,
	&cmd_flush,
};

static int overview(FILE *out)
{
	fputs("fwimg compiles firewall rules in iptables-save format and loads them.\n\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  fwimg %s %s\n\t%s\n", commands[i]->name, commands[i]->args,
			commands[i]->summary);
	fputs("\n  fwimg COMMAND --help, fwimg --help, fwimg --version\n", out);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	const char *names[ARRAY_SIZE(commands)], *near;
	char title[32];

	if (argc < 2) {
		overview(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return overview(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("fwimg " FWIMG_VERSION);
		return EXIT_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		names[i] = commands[i]->name;
		if (strcmp(argv[1], commands[i]->name))
			continue;
		snprintf(title, sizeof(title), "fwimg %s", commands[i]->name);
		argv[1] = title;
		return commands[i]->run(argc - 1, argv + 1);
	}
	near = diag_nearest(argv[1], strlen(argv[1]), names, ARRAY_SIZE(names));
	if (near)
		diag_say("unknown command \"%s\", did you mean \"%s\"?", argv[1], near);
	else
		diag_say("unknown command \"%s\"; fwimg --help lists them", argv[1]);
	return EXIT_USAGE;
}

/*
 * A shell may start us with standard streams closed; then the first file or socket that is
 * opened would take their place, and be sent what is meant for people.
 */
static void hold_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const struct legacy *legacy;
	int status;

	hold_streams();
	legacy = argc ? legacy_find(argv[0]) : NULL;
	status = legacy ? legacy->run(legacy, argc, argv) : run(argc, argv);
	/* What was printed may meet a full disk as late as here. */
	if (fflush(stdout) || ferror(stdout))
		diag_die(EXIT_ERROR, "<stdout>: %s", strerror(errno));
	return status;
}
