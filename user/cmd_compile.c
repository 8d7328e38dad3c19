// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg compile: text in, image out.
 *
 * Each file is compiled for one family into a rule set of its own, whose tables then move
 * to the common one. So a table that two files have is noticed, instead of being a merge of
 * both that nobody wrote.
 */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "blame.h"
#include "cmd.h"
#include "diag.h"
#include "emit.h"
#include "hosts.h"
#include "io.h"
#include "parse.h"
#include "vars.h"

#define FAMILY_BY_NAME	__FWLOAD_FAMILY_MAX

static const char *const family_names[__FWLOAD_FAMILY_MAX] = { "IPv4", "IPv6" };

static u8 family_of(const char *name)
{
	size_t len = strlen(name);

	if (len >= 3 && !strcmp(name + len - 3, ".v6"))
		return FWLOAD_FAMILY_IPV6;
	return FWLOAD_FAMILY_IPV4;
}

/* Move the tables of @part to @rs. Returns how many, or -1 after an error. */
static int take_tables(struct ruleset *rs, struct ruleset *part, u8 family, struct diag *d)
{
	int n = 0;

	for (u8 type = 0; type < __FWLOAD_TABLE_MAX; type++) {
		struct table *from = &part->tables[family][type];
		struct table *to = &rs->tables[family][type];

		if (!from->present)
			continue;
		if (to->present) {
			diag_at(d, DIAG_ERROR, 0, 0, 0,
				"%s table \"%s\" is in this file and in %s: one image holds it once",
				family_names[family], fwload_image_table_names[type], to->file);
			return -1;
		}
		from->file = d->file;
		*to = *from;
		memset(from, 0, sizeof(*from));
		n++;
	}
	return n;
}

static bool compile_file(struct ruleset *rs, const struct input *in, u8 family,
			 struct vars *vars)
{
	struct diag d = {
		.out = stderr,
		.file = in->name,
		.text = (const char *)in->data,
		.size = in->size,
	};
	struct parse_job job = { .family = family, .vars = vars };
	struct ruleset *part;
	int n = 0;

	if (!in->size) {
		diag_at(&d, DIAG_ERROR, 0, 0, 0, "the file is empty");
		return false;
	}
	part = ruleset_new();
	job.rs = part;
	if (parse_run(&job, d.text, d.size, &d)) {
		n = take_tables(rs, part, family, &d);
		if (!n)
			diag_at(&d, DIAG_ERROR, 0, 0, 0, "no table in this file");
	}
	ruleset_free(part);
	return n > 0;
}

static bool emit(struct ruleset *rs, const struct input *inputs, int n, struct buf *image)
{
	const char *reason = emit_image(rs, true, image);
	struct fwload_image_error err;
	struct fwload_image img;

	if (!reason)
		return true;
	/* Beyond a limit there is no image to ask for the place. */
	if (image->size && fwload_image_check(image->data, image->size, &img, &err))
		blame(rs, &err, inputs, n);
	else
		diag_say("error: %s", reason);
	return false;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		{ "define", required_argument, NULL, 'D' },
		{ "output", required_argument, NULL, 'o' },
		{ "vars", required_argument, NULL, 'f' },
		{ "resolve-names", no_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	const char *output = NULL;
	u8 family = FAMILY_BY_NAME;
	struct input *inputs;
	struct ruleset *rs;
	struct buf image = {};
	struct vars vars = {};
	bool ok = true;
	char **files;
	int n, opt;

	while ((opt = getopt_long(argc, argv, "46D:o:h", options, NULL)) != -1) {
		switch (opt) {
		case '4':
		case '6':
			if (cmd_family(&cmd_compile, opt, &family))
				return EXIT_USAGE;
			break;
		case 'D':
			ok &= vars_option(&vars, optarg);
			break;
		case 'f':
			ok &= vars_file(&vars, optarg);
			break;
		case 'R':
			hosts_ask_dns();
			break;
		case 'o':
			output = optarg;
			break;
		case 'h':
			return cmd_help(&cmd_compile);
		default:
			return cmd_usage(&cmd_compile, NULL);
		}
	}
	if (!ok)
		return EXIT_ERROR;
	if (output_is_terminal(output)) {
		diag_say("error: no image to a terminal: give -o FILE, or pipe it into fwimg push");
		return EXIT_ERROR;
	}

	files = argv + optind;	/* libxtables uses optind, too */
	n = optind < argc ? argc - optind : 1;
	inputs = calloc(n, sizeof(*inputs));
	if (!inputs)
		diag_die(EXIT_ERROR, "%s", strerror(ENOMEM));
	rs = ruleset_new();
	for (int i = 0; i < n; i++) {
		if (output_is_input(output, files[i]))
			diag_die(EXIT_ERROR, "%s: the image would replace its own text", output);
		input_read(&inputs[i], files[i]);	/* NULL: standard input */
		ok &= compile_file(rs, &inputs[i], family == FAMILY_BY_NAME ?
				   family_of(inputs[i].name) : family, &vars);
	}
	if (ok)
		vars_unused(&vars);
	vars_free(&vars);
	ok = ok && emit(rs, inputs, n, &image);
	if (ok)
		output_write(output, &image);

	buf_free(&image);
	ruleset_free(rs);
	for (int i = 0; i < n; i++)
		input_free(&inputs[i]);
	free(inputs);
	return ok ? EXIT_OK : EXIT_ERROR;
}

const struct command cmd_compile = {
	.name = "compile",
	.args = "[-4|-6] [-D NAME=VALUE]... [--vars FILE] [--resolve-names] [-o FILE] [FILE...]",
	.summary = "compile rules in iptables-save format into an image",
	.help =
		"  -4, --ipv4         the files hold IPv4 rules\n"
		"  -6, --ipv6         the files hold IPv6 rules\n"
		"  -D, --define NAME=VALUE\n"
		"                     the value of ${NAME} in the files\n"
		"      --vars FILE    lines NAME = VALUE, each the value of a variable\n"
		"      --resolve-names\n"
		"                     ask the DNS for names of hosts, not only /etc/hosts\n"
		"  -o, --output FILE  write the image to FILE, not to standard output\n"
		"\n"
		"Without FILE, or where it is -, standard input is read. Without -4 and -6 a name\n"
		"that ends in .v6 holds IPv6 rules, any other IPv4 rules. Two files, one of\n"
		"each family, give one image that loads both at once:\n"
		"\n"
		"  fwimg compile rules.v4 rules.v6 | fwimg push\n",
	.run = run,
};
