// SPDX-License-Identifier: GPL-2.0
/*
 * The validator on arbitrary bytes and on damaged images, and the walk over what it accepts.
 *
 * Of random bytes next to nothing gets past the header, so the mutator knows the format:
 * it changes fields where they are, adds, doubles and removes whole records of a body
 * and brings the sizes around them in line, and most of the time it puts the size and
 * the checksum right in the end. Some of its results stay as broken as they are.
 */
#include <stdio.h>

#include "../../kmod/body.h"
#include "../../user/decode.h"
#include "../../user/emit.h"
#include "walk.h"

static void *copy(const void *data, size_t size)
{
	void *p = malloc(size);

	if (!p)
		abort();
	return size ? memcpy(p, data, size) : p;
}

/* The kernel sees the index alone first: it may not look at what is behind. */
static int check_index(const u8 *data, size_t size)
{
	const struct fwload_img_header *h = (const void *)data;
	u64 index_size = size < sizeof(*h) ? size : le32_to_cpu(h->index_size);
	struct fwload_image_error err;
	struct fwload_image img;
	void *index;
	int ret;

	if (index_size > size)
		index_size = size;
	index = copy(data, index_size);
	ret = fwload_image_check_index(index, index_size, size, &img, &err);
	free(index);
	return ret;
}

/* What is accepted is a rule set: it decodes, and stays the same from then on. */
static void decode_and_emit(const u8 *data, const struct fwload_image *img)
{
	struct ruleset *rs = decode_image(data, img), *again;
	struct buf first = { 0 }, second = { 0 };
	struct fwload_image_error err;
	struct fwload_image img2;
	const char *reason;

	reason = emit_image(rs, true, &first);
	if (reason)
		FUZZ_FAIL("decoded, it cannot be encoded: %s", reason);
	if (fwload_image_check(first.data, first.size, &img2, &err))
		FUZZ_FAIL("encoded again, it is refused: %s", err.reason);
	again = decode_image(first.data, &img2);
	emit_image(again, true, &second);
	if (first.size != second.size || memcmp(first.data, second.data, first.size))
		FUZZ_FAIL("encoded twice, it differs");
	ruleset_free(again);
	ruleset_free(rs);
	buf_free(&first);
	buf_free(&second);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fwload_image_error err = { 0 };
	u8 *image = copy(data, size);
	struct fwload_image img;
	int ret, index;

	index = check_index(image, size);
	ret = fwload_image_check(image, size, &img, &err);
	if (ret > 0 || (ret && !err.reason) || (!ret && index))
		FUZZ_FAIL("%d for the index, %d for the image, %s", index, ret, err.reason);
	if (!ret) {
		fuzz_walk_image(image, &img, xxh64(data, size, 0));
		if (fuzz_is_whole(&img))
			decode_and_emit(image, &img);
	}
	free(image);
	return 0;
}

/* The mutator --------------------------------------------------------------------------- */

/* Move what is behind @at by @n bytes, which may be negative. False: no room. */
static bool shift(u8 *data, size_t *size, size_t max, size_t at, int n)
{
	if (n > 0 && *size + n > max)
		return false;
	if (n < 0 && at + -n > *size)
		return false;
	if (n > 0)
		memmove(data + at + n, data + at, *size - at);
	else
		memmove(data + at, data + at + -n, *size - at - -n);
	*size += n;
	return true;
}

static void add32(__le32 *p, int n)
{
	*p = cpu_to_le32(le32_to_cpu(*p) + n);
}

/* Numbers that tend to be limits. */
static u32 odd_number(struct fuzz_random *r)
{
	static const u32 odd[] = {
		0, 1, 2, 7, 8, 9, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0xfff, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
	};
	return odd[fuzz_random_below(r, ARRAY_SIZE(odd))];
}

/* Change one field of 1, 2 or 4 bytes somewhere between @from and @to. */
static void change_field(struct fuzz_random *r, u8 *data, u64 from, u64 to)
{
	u32 width = 1U << fuzz_random_below(r, 3), value;
	u64 at;

	if (to < from + 8)
		return;
	at = from + fuzz_random_below(r, to - from - 3) / width * width;
	memcpy(&value, data + at, 4);
	switch (fuzz_random_below(r, 4)) {
	case 0:
		value = odd_number(r);
		break;
	case 1:
		value += fuzz_random_below(r, 2) ? 1 : -1;
		break;
	case 2:
		value ^= 1U << fuzz_random_below(r, 8 * width);
		break;
	default:
		value = fuzz_random_next(r);
	}
	memcpy(data + at, &value, width);
}

/* Add, double or remove one record of the body of chain @i. */
static void change_record(struct fuzz_random *r, u8 *data, size_t *size, size_t max,
			  const struct fwload_image *img, u32 i)
{
	struct fwload_img_chain *ic = (void *)&img->chains[i];
	u64 at = fwload_image_body_offset(img, i), from;
	struct fwload_img_body *h = (void *)(data + at);
	struct fwload_body b;
	int n, count = 0;
	__le32 *counter;
	u8 record[64];

	fwload_body_open(h, &b);
	switch (fuzz_random_below(r, 4)) {
	case 0:
		n = sizeof(struct fwload_img_ref);
		from = (const u8 *)b.refs - data + (u64)n * fuzz_random_below(r, b.n_refs + 1);
		counter = &h->n_refs;
		count = 1;
		break;
	case 1:
		n = sizeof(struct fwload_img_ext);
		from = (const u8 *)b.exts - data + (u64)n * fuzz_random_below(r, b.n_exts + 1);
		counter = &h->n_exts;
		count = 1;
		break;
	case 2:
		n = 8;
		from = b.payloads - data + 8ULL * fuzz_random_below(r, b.payloads_size / 8 + 1);
		counter = &h->payloads_size;
		count = 8;
		break;
	default:
		n = 8 * (1 + fuzz_random_below(r, 5));
		from = b.rules - data + 8ULL * fuzz_random_below(r, b.rules_size / 8 + 1);
		counter = &h->rules_size;
		count = n;
	}
	if (from + n > *size)
		return;
	memcpy(record, data + from, n);
	if (fuzz_random_below(r, 2)) {
		if (!shift(data, size, max, from, n))
			return;
		memcpy(data + from, record, n);
		add32(counter, count);
		add32(&ic->body_size, n);
	} else {
		if (!shift(data, size, max, from, -n))
			return;
		add32(counter, -count);
		add32(&ic->body_size, -n);
	}
}

/* As many rules as there are, for the body, the chain and the image. */
static void count_rules(u8 *data, const struct fwload_image *img, u32 i)
{
	struct fwload_img_header *header = (void *)data;
	struct fwload_img_chain *ic = (void *)&img->chains[i];
	struct fwload_img_body *h = (void *)(data + fwload_image_body_offset(img, i));
	struct fwload_body b;
	u32 at = 0, n = 0;

	fwload_body_open(h, &b);
	while (at + 8 <= b.rules_size) {
		const struct fwload_img_rule *rule = (const void *)(b.rules + at);

		at += le16_to_cpu(rule->size) ? le16_to_cpu(rule->size) * 8 : 8;
		n++;
	}
	add32(&header->n_rules, n - le32_to_cpu(ic->n_rules));
	ic->n_rules = cpu_to_le32(n);
	h->n_rules = cpu_to_le32(n);
}

/* Do the parts of the body lie within it, and it within the image? */
static bool body_is_open(const u8 *data, size_t size, const struct fwload_image *img, u32 i)
{
	u64 at = fwload_image_body_offset(img, i), n = le32_to_cpu(img->chains[i].body_size);

	return at + sizeof(struct fwload_img_body) <= size && at + n <= size &&
	       fwload_body_size((const void *)(data + at)) <= n;
}

/* A chain becomes one that is kept, or goes away. */
static void drop_body(struct fuzz_random *r, u8 *data, size_t *size,
		      const struct fwload_image *img, u32 i)
{
	static const u8 flags[] = {
		FWLOAD_IMG_C_KEPT, FWLOAD_IMG_C_KEPT | FWLOAD_IMG_C_ZERO, FWLOAD_IMG_C_GONE,
	};
	struct fwload_img_header *header = (void *)data;
	struct fwload_img_chain *ic = (void *)&img->chains[i];
	u64 at = fwload_image_body_offset(img, i);
	u32 n = le32_to_cpu(ic->body_size);

	memmove(data + at, data + at + n, *size - at - n);
	*size -= n;
	add32(&header->n_rules, -le32_to_cpu(ic->n_rules));
	ic->body_size = 0;
	ic->n_rules = 0;
	ic->flags = flags[fuzz_random_below(r, ARRAY_SIZE(flags))];
	ic->id = cpu_to_le64(1);
}

/* A ref goes elsewhere: loops come of it, and two refs to one chain. */
static void change_ref(struct fuzz_random *r, u8 *data, const struct fwload_image *img, u32 i)
{
	struct fwload_body b;
	struct fwload_img_ref *ref;

	fwload_body_open(data + fwload_image_body_offset(img, i), &b);
	if (!b.n_refs)
		return;
	ref = (void *)&b.refs[fuzz_random_below(r, b.n_refs)];
	ref->chain = cpu_to_le32(fuzz_random_below(r, img->n_chains));
}

/* A chain gets the name of another, or of a verdict as long as its own. */
static void rename_chain(struct fuzz_random *r, const struct fwload_image *img, u32 i)
{
	static const char *const verdicts[] = { "DROP", "QUEUE", "ACCEPT", "RETURN" };
	struct fwload_img_chain *ic = (void *)&img->chains[i];
	char *name = (char *)img->names + le32_to_cpu(ic->name);
	u32 j;

	if (fuzz_random_below(r, 2))
		ic->name = img->chains[fuzz_random_below(r, img->n_chains)].name;
	for (j = 0; j < ARRAY_SIZE(verdicts); j++)
		if (strlen(name) == strlen(verdicts[j]))
			memcpy(name, verdicts[j], strlen(name));
}

static size_t mutate(struct fuzz_random *r, u8 *data, size_t size, size_t max)
{
	struct fwload_image_error err;
	struct fwload_img_table *t;
	struct fwload_image img;
	u32 index_size, i;
	u64 at, end;

	if (size < sizeof(struct fwload_img_header) || !fuzz_random_below(r, 4))
		return LLVMFuzzerMutate(data, size, max);
	index_size = le32_to_cpu(((struct fwload_img_header *)data)->index_size);
	if (index_size > size ||
	    fwload_image_check_index(data, index_size, size, &img, &err))
		return LLVMFuzzerMutate(data, size, max);
	i = fuzz_random_below(r, img.n_chains);
	if (!body_is_open(data, size, &img, i)) {
		change_field(r, data, 0, index_size);
		return size;
	}
	at = fwload_image_body_offset(&img, i);
	end = at + le32_to_cpu(img.chains[i].body_size);
	switch (fuzz_random_below(r, 16)) {
	case 0:
		drop_body(r, data, &size, &img, i);
		break;
	case 1:
		rename_chain(r, &img, i);
		break;
	case 2:
		change_ref(r, data, &img, i);
		break;
	case 3:
		t = (void *)fwload_image_table(&img, i);
		t->flags ^= FWLOAD_IMG_TABLE_MERGE;
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		change_field(r, data, 0, index_size);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		change_field(r, data, at, end);
		break;
	default:
		change_record(r, data, &size, max, &img, i);
		if (body_is_open(data, size, &img, i))
			count_rules(data, &img, i);
	}
	return size;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	struct fuzz_random r = { .state = seed * 0x9e3779b97f4a7c15ULL | 1 };
	struct fwload_img_header *h = (void *)data;
	u32 n = fuzz_random_below(&r, 4) ? 1 : 2 + fuzz_random_below(&r, 3);

	while (n--)
		size = mutate(&r, data, size, max);
	if (size >= sizeof(*h) && fuzz_random_below(&r, 16)) {
		h->size = cpu_to_le64(size);
		h->xxh64 = cpu_to_le64(xxh64(h + 1, size - sizeof(*h), 0));
	}
	return size;
}
