// SPDX-License-Identifier: GPL-2.0
/*
 * Chains and rules in force, read when they are asked for: see live.h.
 *
 * Chains that are asked for one by one cost a question each; when there are many, the
 * list of all costs less. What comes is moved into the table's own chains: rules keep the
 * numbers that they have in the kernel as their origins, so that their counters go on.
 */
#include "diag.h"
#include "live.h"

#define MANY	64	/* questions about single chains */

bool live_begin(struct live *live)
{
	*live = (struct live){ 0 };
	live->g = genl_open(&live->err);
	if (!live->g)
		return false;
	return !genl_status(live->g, &live->status, &live->err);
}

bool live_has(const struct live *live, u8 family, u8 type)
{
	for (u32 i = 0; i < live->status.n_tables; i++)
		if (live->status.tables[i].family == family &&
		    live->status.tables[i].type == type)
			return true;
	return false;
}

void live_attach(struct table *t, struct live *live)
{
	t->live = live;
	t->merge = live_has(live, t->family, t->type);
	live->asked = true;
	for (u32 i = 0; t->merge && i < t->n_chains; i++)
		t->chains[i]->kept = true;
}

/* NULL: live_broken() */
static struct ruleset *fetch(const struct table *t, struct live *live, const char *chain,
			     u32 flags)
{
	const struct genl_part part = { .family = t->family, .type = t->type, .chain = chain };
	struct ruleset *rs;

	if (live_broken(live))
		return NULL;
	live->asked = true;
	rs = genl_fetch(live->g, &part, flags, &live->err);
	if (!rs) {
		live->failed = true;
		return NULL;
	}
	if (rs->generation == live->status.generation)
		return rs;
	live->stale = true;
	ruleset_free(rs);
	return NULL;
}

/* What the kernel says of a chain, but for its rules. */
static void take_head(struct chain *c, const struct chain *from)
{
	c->asked = true;
	if (!from || !from->live)
		return;
	c->declared = true;
	c->kept = true;
	c->live = true;
	c->id = from->id;
	c->handle = from->handle;
	c->taken = from->handle;
	c->n_live = from->n_live;
	c->n_rules = from->n_live;
	c->policy = from->policy;
	c->policy_taken = c->hook != FWLOAD_IMG_NO_HOOK;
	c->policy_counter = from->policy_counter;
}

/* Move the rules of @from to @c, which is kept. */
static void take_body(struct chain *c, struct chain *from)
{
	u32 *origins = NULL;

	c->kept = false;
	c->changed = false;
	chain_move(c, from);
	if (!c->n_rules) {
		c->zero = false;
		return;
	}
	buf_add(&c->lines, NULL, c->n_rules * sizeof(u32));
	if (c->zero) {
		buf_free(&c->counters);
		c->zero = false;
		return;
	}
	origins = buf_add(&c->origins, NULL, c->n_rules * sizeof(u32));
	for (u32 i = 0; i < c->n_rules; i++)
		origins[i] = i;
}

/* Refs of what was fetched lead to chains of @t instead. */
static void adopt_refs(struct table *t, struct chain *c)
{
	struct ref *ref = (struct ref *)c->refs.data;

	for (size_t n = c->refs.size / sizeof(*ref); n--; ref++)
		if (ref->chain)
			ref->chain = table_find(t, ref->chain->name, strlen(ref->chain->name));
}

bool live_list(struct table *t)
{
	struct ruleset *rs;
	struct table *from;

	if (!t->live || t->listed)
		return true;
	t->listed = true;
	if (!t->merge)
		return true;
	rs = fetch(t, t->live, NULL, FWLOAD_GET_IMAGE_NO_BODIES);
	if (!rs)
		return false;
	from = &rs->tables[t->family][t->type];
	for (u32 i = 0; i < from->n_chains; i++) {
		const char *name = from->chains[i]->name;
		struct chain *c = table_chain(t, name, strlen(name));

		if (!c->asked)
			take_head(c, from->chains[i]);
	}
	ruleset_free(rs);
	return true;
}

struct chain *live_find(struct table *t, const char *name, size_t len)
{
	struct chain *c = table_find(t, name, len);
	char copy[FWLOAD_CHAIN_NAME_MAX + 1];
	struct ruleset *rs;

	if (!t->live || !t->merge || t->listed || (c && c->asked) ||
	    len > FWLOAD_CHAIN_NAME_MAX || !len || memchr(name, '\0', len))
		return c;
	if (t->live->n_asked++ == MANY) {
		live_list(t);
		return table_find(t, name, len);
	}
	memcpy(copy, name, len);
	copy[len] = '\0';
	rs = fetch(t, t->live, copy, FWLOAD_GET_IMAGE_NO_BODIES);
	if (!rs)
		return c;
	c = table_chain(t, name, len);
	take_head(c, table_find(&rs->tables[t->family][t->type], name, len));
	ruleset_free(rs);
	return c;
}

bool live_load(struct table *t, struct chain *c)
{
	struct ruleset *rs;
	struct chain *from;

	if (t->live && t->merge && !c->asked)
		c = live_find(t, c->name, strlen(c->name));
	if (live_broken(t->live))
		return false;
	if (!c->kept)
		return true;
	rs = fetch(t, t->live, c->name, FWLOAD_GET_IMAGE_NO_COUNTERS);
	if (!rs)
		return false;
	from = table_find(&rs->tables[t->family][t->type], c->name, strlen(c->name));
	if (from && from->live) {
		adopt_refs(t, from);
		take_body(c, from);
	}
	ruleset_free(rs);
	return true;
}

u32 live_references(struct table *t, const struct chain *c)
{
	struct ruleset *rs;
	struct chain *from;
	u32 n = 0;

	if (!t->live || !t->merge || !c->live || t->loaded)
		return 0;
	rs = fetch(t, t->live, c->name, FWLOAD_GET_IMAGE_NO_BODIES | FWLOAD_GET_IMAGE_REFS);
	if (!rs)
		return 0;
	from = table_find(&rs->tables[t->family][t->type], c->name, strlen(c->name));
	if (from)
		n = from->references;
	ruleset_free(rs);
	return n;
}

/* Counters of rules that were here already, from those that came now. */
static void take_counters(struct chain *c, const struct chain *from)
{
	const struct fwload_counter_pair *pairs = (const void *)from->counters.data;
	const u32 *origins = (const u32 *)c->origins.data;
	u32 n = c->origins.size / sizeof(*origins);
	struct fwload_counter_pair *to;

	if (c->counters.size < n * sizeof(*to))
		buf_add(&c->counters, NULL, n * sizeof(*to) - c->counters.size);
	to = (void *)c->counters.data;
	for (u32 i = 0; i < n; i++)
		if (origins[i] != CHAIN_NO_ORIGIN)
			to[i] = pairs[origins[i]];
}

/* Refs that came before their chains were known: now all of them are. */
static void resolve_refs(struct table *t)
{
	struct chain **by_handle;
	u32 n_handles = 0;

	for (u32 i = 0; i < t->n_chains; i++)
		if (t->chains[i]->live && t->chains[i]->handle >= n_handles)
			n_handles = t->chains[i]->handle + 1;
	by_handle = fwload_env_alloc(n_handles, sizeof(struct chain *));
	if (!by_handle)
		diag_die(EXIT_FAILURE, "out of memory");
	for (u32 i = 0; i < t->n_chains; i++)
		if (t->chains[i]->live)
			by_handle[t->chains[i]->handle] = t->chains[i];
	for (u32 i = 0; i < t->n_chains; i++) {
		struct ref *ref = (struct ref *)t->chains[i]->refs.data;

		for (size_t n = t->chains[i]->refs.size / sizeof(*ref); n--; ref++)
			if (!ref->chain && ref->handle < n_handles)
				ref->chain = by_handle[ref->handle];
	}
	free(by_handle);
}

bool live_load_all(struct table *t)
{
	struct ruleset *rs;
	struct table *from;

	if (!t->live || !t->merge)
		return true;
	if (!live_list(t))
		return false;
	rs = fetch(t, t->live, NULL, 0);
	if (!rs)
		return false;
	from = &rs->tables[t->family][t->type];
	for (u32 i = 0; i < from->n_chains; i++) {
		struct chain *f = from->chains[i];
		struct chain *c = table_find(t, f->name, strlen(f->name));

		if (c->kept) {
			adopt_refs(t, f);
			take_body(c, f);
		} else if (c->live && c->taken == f->handle && c->origins.size) {
			take_counters(c, f);
		}
		if (c->policy_taken)
			c->policy_counter = f->policy_counter;
	}
	ruleset_free(rs);
	resolve_refs(t);
	t->loaded = true;
	return true;
}

void live_policy(struct table *t, struct chain *c, struct live *live)
{
	struct ruleset *rs;
	struct chain *from;

	if (c->hook == FWLOAD_IMG_NO_HOOK || c->policy_given ||
	    !live_has(live, t->family, t->type))
		return;
	rs = fetch(t, live, c->name, FWLOAD_GET_IMAGE_NO_BODIES);
	if (!rs)
		return;
	from = table_find(&rs->tables[t->family][t->type], c->name, strlen(c->name));
	if (from && from->live) {
		c->policy = from->policy;
		c->policy_taken = true;
		c->taken = from->handle;
		c->n_live = from->n_live;
	}
	ruleset_free(rs);
}
