/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_BLAME_H
#define FWIMG_BLAME_H

#include "../kmod/image.h"
#include "io.h"

/*
 * Say why the image that emit_image() made of @rs was refused, at the rule or the jump of
 * the @n files @inputs that is to blame. The tables' files are the inputs' names.
 */
void blame(const struct ruleset *rs, const struct fwload_image_error *err,
	   const struct input *inputs, int n);

#endif /* FWIMG_BLAME_H */
