// SPDX-License-Identifier: GPL-2.0
/*
 * Which chains of a table rules go to: see references.h.
 *
 * A ref may know its chain by the handle alone, since the chain has not been asked for when
 * the rules come from the kernel. So there are two marks: one of the chain itself, and one of
 * each handle.
 */
#include "diag.h"
#include "order.h"
#include "references.h"

/**
 * struct references - of a table
 * @handles: u8 for each handle, up to the largest one: do refs have it?
 */
struct references {
	struct buf handles;
};

static void mark_handle(struct references *r, u32 handle)
{
	if (handle >= r->handles.size)
		buf_add(&r->handles, NULL, handle + 1 - r->handles.size);
	r->handles.data[handle] = true;
}

static void mark(struct references *r, const struct chain *from)
{
	const struct ref *ref = (const struct ref *)from->refs.data;

	for (size_t n = from->refs.size / sizeof(*ref); n--; ref++) {
		if (ref->chain)
			ref->chain->referred = true;
		else
			mark_handle(r, ref->handle);
	}
}

static struct references *find_out(struct table *t)
{
	struct references *r = fwload_env_alloc(1, sizeof(*r));

	if (!r)
		diag_die(EXIT_FAILURE, "out of memory");
	for (u32 i = 0; i < t->n_chains; i++)
		t->chains[i]->referred = false;
	for (u32 i = 0; i < t->n_chains; i++) {
		order_apply(t->chains[i]);
		mark(r, t->chains[i]);
	}
	return r;
}

bool references_go_to(struct table *t, const struct chain *c)
{
	if (!t->references)
		t->references = find_out(t);
	return c->referred || (c->live && c->handle < t->references->handles.size &&
			       t->references->handles.data[c->handle]);
}

void references_forget(struct table *t)
{
	if (t->references)
		buf_free(&t->references->handles);
	free(t->references);
	t->references = NULL;
}
