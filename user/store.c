// SPDX-License-Identifier: GPL-2.0
/*
 * From a parsed rule to records in the buffers of its chain.
 *
 * A record is put together in one piece and then appended. Refs, extensions and strings of
 * a chain stand in the order in which its rules use them, so a rule that gets in before
 * others (-I) is appended like any other, and when the table is complete the chain is
 * written once more in the right order.
 */
#include "store.h"
#include "symbols.h"

/* More than a line of LEX_WORDS_MAX words can ask for. */
#define RECORD_MAX	(8 + 4 * sizeof(struct fwload_img_el_mask6) +			\
			 RULE_USES_MAX * sizeof(union native_el))

/* A record as it grows: a head and elements, each a multiple of 8 bytes. */
struct record {
	u32 size;
	u64 data[RECORD_MAX / 8 + 1];
};

static void *add(struct record *rec, const void *el, u32 size)
{
	void *place = (u8 *)rec->data + rec->size;

	memcpy(place, el, size);
	rec->size += size;
	return place;
}

/* The next slot for the addresses of an interface: the rules may come from the kernel. */
static u32 next_slot(struct chain *c)
{
	const u8 *at = c->rules.data, *end = at;

	if (!c->n_dyns && c->rules.size)
		end += c->rules.size;
	while (at < end) {
		const struct fwload_img_el *el;
		const struct fwload_img_rule *rule = (const void *)at;
		const u8 *next = at + le16_to_cpu(rule->size) * 8;

		for (at += sizeof(*rule); at < next; at += el->len * 8) {
			el = (const struct fwload_img_el *)at;
			if (el->type > FWLOAD_IMG_EL_DST)
				break;
			c->n_dyns += el_is_dyn(el);
		}
		at = next;
	}
	return c->n_dyns++;
}

/* The addresses of an interface. */
static void add_dyn(struct record *rec, struct chain *c, const struct addr_net *net,
		    bool invert, u8 type)
{
	struct fwload_img_el_dyn dyn = {
		.el.type = type,
		.el.len = sizeof(dyn) / 8,
		.el.flags = net->dyn | (invert ? FWLOAD_IMG_F_INV : 0),
		.el.arg = (u8)strlen(net->dev),
		.slot = cpu_to_le32(next_slot(c)),
	};

	memcpy(dyn.name, net->dev, sizeof(dyn.name));
	add(rec, &dyn, sizeof(dyn));
}

static void add_net(struct record *rec, const struct rule *r, struct chain *c,
		    const struct rule_nets *nets, u32 n, u8 type)
{
	const struct addr_net *net = &nets->net[n];
	int prefix = net->dyn ? 0 : addr_prefix(r->family, net);
	struct fwload_img_el el = {
		.type = type,
		.flags = nets->invert ? FWLOAD_IMG_F_INV : 0,
	};
	union {
		struct fwload_img_el el;
		struct fwload_img_el_addr4 addr4;
		struct fwload_img_el_addr6 addr6;
		struct fwload_img_el_mask4 mask4;
		struct fwload_img_el_mask6 mask6;
	} u;
	u32 size;

	if (net->dyn) {
		add_dyn(rec, c, net, nets->invert, type);
		return;
	}
	if (!prefix && !nets->invert)
		return;			/* any address */
	if (prefix < 0)
		el.flags |= FWLOAD_IMG_F_MASK;
	else
		el.arg = (u8)prefix;
	if (r->family == FWLOAD_FAMILY_IPV4 && prefix >= 0) {
		u.addr4.addr = net->addr[0];
		size = sizeof(u.addr4);
	} else if (r->family == FWLOAD_FAMILY_IPV4) {
		memset(&u, 0, sizeof(u.mask4));
		u.mask4.addr = net->addr[0];
		u.mask4.mask = net->mask[0];
		size = sizeof(u.mask4);
	} else {
		size = prefix >= 0 ? sizeof(u.addr6) : sizeof(u.mask6);
		memset(&u, 0, size);
		memcpy(u.addr6.addr, net->addr, sizeof(u.addr6.addr));
		if (prefix < 0)
			memcpy(u.mask6.mask, net->mask, sizeof(u.mask6.mask));
	}
	el.len = (u8)(size / 8);
	u.el = el;
	add(rec, &u, size);
}

static u32 add_ext(struct chain *c, const struct rule_use *use)
{
	const struct xt_payload *p = &use->payload;

	return chain_ext(c, p->name, p->revision, use->kind, p->data, p->size, p->sets,
			 p->n_sets);
}

static void add_use(struct record *rec, struct chain *c, const struct rule_use *use)
{
	union native_el *el;

	if (!use->native.native) {
		struct fwload_img_el_ext ext = {
			.el.type = FWLOAD_IMG_EL_EXT,
			.el.len = sizeof(ext) / 8,
			.ext = cpu_to_le32(add_ext(c, use)),
		};

		add(rec, &ext, sizeof(ext));
		return;
	}
	el = add(rec, &use->native.el, use->native.el.el.len * 8U);
	if (el->el.type == FWLOAD_IMG_EL_COMMENT)
		el->comment.text = cpu_to_le32(chain_string(c, use->native.text.s,
							    use->native.text.len));
}

/* The target's element, flag and number. */
static u32 add_target(struct record *rec, const struct rule *r, struct chain *c,
		      struct chain *to)
{
	u32 arg = 0;

	switch (r->target) {
	case FWLOAD_IMG_T_JUMP:
	case FWLOAD_IMG_T_GOTO:
		arg = chain_ref(c, to, r->target == FWLOAD_IMG_T_GOTO, r->lex->number,
				r->jump.column);
		break;
	case FWLOAD_IMG_T_EXT:
		arg = add_ext(c, &r->uses[r->target_use]);
		break;
	case FWLOAD_IMG_T_MARK:
	case FWLOAD_IMG_T_CONNMARK:
		add_use(rec, c, &r->uses[r->target_use]);
		break;
	}
	return (u32)r->target << FWLOAD_IMG_TARGET_SHIFT | arg;
}

static void add_counters(struct chain *c, const struct fwload_counter_pair *counters)
{
	size_t want = c->n_rules * sizeof(*counters);

	/* Rules before the first with counters have none. */
	if (c->counters.size < want)
		buf_add(&c->counters, NULL, want - c->counters.size);
	buf_add(&c->counters, counters, sizeof(*counters));
}

static void store_one(const struct rule *r, struct chain *c, struct chain *to, u32 src,
		      u32 dst, const struct fwload_counter_pair *counters)
{
	struct record rec;
	struct fwload_img_rule *head = (struct fwload_img_rule *)rec.data;
	const u32 no_origin = CHAIN_NO_ORIGIN;
	u32 line = r->lex->number;

	rec.size = sizeof(*head);
	head->proto = r->proto;
	head->flags = r->flags;
	if (r->src.n)
		add_net(&rec, r, c, &r->src, src, FWLOAD_IMG_EL_SRC);
	if (r->dst.n)
		add_net(&rec, r, c, &r->dst, dst, FWLOAD_IMG_EL_DST);
	if (r->in.el.type)
		add(&rec, &r->in, sizeof(r->in));
	if (r->out.el.type)
		add(&rec, &r->out, sizeof(r->out));
	for (u32 i = 0; i < r->n_uses; i++)
		if (r->uses[i].kind == FWLOAD_IMG_EXT_MATCH)
			add_use(&rec, c, &r->uses[i]);
	head->target = cpu_to_le32(add_target(&rec, r, c, to));
	if (r->target == FWLOAD_IMG_T_MARK || r->target == FWLOAD_IMG_T_CONNMARK)
		head->flags |= FWLOAD_IMG_R_TARGET_EL;
	head->size = cpu_to_le16((u16)(rec.size / 8));
	buf_add(&c->rules, rec.data, rec.size);
	buf_add(&c->lines, &line, sizeof(line));
	if (c->origins.size)
		buf_add(&c->origins, &no_origin, sizeof(no_origin));
	if (c->counters.size || (counters && (counters->packets | counters->bytes)))
		add_counters(c, counters ? counters : &(struct fwload_counter_pair){ 0 });
	c->n_rules++;
}

static size_t bytes_of(const struct chain *c)
{
	return c->exts.size + c->rules.size + c->payloads.size + c->strings.size;
}

/* The limit that is exceeded, or NULL; emit.c knows the rest of what there is to come. */
static const char *limit(const struct chain *c, const struct store_total *total)
{
	if (total->rules > FWLOAD_MAX_RULES)
		return "too many rules";
	if (bytes_of(c) > FWLOAD_MAX_BODY)
		return "the body of a chain is too large";
	return total->bytes > FWLOAD_MAX_IMAGE ? "the image is too large" : NULL;
}

static u32 n_nets(const struct rule_nets *nets)
{
	return nets->n ? nets->n : 1;
}

u32 store_count(const struct rule *r)
{
	return n_nets(&r->src) * n_nets(&r->dst);
}

const char *store_rule(const struct rule *r, struct table *t, struct chain *c,
		       const struct fwload_counter_pair *counters, struct store_total *total)
{
	u32 n = store_count(r), n_dst = n_nets(&r->dst);
	struct chain *to = r->to;
	const char *reason;

	if (!to && (r->target == FWLOAD_IMG_T_JUMP || r->target == FWLOAD_IMG_T_GOTO))
		to = table_chain(t, r->jump.s, r->jump.len);
	total->rules += n;
	reason = limit(c, total);
	for (u32 i = 0; i < n && !reason; i++) {
		size_t before = bytes_of(c);

		store_one(r, c, to, i / n_dst, i % n_dst, counters);
		total->bytes += bytes_of(c) - before;
		reason = limit(c, total);
	}
	return reason;
}

/* Number in @c of what was extension @ext of @old. */
static u32 move_ext(struct chain *c, const struct chain *old, u32 ext)
{
	const struct fwload_img_ext *e = (const struct fwload_img_ext *)old->exts.data + ext;
	const char *strings = (const char *)old->strings.data;
	const char *sets[3] = { NULL };
	const char *name = strings + le32_to_cpu(e->sets);

	for (u32 i = 0; i < e->n_sets; i++) {
		sets[i] = name;
		name += strlen(name) + 1;
	}
	return chain_ext(c, strings + le32_to_cpu(e->name), e->revision, e->kind,
			 old->payloads.data + le32_to_cpu(e->payload), le32_to_cpu(e->size),
			 sets, e->n_sets);
}

/* Number in @c of what was @ref of another chain, with one use more. */
static u32 move_ref(struct chain *c, const struct ref *ref)
{
	/* Which is found by its handle alone, in the list or in its hash. */
	struct chain unknown = { .live = true, .handle = ref->handle };
	bool is_goto = ref->uses & FWLOAD_IMG_REF_GOTO;
	u32 n;

	n = chain_ref(c, ref->chain ? ref->chain : &unknown, is_goto, ref->line, ref->column);
	if (!ref->chain) {
		struct ref *to = (struct ref *)c->refs.data + n;

		to->chain = NULL;
		to->handle = ref->handle;
	}
	return n;
}

/* Append record @from of @old to @c, with the numbers that its parts have there. */
static void move_rule(struct chain *c, const struct chain *old,
		      const struct fwload_img_rule *from)
{
	u32 units = le16_to_cpu(from->size);
	u32 offset = (u32)c->rules.size;
	struct fwload_img_rule *rule;
	u32 target, arg;

	buf_add(&c->rules, from, units * 8);
	for (u32 pos = 1; pos < units;) {
		u8 *place = c->rules.data + offset + pos * 8;
		union native_el *el = (union native_el *)place;

		if (el->el.type == FWLOAD_IMG_EL_COMMENT) {
			const char *text = (const char *)old->strings.data +
					   le32_to_cpu(el->comment.text);

			el->comment.text = cpu_to_le32(chain_string(c, text, strlen(text)));
		} else if (el->el.type == FWLOAD_IMG_EL_EXT) {
			struct fwload_img_el_ext *ext = (struct fwload_img_el_ext *)place;

			ext->ext = cpu_to_le32(move_ext(c, old, le32_to_cpu(ext->ext)));
		} else if (el_is_dyn(&el->el)) {
			((struct fwload_img_el_dyn *)place)->slot = cpu_to_le32(c->n_dyns++);
		}
		pos += el->el.len;
	}
	rule = (struct fwload_img_rule *)(c->rules.data + offset);
	target = le32_to_cpu(rule->target) >> FWLOAD_IMG_TARGET_SHIFT;
	arg = le32_to_cpu(rule->target) & FWLOAD_IMG_TARGET_ARG;
	if (target == FWLOAD_IMG_T_JUMP || target == FWLOAD_IMG_T_GOTO)
		arg = move_ref(c, (const struct ref *)old->refs.data + arg);
	else if (target == FWLOAD_IMG_T_EXT)
		arg = move_ext(c, old, arg);
	rule->target = cpu_to_le32(target << FWLOAD_IMG_TARGET_SHIFT | arg);
}

void store_reorder(struct chain *c, const u32 *order, u32 n)
{
	const struct fwload_counter_pair *counters = (const void *)c->counters.data;
	const u32 *lines = (const u32 *)c->lines.data;
	const u32 *origins = (const u32 *)c->origins.data;
	struct buf starts = { NULL };
	struct chain to = { .n_rules = 0 };
	size_t pos = 0;
	u32 line;

	while (pos < c->rules.size) {
		const struct fwload_img_rule *rule = (const void *)(c->rules.data + pos);

		buf_add(&starts, &pos, sizeof(pos));
		pos += le16_to_cpu(rule->size) * 8;
	}
	buf_reserve(&to.rules, c->rules.size);
	for (u32 i = 0; i < n; i++) {
		const size_t *start = (const size_t *)starts.data + order[i];

		move_rule(&to, c, (const struct fwload_img_rule *)(c->rules.data + *start));
		buf_add(&to.lines, &lines[order[i]], sizeof(lines[0]));
		if (counters)
			buf_add(&to.counters, &counters[order[i]], sizeof(counters[0]));
		if (origins)
			buf_add(&to.origins, &origins[order[i]], sizeof(origins[0]));
		line = symbols_line(c, order[i]);
		if (c->groups.size)
			buf_add(&to.groups, &line, sizeof(line));
		to.n_rules++;
	}
	buf_free(&starts);
	to.symbols = c->symbols;
	c->symbols = NULL;
	chain_clear(c);
	symbols_move(c, &to);
	c->n_rules = to.n_rules;
	c->n_dyns = to.n_dyns;
	c->refs = to.refs;
	c->ref_index = to.ref_index;
	c->exts = to.exts;
	c->rules = to.rules;
	c->payloads = to.payloads;
	c->strings = to.strings;
	c->lines = to.lines;
	c->counters = to.counters;
	c->origins = to.origins;
}

static const struct fwload_img_ext *ext_at(const struct chain *c, u32 n)
{
	return (const struct fwload_img_ext *)c->exts.data + n;
}

static bool ext_equal(const struct chain *a, u32 x, const struct chain *b, u32 y)
{
	const struct fwload_img_ext *e = ext_at(a, x), *f = ext_at(b, y);
	const char *s = (const char *)a->strings.data, *t = (const char *)b->strings.data;
	const char *set = s + le32_to_cpu(e->sets), *other = t + le32_to_cpu(f->sets);

	if (e->revision != f->revision || e->kind != f->kind || e->n_sets != f->n_sets ||
	    e->size != f->size ||
	    strcmp(s + le32_to_cpu(e->name), t + le32_to_cpu(f->name)))
		return false;
	if (e->size && memcmp(a->payloads.data + le32_to_cpu(e->payload),
			      b->payloads.data + le32_to_cpu(f->payload), le32_to_cpu(e->size)))
		return false;
	for (u32 i = 0; i < e->n_sets; i++) {
		if (strcmp(set, other))
			return false;
		set += strlen(set) + 1;
		other += strlen(other) + 1;
	}
	return true;
}

static bool ref_equal(const struct ref *r, const struct ref *s)
{
	u32 handle = r->chain ? r->chain->handle : r->handle;
	u32 other = s->chain ? s->chain->handle : s->handle;

	if (r->chain && s->chain)
		return r->chain == s->chain;
	/* A chain that is not in force has no handle. */
	if ((r->chain && !r->chain->live) || (s->chain && !s->chain->live))
		return false;
	return handle == other;
}

static bool target_equal(const struct chain *a, u32 x, const struct chain *b, u32 y)
{
	u32 type = x >> FWLOAD_IMG_TARGET_SHIFT;

	if (type != y >> FWLOAD_IMG_TARGET_SHIFT)
		return false;
	x &= FWLOAD_IMG_TARGET_ARG;
	y &= FWLOAD_IMG_TARGET_ARG;
	switch (type) {
	case FWLOAD_IMG_T_JUMP:
	case FWLOAD_IMG_T_GOTO:
		return ref_equal((const struct ref *)a->refs.data + x,
				 (const struct ref *)b->refs.data + y);
	case FWLOAD_IMG_T_EXT:
		return ext_equal(a, x, b, y);
	default:
		return true;
	}
}

static bool el_equal(const struct chain *a, const union native_el *x, const struct chain *b,
		     const union native_el *y)
{
	if (memcmp(&x->el, &y->el, sizeof(x->el)))
		return false;
	/* Slots are numbers in a chain. */
	if (el_is_dyn(&x->el)) {
		const struct fwload_img_el_dyn *d = (const void *)x, *e = (const void *)y;

		return !memcmp(d->name, e->name, sizeof(d->name));
	}
	if (x->el.type == FWLOAD_IMG_EL_COMMENT)
		return !strcmp((const char *)a->strings.data + le32_to_cpu(x->comment.text),
			       (const char *)b->strings.data + le32_to_cpu(y->comment.text));
	if (x->el.type == FWLOAD_IMG_EL_EXT)
		return ext_equal(a, le32_to_cpu(((const struct fwload_img_el_ext *)x)->ext),
				 b, le32_to_cpu(((const struct fwload_img_el_ext *)y)->ext));
	return !memcmp(x, y, x->el.len * 8);
}

bool store_equal(const struct chain *a, const struct fwload_img_rule *r, const struct chain *b,
		 const struct fwload_img_rule *s)
{
	const u8 *x = (const u8 *)(r + 1), *y = (const u8 *)(s + 1);
	const u8 *end = (const u8 *)r + le16_to_cpu(r->size) * 8;

	if (r->size != s->size || r->proto != s->proto || r->flags != s->flags ||
	    !target_equal(a, le32_to_cpu(r->target), b, le32_to_cpu(s->target)))
		return false;
	while (x < end) {
		const union native_el *el = (const union native_el *)x;

		if (!el_equal(a, el, b, (const union native_el *)y))
			return false;
		x += el->el.len * 8;
		y += el->el.len * 8;
	}
	return true;
}
