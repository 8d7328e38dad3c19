/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The environment of the files that run in the kernel and on the host alike (SHARED in
 * user/Makefile), which include nothing else from outside. This is the one place that asks
 * where it is compiled.
 *
 * On the host it is plain C with the little that those files need: allocation,
 * byte order, unaligned access, the kernel's small macros.
 */
#ifndef FWLOAD_ENV_H
#define FWLOAD_ENV_H

#ifdef __KERNEL__

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/u64_stats_sync.h>
#include <linux/xxhash.h>

/* May sleep. The memory is zeroed and charged to the caller. */
static inline void *fwload_env_alloc(size_t n, size_t size)
{
	return kvcalloc(n, size, GFP_KERNEL_ACCOUNT);
}

static inline void fwload_env_free(void *p)
{
	kvfree(p);
}

/*
 * A long pass over memory has come from @from to @to: every 64 KiB it lets others have the
 * CPU. May sleep.
 */
static inline void fwload_env_resched(const void *from, const void *to)
{
	if (((unsigned long)from ^ (unsigned long)to) >> 16)
		cond_resched();
}

/* The same, every 4096 steps, for a pass that goes from place to place. */
static inline void fwload_env_pause(u32 step)
{
	if (!(step % 4096))
		cond_resched();
}

static inline void fwload_env_sort(void *base, size_t n, size_t size,
				   int (*cmp)(const void *a, const void *b))
{
	sort(base, n, size, cmp, NULL);
}

/* What an RCU pointer points at. RCU read side. */
#define fwload_env_rcu(p)		rcu_dereference(p)

/* This CPU's part of a per-CPU array, and its number. BH disabled. */
#define fwload_env_this_cpu(percpu)	this_cpu_ptr(percpu)
#define fwload_env_cpu()		smp_processor_id()

/* For a number that only this CPU writes, while any other may read it (READ_ONCE). */
static inline void fwload_env_add(u64 *number, u64 n)
{
	WRITE_ONCE(*number, *number + n);
}

/* What another CPU may be writing, with any outcome: half of it, too. */
#define fwload_env_racy(x)		data_race(x)

#define fwload_env_prefetch(p)		prefetch(p)
/* What looking rules up takes is counted on the host only. */
static inline void fwload_env_count_probe(void) { }
static inline void fwload_env_count_candidate(void) { }

#else

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include <xxhash.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __percpu
#define __rcu
#define __force
#define __uninitialized
#ifndef __aligned
#define __aligned(x)		__attribute__((__aligned__(x)))
#endif
#ifndef __packed
#define __packed		__attribute__((__packed__))
#endif
#define noinline		__attribute__((__noinline__))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#endif
#define fallthrough		__attribute__((__fallthrough__))
#define le16_to_cpu(x)		le16toh(x)
#define le32_to_cpu(x)		le32toh(x)
#define le64_to_cpu(x)		le64toh(x)
#define cpu_to_le16(x)		htole16(x)
#define cpu_to_le32(x)		htole32(x)
#define cpu_to_le64(x)		htole64(x)
#define be32_to_cpu(x)		be32toh(x)
#define cpu_to_be32(x)		htobe32(x)
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

static inline u64 xxh64(const void *data, size_t len, u64 seed)
{
	return XXH64(data, len, seed);
}

/**
 * struct fwload_env_counts - what looking rules up took so far, for tests
 * @probes: buckets looked into
 * @candidates: rules given to the match
 */
struct fwload_env_counts {
	u64 probes;
	u64 candidates;
};

extern __thread struct fwload_env_counts fwload_env_counts;

static inline void fwload_env_count_probe(void)
{
	fwload_env_counts.probes++;
}

static inline void fwload_env_count_candidate(void)
{
	fwload_env_counts.candidates++;
}

static inline void *fwload_env_alloc(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

static inline void fwload_env_free(void *p)
{
	free(p);
}

static inline void fwload_env_sort(void *base, size_t n, size_t size,
				   int (*cmp)(const void *a, const void *b))
{
	qsort(base, n, size, cmp);
}

#define fwload_env_rcu(p)		(p)
#define fwload_env_resched(from, to)	((void)(from), (void)(to))
#define fwload_env_pause(step)		((void)(step))
#define fwload_env_racy(x)		(x)
#define fwload_env_prefetch(p)		__builtin_prefetch(p)
#define fwload_env_this_cpu(percpu)	(percpu)
#define fwload_env_cpu()		0

static inline void fwload_env_add(u64 *number, u64 n)
{
	*number += n;
}

#endif /* __KERNEL__ */

#include "../uapi/linux/fwload_image.h"

#endif /* FWLOAD_ENV_H */
