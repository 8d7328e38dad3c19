// SPDX-License-Identifier: GPL-2.0
/*
 * Building the index of a chain: plan and rules -> tables, list and glance.
 *
 * The plan comes with the image and is taken for a hint. It names a mask for each rule; the
 * rule goes into the table of that mask if it demands all of the mask's bits, else into the
 * list. A rule that demands one of several values of a mask's port, as multiport and ranges
 * do, goes into the bucket of each, up to MAX_CELLS.
 *
 * Three passes over the rules: the first says how many entries each table has, and with it how
 * many lines; the second counts the entries of each line, so that what does not fit into one
 * has a place of its own; the third writes the entries. As the rules come in order, so do the
 * entries of a bucket. All memory is one piece of a size that is known before the third pass.
 *
 * The rules at the head of the chain that fit no table are in neither: they are walked first.
 * As a rule, they let pass what belongs to a connection, and most packets end there.
 */
#include "index.h"

#define MAX_CELLS	16	/* entries of one rule */
#define PER_LINE	4	/* entries, on average; a line has room for LINE_FULL */
#define LINE_FULL	(FWLOAD_LINE - 1)
#define MAX_HEAD	32	/* rules */
#define MAX_GLANCE	12	/* bits */
#define N_BITS		64

/**
 * struct builder - an index on its way
 * @b: the chain
 * @plan: its plan
 * @number: for each rule the number of its mask
 * @index: the tables; what is pointed at comes later
 * @family: enum fwload_family
 * @n_words: of a key
 * @filled: for each line the entries counted, then written
 * @n_lines: lines of all tables
 * @n_more: entries that do not fit into their lines, with a zero after each bucket's
 * @entries: what is being written
 * @list: likewise
 * @n_list: entries of the list written
 * @edge: for each value of each glance, and one beyond, and each bit: how many rules begin to
 *	be of interest there minus how many end to be
 */
struct builder {
	const struct fwload_body *b;
	const struct fwload_img_plan *plan;
	const u8 *number;
	struct fwload_index *index;
	u8 family;
	u32 n_words;
	u32 *filled;
	u64 n_lines;
	u64 n_more;
	u64 *entries;
	u64 *list;
	u32 n_list;
	u32 (*edge)[N_BITS];
};

static const struct fwload_img_rule *rule_at(const struct builder *w, u32 offset)
{
	return (const void *)(w->b->rules + offset);
}

/**
 * struct cells - the values of a rule's ports under a mask
 * @n_sport: number of @sport
 * @n_dport: number of @dport
 * @sport: in the low bits
 * @dport: in the low bits
 */
struct cells {
	u32 n_sport;
	u32 n_dport;
	u16 sport[MAX_CELLS];
	u16 dport[MAX_CELLS];
};

/*
 * The table of rule number @i, and the cells in which it is, or FWLOAD_IMG_NO_MASK. The same for
 * every pass.
 */
static u32 table_of(const struct builder *w, u32 i, const struct fwload_key *key,
		    struct cells *cells)
{
	const struct fwload_img_mask *mask;
	u8 number = w->number[i];

	if (number == FWLOAD_IMG_NO_MASK)
		return FWLOAD_IMG_NO_MASK;
	mask = &w->plan->masks[number];
	if (!fwload_key_covers(key, mask))
		return FWLOAD_IMG_NO_MASK;
	cells->n_sport = fwload_key_cells(&key->sport, mask->sport, cells->sport, MAX_CELLS);
	cells->n_dport = fwload_key_cells(&key->dport, mask->dport, cells->dport, MAX_CELLS);
	if (!cells->n_sport || !cells->n_dport || cells->n_sport * cells->n_dport > MAX_CELLS)
		return FWLOAD_IMG_NO_MASK;
	return number;
}

/* The key of the rule with the ports of cell number @i. */
static void put_cell(const struct builder *w, struct fwload_key *key, u32 table,
		     const struct cells *cells, u32 i)
{
	const struct fwload_img_mask *mask = &w->plan->masks[table];
	u64 sport = (u64)cells->sport[i / cells->n_dport] << (16 - mask->sport);
	u64 dport = (u64)cells->dport[i % cells->n_dport] << (16 - mask->dport);
	u64 *word = &key->word[fwload_key_ports_word(w->family)];

	/* what all ports share, for the signature; the mask's bits of the cell */
	if (key->sport.n)
		sport |= key->sport.first[0] & (fwload_key_leading(key->fixed.sport) >> 48);
	if (key->dport.n)
		dport |= key->dport.first[0] & (fwload_key_leading(key->fixed.dport) >> 48);
	*word = (*word & 0xffffffff) | sport << 48 | dport << 32;
}

/* Pass 1: the number of entries of each table, at least; only masks with ports need the keys. */
static void count_entries(struct builder *w)
{
	struct fwload_index *ix = w->index;
	const struct fwload_img_mask *mask;
	u64 n[FWLOAD_MAX_MASKS] = { 0 };
	u32 i, offset = 0, table;
	struct fwload_key key;
	struct cells cells;

	for (i = 0; i < w->b->n_rules; i++) {
		const struct fwload_img_rule *rule = rule_at(w, offset);

		table = w->number[i];
		if (table != FWLOAD_IMG_NO_MASK) {
			mask = &w->plan->masks[table];
			cells.n_sport = 1;
			cells.n_dport = 1;
			if (mask->sport || mask->dport) {
				fwload_key_of_rule(rule, w->family, &key);
				table = table_of(w, i, &key, &cells);
			}
			if (table != FWLOAD_IMG_NO_MASK)
				n[table] += cells.n_sport * cells.n_dport;
		}
		offset += fwload_rule_size(rule);
		fwload_env_resched(rule, rule_at(w, offset));
	}
	for (i = 0; i < ix->n_tables; i++) {
		ix->tables[i].first = w->n_lines;
		ix->tables[i].n_lines = n[i] / PER_LINE + 1;
		w->n_lines += ix->tables[i].n_lines;
	}
}

/* Pass 2: the entries of each line, what the rules of a table share, and the list. */
static void count_lines(struct builder *w)
{
	struct fwload_index *ix = w->index;
	u64 fixed[FWLOAD_KEY_WORDS], bucket;
	u32 i, j, offset = 0, table;
	bool head = true;
	struct fwload_key key;
	struct cells cells;

	for (i = 0; i < w->b->n_rules; i++) {
		const struct fwload_img_rule *rule = rule_at(w, offset);
		struct fwload_index_table *t;

		fwload_key_of_rule(rule, w->family, &key);
		table = table_of(w, i, &key, &cells);
		offset += fwload_rule_size(rule);
		fwload_env_resched(rule, rule_at(w, offset));
		if (table == FWLOAD_IMG_NO_MASK) {
			if (head && i < MAX_HEAD) {
				ix->n_head = i + 1;
				ix->head_size = offset;
			} else {
				ix->n_list++;
			}
			continue;
		}
		head = false;
		t = &ix->tables[table];
		ix->all |= 1ULL << table;
		fwload_key_mask(&key.fixed, w->family, fixed);
		for (j = 0; j < w->n_words; j++)
			t->sig[j] &= fixed[j];
		for (j = 0; j < cells.n_sport * cells.n_dport; j++) {
			put_cell(w, &key, table, &cells, j);
			bucket = fwload_classify_bucket(ix, t, key.word, w->n_words);
			w->filled[fwload_classify_line(t, bucket)]++;
		}
	}
}

/* What the masks and signatures ask of a packet. */
static void finish_tables(struct builder *w)
{
	u32 ports = fwload_key_ports_word(w->family), ifaces = fwload_key_ifaces_word(w->family);
	struct fwload_index *ix = w->index;
	u32 i, j;

	for (i = 0; i < ix->n_tables; i++) {
		struct fwload_index_table *t = &ix->tables[i];

		if (!(ix->all & 1ULL << i))
			continue;
		for (j = 0; j < w->n_words; j++)
			t->sig[j] &= ~t->mask[j];
		if (t->mask[ports] >> 32)
			ix->open |= FWLOAD_KEY_PORTS;
		if (t->mask[ports] & 0xff)
			ix->open |= FWLOAD_KEY_PROTO;
		if (t->mask[ifaces] | t->sig[ifaces])
			ix->ifaces = true;
	}
	for (i = 0; i < w->n_lines; i++) {
		if (w->filled[i] > LINE_FULL)
			w->n_more += w->filled[i] - LINE_FULL + 1;
		fwload_env_resched(&w->filled[i], &w->filled[i + 1]);
	}
	while (ix->n_list > (u64)FWLOAD_INDEX_BLOCKS << ix->block_shift)
		ix->block_shift++;
	for (i = 0; (u64)i << ix->block_shift < ix->n_list; i++)
		ix->all |= 1ULL << (FWLOAD_MAX_MASKS + i);
}

/* Write the links to what does not fit into the lines. */
static void link_lines(struct builder *w)
{
	u64 more = w->n_lines * FWLOAD_LINE, rest;
	u32 i;

	for (i = 0; i < w->n_lines; i++) {
		if (w->filled[i] > LINE_FULL) {
			rest = w->filled[i] - LINE_FULL;
			w->entries[(u64)i * FWLOAD_LINE + LINE_FULL] = more << 32 | rest << 1;
			more += rest + 1;
		}
		w->filled[i] = 0;
		fwload_env_resched(&w->filled[i], &w->filled[i + 1]);
	}
}

static void add_entry(struct builder *w, u32 line, u64 entry)
{
	u64 *to = w->entries + (u64)line * FWLOAD_LINE;
	u32 n = w->filled[line]++;

	if (n < LINE_FULL)
		to[n] = entry;
	else
		w->entries[(to[LINE_FULL] >> 32) + n - LINE_FULL] = entry;
}

/* The glance ------------------------------------------------------------- */

static u32 n_values(const struct fwload_index *ix, u32 field)
{
	return 1U << (field == FWLOAD_GLANCE_PROTO ? 8 : ix->glance_bits);
}

static u32 n_all_values(const struct fwload_index *ix)
{
	return (__FWLOAD_GLANCE_MAX - 1) * n_values(ix, 0) + n_values(ix, FWLOAD_GLANCE_PROTO);
}

/* Where the values of @field begin in edge, which has one more for each field. */
static u32 first_edge(const struct fwload_index *ix, u32 field)
{
	return field * (n_values(ix, 0) + 1);
}

/* Rules behind @bit are of interest to the values from @first to @last. */
static void mark(struct builder *w, u32 field, u32 bit, u32 first, u32 last)
{
	u32 (*edge)[N_BITS] = w->edge + first_edge(w->index, field);

	edge[first][bit]++;
	edge[last + 1][bit]--;
}

/* @fixed leading bits of an address, whose window begins at bit @window. */
static void mark_addr(struct builder *w, const struct fwload_key *key, u32 field, u32 bit,
		      u32 window, u32 fixed)
{
	const struct fwload_index *ix = w->index;
	u32 last = n_values(ix, field) - 1, open, value;

	if (fixed <= window) {
		mark(w, field, bit, 0, last);
		return;
	}
	value = key->word[ix->word[field]] >> ix->shift[field] & last;
	open = window + ix->glance_bits > fixed ? window + ix->glance_bits - fixed : 0;
	open = (1U << open) - 1;
	mark(w, field, bit, value & ~open, value | open);
}

static void mark_ports(struct builder *w, const struct fwload_key_ports *ports, u32 field,
		       u32 bit, u32 window)
{
	u32 last = n_values(w->index, field) - 1, shift, i, from, to;

	if (!ports->n)
		mark(w, field, bit, 0, last);
	shift = 16 - window - w->index->glance_bits;
	for (i = 0; i < ports->n; i++) {
		from = ports->first[i] >> shift;
		to = ports->last[i] >> shift;
		if (to - from >= last) {
			mark(w, field, bit, 0, last);
			continue;
		}
		from &= last;
		to &= last;
		if (from <= to) {
			mark(w, field, bit, from, to);
		} else {
			mark(w, field, bit, from, last);
			mark(w, field, bit, 0, to);
		}
	}
}

static void mark_rule(struct builder *w, const struct fwload_key *key, u32 bit)
{
	u32 proto = key->word[fwload_key_ports_word(w->family)] & 0xff;

	mark_addr(w, key, FWLOAD_GLANCE_SRC, bit, w->plan->src_window, key->fixed.src);
	mark_addr(w, key, FWLOAD_GLANCE_DST, bit, w->plan->dst_window, key->fixed.dst);
	mark_ports(w, &key->sport, FWLOAD_GLANCE_SPORT, bit, w->plan->sport_window);
	mark_ports(w, &key->dport, FWLOAD_GLANCE_DPORT, bit, w->plan->dport_window);
	if (key->fixed.fields & FWLOAD_IMG_MASK_PROTO)
		mark(w, FWLOAD_GLANCE_PROTO, bit, proto, proto);
	else
		mark(w, FWLOAD_GLANCE_PROTO, bit, 0, 0xff);
}

/* How many bits a glance takes: enough to tell the rules apart, in memory in proportion. */
static u32 glance_bits(u32 n_rules)
{
	u32 bits = 4;

	while (bits < MAX_GLANCE && n_rules >> (bits + 1))
		bits++;
	return bits;
}

/* Where the @glance_bits bits from @window on are in an address's words of a key. */
static void place_addr(struct builder *w, u32 field, u32 window)
{
	struct fwload_index *ix = w->index;
	bool dst = field == FWLOAD_GLANCE_DST;

	if (w->family == FWLOAD_FAMILY_IPV4) {
		ix->word[field] = 0;
		ix->shift[field] = (dst ? 32 : 64) - window - ix->glance_bits;
	} else {
		ix->word[field] = (dst ? 2 : 0) + window / 64;
		ix->shift[field] = 64 - window % 64 - ix->glance_bits;
	}
}

static void place_glance(struct builder *w)
{
	const struct fwload_img_plan *plan = w->plan;
	struct fwload_index *ix = w->index;
	u32 ports = fwload_key_ports_word(w->family);

	ix->glance_bits = glance_bits(w->b->n_rules);
	place_addr(w, FWLOAD_GLANCE_SRC, plan->src_window);
	place_addr(w, FWLOAD_GLANCE_DST, plan->dst_window);
	ix->word[FWLOAD_GLANCE_SPORT] = ports;
	ix->shift[FWLOAD_GLANCE_SPORT] = 64 - plan->sport_window - ix->glance_bits;
	ix->word[FWLOAD_GLANCE_DPORT] = ports;
	ix->shift[FWLOAD_GLANCE_DPORT] = 48 - plan->dport_window - ix->glance_bits;
	ix->word[FWLOAD_GLANCE_PROTO] = ports;
}

/* Sum up the edges of @field: which bits have a rule for each value. */
static void write_glance(struct builder *w, u64 *values, u32 field)
{
	u32 (*edge)[N_BITS] = w->edge + first_edge(w->index, field);
	u32 n = n_values(w->index, field), sum[N_BITS] = { 0 }, i, bit;

	for (i = 0; i < n; i++) {
		for (bit = 0; bit < N_BITS; bit++) {
			sum[bit] += edge[i][bit];
			if (sum[bit])
				values[i] |= 1ULL << bit;
		}
		fwload_env_resched(&edge[i], &edge[i + 1]);
	}
}

/* Pass 3 ------------------------------------------------------------------ */

static void write_entries(struct builder *w)
{
	struct fwload_index *ix = w->index;
	u32 i, j, offset = 0, table, bit;
	struct fwload_key key;
	struct cells cells;

	for (i = 0; i < w->b->n_rules; i++) {
		const struct fwload_img_rule *rule = rule_at(w, offset);
		u64 entry = (u64)i << FWLOAD_ENTRY_NUMBER | FWLOAD_ENTRY_SET |
			    (u64)(offset / FWLOAD_IMG_ALIGN) << FWLOAD_ENTRY_OFFSET;

		offset += fwload_rule_size(rule);
		fwload_env_resched(rule, rule_at(w, offset));
		if (i < ix->n_head)
			continue;
		fwload_key_of_rule(rule, w->family, &key);
		table = table_of(w, i, &key, &cells);
		if (table == FWLOAD_IMG_NO_MASK) {
			bit = FWLOAD_MAX_MASKS + (w->n_list >> ix->block_shift);
			w->list[w->n_list++] = entry;
		} else {
			bit = table;
			for (j = 0; j < cells.n_sport * cells.n_dport; j++) {
				struct fwload_index_table *t = &ix->tables[table];
				u64 bucket;

				put_cell(w, &key, table, &cells, j);
				bucket = fwload_classify_bucket(ix, t, key.word, w->n_words);
				add_entry(w, fwload_classify_line(t, bucket), entry |
					  fwload_classify_sig(ix, t, key.word, w->n_words,
							      bucket));
			}
		}
		if (w->edge)
			mark_rule(w, &key, bit);
	}
}

/* Memory ------------------------------------------------------------------ */

static size_t header_size(u32 n_tables)
{
	return sizeof(struct fwload_index) + n_tables * sizeof(struct fwload_index_table);
}

/* The header as it is so far, the table of tables with it, and behind it all that it points at. */
static struct fwload_index *assemble(struct builder *w, struct fwload_index_memory *memory)
{
	const struct fwload_index *was = w->index;
	u64 head = (header_size(was->n_tables) + 63) & ~63ULL;
	u64 n_entries = w->n_lines * FWLOAD_LINE + w->n_more;
	u64 n_glance = w->edge ? n_all_values(was) : 0;
	u64 size = head + (n_entries + was->n_list + n_glance) * sizeof(u64);
	struct fwload_index *ix;

	ix = memory->alloc(memory, size);
	if (!ix)
		return NULL;
	memcpy(ix, was, header_size(was->n_tables));
	ix->size = size;
	w->entries = (u64 *)((u8 *)ix + head);
	w->list = w->entries + n_entries;
	ix->entries = w->entries;
	ix->list = w->list;
	if (n_glance)
		ix->glance = w->list + was->n_list;
	return ix;
}

static struct fwload_index *build(struct builder *w, struct fwload_index_memory *memory)
{
	size_t filled, edge = 0;
	struct fwload_index *ix = NULL;
	u64 *values;
	u32 field;

	count_entries(w);
	filled = w->n_lines * sizeof(*w->filled);
	w->filled = memory->alloc(memory, filled);
	if (!w->filled)
		return NULL;
	count_lines(w);
	finish_tables(w);
	/* worth a glance when there is more than one place to look at */
	if (w->index->all & (w->index->all - 1)) {
		place_glance(w);
		edge = (n_all_values(w->index) + __FWLOAD_GLANCE_MAX) * sizeof(*w->edge);
		w->edge = memory->alloc(memory, edge);
		if (!w->edge)
			goto out;
	}
	ix = assemble(w, memory);
	if (!ix)
		goto out;
	w->index = ix;
	link_lines(w);
	write_entries(w);
	values = w->list + ix->n_list;
	for (field = 0; w->edge && field < __FWLOAD_GLANCE_MAX; field++) {
		write_glance(w, values, field);
		values += n_values(ix, field);
	}
out:
	if (w->edge)
		memory->free(memory, w->edge, edge);
	memory->free(memory, w->filled, filled);
	return ix;
}

int fwload_index_build(const struct fwload_body *b, u8 family,
		       const u64 random[2][FWLOAD_KEY_WORDS],
		       struct fwload_index_memory *memory, struct fwload_index **index)
{
	struct builder w = {
		.b = b, .plan = b->plan, .family = family,
		.n_words = fwload_key_words(family),
		.number = (const u8 *)&b->plan->masks[b->plan->n_masks],
	};
	size_t size = header_size(b->plan->n_masks);
	struct fwload_index *draft = memory->alloc(memory, size);
	u32 i, j;

	if (!draft)
		return -ENOMEM;
	for (i = 0; i < FWLOAD_KEY_WORDS; i++) {
		draft->multiplier[0][i] = random[0][i] | 1;
		draft->multiplier[1][i] = random[1][i] | 1;
	}
	draft->n_tables = b->plan->n_masks;
	for (i = 0; i < draft->n_tables; i++) {
		fwload_key_mask(&b->plan->masks[i], family, draft->tables[i].mask);
		for (j = 0; j < w.n_words; j++)
			draft->tables[i].sig[j] = ~0ULL;
	}
	w.index = draft;
	*index = build(&w, memory);
	memory->free(memory, draft, size);
	return *index ? 0 : -ENOMEM;
}
