/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle test: fwload against iptables-legacy, in one kernel.
 *
 * For each of many generated rule sets the same packets go through two routers, each
 * a network namespace of its own with three Ethernet taps: in one the rules are loaded
 * by iptables-legacy-restore, in the other by fwimg. Every packet that comes out of a
 * tap or reaches a local socket is compared byte for byte, and so is, at the end, every
 * rule and policy counter.
 *
 *	rules.c		a rule set as text, from a seed
 *	matches.c	the matches of a rule
 *	packets.c	packets, from the same seed: well formed, malformed, truncated,
 *			fragmented, with IPv6 extension headers; and replies to
 *			what came out, so that connections have both directions
 *	router.c	a namespace with taps and sockets; one packet in, what comes out
 *	tool.c		the programs: restore, save, fwimg
 *	main.c		the comparison and its report (KTAP)
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* splitmix64 (Steele, Lea, Flood, 2014): small, and the same everywhere. */
struct rng {
	u64 state;
};

static inline u64 rnd(struct rng *r)
{
	u64 z = (r->state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* 0 to n - 1 */
static inline u32 pick(struct rng *r, u32 n)
{
	return rnd(r) % n;
}

static inline bool chance(struct rng *r, u32 percent)
{
	return pick(r, 100) < percent;
}

#define PICK(r, array) ((array)[pick(r, ARRAY_SIZE(array))])

/* The three networks of a router; its own address in each ends in 1. */
#define N_TAPS		3
extern const char *const tap_names[N_TAPS];	/* eth0, eth1, ppp0 */
extern const char *const net4[N_TAPS];		/* "192.0.2." ... */
extern const char *const net6[N_TAPS];		/* "2001:db8:1::" ... */
#define N_HOSTS		4			/* .10 to .13 */

extern const u16 port_pool[];
extern const u32 n_port_pool;

#define PACKET_MAX	600

/**
 * struct packet - one packet to send
 * @tap: the tap that it comes in by, or LOCAL: sent by a raw socket of the router
 * @mac: last byte of the source MAC address, 02:00:00:00:01:xx
 * @cast: 0 to the router's MAC address, 1 broadcast, 2 multicast
 * @len: bytes of @data
 * @data: the IP packet
 */
#define LOCAL	(-1)

struct packet {
	int tap;
	u8 mac;
	u8 cast;
	u16 len;
	u8 data[PACKET_MAX];
};

/* What one packet caused: records of (source, length, bytes), in order. */
struct outcome {
	size_t size;
	u8 data[16384];
};

#define N_RULES_MAX	200

/* rules.c */
struct rule_text {
	char chain[40];
	char text[400];
	int table;
	u32 kinds;		/* 1 << enum kind of what it uses */
	bool counts_all;	/* no match: the rule after it has the same visitors */
};

enum kind {
	K_SRC, K_DST, K_IN, K_OUT, K_PROTO, K_FRAG, K_TCP, K_TCPFLAGS, K_TCPOPT, K_UDP,
	K_SCTP, K_ICMP, K_MULTIPORT, K_CTSTATE, K_STATE, K_MARK, K_CONNMARK, K_COMMENT,
	K_MAC, K_IPRANGE, K_PKTTYPE, K_NEGATED, K_EXT, N_NATIVE_KINDS = K_NEGATED,
	K_T_ACCEPT = K_EXT + 1, K_T_DROP, K_T_RETURN, K_T_JUMP, K_T_GOTO, K_T_MARK,
	K_T_CONNMARK, K_T_NAT, K_T_EXT, N_KINDS
};

extern const char *const kind_names[N_KINDS];

struct rule_set {
	int family;		/* 4 or 6 */
	/* Where nothing needs conntrack, nothing puts IPv4 fragments together on their way. */
	bool conntrack;
	u32 n;
	struct rule_text rules[N_RULES_MAX];
	char chains[8][40];	/* user chains, table in front: "filter uc0" */
	u32 n_chains;
	u8 policies[5][5];	/* per table and hook: 1 DROP */
	bool tables[5];
};

extern const char *const oracle_tables[5];
void rules_make(struct rule_set *rs, struct rng *r, int family, u32 n_rules);
/* Without the rules whose @keep is false. */
void rules_prune(struct rule_set *rs, const bool *keep);
void rules_write(const struct rule_set *rs, FILE *f);

/* matches.c */

/**
 * struct gen - a rule being made
 * @hooks: those that can reach its chain
 * @proto: that of -p, not negated; 0: none
 */
struct gen {
	struct rng *r;
	struct rule_set *rs;
	struct rule_text *rule;
	int family;
	u32 hooks;
	int proto;
};

void rule_add(struct gen *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Some matches, of all kinds. */
void matches_add(struct gen *g);
/* One match of kind @k and nothing else but what that needs; false when it cannot be. */
bool matches_add_single(struct gen *g, enum kind k);

/* packets.c */
/* @unique: with a source port of its own, @id + 20000 */
void packet_make(struct packet *p, struct rng *r, int family, u16 id, bool unique);
/* An answer to @data, which came out of @tap; false when there is none to give. */
bool packet_reply(struct packet *p, struct rng *r, int tap, const u8 *data, u32 len,
		  u16 id, bool unique);

/* router.c */
struct router;
struct router *router_new(int family);		/* leaves the caller in its namespace */
void router_enter(const struct router *rt);
void router_free(struct router *rt);
/* Send @p and gather all that it causes. */
void router_send(struct router *rt, const struct packet *p, struct outcome *o);

/* tool.c: each runs in the caller's namespace; false and a message on failure. */
bool tool_iptables_load(int family, const char *file);
bool tool_fwload_load(int family, const char *file);
/* The rule sets with counters, comment lines removed, tables in fixed order. */
char *tool_iptables_save(int family);
char *tool_fwload_save(int family);
bool tool_fwload_flush(void);
extern const char *tool_fwimg;

#endif /* ORACLE_H */
