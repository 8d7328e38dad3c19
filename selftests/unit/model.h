/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A naive model of the x_tables matches that match.c does natively, the oracle of
 * test_match.c. It works as the kernel's own code does, straight on the bytes of
 * the packet and on rules in the shape of struct ipt_ip and the xt_*_info structs, and
 * shares nothing with the code under test.
 */
#ifndef FWLOAD_MODEL_H
#define FWLOAD_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* IPv6, three extension headers of at most 32 bytes, TCP with options: 196 bytes. */
#define MODEL_MAX_PACKET	256
#define MODEL_MAX_MATCHES	3

/* A packet from its IP header on, and what else the kernel knows of it. */
struct model_packet {
	bool ipv6;
	unsigned int len;
	uint8_t data[MODEL_MAX_PACKET];
	char in[16], out[16];
	uint32_t mark;
	uint8_t pkt_type;
	bool has_mac;
	uint8_t mac[6];
	/* IP_CT_ESTABLISHED and so on, -1 without a connection */
	int ctinfo;
	bool untracked, snat, dnat;
	uint32_t ct_mark;
};

enum model_kind {
	MODEL_TCP,
	MODEL_UDP,
	MODEL_SCTP,
	MODEL_ICMP,
	MODEL_MULTIPORT,
	MODEL_CTSTATE,
	MODEL_MARK,
	MODEL_CONNMARK,
	MODEL_COMMENT,
	MODEL_MAC,
	MODEL_IPRANGE,
	MODEL_PKTTYPE,
	MODEL_KINDS
};

struct model_ports {
	uint16_t spts[2], dpts[2];
	bool sport_inv, dport_inv;
	/* tcp */
	uint8_t mask, cmp, option;
	bool flags_inv, option_inv;
	/* sctp: given at all */
	bool has_sport, has_dport;
};

struct model_icmp {
	uint8_t type, code[2];
};

struct model_multiport {
	int which;		/* 0 source, 1 destination, 2 either */
	unsigned int count;
	uint16_t ports[15];
	bool range[15];
};

struct model_iprange {
	bool has_src, has_dst, src_inv, dst_inv;
	uint8_t src[2][16], dst[2][16];
};

struct model_match {
	enum model_kind kind;
	bool invert;
	union {
		struct model_ports ports;
		struct model_icmp icmp;
		struct model_multiport multiport;
		struct model_iprange iprange;
		uint32_t states;
		struct {
			uint32_t mark, mask;
		} mark;
		uint8_t mac[6];
		uint8_t pkttype;
	};
};

struct model_rule {
	bool ipv6;
	uint8_t src[16], smask[16], dst[16], dmask[16];
	bool src_inv, dst_inv;
	char in[16], out[16];		/* as given, with its + */
	bool in_inv, out_inv;
	uint8_t proto;
	bool has_proto, proto_inv;
	bool frag, frag_inv;
	unsigned int n_matches;
	struct model_match matches[MODEL_MAX_MATCHES];
};

/* Where the transport header is: what ip_tables and ip6_tables give to matches. */
struct model_where {
	int proto;			/* -1: cannot be parsed */
	unsigned int thoff;
	unsigned int fragoff;
};

void model_locate(const struct model_packet *p, struct model_where *w);
uint32_t model_ct_states(const struct model_packet *p);
bool model_rule_matches(const struct model_rule *r, const struct model_packet *p,
			bool *hotdrop);

#endif /* FWLOAD_MODEL_H */
