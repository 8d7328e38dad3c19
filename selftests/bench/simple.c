// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets of one idea each.
 *
 *	blocklist	-s A/32 -j DROP
 *	service		-s A/32 -p tcp --dport N -j DROP
 *
 * and those that are hard for an index, or for some index:
 *
 *	duplicate	as service, every rule ten times, and every fifth the same one
 *	range		no addresses, ranges of source and of destination ports
 *	hostrange	a thousand hosts, each with ranges of ports
 *	wild		one field of a rule says something, all others are open
 *	bucket		the same in everything that a packet's header has: marks differ
 *	between		as service, and one rule in ten is a MARK or a LOG for a network, so that
 *			most packets meet several rules
 *
 * and two for the compiler, whose last match is one that libxtables parses:
 *
 *	limit		as service, with -m limit
 *	string		as service, with -m string
 */
#include <string.h>

#include "bench.h"

const char *brule_extra;

static const u16 any_port[2] = { 0, 65535 };

static struct brule open_rule(u8 proto)
{
	struct brule r = { .proto = proto, .target = BRULE_DROP };

	memcpy(r.sport, any_port, sizeof(any_port));
	memcpy(r.dport, any_port, sizeof(any_port));
	return r;
}

/* Number @i of as many different addresses as one wants: a permutation. */
static u32 host(u32 i)
{
	return (1 + i % 222) << 24 | ((i / 222 * 0x9e3779u + i) & 0xffffff);
}

static void one_port(u16 range[2], u16 port)
{
	range[0] = port;
	range[1] = port;
}

static void some_ports(u16 range[2], u32 most)
{
	u32 width = 1 + rnd(most), first = rnd(65536 - width);

	range[0] = first;
	range[1] = first + width;
}

static struct brule blocklist(u32 i)
{
	struct brule r = open_rule(0);

	r.src = host(i);
	r.src_len = 32;
	return r;
}

static struct brule service(u32 i)
{
	struct brule r = open_rule(PROTO_TCP);

	r.src = host(i);
	r.src_len = 32;
	one_port(r.dport, 1 + rnd(65535));
	return r;
}

static struct brule duplicate(u32 i)
{
	struct brule r = open_rule(PROTO_TCP);

	r.src = host(i % 5 ? i / 10 : 1u << 20);
	r.src_len = 32;
	one_port(r.dport, i % 5 ? 80 + i / 10 % 1000 : 443);
	return r;
}

static struct brule range(u32 i)
{
	struct brule r = open_rule(i & 1 ? PROTO_TCP : PROTO_UDP);

	some_ports(r.sport, 256);
	some_ports(r.dport, 256);
	return r;
}

static struct brule hostrange(u32 i)
{
	struct brule r = open_rule(PROTO_TCP);

	r.src = host(i % 1000);
	r.src_len = 32;
	some_ports(r.dport, 256);
	return r;
}

static struct brule wild(u32 i)
{
	struct brule r = open_rule(i & 4 ? PROTO_TCP : PROTO_UDP);

	switch (i % 4) {
	case 0:
		r.proto = 0;
		r.src_len = 16 + rnd(17);
		r.src = rnd_address() & net_mask(r.src_len);
		break;
	case 1:
		r.proto = 0;
		r.dst_len = 16 + rnd(17);
		r.dst = rnd_address() & net_mask(r.dst_len);
		break;
	case 2:
		one_port(r.sport, rnd(65536));
		break;
	default:
		one_port(r.dport, rnd(65536));
	}
	return r;
}

static struct brule bucket(u32 i)
{
	struct brule r = open_rule(PROTO_TCP);

	r.src = host(0);
	r.src_len = 32;
	one_port(r.dport, 443);
	r.mark = 1 + i;
	return r;
}

static struct brule between(u32 i)
{
	struct brule r = service(i);

	if (i % 10)
		return r;
	r = open_rule(i % 20 ? PROTO_TCP : 0);
	r.src_len = i % 1000 ? 16 : 6;
	r.src = rnd_address() & net_mask(r.src_len);
	r.target = i % 20 ? BRULE_LOG : BRULE_MARK;
	return r;
}

bool simple_rules(const char *kind, struct brules *rules)
{
	static const struct {
		const char *name;
		struct brule (*make)(u32 i);
		const char *extra;
	} kinds[] = {
		{ "blocklist", blocklist, NULL },
		{ "service", service, NULL },
		{ "duplicate", duplicate, NULL },
		{ "range", range, NULL },
		{ "hostrange", hostrange, NULL },
		{ "wild", wild, NULL },
		{ "bucket", bucket, NULL },
		{ "between", between, NULL },
		{ "limit", service, " -m limit --limit 5/sec --limit-burst 7" },
		{ "string", service, " -m string --string \"GET /\" --algo bm --to 65535" },
	};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(kinds[k].name, kind))
			continue;
		brule_extra = kinds[k].extra;
		for (u32 i = 0; i < rules->n; i++)
			rules->rule[i] = kinds[k].make(i);
		return true;
	}
	return false;
}
