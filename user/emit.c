// SPDX-License-Identifier: GPL-2.0
/*
 * Rule set -> image.
 *
 * All sizes are worked out first, then the image is written once from front to back
 * into memory of that size; the header, which knows the checksum, comes last. Rules,
 * extensions, payloads and strings are copied as they are; only refs are translated,
 * from pointers to the numbers of chains.
 */
#include "../kmod/image.h"
#include "emit.h"
#include "plan.h"
#include "symbols.h"

/**
 * struct layout - the sizes of an image to be
 * @n_tables: tables
 * @n_chains: chains of all tables
 * @n_rules: rules of all chains
 * @n_counters: entries of COUNTERS
 * @lines: is there a section LINES?
 * @counters: is there a section COUNTERS?
 * @names: bytes of NAMES
 * @index: bytes before the first body
 * @size: bytes of the whole
 */
struct layout {
	u32 n_tables;
	u32 n_chains;
	u64 n_rules;
	u64 n_counters;
	bool lines;
	bool counters;
	u64 names;
	u64 index;
	u64 size;
};

static u64 round_up8(u64 size)
{
	return (size + 7) & ~7ULL;
}

static u32 n_refs(const struct chain *c)
{
	return c->refs.size / sizeof(struct ref);
}

static bool has_body(const struct chain *c)
{
	return !c->kept && !chain_is_gone(c);
}

static u64 body_size(const struct chain *c)
{
	if (!has_body(c))
		return 0;
	return sizeof(struct fwload_img_body) +
	       (u64)n_refs(c) * sizeof(struct fwload_img_ref) + c->exts.size +
	       c->rules.size + c->payloads.size + round_up8(c->strings.size) + c->plan.size +
	       symbols_size(c);
}

/* Bytes of the name of the file in NAMES, 0 without one. */
static u32 file_size(const struct table *t)
{
	return t->file && t->file[0] ? strlen(t->file) + 1 : 0;
}

/* The next table that is there, NULL after the last; NULL starts. */
static struct table *next_table(struct ruleset *rs, struct table *t)
{
	struct table *end = &rs->tables[0][0] + __FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX;

	for (t = t ? t + 1 : &rs->tables[0][0]; t < end; t++)
		if (t->present)
			return t;
	return NULL;
}

/* The next chain of @t that is in the image, from *@i on; NULL after the last. */
static struct chain *next_chain(const struct table *t, u32 *i)
{
	while (*i < t->n_chains) {
		struct chain *c = t->chains[(*i)++];

		if (chain_is_sent(t, c))
			return c;
	}
	return NULL;
}

static u32 n_sections(const struct layout *l)
{
	return 3 + l->lines + l->counters;
}

/* Sorts and numbers the chains on the way. Returns NULL, or the limit that is exceeded. */
static const char *lay_out(struct ruleset *rs, bool lines, struct layout *l)
{
	struct table *t = NULL;
	struct chain *c;
	u32 i;

	*l = (struct layout){ .names = 1, .lines = lines, .counters = rs->counters };
	while ((t = next_table(rs, t))) {
		table_sort(t);
		l->n_tables++;
		l->names += file_size(t);
		for (i = 0; (c = next_chain(t, &i));) {
			c->number = l->n_chains++;
			symbols_build(c);
			l->names += strlen(c->name) + 1;
			l->n_rules += has_body(c) ? c->n_rules : 0;
			l->n_counters += (has_body(c) ? c->n_rules : 0) +
					 (c->hook != FWLOAD_IMG_NO_HOOK);
			l->size += body_size(c);
			if (body_size(c) > FWLOAD_MAX_BODY)
				return "the body of a chain is too large";
		}
	}
	if (l->n_chains > FWLOAD_MAX_CHAINS)
		return "too many chains";
	if (l->n_rules > FWLOAD_MAX_RULES)
		return "too many rules";
	l->index = sizeof(struct fwload_img_header) +
		   n_sections(l) * sizeof(struct fwload_img_section) +
		   l->n_tables * sizeof(struct fwload_img_table) +
		   (u64)l->n_chains * sizeof(struct fwload_img_chain) +
		   round_up8(l->names) + (lines ? round_up8(l->n_rules * sizeof(__le32)) : 0) +
		   (l->counters ? l->n_counters * sizeof(struct fwload_img_counter) : 0);
	if (l->index > FWLOAD_MAX_INDEX)
		return "the index is too large";
	l->size += l->index;
	return l->size > FWLOAD_MAX_IMAGE ? "the image is too large" : NULL;
}

/* Plan the chains, which are within the limits. */
static void plan_chains(struct ruleset *rs)
{
	struct table *t = NULL;
	struct chain *c;
	u32 i;

	while ((t = next_table(rs, t)))
		for (i = 0; (c = next_chain(t, &i));)
			if (has_body(c))
				plan_chain(c, t->family);
}

static void pad(struct buf *out)
{
	buf_add(out, NULL, round_up8(out->size) - out->size);
}

static void put_sections(const struct layout *l, struct buf *out)
{
	const struct {
		bool there;
		u64 size;
	} sections[] = {
		{ true, l->n_tables * sizeof(struct fwload_img_table) },
		{ true, (u64)l->n_chains * sizeof(struct fwload_img_chain) },
		{ true, l->names },
		{ l->lines, l->n_rules * sizeof(__le32) },
		{ l->counters, l->n_counters * sizeof(struct fwload_img_counter) },
	};
	u32 offset = sizeof(struct fwload_img_header) +
		     n_sections(l) * sizeof(struct fwload_img_section), i;
	struct fwload_img_section s;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!sections[i].there)
			continue;
		s = (struct fwload_img_section){
			.type = cpu_to_le32(FWLOAD_IMG_SEC_TABLES + i),
			.offset = cpu_to_le32(offset),
			.size = cpu_to_le32(sections[i].size),
		};
		buf_add(out, &s, sizeof(s));
		offset += round_up8(sections[i].size);
	}
}

static void put_chain(const struct chain *c, u32 name, struct buf *out)
{
	struct fwload_img_chain ic = {
		.name = cpu_to_le32(name),
		.hook = c->hook,
		.policy = c->policy,
		.body_size = cpu_to_le32(body_size(c)),
		.n_rules = cpu_to_le32(has_body(c) ? c->n_rules : 0),
		.id = cpu_to_le64(has_body(c) ? 0 : c->id),
	};

	if (chain_is_gone(c))
		ic.flags = FWLOAD_IMG_C_GONE;
	else if (c->kept)
		ic.flags = FWLOAD_IMG_C_KEPT | (c->zero ? FWLOAD_IMG_C_ZERO : 0);
	buf_add(out, &ic, sizeof(ic));
}

/* Tables, chains and names; the names stand in the order of tables and chains. */
static void put_tables(struct ruleset *rs, struct buf *out)
{
	u32 name = 1, first = 0, n, i;
	struct fwload_img_table it;
	struct table *t = NULL;
	struct chain *c;

	while ((t = next_table(rs, t))) {
		it = (struct fwload_img_table){
			.family = t->family,
			.table = t->type,
			.flags = t->merge ? FWLOAD_IMG_TABLE_MERGE : 0,
			.first_chain = cpu_to_le32(first),
		};
		if (file_size(t))
			it.file = cpu_to_le32(name);
		name += file_size(t);
		for (n = 0, i = 0; (c = next_chain(t, &i)); n++)
			name += strlen(c->name) + 1;
		it.n_chains = cpu_to_le32(n);
		first += n;
		buf_add(out, &it, sizeof(it));
	}

	name = 1;
	while ((t = next_table(rs, t))) {
		name += file_size(t);
		for (i = 0; (c = next_chain(t, &i));) {
			put_chain(c, name, out);
			name += strlen(c->name) + 1;
		}
	}

	buf_add(out, NULL, 1);
	while ((t = next_table(rs, t))) {
		if (file_size(t))
			buf_add(out, t->file, file_size(t));
		for (i = 0; (c = next_chain(t, &i));)
			buf_add(out, c->name, strlen(c->name) + 1);
	}
	pad(out);
}

/* A line per rule, 0 where it is not known. */
static void put_lines(struct ruleset *rs, struct buf *out)
{
	struct table *t = NULL;
	struct chain *c;
	u32 i, j;
	__le32 *to;

	while ((t = next_table(rs, t))) {
		for (i = 0; (c = next_chain(t, &i));) {
			if (!has_body(c))
				continue;
			to = buf_add(out, NULL, c->n_rules * sizeof(*to));
			for (j = 0; j < c->n_rules && j < c->lines.size / sizeof(u32); j++)
				to[j] = cpu_to_le32(((u32 *)c->lines.data)[j]);
		}
	}
	pad(out);
}

static void put_counter(const struct chain *c, bool taken, u32 number,
			const struct fwload_counter_pair *value, struct buf *out)
{
	struct fwload_img_counter given = { 0 };

	if (taken) {
		given.packets = cpu_to_le64(FWLOAD_IMG_COUNTER_TAKEN);
		given.bytes = cpu_to_le64((u64)c->taken << 32 | number);
	} else if (value) {
		u64 packets = value->packets;

		/* The largest number is a word of the format: a count ends before it. */
		packets -= packets == FWLOAD_IMG_COUNTER_TAKEN;
		given.packets = cpu_to_le64(packets);
		given.bytes = cpu_to_le64(value->bytes);
	}
	buf_add(out, &given, sizeof(given));
}

static void put_counters(struct ruleset *rs, struct buf *out)
{
	struct table *t = NULL;
	struct chain *c;
	u32 i, j;

	while ((t = next_table(rs, t))) {
		for (i = 0; (c = next_chain(t, &i));) {
			const struct fwload_counter_pair *values = (const void *)c->counters.data;
			const u32 n_values = c->counters.size / sizeof(*values);
			const u32 *origins = (const u32 *)c->origins.data;

			for (j = 0; has_body(c) && j < c->n_rules; j++) {
				u32 origin = origins ? origins[j] : CHAIN_NO_ORIGIN;

				put_counter(c, origin != CHAIN_NO_ORIGIN, origin,
					    j < n_values ? &values[j] : NULL, out);
			}
			if (c->hook != FWLOAD_IMG_NO_HOOK)
				put_counter(c, c->policy_taken, c->n_live, &c->policy_counter,
					    out);
		}
	}
}

/* Chains in force are known by their handles, others by their numbers in the image. */
static u32 ref_number(const struct table *t, const struct ref *ref)
{
	if (!ref->chain)
		return ref->handle | FWLOAD_IMG_REF_HANDLE;
	if (t->merge && ref->chain->live)
		return ref->chain->handle | FWLOAD_IMG_REF_HANDLE;
	return ref->chain->number;
}

static void put_body(const struct table *t, const struct chain *c, struct buf *out)
{
	const struct ref *refs = (const struct ref *)c->refs.data;
	const struct fwload_img_body b = {
		.n_rules = cpu_to_le32(c->n_rules),
		.n_refs = cpu_to_le32(n_refs(c)),
		.n_exts = cpu_to_le32(c->exts.size / sizeof(struct fwload_img_ext)),
		.rules_size = cpu_to_le32(c->rules.size),
		.payloads_size = cpu_to_le32(c->payloads.size),
		.strings_size = cpu_to_le32(c->strings.size),
		.plan_size = cpu_to_le32(c->plan.size),
		.symbols_size = cpu_to_le32(symbols_size(c)),
	};
	struct fwload_img_ref ref;
	u32 i;

	buf_add(out, &b, sizeof(b));
	for (i = 0; i < n_refs(c); i++) {
		ref.chain = cpu_to_le32(ref_number(t, &refs[i]));
		ref.uses = cpu_to_le32(refs[i].uses);
		buf_add(out, &ref, sizeof(ref));
	}
	buf_add(out, c->exts.data, c->exts.size);
	buf_add(out, c->rules.data, c->rules.size);
	buf_add(out, c->payloads.data, c->payloads.size);
	buf_add(out, c->strings.data, c->strings.size);
	pad(out);
	buf_add(out, c->plan.data, c->plan.size);
	if (c->symbols)
		buf_add(out, c->symbols->part.data, c->symbols->part.size);
}

static void put_header(const struct layout *l, struct buf *out)
{
	struct fwload_img_header *h = (void *)out->data;

	memcpy(h->magic, FWLOAD_IMG_MAGIC, sizeof(h->magic));
	h->version = cpu_to_le16(FWLOAD_IMG_VERSION);
	h->byteorder = fwload_image_byteorder();
	h->wordsize = sizeof(long);
	h->size = cpu_to_le64(l->size);
	h->index_size = cpu_to_le32(l->index);
	h->n_sections = cpu_to_le32(n_sections(l));
	h->n_rules = cpu_to_le32(l->n_rules);
	h->xxh64 = cpu_to_le64(xxh64(h + 1, out->size - sizeof(*h), 0));
}

const char *emit_image(struct ruleset *rs, bool lines, struct buf *out)
{
	struct fwload_image_error err;
	struct fwload_image img;
	struct table *t = NULL;
	struct layout l;
	struct chain *c;
	u32 i;

	err.reason = lay_out(rs, lines, &l);
	if (!err.reason) {
		plan_chains(rs);
		err.reason = lay_out(rs, lines, &l);
	}
	if (err.reason)
		return err.reason;
	buf_reserve(out, l.size);
	buf_add(out, NULL, sizeof(struct fwload_img_header));
	put_sections(&l, out);
	put_tables(rs, out);
	if (lines)
		put_lines(rs, out);
	if (rs->counters)
		put_counters(rs, out);
	while ((t = next_table(rs, t)))
		for (i = 0; (c = next_chain(t, &i));)
			if (has_body(c))
				put_body(t, c, out);
	put_header(&l, out);
	return fwload_image_check(out->data, out->size, &img, &err) ? err.reason : NULL;
}
