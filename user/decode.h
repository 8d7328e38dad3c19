/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_DECODE_H
#define FWIMG_DECODE_H

#include "../kmod/image.h"
#include "ruleset.h"

/* A rule set from a validated image (copies what it needs). Never fails. */
struct ruleset *decode_image(const void *data, const struct fwload_image *img);

#endif /* FWIMG_DECODE_H */
