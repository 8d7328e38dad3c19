// SPDX-License-Identifier: GPL-2.0
/*
 * The validator's part for one rule: head, elements, target.
 *
 * A rule is read once from front to back. What the size, the flags and the argument of
 * an element may be is in a table by its type; what its other bytes may be is in the
 * function of its type. Each function returns why it refuses, or NULL.
 *
 * A match is held to what the x_tables extension that it stands for accepts, as
 * checkentry and the protocol of its registration have it.
 */
#include "check.h"
#include "rule.h"

enum {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_ICMPV6 = 58,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

/* XT_CONNTRACK_STATE_*: INVALID, ESTABLISHED, RELATED, NEW, UNTRACKED; SNAT, DNAT */
#define CTSTATES	0x10fU
#define CTSTATES_NAT	0x0c0U

/* XT_CONNMARK_RESTORE, D_SHIFT_RIGHT and PACKET_MULTICAST, the last of their kinds */
#define CONNMARK_LAST	2
#define SHIFT_LAST	1
#define PKTTYPE_LAST	2

#define TCP_FLAGS	0x3f	/* those that have a name */

#define ADDR_FLAGS	(FWLOAD_IMG_F_INV | FWLOAD_IMG_F_MASK | FWLOAD_IMG_F_DYN |	\
			 FWLOAD_IMG_F_DYN_NET | FWLOAD_IMG_F_DYN_FIRST)

enum place { HEADER, MATCH, TARGET };

/* An element by its type: len by family in units of 8 bytes, 0 where it depends. */
static const struct {
	u8 len[__FWLOAD_FAMILY_MAX];
	u8 flags;
	u8 arg_max;
	u8 place;
} shapes[__FWLOAD_IMG_EL_MAX] = {
	[FWLOAD_IMG_EL_SRC] = { { 0, 0 }, ADDR_FLAGS, 128, HEADER },
	[FWLOAD_IMG_EL_DST] = { { 0, 0 }, ADDR_FLAGS, 128, HEADER },
	[FWLOAD_IMG_EL_IN] = { { 3, 3 }, FWLOAD_IMG_F_INV | FWLOAD_IMG_F_WILD, 15, HEADER },
	[FWLOAD_IMG_EL_OUT] = { { 3, 3 }, FWLOAD_IMG_F_INV | FWLOAD_IMG_F_WILD, 15, HEADER },
	[FWLOAD_IMG_EL_PORTS] = { { 2, 2 }, 0x3f, PROTO_SCTP, MATCH },
	[FWLOAD_IMG_EL_DPORT] = { { 1, 1 }, FWLOAD_IMG_F_INV, PROTO_UDP, MATCH },
	[FWLOAD_IMG_EL_ICMP] = { { 1, 1 }, FWLOAD_IMG_F_INV, 255, MATCH },
	[FWLOAD_IMG_EL_MULTIPORT] = { { 0, 0 }, FWLOAD_IMG_F_INV,
				      FWLOAD_IMG_MULTIPORT_EITHER, MATCH },
	[FWLOAD_IMG_EL_CTSTATE] = { { 1, 1 }, FWLOAD_IMG_F_INV | FWLOAD_IMG_F_STATE, 0, MATCH },
	[FWLOAD_IMG_EL_MARK] = { { 2, 2 }, FWLOAD_IMG_F_INV, 0, MATCH },
	[FWLOAD_IMG_EL_CONNMARK] = { { 2, 2 }, FWLOAD_IMG_F_INV, 0, MATCH },
	[FWLOAD_IMG_EL_COMMENT] = { { 1, 1 }, 0, 0, MATCH },
	[FWLOAD_IMG_EL_MAC] = { { 2, 2 }, FWLOAD_IMG_F_INV, 0, MATCH },
	[FWLOAD_IMG_EL_IPRANGE] = { { 3, 9 }, FWLOAD_IMG_F_SRC | FWLOAD_IMG_F_DST |
				    FWLOAD_IMG_F_SRC_INV | FWLOAD_IMG_F_DST_INV, 0, MATCH },
	[FWLOAD_IMG_EL_PKTTYPE] = { { 1, 1 }, FWLOAD_IMG_F_INV, PKTTYPE_LAST, MATCH },
	[FWLOAD_IMG_EL_EXT] = { { 1, 1 }, 0, 0, MATCH },
	[FWLOAD_IMG_EL_SET_MARK] = { { 2, 2 }, 0, 0, TARGET },
	[FWLOAD_IMG_EL_SET_CONNMARK] = { { 3, 3 }, 0, CONNMARK_LAST, TARGET },
};

static const char *const bad_size = "an element has a size that is not that of its type";

/* Does @rule have @proto, not negated? As x_tables asks of a match that has one. */
static bool has_proto(const struct fwload_img_rule *rule, u8 proto)
{
	return rule->proto == proto && !(rule->flags & FWLOAD_IMG_R_PROTO_INV);
}

/* Is the mask, as a number, ones followed by zeros? */
static bool is_prefix(u32 mask)
{
	return !(~mask & (~mask + 1));
}

static const char *check_addr4(const struct fwload_img_el *el)
{
	const struct fwload_img_el_addr4 *a = (const void *)el;
	const struct fwload_img_el_mask4 *m = (const void *)el;
	u32 addr = be32_to_cpu(a->addr);

	if (el->flags & FWLOAD_IMG_F_MASK) {
		if (el->len * 8 != sizeof(*m))
			return bad_size;
		if (el->arg)
			return "an address has both a mask and a prefix";
		if (is_prefix(be32_to_cpu(m->mask)))
			return "the mask of an address is a prefix";
		if (addr & ~be32_to_cpu(m->mask))
			return "an address has bits beyond its mask";
		if (!is_zero(m->pad, sizeof(m->pad)))
			return "padding of an address is not zero";
		return NULL;
	}
	if (el->len * 8 != sizeof(*a))
		return bad_size;
	if (el->arg > 32)
		return "the prefix of an address is too long";
	if (!el->arg && !(el->flags & FWLOAD_IMG_F_INV))
		return "an address that matches everything";
	if (el->arg < 32 && addr & (0xffffffffU >> el->arg))
		return "an address has bits beyond its prefix";
	return NULL;
}

static const char *check_addr6(const struct fwload_img_el *el)
{
	const struct fwload_img_el_addr6 *a = (const void *)el;
	const struct fwload_img_el_mask6 *m = (const void *)el;
	bool prefix = true, ended = false;
	u32 i, mask;

	if (!is_zero(a->pad, sizeof(a->pad)))
		return "padding of an address is not zero";
	if (el->flags & FWLOAD_IMG_F_MASK) {
		if (el->len * 8 != sizeof(*m))
			return bad_size;
		if (el->arg)
			return "an address has both a mask and a prefix";
		for (i = 0; i < 4; i++) {
			mask = be32_to_cpu(m->mask[i]);
			if (be32_to_cpu(m->addr[i]) & ~mask)
				return "an address has bits beyond its mask";
			prefix = prefix && is_prefix(mask) && !(ended && mask);
			ended = ended || mask != 0xffffffffU;
		}
		return prefix ? "the mask of an address is a prefix" : NULL;
	}
	if (el->len * 8 != sizeof(*a))
		return bad_size;
	if (!el->arg && !(el->flags & FWLOAD_IMG_F_INV))
		return "an address that matches everything";
	for (i = 0; i < 4; i++) {
		if (el->arg >= 32 * (i + 1))
			continue;
		mask = 0xffffffffU >> (el->arg > 32 * i ? el->arg - 32 * i : 0);
		if (be32_to_cpu(a->addr[i]) & mask)
			return "an address has bits beyond its prefix";
	}
	return NULL;
}

/* dev_valid_name() of the kernel, and what the text has a meaning for: ")" and "+". */
static const char *check_dyn(struct fwload_rule_check *c, const struct fwload_img_el *el)
{
	const struct fwload_img_el_dyn *d = (const void *)el;
	const u8 forms = FWLOAD_IMG_F_DYN_NET | FWLOAD_IMG_F_DYN_FIRST;

	if (!(el->flags & FWLOAD_IMG_F_DYN) || el->flags & FWLOAD_IMG_F_MASK ||
	    (el->flags & forms) == forms)
		return "the addresses of an interface have no form, or two at once";
	if (el->len * 8 != sizeof(*d))
		return bad_size;
	if (!el->arg || el->arg >= sizeof(d->name))
		return "the name of an interface is too long, or empty";
	if (!is_zero(d->name + el->arg, sizeof(d->name) - el->arg))
		return "the name of an interface goes on after its end";
	if (!is_word(d->name, el->arg) || memchr(d->name, '/', el->arg) ||
	    memchr(d->name, ':', el->arg) || memchr(d->name, ')', el->arg) ||
	    !strcmp(d->name, ".") || !strcmp(d->name, ".."))
		return "no interface with addresses can have this name";
	if (d->name[el->arg - 1] == '+')
		return "addresses are those of one interface, not of a wildcard";
	if (le32_to_cpu(d->slot) != c->n_dyns)
		return "the addresses of interfaces are not numbered in their order";
	c->n_dyns++;
	return NULL;
}

static const char *check_iface(const struct fwload_img_el *el)
{
	const struct fwload_img_el_iface *f = (const void *)el;
	bool wild = el->flags & FWLOAD_IMG_F_WILD;
	u32 i;

	if (!is_zero(f->pad, sizeof(f->pad)))
		return "padding of an interface is not zero";
	if (!el->arg && !(wild && el->flags & FWLOAD_IMG_F_INV))
		return "an interface that matches everything";
	if (wild && el->arg > 14)
		return "the name of an interface is too long";
	for (i = 0; i < el->arg; i++)
		if ((u8)f->name[i] <= ' ' || f->name[i] == 0x7f)
			return "the name of an interface has a blank or a control character";
	if (!wild && f->name[el->arg - 1] == '+')
		return "the name of an interface ends in + without being a wildcard";
	if (!is_zero(f->name + el->arg, sizeof(f->name) - el->arg))
		return "the name of an interface goes on after its end";
	return NULL;
}

static const char *check_ports(const struct fwload_img_rule *rule,
			       const struct fwload_img_el *el)
{
	const struct fwload_img_el_ports *p = (const void *)el;
	const u8 ports_inv = FWLOAD_IMG_F_SPORT_INV | FWLOAD_IMG_F_DPORT_INV;
	const u8 tcp = ports_inv | FWLOAD_IMG_F_FLAGS_INV | FWLOAD_IMG_F_OPTION_INV;
	const u8 sctp = ports_inv | FWLOAD_IMG_F_SPORT | FWLOAD_IMG_F_DPORT;

	if (el->arg != PROTO_TCP && el->arg != PROTO_UDP && el->arg != PROTO_SCTP)
		return "a match on ports of an unknown protocol";
	if (!has_proto(rule, el->arg))
		return "a match on ports is not of the rule's protocol";
	if (p->pad)
		return "padding of a match on ports is not zero";
	if (el->arg == PROTO_TCP) {
		if (el->flags & ~tcp)
			return "a match on tcp ports has a flag of sctp";
		if ((p->flag_mask | p->flag_cmp) & ~TCP_FLAGS)
			return "unknown tcp flag";
		if (el->flags & FWLOAD_IMG_F_OPTION_INV && !p->option)
			return "a negated tcp option is missing";
		return NULL;
	}
	if (p->flag_mask || p->flag_cmp || p->option)
		return "tcp flags or a tcp option of another protocol";
	if (el->arg == PROTO_UDP)
		return el->flags & ~ports_inv ?
		       "a match on udp ports has a flag of tcp or sctp" : NULL;
	if (el->flags & ~sctp)
		return "a match on sctp ports has a flag of tcp";
	if (!(el->flags & FWLOAD_IMG_F_SPORT) &&
	    (el->flags & FWLOAD_IMG_F_SPORT_INV || p->sport[0] || p->sport[1]))
		return "a match without source ports has some";
	if (!(el->flags & FWLOAD_IMG_F_DPORT) &&
	    (el->flags & FWLOAD_IMG_F_DPORT_INV || p->dport[0] || p->dport[1]))
		return "a match without destination ports has some";
	return NULL;
}

static const char *check_dport(const struct fwload_img_rule *rule,
			       const struct fwload_img_el *el)
{
	if (el->arg != PROTO_TCP && el->arg != PROTO_UDP)
		return "a match on a destination port of an unknown protocol";
	if (!has_proto(rule, el->arg))
		return "a match on a destination port is not of the rule's protocol";
	return NULL;
}

static const char *check_icmp(const struct fwload_rule_check *c,
			      const struct fwload_img_rule *rule,
			      const struct fwload_img_el *el)
{
	const struct fwload_img_el_icmp *m = (const void *)el;
	bool v4 = c->family == FWLOAD_FAMILY_IPV4;
	bool any = !m->code[0] && m->code[1] == 0xff;

	if (!has_proto(rule, v4 ? PROTO_ICMP : PROTO_ICMPV6))
		return "a match on icmp is not of the rule's protocol";
	if (!is_zero(m->pad, sizeof(m->pad)))
		return "padding of a match on icmp is not zero";
	if (v4 && el->arg == 0xff && !any)
		return "any type of icmp has a code";
	if (!any && m->code[0] != m->code[1])
		return "a match on icmp has neither one code nor all";
	return NULL;
}

static const char *check_multiport(const struct fwload_img_rule *rule,
				   const struct fwload_img_el *el)
{
	const struct fwload_img_el_multiport *m = (const void *)el;
	u32 used = sizeof(*m) + 2 * m->n;
	u32 ranges, i;

	if (!m->n || m->n > 15)
		return "multiport has no port, or more than 15";
	if (el->len != (used + 7) / 8)
		return bad_size;
	if (m->pad)
		return "padding of multiport is not zero";
	if (rule->flags & FWLOAD_IMG_R_PROTO_INV ||
	    (rule->proto != PROTO_TCP && rule->proto != PROTO_UDP && rule->proto != PROTO_DCCP &&
	     rule->proto != PROTO_SCTP && rule->proto != PROTO_UDPLITE))
		return "multiport needs -p tcp, udp, udplite, sctp or dccp";
	ranges = le16_to_cpu(m->ranges);
	if (ranges >> (m->n - 1) || ranges & ranges << 1)
		return "ranges of multiport overlap or lack their end";
	for (i = 0; ranges; i++, ranges >>= 1)
		if (ranges & 1 && le16_to_cpu(m->port[i]) > le16_to_cpu(m->port[i + 1]))
			return "a range of multiport ends before it starts";
	if (!is_zero((const u8 *)el + used, el->len * 8 - used))
		return "padding after the ports of multiport is not zero";
	return NULL;
}

static const char *check_ctstate(const struct fwload_img_el *el)
{
	u32 states = le32_to_cpu(((const struct fwload_img_el_ctstate *)el)->states);

	if (!states)
		return "a match on no state at all";
	if (states & ~(CTSTATES | CTSTATES_NAT))
		return "unknown state";
	if (el->flags & FWLOAD_IMG_F_STATE && states & CTSTATES_NAT)
		return "-m state has no SNAT and DNAT";
	return NULL;
}

static const char *check_comment(const struct fwload_rule_check *c,
				 const struct fwload_img_el *el)
{
	u32 text = le32_to_cpu(((const struct fwload_img_el_comment *)el)->text);
	int len = string_length(c->body->strings, c->body->strings_size, text, 255);

	if (len == -1)
		return "a comment is not in the strings";
	if (len == -2)
		return "a comment is too long";
	if (memchr(c->body->strings + text, '\n', len))
		return "a comment has more than one line";
	return NULL;
}

static const char *check_mac(struct fwload_rule_check *c, const struct fwload_img_el *el)
{
	const struct fwload_img_el_mac *m = (const void *)el;

	if (!is_zero(m->pad, sizeof(m->pad)))
		return "padding of a match on mac is not zero";
	if (!c->dead)
		c->hooks &= 1U << FWLOAD_HOOK_PREROUTING | 1U << FWLOAD_HOOK_INPUT |
			    1U << FWLOAD_HOOK_FORWARD;
	return NULL;
}

static const char *check_iprange(const struct fwload_rule_check *c,
				 const struct fwload_img_el *el)
{
	const struct fwload_img_el_iprange4 *r = (const void *)el;
	u32 size = c->family == FWLOAD_FAMILY_IPV4 ? 8 : 32;	/* of src and of dst */
	const u8 *src = (const u8 *)el + sizeof(*el) + sizeof(r->pad);	/* then dst */

	if (!is_zero(r->pad, sizeof(r->pad)))
		return "padding of iprange is not zero";
	if (!(el->flags & (FWLOAD_IMG_F_SRC | FWLOAD_IMG_F_DST)))
		return "iprange without a range";
	if (!(el->flags & FWLOAD_IMG_F_SRC) &&
	    (el->flags & FWLOAD_IMG_F_SRC_INV || !is_zero(src, size)))
		return "iprange without a source has one";
	if (!(el->flags & FWLOAD_IMG_F_DST) &&
	    (el->flags & FWLOAD_IMG_F_DST_INV || !is_zero(src + size, size)))
		return "iprange without a destination has one";
	return NULL;
}

/* The next extension of the body must be this one. */
static const char *use_ext(struct fwload_rule_check *c, u32 ext, u8 kind)
{
	if (ext != c->next_ext || ext >= c->body->n_exts)
		return "extensions are not used once each, in their order";
	if (c->body->exts[ext].kind != kind)
		return kind == FWLOAD_IMG_EXT_MATCH ? "a target is used as a match" :
						      "a match is used as a target";
	c->next_ext++;
	return NULL;
}

static const char *check_connmark_target(const struct fwload_img_el *el)
{
	const struct fwload_img_el_set_connmark *m = (const void *)el;

	if (!is_zero(m->pad, sizeof(m->pad)))
		return "padding of CONNMARK is not zero";
	if (m->shift_dir > SHIFT_LAST || m->shift_bits >= 32)
		return "CONNMARK shifts by more than 31 bits, or nowhere";
	return NULL;
}

/* @left: units of 8 bytes from the element to the end of its rule. */
static const char *check_el(struct fwload_rule_check *c, const struct fwload_img_rule *rule,
			    const struct fwload_img_el *el, u32 left)
{
	u8 len;

	if (!el->type || el->type >= __FWLOAD_IMG_EL_MAX)
		return "unknown element";
	if (!el->len || el->len > left)
		return "an element goes past the end of its rule";
	len = shapes[el->type].len[c->family];
	if (len && el->len != len)
		return bad_size;
	if (el->flags & ~shapes[el->type].flags)
		return "unknown flag of an element";
	if (el->arg > shapes[el->type].arg_max)
		return "the argument of an element is out of range";

	switch (el->type) {
	case FWLOAD_IMG_EL_SRC:
	case FWLOAD_IMG_EL_DST:
		if (el->flags & (FWLOAD_IMG_F_DYN | FWLOAD_IMG_F_DYN_NET |
				 FWLOAD_IMG_F_DYN_FIRST))
			return check_dyn(c, el);
		if (c->family == FWLOAD_FAMILY_IPV4)
			return check_addr4(el);
		return check_addr6(el);
	case FWLOAD_IMG_EL_IN:
	case FWLOAD_IMG_EL_OUT:
		return check_iface(el);
	case FWLOAD_IMG_EL_PORTS:
		return check_ports(rule, el);
	case FWLOAD_IMG_EL_DPORT:
		return check_dport(rule, el);
	case FWLOAD_IMG_EL_ICMP:
		return check_icmp(c, rule, el);
	case FWLOAD_IMG_EL_MULTIPORT:
		return check_multiport(rule, el);
	case FWLOAD_IMG_EL_CTSTATE:
		return check_ctstate(el);
	case FWLOAD_IMG_EL_MARK:
	case FWLOAD_IMG_EL_CONNMARK:
	case FWLOAD_IMG_EL_SET_MARK:
		if (!is_zero(((const struct fwload_img_el_mark *)el)->pad, 4))
			return "padding of a mark is not zero";
		return NULL;
	case FWLOAD_IMG_EL_COMMENT:
		return check_comment(c, el);
	case FWLOAD_IMG_EL_MAC:
		return check_mac(c, el);
	case FWLOAD_IMG_EL_IPRANGE:
		return check_iprange(c, el);
	case FWLOAD_IMG_EL_PKTTYPE:
		if (!is_zero(((const struct fwload_img_el_pkttype *)el)->pad, 4))
			return "padding of pkttype is not zero";
		return NULL;
	case FWLOAD_IMG_EL_EXT:
		return use_ext(c, le32_to_cpu(((const struct fwload_img_el_ext *)el)->ext),
			       FWLOAD_IMG_EXT_MATCH);
	default:
		return check_connmark_target(el);
	}
}

static const char *check_head(const struct fwload_rule_check *c,
			      const struct fwload_img_rule *rule)
{
	const u8 known = FWLOAD_IMG_R_PROTO | FWLOAD_IMG_R_PROTO_INV | FWLOAD_IMG_R_FRAG |
			 FWLOAD_IMG_R_FRAG_INV | FWLOAD_IMG_R_TARGET_EL;
	const u8 frag = FWLOAD_IMG_R_FRAG | FWLOAD_IMG_R_FRAG_INV;

	if (rule->flags & ~known)
		return "unknown flag of a rule";
	if (rule->proto && !(rule->flags & FWLOAD_IMG_R_PROTO))
		return "a rule has a protocol without the flag";
	if (rule->flags & FWLOAD_IMG_R_PROTO_INV && !rule->proto)
		return "a rule would match no protocol";
	/* IPv6 parses the headers for -p all too, and drops what cannot be parsed. */
	if (rule->flags & FWLOAD_IMG_R_PROTO && !rule->proto && c->family == FWLOAD_FAMILY_IPV4)
		return "the flag of a protocol without one";
	if (rule->flags & frag && c->family != FWLOAD_FAMILY_IPV4)
		return "-f is for IPv4 only";
	if ((rule->flags & frag) == FWLOAD_IMG_R_FRAG_INV)
		return "the flag of a negated -f without -f";
	return NULL;
}

static const char *use_ref(struct fwload_rule_check *c, u32 ref, bool is_goto)
{
	if (ref >= c->body->n_refs)
		return "a jump to a ref that is not there";
	if (ref > c->next_ref)
		return "refs are not in the order of their first use";
	if (!!(le32_to_cpu(c->body->refs[ref].uses) & FWLOAD_IMG_REF_GOTO) != is_goto)
		return is_goto ? "a goto by the ref of a jump" : "a jump by the ref of a goto";
	if (ref == c->next_ref)
		c->next_ref++;
	if (!c->dead)
		c->n_live_refs = c->next_ref;
	c->uses[ref]++;
	return NULL;
}

/* @last: type of the rule's last element, 0 without any. */
static const char *check_target(struct fwload_rule_check *c,
				const struct fwload_img_rule *rule, u8 last)
{
	u32 target = le32_to_cpu(rule->target) >> FWLOAD_IMG_TARGET_SHIFT;
	u32 arg = le32_to_cpu(rule->target) & FWLOAD_IMG_TARGET_ARG;
	u8 want = 0;

	if (target >= __FWLOAD_IMG_T_MAX)
		return "unknown target";
	if (target == FWLOAD_IMG_T_MARK)
		want = FWLOAD_IMG_EL_SET_MARK;
	if (target == FWLOAD_IMG_T_CONNMARK)
		want = FWLOAD_IMG_EL_SET_CONNMARK;
	if (want && last != want)
		return "the target lacks its element";
	if (!want && last && shapes[last].place == TARGET)
		return "the element of a target that the rule does not have";
	if (!!(rule->flags & FWLOAD_IMG_R_TARGET_EL) != !!want)
		return "the flag of a target's element does not fit the target";

	switch (target) {
	case FWLOAD_IMG_T_JUMP:
	case FWLOAD_IMG_T_GOTO:
		return use_ref(c, arg, target == FWLOAD_IMG_T_GOTO);
	case FWLOAD_IMG_T_EXT:
		return use_ext(c, arg, FWLOAD_IMG_EXT_TARGET);
	default:
		return arg ? "the argument of a target that has none" : NULL;
	}
}

const char *fwload_rule_check(struct fwload_rule_check *c, const struct fwload_img_rule *rule,
			      u32 left)
{
	const struct fwload_img_el *el;
	const char *reason;
	u32 size, pos;
	u8 last = 0;

	c->at = rule;
	size = le16_to_cpu(rule->size);
	if (!size || size > left / 8)
		return "a rule goes past the end of the rules";
	reason = check_head(c, rule);
	if (reason)
		return reason;

	for (pos = 1; pos < size; pos += el->len) {
		el = (const void *)((const u8 *)rule + pos * 8);
		c->at = el;
		reason = check_el(c, rule, el, size - pos);
		if (reason)
			return reason;
		if (last && shapes[last].place == TARGET)
			return "an element after that of the target";
		if (shapes[el->type].place == HEADER && el->type <= last)
			return "elements of the packet's header are not in ascending order";
		last = el->type;
	}
	c->at = rule;
	reason = check_target(c, rule, last);
	if (!reason && fwload_rule_is_final(rule))
		c->dead = true;
	return reason;
}

bool fwload_rule_is_final(const struct fwload_img_rule *rule)
{
	if (le16_to_cpu(rule->size) != 1 || rule->proto || rule->flags)
		return false;
	switch (le32_to_cpu(rule->target) >> FWLOAD_IMG_TARGET_SHIFT) {
	case FWLOAD_IMG_T_ACCEPT:
	case FWLOAD_IMG_T_DROP:
	case FWLOAD_IMG_T_RETURN:
	case FWLOAD_IMG_T_QUEUE:
		return true;
	default:
		return false;
	}
}
