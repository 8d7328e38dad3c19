/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A rule set in memory, on its way down (text -> image) or up (image -> text).
 *
 * Rules are kept as the records of the image (linux/fwload_image.h) from the moment
 * they are parsed: the parser appends elements to the chain's buffers, the emitter
 * only arranges buffers, the decoder points at them. Chains refer to each other by
 * pointer here; the emitter numbers them.
 */
#ifndef FWIMG_RULESET_H
#define FWIMG_RULESET_H

#include "../kmod/image.h"
#include "../uapi/linux/fwload.h"

/**
 * struct buf - a growing byte buffer
 * @data: owned by the buffer; NULL while empty
 * @size: bytes used
 * @room: bytes allocated
 */
struct buf {
	u8 *data;
	size_t size;
	size_t room;
};

/*
 * Append; the memory is zeroed when @data is NULL. Ends the process with a message on
 * ENOMEM. Returns the place of the new bytes, valid until the next append.
 */
void *buf_add(struct buf *b, const void *data, size_t size);
/* Room for @size bytes in all: up to there, buf_add() moves nothing. */
void buf_reserve(struct buf *b, size_t size);
void buf_free(struct buf *b);

/**
 * struct ref - a chain that rules of another jump or go to
 * @chain: the chain; while a file is parsed possibly one not declared yet; NULL: the chain
 *	in force that has @handle, of which nothing else is known here
 * @handle: see @chain
 * @uses: rules | FWLOAD_IMG_REF_GOTO, as in struct fwload_img_ref (host order)
 * @line: where it was used first, for "no such chain"
 * @column: likewise
 */
struct ref {
	struct chain *chain;
	u32 handle;
	u32 uses;
	u32 line;
	u32 column;
};

#define CHAIN_NO_ORIGIN	0xffffffffU

/**
 * struct chain - a chain of a rule set
 * @name: NUL-terminated
 * @hook: enum fwload_hook or FWLOAD_IMG_NO_HOOK
 * @policy: enum fwload_policy
 * @declared: a ":chain" line or -N was seen, or it is a base chain
 * @kept: FWLOAD_IMG_C_KEPT: @id says which object, the buffers are empty
 * @id: see struct fwload_img_chain
 * @asked: the kernel was asked for it
 * @live: the kernel has a chain of this name: @id, @handle and @n_live are its own
 * @zero: FWLOAD_IMG_C_ZERO, while it is kept
 * @changed: its policy is, or counters are set, while it is kept
 * @referred: a rule goes to it; references.c's own
 * @policy_given: the policy has been set
 * @policy_taken: the policy's counter goes on where that of the chain in force is
 * @handle: up: its handle in the kernel
 * @n_live: rules that the kernel's chain has
 * @references: up: rules that go to it, when they were asked for
 * @taken: handle of the chain that @origins are of
 * @number: set by the emitter: its number in CHAINS
 * @line: where it was deleted, for messages
 * @n_rules: rules in @rules, or while it is kept those in the kernel
 * @n_dyns: struct fwload_img_el_dyn in @rules; 0 while they have not been counted
 * @refs: array of struct ref, in the order of their first use by @rules
 * @ref_index: finds a ref by its chain when there are many; chain_ref()'s own
 * @exts: array of struct fwload_img_ext, in image byte order
 * @rules: rule records, one after another
 * @payloads: extension payloads
 * @strings: offset 0 holds the empty string once anything is in it
 * @plan: how to index the rules; the emitter's
 * @lines: u32 per rule, from 1
 * @counters: struct fwload_counter_pair per rule (host order), or empty
 * @origins: u32 per rule: the number of the rule in force whose counter goes on, or
 *	CHAIN_NO_ORIGIN; or empty
 * @groups: u32 per rule: the line of @symbols that it comes from, or 0; may be shorter
 * @symbols: what is kept of the text (symbols.h), or NULL
 * @order: in what order the rules are to stand (order.h), or NULL: as they do
 * @policy_counter: of a base chain
 */
struct chain {
	char name[FWLOAD_CHAIN_NAME_MAX + 1];
	u8 hook;
	u8 policy;
	bool declared;
	bool kept;
	bool asked;
	bool live;
	bool zero;
	bool changed;
	bool referred;
	bool policy_given;
	bool policy_taken;
	u64 id;
	u32 handle;
	u32 n_live;
	u32 references;
	u32 taken;
	u32 number;
	u32 line;
	u32 n_rules;
	u32 n_dyns;
	struct buf refs;
	struct slots *ref_index;
	struct buf exts;
	struct buf rules;
	struct buf payloads;
	struct buf strings;
	struct buf plan;
	struct buf lines;
	struct buf counters;
	struct buf origins;
	struct buf groups;
	struct symbols *symbols;
	struct order *order;
	struct fwload_counter_pair policy_counter;
};

/**
 * struct table - a table of a rule set
 * @file: what it was compiled from, or NULL; not the table's, see struct ruleset
 * @live: where chains in force are read from when they are asked for (live.h), or NULL
 * @merge: FWLOAD_IMG_TABLE_MERGE
 * @listed: all chains in force are known
 * @loaded: so are their rules
 * @chains: base chains in the order of their hooks, then user chains; sorted by
 *	name when the table is complete (table_sort())
 */
struct table {
	bool present;
	u8 family;
	u8 type;
	struct live *live;
	bool merge;
	bool listed;
	bool loaded;
	const char *file;
	struct chain **chains;
	u32 n_chains;
	u32 room;
	struct slots *by_name;		/* hash from name to chain */
	struct references *references;	/* which chains rules go to, or NULL: not known */
};

/**
 * struct ruleset - the tables of both families
 * @generation: up: of the kernel; else 0
 * @counters: the image is to say what counters begin with (COUNTERS)
 * @files: up: the names that table.file points at, goes with the rule set; else NULL
 */
struct ruleset {
	struct table tables[__FWLOAD_FAMILY_MAX][__FWLOAD_TABLE_MAX];
	u32 generation;
	bool counters;
	char *files;
};

struct ruleset *ruleset_new(void);
void ruleset_free(struct ruleset *rs);
/* Make @type present, with its base chains, policy ACCEPT, empty. */
struct table *ruleset_table(struct ruleset *rs, u8 family, u8 type);
/* The enum fwload_table_type of the table so called, __FWLOAD_TABLE_MAX for none. */
u8 ruleset_table_type(const char *name, size_t len);
struct chain *table_find(const struct table *t, const char *name, size_t len);
/* Find or make; a new one is not declared. @len: at most FWLOAD_CHAIN_NAME_MAX. */
struct chain *table_chain(struct table *t, const char *name, size_t len);
/* Remove the chains that are not declared, nor in force; no rule refers to one. */
void table_prune(struct table *t);
void table_sort(struct table *t);
/* Was it in force, and goes away? */
bool chain_is_gone(const struct chain *c);
/* Does the image name it? In a table that is merged, only if something changes. */
bool chain_is_sent(const struct table *t, const struct chain *c);
/* Take its rules out of a chain. */
void chain_clear(struct chain *c);
/* Move the rules of @from to @to, with all that belongs to them. */
void chain_move(struct chain *to, struct chain *from);
/* Number of @to in the refs of @from, made if need be; counts one use more. */
u32 chain_ref(struct chain *from, struct chain *to, bool is_goto, u32 line, u32 column);
/* Offset of a copy of the string in @c->strings; the empty string is at 0. */
u32 chain_string(struct chain *c, const char *s, size_t len);
/*
 * Append an extension with a payload of @size bytes; @sets: @n_sets ip set names.
 * Returns its number. Must be called in the order in which the rules use them.
 */
u32 chain_ext(struct chain *c, const char *name, u8 revision, u8 kind,
	      const void *payload, u32 size, const char *const *sets, u8 n_sets);

/* Over the elements of a rule, and over rules. */
static inline const struct fwload_img_el *el_next(const struct fwload_img_el *el)
{
	return (const void *)((const u8 *)el + el->len * FWLOAD_IMG_ALIGN);
}

static inline const struct fwload_img_rule *rule_next(const struct fwload_img_rule *rule)
{
	return (const void *)((const u8 *)rule + le16_to_cpu(rule->size) * FWLOAD_IMG_ALIGN);
}

/* The addresses of an interface: struct fwload_img_el_dyn. */
static inline bool el_is_dyn(const struct fwload_img_el *el)
{
	return el->type <= FWLOAD_IMG_EL_DST && el->flags & FWLOAD_IMG_F_DYN;
}

#endif /* FWIMG_RULESET_H */
