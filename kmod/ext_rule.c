// SPDX-License-Identifier: GPL-2.0
/*
 * Rules as x_tables extensions see them.
 *
 * A checkentry may look at the rule that its extension is in, as struct ipt_entry or
 * ip6t_entry in par->entryinfo: REJECT, TPROXY, CT, SYNPROXY, ecn and others at the
 * protocol, CLUSTERIP at the destination. So the fixed part of the entry is made up
 * from the rule's head and its first elements. It says that no match follows;
 * the one extension that looks at other matches, TCPMSS, is served by
 * fwload_ext_rule_syn().
 */
#include <linux/netfilter/xt_tcpudp.h>

#include "ext_rule.h"
#include "match.h"
#include "rule.h"

#define TCP_SYN	0x02	/* the bit in the 14th byte of the header */

static const struct fwload_img_el *first_el(const struct fwload_ext_rule *r)
{
	return (const void *)(r->rule + 1);
}

static const struct fwload_img_el *next_el(const struct fwload_img_el *el)
{
	return (const void *)((const u8 *)el + el->len * FWLOAD_IMG_ALIGN);
}

static const struct fwload_img_el *end_el(const struct fwload_ext_rule *r)
{
	return fwload_rule_end(r->rule);
}

static u32 target(const struct fwload_ext_rule *r)
{
	return le32_to_cpu(r->rule->target) >> FWLOAD_IMG_TARGET_SHIFT;
}

void fwload_ext_rule_first(struct fwload_ext_rule *r, const struct fwload_body *body)
{
	memset(r, 0, sizeof(*r));
	r->body = body;
}

bool fwload_ext_rule_next(struct fwload_ext_rule *r)
{
	const struct fwload_img_el *el;

	r->ext += r->n_exts;
	r->n_exts = 0;
	/* Behind the last extension there is no rule worth looking at */
	while (r->ext < r->body->n_exts && r->offset < r->body->rules_size) {
		if (r->rule) {
			r->dead |= fwload_rule_is_final(r->rule);
			r->index++;
		}
		r->rule = (const void *)(r->body->rules + r->offset);
		r->offset += fwload_rule_size(r->rule);
		fwload_env_resched(r->rule, r->body->rules + r->offset);
		for (el = first_el(r); el < end_el(r); el = next_el(el))
			if (el->type == FWLOAD_IMG_EL_EXT)
				r->n_exts++;
		if (target(r) == FWLOAD_IMG_T_EXT)
			r->n_exts++;
		if (r->n_exts)
			return true;
	}
	return false;
}

u8 fwload_ext_rule_proto(const struct fwload_ext_rule *r)
{
	return r->rule->proto;
}

bool fwload_ext_rule_proto_inv(const struct fwload_ext_rule *r)
{
	return r->rule->flags & FWLOAD_IMG_R_PROTO_INV;
}

/* A tcp match that is not native, as find_syn_match() of xt_TCPMSS.c judges it. */
static bool ext_is_syn(const struct fwload_ext_rule *r, const struct fwload_img_el *el)
{
	const struct fwload_img_el_ext *el_ext = (const void *)el;
	const struct fwload_img_ext *ext = &r->body->exts[le32_to_cpu(el_ext->ext)];
	const struct xt_tcp *tcp;

	if (strcmp(r->body->strings + le32_to_cpu(ext->name), "tcp") ||
	    le32_to_cpu(ext->size) < sizeof(*tcp))
		return false;
	tcp = (const void *)(r->body->payloads + le32_to_cpu(ext->payload));
	return tcp->flg_cmp & TCP_SYN && !(tcp->invflags & XT_TCP_INV_FLAGS);
}

bool fwload_ext_rule_syn(const struct fwload_ext_rule *r)
{
	const struct fwload_img_el_ports *ports;
	const struct fwload_img_el *el;

	for (el = first_el(r); el < end_el(r); el = next_el(el)) {
		if (el->type == FWLOAD_IMG_EL_EXT && ext_is_syn(r, el))
			return true;
		if (el->type != FWLOAD_IMG_EL_PORTS || el->arg != IPPROTO_TCP)
			continue;
		ports = (const void *)el;
		if (ports->flag_cmp & TCP_SYN && !(el->flags & FWLOAD_IMG_F_FLAGS_INV))
			return true;
	}
	return false;
}

static __be32 prefix_mask4(u8 len)
{
	return len ? htonl(~0U << (32 - len)) : 0;
}

static void addr4(const struct fwload_img_el *el, struct in_addr *addr,
		  struct in_addr *mask)
{
	const struct fwload_img_el_mask4 *masked = (const void *)el;
	const struct fwload_img_el_addr4 *prefixed = (const void *)el;

	if (el->flags & FWLOAD_IMG_F_MASK) {
		addr->s_addr = masked->addr;
		mask->s_addr = masked->mask;
	} else {
		addr->s_addr = prefixed->addr;
		mask->s_addr = prefix_mask4(el->arg);
	}
}

static void addr6(const struct fwload_img_el *el, struct in6_addr *addr,
		  struct in6_addr *mask)
{
	const struct fwload_img_el_mask6 *masked = (const void *)el;
	const struct fwload_img_el_addr6 *prefixed = (const void *)el;
	int i;

	if (el->flags & FWLOAD_IMG_F_MASK) {
		memcpy(addr, masked->addr, sizeof(*addr));
		memcpy(mask, masked->mask, sizeof(*mask));
		return;
	}
	memcpy(addr, prefixed->addr, sizeof(*addr));
	for (i = 0; i < 4; i++)
		mask->s6_addr32[i] = prefix_mask4(clamp(el->arg - 32 * i, 0, 32));
}

/* As libxtables fills them in: the mask covers the NUL of a name given without +. */
static void iface(const struct fwload_img_el *el, char *name, unsigned char *mask)
{
	const struct fwload_img_el_iface *in = (const void *)el;

	memcpy(name, in->name, IFNAMSIZ);
	memset(mask, 0xff, el->arg + !(el->flags & FWLOAD_IMG_F_WILD));
}

static void fill_ip(const struct fwload_ext_rule *r, struct ipt_ip *ip)
{
	const struct fwload_img_el *el;
	u8 flags = r->rule->flags;
	bool inv;

	ip->proto = r->rule->proto;
	if (flags & FWLOAD_IMG_R_PROTO_INV)
		ip->invflags |= IPT_INV_PROTO;
	if (flags & FWLOAD_IMG_R_FRAG)
		ip->flags |= IPT_F_FRAG;
	if (flags & FWLOAD_IMG_R_FRAG_INV)
		ip->invflags |= IPT_INV_FRAG;
	for (el = first_el(r); el < end_el(r) && el->type <= FWLOAD_IMG_EL_OUT;
	     el = next_el(el)) {
		inv = el->flags & FWLOAD_IMG_F_INV;
		switch (el->type) {
		case FWLOAD_IMG_EL_SRC:
			addr4(el, &ip->src, &ip->smsk);
			ip->invflags |= inv ? IPT_INV_SRCIP : 0;
			break;
		case FWLOAD_IMG_EL_DST:
			addr4(el, &ip->dst, &ip->dmsk);
			ip->invflags |= inv ? IPT_INV_DSTIP : 0;
			break;
		case FWLOAD_IMG_EL_IN:
			iface(el, ip->iniface, ip->iniface_mask);
			ip->invflags |= inv ? IPT_INV_VIA_IN : 0;
			break;
		case FWLOAD_IMG_EL_OUT:
			iface(el, ip->outiface, ip->outiface_mask);
			ip->invflags |= inv ? IPT_INV_VIA_OUT : 0;
			break;
		}
	}
}

static void fill_ip6(const struct fwload_ext_rule *r, struct ip6t_ip6 *ip)
{
	const struct fwload_img_el *el;
	u8 flags = r->rule->flags;
	bool inv;

	ip->proto = r->rule->proto;
	if (flags & FWLOAD_IMG_R_PROTO)
		ip->flags |= IP6T_F_PROTO;
	if (flags & FWLOAD_IMG_R_PROTO_INV)
		ip->invflags |= IP6T_INV_PROTO;
	for (el = first_el(r); el < end_el(r) && el->type <= FWLOAD_IMG_EL_OUT;
	     el = next_el(el)) {
		inv = el->flags & FWLOAD_IMG_F_INV;
		switch (el->type) {
		case FWLOAD_IMG_EL_SRC:
			addr6(el, &ip->src, &ip->smsk);
			ip->invflags |= inv ? IP6T_INV_SRCIP : 0;
			break;
		case FWLOAD_IMG_EL_DST:
			addr6(el, &ip->dst, &ip->dmsk);
			ip->invflags |= inv ? IP6T_INV_DSTIP : 0;
			break;
		case FWLOAD_IMG_EL_IN:
			iface(el, ip->iniface, ip->iniface_mask);
			ip->invflags |= inv ? IP6T_INV_VIA_IN : 0;
			break;
		case FWLOAD_IMG_EL_OUT:
			iface(el, ip->outiface, ip->outiface_mask);
			ip->invflags |= inv ? IP6T_INV_VIA_OUT : 0;
			break;
		}
	}
}

void fwload_ext_rule_entry(const struct fwload_ext_rule *r, u8 family,
			   union fwload_ext_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	if (family == FWLOAD_FAMILY_IPV4) {
		fill_ip(r, &entry->e4.ip);
		entry->e4.target_offset = sizeof(entry->e4);
		entry->e4.next_offset = sizeof(entry->e4);
	} else {
		fill_ip6(r, &entry->e6.ipv6);
		entry->e6.target_offset = sizeof(entry->e6);
		entry->e6.next_offset = sizeof(entry->e6);
	}
}
