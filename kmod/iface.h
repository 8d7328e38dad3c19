/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_IFACE_H
#define FWLOAD_IFACE_H

#include "addrs.h"

struct net;

/* What a rule asks for of an interface, in el.flags. */
#define FWLOAD_IFACE_FORMS	(FWLOAD_IMG_F_DYN | FWLOAD_IMG_F_DYN_NET | FWLOAD_IMG_F_DYN_FIRST)

/**
 * struct fwload_iface_found - what an interface has
 * @n: ranges, whether there was room for them or not
 * @ifindex: of the interface, 0 without one
 * @pending: the uniqueness of an address is being checked
 * @unheard: what was read may change without any notifier being told
 */
struct fwload_iface_found {
	u32 n;
	int ifindex;
	bool pending;
	bool unheard;
};

/*
 * Read the addresses of @family that the interface @name has now, in the @form (of
 * FWLOAD_IFACE_FORMS) that a rule asks for. Up to @room ranges go to @to, in the order of the
 * addresses. BH or process context, does not sleep; no lock of an address is held.
 */
struct fwload_iface_found fwload_iface_read(struct net *net, const char *name, u8 family, u8 form,
					    struct fwload_addr_range *to, u32 room);

#endif /* FWLOAD_IFACE_H */
