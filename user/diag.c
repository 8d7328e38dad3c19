// SPDX-License-Identifier: GPL-2.0
/*
 * Diagnostics: file, line and column, the reason, the line itself and a caret.
 *
 * All of it may come from a hostile file: names, tokens, whole lines. So every byte on
 * its way to a terminal goes through diag_show(), which lets printable ASCII, tabs and
 * well-formed UTF-8 pass and makes everything else, escape sequences above all, a '?'.
 * A line that is wider than the terminal is cut to a window around the caret.
 *
 * Columns are counted in bytes, as editors' error parsers expect. The line and the row
 * of the caret below it go through the same widths, so that the caret stands right after
 * tabs and multi-byte characters.
 */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kmod/env.h"
#include "diag.h"

#define WIDTH_DEFAULT	120	/* columns when the output is no terminal */
#define WIDTH_MIN	40
#define MESSAGE_MAX	600	/* bytes of a message */
#define NAME_MAX_SHOWN	256	/* bytes of a file name */
#define WORD_MAX	64	/* longest word that diag_nearest() looks at */

/*
 * Bytes of the printable character at @s, of which @len bytes are there; 0 when it is to
 * be replaced. Overlong forms, surrogates and the C1 controls are not printable.
 */
static size_t printable(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	u32 code;
	size_t n;

	if (p[0] < 0x80)
		return isprint(p[0]) || p[0] == '\t';
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (len < n)
		return 0;
	code = p[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < 0xa0 || (n == 3 && code < 0x800) || (n == 4 && code < 0x10000) ||
	    (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
		return 0;
	/* Marks that turn the direction of the text around can make it lie. */
	if ((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0xfeff)
		return 0;
	return n;
}

void diag_show(FILE *out, const char *s, size_t len)
{
	while (len) {
		size_t n = printable(s, len);

		if (n)
			fwrite(s, 1, n, out);
		else
			fputc('?', out);
		n = n ? n : 1;
		s += n;
		len -= n;
	}
}

static void show_message(FILE *out, const char *fmt, va_list args)
{
	char text[MESSAGE_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, args);

	if (n < 0)
		return;
	if ((size_t)n < sizeof(text)) {
		diag_show(out, text, n);
	} else {
		diag_show(out, text, sizeof(text) - 1);
		fputs("...", out);
	}
}

static size_t width_of(FILE *out)
{
	struct winsize ws;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &ws) || !ws.ws_col)
		return WIDTH_DEFAULT;
	return ws.ws_col < WIDTH_MIN ? WIDTH_MIN : ws.ws_col;
}

/* Line number @line of the text, without its end; false when there is none. */
static bool find_line(const struct diag *d, unsigned int line, const char **start,
		      size_t *len)
{
	const char *p = d->text, *end, *nl;

	if (!p)
		return false;
	end = p + d->size;
	while (--line) {
		nl = memchr(p, '\n', end - p);
		if (!nl)
			return false;
		p = nl + 1;
	}
	if (p == end)
		return false;
	nl = memchr(p, '\n', end - p);
	*start = p;
	*len = (nl ? nl : end) - p;
	if (*len && p[*len - 1] == '\r')
		(*len)--;
	return true;
}

/* The first byte of the character that @s[@i] is in the middle of, if it is. */
static size_t char_start(const char *s, size_t i)
{
	size_t back = 0;

	while (back < 3 && i > back && ((unsigned char)s[i - back] & 0xc0) == 0x80)
		back++;
	return i - back;
}

static void show_line(const struct diag *d, const char *s, size_t len, size_t at,
		      size_t underline)
{
	size_t width = width_of(d->out) - 8, from = 0, to = len, i, n;

	if (len > width) {
		if (at > width / 2)
			from = at - width / 2;
		if (from > len - width)
			from = len - width;
		from = char_start(s, from);
		to = from + width < len ? char_start(s, from + width) : len;
	}
	fputs(from ? "..." : "", d->out);
	diag_show(d->out, s + from, to - from);
	fputs(to < len ? "...\n" : "\n", d->out);
	if (!underline)
		return;

	fputs(from ? "   " : "", d->out);
	for (i = from; i < at; i += n ? n : 1) {
		n = printable(s + i, at - i);
		fputc(s[i] == '\t' ? '\t' : ' ', d->out);
	}
	fputc('^', d->out);
	n = i < to ? printable(s + i, to - i) : 0;
	i += n ? n : 1;
	while (i < to && i < at + underline) {
		n = printable(s + i, to - i);
		fputc('~', d->out);
		i += n ? n : 1;
	}
	fputc('\n', d->out);
}

static void show_place(const struct diag *d, unsigned int line, unsigned int column)
{
	if (d->program) {
		fprintf(d->out, "%s: ", d->program);
		return;
	}
	diag_show(d->out, d->file, strnlen(d->file, NAME_MAX_SHOWN));
	if (line)
		fprintf(d->out, ":%u", line);
	if (line && column)
		fprintf(d->out, ":%u", column);
	fputs(": ", d->out);
}

void diag_at(struct diag *d, enum diag_level level, unsigned int line,
	     unsigned int column, unsigned int len, const char *fmt, ...)
{
	const char *start;
	va_list args;
	size_t size;

	if (level == DIAG_ERROR) {
		if (d->errors > DIAG_MAX_ERRORS)
			return;
		if (d->errors++ == DIAG_MAX_ERRORS && d->out) {
			diag_show(d->out, d->file, strnlen(d->file, NAME_MAX_SHOWN));
			fputs(": error: too many errors\n", d->out);
			return;
		}
	} else if (d->warnings++ >= DIAG_MAX_ERRORS) {
		return;
	}
	if (!d->out)
		return;

	show_place(d, line, column);
	if (!d->program)
		fputs(level == DIAG_ERROR ? "error: " : "warning: ", d->out);
	else if (level == DIAG_WARNING)
		fputs("Warning: ", d->out);
	va_start(args, fmt);
	show_message(d->out, fmt, args);
	va_end(args);
	fputc('\n', d->out);

	if (!line || !find_line(d, line, &start, &size))
		return;
	/* A caret one past the end says that something is missing there. */
	if (!column || column - 1 > size)
		show_line(d, start, size, 0, 0);
	else
		show_line(d, start, size, column - 1, len ? len : 1);
}

bool diag_more(const struct diag *d)
{
	return d->errors <= DIAG_MAX_ERRORS;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Edit distance of insertions, deletions, substitutions and swaps of neighbours
 * (Damerau's, each stretch edited once), upper and lower case alike.
 */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[3][WORD_MAX + 1];
	size_t *before = row[0], *last = row[1], *this = row[2], *spare;

	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		int ca = tolower((unsigned char)a[i - 1]);

		this[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int cb = tolower((unsigned char)b[j - 1]);

			this[j] = min3(last[j] + 1, this[j - 1] + 1,
				       last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 &&
			    ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) &&
			    before[j - 2] + 1 < this[j])
				this[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = this;
		this = spare;
	}
	return last[m];
}

const char *diag_nearest(const char *word, size_t len, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t best_distance = len / 3 + 1;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(names[i]), d;

		if (size > WORD_MAX)
			continue;
		d = distance(word, len, names[i], size);
		if (d < best_distance) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

static void say(const char *fmt, va_list args)
{
	fputs("fwimg: ", stderr);
	show_message(stderr, fmt, args);
	fputc('\n', stderr);
}

void diag_die(int status, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag_say("error: %s", text);
	exit(status);
}

void diag_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}
