// SPDX-License-Identifier: GPL-2.0
/*
 * The matches on ports: tcp, udp, sctp and multiport.
 *
 * Ports are written as iptables lets them be: a number or a service. Numbers have
 * their C prefixes (0x, 0) for tcp, sctp and multiport, and are decimal for udp, whose
 * services are looked for under tcp first: libxtables asks getaddrinfo() there.
 */
#include <netinet/in.h>
#include <strings.h>

#include "names.h"
#include "native.h"

enum {
	O_SPORT,
	O_DPORT,
	O_SYN,
	O_FLAGS,
	O_OPTION,
	O_CHUNKS,
	O_PORTS,
	MULTIPORT_ANY = 1 << O_SPORT | 1 << O_DPORT | 1 << O_PORTS,
};

#define SYN_MASK	0x17	/* FIN SYN RST ACK */
#define SYN_FLAG	0x02
#define MULTIPORT_MAX	15

static bool bad_port(struct native_call *call, const struct word *port,
		     const char *proto)
{
	if (port->len && port->s[0] >= '0' && port->s[0] <= '9')
		return lex_error(call->lex, port, "port \"%.*s\" is not in 0 to 65535",
				 (int)port->len, port->s);
	return lex_error(call->lex, port, "\"%.*s\" is no port and no service of %s",
			 (int)port->len, port->s, proto);
}

/* The port that @len bytes of the argument name, from byte @from on. */
static bool parse_port(struct native_call *call, u32 from, u32 len, const char *proto,
		       __le16 *port)
{
	const char *s = call->arg->s + from;
	struct word part;
	u64 value;
	int service;

	if (lex_number(s, len, 0, 65535, &value)) {
		*port = cpu_to_le16((u16)value);
		return true;
	}
	service = names_service(s, len, proto);
	if (service >= 0) {
		*port = cpu_to_le16((u16)service);
		return true;
	}
	part = lex_part(call->arg, from, len);
	return bad_port(call, &part, proto);
}

/* As getaddrinfo() does without a protocol. */
static bool parse_udp_port(struct native_call *call, u32 from, u32 len, __le16 *port)
{
	static const char *const protos[] = { "tcp", "udp", "dccp", "udplite", "sctp" };
	const char *s = call->arg->s + from;
	struct word part = lex_part(call->arg, from, len);
	u32 value = 0, i;

	if (len > 1 && s[0] == '+') {
		s++;
		len--;
	}
	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		value = value * 10 + (u32)(s[i] - '0');
		if (value > 65535)
			return bad_port(call, &part, "udp");
	}
	if (i == len) {
		*port = cpu_to_le16((u16)value);
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		int service = names_service(s, len, protos[i]);

		if (service >= 0) {
			*port = cpu_to_le16((u16)service);
			return true;
		}
	}
	return bad_port(call, &part, "udp");
}

/* PORT or [FIRST]:[LAST] */
static bool parse_range(struct native_call *call, const char *proto, __le16 range[2])
{
	const struct word *arg = call->arg;
	const char *colon = memchr(arg->s, ':', arg->len);
	u32 first, last;

	if (likely(!colon)) {
		if (!parse_port(call, 0, arg->len, proto, &range[0]))
			return false;
		range[1] = range[0];
		return true;
	}
	first = (u32)(colon - arg->s);
	last = arg->len - first - 1;
	range[0] = 0;
	range[1] = cpu_to_le16(0xffff);
	if (first && !parse_port(call, 0, first, proto, &range[0]))
		return false;
	if (last && !parse_port(call, first + 1, last, proto, &range[1]))
		return false;
	if (le16_to_cpu(range[0]) > le16_to_cpu(range[1]))
		return lex_error(call->lex, arg, "the range of ports ends before it begins");
	return true;
}

/* Likewise for udp, where a range may be empty. */
static bool parse_udp_range(struct native_call *call, __le16 range[2])
{
	const struct word *arg = call->arg;
	const char *colon = memchr(arg->s, ':', arg->len);
	u32 first, last;

	if (!colon) {
		range[0] = 0;
		if (arg->len && !parse_udp_port(call, 0, arg->len, &range[0]))
			return false;
		range[1] = range[0];
		return true;
	}
	first = (u32)(colon - arg->s);
	last = arg->len - first - 1;
	if (memchr(colon + 1, ':', last))
		return lex_error(call->lex, arg, "a range has two ports");
	range[0] = 0;
	range[1] = cpu_to_le16(0xffff);
	if (first && !parse_udp_port(call, 0, first, &range[0]))
		return false;
	if (last && !parse_udp_port(call, first + 1, last, &range[1]))
		return false;
	if (le16_to_cpu(range[0]) > le16_to_cpu(range[1]))
		lex_warning(call->lex, arg,
			    "the range of ports ends before it begins and never matches");
	return true;
}

/* A list of TCP flags; empty items are passed over. */
static bool parse_flags(struct native_call *call, const struct word *list, u8 *flags)
{
	u32 pos = 0;

	*flags = 0;
	while (pos < list->len) {
		const char *s = list->s + pos;
		const char *comma = memchr(s, ',', list->len - pos);
		u32 len = comma ? (u32)(comma - s) : list->len - pos;
		u32 i;

		for (i = 0; len && i < NAMES_TCP_FLAGS; i++)
			if (!strncasecmp(names_tcp_flags[i].name, s, len) &&
			    !names_tcp_flags[i].name[len])
				break;
		if (i == NAMES_TCP_FLAGS) {
			struct word part = lex_part(list, pos, len);

			return lex_error(call->lex, &part,
					 "\"%.*s\" is no TCP flag: FIN SYN RST PSH ACK URG ALL NONE",
					 (int)part.len, part.s);
		}
		if (len)
			*flags |= (u8)names_tcp_flags[i].value;
		pos += len + 1;
	}
	return true;
}

static void ports_init(struct native_use *use)
{
	struct fwload_img_el_ports *p = &use->el.ports;

	memset(p, 0, sizeof(*p));
	p->el.type = FWLOAD_IMG_EL_PORTS;
	p->el.len = sizeof(*p) / 8;
	p->el.arg = use->native->proto;
	if (p->el.arg != IPPROTO_SCTP) {
		p->sport[1] = cpu_to_le16(0xffff);
		p->dport[1] = cpu_to_le16(0xffff);
	}
}

static enum native_result tcp_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_ports *p = &use->el.ports;
	u64 number;
	bool ok;
	u8 inv;

	switch (call->option->id) {
	case O_SPORT:
		ok = parse_range(call, "tcp", p->sport);
		inv = FWLOAD_IMG_F_SPORT_INV;
		break;
	case O_DPORT:
		ok = parse_range(call, "tcp", p->dport);
		inv = FWLOAD_IMG_F_DPORT_INV;
		break;
	case O_SYN:
		p->flag_mask = SYN_MASK;
		p->flag_cmp = SYN_FLAG;
		ok = true;
		inv = FWLOAD_IMG_F_FLAGS_INV;
		break;
	case O_FLAGS:
		ok = parse_flags(call, call->arg, &p->flag_mask) &&
		     parse_flags(call, call->arg2, &p->flag_cmp);
		inv = FWLOAD_IMG_F_FLAGS_INV;
		break;
	default:
		ok = lex_number(call->arg->s, call->arg->len, 1, 255, &number);
		if (ok)
			p->option = (u8)number;
		else
			lex_error(call->lex, call->arg,
				  "a TCP option is a number from 1 to 255");
		inv = FWLOAD_IMG_F_OPTION_INV;
	}
	if (call->invert)
		p->el.flags |= inv;
	return ok ? NATIVE_OK : NATIVE_ERROR;
}

static enum native_result udp_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_ports *p = &use->el.ports;
	bool source = call->option->id == O_SPORT;

	if (call->invert)
		p->el.flags |= source ? FWLOAD_IMG_F_SPORT_INV : FWLOAD_IMG_F_DPORT_INV;
	return parse_udp_range(call, source ? p->sport : p->dport) ? NATIVE_OK :
								       NATIVE_ERROR;
}

/* A match on nothing but destination ports has a shorter element. */
static void ports_finish(struct native_use *use)
{
	struct fwload_img_el_ports *p = &use->el.ports;
	struct fwload_img_el_dport dport;

	if (p->sport[0] || p->sport[1] != cpu_to_le16(0xffff) || p->flag_mask ||
	    p->flag_cmp || p->option || (p->el.flags & ~FWLOAD_IMG_F_DPORT_INV))
		return;
	dport.el.type = FWLOAD_IMG_EL_DPORT;
	dport.el.len = sizeof(dport) / 8;
	dport.el.flags = p->el.flags ? FWLOAD_IMG_F_INV : 0;
	dport.el.arg = p->el.arg;
	dport.dport[0] = p->dport[0];
	dport.dport[1] = p->dport[1];
	use->el.dport = dport;
}

static enum native_result sctp_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_ports *p = &use->el.ports;

	switch (call->option->id) {
	case O_SPORT:
		p->el.flags |= FWLOAD_IMG_F_SPORT;
		if (call->invert)
			p->el.flags |= FWLOAD_IMG_F_SPORT_INV;
		return parse_range(call, "sctp", p->sport) ? NATIVE_OK : NATIVE_ERROR;
	case O_DPORT:
		p->el.flags |= FWLOAD_IMG_F_DPORT;
		if (call->invert)
			p->el.flags |= FWLOAD_IMG_F_DPORT_INV;
		return parse_range(call, "sctp", p->dport) ? NATIVE_OK : NATIVE_ERROR;
	default:
		return NATIVE_FOREIGN;
	}
}

static const char *multiport_proto(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_DCCP:
		return "dccp";
	default:
		return NULL;
	}
}

static void multiport_init(struct native_use *use)
{
	memset(&use->el.multiport, 0, sizeof(use->el.multiport));
	use->el.el.type = FWLOAD_IMG_EL_MULTIPORT;
}

static enum native_result multiport_parse(struct native_use *use,
					  struct native_call *call)
{
	struct fwload_img_el_multiport *m = &use->el.multiport.head;
	__le16 *port = use->el.multiport.port;
	const char *proto = multiport_proto(call->proto);
	const struct word *arg = call->arg;
	u16 ranges = 0;
	u32 pos = 0, n = 0;

	if (!proto || call->proto_inv) {
		lex_error(call->lex, call->word,
			  "\"--%s\" needs -p with tcp, udp, udplite, sctp or dccp before it",
			  call->option->name);
		return NATIVE_ERROR;
	}
	do {
		const char *s = arg->s + pos;
		const char *comma = memchr(s, ',', arg->len - pos);
		u32 len = comma ? (u32)(comma - s) : arg->len - pos;
		const char *colon = memchr(s, ':', len);
		u32 first = colon ? (u32)(colon - s) : len;

		if (n + (colon ? 2 : 1) > MULTIPORT_MAX) {
			struct word rest = lex_part(arg, pos, arg->len - pos);

			lex_error(call->lex, &rest,
				  "more than %u ports (a range counts as two)",
				  MULTIPORT_MAX);
			return NATIVE_ERROR;
		}
		if (!parse_port(call, pos, first, proto, &port[n]))
			return NATIVE_ERROR;
		n++;
		if (colon) {
			if (!parse_port(call, pos + first + 1, len - first - 1, proto,
					&port[n]))
				return NATIVE_ERROR;
			if (le16_to_cpu(port[n - 1]) >= le16_to_cpu(port[n])) {
				struct word part = lex_part(arg, pos, len);

				lex_error(call->lex, &part,
					  "the range of ports does not end after it begins");
				return NATIVE_ERROR;
			}
			ranges |= (u16)(1 << (n - 1));
			n++;
		}
		pos += len + 1;
	} while (pos <= arg->len);
	m->ranges = cpu_to_le16(ranges);
	m->n = (u8)n;
	m->el.len = (u8)((sizeof(*m) + n * sizeof(*port) + 7) / 8);
	m->el.flags = call->invert ? FWLOAD_IMG_F_INV : 0;
	if (call->option->id == O_SPORT)
		m->el.arg = FWLOAD_IMG_MULTIPORT_SRC;
	else if (call->option->id == O_DPORT)
		m->el.arg = FWLOAD_IMG_MULTIPORT_DST;
	else
		m->el.arg = FWLOAD_IMG_MULTIPORT_EITHER;
	return NATIVE_OK;
}

static const struct native_option tcp_options[] = {
	NATIVE_OPTION("dport", O_DPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("sport", O_SPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("destination-port", O_DPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("source-port", O_SPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("syn", O_SYN, 0, NATIVE_INVERT, 1 << O_FLAGS),
	NATIVE_OPTION("tcp-flags", O_FLAGS, 2, NATIVE_INVERT, 1 << O_SYN),
	NATIVE_OPTION("tcp-option", O_OPTION, 1, NATIVE_INVERT, 0),
};

const struct native native_tcp = {
	NATIVE_NAME("tcp"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.proto = IPPROTO_TCP,
	.options = tcp_options,
	.n_options = ARRAY_SIZE(tcp_options),
	.init = ports_init,
	.parse = tcp_parse,
	.finish = ports_finish,
};

static const struct native_option udp_options[] = {
	NATIVE_OPTION("dport", O_DPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("sport", O_SPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("destination-port", O_DPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("source-port", O_SPORT, 1, NATIVE_INVERT, 0),
};

const struct native native_udp = {
	NATIVE_NAME("udp"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.proto = IPPROTO_UDP,
	.options = udp_options,
	.n_options = ARRAY_SIZE(udp_options),
	.init = ports_init,
	.parse = udp_parse,
	.finish = ports_finish,
};

static const struct native_option sctp_options[] = {
	NATIVE_OPTION("dport", O_DPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("sport", O_SPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("destination-port", O_DPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("source-port", O_SPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("chunk-types", O_CHUNKS, 2, NATIVE_INVERT, 0),
};

const struct native native_sctp = {
	NATIVE_NAME("sctp"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.proto = IPPROTO_SCTP,
	.options = sctp_options,
	.n_options = ARRAY_SIZE(sctp_options),
	.init = ports_init,
	.parse = sctp_parse,
};

static const struct native_option multiport_options[] = {
	NATIVE_OPTION("dports", O_DPORT, 1, NATIVE_INVERT, MULTIPORT_ANY),
	NATIVE_OPTION("sports", O_SPORT, 1, NATIVE_INVERT, MULTIPORT_ANY),
	NATIVE_OPTION("ports", O_PORTS, 1, NATIVE_INVERT, MULTIPORT_ANY),
	NATIVE_OPTION("destination-ports", O_DPORT, 1, NATIVE_INVERT, MULTIPORT_ANY),
	NATIVE_OPTION("source-ports", O_SPORT, 1, NATIVE_INVERT, MULTIPORT_ANY),
};

const struct native native_multiport = {
	NATIVE_NAME("multiport"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = MULTIPORT_ANY,
	.options = multiport_options,
	.n_options = ARRAY_SIZE(multiport_options),
	.init = multiport_init,
	.parse = multiport_parse,
};
