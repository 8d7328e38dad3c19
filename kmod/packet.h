/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_PACKET_H
#define FWLOAD_PACKET_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "match.h"

/*
 * Fill @pkt from @skb, all but what struct fwload_pkt says is not extracted. Once a
 * traversal, and again after a target of an extension that may have changed the packet.
 * @family is enum fwload_family. Context: BH disabled, RCU read side.
 */
void fwload_packet_extract(struct fwload_pkt *pkt, struct sk_buff *skb,
			   const struct nf_hook_state *state, u8 family);

#endif /* FWLOAD_PACKET_H */
