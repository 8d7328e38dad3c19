/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_NETLINK_H
#define FWLOAD_NETLINK_H

#include <net/genetlink.h>

struct fwload_net;
struct fwload_table;

extern struct genl_family fwload_family;

int fwload_netlink_init(void);
void fwload_netlink_exit(void);

/*
 * May the sender of @skb change and see the rules of @net? CAP_NET_ADMIN in the initial user
 * namespace, or, with the module parameter userns, in that which owns @net.
 */
bool fwload_netlink_allowed(const struct sk_buff *skb, const struct net *net);

/*
 * Tell the events group that the client with @portid has changed something, by the
 * operation @cause (enum fwload_cmd). Events may get lost, which readers are told as
 * netlink(7) says. Context: process, fwload_net.lock held.
 */
void fwload_netlink_event(struct fwload_net *fn, u8 cause, u32 portid);

/* Put a nest FWLOAD_A_TABLE. Returns 0 or -EMSGSIZE. */
int fwload_netlink_put_table(struct sk_buff *skb, const struct fwload_table *t);

/* The dump of FWLOAD_CMD_GET_IMAGE: see dump.c. */
int fwload_dump_start(struct netlink_callback *cb);
int fwload_dump_next(struct sk_buff *skb, struct netlink_callback *cb);
int fwload_dump_done(struct netlink_callback *cb);

#endif /* FWLOAD_NETLINK_H */
