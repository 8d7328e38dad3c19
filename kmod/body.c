// SPDX-License-Identifier: GPL-2.0
/*
 * The validator's part for the body of a chain: its head, refs, extensions, and the
 * rules, which rule.c checks one by one.
 *
 * The head gives the sizes of the parts, which must add up to the body; then every
 * part is checked after those that it refers to: refs to chains, extensions to
 * payloads and strings, rules to refs and extensions. At last, all of them must have
 * been used.
 */
#include "body.h"
#include "check.h"
#include "rule.h"
#include "vars.h"

#define FEW_REFS	16
#define DIGIT		6	/* bits: what stands on the stack for one is 260 bytes */

struct body_check {
	const struct fwload_image *img;
	const struct fwload_img_table *table;
	const u8 *body;
	u64 offset;
	u32 chain;
	struct fwload_body *b;
	struct fwload_image_error *err;
};

static int refuse_body(const struct body_check *c, const void *at, const char *reason)
{
	refuse(c->err, -EINVAL, c->offset + ((const u8 *)at - c->body), reason);
	c->err->chain = c->chain;
	return -EINVAL;
}

static int refuse_ext(const struct body_check *c, u32 ext, const char *reason)
{
	refuse_body(c, &c->b->exts[ext], reason);
	c->err->ext = ext;
	return -EINVAL;
}

static int no_memory(const struct body_check *c)
{
	refuse(c->err, -ENOMEM, c->offset, "out of memory");
	c->err->chain = c->chain;
	return -ENOMEM;
}

/* Up to the end of the payloads: where the strings begin. */
static u64 strings_offset(const struct fwload_img_body *h)
{
	return sizeof(*h) + (u64)le32_to_cpu(h->n_refs) * sizeof(struct fwload_img_ref) +
	       (u64)le32_to_cpu(h->n_exts) * sizeof(struct fwload_img_ext) +
	       le32_to_cpu(h->rules_size) + le32_to_cpu(h->payloads_size);
}

u64 fwload_body_size(const struct fwload_img_body *head)
{
	return strings_offset(head) + round_up8(le32_to_cpu(head->strings_size)) +
	       le32_to_cpu(head->plan_size) + le32_to_cpu(head->symbols_size);
}

void fwload_body_open(const void *body, struct fwload_body *b)
{
	const struct fwload_img_body *h = body;

	b->n_rules = le32_to_cpu(h->n_rules);
	b->n_refs = le32_to_cpu(h->n_refs);
	b->n_exts = le32_to_cpu(h->n_exts);
	b->rules_size = le32_to_cpu(h->rules_size);
	b->payloads_size = le32_to_cpu(h->payloads_size);
	b->strings_size = le32_to_cpu(h->strings_size);
	b->plan_size = le32_to_cpu(h->plan_size);
	b->refs = (const void *)(h + 1);
	b->exts = (const void *)(b->refs + b->n_refs);
	b->rules = (const void *)(b->exts + b->n_exts);
	b->payloads = b->rules + b->rules_size;
	b->strings = (const char *)b->payloads + b->payloads_size;
	b->plan = NULL;
	if (b->plan_size)
		b->plan = (const void *)(b->strings + round_up8(b->strings_size));
	b->symbols_size = le32_to_cpu(h->symbols_size);
	b->symbols = NULL;
	if (b->symbols_size)
		b->symbols = (const void *)(b->strings + round_up8(b->strings_size) +
					    b->plan_size);
}

/* Each chain can be jumped to and gone to. */
static u64 max_refs(const struct body_check *c)
{
	if (c->table->flags & FWLOAD_IMG_TABLE_MERGE)
		return 2 * (FWLOAD_BODY_MAX_HANDLES + (u64)FWLOAD_MAX_CHAINS);
	return 2 * (u64)le32_to_cpu(c->table->n_chains);
}

/* The sizes that the body's head gives. Only once they have passed, look further. */
static int check_body_head(const struct body_check *c)
{
	const struct fwload_img_chain *chain = &c->img->chains[c->chain];
	const struct fwload_img_body *h = (const void *)c->body;
	u64 size = strings_offset(h);
	u64 end = size + le32_to_cpu(h->strings_size);

	if (h->n_rules != chain->n_rules)
		return refuse_body(c, h, "the number of rules is not that of the chain");
	if ((le32_to_cpu(h->rules_size) | le32_to_cpu(h->payloads_size) |
	     le32_to_cpu(h->plan_size) | le32_to_cpu(h->symbols_size)) & 7)
		return refuse_body(c, h,
				   "rules, payloads, plan or symbols are no multiple of 8 bytes");
	if (fwload_body_size(h) != le32_to_cpu(chain->body_size))
		return refuse_body(c, h, "the parts of a body do not add up to its size");
	if (le32_to_cpu(h->n_rules) > le32_to_cpu(h->rules_size) / 8)
		return refuse_body(c, h, "a body is too small for its rules");
	if (le32_to_cpu(h->n_refs) > max_refs(c))
		return refuse_body(c, h, "more refs than chains to jump and to go to");
	if (!is_zero(c->body + end, round_up8(end) - end))
		return refuse_body(c, c->body + end, "padding after the strings is not zero");
	if (h->strings_size && (c->body[size] || c->body[end - 1]))
		return refuse_body(c, c->body + size, "strings do not begin and end with NUL");
	return 0;
}

static bool is_handle(const struct fwload_img_ref *ref)
{
	return le32_to_cpu(ref->chain) & FWLOAD_IMG_REF_HANDLE;
}

static u32 ref_key(const struct body_check *c, const struct fwload_img_ref *ref)
{
	u32 chain = le32_to_cpu(ref->chain);

	chain = is_handle(ref) ? (chain & ~FWLOAD_IMG_REF_HANDLE) | FWLOAD_BODY_MAX_HANDLES :
				 chain - le32_to_cpu(c->table->first_chain);
	return chain * 2 + !!(le32_to_cpu(ref->uses) & FWLOAD_IMG_REF_GOTO);
}

/*
 * Does a pair (chain, goto or jump) stand twice? A few are compared each with each;
 * many are sorted by radix, in @room for 2 * n_refs keys of 23 bits.
 */
static bool has_same_refs(const struct body_check *c, u32 *room)
{
	const struct fwload_img_ref *refs = c->b->refs;
	u32 *from = room, *to = room ? room + c->b->n_refs : NULL;
	u32 n = c->b->n_refs, start[(1 << DIGIT) + 1], *swap, i, j, shift;

	if (n <= FEW_REFS) {
		for (i = 1; i < n; i++)
			for (j = 0; j < i; j++)
				if (ref_key(c, &refs[i]) == ref_key(c, &refs[j]))
					return true;
		return false;
	}

	for (i = 0; i < n; i++) {
		fwload_env_pause(i + 1);
		from[i] = ref_key(c, &refs[i]);
	}
	for (shift = 0; shift < 24; shift += DIGIT) {
		memset(start, 0, sizeof(start));
		for (i = 0; i < n; i++) {
			fwload_env_pause(i + 1);
			start[(from[i] >> shift & ((1 << DIGIT) - 1)) + 1]++;
		}
		for (i = 1; i < 1 << DIGIT; i++)
			start[i] += start[i - 1];
		for (i = 0; i < n; i++) {
			fwload_env_pause(i + 1);
			to[start[from[i] >> shift & ((1 << DIGIT) - 1)]++] = from[i];
		}
		swap = from;
		from = to;
		to = swap;
	}
	for (i = 1; i < n; i++)
		if (from[i] == from[i - 1])
			return true;
	return false;
}

/* Whether a handle is that of a user chain can be seen in force alone. */
static const char *check_ref(const struct body_check *c, const struct fwload_img_ref *ref)
{
	u32 first = le32_to_cpu(c->table->first_chain);
	u32 chain = le32_to_cpu(ref->chain);

	if (is_handle(ref)) {
		if (!(c->table->flags & FWLOAD_IMG_TABLE_MERGE))
			return "a handle in a table that is not merged";
		return (chain & ~FWLOAD_IMG_REF_HANDLE) < FWLOAD_BODY_MAX_HANDLES ? NULL :
		       "there is no handle so large";
	}
	if (chain < first || chain - first >= le32_to_cpu(c->table->n_chains))
		return "a jump to a chain that is not of the table";
	if (c->img->chains[chain].hook != FWLOAD_IMG_NO_HOOK)
		return "a jump to a base chain";
	return NULL;
}

static int check_refs(const struct body_check *c, u32 *room)
{
	const struct fwload_img_ref *ref = c->b->refs;
	const char *reason;
	u32 i;

	for (i = 0; i < c->b->n_refs; i++, ref++) {
		reason = check_ref(c, ref);
		if (reason)
			return refuse_body(c, ref, reason);
		if (!(le32_to_cpu(ref->uses) & ~FWLOAD_IMG_REF_GOTO))
			return refuse_body(c, ref, "a ref without uses");
		fwload_env_resched(ref, ref + 1);
	}
	if (has_same_refs(c, room))
		return refuse_body(c, c->b->refs, "two refs to the same chain");
	return 0;
}

/* The name of an extension, as the kernel's are made of. */
static bool is_ext_name(const char *s)
{
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9') || *s == '_' || *s == '-' || *s == '.'))
			return false;
	return true;
}

/*
 * The ip sets of an extension. The payload starts with one struct xt_set_info for each
 * (32 bytes in revision 0, else 4), which starts with the number of the set.
 */
static const char *check_sets(const struct fwload_body *b, const struct fwload_img_ext *ext)
{
	const char *name = b->strings + le32_to_cpu(ext->name);
	const u8 *payload = b->payloads + le32_to_cpu(ext->payload);
	u32 step = ext->revision ? 4 : 32, sets = le32_to_cpu(ext->sets), i, max = 0;
	int len;

	if (ext->kind == FWLOAD_IMG_EXT_MATCH && !strcmp(name, "set"))
		max = 1;
	if (ext->kind == FWLOAD_IMG_EXT_TARGET && !strcmp(name, "SET"))
		max = 3;
	if (ext->n_sets > max)
		return "more sets than the extension can have";
	if (!ext->n_sets)
		return max ? "the names of an extension's sets are missing" :
		       sets ? "an extension without sets has names of some" : NULL;
	if (le32_to_cpu(ext->size) < ext->n_sets * step)
		return "the payload is too small for its sets";
	for (i = 0; i < ext->n_sets; i++, sets += len + 1) {
		len = string_length(b->strings, b->strings_size, sets, 31);
		if (len == -1)
			return "the name of a set is not in the strings";
		if (len == -2)
			return "the name of a set is too long";
		if (!len && ext->kind == FWLOAD_IMG_EXT_MATCH)
			return "a match on no set";
		if (!is_word(b->strings + sets, len))
			return "the name of a set has a blank or a control character";
		if (payload[i * step] != 0xff || payload[i * step + 1] != 0xff)
			return "a payload has the number of a set beside its name";
	}
	return NULL;
}

static const char *check_ext(const struct fwload_body *b, const struct fwload_img_ext *ext,
			     u64 payload)
{
	u32 size = le32_to_cpu(ext->size);
	int len = string_length(b->strings, b->strings_size, le32_to_cpu(ext->name), 28);

	if (len == -1)
		return "the name of an extension is not in the strings";
	if (len == -2)
		return "the name of an extension is too long";
	if (!len || !is_ext_name(b->strings + le32_to_cpu(ext->name)))
		return "not a name of an extension";
	if (ext->kind != FWLOAD_IMG_EXT_MATCH && ext->kind != FWLOAD_IMG_EXT_TARGET)
		return "unknown kind of extension";
	if (ext->kind == FWLOAD_IMG_EXT_TARGET &&
	    !strcmp(b->strings + le32_to_cpu(ext->name), "ERROR"))
		return "ERROR is not a target for rules";
	if (ext->pad || ext->pad2)
		return "padding of an extension is not zero";
	if (le32_to_cpu(ext->payload) != payload)
		return "a payload does not start where the last ends";
	if (size > FWLOAD_MAX_EXT_SIZE)
		return "a payload is too large";
	if (size % sizeof(long))
		return "the size of a payload is not that of a struct of the kernel";
	if (payload + round_up8(size) > b->payloads_size)
		return "a payload is truncated";
	if (!is_zero(b->payloads + payload + size, round_up8(size) - size))
		return "padding after a payload is not zero";
	return check_sets(b, ext);
}

static int check_exts(const struct body_check *c)
{
	const struct fwload_body *b = c->b;
	const char *reason;
	u64 payload = 0;
	u32 i;

	for (i = 0; i < b->n_exts; i++) {
		reason = check_ext(b, &b->exts[i], payload);
		if (reason)
			return refuse_ext(c, i, reason);
		payload += round_up8(le32_to_cpu(b->exts[i].size));
		fwload_env_resched(&b->exts[i], &b->exts[i + 1]);
	}
	if (payload != b->payloads_size)
		return refuse_body(c, b->payloads + payload, "a payload belongs to no extension");
	return 0;
}

/* @uses: n_refs zeros. */
static int check_rules(const struct body_check *c, u32 *uses)
{
	struct fwload_body *b = c->b;
	struct fwload_rule_check r = {
		.body = b, .uses = uses, .hooks = FWLOAD_ALL_HOOKS, .family = c->table->family,
	};
	const struct fwload_img_rule *rule;
	const char *reason;
	u32 n = 0, pos, size, i;

	for (pos = 0; pos < b->rules_size; pos += size) {
		rule = (const void *)(b->rules + pos);
		if (n == b->n_rules)
			return refuse_body(c, rule, "more rules than the body says");
		reason = fwload_rule_check(&r, rule, b->rules_size - pos);
		if (reason) {
			refuse_body(c, r.at, reason);
			c->err->rule = n;
			return -EINVAL;
		}
		size = le16_to_cpu(rule->size) * 8;
		fwload_env_resched(rule, b->rules + pos + size);
		n++;
	}
	if (n != b->n_rules)
		return refuse_body(c, c->body, "fewer rules than the body says");
	if (r.next_ref != b->n_refs)
		return refuse_body(c, &b->refs[r.next_ref], "a ref that no rule uses");
	if (r.next_ext != b->n_exts)
		return refuse_ext(c, r.next_ext, "an extension that no rule uses");
	for (i = 0; i < b->n_refs; i++)
		if ((le32_to_cpu(b->refs[i].uses) & ~FWLOAD_IMG_REF_GOTO) != uses[i])
			return refuse_body(c, &b->refs[i], "a ref is not used as often as it says");
	b->n_live_refs = r.n_live_refs;
	b->n_dyns = r.n_dyns;
	b->hooks = r.hooks;
	return 0;
}

static const char *check_mask(const struct fwload_img_mask *m, u8 addr_bits)
{
	if (m->src > addr_bits || m->dst > addr_bits)
		return "a mask has more bits than an address";
	if (m->sport > 16 || m->dport > 16)
		return "a mask has more bits than a port";
	if (m->fields & ~(FWLOAD_IMG_MASK_PROTO | FWLOAD_IMG_MASK_IN | FWLOAD_IMG_MASK_OUT))
		return "unknown field in a mask";
	if (!(m->src | m->dst | m->sport | m->dport | m->fields))
		return "a mask without bits";
	return is_zero(m->pad, sizeof(m->pad)) ? NULL : "padding of a mask is not zero";
}

static bool is_window(u8 first, u8 family)
{
	if (family == FWLOAD_FAMILY_IPV4)
		return first <= 20;
	return first <= 52 || (first >= 64 && first <= 116);
}

/* Is the plan well-formed? Whether it is any good is not asked. */
static int check_plan(const struct body_check *c)
{
	const struct fwload_img_plan *plan = c->b->plan;
	u8 family = c->table->family;
	const char *reason;
	const u8 *number;
	u64 size;
	u32 i;

	if (!plan)
		return 0;
	if (c->b->plan_size < sizeof(*plan))
		return refuse_body(c, plan, "a plan is truncated");
	if (plan->n_masks > FWLOAD_MAX_MASKS)
		return refuse_body(c, plan, "too many masks in a plan");
	size = sizeof(*plan) + plan->n_masks * sizeof(plan->masks[0]) + (u64)c->b->n_rules;
	if (round_up8(size) != c->b->plan_size)
		return refuse_body(c, plan, "the size of a plan is not that of its rules");
	if (!is_window(plan->src_window, family) || !is_window(plan->dst_window, family) ||
	    plan->sport_window > 4 || plan->dport_window > 4)
		return refuse_body(c, plan, "a plan looks at bits beyond a field");
	if (!is_zero(plan->pad, sizeof(plan->pad)))
		return refuse_body(c, plan->pad, "padding of a plan is not zero");
	for (i = 0; i < plan->n_masks; i++) {
		reason = check_mask(&plan->masks[i],
				    family == FWLOAD_FAMILY_IPV4 ? 32 : 128);
		if (reason)
			return refuse_body(c, &plan->masks[i], reason);
	}
	number = (const u8 *)&plan->masks[plan->n_masks];
	for (i = 0; i < c->b->n_rules; i++) {
		if (number[i] >= plan->n_masks && number[i] != FWLOAD_IMG_NO_MASK)
			return refuse_body(c, number + i, "a plan has no mask of this number");
		fwload_env_resched(number + i, number + i + 1);
	}
	if (!is_zero(number + i, c->b->plan_size - size))
		return refuse_body(c, number + i, "padding after a plan is not zero");
	return 0;
}

static int check_symbols(const struct body_check *c)
{
	const char *reason;
	const void *at;

	if (!c->b->symbols)
		return 0;
	reason = fwload_vars_check(c->b->symbols, c->b->symbols_size, c->b->n_rules, &at);
	return reason ? refuse_body(c, at, reason) : 0;
}

int fwload_body_check(const struct fwload_image *img, u32 chain, u64 offset, const void *body,
		      struct fwload_body *b, struct fwload_image_error *err)
{
	struct body_check c = {
		.img = img, .table = fwload_image_table(img, chain), .body = body,
		.offset = offset, .chain = chain, .b = b, .err = err,
	};
	u32 few[FEW_REFS] = { 0 }, *uses = few, *room = NULL;
	int ret;

	ret = check_body_head(&c);
	if (ret)
		return ret;
	fwload_body_open(body, b);
	/* uses, then the room to sort refs: there are at most max_refs(). */
	if (b->n_refs > FEW_REFS) {
		uses = fwload_env_alloc((size_t)b->n_refs * 3, sizeof(*uses));
		if (!uses)
			return no_memory(&c);
		room = uses + b->n_refs;
	}
	ret = check_refs(&c, room);
	if (!ret)
		ret = check_exts(&c);
	if (!ret)
		ret = check_rules(&c, uses);
	if (!ret)
		ret = check_plan(&c);
	if (!ret)
		ret = check_symbols(&c);
	if (room)
		fwload_env_free(uses);
	return ret;
}
