/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Appending text to a struct buf fast: numbers, addresses, words.
 *
 * A struct text is a cursor in the unused room of a buffer. Whoever appends asks for
 * enough room first, then writes without further checks. While a cursor is open nothing else
 * may append to the buffer; text_sync() makes the buffer whole in between and at
 * the end.
 */
#ifndef FWIMG_TEXT_H
#define FWIMG_TEXT_H

#include "ruleset.h"

/**
 * struct text - a cursor at the end of a buffer
 * @buf: the buffer
 * @p: where the next byte goes; NULL: no room asked for yet
 * @end: end of the room
 */
struct text {
	struct buf *buf;
	char *p;
	char *end;
};

/* The slow half of text_room(). Aborts with a message on ENOMEM, as buf_add() does. */
void text_more(struct text *t, size_t n);

/* There is room for @n more bytes after this. */
static inline void text_room(struct text *t, size_t n)
{
	if (unlikely((size_t)(t->end - t->p) < n))
		text_more(t, n);
}

/* The buffer holds all that was written. The cursor may be used further. */
static inline void text_sync(struct text *t)
{
	if (t->p)
		t->buf->size = t->p - (char *)t->buf->data;
	t->p = NULL;
	t->end = NULL;
}

/* These need the room asked for beforehand: */

static inline void text_mem(struct text *t, const char *s, size_t len)
{
	memcpy(t->p, s, len);
	t->p += len;
}

/* A string literal. */
#define text_lit(t, s)	text_mem(t, s, sizeof(s) - 1)

static inline void text_char(struct text *t, char c)
{
	*t->p++ = c;
}

/* Room: 20 bytes. */
void text_u64(struct text *t, u64 n);
/* Room: 5 bytes. */
void text_u16(struct text *t, u16 n);
/* As printf's 0x%x does. Room: 10 bytes. */
void text_hex(struct text *t, u32 n);
/* @addr: 4 bytes in network byte order. Room: 15 bytes. */
void text_ip4(struct text *t, const void *addr);
/* @addr: 16 bytes; the text is that of inet_ntop(). Room: 45 bytes. */
void text_ip6(struct text *t, const void *addr);

/* These ask for their room themselves: */

void text_str(struct text *t, const char *s);
/*
 * As xtables_save_string() does, without its leading space: in quotes, unless all of it
 * are letters, digits, '_' and '-'.
 */
void text_quoted(struct text *t, const char *s);
/*
 * A word that iptables-save prints as it is, in quotes where it would fall apart when it
 * is read again: empty, or with white space or a quote in it.
 */
void text_word(struct text *t, const char *s, size_t len);

#endif /* FWIMG_TEXT_H */
