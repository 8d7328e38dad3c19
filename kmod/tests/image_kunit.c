// SPDX-License-Identifier: GPL-2.0
/*
 * The validator in the kernel: a small image is accepted, and refused when a byte of it is
 * missing or a bit is wrong. Each of its checks has a test on the host
 * (selftests/unit/test_field.c, test_image.c, test_rule.c).
 */
#include <kunit/test.h>
#include <linux/xxhash.h>

#include "../image.h"

/* The filter table of IPv4 with one rule, the example of fwload_image.h. */
struct sample {
	struct fwload_img_header header;
	struct fwload_img_section sections[3];
	struct fwload_img_table table;
	struct fwload_img_chain chains[3];
	char names[24];
	struct fwload_img_body input;
	u8 rule[24];
	struct fwload_img_body forward;
	struct fwload_img_body output;
};

static void seal(struct sample *s)
{
	s->header.xxh64 = cpu_to_le64(xxh64(&s->sections, sizeof(*s) - sizeof(s->header), 0));
}

static void section(struct fwload_img_section *s, u32 type, size_t offset, size_t size)
{
	s->type = cpu_to_le32(type);
	s->offset = cpu_to_le32(offset);
	s->size = cpu_to_le32(size);
}

static struct sample *new_sample(struct kunit *test)
{
	static const u8 rule[24] = {
		0x03, 0x00, 0x06, 0x01, 0x00, 0x00, 0x00, 0x20,
		0x01, 0x01, 0x00, 0x20, 0xc0, 0x00, 0x02, 0x07,
		0x06, 0x01, 0x00, 0x06, 0x50, 0x00, 0x50, 0x00,
	};
	/* with the end of the array, 22 bytes */
	static const char names[] = "\0INPUT\0FORWARD\0OUTPUT";
	struct sample *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	memcpy(s->header.magic, FWLOAD_IMG_MAGIC, sizeof(s->header.magic));
	s->header.version = cpu_to_le16(FWLOAD_IMG_VERSION);
	s->header.byteorder = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? 2 : 1;
	s->header.wordsize = sizeof(long);
	s->header.size = cpu_to_le64(sizeof(*s));
	s->header.index_size = cpu_to_le32(offsetof(struct sample, input));
	s->header.n_sections = cpu_to_le32(ARRAY_SIZE(s->sections));
	s->header.n_rules = cpu_to_le32(1);
	section(&s->sections[0], FWLOAD_IMG_SEC_TABLES, offsetof(struct sample, table),
		sizeof(s->table));
	section(&s->sections[1], FWLOAD_IMG_SEC_CHAINS, offsetof(struct sample, chains),
		sizeof(s->chains));
	section(&s->sections[2], FWLOAD_IMG_SEC_NAMES, offsetof(struct sample, names),
		sizeof(names));
	s->table.table = FWLOAD_TABLE_FILTER;
	s->table.n_chains = cpu_to_le32(3);
	for (i = 0; i < ARRAY_SIZE(s->chains); i++) {
		static const u8 offsets[] = { 1, 7, 15 };

		s->chains[i].name = cpu_to_le32(offsets[i]);
		s->chains[i].hook = FWLOAD_HOOK_INPUT + i;
		s->chains[i].policy = FWLOAD_POLICY_ACCEPT;
		s->chains[i].body_size = cpu_to_le32(sizeof(s->forward));
	}
	memcpy(s->names, names, sizeof(names));
	s->chains[0].body_size = cpu_to_le32(sizeof(s->input) + sizeof(rule));
	s->chains[0].n_rules = cpu_to_le32(1);
	s->input.n_rules = cpu_to_le32(1);
	s->input.rules_size = cpu_to_le32(sizeof(rule));
	memcpy(s->rule, rule, sizeof(rule));
	seal(s);
	return s;
}

static int check(const void *image, size_t size, struct fwload_image_error *err)
{
	struct fwload_image img;

	return fwload_image_check(image, size, &img, err);
}

static void a_good_image_is_accepted(struct kunit *test)
{
	struct sample *s = new_sample(test);
	struct fwload_image_error err = {};

	KUNIT_EXPECT_EQ_MSG(test, check(s, sizeof(*s), &err), 0, "%s", err.reason);
}

static void a_truncated_image_is_refused(struct kunit *test)
{
	struct sample *s = new_sample(test);
	struct fwload_image_error err;
	size_t size;

	for (size = 0; size < sizeof(*s); size++) {
		/* of its own, so that reading on would be noticed */
		void *copy = kmemdup(s, max_t(size_t, size, 1), GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, copy);
		err.reason = NULL;
		KUNIT_EXPECT_NE(test, check(copy, size, &err), 0);
		KUNIT_EXPECT_NOT_NULL(test, err.reason);
		kfree(copy);
	}
}

static bool within(size_t byte, size_t start, size_t size)
{
	return byte >= start && byte < start + size;
}

/*
 * Behind a good checksum a flipped bit may make another rule, name another file, let the
 * table be merged, or count a NUL more to the names; and the checksum itself is made anew.
 */
static bool may_differ(size_t byte)
{
	return within(byte, offsetof(struct sample, rule), sizeof_field(struct sample, rule)) ||
	       within(byte, offsetof(struct sample, table.file), sizeof(__le32)) ||
	       within(byte, offsetof(struct sample, table.flags), sizeof(__u8)) ||
	       within(byte, offsetof(struct sample, sections[2].size), sizeof(__le32)) ||
	       within(byte, offsetof(struct sample, header.xxh64), sizeof(__le64));
}

static void a_flipped_bit_is_refused(struct kunit *test)
{
	struct sample *s = new_sample(test);
	struct fwload_image_error err;
	u8 *image = (u8 *)s;
	size_t bit, byte;

	for (bit = 0; bit < sizeof(*s) * 8; bit++) {
		byte = bit / 8;
		image[byte] ^= 1 << bit % 8;
		KUNIT_EXPECT_NE_MSG(test, check(s, sizeof(*s), &err), 0, "bit %zu", bit);
		seal(s);
		err.reason = NULL;
		if (check(s, sizeof(*s), &err))
			KUNIT_EXPECT_NOT_NULL_MSG(test, err.reason, "bit %zu", bit);
		else
			KUNIT_EXPECT_TRUE_MSG(test, may_differ(byte), "bit %zu", bit);
		image[byte] ^= 1 << bit % 8;
		seal(s);
	}
}

static struct kunit_case image_cases[] = {
	KUNIT_CASE(a_good_image_is_accepted),
	KUNIT_CASE(a_truncated_image_is_refused),
	KUNIT_CASE(a_flipped_bit_is_refused),
	{}
};

static struct kunit_suite image_suite = {
	.name = "fwload_image",
	.test_cases = image_cases,
};

kunit_test_suite(image_suite);

MODULE_DESCRIPTION("KUnit suites of fwload");
MODULE_LICENSE("GPL");
