/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet of a trace, as the generator writes it and the module reads it.
 */
#ifndef BENCH_PACKET_H
#define BENCH_PACKET_H

#include <linux/types.h>

#define PACKET_NO_DEVICE	0xff
#define PACKET_MIN_LEN		60	/* enough for both headers, always there */
#define PACKET_MAX_LEN		1500

enum packet_state {
	PACKET_NO_CT = 0,	/* no connection tracking has seen it */
	PACKET_NEW = 1,
	PACKET_ESTABLISHED = 2,
};

/**
 * struct packet - an IPv4 packet without options and payload of interest
 * @saddr: network byte order
 * @daddr: likewise
 * @sport: likewise; ICMP: type and code
 * @dport: likewise
 * @len: bytes of the packet, PACKET_MIN_LEN to PACKET_MAX_LEN; byte order of the machine
 * @proto: protocol
 * @state: enum packet_state
 * @in: number of the device ethN that it came in by, or PACKET_NO_DEVICE
 * @out: likewise, that it goes out by
 * @tcp_flags: byte 13 of a TCP header
 * @pad: zero
 */
struct packet {
	__be32	saddr;
	__be32	daddr;
	__be16	sport;
	__be16	dport;
	__u16	len;
	__u8	proto;
	__u8	state;
	__u8	in;
	__u8	out;
	__u8	tcp_flags;
	__u8	pad;
};

#endif /* BENCH_PACKET_H */
