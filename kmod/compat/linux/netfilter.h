/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is the packet at hand one that TEE sent while the original was held up in a table?
 * Up to 6.15 a per-CPU variable tells, later a field of the task.
 */
#ifndef FWLOAD_COMPAT_LINUX_NETFILTER_H
#define FWLOAD_COMPAT_LINUX_NETFILTER_H

#include <linux/version.h>
#include_next <linux/netfilter.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)

#include <linux/percpu.h>

static inline bool fwload_compat_in_nf_duplicate(void)
{
	return __this_cpu_read(nf_skb_duplicated);
}

#else

#include <linux/sched.h>

static inline bool fwload_compat_in_nf_duplicate(void)
{
	return current->in_nf_duplicate;
}

#endif

#endif /* FWLOAD_COMPAT_LINUX_NETFILTER_H */
