/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets and traces for the benchmark, from a seed.
 *
 *	generate.c	the command; traces; text of rules and of nft and ipset sets
 *	simple.c	lists of hosts, and sets made to be hard for an index
 *	classbench.c	access lists, firewalls and IP chains as ClassBench describes them
 *	kube.c		what kube-proxy writes
 *	site.c		traces for the rule sets of selftests/rulesets
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "packet.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17 };

/**
 * struct brule - a rule of a generated chain
 * @src: network, in the machine's byte order; bits beyond the prefix are zero
 * @dst: likewise
 * @sport: inclusive range of ports; 0 to 65535: any
 * @dport: likewise
 * @mark: -m mark --mark, 0: none
 * @src_len: prefix
 * @dst_len: prefix
 * @proto: 0: any, and then no ports
 * @target: enum brule_target
 */
struct brule {
	u32 src, dst;
	u16 sport[2], dport[2];
	u32 mark;
	u8 src_len, dst_len;
	u8 proto;
	u8 target;
};

enum brule_target { BRULE_DROP, BRULE_ACCEPT, BRULE_MARK, BRULE_LOG };

/* What is put before a rule's target: for extensions that libxtables parses. */
extern const char *brule_extra;

/**
 * struct brules - a chain of them
 * @n: number of rules
 * @rule: the rules
 */
struct brules {
	u32 n;
	struct brule *rule;
};

/* Random numbers (splitmix64). @n is not 0. */
u64 rnd64(void);
u32 rnd(u32 n);
/* True @percent times out of 100. */
bool rnd_percent(u32 percent);
/* An ordinary unicast address. */
u32 rnd_address(void);

/* Memory of @n times @size bytes, zero; or the end. */
void *need(size_t n, size_t size);
/* A file to write, or the end. */
FILE *create(const char *dir, const char *name);
/* Close it, or end when something was not written. */
void complete(FILE *f);

u32 net_mask(u8 len);

/* Fill @rules->rule[0 .. n - 1] with the set @kind; false when there is none of that name. */
bool simple_rules(const char *kind, struct brules *rules);
bool classbench_rules(const char *kind, struct brules *rules);

/* Sets with a text of their own write it to @dir, and their trace of @n packets. */
void kube_write(u32 services, const char *dir, u32 n);
bool site_trace(const char *kind, FILE *f, u32 n);

void put_packet(FILE *f, const struct packet *p);
void ip_text(char text[16], u32 addr);

#endif /* BENCH_H */
