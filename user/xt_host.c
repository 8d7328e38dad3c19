// SPDX-License-Identifier: GPL-2.0
/*
 * The ground that libxtables 1.8.9 stands on: finding extensions, errors, output.
 *
 * Finding. libxtables loads libxt_NAME.so, whose constructor registers all revisions that
 * it has, and libxtables then asks compat_rev which of them the kernel has. Here that
 * always says no: so everything stays in libxtables' list of what awaits registration, no
 * kernel is asked and no module loaded, and choose() below picks from the list itself. For a
 * new rule it takes the newest revision that user space has, as iptables does on
 * a kernel that is not older than itself; a kernel that lacks the revision refuses the
 * rule set at COMMIT. To print, it takes the revision that is in the image.
 *
 * One family at a time. libxtables drops targets of other families when a library
 * registers, and a library registers once. So a change of family unloads all libraries and
 * starts anew.
 *
 * Errors and output. exit_err is called from the depths of libxtables and must not return,
 * so xt_host_enter() is where it lands. While libxtables runs, stdout and stderr are
 * streams of ours.
 *
 * Hostile payloads. Extensions print what they expect the kernel to have checked: several
 * take a string from a table by a number in the payload. Images do not only come
 * from the kernel, so a fault while printing is an error like any other.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>

#include "diag.h"
#include "hosts.h"
#include "xt_host.h"

#define BUCKETS	64

static void exit_err(enum xtables_exittype status, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
static int no_revision(const char *name, u8 revision, int opt);

static struct option no_options[1];

static struct xtables_globals globals = {
	.program_name = "fwimg",
	.program_version = "1.8.9",
	.orig_opts = no_options,
	.opts = no_options,
	.exit_err = exit_err,
	.compat_rev = no_revision,
};

enum { RETURNED, GAVE_UP, FAULTED, ENDED };

static jmp_buf way_out;
static volatile sig_atomic_t printing;
static char error[512];
static char said[240];		/* on stderr */
static char said_line[sizeof(said)];
static size_t said_len;
static FILE *stdout_stream, *stderr_stream;
static FILE *own_stdout, *own_stderr;	/* while libxtables runs, else NULL */
static struct buf *sink;	/* of stdout_stream */

static bool ready;
static u8 current;		/* family */
static struct xt_ext *exts[BUCKETS];

static int no_revision(const char *name, u8 revision, int opt)
{
	return 0;
}

/* Messages of libxtables end in newlines and stops, and some have several lines. */
static void one_line(char *s)
{
	size_t len = strlen(s);
	char *p;

	while (len && (s[len - 1] == '\n' || s[len - 1] == '.' || s[len - 1] == ' '))
		s[--len] = '\0';
	for (p = s; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
}

static void exit_err(enum xtables_exittype status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, sizeof(error), fmt, ap);
	va_end(ap);
	longjmp(way_out, GAVE_UP);
}

void xt_host_fail(const char *reason)
{
	exit_err(PARAMETER_PROBLEM, "%s", reason);
}

static ssize_t write_stdout(void *cookie, const char *data, size_t size)
{
	if (sink)
		buf_add(sink, data, size);
	return size;
}

static ssize_t write_stderr(void *cookie, const char *data, size_t size)
{
	size_t len = sizeof(said) - 1 - said_len;

	if (len > size)
		len = size;
	memcpy(said + said_len, data, len);
	said_len += len;
	said[said_len] = '\0';
	return size;
}

static void open_streams(void)
{
	cookie_io_functions_t out = { .write = write_stdout };
	cookie_io_functions_t err = { .write = write_stderr };

	stdout_stream = fopencookie(NULL, "w", out);
	stderr_stream = fopencookie(NULL, "w", err);
	if (!stdout_stream || !stderr_stream)
		diag_die(1, "out of memory");
	setvbuf(stdout_stream, NULL, _IOFBF, 1 << 16);
	setvbuf(stderr_stream, NULL, _IONBF, 0);
}

/* Elsewhere it is a bug: end as without a handler, by running into it once more. */
static void on_fault(int signal_number)
{
	if (printing)
		longjmp(way_out, FAULTED);
	signal(signal_number, SIG_DFL);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

void xt_host_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr_stream, fmt, ap);
	va_end(ap);
}

const char *xt_host_said(void)
{
	if (!said_len)
		return NULL;
	said_len = 0;
	strcpy(said_line, said);
	one_line(said_line);
	return said_line;
}

/*
 * In place of the C library's, also for the extensions: libxt_rateest calls it when it is to
 * print a rule without a comparison, and libxtables does where it cannot go on.
 */
void exit(int status)
{
	void (*next)(int status);

	if (own_stderr)
		longjmp(way_out, ENDED);
	*(void **)&next = dlsym(RTLD_NEXT, "exit");
	next(status);
	abort();
}

/* What exit_err leaves behind (memory that an extension had just allocated) is lost. */
const char *xt_host_enter(void (*run)(void *arg), void *arg, struct buf *out)
{
	const char *more;
	size_t len;
	int end;

	sink = out;
	own_stdout = stdout;
	own_stderr = stderr;
	stdout = stdout_stream;
	stderr = stderr_stream;
	end = setjmp(way_out);
	if (end == RETURNED) {
		printing = !!out;
		run(arg);
	}
	printing = 0;
	stdout = own_stdout;
	stderr = own_stderr;
	own_stderr = NULL;
	if (end == RETURNED) {
		fflush(stdout_stream);
		return NULL;
	}
	if (end == FAULTED) {
		/* The stream may be in any state. */
		open_streams();
		return "libxtables cannot print that";
	}
	if (end == ENDED) {
		__fpurge(stdout_stream);
		more = xt_host_said();
		return more ? more : "libxtables gave up";
	}
	__fpurge(stdout_stream);
	one_line(error);
	more = xt_host_said();
	len = strlen(error);
	if (more)
		snprintf(error + len, sizeof(error) - len, " (%s)", more);
	return error;
}

static unsigned int nfproto(u8 family)
{
	return family == FWLOAD_FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

static void forget_all(void)
{
	struct xt_ext *ext, *next;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++) {
		for (ext = exts[i]; ext; ext = next) {
			next = ext->next;
			free(ext->options);
			free(ext);
		}
		exts[i] = NULL;
	}
	xtables_pending_matches = NULL;
	xtables_pending_targets = NULL;
	xtables_fini();
}

void xt_host_family(u8 family)
{
	if (ready && family == current)
		return;
	if (ready) {
		forget_all();
	} else {
		open_streams();
		catch_faults();
		hosts_begin();
	}
	xtables_init_all(&globals, nfproto(family));
	ready = true;
	current = family;
}

static bool wanted(const struct xt_ext *ext, const char *name, int revision,
		   unsigned int family)
{
	return !strcmp(name, ext->name) && (!family || family == nfproto(current)) &&
	       (ext->revision == XT_HOST_NEWEST || ext->revision == revision);
}

/*
 * Choose as libxtables does: an alias (real_name) before what has its own name, then the
 * newest revision, then what is made for the family alone.
 */
static bool better(bool alias, int revision, bool special, bool old_alias, int old_revision,
		   bool old_special)
{
	if (alias != old_alias)
		return alias;
	if (revision != old_revision)
		return revision > old_revision;
	return special && !old_special;
}

static void choose_match(struct xt_ext *ext)
{
	const struct xtables_match *m, *best = NULL;

	for (m = xtables_pending_matches; m; m = m->next)
		if (wanted(ext, m->name, m->revision, m->family) &&
		    (!best || better(m->real_name, m->revision, m->family, best->real_name,
				     best->revision, best->family)))
			best = m;
	ext->match = best;
}

static void choose_target(struct xt_ext *ext)
{
	const struct xtables_target *t, *best = NULL;

	for (t = xtables_pending_targets; t; t = t->next)
		if (wanted(ext, t->name, t->revision, t->family) &&
		    (!best || better(t->real_name, t->revision, t->family, best->real_name,
				     best->revision, best->family)))
			best = t;
	ext->target = best;
}

static bool choose(struct xt_ext *ext)
{
	if (ext->kind == FWLOAD_IMG_EXT_MATCH)
		choose_match(ext);
	else
		choose_target(ext);
	return ext->match || ext->target;
}

static void load(void *arg)
{
	const struct xt_ext *ext = arg;

	if (ext->kind == FWLOAD_IMG_EXT_MATCH)
		xtables_find_match(ext->name, XTF_TRY_LOAD, NULL);
	else
		xtables_find_target(ext->name, XTF_TRY_LOAD);
}

/* Can a library have that name? libxtables makes a path of it. */
static bool loadable(u8 kind, const char *name)
{
	static const char *const builtin[] = {
		"standard", "ACCEPT", "DROP", "QUEUE", "RETURN",
	};
	unsigned int i;

	if (!*name || strlen(name) >= XT_EXTENSION_MAXNAMELEN || strchr(name, '/'))
		return false;
	for (i = 0; kind == FWLOAD_IMG_EXT_TARGET && i < ARRAY_SIZE(builtin); i++)
		if (!strcmp(name, builtin[i]))
			return false;
	return true;
}

static void make_options(struct xt_ext *ext)
{
	const struct xt_option_entry *x6;
	const struct option *old;
	unsigned int n = 0, i;

	x6 = ext->match ? ext->match->x6_options : ext->target->x6_options;
	old = ext->match ? ext->match->extra_opts : ext->target->extra_opts;
	if (x6)
		while (x6[n].name)
			n++;
	else if (old)
		while (old[n].name)
			n++;
	ext->options = fwload_env_alloc(n + 1, sizeof(*ext->options));
	if (!ext->options)
		diag_die(1, "out of memory");
	for (i = 0; i < n; i++) {
		struct xt_option *option = &ext->options[i];

		option->name = x6 ? x6[i].name : old[i].name;
		option->has_arg = x6 ? x6[i].type != XTTYPE_NONE : old[i].has_arg;
		option->id = x6 ? (int)x6[i].id : old[i].val;
	}
}

const struct xt_ext *xt_host_find(u8 kind, const char *name, int revision,
				  const char **reason)
{
	unsigned int hash = kind;
	struct xt_ext *ext;
	const char *p;

	*reason = NULL;
	if (kind == FWLOAD_IMG_EXT_MATCH &&
	    (!strcmp(name, "icmpv6") || !strcmp(name, "ipv6-icmp")))
		name = "icmp6";
	for (p = name; *p; p++)
		hash = hash * 31 + (u8)*p;
	hash %= BUCKETS;
	for (ext = exts[hash]; ext; ext = ext->next)
		if (ext->kind == kind && ext->revision == revision && !strcmp(ext->name, name))
			return ext->options ? ext : NULL;
	if (!loadable(kind, name))
		return NULL;
	ext = fwload_env_alloc(1, sizeof(*ext));
	if (!ext)
		diag_die(1, "out of memory");
	ext->kind = kind;
	ext->revision = revision;
	strcpy(ext->name, name);
	ext->next = exts[hash];
	exts[hash] = ext;
	if (!choose(ext)) {
		said_len = 0;
		xt_host_enter(load, ext, NULL);
		*reason = xt_host_said();
		if (!choose(ext))
			return NULL;
		/* It was that the kernel has no revision: the answer it got. */
		*reason = NULL;
	}
	make_options(ext);
	return ext;
}
