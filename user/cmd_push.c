// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg push: an image into the kernel.
 *
 * The image is checked here first, by the file that checks it in the kernel too, so that a
 * damaged one is told from one that the kernel has reasons to refuse.
 */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd.h"
#include "diag.h"
#include "genl.h"
#include "place.h"

static bool push(const struct input *in, const struct fwload_image *img, u32 flags)
{
	struct genl_error err;
	struct genl *g = genl_open(&err);
	u32 generation;
	int ret;

	if (!g) {
		diag_say("error: %s", err.reason);
		return false;
	}
	ret = genl_push(g, in->data, in->size, flags, NULL, &generation, &err);
	if (ret)
		place_refused(in, img, &err);
	else if (err.reason[0])
		diag_say("warning: %s: %s", in->name, err.reason);
	genl_close(g);
	return !ret;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "test", no_argument, NULL, 't' },
		{ "costly", no_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	u32 flags = FWLOAD_COMMIT_CARRY;
	struct fwload_image img;
	struct input in;
	bool ok;
	int opt;

	while ((opt = getopt_long(argc, argv, "th", options, NULL)) != -1) {
		switch (opt) {
		case 't':
			flags |= FWLOAD_COMMIT_TEST;
			break;
		case 'C':
			flags |= FWLOAD_COMMIT_COSTLY;
			break;
		case 'h':
			return cmd_help(&cmd_push);
		default:
			return cmd_usage(&cmd_push, NULL);
		}
	}
	if (argc - optind > 1)
		return cmd_usage(&cmd_push, "one image at a time: compile takes several files");
	if ((optind == argc || !strcmp(argv[optind], "-")) && isatty(STDIN_FILENO)) {
		diag_say("error: no image comes from a terminal: give FILE, or pipe one in:");
		diag_say("fwimg compile rules.v4 | fwimg push");
		return EXIT_ERROR;
	}

	input_read(&in, argv[optind]);
	ok = place_check(&in, &img) && push(&in, &img, flags);
	input_free(&in);
	return ok ? EXIT_OK : EXIT_ERROR;
}

const struct command cmd_push = {
	.name = "push",
	.args = "[--test] [--costly] [FILE]",
	.summary = "load an image into the kernel, in place of the tables that it has",
	.help =
		"  -t, --test  do all but the change: would the kernel take it?\n"
		"  --costly    load rules of which one packet can visit more than is good for it\n"
		"\n"
		"Without FILE, or where it is -, standard input is read. All tables of the image\n"
		"take effect at once, or none does. Tables that it does not have stay as they\n"
		"are. Counters of rules that do not change live on.\n",
	.run = run,
};
