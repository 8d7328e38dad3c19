// SPDX-License-Identifier: GPL-2.0
/*
 * The table of the matches and targets that fwimg knows itself, and what they have in
 * common. The printers are in print_native.c: a printer sees an element only.
 */
#include "native.h"
#include "names.h"

static const struct native *const natives[] = {
	&native_tcp, &native_udp, &native_conntrack, &native_comment, &native_multiport,
	&native_mark, &native_state, &native_icmp, &native_icmp6, &native_connmark,
	&native_iprange, &native_mac, &native_pkttype, &native_sctp,
	&native_set_mark, &native_set_connmark,
};

const struct native *native_find(u8 family, u8 kind, const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(natives); i++) {
		const struct native *n = natives[i];

		if (n->len == len && n->kind == kind && (n->families & 1 << family) &&
		    !memcmp(n->name, name, len))
			return n;
	}
	return NULL;
}

const struct native_option *native_option(const struct native *native, const char *name,
					  size_t len)
{
	for (u32 i = 0; i < native->n_options; i++) {
		const struct native_option *o = &native->options[i];

		if (o->len == len && !memcmp(o->name, name, len))
			return o;
	}
	return NULL;
}

void native_begin(struct native_use *use, const struct native *native)
{
	use->native = native;
	use->seen = 0;
	native->init(use);
}

/* The first name of option @id. */
static const char *option_name(const struct native *native, u32 id)
{
	u32 i = 0;

	while (native->options[i].id != id)
		i++;
	return native->options[i].name;
}

enum native_result native_parse(struct native_use *use, struct native_call *call)
{
	const struct native_option *o = call->option;
	u16 clash = use->seen & o->excludes;
	enum native_result result;

	if (unlikely(use->seen & 1 << o->id)) {
		lex_error(call->lex, call->word, "option \"--%s\" is given twice",
			  o->name);
		return NATIVE_ERROR;
	}
	if (unlikely(clash)) {
		lex_error(call->lex, call->word,
			  "option \"--%s\" cannot stand together with \"--%s\"", o->name,
			  option_name(use->native, (u32)__builtin_ctz(clash)));
		return NATIVE_ERROR;
	}
	if (unlikely(call->invert && !(o->flags & NATIVE_INVERT))) {
		lex_error(call->lex, call->word, "option \"--%s\" cannot be inverted",
			  o->name);
		return NATIVE_ERROR;
	}
	result = use->native->parse(use, call);
	if (result == NATIVE_OK)
		use->seen |= (u16)(1 << o->id);
	return result;
}

/* "match "x" needs --a, --b or --c" */
static bool needs_option(const struct native *native, struct lex *lex,
			 const struct word *name)
{
	char list[256] = "";
	u16 left = native->needs;
	size_t n = 0;

	while (left && n < sizeof(list)) {
		u32 id = (u32)__builtin_ctz(left);
		const char *before = ", --";

		left &= (u16)(left - 1);
		if (!n)
			before = "--";
		else if (!left)
			before = " or --";
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", before,
				      option_name(native, id));
	}
	return lex_error(lex, name, "%s \"%s\" needs %s",
			 native->kind == FWLOAD_IMG_EXT_TARGET ? "target" : "match",
			 native->name, list);
}

bool native_finish(struct native_use *use, struct lex *lex, const struct word *name,
		   u8 proto, bool proto_inv)
{
	const struct native *native = use->native;

	if (unlikely(native->needs && !(use->seen & native->needs)))
		return needs_option(native, lex, name);
	if (unlikely(native->proto && (native->proto != proto || proto_inv)))
		return lex_error(lex, name, "match \"%s\" needs \"-p %s\"%s",
				 native->name, names_protocol_name(native->proto),
				 proto_inv ? ", without a !" : "");
	if (native->finish)
		native->finish(use);
	return true;
}
