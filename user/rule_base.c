// SPDX-License-Identifier: GPL-2.0
/*
 * The options of iptables itself: commands, addresses, interfaces, protocol, target.
 */
#include <netinet/in.h>
#include <ctype.h>

#include "hosts.h"
#include "live.h"
#include "names.h"
#include "rule_base.h"
#include "rule_use.h"

/* The next word, if it can be an argument that may be left out. */
static const struct word *more(struct rule *r)
{
	const struct word *w = &r->lex->words[r->next];

	if (r->next == r->lex->n_words || (w->len && (w->s[0] == '-' || w->s[0] == '!')))
		return NULL;
	r->next++;
	return w;
}

/* The number of a rule may follow. */
static bool take_position(struct rule *r)
{
	const struct word *w = more(r);
	u64 position;

	if (!w)
		return true;
	if (!lex_number(w->s, w->len, 1, INT_MAX, &position))
		return lex_error(r->lex, w, "\"%.*s\" is no number of a rule", (int)w->len, w->s);
	r->position = (u32)position;
	return true;
}

/* -Z goes with -L and -S, on either side. */
static bool combine(struct rule *r, char letter, const struct word *opt)
{
	bool lists = letter == 'L' || letter == 'S';

	if (letter == 'Z' && (r->command == 'L' || r->command == 'S') && !r->zero) {
		r->zero = true;
		return true;
	}
	if (lists && r->command == 'Z') {
		r->zero = true;
		r->command = letter;
		return true;
	}
	return lex_error(r->lex, opt, "-%c cannot stand together with -%c", letter, r->command);
}

static bool take_command(struct rule *r, char letter, const struct word *opt,
			 const struct word *arg)
{
	const struct word *w;

	if (r->invert)
		return lex_error(r->lex, opt, "a command cannot have a ! before it");
	if (r->command && !combine(r, letter, opt))
		return false;
	if (!r->command)
		r->command = letter;
	if (!arg && lex_one_of(letter, "FXLSZ"))
		arg = more(r);
	if (arg) {
		r->chain = *arg;
		if (!arg->len)
			return lex_error(r->lex, arg, "the name of a chain is missing");
	}
	if (lex_one_of(letter, "IDRLSZ") && !take_position(r))
		return false;
	if (letter == 'R' && !r->position)
		return lex_error(r->lex, opt, "-R needs a chain and the number of a rule");
	if (letter == 'P' || letter == 'E') {
		w = more(r);
		if (!w)
			return lex_error(r->lex, opt, letter == 'P' ?
					 "-P needs a chain and a policy" :
					 "-E needs the old and the new name of a chain");
		r->arg = *w;
	}
	r->command_words = (struct rule_words){ r->first, r->next };
	return true;
}

/* -w and -W: there is no lock to wait for. */
static bool take_wait(struct rule *r, char letter, const struct word *opt,
		      const struct word *arg)
{
	u64 n;

	if (!r->plain)
		return lex_error(r->lex, opt, "-%c is for the command line only", letter);
	if (!arg)
		arg = more(r);
	if (arg && !lex_number(arg->s, arg->len, 0, INT_MAX, &n))
		return lex_error(r->lex, arg, "\"%.*s\" is no number of %sseconds",
				 (int)arg->len, arg->s, letter == 'W' ? "micro" : "");
	return true;
}

static bool take_protocol(struct rule *r, const struct word *arg)
{
	u64 number;
	int proto;

	if (arg->len >= sizeof(r->proto_name))
		return lex_error(r->lex, arg, "unknown protocol \"%.*s\"", (int)arg->len, arg->s);
	for (u32 i = 0; i < arg->len; i++)
		r->proto_name[i] = (char)tolower((u8)arg->s[i]);
	r->proto_name[arg->len] = '\0';
	r->proto_word = *arg;
	if (!isalpha((u8)r->proto_name[0]) &&
	    lex_number(r->proto_name, arg->len, 0, 255, &number)) {
		const char *name = names_protocol_name((u8)number);

		r->proto = (u8)number;
		snprintf(r->proto_name, sizeof(r->proto_name), "%s", name ? name : "");
	} else {
		proto = names_protocol(r->proto_name, arg->len);
		if (proto < 0)
			return lex_error(r->lex, arg, "unknown protocol \"%.*s\"",
					 (int)arg->len, arg->s);
		r->proto = (u8)proto;
	}
	if (!r->proto && r->invert)
		return lex_error(r->lex, arg, "no packet has no protocol: this never matches");
	/* To IPv6, -p all means that there is a header to be found. */
	if (r->proto || r->family == FWLOAD_FAMILY_IPV6)
		r->flags |= FWLOAD_IMG_R_PROTO;
	if (r->invert)
		r->flags |= FWLOAD_IMG_R_PROTO_INV;
	if (r->family == FWLOAD_FAMILY_IPV6 && !r->invert &&
	    (r->proto == IPPROTO_ROUTING || r->proto == IPPROTO_FRAGMENT ||
	     r->proto == IPPROTO_AH || r->proto == IPPROTO_DSTOPTS))
		lex_warning(r->lex, arg,
			    "this is an extension header, which -p never matches: use -m");
	if (r->begun)
		xt_rule_proto(r->proto, r->invert);
	return true;
}

/* Does the rest of the line say that it is for the other family? */
static bool is_for_other_family(const struct rule *r)
{
	bool v6 = r->family == FWLOAD_FAMILY_IPV6;

	for (u32 i = r->next; i < r->lex->n_words; i++)
		if (lex_is(&r->lex->words[i], v6 ? "-4" : "-6") ||
		    lex_is(&r->lex->words[i], v6 ? "--ipv4" : "--ipv6"))
			return true;
	return false;
}

/* Why @len bytes from @from on are no network. */
static bool bad_net(struct rule *r, const struct word *arg, u32 from, u32 len,
		    enum addr_result why)
{
	static const char *const names[] = { "IPv4", "IPv6" };
	struct word part = lex_part(arg, from, len);
	u8 other = !r->family;

	if (why == ADDR_MASK)
		return lex_error(r->lex, &part, "\"%.*s\" has no valid mask",
				 (int)part.len, part.s);
	if (why == ADDR_FAMILY)
		return lex_error(r->lex, &part,
				 "this is an %s address in %s rules; compile %s rules with -%c, or from a file that ends in .v%c",
				 names[other], names[r->family], names[other],
				 other ? '6' : '4', other ? '6' : '4');
	return lex_error(r->lex, &part, "\"%.*s\" is no address and no known host%s",
			 (int)part.len, part.s, hosts_hint());
}

static bool has_room(struct rule *r, const struct word *arg, const struct rule_nets *nets)
{
	return nets->n < RULE_NETS_MAX ||
	       lex_error(r->lex, arg, "more than %u addresses", RULE_NETS_MAX);
}

/*
 * What is no address may be a name of hosts: their addresses, with the mask that has been
 * read already.
 */
static bool take_hosts(struct rule *r, const struct word *arg, u32 from, u32 len,
		       struct rule_nets *nets)
{
	const char *s = arg->s + from, *slash = memrchr(s, '/', len);
	const struct addr_net named = nets->net[nets->n];
	u32 words = r->family == FWLOAD_FAMILY_IPV6 ? 4 : 1;
	struct buf addrs = { 0 };
	const __be32 *addr;
	bool ok = true;

	if (hosts_find(r->family, s, slash ? (size_t)(slash - s) : len, &addrs))
		return bad_net(r, arg, from, len, ADDR_NAME);
	addr = (const __be32 *)addrs.data;
	for (size_t n = addrs.size / 16; n--; addr += 4) {
		ok = has_room(r, arg, nets);
		if (!ok)
			break;
		nets->net[nets->n] = named;
		for (u32 i = 0; i < words; i++)
			nets->net[nets->n].addr[i] = addr[i] & named.mask[i];
		nets->n++;
	}
	buf_free(&addrs);
	return ok;
}

/* The addresses of an interface, @len bytes from @from on. */
static bool take_dyn(struct rule *r, const struct word *arg, u32 from, u32 len,
		     struct addr_net *net)
{
	struct word part;
	const char *why;
	size_t at, n;

	why = addr_dyn(arg->s + from, len, net, &at, &n);
	if (!why)
		return true;
	part = lex_part(arg, from + (u32)at, (u32)n);
	return lex_error(r->lex, &part, "%s", why);
}

/* Bytes up to the comma that ends a network of a list. One in parentheses has no other end. */
static u32 net_length(const char *s, u32 len)
{
	const char *close = *s == '(' ? memchr(s, ')', len) : NULL;
	const char *from = close ? close : s;
	const char *comma = memchr(from, ',', len - (u32)(from - s));

	return comma ? (u32)(comma - s) : len;
}

/* A list of networks */
static bool take_nets(struct rule *r, const struct word *arg, struct rule_nets *nets)
{
	u32 pos = 0;

	nets->invert = r->invert;
	if (r->family == FWLOAD_FAMILY_IPV4 &&
	    addr_plain_net4(arg->s, arg->len, &nets->net[0])) {
		nets->n = 1;
		return true;
	}
	do {
		const char *s = arg->s + pos;
		u32 left = arg->len - pos, skip = 0, len;
		enum addr_result result;

		/* Names may have more addresses than the word has bytes. */
		if (unlikely(!has_room(r, arg, nets)))
			return false;
		while (skip < left && isspace((u8)s[skip]))
			skip++;
		len = skip < left ? skip + net_length(s + skip, left - skip) : left;
		if (skip < len && s[skip] == '(') {
			if (!take_dyn(r, arg, pos + skip, len - skip, &nets->net[nets->n]))
				return false;
			nets->n++;
			pos += len + 1;
			continue;
		}
		result = addr_net(r->family, s + skip, len - skip, &nets->net[nets->n]);
		if (unlikely(result == ADDR_FAMILY) && is_for_other_family(r)) {
			r->ignored = true;
			return true;
		}
		if (unlikely(result != ADDR_OK && result != ADDR_NAME))
			return bad_net(r, arg, pos + skip, len - skip, result);
		if (likely(result == ADDR_OK))
			nets->n++;
		else if (!take_hosts(r, arg, pos + skip, len - skip, nets))
			return false;
		pos += len + 1;
	} while (pos <= arg->len);
	if (nets->n > 1 && nets->invert)
		return lex_error(r->lex, arg, "a ! before a list of addresses");
	return true;
}

static bool take_interface(struct rule *r, const struct word *arg, u8 type,
			   struct fwload_img_el_iface *el)
{
	u32 len = arg->len;
	bool wild;

	if (!len)
		return lex_error(r->lex, arg, "the name of the interface is missing");
	if (len >= sizeof(el->name))
		return lex_error(r->lex, arg,
				 "the name of an interface has at most %zu bytes",
				 sizeof(el->name) - 1);
	for (u32 i = 0; i < len; i++) {
		if ((u8)arg->s[i] <= ' ' || arg->s[i] == 0x7f)
			return lex_error(r->lex, arg,
					 "the name of an interface has no blanks and no control characters");
		if (arg->s[i] == '/')
			lex_warning(r->lex, arg, "no interface has a / in its name");
	}
	wild = arg->s[len - 1] == '+';
	len -= wild;
	if (!len && !r->invert)
		return true;		/* any interface */
	memset(el, 0, sizeof(*el));
	el->el.type = type;
	el->el.len = sizeof(*el) / 8;
	el->el.flags = (r->invert ? FWLOAD_IMG_F_INV : 0) |
		       (wild ? FWLOAD_IMG_F_WILD : 0);
	el->el.arg = (u8)len;
	memcpy(el->name, arg->s, len);
	return true;
}

/* The standard targets, or FWLOAD_IMG_T_NONE. */
static u8 verdict(const struct word *name)
{
	switch (name->len) {
	case 4:
		return memcmp(name->s, "DROP", 4) ? FWLOAD_IMG_T_NONE : FWLOAD_IMG_T_DROP;
	case 5:
		return memcmp(name->s, "QUEUE", 5) ? FWLOAD_IMG_T_NONE :
						     FWLOAD_IMG_T_QUEUE;
	case 6:
		if (!memcmp(name->s, "ACCEPT", 6))
			return FWLOAD_IMG_T_ACCEPT;
		return memcmp(name->s, "RETURN", 6) ? FWLOAD_IMG_T_NONE :
						      FWLOAD_IMG_T_RETURN;
	default:
		return FWLOAD_IMG_T_NONE;
	}
}

static bool take_target(struct rule *r, const struct word *arg, bool is_goto)
{
	u32 n;

	r->jump = *arg;
	if (!arg->len)
		return lex_error(r->lex, arg, "the name of the target is missing");
	if (arg->len > FWLOAD_CHAIN_NAME_MAX)
		return lex_error(r->lex, arg, "the name of a target has at most %u bytes",
				 FWLOAD_CHAIN_NAME_MAX);
	for (u32 i = 0; i < arg->len; i++)
		if (isspace((u8)arg->s[i]))
			return lex_error(r->lex, arg, "a blank in the name of a target");
	if (!is_goto) {
		r->target = verdict(arg);
		if (r->target)
			return true;
	}
	r->target = is_goto ? FWLOAD_IMG_T_GOTO : FWLOAD_IMG_T_JUMP;
	r->to = live_find(r->table, arg->s, arg->len);
	if (r->to && r->to->hook != FWLOAD_IMG_NO_HOOK)
		return lex_error(r->lex, arg, "\"%.*s\" is a base chain: no rule can go to it",
				 (int)arg->len, arg->s);
	if (r->to && r->to->declared)
		return true;
	r->to = NULL;
	if (is_goto)
		return true;
	n = rule_use_take(r, FWLOAD_IMG_EXT_TARGET, arg->s, arg->len, arg);
	if (n == RULE_NO_USE)
		return true;		/* a chain that is declared further down, perhaps */
	r->target_use = n;
	r->target = FWLOAD_IMG_T_EXT;
	if (r->uses[n].native.native)
		r->target = r->uses[n].native.native->target;
	return true;
}

static bool take_match(struct rule *r, const struct word *opt, const struct word *arg)
{
	const char *nearest;
	struct word name = *arg;

	if (r->invert)
		return lex_error(r->lex, opt, "-m cannot have a ! before it");
	if (lex_is(arg, "icmpv6") || lex_is(arg, "ipv6-icmp")) {
		name.s = "icmp6";
		name.len = 5;
	}
	if (rule_use_take(r, FWLOAD_IMG_EXT_MATCH, name.s, name.len, arg) != RULE_NO_USE)
		return true;
	nearest = diag_nearest(arg->s, arg->len, names_matches, names_n_matches);
	if (nearest && lex_is(arg, nearest))
		return lex_error(r->lex, arg, "there is no match \"%.*s\" for %s",
				 (int)arg->len, arg->s, r->family ? "IPv6" : "IPv4");
	/* In the words of iptables, where its name is used. */
	return lex_error(r->lex, arg, "%s%.*s%s%s%s%s", r->strict ? "Couldn't load match `" :
			 "unknown match \"", (int)arg->len, arg->s, r->strict ? "'" : "\"",
			 nearest ? ", did you mean \"" : "", nearest ? nearest : "",
			 nearest ? "\"?" : "");
}

/* -c PACKETS BYTES, or PACKETS,BYTES */
static bool take_counters(struct rule *r, const struct word *opt, const struct word *arg)
{
	const char *comma = memchr(arg->s, ',', arg->len);
	u32 len = comma ? (u32)(comma - arg->s) : arg->len;
	struct word bytes;
	u64 packets, n;

	if (comma) {
		bytes = lex_part(arg, len + 1, arg->len - len - 1);
	} else {
		const struct word *w = more(r);

		if (!w)
			return lex_error(r->lex, opt, "-c needs packets and bytes");
		bytes = *w;
	}
	if (!lex_number(arg->s, len, 0, ~0ULL, &packets))
		return lex_error(r->lex, arg, "\"%.*s\" is no number of packets", (int)len,
				 arg->s);
	if (!lex_number(bytes.s, bytes.len, 0, ~0ULL, &n))
		return lex_error(r->lex, &bytes, "\"%.*s\" is no number of bytes",
				 (int)bytes.len, bytes.s);
	r->has_counters = true;
	r->counters_words = (struct rule_words){ r->first, r->next };
	r->counters.packets = packets;
	r->counters.bytes = n;
	return true;
}

bool rule_base_option(struct rule *r, char letter, const struct word *opt,
		      const struct word *arg)
{
	const struct option_short *o = option_short(letter);

	if (o->command)
		return take_command(r, letter, opt, arg);
	if (unlikely(o->invert && arg && arg->len == 1 && arg->s[0] == '!' &&
		     !arg->quoted && r->next < r->lex->n_words &&
		     !(r->lex->words[r->next].len && r->lex->words[r->next].s[0] == '-'))) {
		lex_warning(r->lex, arg, "a ! belongs before the option that it negates");
		r->invert = true;
		arg = &r->lex->words[r->next++];
	}
	if (unlikely(r->given & o->given))
		return lex_error(r->lex, opt, "\"%.*s\" is given twice", (int)opt->len, opt->s);
	r->given |= o->given;
	if (unlikely(r->invert && o->given && !o->invert))
		return lex_error(r->lex, opt, "\"%.*s\" cannot have a ! before it",
				 (int)opt->len, opt->s);
	switch (letter) {
	case 's':
		return take_nets(r, arg, &r->src);
	case 'd':
		return take_nets(r, arg, &r->dst);
	case 'p':
		return take_protocol(r, arg);
	case 'i':
		return take_interface(r, arg, FWLOAD_IMG_EL_IN, &r->in);
	case 'o':
		return take_interface(r, arg, FWLOAD_IMG_EL_OUT, &r->out);
	case 'm':
		return take_match(r, opt, arg);
	case 'j':
	case 'g':
		return take_target(r, arg, letter == 'g');
	case 'f':
		if (r->family == FWLOAD_FAMILY_IPV6)
			return lex_error(r->lex, opt,
					 "-f is for IPv4; for IPv6 there is -m frag");
		r->flags |= FWLOAD_IMG_R_FRAG;
		if (r->invert)
			r->flags |= FWLOAD_IMG_R_FRAG_INV;
		return true;
	case 'c':
		return take_counters(r, opt, arg);
	case '4':
	case '6':
		r->ignored = (letter == '6') != (r->family == FWLOAD_FAMILY_IPV6);
		return !r->ignored || !r->plain ||
		       lex_error(r->lex, opt, "this is the command for IPv%c",
				 letter == '6' ? '4' : '6');
	case 't':
		if (r->plain) {
			r->table_name = *arg;
			return true;
		}
		return lex_error(r->lex, opt,
				 "-t has no place in a line of a table: its table is that of the block");
	case 'w':
	case 'W':
		return take_wait(r, letter, opt, arg);
	case 'v':
		r->verbose++;
		return true;
	case 'h':
	case 'V':
		if (r->plain) {
			r->asks = letter;
			r->ignored = true;
			return true;
		}
		return lex_error(r->lex, opt, "-%c has no place in a rule set", letter);
	default:
		return true;		/* -n, -x, -0 and -M */
	}
}
