// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set in memory: growing buffers, chains found by name, refs found by chain.
 *
 * Both are found by open addressing in an array of numbers, twice as large as what it
 * holds at least, so that a million rules that jump to 100,000 chains are built in
 * linear time. Few refs are searched for from the last one back: rules that
 * jump to the same chain often stand together.
 */
#include <stdio.h>

#include "../kmod/image.h"
#include "order.h"
#include "references.h"
#include "ruleset.h"
#include "symbols.h"

/* Refs that are searched one by one. */
#define FEW_REFS	16

/* Names of extensions that are compared with the next one's. */
#define RECENT_EXTS	8

/**
 * struct slots - a hash of numbers
 * @mask: number of slots - 1; a power of 2
 * @used: how many hold a number
 * @slot: a number + 1, or 0
 */
struct slots {
	u32 mask;
	u32 used;
	u32 slot[];
};

static void no_memory(void)
{
	fputs("fwimg: error: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

static void *must(void *p)
{
	if (!p)
		no_memory();
	return p;
}

void buf_reserve(struct buf *b, size_t size)
{
	if (size <= b->room)
		return;
	b->data = must(realloc(b->data, size));
	b->room = size;
}

void *buf_add(struct buf *b, const void *data, size_t size)
{
	size_t end, room;
	u8 *place;

	if (check_add_overflow(b->size, size, &end) || end > SIZE_MAX / 2)
		no_memory();
	if (end > b->room || !b->data) {
		room = b->room + b->room / 2;
		room = room > end ? room : end;
		buf_reserve(b, room > 64 ? room : 64);
	}
	place = b->data + b->size;
	if (data)
		memcpy(place, data, size);
	else
		memset(place, 0, size);
	b->size = end;
	return place;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

/* Slots for twice @n numbers and more. */
static struct slots *slots_new(u32 n)
{
	struct slots *s;
	u64 size = 64;

	while (size < 4 * (u64)n)
		size *= 2;
	s = must(calloc(1, sizeof(*s) + size * sizeof(s->slot[0])));
	s->mask = size - 1;
	return s;
}

static void slots_add(struct slots *s, u64 hash, u32 number)
{
	u32 i = hash & s->mask;

	while (s->slot[i])
		i = (i + 1) & s->mask;
	s->slot[i] = number + 1;
	s->used++;
}

static bool slots_full(const struct slots *s)
{
	return s->used >= s->mask / 2;
}

struct ruleset *ruleset_new(void)
{
	struct ruleset *rs = must(calloc(1, sizeof(*rs)));
	u8 f, t;

	for (f = 0; f < __FWLOAD_FAMILY_MAX; f++) {
		for (t = 0; t < __FWLOAD_TABLE_MAX; t++) {
			rs->tables[f][t].family = f;
			rs->tables[f][t].type = t;
		}
	}
	return rs;
}

void chain_clear(struct chain *c)
{
	buf_free(&c->refs);
	buf_free(&c->exts);
	buf_free(&c->rules);
	buf_free(&c->payloads);
	buf_free(&c->strings);
	buf_free(&c->plan);
	buf_free(&c->lines);
	buf_free(&c->counters);
	buf_free(&c->origins);
	symbols_free(c);
	order_free(c);
	free(c->ref_index);
	c->ref_index = NULL;
	c->n_rules = 0;
	c->n_dyns = 0;
}

static void buf_move(struct buf *to, struct buf *from)
{
	*to = *from;
	*from = (struct buf){ 0 };
}

void chain_move(struct chain *to, struct chain *from)
{
	chain_clear(to);
	buf_move(&to->refs, &from->refs);
	buf_move(&to->exts, &from->exts);
	buf_move(&to->rules, &from->rules);
	buf_move(&to->payloads, &from->payloads);
	buf_move(&to->strings, &from->strings);
	buf_move(&to->lines, &from->lines);
	buf_move(&to->counters, &from->counters);
	buf_move(&to->origins, &from->origins);
	symbols_move(to, from);
	to->n_rules = from->n_rules;
	to->n_dyns = from->n_dyns;
	chain_clear(from);
}

static void chain_free(struct chain *c)
{
	chain_clear(c);
	free(c);
}

static void table_free(struct table *t)
{
	u32 i;

	for (i = 0; i < t->n_chains; i++)
		chain_free(t->chains[i]);
	free(t->chains);
	free(t->by_name);
	references_forget(t);
}

void ruleset_free(struct ruleset *rs)
{
	u8 f, t;

	if (!rs)
		return;
	for (f = 0; f < __FWLOAD_FAMILY_MAX; f++)
		for (t = 0; t < __FWLOAD_TABLE_MAX; t++)
			table_free(&rs->tables[f][t]);
	free(rs->files);
	free(rs);
}

struct table *ruleset_table(struct ruleset *rs, u8 family, u8 type)
{
	struct table *t = &rs->tables[family][type];
	const char *name;
	struct chain *c;
	u8 hook;

	if (t->present)
		return t;
	t->present = true;
	for (hook = 0; hook < __FWLOAD_HOOK_MAX; hook++) {
		if (!(fwload_image_hooks(type) & 1U << hook))
			continue;
		name = fwload_image_hook_names[hook];
		c = table_chain(t, name, strlen(name));
		c->hook = hook;
		c->policy = FWLOAD_POLICY_ACCEPT;
		c->declared = true;
	}
	return t;
}

static u64 name_hash(const char *name, size_t len)
{
	return xxh64(name, len, 0);
}

u8 ruleset_table_type(const char *name, size_t len)
{
	u8 type = 0;

	while (type < __FWLOAD_TABLE_MAX && (strlen(fwload_image_table_names[type]) != len ||
					     memcmp(name, fwload_image_table_names[type], len)))
		type++;
	return type;
}

bool chain_is_gone(const struct chain *c)
{
	return c->live && !c->declared;
}

bool chain_is_sent(const struct table *t, const struct chain *c)
{
	if (!t->merge)
		return !chain_is_gone(c);
	return !c->kept || c->zero || c->changed || chain_is_gone(c);
}

struct chain *table_find(const struct table *t, const char *name, size_t len)
{
	struct chain *c;
	u32 i;

	if (!t->by_name || len > FWLOAD_CHAIN_NAME_MAX)
		return NULL;
	for (i = name_hash(name, len) & t->by_name->mask; t->by_name->slot[i];
	     i = (i + 1) & t->by_name->mask) {
		c = t->chains[t->by_name->slot[i] - 1];
		if (!memcmp(c->name, name, len) && !c->name[len])
			return c;
	}
	return NULL;
}

/* Make the hash anew: the table has grown, or its chains have other numbers. */
static void table_index(struct table *t)
{
	u32 i;

	free(t->by_name);
	t->by_name = slots_new(t->n_chains);
	for (i = 0; i < t->n_chains; i++)
		slots_add(t->by_name, name_hash(t->chains[i]->name, strlen(t->chains[i]->name)),
			  i);
}

struct chain *table_chain(struct table *t, const char *name, size_t len)
{
	struct chain *c = table_find(t, name, len);

	if (c)
		return c;
	if (t->n_chains == t->room) {
		t->room = t->room ? 2 * t->room : 16;
		t->chains = must(realloc(t->chains, t->room * sizeof(struct chain *)));
	}
	c = must(calloc(1, sizeof(*c)));
	memcpy(c->name, name, len);
	c->hook = FWLOAD_IMG_NO_HOOK;
	t->chains[t->n_chains++] = c;
	if (!t->by_name || slots_full(t->by_name))
		table_index(t);
	else
		slots_add(t->by_name, name_hash(name, len), t->n_chains - 1);
	return c;
}

void table_prune(struct table *t)
{
	u32 i, n = 0;

	for (i = 0; i < t->n_chains; i++) {
		if (t->chains[i]->declared || t->chains[i]->live)
			t->chains[n++] = t->chains[i];
		else
			chain_free(t->chains[i]);
	}
	if (n == t->n_chains)
		return;
	t->n_chains = n;
	table_index(t);
}

static int chain_order(const void *a, const void *b)
{
	const struct chain *c = *(struct chain *const *)a, *d = *(struct chain *const *)b;

	return c->hook != d->hook ? c->hook - d->hook : strcmp(c->name, d->name);
}

void table_sort(struct table *t)
{
	u32 i;

	for (i = 1; i < t->n_chains; i++) {
		if (chain_order(&t->chains[i - 1], &t->chains[i]) > 0) {
			qsort(t->chains, t->n_chains, sizeof(struct chain *), chain_order);
			table_index(t);
			return;
		}
	}
}

/* A chain in force is its handle, which a ref may have alone. */
static bool ref_is(const struct ref *ref, const struct chain *to, u32 is_goto)
{
	if ((ref->uses & FWLOAD_IMG_REF_GOTO) != is_goto)
		return false;
	return ref->chain ? ref->chain == to : to->live && ref->handle == to->handle;
}

static u64 key_hash(u64 key, u32 is_goto)
{
	return (key + is_goto) * 0x9e3779b97f4a7c15ULL >> 32;
}

static u64 ref_hash(const struct chain *to, u32 is_goto)
{
	return key_hash(to->live ? to->handle : (uintptr_t)to >> 4, is_goto);
}

static struct ref *ref_find(const struct chain *from, const struct chain *to, u32 is_goto)
{
	struct ref *refs = (struct ref *)from->refs.data;
	const struct slots *s = from->ref_index;
	u32 i;

	if (!s) {
		for (i = from->refs.size / sizeof(*refs); i > 0; i--)
			if (ref_is(&refs[i - 1], to, is_goto))
				return &refs[i - 1];
		return NULL;
	}
	for (i = ref_hash(to, is_goto) & s->mask; s->slot[i]; i = (i + 1) & s->mask)
		if (ref_is(&refs[s->slot[i] - 1], to, is_goto))
			return &refs[s->slot[i] - 1];
	return NULL;
}

static void ref_index(struct chain *from)
{
	const struct ref *refs = (const struct ref *)from->refs.data;
	u32 n = from->refs.size / sizeof(*refs), i;

	free(from->ref_index);
	from->ref_index = slots_new(n);
	for (i = 0; i < n; i++) {
		u32 is_goto = refs[i].uses & FWLOAD_IMG_REF_GOTO;

		slots_add(from->ref_index, refs[i].chain ? ref_hash(refs[i].chain, is_goto) :
			  key_hash(refs[i].handle, is_goto), i);
	}
}

u32 chain_ref(struct chain *from, struct chain *to, bool is_goto, u32 line, u32 column)
{
	u32 flag = is_goto ? FWLOAD_IMG_REF_GOTO : 0;
	struct ref *ref = ref_find(from, to, flag);
	u32 n = from->refs.size / sizeof(*ref);

	if (ref) {
		ref->chain = to;
		ref->uses++;
		return ref - (struct ref *)from->refs.data;
	}
	ref = buf_add(&from->refs, NULL, sizeof(*ref));
	*ref = (struct ref){ .chain = to, .uses = flag | 1, .line = line, .column = column };
	if (from->ref_index ? slots_full(from->ref_index) : n >= FEW_REFS)
		ref_index(from);
	else if (from->ref_index)
		slots_add(from->ref_index, ref_hash(to, flag), n);
	return n;
}

u32 chain_string(struct chain *c, const char *s, size_t len)
{
	u32 offset;

	if (!c->strings.size)
		buf_add(&c->strings, NULL, 1);
	if (!len)
		return 0;
	offset = c->strings.size;
	buf_add(&c->strings, s, len);
	buf_add(&c->strings, NULL, 1);
	return offset;
}

/* The name of an extension, which is often that of one a few before. */
static u32 ext_name(struct chain *c, const char *name)
{
	const struct fwload_img_ext *exts = (const struct fwload_img_ext *)c->exts.data;
	u32 n = c->exts.size / sizeof(*exts), i;

	for (i = n; i > 0 && i + RECENT_EXTS > n; i--)
		if (!strcmp((char *)c->strings.data + le32_to_cpu(exts[i - 1].name), name))
			return le32_to_cpu(exts[i - 1].name);
	return chain_string(c, name, strlen(name));
}

u32 chain_ext(struct chain *c, const char *name, u8 revision, u8 kind,
	      const void *payload, u32 size, const char *const *sets, u8 n_sets)
{
	struct fwload_img_ext ext = {
		.name = cpu_to_le32(ext_name(c, name)),
		.revision = revision,
		.kind = kind,
		.n_sets = n_sets,
		.payload = cpu_to_le32(c->payloads.size),
		.size = cpu_to_le32(size),
	};
	u8 i;

	if (size)
		buf_add(&c->payloads, payload, size);
	if (size % 8)
		buf_add(&c->payloads, NULL, 8 - size % 8);
	if (n_sets)
		ext.sets = cpu_to_le32(c->strings.size);
	/* "no set" has its own place here, so that the names are consecutive */
	for (i = 0; i < n_sets; i++)
		buf_add(&c->strings, sets[i], strlen(sets[i]) + 1);
	buf_add(&c->exts, &ext, sizeof(ext));
	return c->exts.size / sizeof(ext) - 1;
}
