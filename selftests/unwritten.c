// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: unwritten
 *
 * Reads all that the kernel tells of the rules in force, byte by byte as it comes, between sending
 * it messages of all sizes, and images that it does not take, full of one pattern: so what it
 * allocates has held the pattern a moment before. What it tells is to be the same each time,
 * without the pattern in it. No packet may be counted meanwhile. Prints how much was read.
 */
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../uapi/linux/fwload_image.h"
#include "talk.h"

#define PATTERN		0xb7
#define RUN		4		/* bytes of it that are no accident */
#define MOST		(16 << 20)	/* bytes that are told */
#define ROUNDS		20
#define SMALLEST	sizeof(struct fwload_img_header)
#define LARGEST		60000		/* bytes of a message */

struct told {
	size_t size;
	char bytes[MOST];
};

static struct told first, again;

static int take(const struct nlmsghdr *nlh, void *arg)
{
	struct told *told = arg;
	struct nlmsghdr *copy = (void *)(told->bytes + told->size);

	if (told->size + NLMSG_ALIGN(nlh->nlmsg_len) > MOST)
		die("there is more than this test can keep");
	memcpy(copy, nlh, NLMSG_ALIGN(nlh->nlmsg_len));
	copy->nlmsg_seq = 0;
	told->size += NLMSG_ALIGN(nlh->nlmsg_len);
	return MNL_CB_OK;
}

static void read_all(struct told *told)
{
	char room[256];

	told->size = 0;
	talk_send(talk_request(room, FWLOAD_CMD_GET, NLM_F_ACK));
	if (talk_receive(take, told))
		die("GET fails");
	talk_send(talk_request(room, FWLOAD_CMD_GET_IMAGE, NLM_F_DUMP));
	if (talk_receive(take, told))
		die("GET_IMAGE fails");
}

/* An image that is refused as soon as its index is complete, or a piece of none. */
static void send_pattern(size_t size)
{
	static char pattern[LARGEST], room[LARGEST + 1024];
	struct nlmsghdr *nlh = talk_request(room, FWLOAD_CMD_BEGIN, NLM_F_ACK);

	memset(pattern, PATTERN, sizeof(pattern));
	mnl_attr_put_u64(nlh, FWLOAD_A_SIZE, size);
	mnl_attr_put_u32(nlh, FWLOAD_A_INDEX_SIZE, size);
	talk_send(nlh);
	if (talk_receive(NULL, NULL))
		die("BEGIN fails");
	nlh = talk_request(room, FWLOAD_CMD_DATA, NLM_F_ACK);
	mnl_attr_put_u64(nlh, FWLOAD_A_OFFSET, 0);
	mnl_attr_put(nlh, FWLOAD_A_BYTES, size, pattern);
	talk_send(nlh);
	if (!talk_receive(NULL, NULL))
		die("an image of nothing but a pattern is accepted");
}

static bool has_pattern(const struct told *told)
{
	size_t i, run = 0;

	for (i = 0; i < told->size; i++) {
		run = (unsigned char)told->bytes[i] == PATTERN ? run + 1 : 0;
		if (run == RUN)
			return true;
	}
	return false;
}

int main(void)
{
	size_t size;
	int round;

	talk_open();
	read_all(&first);
	for (round = 0; round < ROUNDS; round++) {
		for (size = SMALLEST; size <= LARGEST; size += 8 + size / 64 * 8)
			send_pattern(size);
		read_all(&again);
		if (again.size != first.size || memcmp(again.bytes, first.bytes, first.size)) {
			printf("what is told differs, of %zu and %zu bytes\n", first.size,
			       again.size);
			return 1;
		}
		if (has_pattern(&again)) {
			printf("the pattern is in what is told\n");
			return 1;
		}
	}
	printf("%zu bytes were told, %d times the same\n", first.size, ROUNDS + 1);
	return first.size == 0;
}
