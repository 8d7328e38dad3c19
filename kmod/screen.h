/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_SCREEN_H
#define FWLOAD_SCREEN_H

#include "index.h"

/*
 * Build the screen of a chain from its rules. @b has passed fwload_body_check(). Linear in the
 * rules. Returns 0 and *@screen, which the caller frees with its size and which is NULL where it
 * would be of no use, or -ENOMEM. May sleep.
 */
int fwload_screen_build(const struct fwload_body *b, u8 family,
			struct fwload_index_memory *memory, struct fwload_screen **screen);

#endif /* FWLOAD_SCREEN_H */
