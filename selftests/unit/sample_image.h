/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small image whose fields tests change: where its parts are, and what the validator is to
 * say of the result. Only functions of a header find the results of the test that includes
 * them (ktap.h).
 */
#ifndef FWLOAD_SAMPLE_IMAGE_H
#define FWLOAD_SAMPLE_IMAGE_H

#include "../../kmod/body.h"
#include "../../user/decode.h"
#include "ktap.h"
#include "sample.h"

/*
 * The image. NAMES and the strings of INPUT, with their offsets:
 *
 *	0 1    6     12      20     27 30 33         44        51
 *	  f.v4 INPUT FORWARD OUTPUT aa bb PREROUTING OUTPUT
 *
 *	0 1   5    10  14  18 19    25    31  35
 *	  set blue SET red ,  green limit LOG
 */
static inline struct buf image(void)
{
	static const char *const sets[] = { "blue", "red", "", "green" };
	static const u8 payload[40] = { 0xff, 0xff, 1, 0, 0xff, 0xff, 2, 0, 0xff, 0xff, 3, 0 };
	struct ruleset *rs = ruleset_new();
	struct table *t = ruleset_table(rs, FWLOAD_FAMILY_IPV4, FWLOAD_TABLE_FILTER);
	struct chain *in = t->chains[0], *a, *b;
	struct buf out = { 0 };

	t->file = "f.v4";
	a = sample_chain(t, "aa");
	b = sample_chain(t, "bb");
	sample_jump(in, a, false);
	sample_jump(in, a, false);
	sample_jump(in, b, true);
	chain_ext(in, "set", 1, FWLOAD_IMG_EXT_MATCH, payload, 8, sets, 1);
	chain_ext(in, "SET", 3, FWLOAD_IMG_EXT_TARGET, payload, 16, sets + 1, 3);
	sample_rule(in, 4, "0200 00 00 01000070 10010000 00000000");
	chain_ext(in, "limit", 0, FWLOAD_IMG_EXT_MATCH, payload, 40, NULL, 0);
	chain_ext(in, "LOG", 0, FWLOAD_IMG_EXT_TARGET, payload, 8, NULL, 0);
	sample_rule(in, 5, "0200 00 00 03000070 10010000 02000000");
	sample_rule(a, 6, "0100 00 00 00000010");
	sample_rule(b, 7, "0100 00 00 00000010");
	ruleset_table(rs, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_RAW);
	EXPECT_STR(emit_image(rs, true, &out), NULL);
	ruleset_free(rs);
	return out;
}

enum place {
	HEADER, SECTIONS, TABLES, CHAINS, NAMES, LINES,
	BODY, REFS, EXTS, RULES, PAYLOADS, STRINGS,	/* of INPUT */
	BODY_OF_A,
};

static inline u8 *at(const struct buf *b, enum place place)
{
	struct fwload_image_error err;
	struct fwload_image img;
	struct fwload_body body;
	u8 *first;

	EXPECT_INT(fwload_image_check(b->data, b->size, &img, &err), 0);
	first = b->data + img.index_size;
	fwload_body_open(first, &body);
	switch (place) {
	case HEADER:	return b->data;
	case SECTIONS:	return b->data + sizeof(struct fwload_img_header);
	case TABLES:	return (u8 *)img.tables;
	case CHAINS:	return (u8 *)img.chains;
	case NAMES:	return (u8 *)img.names;
	case LINES:	return (u8 *)img.lines;
	case BODY:	return first;
	case REFS:	return (u8 *)body.refs;
	case EXTS:	return (u8 *)body.exts;
	case RULES:	return (u8 *)body.rules;
	case PAYLOADS:	return (u8 *)body.payloads;
	case STRINGS:	return (u8 *)body.strings;
	default:	return b->data + fwload_image_body_offset(&img, 3);
	}
}

/* Little-endian, as in the image. */
static inline void put(u8 *to, size_t width, u64 value)
{
	while (width--) {
		*to++ = value;
		value >>= 8;
	}
}

/* Makes the checksum right again. */
static inline void seal(struct buf *b)
{
	struct fwload_img_header *h = (void *)b->data;

	h->xxh64 = cpu_to_le64(xxh64(h + 1, b->size - sizeof(*h), 0));
}

/* @reason: NULL when it is to be accepted; @errnum: 0 for EINVAL then. */
static inline void expect(const struct buf *b, int errnum, const char *reason)
{
	struct fwload_image_error err = { 0 };
	struct fwload_image img;

	EXPECT_INT(fwload_image_check(b->data, b->size, &img, &err),
		   reason && !errnum ? -EINVAL : errnum);
	EXPECT_STR(err.reason, reason);
}

#endif /* FWLOAD_SAMPLE_IMAGE_H */
