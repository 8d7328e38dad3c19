/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the validator share: image.c (the index), body.c, rule.c and vars.c.
 */
#ifndef FWLOAD_CHECK_H
#define FWLOAD_CHECK_H

#include "image.h"

#define FWLOAD_ALL_HOOKS	((1U << __FWLOAD_HOOK_MAX) - 1)

/* Fill @err with a place that is just an offset, and return @errnum. */
static inline int refuse(struct fwload_image_error *err, int errnum, u64 offset,
			 const char *reason)
{
	*err = (struct fwload_image_error){
		.reason = reason,
		.offset = offset,
		.chain = FWLOAD_NO_PLACE,
		.rule = FWLOAD_NO_PLACE,
		.ext = FWLOAD_NO_PLACE,
	};
	return errnum;
}

static inline u64 round_up8(u64 size)
{
	return (size + 7) & ~7ULL;
}

/* For a few bytes: padding. */
static inline bool is_zero(const void *data, size_t size)
{
	const u8 *p = data;
	u8 any = 0;

	while (size--)
		any |= *p++;
	return !any;
}

/*
 * Length of the string at @offset in a pool of strings, which ends in NUL; it must
 * begin the pool or follow a NUL. -1 when it does not, -2 when longer than @max.
 */
static inline int string_length(const char *pool, u32 size, u32 offset, u32 max)
{
	const char *end;

	if (offset >= size || (offset && pool[offset - 1]))
		return -1;
	end = memchr(pool + offset, 0, size - offset > max ? max + 1 : size - offset);
	return end ? end - (pool + offset) : -2;
}

/* No blank, no control character: the text separates words by them. */
static inline bool is_word(const char *s, size_t len)
{
	const u8 *p = (const u8 *)s;

	while (len--) {
		if (*p <= ' ' || *p == 0x7f)
			return false;
		p++;
	}
	return true;
}

#endif /* FWLOAD_CHECK_H */
