/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The symbols of a chain: the variables that its rules were written with. They are the
 * last part of a body, symbols_size bytes:
 *
 *	struct fwload_img_symbols		24 bytes
 *	struct fwload_img_def[n_defs]		sorted by name, strictly
 *	struct fwload_img_line[n_lines]		ascending, not overlapping
 *	text					text_size bytes, then zeros up to 8
 *
 * The kernel keeps them for who saves the rules, and does not look at them else. The text is
 * NUL-terminated strings, the first empty. Each of the others is referred to once, and
 * they stand in this order: the name, the policy, name and value of each definition, the
 * lines. They have no control characters but tabs.
 */
#ifndef _UAPI_LINUX_FWLOAD_SYMBOLS_H
#define _UAPI_LINUX_FWLOAD_SYMBOLS_H

#include <linux/types.h>

#define FWLOAD_MAX_VAR_NAME	64	/* bytes of a variable's name */
#define FWLOAD_MAX_VAR_TEXT	10238	/* bytes of a value or a line */

/**
 * struct fwload_img_symbols - the head of the symbols
 * @n_defs: number of definitions
 * @n_lines: number of lines; with neither name nor policy at least 1
 * @name: in text: how the name of the chain was written, 0: as it is
 * @policy: in text: how its policy was written, 0: as it is
 * @text_size: bytes of the text
 * @pad: zero
 */
struct fwload_img_symbols {
	__le32	n_defs;
	__le32	n_lines;
	__le32	name;
	__le32	policy;
	__le32	text_size;
	__le32	pad;
};

/**
 * struct fwload_img_def - a variable
 * @name: in text: [A-Za-z_][A-Za-z0-9_]*, at most FWLOAD_MAX_VAR_NAME bytes
 * @value: in text: may have ${OTHER} in it
 */
struct fwload_img_def {
	__le32	name;
	__le32	value;
};

/**
 * struct fwload_img_line - a line of text, from which rules were made
 * @first: number of the first of them in the chain
 * @n: how many, at least 1
 * @text: in text: what followed "-A CHAIN", variables as they were written; not empty
 * @pad: zero
 */
struct fwload_img_line {
	__le32	first;
	__le32	n;
	__le32	text;
	__le32	pad;
};

#endif /* _UAPI_LINUX_FWLOAD_SYMBOLS_H */
