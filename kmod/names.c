// SPDX-License-Identifier: GPL-2.0
/*
 * Which chains a table has after a commit, and the handles by which they refer to each
 * other.
 *
 * In an image refs name chains by their number, in force by their handle. A handle belongs
 * to a name for as long as the table has a chain of that name, from generation to
 * generation; so the refs of a chain that does not change stay right although a chain that
 * it jumps to is another object now. New names take handles that the table in force
 * leaves free, never one whose name goes away with this very commit: a kept chain that
 * still refers to that name finds nothing under the handle, and is refused.
 *
 * The chains of an image and of the table in force are both in the order base chains by
 * hook, then user chains by name, so that they are matched in one pass over both. In a
 * table that is merged, those that the image does not name come in between; its bodies
 * refer to chains in force by their handles, and to new ones by number, so that no two
 * refs of a body can come to mean the same chain.
 */
#include <linux/err.h>

#include "main.h"
#include "memory.h"
#include "names.h"
#include "upload.h"

static bool is_merged(const struct fwload_table_build *tb)
{
	return tb->source->flags & FWLOAD_IMG_TABLE_MERGE;
}

static const struct fwload_img_chain *chains_of(const struct fwload_table_build *tb, u32 *n)
{
	*n = le32_to_cpu(tb->source->n_chains);
	return tb->up->img.chains + le32_to_cpu(tb->source->first_chain);
}

static const char *name_of(const struct fwload_table_build *tb,
			   const struct fwload_img_chain *ic)
{
	return tb->up->img.names + le32_to_cpu(ic->name);
}

/* Below zero: @ic stands before @c, which is number @j in the table in force. */
static int order(const struct fwload_table_build *tb, const struct fwload_img_chain *ic, u32 j)
{
	const struct fwload_chain *c = tb->old->list[j];
	u8 hook;

	if (j >= tb->old->n_base)
		return ic->hook == FWLOAD_IMG_NO_HOOK ? strcmp(name_of(tb, ic), c->name) : -1;
	if (ic->hook == FWLOAD_IMG_NO_HOOK)
		return 1;
	for (hook = 0; tb->old->base[hook] != &c->code;)
		hook++;
	return ic->hook - hook;
}

static void add(struct fwload_table_build *tb, u32 image, struct fwload_chain *before)
{
	if (image != FWLOAD_NO_PLACE)
		tb->where[image - le32_to_cpu(tb->source->first_chain)] = tb->n_chains;
	tb->n_lost -= !!before;
	tb->image[tb->n_chains] = image;
	tb->before[tb->n_chains] = before;
	tb->n_chains++;
}

static int refuse_gone(struct fwload_table_build *tb, struct fwload_commit *cm, u32 i,
		       int errnum, const char *reason)
{
	cm->err.chain = le32_to_cpu(tb->source->first_chain) + i;
	cm->err.reason = reason;
	return errnum;
}

/* Both lists into one, which has room for all. */
static int merge(struct fwload_table_build *tb, struct fwload_commit *cm)
{
	u32 n, n_old = tb->old ? tb->old->n_chains : 0, i = 0, j = 0, steps = 0;
	const struct fwload_img_chain *ic = chains_of(tb, &n);
	u32 first = le32_to_cpu(tb->source->first_chain);

	tb->n_lost = n_old;
	memset(tb->where, 0xff, n * sizeof(*tb->where));
	while (i < n || (j < n_old && is_merged(tb))) {
		int cmp = i == n ? 1 : j == n_old ? -1 : order(tb, &ic[i], j);
		struct fwload_chain *c = cmp >= 0 ? tb->old->list[j] : NULL;

		fwload_env_pause(++steps);
		if (cmp > 0) {
			if (is_merged(tb))
				add(tb, FWLOAD_NO_PLACE, c);
			j++;
			continue;
		}
		if (ic[i].flags & FWLOAD_IMG_C_GONE) {
			if (!c || c->id != le64_to_cpu(ic[i].id))
				return refuse_gone(tb, cm, i, -ENOENT,
						   "the chain that shall go is not in force any more");
		} else {
			add(tb, first + i, c);
		}
		i++;
		j += !cmp;
	}
	return 0;
}

/* Give each chain its handle. */
static void assign_handles(struct fwload_table_build *tb)
{
	u32 room = tb->old ? tb->old->n_handles : 0;
	u32 i, next = 0;

	for (i = 0; i < tb->n_chains; i++) {
		if (tb->before[i]) {
			tb->handle[i] = tb->before[i]->handle;
		} else {
			while (next < room && tb->old->chains[next])
				next++;
			tb->handle[i] = next++;
		}
		tb->n_handles = max(tb->n_handles, tb->handle[i] + 1);
		fwload_env_pause(i + 1);
	}
}

static int alloc(struct fwload_net *fn, struct fwload_table_build *tb)
{
	u32 n;
	void *p;

	chains_of(tb, &n);
	tb->room = n + (is_merged(tb) ? tb->old->n_chains : 0);
	p = fwload_memory_alloc(fn, n, sizeof(*tb->where));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->where = p;
	p = fwload_memory_alloc(fn, tb->room, sizeof(*tb->image));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->image = p;
	p = fwload_memory_alloc(fn, tb->room, sizeof(*tb->before));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->before = p;
	p = fwload_memory_alloc(fn, tb->room, sizeof(*tb->handle));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->handle = p;
	return 0;
}

int fwload_names_match(struct fwload_net *fn, struct fwload_table_build *tb,
		       struct fwload_commit *cm)
{
	void *p;
	u32 i;
	int err;

	if (is_merged(tb) && !tb->old) {
		cm->err.reason = "the table to be merged with is not in force";
		return -ENOENT;
	}
	err = alloc(fn, tb);
	if (!err)
		err = merge(tb, cm);
	if (err)
		return err;
	if (tb->n_chains > FWLOAD_MAX_CHAINS) {
		cm->err.reason = "the table would have more chains than FWLOAD_MAX_CHAINS";
		return -E2BIG;
	}
	assign_handles(tb);
	p = fwload_memory_alloc(fn, tb->n_handles, sizeof(*tb->place));
	if (IS_ERR(p))
		return PTR_ERR(p);
	tb->place = p;
	memset(tb->place, 0xff, tb->n_handles * sizeof(*tb->place));
	for (i = 0; i < tb->n_chains; i++) {
		fwload_env_pause(i + 1);
		tb->place[tb->handle[i]] = i;
	}
	return 0;
}

void fwload_names_free(struct fwload_net *fn, struct fwload_table_build *tb)
{
	fwload_memory_free(fn, tb->place, tb->n_handles, sizeof(*tb->place));
	fwload_memory_free(fn, tb->handle, tb->room, sizeof(*tb->handle));
	fwload_memory_free(fn, tb->before, tb->room, sizeof(*tb->before));
	fwload_memory_free(fn, tb->image, tb->room, sizeof(*tb->image));
	fwload_memory_free(fn, tb->where, le32_to_cpu(tb->source->n_chains),
			   sizeof(*tb->where));
}

/* The chain that came with the image for place @i, or NULL. */
static struct fwload_chain *arrived(const struct fwload_table_build *tb, u32 i)
{
	return tb->image[i] == FWLOAD_NO_PLACE ? NULL : tb->up->chains[tb->image[i]];
}

/* Why @ref of a body of the image cannot be bound, or NULL. */
static const char *check_ref(const struct fwload_table_build *tb,
			     const struct fwload_img_ref *ref)
{
	u32 chain = le32_to_cpu(ref->chain), place;

	if (chain & FWLOAD_IMG_REF_HANDLE) {
		chain &= ~FWLOAD_IMG_REF_HANDLE;
		place = chain < tb->n_handles ? tb->place[chain] : FWLOAD_NO_PLACE;
		if (place == FWLOAD_NO_PLACE || !tb->before[place])
			return "a jump to a handle that no chain in force has";
		return place < tb->old->n_base ? "a jump to a base chain" : NULL;
	}
	place = tb->where[chain - le32_to_cpu(tb->source->first_chain)];
	if (place == FWLOAD_NO_PLACE)
		return "a jump to a chain that shall go";
	if (is_merged(tb) && tb->before[place])
		return "a jump by number to a chain that is in force";
	return NULL;
}

int fwload_names_bind(struct fwload_table_build *tb, struct fwload_commit *cm)
{
	u32 first = le32_to_cpu(tb->source->first_chain), steps = 0, i, j, n_refs;
	struct fwload_img_ref *refs;
	const char *reason;

	for (i = 0; i < tb->n_chains; i++) {
		if (!arrived(tb, i))
			continue;
		refs = fwload_chain_refs(arrived(tb, i), &n_refs);
		for (j = 0; j < n_refs; j++) {
			fwload_env_pause(++steps);
			reason = check_ref(tb, &refs[j]);
			if (reason)
				return fwload_table_refuse(tb, cm, -EINVAL, i, reason);
		}
	}
	for (i = 0; i < tb->n_chains; i++) {
		if (!arrived(tb, i))
			continue;
		refs = fwload_chain_refs(arrived(tb, i), &n_refs);
		for (j = 0; j < n_refs; j++) {
			u32 chain = le32_to_cpu(refs[j].chain);

			fwload_env_pause(++steps);
			chain = chain & FWLOAD_IMG_REF_HANDLE ? chain & ~FWLOAD_IMG_REF_HANDLE :
				tb->handle[tb->where[chain - first]];
			refs[j].chain = cpu_to_le32(chain);
		}
	}
	tb->bound = true;
	return 0;
}

void fwload_names_unbind(struct fwload_table_build *tb)
{
	u32 steps = 0, i, j, n_refs;

	if (!tb->bound)
		return;
	tb->bound = false;
	for (i = 0; i < tb->n_chains; i++) {
		struct fwload_img_ref *refs;

		if (!arrived(tb, i))
			continue;
		refs = fwload_chain_refs(arrived(tb, i), &n_refs);
		for (j = 0; j < n_refs; j++) {
			u32 handle = le32_to_cpu(refs[j].chain), place = tb->place[handle];

			fwload_env_pause(++steps);
			refs[j].chain = is_merged(tb) && tb->before[place] ?
					cpu_to_le32(handle | FWLOAD_IMG_REF_HANDLE) :
					cpu_to_le32(tb->image[place]);
		}
	}
}

/* The chain in force with @handle is not in the new table, but chain number @i refers to it. */
static int refuse_lost(struct fwload_table_build *tb, struct fwload_commit *cm, u32 i,
		       u32 handle)
{
	const struct fwload_chain *lost;
	const struct fwload_img_chain *ic;
	u32 n, k;

	ic = chains_of(tb, &n);
	lost = container_of(tb->old->chains[handle], struct fwload_chain, code);
	for (k = 0; k < n; k++)
		if ((ic[k].flags & FWLOAD_IMG_C_GONE) && le64_to_cpu(ic[k].id) == lost->id)
			return refuse_gone(tb, cm, k, -EMLINK,
					   "there are rules that go to the chain that shall go");
	return fwload_table_refuse(tb, cm, -ENOENT, i,
				   "the chain to be kept jumps to one that is gone");
}

int fwload_names_check(struct fwload_table_build *tb, struct fwload_commit *cm)
{
	const struct fwload_img_ref *refs;
	u32 steps = 0, i, j, n_refs;

	/* Bodies of the image have been checked, and those in force lead to what was there. */
	for (i = 0; tb->n_lost && i < tb->n_chains; i++) {
		if (tb->new->list[i] != tb->before[i])
			continue;
		refs = fwload_chain_refs(tb->before[i], &n_refs);
		for (j = 0; j < n_refs; j++) {
			u32 handle = le32_to_cpu(refs[j].chain);

			fwload_env_pause(++steps);
			if (handle >= tb->n_handles || tb->place[handle] == FWLOAD_NO_PLACE)
				return refuse_lost(tb, cm, i, handle);
		}
		fwload_env_pause(++steps);
	}
	return 0;
}
