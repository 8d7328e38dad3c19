/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_FUZZ_WALK_H
#define FWLOAD_FUZZ_WALK_H

#include "../../kmod/image.h"

/* libFuzzer's side of it: called for each input, */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
/* in place of its own mutations, where a fuzzer has this; returns the new size, */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);
/* and these, which it has. */
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);

/* The end of a fuzzer that has found something. */
#define FUZZ_FAIL(...)	do {				\
	fprintf(stderr, __VA_ARGS__);			\
	fputc('\n', stderr);				\
	abort();					\
} while (0)

/* A generator of its own for each input, so that an input always does the same. */
struct fuzz_random {
	u64 state;
};

u32 fuzz_random_next(struct fuzz_random *r);
/* 0 to n - 1; n > 0 */
u32 fuzz_random_below(struct fuzz_random *r, u32 n);

/* No table is to be merged with what is in force, so all of it is there. */
bool fuzz_is_whole(const struct fwload_image *img);

/*
 * Send packets through every base chain of an image that fwload_image_check() has
 * accepted, as the module would: bodies, counters, jump stack and packet each in memory of
 * exactly its size, so that the sanitizer sees any step beyond it. The packets are made of
 * @seed and of bytes of the image, so that rules match. Tables in which a packet can visit
 * very many rules are left alone, and images that are not whole.
 */
void fuzz_walk_image(const u8 *data, const struct fwload_image *img, u64 seed);

#endif /* FWLOAD_FUZZ_WALK_H */
