/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and networks in text, as libxtables reads them. */
#ifndef FWIMG_ADDR_H
#define FWIMG_ADDR_H

#include "../kmod/env.h"

/**
 * struct addr_net - a network, or the addresses of an interface
 * @addr: network byte order, IPv4 in [0]; bits beyond @mask are zero
 * @mask: likewise
 * @dyn: FWLOAD_IMG_F_DYN and its forms: those of the interface @dev; else 0
 * @dev: its name, then zeros
 */
struct addr_net {
	__be32 addr[4];
	__be32 mask[4];
	u8 dyn;
	char dev[16];
};

/*
 * An IPv4 address: four numbers (each as strtoul() with base 0 takes it), or fewer and
 * the rest is zero. False when it is none.
 */
bool addr_ipv4(const char *s, size_t len, __be32 *addr);
/* An IPv6 address. False when it is none. */
bool addr_ipv6(const char *s, size_t len, __be32 addr[4]);

enum addr_result {
	ADDR_OK,
	ADDR_NAME,		/* not an address: a name, perhaps */
	ADDR_FAMILY,		/* an address of the other family */
	ADDR_MASK,		/* the address is fine, the mask is not */
};

/*
 * ADDRESS[/MASK], where MASK is a length or an address; with a mask of no bits the
 * address is not looked at.
 */
enum addr_result addr_net(u8 family, const char *s, size_t len, struct addr_net *net);

/*
 * The same for the spelling that nearly all IPv4 networks have: 192.0.2.0/24. False for
 * any other.
 */
bool addr_plain_net4(const char *s, size_t len, struct addr_net *net);

/*
 * The addresses of an interface: (eth0), (eth0:network) or (eth0:0). Returns NULL, or why it
 * is none, and which @n bytes from @from on are to blame.
 */
const char *addr_dyn(const char *s, size_t len, struct addr_net *net, size_t *from,
		     size_t *n);

/* Length of the prefix that the mask of @net is, or -1 when it is none. */
int addr_prefix(u8 family, const struct addr_net *net);

#endif /* FWIMG_ADDR_H */
