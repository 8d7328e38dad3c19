// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols of chains: see symbols.h.
 */
#include <stdlib.h>

#include "symbols.h"

static struct symbols *get(struct chain *c)
{
	if (!c->symbols)
		c->symbols = calloc(1, sizeof(*c->symbols));
	if (!c->symbols)
		diag_die(EXIT_FAILURE, "out of memory");
	return c->symbols;
}

void symbols_free(struct chain *c)
{
	struct symbols *s = c->symbols;

	buf_free(&c->groups);
	if (!s)
		return;
	vars_free(&s->defs);
	buf_free(&s->texts);
	buf_free(&s->lines);
	buf_free(&s->part);
	free(s->name);
	free(s->policy);
	free(s);
	c->symbols = NULL;
}

void symbols_move(struct chain *to, struct chain *from)
{
	to->symbols = from->symbols;
	to->groups = from->groups;
	from->symbols = NULL;
	from->groups = (struct buf){ 0 };
}

bool symbols_can(const char *text, size_t len)
{
	if (len > FWLOAD_MAX_VAR_TEXT)
		return false;
	for (; len; len--, text++)
		if (((u8)*text < ' ' && *text != '\t') || *text == 0x7f)
			return false;
	return true;
}

/* A line, not yet of any rule. Returns its number. */
static u32 add_line(struct symbols *s, const char *text, size_t len, u32 n)
{
	struct symbols_line line = { .text = (u32)s->texts.size, .n = n };

	buf_add(&s->texts, text, len);
	buf_add(&s->texts, NULL, 1);
	buf_add(&s->lines, &line, sizeof(line));
	return (u32)(s->lines.size / sizeof(line));
}

/* @n rules of @c up to number @end come from a line. */
static void mark(struct chain *c, u32 end, u32 n, u32 line)
{
	size_t want = (size_t)end * sizeof(line);
	u32 *groups;

	if (c->groups.size < want)
		buf_add(&c->groups, NULL, want - c->groups.size);
	groups = (u32 *)c->groups.data + end - n;
	while (n--)
		*groups++ = line;
}

void symbols_add(struct chain *c, const char *text, size_t len, u32 n, const struct vars *vars)
{
	vars_take(&get(c)->defs, vars, text, len);
	mark(c, c->n_rules, n, add_line(c->symbols, text, len, n));
}

static char *copy(char *old, const char *text, size_t len)
{
	free(old);
	old = strndup(text, len);
	if (!old)
		diag_die(EXIT_FAILURE, "out of memory");
	return old;
}

void symbols_name(struct chain *c, const char *text, size_t len, const struct vars *vars)
{
	vars_take(&get(c)->defs, vars, text, len);
	c->symbols->name = copy(c->symbols->name, text, len);
}

void symbols_policy(struct chain *c, const char *text, size_t len, const struct vars *vars)
{
	vars_take(&get(c)->defs, vars, text, len);
	c->symbols->policy = copy(c->symbols->policy, text, len);
}

const char *symbols_at(const struct chain *c, u32 first, u32 *n)
{
	u32 line = symbols_line(c, first), i = first;
	const struct symbols_line *l;

	*n = 1;
	if (!line)
		return NULL;
	while (i < c->n_rules && symbols_line(c, i) == line)
		i++;
	*n = i - first;
	l = (const struct symbols_line *)c->symbols->lines.data + line - 1;
	return *n == l->n ? (const char *)c->symbols->texts.data + l->text : NULL;
}

static u32 string(struct buf *text, const char *s)
{
	u32 offset = (u32)text->size;

	buf_add(text, s, strlen(s) + 1);
	return offset;
}

/* The definitions that @text (or NULL) needs go into the image. */
static void use(struct symbols *s, const char *text)
{
	if (text)
		vars_use(&s->defs, text, strlen(text));
}

void symbols_build(struct chain *c)
{
	struct fwload_img_symbols head = { 0 };
	struct buf text = { 0 }, lines = { 0 };
	struct symbols *s = c->symbols;
	u32 n_lines = 0, n_defs = 0, n;

	if (!s)
		return;
	buf_free(&s->part);
	for (u32 i = 0; i < s->defs.n; i++)
		s->defs.var[i].used = false;
	use(s, s->name);
	use(s, s->policy);
	for (u32 i = 0; i < c->n_rules; i += n) {
		const char *line = symbols_at(c, i, &n);
		struct fwload_img_line put = { .first = cpu_to_le32(i) };

		if (!line)
			continue;
		use(s, line);
		put.n = cpu_to_le32(n);
		put.text = cpu_to_le32((u32)(line - (const char *)s->texts.data));
		buf_add(&lines, &put, sizeof(put));
		n_lines++;
	}
	if (!n_lines && !s->name && !s->policy)
		return;
	buf_add(&text, NULL, 1);
	if (s->name)
		head.name = cpu_to_le32(string(&text, s->name));
	if (s->policy)
		head.policy = cpu_to_le32(string(&text, s->policy));
	buf_add(&s->part, &head, sizeof(head));
	for (u32 i = 0; i < s->defs.n; i++) {
		struct fwload_img_def def;

		if (!s->defs.var[i].used)
			continue;
		n_defs++;
		def.name = cpu_to_le32(string(&text, s->defs.var[i].name));
		def.value = cpu_to_le32(string(&text, s->defs.var[i].value));
		buf_add(&s->part, &def, sizeof(def));
	}
	for (u32 i = 0; i < n_lines; i++) {
		struct fwload_img_line *line = (struct fwload_img_line *)lines.data + i;

		line->text = cpu_to_le32(string(&text, (const char *)s->texts.data +
							le32_to_cpu(line->text)));
	}
	buf_add(&s->part, lines.data, lines.size);
	head.n_defs = cpu_to_le32(n_defs);
	head.n_lines = cpu_to_le32(n_lines);
	head.text_size = cpu_to_le32((u32)text.size);
	memcpy(s->part.data, &head, sizeof(head));
	buf_add(&s->part, text.data, text.size);
	buf_add(&s->part, NULL, -s->part.size & 7);
	buf_free(&text);
	buf_free(&lines);
}

void symbols_take(struct chain *c, const struct fwload_img_symbols *part)
{
	const struct fwload_img_def *defs = (const void *)(part + 1);
	u32 n_defs = le32_to_cpu(part->n_defs), n_lines = le32_to_cpu(part->n_lines);
	const struct fwload_img_line *lines = (const void *)(defs + n_defs);
	const char *text = (const char *)(lines + n_lines), *s;
	struct vars none = { 0 };

	for (u32 i = 0; i < n_defs; i++) {
		s = text + le32_to_cpu(defs[i].name);
		vars_add(&get(c)->defs, s, strlen(s), text + le32_to_cpu(defs[i].value),
			 strlen(text + le32_to_cpu(defs[i].value)), VARS_TEXT, true);
	}
	for (u32 i = 0; i < n_lines; i++) {
		u32 n = le32_to_cpu(lines[i].n);

		s = text + le32_to_cpu(lines[i].text);
		mark(c, le32_to_cpu(lines[i].first) + n, n, add_line(get(c), s, strlen(s), n));
	}
	s = text + le32_to_cpu(part->name);
	if (*s)
		symbols_name(c, s, strlen(s), &none);
	s = text + le32_to_cpu(part->policy);
	if (*s)
		symbols_policy(c, s, strlen(s), &none);
}
