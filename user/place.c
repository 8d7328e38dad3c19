// SPDX-License-Identifier: GPL-2.0
/*
 * Where in an image an error lies, for people to read.
 *
 * Damage to the image itself is told by offset. What the kernel refuses is a rule that
 * somebody wrote: when the image knows the file and the line, that place is named and the
 * line shown, if the file still has it; else the rule is shown as save would print it.
 */
#include <stdio.h>

#include "../kmod/body.h"
#include "child.h"
#include "cmd.h"
#include "decode.h"
#include "diag.h"
#include "place.h"
#include "print.h"

/* Does it look as if the rules themselves were given? */
static bool is_text(const struct input *in)
{
	static const char starts[] = "*#:-[\n";

	return in->size && strchr(starts, in->data[0]) && !memchr(in->data, 0, in->size);
}

static const char *chain_name(const struct fwload_image *img, u32 chain)
{
	return img->names + le32_to_cpu(img->chains[chain].name);
}

/*
 * What a client changes of the rules in force is no rule set, and good for them only: a table
 * that is merged, or a chain that stays as it is, whose rules the image does not have.
 */
static bool is_rule_set(const struct input *in, const struct fwload_image *img)
{
	bool whole = true;

	for (u32 i = 0; i < img->n_tables; i++)
		whole &= !(img->tables[i].flags & FWLOAD_IMG_TABLE_MERGE);
	for (u32 i = 0; i < img->n_chains; i++)
		whole &= fwload_image_has_body(&img->chains[i]);
	if (!whole)
		diag_say("error: %s: changes of a rule set in force, not a rule set", in->name);
	return whole;
}

bool place_check(const struct input *in, struct fwload_image *img)
{
	const struct fwload_img_header *header = (const void *)in->data;
	struct fwload_image_error err;
	bool index_ok;

	if (!in->size) {
		diag_say("error: %s: empty, not an image", in->name);
		return false;
	}
	if (is_text(in)) {
		diag_say("error: %s: text, not an image: fwimg compile makes one of it",
			 in->name);
		return false;
	}
	if (!fwload_image_check(in->data, in->size, img, &err))
		return is_rule_set(in, img);

	index_ok = in->size >= sizeof(*header) &&
		   le32_to_cpu(header->index_size) <= in->size &&
		   !fwload_image_check_index(in->data, le32_to_cpu(header->index_size),
					     in->size, img, &(struct fwload_image_error){});
	if (!index_ok || err.chain >= img->n_chains)
		diag_say("error: %s: offset %llu: %s", in->name,
			 (unsigned long long)err.offset, err.reason);
	else if (err.rule == FWLOAD_NO_PLACE)
		diag_say("error: %s: offset %llu, chain \"%s\": %s", in->name,
			 (unsigned long long)err.offset, chain_name(img, err.chain), err.reason);
	else
		diag_say("error: %s: offset %llu, chain \"%s\", rule %u: %s", in->name,
			 (unsigned long long)err.offset, chain_name(img, err.chain),
			 err.rule + 1, err.reason);
	return false;
}

/* The line in the source of a rule, or 0. */
static u32 source_line(const struct fwload_image *img, u32 chain, u32 rule)
{
	u64 n = rule;

	if (!img->lines || rule >= le32_to_cpu(img->chains[chain].n_rules))
		return 0;
	for (u32 i = 0; i < chain; i++)
		n += le32_to_cpu(img->chains[i].n_rules);
	return le32_to_cpu(img->lines[n]);
}

/* The extension that the kernel blames, or NULL; its name is @strings + ext->name. */
static const struct fwload_img_ext *blamed_ext(const struct input *in,
					       const struct fwload_image *img,
					       const struct fwload_error_place *place,
					       const char **strings)
{
	struct fwload_body b;

	fwload_body_open(in->data + fwload_image_body_offset(img, place->chain), &b);
	*strings = b.strings;
	return place->ext < b.n_exts ? &b.exts[place->ext] : NULL;
}

/* What the kernel says, with the name of the extension and of the errno that it is about. */
static void describe(const struct genl_error *err, const struct fwload_img_ext *ext,
		     const char *name, char *text, size_t size)
{
	const char *errname = strerrorname_np(err->errnum);

	if (ext)
		snprintf(text, size, "%s \"%s\": %s (%s)",
			 ext->kind == FWLOAD_IMG_EXT_TARGET ? "target" : "match", name,
			 err->reason, errname ? errname : "unknown errno");
	else
		snprintf(text, size, "%s", err->reason);
}

/* Line number @line of @text; NULL when there is none. */
static const char *find_line(const struct input *text, u32 line, size_t *len)
{
	const u8 *p = text->data, *end = p + text->size, *nl;

	while (--line) {
		nl = memchr(p, '\n', end - p);
		if (!nl)
			return NULL;
		p = nl + 1;
	}
	nl = memchr(p, '\n', end - p);
	*len = (nl ? nl : end) - p;
	return (const char *)p;
}

/* The column at which the line takes @name into use, as in "-j NAME"; 0 when it does not. */
static u32 find_use(const char *line, size_t len, const char *name)
{
	static const char *const options[] = { "-m", "-j", "--match", "--jump" };
	const char *p = line, *end = line + len, *word = NULL, *last;
	size_t size = strlen(name), last_size, word_size = 0;

	while (p < end) {
		last = word;
		last_size = word_size;
		while (p < end && strchr(" \t\r", *p))
			p++;
		word = p;
		while (p < end && !strchr(" \t\r", *p))
			p++;
		word_size = p - word;
		if (!last || word_size != size || memcmp(word, name, size))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(options); i++)
			if (last_size == strlen(options[i]) &&
			    !memcmp(last, options[i], last_size))
				return word - line + 1;
	}
	return 0;
}

/**
 * struct shown - a rule to be shown
 * @in: the image
 * @img: likewise
 * @chain: number of its chain
 * @rule: its number in the chain
 */
struct shown {
	const struct input *in;
	const struct fwload_image *img;
	u32 chain;
	u32 rule;
};

/* Show the rule itself, as save prints it. */
static int show(void *arg)
{
	const struct shown *s = arg;
	const struct fwload_img_table *table = fwload_image_table(s->img, s->chain);
	struct ruleset *rs = decode_image(s->in->data, s->img);
	const struct table *t = &rs->tables[table->family][table->table];
	const struct chain *c = t->chains[s->chain - le32_to_cpu(table->first_chain)];
	const u8 *record = c->rules.data;
	struct buf text = {};

	for (u32 i = 0; i < s->rule; i++)
		record += 8 * le16_to_cpu(((const struct fwload_img_rule *)record)->size);
	if (!print_rule(t, c, (const void *)record, NULL, &text))
		diag_say("the rule is: %.*s", (int)text.size, (const char *)text.data);
	buf_free(&text);
	ruleset_free(rs);
	return EXIT_OK;
}

static void show_rule(const struct input *in, const struct fwload_image *img, u32 chain,
		      u32 rule)
{
	struct shown shown = { .in = in, .img = img, .chain = chain, .rule = rule };

	child_run(show, &shown, in->name);
}

void place_refused(const struct input *in, const struct fwload_image *img,
		   const struct genl_error *err)
{
	const struct fwload_error_place *place = &err->place;
	const struct fwload_img_table *table;
	const char *chain, *name, *text;
	const struct fwload_img_ext *ext;
	struct diag d = { .out = stderr };
	struct input source = {};
	char reason[512];
	u32 line, column = 0;
	size_t len;

	if (err->unloaded) {
		diag_say("error: %s", err->reason);
		return;
	}
	if (!err->has_place || place->chain >= img->n_chains) {
		diag_say("error: %s: %s", in->name, err->reason);
		return;
	}
	table = fwload_image_table(img, place->chain);
	chain = chain_name(img, place->chain);
	if (place->rule >= le32_to_cpu(img->chains[place->chain].n_rules)) {
		diag_say("error: %s: table %s, chain \"%s\": %s", in->name,
			 fwload_image_table_names[table->table], chain, err->reason);
		return;
	}

	ext = blamed_ext(in, img, place, &name);
	name += ext ? le32_to_cpu(ext->name) : 0;
	describe(err, ext, name, reason, sizeof(reason));
	line = source_line(img, place->chain, place->rule);
	d.file = img->names + le32_to_cpu(table->file);
	if (!line || !*d.file) {
		diag_say("error: %s: table %s, chain \"%s\", rule %u: %s", in->name,
			 fwload_image_table_names[table->table], chain, place->rule + 1, reason);
		show_rule(in, img, place->chain, place->rule);
		return;
	}
	/* A line that does not name the chain is another one: the file has changed. */
	if (input_try(&source, d.file)) {
		text = find_line(&source, line, &len);
		if (text && memmem(text, len, chain, strlen(chain))) {
			d.text = (const char *)source.data;
			d.size = source.size;
			column = ext ? find_use(text, len, name) : 0;
		}
	}
	diag_at(&d, DIAG_ERROR, line, column, ext ? strlen(name) : 0, "%s", reason);
	if (!d.text)
		show_rule(in, img, place->chain, place->rule);
	input_free(&source);
}
