// SPDX-License-Identifier: GPL-2.0
/*
 * Matches and targets on what the kernel has attached to a packet: conntrack, state,
 * mark, connmark, MARK and CONNMARK; and comment, which is attached to the rule.
 */
#include <linux/netfilter/xt_connmark.h>
#include <strings.h>

#include "names.h"
#include "native.h"

#define COMMENT_MAX	255

enum {
	O_CTSTATE,
	O_CTPROTO,
	O_CTORIGSRC,
	O_CTORIGDST,
	O_CTREPLSRC,
	O_CTREPLDST,
	O_CTORIGSRCPORT,
	O_CTORIGDSTPORT,
	O_CTREPLSRCPORT,
	O_CTREPLDSTPORT,
	O_CTSTATUS,
	O_CTEXPIRE,
	O_CTDIR,
};

enum {
	O_MARK,
};

enum {
	O_COMMENT,
};

/* MARK and CONNMARK */
enum {
	O_SET_XMARK,
	O_SET_MARK,
	O_AND_MARK,
	O_OR_MARK,
	O_XOR_MARK,
	O_SAVE_MARK,
	O_RESTORE_MARK,
	O_LEFT_SHIFT,
	O_RIGHT_SHIFT,
	O_CTMASK,
	O_NFMASK,
	O_MASK,
	MARK_ANY = 1 << O_SET_XMARK | 1 << O_SET_MARK | 1 << O_AND_MARK | 1 << O_OR_MARK |
		   1 << O_XOR_MARK,
	CONNMARK_ANY = MARK_ANY | 1 << O_SAVE_MARK | 1 << O_RESTORE_MARK,
};

static void ctstate_init(struct native_use *use)
{
	struct fwload_img_el_ctstate *m = &use->el.ctstate;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_CTSTATE;
	m->el.len = sizeof(*m) / 8;
	if (use->native == &native_state)
		m->el.flags = FWLOAD_IMG_F_STATE;
}

/*
 * A list of states; each may be abbreviated, in either case. @n: how many of
 * names_states may stand in it.
 */
static enum native_result parse_states(struct native_use *use, struct native_call *call,
				       u32 n)
{
	const struct word *arg = call->arg;
	u32 pos = 0, states = 0;

	do {
		const char *s = arg->s + pos;
		const char *comma = memchr(s, ',', arg->len - pos);
		u32 len = comma ? (u32)(comma - s) : arg->len - pos;
		u32 i;

		for (i = 0; i < n; i++)
			if (len && !strncasecmp(names_states[i].name, s, len))
				break;
		if (i == n) {
			struct word part = lex_part(arg, pos, len);

			lex_error(call->lex, &part, "\"%.*s\" is no state of \"-m %s\"",
				  (int)part.len, part.s, use->native->name);
			return NATIVE_ERROR;
		}
		states |= names_states[i].value;
		pos += len + 1;
	} while (pos <= arg->len);
	use->el.ctstate.states = cpu_to_le32(states);
	if (call->invert)
		use->el.el.flags |= FWLOAD_IMG_F_INV;
	return NATIVE_OK;
}

static enum native_result conntrack_parse(struct native_use *use,
					  struct native_call *call)
{
	if (call->option->id != O_CTSTATE)
		return NATIVE_FOREIGN;
	return parse_states(use, call, NAMES_STATES);
}

/* The last two states are conntrack's alone. */
static enum native_result state_parse(struct native_use *use, struct native_call *call)
{
	return parse_states(use, call, NAMES_STATES - 2);
}

static bool parse_u32(struct native_call *call, u32 *value)
{
	u64 v;

	if (!lex_number(call->arg->s, call->arg->len, 0, 0xffffffff, &v))
		return lex_error(call->lex, call->arg, "\"%.*s\" is no number of 32 bits",
				 (int)call->arg->len, call->arg->s);
	*value = (u32)v;
	return true;
}

/* VALUE[/MASK] */
static bool parse_mark(struct native_call *call, u32 *value, u32 *mask)
{
	const struct word *arg = call->arg;
	const char *slash = memchr(arg->s, '/', arg->len);
	u32 len = slash ? (u32)(slash - arg->s) : arg->len;
	u64 v, m = 0xffffffff;

	if (!lex_number(arg->s, len, 0, 0xffffffff, &v) ||
	    (slash && !lex_number(slash + 1, arg->len - len - 1, 0, 0xffffffff, &m)))
		return lex_error(call->lex, arg,
				 "a mark is VALUE or VALUE/MASK, of 32 bits each");
	*value = (u32)v;
	*mask = (u32)m;
	return true;
}

static void mark_init(struct native_use *use)
{
	struct fwload_img_el_mark *m = &use->el.mark;

	memset(m, 0, sizeof(*m));
	m->el.type = use->native == &native_mark ? FWLOAD_IMG_EL_MARK :
						   FWLOAD_IMG_EL_CONNMARK;
	m->el.len = sizeof(*m) / 8;
}

static enum native_result mark_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_mark *m = &use->el.mark;
	u32 value, mask;

	if (!parse_mark(call, &value, &mask))
		return NATIVE_ERROR;
	m->value = cpu_to_le32(value);
	m->mask = cpu_to_le32(mask);
	m->el.flags = call->invert ? FWLOAD_IMG_F_INV : 0;
	return NATIVE_OK;
}

static void comment_init(struct native_use *use)
{
	struct fwload_img_el_comment *m = &use->el.comment;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_COMMENT;
	m->el.len = sizeof(*m) / 8;
}

static enum native_result comment_parse(struct native_use *use, struct native_call *call)
{
	use->text = *call->arg;
	if (use->text.len > COMMENT_MAX) {
		lex_warning(call->lex, call->arg, "the comment is cut to %u bytes",
			    COMMENT_MAX);
		use->text.len = COMMENT_MAX;
	}
	return NATIVE_OK;
}

static void set_mark_init(struct native_use *use)
{
	struct fwload_img_el_set_mark *m = &use->el.set_mark;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_SET_MARK;
	m->el.len = sizeof(*m) / 8;
}

/*
 * What the options of both targets that change a mark by a constant come down to:
 * mark = (mark & ~mask) ^ value.
 */
static bool parse_change(struct native_call *call, __le32 *value, __le32 *mask)
{
	u32 v, m = 0;

	switch (call->option->id) {
	case O_SET_XMARK:
	case O_SET_MARK:
		if (!parse_mark(call, &v, &m))
			return false;
		if (call->option->id == O_SET_MARK)
			m |= v;
		break;
	case O_AND_MARK:
		if (!parse_u32(call, &m))
			return false;
		m = ~m;
		v = 0;
		break;
	case O_OR_MARK:
		if (!parse_u32(call, &v))
			return false;
		m = v;
		break;
	default:
		if (!parse_u32(call, &v))
			return false;
	}
	*value = cpu_to_le32(v);
	*mask = cpu_to_le32(m);
	return true;
}

static enum native_result set_mark_parse(struct native_use *use, struct native_call *call)
{
	struct fwload_img_el_set_mark *m = &use->el.set_mark;

	return parse_change(call, &m->value, &m->mask) ? NATIVE_OK : NATIVE_ERROR;
}

static void set_connmark_init(struct native_use *use)
{
	struct fwload_img_el_set_connmark *m = &use->el.set_connmark;

	memset(m, 0, sizeof(*m));
	m->el.type = FWLOAD_IMG_EL_SET_CONNMARK;
	m->el.len = sizeof(*m) / 8;
	m->ctmask = (__le32)~0U;
	m->nfmask = (__le32)~0U;
}

/* Where options override each other, the last one holds, as in libxtables. */
static enum native_result set_connmark_parse(struct native_use *use,
					     struct native_call *call)
{
	struct fwload_img_el_set_connmark *m = &use->el.set_connmark;
	u64 bits;
	u32 mask;

	switch (call->option->id) {
	case O_SAVE_MARK:
		m->el.arg = XT_CONNMARK_SAVE;
		return NATIVE_OK;
	case O_RESTORE_MARK:
		m->el.arg = XT_CONNMARK_RESTORE;
		return NATIVE_OK;
	case O_LEFT_SHIFT:
	case O_RIGHT_SHIFT:
		if (!lex_number(call->arg->s, call->arg->len, 0, 32, &bits)) {
			lex_error(call->lex, call->arg,
				  "a mark is shifted by 0 to 32 bits");
			return NATIVE_ERROR;
		}
		if (bits == 32)
			return NATIVE_FOREIGN;
		m->shift_dir = call->option->id == O_RIGHT_SHIFT;
		m->shift_bits = (u8)bits;
		return NATIVE_OK;
	case O_CTMASK:
	case O_NFMASK:
	case O_MASK:
		if (!parse_u32(call, &mask))
			return NATIVE_ERROR;
		if (call->option->id != O_NFMASK)
			m->ctmask = cpu_to_le32(mask);
		if (call->option->id != O_CTMASK)
			m->nfmask = cpu_to_le32(mask);
		return NATIVE_OK;
	default:
		m->el.arg = XT_CONNMARK_SET;
		return parse_change(call, &m->ctmark, &m->ctmask) ? NATIVE_OK :
								    NATIVE_ERROR;
	}
}

/* What the target does not look at, and save does not print, is the same for all. */
static void set_connmark_finish(struct native_use *use)
{
	struct fwload_img_el_set_connmark *m = &use->el.set_connmark;

	if (m->el.arg == XT_CONNMARK_SET)
		m->nfmask = (__le32)~0U;
	if (!m->shift_bits)
		m->shift_dir = 0;
}

static const struct native_option conntrack_options[] = {
	NATIVE_OPTION("ctstate", O_CTSTATE, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctproto", O_CTPROTO, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctorigsrc", O_CTORIGSRC, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctorigdst", O_CTORIGDST, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctreplsrc", O_CTREPLSRC, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctrepldst", O_CTREPLDST, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctstatus", O_CTSTATUS, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctexpire", O_CTEXPIRE, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctorigsrcport", O_CTORIGSRCPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctorigdstport", O_CTORIGDSTPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctreplsrcport", O_CTREPLSRCPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctrepldstport", O_CTREPLDSTPORT, 1, NATIVE_INVERT, 0),
	NATIVE_OPTION("ctdir", O_CTDIR, 1, 0, 0),
};

const struct native native_conntrack = {
	NATIVE_NAME("conntrack"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = (1 << (O_CTDIR + 1)) - 1,
	.options = conntrack_options,
	.n_options = ARRAY_SIZE(conntrack_options),
	.init = ctstate_init,
	.parse = conntrack_parse,
};

static const struct native_option state_options[] = {
	NATIVE_OPTION("state", O_CTSTATE, 1, NATIVE_INVERT, 0),
};

const struct native native_state = {
	NATIVE_NAME("state"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_CTSTATE,
	.options = state_options,
	.n_options = ARRAY_SIZE(state_options),
	.init = ctstate_init,
	.parse = state_parse,
};

static const struct native_option mark_options[] = {
	NATIVE_OPTION("mark", O_MARK, 1, NATIVE_INVERT, 0),
};

const struct native native_mark = {
	NATIVE_NAME("mark"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_MARK,
	.options = mark_options,
	.n_options = ARRAY_SIZE(mark_options),
	.init = mark_init,
	.parse = mark_parse,
};

const struct native native_connmark = {
	NATIVE_NAME("connmark"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_MARK,
	.options = mark_options,
	.n_options = ARRAY_SIZE(mark_options),
	.init = mark_init,
	.parse = mark_parse,
};

static const struct native_option comment_options[] = {
	NATIVE_OPTION("comment", O_COMMENT, 1, 0, 0),
};

const struct native native_comment = {
	NATIVE_NAME("comment"),
	.kind = FWLOAD_IMG_EXT_MATCH,
	.families = NATIVE_BOTH,
	.needs = 1 << O_COMMENT,
	.options = comment_options,
	.n_options = ARRAY_SIZE(comment_options),
	.init = comment_init,
	.parse = comment_parse,
};

static const struct native_option set_mark_options[] = {
	NATIVE_OPTION("set-xmark", O_SET_XMARK, 1, 0, MARK_ANY),
	NATIVE_OPTION("set-mark", O_SET_MARK, 1, 0, MARK_ANY),
	NATIVE_OPTION("and-mark", O_AND_MARK, 1, 0, MARK_ANY),
	NATIVE_OPTION("or-mark", O_OR_MARK, 1, 0, MARK_ANY),
	NATIVE_OPTION("xor-mark", O_XOR_MARK, 1, 0, MARK_ANY),
};

const struct native native_set_mark = {
	NATIVE_NAME("MARK"),
	.kind = FWLOAD_IMG_EXT_TARGET,
	.families = NATIVE_BOTH,
	.target = FWLOAD_IMG_T_MARK,
	.needs = MARK_ANY,
	.options = set_mark_options,
	.n_options = ARRAY_SIZE(set_mark_options),
	.init = set_mark_init,
	.parse = set_mark_parse,
};

static const struct native_option set_connmark_options[] = {
	NATIVE_OPTION("set-xmark", O_SET_XMARK, 1, 0, CONNMARK_ANY),
	NATIVE_OPTION("set-mark", O_SET_MARK, 1, 0, CONNMARK_ANY),
	NATIVE_OPTION("and-mark", O_AND_MARK, 1, 0, CONNMARK_ANY),
	NATIVE_OPTION("or-mark", O_OR_MARK, 1, 0, CONNMARK_ANY),
	NATIVE_OPTION("xor-mark", O_XOR_MARK, 1, 0, CONNMARK_ANY),
	NATIVE_OPTION("save-mark", O_SAVE_MARK, 0, 0, CONNMARK_ANY),
	NATIVE_OPTION("restore-mark", O_RESTORE_MARK, 0, 0, CONNMARK_ANY),
	NATIVE_OPTION("left-shift-mark", O_LEFT_SHIFT, 1, 0, 0),
	NATIVE_OPTION("right-shift-mark", O_RIGHT_SHIFT, 1, 0, 0),
	NATIVE_OPTION("ctmask", O_CTMASK, 1, 0, 1 << O_MASK),
	NATIVE_OPTION("nfmask", O_NFMASK, 1, 0, 1 << O_MASK),
	NATIVE_OPTION("mask", O_MASK, 1, 0, 1 << O_CTMASK | 1 << O_NFMASK),
};

const struct native native_set_connmark = {
	NATIVE_NAME("CONNMARK"),
	.kind = FWLOAD_IMG_EXT_TARGET,
	.families = NATIVE_BOTH,
	.target = FWLOAD_IMG_T_CONNMARK,
	.needs = CONNMARK_ANY,
	.options = set_connmark_options,
	.n_options = ARRAY_SIZE(set_connmark_options),
	.init = set_connmark_init,
	.parse = set_connmark_parse,
	.finish = set_connmark_finish,
};
