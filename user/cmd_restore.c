// SPDX-License-Identifier: GPL-2.0
/*
 * fwimg restore, and iptables-restore: text into force.
 *
 * All tables of the text take effect in one commit, or none does. With --noflush they
 * build on what is in force (live.h): this is read, changed and committed for that very
 * generation, and when another client was first the text is parsed once more. What is to
 * be said and printed waits until it is done, so that it comes once.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "change.h"
#include "cmd.h"
#include "hosts.h"
#include "io.h"
#include "legacy.h"
#include "parse.h"
#include "vars.h"

/**
 * struct restore - what is asked for
 * @program: as it is called, for messages
 * @family: enum fwload_family
 * @test: all but the change
 * @noflush: build on what is in force
 * @counters: those of the text are used
 * @verbose: how often -v was given
 * @only: the one table, or NULL
 * @vars: what variables stand for, or NULL: there are none
 */
struct restore {
	const char *program;
	u8 family;
	bool test;
	bool noflush;
	bool counters;
	unsigned int verbose;
	const char *only;
	struct vars *vars;
};

static int try_help(const struct restore *r, u32 line, FILE *say)
{
	fprintf(say, "Error occurred at line: %u\n", line);
	fprintf(say, "Try `%s -h' or '%s --help' for more information.\n", r->program,
		r->program);
	return LEGACY_PARAMETER;
}

static int line_failed(const struct restore *r, u32 line, FILE *say)
{
	fprintf(say, "%s: line %u failed\n", r->program, line);
	return LEGACY_FAILED;
}

/* The text has an error. */
static int bad_text(const struct restore *r, const struct parse_job *job, FILE *say)
{
	if (job->open) {
		fprintf(say, "%s: COMMIT expected at line %u\n", r->program, job->line + 1);
		return LEGACY_FAILED;
	}
	return job->failed ? line_failed(r, job->line, say) : try_help(r, job->line, say);
}

/* The kernel refused it. */
static int bad_rules(const struct restore *r, const struct parse_job *job, struct diag *d,
		     const struct change_error *err, FILE *say)
{
	diag_at(d, DIAG_ERROR, err->line, 0, 0, "%s", err->reason);
	line_failed(r, err->line ? err->line : job->line, say);
	return err->errnum == EAGAIN ? LEGACY_RESOURCE : LEGACY_FAILED;
}

static int no_kernel(const struct restore *r, const struct genl_error *err, FILE *say)
{
	fprintf(say, "%s v" LEGACY_VERSION " (legacy): %s: unable to initialize: %s\n",
		r->program, r->program, err->reason);
	return err->errnum == EPERM ? LEGACY_RESOURCE : LEGACY_PARAMETER;
}

/* One attempt. Returns an exit status, or -1: another client was first. */
static int attempt(const struct restore *r, const struct input *in, struct buf *out, FILE *say)
{
	struct diag d = {
		.out = say,
		.file = in->name,
		.text = (const char *)in->data,
		.size = in->size,
	};
	struct live live;
	struct parse_job job = {
		.rs = ruleset_new(),
		.family = r->family,
		.strict = true,
		.noflush = r->noflush,
		.counters = r->counters,
		.only = r->only,
		.verbose = r->verbose,
		.vars = r->vars,
		.live = &live,
		.out = out,
	};
	struct change_error err;
	int status = LEGACY_OK;
	bool ok;

	ok = live_begin(&live);
	if (!ok) {
		status = no_kernel(r, &live.err, say);
		goto out;
	}
	ok = parse_run(&job, d.text, d.size, &d);
	if (live.stale) {
		status = -1;
	} else if (live.failed) {
		status = no_kernel(r, &live.err, say);
	} else if (!ok) {
		status = bad_text(r, &job, say);
	} else {
		switch (change_commit(&live, job.rs, r->test, &err)) {
		case CHANGE_AGAIN:
			status = -1;
			break;
		case CHANGE_REFUSED:
			status = bad_rules(r, &job, &d, &err, say);
			break;
		case CHANGE_DONE:
			if (err.reason[0])
				fprintf(say, "%s: warning: %s\n", r->program, err.reason);
			break;
		}
	}
out:
	genl_close(live.g);
	ruleset_free(job.rs);
	return status;
}

static int restore(const struct restore *r, const struct input *in)
{
	struct buf out = { 0 };
	char *said = NULL;
	size_t size = 0;
	int status;
	FILE *say;

	do {
		free(said);
		said = NULL;
		out.size = 0;
		say = open_memstream(&said, &size);
		if (!say)
			diag_die(LEGACY_RESOURCE, "out of memory");
		status = attempt(r, in, &out, say);
		fclose(say);
	} while (status < 0);
	fwrite(said, 1, size, stderr);
	if (out.size)
		fwrite(out.data, 1, out.size, stdout);
	free(said);
	buf_free(&out);
	return status;
}

static void usage(const char *program, FILE *out)
{
	fprintf(out,
		"Usage: %s [-c] [-v] [-V] [-t] [-h] [-n] [-w secs] [-W usecs] [-T table] [-M command] [file]\n"
		"	   [ --counters ]\n"
		"	   [ --verbose ]\n"
		"	   [ --version]\n"
		"	   [ --test ]\n"
		"	   [ --help ]\n"
		"	   [ --noflush ]\n"
		"	   [ --wait=<seconds>\n"
		"	   [ --table=<TABLE> ]\n"
		"	   [ --modprobe=<command> ]\n", program);
}

/* The first OWN are not those of iptables-restore. */
#define OWN	3

static const struct option options[] = {
	{ "define", required_argument, NULL, 'D' },
	{ "vars", required_argument, NULL, 'f' },
	{ "resolve-names", no_argument, NULL, 'R' },
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "counters", no_argument, NULL, 'c' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "test", no_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "noflush", no_argument, NULL, 'n' },
	{ "modprobe", required_argument, NULL, 'M' },
	{ "table", required_argument, NULL, 'T' },
	{ "wait", optional_argument, NULL, 'w' },
	{ "wait-interval", optional_argument, NULL, 'W' },
	{},
};

/* A number may follow -w and -W as a word of its own. */
static void skip_number(int argc, char **argv)
{
	const char *p = optind < argc ? argv[optind] : "";

	if (*p && !p[strspn(p, "0123456789")])
		optind++;
}

/*
 * Take the options that both names have. Returns 0 when all were taken, or the option that
 * the caller has to see to: 4, 6, D, f, R, V, h, ?
 */
static int take_options(struct restore *r, int argc, char **argv, const char *letters,
			const struct option *longs)
{
	int opt;

	while ((opt = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			r->counters = true;
			break;
		case 'v':
			r->verbose++;
			break;
		case 't':
			r->test = true;
			break;
		case 'n':
			r->noflush = true;
			break;
		case 'T':
			r->only = optarg;
			break;
		case 'M':
			break;
		case 'w':
		case 'W':
			if (!optarg)
				skip_number(argc, argv);
			break;
		case 'b':
			legacy_binary();
			break;
		default:
			return opt;
		}
	}
	return 0;
}

static int run_file(const struct restore *r, const char *file)
{
	struct input in;
	int status;

	input_read(&in, file);
	status = restore(r, &in);
	input_free(&in);
	return status;
}

int legacy_restore(const struct legacy *l, int argc, char **argv)
{
	struct restore r = { .program = l->program, .family = l->family };
	int opt = take_options(&r, argc, argv, "bcvVthnwWM:T:", options + OWN);

	if (opt == 'V')
		return legacy_version(l);
	if (opt == 'h') {
		usage(l->program, stderr);
		return LEGACY_OK;
	}
	if (opt) {
		fprintf(stderr, "Try `%s -h' for more information.\n", l->program);
		return LEGACY_FAILED;
	}
	if (optind < argc - 1)
		return legacy_too_many();
	return run_file(&r, optind < argc ? argv[optind] : NULL);
}

static int run(int argc, char **argv)
{
	struct vars vars = { 0 };
	struct restore r = {
		.program = argv[0],
		.family = __FWLOAD_FAMILY_MAX,
		.vars = &vars,
	};
	int opt, status;

	while ((opt = take_options(&r, argc, argv, "46D:cvthnwWM:T:", options))) {
		if (opt == 'D' || opt == 'f') {
			if (!(opt == 'D' ? vars_option : vars_file)(&vars, optarg))
				return LEGACY_PARAMETER;
			continue;
		}
		if (opt == 'R') {
			hosts_ask_dns();
			continue;
		}
		if (opt == 'h')
			return cmd_help(&cmd_restore);
		if (opt != '4' && opt != '6')
			return cmd_usage(&cmd_restore, NULL);
		if (cmd_family(&cmd_restore, opt, &r.family))
			return EXIT_USAGE;
	}
	if (r.family == __FWLOAD_FAMILY_MAX)
		r.family = FWLOAD_FAMILY_IPV4;
	if (argc - optind > 1)
		return cmd_usage(&cmd_restore, "one file at a time");
	status = run_file(&r, optind < argc ? argv[optind] : NULL);
	if (!status)
		vars_unused(&vars);
	vars_free(&vars);
	return status;
}

const struct command cmd_restore = {
	.name = "restore",
	.args = "[-46cntv] [-D NAME=VALUE]... [--vars FILE] [--resolve-names] [-T TABLE] [FILE]",
	.summary = "load rules in iptables-save format, as iptables-restore does",
	.help =
		"  -4, --ipv4         IPv4 rules, which is the default\n"
		"  -6, --ipv6         IPv6 rules\n"
		"  -D, --define NAME=VALUE\n"
		"                     the value of ${NAME} in the text\n"
		"      --vars FILE    lines NAME = VALUE, each the value of a variable\n"
		"      --resolve-names\n"
		"                     ask the DNS for names of hosts, not only /etc/hosts\n"
		"  -n, --noflush      change what is in force instead of replacing it: chains that\n"
		"                     are not declared stay, with their counters\n"
		"  -c, --counters     counters of the text are set\n"
		"  -t, --test         do all but the change: would the kernel take it?\n"
		"  -v, --verbose      print comments, and what is done\n"
		"  -T, --table TABLE  only this table of the text\n"
		"  -w, -W, -M         are accepted: there is no lock to wait for\n"
		"\n"
		"Without FILE, or where it is -, standard input is read. All tables of the text\n"
		"take effect at once, or none does. The first error ends it: status 2 when a line\n"
		"makes no sense, 1 when what it says cannot be done.\n",
	.run = run,
};
