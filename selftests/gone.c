// SPDX-License-Identifier: GPL-2.0
/*
 * A push whose module goes away in the middle: opens the family as fwimg push does, runs a
 * command, and only then sends the image. Says what fwimg push would say, and ends like it.
 *
 *	gone IMAGE COMMAND
 */
#include <stdlib.h>

#include "../user/diag.h"
#include "../user/place.h"

int main(int argc, char **argv)
{
	struct genl_error err;
	struct genl *g = genl_open(&err);
	struct fwload_image img;
	struct input in;
	u32 generation;

	if (!g || argc != 3 || system(argv[2]))
		diag_die(3, "usage: gone IMAGE COMMAND");
	input_read(&in, argv[1]);
	if (!place_check(&in, &img))
		return 3;
	if (!genl_push(g, in.data, in.size, FWLOAD_COMMIT_CARRY, NULL, &generation, &err))
		return 0;
	place_refused(&in, &img, &err);
	return 1;
}
