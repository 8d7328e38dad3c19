/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A set of addresses as the packet path looks at it: ranges in ascending order that neither
 * overlap nor touch, found by bisection. It is built once and never changes.
 */
#ifndef FWLOAD_ADDRS_H
#define FWLOAD_ADDRS_H

#include "env.h"

/**
 * struct fwload_addr - an address as a number
 * @high: IPv6: the first eight bytes; IPv4: 0
 * @low: IPv6: the last eight bytes; IPv4: the address
 */
struct fwload_addr {
	u64 high;
	u64 low;
};

/**
 * struct fwload_addr_range - addresses that follow each other
 * @first: the first of them
 * @last: the last of them, not below @first
 */
struct fwload_addr_range {
	struct fwload_addr first;
	struct fwload_addr last;
};

/**
 * struct fwload_addrs - a set
 * @n: length of @range; 0 for the set without addresses
 * @range: see above
 */
struct fwload_addrs {
	u32 n;
	struct fwload_addr_range range[];
};

/**
 * struct fwload_dyn - the addresses that an interface has, kept current by dyn.c
 * @addrs: the set of now; NULL while it is not known, for want of memory. RCU
 */
struct fwload_dyn {
	struct fwload_addrs __rcu *addrs;
};

/**
 * struct fwload_dyns - those that a chain's rules ask for, by slot
 * @n: length of @dyn
 * @dyn: see struct fwload_img_el_dyn
 */
struct fwload_dyns {
	u32 n;
	const struct fwload_dyn *dyn[];
};

/* The address at @addr, in network byte order, of @family. Any context. */
struct fwload_addr fwload_addrs_number(u8 family, const __be32 *addr);

/* All addresses that have the first @prefix bits of @addr (0 to 32 or 128). Any context. */
struct fwload_addr_range fwload_addrs_network(u8 family, const __be32 *addr, u32 prefix);

/*
 * Bring @n ranges, in any order, into the form of struct fwload_addrs. Returns how many
 * are left. O(n log n), does not sleep.
 */
u32 fwload_addrs_merge(struct fwload_addr_range *range, u32 n);

/* Is the address in the set? O(log n). Any context. */
bool fwload_addrs_has(const struct fwload_addrs *a, u8 family, const __be32 *addr);

#endif /* FWLOAD_ADDRS_H */
