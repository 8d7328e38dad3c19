// SPDX-License-Identifier: GPL-2.0
/*
 * Tables as text, byte for byte as iptables-save 1.8.9 prints them.
 *
 * A rule is its record read from front to back: the elements of the header stand in the
 * order in which iptables prints them, the protocol comes between them and the
 * matches, the target is last. Native elements are in print_native.c, extensions are
 * libxtables' business (xt.c).
 *
 * ip6tables-save leaves out "-p all", but the kernel looks for the transport header on its
 * account and drops packets in which it finds none. So "-p all" is printed for IPv6.
 */
#include <stdio.h>

#include "names.h"
#include "print.h"
#include "print_native.h"
#include "resolve.h"
#include "restate.h"
#include "xt.h"

static char reason[256];

static void protocol(struct text *x, u8 family, const struct fwload_img_rule *rule)
{
	const char *name;

	if (!(rule->flags & FWLOAD_IMG_R_PROTO))
		return;
	if (!rule->proto && family == FWLOAD_FAMILY_IPV4)
		return;
	text_room(x, 16);
	if (rule->flags & FWLOAD_IMG_R_PROTO_INV)
		text_lit(x, " !");
	text_lit(x, " -p ");
	name = names_protocol_name(rule->proto);
	if (name)
		text_str(x, name);
	else
		text_u16(x, rule->proto);
}

static void fragment(struct text *x, const struct fwload_img_rule *rule)
{
	if (!(rule->flags & FWLOAD_IMG_R_FRAG))
		return;
	text_room(x, 8);
	if (rule->flags & FWLOAD_IMG_R_FRAG_INV)
		text_lit(x, " !");
	text_lit(x, " -f");
}

/* The payload of extension @number of @c. */
void print_payload(const struct chain *c, u32 number, struct xt_payload *payload)
{
	const struct fwload_img_ext *ext = (const struct fwload_img_ext *)c->exts.data + number;
	const char *strings = (const char *)c->strings.data;
	const char *set = strings + le32_to_cpu(ext->sets);

	*payload = (struct xt_payload){
		.name = strings + le32_to_cpu(ext->name),
		.revision = ext->revision,
		.data = c->payloads.data + le32_to_cpu(ext->payload),
		.size = le32_to_cpu(ext->size),
		.n_sets = ext->n_sets,
	};
	for (u32 i = 0; i < ext->n_sets; i++) {
		payload->sets[i] = set;
		set += strlen(set) + 1;
	}
}

static bool extension(struct text *x, u8 family, const struct chain *c,
		      const struct fwload_img_rule *rule, u32 number)
{
	const struct fwload_img_ext *ext = (const struct fwload_img_ext *)c->exts.data + number;
	struct xt_payload payload;
	size_t start;
	u8 proto;

	print_payload(c, number, &payload);
	proto = rule->flags & FWLOAD_IMG_R_PROTO_INV ? 0 : rule->proto;
	text_sync(x);
	start = x->buf->size;
	if (xt_print(family, proto, ext->kind, &payload, x->buf)) {
		/* An image can have what no text has; more lines would be more rules. */
		if (!memchr(x->buf->data + start, '\n', x->buf->size - start))
			return true;
		snprintf(reason, sizeof(reason), "chain %s: %s \"%s\" has a line feed in it",
			 c->name, ext->kind == FWLOAD_IMG_EXT_MATCH ? "match" : "target",
			 payload.name);
		return false;
	}
	snprintf(reason, sizeof(reason),
		 "chain %s: libxtables cannot print %s \"%s\" of revision %u and %u bytes",
		 c->name, ext->kind == FWLOAD_IMG_EXT_MATCH ? "match" : "target",
		 payload.name, payload.revision, payload.size);
	return false;
}

static void jump(struct text *x, const struct chain *c, u32 number, bool is_goto)
{
	const struct ref *ref = (const struct ref *)c->refs.data + number;
	const char *name = ref->chain->name;

	text_room(x, 4);
	if (is_goto)
		text_lit(x, " -g ");
	else
		text_lit(x, " -j ");
	text_word(x, name, strlen(name));
}

/* @el: the target's element, if it has one. */
static bool target(struct text *x, u8 family, const struct chain *c,
		   const struct fwload_img_rule *rule, const struct fwload_img_el *el)
{
	u32 word = le32_to_cpu(rule->target);
	u32 arg = word & FWLOAD_IMG_TARGET_ARG;

	text_room(x, 16);
	switch (word >> FWLOAD_IMG_TARGET_SHIFT) {
	case FWLOAD_IMG_T_ACCEPT:
		text_lit(x, " -j ACCEPT");
		break;
	case FWLOAD_IMG_T_DROP:
		text_lit(x, " -j DROP");
		break;
	case FWLOAD_IMG_T_RETURN:
		text_lit(x, " -j RETURN");
		break;
	case FWLOAD_IMG_T_QUEUE:
		text_lit(x, " -j QUEUE");
		break;
	case FWLOAD_IMG_T_JUMP:
		jump(x, c, arg, false);
		break;
	case FWLOAD_IMG_T_GOTO:
		jump(x, c, arg, true);
		break;
	case FWLOAD_IMG_T_EXT:
		return extension(x, family, c, rule, arg);
	case FWLOAD_IMG_T_MARK:
	case FWLOAD_IMG_T_CONNMARK:
		print_native_target(x, el);
		break;
	}
	return true;
}

/* What follows "-A chain", with @counters (or NULL) before the target. */
static bool rule_body(struct text *x, u8 family, const struct chain *c,
		      const struct fwload_img_rule *rule,
		      const struct fwload_counter_pair *counters)
{
	const struct fwload_img_el *el = (const void *)(rule + 1);
	const struct fwload_img_el *end = (const void *)rule_next(rule);

	for (; el < end && el->type <= FWLOAD_IMG_EL_OUT; el = el_next(el))
		print_native_header(x, family, el);
	protocol(x, family, rule);
	fragment(x, rule);
	for (; el < end && el->type <= FWLOAD_IMG_EL_EXT; el = el_next(el)) {
		u32 number;

		if (el->type != FWLOAD_IMG_EL_EXT) {
			print_native_match(x, family, c, el);
			continue;
		}
		number = le32_to_cpu(((const struct fwload_img_el_ext *)el)->ext);
		if (!extension(x, family, c, rule, number))
			return false;
	}
	if (counters) {
		text_room(x, 64);
		text_lit(x, " -c ");
		text_u64(x, counters->packets);
		text_char(x, ' ');
		text_u64(x, counters->bytes);
	}
	return target(x, family, c, rule, el);
}

static void counter_pair(struct text *x, const struct fwload_counter_pair *pair)
{
	text_room(x, 64);
	text_char(x, '[');
	text_u64(x, pair->packets);
	text_char(x, ':');
	text_u64(x, pair->bytes);
	text_char(x, ']');
}

/*
 * How the chain is called where rules of it are printed: a string in @name. In the ":"
 * lines iptables-restore knows no quotes.
 */
static void name_chain(const struct print_how *how, const struct chain *c, struct buf *name)
{
	const char *written = how->restate ? restate_name(how->restate, c) : NULL;

	name->size = 0;
	if (!written)
		written = c->name;
	buf_add(name, written, strlen(written));
	if (how->restate && written == c->name)
		restate_escape(name, 0);
	buf_add(name, "", 1);
}

static void declaration(struct text *x, const struct print_how *how, const struct chain *c,
			const char *name)
{
	const char *policy = how->restate ? restate_policy(how->restate, c) : NULL;

	text_room(x, 1);
	text_char(x, ':');
	text_str(x, name);
	if (c->hook == FWLOAD_IMG_NO_HOOK)
		policy = "-";
	else if (!policy)
		policy = c->policy == FWLOAD_POLICY_DROP ? "DROP" : "ACCEPT";
	text_room(x, 1);
	text_char(x, ' ');
	text_str(x, policy);
	text_room(x, 1);
	text_char(x, ' ');
	counter_pair(x, &c->policy_counter);
	text_room(x, 1);
	text_char(x, '\n');
}

/* Say which rule @reason is about. */
static bool blame_rule(u32 number)
{
	char what[sizeof(reason)];

	memcpy(what, reason, sizeof(what));
	snprintf(reason, sizeof(reason), "rule %u of %.200s", number, what);
	return false;
}

/**
 * struct lines - the rules of a chain on their way to lines
 * @x: where they go
 * @how: how
 * @t: the table
 * @c: the chain
 * @name: how it is called
 * @plain: rules before this number are not printed as they were written
 * @records: of rules with the addresses of interfaces resolved
 */
struct lines {
	struct text *x;
	const struct print_how *how;
	struct table *t;
	const struct chain *c;
	const char *name;
	u32 plain;
	struct buf records;
};

/* Up to the chain, with the sum of the @n counters at @pair (NULL: zero). */
static void line_head(const struct lines *l, const struct fwload_counter_pair *pair, u32 n)
{
	struct fwload_counter_pair sum = { 0 };

	if (l->how->counters) {
		for (; pair && n--; pair++) {
			sum.packets += pair->packets;
			sum.bytes += pair->bytes;
		}
		counter_pair(l->x, &sum);
		text_room(l->x, 1);
		text_char(l->x, ' ');
	}
	text_room(l->x, 4);
	text_lit(l->x, "-A ");
	text_word(l->x, l->name, strlen(l->name));
}

static void line_end(const struct lines *l)
{
	text_room(l->x, 1);
	text_char(l->x, '\n');
}

/* A rule as it is. */
static bool plain_line(const struct lines *l, const struct fwload_img_rule *rule,
		       const struct fwload_counter_pair *pair)
{
	size_t start = 0;
	bool done;

	line_head(l, pair, 1);
	if (l->how->restate) {
		text_sync(l->x);
		start = l->x->buf->size;
	}
	done = rule_body(l->x, l->t->family, l->c, rule, NULL);
	if (done && l->how->restate) {
		text_sync(l->x);
		restate_escape(l->x->buf, start);
	}
	line_end(l);
	return done;
}

/* Rules that together do what @rule does, the counters at the first. */
static bool resolved_lines(struct lines *l, const struct fwload_img_rule *rule,
			   const struct fwload_counter_pair *pair)
{
	const char *why;
	bool done = true;
	u32 n;

	l->records.size = 0;
	why = resolve_rule(l->how->resolve, rule, &l->records, &n);
	if (why) {
		snprintf(reason, sizeof(reason), "chain %s: %s", l->c->name, why);
		return false;
	}
	if (!n)
		return plain_line(l, rule, pair);
	rule = (const void *)l->records.data;
	for (; done && n--; rule = rule_next(rule)) {
		done = plain_line(l, rule, pair);
		pair = NULL;
	}
	return done;
}

/* The line of rule @number as it was written, when its rules, *@n, are those that follow. */
static const char *written(struct lines *l, u32 number, const struct fwload_img_rule *rule,
			   u32 *n)
{
	const char *text;

	if (!l->how->restate || number < l->plain)
		return NULL;
	text = symbols_at(l->c, number, n);
	if (text && restate_line(l->how->restate, l->t, l->c, text, rule, *n))
		return text;
	l->plain = number + *n;
	return NULL;
}

static bool chain_rules(struct lines *l)
{
	const struct fwload_counter_pair *pairs = (const void *)l->c->counters.data;
	const struct fwload_img_rule *rule = (const void *)l->c->rules.data;
	const struct fwload_img_rule *end = (const void *)((const u8 *)rule + l->c->rules.size);
	u32 number = 0, n;

	l->plain = 0;
	while (rule < end) {
		const struct fwload_counter_pair *pair = pairs ? pairs + number : NULL;
		const char *text = written(l, number, rule, &n);
		bool done = true;

		if (text) {
			line_head(l, pair, n);
			text_room(l->x, 1);
			text_char(l->x, ' ');
			text_str(l->x, text);
			line_end(l);
		} else {
			n = 1;
			done = l->how->resolve ? resolved_lines(l, rule, pair) :
						 plain_line(l, rule, pair);
		}
		if (!done)
			return blame_rule(number + 1);
		for (number += n; n--;)
			rule = rule_next(rule);
	}
	return true;
}

const char *print_table(struct table *t, const struct print_how *how, struct buf *out)
{
	struct text x = { .buf = out };
	struct lines l = { .x = &x, .how = how, .t = t };
	struct buf name = { 0 };
	bool done = true;

	text_room(&x, 1);
	text_char(&x, '*');
	text_str(&x, fwload_image_table_names[t->type]);
	text_room(&x, 1);
	text_char(&x, '\n');
	for (u32 i = 0; i < t->n_chains; i++) {
		name_chain(how, t->chains[i], &name);
		declaration(&x, how, t->chains[i], (const char *)name.data);
	}
	for (u32 i = 0; done && i < t->n_chains; i++) {
		if (!t->chains[i]->n_rules)
			continue;
		l.c = t->chains[i];
		name_chain(how, l.c, &name);
		l.name = (const char *)name.data;
		done = chain_rules(&l);
	}
	text_room(&x, 8);
	text_lit(&x, "COMMIT\n");
	text_sync(&x);
	buf_free(&name);
	buf_free(&l.records);
	return done ? NULL : reason;
}

const char *print_rule(const struct table *t, const struct chain *c,
		       const struct fwload_img_rule *rule,
		       const struct fwload_counter_pair *counters, struct buf *out)
{
	struct text x = { .buf = out };
	bool done;

	text_room(&x, 4);
	text_lit(&x, "-A ");
	text_word(&x, c->name, strlen(c->name));
	done = rule_body(&x, t->family, c, rule, counters);
	text_sync(&x);
	return done ? NULL : reason;
}
