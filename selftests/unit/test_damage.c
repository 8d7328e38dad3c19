// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged images: every bit flipped, every length, other versions, random bytes. Each is
 * held in memory of exactly its size, so that the sanitizer sees a read beyond it, and is
 * checked twice: as a whole and in parts as the kernel receives them.
 */
#include "../../kmod/body.h"
#include "../../user/decode.h"
#include "ktap.h"
#include "sample.h"

static struct buf sample(void)
{
	struct ruleset *rs = sample_ruleset();
	struct buf out = { 0 };

	EXPECT_STR(emit_image(rs, true, &out), NULL);
	ruleset_free(rs);
	return out;
}

static void *copy(const void *data, size_t size)
{
	void *p = malloc(size);

	if (!p)
		abort();
	return size ? memcpy(p, data, size) : p;
}

static void seal(u8 *image, size_t size)
{
	struct fwload_img_header *h = (void *)image;

	h->xxh64 = cpu_to_le64(xxh64(h + 1, size - sizeof(*h), 0));
}

/* Index and bodies, each alone in its memory. Checksum and graph are not looked at. */
static int check_parts(const u8 *image, size_t size, struct fwload_image_error *err)
{
	const struct fwload_img_header *h = (const void *)image;
	u32 index_size = size < sizeof(*h) ? size : le32_to_cpu(h->index_size), i;
	struct fwload_image img;
	void *index, *part;
	struct fwload_body b;
	u64 offset;
	int ret;

	index_size = index_size < size ? index_size : size;
	index = copy(image, index_size);
	ret = fwload_image_check_index(index, index_size, size, &img, err);
	offset = index_size;
	for (i = 0; !ret && i < img.n_chains; i++) {
		if (img.chains[i].flags & FWLOAD_IMG_C_KEPT)
			continue;
		EXPECT_INT(fwload_image_body_offset(&img, i), offset);
		part = copy(image + offset, le32_to_cpu(img.chains[i].body_size));
		ret = fwload_body_check(&img, i, offset, part, &b, err);
		free(part);
		offset += le32_to_cpu(img.chains[i].body_size);
	}
	free(index);
	return ret;
}

/* What is accepted is a rule set: it decodes, and comes back the same from then on. */
static void expect_whole(const u8 *image, const struct fwload_image *img)
{
	struct ruleset *rs = decode_image(image, img), *again;
	struct buf first = { 0 }, second = { 0 };
	struct fwload_image_error err;
	struct fwload_image img2;

	EXPECT_STR(emit_image(rs, true, &first), NULL);
	EXPECT_INT(fwload_image_check(first.data, first.size, &img2, &err), 0);
	again = decode_image(first.data, &img2);
	EXPECT_STR(emit_image(again, true, &second), NULL);
	EXPECT(first.size == second.size && !memcmp(first.data, second.data, first.size));
	EXPECT_INT(img->n_rules, img2.n_rules);
	EXPECT_INT(img->n_chains, img2.n_chains);
	ruleset_free(rs);
	ruleset_free(again);
	buf_free(&first);
	buf_free(&second);
}

/* Returns whether the image is accepted; its checksum must be right. */
static bool check_both(const u8 *image, size_t size)
{
	struct fwload_image_error err = { 0 }, parts = { 0 };
	struct fwload_image img;
	u8 *exact = copy(image, size);
	int ret, ret_parts;

	ret = fwload_image_check(exact, size, &img, &err);
	ret_parts = check_parts(exact, size, &parts);
	EXPECT(ret <= 0);
	if (!ret) {
		EXPECT_INT(ret_parts, 0);
		expect_whole(exact, &img);
	} else {
		EXPECT(err.reason && *err.reason && err.offset <= size);
		if (ret_parts) {
			EXPECT_STR(parts.reason, err.reason);
			EXPECT(parts.offset == err.offset);
		}
	}
	free(exact);
	return !ret;
}

static void a_flipped_bit_is_seen_by_the_checksum(void)
{
	struct buf image = sample();
	struct fwload_image_error err;
	struct fwload_image img;
	size_t bit;

	for (bit = 0; bit < image.size * 8; bit++) {
		image.data[bit / 8] ^= 1 << bit % 8;
		EXPECT(fwload_image_check(image.data, image.size, &img, &err) < 0);
		image.data[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT_INT(fwload_image_check(image.data, image.size, &img, &err), 0);
	buf_free(&image);
}

static void with_the_checksum_right_it_is_refused_or_a_rule_set(void)
{
	size_t bit, accepted = 0, refused = 0;
	struct buf image = sample();

	for (bit = 0; bit < image.size * 8; bit++) {
		image.data[bit / 8] ^= 1 << bit % 8;
		seal(image.data, image.size);
		if (check_both(image.data, image.size))
			accepted++;
		else
			refused++;
		image.data[bit / 8] ^= 1 << bit % 8;
	}
	printf("# %zu bits: %zu refused, %zu accepted\n", bit, refused, accepted);
	EXPECT(accepted && refused > accepted);
	buf_free(&image);
}

static void an_image_cut_anywhere_is_refused(void)
{
	struct buf image = sample();
	struct fwload_image_error err;
	struct fwload_image img;
	size_t size;
	u8 *cut;

	for (size = 0; size < image.size; size++) {
		cut = copy(image.data, size);
		EXPECT_INT(fwload_image_check(cut, size, &img, &err), -EINVAL);
		EXPECT_STR(err.reason, size < sizeof(struct fwload_img_header) ?
			   "shorter than the header of an image" : "the image is truncated");
		free(cut);
	}
	buf_free(&image);
}

/* The header says the shorter size, and the checksum is right. */
static void so_it_is_when_the_header_knows(void)
{
	struct buf image = sample();
	struct fwload_img_header *h;
	size_t size;
	u8 *cut;

	for (size = sizeof(*h); size < image.size; size++) {
		cut = copy(image.data, size);
		h = (void *)cut;
		h->size = cpu_to_le64(size);
		if (le32_to_cpu(h->index_size) > size)
			h->index_size = cpu_to_le32(size);
		seal(cut, size);
		EXPECT(!check_both(cut, size));
		free(cut);
	}
	buf_free(&image);
}

static void bytes_past_the_end_are_refused(void)
{
	struct buf image = sample();
	struct fwload_image_error err;
	struct fwload_image img;

	buf_add(&image, NULL, 8);
	EXPECT_INT(fwload_image_check(image.data, image.size, &img, &err), -EINVAL);
	EXPECT_STR(err.reason, "there are bytes past the end of the image");
	buf_free(&image);
}

/* A byte of the header is another: the errno and the reason tell what it is. */
static void expect_header(size_t offset, u8 value, int errnum, const char *reason)
{
	struct buf image = sample();
	struct fwload_image_error err;
	struct fwload_image img;

	image.data[offset] = value;
	EXPECT_INT(fwload_image_check(image.data, image.size, &img, &err), errnum);
	EXPECT_STR(err.reason, reason);
	buf_free(&image);
}

static void another_version_is_not_supported(void)
{
	expect_header(8, 2, -EOPNOTSUPP, "an image of another version");
	expect_header(8, 0, -EOPNOTSUPP, "an image of another version");
	expect_header(9, 1, -EOPNOTSUPP, "an image of another version");
}

static void another_byte_order_is_not_supported(void)
{
	expect_header(10, 3 - fwload_image_byteorder(), -EOPNOTSUPP,
		      "made for another byte order");
	expect_header(10, 0, -EOPNOTSUPP, "made for another byte order");
}

static void another_word_size_is_not_supported(void)
{
	expect_header(11, sizeof(long) == 8 ? 4 : 8, -EOPNOTSUPP, "made for another word size");
}

static void text_is_no_image(void)
{
	static const char text[64] = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
	struct fwload_image_error err;
	struct fwload_image img;
	void *data = copy(text, sizeof(text));

	EXPECT_INT(fwload_image_check(data, sizeof(text), &img, &err), -EINVAL);
	EXPECT_STR(err.reason, "not a fwload image");
	free(data);
}

static u64 seed = 1;

static u32 dice(u32 sides)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % sides;
}

/* A few bytes at a time; often ones that are counts and sizes, with likely values. */
static void random_bytes_are_refused_or_a_rule_set(void)
{
	static const u8 likely[] = { 0, 1, 2, 3, 4, 7, 8, 16, 127, 128, 254, 255 };
	struct buf image = sample();
	size_t accepted = 0, i;
	u32 n;
	u8 *bad;

	for (i = 0; i < 60000; i++) {
		bad = copy(image.data, image.size);
		for (n = 1 + dice(4); n > 0; n--)
			bad[sizeof(struct fwload_img_header) +
			    dice(image.size - sizeof(struct fwload_img_header))] =
				dice(2) ? likely[dice(sizeof(likely))] : dice(256);
		seal(bad, image.size);
		accepted += check_both(bad, image.size);
		free(bad);
	}
	printf("# %zu images: %zu accepted\n", i, accepted);
	buf_free(&image);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(a_flipped_bit_is_seen_by_the_checksum),
		KTAP_CASE(with_the_checksum_right_it_is_refused_or_a_rule_set),
		KTAP_CASE(an_image_cut_anywhere_is_refused),
		KTAP_CASE(so_it_is_when_the_header_knows),
		KTAP_CASE(bytes_past_the_end_are_refused),
		KTAP_CASE(another_version_is_not_supported),
		KTAP_CASE(another_byte_order_is_not_supported),
		KTAP_CASE(another_word_size_is_not_supported),
		KTAP_CASE(text_is_no_image),
		KTAP_CASE(random_bytes_are_refused_or_a_rule_set),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
