// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses that an interface has at this moment.
 *
 * What counts are the addresses that "ip address" lists, whether the interface is up or not,
 * but for IPv6 addresses that turned out to be somebody else's (DADFAILED). An address whose
 * uniqueness is still being checked counts already: later there would be a moment in which it
 * is in use and its rules do not match.
 *
 * No notifier tells how that check ends, nor, in 6.1 and 6.12, that an IPv6 address has been
 * given another peer: inet6_addr_modify() changes it in place and tells only listeners of
 * rtnetlink. The reader has to come back for both.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "iface.h"

/**
 * struct reader - reading an interface
 * @found: what there was so far
 * @to: where ranges go
 * @room: of @to
 * @family: enum fwload_family
 * @form: of FWLOAD_IFACE_FORMS
 */
struct reader {
	struct fwload_iface_found found;
	struct fwload_addr_range *to;
	u32 room;
	u8 family;
	u8 form;
};

/* One more range; beyond the room it is only counted. Returns whether more are wanted. */
static bool add(struct reader *r, const __be32 *addr, u32 prefix)
{
	if (r->found.n < r->room)
		r->to[r->found.n] = fwload_addrs_network(r->family, addr, prefix);
	r->found.n++;
	return !(r->form & FWLOAD_IMG_F_DYN_FIRST);
}

/* RCU read side */
static void read_ipv4(struct reader *r, const struct net_device *dev)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;
	bool more;

	if (!in_dev)
		return;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (r->form & FWLOAD_IMG_F_DYN_NET)
			more = add(r, &ifa->ifa_address, inet_mask_len(ifa->ifa_mask));
		else
			more = add(r, &ifa->ifa_local, 32);
		if (!more)
			break;
	}
}

static bool is_dead(const struct inet6_ifaddr *ifa)
{
	return READ_ONCE(ifa->state) == INET6_IFADDR_STATE_DEAD ||
	       READ_ONCE(ifa->flags) & IFA_F_DADFAILED;
}

/* The network of @ifa, which of a link with a peer is the peer's. Its prefix never changes. */
static struct in6_addr network_of(struct inet6_ifaddr *ifa)
{
	struct in6_addr addr;

	spin_lock_bh(&ifa->lock);
	addr = ipv6_addr_any(&ifa->peer_addr) ? ifa->addr : ifa->peer_addr;
	spin_unlock_bh(&ifa->lock);
	return addr;
}

/* RCU read side */
static void read_ipv6(struct reader *r, const struct net_device *dev)
{
	bool active = netif_running(dev) && netif_carrier_ok(dev);
	struct inet6_dev *idev = __in6_dev_get(dev);
	struct inet6_ifaddr *ifa;
	struct in6_addr addr;
	u32 prefix;

	if (!idev)
		return;
	read_lock_bh(&idev->lock);
	list_for_each_entry(ifa, &idev->addr_list, if_list) {
		if (is_dead(ifa))
			continue;
		addr = ifa->addr;
		prefix = 128;
		if (r->form & FWLOAD_IMG_F_DYN_NET) {
			addr = network_of(ifa);
			prefix = min_t(u32, ifa->prefix_len, 128);
			r->found.unheard = true;
		}
		/* While the link is down nothing is checked; UP or CHANGE comes then. */
		if (READ_ONCE(ifa->flags) & IFA_F_TENTATIVE && active)
			r->found.pending = true;
		if (!add(r, addr.s6_addr32, prefix))
			break;
	}
	read_unlock_bh(&idev->lock);
}

struct fwload_iface_found fwload_iface_read(struct net *net, const char *name, u8 family, u8 form,
					    struct fwload_addr_range *to, u32 room)
{
	struct reader r = { .to = to, .room = room, .family = family, .form = form };
	const struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, name);
	/* It is found by its alternative names too. */
	if (dev && !strcmp(dev->name, name)) {
		r.found.ifindex = dev->ifindex;
		if (family == FWLOAD_FAMILY_IPV4)
			read_ipv4(&r, dev);
		else
			read_ipv6(&r, dev);
	}
	rcu_read_unlock();
	return r.found;
}
