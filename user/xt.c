// SPDX-License-Identifier: GPL-2.0
/*
 * Hosting libxtables 1.8.9: see xt.h.
 *
 * Finding. libxtables loads libxt_NAME.so, whose constructor registers all revisions that
 * it has, and libxtables then asks compat_rev which of them the kernel has. Here that
 * always says no: so everything stays in libxtables' list of what awaits registration, no
 * kernel is asked and no module loaded, and find() below chooses from the list itself. For a
 * new rule it takes the newest revision that user space has, as iptables does on
 * a kernel that is not older than itself; a kernel that lacks the revision refuses the
 * rule set at COMMIT. To print, it takes the revision that is in the image.
 *
 * One family at a time. libxtables drops targets of other families when a library
 * registers, and a library registers once. So a change of family unloads all libraries and
 * starts anew.
 *
 * Parsing. Each use of an extension in a rule works on a copy of its struct
 * xtables_match or xtables_target, so a match can stand in a rule twice, and nothing
 * is left over for the next rule. The copies and their payloads are kept and used again.
 *
 * Errors and output. exit_err is called from the depths of libxtables and must not return,
 * so enter() is where it lands. While libxtables runs, stdout and stderr are
 * streams of ours: what extensions save goes into the caller's buffer, what they say on
 * stderr becomes part of the error or a warning.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <xtables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "diag.h"
#include "set.h"
#include "xt.h"

#define NEWEST		(-1)
#define EXT_BUCKETS	64
/* Bytes of zeros behind a payload that is printed: strings and lists in it end there. */
#define PRINT_SLACK	(64 << 10)
#define ENTRY_HEAD	XT_ALIGN(sizeof(struct xt_entry_match))

_Static_assert(sizeof(struct xt_entry_match) == sizeof(struct xt_entry_target),
	       "a match and a target begin alike");

/* Exported by libxtables, but in none of its headers. */
extern struct xtables_match *xtables_pending_matches;
extern struct xtables_target *xtables_pending_targets;

/**
 * struct ext - an extension that libxtables has, or has not
 * @next: in the bucket
 * @kind: enum fwload_img_ext_kind
 * @revision: asked for, or NEWEST
 * @match: of a match; NULL: there is none
 * @target: of a target; likewise
 * @options: for xt_options(), made at the first use
 * @name: asked for
 */
struct ext {
	struct ext *next;
	u8 kind;
	int revision;
	const struct xtables_match *match;
	const struct xtables_target *target;
	struct xt_option *options;
	char name[XT_EXTENSION_MAXNAMELEN];
};

/**
 * struct xt_use - an extension in use in the current rule
 * @kind: enum fwload_img_ext_kind
 * @ext: the extension; NULL for set and SET
 * @match: a copy of ext->match
 * @target: a copy of ext->target
 * @room: bytes at match.m or target.t
 * @udata_room: bytes at match.udata or target.udata
 * @set: when set or SET
 */
struct xt_use {
	u8 kind;
	const struct ext *ext;
	struct xtables_match match;
	struct xtables_target target;
	void *entry;
	size_t room;
	void *udata;
	size_t udata_room;
	struct set_use set;
};

/**
 * struct call - what is to be done inside of libxtables
 * @run: does it
 * @use: the extension
 * @id: option
 * @invert: with a !
 * @argv: words
 * @ext: extension to load or to print
 * @entry: payload to print, with its head
 */
struct call {
	void (*run)(struct call *call);
	struct xt_use *use;
	int id;
	bool invert;
	char **argv;
	const struct ext *ext;
	void *entry;
};

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

static jmp_buf way_out;
static char error[512];
static char said[240];		/* on stderr */
static size_t said_len;
static FILE *stdout_stream, *stderr_stream;
static struct buf *sink;	/* what goes to stdout; NULL: thrown away */

static bool ready;
static u8 current;		/* family */
static struct ext *exts[EXT_BUCKETS];
static struct xt_use **uses;
static unsigned int n_uses, uses_room;
static union {
	struct ipt_entry v4;
	struct ip6t_entry v6;
} rule;

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
	longjmp(way_out, 1);
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

/*
 * Run @call inside of libxtables. Returns NULL or the error. What exit_err leaves behind
 * (memory that an extension had just allocated) is lost; that is little.
 */
static const char *enter(struct call *call)
{
	FILE *const out = stdout, *const err = stderr;
	int failed;

	stdout = stdout_stream;
	stderr = stderr_stream;
	failed = setjmp(way_out);
	if (!failed)
		call->run(call);
	stdout = out;
	stderr = err;
	if (!failed) {
		fflush(stdout_stream);
		return NULL;
	}
	__fpurge(stdout_stream);
	one_line(error);
	if (said_len) {
		size_t len = strlen(error);

		one_line(said);
		snprintf(error + len, sizeof(error) - len, " (%s)", said);
		said_len = 0;
	}
	return error;
}

static unsigned int nfproto(u8 family)
{
	return family == FWLOAD_FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

/* Get libxtables ready for @family. */
static void use_family(u8 family)
{
	struct ext *ext, *next;
	unsigned int i;

	if (ready && family == current)
		return;
	if (ready) {
		for (i = 0; i < EXT_BUCKETS; i++) {
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
	} else {
		open_streams();
		/* A name where an address is due is looked up; do not wait for long. */
		setenv("RES_OPTIONS", "timeout:1 attempts:1", 0);
	}
	xtables_init_all(&globals, nfproto(family));
	ready = true;
	current = family;
	n_uses = 0;
}

static bool wanted(const struct ext *ext, const char *name, int revision, unsigned int family)
{
	return !strcmp(name, ext->name) && (!family || family == nfproto(current)) &&
	       (ext->revision == NEWEST || ext->revision == revision);
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

static void choose_match(struct ext *ext)
{
	const struct xtables_match *m, *best = NULL;

	for (m = xtables_pending_matches; m; m = m->next)
		if (wanted(ext, m->name, m->revision, m->family) &&
		    (!best || better(m->real_name, m->revision, m->family, best->real_name,
				     best->revision, best->family)))
			best = m;
	ext->match = best;
}

static void choose_target(struct ext *ext)
{
	const struct xtables_target *t, *best = NULL;

	for (t = xtables_pending_targets; t; t = t->next)
		if (wanted(ext, t->name, t->revision, t->family) &&
		    (!best || better(t->real_name, t->revision, t->family, best->real_name,
				     best->revision, best->family)))
			best = t;
	ext->target = best;
}

static void choose(struct ext *ext)
{
	if (ext->kind == FWLOAD_IMG_EXT_MATCH)
		choose_match(ext);
	else
		choose_target(ext);
}

static void run_load(struct call *call)
{
	const struct ext *ext = call->ext;

	if (ext->kind == FWLOAD_IMG_EXT_MATCH)
		xtables_find_match(ext->name, XTF_TRY_LOAD, NULL);
	else
		xtables_find_target(ext->name, XTF_TRY_LOAD);
}

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

/* NULL only when the name is none that a library can have. */
static struct ext *find(u8 kind, const char *name, int revision)
{
	struct call call = { .run = run_load };
	unsigned int hash = kind;
	const char *p;
	struct ext *ext;

	if (kind == FWLOAD_IMG_EXT_MATCH &&
	    (!strcmp(name, "icmpv6") || !strcmp(name, "ipv6-icmp")))
		name = "icmp6";
	for (p = name; *p; p++)
		hash = hash * 31 + (u8)*p;
	hash %= EXT_BUCKETS;
	for (ext = exts[hash]; ext; ext = ext->next)
		if (ext->kind == kind && ext->revision == revision && !strcmp(ext->name, name))
			return ext;
	if (!loadable(kind, name))
		return NULL;
	ext = fwload_env_alloc(1, sizeof(*ext));
	if (!ext)
		diag_die(1, "out of memory");
	ext->kind = kind;
	ext->revision = revision;
	strcpy(ext->name, name);
	choose(ext);
	if (!ext->match && !ext->target) {
		said_len = 0;
		call.ext = ext;
		enter(&call);
		choose(ext);
		/* It says that the kernel supports no revision: the answer it got. */
		if (ext->match || ext->target)
			said_len = 0;
	}
	ext->next = exts[hash];
	exts[hash] = ext;
	return ext;
}

static void make_options(struct ext *ext)
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

void xt_rule_begin(u8 family)
{
	if (!ready || family != current)
		use_family(family);
	n_uses = 0;
	memset(&rule, 0, sizeof(rule));
}

void xt_rule_proto(u8 proto, bool inverted)
{
	if (current == FWLOAD_FAMILY_IPV4) {
		rule.v4.ip.proto = proto;
		rule.v4.ip.invflags = inverted ? XT_INV_PROTO : 0;
	} else {
		rule.v6.ipv6.proto = proto;
		rule.v6.ipv6.flags = IP6T_F_PROTO;
		rule.v6.ipv6.invflags = inverted ? XT_INV_PROTO : 0;
	}
}

static struct xt_use *new_use(void)
{
	if (n_uses == uses_room) {
		unsigned int room = uses_room ? 2 * uses_room : 8, i;
		struct xt_use **more = realloc(uses, room * sizeof(*more));

		if (!more)
			diag_die(1, "out of memory");
		uses = more;
		for (i = uses_room; i < room; i++)
			uses[i] = NULL;
		uses_room = room;
	}
	if (!uses[n_uses]) {
		uses[n_uses] = fwload_env_alloc(1, sizeof(**uses));
		if (!uses[n_uses])
			diag_die(1, "out of memory");
	}
	return uses[n_uses++];
}

/* @size zeroed bytes at *@data, which has *@room. */
static void *zeroed(void **data, size_t *room, size_t size)
{
	if (*room < size) {
		free(*data);
		*data = malloc(size);
		if (!*data)
			diag_die(1, "out of memory");
		*room = size;
	}
	if (size)
		memset(*data, 0, size);
	return *data;
}

static void run_init(struct call *call)
{
	struct xt_use *use = call->use;

	if (use->kind == FWLOAD_IMG_EXT_MATCH && use->match.init)
		use->match.init(use->match.m);
	if (use->kind == FWLOAD_IMG_EXT_TARGET && use->target.init)
		use->target.init(use->target.t);
}

/* option_offset is 0: options come with the numbers that the extension gave them. */
static void begin_match(struct xt_use *use)
{
	struct xtables_match *m = &use->match;
	struct xt_entry_match *entry;

	*m = *use->ext->match;
	m->option_offset = 0;
	m->mflags = 0;
	entry = zeroed(&use->entry, &use->room, ENTRY_HEAD + m->size);
	entry->u.match_size = ENTRY_HEAD + m->size;
	strcpy(entry->u.user.name, m->real_name ? m->real_name : m->name);
	entry->u.user.revision = m->revision;
	m->m = entry;
	m->udata = zeroed(&use->udata, &use->udata_room, m->udata_size);
}

static void begin_target(struct xt_use *use)
{
	struct xtables_target *t = &use->target;
	struct xt_entry_target *entry;

	*t = *use->ext->target;
	t->option_offset = 0;
	t->tflags = 0;
	t->used = 1;
	entry = zeroed(&use->entry, &use->room, ENTRY_HEAD + t->size);
	entry->u.target_size = ENTRY_HEAD + t->size;
	strcpy(entry->u.user.name, t->real_name ? t->real_name : t->name);
	entry->u.user.revision = t->revision;
	t->t = entry;
	t->udata = zeroed(&use->udata, &use->udata_room, t->udata_size);
}

static bool is_set(u8 kind, const char *name)
{
	return !strcmp(name, kind == FWLOAD_IMG_EXT_MATCH ? "set" : "SET");
}

struct xt_use *xt_use(u8 kind, const char *name, const char **bad)
{
	struct call call = { .run = run_init };
	struct xt_use *use;
	struct ext *ext;

	if (is_set(kind, name)) {
		use = new_use();
		use->kind = kind;
		use->ext = NULL;
		set_begin(&use->set, kind);
		return use;
	}
	ext = find(kind, name, NEWEST);
	if (!ext || (!ext->match && !ext->target)) {
		one_line(said);
		snprintf(error, sizeof(error), "unknown %s \"%.40s\"%s%.300s%s",
			 kind == FWLOAD_IMG_EXT_MATCH ? "match" : "target", name,
			 said_len ? " (" : "", said_len ? said : "", said_len ? ")" : "");
		said_len = 0;
		*bad = error;
		return NULL;
	}
	if (!ext->options)
		make_options(ext);
	use = new_use();
	use->kind = kind;
	use->ext = ext;
	if (kind == FWLOAD_IMG_EXT_MATCH)
		begin_match(use);
	else
		begin_target(use);
	call.use = use;
	*bad = enter(&call);
	return *bad ? NULL : use;
}

const struct xt_option *xt_options(const struct xt_use *use)
{
	return use->ext ? use->ext->options : set_options(use->kind);
}

static void run_parse(struct call *call)
{
	struct xt_use *use = call->use;

	if (!use->ext) {
		const char *bad = set_parse(&use->set, call->id, call->invert, call->argv,
					    &optind);

		if (bad)
			exit_err(PARAMETER_PROBLEM, "%s", bad);
		return;
	}
	if (use->kind == FWLOAD_IMG_EXT_MATCH)
		xtables_option_mpcall(call->id, call->argv, call->invert, &use->match, &rule);
	else
		xtables_option_tpcall(call->id, call->argv, call->invert, &use->target, &rule);
}

/* An address was due: warn that a name stands for what it means now and here. */
static void warn_of_name(const struct xt_use *use, int id, const char *arg)
{
	const struct xt_option_entry *x6;
	struct in6_addr address;
	char host[256];
	int af = current == FWLOAD_FAMILY_IPV4 ? AF_INET : AF_INET6;
	const char *slash = strchr(arg, '/');
	size_t len = slash ? (size_t)(slash - arg) : strlen(arg);

	x6 = use->ext->match ? use->ext->match->x6_options : use->ext->target->x6_options;
	for (; x6 && x6->name; x6++) {
		if ((int)x6->id != id)
			continue;
		if (x6->type != XTTYPE_HOST && x6->type != XTTYPE_HOSTMASK)
			return;
		break;
	}
	if (!x6 || !x6->name || len >= sizeof(host))
		return;
	memcpy(host, arg, len);
	host[len] = '\0';
	if (inet_pton(af, host, &address) == 1)
		return;
	fprintf(stderr_stream, "\"%s\" is the address that the name has now\n", host);
}

const char *xt_parse(struct xt_use *use, int id, bool invert, char **argv, int *word)
{
	struct call call = {
		.run = run_parse, .use = use, .id = id, .invert = invert, .argv = argv,
	};
	const struct xt_option *option = xt_options(use);
	const char *arg, *bad;

	while (option->name && option->id != id)
		option++;
	arg = option->has_arg ? argv[*word - 1] : NULL;
	optarg = (char *)arg;
	optind = *word;
	bad = enter(&call);
	*word = optind;
	if (!bad && use->ext && arg)
		warn_of_name(use, id, arg);
	return bad;
}

static void run_finish(struct call *call)
{
	if (call->use->kind == FWLOAD_IMG_EXT_MATCH)
		xtables_option_mfcall(&call->use->match);
	else
		xtables_option_tfcall(&call->use->target);
}

const char *xt_finish(struct xt_use *use, struct xt_payload *payload)
{
	struct call call = { .run = run_finish, .use = use };
	const char *bad;

	memset(payload, 0, sizeof(*payload));
	if (!use->ext)
		return set_finish(&use->set, payload);
	bad = enter(&call);
	if (bad)
		return bad;
	if (use->kind == FWLOAD_IMG_EXT_MATCH) {
		payload->name = use->match.m->u.user.name;
		payload->revision = use->match.revision;
		payload->data = use->match.m->data;
		payload->size = use->match.size;
	} else {
		payload->name = use->target.t->u.user.name;
		payload->revision = use->target.revision;
		payload->data = use->target.t->data;
		payload->size = use->target.size;
	}
	return NULL;
}

const char *xt_warning(void)
{
	if (!said_len)
		return NULL;
	said_len = 0;
	one_line(said);
	return said;
}

/* iptables' own save functions are given the rule's address part: struct ipt_ip. */
static void run_print(struct call *call)
{
	const struct ext *ext = call->ext;

	if (ext->match) {
		const struct xtables_match *m = ext->match;

		fputs(" -m ", stdout);
		fputs(m->alias ? m->alias(call->entry) : m->name, stdout);
		if (m->save)
			m->save(&rule, call->entry);
	} else {
		const struct xtables_target *t = ext->target;

		fputs(" -j ", stdout);
		fputs(t->alias ? t->alias(call->entry) : t->name, stdout);
		if (t->save)
			t->save(&rule, call->entry);
	}
}

bool xt_print(u8 family, u8 proto, u8 kind, const struct xt_payload *payload, struct buf *out)
{
	static union {
		struct xt_entry_match match;
		struct xt_entry_target target;
		u8 bytes[ENTRY_HEAD + FWLOAD_MAX_EXT_SIZE + PRINT_SLACK];
	} *copy;
	struct call call = { .run = run_print };
	size_t start = out->size, size;
	const char *bad;

	if (is_set(kind, payload->name))
		return set_print(kind, payload, out);
	xt_rule_begin(family);
	if (proto)
		xt_rule_proto(proto, false);
	call.ext = find(kind, payload->name, payload->revision);
	if (!call.ext || (!call.ext->match && !call.ext->target))
		return false;
	size = call.ext->match ? call.ext->match->size : call.ext->target->size;
	if (size != payload->size || size > FWLOAD_MAX_EXT_SIZE)
		return false;
	if (!copy) {
		copy = fwload_env_alloc(1, sizeof(*copy));
		if (!copy)
			diag_die(1, "out of memory");
	}
	copy->match.u.match_size = ENTRY_HEAD + size;
	strcpy(copy->match.u.user.name, call.ext->name);
	copy->match.u.user.revision = payload->revision;
	if (size)
		memcpy(copy->match.data, payload->data, size);
	call.entry = copy;
	sink = out;
	bad = enter(&call);
	sink = NULL;
	memset(copy, 0, ENTRY_HEAD + size);
	if (bad)
		out->size = start;
	return !bad;
}
