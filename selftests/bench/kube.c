// SPDX-License-Identifier: GPL-2.0
/*
 * The nat table of a Kubernetes node, in the shape in which kube-proxy (mode iptables)
 * writes it: a chain of all services, a chain for each service that spreads the
 * connections over five endpoints, a chain for each endpoint.
 *
 * The n-th service is 10.96.0.0 + n, port 80 or another usual one; its endpoints are
 * 10.128.0.0 + 8 n to + 4, port 8080: so the address that a packet gets tells the service,
 * whichever endpoint chance took.
 */
#include <arpa/inet.h>
#include <string.h>

#include "bench.h"

#define SERVICES	0x0a600000	/* 10.96.0.0/12 */
#define ENDPOINTS	0x0a800000	/* 10.128.0.0/9 */
#define PODS		"10.128.0.0/9"
#define N_ENDPOINTS	5U

/* Sixteen letters and digits, as kube-proxy makes them of a hash. */
static void chain_name(char name[32], const char *kind, u32 service, u32 endpoint)
{
	u64 h = ((u64)service << 3 | endpoint) + (kind[1] == 'E' ? 1ULL << 40 : 0);
	size_t len = snprintf(name, 32, "KUBE-%s-", kind);

	for (u32 i = 0; i < 16; i++) {
		h = (h ^ h >> 31) * 0x9e3779b97f4a7c15ULL + i;
		name[len + i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[h >> 59];
	}
	name[len + 16] = '\0';
}

static u16 port_of(u32 service)
{
	static const u16 ports[] = { 80, 443, 8080, 9090, 5432, 6379, 3306, 9092 };

	return ports[service * 2654435761u >> 29];
}

static void put_service(FILE *f, u32 n)
{
	char svc[32], sep[32], addr[16];
	u32 e;

	chain_name(svc, "SVC", n, 0);
	ip_text(addr, SERVICES + n);
	fprintf(f, "-A %s ! -s " PODS " -d %s/32 -p tcp -m comment --comment "
		"\"default/app-%u:http cluster IP\" -m tcp --dport %u -j KUBE-MARK-MASQ\n",
		svc, addr, n, port_of(n));
	for (e = 0; e < N_ENDPOINTS; e++) {
		chain_name(sep, "SEP", n, e);
		ip_text(addr, ENDPOINTS + 8 * n + e);
		fprintf(f, "-A %s -m comment --comment \"default/app-%u:http -> %s:8080\"", svc,
			n, addr);
		if (e < N_ENDPOINTS - 1)
			fprintf(f, " -m statistic --mode random --probability %.11f",
				1.0 / (N_ENDPOINTS - e));
		fprintf(f, " -j %s\n", sep);
	}
	for (e = 0; e < N_ENDPOINTS; e++) {
		chain_name(sep, "SEP", n, e);
		ip_text(addr, ENDPOINTS + 8 * n + e);
		fprintf(f, "-A %s -s %s/32 -m comment --comment \"default/app-%u:http\" "
			"-j KUBE-MARK-MASQ\n", sep, addr, n);
		fprintf(f, "-A %s -p tcp -m comment --comment \"default/app-%u:http\" -m tcp "
			"-j DNAT --to-destination %s:8080\n", sep, n, addr);
	}
}

static void put_portal(FILE *f, u32 n)
{
	char svc[32], addr[16];

	chain_name(svc, "SVC", n, 0);
	ip_text(addr, SERVICES + n);
	fprintf(f, "-A KUBE-SERVICES -d %s/32 -p tcp -m comment --comment "
		"\"default/app-%u:http cluster IP\" -m tcp --dport %u -j %s\n", addr, n,
		port_of(n), svc);
}

static void write_rules(u32 services, const char *dir)
{
	FILE *f = create(dir, "rules.v4");
	char name[32];
	u32 n, e;

	fputs("*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	      ":POSTROUTING ACCEPT [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-NODEPORTS - [0:0]\n"
	      ":KUBE-POSTROUTING - [0:0]\n:KUBE-SERVICES - [0:0]\n", f);
	for (n = 0; n < services; n++) {
		chain_name(name, "SVC", n, 0);
		fprintf(f, ":%s - [0:0]\n", name);
		for (e = 0; e < N_ENDPOINTS; e++) {
			chain_name(name, "SEP", n, e);
			fprintf(f, ":%s - [0:0]\n", name);
		}
	}
	fputs("-A PREROUTING -m comment --comment \"kubernetes service portals\" "
	      "-j KUBE-SERVICES\n"
	      "-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n"
	      "-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" "
	      "-j KUBE-POSTROUTING\n"
	      "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n"
	      "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
	      "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n"
	      "-A KUBE-POSTROUTING -m comment --comment "
	      "\"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully\n", f);
	for (n = 0; n < services; n++)
		put_service(f, n);
	for (n = 0; n < services; n++)
		put_portal(f, n);
	fputs("-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this "
	      "must be the last rule in this chain\" -m addrtype --dst-type LOCAL "
	      "-j KUBE-NODEPORTS\nCOMMIT\n", f);
	complete(f);
}

/*
 * By hand: one map from service and a random number to the endpoint. (A verdict map with a
 * chain for each service is nearer to the rules, but nft takes 37 s to load 10,000 chains.)
 * The number has to go through the mark, so the mark of MASQ is that of the connection.
 */
static void write_nft(u32 services, const char *dir)
{
	FILE *f = create(dir, "set.nft");
	char service[16], addr[16];

	fputs("table ip bench {\n\tmap endpoints {\n"
	      "\t\ttype ipv4_addr . inet_service . mark : ipv4_addr . inet_service\n"
	      "\t\telements = {\n", f);
	for (u32 n = 0; n < services; n++) {
		ip_text(service, SERVICES + n);
		for (u32 e = 0; e < N_ENDPOINTS; e++) {
			ip_text(addr, ENDPOINTS + 8 * n + e);
			fprintf(f, "%s . %u . %u : %s . 8080,\n", service, port_of(n), e, addr);
		}
	}
	fprintf(f, "}\n\t}\n\tchain prerouting {\n"
		"\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
		"\t\tip saddr != " PODS " ct mark set 0x4000\n"
		"\t\tmeta mark set numgen random mod %u\n"
		"\t\tdnat to ip daddr . tcp dport . meta mark map @endpoints\n\t}\n}\n",
		N_ENDPOINTS);
	complete(f);
}

/* Connections from pods, nine out of ten of them to a service. */
static void write_trace(u32 services, const char *dir, u32 n)
{
	FILE *f = create(dir, "trace");

	for (u32 i = 0; i < n; i++) {
		u32 to = rnd(services);
		struct packet p = {
			.saddr = htonl(ENDPOINTS + (1 << 22) + rnd(1 << 22)),
			.daddr = htonl(SERVICES + to),
			.sport = htons(32768 + rnd(28232)),
			.dport = htons(port_of(to)),
			.len = PACKET_MIN_LEN,
			.proto = PROTO_TCP,
			.state = PACKET_NEW,
			.out = PACKET_NO_DEVICE,
			.tcp_flags = 0x02,
		};

		if (rnd_percent(10))
			p.daddr = htonl(rnd_address());
		put_packet(f, &p);
	}
	complete(f);
}

void kube_write(u32 services, const char *dir, u32 n)
{
	write_rules(services, dir);
	write_nft(services, dir);
	write_trace(services, dir, n);
}
