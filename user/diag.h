/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Diagnostics as a compiler gives them:
 *
 *	rules.v4:17:23: error: unknown match "conntrak", did you mean "conntrack"?
 *	-A INPUT -m conntrak --ctstate NEW -j ACCEPT
 *	            ^~~~~~~~
 */
#ifndef FWIMG_DIAG_H
#define FWIMG_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DIAG_MAX_ERRORS	20

enum diag_level { DIAG_WARNING, DIAG_ERROR };

/**
 * struct diag - the diagnostics of one input file
 * @out: where they go, stderr
 * @file: name of the input, "<stdin>" for standard input
 * @text: the whole input, to show lines from; may be NULL
 * @size: bytes of @text
 * @program: name and version to be said instead of @file and place, for what was given on
 *	the command line; or NULL
 * @errors: errors reported so far; beyond DIAG_MAX_ERRORS only "too many errors" once
 * @warnings: likewise; beyond DIAG_MAX_ERRORS they are only counted
 */
struct diag {
	FILE *out;
	const char *file;
	const char *program;
	const char *text;
	size_t size;
	unsigned int errors;
	unsigned int warnings;
};

/*
 * Counts, and says it on d->out, if there is one.
 * @line and @column from 1, in bytes; @len: bytes to underline. Column 0: no caret;
 * line 0: no place but the file. Control characters are shown as '?', tabs
 * as they are, lines longer than the terminal are cut around the caret.
 */
void diag_at(struct diag *d, enum diag_level level, unsigned int line,
	     unsigned int column, unsigned int len, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* No more than DIAG_MAX_ERRORS errors yet? The parser goes on while it holds. */
bool diag_more(const struct diag *d);

/* The name of @names nearest to @word (edit distance at most a third), or NULL. */
const char *diag_nearest(const char *word, size_t len, const char *const *names,
			 size_t n);

/*
 * @len bytes that may come from a hostile file: well-formed UTF-8 that is printable, and
 * tabs, as they are, and for every other byte a '?'.
 */
void diag_show(FILE *out, const char *s, size_t len);

/* "fwimg: error: ..." for what has no place in a file. */
void diag_die(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void diag_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* FWIMG_DIAG_H */
