// SPDX-License-Identifier: GPL-2.0
/*
 * Where in an image an error lies, for people to read.
 *
 * Damage to the image itself is told by offset. What the kernel refuses is a rule that
 * somebody wrote: when the image knows the file and the line, that place is named and the
 * line shown, if the file still has it; else the rule is shown as save would print it.
 */
#include <stdio.h>

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
		diag_say("error: %s: text, not an image: compile it first, as in fwimg compile FILE | fwimg push",
			 in->name);
		return false;
	}
	if (!fwload_image_check(in->data, in->size, img, &err))
		return true;

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

/* Does line @line of @text name the chain? If not, the file has changed since. */
static bool line_names(const struct input *text, u32 line, const char *chain)
{
	const u8 *p = text->data, *end = p + text->size, *nl;

	while (line--) {
		nl = memchr(p, '\n', end - p);
		if (!line)
			return memmem(p, (nl ? nl : end) - p, chain, strlen(chain));
		if (!nl)
			return false;
		p = nl + 1;
	}
	return false;
}

/* Show the rule itself, as save prints it. */
static void show_rule(const struct input *in, const struct fwload_image *img, u32 chain,
		      u32 rule)
{
	const struct fwload_img_table *table = fwload_image_table(img, chain);
	struct ruleset *rs = decode_image(in->data, img);
	const struct table *t = &rs->tables[table->family][table->table];
	const struct chain *c = t->chains[chain - le32_to_cpu(table->first_chain)];
	const u8 *record = c->rules.data;
	struct buf text = {};

	while (rule--)
		record += 8 * le16_to_cpu(((const struct fwload_img_rule *)record)->size);
	if (!print_rule(t, c, (const void *)record, &text))
		diag_say("the rule is: %.*s", (int)text.size, (const char *)text.data);
	buf_free(&text);
	ruleset_free(rs);
}

void place_refused(const struct input *in, const struct fwload_image *img,
		   const struct fwload_error_place *place, const char *reason)
{
	const struct fwload_img_table *table;
	const struct fwload_img_chain *chain;
	struct diag d = { .out = stderr };
	struct input source = {};
	const char *name;
	u32 line;

	if (!place || place->chain >= img->n_chains) {
		diag_say("error: %s: %s", in->name, reason);
		return;
	}
	table = fwload_image_table(img, place->chain);
	chain = &img->chains[place->chain];
	name = chain_name(img, place->chain);
	if (place->rule >= le32_to_cpu(chain->n_rules)) {
		diag_say("error: %s: table %s, chain \"%s\": %s", in->name,
			 table_names[table->table], name, reason);
		return;
	}

	line = source_line(img, place->chain, place->rule);
	d.file = img->names + le32_to_cpu(table->file);
	if (!line || !*d.file) {
		diag_say("error: %s: table %s, chain \"%s\", rule %u: %s", in->name,
			 table_names[table->table], name, place->rule + 1, reason);
		show_rule(in, img, place->chain, place->rule);
		return;
	}
	if (input_try(&source, d.file) && line_names(&source, line, name)) {
		d.text = (const char *)source.data;
		d.size = source.size;
	}
	diag_at(&d, DIAG_ERROR, line, 0, 0, "%s", reason);
	if (!d.text)
		show_rule(in, img, place->chain, place->rule);
	input_free(&source);
}
