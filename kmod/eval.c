// SPDX-License-Identifier: GPL-2.0
/*
 * The walk of a packet through the chains of a table.
 *
 * fwload_match_first() yields the rules that match, in their order. Each is counted and its
 * target done: a verdict ends the walk, a jump pushes the place after it, the end of
 * a user chain and RETURN pop one. With an empty stack they lead to the policy of the
 * base chain, also from a chain that was reached by goto. A cursor keeps its place in the
 * index of a long chain from match to match. hotdrop, set by a match or a
 * target, ends the walk after the rule at hand, as in ip_tables: a rule that matches
 * in spite of it is still counted, and its target still runs.
 *
 * Beside the packet's key the walk touches the rules themselves, the counters of those that match,
 * and what the chains that it enters keep at hand. Depth and the validity of every offset and
 * handle have been checked before the chain could be published.
 *
 * Source of the semantics: net/ipv4/netfilter/ip_tables.c, ipt_do_table(), which
 * differs from net/ipv6/netfilter/ip6_tables.c in nothing that matters here.
 */
#include "eval.h"

/* The element of @size bytes that ends @rule: its target's. */
static inline const void *target_el(const struct fwload_img_rule *rule, size_t size)
{
	return (const u8 *)fwload_rule_end(rule) - size;
}

/* xt_mark.c, mark_tg() */
static void set_mark(struct fwload_pkt *pkt, const struct fwload_img_rule *rule)
{
	const struct fwload_img_el_set_mark *el = target_el(rule, sizeof(*el));

	fwload_pkt_set_mark(pkt, (pkt->mark & ~le32_to_cpu(el->mask)) ^
				 le32_to_cpu(el->value));
}

static void set_connmark(struct fwload_pkt *pkt, const struct fwload_img_rule *rule)
{
	fwload_pkt_connmark(pkt, target_el(rule, sizeof(struct fwload_img_el_set_connmark)));
}

u32 fwload_eval(const struct fwload_code *base, u8 policy,
		struct fwload_code *const *chains, struct fwload_jump *stack,
		struct fwload_pkt *pkt)
{
	struct fwload_place at = { .rule = (const void *)base->rules };
	const struct fwload_code *code = base, *to;
	struct fwload_jump *top = stack;
	const struct fwload_img_rule *rule;
	struct fwload_cursor cursor __uninitialized;
	u32 target, arg, verdict;

	cursor.code = NULL;
	cursor.known = FWLOAD_KNOWN_NOTHING;
	do {
		at = fwload_match_first(code, at, pkt, &cursor);
		rule = at.rule;
		if (!rule) {
			if (unlikely(pkt->traced) && code != base && !pkt->hotdrop)
				fwload_pkt_trace(pkt, code, fwload_code_end(code));
			goto leave;
		}

		fwload_code_count(code, at.index, pkt->len);
		if (unlikely(pkt->traced))
			fwload_pkt_trace(pkt, code, at);

		target = le32_to_cpu(rule->target);
		arg = target & FWLOAD_IMG_TARGET_ARG;
		at.rule = fwload_rule_end(rule);
		at.index++;

		switch (target >> FWLOAD_IMG_TARGET_SHIFT) {
		case FWLOAD_IMG_T_NONE:
			continue;
		case FWLOAD_IMG_T_ACCEPT:
			verdict = FWLOAD_VERDICT_ACCEPT;
			goto out;
		case FWLOAD_IMG_T_DROP:
			return FWLOAD_VERDICT_DROP;
		case FWLOAD_IMG_T_QUEUE:
			verdict = FWLOAD_VERDICT_QUEUE;
			goto out;
		case FWLOAD_IMG_T_RETURN:
			goto leave;
		case FWLOAD_IMG_T_JUMP:
		case FWLOAD_IMG_T_GOTO:
			to = chains[le32_to_cpu(code->refs[arg].chain)];
			if (target >> FWLOAD_IMG_TARGET_SHIFT == FWLOAD_IMG_T_JUMP) {
				/* from an empty chain it would only come back */
				if (!to->n_rules && likely(!pkt->traced))
					continue;
				top->code = code;
				top->place = at;
				top++;
			}
			fwload_code_prefetch(to);
			code = to;
			at.rule = (const void *)code->rules;
			at.index = 0;
			continue;
		case FWLOAD_IMG_T_MARK:
			set_mark(pkt, rule);
			continue;
		case FWLOAD_IMG_T_CONNMARK:
			set_connmark(pkt, rule);
			continue;
		default:
			verdict = fwload_ext_target(code, arg, pkt);
			if (verdict != FWLOAD_VERDICT_CONTINUE)
				goto out;
			fwload_classify_recheck(&cursor, pkt);
			continue;
		}
leave:
		if (top == stack) {
			/* hotdrop comes first, so that the policy does not count it */
			if (unlikely(pkt->hotdrop))
				break;
			if (unlikely(pkt->traced))
				fwload_pkt_trace(pkt, base, fwload_code_end(base));
			return fwload_eval_policy(base, policy, pkt->len);
		}
		top--;
		code = top->code;
		at = top->place;
	} while (!pkt->hotdrop);

	return FWLOAD_VERDICT_DROP;
out:
	return unlikely(pkt->hotdrop) ? FWLOAD_VERDICT_DROP : verdict;
}
