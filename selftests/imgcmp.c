// SPDX-License-Identifier: GPL-2.0
/*
 * imgcmp IMAGE IMAGE: are two images the same, their sections of source lines apart?
 *
 * What depends on that section is not compared either: the size and the checksum of the
 * image, the size of its index, the number and places of its sections. All else is, byte for
 * byte. Exit status: 0 the same, 1 not (says where), 3 on other trouble.
 */
#include <linux/fwload_image.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image {
	const char *name;
	char *data;
	size_t size;
	const struct fwload_img_header *header;
	const struct fwload_img_section *sections;
};

static void die(const char *name, const char *what)
{
	fprintf(stderr, "imgcmp: %s: %s\n", name, what);
	exit(3);
}

static void load(struct image *img, const char *name)
{
	FILE *f = fopen(name, "rb");
	size_t room = 1 << 16, n;
	__u32 i;

	img->name = name;
	img->data = malloc(room);
	img->size = 0;
	if (!f || !img->data)
		die(name, "cannot be read");
	while ((n = fread(img->data + img->size, 1, room - img->size, f)) > 0) {
		img->size += n;
		if (img->size == room) {
			room *= 2;
			img->data = realloc(img->data, room);
			if (!img->data)
				die(name, "no memory");
		}
	}
	fclose(f);
	img->header = (const void *)img->data;
	img->sections = (const void *)(img->header + 1);
	if (img->size < sizeof(*img->header) || img->header->index_size > img->size ||
	    img->header->n_sections * sizeof(*img->sections) > img->size - sizeof(*img->header))
		die(name, "is no image");
	for (i = 0; i < img->header->n_sections; i++)
		if (img->sections[i].offset > img->size ||
		    img->sections[i].size > img->size - img->sections[i].offset)
			die(name, "has a section outside of itself");
}

static const struct fwload_img_section *find(const struct image *img, __u32 type)
{
	__u32 i;

	for (i = 0; i < img->header->n_sections; i++)
		if (img->sections[i].type == type)
			return &img->sections[i];
	return NULL;
}

static bool differ(const char *what, const void *a, size_t a_size, const void *b, size_t b_size)
{
	const char *p = a, *q = b;
	size_t i;

	if (a_size != b_size) {
		printf("%s: %zu bytes and %zu bytes\n", what, a_size, b_size);
		return true;
	}
	for (i = 0; i < a_size; i++) {
		if (p[i] != q[i]) {
			printf("%s: byte %zu is %02x and %02x\n", what, i, p[i] & 0xff,
			       q[i] & 0xff);
			return true;
		}
	}
	return false;
}

static bool sections_differ(const struct image *a, const struct image *b)
{
	char what[32];
	__u32 type;

	for (type = 0; type < 32; type++) {
		const struct fwload_img_section *s = find(a, type), *t = find(b, type);

		if (type == FWLOAD_IMG_SEC_LINES || (!s && !t))
			continue;
		snprintf(what, sizeof(what), "section %u", type);
		if (!s || !t || differ(what, a->data + s->offset, s->size,
				       b->data + t->offset, t->size))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct image a, b;
	__u32 i, j;

	if (argc != 3)
		die("usage", "imgcmp IMAGE IMAGE");
	load(&a, argv[1]);
	load(&b, argv[2]);
	i = a.header->index_size;
	j = b.header->index_size;
	return differ("header", a.data, offsetof(struct fwload_img_header, size),
		      b.data, offsetof(struct fwload_img_header, size)) ||
	       differ("number of rules", &a.header->n_rules, 4, &b.header->n_rules, 4) ||
	       differ("flags", &a.header->flags, 4, &b.header->flags, 4) ||
	       sections_differ(&a, &b) ||
	       differ("bodies", a.data + i, a.size - i, b.data + j, b.size - j);
}
