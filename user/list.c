// SPDX-License-Identifier: GPL-2.0
/*
 * -L and -S: rules for people to read, as iptables 1.8.9 prints them.
 *
 * -S is what save prints, with commands instead of declarations. -L has columns; what
 * matches and targets say in them is libxtables' business, so a native element becomes the
 * payload of its extension here, by way of its text. Addresses are never turned into
 * names: that may take forever.
 */
#include <stdarg.h>
#include <stdio.h>

#include "lex.h"
#include "list.h"
#include "names.h"
#include "native.h"
#include "print.h"
#include "print_native.h"
#include "xt.h"

/**
 * struct line - a rule on its way into a line
 * @t: its table
 * @c: its chain
 * @rule: the rule
 * @proto: of -p when it is not negated, else 0
 * @numeric: as in struct list
 * @table: in columns, else as -v prints it
 * @out: where it goes
 */
struct line {
	const struct table *t;
	const struct chain *c;
	const struct fwload_img_rule *rule;
	u8 proto;
	bool numeric;
	bool table;
	struct buf *out;
};

static char reason[512];

static void add(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct buf *out, const char *fmt, ...)
{
	char text[1024];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_add(out, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Seven digits at most, with a suffix, or all with -x. */
static void number(struct buf *out, u64 n, bool exact, bool column)
{
	static const char suffixes[] = "KMGT";
	int i = -1;

	if (exact || n <= 99999) {
		add(out, column ? exact ? "%8llu " : "%5llu " : "%llu ",
		    (unsigned long long)n);
		return;
	}
	do {
		n = (n + 500) / 1000;
		i++;
	} while (n > 9999 && suffixes[i + 1]);
	add(out, column ? "%4llu%c " : "%llu%c ", (unsigned long long)n, suffixes[i]);
}

/* An address of the rule, as -s or -d; a rule without one takes any. */
static void address(const struct line *l, u8 type, char *text, size_t size, bool *inverted)
{
	const struct fwload_img_el *el = (const void *)(l->rule + 1);
	const u8 *end = (const u8 *)l->rule + le16_to_cpu(l->rule->size) * 8;
	const char *any = !l->numeric ? "anywhere" : l->t->family ? "::/0" : "0.0.0.0/0";
	struct buf saved = { 0 };
	struct text x = { .buf = &saved };
	const char *start, *slash;
	u8 full = l->t->family ? 128 : 32;
	size_t len;
	bool plain;

	*inverted = false;
	while ((const u8 *)el < end && el->type < type)
		el = (const void *)((const u8 *)el + el->len * 8);
	if ((const u8 *)el >= end || el->type != type) {
		snprintf(text, size, "%s", any);
		return;
	}
	*inverted = el->flags & FWLOAD_IMG_F_INV;
	print_native_header(&x, l->t->family, el);
	text_sync(&x);
	/* " -s ADDRESS/PREFIX", or with " !" before it */
	start = (const char *)saved.data + (*inverted ? 6 : 4);
	len = saved.size - (size_t)(start - (const char *)saved.data);
	slash = memchr(start, '/', len);
	plain = !(el->flags & (FWLOAD_IMG_F_MASK | FWLOAD_IMG_F_DYN));
	if (plain && el->arg == full && slash)
		len = (size_t)(slash - start);
	if (plain && !el->arg)
		snprintf(text, size, "%s", any);
	else
		snprintf(text, size, "%.*s", (int)len, start);
	buf_free(&saved);
}

static void addresses(const struct line *l)
{
	char text[128];
	bool inverted;

	address(l, FWLOAD_IMG_EL_SRC, text, sizeof(text), &inverted);
	add(l->out, l->table ? "%c%-19s " : "%c%s ", inverted ? '!' : ' ', text);
	address(l, FWLOAD_IMG_EL_DST, text, sizeof(text), &inverted);
	add(l->out, l->table ? "%c%-19s " : "%c-> %s", inverted ? '!' : ' ', text);
}

/* "eth+", "!eth0", or "*" */
static void iface(const struct line *l, u8 type, char *text, size_t size)
{
	const struct fwload_img_el *el = (const void *)(l->rule + 1);
	const u8 *end = (const u8 *)l->rule + le16_to_cpu(l->rule->size) * 8;

	snprintf(text, size, "%s", l->numeric ? "*" : "any");
	for (; (const u8 *)el < end; el = (const void *)((const u8 *)el + el->len * 8)) {
		const struct fwload_img_el_iface *i = (const void *)el;

		if (el->type == type)
			snprintf(text, size, "%s%.*s%s",
				 el->flags & FWLOAD_IMG_F_INV ? "!" : "", el->arg, i->name,
				 el->flags & FWLOAD_IMG_F_WILD ? "+" : "");
	}
}

static void interfaces(const struct line *l)
{
	char in[32], out[32];

	iface(l, FWLOAD_IMG_EL_IN, in, sizeof(in));
	iface(l, FWLOAD_IMG_EL_OUT, out, sizeof(out));
	add(l->out, l->table ? " %-6s %-6s " : "in %s out %s ", in, out);
}

static void protocol(const struct line *l)
{
	u8 proto = l->rule->flags & FWLOAD_IMG_R_PROTO ? l->rule->proto : 0;
	const char *name = proto ? names_protocol_name(proto) : "all";

	add(l->out, "%c", l->rule->flags & FWLOAD_IMG_R_PROTO_INV ? '!' : ' ');
	if ((l->numeric && l->table) || !name)
		add(l->out, l->table ? "%-4u " : "%u ", proto);
	else
		add(l->out, l->table ? "%-4s " : "%s ", name);
}

static void fragment(const struct line *l)
{
	add(l->out, "%s%c%c ", l->table ? "" : "opt ",
	    l->rule->flags & FWLOAD_IMG_R_FRAG_INV ? '!' : '-',
	    l->rule->flags & FWLOAD_IMG_R_FRAG ? 'f' : '-');
}

/* The option called @w of those in use. */
static const struct xt_option *find_option(const struct xt_use *use, const struct word *w)
{
	const struct xt_option *o = xt_options(use);

	while (o->name && (w->len < 3 || strncmp(o->name, w->s + 2, w->len - 2) ||
			   o->name[w->len - 2]))
		o++;
	return o->name ? o : NULL;
}

/* " -m NAME --option ..." or " -j NAME ...", as saved, becomes the payload of NAME. */
static const char *parse_saved(const struct line *l, u8 kind, struct buf *saved,
			       struct xt_payload *payload)
{
	static struct lex lex;
	static char room[LEX_LINE_MAX + LEX_WORDS_MAX];
	char *argv[LEX_WORDS_MAX + 1], *p = room;
	struct diag d = { .out = stderr, .file = "-L" };
	const char *bad = NULL;
	struct xt_use *use;
	bool invert = false;
	int n, word;

	lex_begin(&lex, (const char *)saved->data, saved->size, &d);
	if (!lex_line(&lex) || !lex_words(&lex, 0) || lex.n_words < 2)
		return "a native match has no text";
	for (n = 0; n < (int)lex.n_words; n++) {
		argv[n] = p;
		memcpy(p, lex.words[n].s, lex.words[n].len);
		p += lex.words[n].len;
		*p++ = '\0';
	}
	argv[n] = NULL;
	xt_rule_begin(l->t->family);
	if (l->rule->flags & FWLOAD_IMG_R_PROTO)
		xt_rule_proto(l->rule->proto, l->rule->flags & FWLOAD_IMG_R_PROTO_INV);
	use = xt_use(kind, argv[1], &bad);
	for (word = 2; use && !bad && word < n;) {
		const struct xt_option *o;

		if (!strcmp(argv[word], "!")) {
			invert = true;
			word++;
			continue;
		}
		o = find_option(use, &lex.words[word]);
		word += o && o->has_arg ? 2 : 1;
		bad = o ? xt_parse(use, o->id, invert, argv, &word) : "no such option";
		invert = false;
	}
	return bad ? bad : xt_finish(use, payload);
}

static const char *payload_line(const struct line *l, u8 kind, const struct xt_payload *p)
{
	if (xt_list(l->t->family, l->proto, kind, p, l->numeric, l->out))
		return NULL;
	snprintf(reason, sizeof(reason),
		 "chain %s: libxtables cannot print \"%s\" of revision %u and %u bytes",
		 l->c->name, p->name, p->revision, p->size);
	return reason;
}

static const char *native_line(const struct line *l, u8 kind, const struct fwload_img_el *el)
{
	struct xt_payload payload;
	struct buf saved = { 0 };
	struct text x = { .buf = &saved };
	const char *bad;

	if (kind == FWLOAD_IMG_EXT_MATCH)
		print_native_match(&x, l->t->family, l->c, el);
	else
		print_native_target(&x, el);
	text_sync(&x);
	bad = parse_saved(l, kind, &saved, &payload);
	if (bad)
		snprintf(reason, sizeof(reason), "chain %s:%.*s: %s", l->c->name,
			 (int)saved.size, (const char *)saved.data, bad);
	buf_free(&saved);
	return bad ? reason : payload_line(l, kind, &payload);
}

static u32 target_arg(const struct line *l, u32 *type)
{
	u32 target = le32_to_cpu(l->rule->target);

	*type = target >> FWLOAD_IMG_TARGET_SHIFT;
	return target & FWLOAD_IMG_TARGET_ARG;
}

/* What iptables calls the target. */
static const char *target_name(const struct line *l)
{
	const struct ref *refs = (const struct ref *)l->c->refs.data;
	static struct xt_payload payload;
	u32 type, arg = target_arg(l, &type);

	switch (type) {
	case FWLOAD_IMG_T_ACCEPT:
		return "ACCEPT";
	case FWLOAD_IMG_T_DROP:
		return "DROP";
	case FWLOAD_IMG_T_RETURN:
		return "RETURN";
	case FWLOAD_IMG_T_QUEUE:
		return "QUEUE";
	case FWLOAD_IMG_T_MARK:
		return "MARK";
	case FWLOAD_IMG_T_CONNMARK:
		return "CONNMARK";
	case FWLOAD_IMG_T_JUMP:
	case FWLOAD_IMG_T_GOTO:
		return refs[arg].chain ? refs[arg].chain->name : "";
	case FWLOAD_IMG_T_EXT:
		print_payload(l->c, arg, &payload);
		return payload.name;
	default:
		return "";
	}
}

/* Matches and the target, behind the columns. */
static const char *extensions(const struct line *l)
{
	const struct fwload_img_el *el = (const void *)(l->rule + 1);
	const u8 *end = (const u8 *)l->rule + le16_to_cpu(l->rule->size) * 8;
	struct xt_payload payload;
	const char *bad = NULL;
	u32 type, arg = target_arg(l, &type);

	if (type == FWLOAD_IMG_T_GOTO)
		add(l->out, "[goto] ");
	for (; (const u8 *)el < end && !bad; el = (const void *)((const u8 *)el + el->len * 8)) {
		if (el->type <= FWLOAD_IMG_EL_OUT)
			continue;
		if (el->type == FWLOAD_IMG_EL_EXT) {
			print_payload(l->c,
				      le32_to_cpu(((const struct fwload_img_el_ext *)el)->ext),
				      &payload);
			bad = payload_line(l, FWLOAD_IMG_EXT_MATCH, &payload);
		} else {
			bad = native_line(l, el->type > FWLOAD_IMG_EL_EXT ?
					     FWLOAD_IMG_EXT_TARGET : FWLOAD_IMG_EXT_MATCH, el);
		}
	}
	if (bad || type != FWLOAD_IMG_T_EXT)
		return bad;
	print_payload(l->c, arg, &payload);
	return payload_line(l, FWLOAD_IMG_EXT_TARGET, &payload);
}

static struct line line_of(const struct table *t, const struct chain *c,
			   const struct fwload_img_rule *rule, struct buf *out)
{
	return (struct line){
		.t = t,
		.c = c,
		.rule = rule,
		.proto = rule->flags & FWLOAD_IMG_R_PROTO_INV ? 0 : rule->proto,
		.out = out,
	};
}

const char *list_rule(const struct table *t, const struct chain *c,
		      const struct fwload_img_rule *rule, struct buf *out)
{
	struct line l = line_of(t, c, rule, out);
	const char *bad;

	l.numeric = true;
	add(out, "%s ", target_name(&l));
	protocol(&l);
	fragment(&l);
	interfaces(&l);
	addresses(&l);
	add(out, "  ");
	bad = extensions(&l);
	add(out, "\n");
	return bad;
}

/* Rules that go to @c. */
static u32 references(const struct table *t, const struct chain *c)
{
	u32 sum = 0;

	for (u32 i = 0; i < t->n_chains; i++) {
		const struct ref *ref = (const struct ref *)t->chains[i]->refs.data;

		for (size_t n = t->chains[i]->refs.size / sizeof(*ref); n--; ref++)
			if (ref->chain == c)
				sum += ref->uses & ~FWLOAD_IMG_REF_GOTO;
	}
	return sum;
}

static void header(const struct list *l, const struct chain *c, struct buf *out)
{
	add(out, "Chain %s (", c->name);
	if (c->hook == FWLOAD_IMG_NO_HOOK) {
		add(out, "%u references)\n",
		    l->references != LIST_COUNT ? l->references : references(l->table, c));
	} else {
		add(out, "policy %s", c->policy == FWLOAD_POLICY_DROP ? "DROP" : "ACCEPT");
		if (l->verbose) {
			add(out, " ");
			number(out, c->policy_counter.packets, l->exact, false);
			add(out, "packets, ");
			number(out, c->policy_counter.bytes, l->exact, false);
			add(out, "bytes");
		}
		add(out, ")\n");
	}
	if (l->lines)
		add(out, "%-4s ", "num");
	if (l->verbose)
		add(out, l->exact ? "%8s %10s " : "%5s %5s ", "pkts", "bytes");
	add(out, "%-9s  prot opt", "target");
	if (l->verbose)
		add(out, " %-6s %-6s ", "in", "out");
	add(out, " %-19s  %-19s ", "source", "destination");
	add(out, "\n");
}

static const char *table_line(const struct list *list, const struct chain *c, u32 n,
			      const struct fwload_img_rule *rule,
			      const struct fwload_counter_pair *pair, struct buf *out)
{
	struct line l = line_of(list->table, c, rule, out);
	const char *bad;

	l.table = true;
	l.numeric = list->numeric;
	if (list->lines)
		add(out, "%-4u ", n);
	if (list->verbose) {
		number(out, pair->packets, list->exact, true);
		number(out, pair->bytes, list->exact, true);
	}
	add(out, "%-9s ", target_name(&l));
	protocol(&l);
	fragment(&l);
	if (list->verbose)
		interfaces(&l);
	addresses(&l);
	bad = extensions(&l);
	add(out, "\n");
	return bad;
}

/* "-A chain ... -c packets bytes -j ...": the counters stand before the target. */
static const char *spec_line(const struct list *list, const struct chain *c,
			     const struct fwload_img_rule *rule,
			     const struct fwload_counter_pair *pair, struct buf *out)
{
	const char *bad = print_rule(list->table, c, rule, list->verbose ? pair : NULL, out);

	add(out, "\n");
	return bad;
}

static const char *chain_rules(const struct list *l, const struct chain *c, struct buf *out)
{
	static const struct fwload_counter_pair zero;
	const struct fwload_counter_pair *pairs = (const void *)c->counters.data;
	const u8 *at = c->rules.data;
	const char *bad = NULL;

	for (u32 i = 0; i < c->n_rules && !bad; i++) {
		const struct fwload_img_rule *rule = (const void *)at;
		const struct fwload_counter_pair *pair =
			(i + 1) * sizeof(*pairs) <= c->counters.size ? &pairs[i] : &zero;

		if (!l->position || l->position == i + 1)
			bad = l->specs ? spec_line(l, c, rule, pair, out) :
			      table_line(l, c, i + 1, rule, pair, out);
		at += le16_to_cpu(rule->size) * 8;
	}
	return bad;
}

/* "-P INPUT ACCEPT" or "-N chain" */
static void declaration(const struct list *l, const struct chain *c, struct buf *out)
{
	if (c->hook == FWLOAD_IMG_NO_HOOK) {
		add(out, "-N %s\n", c->name);
		return;
	}
	add(out, "-P %s %s", c->name, c->policy == FWLOAD_POLICY_DROP ? "DROP" : "ACCEPT");
	if (l->verbose)
		add(out, " -c %llu %llu", (unsigned long long)c->policy_counter.packets,
		    (unsigned long long)c->policy_counter.bytes);
	add(out, "\n");
}

static bool is_listed(const struct list *l, const struct chain *c)
{
	return c->declared && (!l->chain || l->chain == c);
}

const char *list_print(const struct list *l, struct buf *out)
{
	const char *bad = NULL;
	bool first = true;

	for (u32 i = 0; l->specs && !l->position && i < l->table->n_chains; i++)
		if (is_listed(l, l->table->chains[i]))
			declaration(l, l->table->chains[i], out);
	for (u32 i = 0; i < l->table->n_chains && !bad; i++) {
		const struct chain *c = l->table->chains[i];

		if (!is_listed(l, c))
			continue;
		if (!l->specs && !first)
			add(out, "\n");
		first = false;
		if (!l->specs && !l->position)
			header(l, c, out);
		bad = chain_rules(l, c, out);
	}
	return bad;
}
