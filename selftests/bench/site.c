// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic for the rule sets of selftests/rulesets, which are what ufw and shorewall wrote:
 * most of it belongs to connections that are there, the rest begins some, is answered, or
 * is noise.
 */
#include <arpa/inet.h>
#include <string.h>

#include "bench.h"

enum { NET = 0, OFFICE = 1, DMZ = 2, N_ZONES = 3 };

/* An address that lives behind device @zone of shorewall's router. */
static u32 address(u8 zone)
{
	switch (zone) {
	case OFFICE:
		return 0x0a000000 | (1 + rnd(250));	/* 10.0.0.x */
	case DMZ:
		return 0xac100100 | (1 + rnd(20));	/* 172.16.1.x */
	default:
		return 0x2d000000 | rnd(1 << 24);	/* 45.x.x.x */
	}
}

static u16 known_port(void)
{
	static const u16 ports[] = { 80, 443, 443, 443, 22, 25, 53, 993, 8080 };

	return ports[rnd(sizeof(ports) / sizeof(ports[0]))];
}

static void fill_protocol(struct packet *p)
{
	u32 what = rnd(100);

	p->sport = htons(32768 + rnd(28232));
	p->dport = htons(rnd_percent(80) ? known_port() : rnd(65536));
	p->proto = what < 80 ? PROTO_TCP : what < 97 ? PROTO_UDP : PROTO_ICMP;
	p->len = rnd_percent(60) ? PACKET_MIN_LEN : PACKET_MIN_LEN + rnd(60);
	if (p->proto == PROTO_UDP && rnd_percent(70))
		p->dport = htons(53);
	if (p->proto == PROTO_ICMP)
		p->sport = htons(8 << 8);
	p->state = rnd_percent(85) ? PACKET_ESTABLISHED : PACKET_NEW;
	if (p->proto == PROTO_TCP)
		p->tcp_flags = p->state == PACKET_NEW ? 0x02 : 0x10;
}

/* A packet that comes in by eth0, for the machine itself. */
static void host_packet(struct packet *p)
{
	fill_protocol(p);
	p->saddr = htonl(address(NET));
	p->daddr = htonl(0xc0000205);		/* 192.0.2.5 */
	p->out = PACKET_NO_DEVICE;
}

/* A packet that the router forwards from one zone to another. */
static void router_packet(struct packet *p)
{
	u8 from = rnd(N_ZONES), to = (from + 1 + rnd(N_ZONES - 1)) % N_ZONES;

	fill_protocol(p);
	p->in = from;
	p->out = to;
	p->saddr = htonl(address(from));
	p->daddr = htonl(address(to));
}

bool site_trace(const char *kind, FILE *f, u32 n)
{
	bool router = !strcmp(kind, "shorewall");

	for (u32 i = 0; i < n; i++) {
		struct packet p = { .len = PACKET_MIN_LEN };

		if (router)
			router_packet(&p);
		else
			host_packet(&p);
		put_packet(f, &p);
	}
	return true;
}
