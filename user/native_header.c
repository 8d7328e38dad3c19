// SPDX-License-Identifier: GPL-2.0
/*
 * The matches on other headers and on the packet itself: icmp, icmp6, iprange, mac and
 * pkttype.
 */
#include <netinet/in.h>
#include <linux/if_packet.h>
#include <strings.h>

#include "addr.h"
#include "names.h"
#include "native.h"

enum {
	O_TYPE,
};

enum {
	O_SRC_RANGE,
	O_DST_RANGE,
};

enum {
	O_MAC,
};

enum {
	O_PKTTYPE,
};

static void icmp_init(struct native_use *use)
{
	struct fwload_img_el_icmp *m = &use->el.icmp;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_ICMP;
	m->el.len = sizeof(*m) / 8;
}

/* TYPE or TYPE/CODE; a range of codes is left to the extension. */
static enum native_result parse_type(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_icmp *m = &use->el.icmp;
	const struct word *arg = call->arg;
	const char *slash = memchr(arg->s, '/', arg->len);
	u32 len = slash ? (u32)(slash - arg->s) : arg->len;
	u64 type, code;

	if (!lex_number(arg->s, len, 0, 255, &type)) {
		lex_error(call->lex, arg, "\"%.*s\" is no %s type", (int)arg->len, arg->s,
			  call->family == FWLOAD_FAMILY_IPV6 ? "ICMPv6" : "ICMP");
		return NATIVE_ERROR;
	}
	m->el.arg = (u8)type;
	m->code[0] = 0;
	m->code[1] = 255;
	if (!slash)
		return NATIVE_OK;
	if (memchr(slash, ':', arg->len - len))
		return NATIVE_FOREIGN;
	if (!lex_number(slash + 1, arg->len - len - 1, 0, 255, &code)) {
		struct word part = lex_part(arg, len + 1, arg->len - len - 1);

		lex_error(call->lex, &part, "\"%.*s\" is no code of a type",
			  (int)part.len, part.s);
		return NATIVE_ERROR;
	}
	/* Any type has no code. */
	if (call->family == FWLOAD_FAMILY_IPV4 && type == 255)
		return NATIVE_OK;
	m->code[0] = (u8)code;
	m->code[1] = (u8)code;
	return NATIVE_OK;
}

static enum native_result icmp_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_icmp *m = &use->el.icmp;
	const struct name_icmp *found, *other;
	const struct word *arg = call->arg;

	m->el.flags = call->invert ? FWLOAD_IMG_F_INV : 0;
	switch (names_icmp(call->family, arg->s, arg->len, &found, &other)) {
	case NAMES_ICMP_NONE:
		return parse_type(use, call);
	case NAMES_ICMP_AMBIGUOUS:
		lex_error(call->lex, arg, "\"%.*s\" may be \"%s\" or \"%s\"", (int)arg->len, arg->s,
			  found->name, other->name);
		return NATIVE_ERROR;
	default:
		m->el.arg = found->type;
		m->code[0] = found->code[0];
		m->code[1] = found->code[1];
		return NATIVE_OK;
	}
}

static void iprange_init(struct native_use *use)
{
	memset(&use->el.iprange6, 0, sizeof(use->el.iprange6));
	use->el.el.type = FWLOAD_IMG_EL_IPRANGE;
}

/* One end of a range, into @addr of 4 or 16 bytes. */
static bool parse_end(struct native_call *call, u32 from, u32 len, __be32 *addr)
{
	bool v6 = call->family == FWLOAD_FAMILY_IPV6;
	const char *s = call->arg->s + from;
	struct word part;
	__be32 other[4];

	if (v6 ? addr_ipv6(s, len, addr) : addr_ipv4(s, len, addr))
		return true;
	part = lex_part(call->arg, from, len);
	if (v6 ? addr_ipv4(s, len, other) : addr_ipv6(s, len, other))
		return lex_error(call->lex, &part, "this is an %s address in %s rules",
				 v6 ? "IPv4" : "IPv6", v6 ? "IPv6" : "IPv4");
	return lex_error(call->lex, &part, "\"%.*s\" is no address", (int)part.len, part.s);
}

static enum native_result iprange_parse(struct native_use *use, struct native_call *call)
{
	u32 words = call->family == FWLOAD_FAMILY_IPV6 ? 4 : 1;
	bool dst = call->option->id == O_DST_RANGE;
	const struct word *arg = call->arg;
	const char *dash = memchr(arg->s, '-', arg->len);
	u32 len = dash ? (u32)(dash - arg->s) : arg->len;
	__be32 range[2][4];
	u8 *out;

	if (!parse_end(call, 0, len, range[0]))
		return NATIVE_ERROR;
	if (!dash)
		memcpy(range[1], range[0], sizeof(range[1]));
	else if (!parse_end(call, len + 1, arg->len - len - 1, range[1]))
		return NATIVE_ERROR;
	if (memcmp(range[0], range[1], words * sizeof(__be32)) > 0)
		lex_warning(call->lex, arg,
			    "the range of addresses is reversed and never matches");
	use->el.el.flags |= dst ? FWLOAD_IMG_F_DST : FWLOAD_IMG_F_SRC;
	if (call->invert)
		use->el.el.flags |= dst ? FWLOAD_IMG_F_DST_INV : FWLOAD_IMG_F_SRC_INV;
	/* src and dst, two addresses each, follow each other in both forms. */
	out = words == 4 ? (u8 *)use->el.iprange6.src : (u8 *)use->el.iprange4.src;
	if (dst)
		out += 2 * words * sizeof(__be32);
	memcpy(out, range[0], words * sizeof(__be32));
	memcpy(out + words * sizeof(__be32), range[1], words * sizeof(__be32));
	use->el.el.len = (words == 4 ? sizeof(use->el.iprange6) :
				       sizeof(use->el.iprange4)) / 8;
	return NATIVE_OK;
}

static void mac_init(struct native_use *use)
{
	struct fwload_img_el_mac *m = &use->el.mac;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_MAC;
	m->el.len = sizeof(*m) / 8;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum native_result mac_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_mac *m = &use->el.mac;
	const char *s = call->arg->s, *end = s + call->arg->len;
	int i, digits;

	for (i = 0; i < 6; i++) {
		if (i && (s == end || *s++ != ':'))
			break;
		m->mac[i] = 0;
		for (digits = 0; digits < 2 && s < end && hex_digit(*s) >= 0; digits++)
			m->mac[i] = (u8)(m->mac[i] << 4 | hex_digit(*s++));
		if (!digits)
			break;
	}
	if (i < 6 || s != end) {
		lex_error(call->lex, call->arg, "a MAC address is XX:XX:XX:XX:XX:XX");
		return NATIVE_ERROR;
	}
	m->el.flags = call->invert ? FWLOAD_IMG_F_INV : 0;
	return NATIVE_OK;
}

static void pkttype_init(struct native_use *use)
{
	struct fwload_img_el_pkttype *m = &use->el.pkttype;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_PKTTYPE;
	m->el.len = sizeof(*m) / 8;
}

static enum native_result pkttype_parse(struct native_use *use, struct native_call *call)
{
	const struct word *arg = call->arg;
	u32 i;

	for (i = 0; i < NAMES_PKTTYPES; i++)
		if (!strncasecmp(names_pkttypes[i].name, arg->s, arg->len) &&
		    !names_pkttypes[i].name[arg->len])
			break;
	if (i == NAMES_PKTTYPES) {
		lex_error(call->lex, arg,
			  "\"%.*s\" is no packet type: unicast, broadcast, multicast or otherhost",
			  (int)arg->len, arg->s);
		return NATIVE_ERROR;
	}
	if (names_pkttypes[i].value == PACKET_OTHERHOST)
		return NATIVE_FOREIGN;
	use->el.el.arg = (u8)names_pkttypes[i].value;
	use->el.el.flags = call->invert ? FWLOAD_IMG_F_INV : 0;
	return NATIVE_OK;
}

static const struct native_option icmp_options[] = {
	NATIVE_OPTION("icmp-type", O_TYPE, 1, NATIVE_INVERT, 0),
};

const struct native native_icmp = {
	NATIVE_NAME("icmp"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_IPV4,
	.proto = IPPROTO_ICMP,
	.needs = 1 << O_TYPE,
	.options = icmp_options,
	.n_options = ARRAY_SIZE(icmp_options),
	.init = icmp_init,
	.parse = icmp_parse,
};

static const struct native_option icmp6_options[] = {
	NATIVE_OPTION("icmpv6-type", O_TYPE, 1, NATIVE_INVERT, 0),
};

const struct native native_icmp6 = {
	NATIVE_NAME("icmp6"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_IPV6,
	.proto = IPPROTO_ICMPV6,
	.needs = 1 << O_TYPE,
	.options = icmp6_options,
	.n_options = ARRAY_SIZE(icmp6_options),
	.init = icmp_init,
	.parse = icmp_parse,
};

static const struct native_option iprange_options[] = {
	NATIVE_OPTION("src-range", O_SRC_RANGE, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("dst-range", O_DST_RANGE, 1, NATIVE_INVERT, 0),
};

const struct native native_iprange = {
	NATIVE_NAME("iprange"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_SRC_RANGE | 1 << O_DST_RANGE,
	.options = iprange_options,
	.n_options = ARRAY_SIZE(iprange_options),
	.init = iprange_init,
	.parse = iprange_parse,
};

static const struct native_option mac_options[] = {
	NATIVE_OPTION("mac-source", O_MAC, 1, NATIVE_INVERT, 0),
};

const struct native native_mac = {
	NATIVE_NAME("mac"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_MAC,
	.options = mac_options,
	.n_options = ARRAY_SIZE(mac_options),
	.init = mac_init,
	.parse = mac_parse,
};

static const struct native_option pkttype_options[] = {
	NATIVE_OPTION("pkt-type", O_PKTTYPE, 1, NATIVE_INVERT, 0),
};

const struct native native_pkttype = {
	NATIVE_NAME("pkttype"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_PKTTYPE,
	.options = pkttype_options,
	.n_options = ARRAY_SIZE(pkttype_options),
	.init = pkttype_init,
	.parse = pkttype_parse,
};
