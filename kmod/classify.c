// SPDX-License-Identifier: GPL-2.0
/*
 * The index of a chain: which of its rules a packet can match.
 *
 * The rules that are alike in which bits of the header they demand share a table: a hash of
 * these bits of the packet's key finds the bucket with all rules of the table that demand
 * them, in ascending order, with a signature of what else these rules demand. What fits no
 * table is in a list. A glance at a few bits of each field says which tables and which
 * parts of the list have rules for the packet at all.
 *
 * A cursor goes through the buckets and the list side by side and yields the lowest rule
 * number, so that candidates come in the order of the rules, each once. A candidate is only
 * that: the match decides. So it does no harm when a bucket or a signature has rules for other
 * packets, and a rule may be wherever the packets that it matches find it.
 *
 * What must not happen is that a rule is missed that matches or has another effect on the
 * packet. A key holds for a packet whose transport header is there; for others, which such
 * rules drop, it is not known, and then the signature does not count, and if it is needed to
 * choose a bucket all rules are walked.
 *
 * For a packet that hits one of a million rules, the cache misses that wait for each other are
 * two: the line of the bucket, then the rule, and at the same time its counter.
 *
 * Tables for tuples: Srinivasan, Suri, Varghese, "Packet Classification using Tuple Space
 * Search", SIGCOMM 1999; few tables by merging them: Daly et al., "TupleMerge", ToN 2019. The
 * hash: Dietzfelbinger, "Universal hashing and k-wise independent random variables via
 * integer arithmetic without primes", STACS 1996.
 */
#include "eval.h"

/* The first of the @n entries at @from whose number is at least @min's. */
static const u64 *bisect(const u64 *from, u32 n, u64 min)
{
	u32 half;

	while (n) {
		half = n / 2;
		if (from[half] < min) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}

/*
 * From *@at on in a bucket, the first entry with the signature @want that is at least @min, or 0
 * at its end. *@at is where it stands.
 */
static __always_inline u64 settle(const struct fwload_index *ix, const u64 **at, u32 want,
				  u32 care, u64 min)
{
	const u64 *p = *at;
	u64 entry;

	for (;; p++) {
		entry = *p;
		if (unlikely(!(entry & FWLOAD_ENTRY_SET))) {
			if (!entry)
				return 0;
			p = bisect(ix->entries + (entry >> 32), (u32)entry >> 1, min);
			entry = *p;
			if (!entry)
				return 0;
		}
		if (!(((u32)entry ^ want) & care) && entry >= min)
			break;
	}
	*at = p;
	return entry;
}

/* The same for the list, from place @i on, over the blocks that count. */
static u64 settle_list(const struct fwload_index *ix, struct fwload_cursor *cur, u32 i)
{
	u32 blocks;

	if (i >= ix->n_list)
		return 0;
	blocks = cur->blocks >> (i >> ix->block_shift);
	if (!blocks)
		return 0;
	if (!(blocks & 1))
		i = ((i >> ix->block_shift) + __builtin_ctz(blocks)) << ix->block_shift;
	cur->list = i;
	return ix->list[i];
}

static __always_inline u64 glance(const struct fwload_index *ix, const u64 *key, u32 field)
{
	u32 values = 1U << ix->glance_bits, mask = values - 1;

	if (field == FWLOAD_GLANCE_PROTO)
		mask = 0xff;
	return ix->glance[field * values + (key[ix->word[field]] >> ix->shift[field] & mask)];
}

/* The tables, and above them the blocks of the list, that have rules for the packet. */
static u64 find_live(const struct fwload_index *ix, const u64 *key, u32 unknown)
{
	u64 live;

	if (!ix->glance)
		return ix->all;
	live = glance(ix, key, FWLOAD_GLANCE_SRC) & glance(ix, key, FWLOAD_GLANCE_DST);
	if (!(unknown & FWLOAD_KEY_PORTS))
		live &= glance(ix, key, FWLOAD_GLANCE_SPORT) &
			glance(ix, key, FWLOAD_GLANCE_DPORT);
	if (!(unknown & FWLOAD_KEY_PROTO))
		live &= glance(ix, key, FWLOAD_GLANCE_PROTO);
	return live;
}

/* Look into the buckets of the tables in @live. */
static __always_inline void probe(const struct fwload_index *ix, struct fwload_cursor *cur,
				  u32 live, u32 n_words, u64 min)
{
	const struct fwload_index_table *t;
	const u64 *at[FWLOAD_MAX_MASKS] __uninitialized;
	u32 i, n = 0;
	u64 bucket;

	for (; live; live &= live - 1) {
		t = &ix->tables[__builtin_ctz(live)];
		bucket = fwload_classify_bucket(ix, t, cur->key, n_words);
		at[n] = ix->entries + (u64)fwload_classify_line(t, bucket) * FWLOAD_LINE;
		fwload_env_prefetch(at[n]);
		cur->want[n++] = fwload_classify_sig(ix, t, cur->key, n_words, bucket);
		fwload_env_count_probe();
	}
	cur->n = 0;
	for (i = 0; i < n; i++) {
		u64 entry = settle(ix, &at[i], cur->want[i], cur->care, min);

		if (!entry)
			continue;
		cur->want[cur->n] = cur->want[i];
		cur->at[cur->n] = at[i];
		cur->entry[cur->n++] = entry;
	}
}

static bool start(struct fwload_cursor *cur, const struct fwload_code *code, u32 from,
		  const struct fwload_pkt *pkt)
{
	const struct fwload_index *ix = code->index;
	u64 min = (u64)from << FWLOAD_ENTRY_NUMBER, live;

	fwload_classify_know(cur, pkt, ix->ifaces);
	if (unlikely(cur->unknown & ix->open))
		return false;
	cur->care = unlikely(cur->unknown) ? 0 : FWLOAD_ENTRY_SIG;
	cur->code = code;
	cur->from = from;
	live = find_live(ix, cur->key, cur->unknown);
	if (pkt->family == FWLOAD_FAMILY_IPV4)
		probe(ix, cur, live, 3, min);
	else
		probe(ix, cur, live, 6, min);
	cur->blocks = live >> FWLOAD_MAX_MASKS;
	cur->list_entry = 0;
	if (cur->blocks)
		cur->list_entry = settle_list(ix, cur, from ?
					      bisect(ix->list, ix->n_list, min) - ix->list : 0);
	return true;
}

bool fwload_classify_start(struct fwload_cursor *cur, const struct fwload_code *code, u32 from,
			   const struct fwload_pkt *pkt)
{
	if (cur->code == code && cur->from == from)
		return true;
	return start(cur, code, from, pkt);
}

bool fwload_classify_next(struct fwload_cursor *cur, struct fwload_place *at)
{
	const struct fwload_index *ix = cur->code->index;
	u64 entry = cur->list_entry ? cur->list_entry : ~0ULL;
	u32 i, lowest = cur->n;

	for (i = 0; i < cur->n; i++) {
		if (cur->entry[i] < entry) {
			entry = cur->entry[i];
			lowest = i;
		}
	}
	if (entry == ~0ULL)
		return false;
	fwload_env_count_candidate();
	at->index = entry >> FWLOAD_ENTRY_NUMBER;
	at->rule = (const void *)(cur->code->rules +
				  (entry >> FWLOAD_ENTRY_OFFSET & 0x7ffffff) *
				  FWLOAD_IMG_ALIGN);
	cur->from = at->index + 1;
	if (lowest == cur->n) {
		cur->list_entry = settle_list(ix, cur, cur->list + 1);
		return true;
	}
	cur->at[lowest]++;
	cur->entry[lowest] = settle(ix, &cur->at[lowest], cur->want[lowest], cur->care,
				    (u64)cur->from << FWLOAD_ENTRY_NUMBER);
	if (!cur->entry[lowest]) {
		cur->n--;
		cur->entry[lowest] = cur->entry[cur->n];
		cur->at[lowest] = cur->at[cur->n];
		cur->want[lowest] = cur->want[cur->n];
	}
	return true;
}

void fwload_classify_recheck(struct fwload_cursor *cur, const struct fwload_pkt *pkt)
{
	size_t size = fwload_key_words(pkt->family) * sizeof(cur->key[0]);
	u64 key[FWLOAD_KEY_WORDS] __uninitialized;
	u32 unknown;

	if (cur->known == FWLOAD_KNOWN_NOTHING)
		return;
	unknown = fwload_key_of_packet(pkt, cur->known == FWLOAD_KNOWN_ALL, key);
	if (unknown == cur->unknown && !memcmp(key, cur->key, size))
		return;
	cur->code = NULL;
	cur->unknown = unknown;
	memcpy(cur->key, key, size);
}
