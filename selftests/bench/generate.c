// SPDX-License-Identifier: GPL-2.0
/*
 * generate KIND SIZE DIR [PACKETS [SEED]]
 *
 * Writes a rule set of SIZE rules (kube: services) and a trace of PACKETS (400,000) to DIR:
 *
 *	rules.v4	for iptables-restore and fwimg
 *	trace		struct packet after struct packet
 *	set.nft		the same as one nft set and one rule, where the rules allow it
 *	set.ipset	the set for "ipset restore", with set.v4 as the rules for iptables
 *
 * Half of the packets meet a rule made for them, the other half are random. The same
 * arguments give the same files.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define SET_CHUNK	20000	/* elements that one nft command adds */

static u64 rnd_state;

u64 rnd64(void)
{
	u64 z = rnd_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u32 rnd(u32 n)
{
	return (rnd64() >> 32) * n >> 32;
}

bool rnd_percent(u32 percent)
{
	return rnd(100) < percent;
}

u32 rnd_address(void)
{
	return (1 + rnd(222)) << 24 | rnd(1 << 24);
}

void *need(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p) {
		fprintf(stderr, "generate: no memory\n");
		exit(1);
	}
	return p;
}

FILE *create(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

void complete(FILE *f)
{
	if (ferror(f) | fclose(f)) {
		perror("generate");
		exit(1);
	}
}

u32 net_mask(u8 len)
{
	return len ? ~0U << (32 - len) : 0;
}

void ip_text(char text[16], u32 addr)
{
	snprintf(text, 16, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
		 addr & 255);
}

/* Traces ------------------------------------------------------------------ */

void put_packet(FILE *f, const struct packet *p)
{
	fwrite(p, sizeof(*p), 1, f);
}

static u16 rnd_in(const u16 range[2])
{
	return range[0] + rnd(range[1] - range[0] + 1);
}

static void put_meeting(FILE *f, const struct brule *r)
{
	struct packet p = { .len = PACKET_MIN_LEN, .in = 0, .out = PACKET_NO_DEVICE };

	p.proto = r->proto;
	if (!p.proto)
		p.proto = rnd_percent(80) ? PROTO_TCP : PROTO_UDP;
	p.saddr = htonl(r->src | (rnd64() & ~net_mask(r->src_len)));
	p.daddr = htonl(r->dst | (rnd64() & ~net_mask(r->dst_len)));
	p.sport = htons(rnd_in(r->sport));
	p.dport = htons(rnd_in(r->dport));
	p.tcp_flags = p.proto == PROTO_TCP ? 0x10 : 0;
	put_packet(f, &p);
}

/* A packet that meets none of them, if there are not too many: of a rule, another's. */
static void put_other(FILE *f, const struct brules *rules)
{
	struct brule r = rules->rule[rnd(rules->n)];
	static const u16 any[2] = { 0, 65535 };

	r.proto = rnd_percent(75) ? PROTO_TCP : PROTO_UDP;
	memcpy(r.sport, any, sizeof(any));
	if (rnd_percent(50))
		memcpy(r.dport, any, sizeof(any));
	if (rnd_percent(50)) {
		r.src = rnd_address();
		r.src_len = 32;
	} else {
		r.dst = rnd_address();
		r.dst_len = 32;
		r.src ^= 1 + rnd(255);
	}
	put_meeting(f, &r);
}

static void write_trace(const struct brules *rules, const char *dir, u32 n)
{
	FILE *f = create(dir, "trace");

	for (u32 i = 0; i < n; i++) {
		if (rnd_percent(50))
			put_meeting(f, &rules->rule[rnd(rules->n)]);
		else
			put_other(f, rules);
	}
	complete(f);
}

/* Text -------------------------------------------------------------------- */

static void put_net(FILE *f, const char *option, u32 addr, u8 len)
{
	char text[16];

	if (!len)
		return;
	ip_text(text, addr);
	fprintf(f, " %s %s/%u", option, text, len);
}

static void put_ports(FILE *f, const char *option, const u16 range[2])
{
	if (range[0] == range[1])
		fprintf(f, " %s %u", option, range[0]);
	else if (range[0] || range[1] != 65535)
		fprintf(f, " %s %u:%u", option, range[0], range[1]);
}

static bool any_port(const u16 range[2])
{
	return !range[0] && range[1] == 65535;
}

/* In the form in which iptables-save prints it. */
static void put_rule(FILE *f, const struct brule *r)
{
	const char *proto = r->proto == PROTO_TCP ? "tcp" :
			    r->proto == PROTO_UDP ? "udp" : "icmp";

	fputs("-A INPUT", f);
	put_net(f, "-s", r->src, r->src_len);
	put_net(f, "-d", r->dst, r->dst_len);
	if (r->proto)
		fprintf(f, " -p %s", proto);
	if (!any_port(r->sport) || !any_port(r->dport)) {
		fprintf(f, " -m %s", proto);
		put_ports(f, "--sport", r->sport);
		put_ports(f, "--dport", r->dport);
	}
	if (r->mark)
		fprintf(f, " -m mark --mark 0x%x", r->mark);
	if (brule_extra)
		fputs(brule_extra, f);
	switch (r->target) {
	case BRULE_DROP:
		fputs(" -j DROP\n", f);
		break;
	case BRULE_ACCEPT:
		fputs(" -j ACCEPT\n", f);
		break;
	case BRULE_MARK:
		fputs(" -j MARK --set-xmark 0x1/0x1\n", f);
		break;
	case BRULE_LOG:
		fputs(" -j LOG --log-prefix \"seen \"\n", f);
		break;
	}
}

static void write_rules(const struct brules *rules, const char *dir)
{
	FILE *f = create(dir, "rules.v4");

	fputs("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n", f);
	for (u32 i = 0; i < rules->n; i++)
		put_rule(f, &rules->rule[i]);
	fputs("COMMIT\n", f);
	complete(f);
}

/* One set, one rule, no counters of what a rule was. @ports: with the port. */
static void write_nft(const struct brules *rules, const char *dir, bool ports)
{
	FILE *f = create(dir, "set.nft");
	char text[16];

	fprintf(f, "table ip bench {\n\tset s { type ipv4_addr%s; }\n",
		ports ? " . inet_service" : "");
	fprintf(f, "\tchain input {\n\t\ttype filter hook input priority 0; policy accept;\n");
	fprintf(f, "\t\tip saddr%s @s drop\n\t}\n}\n", ports ? " . tcp dport" : "");
	for (u32 i = 0; i < rules->n; i++) {
		const struct brule *r = &rules->rule[i];

		if (i % SET_CHUNK == 0)
			fputs("add element ip bench s {\n", f);
		ip_text(text, r->src);
		fputs(text, f);
		if (ports)
			fprintf(f, " . %u", r->dport[0]);
		fputs(i % SET_CHUNK == SET_CHUNK - 1 || i == rules->n - 1 ? " }\n" : ",\n", f);
	}
	complete(f);
}

static void write_ipset(const struct brules *rules, const char *dir)
{
	FILE *f = create(dir, "set.ipset");
	char text[16];

	fprintf(f, "create s hash:ip hashsize 65536 maxelem 2097152\n");
	for (u32 i = 0; i < rules->n; i++) {
		ip_text(text, rules->rule[i].src);
		fprintf(f, "add s %s\n", text);
	}
	complete(f);
	f = create(dir, "set.v4");
	fputs("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m set --match-set s src -j DROP\nCOMMIT\n",
	      f);
	complete(f);
}

static void refuse_arguments(void)
{
	fprintf(stderr, "usage: generate KIND SIZE DIR [PACKETS]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct brules rules = { 0 };
	const char *kind, *dir;
	u32 n = 400000;
	FILE *f;

	if (argc < 4 || argc > 6)
		refuse_arguments();
	kind = argv[1];
	rules.n = strtoul(argv[2], NULL, 10);
	dir = argv[3];
	if (argc >= 5)
		n = strtoul(argv[4], NULL, 10);
	if (argc == 6)
		rnd_state = strtoul(argv[5], NULL, 10);
	if (!rules.n || !n)
		refuse_arguments();
	for (const char *c = kind; *c; c++)
		rnd_state = rnd_state * 31 + (u8)*c;
	rnd_state += rules.n;

	if (!strcmp(kind, "kube")) {
		kube_write(rules.n, dir, n);
		return 0;
	}
	if (!strcmp(kind, "ufw") || !strcmp(kind, "shorewall")) {
		f = create(dir, "trace");
		site_trace(kind, f, n);
		complete(f);
		return 0;
	}
	rules.rule = need(rules.n, sizeof(*rules.rule));
	if (!simple_rules(kind, &rules) && !classbench_rules(kind, &rules)) {
		fprintf(stderr, "generate: no rule sets called %s\n", kind);
		return 2;
	}
	write_rules(&rules, dir);
	write_trace(&rules, dir, n);
	if (!strcmp(kind, "blocklist") || !strcmp(kind, "service"))
		write_nft(&rules, dir, kind[0] == 's');
	if (!strcmp(kind, "blocklist"))
		write_ipset(&rules, dir);
	free(rules.rule);
	return 0;
}
