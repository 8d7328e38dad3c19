/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options of iptables: its own, and those of the matches and targets that a rule uses,
 * looked up as getopt_long() does in the list that iptables merges of them.
 */
#ifndef FWIMG_OPTION_H
#define FWIMG_OPTION_H

#include "native.h"
#include "xt.h"

#define OPTION_SETS_MAX	(LEX_WORDS_MAX + 1)

/* struct option_base.args */
enum option_args {
	OPTION_UNKNOWN = 0,
	OPTION_NO_ARG,
	OPTION_ARG,
	OPTION_MAY_ARG,		/* only as --option=ARG or -oARG */
};

/**
 * struct option_base - an option of iptables itself
 * @name: long name, without the dashes
 * @len: bytes of @name
 * @letter: its short name, which identifies it
 * @args: enum option_args
 */
struct option_base {
	const char *name;
	u8 len;
	char letter;
	u8 args;
};

/* struct option_short.given: options that are given once at most */
enum {
	OPTION_SRC = 1 << 0,
	OPTION_DST = 1 << 1,
	OPTION_PROTO = 1 << 2,
	OPTION_JUMP = 1 << 3,
	OPTION_IN = 1 << 4,
	OPTION_OUT = 1 << 5,
	OPTION_FRAG = 1 << 6,
	OPTION_COUNTERS = 1 << 7,
	OPTION_NUMERIC = 1 << 8,
	OPTION_EXACT = 1 << 9,
	OPTION_LINES = 1 << 10,
};

/**
 * struct option_short - an option of iptables by its letter
 * @args: enum option_args of -letter
 * @command: it is a command
 * @invert: it may have a ! before it
 * @given: OPTION_SRC etc., or 0
 */
struct option_short {
	u8 args;
	bool command;
	bool invert;
	u16 given;
};

/**
 * struct option_set - the options of a match or target that a rule uses
 * @name: of the match or target
 * @len: bytes of @name
 * @kind: enum fwload_img_ext_kind
 * @native: where its options are, or
 * @xt: where they are, ended by a NULL name
 * @use: number of the use that they belong to: the last one of that name
 */
struct option_set {
	const char *name;
	u8 len;
	u8 kind;
	const struct native *native;
	const struct xt_option *xt;
	u32 use;
};

/* All sets of a rule, in the order in which they came. */
struct option_sets {
	u32 n;
	struct option_set set[OPTION_SETS_MAX];
};

enum option_result {
	OPTION_IS_BASE,
	OPTION_IS_NATIVE,
	OPTION_IS_XT,
	OPTION_IS_NONE,
	OPTION_IS_AMBIGUOUS,
};

/**
 * struct option_found - what a long option is
 * @result: which of the others is set
 * @set: whose option it is
 * @base: OPTION_IS_BASE
 * @native: OPTION_IS_NATIVE
 * @xt: OPTION_IS_XT
 * @names: OPTION_IS_AMBIGUOUS: two that it may be
 */
struct option_found {
	enum option_result result;
	const struct option_set *set;
	const struct option_base *base;
	const struct native_option *native;
	const struct xt_option *xt;
	const char *names[2];
};

extern const struct option_short option_shorts[128];

static inline const struct option_short *option_short(char letter)
{
	return &option_shorts[(u8)letter < ARRAY_SIZE(option_shorts) ? (u8)letter : 0];
}

/* Look --@name up: the exact name first, then what it is the only abbreviation of. */
void option_find(const struct option_sets *sets, u8 family, const char *name, size_t len,
		 struct option_found *found);
/* The option whose name is nearest to @name, or NULL. */
const char *option_nearest(const struct option_sets *sets, u8 family, const char *name,
			   size_t len);

#endif /* FWIMG_OPTION_H */
