// SPDX-License-Identifier: GPL-2.0
/*
 * Bounded memory: what a namespace's rule sets, images on their way in and dumps on
 * their way out take together stays below the module parameter memory_max.
 *
 * Memory cgroups bound the caller as well (everything is allocated with
 * GFP_KERNEL_ACCOUNT), but not every system has one around each namespace, and what
 * counters take on a machine with many CPUs surprises. The bound is a sum of bytes asked
 * for, without the allocators' own overhead.
 */
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "main.h"
#include "memory.h"

static unsigned int memory_max = 1024;
module_param(memory_max, uint, 0644);
MODULE_PARM_DESC(memory_max,
		 "MiB of kernel memory that the rules of one network namespace may take");

u64 fwload_memory_max(void)
{
	return (u64)READ_ONCE(memory_max) << 20;
}

u64 fwload_memory_used(const struct fwload_net *fn)
{
	return atomic64_read(&fn->memory);
}

const char *fwload_memory_reason(int errnum)
{
	return errnum == -ENOBUFS ? "this takes more memory than memory_max of fwload leaves" :
				    "out of memory";
}

int fwload_memory_charge(struct fwload_net *fn, u64 bytes)
{
	u64 max = fwload_memory_max();

	/* So that the sum cannot wrap. */
	if (bytes > max)
		return -ENOBUFS;
	if ((u64)atomic64_add_return(bytes, &fn->memory) > max) {
		atomic64_sub(bytes, &fn->memory);
		return -ENOBUFS;
	}
	return 0;
}

void fwload_memory_uncharge(struct fwload_net *fn, u64 bytes)
{
	atomic64_sub(bytes, &fn->memory);
}

void *fwload_memory_alloc(struct fwload_net *fn, size_t n, size_t size)
{
	size_t bytes;
	void *p;
	int err;

	if (check_mul_overflow(n, size, &bytes))
		return ERR_PTR(-ENOMEM);
	err = fwload_memory_charge(fn, bytes);
	if (err)
		return ERR_PTR(err);
	p = kvzalloc(bytes ? bytes : 1, FWLOAD_MEMORY_GFP);
	if (!p) {
		fwload_memory_uncharge(fn, bytes);
		return ERR_PTR(-ENOMEM);
	}
	return p;
}

void fwload_memory_free(struct fwload_net *fn, void *p, size_t n, size_t size)
{
	if (IS_ERR_OR_NULL(p))
		return;
	kvfree(p);
	fwload_memory_uncharge(fn, n * size);
}
