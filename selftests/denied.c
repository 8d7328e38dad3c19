// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: denied
 *
 * Sends every operation of the family, with all that it needs, as somebody who is not allowed to.
 * Prints what becomes of each. Exit status: 0 when all were refused with EPERM.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "talk.h"

#define IMAGE_SIZE 4096

int main(void)
{
	static const char bytes[64];
	int allowed = 0;
	char room[4096];

	talk_open();
	for (__u8 cmd = FWLOAD_CMD_BEGIN; cmd < FWLOAD_CMD_CHANGED; cmd++) {
		struct nlmsghdr *nlh = talk_request(room, cmd, cmd == FWLOAD_CMD_GET_IMAGE ?
							       NLM_F_DUMP : NLM_F_ACK);
		int ret;

		switch (cmd) {
		case FWLOAD_CMD_BEGIN:
			mnl_attr_put_u64(nlh, FWLOAD_A_SIZE, IMAGE_SIZE);
			mnl_attr_put_u32(nlh, FWLOAD_A_INDEX_SIZE, IMAGE_SIZE);
			break;
		case FWLOAD_CMD_DATA:
			mnl_attr_put_u64(nlh, FWLOAD_A_OFFSET, 0);
			mnl_attr_put(nlh, FWLOAD_A_BYTES, sizeof(bytes), bytes);
			break;
		case FWLOAD_CMD_COMMIT:
			mnl_attr_put_u32(nlh, FWLOAD_A_FLAGS, 0);
			break;
		}
		talk_send(nlh);
		ret = talk_receive(NULL, NULL);
		printf("operation %d: %s\n", cmd, ret ? strerror(-ret) : "allowed");
		allowed += ret != -EPERM;
	}
	return allowed != 0;
}
