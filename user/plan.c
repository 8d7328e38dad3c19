// SPDX-License-Identifier: GPL-2.0
/*
 * The plan of a chain's index: by which bits of a packet each rule is to be found.
 *
 * A rule can be found by any mask whose bits it demands. Few masks are wanted, since each costs a
 * look at every packet, and buckets of few rules. So masks are chosen greedily: of all
 * candidates the one that puts most of the rules left into buckets of at most BUCKET rules;
 * the rules that it serves are given to it, and it goes on with the rest, until no mask serves
 * enough of them. Candidates are judged by a sample, and buckets counted exactly only where
 * the sample says that some are too full. What is left goes to a mask that it fits although
 * the bucket is overfull: that is better than the list, which has no buckets at all.
 *
 * Ports stand in a mask only where addresses do not tell rules apart: a packet whose ports
 * cannot be read could not be looked up by them. Where all rules of a mask demand them they are in
 * the signatures anyway, as are protocol and interfaces.
 *
 * Merging tuples into few tables: Daly et al., "TupleMerge: Fast Software Packet Processing for
 * Online Packet Classification", ToN 2019; here the whole rule set is known, so masks
 * are chosen by how many rules they serve.
 */
#include <stdlib.h>
#include <string.h>

#include "../kmod/key.h"
#include "plan.h"

#define PLAN_MIN	48	/* rules: shorter chains are walked as fast */
#define SAMPLE		2048	/* rules */
#define ROUGH		256	/* rules of the sample for a first judgement */
#define BUCKET		24	/* rules */
#define SERVE_MIN	8	/* rules that are worth a mask */
#define MAX_CANDIDATES	1024
#define FINALISTS	12
#define MAX_CELLS	16	/* as in index.c */
#define GLANCE		12	/* bits of a window */

/* Prefix lengths of candidates. */
static const u8 grid4[] = { 0, 8, 12, 16, 18, 20, 22, 24, 26, 28, 29, 30, 31, 32 };
static const u8 grid6[] = { 0, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 120, 124, 128 };
#define N_GRID		ARRAY_SIZE(grid4)

/**
 * struct planner - a plan on its way
 * @c: the chain
 * @family: of its table
 * @offset: of each rule
 * @left: the numbers of the rules that have no mask yet
 * @n_left: length of @left
 * @sample: keys of some of these
 * @n_sample: length of @sample
 * @plan: the masks so far
 * @masks: room for those of @plan
 * @number: for each rule its mask
 * @slots: a hash table for counting buckets
 * @n_slots: its length, a power of two
 * @stamp: which entries of @slots are of now
 */
struct planner {
	const struct chain *c;
	u8 family;
	u32 *offset;
	u32 *left;
	u32 n_left;
	struct fwload_key *sample;
	u32 n_sample;
	struct fwload_img_plan plan;
	struct fwload_img_mask masks[FWLOAD_MAX_MASKS];
	u8 *number;
	struct slot *slots;
	u32 n_slots;
	u32 stamp;
};

/**
 * struct slot - a bucket that is counted
 * @hash: of its key
 * @stamp: see struct planner
 * @count: rules in it
 */
struct slot {
	u64 hash;
	u32 stamp;
	u32 count;
};

static void *get_memory(size_t n, size_t size)
{
	struct buf b = { 0 };

	/* one that is freed by free(); ends the process without memory */
	return buf_add(&b, NULL, n ? n * size : 1);
}

static void key_of(const struct planner *p, u32 rule, struct fwload_key *key)
{
	fwload_key_of_rule((const void *)(p->c->rules.data + p->offset[rule]), p->family, key);
}

/* Can index.c find the rule with @key by @mask? */
static bool serves(const struct fwload_key *key, const struct fwload_img_mask *mask)
{
	u16 cell[MAX_CELLS];
	u32 sports, dports;

	if (!fwload_key_covers(key, mask))
		return false;
	if (key->sport.n <= 1 && mask->sport <= key->fixed.sport &&
	    key->dport.n <= 1 && mask->dport <= key->fixed.dport)
		return true;
	sports = fwload_key_cells(&key->sport, mask->sport, cell, MAX_CELLS);
	dports = fwload_key_cells(&key->dport, mask->dport, cell, MAX_CELLS);
	return sports && dports && sports * dports <= MAX_CELLS;
}

/* A hash of the bits of @key that @words has; of a rule with several ports, of the first. */
static u64 hash_key(const struct planner *p, const struct fwload_key *key, const u64 *words)
{
	u32 n = fwload_key_words(p->family), i;
	u64 hash = 0, want;

	for (i = 0; i < n; i++) {
		want = fwload_key_want(key, p->family, i) & words[i];
		hash = (hash ^ want) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	return hash;
}

static struct slot *find_slot(struct planner *p, u64 hash)
{
	u32 i = hash & (p->n_slots - 1);

	while (p->slots[i].stamp == p->stamp && p->slots[i].hash != hash)
		i = (i + 1) & (p->n_slots - 1);
	if (p->slots[i].stamp != p->stamp)
		p->slots[i] = (struct slot){ .hash = hash, .stamp = p->stamp };
	return &p->slots[i];
}

/* Have room for @n buckets, all of them empty. */
static void reset_slots(struct planner *p, u32 n)
{
	u32 want = 64;

	while (want < 2 * n)
		want *= 2;
	if (want > p->n_slots) {
		free(p->slots);
		p->slots = get_memory(want, sizeof(*p->slots));
		p->n_slots = want;
		p->stamp = 0;
	}
	p->stamp++;
}

/*
 * How well @mask serves the first @n of the sample, in 1/256 rules: one that shares its bucket
 * with more than there should be counts as the part of it that there should be.
 */
static u64 judge(struct planner *p, const struct fwload_img_mask *mask, u32 n)
{
	/* what BUCKET of all rules left are in the sample */
	u64 limit = (u64)BUCKET * n * 256 / p->n_left, score = 0;
	u32 where[SAMPLE] = { 0 }, count;
	u64 words[FWLOAD_KEY_WORDS];
	u32 i, found = 0;

	if (limit < 256)
		limit = 256;
	fwload_key_mask(mask, p->family, words);
	reset_slots(p, n);
	for (i = 0; i < n; i++) {
		if (!serves(&p->sample[i], mask))
			continue;
		where[found] = find_slot(p, hash_key(p, &p->sample[i], words)) - p->slots;
		p->slots[where[found++]].count++;
	}
	for (i = 0; i < found; i++) {
		count = p->slots[where[i]].count;
		score += count * 256ULL <= limit ? 256 : limit / count;
	}
	return score;
}

/* Take the sample evenly from the rules that are left. */
static void take_sample(struct planner *p)
{
	u64 seed = 1;
	u32 i, j;

	p->n_sample = p->n_left < SAMPLE ? p->n_left : SAMPLE;
	for (i = 0; i < p->n_sample; i++)
		key_of(p, p->left[(u64)i * p->n_left / p->n_sample], &p->sample[i]);
	/* so that the first of them are a sample, too */
	for (i = p->n_sample; i > 1; i--) {
		struct fwload_key swap = p->sample[i - 1];

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		j = (seed >> 33) % i;
		p->sample[i - 1] = p->sample[j];
		p->sample[j] = swap;
	}
}

/* The places in the grid of the lengths that rules of the sample have; any shorter may do. */
static u32 grid_places(const struct planner *p, bool dst)
{
	const u8 *grid = p->family == FWLOAD_FAMILY_IPV4 ? grid4 : grid6;
	u32 places = 1, i, j, bits, longest = 0;

	for (i = 0; i < p->n_sample; i++) {
		bits = dst ? p->sample[i].fixed.dst : p->sample[i].fixed.src;
		for (j = N_GRID - 1; grid[j] > bits; j--)
			;
		places |= 1U << j;
		longest = j > longest ? j : longest;
	}
	return p->n_sample > ROUGH ? (2U << longest) - 1 : places;
}

/* The leading bits of ports that are worth trying: bit n for n bits. */
static u32 port_choices(const struct planner *p, bool dst)
{
	u32 choices = 1, i;

	for (i = 0; i < p->n_sample; i++) {
		const struct fwload_key_ports *ports = dst ? &p->sample[i].dport :
							     &p->sample[i].sport;

		if (ports->n)
			choices |= 1U << 16;
		if (ports->n == 1 && ports->first[0] != ports->last[0])
			choices |= 1U << 12 | 1U << 8 | 1U << 4;
	}
	return choices;
}

/**
 * struct candidate - a mask and how well it serves
 * @mask: the mask
 * @score: see judge()
 */
struct candidate {
	struct fwload_img_mask mask;
	u64 score;
};

/* Masks of interfaces alone, then addresses and ports, those with fewer ports first. */
static u32 list_candidates(const struct planner *p, struct candidate *list)
{
	const u8 *grid = p->family == FWLOAD_FAMILY_IPV4 ? grid4 : grid6;
	u32 src = grid_places(p, false), dst = grid_places(p, true);
	u32 sports = port_choices(p, false), dports = port_choices(p, true);
	u32 n = 0, fields = 0, sport, dport, i, j;

	for (i = 0; i < p->n_sample; i++)
		fields |= p->sample[i].fixed.fields;
	for (sport = 0; sport <= 16; sport++) {
		if (!(sports & 1U << sport))
			continue;
		for (dport = 0; dport <= 16; dport++) {
			if (!(dports & 1U << dport))
				continue;
			for (i = N_GRID; i--;) {
				for (j = N_GRID; j--;) {
					if (!(src & 1U << i) || !(dst & 1U << j) ||
					    !(grid[i] | grid[j] | sport | dport) ||
					    n == MAX_CANDIDATES)
						continue;
					list[n++].mask = (struct fwload_img_mask){
						.src = grid[i], .dst = grid[j],
						.sport = sport, .dport = dport,
					};
				}
			}
		}
	}
	for (i = 1; i < 4 && n < MAX_CANDIDATES; i++) {
		u8 ifaces = (i & 1 ? FWLOAD_IMG_MASK_IN : 0) | (i & 2 ? FWLOAD_IMG_MASK_OUT : 0);

		if (!(ifaces & ~fields))
			list[n++].mask = (struct fwload_img_mask){ .fields = ifaces };
	}
	return n;
}

/* The first candidate with the highest score, or @n when all have none. */
static u32 highest(const struct candidate *list, u32 n)
{
	u32 best = n, i;

	for (i = 0; i < n; i++)
		if (list[i].score && (best == n || list[i].score > list[best].score))
			best = i;
	return best;
}

/* The best mask for the sample. Returns its score; the first of equals wins, or nearly equals. */
static u64 choose(struct planner *p, struct fwload_img_mask *mask)
{
	u32 rough = p->n_sample < ROUGH ? p->n_sample : ROUGH;
	/* if the first judgement is of the whole sample, there is no other */
	u32 finalists = p->n_sample > rough ? FINALISTS : 1;
	struct candidate list[MAX_CANDIDATES];
	u32 n = list_candidates(p, list), i;
	u64 score = 0, exact;

	for (i = 0; i < n; i++)
		list[i].score = judge(p, &list[i].mask, rough);
	while (finalists-- && (i = highest(list, n)) < n) {
		list[i].score = 0;
		exact = judge(p, &list[i].mask, p->n_sample);
		/* more ports have to earn their place */
		if (exact > score + score / 64) {
			score = exact;
			*mask = list[i].mask;
		}
	}
	return score;
}

/* Does the sample say that every rule left is served, each in a bucket of its own? */
static bool serves_all(struct planner *p, const struct fwload_img_mask *mask)
{
	u32 i;

	if (judge(p, mask, p->n_sample) < 256ULL * p->n_sample)
		return false;
	for (i = 0; i < p->n_sample; i++)
		if (!serves(&p->sample[i], mask))
			return false;
	return true;
}

/* Give @mask, number @number, the rules left that it serves well. Returns how many. */
static u32 assign(struct planner *p, const struct fwload_img_mask *mask, u8 number)
{
	bool all = serves_all(p, mask);
	u32 i, n = 0, served = 0;
	struct fwload_key key;
	u64 words[FWLOAD_KEY_WORDS];
	u64 *hash = NULL;

	fwload_key_mask(mask, p->family, words);
	if (!all) {
		hash = get_memory(p->n_left, sizeof(*hash));
		reset_slots(p, p->n_left);
		for (i = 0; i < p->n_left; i++) {
			key_of(p, p->left[i], &key);
			if (!serves(&key, mask))
				continue;
			/* 0 for a rule that it does not serve */
			hash[i] = hash_key(p, &key, words) | 1;
			find_slot(p, hash[i])->count++;
		}
	}
	for (i = 0; i < p->n_left; i++) {
		bool take = hash && hash[i] && find_slot(p, hash[i])->count <= BUCKET;

		if (all) {
			key_of(p, p->left[i], &key);
			take = serves(&key, mask);
		}
		if (take)
			p->number[p->left[i]] = number;
		else
			p->left[n++] = p->left[i];
		served += take;
	}
	p->n_left = n;
	free(hash);
	return served;
}

/* What no mask serves well goes to the mask with the most bits that it fits at all. */
static void assign_rest(struct planner *p)
{
	u32 i, j, best, bits, most;
	struct fwload_key key;

	for (i = 0; i < p->n_left; i++) {
		key_of(p, p->left[i], &key);
		best = FWLOAD_IMG_NO_MASK;
		most = 0;
		for (j = 0; j < p->plan.n_masks; j++) {
			bits = p->masks[j].src + p->masks[j].dst + p->masks[j].sport +
			       p->masks[j].dport + !!p->masks[j].fields;
			if (bits > most && serves(&key, &p->masks[j])) {
				most = bits;
				best = j;
			}
		}
		p->number[p->left[i]] = best;
	}
}

/* Windows ------------------------------------------------------------------ */

/* In how many of 4096 values the bits from @first on fall, of an address in the sample. */
static u32 count_values(struct planner *p, bool dst, u32 first)
{
	u32 i, n = 0, bits, word, shift;

	reset_slots(p, p->n_sample);
	for (i = 0; i < p->n_sample; i++) {
		const struct fwload_key *key = &p->sample[i];
		struct slot *slot;

		bits = dst ? key->fixed.dst : key->fixed.src;
		if (bits < first + GLANCE)
			continue;
		word = p->family == FWLOAD_FAMILY_IPV4 ? 0 : (dst ? 2 : 0) + first / 64;
		shift = p->family == FWLOAD_FAMILY_IPV4 ? (dst ? 20 : 52) - first :
							  52 - first % 64;
		slot = find_slot(p, (key->word[word] >> shift & 0xfff) *
				    0x9e3779b97f4a7c15ULL);
		n += !slot->count++;
	}
	return n;
}

static u8 choose_window(struct planner *p, bool dst)
{
	u32 first, n, most = 0;
	u8 window = 0;

	for (first = 0; first <= (p->family == FWLOAD_FAMILY_IPV4 ? 20 : 116); first += 4) {
		if (first > 52 && first < 64)
			continue;
		n = count_values(p, dst, first);
		/* a later one has to tell more */
		if (n > most + most / 4) {
			most = n;
			window = first;
		}
	}
	return window;
}

/* The first bits of ports tell ranges apart, the last ones ports. */
static u8 choose_port_window(const struct planner *p, bool dst)
{
	return port_choices(p, dst) & 1U << 12 ? 0 : 4;
}

static void choose_windows(struct planner *p)
{
	u32 i;

	for (i = 0; i < p->c->n_rules; i++)
		p->left[i] = i;
	p->n_left = p->c->n_rules;
	take_sample(p);
	p->plan.src_window = choose_window(p, false);
	p->plan.dst_window = choose_window(p, true);
	p->plan.sport_window = choose_port_window(p, false);
	p->plan.dport_window = choose_port_window(p, true);
}

/* ------------------------------------------------------------------------ */

static void begin(struct planner *p)
{
	u32 i, offset = 0;

	p->offset = get_memory(p->c->n_rules, sizeof(*p->offset));
	p->left = get_memory(p->c->n_rules, sizeof(*p->left));
	p->number = get_memory(p->c->n_rules, sizeof(*p->number));
	p->sample = get_memory(p->c->n_rules < SAMPLE ? p->c->n_rules : SAMPLE,
			       sizeof(*p->sample));
	memset(p->number, FWLOAD_IMG_NO_MASK, p->c->n_rules);
	for (i = 0; i < p->c->n_rules; i++) {
		const struct fwload_img_rule *rule = (const void *)(p->c->rules.data + offset);

		p->offset[i] = offset;
		p->left[i] = i;
		offset += le16_to_cpu(rule->size) * FWLOAD_IMG_ALIGN;
	}
	p->n_left = p->c->n_rules;
}

static void choose_masks(struct planner *p)
{
	struct fwload_img_mask mask = { 0 };
	u32 served;
	u64 score;

	while (p->n_left >= SERVE_MIN && p->plan.n_masks < FWLOAD_MAX_MASKS) {
		take_sample(p);
		score = choose(p, &mask);
		/* of all rules left */
		if (score * p->n_left / p->n_sample < 256ULL * SERVE_MIN)
			break;
		p->masks[p->plan.n_masks] = mask;
		served = assign(p, &mask, p->plan.n_masks);
		p->plan.n_masks++;
		/* what it puts into overfull buckets may be all there is: no mask is better */
		if (served < SERVE_MIN)
			break;
	}
	assign_rest(p);
}

void plan_chain(struct chain *c, u8 family)
{
	struct planner p = { .c = c, .family = family };
	size_t end;

	c->plan.size = 0;
	if (c->n_rules < PLAN_MIN)
		return;
	begin(&p);
	choose_masks(&p);
	if (p.plan.n_masks) {
		choose_windows(&p);
		buf_add(&c->plan, &p.plan, sizeof(p.plan));
		buf_add(&c->plan, p.masks, p.plan.n_masks * sizeof(p.masks[0]));
		buf_add(&c->plan, p.number, c->n_rules);
		end = (c->plan.size + 7) & ~(size_t)7;
		buf_add(&c->plan, NULL, end - c->plan.size);
	}
	free(p.offset);
	free(p.left);
	free(p.number);
	free(p.sample);
	free(p.slots);
}
