// SPDX-License-Identifier: GPL-2.0
/*
 * Appending text to a struct buf: see text.h.
 *
 * printf() takes longer to find out what to do than doing it takes; a million rules are
 * tens of millions of small pieces.
 */
#include "text.h"

#define TEXT_CHUNK	(64 << 10)

void text_more(struct text *t, size_t n)
{
	struct buf *b = t->buf;

	text_sync(t);
	if (b->room - b->size < n) {
		n += TEXT_CHUNK;
		buf_add(b, NULL, n);
		b->size -= n;
	}
	t->p = (char *)b->data + b->size;
	t->end = (char *)b->data + b->room;
}

void text_u64(struct text *t, u64 n)
{
	char digits[20];
	unsigned int i = sizeof(digits);

	do {
		digits[--i] = '0' + n % 10;
		n /= 10;
	} while (n);
	text_mem(t, digits + i, sizeof(digits) - i);
}

void text_u16(struct text *t, u16 n)
{
	if (n >= 10000)
		text_char(t, '0' + n / 10000);
	if (n >= 1000)
		text_char(t, '0' + n / 1000 % 10);
	if (n >= 100)
		text_char(t, '0' + n / 100 % 10);
	if (n >= 10)
		text_char(t, '0' + n / 10 % 10);
	text_char(t, '0' + n % 10);
}

static void hex_digits(struct text *t, u32 n)
{
	int shift = 28;

	while (shift && !(n >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		text_char(t, "0123456789abcdef"[n >> shift & 15]);
}

void text_hex(struct text *t, u32 n)
{
	text_lit(t, "0x");
	hex_digits(t, n);
}

void text_ip4(struct text *t, const void *addr)
{
	const u8 *a = addr;
	int i;

	for (i = 0; i < 4; i++) {
		if (i)
			text_char(t, '.');
		if (a[i] >= 100)
			text_char(t, '0' + a[i] / 100);
		if (a[i] >= 10)
			text_char(t, '0' + a[i] / 10 % 10);
		text_char(t, '0' + a[i] % 10);
	}
}

/*
 * The longest run of two or more zero groups, the first of equals, becomes "::". With
 * six leading zero groups, or five and ffff, the last two groups are an IPv4
 * address (glibc's inet_ntop).
 */
void text_ip6(struct text *t, const void *addr)
{
	const u8 *a = addr;
	int best = -1, best_len = 1, i, j;

	for (i = 0; i < 8; i = j + 1) {
		for (j = i; j < 8 && !a[2 * j] && !a[2 * j + 1]; j++)
			;
		if (j - i > best_len) {
			best = i;
			best_len = j - i;
		}
	}
	for (i = 0; i < 8; i++) {
		if (i == best) {
			text_lit(t, "::");
			i += best_len - 1;
			continue;
		}
		if (i && i != best + best_len)
			text_char(t, ':');
		if (i == 6 && !best &&
		    (best_len == 6 || (best_len == 5 && a[10] == 0xff && a[11] == 0xff))) {
			text_ip4(t, a + 12);
			return;
		}
		hex_digits(t, (u32)a[2 * i] << 8 | a[2 * i + 1]);
	}
}

void text_str(struct text *t, const char *s)
{
	size_t len = strlen(s);

	text_room(t, len);
	text_mem(t, s, len);
}

static void in_quotes(struct text *t, const char *s, size_t len)
{
	size_t i;

	text_room(t, 2 * len + 2);
	text_char(t, '"');
	for (i = 0; i < len; i++) {
		if (s[i] == '"' || s[i] == '\\' || s[i] == '\'')
			text_char(t, '\\');
		text_char(t, s[i]);
	}
	text_char(t, '"');
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void text_quoted(struct text *t, const char *s)
{
	size_t len = strlen(s), i = 0;

	while (is_plain(s[i]))
		i++;
	if (!len || i < len) {
		in_quotes(t, s, len);
		return;
	}
	text_room(t, len);
	text_mem(t, s, len);
}

void text_word(struct text *t, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '"')
			break;
	if (!len || i < len) {
		in_quotes(t, s, len);
		return;
	}
	text_room(t, len);
	text_mem(t, s, len);
}
