/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_MAIN_H
#define FWLOAD_MAIN_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "dyn.h"
#include "hook.h"

struct fwload_gen;

/**
 * struct fwload_net - what fwload has of a network namespace
 * @net: the namespace
 * @lock: serialises what reads or changes rules, counters and uploads, except
 *	for packets
 * @gen: the generation in force; NULL when no table is loaded
 * @hooks: the hooks that are registered, under @lock
 * @uploads: images on their way in, struct fwload_upload; looked up under @lock
 * @uploads_lock: the list @uploads
 * @dyn: addresses of interfaces that rules ask for; has a lock of its own
 * @memory: bytes charged by fwload_memory_charge()
 * @retiring: generations that were replaced and are not freed yet; also the key that
 *	their end wakes up (wake_up_var)
 * @generation: number of the last change, 0 before the first, under @lock
 * @last_id: last id that a chain was given, under @lock
 * @pinned: rules are in force, so the module must stay, under @lock
 */
struct fwload_net {
	struct net *net;
	struct mutex lock;	/* rules, counters, uploads */
	struct fwload_gen __rcu *gen;
	struct fwload_hooks hooks;
	struct list_head uploads;
	spinlock_t uploads_lock;	/* uploads */
	struct fwload_dyn_net dyn;
	atomic64_t memory;
	atomic_t retiring;
	u32 generation;
	u64 last_id;
	bool pinned;
};

extern unsigned int fwload_net_id;

/* Where generations are retired. */
extern struct workqueue_struct *fwload_wq;

static inline struct fwload_net *fwload_net(const struct net *net)
{
	return net_generic(net, fwload_net_id);
}

/* The generation in force, or NULL. Context: RCU read side. */
static inline struct fwload_gen *fwload_net_gen(const struct net *net)
{
	return rcu_dereference(fwload_net(net)->gen);
}

#endif /* FWLOAD_MAIN_H */
