// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of addresses: see addrs.h. Both families are numbers of 128 bits here, so that
 * there is one way to sort, merge and search them.
 */
#include "addrs.h"

static inline bool below(const struct fwload_addr *a, const struct fwload_addr *b)
{
	return a->high != b->high ? a->high < b->high : a->low < b->low;
}

struct fwload_addr fwload_addrs_number(u8 family, const __be32 *addr)
{
	struct fwload_addr a = { .low = be32_to_cpu(addr[0]) };

	if (family == FWLOAD_FAMILY_IPV4)
		return a;
	a.high = a.low << 32 | be32_to_cpu(addr[1]);
	a.low = (u64)be32_to_cpu(addr[2]) << 32 | be32_to_cpu(addr[3]);
	return a;
}

/* @n ones, 0 to 64 of them, at the lower end. */
static u64 ones(u32 n)
{
	return n ? ~0ULL >> (64 - n) : 0;
}

struct fwload_addr_range fwload_addrs_network(u8 family, const __be32 *addr, u32 prefix)
{
	u32 host = (family == FWLOAD_FAMILY_IPV4 ? 32 : 128) - prefix;
	u64 low = ones(host < 64 ? host : 64), high = ones(host < 64 ? 0 : host - 64);
	struct fwload_addr_range r;

	r.first = fwload_addrs_number(family, addr);
	r.first.high &= ~high;
	r.first.low &= ~low;
	r.last.high = r.first.high | high;
	r.last.low = r.first.low | low;
	return r;
}

static int by_first(const void *a, const void *b)
{
	const struct fwload_addr_range *x = a, *y = b;

	return below(&y->first, &x->first) - below(&x->first, &y->first);
}

/* Does @next, which does not begin before @r, overlap with it or follow it at once? */
static bool joins(const struct fwload_addr_range *r, const struct fwload_addr_range *next)
{
	struct fwload_addr after = { .high = r->last.high, .low = r->last.low + 1 };

	if (!after.low && !++after.high)
		return true;		/* behind the last address of all */
	return !below(&after, &next->first);
}

u32 fwload_addrs_merge(struct fwload_addr_range *range, u32 n)
{
	u32 i, last = 0;

	if (n < 2)
		return n;
	fwload_env_sort(range, n, sizeof(*range), by_first);
	for (i = 1; i < n; i++) {
		if (!joins(&range[last], &range[i]))
			range[++last] = range[i];
		else if (below(&range[last].last, &range[i].last))
			range[last].last = range[i].last;
	}
	return last + 1;
}

bool fwload_addrs_has(const struct fwload_addrs *a, u8 family, const __be32 *addr)
{
	struct fwload_addr key = fwload_addrs_number(family, addr);
	u32 low = 0, high = a->n;

	/* the last range that does not begin behind the address */
	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (below(&key, &a->range[middle].first))
			high = middle;
		else
			low = middle + 1;
	}
	return low && !below(&a->range[low - 1].last, &key);
}
