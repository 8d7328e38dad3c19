/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of the text of a chain, beside its rules: lines with variables, and the
 * definitions that they use. They go into the chain's body (linux/fwload_symbols.h), and
 * come back from there.
 *
 * A rule knows its line by a number, from 1; the rules that a line with lists makes
 * have the same.
 */
#ifndef FWIMG_SYMBOLS_H
#define FWIMG_SYMBOLS_H

#include "ruleset.h"
#include "vars.h"

/**
 * struct symbols - the symbols of a chain
 * @defs: definitions
 * @texts: texts of lines, NUL-terminated
 * @lines: array of struct symbols_line
 * @name: the name of the chain as it was written, or NULL
 * @policy: likewise its policy
 * @part: as they stand in the image, after symbols_build()
 */
struct symbols {
	struct vars defs;
	struct buf texts;
	struct buf lines;
	char *name;
	char *policy;
	struct buf part;
};

/**
 * struct symbols_line - a line
 * @text: where it starts in the texts
 * @n: how many rules it made
 */
struct symbols_line {
	u32 text;
	u32 n;
};

void symbols_free(struct chain *c);
/* @to has none, and takes those of @from. */
void symbols_move(struct chain *to, struct chain *from);

/* Can it be kept? No control characters but tabs, and FWLOAD_MAX_VAR_TEXT bytes at most. */
bool symbols_can(const char *text, size_t len);
/*
 * What follows takes @text for which symbols_can() is true, and the definitions that it
 * needs from @vars. The last @n rules of @c come from the line that has @text behind
 * "-A CHAIN":
 */
void symbols_add(struct chain *c, const char *text, size_t len, u32 n,
		 const struct vars *vars);
/* The name of @c was written as @text. */
void symbols_name(struct chain *c, const char *text, size_t len, const struct vars *vars);
/* Its policy was. */
void symbols_policy(struct chain *c, const char *text, size_t len, const struct vars *vars);

/* The line of rule @rule of @c, 0: none. */
static inline u32 symbols_line(const struct chain *c, u32 rule)
{
	return rule < c->groups.size / sizeof(u32) ? ((const u32 *)c->groups.data)[rule] : 0;
}

/*
 * The text of the line that rule @first of @c and those behind it, *@n in all, come from;
 * NULL: there is none, or rules of it are missing, and none of the *@n has a text.
 */
const char *symbols_at(const struct chain *c, u32 first, u32 *n);

/*
 * Make the part of the body; lines whose rules do not all stand together any more are left
 * out, and so are definitions that nothing needs.
 */
void symbols_build(struct chain *c);
static inline u32 symbols_size(const struct chain *c)
{
	return c->symbols ? (u32)c->symbols->part.size : 0;
}

struct fwload_img_symbols;
/* From a body of @c that was checked. */
void symbols_take(struct chain *c, const struct fwload_img_symbols *part);

#endif /* FWIMG_SYMBOLS_H */
