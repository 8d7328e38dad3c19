// SPDX-License-Identifier: GPL-2.0
/*
 * Image -> rule set: the inverse of emit.c. All parts are copied; refs become pointers
 * again.
 */
#include "../kmod/body.h"
#include "decode.h"
#include "symbols.h"

static struct chain *chain_at(const struct ruleset *rs, const struct fwload_image *img,
			      u32 number)
{
	const struct fwload_img_table *it = fwload_image_table(img, number);

	return rs->tables[it->family][it->table].chains[number - le32_to_cpu(it->first_chain)];
}

static void add_chains(struct ruleset *rs, const struct fwload_image *img,
		       const struct fwload_img_table *it)
{
	struct table *t = ruleset_table(rs, it->family, it->table);
	const struct fwload_img_chain *ic = img->chains + le32_to_cpu(it->first_chain);
	const char *name;
	struct chain *c;
	u32 i;

	for (i = 0; i < le32_to_cpu(it->n_chains); i++, ic++) {
		name = img->names + le32_to_cpu(ic->name);
		c = table_chain(t, name, strlen(name));
		c->hook = ic->hook;
		c->policy = ic->policy;
		c->declared = true;
		c->kept = ic->flags & FWLOAD_IMG_C_KEPT;
		c->id = le64_to_cpu(ic->id);
		c->number = le32_to_cpu(it->first_chain) + i;
	}
}

static void add_body(struct chain *c, const void *body, const struct ruleset *rs,
		     const struct fwload_image *img)
{
	struct fwload_body b;
	struct ref ref = { 0 };
	u32 i;

	fwload_body_open(body, &b);
	c->n_rules = b.n_rules;
	for (i = 0; i < b.n_refs; i++) {
		ref.chain = chain_at(rs, img, le32_to_cpu(b.refs[i].chain));
		ref.uses = le32_to_cpu(b.refs[i].uses);
		buf_add(&c->refs, &ref, sizeof(ref));
	}
	buf_add(&c->exts, b.exts, b.n_exts * sizeof(*b.exts));
	buf_add(&c->rules, b.rules, b.rules_size);
	buf_add(&c->payloads, b.payloads, b.payloads_size);
	buf_add(&c->strings, b.strings, b.strings_size);
	if (b.symbols)
		symbols_take(c, b.symbols);
}

static void add_lines(struct chain *c, const __le32 *lines)
{
	u32 *to = buf_add(&c->lines, NULL, c->n_rules * sizeof(*to)), i;

	for (i = 0; i < c->n_rules; i++)
		to[i] = le32_to_cpu(lines[i]);
}

/* The files that tables name, one after another in @rs->files. */
static void add_files(struct ruleset *rs, const struct fwload_image *img)
{
	const struct fwload_img_table *it = img->tables;
	struct buf files = { 0 };
	const char *name;
	size_t at = 0;
	u32 i;

	for (i = 0; i < img->n_tables; i++) {
		name = img->names + le32_to_cpu(it[i].file);
		if (it[i].file)
			buf_add(&files, name, strlen(name) + 1);
	}
	rs->files = (char *)files.data;
	for (i = 0; i < img->n_tables; i++) {
		if (!it[i].file)
			continue;
		rs->tables[it[i].family][it[i].table].file = rs->files + at;
		at += strlen(rs->files + at) + 1;
	}
}

struct ruleset *decode_image(const void *data, const struct fwload_image *img)
{
	struct ruleset *rs = ruleset_new();
	u64 offset = img->index_size;
	u32 i, rule = 0;
	struct chain *c;

	for (i = 0; i < img->n_tables; i++)
		add_chains(rs, img, &img->tables[i]);
	add_files(rs, img);
	for (i = 0; i < img->n_chains; i++) {
		c = chain_at(rs, img, i);
		if (!fwload_image_has_body(&img->chains[i]))
			continue;
		add_body(c, (const u8 *)data + offset, rs, img);
		if (img->lines)
			add_lines(c, img->lines + rule);
		offset += le32_to_cpu(img->chains[i].body_size);
		rule += c->n_rules;
	}
	return rs;
}
