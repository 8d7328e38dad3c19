// SPDX-License-Identifier: GPL-2.0
/* The owner of packets of tests whose rules ask it for nothing. */
#include "../../kmod/match.h"

void fwload_pkt_load_ct(struct fwload_pkt *pkt)
{
	(void)pkt;
	abort();
}

bool fwload_pkt_mac(const struct fwload_pkt *pkt, u8 mac[6])
{
	(void)pkt;
	(void)mac;
	abort();
}

bool fwload_pkt_tcp_options(const struct fwload_pkt *pkt, u8 *buf, u32 len)
{
	(void)pkt;
	(void)buf;
	(void)len;
	abort();
}
