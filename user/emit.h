/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_EMIT_H
#define FWIMG_EMIT_H

#include "ruleset.h"

/*
 * Arrange @rs as an image (linux/fwload_image.h) in @out, an empty buffer, checksum
 * included, with the section LINES when @lines. Sorts the tables' chains. The same
 * rule set gives the same bytes. The result has passed fwload_image_check(): a failure
 * there is a bug or a limit, and is returned as its reason (NULL: fine); @out then holds
 * the image that was refused, or nothing beyond a limit.
 */
const char *emit_image(struct ruleset *rs, bool lines, struct buf *out);

#endif /* FWIMG_EMIT_H */
