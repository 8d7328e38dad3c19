// SPDX-License-Identifier: GPL-2.0
/*
 * Looking options up: see option.h.
 *
 * iptables puts its own options first, then those of the match or target that came
 * last, and so on back to the first; a match named twice is there once, and its options
 * belong to the last use. getopt_long() takes the first exact name of that list;
 * else an abbreviation, if all that it may stand for are the same option.
 */
#include "option.h"

#define NEAREST_MAX	512	/* names that "did you mean" looks at */

#define BASE(n, l, a)	{ .name = (n), .len = sizeof(n) - 1, .letter = (l), .args = (a) }

static const struct option_base base_options[] = {
	BASE("append", 'A', OPTION_ARG),
	BASE("delete", 'D', OPTION_ARG),
	BASE("check", 'C', OPTION_ARG),
	BASE("insert", 'I', OPTION_ARG),
	BASE("replace", 'R', OPTION_ARG),
	BASE("list", 'L', OPTION_MAY_ARG),
	BASE("list-rules", 'S', OPTION_MAY_ARG),
	BASE("flush", 'F', OPTION_MAY_ARG),
	BASE("zero", 'Z', OPTION_MAY_ARG),
	BASE("new-chain", 'N', OPTION_ARG),
	BASE("delete-chain", 'X', OPTION_MAY_ARG),
	BASE("rename-chain", 'E', OPTION_ARG),
	BASE("policy", 'P', OPTION_ARG),
	BASE("source", 's', OPTION_ARG),
	BASE("destination", 'd', OPTION_ARG),
	BASE("src", 's', OPTION_ARG),
	BASE("dst", 'd', OPTION_ARG),
	BASE("protocol", 'p', OPTION_ARG),
	BASE("in-interface", 'i', OPTION_ARG),
	BASE("jump", 'j', OPTION_ARG),
	BASE("table", 't', OPTION_ARG),
	BASE("match", 'm', OPTION_ARG),
	BASE("numeric", 'n', OPTION_NO_ARG),
	BASE("out-interface", 'o', OPTION_ARG),
	BASE("verbose", 'v', OPTION_NO_ARG),
	BASE("wait", 'w', OPTION_MAY_ARG),
	BASE("wait-interval", 'W', OPTION_MAY_ARG),
	BASE("exact", 'x', OPTION_NO_ARG),
	BASE("version", 'V', OPTION_NO_ARG),
	BASE("help", 'h', OPTION_MAY_ARG),
	BASE("line-numbers", '0', OPTION_NO_ARG),
	BASE("modprobe", 'M', OPTION_ARG),
	BASE("set-counters", 'c', OPTION_ARG),
	BASE("goto", 'g', OPTION_ARG),
	BASE("ipv4", '4', OPTION_NO_ARG),
	BASE("ipv6", '6', OPTION_NO_ARG),
	BASE("fragments", 'f', OPTION_NO_ARG),	/* not in ip6tables; last */
};

const struct option_short option_shorts[128] = {
	['A'] = { OPTION_ARG, .command = true },
	['C'] = { OPTION_ARG, .command = true },
	['D'] = { OPTION_ARG, .command = true },
	['E'] = { OPTION_ARG, .command = true },
	['F'] = { OPTION_MAY_ARG, .command = true },
	['I'] = { OPTION_ARG, .command = true },
	['L'] = { OPTION_MAY_ARG, .command = true },
	['N'] = { OPTION_ARG, .command = true },
	['P'] = { OPTION_ARG, .command = true },
	['R'] = { OPTION_ARG, .command = true },
	['S'] = { OPTION_MAY_ARG, .command = true },
	['X'] = { OPTION_MAY_ARG, .command = true },
	['Z'] = { OPTION_MAY_ARG, .command = true },
	['c'] = { OPTION_ARG, .given = OPTION_COUNTERS },
	['d'] = { OPTION_ARG, .given = OPTION_DST, .invert = true },
	['f'] = { OPTION_NO_ARG, .given = OPTION_FRAG, .invert = true },
	['g'] = { OPTION_ARG, .given = OPTION_JUMP },
	['i'] = { OPTION_ARG, .given = OPTION_IN, .invert = true },
	['j'] = { OPTION_ARG, .given = OPTION_JUMP },
	['o'] = { OPTION_ARG, .given = OPTION_OUT, .invert = true },
	['p'] = { OPTION_ARG, .given = OPTION_PROTO, .invert = true },
	['s'] = { OPTION_ARG, .given = OPTION_SRC, .invert = true },
	['n'] = { OPTION_NO_ARG, .given = OPTION_NUMERIC },
	['x'] = { OPTION_NO_ARG, .given = OPTION_EXACT },
	['0'] = { OPTION_UNKNOWN, .given = OPTION_LINES },	/* --line-numbers */
	['4'] = { OPTION_NO_ARG },
	['6'] = { OPTION_NO_ARG },
	['M'] = { OPTION_ARG },
	['V'] = { OPTION_NO_ARG },
	['W'] = { OPTION_MAY_ARG },
	['h'] = { OPTION_MAY_ARG },
	['m'] = { OPTION_ARG },
	['t'] = { OPTION_ARG },
	['v'] = { OPTION_NO_ARG },
	['w'] = { OPTION_MAY_ARG },
};

static u32 n_base(u8 family)
{
	return ARRAY_SIZE(base_options) - (family == FWLOAD_FAMILY_IPV6);
}

static const struct option_base *find_base(u8 family, const char *name, size_t len)
{
	for (u32 i = 0; i < n_base(family); i++) {
		const struct option_base *b = &base_options[i];

		if (b->len == len && b->name[0] == name[0] && !memcmp(b->name, name, len))
			return b;
	}
	return NULL;
}

static const struct xt_option *find_xt(const struct option_set *set, const char *name,
				       size_t len)
{
	const struct xt_option *o;

	for (o = set->xt; o->name; o++)
		if (!strncmp(o->name, name, len) && !o->name[len])
			return o;
	return NULL;
}

/* No native match or target has an option by the name of one of iptables. */
static bool find_exact(const struct option_sets *sets, u8 family, const char *name,
		       size_t len, struct option_found *found)
{
	const struct option_set *set;
	u32 i;

	for (i = sets->n; i--;) {
		set = &sets->set[i];
		if (set->native) {
			found->native = native_option(set->native, name, len);
			if (!found->native)
				continue;
			found->result = OPTION_IS_NATIVE;
			found->set = set;
			return true;
		}
		found->xt = find_xt(set, name, len);
		if (found->xt) {
			found->result = OPTION_IS_XT;
			found->set = set;
			break;
		}
	}
	found->base = find_base(family, name, len);
	if (found->base)
		found->result = OPTION_IS_BASE;
	return found->result != OPTION_IS_NONE;
}

/*
 * One more option that the name may stand for. @id tells options of a set apart. The
 * first one is kept; false when this is not the same.
 */
static bool another(struct option_found *found, const struct option_found *maybe, u32 id,
		    u32 *first, const char *full)
{
	if (found->result == OPTION_IS_NONE) {
		*found = *maybe;
		found->names[0] = full;
		*first = id;
		return true;
	}
	if (found->result == maybe->result && found->set == maybe->set && *first == id)
		return true;
	found->result = OPTION_IS_AMBIGUOUS;
	found->names[1] = full;
	return false;
}

static void find_abbreviated(const struct option_sets *sets, u8 family, const char *name,
			     size_t len, struct option_found *found)
{
	struct option_found maybe;
	u32 first = 0;

	for (u32 i = 0; i < n_base(family); i++) {
		const struct option_base *b = &base_options[i];

		if (strncmp(b->name, name, len))
			continue;
		maybe = (struct option_found){ .result = OPTION_IS_BASE, .base = b };
		if (!another(found, &maybe, (u8)b->letter, &first, b->name))
			return;
	}
	for (u32 i = sets->n; i--;) {
		const struct option_set *set = &sets->set[i];

		maybe = (struct option_found){ .result = OPTION_IS_NATIVE, .set = set };
		for (u32 j = 0; set->native && j < set->native->n_options; j++) {
			maybe.native = &set->native->options[j];
			if (!strncmp(maybe.native->name, name, len) &&
			    !another(found, &maybe, maybe.native->id, &first,
				     maybe.native->name))
				return;
		}
		if (set->native)
			continue;
		maybe = (struct option_found){ .result = OPTION_IS_XT, .set = set };
		for (maybe.xt = set->xt; maybe.xt->name; maybe.xt++) {
			u32 id = (u32)maybe.xt->id << 1 | !!maybe.xt->has_arg;

			if (!strncmp(maybe.xt->name, name, len) &&
			    !another(found, &maybe, id, &first, maybe.xt->name))
				return;
		}
	}
}

void option_find(const struct option_sets *sets, u8 family, const char *name, size_t len,
		 struct option_found *found)
{
	found->result = OPTION_IS_NONE;
	if (len && !find_exact(sets, family, name, len, found))
		find_abbreviated(sets, family, name, len, found);
}

const char *option_nearest(const struct option_sets *sets, u8 family, const char *name,
			   size_t len)
{
	const char *names[NEAREST_MAX];
	u32 n = 0;

	for (u32 i = sets->n; i--;) {
		const struct option_set *set = &sets->set[i];

		for (u32 j = 0; set->native && j < set->native->n_options; j++)
			if (n < NEAREST_MAX)
				names[n++] = set->native->options[j].name;
		if (set->native)
			continue;
		for (const struct xt_option *o = set->xt; o->name; o++)
			if (n < NEAREST_MAX)
				names[n++] = o->name;
	}
	for (u32 i = 0; i < n_base(family) && n < NEAREST_MAX; i++)
		names[n++] = base_options[i].name;
	return diag_nearest(name, len, names, n);
}
