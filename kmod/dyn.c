// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of interfaces, kept current: -s (eth0), -d (eth0:network), -s (eth0:0).
 *
 * A *set* stands for one interface name, one family and one form, and is shared by all rules of
 * the namespace that ask for it. Packets see an immutable array of it through an RCU pointer
 * (addrs.h); whenever the kernel says that something about the interface has changed, the
 * addresses that it has then are read anew as a whole and another array is published. Nothing is
 * added or taken away piece by piece, so that a notification too many does no harm and
 * their order does not matter: each of them comes after the change that it tells of, and what
 * is read under the lock of the namespace is published under it.
 *
 * The notifiers and where they run:
 *
 *	inetaddr	blocking chain: process context, RTNL held
 *	inet6addr	atomic chain: process context with RTNL held, or BH when an address
 *			comes from a router advertisement; no lock of ours or of the
 *			address is held. addrconf_ifdown() calls it before it unlinks the
 *			address, whose state is DEAD by then
 *	netdevice	process context, RTNL held
 *
 * Hence arrays are allocated with GFP_ATOMIC under a spinlock. An interface without an address
 * takes none. When there is no memory (or memory_max is reached) the old array is not kept,
 * since it is wrong: the set is *not known*, the log says so, packets that meet its rules are
 * dropped as x_tables drops those that it cannot judge, and a work, which may sleep for
 * memory, tries again until it succeeds.
 *
 * There are at most FWLOAD_MAX_DYN sets in a namespace, so that neither a commit that looks up
 * the sets of each rule nor a new interface that may concern any of them takes long.
 *
 * A set belongs to its name. Renaming an interface therefore empties one set and fills
 * another. The name is dev->name, as for -i and -o; alternative names do not count.
 *
 * No notifier tells how the check of an IPv6 address's uniqueness ends, nor of another peer of
 * one (iface.c). So sets that have an address that is being checked are looked at again a few
 * times a second, and (eth0:network) of IPv6 once a second.
 */
#define pr_fmt(fmt) "fwload: " fmt

#include <linux/err.h>
#include <linux/inetdevice.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "chain.h"
#include "dyn.h"
#include "ext.h"
#include "iface.h"
#include "main.h"
#include "memory.h"

#define SOON	(HZ / 5)
#define LATER	HZ

/*
 * No GFP_KERNEL_ACCOUNT: who adds an address is not who loaded the rules. fwload_memory_charge()
 * bounds it.
 */
#define ATOMIC_GFP	(GFP_ATOMIC | __GFP_NOWARN)

/**
 * struct array - what a set publishes
 * @rcu: frees it
 * @room: ranges that it has room for, of which those that were joined are not used
 * @addrs: the set
 */
struct array {
	struct rcu_head rcu;
	u32 room;
	struct fwload_addrs addrs;
};

/**
 * struct set - see above
 * @dyn: what packets look at; the array under fwload_dyn_net.lock
 * @node: in fwload_dyn_net.by_name
 * @again: in fwload_dyn_net.again, or empty
 * @refs: rules that use it, and the work while it does
 * @ifindex: the interface that had the name when it was last looked at; 0: none
 * @family: enum fwload_family
 * @form: FWLOAD_IMG_F_DYN and perhaps one of its forms
 * @name: of the interface
 */
struct set {
	struct fwload_dyn dyn;
	struct hlist_node node;
	struct list_head again;
	u64 refs;
	int ifindex;
	u8 family;
	u8 form;
	char name[IFNAMSIZ];
};

/* What a set without addresses publishes. */
static struct fwload_addrs no_addrs;
static u32 hash_seed __read_mostly;

static u32 name_hash(const char *name)
{
	return jhash(name, strlen(name), hash_seed);
}

/* Arrays ------------------------------------------------------------------ */

static size_t array_size_of(u32 room)
{
	return sizeof(struct array) + (size_t)room * sizeof(struct fwload_addr_range);
}

static struct array *array_alloc(struct fwload_net *fn, u32 room, gfp_t gfp)
{
	struct array *a;

	if (fwload_memory_charge(fn, array_size_of(room)))
		return NULL;
	/* vmalloc sleeps */
	if (gfpflags_allow_blocking(gfp))
		a = kvmalloc(array_size_of(room), gfp);
	else
		a = kmalloc(array_size_of(room), gfp);
	if (a)
		a->room = room;
	else
		fwload_memory_uncharge(fn, array_size_of(room));
	return a;
}

/* An array that was never published. */
static void array_free(struct fwload_net *fn, struct array *a)
{
	if (!a)
		return;
	fwload_memory_uncharge(fn, array_size_of(a->room));
	kvfree(a);
}

/* One that was, which a packet may still be looking at. */
static void array_retire(struct fwload_net *fn, struct fwload_addrs *addrs)
{
	struct array *a = container_of(addrs, struct array, addrs);

	if (!addrs || addrs == &no_addrs)
		return;
	fwload_memory_uncharge(fn, array_size_of(a->room));
	kvfree_rcu(a, rcu);
}

/* Sets -------------------------------------------------------------------- */

static struct fwload_iface_found read_set(const struct fwload_net *fn, const struct set *s,
					  struct array *room)
{
	return fwload_iface_read(fn->net, s->name, s->family, s->form,
				 room ? room->addrs.range : NULL, room ? room->room : 0);
}

static bool same_addrs(const struct fwload_addrs *a, const struct fwload_addrs *b)
{
	return a && b && a->n == b->n && !memcmp(a->range, b->range, a->n * sizeof(a->range[0]));
}

/* Look at @s again. Context: fwload_dyn_net.lock held. */
static void look_again(struct fwload_net *fn, struct set *s, bool soon)
{
	list_move_tail(&s->again, &fn->dyn.again);
	if (!soon) {
		queue_delayed_work(fwload_wq, &fn->dyn.work, LATER);
	} else if (!fn->dyn.soon) {
		/* Only once: it is not to be put off by each set that is to be looked at. */
		fn->dyn.soon = true;
		mod_delayed_work(fwload_wq, &fn->dyn.work, SOON);
	}
}

/*
 * Read the interface of @s and publish what it has. @room, or NULL, is used if it is large
 * enough, and freed if not. Context: fwload_dyn_net.lock held.
 */
static void update(struct fwload_net *fn, struct set *s, struct array *room)
{
	struct fwload_addrs *old, *new = &no_addrs;
	struct array *a = room;
	struct fwload_iface_found f;

	old = rcu_dereference_protected(s->dyn.addrs, lockdep_is_held(&fn->dyn.lock));
	for (;;) {
		f = read_set(fn, s, a);
		if (f.n <= (a ? a->room : 0))
			break;
		/* It may get more until it is read again, so this is a loop. */
		array_free(fn, a);
		a = array_alloc(fn, f.n, ATOMIC_GFP);
		if (!a) {
			new = NULL;
			break;
		}
	}
	s->ifindex = f.ifindex;
	if (f.n && new) {
		a->addrs.n = fwload_addrs_merge(a->addrs.range, f.n);
		new = &a->addrs;
	} else {
		array_free(fn, a);
		a = NULL;
	}
	if (!new || f.pending || f.unheard)
		look_again(fn, s, !new || f.pending);
	else
		list_del_init(&s->again);
	if (!new)
		pr_warn_ratelimited("no memory for the addresses of interface \"%s\": packets that meet a rule on them are dropped until there is\n",
				    s->name);
	if (same_addrs(old, new)) {
		array_free(fn, a);
		return;
	}
	rcu_assign_pointer(s->dyn.addrs, new);
	array_retire(fn, old);
}

/* Context: fwload_dyn_net.lock held. */
static struct set *find(struct fwload_net *fn, u8 family, u8 form, const char *name)
{
	struct set *s;

	hash_for_each_possible(fn->dyn.by_name, s, node, name_hash(name))
		if (s->family == family && s->form == form && !strcmp(s->name, name))
			return s;
	return NULL;
}

/* The work ends its use of a set, or a rule does. Context: fwload_dyn_net.lock held. */
static void put(struct fwload_net *fn, struct set *s)
{
	struct fwload_addrs *addrs;

	if (--s->refs)
		return;
	hash_del(&s->node);
	fn->dyn.n--;
	list_del_init(&s->again);
	addrs = rcu_dereference_protected(s->dyn.addrs, true);
	array_retire(fn, addrs);
	fwload_memory_uncharge(fn, sizeof(*s));
	/* No packet looks at it: every chain that had it is out of sight. */
	kfree(s);
}

/*
 * Make the set @name, which is not there: nobody else makes any, as fwload_net.lock is held.
 * It is there with its addresses, or not at all.
 */
static struct set *make(struct fwload_net *fn, u8 family, u8 form, const char *name)
{
	struct array *room = NULL;
	struct set *s;
	u32 n;
	int err;

	err = fwload_memory_charge(fn, sizeof(*s));
	if (err)
		return ERR_PTR(err);
	s = kzalloc(sizeof(*s), FWLOAD_MEMORY_GFP);
	if (!s) {
		fwload_memory_uncharge(fn, sizeof(*s));
		return ERR_PTR(-ENOMEM);
	}
	s->refs = 1;
	s->family = family;
	s->form = form;
	strscpy(s->name, name, sizeof(s->name));
	INIT_LIST_HEAD(&s->again);

	n = read_set(fn, s, NULL).n;
	if (n) {
		room = array_alloc(fn, n, FWLOAD_MEMORY_GFP);
		if (!room) {
			fwload_memory_uncharge(fn, sizeof(*s));
			kfree(s);
			return ERR_PTR(-ENOMEM);
		}
	}
	spin_lock_bh(&fn->dyn.lock);
	hash_add(fn->dyn.by_name, &s->node, name_hash(name));
	fn->dyn.n++;
	update(fn, s, room);
	if (!rcu_access_pointer(s->dyn.addrs)) {
		put(fn, s);
		s = ERR_PTR(-ENOMEM);
	}
	spin_unlock_bh(&fn->dyn.lock);
	return s;
}

/* The set @name, for one more rule. Returns ERR_PTR(-E2BIG), -ENOBUFS or -ENOMEM. */
static struct set *get(struct fwload_net *fn, u8 family, u8 form, const char *name)
{
	struct set *s;

	spin_lock_bh(&fn->dyn.lock);
	s = find(fn, family, form, name);
	if (s)
		s->refs++;
	else if (fn->dyn.n == FWLOAD_MAX_DYN)
		s = ERR_PTR(-E2BIG);
	spin_unlock_bh(&fn->dyn.lock);
	return s ? s : make(fn, family, form, name);
}

/* There is no set for rule @number. For want of memory the caller has the words. */
static int refuse(int errnum, u32 number, struct fwload_ext_error *err)
{
	if (errnum == -E2BIG) {
		err->reason =
			"more different addresses of interfaces are asked for than FWLOAD_MAX_DYN";
		err->rule = number;
		err->ext = FWLOAD_NO_PLACE;
	}
	return errnum;
}

int fwload_dyn_bind(struct fwload_net *fn, u8 family, struct fwload_chain *c,
		    const struct fwload_body *b, struct fwload_ext_error *err)
{
	struct fwload_dyns *dyns = c->code.dyns;
	const u8 *at = b->rules, *end = b->rules + b->rules_size;
	u32 n = 0, number = 0;

	while (n < dyns->n && at < end) {
		const struct fwload_img_rule *rule = (const void *)at;
		const u8 *next = fwload_rule_end(rule);

		/* They are the first elements of a rule, if they are there. */
		for (at += sizeof(*rule); at < next;) {
			const struct fwload_img_el_dyn *el = (const void *)at;
			struct set *s;

			if (el->el.type > FWLOAD_IMG_EL_DST)
				break;
			at += el->el.len * FWLOAD_IMG_ALIGN;
			if (!(el->el.flags & FWLOAD_IMG_F_DYN))
				continue;
			s = get(fn, family, el->el.flags & FWLOAD_IFACE_FORMS, el->name);
			if (IS_ERR(s)) {
				fwload_dyn_unbind(fn, c);
				return refuse(PTR_ERR(s), number, err);
			}
			dyns->dyn[n++] = &s->dyn;
		}
		fwload_env_resched(at, next);
		at = next;
		number++;
	}
	return 0;
}

void fwload_dyn_unbind(struct fwload_net *fn, struct fwload_chain *c)
{
	struct fwload_dyns *dyns = c->code.dyns;
	u32 i;

	for (i = 0; i < dyns->n && dyns->dyn[i]; i++) {
		struct set *s = container_of(dyns->dyn[i], struct set, dyn);

		dyns->dyn[i] = NULL;
		spin_lock_bh(&fn->dyn.lock);
		put(fn, s);
		spin_unlock_bh(&fn->dyn.lock);
		fwload_env_resched(&dyns->dyn[i], &dyns->dyn[i + 1]);
	}
}

/* Changes ----------------------------------------------------------------- */

/* Something about @dev has changed that concerns @family. */
static void changed(const struct net_device *dev, u8 family)
{
	struct fwload_net *fn = fwload_net(dev_net(dev));
	struct set *s;

	/* A namespace's first interface comes before we hear of the namespace. */
	if (!fn)
		return;
	spin_lock_bh(&fn->dyn.lock);
	hash_for_each_possible(fn->dyn.by_name, s, node, name_hash(dev->name))
		if (s->family == family && !strcmp(s->name, dev->name))
			update(fn, s, NULL);
	spin_unlock_bh(&fn->dyn.lock);
}

/* @dev came, went, or has another name than before. */
static void renamed(const struct net_device *dev)
{
	struct fwload_net *fn = fwload_net(dev_net(dev));
	struct set *s;
	int i;

	if (!fn)
		return;
	spin_lock_bh(&fn->dyn.lock);
	hash_for_each(fn->dyn.by_name, i, s, node)
		if (s->ifindex == dev->ifindex || !strcmp(s->name, dev->name))
			update(fn, s, NULL);
	spin_unlock_bh(&fn->dyn.lock);
}

static int fwload_dyn_inetaddr(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	changed(ifa->ifa_dev->dev, FWLOAD_FAMILY_IPV4);
	return NOTIFY_DONE;
}

static int fwload_dyn_inet6addr(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	changed(ifa->idev->dev, FWLOAD_FAMILY_IPV6);
	return NOTIFY_DONE;
}

static int fwload_dyn_netdevice(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
		renamed(dev);
		break;
	case NETDEV_UP:
	case NETDEV_CHANGE:
		changed(dev, FWLOAD_FAMILY_IPV6);
		break;
	}
	return NOTIFY_DONE;
}

static void fwload_dyn_work(struct work_struct *work)
{
	struct fwload_net *fn = container_of(to_delayed_work(work), struct fwload_net,
					     dyn.work);
	struct array *room;
	LIST_HEAD(todo);
	struct set *s;
	u32 n;

	spin_lock_bh(&fn->dyn.lock);
	fn->dyn.soon = false;
	list_splice_init(&fn->dyn.again, &todo);
	while ((s = list_first_entry_or_null(&todo, struct set, again))) {
		list_del_init(&s->again);
		s->refs++;
		spin_unlock_bh(&fn->dyn.lock);
		n = read_set(fn, s, NULL).n;
		room = n ? array_alloc(fn, n, GFP_KERNEL | __GFP_NOWARN) : NULL;
		cond_resched();
		spin_lock_bh(&fn->dyn.lock);
		update(fn, s, room);
		put(fn, s);
	}
	spin_unlock_bh(&fn->dyn.lock);
}

void fwload_dyn_net_init(struct fwload_net *fn)
{
	spin_lock_init(&fn->dyn.lock);
	hash_init(fn->dyn.by_name);
	INIT_LIST_HEAD(&fn->dyn.again);
	INIT_DELAYED_WORK(&fn->dyn.work, fwload_dyn_work);
}

void fwload_dyn_net_exit(struct fwload_net *fn)
{
	/* It queues itself again only for a set, and there is none left. */
	cancel_delayed_work_sync(&fn->dyn.work);
	WARN_ON_ONCE(!hash_empty(fn->dyn.by_name));
}

static struct notifier_block inetaddr_notifier = {
	.notifier_call = fwload_dyn_inetaddr,
};

static struct notifier_block inet6addr_notifier = {
	.notifier_call = fwload_dyn_inet6addr,
};

static struct notifier_block netdevice_notifier = {
	.notifier_call = fwload_dyn_netdevice,
};

int fwload_dyn_init(void)
{
	int err;

	get_random_bytes(&hash_seed, sizeof(hash_seed));
	err = register_inetaddr_notifier(&inetaddr_notifier);
	if (err)
		return err;
	err = register_inet6addr_notifier(&inet6addr_notifier);
	if (err)
		goto err_inetaddr;
	err = register_netdevice_notifier(&netdevice_notifier);
	if (err)
		goto err_inet6addr;
	return 0;

err_inet6addr:
	unregister_inet6addr_notifier(&inet6addr_notifier);
err_inetaddr:
	unregister_inetaddr_notifier(&inetaddr_notifier);
	return err;
}

void fwload_dyn_exit(void)
{
	unregister_netdevice_notifier(&netdevice_notifier);
	unregister_inet6addr_notifier(&inet6addr_notifier);
	unregister_inetaddr_notifier(&inetaddr_notifier);
}
