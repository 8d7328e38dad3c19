/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_CLASSIFY_H
#define FWLOAD_CLASSIFY_H

#include "key.h"

/*
 * An entry stands for a rule in the index:
 *
 *	63..40	number of the rule
 *	39..13	its offset in the rules, in units of 8 bytes
 *	12..1	signature: a hash of what its table's rules demand
 *	0	set
 *
 * so that entries are in the order of the rules when their numbers are. Zero ends a
 * bucket. A bucket that has more entries than a line has room for has a link in its last
 * place, which is not zero and has bit 0 clear: the rest begins at entry number (link >> 32),
 * stands in one piece of (link >> 1 & 0x7fffffff) entries, and ends with zero, too.
 */
#define FWLOAD_ENTRY_NUMBER	40
#define FWLOAD_ENTRY_OFFSET	13
#define FWLOAD_ENTRY_SIG	0x1ffeULL
#define FWLOAD_ENTRY_SET	1ULL

#define FWLOAD_LINE		8	/* entries: a line of the cache */

/* Bits of what may match: tables below, blocks of the list above. */
#define FWLOAD_INDEX_BLOCKS	32

/**
 * struct fwload_index_table - the rules that are found by one mask
 * @mask: the bits of a key that choose the bucket
 * @sig: the bits beyond these that all its rules demand: they go into the signature
 * @first: its first line
 * @n_lines: number of its buckets, which begin with a line each
 */
struct fwload_index_table {
	u64 mask[FWLOAD_KEY_WORDS];
	u64 sig[FWLOAD_KEY_WORDS];
	u32 first;
	u32 n_lines;
};

enum fwload_glance {
	FWLOAD_GLANCE_SRC,
	FWLOAD_GLANCE_DST,
	FWLOAD_GLANCE_SPORT,
	FWLOAD_GLANCE_DPORT,
	FWLOAD_GLANCE_PROTO,
	__FWLOAD_GLANCE_MAX
};

/**
 * struct fwload_index - finds the rules of a chain that a packet can match
 * @multiplier: of the hash, odd numbers at random: for the bucket, for the signature
 * @entries: lines of the buckets, then what did not fit into them
 * @list: the rules that are in no table, in ascending order
 * @glance: for each value of some bits of a field, which tables and blocks of the list have
 *	rules for it, fields one after another; NULL when a glance would not save anything
 * @all: the bits of all tables and blocks
 * @shift: where the bits of a glance begin in their word of the key
 * @word: in which word they are
 * @glance_bits: how many, but for the protocol's 8
 * @open: FWLOAD_KEY_* of the fields that have bits in the mask of a table
 * @ifaces: a mask or a signature has interfaces
 * @block_shift: the list's blocks have 1 << @block_shift entries
 * @n_list: entries of the list
 * @n_tables: number of @tables
 * @n_head: the rules before this number are in neither: they are walked first
 * @head_size: bytes of these rules
 * @size: bytes of the index and of all that it points at, which are one piece of memory
 * @tables: the tables
 *
 * Immutable.
 */
struct fwload_index {
	u64 multiplier[2][FWLOAD_KEY_WORDS];
	const u64 *entries;
	const u64 *list;
	const u64 *glance;
	u64 all;
	u8 shift[__FWLOAD_GLANCE_MAX];
	u8 word[__FWLOAD_GLANCE_MAX];
	u8 glance_bits;
	u8 open;
	bool ifaces;
	u8 block_shift;
	u32 n_list;
	u32 n_tables;
	u32 n_head;
	u32 head_size;
	size_t size;
	struct fwload_index_table tables[];
};

/**
 * struct fwload_screen - what the rules of a chain demand of a packet's key
 * @size: bytes
 * @words: for each rule the words that it wants, of a key but for the interfaces, and as many
 *	that say which of their bits it cares for. The word with the ports has bits to spare: in
 *	what is wanted FWLOAD_SCREEN_WHOLE says that the rule demands nothing else, so that a
 *	packet that passes matches unless it is a later fragment; the bits from
 *	FWLOAD_SCREEN_OFFSET to 31 are the rule's offset in units of 8 bytes
 *
 * Immutable.
 */
struct fwload_screen {
	size_t size;
	u64 words[];
};

#define FWLOAD_SCREEN_WHOLE	0x100ULL
#define FWLOAD_SCREEN_OFFSET	9
#define FWLOAD_SCREEN_MAX	(FWLOAD_IMG_ALIGN << 23)	/* bytes of rules */

static inline u32 fwload_screen_offset(u64 ports)
{
	return ((u32)ports >> FWLOAD_SCREEN_OFFSET) * FWLOAD_IMG_ALIGN;
}

/* What a cursor knows of the packet's key. */
enum fwload_known {
	FWLOAD_KNOWN_NOTHING,
	FWLOAD_KNOWN_HEADER,	/* all but the interfaces */
	FWLOAD_KNOWN_ALL,
};

/**
 * struct fwload_cursor - a traversal's place in the index of a chain
 * @code: the chain; NULL: the rest does not hold
 * @from: the rules from this number on have not been given out yet
 * @known: what @key has, enum fwload_known
 * @unknown: FWLOAD_KEY_* of what cannot be known of the packet
 * @n: tables that have an entry left
 * @care: the bits of an entry's signature that count
 * @blocks: the list's blocks that the packet may match
 * @list: place in the list
 * @list_entry: the entry there, 0 at its end
 * @key: of the packet
 * @at: place in each of the @n tables
 * @entry: the entry there
 * @want: the signature there
 */
struct fwload_cursor {
	const struct fwload_code *code;
	u32 from;
	u32 known;
	u32 unknown;
	u32 n;
	u32 care;
	u32 blocks;
	u32 list;
	u64 list_entry;
	u64 key[FWLOAD_KEY_WORDS];
	const u64 *at[FWLOAD_MAX_MASKS];
	u64 entry[FWLOAD_MAX_MASKS];
	u16 want[FWLOAD_MAX_MASKS];
};

/*
 * The candidates of a packet are those rules of a chain that it can match: no other rule matches
 * it or has any effect on it. They come in the order of the rules.
 *
 * All functions: BH disabled; @code has an index.
 */

/*
 * Have @cur yield the candidates of @code from rule number @from on. False: the packet lacks what
 * they are looked up by, and every rule is a candidate.
 */
bool fwload_classify_start(struct fwload_cursor *cur, const struct fwload_code *code, u32 from,
			   const struct fwload_pkt *pkt);

/* The next candidate. False after the last. */
bool fwload_classify_next(struct fwload_cursor *cur, struct fwload_place *at);

/* Have the key of @pkt in @cur, with the interfaces if @ifaces. */
static inline void fwload_classify_know(struct fwload_cursor *cur, const struct fwload_pkt *pkt,
					bool ifaces)
{
	u32 want = ifaces ? FWLOAD_KNOWN_ALL : FWLOAD_KNOWN_HEADER;

	if (cur->known >= want)
		return;
	cur->unknown = fwload_key_of_packet(pkt, ifaces, cur->key);
	cur->known = want;
}

/* The packet may have been changed: know its key anew, and forget a place that does not hold. */
void fwload_classify_recheck(struct fwload_cursor *cur, const struct fwload_pkt *pkt);

/* The hash of a key: one for the bucket, and one for the signature. */
static inline u64 fwload_classify_bucket(const struct fwload_index *ix,
					 const struct fwload_index_table *t, const u64 *key,
					 u32 n_words)
{
	u64 hash = 0;
	u32 i;

	for (i = 0; i < n_words; i++)
		hash += (key[i] & t->mask[i]) * ix->multiplier[0][i];
	return hash;
}

static inline u32 fwload_classify_line(const struct fwload_index_table *t, u64 bucket)
{
	return t->first + (u32)((bucket >> 32) * t->n_lines >> 32);
}

/* In its place in an entry. */
static inline u32 fwload_classify_sig(const struct fwload_index *ix,
				      const struct fwload_index_table *t, const u64 *key,
				      u32 n_words, u64 bucket)
{
	u64 hash = bucket;
	u32 i;

	for (i = 0; i < n_words; i++)
		hash += (key[i] & t->sig[i]) * ix->multiplier[1][i];
	return (hash * 0x9e3779b97f4a7c15ULL) >> 51 & FWLOAD_ENTRY_SIG;
}

#endif /* FWLOAD_CLASSIFY_H */
