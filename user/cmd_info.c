// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg info: how much of what there is, in an image or in the kernel.
 */
#include <getopt.h>
#include <stdio.h>

#include "cmd.h"
#include "diag.h"
#include "genl.h"
#include "place.h"

static const char *const families[__FWLOAD_FAMILY_MAX] = { "IPv4", "IPv6" };

static void print_head(void)
{
	printf("%-6s  %-8s  %8s  %8s  %10s\n", "family", "table", "chains", "rules", "bytes");
}

static void print_line(const struct genl_table *t)
{
	printf("%-6s  %-8s  %8u  %8u  %10llu", families[t->family],
	       fwload_image_table_names[t->type], t->n_chains, t->n_rules,
	       (unsigned long long)t->size);
}

static bool info_file(const char *path)
{
	struct fwload_image img;
	struct input in;

	input_read(&in, path);
	if (!place_check(&in, &img)) {
		input_free(&in);
		return false;
	}
	printf("image of version %u, %llu bytes, %u rules, lines of the source %s\n",
	       le16_to_cpu(img.header->version), (unsigned long long)img.size, img.n_rules,
	       img.lines ? "included" : "left out");
	print_head();
	for (u32 i = 0; i < img.n_tables; i++) {
		u32 chain = le32_to_cpu(img.tables[i].first_chain);
		struct genl_table t = {
			.family = img.tables[i].family,
			.type = img.tables[i].table,
			.n_chains = le32_to_cpu(img.tables[i].n_chains),
		};

		for (u32 n = t.n_chains; n--; chain++) {
			t.n_rules += le32_to_cpu(img.chains[chain].n_rules);
			t.size += le32_to_cpu(img.chains[chain].body_size);
		}
		print_line(&t);
		if (img.tables[i].file) {
			const char *name = img.names + le32_to_cpu(img.tables[i].file);

			fputs("  ", stdout);
			diag_show(stdout, name, strlen(name));
		}
		putchar('\n');
	}
	input_free(&in);
	return true;
}

static bool info_kernel(void)
{
	struct genl_error err;
	struct genl *g = genl_open(&err);
	struct genl_status st;
	int ret = -1;

	if (g)
		ret = genl_status(g, &st, &err);
	genl_close(g);
	if (ret) {
		diag_say("error: %s", err.reason);
		return false;
	}
	printf("generation %u, %llu bytes of kernel memory of at most %llu\n", st.generation,
	       (unsigned long long)st.memory, (unsigned long long)st.memory_max);
	if (!st.n_tables) {
		puts("no table is loaded");
		return true;
	}
	print_head();
	for (u32 i = 0; i < st.n_tables; i++) {
		print_line(&st.tables[i]);
		putchar('\n');
	}
	return true;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	bool ok;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h')
			return cmd_help(&cmd_info);
		return cmd_usage(&cmd_info, NULL);
	}
	if (argc - optind > 1)
		return cmd_usage(&cmd_info, "one image at a time");
	ok = optind < argc ? info_file(argv[optind]) : info_kernel();
	return ok ? EXIT_OK : EXIT_ERROR;
}

const struct command cmd_info = {
	.name = "info",
	.args = "[FILE]",
	.summary = "tables, rules and bytes of an image, or of what is loaded",
	.help =
		"With FILE (- is standard input) the image is checked and its tables are listed;\n"
		"without, generation, memory and tables of what the kernel has in force.\n",
	.run = run,
};
