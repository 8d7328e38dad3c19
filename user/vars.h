/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Variables of a rule set: ${NAME} in its text stands for the value of NAME.
 *
 * A value is kept as it was written and may have ${OTHER} in it. What the command line says
 * goes before what a file of --vars says, and that before what the rule set defines.
 * $${NAME} is ${NAME} itself.
 */
#ifndef FWIMG_VARS_H
#define FWIMG_VARS_H

#include "../kmod/env.h"
#include "../uapi/linux/fwload.h"
#include "diag.h"

enum vars_from { VARS_TEXT, VARS_FILE, VARS_OPTION };

/**
 * struct var - a variable
 * @name: NUL-terminated, in the memory of the value
 * @value: likewise, as it was written
 * @from: enum vars_from
 * @used: vars_use() met it
 */
struct var {
	char *name;
	char *value;
	u8 from;
	bool used;
};

/**
 * struct vars - variables; all zero: none
 * @var: sorted by name, then those that count first
 * @n: their number
 * @room: for how many there is memory
 */
struct vars {
	struct var *var;
	u32 n;
	u32 room;
};

void vars_free(struct vars *v);
/* Forget those that come from @from. */
void vars_forget(struct vars *v, enum vars_from from);

/*
 * Bytes of the ${NAME} at @s, or 0 when there is none. @name_len: of NAME, at @s + 2.
 */
size_t vars_ref(const char *s, const char *end, size_t *name_len);
/* The first ${NAME} from @s on that is to be expanded, or NULL. */
const char *vars_next(const char *s, const char *end);

/* The one that counts, or NULL. */
struct var *vars_find(const struct vars *v, const char *name, size_t len);
/*
 * Add one. False when @from has given that name a value before; with @replace that value
 * is forgotten instead.
 */
bool vars_add(struct vars *v, const char *name, size_t len, const char *value,
	      size_t value_len, enum vars_from from, bool replace);

/* The variables that @text uses, and those that these use, are used. */
void vars_use(struct vars *v, const char *text, size_t len);
/* Take the definitions that @text needs from @from. */
void vars_take(struct vars *v, const struct vars *from, const char *text, size_t len);

/*
 * "NAME = VALUE" in the @len bytes at @s: the places of both, blanks around them taken
 * off. Returns NULL, or what is wrong, and then *@name is where.
 */
const char *vars_split(const char *s, size_t len, const char **name, size_t *name_len,
		       const char **value, size_t *value_len);

/* -D NAME=VALUE. False: an error was said. */
bool vars_option(struct vars *v, const char *arg);
/* --vars FILE: lines NAME = VALUE, "define" before them or not, and comments. */
bool vars_file(struct vars *v, const char *path);
/* Warn of -D that nothing used. */
void vars_unused(const struct vars *v);

#endif /* FWIMG_VARS_H */
