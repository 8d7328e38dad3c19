// SPDX-License-Identifier: GPL-2.0
/*
 * The validator: nothing reads an image before it has passed here, and nothing
 * checks it again afterwards. The format is described in linux/fwload_image.h.
 *
 * An image is checked in two steps, as it arrives: first the index (what stands
 * before the bodies), then each body by itself. Both go once from front to back
 * over bytes that lie in memory, never recurse and compute every offset in 64 bits:
 * all sizes in the format are 32 bits wide, so that no sum of a few of them
 * overflows. Two kinds of things are refused: what would make the kernel read,
 * jump or count where it should not, and what has no place in the text that save
 * prints (a second spelling of the same rule, a byte that nobody looks at, a range
 * that has no option), because what is saved must be what is enforced.
 *
 * Here are the index and the image as a whole; body.c has the body of a chain and
 * rule.c the single rule.
 */
#include "body.h"
#include "check.h"
#include "graph.h"

const char *const fwload_image_table_names[__FWLOAD_TABLE_MAX] = {
	[FWLOAD_TABLE_RAW] = "raw",
	[FWLOAD_TABLE_MANGLE] = "mangle",
	[FWLOAD_TABLE_NAT] = "nat",
	[FWLOAD_TABLE_FILTER] = "filter",
	[FWLOAD_TABLE_SECURITY] = "security",
};

const char *const fwload_image_hook_names[__FWLOAD_HOOK_MAX] = {
	[FWLOAD_HOOK_PREROUTING] = "PREROUTING",
	[FWLOAD_HOOK_INPUT] = "INPUT",
	[FWLOAD_HOOK_FORWARD] = "FORWARD",
	[FWLOAD_HOOK_OUTPUT] = "OUTPUT",
	[FWLOAD_HOOK_POSTROUTING] = "POSTROUTING",
};

enum {
	PREROUTING = 1U << FWLOAD_HOOK_PREROUTING,
	INPUT = 1U << FWLOAD_HOOK_INPUT,
	FORWARD = 1U << FWLOAD_HOOK_FORWARD,
	OUTPUT = 1U << FWLOAD_HOOK_OUTPUT,
	POSTROUTING = 1U << FWLOAD_HOOK_POSTROUTING,
};

u8 fwload_image_byteorder(void)
{
	const u16 one = 1;

	return *(const u8 *)&one ? 1 : 2;
}

u32 fwload_image_hooks(u8 table)
{
	static const u8 hooks[__FWLOAD_TABLE_MAX] = {
		[FWLOAD_TABLE_RAW] = PREROUTING | OUTPUT,
		[FWLOAD_TABLE_MANGLE] = FWLOAD_ALL_HOOKS,
		[FWLOAD_TABLE_NAT] = PREROUTING | INPUT | OUTPUT | POSTROUTING,
		[FWLOAD_TABLE_FILTER] = INPUT | FORWARD | OUTPUT,
		[FWLOAD_TABLE_SECURITY] = INPUT | FORWARD | OUTPUT,
	};

	return table < ARRAY_SIZE(hooks) ? hooks[table] : 0;
}

/* The index. */

struct index_check {
	const u8 *index;
	struct fwload_image *img;
	struct fwload_image_error *err;
	u32 names_size;
	u32 n_counters;
};

static int refuse_index(const struct index_check *c, const void *at, const char *reason)
{
	return refuse(c->err, -EINVAL, (const u8 *)at - c->index, reason);
}

static int check_header(const struct index_check *c, u32 index_size, u64 size)
{
	const struct fwload_img_header *h = (const void *)c->index;

	if (size < sizeof(*h) || index_size < sizeof(*h))
		return refuse(c->err, -EINVAL, 0, "shorter than the header of an image");
	if (memcmp(h->magic, FWLOAD_IMG_MAGIC, sizeof(h->magic)))
		return refuse_index(c, h->magic, "not a fwload image");
	if (le16_to_cpu(h->version) != FWLOAD_IMG_VERSION)
		return refuse(c->err, -EOPNOTSUPP, 8, "an image of another version");
	if (h->byteorder != fwload_image_byteorder())
		return refuse(c->err, -EOPNOTSUPP, 10, "made for another byte order");
	if (h->wordsize != sizeof(long))
		return refuse(c->err, -EOPNOTSUPP, 11, "made for another word size");
	if (!is_zero(h->pad, sizeof(h->pad)))
		return refuse_index(c, h->pad, "padding of the header is not zero");
	if (le64_to_cpu(h->size) > FWLOAD_MAX_IMAGE)
		return refuse(c->err, -E2BIG, 16, "the image is too large");
	if (le64_to_cpu(h->size) > size)
		return refuse_index(c, &h->size, "the image is truncated");
	if (le64_to_cpu(h->size) < size)
		return refuse_index(c, &h->size, "there are bytes past the end of the image");
	if (size & 7)
		return refuse_index(c, &h->size, "the size is no multiple of 8");
	if (le32_to_cpu(h->index_size) > FWLOAD_MAX_INDEX)
		return refuse(c->err, -E2BIG, 32, "the index is too large");
	if (le32_to_cpu(h->index_size) != index_size || index_size > size)
		return refuse_index(c, &h->index_size, "the size of the index does not fit");
	if (index_size & 7)
		return refuse_index(c, &h->index_size,
				    "the size of the index is no multiple of 8");
	if (le32_to_cpu(h->n_rules) > FWLOAD_MAX_RULES)
		return refuse(c->err, -E2BIG, 40, "too many rules");
	if (h->flags)
		return refuse_index(c, &h->flags, "unknown flag in the header");
	return 0;
}

/* The section table: fills @sections, by type, with NULL for one that is left out. */
static int check_sections(const struct index_check *c,
			  const struct fwload_img_section **sections)
{
	const struct fwload_img_header *h = (const void *)c->index;
	const struct fwload_img_section *s = (const void *)(h + 1);
	u32 index_size = le32_to_cpu(h->index_size);
	u32 n = le32_to_cpu(h->n_sections);
	u32 type, last = 0, i;
	u64 end;

	if (n >= __FWLOAD_IMG_SEC_MAX)
		return refuse_index(c, &h->n_sections, "too many sections");
	end = sizeof(*h) + n * sizeof(*s);
	if (end > index_size)
		return refuse_index(c, &h->n_sections, "the section table is truncated");

	for (i = 0; i < n; i++, s++) {
		type = le32_to_cpu(s->type);
		if (!type || type >= __FWLOAD_IMG_SEC_MAX)
			return refuse_index(c, s, "unknown section");
		if (type <= last)
			return refuse_index(c, s, "sections are not in ascending order");
		if (s->pad)
			return refuse_index(c, s, "padding of a section is not zero");
		if (le32_to_cpu(s->offset) != end)
			return refuse_index(c, s, "a section does not start where the last ends");
		end += le32_to_cpu(s->size);
		if (round_up8(end) > index_size)
			return refuse_index(c, s, "a section is truncated");
		if (!is_zero(c->index + end, round_up8(end) - end))
			return refuse_index(c, c->index + end,
					    "padding after a section is not zero");
		end = round_up8(end);
		sections[type] = s;
		last = type;
	}
	if (end != index_size)
		return refuse_index(c, c->index + end, "bytes between the index and the bodies");
	for (i = FWLOAD_IMG_SEC_TABLES; i <= FWLOAD_IMG_SEC_NAMES; i++)
		if (!sections[i])
			return refuse_index(c, h + 1, "a section is missing");
	return 0;
}

static int check_base_chain(const struct index_check *c, const struct fwload_img_chain *chain,
			    u8 hook)
{
	const char *name = c->img->names + le32_to_cpu(chain->name);

	if (chain->hook != hook)
		return refuse_index(c, chain, "a base chain is missing or has the wrong hook");
	if (strcmp(name, fwload_image_hook_names[hook]))
		return refuse_index(c, chain, "a base chain does not have the name of its hook");
	if (chain->policy != FWLOAD_POLICY_ACCEPT && chain->policy != FWLOAD_POLICY_DROP)
		return refuse_index(c, chain, "unknown policy of a base chain");
	return 0;
}

static int check_user_chain(const struct index_check *c, const struct fwload_img_chain *chain,
			    u32 hooks, const char *last)
{
	static const char *const verdicts[] = { "ACCEPT", "DROP", "QUEUE", "RETURN" };
	const char *name = c->img->names + le32_to_cpu(chain->name);
	u32 i;

	if (chain->hook != FWLOAD_IMG_NO_HOOK)
		return refuse_index(c, chain, "a user chain has a hook");
	if (chain->policy != FWLOAD_POLICY_NONE)
		return refuse_index(c, chain, "a user chain has a policy");
	if (last && strcmp(last, name) >= 0)
		return refuse_index(c, chain, "user chains are not sorted by their names");
	for (i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (!strcmp(name, verdicts[i]))
			return refuse_index(c, chain, "a user chain has the name of a verdict");
	for (i = 0; i < __FWLOAD_HOOK_MAX; i++)
		if (hooks & (1U << i) && !strcmp(name, fwload_image_hook_names[i]))
			return refuse_index(c, chain, "a user chain has a base chain's name");
	return 0;
}

/* What holds for chains that have no body in the image. */
static int check_running(const struct index_check *c, const struct fwload_img_chain *chain,
			 bool merge)
{
	u8 flags = chain->flags;

	if (chain->body_size || chain->n_rules)
		return refuse_index(c, chain, "a chain that is kept or gone has a body");
	if (!chain->id)
		return refuse_index(c, chain, "a chain that is kept or gone has no id");
	if (!(flags & FWLOAD_IMG_C_GONE))
		return 0;
	if (flags != FWLOAD_IMG_C_GONE)
		return refuse_index(c, chain, "a chain that is gone has other flags");
	if (!merge)
		return refuse_index(c, chain, "a chain is gone of a table that is not merged");
	if (chain->hook != FWLOAD_IMG_NO_HOOK)
		return refuse_index(c, chain, "a base chain is gone");
	return 0;
}

/**
 * struct totals - what the chains add up to
 * @bodies: bytes
 * @n_rules: rules in them
 * @n_counters: entries of COUNTERS
 */
struct totals {
	u64 bodies;
	u64 n_rules;
	u64 n_counters;
};

/* What holds for every chain; adds up the bodies and their rules. */
static int check_chain(const struct index_check *c, const struct fwload_img_chain *chain,
		       bool merge, struct totals *sum)
{
	u32 body_size = le32_to_cpu(chain->body_size);
	u32 name = le32_to_cpu(chain->name);
	int len = string_length(c->img->names, c->names_size, name, FWLOAD_CHAIN_NAME_MAX);

	if (len == -1)
		return refuse_index(c, chain, "the name of a chain is not in NAMES");
	if (len == -2)
		return refuse_index(c, chain, "the name of a chain is too long");
	if (!len)
		return refuse_index(c, chain, "a chain has no name");
	if (!is_word(c->img->names + name, len))
		return refuse_index(c, chain,
				    "the name of a chain has a blank or a control character");
	if (chain->flags & ~(FWLOAD_IMG_C_KEPT | FWLOAD_IMG_C_GONE | FWLOAD_IMG_C_ZERO))
		return refuse_index(c, chain, "unknown flag of a chain");
	if (chain->flags == FWLOAD_IMG_C_ZERO)
		return refuse_index(c, chain, "a chain with a body is to be zeroed");
	if (chain->pad)
		return refuse_index(c, chain, "padding of a chain is not zero");

	sum->n_counters += fwload_image_n_counters(chain);
	if (!fwload_image_has_body(chain))
		return check_running(c, chain, merge);
	if (chain->id)
		return refuse_index(c, chain, "a chain that is not kept has an id");
	if (body_size > FWLOAD_MAX_BODY)
		return refuse(c->err, -E2BIG, (const u8 *)chain - c->index,
			      "the body of a chain is too large");
	if (body_size < sizeof(struct fwload_img_body) || body_size & 7)
		return refuse_index(c, chain, "a body is too small or no multiple of 8");
	sum->bodies += body_size;
	sum->n_rules += le32_to_cpu(chain->n_rules);
	return 0;
}

static int check_tables(const struct index_check *c)
{
	const struct fwload_img_chain *chain = c->img->chains;
	const struct fwload_img_table *t = c->img->tables;
	struct totals sum = { 0 };
	int err, len, last = -1;
	const char *name;
	u32 i, j, hooks;
	bool merge;

	for (i = 0; i < c->img->n_tables; i++, t++) {
		if (t->family >= __FWLOAD_FAMILY_MAX)
			return refuse_index(c, t, "unknown family of a table");
		if (t->table >= __FWLOAD_TABLE_MAX)
			return refuse_index(c, t, "unknown table");
		if (t->family * __FWLOAD_TABLE_MAX + t->table <= last)
			return refuse_index(c, t, "tables are not in ascending order");
		last = t->family * __FWLOAD_TABLE_MAX + t->table;
		if (t->flags & ~FWLOAD_IMG_TABLE_MERGE)
			return refuse_index(c, t, "unknown flag of a table");
		merge = t->flags & FWLOAD_IMG_TABLE_MERGE;
		if (t->pad)
			return refuse_index(c, t, "padding of a table is not zero");
		len = t->file ? string_length(c->img->names, c->names_size, le32_to_cpu(t->file),
					      FWLOAD_FILE_NAME_MAX) : 1;
		if (len == -2)
			return refuse_index(c, t, "the name of a table's file is too long");
		if (len < 1)
			return refuse_index(c, t, "the file of a table is not in NAMES");
		if (le32_to_cpu(t->first_chain) != chain - c->img->chains)
			return refuse_index(c, t, "the chains of the tables are not consecutive");
		if (le32_to_cpu(t->n_chains) > c->img->n_chains - (chain - c->img->chains))
			return refuse_index(c, t, "a table has more chains than there are");

		hooks = fwload_image_hooks(t->table);
		name = NULL;
		for (j = 0; j < le32_to_cpu(t->n_chains); j++, chain++) {
			fwload_env_resched(chain, chain + 1);
			err = check_chain(c, chain, merge, &sum);
			if (err)
				return err;
			/* Those base chains that do not change are left out. */
			while (merge && hooks && chain->hook != __builtin_ctz(hooks))
				hooks &= hooks - 1;
			if (hooks) {
				err = check_base_chain(c, chain, __builtin_ctz(hooks));
				hooks &= hooks - 1;
			} else {
				err = check_user_chain(c, chain, fwload_image_hooks(t->table),
						       name);
				name = c->img->names + le32_to_cpu(chain->name);
			}
			if (err)
				return err;
		}
		if (hooks && !merge)
			return refuse_index(c, t, "a table lacks a base chain");
	}
	if (chain != c->img->chains + c->img->n_chains)
		return refuse_index(c, chain, "a chain belongs to no table");
	if (sum.bodies + c->img->index_size != c->img->size)
		return refuse_index(c, &c->img->header->size,
				    "the size is not that of the index and all bodies");
	if (sum.n_rules != c->img->n_rules)
		return refuse_index(c, &c->img->header->n_rules,
				    "the number of rules is not that of all chains");
	if (c->img->counters && sum.n_counters != c->n_counters)
		return refuse_index(c, c->img->counters,
				    "COUNTERS is not one for each rule and policy");
	return 0;
}

static const void *section_at(const struct index_check *c, const struct fwload_img_section *s)
{
	return c->index + le32_to_cpu(s->offset);
}

int fwload_image_check_index(const void *index, u32 index_size, u64 size,
			     struct fwload_image *img,
			     struct fwload_image_error *err)
{
	const struct fwload_img_section *s[__FWLOAD_IMG_SEC_MAX] = { NULL };
	struct index_check c = { .index = index, .img = img, .err = err };
	int ret;

	ret = check_header(&c, index_size, size);
	if (!ret)
		ret = check_sections(&c, s);
	if (ret)
		return ret;

	img->header = index;
	img->size = size;
	img->index_size = index_size;
	img->n_rules = le32_to_cpu(img->header->n_rules);
	img->tables = section_at(&c, s[FWLOAD_IMG_SEC_TABLES]);
	img->n_tables = le32_to_cpu(s[FWLOAD_IMG_SEC_TABLES]->size) / sizeof(*img->tables);
	img->chains = section_at(&c, s[FWLOAD_IMG_SEC_CHAINS]);
	img->n_chains = le32_to_cpu(s[FWLOAD_IMG_SEC_CHAINS]->size) / sizeof(*img->chains);
	img->names = section_at(&c, s[FWLOAD_IMG_SEC_NAMES]);
	c.names_size = le32_to_cpu(s[FWLOAD_IMG_SEC_NAMES]->size);
	img->lines = NULL;
	img->counters = NULL;

	if (le32_to_cpu(s[FWLOAD_IMG_SEC_TABLES]->size) % sizeof(*img->tables))
		return refuse_index(&c, img->tables, "the section of tables ends inside a table");
	if (!img->n_tables)
		return refuse_index(&c, img->tables, "there is no table");
	if (le32_to_cpu(s[FWLOAD_IMG_SEC_CHAINS]->size) % sizeof(*img->chains))
		return refuse_index(&c, img->chains, "the section of chains ends inside a chain");
	if (img->n_chains > FWLOAD_MAX_CHAINS)
		return refuse(err, -E2BIG, (const u8 *)img->chains - c.index, "too many chains");
	if (!c.names_size || img->names[0] || img->names[c.names_size - 1])
		return refuse_index(&c, img->names, "NAMES does not begin and end with NUL");
	if (s[FWLOAD_IMG_SEC_LINES]) {
		img->lines = section_at(&c, s[FWLOAD_IMG_SEC_LINES]);
		if (le32_to_cpu(s[FWLOAD_IMG_SEC_LINES]->size) != (u64)img->n_rules * 4)
			return refuse_index(&c, img->lines, "LINES is not one line per rule");
	}
	if (s[FWLOAD_IMG_SEC_COUNTERS]) {
		img->counters = section_at(&c, s[FWLOAD_IMG_SEC_COUNTERS]);
		c.n_counters = le32_to_cpu(s[FWLOAD_IMG_SEC_COUNTERS]->size) /
			       sizeof(*img->counters);
		if (le32_to_cpu(s[FWLOAD_IMG_SEC_COUNTERS]->size) % sizeof(*img->counters))
			return refuse_index(&c, img->counters, "COUNTERS ends inside a counter");
	}
	return check_tables(&c);
}

const struct fwload_img_table *fwload_image_table(const struct fwload_image *img, u32 chain)
{
	const struct fwload_img_table *t = img->tables;

	while (chain - le32_to_cpu(t->first_chain) >= le32_to_cpu(t->n_chains))
		t++;
	return t;
}

u64 fwload_image_body_offset(const struct fwload_image *img, u32 chain)
{
	u64 offset = img->index_size;
	u32 i;

	for (i = 0; i < chain; i++)
		offset += le32_to_cpu(img->chains[i].body_size);
	return offset;
}

/* The whole. */

/* @may_hooks: by chain, the base hooks that may reach it. */
static int check_graph(const struct fwload_image *img, struct fwload_graph_node *nodes,
		       const u32 *may_hooks, struct fwload_image_error *err)
{
	struct fwload_graph_result result;
	u32 i;
	int ret;

	ret = fwload_graph_check(nodes, img->n_chains, &result);
	if (ret) {
		refuse(err, ret, 0, ret == -ELOOP ? "a base chain reaches a loop of chains" :
			       ret == -E2BIG ? "jumps are nested too deeply" : "out of memory");
		if (ret != -ENOMEM)
			err->chain = result.node;
		return ret == -ELOOP ? -EINVAL : ret;
	}
	for (i = 0; i < img->n_chains; i++) {
		if (nodes[i].hooks & ~may_hooks[i]) {
			refuse(err, -EINVAL, fwload_image_body_offset(img, i),
			       "a match on mac is reached from OUTPUT or POSTROUTING");
			err->chain = i;
			return -EINVAL;
		}
	}
	return 0;
}

int fwload_image_check(const void *data, size_t size, struct fwload_image *img,
		       struct fwload_image_error *err)
{
	const struct fwload_img_header *h = data;
	struct fwload_graph_node *nodes;
	u64 index_size, offset;
	struct fwload_body b;
	u32 i, *may_hooks;
	int ret;

	index_size = size < sizeof(*h) ? size : le32_to_cpu(h->index_size);
	ret = fwload_image_check_index(data, index_size < size ? index_size : size, size, img,
				       err);
	if (ret)
		return ret;
	if (xxh64((const u8 *)data + sizeof(*h), size - sizeof(*h), 0) != le64_to_cpu(h->xxh64))
		return refuse(err, -EINVAL, 24, "the checksum is wrong: the image is damaged");

	nodes = fwload_env_alloc(img->n_chains, sizeof(*nodes));
	may_hooks = fwload_env_alloc(img->n_chains, sizeof(*may_hooks));
	if (!nodes || !may_hooks) {
		ret = refuse(err, -ENOMEM, 0, "out of memory");
		goto out;
	}
	offset = img->index_size;
	for (i = 0; i < img->n_chains; i++) {
		may_hooks[i] = FWLOAD_ALL_HOOKS;
		if (img->chains[i].hook != FWLOAD_IMG_NO_HOOK)
			nodes[i].hooks = 1U << img->chains[i].hook;
		if (!fwload_image_has_body(&img->chains[i]))
			continue;
		ret = fwload_body_check(img, i, offset, (const u8 *)data + offset, &b, err);
		if (ret)
			goto out;
		offset += le32_to_cpu(img->chains[i].body_size);
		nodes[i].refs = b.refs;
		nodes[i].n_refs = b.n_live_refs;
		nodes[i].n_rules = b.n_rules;
		/* Where they go on to is not in the image. */
		if (fwload_image_table(img, i)->flags & FWLOAD_IMG_TABLE_MERGE)
			nodes[i].n_refs = 0;
		may_hooks[i] = b.hooks;
	}
	ret = check_graph(img, nodes, may_hooks, err);
out:
	fwload_env_free(may_hooks);
	fwload_env_free(nodes);
	return ret;
}
