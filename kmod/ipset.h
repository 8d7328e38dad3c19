/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_IPSET_H
#define FWLOAD_IPSET_H

#include <linux/netfilter/ipset/ip_set.h>
#include <net/net_namespace.h>

#include "body.h"

#define FWLOAD_IPSET_MAX	3	/* sets of one extension */

/*
 * Number of sets in the payload of an extension; 0 for all but "set" and "SET";
 * -EPROTONOSUPPORT for a revision whose payload is not known here.
 */
int fwload_ipset_count(u8 kind, u8 revision, const char *name);

/*
 * Find the sets of @ext in @net by their names, write their numbers into its payload at
 * @info and leave them in @index. Each is referenced until fwload_ipset_put(); the
 * checkentry of the extension takes references of its own. The group
 * FWLOAD_SYMBOLS_IPSET is in use, and ext->n_sets is what fwload_ipset_count() says.
 *
 * Returns 0, -ENOENT (no such set) or -EINVAL (a set of the other family), and then
 * fills @reason and holds nothing.
 */
int fwload_ipset_get(struct net *net, u8 nfproto, const struct fwload_img_ext *ext,
		     const struct fwload_body *b, void *info,
		     ip_set_id_t index[FWLOAD_IPSET_MAX], const char **reason);

/* Give up the references to the first @n of @index. */
void fwload_ipset_put(struct net *net, const ip_set_id_t *index, u32 n);

#endif /* FWLOAD_IPSET_H */
