/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_INDEX_H
#define FWLOAD_INDEX_H

#include "body.h"
#include "classify.h"

/**
 * struct fwload_index_memory - where building an index takes memory from
 * @alloc: @size bytes of zeros, where they are many aligned to a line of the cache; or NULL
 * @free: gives them back
 */
struct fwload_index_memory {
	void *(*alloc)(struct fwload_index_memory *memory, size_t size);
	void (*free)(struct fwload_index_memory *memory, void *p, size_t size);
};

/*
 * Build the index of a chain from its rules and its plan, with a hash whose multipliers come from
 * @random. @b has passed fwload_body_check() and has a plan. Takes time and memory linear in
 * the rules, at most 16 entries for each, whatever the plan says. Returns 0 and *@index, which
 * the caller frees with its size, or -ENOMEM. May sleep.
 */
int fwload_index_build(const struct fwload_body *b, u8 family,
		       const u64 random[2][FWLOAD_KEY_WORDS],
		       struct fwload_index_memory *memory, struct fwload_index **index);

#endif /* FWLOAD_INDEX_H */
