// SPDX-License-Identifier: GPL-2.0
/*
 * The rule set in force, put together from the messages of GET_IMAGE.
 *
 * The kernel sends, for each table, TABLE and for each of its chains CHAIN, followed by
 * the chain's body in pieces (OFFSET, BYTES) and its counters in pieces (RULE,
 * COUNTERS). A chain is complete when the next one, the next table or the end comes. The
 * refs of a body hold handles of chains that may come later: they wait in a list until
 * their table is complete.
 *
 * The kernel has validated the body when it came in, so the body is not validated again
 * (its refs would not pass); only what this file itself relies on is checked.
 */
#include "../kmod/body.h"
#include "fetch.h"
#include "symbols.h"

/**
 * struct handle - a handle that a chain of the table has
 */
struct handle {
	u32 handle;
	struct chain *chain;
};

/**
 * struct wait - a ref that waits for its chain
 * @from: the chain with the ref
 * @ref: its number in from->refs
 * @handle: what it refers to
 */
struct wait {
	struct chain *from;
	u32 ref;
	u32 handle;
};

/**
 * struct fetch - a rule set on its way up
 * @flags: of the request
 * @single: a chain was asked for
 * @rs: what is complete of it
 * @table: the table that is coming, or NULL
 * @chain: the chain that is coming, or NULL
 * @body: what came of its body
 * @handles: struct handle of each chain of the table
 * @waits: struct wait of each ref of the table
 * @failed: a message was refused
 */
struct fetch {
	u32 flags;
	bool single;
	struct ruleset *rs;
	struct table *table;
	struct chain *chain;
	struct buf body;
	struct buf handles;
	struct buf waits;
	bool failed;
};

struct fetch *fetch_new(u32 flags, bool single)
{
	struct fetch *f = fwload_env_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->rs = ruleset_new();
	f->flags = flags;
	f->single = single;
	return f;
}

/* Do the parts of the body add up to its size, and can its refs be read? */
static bool body_adds_up(const struct buf *body)
{
	const struct fwload_img_body *head = (const void *)body->data;

	return body->size >= sizeof(*head) && fwload_body_size(head) == body->size;
}

static void add(struct buf *b, const void *data, size_t size)
{
	if (size)
		buf_add(b, data, size);
}

static bool chain_end(struct fetch *f)
{
	struct chain *c = f->chain;
	struct fwload_body b;

	if (!c)
		return true;
	f->chain = NULL;
	if (!f->body.size && (f->flags & (FWLOAD_GET_IMAGE_NO_BODIES | FWLOAD_GET_IMAGE_REFS))) {
		c->kept = true;
		c->n_rules = c->n_live;
		return !c->counters.size;
	}
	if (!body_adds_up(&f->body))
		return false;
	fwload_body_open(f->body.data, &b);
	c->n_rules = b.n_rules;
	add(&c->rules, b.rules, b.rules_size);
	add(&c->exts, b.exts, b.n_exts * sizeof(*b.exts));
	add(&c->payloads, b.payloads, b.payloads_size);
	add(&c->strings, b.strings, b.strings_size);
	if (b.symbols)
		symbols_take(c, b.symbols);
	for (u32 i = 0; i < b.n_refs; i++) {
		struct ref ref = {
			.uses = le32_to_cpu(b.refs[i].uses),
			.handle = le32_to_cpu(b.refs[i].chain),
		};
		struct wait wait = { .from = c, .ref = i, .handle = ref.handle };

		buf_add(&c->refs, &ref, sizeof(ref));
		buf_add(&f->waits, &wait, sizeof(wait));
	}
	f->body.size = 0;
	if (f->flags & FWLOAD_GET_IMAGE_NO_COUNTERS)
		return !c->counters.size;
	return c->counters.size == c->n_rules * sizeof(struct fwload_counter_pair);
}

static int by_handle(const void *a, const void *b)
{
	const struct handle *x = a, *y = b;

	return (x->handle > y->handle) - (x->handle < y->handle);
}

static bool table_end(struct fetch *f)
{
	size_t n_handles = f->handles.size / sizeof(struct handle);
	const struct wait *w;

	if (!chain_end(f))
		return false;
	w = (const void *)f->waits.data;
	if (n_handles)
		qsort(f->handles.data, n_handles, sizeof(struct handle), by_handle);
	for (size_t i = 0; i < f->waits.size / sizeof(*w); i++) {
		const struct handle key = { .handle = w[i].handle }, *h = NULL;
		struct ref *refs = (void *)w[i].from->refs.data;

		if (n_handles)
			h = bsearch(&key, f->handles.data, n_handles, sizeof(key), by_handle);
		if (!h && (!f->single || (f->flags & FWLOAD_GET_IMAGE_REFS)))
			return false;
		refs[w[i].ref].chain = h ? h->chain : NULL;
	}
	if (f->table)
		table_sort(f->table);
	f->table = NULL;
	f->handles.size = 0;
	f->waits.size = 0;
	return true;
}

static bool table_begin(struct fetch *f, const struct nlattr *nest)
{
	const struct nlattr *tb[ATTR_N];
	u8 family, type;

	if (!table_end(f) || !attr_parse_nest(nest, tb) || !tb[FWLOAD_A_FAMILY] ||
	    !tb[FWLOAD_A_TABLE_TYPE])
		return false;
	family = mnl_attr_get_u8(tb[FWLOAD_A_FAMILY]);
	type = mnl_attr_get_u8(tb[FWLOAD_A_TABLE_TYPE]);
	if (family >= __FWLOAD_FAMILY_MAX || type >= __FWLOAD_TABLE_MAX ||
	    f->rs->tables[family][type].present)
		return false;
	f->table = ruleset_table(f->rs, family, type);
	return true;
}

static bool chain_begin(struct fetch *f, const struct nlattr *nest)
{
	const struct nlattr *tb[ATTR_N];
	struct handle h = {};
	const char *name;
	struct chain *c;

	if (!f->table || !chain_end(f) || !attr_parse_nest(nest, tb) ||
	    !tb[FWLOAD_A_CHAIN_NAME] || !tb[FWLOAD_A_HANDLE] || !tb[FWLOAD_A_ID])
		return false;
	name = mnl_attr_get_str(tb[FWLOAD_A_CHAIN_NAME]);
	h.handle = mnl_attr_get_u32(tb[FWLOAD_A_HANDLE]);
	/* Whoever indexes by handles can have an array of them. */
	if (!*name || strlen(name) > FWLOAD_CHAIN_NAME_MAX ||
	    h.handle >= FWLOAD_BODY_MAX_HANDLES)
		return false;
	c = table_chain(f->table, name, strlen(name));
	c->declared = true;
	c->handle = h.handle;
	c->id = mnl_attr_get_u64(tb[FWLOAD_A_ID]);
	c->live = true;
	if (tb[FWLOAD_A_N_RULES])
		c->n_live = mnl_attr_get_u32(tb[FWLOAD_A_N_RULES]);
	if (tb[FWLOAD_A_REFERENCES])
		c->references = mnl_attr_get_u32(tb[FWLOAD_A_REFERENCES]);
	if (tb[FWLOAD_A_POLICY])
		c->policy = mnl_attr_get_u8(tb[FWLOAD_A_POLICY]);
	if (tb[FWLOAD_A_POLICY_COUNTER]) {
		if (mnl_attr_get_payload_len(tb[FWLOAD_A_POLICY_COUNTER]) !=
		    sizeof(c->policy_counter))
			return false;
		memcpy(&c->policy_counter,
		       mnl_attr_get_payload(tb[FWLOAD_A_POLICY_COUNTER]),
		       sizeof(c->policy_counter));
	}
	h.chain = c;
	buf_add(&f->handles, &h, sizeof(h));
	f->chain = c;
	return true;
}

static bool take(struct fetch *f, const struct nlattr **tb)
{
	const struct nlattr *bytes = tb[FWLOAD_A_BYTES], *counters = tb[FWLOAD_A_COUNTERS];
	u32 size;

	if (tb[FWLOAD_A_GENERATION])
		f->rs->generation = mnl_attr_get_u32(tb[FWLOAD_A_GENERATION]);
	if (tb[FWLOAD_A_TABLE] && !table_begin(f, tb[FWLOAD_A_TABLE]))
		return false;
	if (tb[FWLOAD_A_CHAIN] && !chain_begin(f, tb[FWLOAD_A_CHAIN]))
		return false;
	if (bytes) {
		size = mnl_attr_get_payload_len(bytes);
		if (!f->chain || !tb[FWLOAD_A_OFFSET] ||
		    mnl_attr_get_u64(tb[FWLOAD_A_OFFSET]) != f->body.size ||
		    f->body.size + size > FWLOAD_MAX_BODY)
			return false;
		add(&f->body, mnl_attr_get_payload(bytes), size);
	}
	if (counters) {
		size = mnl_attr_get_payload_len(counters);
		if (!f->chain || !tb[FWLOAD_A_RULE] ||
		    size % sizeof(struct fwload_counter_pair) ||
		    (u64)mnl_attr_get_u32(tb[FWLOAD_A_RULE]) *
			    sizeof(struct fwload_counter_pair) != f->chain->counters.size)
			return false;
		add(&f->chain->counters, mnl_attr_get_payload(counters), size);
	}
	return true;
}

bool fetch_message(struct fetch *f, const struct nlattr **tb)
{
	if (!f->failed)
		f->failed = !take(f, tb);
	return !f->failed;
}

struct ruleset *fetch_end(struct fetch *f)
{
	struct ruleset *rs = f->rs;

	if (f->failed || !table_end(f)) {
		ruleset_free(rs);
		rs = NULL;
	}
	buf_free(&f->body);
	buf_free(&f->handles);
	buf_free(&f->waits);
	free(f);
	return rs;
}
