// SPDX-License-Identifier: GPL-2.0
/*
 * Lines and words: see lex.h.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>

#include "expand.h"

#define NUMBER_MAX	64	/* bytes of the longest number looked at */
#define MESSAGE_MAX	512

/* A byte in each byte of a word of the machine. */
#define EACH(byte)	(0x0101010101010101ULL * (byte))

static bool is_special(char c)
{
	return c == ' ' || c == '\t' || c == '"';
}

/*
 * The first blank or quote from @p on, or @end; the text goes on to @text_end. Eight
 * bytes at a time: a loop over bytes leaves at another one for each word, which no
 * branch predictor foresees. What is looked for is a byte up to '"', since hardly any
 * other is.
 */
static inline const char *plain_end(const char *p, const char *end, const char *text_end)
{
	while (text_end - p >= 8) {
		u64 v, low;

		memcpy(&v, p, sizeof(v));
		v = le64_to_cpu(v);
		/* The high bit of the lowest byte below '#', and perhaps of some above. */
		low = (v - EACH('#')) & ~v & EACH(0x80);
		if (!low) {
			p += 8;
			if (p >= end)
				return end;
			continue;
		}
		p += __builtin_ctzll(low) / 8;
		if (p >= end)
			return end;
		if (likely(is_special(*p)))
			return p;
		p++;
	}
	while (p < end && !is_special(*p))
		p++;
	return p;
}

void lex_begin(struct lex *l, const char *text, size_t size, struct diag *d)
{
	l->d = d;
	l->pos = text;
	l->end = text + size;
	l->line = text;
	l->len = 0;
	l->number = 0;
	l->n_words = 0;
	l->used = 0;
	l->vars = NULL;
	l->symbolic = false;
}

bool lex_line(struct lex *l)
{
	const char *lf;

	if (l->pos == l->end)
		return false;
	l->line = l->pos;
	lf = memchr(l->pos, '\n', (size_t)(l->end - l->pos));
	if (lf) {
		l->pos = lf + 1;
	} else {
		lf = l->end;
		l->pos = lf;
	}
	l->len = (size_t)(lf - l->line);
	if (l->len && lf[-1] == '\r')
		l->len--;
	l->number++;
	l->n_words = 0;
	l->used = 0;
	l->symbolic = false;
	return true;
}

/*
 * The word that starts at @start and has its first quote at @p. Returns what stands
 * behind it, or NULL after an error.
 */
static const char *quoted_word(struct lex *l, struct word *w, const char *start,
			       const char *p, const char *end)
{
	char *out = l->room + l->used;
	const char *open = p++;

	w->s = out;
	w->quoted = true;
	memcpy(out, start, (size_t)(open - start));
	out += open - start;
	while (p < end && *p != '"') {
		if (*p == '\\' && ++p == end)
			break;
		*out++ = *p++;
	}
	if (p == end) {
		struct word quote = {
			.column = (u32)(open - l->line) + 1,
			.width = (u32)(end - open),
		};

		lex_error(l, &quote, "this quote is not closed");
		return NULL;
	}
	w->len = (u32)(out - w->s);
	l->used += w->len;
	return p + 1;
}

bool lex_words(struct lex *l, size_t from)
{
	const char *end = l->line + l->len;
	const char *p = l->line + from;
	struct word *w = l->words;

	if (l->len > LEX_LINE_MAX)
		return lex_error(l, NULL, "a line of %zu bytes; %u is the most",
				 l->len, LEX_LINE_MAX);
	if (unlikely(expand_needed(l, p, (size_t)(end - p))))
		return expand_words(l, from);
	for (;;) {
		const char *start;

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == end)
			break;
		if (w == l->words + LEX_WORDS_MAX) {
			struct word rest = {
				.column = (u32)(p - l->line) + 1,
				.width = (u32)(end - p),
			};

			return lex_error(l, &rest, "more than %u words in a line",
					 LEX_WORDS_MAX);
		}
		start = p;
		p = plain_end(p, end, l->end);
		w->s = start;
		w->column = (u32)(start - l->line) + 1;
		w->quoted = false;
		w->expanded = false;
		w->len = (u32)(p - start);
		if (p < end && *p == '"') {
			p = quoted_word(l, w, start, p, end);
			if (!p)
				return false;
		}
		w->width = (u32)(p - start);
		if (w->len > LEX_WORD_MAX)
			return lex_error(l, w, "a word of %u bytes; %u is the most",
					 w->len, LEX_WORD_MAX);
		w++;
	}
	l->n_words = (u32)(w - l->words);
	return true;
}

bool lex_argv(struct lex *l, int argc, char **argv, char *text, struct diag *d)
{
	size_t size = 0;

	lex_begin(l, text, 0, d);
	l->number = 1;
	d->text = text;
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]);

		if (i == LEX_WORDS_MAX)
			return lex_error(l, NULL, "more than %u words", LEX_WORDS_MAX);
		if (len > LEX_WORD_MAX || size + len + 1 > LEX_LINE_MAX)
			return lex_error(l, NULL,
					 "a word of %zu bytes; %u is the most, and %u of all",
					 len, LEX_WORD_MAX, LEX_LINE_MAX);
		if (i)
			text[size++] = ' ';
		memcpy(text + size, argv[i], len);
		l->words[i] = (struct word){
			.s = text + size,
			.len = (u32)len,
			.column = (u32)size + 1,
			.width = (u32)len,
		};
		l->n_words++;
		size += len;
		l->len = size;
		d->size = size;
	}
	l->pos = text + size;
	l->end = l->pos;
	return true;
}

struct word lex_part(const struct word *w, u32 from, u32 len)
{
	struct word part = *w;

	part.s += from;
	part.len = len;
	if (w->len == w->width && !w->expanded) {
		part.column += from;
		part.width = len;
	}
	return part;
}

static void report(struct lex *l, enum diag_level level, const struct word *w,
		   const char *fmt, va_list args)
{
	char message[MESSAGE_MAX];

	vsnprintf(message, sizeof(message), fmt, args);
	diag_at(l->d, level, l->number, w ? w->column : 0, w ? w->width : 0,
		w && w->expanded ? "%s (it reads \"%.*s\")" : "%s", message,
		w ? (int)w->len : 0, w ? w->s : "");
}

bool lex_error(struct lex *l, const struct word *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(l, DIAG_ERROR, w, fmt, args);
	va_end(args);
	return false;
}

void lex_warning(struct lex *l, const struct word *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(l, DIAG_WARNING, w, fmt, args);
	va_end(args);
}

bool lex_number(const char *s, size_t len, u64 min, u64 max, u64 *value)
{
	char copy[NUMBER_MAX], *end;
	u64 v = 0;

	if (len && len < 10 && (s[0] != '0' || len == 1)) {
		size_t i;

		for (i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++)
			v = v * 10 + (u64)(s[i] - '0');
		if (i == len) {
			*value = v;
			return v >= min && v <= max;
		}
	}
	if (!len || len >= sizeof(copy))
		return false;
	memcpy(copy, s, len);
	copy[len] = '\0';
	for (s = copy; isspace((u8)*s); s++)
		;
	if (*s == '-')
		return false;
	errno = 0;
	v = strtoumax(copy, &end, 0);
	if (end == copy || *end || errno == ERANGE)
		return false;
	*value = v;
	return v >= min && v <= max;
}
