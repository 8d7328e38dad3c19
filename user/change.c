// SPDX-License-Identifier: GPL-2.0
/*
 * A changed rule set on its way into force.
 *
 * When it builds on what was in force at some generation, it is committed for that
 * generation only: if another client was first, nothing changes and the caller begins anew.
 * So no change of two that come at once is lost, without a lock.
 */
#include <errno.h>
#include <stdio.h>

#include "../kmod/image.h"
#include "change.h"
#include "emit.h"

/* Does the image have to say what counters begin with? They begin with zero. */
static bool has_counters(const struct chain *c)
{
	return c->counters.size || c->origins.size || c->policy_taken ||
	       c->policy_counter.packets || c->policy_counter.bytes;
}

/* Go through all chains; @changes: is there anything to be sent? */
static bool look(const struct ruleset *rs, bool *changes)
{
	const struct table *t = &rs->tables[0][0];
	const struct table *end = t + __FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX;
	bool counters = false;

	*changes = false;
	for (; t < end; t++) {
		if (!t->present)
			continue;
		*changes |= !t->merge;
		for (u32 i = 0; i < t->n_chains; i++) {
			const struct chain *c = t->chains[i];

			*changes |= !c->kept || c->zero || c->changed;
			/* Of a chain that is kept, the policy's is left alone by COUNTERS only. */
			counters |= has_counters(c) || c->changed;
		}
	}
	return counters;
}

/* The chain that has @number in the image. */
static const struct chain *chain_at(const struct ruleset *rs, u32 number)
{
	const struct table *t = &rs->tables[0][0];
	const struct table *end = t + __FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX;

	for (; t < end; t++) {
		for (u32 i = 0; t->present && i < t->n_chains; i++) {
			const struct chain *c = t->chains[i];

			if (chain_is_sent(t, c) && c->number == number)
				return c;
		}
	}
	return NULL;
}

static void blame(const struct ruleset *rs, u32 chain, u32 rule, struct change_error *err)
{
	const struct chain *c = chain == FWLOAD_NO_PLACE ? NULL : chain_at(rs, chain);

	err->chain = c;
	err->line = 0;
	if (c && rule < c->lines.size / sizeof(u32))
		err->line = ((const u32 *)c->lines.data)[rule];
	else if (c && !c->declared)
		err->line = c->line;
}

/* The name of extension @ext of @c, or NULL. */
static const char *ext_name(const struct chain *c, u32 ext, u8 *kind)
{
	const struct fwload_img_ext *exts = (const void *)c->exts.data;

	if (ext >= c->exts.size / sizeof(*exts))
		return NULL;
	*kind = exts[ext].kind;
	return (const char *)c->strings.data + le32_to_cpu(exts[ext].name);
}

static void refused(const struct ruleset *rs, const struct genl_error *said,
		    struct change_error *err)
{
	const char *errname = strerrorname_np(said->errnum), *name = NULL;
	u8 kind = 0;

	err->errnum = said->errnum;
	if (said->has_place)
		blame(rs, said->place.chain, said->place.rule, err);
	if (err->chain)
		name = ext_name(err->chain, said->place.ext, &kind);
	if (name)
		snprintf(err->reason, sizeof(err->reason), "%s \"%s\": %s (%s)",
			 kind == FWLOAD_IMG_EXT_TARGET ? "target" : "match", name, said->reason,
			 errname ? errname : "unknown errno");
	else if (err->chain)
		snprintf(err->reason, sizeof(err->reason), "chain \"%s\": %s",
			 err->chain->name, said->reason);
	else
		snprintf(err->reason, sizeof(err->reason), "%s", said->reason);
}

/* The image cannot be made: a limit, or a loop of chains. */
static void not_emitted(const struct ruleset *rs, const struct buf *image, const char *reason,
			struct change_error *err)
{
	struct fwload_image_error place;
	struct fwload_image img;

	err->errnum = EINVAL;
	snprintf(err->reason, sizeof(err->reason), "%s", reason);
	if (image->size && fwload_image_check(image->data, image->size, &img, &place)) {
		blame(rs, place.chain, place.rule, err);
		/* What iptables has a word for. */
		if (strstr(reason, "loop"))
			err->errnum = ELOOP;
	}
}

enum change_result change_commit(struct live *live, struct ruleset *rs, bool test,
				 struct change_error *err)
{
	u32 generation, flags = test ? FWLOAD_COMMIT_TEST : 0;
	struct buf image = { 0 };
	struct genl_error said;
	const char *reason;
	bool changes;
	int ret;

	*err = (struct change_error){ 0 };
	rs->counters = look(rs, &changes);
	if (!changes)
		return CHANGE_DONE;
	reason = emit_image(rs, true, &image);
	if (reason) {
		not_emitted(rs, &image, reason, err);
		buf_free(&image);
		return CHANGE_REFUSED;
	}
	ret = genl_push(live->g, image.data, image.size, flags,
			live->asked ? &live->status.generation : NULL, &generation, &said);
	buf_free(&image);
	if (ret == -ESTALE)
		return CHANGE_AGAIN;
	if (ret) {
		refused(rs, &said, err);
		return CHANGE_REFUSED;
	}
	snprintf(err->reason, sizeof(err->reason), "%s", said.reason);
	return CHANGE_DONE;
}
