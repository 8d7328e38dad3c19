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

/**
 * struct layout - the sizes of an image to be
 * @n_tables: tables
 * @n_chains: chains of all tables
 * @n_rules: rules of all chains
 * @n_sections: with LINES or without
 * @names: bytes of NAMES
 * @index: bytes before the first body
 * @size: bytes of the whole
 */
struct layout {
	u32 n_tables;
	u32 n_chains;
	u64 n_rules;
	u32 n_sections;
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

static u64 body_size(const struct chain *c)
{
	if (c->kept)
		return 0;
	return sizeof(struct fwload_img_body) +
	       (u64)n_refs(c) * sizeof(struct fwload_img_ref) + c->exts.size +
	       c->rules.size + c->payloads.size + round_up8(c->strings.size);
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

/* Sorts and numbers the chains on the way. Returns NULL, or the limit that is exceeded. */
static const char *lay_out(struct ruleset *rs, bool lines, struct layout *l)
{
	struct table *t = NULL;
	struct chain *c;
	u32 i;

	*l = (struct layout){ .names = 1, .n_sections = 3 + lines };
	while ((t = next_table(rs, t))) {
		table_sort(t);
		l->n_tables++;
		l->names += file_size(t);
		for (i = 0; i < t->n_chains; i++) {
			c = t->chains[i];
			c->number = l->n_chains++;
			l->names += strlen(c->name) + 1;
			l->n_rules += c->kept ? 0 : c->n_rules;
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
		   l->n_sections * sizeof(struct fwload_img_section) +
		   l->n_tables * sizeof(struct fwload_img_table) +
		   (u64)l->n_chains * sizeof(struct fwload_img_chain) +
		   round_up8(l->names) + (lines ? round_up8(l->n_rules * sizeof(__le32)) : 0);
	if (l->index > FWLOAD_MAX_INDEX)
		return "the index is too large";
	l->size += l->index;
	return l->size > FWLOAD_MAX_IMAGE ? "the image is too large" : NULL;
}

static void pad(struct buf *out)
{
	buf_add(out, NULL, round_up8(out->size) - out->size);
}

static void put_sections(const struct layout *l, struct buf *out)
{
	const u64 sizes[] = {
		l->n_tables * sizeof(struct fwload_img_table),
		(u64)l->n_chains * sizeof(struct fwload_img_chain),
		l->names,
		l->n_rules * sizeof(__le32),
	};
	u32 offset = sizeof(struct fwload_img_header) +
		     l->n_sections * sizeof(struct fwload_img_section), i;
	struct fwload_img_section s;

	for (i = 0; i < l->n_sections; i++) {
		s = (struct fwload_img_section){
			.type = cpu_to_le32(FWLOAD_IMG_SEC_TABLES + i),
			.offset = cpu_to_le32(offset),
			.size = cpu_to_le32(sizes[i]),
		};
		buf_add(out, &s, sizeof(s));
		offset += round_up8(sizes[i]);
	}
}

/* Tables, chains and names; the names stand in the order of tables and chains. */
static void put_tables(struct ruleset *rs, struct buf *out)
{
	struct fwload_img_table it;
	struct fwload_img_chain ic;
	struct table *t = NULL;
	u32 name = 1, first = 0, i;
	struct chain *c;

	while ((t = next_table(rs, t))) {
		it = (struct fwload_img_table){
			.family = t->family,
			.table = t->type,
			.first_chain = cpu_to_le32(first),
			.n_chains = cpu_to_le32(t->n_chains),
		};
		if (file_size(t))
			it.file = cpu_to_le32(name);
		name += file_size(t);
		for (i = 0; i < t->n_chains; i++)
			name += strlen(t->chains[i]->name) + 1;
		first += t->n_chains;
		buf_add(out, &it, sizeof(it));
	}

	name = 1;
	while ((t = next_table(rs, t))) {
		name += file_size(t);
		for (i = 0; i < t->n_chains; i++) {
			c = t->chains[i];
			ic = (struct fwload_img_chain){
				.name = cpu_to_le32(name),
				.hook = c->hook,
				.policy = c->policy,
				.flags = c->kept ? FWLOAD_IMG_C_KEPT : 0,
				.body_size = cpu_to_le32(body_size(c)),
				.n_rules = cpu_to_le32(c->kept ? 0 : c->n_rules),
				.id = cpu_to_le64(c->id),
			};
			name += strlen(c->name) + 1;
			buf_add(out, &ic, sizeof(ic));
		}
	}

	buf_add(out, NULL, 1);
	while ((t = next_table(rs, t))) {
		if (file_size(t))
			buf_add(out, t->file, file_size(t));
		for (i = 0; i < t->n_chains; i++)
			buf_add(out, t->chains[i]->name, strlen(t->chains[i]->name) + 1);
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
		for (i = 0; i < t->n_chains; i++) {
			c = t->chains[i];
			if (c->kept)
				continue;
			to = buf_add(out, NULL, c->n_rules * sizeof(*to));
			for (j = 0; j < c->n_rules && j < c->lines.size / sizeof(u32); j++)
				to[j] = cpu_to_le32(((u32 *)c->lines.data)[j]);
		}
	}
	pad(out);
}

static void put_body(const struct chain *c, struct buf *out)
{
	const struct ref *refs = (const struct ref *)c->refs.data;
	const struct fwload_img_body b = {
		.n_rules = cpu_to_le32(c->n_rules),
		.n_refs = cpu_to_le32(n_refs(c)),
		.n_exts = cpu_to_le32(c->exts.size / sizeof(struct fwload_img_ext)),
		.rules_size = cpu_to_le32(c->rules.size),
		.payloads_size = cpu_to_le32(c->payloads.size),
		.strings_size = cpu_to_le32(c->strings.size),
	};
	struct fwload_img_ref ref;
	u32 i;

	buf_add(out, &b, sizeof(b));
	for (i = 0; i < n_refs(c); i++) {
		ref.chain = cpu_to_le32(refs[i].chain->number);
		ref.uses = cpu_to_le32(refs[i].uses);
		buf_add(out, &ref, sizeof(ref));
	}
	buf_add(out, c->exts.data, c->exts.size);
	buf_add(out, c->rules.data, c->rules.size);
	buf_add(out, c->payloads.data, c->payloads.size);
	buf_add(out, c->strings.data, c->strings.size);
	pad(out);
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
	h->n_sections = cpu_to_le32(l->n_sections);
	h->n_rules = cpu_to_le32(l->n_rules);
	h->xxh64 = cpu_to_le64(xxh64(h + 1, out->size - sizeof(*h), 0));
}

const char *emit_image(struct ruleset *rs, bool lines, struct buf *out)
{
	struct fwload_image_error err;
	struct fwload_image img;
	struct table *t = NULL;
	struct layout l;
	u32 i;

	err.reason = lay_out(rs, lines, &l);
	if (err.reason)
		return err.reason;
	buf_reserve(out, l.size);
	buf_add(out, NULL, sizeof(struct fwload_img_header));
	put_sections(&l, out);
	put_tables(rs, out);
	if (lines)
		put_lines(rs, out);
	while ((t = next_table(rs, t)))
		for (i = 0; i < t->n_chains; i++)
			if (!t->chains[i]->kept)
				put_body(t->chains[i], out);
	put_header(&l, out);
	return fwload_image_check(out->data, out->size, &img, &err) ? err.reason : NULL;
}
