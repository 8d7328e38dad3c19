/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_VARS_H
#define FWLOAD_VARS_H

#include "image.h"

/*
 * Check the symbols of a body (linux/fwload_symbols.h) of @n_rules rules: @size bytes at
 * @part, a multiple of 8, aligned to 8. One pass, no allocation. Returns NULL, or why they
 * are refused, and then *@at is the place.
 */
const char *fwload_vars_check(const void *part, u32 size, u32 n_rules, const void **at);

#endif /* FWLOAD_VARS_H */
