/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_MEMORY_H
#define FWLOAD_MEMORY_H

#include <linux/gfp.h>
#include <linux/types.h>

struct fwload_net;

/*
 * For all that a client decides the size of: charged to its memory cgroup, and when there is
 * not so much the client is told, not the log.
 */
#define FWLOAD_MEMORY_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

/* The bound of the module parameter memory_max, in bytes. */
u64 fwload_memory_max(void);

/* Bytes that the namespace has in use. */
u64 fwload_memory_used(const struct fwload_net *fn);

/* What to tell the client of -ENOBUFS and -ENOMEM that the functions below return. */
const char *fwload_memory_reason(int errnum);

/* Returns 0, or -ENOBUFS when @bytes more would exceed the bound. Never sleeps. */
int fwload_memory_charge(struct fwload_net *fn, u64 bytes);
void fwload_memory_uncharge(struct fwload_net *fn, u64 bytes);

/*
 * An array of @n times @size bytes, zeroed, charged to the namespace and to the caller's
 * memory cgroup. Returns ERR_PTR(-ENOBUFS) beyond the bound, ERR_PTR(-ENOMEM) without
 * memory; never NULL, even when @n is 0. May sleep.
 */
void *fwload_memory_alloc(struct fwload_net *fn, size_t n, size_t size);

/*
 * Give back what fwload_memory_alloc() gave for the same @n and @size; NULL and error
 * pointers are accepted. May sleep.
 */
void fwload_memory_free(struct fwload_net *fn, void *p, size_t n, size_t size);

#endif /* FWLOAD_MEMORY_H */
