// SPDX-License-Identifier: GPL-2.0
/*
 * Native elements as text, exactly as iptables 1.8.9 saves what they stand for.
 *
 * There is a printer per element; each asks once for the most room that it can
 * need. Where iptables-save prints less than what is enforced, so that loading its output
 * would give other rules, this prints what is enforced:
 *
 * - a negated + as interface (no packet matches): iptables-save prints nothing;
 * - tcp and udp ports negated that are 0 to 65535 (likewise);
 * - tcp flags that are to be set though none is looked at (likewise);
 * - an interface name with white space or a quote in it gets quotes.
 */
#include <linux/if_packet.h>
#include <linux/netfilter/xt_connmark.h>
#include <netinet/in.h>
#include <stdio.h>

#include "names.h"
#include "print_native.h"

#define ROOM	512	/* more than any element but a comment takes */

static void negation(struct text *x, bool negated)
{
	if (negated)
		text_lit(x, " !");
}

static bool inverted(const struct fwload_img_el *el)
{
	return el->flags & FWLOAD_IMG_F_INV;
}

static void addr4(struct text *x, const struct fwload_img_el *el)
{
	text_ip4(x, &((const struct fwload_img_el_addr4 *)el)->addr);
	text_char(x, '/');
	if (el->flags & FWLOAD_IMG_F_MASK)
		text_ip4(x, &((const struct fwload_img_el_mask4 *)el)->mask);
	else
		text_u16(x, el->arg);
}

static void addr6(struct text *x, const struct fwload_img_el *el)
{
	text_ip6(x, ((const struct fwload_img_el_addr6 *)el)->addr);
	text_char(x, '/');
	if (el->flags & FWLOAD_IMG_F_MASK)
		text_ip6(x, ((const struct fwload_img_el_mask6 *)el)->mask);
	else
		text_u16(x, el->arg);
}

static void print_dyn(struct text *x, const struct fwload_img_el *el)
{
	const struct fwload_img_el_dyn *d = (const void *)el;
	char word[sizeof(d->name) + 16];
	int n;

	n = snprintf(word, sizeof(word), "(%.*s%s)", (int)el->arg, d->name,
		     el->flags & FWLOAD_IMG_F_DYN_NET ? ":network" :
		     el->flags & FWLOAD_IMG_F_DYN_FIRST ? ":0" : "");
	text_word(x, word, (size_t)n);
}

static void print_iface(struct text *x, const struct fwload_img_el *el)
{
	const struct fwload_img_el_iface *i = (const void *)el;
	char name[sizeof(i->name) + 1];
	size_t len = el->arg;

	memcpy(name, i->name, len);
	if (el->flags & FWLOAD_IMG_F_WILD)
		name[len++] = '+';
	text_word(x, name, len);
}

void print_native_header(struct text *x, u8 family, const struct fwload_img_el *el)
{
	static const char letters[] = {
		[FWLOAD_IMG_EL_SRC] = 's', [FWLOAD_IMG_EL_DST] = 'd',
		[FWLOAD_IMG_EL_IN] = 'i', [FWLOAD_IMG_EL_OUT] = 'o',
	};

	text_room(x, ROOM);
	negation(x, inverted(el));
	text_lit(x, " -");
	text_char(x, letters[el->type]);
	text_char(x, ' ');
	if (el->type >= FWLOAD_IMG_EL_IN)
		print_iface(x, el);
	else if (el->flags & FWLOAD_IMG_F_DYN)
		print_dyn(x, el);
	else if (family == FWLOAD_FAMILY_IPV4)
		addr4(x, el);
	else
		addr6(x, el);
}

static void port_range(struct text *x, const __le16 *port)
{
	u16 first = le16_to_cpu(port[0]), last = le16_to_cpu(port[1]);

	text_u16(x, first);
	if (first != last) {
		text_char(x, ':');
		text_u16(x, last);
	}
}

static bool any_port(const __le16 *port)
{
	return !port[0] && port[1] == cpu_to_le16(0xffff);
}

static void tcp_flags(struct text *x, u8 flags)
{
	const char *start = x->p;
	unsigned int i;

	/* The last two stand for all flags and for none. */
	for (i = 0; i < NAMES_TCP_FLAGS - 2; i++) {
		if (!(flags & names_tcp_flags[i].value))
			continue;
		if (x->p != start)
			text_char(x, ',');
		text_mem(x, names_tcp_flags[i].name, 3);
	}
	if (x->p == start)
		text_lit(x, "NONE");
}

static void print_ports(struct text *x, const struct fwload_img_el_ports *e)
{
	bool sctp = e->el.arg == IPPROTO_SCTP;
	u8 flags = e->el.flags;

	if (e->el.arg == IPPROTO_TCP)
		text_lit(x, " -m tcp");
	else if (e->el.arg == IPPROTO_UDP)
		text_lit(x, " -m udp");
	else
		text_lit(x, " -m sctp");
	if (sctp ? flags & FWLOAD_IMG_F_SPORT :
		   !any_port(e->sport) || flags & FWLOAD_IMG_F_SPORT_INV) {
		negation(x, flags & FWLOAD_IMG_F_SPORT_INV);
		text_lit(x, " --sport ");
		port_range(x, e->sport);
	}
	if (sctp ? flags & FWLOAD_IMG_F_DPORT :
		   !any_port(e->dport) || flags & FWLOAD_IMG_F_DPORT_INV) {
		negation(x, flags & FWLOAD_IMG_F_DPORT_INV);
		text_lit(x, " --dport ");
		port_range(x, e->dport);
	}
	if (e->option || flags & FWLOAD_IMG_F_OPTION_INV) {
		negation(x, flags & FWLOAD_IMG_F_OPTION_INV);
		text_lit(x, " --tcp-option ");
		text_u16(x, e->option);
	}
	if (e->flag_mask || e->flag_cmp || flags & FWLOAD_IMG_F_FLAGS_INV) {
		negation(x, flags & FWLOAD_IMG_F_FLAGS_INV);
		text_lit(x, " --tcp-flags ");
		tcp_flags(x, e->flag_mask);
		text_char(x, ' ');
		tcp_flags(x, e->flag_cmp);
	}
}

static void print_dport(struct text *x, const struct fwload_img_el_dport *e)
{
	if (e->el.arg == IPPROTO_TCP)
		text_lit(x, " -m tcp");
	else
		text_lit(x, " -m udp");
	if (any_port(e->dport) && !inverted(&e->el))
		return;
	negation(x, inverted(&e->el));
	text_lit(x, " --dport ");
	port_range(x, e->dport);
}

static void print_icmp(struct text *x, u8 family, const struct fwload_img_el_icmp *e)
{
	bool v4 = family == FWLOAD_FAMILY_IPV4;

	if (v4)
		text_lit(x, " -m icmp");
	else
		text_lit(x, " -m icmp6");
	negation(x, inverted(&e->el));
	if (v4)
		text_lit(x, " --icmp-type ");
	else
		text_lit(x, " --icmpv6-type ");
	if (v4 && e->el.arg == 255) {
		text_lit(x, "any");
		return;
	}
	text_u16(x, e->el.arg);
	if (e->code[0] || e->code[1] != 255) {
		text_char(x, '/');
		text_u16(x, e->code[0]);
	}
}

static void print_multiport(struct text *x, const struct fwload_img_el_multiport *e)
{
	u16 ranges = le16_to_cpu(e->ranges);
	unsigned int i;

	text_lit(x, " -m multiport");
	negation(x, inverted(&e->el));
	if (e->el.arg == FWLOAD_IMG_MULTIPORT_SRC)
		text_lit(x, " --sports ");
	else if (e->el.arg == FWLOAD_IMG_MULTIPORT_DST)
		text_lit(x, " --dports ");
	else
		text_lit(x, " --ports ");
	for (i = 0; i < e->n; i++) {
		if (i)
			text_char(x, ranges & 1 << (i - 1) ? ':' : ',');
		text_u16(x, le16_to_cpu(e->port[i]));
	}
}

static void print_ctstate(struct text *x, const struct fwload_img_el_ctstate *e)
{
	u32 states = le32_to_cpu(e->states);
	char separator = ' ';
	unsigned int i;

	if (e->el.flags & FWLOAD_IMG_F_STATE)
		text_lit(x, " -m state");
	else
		text_lit(x, " -m conntrack");
	negation(x, inverted(&e->el));
	if (e->el.flags & FWLOAD_IMG_F_STATE)
		text_lit(x, " --state");
	else
		text_lit(x, " --ctstate");
	for (i = 0; i < NAMES_STATES; i++) {
		if (!(states & names_states[i].value))
			continue;
		text_char(x, separator);
		text_mem(x, names_states[i].name, strlen(names_states[i].name));
		separator = ',';
	}
}

static void print_mark(struct text *x, const struct fwload_img_el_mark *e)
{
	if (e->el.type == FWLOAD_IMG_EL_MARK)
		text_lit(x, " -m mark");
	else
		text_lit(x, " -m connmark");
	negation(x, inverted(&e->el));
	text_lit(x, " --mark ");
	text_hex(x, le32_to_cpu(e->value));
	if (e->mask != cpu_to_le32(~0U)) {
		text_char(x, '/');
		text_hex(x, le32_to_cpu(e->mask));
	}
}

static void print_mac(struct text *x, const struct fwload_img_el_mac *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int i;

	text_lit(x, " -m mac");
	negation(x, inverted(&e->el));
	text_lit(x, " --mac-source");
	for (i = 0; i < sizeof(e->mac); i++) {
		text_char(x, i ? ':' : ' ');
		text_char(x, digits[e->mac[i] >> 4]);
		text_char(x, digits[e->mac[i] & 15]);
	}
}

static void print_iprange(struct text *x, u8 family, const struct fwload_img_el *el)
{
	const struct fwload_img_el_iprange4 *v4 = (const void *)el;
	const struct fwload_img_el_iprange6 *v6 = (const void *)el;

	text_lit(x, " -m iprange");
	if (el->flags & FWLOAD_IMG_F_SRC) {
		negation(x, el->flags & FWLOAD_IMG_F_SRC_INV);
		text_lit(x, " --src-range ");
		if (family == FWLOAD_FAMILY_IPV4) {
			text_ip4(x, &v4->src[0]);
			text_char(x, '-');
			text_ip4(x, &v4->src[1]);
		} else {
			text_ip6(x, v6->src[0]);
			text_char(x, '-');
			text_ip6(x, v6->src[1]);
		}
	}
	if (el->flags & FWLOAD_IMG_F_DST) {
		negation(x, el->flags & FWLOAD_IMG_F_DST_INV);
		text_lit(x, " --dst-range ");
		if (family == FWLOAD_FAMILY_IPV4) {
			text_ip4(x, &v4->dst[0]);
			text_char(x, '-');
			text_ip4(x, &v4->dst[1]);
		} else {
			text_ip6(x, v6->dst[0]);
			text_char(x, '-');
			text_ip6(x, v6->dst[1]);
		}
	}
}

static void print_pkttype(struct text *x, const struct fwload_img_el *el)
{
	text_lit(x, " -m pkttype");
	negation(x, inverted(el));
	if (el->arg == PACKET_HOST)
		text_lit(x, " --pkt-type unicast");
	else if (el->arg == PACKET_BROADCAST)
		text_lit(x, " --pkt-type broadcast");
	else
		text_lit(x, " --pkt-type multicast");
}

void print_native_match(struct text *x, u8 family, const struct chain *c,
			const struct fwload_img_el *el)
{
	text_room(x, ROOM);
	switch (el->type) {
	case FWLOAD_IMG_EL_PORTS:
		print_ports(x, (const void *)el);
		break;
	case FWLOAD_IMG_EL_DPORT:
		print_dport(x, (const void *)el);
		break;
	case FWLOAD_IMG_EL_ICMP:
		print_icmp(x, family, (const void *)el);
		break;
	case FWLOAD_IMG_EL_MULTIPORT:
		print_multiport(x, (const void *)el);
		break;
	case FWLOAD_IMG_EL_CTSTATE:
		print_ctstate(x, (const void *)el);
		break;
	case FWLOAD_IMG_EL_MARK:
	case FWLOAD_IMG_EL_CONNMARK:
		print_mark(x, (const void *)el);
		break;
	case FWLOAD_IMG_EL_COMMENT:
		text_lit(x, " -m comment --comment ");
		text_quoted(x, (const char *)c->strings.data +
			    le32_to_cpu(((const struct fwload_img_el_comment *)el)->text));
		break;
	case FWLOAD_IMG_EL_MAC:
		print_mac(x, (const void *)el);
		break;
	case FWLOAD_IMG_EL_IPRANGE:
		print_iprange(x, family, el);
		break;
	case FWLOAD_IMG_EL_PKTTYPE:
		print_pkttype(x, el);
		break;
	}
}

static void print_set_connmark(struct text *x, const struct fwload_img_el_set_connmark *e)
{
	text_lit(x, " -j CONNMARK");
	if (e->el.arg == XT_CONNMARK_SET) {
		text_lit(x, " --set-xmark ");
		text_hex(x, le32_to_cpu(e->ctmark));
		text_char(x, '/');
		text_hex(x, le32_to_cpu(e->ctmask));
	} else {
		if (e->el.arg == XT_CONNMARK_SAVE)
			text_lit(x, " --save-mark --nfmask ");
		else
			text_lit(x, " --restore-mark --nfmask ");
		text_hex(x, le32_to_cpu(e->nfmask));
		text_lit(x, " --ctmask ");
		text_hex(x, le32_to_cpu(e->ctmask));
	}
	if (e->shift_bits) {
		if (e->shift_dir == D_SHIFT_LEFT)
			text_lit(x, " --left-shift-mark ");
		else
			text_lit(x, " --right-shift-mark ");
		text_u16(x, e->shift_bits);
	}
}

void print_native_target(struct text *x, const struct fwload_img_el *el)
{
	const struct fwload_img_el_set_mark *e = (const void *)el;

	text_room(x, ROOM);
	if (el->type == FWLOAD_IMG_EL_SET_CONNMARK) {
		print_set_connmark(x, (const void *)el);
		return;
	}
	text_lit(x, " -j MARK --set-xmark ");
	text_hex(x, le32_to_cpu(e->value));
	text_char(x, '/');
	text_hex(x, le32_to_cpu(e->mask));
}
