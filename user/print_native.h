/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PRINT_NATIVE_H
#define FWIMG_PRINT_NATIVE_H

#include "text.h"

/* -s, -d, -i, -o: elements SRC, DST, IN and OUT. */
void print_native_header(struct text *x, u8 family, const struct fwload_img_el *el);

/* " -m ..." for every other element but EXT and those of targets. */
void print_native_match(struct text *x, u8 family, const struct chain *c,
			const struct fwload_img_el *el);

/* " -j MARK ..." or " -j CONNMARK ...": elements SET_MARK and SET_CONNMARK. */
void print_native_target(struct text *x, const struct fwload_img_el *el);

#endif /* FWIMG_PRINT_NATIVE_H */
