// SPDX-License-Identifier: GPL-2.0
/*
 * Extensions in rules, parsed and printed by libxtables: see xt.h, and xt_host.c for how
 * libxtables is hosted.
 *
 * A payload must mean the same wherever and whenever it is committed. These extensions
 * ask the system while they parse:
 *
 *	set, SET	ip_set for a set's number: not used, see set.c
 *	bpf		opens a pinned object and stores the descriptor: see pin_bpf()
 *	owner		the user database, for names
 *	connlabel, devgroup, realm	their files in /etc, for names
 *	TEE, TPROXY, conntrack, ipvs, policy, recent, NETMAP	for hosts (hosts.h), where
 *			a name stands for an address: warned of
 *
 * Names of users, labels and groups are numbers to the kernel and to iptables-save, so they
 * are looked up where the text is compiled. What else has a name (helpers, timeouts,
 * cgroups, nfacct objects, rate estimators, recent lists) the payload keeps as a name, and
 * checkentry looks it up when it is committed.
 *
 * Each use of an extension in a rule works on a copy of its struct xtables_match or
 * xtables_target, so a match can stand in a rule twice, and nothing is left over for the
 * next rule. The copies and their payloads are kept and used again.
 *
 * Extensions are given the rule as iptables has it, a struct ipt_entry or ip6t_entry. They
 * look at the protocol there, and none of them writes to it.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <getopt.h>
#include <stdio.h>

/* xtables.h includes net/if.h, which has to come before linux/if.h */
#include "xt_host.h"
#include <linux/netfilter/xt_bpf.h>
#include <linux/netfilter/xt_rateest.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "diag.h"
#include "hosts.h"
#include "set.h"
#include "xt.h"

/* Bytes of zeros behind a payload that is printed: strings and lists in it end there. */
#define PRINT_SLACK	(64 << 10)
#define HOST_MAX	256	/* bytes of the name of a host that is looked at */
#define ENTRY_HEAD	XT_ALIGN(sizeof(struct xt_entry_match))

static_assert(sizeof(struct xt_entry_match) == sizeof(struct xt_entry_target),
	      "a match and a target begin alike");

/**
 * struct xt_use - an extension in use in the current rule
 * @kind: enum fwload_img_ext_kind
 * @ext: the extension; NULL for set and SET
 * @match: a copy of ext->match
 * @target: a copy of ext->target
 * @entry: the payload, with its head
 * @room: bytes at @entry
 * @udata: what the extension keeps beside the payload
 * @udata_room: bytes at @udata
 * @set: when set or SET
 */
struct xt_use {
	u8 kind;
	const struct xt_ext *ext;
	struct xtables_match match;
	struct xtables_target target;
	void *entry;
	size_t room;
	void *udata;
	size_t udata_room;
	struct set_use set;
};

/* An option on its way to xt_host_enter(). */
struct parse_call {
	struct xt_use *use;
	int id;
	bool invert;
	char **argv;
};

/* A payload on its way there, with its head. */
struct print_call {
	const struct xt_ext *ext;
	void *entry;
	bool numeric;
};

static char error[512];
static struct xt_use **uses;
static unsigned int n_uses, uses_room;
static u8 rule_family;
static union {
	struct ipt_entry v4;
	struct ip6t_entry v6;
} rule;

void xt_rule_begin(u8 family)
{
	xt_host_family(family);
	rule_family = family;
	n_uses = 0;
	memset(&rule, 0, sizeof(rule));
}

void xt_rule_proto(u8 proto, bool inverted)
{
	if (rule_family == FWLOAD_FAMILY_IPV4) {
		rule.v4.ip.proto = proto;
		rule.v4.ip.invflags = inverted ? XT_INV_PROTO : 0;
	} else {
		rule.v6.ipv6.proto = proto;
		rule.v6.ipv6.flags = IP6T_F_PROTO;
		rule.v6.ipv6.invflags = inverted ? XT_INV_PROTO : 0;
	}
}

static void *must(void *p)
{
	if (!p)
		diag_die(1, "out of memory");
	return p;
}

static struct xt_use *new_use(u8 kind, const struct xt_ext *ext)
{
	struct xt_use *use;

	if (n_uses == uses_room) {
		unsigned int room = uses_room ? 2 * uses_room : 8, i;

		uses = must(realloc(uses, room * sizeof(*uses)));
		for (i = uses_room; i < room; i++)
			uses[i] = must(fwload_env_alloc(1, sizeof(*use)));
		uses_room = room;
	}
	use = uses[n_uses++];
	use->kind = kind;
	use->ext = ext;
	return use;
}

/* @size zeroed bytes at *@data, which has *@room. */
static void *zeroed(void **data, size_t *room, size_t size)
{
	if (*room < size) {
		free(*data);
		*data = must(malloc(size));
		*room = size;
	}
	if (size)
		memset(*data, 0, size);
	return *data;
}

/* option_offset is 0: options come with the numbers that the extension gave them. */
static void begin_match(void *arg)
{
	struct xt_use *use = arg;
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
	if (m->init)
		m->init(entry);
}

static void begin_target(void *arg)
{
	struct xt_use *use = arg;
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
	if (t->init)
		t->init(entry);
}

static bool is_set(u8 kind, const char *name)
{
	return !strcmp(name, kind == FWLOAD_IMG_EXT_MATCH ? "set" : "SET");
}

struct xt_use *xt_use(u8 kind, const char *name, const char **bad)
{
	const struct xt_ext *ext;
	const char *said;
	struct xt_use *use;

	if (is_set(kind, name)) {
		use = new_use(kind, NULL);
		set_begin(&use->set, kind);
		return use;
	}
	ext = xt_host_find(kind, name, XT_HOST_NEWEST, &said);
	if (!ext) {
		snprintf(error, sizeof(error), "unknown %s \"%.40s\"%s%s%s",
			 kind == FWLOAD_IMG_EXT_MATCH ? "match" : "target", name,
			 said ? " (" : "", said ? said : "", said ? ")" : "");
		*bad = error;
		return NULL;
	}
	use = new_use(kind, ext);
	*bad = xt_host_enter(ext->match ? begin_match : begin_target, use, NULL);
	return *bad ? NULL : use;
}

const struct xt_option *xt_options(const struct xt_use *use)
{
	return use->ext ? use->ext->options : set_options(use->kind);
}

/* The option of a new parser, or NULL. */
static const struct xt_option_entry *option_entry(const struct xt_use *use, int id)
{
	const struct xt_option_entry *x6;

	x6 = use->ext->match ? use->ext->match->x6_options : use->ext->target->x6_options;
	for (; x6 && x6->name; x6++)
		if ((int)x6->id == id)
			return x6;
	return NULL;
}

static bool is_pinned_bpf(const struct xt_use *use, int id)
{
	const struct xt_option_entry *option;

	if (strcmp(use->ext->name, "bpf") || !use->ext->match || use->match.revision != 1)
		return false;
	option = option_entry(use, id);
	return option && !strcmp(option->name, "object-pinned");
}

/*
 * libxt_bpf opens the object, which may well be on another system, and stores the number
 * of its descriptor, different each time, next to the path. The kernel takes the path.
 */
static void pin_bpf(struct xt_use *use, const struct parse_call *call)
{
	struct xt_bpf_info_v1 *info = (void *)use->match.m->data;

	if (call->invert)
		xt_host_fail("--object-pinned cannot be negated");
	if (use->match.mflags & 1U << call->id)
		xt_host_fail("--object-pinned is given twice");
	if (strlen(optarg) >= sizeof(info->path))
		xt_host_fail("the path is too long");
	info->mode = XT_BPF_MODE_PATH_PINNED;
	info->fd = -1;
	strcpy(info->path, optarg);
	use->match.mflags |= 1U << call->id;
}

static void parse(void *arg)
{
	struct parse_call *call = arg;
	struct xt_use *use = call->use;
	const char *bad;

	if (!use->ext) {
		bad = set_parse(&use->set, call->id, call->invert, call->argv, &optind);
		if (bad)
			xt_host_fail(bad);
	} else if (is_pinned_bpf(use, call->id)) {
		pin_bpf(use, call);
	} else if (use->ext->match) {
		xtables_option_mpcall(call->id, call->argv, call->invert, &use->match, &rule);
	} else {
		xtables_option_tpcall(call->id, call->argv, call->invert, &use->target, &rule);
	}
}

/* Does a name stand where an address is due? Then it is in @host. */
static bool is_host(const struct xt_use *use, int id, const char *arg, char host[HOST_MAX])
{
	int af = rule_family == FWLOAD_FAMILY_IPV4 ? AF_INET : AF_INET6;
	const struct xt_option_entry *option = option_entry(use, id);
	const char *slash = strchr(arg, '/');
	size_t len = slash ? (size_t)(slash - arg) : strlen(arg);
	struct in6_addr address;

	if (!option || (option->type != XTTYPE_HOST && option->type != XTTYPE_HOSTMASK))
		return false;
	if (len >= HOST_MAX)
		return false;
	memcpy(host, arg, len);
	host[len] = '\0';
	return inet_pton(af, host, &address) != 1;
}

const char *xt_parse(struct xt_use *use, int id, bool invert, char **argv, int *word)
{
	struct parse_call call = { .use = use, .id = id, .invert = invert, .argv = argv };
	const struct xt_option *option = xt_options(use);
	static char reason[512];
	char host[HOST_MAX];
	const char *bad;
	char *arg;

	while (option->name && option->id != id)
		option++;
	arg = option->has_arg ? argv[*word - 1] : NULL;
	optarg = arg;
	optind = *word;
	bad = xt_host_enter(parse, &call, NULL);
	*word = optind;
	if (!use->ext || !arg || !is_host(use, id, arg, host))
		return bad;
	if (!bad) {
		xt_host_say("\"%s\" was looked up: the rule holds the address that it has now\n",
			    host);
		return NULL;
	}
	snprintf(reason, sizeof(reason), "%s%s", bad, hosts_hint());
	return reason;
}

/* xt_rateest.c refuses what libxt_rateest lets pass, and then cannot print. */
static void check_rateest(const struct xtables_match *match)
{
	const struct xt_rateest_match_info *info = (const void *)match->m->data;

	if (info->mode == XT_RATEEST_MATCH_NONE)
		xt_host_fail("give it --rateest-lt, --rateest-gt or --rateest-eq");
}

static void finish(void *arg)
{
	struct xt_use *use = arg;

	if (!use->ext->match) {
		xtables_option_tfcall(&use->target);
		return;
	}
	xtables_option_mfcall(&use->match);
	if (!strcmp(use->match.name, "rateest"))
		check_rateest(&use->match);
}

const char *xt_finish(struct xt_use *use, struct xt_payload *payload)
{
	const char *bad;

	memset(payload, 0, sizeof(*payload));
	if (!use->ext)
		return set_finish(&use->set, payload);
	bad = xt_host_enter(finish, use, NULL);
	if (bad)
		return bad;
	if (use->ext->match) {
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
	return xt_host_said();
}

/* The save functions are given the rule's address part. */
static void print(void *arg)
{
	const struct print_call *call = arg;
	const struct xtables_target *t = call->ext->target;
	const struct xtables_match *m = call->ext->match;

	if (m) {
		fputs(" -m ", stdout);
		fputs(m->alias ? m->alias(call->entry) : m->name, stdout);
		if (m->save)
			m->save(&rule, call->entry);
	} else {
		fputs(" -j ", stdout);
		fputs(t->alias ? t->alias(call->entry) : t->name, stdout);
		if (t->save)
			t->save(&rule, call->entry);
	}
}

/* As iptables -L does it. */
static void list(void *arg)
{
	const struct print_call *call = arg;
	const struct xtables_target *t = call->ext->target;
	const struct xtables_match *m = call->ext->match;

	if (m && m->print)
		m->print(&rule, call->entry, call->numeric);
	else if (m)
		printf("%s ", m->name);
	else if (t->print)
		t->print(&rule, call->entry, call->numeric);
}

static bool show(u8 family, u8 proto, u8 kind, const struct xt_payload *payload,
		 bool numeric, void (*run)(void *arg), struct buf *out)
{
	static union {
		struct xt_entry_match match;
		u8 bytes[ENTRY_HEAD + FWLOAD_MAX_EXT_SIZE + PRINT_SLACK];
	} *copy;
	struct print_call call;
	const char *said;
	size_t start = out->size, size;
	bool done;

	xt_rule_begin(family);
	if (proto)
		xt_rule_proto(proto, false);
	call.ext = xt_host_find(kind, payload->name, payload->revision, &said);
	if (!call.ext)
		return false;
	size = call.ext->match ? call.ext->match->size : call.ext->target->size;
	if (size != payload->size || size > FWLOAD_MAX_EXT_SIZE)
		return false;
	if (!copy)
		copy = must(fwload_env_alloc(1, sizeof(*copy)));
	copy->match.u.match_size = ENTRY_HEAD + size;
	strcpy(copy->match.u.user.name, call.ext->name);
	copy->match.u.user.revision = payload->revision;
	if (size)
		memcpy(copy->bytes + ENTRY_HEAD, payload->data, size);
	call.entry = copy;
	call.numeric = numeric;
	done = !xt_host_enter(run, &call, out);
	memset(copy, 0, ENTRY_HEAD + size);
	if (!done)
		out->size = start;
	return done;
}

bool xt_print(u8 family, u8 proto, u8 kind, const struct xt_payload *payload, struct buf *out)
{
	if (is_set(kind, payload->name))
		return set_print(kind, payload, out);
	return show(family, proto, kind, payload, true, print, out);
}

bool xt_list(u8 family, u8 proto, u8 kind, const struct xt_payload *payload, bool numeric,
	     struct buf *out)
{
	/* These turn addresses into names. */
	static const char *const resolve[] = { "conntrack", "ipvs", "TEE" };

	if (is_set(kind, payload->name))
		return set_list(kind, payload, out);
	for (size_t i = 0; i < ARRAY_SIZE(resolve); i++)
		numeric |= !strcmp(payload->name, resolve[i]);
	return show(family, proto, kind, payload, numeric, list, out);
}

static void help(void *arg)
{
	const struct xt_ext *ext = arg;
	void (*say)(void) = ext->match ? ext->match->help : ext->target->help;

	if (say)
		say();
	else
		printf("%s does not take any options\n", ext->name);
}

void xt_help(u8 family, u8 kind, const char *name, struct buf *out)
{
	const struct xt_ext *ext;
	const char *said;

	if (strlen(name) > XT_NAME_MAX)
		return;
	xt_host_family(family);
	ext = xt_host_find(kind, name, XT_HOST_NEWEST, &said);
	if (!ext)
		return;
	buf_add(out, "\n", 1);
	xt_host_enter(help, (void *)ext, out);
}
