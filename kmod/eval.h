/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_EVAL_H
#define FWLOAD_EVAL_H

#include "addrs.h"
#include "classify.h"

struct fwload_ext;

/* A rule's counter on one CPU; written by that CPU only. */
struct fwload_counter {
	u64 packets;
	u64 bytes;
};

/**
 * struct fwload_code - what the walk needs of a chain
 * @rules: the rules, n_rules of them one after another
 * @refs: ref.chain holds the handle of a chain
 * @percpu: counters of at most 32 KiB a CPU: alloc_percpu. On the host a plain array
 * @cpu: those of a chain that @is_large: one array per CPU id
 * @exts: the x_tables extensions of its rules, by number, or NULL
 * @dyns: the addresses of interfaces that rules ask for, or NULL
 * @index: finds the rules that a packet can match, or NULL: every rule may
 * @screen: the same for a chain that @is_screened
 * @rules_size: bytes of the rules
 * @n_rules: a base chain has one counter more, for its policy, after the rules
 * @is_base: a base chain. Its policy belongs to the table of a generation, since a
 *	chain that is taken over as it is may be given another one
 * @is_large: its counters take more than 32 KiB a CPU
 * @is_screened: it has a screen, and no index
 */
struct fwload_code {
	const u8 *rules;
	const struct fwload_img_ref *refs;
	union {
		struct fwload_counter __percpu *percpu;
		struct fwload_counter **cpu;
	};
	struct fwload_ext *exts;
	struct fwload_dyns *dyns;
	union {
		const struct fwload_index *index;
		const struct fwload_screen *screen;
	};
	u32 rules_size;
	u32 n_rules;
	bool is_base;
	bool is_large;
	bool is_screened;
};

/* The counters of @code on this CPU. */
static inline struct fwload_counter *fwload_code_counters(const struct fwload_code *code)
{
	return likely(!code->is_large) ? fwload_env_this_cpu(code->percpu) :
					 code->cpu[fwload_env_cpu()];
}

/* The rule @index of @code, or its policy, has met a packet of @bytes. BH disabled. */
static inline void fwload_code_count(const struct fwload_code *code, u32 index, u32 bytes)
{
	struct fwload_counter *c = fwload_code_counters(code) + index;

	fwload_env_add(&c->packets, 1);
	fwload_env_add(&c->bytes, bytes);
}

/*
 * A packet enters @code: ask for what the walk reads of it first, all at once. With thousands of
 * chains, as kube-proxy has them, none of this is in the cache.
 */
static inline void fwload_code_prefetch(const struct fwload_code *code)
{
	if (code->index) {	/* or its screen */
		fwload_env_prefetch(code->index);
		return;
	}
	fwload_env_prefetch(code->rules);
	fwload_env_prefetch(fwload_code_counters(code));
	if (code->exts)
		fwload_env_prefetch(code->exts);
}

/**
 * struct fwload_jump - a return address
 * @code: the chain to go on in
 * @place: the next rule in it
 */
struct fwload_jump {
	const struct fwload_code *code;
	struct fwload_place place;
};

/* Verdicts of the walk; the values of NF_*, and what is not one of them. */
#define FWLOAD_VERDICT_DROP	0U
#define FWLOAD_VERDICT_ACCEPT	1U
#define FWLOAD_VERDICT_QUEUE	3U
#define FWLOAD_VERDICT_CONTINUE	0xffffffffU	/* XT_CONTINUE */

/*
 * Log what happens to a packet that met -j TRACE, as ip_tables does; called for a packet
 * with pkt->traced. @at is the rule that matched, or fwload_code_end() for the policy or the
 * end of a user chain. Supplied by the packet's owner.
 */
void fwload_pkt_trace(const struct fwload_pkt *pkt, const struct fwload_code *code,
		      struct fwload_place at);

static inline struct fwload_place fwload_code_end(const struct fwload_code *code)
{
	return (struct fwload_place){ .rule = NULL, .index = code->n_rules };
}

/*
 * Count the @policy of the base chain @base for a packet of @bytes: its verdict. All that
 * there is to a chain without rules. Context: BH disabled, RCU read side.
 */
static inline u32 fwload_eval_policy(const struct fwload_code *base, u8 policy, u32 bytes)
{
	fwload_code_count(base, base->n_rules, bytes);
	return policy == FWLOAD_POLICY_ACCEPT ? FWLOAD_VERDICT_ACCEPT : FWLOAD_VERDICT_DROP;
}

/*
 * Walk a table for @pkt from the base chain @base until a verdict. @policy is its enum
 * fwload_policy: ACCEPT or DROP. @chains is indexed by handle. @stack has room for the
 * table's depth (struct fwload_graph_result). Counts each rule that matches and the
 * policy. Returns an NF_* verdict, which may carry a queue number or an errno.
 * Context: BH disabled, RCU read side.
 *
 * Source of the semantics: net/ipv4/netfilter/ip_tables.c, ipt_do_table().
 */
u32 fwload_eval(const struct fwload_code *base, u8 policy,
		struct fwload_code *const *chains, struct fwload_jump *stack,
		struct fwload_pkt *pkt);

#endif /* FWLOAD_EVAL_H */
