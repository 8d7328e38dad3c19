/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_SKB_KUNIT_H
#define FWLOAD_SKB_KUNIT_H

#include <kunit/test.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

/* An Ethernet device and a connection, for packets to have; between init and exit. */
extern struct net_device *skb_kunit_ether;
extern struct nf_conn *skb_kunit_ct;

/* For kunit_suite.suite_init and suite_exit. Random numbers are the same in every run. */
int skb_kunit_init(struct kunit_suite *suite);
void skb_kunit_exit(struct kunit_suite *suite);

/* Uniform in 0 to n - 1. */
u32 random_below(u32 n);
bool random_one_in(u32 n);
/* One of a few ports. */
u16 random_port(void);

/*
 * A packet of @proto (0: any): with IP options or extension headers, a fragment, truncated,
 * with a part of it in a page of its own, with and without Ethernet header and connection.
 */
struct sk_buff *skb_kunit_random(struct kunit *test, u8 family, u8 proto);
void skb_kunit_free(struct sk_buff *skb);

#endif /* FWLOAD_SKB_KUNIT_H */
