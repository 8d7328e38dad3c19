// SPDX-License-Identifier: GPL-2.0
/*
 * The validator's part for the symbols of a body, by which rules are printed with the
 * variables that they were written with. All that the kernel does is to keep them; but
 * what it gives out again must be what the format says, for those that read it.
 *
 * Every string is referred to once, in the order in which they stand, so that each byte is
 * looked at once, however often an image would like it.
 */
#include "check.h"
#include "vars.h"

/**
 * struct vars_check - symbols being checked
 * @text: the strings
 * @size: bytes of @text
 * @pos: where the next string starts
 */
struct vars_check {
	const char *text;
	u32 size;
	u32 pos;
};

/* The next string, which must be at @offset, of 1 (with @empty: 0) to @max bytes; or NULL. */
static const char *next_string(struct vars_check *c, u32 offset, u32 max, bool empty)
{
	const char *s;
	u32 n;

	if (offset != c->pos || offset >= c->size)
		return NULL;
	s = c->text + offset;
	/* The last byte of the text is NUL. */
	for (n = 0; s[n]; n++)
		if (n == max || ((u8)s[n] < ' ' && s[n] != '\t') || s[n] == 0x7f)
			return NULL;
	if (!n && !empty)
		return NULL;
	c->pos += n + 1;
	fwload_env_resched(s, s + n + 1);
	return s;
}

static bool is_name(const char *s)
{
	if (*s >= '0' && *s <= '9')
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9') || *s == '_'))
			return false;
	return true;
}

static const char *check_defs(struct vars_check *c, const struct fwload_img_def *def, u32 n,
			      const void **at)
{
	const char *last = NULL, *name;

	for (; n--; def++) {
		*at = def;
		name = next_string(c, le32_to_cpu(def->name), FWLOAD_MAX_VAR_NAME, false);
		if (!name || !is_name(name))
			return "not the name of a variable";
		if (last && strcmp(last, name) >= 0)
			return "variables are not sorted by name";
		if (!next_string(c, le32_to_cpu(def->value), FWLOAD_MAX_VAR_TEXT, true))
			return "not the value of a variable";
		last = name;
	}
	return NULL;
}

static const char *check_lines(struct vars_check *c, const struct fwload_img_line *line, u32 n,
			       u32 n_rules, const void **at)
{
	u64 end = 0;

	for (; n--; line++) {
		*at = line;
		if (le32_to_cpu(line->first) < end)
			return "two lines of symbols are about the same rule";
		end = (u64)le32_to_cpu(line->first) + le32_to_cpu(line->n);
		if (!line->n || end > n_rules)
			return "a line of symbols is about no rules of the chain";
		if (!next_string(c, le32_to_cpu(line->text), FWLOAD_MAX_VAR_TEXT, false))
			return "not the text of a line of symbols";
		if (line->pad)
			return "padding of a line of symbols is not zero";
	}
	return NULL;
}

const char *fwload_vars_check(const void *part, u32 size, u32 n_rules, const void **at)
{
	const struct fwload_img_symbols *h = part;
	const struct fwload_img_line *lines;
	const struct fwload_img_def *defs;
	struct vars_check c = { .pos = 1 };
	const char *reason;
	u64 head;

	*at = part;
	if (size < sizeof(*h))
		return "symbols are truncated";
	head = sizeof(*h) + (u64)le32_to_cpu(h->n_defs) * sizeof(*defs) +
	       (u64)le32_to_cpu(h->n_lines) * sizeof(*lines);
	c.size = le32_to_cpu(h->text_size);
	if (round_up8(head + c.size) != size)
		return "the parts of symbols do not add up to their size";
	if (h->pad)
		return "padding of symbols is not zero";
	if (!h->n_lines && !h->name && !h->policy)
		return "symbols of nothing";
	defs = (const void *)(h + 1);
	lines = (const void *)(defs + le32_to_cpu(h->n_defs));
	c.text = (const char *)part + head;
	*at = c.text;
	if (!c.size || c.text[0] || c.text[c.size - 1])
		return "the text of symbols does not begin and end with NUL";
	if (!is_zero(c.text + c.size, size - head - c.size))
		return "padding after symbols is not zero";
	if (h->name && !next_string(&c, le32_to_cpu(h->name), FWLOAD_MAX_VAR_TEXT, false))
		return "not the name of symbols";
	if (h->policy && !next_string(&c, le32_to_cpu(h->policy), FWLOAD_MAX_VAR_TEXT, false))
		return "not the policy of symbols";
	reason = check_defs(&c, defs, le32_to_cpu(h->n_defs), at);
	if (!reason)
		reason = check_lines(&c, lines, le32_to_cpu(h->n_lines), n_rules, at);
	if (reason)
		return reason;
	*at = c.text;
	return c.pos == c.size ? NULL : "text of symbols that nothing refers to";
}
