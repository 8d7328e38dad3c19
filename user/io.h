/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_IO_H
#define FWIMG_IO_H

#include <stddef.h>

#include "ruleset.h"

/**
 * struct input - a file that was read
 * @name: for messages: the path, or "<stdin>"
 * @data: its bytes, aligned to 16; not NULL even when there are none
 * @size: number of them
 */
struct input {
	const char *name;
	u8 *data;
	size_t size;
};

/*
 * Read all of @path; NULL or "-" is standard input. A file of more than 2 GiB, the largest
 * image, is refused. Ends the program with a message when it cannot be read.
 */
void input_read(struct input *in, const char *path);
/* A regular file that may be missing: returns false then, without a message. */
bool input_try(struct input *in, const char *path);
void input_free(struct input *in);

/*
 * Write @b to @path, or to standard output when it is NULL or "-". A regular file is
 * replaced as a whole or left as it is. Ends the program with a message on failure.
 */
void output_write(const char *path, const struct buf *b);
/* Would output_write(@path) write over the regular file that input_read(@input) reads? */
bool output_is_input(const char *path, const char *input);
/* Would output_write() write to a terminal? */
bool output_is_terminal(const char *path);

#endif /* FWIMG_IO_H */
