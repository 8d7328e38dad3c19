/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PLACE_H
#define FWIMG_PLACE_H

#include "../kmod/image.h"
#include "genl.h"
#include "io.h"

/*
 * Check the image in @in, fill @img (whose pointers lie in it) and return true; or say on
 * standard error what is wrong with it and where, and return false.
 */
bool place_check(const struct input *in, struct fwload_image *img);

/*
 * Say why the kernel refused the image @img of @in, which is valid: at the line of the
 * source when the image knows it, else at chain and rule. Without a word about the image
 * when it was not the reason.
 */
void place_refused(const struct input *in, const struct fwload_image *img,
		   const struct genl_error *err);

#endif /* FWIMG_PLACE_H */
